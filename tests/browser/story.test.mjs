// The whole story: a sealed name, two approvers, the reporter's own claim, two trustees with their tools, one opening,
// one payment, and the mark it leaves in the log. Every step by somebody at a screen of their own, without script.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checker, watch } from "./checks.mjs";
import { Person } from "./person.mjs";
import { PERSON, REPORT, agree, answer, nameThemselves, openMine, receipt, withoutScript } from "./reporter.mjs";
import { findCase, move, signIn, stand } from "./staff.mjs";
import { launch, startDemo } from "./world.mjs";

/// In which language everybody reads; screenshots.mjs tells it in both.
const LANG = process.env.MIFENG_STORY_LANG ?? "zh";
const OFFICER_ANSWERS = "y\nn\nn\nn\n";

let world, browser, portal, look;
const problems = [];
const story = {};

before(async () => {
  [world, browser] = await Promise.all([startDemo(), launch()]);
  portal = world.demo.addresses.portal;
  look = await checker(browser);
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

/// Each chapter stands on the one before it.
function chapter(name, tell) {
  test(name, async (t) => {
    if (story.broken) return t.skip(`after "${story.broken}"`);
    story.broken = name;
    await tell();
    delete story.broken;
  });
}

async function staff(login, options = {}) {
  const person = await signIn(world, browser, login, { look, lang: LANG, ...options });
  problems.push(watch(person.page, [world.demo.addresses[person.account.face]]));
  return person;
}

chapter("somebody reports under seal and adds a photo", async () => {
  const person = await Person.at(browser, { lang: LANG, width: 390 });
  await agree(person, portal);
  await person.choose("name-sealed");
  await person.press("continue");
  await answer(person);
  await withoutScript(person);
  await nameThemselves(person);
  await person.press("identity-next");
  await person.press("check-send");
  story.receipt = await receipt(person);
  await person.follow("receipt-next");
  await person.follow("receipt-skip");
  await person.field("files-label").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: PICTURE });
  await person.press("files-add");
  await person.sees("files-is-copy");
  await person.close();
});

chapter("the clerk finds it first thing, takes it forward and gives it to an investigator", async () => {
  const clerk = await staff("clerk");
  await clerk.sees("first-danger");
  await clerk.reads(REPORT.target);
  story.number = await findCase(clerk, REPORT.target);
  await clerk.reads(REPORT.story, REPORT.when);
  await clerk.sees("case-identity-text");
  await move(clerk, "accept");
  await clerk.follow("move-assign");
  await clerk.field("field-to").selectOption("investigator");
  await clerk.press("move-continue");
  await clerk.sees("saved");
  await clerk.close();
});

chapter("the investigator looks at the copy, asks, writes notes and concludes", async () => {
  const investigator = await staff("investigator");
  await investigator.sees("first-begin");
  await findCase(investigator, REPORT.target);
  await move(investigator, "begin");
  await move(investigator, "note", { "field-text": "现场在东门内第二罐区，拟明早进厂。" });
  await move(investigator, "say", { "field-text": "请问报警器是什么时候被包住的？" });
  await investigator.page.locator(".files a").click();
  await look(investigator.page);
  await investigator.sees("copy-note");
  const shown = investigator.page.getByRole("img");
  assert.ok(await shown.evaluate((image) => image.complete && image.naturalWidth === 1), "the copy is a picture");
  await investigator.follow("back");
  await move(investigator, "conclude", {
    number: story.number, "finding-true": true, "field-reason": "现场查实法兰泄漏、报警器被遮蔽，属于重大事故隐患。",
  });
  await move(investigator, "reply", {
    number: story.number,
    "field-findings": "查实二号罐区法兰泄漏，报警器被人为遮蔽。",
    "field-handling": "已责令停用整改，并对单位处以罚款。",
    "reward-met": true,
  });
  await investigator.open(`${world.demo.addresses.console}/${LANG}/cases/${story.number}/award`);
  await investigator.follow("award-facts-title");
  await investigator.fill("fact-fines", "120000");
  await investigator.choose("yes");
  await investigator.press("award-compute");
  await investigator.sees("award-by-rule");
  await investigator.press("award-put", { needed: 2 });
  await investigator.sees("award-done-computed");
  await investigator.close();
});

chapter("one approver is not enough; two are, and neither is the one who worked on it", async () => {
  for (const login of ["approver", "approver2"]) {
    const approver = await staff(login);
    await approver.follow("nav-approvals");
    await approver.page.getByRole("link", { name: story.number }).first().click();
    await look(approver.page);
    await approver.follow("vote-approve");
    await approver.fill("field-typed-number", story.number, { number: story.number });
    await approver.fill("field-key-password", approver.account.password);
    await approver.press("vote-approve");
    await approver.sees("award-done-approve");
    if (login === "approver") {
      assert.equal(await approver.page.getByRole("button", { name: approver.exactly("award-file") }).count(), 0, "one is not enough");
    } else {
      await approver.press("award-file");
      await approver.sees("award-done-file");
      await approver.press("award-notify");
      await approver.sees("award-done-notify");
    }
    await approver.close();
  }
});

