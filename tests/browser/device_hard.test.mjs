// What goes wrong around the pages whose script seals: lines that break, visits that end, two tabs, a server that lies,
// a browser that is told to leave. Nothing weaker is ever sent, nothing is sent twice, and nothing typed is lost unsaid.

import assert from "node:assert/strict";
import { test } from "node:test";
import { comeBack, name, putAway, send, sent, toReturn, toSeal } from "./device.mjs";
import { Person } from "./person.mjs";
import { PERSON, REPORT } from "./reporter.mjs";
import { findCase, signIn, writeTo } from "./staff.mjs";
import { browser, look, portal, stage, world } from "./stage.mjs";
import { path } from "./world.mjs";

stage();

/// The pages before those in question are looked at elsewhere.
const unseen = async () => {};

/// Somebody with a phone that runs script. `posts` are what they sent to the addresses of the script; `asked` are the
/// questions of the browser before a page is left, which are answered with yes.
async function reporter({ lang = "zh" } = {}) {
  const person = await Person.at(browser, { lang, width: 390, look: unseen, script: true });
  follow(person, person.page);
  return person;
}

function follow(person, page) {
  [person.posts, person.asked] = [[], []];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().includes("/device/")) person.posts.push(request);
  });
  page.on("dialog", (dialog) => {
    person.asked.push(dialog.type());
    return dialog.accept();
  });
}

const report = (target) => ({ ...REPORT, target });
const at = (person, address) => person.posts.filter((request) => request.url().endsWith(address)).map((request) => request.postDataJSON());

/// How many cases staff find of this target.
async function cases(target) {
  world.clerk ??= await signIn(world, browser, "clerk", { look: unseen });
  return await findCase(world.clerk, target);
}

/// A receipt that nobody has, with check digits that fit: ISO 7064, MOD 97-10.
function strangers(digits) {
  const rest = [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0);
  return digits + String(98 - ((rest * 100) % 97)).padStart(2, "0");
}

test("a connection that breaks while sending is tried again by itself, and one whose answer is lost sends nothing twice", async () => {
  const person = await reporter();
  await toSeal(person, portal, { report: report("断线砖厂") });
  await name(person, PERSON);
  await person.click("continue");
  await person.comesTo("check-title");
  let tries = 0;
  await person.page.route("**/device/send", async (route) => {
    tries += 1;
    if (tries === 1) return route.abort("connectionreset");
    // It arrives and is stored; the answer does not come back.
    if (tries === 2) await route.fetch();
    return tries === 2 ? route.abort("connectionreset") : route.continue();
  });
  await person.click("check-send");
  await person.page.getByText(new RegExp(person.words("device-sending-again", { seconds: 4 }))).waitFor();
  await look(person.page);
  const code = await sent(person);
  const posts = at(person, "/device/send");
  assert.equal(posts.length, 3);
  for (const post of posts) assert.deepEqual(post, posts[0], "the same report, to the last byte");
  await putAway(person, code);
  await cases("断线砖厂");
  const later = await reporter();
  await comeBack(later, portal, code);
  await later.sees("status-received");
});

test("a report that may have arrived is sent again to the last byte, and neither its name nor anything else is changed", async () => {
  const person = await reporter();
  const { page } = person;
  await toSeal(person, portal, { report: report("未知砖厂") });
  await name(person, PERSON);
  await person.click("continue");
  await person.comesTo("check-title");
  const changes = page.locator('#stage a:not([href^="#"]), #stage :is([data-do="name"], [data-do="person"])');
  assert.ok(await changes.count() > 2, "as long as nothing was sent");
  const later = (status) => ({ status, contentType: "application/problem+json", body: JSON.stringify({ title: "Later", detail: "" }) });
  let tries = 0;
  await page.route("**/device/send", async (route) => {
    tries += 1;
    // It arrives and is stored; the answer does not come back, and then nobody can say.
    if (tries === 1) await route.fetch();
    if (tries === 1) return route.abort("connectionreset");
    return tries === 2 ? route.fulfill(later(503)) : route.continue();
  });
  await page.route("**/device/sign-in", (route) => route.fulfill(later(429)));
  await person.click("check-send");
  await person.told("device-unsure");
  await look(page);
  await person.sees("name-sealed");
  assert.equal(await changes.count(), 0);
  assert.ok(!new RegExp(person.words("check-not-sent")).test(await person.text()), "it may be");
  const code = await send(person);
  const posts = at(person, "/device/send");
  assert.equal(posts.length, 3);
  for (const post of posts) assert.deepEqual(post, posts[0]);
  await putAway(person, code);
});

