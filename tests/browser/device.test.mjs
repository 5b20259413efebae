// The whole story on the reporter's own phone: name, receipt, photo and film are sealed there, staff do their work, two
// trustees and the office turn their keys in their browsers. Canaries stand in every place where a reporter gives
// something away, and afterwards all that passed over any line, the server's memory, disk and log are searched for them.

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  QUESTION, chapter, clerkTakesItForward, download, investigatorAsks, investigatorConcludes, officerAsksForRelease, staff, toCase,
  twoApprove, twoOfficersPay,
} from "./chapters.mjs";
import { checker } from "./checks.mjs";
import { comeBack, name, putAway, sent, toReturn, toSeal } from "./device.mjs";
import { QUESTIONS, answerAll, compare, give, toReady } from "./holders.mjs";
import { Person } from "./person.mjs";
import { REPORT } from "./reporter.mjs";
import { Image, Needles } from "./search.mjs";
import { signIn } from "./staff.mjs";
import { MB, PHOTO_WIDTH, chooseFiles, film, photo, waitForRow } from "./uploads.mjs";
import { Wire } from "./wire.mjs";
import { launch, startDemo } from "./world.mjs";

const LANG = process.env.MIFENG_STORY_LANG ?? "zh";

/// Numbers are published samples.
const WHO = {
  name: "黄雀在後·金絲鳥", idNumber: "34052419800101001X", mobile: "13800138000",
  bank: "雀屏銀行雲雀支行", account: "79927398713",
};
const FILES = {
  "picture's name": "鸚鵡螺手機相冊", "EXIF tag": "canary exif 31.2304N 121.4737E",
  "film's name": "翠鳥的工資條錄像", "text of the film": "canary inside the moving picture",
};
/// What the reporter answers staff: case content, which staff may read.
const ANSWER = "上周二夜里三点，用胶带包住的。";

let world, wire, browser, portal, look;
const story = { images: [], searched: [], posts: [], failed: [] };
const at = { lang: LANG, problems: [], story };

before(async () => {
  wire = await Wire.start();
  [world, browser] = await Promise.all([startDemo(), launch({ proxy: wire.proxy })]);
  portal = world.demo.addresses.portal;
  look = await checker(browser);
  Object.assign(at, { world, browser, look });
});
after(async () => {
  await browser?.close();
  await wire?.stop();
  await world?.stop();
});

async function reporter() {
  const person = await Person.at(browser, { lang: LANG, width: 390, look, script: true });
  listen(person.page, "reporter");
  return person;
}

async function holder(login, options = {}) {
  const person = await signIn(world, browser, login, { lang: LANG, look, script: true, ...options });
  listen(person.page, login);
  return person;
}

/// Nothing on any page with script may go wrong, or open a line of another kind.
function listen(page, who) {
  page.on("pageerror", (why) => story.failed.push(`${who}: ${why.message}`));
  page.on("console", (message) => message.type() === "error" && story.failed.push(`${who}: ${message.text()}`));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "blob:" && !Object.values(world.demo.addresses).includes(origin)) story.failed.push(`${who}: asked ${request.url()}`);
  });
  page.on("websocket", (socket) => story.failed.push(`${who}: a socket to ${socket.url()}`));
}

/// Does what makes the page send to `path`, and searches the server's memory of the moment when all of the request but
/// its last byte has arrived.
async function during(path, act) {
  const held = wire.hold(`/${LANG}${path}`);
  await act();
  const post = await held;
  const half = post.body.length >> 1;
  const proof = new Needles({ proof: post.body.toString("latin1", half, half + 40) });
  const image = await Image.when(world.pid, (image) => image.found(proof).length > 0);
  search(`while ${path} arrives`, image);
  story.posts.push([path, JSON.parse(post.body)]);
  assert.ok(image.found(proof).length > 0, "the request is in the memory that is searched");
  post.go();
}

/// Searches the server's memory; an image from before the receipt is known waits for that.
function search(when, image = new Image(world.pid)) {
  story.images.push([when, image]);
  if (!story.receipt) return;
  for (const [when, image] of story.images.splice(0)) {
    assert.ok(image.found(new Needles({ target: REPORT.target })).length > 0, `${when}: the matter is found`);
    assert.deepEqual(image.found(secrets()), [], when);
    story.searched.push(when);
  }
}

function secrets() {
  const receipt = story.receipt.replaceAll(" ", "").slice(0, 24);
  const key = story.key && { "the mailbox's key": story.key };
  return new Needles({ ...WHO, ...FILES, receipt, ...key });
}

