// What goes wrong on the way, and what is the same in both languages.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { PERSON, REPORT } from "../../tests/browser/reporter.mjs";
import { look } from "./look.mjs";
import { install, Phone } from "./phone.mjs";
import { agree, comeBack, opensContent, putAway, receipt, send, toCheck } from "./reporter.mjs";
import { breakLine, browser, host, phone, says, stage, world } from "./stage.mjs";

stage();

const ADDED = "昨天夜里又漏了一次，值班的人走开了。";

test("the language is changed under an open report, and all of it is in the other one", async () => {
  const person = await phone();
  await comeBack(person, world.demo.receipts[1].receipt);
  await person.front.getByRole("button", { name: "English" }).click();
  person.lang = "en";
  await person.comesTo("mine-title");
  await person.front.locator(".status").filter({ hasText: /^[ -~]+$/ }).waitFor();
  await person.click("delete-go");
  await person.comesTo("delete-go");
  await person.front.getByRole("button", { name: "中文" }).click();
  person.lang = "zh";
  await says(person, "delete-log");
  await person.click("delete-stay");
  await person.comesTo("mine-title");
  await person.front.locator(".status").filter({ hasText: /\p{Script=Han}/u }).waitFor();
  await person.sound();
  await person.close();
});

test("a set that the service has changed is asked for again, and nobody is sent elsewhere", async () => {
  const person = await phone();
  await comeBack(person, world.demo.receipts[1].receipt);
  const answer = async (path, status, body) => {
    let done = false;
    await person.page.route("**/native/request", (route) => {
      if (done || !route.request().headers()["x-url"].endsWith(path)) return route.fallback();
      done = true;
      return route.fulfill({ status: 200, headers: { "x-status": String(status), "x-header": encodeURIComponent(JSON.stringify({ location: "https://elsewhere.example/" })) }, body: JSON.stringify(body) });
    });
  };
  const recipients = () => host.exchanges.filter(({ path }) => path.endsWith("/recipients")).length;
  await person.fill("mine-add-label", ADDED);
  await answer("/report/additions", 409, { title: "密钥换了", detail: "请再试一次。" });
  await person.click("mine-add-go");
  await person.front.getByText("密钥换了").waitFor();
  const before = recipients();
  await answer("/report/additions", 302, {});
  await person.click("mine-add-go");
  await person.told("device-offline");
  assert.equal(recipients(), before + 1);
  await person.click("mine-add-go");
  await says(person, "mine-add-done");
  await person.sound();
  await person.close();
});

test("keys of another set, no randomness, or no network: nothing is sent, and it is said why", async () => {
  const other = await install({ ...world.demo, recipient_set_fingerprint: world.demo.recipient_set_fingerprint.replace(/^..../, "0000") });
  const person = await Phone.at(browser, other, {});
  await agree(person).catch(() => undefined);
  await person.told("device-set-refused");
  assert.ok(!other.exchanges.some(({ method }) => method !== "GET"));
  await person.close();
  await other.stop();

  const dry = await phone();
  await toCheck(dry);
  await dry.page.evaluate(() => (host.dry = true));
  host.exchanges.splice(0);
  await dry.click("check-send");
  await dry.told("mini-no-randomness");
  await look(dry);
  assert.deepEqual(host.exchanges.filter(({ path }) => path.endsWith("/reports")), []);
  await dry.page.evaluate(() => (host.dry = false));
  await breakLine(dry, "/reports", { arrives: true });
  await dry.click("check-send");
  await says(dry, "device-sending-again");
  await receipt(dry);
  await dry.close();
});

