// What a reporter does to a report in WeChat after it was sent.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Person } from "../../tests/browser/person.mjs";
import { PERSON, answer as answerOnPortal, nameThemselves, receipt as receiptOnPortal, withoutScript } from "../../tests/browser/reporter.mjs";
import { findCase, move, signIn } from "../../tests/browser/staff.mjs";
import { MB, film } from "../../tests/browser/uploads.mjs";
import { look } from "./look.mjs";
import { comeBack, pick, receipt, send } from "./reporter.mjs";
import { breakLine, browser, folder, host, phone, reported, says, stage, unseen, world } from "./stage.mjs";

stage();

const ADDED = "昨天夜里又漏了一次，值班的人走开了。";

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
  // Without a word: who is afraid need not say why.
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