test("with the network gone it waits, and says so; a page that could not load the keys asks for them again", async () => {
  const person = await reporter({ lang: "en" });
  await person.page.route("**/recipients.json", (route) => route.abort("internetdisconnected"));
  await toSeal(person, portal, { named: false, report: report("Offline quarry"), ready: false });
  await person.told("device-offline");
  await look(person.page);
  assert.equal(await person.page.getByRole("button", { name: person.exactly("check-send") }).count(), 0);
  await person.page.unroute("**/recipients.json");
  await person.click("files-again");
  await person.comesTo("check-title");
  await person.page.context().setOffline(true);
  await person.click("check-send");
  await person.page.getByText(new RegExp(person.words("device-sending-again"))).waitFor();
  await person.page.context().setOffline(false);
  await sent(person);
});

test("a page loaded again after sending has no code, and leads to it or to a new one", async () => {
  const person = await reporter({ lang: "en" });
  await toSeal(person, portal, { named: false, report: report("Reloaded quarry") });
  const first = await send(person);
  await person.page.reload();
  assert.deepEqual(person.asked, ["beforeunload"], "asked first");
  await look(person.page);
  await person.sees("again-saved");
  assert.ok(!(await person.page.content()).includes(first.slice(0, 4)));
  await person.press("again-go");
  await person.choose("name-nameless");
  await person.press("continue");
  await person.comesTo("check-title");
  await person.reads("Reloaded quarry");
  const second = await send(person);
  assert.notEqual(second, first);
  await putAway(person, second);

  const before = await reporter({ lang: "en" });
  await comeBack(before, portal, first);
  await before.sees("status-withdrawn");
  await comeBack(before, portal, second);
  await before.sees("status-received");
});

test("the way back from the files shows no code, and a page the browser keeps is emptied", async () => {
  const person = await reporter({ lang: "en" });
  await toSeal(person, portal, { named: false, report: report("Kept quarry") });
  const code = await send(person);
  await putAway(person, code);
  await person.page.goBack();
  assert.ok(!(await person.page.content()).includes(code.slice(0, 4)));
  assert.notEqual(path(person.page), "/en/seal");

  await toSeal(person, portal, { report: report("Emptied quarry") });
  await name(person, PERSON);
  await person.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  assert.equal(await person.page.locator("main input").count(), 0, "no name is kept behind the page that is left");
});

test("of two tabs with one draft the second is told, sends nothing and leads on", async () => {
  const person = await reporter();
  await toSeal(person, portal, { named: false, report: report("两页砖厂") });
  const other = Object.assign(new Person(), { page: await person.page.context().newPage(), lang: "zh", look: unseen });
  follow(other, other.page);
  await other.page.goto(`${portal}/zh/seal`);
  // The answer was given in the first tab and is nowhere else.
  await other.comesTo("name-title");
  await other.field("name-choose").selectOption("nameless");
  await other.click("continue");
  await other.comesTo("check-title");
  const code = await send(person);
  await other.click("check-send");
  await other.told("device-sent-before-text");
  await look(other.page);
  await other.click("device-old-set-next");
  await other.comesTo("again-title");
  await cases("两页砖厂");
  await putAway(person, code);
});

test("of two tabs with two receipts neither shows or seals for the other's report", async () => {
  const [mine, others] = world.demo.receipts.map(({ receipt }) => receipt);
  const person = await reporter();
  await comeBack(person, portal, mine);
  const second = Object.assign(new Person(), { page: await person.page.context().newPage(), lang: "zh", look: unseen });
  await comeBack(second, portal, others);
  const title = await second.text();
  await person.fill("mine-add-label", "还没有发送的话。");
  await person.click("return-refresh");
  await person.told("signed-out-title");
  await look(person.page);
  assert.notEqual(await person.text(), title);
  await person.click("mine-add-go");
  await person.told("signed-out-title");
  assert.equal(await person.field("mine-add-label").inputValue(), "还没有发送的话。", "still there to be read");
  await person.click("signed-out-next");
  await person.comesTo("mine-sign-title");
  await second.click("return-refresh");
  await second.comesTo("mine-title");
});