test("while many report at once, a small piece of work comes before the report, and nothing that was typed is lost", async () => {
  const person = await phone();
  await toCheck(person, { report: { ...REPORT, target: "人多时的砖厂" } });
  const salt = "ab?ready=1&expires=2&";
  const challenge = {
    algorithm: "SHA-256", challenge: createHash("sha256").update(`${salt}4321`).digest("hex"), maxnumber: 100_000, salt, signature: "cd",
  };
  const asked = [];
  await person.page.route("**/native/request", (route) => {
    if (!route.request().headers()["x-url"].endsWith("/drafts")) return route.fallback();
    asked.push(route.request().postData());
    if (asked.length > 1) return route.fallback();
    const later = { title: "Too Many Requests", status: 429, code: "wait", detail: "请过十秒再试。", place: "ab.1.2.cd", challenge };
    return route.fulfill({ status: 200, headers: { "x-status": "429", "x-header": encodeURIComponent("{}") }, body: JSON.stringify(later) });
  });
  await person.click("check-send");
  await receipt(person);
  assert.equal(asked.length, 2);
  const { work } = JSON.parse(asked[1]);
  assert.deepEqual(JSON.parse(Buffer.from(work, "base64")), { ...without(challenge, "maxnumber"), number: 4321 });
  await person.sound();
  await person.close();
});

const without = (object, name) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));

test("a second report in one session is a report of its own, and a receipt that is not written down comes first", async () => {
  const person = await phone();
  await toCheck(person, { report: { ...REPORT, target: "头一件砖厂" } });
  const first = await send(person);
  await person.page.evaluate(() => host.home());
  await person.comesTo("start-title");
  await person.click("start-go");
  assert.equal(await receipt(person), first, "back to the receipt");
  await putAway(person, first);
  await person.click("files-finish");
  await person.comesTo("mine-sign-title");
  await person.tab("tab-report");
  await toCheck(person, { report: { ...REPORT, target: "第二件砖厂" } });
  const second = await send(person);
  assert.notEqual(second, first);
  await putAway(person, second);
  await person.click("files-finish");
  for (const [code, target] of [[first, "头一件砖厂"], [second, "第二件砖厂"]]) {
    await person.comesTo("mine-sign-title");
    assert.equal(await person.field("mine-receipt").inputValue(), "", "no receipt stays in the field");
    await person.fill("mine-receipt", code);
    await person.click("mine-sign-go");
    await person.comesTo("mine-title");
    await opensContent(person);
    await person.reads(target);
    await person.back();
  }
  await person.sound();
  await person.close();
});

/** Answers what is sent to `path` in the service's place; `null`: the service does. Gives every body that was sent there. */
async function instead(person, path, answer) {
  const bodies = [];
  await person.page.route("**/native/request", async (route) => {
    if (!route.request().headers()["x-url"].endsWith(path)) return route.fallback();
    bodies.push(route.request().postData());
    const status = await answer(route, bodies.length);
    if (status === null) return route.fallback();
    const headers = { "x-status": String(status), "x-header": encodeURIComponent("{}") };
    return route.fulfill({ status: 200, headers, body: JSON.stringify({ title: `Status ${status}`, detail: "Later." }) });
  });
  return bodies;
}

const changes = (person) => person.front.getByRole("button", { name: new RegExp(person.words("check-change")) });
const alone = (person) => person.page.waitForFunction(() => host.stack.length === 1);

