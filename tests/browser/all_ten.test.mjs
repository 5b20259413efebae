// Ten ways a report can go, from the first page to the payment or the refusal. Everybody is in a browser of their own; staff
// come in by single sign-on at a real provider.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { officeOpens, officerAsksForRelease, staff, twoApprove, twoOfficersPay, twoTrusteesGive } from "./chapters.mjs";
import * as device from "./device.mjs";
import { Person } from "./person.mjs";
import { HAZARD, PERSON, REPORT, agree, answer, nameThemselves, openMine, receipt, withoutScript } from "./reporter.mjs";
import { joinProvider, signOnAt, startWithProvider } from "./sign_on.mjs";
import { findCase, move, signIn, stand } from "./staff.mjs";
import { launch } from "./world.mjs";

const STAFF = ["clerk", "investigator", "approver", "approver2", "trustee1", "trustee3", "officer", "officer2", "zibo-clerk", "zibo-inv"];
/// What the office's tool asks: right person? excluded? an insider's extra?
const MATCHES = "y\nn\nn\n";
const EXCLUDED = "y\ny\n";
/// As policy/intake.toml names the ground.
const UNCLEAR = /事实不清/;

let world, browser, provider, portal, staffSignOn;

before(async () => {
  browser = await launch();
  ({ world, provider } = await startWithProvider());
  portal = world.demo.addresses.portal;
  staffSignOn = signOnAt(provider);
  const admin = await signIn(world, browser, "admin");
  for (const login of STAFF) await joinProvider(world, admin, login, login);
  await admin.close();
});
after(async () => {
  await browser?.close();
  await world?.stop();
  await provider?.stop();
});

/// The stage of one story; its target is named so that a search finds this case alone.
function stage(target) {
  const at = { world, browser, look: async () => {}, lang: "zh", problems: [], story: {}, signOn: staffSignOn };
  return Object.assign(at, { report: { ...REPORT, target } });
}

const reporter = (options = {}) => Person.at(browser, { width: 390, ...options });

/// Without script; gives the receipt.
async function sends(at, { named = false, report = at.report } = {}) {
  const person = await reporter();
  await agree(person, portal);
  await person.choose(named ? "name-sealed" : "name-nameless");
  await person.press("continue");
  await answer(person, report);
  await withoutScript(person);
  if (named) {
    await nameThemselves(person);
    await person.press("identity-next");
  }
  await person.press("check-send");
  const code = await receipt(person);
  await person.close();
  return code;
}

/// Comes back to the report, without script.
async function returns(code) {
  const person = await reporter({ width: 320 });
  await openMine(person, portal, code);
  return person;
}

async function reads(code, ...keys) {
  const person = await returns(code);
  for (const key of keys) await person.sees(key);
  await person.close();
}

async function takesUp(at, { clerk: login = "clerk", to = "investigator" } = {}) {
  const clerk = await staff(at, login);
  at.story.number = await findCase(clerk, at.report.target);
  await move(clerk, "accept");
  await assigns(clerk, to);
  await clerk.close();
}

async function assigns(clerk, to) {
  await clerk.follow("move-assign");
  await clerk.field("field-to").selectOption(to);
  await clerk.press("move-continue");
  await clerk.sees("saved");
}

/// The page that asks once more, with the number by hand.
async function forGood(at, person, move) {
  const { number } = at.story;
  await person.press("move-continue");
  await person.fill("field-typed-number", number, { number });
  await person.press(`move-${move}`);
  await person.sees("saved");
}

/// Verifies, concludes and replies; gives whoever did, at the case.
async function concludes(at, finding, reward, { login = "investigator", begun = false } = {}) {
  const { number } = at.story;
  const investigator = await staff(at, login);
  await findCase(investigator, at.report.target);
  if (!begun) await move(investigator, "begin");
  await move(investigator, "conclude", { number, [`finding-${finding}`]: true, "field-reason": "现场核对了记录、设备和当班人员的说法。" });
  await move(investigator, "reply", {
    number, "field-findings": "核查了现场和记录，情况见结论。", "field-handling": "已按规定作出处理，并跟踪整改。", [`reward-${reward}`]: true,
  });
  return investigator;
}

async function computes(at, investigator) {
  await investigator.open(`${world.demo.addresses.console}/${at.lang}/cases/${at.story.number}/award`);
  await investigator.follow("award-facts-title");
  await investigator.page.getByLabel(HAZARD[at.lang]).check();
  await investigator.choose("severity-major");
  await investigator.fill("fact-fines", "120000");
  await investigator.choose("yes");
  await investigator.press("award-compute");
  await investigator.press("award-put", { needed: 2 });
  await investigator.sees("award-done-computed");
  await investigator.close();
}

async function claims(code, { naming = false } = {}) {
  const person = await returns(code);
  await person.follow("mine-reward-claim-go");
  await person.choose(naming ? "claim-who-now" : "claim-who-before");
  if (naming) await nameThemselves(person);
  await person.fill("claim-receipt", code);
  await person.press("claim-go");
  await person.sees("claim-done-text");
  await person.close();
}