test("a visit that ended is said, on both pages, and each leads on", async () => {
  const person = await reporter({ lang: "en" });
  await toSeal(person, portal, { report: report("Expired quarry") });
  await name(person, PERSON);
  await person.click("continue");
  await person.comesTo("check-title");
  await person.page.context().clearCookies();
  await person.click("check-send");
  await person.told("ended-title");
  await look(person.page);
  await person.click("ended-next");
  await person.page.waitForURL("**/en/start");
  assert.deepEqual(person.asked, [], "there is nothing left to lose");

  await comeBack(person, portal, world.demo.receipts[0].receipt);
  await person.fill("mine-add-label", "A line.");
  await person.page.context().clearCookies();
  await person.click("mine-add-go");
  await person.told("signed-out-title");
  assert.equal(await person.field("mine-add-label").inputValue(), "A line.");
});

test("what is typed on \"my report\" is there again after another step, until it is sent", async () => {
  const person = await reporter({ lang: "en" });
  await comeBack(person, portal, world.demo.receipts[0].receipt);
  await person.fill("mine-add-label", "A line not sent yet.");
  await person.page.getByText(person.exactly("return-name")).click();
  await person.fill("identity-name", PERSON.name);
  await person.click("return-refresh");
  await person.comesTo("mine-title");
  await person.click("mine-reward-claim-go");
  await person.comesTo("claim-title");
  await person.click("back");
  await person.comesTo("mine-title");
  await person.click("object-go");
  await person.comesTo("object-go");
  await person.fill("object-title", "An objection not sent yet.");
  await person.click("back");
  await person.comesTo("mine-title");
  await person.click("object-go");
  await person.comesTo("object-go");
  assert.equal(await person.field("object-title").inputValue(), "An objection not sent yet.");
  await person.click("back");
  await person.comesTo("mine-title");
  assert.equal(await person.field("mine-add-label").inputValue(), "A line not sent yet.");
  assert.equal(await person.field("identity-name").inputValue(), PERSON.name);
  assert.deepEqual(person.posts.map((post) => new URL(post.url()).pathname), ["/en/device/sign-in", "/en/device/look"]);
  await person.page.goto(`${portal}/en/help`);
  assert.deepEqual(person.asked, ["beforeunload"]);
});

test("keys that are not the pinned ones are refused in words, and nothing is sealed to them", async () => {
  const honest = await (await fetch(`${portal}/recipients.json`)).json();
  const body = JSON.parse(honest.body);
  const other = "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq";
  const lies = [
    { ...honest, body: JSON.stringify({ ...body, office: { ...body.office, working: other } }) },
    { ...honest, body: JSON.stringify({ ...body, threshold: 2, trustees: body.trustees.slice(0, 2) }) },
    { ...honest, signatures: honest.signatures.slice(1) },
    { ...honest, signatures: honest.signatures.map((each, i, all) => ({ ...each, signature: all[(i + 1) % all.length].signature })) },
  ];
  const person = await reporter();
  let lie;
  await person.page.route("**/recipients.json", (route) => route.fulfill({ json: lie }));
  for (lie of lies) {
    if (lie === lies[0]) await toSeal(person, portal, { report: report("假钥匙砖厂"), ready: false });
    else await person.page.reload();
    await person.told("device-set-refused");
    await look(person.page);
    assert.equal(await person.page.locator("main button, main input").count(), 0);
    assert.equal(await person.page.getByRole("link", { name: person.exactly("device-plain") }).count(), 0, "nor the way on which that server seals");
  }
  await comeBack(person, portal, world.demo.receipts[1].receipt);
  await person.fill("mine-add-label", "补充一句。");
  await person.click("mine-add-go");
  await person.told("device-set-refused");
  assert.equal(await person.field("mine-add-label").inputValue(), "补充一句。");
  assert.deepEqual(person.posts.map((post) => new URL(post.url()).pathname), ["/zh/device/sign-in"]);
});

test("a script of other bytes does not run: the page explains, links on and sends nothing", async () => {
  const person = await reporter({ lang: "en" });
  await person.page.route("**/assets/reporter-*", async (route) => {
    const answer = await route.fetch();
    return route.fulfill({ response: answer, body: `${await answer.text()}\n` });
  });
  await toSeal(person, portal, { report: report("Tampered quarry"), ready: false });
  await person.sees("device-waiting");
  await person.sees("device-plain-hint");
  assert.equal(await person.page.locator("main :is(button, input, select)").count(), 0);
  await look(person.page);
  await person.open(`${portal}/en/return`);
  await person.sees("return-waiting");
  assert.equal(await person.page.locator("main :is(button, input)").count(), 0);
  await person.follow("return-plain");
  assert.equal(path(person.page), "/en/mine");
  assert.deepEqual(person.posts, []);
});

