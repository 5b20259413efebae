// Originals as evidence, at everybody's own screen: an investigator asks, the reporter reads why and stops it, without script
// and on their device; another original, whose days are over, is published, opened offline, edited, looked at, and seen.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { chapter, download, staff } from "./chapters.mjs";
import { watch } from "./checks.mjs";
import { comeBack } from "./device.mjs";
import { compare, give } from "./holders.mjs";
import { Person } from "./person.mjs";
import { openMine } from "./reporter.mjs";
import { browser, look, portal, stage, world } from "./stage.mjs";

const ASKED = "青芦石灰岩矿";
const READY = "塬上采油队三号站";
const NEED = "副本上的铭牌看不清，法院要求核对原始照片里的设备编号。";
const REFUSAL = "照片里看得出是谁站在那里。";
/// Of the demo's photo: its own name, as the reporter's device gave it.
const NAME = "IMG_0417";

const problems = [];
const story = {};
const at = { lang: "zh", problems, story };

stage({ ready: async () => Object.assign(at, { world, browser, look }) });

const receiptOf = (about) => world.demo.receipts.find((sample) => sample.about.includes(about)).receipt;

chapter(story, "on their own device the reporter reads what is asked and why, and stops it", async () => {
  const person = await Person.at(browser, { width: 390, look, script: true });
  problems.push(watch(person.page, [portal]));
  await comeBack(person, portal, receiptOf("can stop it"));
  await person.sees("stop-heading");
  await person.sees("stop-sees");
  await person.reads("检测机构需要原始照片");
  // Read on this device: the log holds the request in these very words.
  await person.click("return-scan");
  await person.page.getByText("和日志里的一字不差").waitFor();
  await person.click("stop-go");
  await person.comesTo("stop-go");
  await person.fill("stop-title", REFUSAL);
  await person.click("stop-send");
  await person.comesTo("mine-title");
  await person.sees("mine-stop-done");
  await person.sees("stop-stopped");
  await person.close();
});

chapter(story, "the investigator sees that it is closed, asks again, and is told what that means", async () => {
  const login = "investigator";
  for (const who of [login, "investigator2"]) {
    const investigator = await staff(at, who);
    await investigator.follow("nav-cases");
    await investigator.fill("search-label", ASKED);
    await investigator.press("search-button");
    const row = investigator.page.locator("tbody tr", { hasText: ASKED }).getByRole("link");
    // Somebody else's case is not found.
    if (await row.count() === 0) {
      await investigator.close();
      continue;
    }
    await row.first().click();
    await look(investigator.page);
    if (await investigator.page.getByRole("link", { name: investigator.exactly("move-ask-original") }).count() === 0) {
      await investigator.close();
      continue;
    }
    await investigator.reads(REFUSAL);
    await investigator.follow("move-ask-original");
    await investigator.sees("original-state-objected");
    await investigator.press("original-ask");
    await investigator.sent_back("original-error-file", "original-error-use", "original-error-need");
    await investigator.page.getByRole("radio").first().check();
    await investigator.choose("original-use-court");
    await investigator.fill("original-field-need", NEED);
    await investigator.press("original-ask");
    await investigator.sees("done-ask-original");
    story.investigator = who;
    return investigator.close();
  }
  assert.fail("nobody works on it");
});

chapter(story, "without script the reporter reads the new reason and stops it again", async () => {
  const person = await Person.at(browser, { width: 320, look });
  problems.push(watch(person.page, [portal]));
  await openMine(person, portal, receiptOf("can stop it"));
  await person.reads(NEED);
  await person.follow("stop-go");
  await person.reads(NEED);
  // Nobody has to say why.
  await person.press("stop-send");
  await person.sees("mine-stop-done");
  await person.close();
});

chapter(story, "what nobody stopped is published by the office", async () => {
  const officer = await staff(at, "officer");
  story.officer = officer;
  await officer.follow("office-nav-originals");
  await officer.sees("office-original-state-ready");
  await officer.page.getByRole("row", { name: new RegExp(officer.words("office-original-state-ready")) }).getByRole("link").click();
  await look(officer.page);
  story.number = (await officer.text()).match(/\d{4}-\d{6}/)[0];
  await officer.press("office-original-act-release");
  await officer.sent_back("office-error-typed-number");
  await officer.fill("office-field-typed-number", story.number, { number: story.number });
  await officer.press("office-original-act-release");
  await officer.sees("office-original-done-release");
});

chapter(story, "one trustee gives a share in the browser, another by the tool", async () => {
  const { demo, folder } = world;
  const first = await staff(at, "trustee1", { script: true });
  await first.follow("nav-releases");
  await first.page.getByRole("link", { name: story.number }).first().click();
  await look(first.page);
  await first.field("holder-key-file").setInputFiles(demo.keys.trustees[0]);
  await first.click("holder-give-check");
  await compare(first, demo);
  await first.comesTo("holder-give-review");
  await first.sees("holder-file-text");
  await give(first);
  await first.close();

  const second = await staff(at, "trustee2");
  await second.open(`${demo.addresses.console}/zh/releases/${story.number}/original`);
  const [request, answer] = [join(folder, "request.json"), join(folder, "answer.json")];
  await download(second, "release-download", request);
  const said = world.mifeng(
    "trustee", "release", request, "--key", demo.keys.trustees[1], "--state", demo.keys.trustee_states[1], "--yes", "-o", answer,
  );
  assert.match(said, /never an identity/);
  await second.field("release-answer").setInputFiles(answer);
  await second.press("release-give");
  await second.sees("release-done");
  await second.close();
});

