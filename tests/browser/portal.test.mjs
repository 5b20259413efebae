// The reporter's half of the story: found by the words on the pages, without script, on the smallest phone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { watch } from "./checks.mjs";
import { enter, focused, tabTo } from "./keyboard.mjs";
import { Person } from "./person.mjs";
import { PERSON, REPORT, agree, answer, nameThemselves, openMine, receipt, withoutScript } from "./reporter.mjs";
import { browser, look, portal, stage, world } from "./stage.mjs";
import { PICTURE } from "./uploads.mjs";
import { path } from "./world.mjs";

stage();

test("a named report in Chinese on a 320 px phone, with slips on the way", async () => {
  const person = await Person.at(browser, { lang: "zh", width: 320, look });
  const { page } = person;
  const problems = watch(page, [portal]);
  await agree(person, portal);

  await person.press("continue");
  await person.sent_back("name-missing");
  await person.choose("name-sealed");
  await person.press("continue");

  await person.fill("region-search", "没有这个地方");
  await person.press("region-search-go");
  await person.sees("region-none", { query: "没有这个地方" });
  await answer(person);
  await withoutScript(person);

  await nameThemselves(person, { ...PERSON, idNumber: "110105194912310021", mobile: "138" });
  await person.press("identity-next");
  await person.sent_back("error-id-check", "error-mobile");
  assert.equal(await person.field("identity-name").inputValue(), PERSON.name, "what was typed is still there");
  assert.ok(await person.field("identity-own-yes").isChecked());
  await nameThemselves(person);
  await person.press("identity-next");

  await person.sees("check-not-sent");
  await person.reads(REPORT.target, REPORT.address, REPORT.story, REPORT.when);
  const check = await page.content();
  for (const secret of Object.values(PERSON)) assert.ok(!check.includes(secret), "a sealed field is not shown again");

  // Changing one answer keeps the others, and the way back leads through what was typed.
  await page.goto(`${portal}/zh/place`);
  assert.equal(await person.field("place-target").inputValue(), REPORT.target);
  await person.fill("place-target", "");
  await person.press("continue");
  await person.sent_back("target-missing");
  assert.equal(await person.field("place-address").inputValue(), REPORT.address);
  await person.fill("place-target", REPORT.target);
  await person.press("continue");
  await withoutScript(person);

  await person.press("check-send");
  await person.sees("receipt-saved");
  const code = await receipt(person);

  // The browser's own way back leads to no second report: what is there is sent, and the receipt stays the same.
  await page.goBack();
  await look(page);
  assert.equal(await page.getByRole("button", { name: person.exactly("check-send") }).count(), 0);
  await page.goto(`${portal}/zh/receipt`);
  assert.equal(await receipt(person), code);
  await person.follow("receipt-next");
  await person.fill("receipt-check-label", "0000");
  await person.press("receipt-check");
  if (!code.endsWith("0000")) await person.sent_back("receipt-check-wrong");
  await person.fill("receipt-check-label", code.slice(-4));
  await person.press("receipt-check");

  await person.press("files-add");
  await person.sent_back("files-error-none");
  await person.field("files-label").setInputFiles({ name: "赵试验.exe", mimeType: "image/png", buffer: Buffer.from("MZ\0\0") });
  await person.press("files-add");
  await person.sent_back("files-error-type");
  await person.field("files-label").setInputFiles({ name: "赵试验拍的.png", mimeType: "image/png", buffer: PICTURE });
  await person.press("files-add");
  await person.sees("files-is-copy");
  assert.ok(!(await page.content()).includes("赵试验拍的"), "a file's name is not shown again");
  await person.press("files-finish");
  await person.close();

  const later = await Person.at(browser, { lang: "zh", width: 320, look });
  problems.push(...watch(later.page, [portal]));
  await openMine(later, portal, code.replaceAll(" ", "-"));
  await later.sees("status-being-considered");
  await later.page.getByText("您提交的内容").click();
  await later.reads(REPORT.target, REPORT.story);
  await later.sees("mine-log-none");
  await later.press("mine-add-go");
  await later.sent_back("mine-add-missing");
  await later.fill("mine-add-label", "今晚又漏了一次。");
  await later.press("mine-add-go");
  await later.sees("mine-add-done");
  await later.reads("今晚又漏了一次。");
  await later.press("mine-sign-out");
  await later.open(`${portal}/zh/mine`);
  assert.equal(await later.page.locator(".status").count(), 0, "signed out");
  assert.deepEqual(problems, []);
});

