// The chapters that the whole stories share: what staff and holders do at their screens, whichever way the reporter came.
// Each takes the stage `at`: { world, browser, look, lang, problems, story }, with `signOn` where staff do not come in by
// password and code.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { watch } from "./checks.mjs";
import { HAZARD, PERSON, REPORT } from "./reporter.mjs";
import { findCase, move, signIn, stand } from "./staff.mjs";

/// What the investigator asks; sealed to the reporter's receipt as it is stored.
export const QUESTION = "请问报警器是什么时候被包住的？";

/// One step of a story: each stands on the one before it.
export function chapter(story, name, tell) {
  test(name, async (t) => {
    if (story.broken) return t.skip(`after "${story.broken}"`);
    story.broken = name;
    await tell(t);
    delete story.broken;
  });
}

/// Somebody of the staff, without script, whose pages are watched.
export async function staff(at, login, options = {}) {
  const person = await (at.signOn ?? signIn)(at.world, at.browser, login, { look: at.look, lang: at.lang, ...options });
  at.problems.push(watch(person.page, [at.world.demo.addresses[person.account.face]]));
  return person;
}

/// Follows the link to the story's case on a list.
export async function toCase(at, person) {
  await person.page.getByRole("link", { name: at.story.number }).first().click();
  await at.look(person.page);
}

export async function clerkTakesItForward(at) {
  const clerk = await staff(at, "clerk");
  await clerk.sees("first-danger");
  await clerk.reads(REPORT.target);
  at.story.number = await findCase(clerk, REPORT.target);
  await clerk.reads(REPORT.story, REPORT.when);
  await clerk.sees("case-identity-text");
  await move(clerk, "accept");
  await clerk.follow("move-assign");
  await clerk.field("field-to").selectOption("investigator");
  await clerk.press("move-continue");
  await clerk.sees("saved");
  await clerk.close();
}

/// Looks at the copy of the photo, `width` pixels wide, and asks the reporter. Gives the investigator, still at the desk:
/// the same one-time code would not let anybody in again.
export async function investigatorAsks(at, width) {
  const investigator = await staff(at, "investigator");
  await investigator.sees("first-begin");
  await findCase(investigator, REPORT.target);
  await move(investigator, "begin");
  await move(investigator, "note", { "field-text": "现场在东门内第二罐区，拟明早进厂。" });
  await move(investigator, "say", { "field-text": QUESTION });
  await investigator.page.locator("#files a").click();
  await at.look(investigator.page);
  await investigator.sees("copy-note");
  const shown = investigator.page.getByRole("img");
  const seen = await shown.evaluate((image) => image.decode().then(() => image.naturalWidth));
  assert.equal(seen, width, "the copy is a picture");
  await investigator.follow("back");
  return investigator;
}

export async function investigatorConcludes(at, investigator) {
  const { number } = at.story;
  await move(investigator, "conclude", {
    number, "finding-true": true, "field-reason": "现场查实法兰泄漏、报警器被遮蔽，属于重大事故隐患。",
  });
  await move(investigator, "reply", {
    number,
    "field-findings": "查实二号罐区法兰泄漏，报警器被人为遮蔽。",
    "field-handling": "已责令停用整改，并对单位处以罚款。",
    "reward-met": true,
  });
  await investigator.open(`${at.world.demo.addresses.console}/${at.lang}/cases/${number}/award`);
  await investigator.follow("award-facts-title");
  await investigator.press("award-compute");
  await investigator.sent_back("error-kinds", "error-severity");
  await investigator.page.getByLabel(HAZARD[at.lang]).check();
  await investigator.choose("severity-major");
  await investigator.fill("fact-fines", "120000");
  await investigator.choose("yes");
  await investigator.press("award-compute");
  await investigator.sees("award-by-rule");
  await investigator.press("award-put", { needed: 2 });
  await investigator.sees("award-done-computed");
  await investigator.close();
}