chapter(story, "the office opens it offline, byte for byte, under a name that says nothing", async () => {
  const { officer } = story;
  const { demo, folder } = world;
  await officer.open(`${demo.addresses.office}/zh/originals/${story.number}`);
  const [open, sealed] = [join(folder, "original.json"), join(folder, "original.sealed")];
  await download(officer, "office-package-download", open);
  await download(officer, "office-original-sealed-download", sealed);
  const said = world.officeTool(
    "", "files", open, "--sealed", sealed, "--key", demo.keys.office, "--state", demo.keys.office_state, "--into", folder,
  );
  assert.match(said, /Originals may identify/);
  assert.ok(said.includes(NAME), "the officer reads what the reporter called it");
  story.opened = join(folder, `${story.number}-F1.png`);
  const bytes = readFileSync(story.opened);
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
  const made = world.officeTool(
    "", "edit", story.opened, "--cover", "60,60,60,60", "--key", demo.keys.office, "--state", demo.keys.office_state, "--into", folder,
  );
  assert.match(made, /Covered or blurred/);
  story.copy = join(folder, `${story.number}-F1-copy.png`);
  story.edits = join(folder, `${story.number}-F1-copy.edits.json`);
  // The identity section is not for this package: the other command does not take it.
  assert.throws(() => world.officeTool("", "open", open, "--key", demo.keys.office, "--state", demo.keys.office_state, "--voucher", join(folder, "v")));
});

chapter(story, "what the tool says of other bytes is not taken, and whoever put a copy in does not confirm it", async () => {
  const { officer } = story;
  await officer.open(`${world.demo.addresses.office}/zh/originals/${story.number}`);
  const pdf = join(world.folder, "copy.pdf");
  writeFileSync(pdf, "%PDF-1.4\n%%EOF\n");
  await officer.choose("measure-words");
  await officer.choose("office-original-whole");
  await officer.field("office-original-field-file").setInputFiles(pdf);
  await officer.press("office-original-act-copy");
  await officer.sent_back("office-original-error-edits", "office-original-error-kind");
  await officer.field("office-original-field-file").setInputFiles(story.opened);
  await officer.field("office-original-field-edits").setInputFiles(story.edits);
  await officer.press("office-original-act-copy");
  await officer.sent_back("office-original-error-other-copy");
  await officer.field("office-original-field-file").setInputFiles(story.copy);
  await officer.field("office-original-field-edits").setInputFiles(story.edits);
  await officer.press("office-original-act-copy");
  await officer.sees("office-original-done-copy");
  await officer.sees("office-original-copy-waits");
  assert.equal(await officer.page.getByRole("button", { name: officer.exactly("office-original-act-join") }).count(), 0);
  await officer.close();
});

chapter(story, "a second officer looks at it, and it joins the case", async () => {
  const second = await staff(at, "officer2");
  await second.open(`${world.demo.addresses.office}/zh/originals/${story.number}`);
  await second.press("office-original-act-join");
  await second.sent_back("office-original-error-looked");
  // A tick is not a look.
  await second.choose("office-original-looked");
  await second.press("office-original-act-join");
  await second.sent_back("office-original-error-unseen");
  await second.page.getByRole("link", { name: second.exactly("office-original-copy-see") }).click();
  await second.open(`${world.demo.addresses.office}/zh/originals/${story.number}`);
  await second.choose("office-original-looked");
  await second.press("office-original-act-join");
  await second.sees("office-original-done-join");
  await second.close();
});

chapter(story, "the investigator sees the copy, and the reporter what became of the original", async () => {
  let seen = false;
  for (const login of ["investigator", "investigator2"]) {
    const investigator = await staff(at, login);
    const answer = await investigator.page.goto(`${world.demo.addresses.console}/zh/cases/${story.number}`);
    if (answer.status() === 200) {
      await look(investigator.page);
      await investigator.sees("file-edited");
      await investigator.page.locator("#files a").last().click();
      const shown = investigator.page.getByRole("img");
      assert.ok(await shown.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)), "the copy is a picture");
      assert.ok(!(await investigator.page.content()).includes(NAME));
      seen = true;
    }
    await investigator.close();
  }
  assert.ok(seen, "whoever has the case sees it");
  const person = await Person.at(browser, { look });
  await openMine(person, portal, receiptOf("can be opened"));
  await person.sees("mine-log-files");
  await person.sees("event-join-copy");
  const said = world.mifengAsked(receiptOf("can be opened"), "verify", "--log", `${portal}/log`, "--vkey", world.demo.log_key, "--forget");
  assert.match(said, /announced once/);
  await person.close();
});

test("no page of all these had a problem, and no log the photo's name", () => {
  // Of the page on the device our own script is part.
  const ours = (problem) => problem.startsWith(`script ${portal}/assets/`) || problem.startsWith(`script ${world.demo.addresses.console}/assets/`)
    || problem.startsWith(`script ${world.demo.addresses.office}/assets/`);
  for (const found of problems) assert.deepEqual(found.filter((problem) => !ours(problem)), []);
  assert.ok(!world.said().includes(NAME));
});
