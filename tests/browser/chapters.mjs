// The chapters that the whole stories share: what staff and holders do at their screens, whichever way the reporter came.
// Each takes the stage `at`: { world, browser, look, lang, problems, story }.

import assert from "node:assert/strict";
import { test } from "node:test";
import { watch } from "./checks.mjs";
import { REPORT } from "./reporter.mjs";
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
  const person = await signIn(at.world, at.browser, login, { look: at.look, lang: at.lang, ...options });
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
  await investigator.page.locator(".files a").click();
  await at.look(investigator.page);
  await investigator.sees("copy-note");
  const shown = investigator.page.getByRole("img");
  const seen = await shown.evaluate((image) => image.complete && image.naturalWidth);
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