chapter(story, "somebody seals a report on a phone and writes the receipt down", async () => {
  const person = await reporter();
  await toSeal(person, portal);
  await name(person, WHO);
  await person.click("continue");
  await person.comesTo("check-title");
  await person.sees("check-not-sent");
  await person.reads(REPORT.target, REPORT.story);
  await during("/device/send", () => person.click("check-send"));
  story.receipt = await sent(person);
  search("after sending");
  await person.click("receipt-next");
  await person.comesTo("receipt-check");
  await person.fill("receipt-check-label", story.receipt.endsWith("0000") ? "1111" : "0000");
  await person.click("receipt-check");
  await person.told("receipt-check-wrong");
  await look(person.page);
  await person.fill("receipt-check-label", story.receipt.slice(-4));
  await Promise.all([person.page.waitForURL("**/files"), person.click("receipt-check")]);
  story.phone = person;
});

chapter(story, "adds a photo and a film of 50 MB, and sees how far they are", async () => {
  const { phone } = story;
  const [picture, moving] = [FILES["picture's name"], FILES["film's name"]].map((name) => join(world.folder, name));
  writeFileSync(`${picture}.jpg`, await photo(phone.page, FILES["EXIF tag"]));
  film(`${moving}.mp4`, 50 * MB, FILES["text of the film"]);
  await chooseFiles(phone, `${picture}.jpg`, `${moving}.mp4`);
  await waitForRow(phone, 0, "files-kept");
  await phone.page.getByText(/[1-9]\d? ?%/).first().waitFor();
  search("while a film arrives");
  await look(phone.page);
  await waitForRow(phone, 1, "files-kept");
  await phone.page.reload();
  await phone.sees("files-is-copy");
  await phone.sees("size-100m");
  // They were on the reporter's device, which nobody searches.
  for (const file of [`${picture}.jpg`, `${moving}.mp4`]) rmSync(file);
  await phone.press("files-finish");
  await phone.close();
});

chapter(story, "the clerk takes it forward and gives it to an investigator", () => clerkTakesItForward(at));

chapter(story, "the investigator sees the copy of the photo and asks", async () => {
  story.investigator = await investigatorAsks(at, PHOTO_WIDTH);
});

chapter(story, "the reporter comes back with the receipt, reads what only it opens, and answers", async () => {
  const person = await reporter();
  await toReturn(person, portal);
  await person.fill("mine-receipt", story.receipt.replaceAll(" ", "-"));
  await during("/device/sign-in", () => person.click("mine-sign-go"));
  await person.comesTo("mine-title");
  await person.sees("status-being-investigated");
  await person.reads(QUESTION);
  await person.page.getByText(person.exactly("return-offline")).click();
  await person.click("return-offline-key");
  story.key = /AGE-SECRET-KEY-1\w+/.exec(await person.text())[0];
  await person.fill("mine-add-label", ANSWER);
  await during("/device/add", () => person.click("mine-add-go"));
  await person.page.getByText(new RegExp(ANSWER)).waitFor();
  await person.sees("mine-add-done");
  await look(person.page);
  await person.click("mine-sign-out");
  await person.comesTo("out-title");
  assert.ok(!(await person.page.content()).includes(QUESTION));
  await person.close();
});

chapter(story, "the investigator reads the answer and concludes", async () => {
  const { investigator } = story;
  await investigator.page.reload();
  await investigator.reads(ANSWER);
  await investigatorConcludes(at, investigator);
});

chapter(story, "two approve", () => twoApprove(at));

chapter(story, "the reporter claims on the phone", async () => {
  const person = await reporter();
  await comeBack(person, portal, story.receipt);
  await person.sees("status-finished-confirmed");
  await person.click("mine-reward-claim-go");
  await person.comesTo("claim-title");
  await person.click("claim-go");
  await person.told("claim-who-missing");
  await look(person.page);
  await person.fill("claim-receipt", story.receipt);
  await person.field("claim-who").selectOption("before");
  await during("/device/claim", () => person.click("claim-go"));
  await person.comesTo("mine-title");
  await person.sees("claim-done-text");
  await person.sees("mine-reward-claimed");
  search("after the claim");
  await person.close();
});

chapter(story, "the reward office asks for the release", async () => {
  story.officer = await officerAsksForRelease(at);
});

chapter(story, "two trustees give their shares in their browsers", async () => {
  for (const [login, i] of [["trustee1", 0], ["trustee3", 2]]) {
    const trustee = await holder(login);
    await trustee.follow("nav-releases");
    await toCase(at, trustee);
    await trustee.comesTo("holder-give-title");
    await trustee.field("holder-key-file").setInputFiles(world.demo.keys.trustees[i]);
    await trustee.click("holder-give-check");
    await compare(trustee, world.demo);
    await give(trustee);
    await trustee.close();
  }
});