/// From the claim to the package: request, two trustees, the office's tool.
async function opens(at, answers) {
  const officer = await officerAsksForRelease(at);
  await twoTrusteesGive(at);
  const second = await staff(at, "officer2");
  return { officer, second, said: await officeOpens(at, second, answers) };
}

async function pays(at) {
  const { officer, second, said } = await opens(at, MATCHES);
  assert.ok(said.includes(PERSON.name), said);
  await twoOfficersPay(at, second, officer, `V-${at.story.number}`);
}

test("1. a sealed name, confirmed, approved by two, claimed, opened by two trustees, paid", async () => {
  const at = stage("甲一化工厂");
  const code = await sends(at, { named: true });
  await takesUp(at);
  await computes(at, await concludes(at, "true", "met"));
  await twoApprove(at);
  await claims(code);
  await pays(at);
  await reads(code, "status-finished-confirmed", "mine-reward-paid", "mine-log-identity");
});

test("2. nameless until the claim, sealed on the device; only then a name, and it is paid", async () => {
  const at = stage("乙二冶炼厂");
  const person = await reporter({ script: true });
  await device.toSeal(person, portal, { named: false, report: at.report });
  const code = await device.send(person);
  await person.close();
  await takesUp(at);
  await computes(at, await concludes(at, "partly", "met"));
  await twoApprove(at);
  await claims(code, { naming: true });
  await pays(at);
  await reads(code, "status-finished-partly", "mine-reward-paid");
});

test("3. not taken forward, the reporter objects, somebody else overturns it, and it is confirmed without a reward", async () => {
  const at = stage("丙三铸造厂");
  const code = await sends(at);
  const clerk = await staff(at, "clerk");
  at.story.number = await findCase(clerk, at.report.target);
  await clerk.follow("move-decline");
  await clerk.page.getByLabel(UNCLEAR).check();
  await clerk.fill("field-reason", "写得太少，找不到是哪一个厂。");
  await forGood(at, clerk, "decline");

  const person = await returns(code);
  await person.sees("status-not-taken-forward");
  await person.follow("object-go");
  await person.page.locator("textarea").fill("厂名和位置都写了，就在东门里面。");
  await person.press("object-send");
  await person.sees("mine-object-done");
  await person.close();

  const approver = await staff(at, "approver");
  await findCase(approver, at.report.target);
  await move(approver, "overturn", { number: at.story.number, "field-told": "复查认为应当受理，重新办理。", "field-reason": "对象和地点清楚，符合受理条件。" });
  await approver.close();
  await findCase(clerk, at.report.target);
  await assigns(clerk, "investigator");
  await clerk.close();
  await (await concludes(at, "true", "not-met")).close();
  await reads(code, "status-finished-confirmed", "mine-reply-reward-not", "mine-reward-none");
});

test("4. asked to add, adds, is confirmed and claims; but the person is excluded, so nothing is paid, and the reason is said", async () => {
  const at = stage("丁四建材厂");
  const code = await sends(at, { named: true });
  const clerk = await staff(at, "clerk");
  at.story.number = await findCase(clerk, at.report.target);
  await move(clerk, "ask-supplement", { "field-question": "请补充是哪一条生产线，什么时间。" });
  await clerk.close();
  const person = await returns(code);
  await person.sees("status-need-more");
  await person.fill("mine-add-label", "三号线，每天夜班。");
  await person.press("mine-add-go");
  await person.sees("mine-add-done");
  await person.close();
  await takesUp(at);
  await computes(at, await concludes(at, "true", "met"));
  await twoApprove(at);
  await claims(code);
  const { officer, second } = await opens(at, EXCLUDED);
  await second.follow("office-act-outcome");
  await second.page.getByLabel(second.label("office-ground-excluded-person")).check();
  await stand(second, at.story.number);
  await second.press("office-act-outcome");
  await second.close();
  await officer.follow("office-nav-waiting");
  await officer.page.getByRole("link", { name: at.story.number }).first().click();
  await officer.follow("office-act-confirm");
  await stand(officer, at.story.number);
  await officer.press("office-act-confirm");
  await officer.sees("office-state-refused");
  await officer.close();
  await reads(code, "ground-excluded-person", "mine-log-identity");
});

test("5. another department's matter: passed on, and the reporter reads to whom", async () => {
  const at = stage("戊五路口");
  const code = await sends(at);
  const clerk = await staff(at, "clerk");
  at.story.number = await findCase(clerk, at.report.target);
  await clerk.follow("move-transfer");
  await clerk.page.getByRole("radio").first().check();
  await clerk.fill("field-reason", "属于道路交通，应由公安交管部门办理。");
  await forGood(at, clerk, "transfer");
  await clerk.close();
  const person = await returns(code);
  await person.sees("status-passed-on");
  await person.reads("交通管理部门");
  await person.close();
});

