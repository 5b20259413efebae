// Every state of the pages whose script seals, on the smallest phone and in both languages: sound, with the focus where
// the reader is; and the whole way once more without a mouse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { comeBack, name, putAway, send, toReturn, toSeal } from "./device.mjs";
import { enter, focused, tabTo } from "./keyboard.mjs";
import { Person } from "./person.mjs";
import { PERSON, REPORT, receipt } from "./reporter.mjs";
import { writeTo } from "./staff.mjs";
import { browser, look, portal, stage, world } from "./stage.mjs";
import { PICTURE, chooseFiles, rows, waitForRow } from "./uploads.mjs";

stage({ ready: async () => writeTo(world, browser, "云岫精细化工厂", "请问盲板是哪一天拆的？") });

const reporter = (lang, options = {}) => Person.at(browser, { lang, width: 320, look, script: true, ...options });

/// After a step, whoever listens is told where they are: the focus is on its heading, or on what is to be mended.
async function hears(person) {
  const at = await person.page.evaluate(() => document.activeElement.matches("h1, [role=alert]"));
  assert.ok(at, `the focus is lost on ${person.page.url()}`);
  await person.look(person.page);
}

const unfold = (person, key) => person.page.getByText(person.exactly(key)).click();

for (const lang of ["zh", "en"]) {
  test(`the page that seals, in ${lang}`, async () => {
    const person = await reporter(lang);
    const { page } = person;
    await toSeal(person, portal);
    await hears(person);
    await person.click("continue");
    await person.told("error-name-missing");
    await hears(person);
    await name(person, { ...PERSON, idNumber: "110105194912310021", bank: "", account: "123" });
    await person.click("continue");
    await person.told("error-id-check");
    await hears(person);
    await name(person, PERSON);
    await person.click("continue");
    await person.comesTo("check-title");
    await hears(person);
    await unfold(person, "device-whom");
    await person.reads(world.demo.recipient_set_fingerprint);
    await look(page);
    // A sealed field is filled in again for whoever goes back to it.
    await person.click("device-change-name");
    await person.comesTo("identity-title");
    assert.equal(await person.field("identity-name").inputValue(), PERSON.name);
    await person.click("continue");
    await person.comesTo("check-title");

    let go;
    await page.route("**/device/send", async (route) => {
      await new Promise((on) => (go = on));
      return route.continue();
    });
    await person.click("check-send");
    await page.getByRole("status").filter({ hasText: new RegExp(person.words("device-sending")) }).waitFor();
    await hears(person);
    go();
    await person.comesTo("receipt-title");
    await hears(person);
    const code = await receipt(person);
    await unfold(person, "device-keep");
    await person.click("device-keep-picture");
    await look(page);
    const [saved] = await Promise.all([page.waitForEvent("download"), person.click("device-keep-save")]);
    assert.equal(saved.suggestedFilename(), "note.txt");
    await person.click("receipt-next");
    await person.comesTo("receipt-check");
    await hears(person);
    await person.fill("receipt-check-label", "12");
    await person.click("receipt-check");
    await person.told("receipt-check-wrong");
    await hears(person);
    assert.equal(await receipt(person), code, "shown again, without a penalty");
    await person.fill("receipt-check-label", code.slice(-4));
    await Promise.all([page.waitForURL("**/files"), page.keyboard.press("Enter")]);

    await look(page);
    await chooseFiles(person);
    await person.told("files-error-none");
    await look(page);
    await chooseFiles(person, { name: "a.png", mimeType: "image/png", buffer: PICTURE }, { name: "b.exe", mimeType: "", buffer: Buffer.from("MZ\0\0") });
    await waitForRow(person, 0, "files-kept");
    await waitForRow(person, 1, "files-error-type");
    const offered = (n) => rows(person).nth(n).getByRole("button").evaluateAll((all) => all.map((each) => each.dataset.do));
    assert.deepEqual(await offered(1), ["again"], "nothing is offered that cannot be done");
    assert.ok(!(await offered(0)).some((what) => ["cancel", "again"].includes(what)));
    await look(page);
    await person.close();
  });

  test(`"my report", in ${lang}`, async () => {
    const person = await reporter(lang);
    const { page } = person;
    await toReturn(person, portal);
    await person.click("mine-sign-go");
    await person.told("mine-unknown");
    await hears(person);
    const [claimable, written] = world.demo.receipts.map(({ receipt }) => receipt);
    await comeBack(person, portal, written);
    await hears(person);
    assert.equal(await page.getByRole("button", { name: person.exactly("mine-withdraw-go") }).count(), 0, "it cannot be withdrawn any more");
    for (const key of ["return-offline", "return-name", "mine-content"]) await unfold(person, key);
    await person.click("return-offline-key");
    await person.page.getByText(/^AGE-SECRET-KEY-1/).waitFor();
    await look(person.page);
    await person.click("mine-add-go");
    await person.told("mine-add-missing");
    await hears(person);
    await person.click("return-scan");
    await person.page.getByText(new RegExp(person.words("return-scan-intact"))).waitFor();
    await look(person.page);
    await person.click("object-go");
    await person.comesTo("object-go");
    await hears(person);
    await person.click("object-send");
    await person.told("object-missing");
    await hears(person);
    await person.click("back");
    await person.comesTo("mine-title");
    await person.click("retaliation-go");
    await person.comesTo("retaliation-go");
    await hears(person);
    await person.click("retaliation-send");
    await person.told("retaliation-missing");
    await hears(person);
    await person.click("back");
    await person.comesTo("mine-title");
    await person.click("delete-go");
    await person.comesTo("delete-go");
    await person.sees("delete-at-once");
    await hears(person);
    await person.click("delete-stay");
    await person.comesTo("mine-title");
    await person.click("mine-sign-out");
    await person.comesTo("out-title");
    await hears(person);
    await comeBack(person, portal, claimable);
    await person.click("mine-reward-claim-go");
    await person.comesTo("claim-title");
    await hears(person);
    await person.field("claim-who").selectOption("now");
    await unfold(person, "claim-how");
    await look(person.page);
    await person.click("claim-go");
    await person.told("claim-receipt-wrong");
    await hears(person);
    await person.click("back");
    await person.comesTo("mine-title");
    await person.close();
  });

  test(`withdrawing, and a browser that lacks what is needed, in ${lang}`, async () => {
    const person = await reporter(lang);
    await toSeal(person, portal, { named: false, report: { ...REPORT, target: `Withdrawn in ${lang}` } });
    const code = await send(person);
    await putAway(person, code);
    await comeBack(person, portal, code);
    await person.click("mine-withdraw-go");
    await person.comesTo("withdraw-title");
    await hears(person);
    await person.click("withdraw-stay");
    await person.comesTo("mine-title");
    await person.click("mine-withdraw-go");
    await person.comesTo("withdraw-title");
    await person.click("withdraw-go");
    await person.comesTo("mine-title");
    await person.sees("withdraw-done");
    await person.sees("status-withdrawn");
    await hears(person);
    // What is happening can be said after the end too.
    await person.click("retaliation-go");
    await person.comesTo("retaliation-go");
    await person.fill("retaliation-title", "班长把我调去了夜班。");
    await person.click("retaliation-send");
    await person.comesTo("mine-title");
    await person.sees("mine-retaliation-done");
    await person.reads("班长把我调去了夜班。");

    await person.page.addInitScript(() => Object.defineProperty(globalThis.crypto, "subtle", { value: undefined }));
    await toSeal(person, portal, { report: { ...REPORT, target: `Old browser in ${lang}` }, ready: false });
    await person.told("device-crypto");
    await hears(person);
    assert.equal(await person.page.locator("main :is(button, input)").count(), 0);
    await person.follow("device-plain");
    await person.sees("name-server");
    await person.choose("name-sealed");
    await person.press("continue");
    await person.sees("identity-server");
    await person.open(`${portal}/${lang}/return`);
    await person.told("device-crypto");
    await person.follow("return-plain");
    await person.close();
  });
}