chapter(story, "the office opens the package in its browser, meets the person, and two officers record that it is paid", async () => {
  const officer = await holder("officer2");
  await toCase(at, officer);
  const file = join(world.folder, "package.json");
  await download(officer, "office-package-download", file);
  await toReady(officer, world.demo, { file, first: true });
  await officer.click("holder-open-go");
  await officer.comesTo("holder-open-person");
  await officer.reads(...Object.values(WHO));
  await answerAll(officer, QUESTIONS);
  await officer.comesTo("holder-open-verified");
  await officer.click("holder-done");
  await officer.comesTo("holder-closed");
  await officer.open(`${world.demo.addresses.office}/${LANG}/`);
  await toCase(at, officer);
  await twoOfficersPay(at, officer, story.officer);
});

chapter(story, "the reporter reads that it is paid and finds one opening, on the page and in the log itself", async () => {
  const person = await reporter();
  await comeBack(person, portal, story.receipt);
  await person.sees("mine-reward-paid");
  await person.sees("mine-log-opened", { count: 1 });
  assert.equal((await person.text()).match(new RegExp(person.words("mine-log-identity"), "g")).length, 1, "exactly one");
  await person.click("return-scan");
  await person.page.getByText(new RegExp(person.words("return-scan-intact"))).waitFor();
  await person.sees("return-scan-entry");
  assert.equal((await person.text()).match(new RegExp(person.words("mine-log-identity"), "g")).length, 1, "in the log, too");
  await look(person.page);
  await person.close();
});

test("what was sent of the receipt is what it gives, never the receipt", () => {
  assert.deepEqual(at.problems.flat(), []);
  assert.deepEqual(story.failed, []);
  const fields = Object.fromEntries(story.posts.map(([path, body]) => [path, Object.keys(body).sort().join()]));
  assert.deepEqual(fields, {
    "/device/send": "audit_key,auth,claim_key,locator,mailbox,once,report,sealed",
    "/device/sign-in": "audit_key,auth,locator",
    "/device/add": "once,sealed,text",
    "/device/claim": "claim,once,sealed",
  });
});

test("on no line stood whether there is a name", () => {
  const asked = wire.exchanges.filter(({ method, url }) => method === "POST" && new URL(url).pathname === `/${LANG}/name`);
  const bodies = asked.map(({ sent }) => new URLSearchParams(Buffer.concat(sent.slice(1)).toString()));
  assert.deepEqual(bodies.map((body) => body.getAll("name")), [["device"]]);
});

test("no line carried, and nobody else was asked for, anything of a person, a file or the receipt", () => {
  // Nothing of ours passed unread. A browser also asks its own makers for this and that; no page did (`listen`, `watch`).
  const ours = Object.values(world.demo.addresses).map((origin) => new URL(origin).host);
  assert.deepEqual(wire.tunnels.filter((whom) => ours.some((host) => whom.includes(host))), []);
  const bytes = wire.exchanges.flatMap(({ sent }) => sent).reduce((sum, part) => sum + part.length, 0);
  assert.ok(bytes > 50 * MB, `the film is among ${bytes} bytes`);
  assert.ok(wire.found(new Needles({ target: REPORT.target, answer: ANSWER })).length >= 2, "the search finds what passed");
  assert.deepEqual(wire.found(secrets()), []);
});

test("the server's memory never held it, not even while it was being sent; nor did its disk or its log", () => {
  search("at the end");
  assert.equal(story.searched.length, 8, `${story.searched}`);
  const wrote = new Needles({ "what staff wrote": QUESTION });
  assert.deepEqual(new Image(world.pid).found(wrote), [], "sealed as it was stored");
  const all = secrets();
  assert.deepEqual(all.foundBelow(world.folder), []);
  assert.deepEqual(wrote.foundBelow(world.folder), []);
  assert.deepEqual([...all.foundIn(Buffer.from(world.said()))], []);
  assert.ok(!world.said().includes(REPORT.target));
});

test("the searches find each of these where it is", async () => {
  const person = await reporter();
  await toReturn(person, portal);
  const all = secrets();
  const planted = { ...WHO, ...FILES, receipt: story.receipt, key: story.key };
  const labels = [...Object.keys(WHO), ...Object.keys(FILES), "receipt", "the mailbox's key"];
  const names = (found) => labels.filter((label) => !found.some((each) => each.startsWith(`${label} (`)));

  const held = wire.hold(`/${LANG}/device/sign-in`);
  const answered = person.page.evaluate(
    ([path, body]) => fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body }).then((answer) => answer.status),
    [`/${LANG}/device/sign-in`, JSON.stringify(planted)]);
  const post = await held;
  const image = await Image.when(world.pid, (image) => names(image.found(all)).length === 0);
  assert.deepEqual(names(image.found(all)), [], "in memory while it arrives");
  post.go();
  assert.equal(await answered, 422);
  assert.deepEqual(names(wire.found(all)), [], "on the line");

  const file = join(world.folder, "demo", "planted");
  writeFileSync(file, Object.values(planted).join("\n"));
  assert.deepEqual(names(all.foundBelow(world.folder)), [], "on the disk");
  rmSync(file);
});
