// The whole story: a sealed name, two approvers, the reporter's own claim, two trustees with their tools, one opening,
// one payment, and the mark it leaves in the log. Every step by somebody at a screen of their own, without script.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chapter, clerkTakesItForward, investigatorAsks, investigatorConcludes, officeOpens, officerAsksForRelease, staff, twoApprove,
  twoOfficersPay, twoTrusteesGive,
} from "./chapters.mjs";
import { watch } from "./checks.mjs";
import { Person } from "./person.mjs";
import { PERSON, REPORT, agree, answer, nameThemselves, openMine, receipt, withoutScript } from "./reporter.mjs";
import { browser, look, portal, stage, world } from "./stage.mjs";
import { PICTURE } from "./uploads.mjs";

/// In which language everybody reads; screenshots.mjs tells it in both.
const LANG = process.env.MIFENG_STORY_LANG ?? "zh";
const OFFICER_ANSWERS = "y\nn\nn\n";

const problems = [];
const story = {};
const at = { lang: LANG, problems, story };

stage({ ready: async () => Object.assign(at, { world, browser, look }) });

chapter(story, "somebody reports under seal and adds a photo", async () => {
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

chapter(story, "the clerk finds it first thing, takes it forward and gives it to an investigator", () => clerkTakesItForward(at));

chapter(story, "the investigator looks at the copy, asks, writes notes and concludes", async () => {
  await investigatorConcludes(at, await investigatorAsks(at, 1));
});

chapter(story, "one approver is not enough; two are, and neither is the one who worked on it", () => twoApprove(at));

chapter(story, "the reporter claims with the receipt", async () => {
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

chapter(story, "the reward office asks for the release, with a reason, in the log for ever", async () => {
  story.officer = await officerAsksForRelease(at);
});

chapter(story, "two trustees check with their own tools and give their shares", () => twoTrusteesGive(at));

chapter(story, "the office opens the package offline, meets the person, and two officers record that it is paid", async () => {
  const officer = await staff(at, "officer2");
  const said = await officeOpens(at, officer, OFFICER_ANSWERS);
  assert.ok(said.includes(PERSON.name) && said.includes(PERSON.idNumber), said);
  await twoOfficersPay(at, officer, story.officer);
});

chapter(story, "the reporter reads that it is paid and finds the opening, on the page and in the log itself", async () => {
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