chapter("the reporter claims with the receipt", async () => {
  const person = await Person.at(browser, { lang: LANG, width: 320, look });
  problems.push(watch(person.page, [portal]));
  await openMine(person, portal, story.receipt);
  await person.sees("status-finished-confirmed");
  await person.follow("mine-reward-claim-go");
  await person.press("claim-go");
  await person.sent_back("claim-who-missing");
  await person.choose("claim-who-before");
  await person.fill("claim-receipt", story.receipt);
  await person.press("claim-go");
  await person.sees("claim-done-text");
  await person.close();
});

chapter("the reward office asks for the release, with a reason, in the log for ever", async () => {
  const officer = await staff("officer");
  await officer.sees("office-list-claimed");
  await officer.page.getByRole("link", { name: story.number }).first().click();
  await look(officer.page);
  await officer.follow("office-act-release");
  await stand(officer, story.number, { reason: "举报人已经申领，请求开启。" });
  await officer.press("office-act-release");
  await officer.sees("office-done-release");
  // Stays at the desk: the same one-time code would not let anybody in again.
  story.officer = officer;
});

chapter("two trustees check with their own tools and give their shares", async () => {
  for (const [login, i] of [["trustee1", 0], ["trustee3", 2]]) {
    const trustee = await staff(login, { width: i ? 1280 : 390 });
    await trustee.follow("nav-releases");
    await trustee.page.getByRole("link", { name: story.number }).first().click();
    await look(trustee.page);
    const request = join(world.folder, `request-${login}.json`);
    await download(trustee, "release-download", request);
    const answer = join(world.folder, `answer-${login}.json`);
    const { trustees, trustee_states } = world.demo.keys;
    const state = i ? pinned(login) : trustee_states[0];
    const said = world.mifengAsked("yes\n", "trustee", "release", request, "--key", trustees[i], "--state", state, "--out", answer);
    assert.ok(said.includes(story.number), said);
    await trustee.field("release-answer").setInputFiles(answer);
    await trustee.press("release-give");
    await trustee.sees("release-done");
    await trustee.close();
  }
});

/// A trustee who starts with a machine of their own that trusts nothing yet.
function pinned(login) {
  const state = join(world.folder, `state-${login}`);
  const { demo } = world;
  world.mifeng("trustee", "init", "--set", demo.keys.recipient_set, "--fingerprint", demo.recipient_set_fingerprint,
    "--log-vkey", demo.log_key, "--state", state);
  return state;
}

async function download(person, key, to) {
  const [file] = await Promise.all([
    person.page.waitForEvent("download"),
    person.page.getByRole("link", { name: person.exactly(key) }).first().click(),
  ]);
  await file.saveAs(to);
}

chapter("the office opens the package offline, meets the person, and two officers record that it is paid", async () => {
  const officer = await staff("officer2");
  await officer.page.getByRole("link", { name: story.number }).first().click();
  const [first, again] = ["package-1.json", "package-2.json"].map((name) => join(world.folder, name));
  await download(officer, "office-package-download", first);
  await download(officer, "office-package-download", again);
  assert.ok(readFileSync(first).equals(readFileSync(again)), "byte for byte the same");
  assert.ok(!readFileSync(first, "utf8").includes(PERSON.name));

  const voucher = join(world.folder, "voucher.txt");
  const { office, office_state } = world.demo.keys;
  const said = world.officeTool(OFFICER_ANSWERS, "open", first, "--key", office, "--state", office_state,
    "--voucher", voucher, "--number", "V-2026-1", "--rehearsal");
  assert.ok(said.includes(PERSON.name) && said.includes(PERSON.idNumber), said);
  assert.ok(!readFileSync(voucher, "utf8").includes(PERSON.name), "the voucher is nameless unless asked for");

  await officer.follow("office-act-outcome");
  await officer.choose("office-outcome-verified");
  await stand(officer, story.number);
  await officer.press("office-act-outcome");
  await officer.sees("office-done-outcome");
  await officer.follow("office-act-pay");
  await officer.fill("office-field-voucher", "V-2026-1");
  await stand(officer, story.number);
  await officer.press("office-act-pay");
  await officer.sees("office-waits-for-other");
  await officer.close();

  const second = story.officer;
  await second.follow("office-nav-waiting");
  await second.page.getByRole("link", { name: story.number }).first().click();
  await look(second.page);
  await second.follow("office-act-confirm");
  await stand(second, story.number);
  await second.press("office-act-confirm");
  await second.sees("office-state-paid");
  await second.close();
});

chapter("the reporter reads that it is paid and finds the opening, on the page and in the log itself", async () => {
  for (const lang of ["zh", "en"]) {
    const person = await Person.at(browser, { lang, width: 320, look });
    await openMine(person, portal, story.receipt);
    await person.sees("mine-reward-paid");
    await person.sees("mine-log-opened", { count: 1 });
    await person.sees("mine-log-identity");
    await person.close();
  }
  const log = ["--log", `${portal}/log`, "--vkey", world.demo.log_key, "--forget"];
  const said = world.mifengAsked(`${story.receipt}\n`, "verify", ...log);
  assert.match(said, /The log is intact/);
  assert.match(said, /announced once:\n- .*name and account/);
});

test("nothing asked anybody else, nothing ran script, every page had its headers; and nothing was logged", () => {
  assert.deepEqual(problems.flat(), []);
  for (const secret of [...Object.values(PERSON), REPORT.target, story.receipt]) {
    assert.ok(!world.said().includes(secret), "the server's own log names nobody");
  }
});

/// One red pixel.
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC", "base64");