test("a report that may have arrived is sent again to the byte, and nothing of it is changed until that is known", async () => {
  const person = await phone();
  await toCheck(person, { report: { ...REPORT, target: "未知的砖厂" }, who: PERSON });
  await changes(person).nth(2).waitFor();
  const bodies = await instead(person, "/reports", async (route, times) => {
    // It arrives and is stored, and the service does not know.
    if (times === 1) await route.fetch();
    return times < 3 ? 503 : null;
  });
  await instead(person, "/visits", (_, times) => (times === 1 ? 429 : null));
  await person.click("check-send");
  await person.front.getByRole("alert").filter({ hasText: "Status 503" }).waitFor();
  await look(person);
  const sealed = async () => {
    await says(person, "name-sealed");
    assert.equal(await changes(person).count(), 0);
    assert.ok(!new RegExp(person.words("check-not-sent")).test(await person.text()), "it may be");
  };
  await sealed();
  // Every way to a question, or to another report, leads back.
  await person.page.evaluate(() => (host.hide(), host.show()));
  await person.back();
  await alone(person);
  await person.told("device-unsure");
  await sealed();
  await person.page.evaluate(() => host.home());
  await person.comesTo("start-title");
  await person.click("start-go");
  await person.told("device-unsure");
  await person.page.evaluate(() => host.home());
  await person.tab("tab-progress");
  await person.told("device-unsure");

  const asked = person.page.waitForRequest((request) => request.headers()["x-url"]?.endsWith("/visits"));
  await person.click("check-send");
  await asked;
  await person.told("device-unsure");
  await sealed();
  const code = await send(person);
  assert.equal(bodies.length, 3);
  for (const body of bodies) assert.equal(body, bodies[0]);
  await putAway(person, code);
  await person.click("files-finish");
  await person.comesTo("mine-sign-title");
  await person.fill("mine-receipt", code);
  await person.click("mine-sign-go");
  await person.comesTo("mine-title");
  await opensContent(person);
  await person.reads("未知的砖厂");
  await person.sound();
  await person.close();
});

for (const arrives of [true, false]) {
  test(`a refusal is believed once the receipt opens nothing (the report ${arrives ? "is there" : "is not there"})`, async () => {
    const person = await phone();
    await toCheck(person, { report: { ...REPORT, target: arrives ? "到了的砖厂" : "没到的砖厂" } });
    const bodies = await instead(person, "/reports", async (route, times) => {
      if (times === 1 && arrives) await route.fetch();
      return [503, 401][times - 1] ?? null;
    });
    await person.click("check-send");
    await person.front.getByRole("alert").filter({ hasText: "Status 503" }).waitFor();
    await person.click("check-send");
    if (arrives) {
      const code = await receipt(person);
      await person.sees("device-saved-late");
      await putAway(person, code);
      assert.equal(bodies.length, 2);
    } else {
      await person.told("mini-visit-over");
      await changes(person).nth(2).waitFor();
      await putAway(person, await send(person));
      assert.deepEqual([bodies.length, bodies[1] === bodies[0], bodies[2] === bodies[0]], [3, true, false], "under a receipt of its own");
    }
    await person.sound();
    await person.close();
  });
}

test("whoever goes back while it is being sent sees that it is, and it is sent once", async () => {
  const person = await phone();
  await toCheck(person, { report: { ...REPORT, target: "发送中的砖厂" } });
  let come;
  const held = new Promise((on) => (come = on));
  const bodies = await instead(person, "/reports", async () => {
    await held;
    return null;
  });
  const asked = person.page.waitForRequest((request) => request.headers()["x-url"]?.endsWith("/reports"));
  await person.click("check-send");
  await asked;
  await person.back();
  await alone(person);
  await says(person, "device-sending");
  come();
  await putAway(person, await receipt(person));
  assert.equal(bodies.length, 1);
  await person.sound();
  await person.close();
});

test("what is no page of a question is in both languages, too", async () => {
  for (const lang of ["zh", "en"]) {
    const person = await phone({ lang, look });
    await person.comesTo("start-title");
    await person.click("mini-sees-go");
    await person.comesTo("mini-sees-title");
    await person.reads(world.demo.addresses.portal);
    await person.back();
    await person.tab("tab-notice");
    await person.comesTo("agree-title");
    await person.click("before-kept");
    await person.comesTo("kept-title");
    await person.sees("kept-long-closed");
    await person.back();
    await person.click("help");
    await person.comesTo("help-title");
    await person.sound();
    await person.close();
  }
  // And from one to the other, wherever one is.
  const person = await phone();
  await agree(person);
  await person.choose("name-nameless");
  await person.click("continue");
  await person.comesTo("region-title");
  await person.front.getByRole("button", { name: "English" }).click();
  person.lang = "en";
  await person.comesTo("region-title");
  await person.back();
  await person.comesTo("name-title");
  assert.equal(await person.field("name-nameless").getAttribute("aria-checked"), "true");
  await person.sound();
  await person.close();
});
