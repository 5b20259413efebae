// What the reporter's own page does when the line breaks, when it is left in a hurry and when nobody is at it: nothing is
// said to be done that is not, nothing typed is lost, nothing stays on the screen.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Person } from "./person.mjs";
import { PERSON, agree, answer, receipt } from "./reporter.mjs";
import { words } from "./words.mjs";
import { launch, startDemo } from "./world.mjs";

const ADDED = "今晚又漏了一次。";

let world, browser, portal;
before(async () => {
  [world, browser] = await Promise.all([startDemo(), launch()]);
  portal = world.demo.addresses.portal;
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const reporter = () => Person.at(browser, { lang: "zh", width: 390, script: true });
const says = (person, key, values) => person.page.getByText(new RegExp(words(person.lang, key, values))).first().waitFor();
const comesTo = (person, key) => person.page.getByRole("heading", { level: 1, name: person.exactly(key) }).waitFor();
const stage = (person) => person.page.locator("#stage");

/// Up to the page that seals, with its script at work.
async function toSeal(person, name) {
  await agree(person, portal);
  await person.choose(name);
  await person.press("continue");
  await answer(person);
  await comesTo(person, name === "name-sealed" ? "identity-title" : "check-title");
}

/// Sends a nameless report; gives its receipt.
async function send(person) {
  await toSeal(person, "name-nameless");
  await person.press("check-send");
  await comesTo(person, "receipt-title");
  return receipt(person);
}

async function comeBack(person, code) {
  await person.page.goto(`${portal}/${person.lang}/return`);
  await person.fill("mine-receipt", code);
  await person.press("mine-sign-go");
  await comesTo(person, "mine-title");
}

/// The first request to `path` breaks: before it gets there, or when the answer is under way. `then` runs in between.
async function breakLine(person, path, { arrives, then = async () => {} }) {
  const broken = (route) => (async () => {
    if (arrives) await route.fetch();
    await then();
    await route.abort();
  })();
  await person.page.route(`**${path}`, broken, { times: 1 });
}

test("a report that arrived shows its receipt, though its answer and its visit are gone", async () => {
  const person = await reporter();
  await toSeal(person, "name-nameless");
  await breakLine(person, "/device/send", { arrives: true, then: () => person.page.context().clearCookies() });
  await person.press("check-send");
  await comesTo(person, "receipt-title");
  await says(person, "device-saved-late");
  const code = await receipt(person);
  await person.press("receipt-next");
  await person.fill("receipt-check-label", code.slice(-4));
  await Promise.all([person.page.waitForURL("**/files"), person.press("receipt-check")]);
  await person.close();

  const later = await reporter();
  await comeBack(later, code);
  await later.sees("status-received");
  await later.close();
});

test("a report that did not arrive is not said to have", async () => {
  const person = await reporter();
  await toSeal(person, "name-nameless");
  await breakLine(person, "/device/send", { arrives: false, then: () => person.page.context().clearCookies() });
  await person.press("check-send");
  await says(person, "ended-title");
  await comesTo(person, "check-title");
  assert.equal(await person.page.locator(".receipt").count(), 0);
  await person.close();
});

test("an act whose answer is lost is done once, and passes for no other", async () => {
  const person = await reporter();
  const code = await send(person);
  await comeBack(person, code);
  await breakLine(person, "/device/add", { arrives: true });
  await person.fill("mine-add-label", ADDED);
  await person.press("mine-add-go");
  await says(person, "device-offline");
  await person.press("mine-add-go");
  await says(person, "mine-add-done");
  const own = person.page.locator('[data-slot="messages"] .own');
  assert.equal(await own.count(), 1, "pressed again, it is there once");
  assert.equal(await person.field("mine-add-label").inputValue(), "", "what was sent is not typed any more");

  await breakLine(person, "/device/add", { arrives: true });
  await person.fill("mine-add-label", "还有一件事。");
  await person.press("mine-add-go");
  await says(person, "device-offline");
  await person.press("mine-withdraw-go");
  await person.press("withdraw-go");
  await says(person, "withdraw-done");
  await person.sees("status-withdrawn");
  assert.equal(await own.count(), 2);
  await person.close();
});

test("looking again, and looking away, keeps what is typed, the name too", async () => {
  const person = await reporter();
  await comeBack(person, await send(person));
  const typed = async () => {
    assert.equal(await person.field("mine-add-label").inputValue(), ADDED);
    assert.equal(await person.field("identity-name").inputValue(), PERSON.name);
    assert.ok(await person.field("identity-name").isVisible(), "the form is open: who sends now knows that a name goes along");
  };
  await person.fill("mine-add-label", ADDED);
  await person.page.getByText(person.exactly("return-name")).click();
  await person.fill("identity-name", PERSON.name);
  await Promise.all([person.page.waitForResponse("**/device/look"), person.press("return-refresh")]);
  await comesTo(person, "mine-title");
  await typed();
  await person.press("mine-withdraw-go");
  await person.press("withdraw-stay");
  await typed();
  await person.close();
});

test("my report leaves the screen when nobody touches it for half an hour", async () => {
  const person = await reporter();
  const { page } = person;
  await page.clock.install();
  await comeBack(person, world.demo.receipts[0].receipt);
  const story = "竖井提升时有一个人掉下去";
  await page.getByText(person.exactly("mine-content")).click();
  await person.reads(story);
  await page.clock.fastForward("29:00");
  await page.keyboard.press("Shift");
  await page.clock.fastForward("29:00");
  await person.reads(story);
  await page.clock.fastForward("02:00");
  await says(person, "return-lapsed", { minutes: "30" });
  assert.ok(!(await page.content()).includes(story));
  assert.equal(await person.field("mine-receipt").inputValue(), "");
  await person.close();
});

test("leaving in a hurry asks nothing back and empties the screen at once", async () => {
  const person = await reporter();
  const { page } = person;
  const asked = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await page.context().route(/^https:/, (route) => route.fulfill({ body: "sunny" }));
  await toSeal(person, "name-sealed");
  await person.fill("identity-name", PERSON.name);
  const leave = page.getByRole("link", { name: person.exactly("leave") });
  // On a line so slow that the next page does not come.
  await leave.evaluate((link) => link.addEventListener("click", (event) => event.preventDefault(), { once: true }));
  await leave.click();
  assert.equal(await stage(person).innerText(), "");
  await leave.click();
  await page.waitForURL(/^https:/);
  assert.deepEqual(asked, []);
  await person.close();
});

test("a receipt put away is off the page before the next one comes", async () => {
  const person = await reporter();
  const { page } = person;
  await send(person);
  let go;
  const held = new Promise((done) => (go = done));
  await page.route("**/device/kept", async (route) => {
    await held;
    await route.continue();
  });
  await person.press("receipt-next");
  await person.press("receipt-skip");
  await page.waitForFunction(() => document.getElementById("stage").childElementCount === 0);
  go();
  await page.waitForURL("**/files");

  // And off a page that the browser keeps for the way back.
  const other = await reporter();
  await send(other);
  await other.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  assert.equal(await stage(other).innerText(), "");
  await Promise.all([person.close(), other.close()]);
});

test("the fingerprint to compare is that of the set that is sealed to", async () => {
  const person = await reporter();
  await toSeal(person, "name-nameless");
  await person.page.getByText(person.exactly("device-whom")).click();
  assert.equal(await stage(person).locator("code").innerText(), world.demo.recipient_set_fingerprint);
  await person.close();
});

test("a claim shows what it signs, and is not made for another report", async () => {
  const claimable = world.demo.receipts[0];
  const given = async (person, change) => {
    await person.page.route("**/device/sign-in", async (route) => {
      const answer = await route.fetch();
      const view = await answer.json();
      const terms = JSON.parse(view.claim.terms);
      change(terms);
      view.claim.terms = JSON.stringify(terms);
      await route.fulfill({ response: answer, json: view });
    });
    await comeBack(person, claimable.receipt);
    await person.press("mine-reward-claim-go");
  };
  const person = await reporter();
  await given(person, (terms) => (terms.base_fen = 123_456));
  await comesTo(person, "claim-title");
  await person.sees("claim-amount", { amount: "1,234.56 元" });
  await person.sees("claim-case", { case: claimable.case });
  await person.close();

  for (const [key, value] of [["report", "00".repeat(16)], ["instance", "elsewhere"]]) {
    const other = await reporter();
    await given(other, (terms) => (terms[key] = value));
    await says(other, "return-claim-foreign");
    assert.equal(await other.page.getByRole("button", { name: other.exactly("claim-go") }).count(), 0);
    await other.close();
  }
});