test("the whole way with script can be gone with the keyboard alone, and it shows where one is", async () => {
  const person = await reporter("en", { width: 1280, look: async () => {} });
  const { page } = person;
  const { keyboard } = page;
  const to = (key, values) => tabTo(page, person.label(key, values));
  const write = async (key, text) => {
    await to(key);
    await keyboard.insertText(text);
  };
  const push = async (key) => {
    await to(key);
    await keyboard.press("Enter");
  };
  const comesTo = (key) => page.getByRole("heading", { name: person.exactly(key) }).waitFor();
  const on = async (address) => {
    await to("continue");
    await enter(page, address);
  };

  await page.goto(`${portal}/en/start`);
  await to("start-go");
  await enter(page, "/en/before");
  await to("before-next");
  await enter(page, "/en/agree");
  await to("agree-next");
  await enter(page, "/en/name");
  await tabTo(page, { type: "radio" });
  await keyboard.press("ArrowDown");
  await on("/en/region");
  await write("region-search", "张店");
  await push("region-search-go");
  await page.getByRole("button", { name: /张店区/ }).waitFor();
  await tabTo(page, /张店区/);
  await enter(page, "/en/kind");
  await tabTo(page, { type: "radio" });
  await keyboard.press("Space");
  await on("/en/industry");
  await tabTo(page, { type: "radio" });
  await keyboard.press("Space");
  await on("/en/place");
  await write("place-target", "Keyboard quarry");
  await on("/en/story");
  await write("story-story", REPORT.story);
  await on("/en/seal");

  await comesTo("identity-title");
  await write("identity-name", PERSON.name);
  await to("identity-id-kind");
  await keyboard.press("ArrowDown");
  await write("identity-id-number", PERSON.idNumber);
  // Enter in a line sends the page, and the summary's links lead to what is to be mended.
  await keyboard.press("Enter");
  await person.told("error-mobile");
  await tabTo(page, person.exactly("error-mobile"));
  await keyboard.press("Enter");
  assert.match((await focused(page)).label, person.label("identity-mobile"));
  await keyboard.insertText(PERSON.mobile);
  await to("identity-payee");
  await keyboard.press("ArrowDown");
  await to("identity-own");
  await keyboard.press("ArrowDown");
  await push("continue");
  await person.told("error-consent");
  await to("identity-consent");
  await keyboard.press("Space");
  await push("continue");
  await comesTo("check-title");
  await push("check-send");
  await comesTo("receipt-title");
  const code = await receipt(person);
  await push("receipt-next");
  await comesTo("receipt-check");
  await write("receipt-check-label", code.slice(-4));
  await enter(page, "/en/files");
  const choosing = page.waitForEvent("filechooser");
  await push("files-choose");
  await (await choosing).setFiles({ name: "a.png", mimeType: "image/png", buffer: PICTURE });
  await push("files-seal");
  await waitForRow(person, 0, "files-kept");
  await to("files-finish");
  await enter(page, "/en/mine");

  await page.goto(`${portal}/en/start`);
  await to("start-mine");
  await enter(page, "/en/return");
  await write("mine-receipt", code);
  await keyboard.press("Enter");
  await comesTo("mine-title");
  await write("mine-add-label", "One more line.");
  await push("mine-add-go");
  await page.getByText("One more line.").waitFor();
  await person.sees("mine-add-done");
  await push("mine-sign-out");
  await comesTo("out-title");
});