test("a nameless report in English at a desk, sent by pressing twice, then withdrawn", async () => {
  const person = await Person.at(browser, { lang: "en", look });
  const { page } = person;
  const problems = watch(page, [portal]);
  await agree(person, portal);
  await person.choose("name-nameless");
  await person.press("continue");
  await answer(person, { ...REPORT, target: "Quarry east of the village" });
  await withoutScript(person);
  assert.equal(path(page), "/en/check");
  const button = page.getByRole("button", { name: "Send report" });
  // The second press breaks the first one's way off; where they end is what counts.
  await button.dblclick();
  for (let tries = 0; path(page) !== "/en/receipt" && tries < 300; tries += 1) await page.waitForTimeout(100);
  await page.waitForLoadState();
  await look(page);
  const code = await receipt(person);
  await person.follow("receipt-next");
  await person.follow("receipt-skip");
  await person.press("files-finish");
  await person.close();

  const later = await Person.at(browser, { lang: "en", look });
  problems.push(...watch(later.page, [portal]));
  await openMine(later, portal, code);
  await later.sees("status-received");
  await later.follow("mine-withdraw-go");
  await later.press("withdraw-go");
  await later.sees("withdraw-done");
  await later.sees("status-withdrawn");
  assert.deepEqual(problems, []);
});

test("the same draft goes on in the other language, typed words included", async () => {
  const person = await Person.at(browser, { lang: "zh", look });
  await agree(person, portal);
  await person.choose("name-nameless");
  await person.press("continue");
  await person.page.goto(`${portal}/zh/place`);
  await person.fill("place-target", REPORT.target);
  await person.page.getByRole("button", { name: "English" }).click();
  assert.equal(path(person.page), "/en/place");
  person.lang = "en";
  assert.equal(await person.field("place-target").inputValue(), REPORT.target);
});

test("Back and Help lose nothing typed, Help leads back, and Enter still goes on", async () => {
  const person = await Person.at(browser, { lang: "en", width: 320, look });
  const { page } = person;
  await agree(person, portal);
  await person.choose("name-nameless");
  await person.press("continue");
  await page.goto(`${portal}/en/place`);
  await person.fill("place-address", REPORT.address);
  await person.press("back");
  assert.equal(path(page), "/en/industry");
  await page.goto(`${portal}/en/place`);
  assert.equal(await person.field("place-address").inputValue(), REPORT.address);
  await person.fill("place-target", REPORT.target);
  await person.press("help");
  await person.sees("help-code-title");
  await person.follow("help-kept");
  await person.follow("back");
  await person.follow("back");
  assert.equal(path(page), "/en/place");
  assert.equal(await person.field("place-target").inputValue(), REPORT.target);
  await person.field("place-target").focus();
  await enter(page, "/en/region");
  await look(page);
  await person.close();
});

test("a slip of the pen, an unknown receipt and a receipt in the wrong field are each named", async () => {
  const person = await Person.at(browser, { lang: "en", width: 320, look });
  await openMine(person, portal, "1234 5678");
  assert.match(await person.page.title(), /^Error: /);
  assert.equal(await person.field("mine-receipt").inputValue(), "1234 5678", "to be compared and put right");
  const sample = world.demo.receipts[0].receipt;
  await openMine(person, portal, sample.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)));
  await person.sent_back("mine-unknown");

  await agree(person, portal);
  await person.page.goto(`${portal}/en/place`);
  await person.fill("place-target", sample);
  await person.press("continue");
  await person.sent_back("receipt-in-field");
  await person.page.goto(`${portal}/en/place`);
  assert.equal(await person.field("place-target").inputValue(), "", "it was not kept");
});

test("what belongs to another office is answered by a signpost, not by an error", async () => {
  const person = await Person.at(browser, { lang: "en", width: 320, look });
  await agree(person, portal);
  await person.page.goto(`${portal}/en/industry`);
  await person.page.getByRole("radio").last().check();
  await person.press("continue");
  await person.sees("elsewhere-local");
  await person.follow("elsewhere-again");
  assert.equal(path(person.page), "/en/industry");
});

test("the way out answers at once, forgets the draft and shows somebody's weather", async () => {
  const person = await Person.at(browser, { lang: "zh", look });
  const { page } = person;
  await page.context().route(/^https:/, (route) => route.fulfill({ body: "sunny" }));
  await agree(person, portal);
  const answer = page.waitForResponse((response) => response.url().endsWith("/leave"));
  await page.getByRole("link", { name: "离开本页" }).click();
  const headers = await (await answer).allHeaders();
  assert.match(headers["clear-site-data"], /"cookies"/);
  assert.equal(headers["cache-control"], "no-store");
  await page.waitForURL(/^https:/);
  assert.equal((await page.context().cookies(portal)).length, 0);
  await page.goto(`${portal}/zh/check`);
  await person.sees("ended-title");
});

test("the first pages can be walked with the keyboard alone, and it shows where one is", async () => {
  const person = await Person.at(browser, { lang: "en" });
  const { page } = person;
  await page.goto(`${portal}/en/start`);
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).words.trim(), "Skip to main content", "the first stop");
  await tabTo(page, "Start a report");
  await enter(page, "/en/before");
  await tabTo(page, "I understand, continue");
  await enter(page, "/en/agree");
  await tabTo(page, "I have read this and agree");
  await enter(page, "/en/name");
  await tabTo(page, "nameless");
  await page.keyboard.press("Space");
  await tabTo(page, "Continue");
  await enter(page, "/en/region");
});
