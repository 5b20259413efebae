// What a reporter does to a report in WeChat after it was sent, what goes wrong on the way, and what is left behind: nothing.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Person } from "../../tests/browser/person.mjs";
import { PERSON, REPORT, answer as answerOnPortal, nameThemselves, receipt as receiptOnPortal, withoutScript } from "../../tests/browser/reporter.mjs";
import { findCase, move, signIn, writeTo } from "../../tests/browser/staff.mjs";
import { MB, film, photo } from "../../tests/browser/uploads.mjs";
import { launch, startDemo } from "../../tests/browser/world.mjs";
import { look } from "./look.mjs";
import { install, Phone } from "./phone.mjs";
import { agree, comeBack, name, opensContent, pick, putAway, receipt, send, toCheck } from "./reporter.mjs";

const ADDED = "昨天夜里又漏了一次，值班的人走开了。";

let world, browser, host, folder;
before(async () => {
  [world, browser] = await Promise.all([startDemo(), launch()]);
  host = await install(world.demo);
  folder = mkdtempSync(join(tmpdir(), "mifeng-mini-acts-"));
});
after(async () => {
  await browser?.close();
  await host?.stop();
  await world?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

const unseen = async () => {};
const phone = (options = {}) => Phone.at(browser, host, { look: unseen, ...options });
const says = (person, key, values) => person.front.getByText(new RegExp(person.words(key, values))).first().waitFor();

/** Somebody who has sent a report about this target, back at "my report". */
async function reported(target, options) {
  const person = await phone(options);
  await toCheck(person, { report: { ...REPORT, target } });
  person.code = await send(person);
  await putAway(person, person.code);
  await person.click("files-finish");
  await person.comesTo("mine-sign-title");
  await person.fill("mine-receipt", person.code);
  await person.click("mine-sign-go");
  await person.comesTo("mine-title");
  return person;
}

/** The next request to `path` gets no answer; with `arrives` the service has had it. */
async function breakLine(person, path, { arrives }) {
  let done = false;
  await person.page.route("**/native/request", async (route) => {
    if (done || !route.request().headers()["x-url"].endsWith(path)) return route.fallback();
    done = true;
    if (arrives) await route.fetch();
    await route.fulfill({ status: 200, headers: { "x-failed": "fail" } });
  });
}

test("adds words and a name, says that it suffers, withdraws; a lost answer does nothing twice", async () => {
  const person = await reported("补充砖厂");
  await person.click("mine-add-go");
  await person.told("mine-add-missing");
  await breakLine(person, "/report/additions", { arrives: true });
  await person.fill("mine-add-label", ADDED);
  await person.click("mine-add-go");
  await person.told("device-offline");
  await person.click("mine-add-go");
  await says(person, "mine-add-done");
  assert.equal(await person.front.locator(".message.own").count(), 1, "pressed again, it is there once");
  await person.fill("mine-add-label", "我的姓名。");
  await person.click("return-name");
  await person.fill("identity-name", PERSON.name);
  await person.click("mine-add-go");
  await person.told("error-id-kind");
  await look(person);
  await person.choose("identity-id-resident");
  await person.fill("identity-id-number", PERSON.idNumber);
  await person.fill("identity-mobile", PERSON.mobile);
  await person.choose("identity-payee-person");
  await person.choose("identity-own-no");
  await person.choose("identity-consent");
  await person.click("mine-add-go");
  await says(person, "return-name-done");

  await person.click("retaliation-go");
  await person.comesTo("retaliation-go");
  await look(person);
  await person.click("retaliation-send");
  await person.told("retaliation-missing");
  await person.fill("retaliation-title", "班长说要把我调走。");
  await person.click("retaliation-send");
  await person.comesTo("mine-title");
  await says(person, "mine-retaliation-done");

  await person.click("mine-withdraw-go");
  await person.comesTo("withdraw-title");
  await look(person);
  await person.click("withdraw-stay");
  await person.comesTo("mine-title");
  await person.click("mine-withdraw-go");
  await person.click("withdraw-go");
  await person.comesTo("mine-title");
  await person.sees("status-withdrawn");
  await person.sound();
  await person.close();
});

test("asks for a review, and has a report deleted", async () => {
  const person = await reported("删除砖厂");
  await person.click("delete-go");
  await person.comesTo("delete-go");
  await person.sees("delete-log");
  await look(person);
  await person.click("delete-send");
  await person.comesTo("mine-title");
  await says(person, "mine-erased");
  await person.leave();
  await person.close();

  const again = await reported("异议砖厂");
  const clerk = await signIn(world, browser, "clerk", { look: unseen });
  const number = await findCase(clerk, "异议砖厂");
  await clerk.follow("move-decline");
  await clerk.page.getByLabel(/事实不清/).check();
  await clerk.fill("field-reason", "写得太少，找不到是哪一个厂。");
  await clerk.press("move-continue");
  await clerk.fill("field-typed-number", number, { number });
  await clerk.press("move-decline");
  await clerk.sees("saved");
  await clerk.close();
  await again.click("return-refresh");
  await again.page.getByText(new RegExp(again.words("status-not-taken-forward"))).first().waitFor();
  await again.click("object-go");
  await again.comesTo("object-go");
  await again.click("object-send");
  await again.told("object-missing");
  await again.fill("object-title", "照片里看得很清楚，请换一个人看。");
  await again.click("object-send");
  await again.comesTo("mine-title");
  await says(again, "mine-object-done");
  await again.sound();
  await again.close();
});

test("an original that is asked for is not opened where its reporter stops it", async () => {
  const { receipt: code } = world.demo.receipts.find(({ about }) => about.includes("can stop it"));
  const person = await phone();
  await comeBack(person, code);
  await person.sees("stop-heading");
  await person.sees("stop-sees");
  await person.reads("检测机构需要原始照片");
  await look(person);
  await person.click("stop-go");
  await person.comesTo("stop-go");
  await person.reads("检测机构需要原始照片");
  await look(person);
  await person.click("stop-send");
  await person.told("stop-missing");
  await person.fill("stop-title", "照片里看得出是谁站在那里。");
  await person.click("stop-send");
  await person.comesTo("mine-title");
  await says(person, "mine-stop-done");
  await person.sees("stop-stopped");
  await person.sound();
  await person.close();
});

test("a file that is still being sent is not given up by one touch, and none goes to another report", async () => {
  const person = await reported("未传完的砖厂");
  await person.click("mine-files-go");
  await person.comesTo("files-title");
  await person.page.route("**/native/request", (route) => (route.request().headers()["x-method"] === "PUT" ? undefined : route.fallback()));
  await pick(person, "mini-files-chat", film(join(folder, "slow.mp4"), MB));
  await says(person, "files-going");
  await person.click("files-finish");
  await person.told("mini-files-busy");
  await look(person);
  await person.click("files-finish");
  await person.comesTo("mine-title");
  assert.equal(await person.page.evaluate(() => host.files.size), 0, "WeChat's copy is gone");
  await person.page.unroute("**/native/request");
  await person.back();
  host.exchanges.splice(0);
  await comeBack(person, world.demo.receipts[1].receipt);
  await person.page.waitForTimeout(500);
  assert.deepEqual(host.exchanges.filter(({ method, path }) => path.includes("/files") && method !== "DELETE"), []);
  await person.close();
});

test("an earlier report of the same reporter is linked by its receipt", async () => {
  const first = await reported("先前砖厂");
  await first.close();
  const second = await reported("后来砖厂");
  await second.click("earlier-ask");
  await second.comesTo("earlier-title");
  await look(second);
  await second.fill("earlier-label", "1234");
  await second.click("earlier-go");
  await second.told("mine-unknown");
  await second.fill("earlier-label", first.code);
  await second.click("earlier-go");
  await second.comesTo("mine-title");
  await says(second, "earlier-done");
  await second.sound();
  await second.close();
});

test("a file goes on where the line broke, is cancelled, and is taken out again", async () => {
  const person = await reported("文件砖厂");
  const moving = film(join(folder, "long.mp4"), 3 * MB);
  await person.click("mine-files-go");
  await person.comesTo("files-title");
  let lost = 0;
  await person.page.route("**/native/request", (route) => {
    const { "x-method": method } = route.request().headers();
    return method === "PUT" && lost++ === 2 ? route.fulfill({ status: 200, headers: { "x-failed": "fail" } }) : route.fallback();
  });
  await pick(person, "mini-files-chat", moving);
  await says(person, "files-lost");
  await look(person);
  await says(person, "files-is-sealed");
  assert.ok(lost > 3, "it went on after the break");
  await person.page.unroute("**/native/request");
  writeFileSync(join(folder, "program.exe"), "MZ\x90\0 not a picture");
  await pick(person, "mini-files-chat", join(folder, "program.exe"));
  await says(person, "mini-files-type");
  // Held up, and cancelled by its reporter.
  await person.page.route("**/native/request", (route) => (route.request().headers()["x-method"] === "PUT" ? undefined : route.fallback()));
  await pick(person, "mini-files-chat", film(join(folder, "other.mp4"), MB));
  await says(person, "files-going");
  await person.front.getByRole("button", { name: new RegExp(`^${person.words("files-cancel")}`) }).click();
  await says(person, "files-cancelled");
  await look(person);
  await person.page.unroute("**/native/request");
  await person.click("files-remove", { n: 1 });
  await says(person, "files-remove-title", { n: 1 });
  await look(person);
  await person.click("files-remove-keep");
  await person.click("files-remove", { n: 1 });
  await person.click("files-remove-go");
  await says(person, "files-removed");
  await person.sees("files-none");
  await person.click("files-finish");
  await person.comesTo("mine-title");
  await person.sees("event-detach");
  await person.leave();
  assert.equal(await person.page.evaluate(() => host.files.size), 0, "what was picked and not sent is gone, too");
  await person.close();
});

test("a file from the office is opened on the phone, and gone when the report is closed", async () => {
  const { receipt: code } = world.demo.receipts[1];
  const staff = await signIn(world, browser, "investigator", { look: unseen });
  await findCase(staff, "云岫精细化工厂");
  await staff.follow("move-say");
  await staff.fill("field-text", "附上现场检查记录。");
  await staff.press("move-continue");
  await staff.field("send-file").setInputFiles({ name: "检查记录.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nrecord") });
  await staff.press("move-say");
  await staff.sees("saved");
  await staff.close();
  const person = await phone();
  await comeBack(person, code);
  await person.reads("检查记录.pdf", "附上现场检查记录。");
  await look(person);
  await person.front.getByRole("button", { name: /检查记录/ }).click();
  await says(person, "mini-file-opened");
  const [path] = await person.page.evaluate(() => host.shown);
  assert.equal(await person.page.evaluate((path) => host.files.get(path).text(), path), "%PDF-1.7\nrecord");
  await person.click("mine-sign-out");
  await person.comesTo("out-title");
  await look(person);
  assert.equal(await person.page.evaluate(() => host.files.size), 0);
  await person.sound();
  await person.close();
});

test("a receipt that staff issued is exchanged for one of the reporter's own", async () => {
  const clerk = await signIn(world, browser, "clerk", { look: unseen });
  await clerk.follow("nav-desk");
  await clerk.page.getByRole("radio").first().check();
  await clerk.press("entry-get");
  const entry = await clerk.page.locator(".receipt").innerText();
  await clerk.close();
  const desk = await Person.at(browser);
  await desk.open(`${world.demo.addresses.portal}/zh/desk`);
  await desk.fill("desk-code-label", entry);
  await desk.press("desk-go");
  await desk.choose("name-sealed");
  await desk.press("continue");
  await answerOnPortal(desk);
  await withoutScript(desk);
  await nameThemselves(desk);
  await desk.press("identity-next");
  await desk.press("check-send");
  const issued = await receiptOnPortal(desk);
  await desk.close();

  const person = await phone();
  await person.tab("tab-progress");
  await person.comesTo("mine-sign-title");
  await person.fill("mine-receipt", issued);
  await person.click("mine-sign-go");
  await person.comesTo("own-receipt-title");
  await look(person);
  await person.click("own-receipt-draw");
  await says(person, "own-receipt-new");
  const own = (await person.front.locator(".receipt").innerText()).match(/\d{4}/g).join(" ");
  await look(person);
  await person.fill("own-receipt-last", own.slice(-4));
  await person.click("own-receipt-keep");
  await person.comesTo("mine-title");
  await says(person, "own-receipt-done");
  await person.click("mine-sign-out");
  await person.comesTo("out-title");
  await person.click("out-next");
  await comeBack(person, own);
  await person.sound();
  await person.close();
});

test("nothing outlives leaving, being away, or nobody's being there; but a receipt that somebody asked to keep", async () => {
  const person = await phone();
  await person.page.clock.install();
  await person.launch();
  await agree(person);
  await person.choose("name-sealed");
  await person.click("continue");
  await person.comesTo("region-title");
  await person.page.evaluate(() => host.hide());
  await person.page.clock.fastForward("06:00");
  await person.page.evaluate(() => host.show());
  await person.comesTo("start-title");
  await says(person, "mini-lapsed");
  await look(person);
  // A receipt typed and left there is something, too.
  await person.tab("tab-progress");
  await person.fill("mine-receipt", "1551 0045 1991");
  await person.page.clock.fastForward("31:00");
  await person.comesTo("start-title");
  await person.tab("tab-progress");
  await person.comesTo("mine-sign-title");
  assert.equal(await person.field("mine-receipt").inputValue(), "");
  await person.page.clock.resume();

  await person.launch();
  await toCheck(person, { report: { ...REPORT, target: "留存砖厂" } });
  await person.click("check-send");
  const code = await receipt(person);
  const storage = () => person.page.evaluate(() => JSON.stringify({ ...localStorage }));
  assert.equal(await storage(), "{}");
  await person.click("mini-keep");
  await says(person, "mini-keep-text");
  await look(person);
  assert.equal(await storage(), "{}", "not before the warning was read");
  await person.click("mini-keep-go");
  await says(person, "mini-keep-done");
  assert.deepEqual(JSON.parse(await storage()), { "wx:receipts": JSON.stringify([code]) });
  await person.leave();
  await person.launch();
  await person.tab("tab-progress");
  await says(person, "mini-kept-here");
  await look(person);
  await person.click("mini-kept-use", { last: code.slice(-4) });
  await person.comesTo("mine-title");
  await person.click("mine-sign-out");
  await person.comesTo("out-title");
  await person.sees("mini-out-kept", { count: 1 });
  await person.click("out-next");
  // A second one does not take the place of the first.
  await toCheck(person, { report: { ...REPORT, target: "留存第二砖厂" } });
  const second = await send(person);
  await person.click("mini-keep");
  await person.click("mini-keep-go");
  await says(person, "mini-keep-done");
  assert.deepEqual(JSON.parse(await storage()), { "wx:receipts": JSON.stringify([code, second]) });
  await person.leave();
  await person.launch();
  await person.tab("tab-progress");
  await look(person);
  await person.click("mini-kept-forget", { last: code.slice(-4) });
  await person.click("mini-kept-use", { last: second.slice(-4) });
  await person.comesTo("mine-title");
  await opensContent(person);
  await person.reads("留存第二砖厂");
  await person.back();
  await person.click("mini-kept-forget", { last: second.slice(-4) });
  assert.equal(await storage(), "{}");
  await person.close();
});

test("a draft outlives a look at another report, and whoever is typed there is not taken for that one's reporter", async () => {
  const { receipt: code } = world.demo.receipts[1];
  const person = await phone();
  await toCheck(person, { report: { ...REPORT, target: "写了一半的砖厂" }, who: PERSON });
  await person.page.evaluate(() => host.home());
  await person.comesTo("start-title");
  await comeBack(person, code);
  await opensContent(person);
  await person.reads("云岫精细化工厂");
  await person.click("return-name");
  assert.equal(await person.field("identity-name").inputValue(), "");
  await person.fill("identity-name", "另一个人");
  await person.fill("mine-add-label", "没有提交的补充");
  await person.click("mine-sign-out");
  await person.comesTo("out-title");
  await person.sees("mini-out-draft");
  await look(person);
  const held = await person.page.evaluate(() => JSON.stringify(host.module("lib").state));
  for (const gone of ["云岫", "没有提交的补充", "另一个人"]) assert.ok(!held.includes(gone), gone);
  await person.click("out-next");
  await person.click("start-go");
  await person.click("before-next");
  await person.click("agree-next");
  await person.comesTo("name-title");
  await person.click("continue");
  await person.comesTo("check-title");
  await person.reads("写了一半的砖厂");
  await person.sees("mini-name-here");
  await person.sound();
  await person.close();
});

test("a picker left open does not keep everything open for ever", async () => {
  const person = await phone();
  await person.page.clock.install();
  await person.launch();
  await comeBack(person, world.demo.receipts[1].receipt);
  await person.click("mine-files-go");
  await person.comesTo("files-title");
  const picture = join(folder, "late.jpg");
  writeFileSync(picture, await photo(person.page, "late"));
  // Ten minutes in the album are no absence.
  const [first] = await Promise.all([person.page.waitForEvent("filechooser"), person.click("mini-files-pictures")]);
  await person.page.clock.fastForward("10:00");
  await first.setFiles(picture);
  await says(person, "files-is-copy");
  const [second] = await Promise.all([person.page.waitForEvent("filechooser"), person.click("mini-files-pictures")]);
  await person.page.clock.fastForward("31:00");
  await person.comesTo("start-title");
  host.exchanges.splice(0);
  await second.setFiles(picture);
  await says(person, "mini-lapsed");
  await person.page.waitForFunction(() => host.files.size === 0);
  assert.deepEqual(host.exchanges.filter(({ path }) => path.includes("/files")), []);
  await person.sound();
  await person.close();
});

test("a file of staff's that was left when WeChat ended the mini-program is gone when it starts again", async () => {
  const person = await phone();
  await person.page.addInitScript(() => (window.leftFiles = [["http://usr/shown/1.pdf", new Blob(["left"])], ["http://usr/miniprogramLog/log1", new Blob(["WeChat's"])]]));
  await person.launch();
  await person.comesTo("start-title");
  assert.deepEqual(await person.page.evaluate(() => [...host.files.keys()]), ["http://usr/miniprogramLog/log1"]);
  await person.sound();
  await person.close();
});

test("the language is changed under an open report, and all of it is in the other one", async () => {
  const person = await phone();
  await comeBack(person, world.demo.receipts[1].receipt);
  await person.front.getByRole("button", { name: "English" }).click();
  person.lang = "en";
  await person.comesTo("mine-title");
  await person.page.getByText(/received your report|being|Finished|Being/i).first().waitFor();
  const status = await person.front.locator(".status").innerText();
  assert.match(status, /^[ -~]+$/, status);
  await person.click("delete-go");
  await person.comesTo("delete-go");
  await person.front.getByRole("button", { name: "中文" }).click();
  person.lang = "zh";
  await person.sees("delete-log");
  await person.click("back");
  await person.comesTo("mine-title");
  assert.match(await person.front.locator(".status").innerText(), /\p{Script=Han}/u);
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

test("what is edited after an answer was lost is not taken for sent", async () => {
  const person = await phone();
  await toCheck(person, { report: { ...REPORT, target: "改过的砖厂" } });
  let cut = true;
  await person.page.route("**/native/request", async (route) => {
    if (!cut || !route.request().headers()["x-url"].endsWith("/reports")) return route.fallback();
    await route.fetch();
    await route.fulfill({ status: 200, headers: { "x-failed": "fail" } });
  });
  await person.click("check-send");
  await says(person, "device-sending-again");
  // Away for longer than anything else may be: what is on its way is not dropped.
  await person.page.evaluate(() => host.hide());
  await person.page.evaluate(() => host.show());
  await person.back();
  await person.comesTo("story-title");
  await person.fill("story-story", "改成了另外的话，写得比原来长一些。");
  await person.click("continue");
  await person.comesTo("check-title");
  cut = false;
  await person.click("check-send");
  const code = await receipt(person);
  await person.sees("mini-saved-first");
  await putAway(person, code);
  await person.click("files-finish");
  await person.comesTo("mine-sign-title");
  await person.fill("mine-receipt", code);
  await person.click("mine-sign-go");
  await person.comesTo("mine-title");
  await opensContent(person);
  await person.reads(REPORT.story);
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