test("6. two report the same; one case answers both, and the first to be received is the one who can claim", async () => {
  const at = stage("己六烟花厂");
  const first = await sends(at, { named: true });
  const second = await sends(at, { report: { ...at.report, target: "己六烟花厂（二车间）" } });
  const clerk = await staff(at, "clerk");
  const later = await findCase(clerk, "己六烟花厂（二车间）");
  await clerk.follow("nav-cases");
  await clerk.fill("search-label", at.report.target);
  await clerk.press("search-button");
  const numbers = (await clerk.page.locator("tbody").innerText()).match(/\d{4}-\d{6}/g);
  at.story.number = numbers.find((number) => number !== later);
  const url = `${world.demo.addresses.console}/zh/cases`;
  await clerk.open(`${url}/${at.story.number}`);
  await move(clerk, "accept");
  await assigns(clerk, "investigator");
  await clerk.open(`${url}/${later}`);
  await move(clerk, "merge", { number: later, "field-into": at.story.number, "field-reason": "同一个厂，同一件事。" });
  await clerk.close();

  const investigator = await staff(at, "investigator");
  await investigator.open(`${url}/${at.story.number}`);
  const { number } = at.story;
  await move(investigator, "begin");
  await move(investigator, "conclude", { number, "finding-true": true, "field-reason": "现场核对了记录、设备和当班人员的说法。" });
  await move(investigator, "reply", {
    number, "field-findings": "核查了现场和记录，情况见结论。", "field-handling": "已按规定作出处理，并跟踪整改。", "reward-met": true,
  });
  await computes(at, investigator);
  await twoApprove(at);
  await reads(second, "status-finished-confirmed", "mine-merged", "mine-reward-none");
  await claims(first);
  await pays(at);
  await reads(first, "mine-reward-paid");
  await reads(second, "mine-reward-none");
});

test("7. thought better of: withdrawn before anybody has taken it up", async () => {
  const at = stage("庚七机械厂");
  const code = await sends(at, { named: true });
  const person = await returns(code);
  await person.follow("mine-withdraw-go");
  await person.press("withdraw-go");
  await person.sees("withdraw-done");
  await person.close();
  await reads(code, "status-withdrawn", "mine-reward-none", "mine-log-none");
});

test("8. not confirmed; the reporter objects, somebody else looks again and upholds it", async () => {
  const at = stage("辛八纺织厂");
  const code = await sends(at);
  await takesUp(at);
  await (await concludes(at, "false", "not-met")).close();
  const person = await returns(code);
  await person.sees("status-finished-not-confirmed");
  await person.follow("object-go");
  await person.page.locator("textarea").fill("白天检查看不到，夜里才开。");
  await person.press("object-send");
  await person.sees("mine-object-done");
  await person.sees("status-under-review");
  await person.close();
  const approver = await staff(at, "approver2");
  await findCase(approver, at.report.target);
  await move(approver, "uphold", { number: at.story.number, "field-told": "夜间又查了两次，没有发现。", "field-reason": "复查两次，结论不变。" });
  await approver.close();
  await reads(code, "status-finished-not-confirmed");
});

test("9. by telephone: staff enter it, the reporter draws a receipt of their own, claims with it and is paid", async () => {
  const at = stage("壬九仓库");
  const clerk = await staff(at, "clerk");
  await clerk.follow("nav-desk");
  await clerk.page.getByRole("radio").first().check();
  await clerk.press("entry-get");
  const entry = await clerk.page.locator(".receipt").innerText();
  await clerk.close();

  const desk = await Person.at(browser);
  await desk.open(`${portal}/zh/desk`);
  await desk.fill("desk-code-label", entry);
  await desk.press("desk-go");
  await desk.sees("desk-banner");
  await desk.choose("name-sealed");
  await desk.press("continue");
  await answer(desk, at.report);
  await withoutScript(desk);
  await nameThemselves(desk);
  await desk.press("identity-next");
  await desk.press("check-send");
  const issued = await receipt(desk);
  await desk.close();

  const person = await returns(issued);
  await person.sees("own-receipt-why");
  await person.press("own-receipt-draw");
  const own = await receipt(person);
  await person.fill("own-receipt-last", own.slice(-4));
  await person.press("own-receipt-keep");
  await person.sees("own-receipt-done");
  await person.close();
  const again = await returns(issued);
  await again.sees("mine-unknown");
  await again.close();

  await takesUp(at);
  await computes(at, await concludes(at, "true", "met"));
  await twoApprove(at);
  await claims(own);
  await pays(at);
  await reads(own, "mine-reward-paid");
});

test("10. the city's own: its clerk and investigator work it, cannot establish it, and close it", async () => {
  const at = stage("癸十矿山");
  const code = await sends(at);
  await takesUp(at, { clerk: "zibo-clerk", to: "zibo-inv" });
  const investigator = await concludes(at, "cannot-be-established", "not-met", { login: "zibo-inv" });
  await move(investigator, "close", { number: at.story.number, "field-evidence": "卷宗已归档，现场照片在第三册。" });
  await investigator.close();
  await reads(code, "status-finished-not-confirmed", "mine-reward-none", "mine-log-none");
});
