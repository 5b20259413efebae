// The portal's questions in the mini-program: in its order and words, in both languages, with its refusals; and nothing is
// sent, kept or asked for that need not be.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PERSON, REPORT } from "../../tests/browser/reporter.mjs";
import { launch, startDemo } from "../../tests/browser/world.mjs";
import { look } from "./look.mjs";
import { install, Phone } from "./phone.mjs";
import { agree, answer, comeBack, name, putAway, receipt, send, toCheck } from "./reporter.mjs";

let world, browser, host;
before(async () => {
  [world, browser] = await Promise.all([startDemo(), launch()]);
  host = await install(world.demo);
});
after(async () => {
  await browser?.close();
  await host?.stop();
  await world?.stop();
});

const phone = (options = {}) => Phone.at(browser, host, { look, ...options });

for (const lang of ["zh", "en"]) {
  test(`every question, in the portal's order and words (${lang})`, async () => {
    const reporter = await phone({ lang });
    await toCheck(reporter, { who: PERSON });
    await reporter.reads(REPORT.target, REPORT.address, REPORT.story, REPORT.when, world.demo.recipient_set_fingerprint);
    assert.ok(!(await reporter.text()).includes(PERSON.name), "what is to be sealed is not shown again");
    assert.deepEqual(host.exchanges.filter(({ method }) => method !== "GET").map(({ path }) => path).filter((path) => path !== "/api/v1/regions/found"), [], "nothing is sent yet");
    const code = await send(reporter);
    await putAway(reporter, code);
    assert.ok(!(await reporter.page.content()).includes(code.slice(0, 4)), "the receipt is put away");
    await reporter.click("files-finish");
    await reporter.comesTo("mine-sign-title");
    await comeBack(reporter, code);
    await reporter.sees("status-received");
    await reporter.reads(REPORT.target);
    await reporter.sound();
    host.exchanges.splice(0);
    await reporter.close();
  });
}

test("what is missing or too long is said at its field, and what was typed stays", async () => {
  const reporter = await phone();
  await agree(reporter);
  await reporter.click("continue");
  await reporter.told("name-missing");
  await look(reporter);
  await reporter.choose("name-nameless");
  await reporter.click("continue");
  await reporter.comesTo("region-title");
  await reporter.fill("region-search", "没有这个地方");
  await reporter.click("region-search-go");
  await reporter.page.getByText(new RegExp(reporter.words("region-none"))).waitFor();
  for (const place of ["山东省", "淄博市", "张店区"]) await reporter.front.getByRole("button", { name: place, exact: true }).click();
  await reporter.comesTo("kind-title");
  await reporter.click("continue");
  await reporter.told("kind-missing");
  await reporter.option("重大事故隐患");
  await reporter.click("continue");
  await reporter.comesTo("industry-title");
  await reporter.option("铁路");
  await reporter.click("continue");
  await reporter.comesTo("elsewhere-title");
  await reporter.click("elsewhere-again");
  await reporter.option("煤矿");
  await reporter.click("continue");
  await reporter.comesTo("place-title");
  await reporter.click("continue");
  await reporter.told("target-missing");
  await reporter.fill("place-target", REPORT.target);
  await reporter.click("continue");
  await reporter.comesTo("story-title");
  await reporter.fill("story-story", "漏");
  await reporter.click("continue");
  await reporter.told("story-short");
  assert.equal(await reporter.field("story-story").inputValue(), "漏");
  await reporter.fill("story-story", "我的回执码是 1551 0045 1991 2231 7156 8435 4985 9695，请查");
  await reporter.click("continue");
  await reporter.told("receipt-in-field");
  await look(reporter);
  await reporter.fill("story-story", REPORT.story);
  await reporter.click("continue");
  await reporter.comesTo("check-title");
  // Back and forth, and a change from the check page.
  await reporter.back();
  await reporter.comesTo("story-title");
  assert.equal(await reporter.field("story-story").inputValue(), REPORT.story);
  await reporter.click("continue");
  await reporter.comesTo("check-title");
  await reporter.front.getByRole("button", { name: new RegExp(`${reporter.words("check-change")}.*${reporter.words("check-name")}`) }).first().click();
  await reporter.comesTo("name-title");
  await reporter.choose("name-sealed");
  await reporter.click("continue");
  await reporter.comesTo("identity-title");
  await reporter.click("continue");
  await reporter.told("error-name-missing");
  await look(reporter);
  await reporter.click("device-stay-nameless");
  await reporter.comesTo("check-title");
  await reporter.sees("name-nameless");
  await reporter.sound();
  await reporter.close();
});
