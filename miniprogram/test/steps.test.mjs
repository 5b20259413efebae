// The portal's questions in the mini-program: in its order and words, in both languages, with its refusals; and nothing is
// sent, kept or asked for that need not be.

import assert from "node:assert/strict";
import { build } from "esbuild";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PERSON, REPORT } from "../../tests/browser/reporter.mjs";
import { launch, startDemo } from "../../tests/browser/world.mjs";
import { HERE } from "../build.mjs";
import { look } from "./look.mjs";
import { install, Phone } from "./phone.mjs";
import { agree, answer, comeBack, name, opensContent, putAway, receipt, send, toCheck } from "./reporter.mjs";

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
    const asked = [...new Set(host.exchanges.map(({ method, path }) => `${method} ${path}`))].sort();
    assert.deepEqual(asked, ["GET /api/v1/recipients", "GET /api/v1/regions", "GET /api/v1/service"], "nothing is sent yet, nor told by what is asked");
    const code = await send(reporter);
    await putAway(reporter, code);
    assert.ok(!(await reporter.page.content()).includes(code.slice(0, 4)), "the receipt is put away");
    await reporter.click("files-finish");
    await reporter.comesTo("mine-sign-title");
    await comeBack(reporter, code);
    await reporter.sees("status-received");
    assert.ok(!(await reporter.text()).includes(REPORT.target));
    await opensContent(reporter);
    await reporter.reads(REPORT.target);
    await look(reporter);
    await reporter.sound();
    host.exchanges.splice(0);
    await reporter.close();
  });
}

test("a region is found on the phone as the portal finds it", async () => {
  const { outputFiles } = await build({ entryPoints: [join(HERE, "src/places.ts")], bundle: true, format: "cjs", write: false });
  const module = { exports: {} };
  new Function("module", "exports", outputFiles[0].text)(module, module.exports);
  const { below, find } = module.exports;
  const api = `${world.demo.addresses.portal}/api/v1`;
  const all = await (await fetch(`${api}/regions`)).json();
  const queries = ["张店", "朝阳 北京", "北京朝阳", "山东省淄博市", "淄博，张店", "370303", "3703", "3", "市辖区", "x", " ", "朝", "鼓楼区", "北京市", "西藏自治区", "县", "北京县", "𠮷"];
  for (let i = 0; i < all.length; i += 97) queries.push(all[i].name, all[i].code, all[i].name.slice(0, 2), `${all[(i * 31) % all.length].name.slice(0, 2)}${all[i].name}`);
  for (const name of queries) {
    const theirs = await (await fetch(`${api}/regions/found`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name }) })).json();
    assert.deepEqual(find(all, name), theirs, name);
  }
  assert.deepEqual(below(all, null).map(({ code }) => code).slice(0, 2), ["110000", "120000"]);
  assert.deepEqual(below(all, "370300").find(({ name }) => name === "张店区"), { code: "370303", name: "张店区", more: false });
});

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