test("a slip and an unknown receipt are told in one sentence, a slip without asking the server, and each try takes longer", async () => {
  const person = await reporter({ lang: "en" });
  await toReturn(person, portal);
  const code = world.demo.receipts[0].receipt;
  const slip = code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
  for (const wrong of ["1234 5678", "the code", slip]) {
    await person.fill("mine-receipt", wrong);
    await person.click("mine-sign-go");
    await person.told("mine-unknown");
    assert.equal(await person.field("mine-receipt").inputValue(), wrong, "to be compared and put right");
  }
  await look(person.page);
  assert.equal(person.posts.length, 0);
  for (let i = 0; i < 4; i++) {
    await person.fill("mine-receipt", strangers(String(i).repeat(30)));
    const answered = person.page.waitForResponse("**/device/sign-in");
    await person.click("mine-sign-go");
    if (i === 3) await person.page.getByRole("status").filter({ hasText: new RegExp(person.words("return-looking")) }).waitFor();
    assert.equal((await answered).status(), 404);
    await person.told("mine-unknown");
  }
  const began = Date.now();
  await person.fill("mine-receipt", code);
  await person.click("mine-sign-go");
  await person.comesTo("mine-title");
  assert.ok(Date.now() - began > 1_900, "it was slowed down");
});

test("a message that cannot be opened is said to be one, and the others are read", async () => {
  await writeTo(world, browser, "云岫精细化工厂", "请问盲板是哪一天拆的？", "动火票还在值班室吗？");
  const person = await reporter();
  await person.page.route("**/device/sign-in", async (route) => {
    const answer = await route.fetch();
    const view = await answer.json();
    const ours = view.messages.filter((message) => message.sealed !== null);
    // One bit of the last of them, and what is no message at all.
    const bytes = Buffer.from(ours.at(-1).sealed, "base64");
    bytes[bytes.length >> 1] ^= 1;
    ours.at(-1).sealed = bytes.toString("base64");
    view.messages.push({ ...ours.at(-1), sealed: "" });
    return route.fulfill({ response: answer, json: view });
  });
  await comeBack(person, portal, world.demo.receipts[1].receipt);
  await look(person.page);
  await person.reads("请问盲板是哪一天拆的？");
  const text = await person.text();
  assert.ok(!text.includes("动火票还在值班室吗？"));
  assert.equal(text.match(new RegExp(person.words("return-not-opened"), "g")).length, 2);
});

test("the other language keeps the matter, asks before what was typed goes, and takes no receipt along", async () => {
  const person = await reporter({ lang: "zh" });
  await toSeal(person, portal, { report: report("双语砖厂") });
  await name(person, PERSON);
  await person.page.getByRole("link", { name: "English" }).click();
  person.lang = "en";
  await person.comesTo("identity-title");
  assert.deepEqual(person.asked, ["beforeunload"]);
  assert.equal(await person.field("identity-name").inputValue(), "");
  await name(person, PERSON);
  await person.click("continue");
  await person.comesTo("check-title");
  await person.reads("双语砖厂");
  const code = await send(person);
  assert.equal(await person.page.locator("[hreflang]").count(), 0, "not from the page with the code");
  await putAway(person, code);

  await comeBack(person, portal, code);
  await person.page.getByRole("link", { name: "中文" }).click();
  person.lang = "zh";
  await person.comesTo("mine-sign-title");
  assert.equal(await person.field("mine-receipt").inputValue(), "");
});

test("the way out asks nothing, whatever the page holds, and the way back shows nothing", async () => {
  for (const holding of ["a name", "a receipt", "a line"]) {
    const person = await reporter();
    const { page } = person;
    await page.context().route(/^https:/, (route) => route.fulfill({ body: "sunny" }));
    let secret = PERSON.name;
    if (holding === "a line") {
      await comeBack(person, portal, world.demo.receipts[1].receipt);
      secret = "一句还没发的话";
      await person.fill("mine-add-label", secret);
    } else {
      await toSeal(person, portal, { report: report("离开砖厂") });
      await name(person, PERSON);
      await person.click("continue");
      await person.comesTo("check-title");
      if (holding === "a receipt") secret = (await send(person)).slice(0, 9);
    }
    const answer = page.waitForResponse((response) => response.url().endsWith("/leave"));
    await page.getByRole("link", { name: person.exactly("leave") }).click();
    assert.match((await (await answer).allHeaders())["clear-site-data"], /"cookies"/);
    await page.waitForURL(/^https:/);
    assert.deepEqual(person.asked, [], holding);
    assert.equal((await page.context().cookies(portal)).length, 0);
    await page.goBack();
    assert.ok(!(await page.content()).includes(secret), holding);
    await person.close();
  }
});
