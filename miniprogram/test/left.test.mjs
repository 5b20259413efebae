// What is left behind in WeChat, on the phone and at the service: nothing, but what its owner wants to keep.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PERSON, REPORT } from "../../tests/browser/reporter.mjs";
import { photo } from "../../tests/browser/uploads.mjs";
import { look } from "./look.mjs";
import { agree, comeBack, opensContent, receipt, send, toCheck } from "./reporter.mjs";
import { folder, host, phone, says, stage, world } from "./stage.mjs";

stage();

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
  // WeChat may show the same runtime again: it is at its first page, and holds nothing.
  await person.page.evaluate(() => host.reopen());
  await person.comesTo("start-title");
  const { epoch, ...held } = await person.page.evaluate(() => host.module("lib").state);
  assert.deepEqual(held, {
    answers: {}, person: {}, agreed: false, receipt: null, begun: null, pending: null, sending: null, saved: "", view: null, handed: null, heir: null, typed: "",
    unsent: {}, named: {},
  });
  assert.ok(epoch > 0);
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


test("what is fetched does not tell that somebody opens the form for a name", async () => {
  const person = await phone();
  await comeBack(person, world.demo.receipts[1].receipt);
  for (const asked of ["/service", "/recipients"]) {
    for (const until = Date.now() + 30_000; !host.exchanges.some(({ path }) => path.endsWith(asked)); ) {
      assert.ok(Date.now() < until, `${asked} was not fetched`);
      await person.page.waitForTimeout(50);
    }
  }
  host.exchanges.splice(0);
  await person.click("return-name");
  await person.field("identity-name").waitFor();
  await person.fill("identity-name", PERSON.name);
  await person.page.waitForTimeout(1000);
  assert.deepEqual(host.exchanges, []);
  await person.sound();
  await person.close();
});