export async function twoApprove(at) {
  const { number } = at.story;
  for (const login of ["approver", "approver2"]) {
    const approver = await staff(at, login);
    await approver.follow("nav-approvals");
    await toCase(at, approver);
    await approver.follow("vote-approve");
    await approver.fill("field-typed-number", number, { number });
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
}

/// Gives the officer, still at the desk.
export async function officerAsksForRelease(at) {
  const officer = await staff(at, "officer");
  await officer.sees("office-list-claimed");
  await toCase(at, officer);
  await officer.follow("office-act-release");
  await stand(officer, at.story.number, { reason: "举报人已经申领，请求开启。" });
  await officer.press("office-act-release");
  await officer.sees("office-done-release");
  return officer;
}

/// The third on a machine of their own that trusts nothing yet.
export async function twoTrusteesGive(at) {
  const { world, story } = at;
  for (const [login, i] of [["trustee1", 0], ["trustee3", 2]]) {
    const trustee = await staff(at, login, { width: i ? 1280 : 390 });
    await trustee.follow("nav-releases");
    await toCase(at, trustee);
    const request = join(world.folder, `request-${login}-${story.number}.json`);
    await download(trustee, "release-download", request);
    const answer = join(world.folder, `answer-${login}-${story.number}.json`);
    const { trustees, trustee_states } = world.demo.keys;
    const state = i ? pinned(world, login) : trustee_states[0];
    const said = world.mifengAsked("yes\n", "trustee", "release", request, "--key", trustees[i], "--state", state, "--out", answer);
    assert.ok(said.includes(story.number), said);
    await trustee.field("release-answer").setInputFiles(answer);
    await trustee.press("release-give");
    await trustee.sees("release-done");
    await trustee.close();
  }
}

/// Where a trustee's machine keeps what it trusts; made at the first use.
function pinned(world, login) {
  const state = join(world.folder, `state-${login}`);
  const { demo } = world;
  if (!existsSync(state)) {
    world.mifeng("trustee", "init", "--set", demo.keys.recipient_set, "--fingerprint", demo.recipient_set_fingerprint,
      "--log-vkey", demo.log_key, "--state", state);
  }
  return state;
}

/// Downloads the package twice, the same byte for byte, and opens it with the office's tool, which asks what only a person
/// can judge. Gives what the tool said.
export async function officeOpens(at, officer, answers) {
  const { world, story } = at;
  await toCase(at, officer);
  const [first, again] = ["package-1", "package-2"].map((name) => join(world.folder, `${name}-${story.number}.json`));
  await download(officer, "office-package-download", first);
  await download(officer, "office-package-download", again);
  assert.ok(readFileSync(first).equals(readFileSync(again)), "byte for byte the same");
  assert.ok(!readFileSync(first, "utf8").includes(PERSON.name));

  const voucher = join(world.folder, `voucher-${story.number}.txt`);
  const { office, office_state } = world.demo.keys;
  const said = world.officeTool(answers, "open", first, "--key", office, "--state", office_state,
    "--voucher", voucher, "--number", "V-2026-1", "--rehearsal");
  if (existsSync(voucher)) assert.ok(!readFileSync(voucher, "utf8").includes(PERSON.name), "the voucher is nameless unless asked for");
  return said;
}

/// `officer` has met the person; `second` confirms the payment.
export async function twoOfficersPay(at, officer, second, voucher = "V-2026-1") {
  const { number } = at.story;
  await officer.follow("office-act-outcome");
  await officer.choose("office-outcome-verified");
  await stand(officer, number);
  await officer.press("office-act-outcome");
  await officer.sees("office-done-outcome");
  await officer.follow("office-act-pay");
  await officer.fill("office-field-voucher", voucher);
  await stand(officer, number);
  await officer.press("office-act-pay");
  await officer.sees("office-waits-for-other");
  await officer.close();

  await second.follow("office-nav-waiting");
  await toCase(at, second);
  await second.follow("office-act-confirm");
  await stand(second, number);
  await second.press("office-act-confirm");
  await second.sees("office-state-paid");
  await second.close();
}

/// Saves what a link downloads.
export async function download(person, key, to) {
  const [file] = await Promise.all([
    person.page.waitForEvent("download"),
    person.page.getByRole("link", { name: person.exactly(key) }).first().click(),
  ]);
  await file.saveAs(to);
}
