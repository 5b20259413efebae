// The whole story inside the mini-program: name, receipt, photo and film are sealed on the phone, staff do their work, the
// reporter reads, answers and claims there, and the office's own tool opens the person. Canaries stand in every place where
// a reporter gives something away; afterwards all that passed over the line, the server's memory, disk and log, and what
// WeChat keeps for the mini-program are searched for them.

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  QUESTION, chapter, clerkTakesItForward, download, investigatorAsks, investigatorConcludes, officerAsksForRelease, staff, toCase, twoApprove,
  twoOfficersPay,
} from "../../tests/browser/chapters.mjs";
import { checker } from "../../tests/browser/checks.mjs";
import { REPORT } from "../../tests/browser/reporter.mjs";
import { Image, Needles } from "../../tests/browser/search.mjs";
import { MB, PHOTO_WIDTH, film, photo } from "../../tests/browser/uploads.mjs";
import { Wire } from "../../tests/browser/wire.mjs";
import { launch, startDemo } from "../../tests/browser/world.mjs";
import { look } from "./look.mjs";
import { install, Phone } from "./phone.mjs";
import { comeBack, opensContent, pick, receipt, toCheck } from "./reporter.mjs";

const LANG = process.env.MIFENG_STORY_LANG ?? "zh";
const OFFICER_ANSWERS = "y\nn\nn\n";

/** Numbers are published samples. */
const WHO = { name: "黄雀在後·金絲鳥", idNumber: "34052419800101001X", mobile: "13800138000", bank: "雀屏銀行雲雀支行", account: "79927398713" };
const FILES = { "EXIF tag": "canary exif 31.2304N 121.4737E", "film's name": "翠鳥的工資條錄像", "text of the film": "canary inside the moving picture" };
const FILM = 6 * MB;
/** What the reporter answers staff: case content, which staff may read. */
const ANSWER = "上周二夜里三点，用胶带包住的。";

let world, wire, host, browser;
const story = { images: [], searched: [], posts: [] };
const at = { lang: LANG, problems: [], story };

before(async () => {
  wire = await Wire.start();
  [world, browser] = await Promise.all([startDemo(), launch()]);
  host = await install(world.demo, { proxy: new URL(wire.proxy.server) });
  Object.assign(at, { world, browser, look: await checker(browser) });
});
after(async () => {
  await browser?.close();
  await host?.stop();
  await wire?.stop();
  await world?.stop();
});

/// Does what makes the mini-program send to `path`, and searches the server's memory of the moment when all of the request
/// but its last byte has arrived.
async function during(path, act) {
  const held = wire.hold(`/api/v1${path}`);
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
  return new Needles({ ...WHO, ...FILES, receipt: story.receipt.replaceAll(" ", "").slice(0, 24) });
}

/// All that WeChat keeps for the mini-program, and what the host's browser keeps beside it.
async function kept(phone) {
  const found = await phone.page.evaluate(async () => {
    const files = await Promise.all([...host.files].map(async ([path, file]) => [path, await file.text()]));
    const caches_ = "caches" in globalThis ? await caches.keys() : [];
    return JSON.stringify({ storage: { ...localStorage }, session: { ...sessionStorage }, files, caches: caches_, databases: await indexedDB.databases(), cookies: document.cookie });
  });
  return Buffer.from(found);
}

/// Every string that the runtime can still reach. WeChat may keep a runtime for as long as it likes after it was left.
async function reached(phone) {
  const session = await phone.page.context().newCDPSession(phone.page);
  const parts = [];
  session.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => parts.push(chunk));
  for (let i = 0; i < 3; i++) await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  await session.detach();
  return Buffer.from(JSON.parse(parts.join("")).strings.join("\n"));
}

/// What a reporter typed or was given, as far as the phone alone may know it.
const own = () => new Needles({ ...WHO, target: REPORT.target, address: REPORT.address, story: REPORT.story, receipt: story.receipt, digits: story.receipt.replaceAll(" ", ""), question: QUESTION, answer: ANSWER });

const EMPTY = JSON.stringify({ storage: {}, session: {}, files: [], caches: [], databases: [], cookies: "" });

chapter(story, "somebody seals a report in WeChat and writes the receipt down", async () => {
  const phone = await Phone.at(browser, host, { lang: LANG, look });
  await toCheck(phone, { who: WHO });
  await phone.reads(REPORT.target, REPORT.story);
  await during("/reports", () => phone.click("check-send"));
  story.receipt = await receipt(phone);
  search("after sending");
  await phone.click("receipt-next");
  await phone.fill("receipt-check-label", story.receipt.endsWith("0000") ? "1111" : "0000");
  await phone.click("receipt-check");
  await phone.told("receipt-check-wrong");
  await look(phone);
  await phone.fill("receipt-check-label", story.receipt.slice(-4));
  await phone.click("receipt-check");
  await phone.comesTo("files-title");
  assert.deepEqual([...own().foundIn(await reached(phone))], [], "what is sent and written down the phone knows no more");
  story.phone = phone;
});

chapter(story, "adds a photo and a film, and sees how far they are", async () => {
  const { phone } = story;
  const [picture, moving] = [join(world.folder, "IMG_0001.jpg"), join(world.folder, `${FILES["film's name"]}.mp4`)];
  writeFileSync(picture, await photo(phone.page, FILES["EXIF tag"]));
  film(moving, FILM, FILES["text of the film"]);
  await pick(phone, "mini-files-pictures", picture);
  await phone.page.getByText(new RegExp(phone.words("files-is-copy"))).first().waitFor();
  await pick(phone, "mini-files-chat", moving);
  await phone.page.getByText(/[1-9]\d? ?%/).first().waitFor();
  search("while a film arrives");
  await phone.page.getByText(new RegExp(phone.words("files-is-sealed"))).first().waitFor({ timeout: 120_000 });
  await phone.sees("size-10m");
  await look(phone);
  // They were on the reporter's phone, which nobody searches.
  for (const file of [picture, moving]) rmSync(file);
  assert.deepEqual(await phone.page.evaluate(() => [...host.files.keys()]), [], "WeChat's copies of what was picked are gone");
  await phone.click("files-finish");
  await phone.comesTo("mine-sign-title");
  await phone.leave();
  assert.equal((await kept(phone)).toString(), EMPTY);
  assert.deepEqual([...own().foundIn(await reached(phone))], []);
  await phone.sound();
  await phone.close();
});

chapter(story, "the clerk takes it forward and gives it to an investigator", () => clerkTakesItForward(at));

chapter(story, "the investigator sees the copy of the photo and asks", async () => {
  story.investigator = await investigatorAsks(at, PHOTO_WIDTH);
});

chapter(story, "the reporter comes back with the receipt, reads what only it opens, and answers", async () => {
  const phone = await Phone.at(browser, host, { lang: LANG, look });
  await phone.tab("tab-progress");
  await phone.comesTo("mine-sign-title");
  await phone.fill("mine-receipt", story.receipt.replaceAll(" ", "-"));
  await during("/visits", () => phone.click("mine-sign-go"));
  await phone.comesTo("mine-title");
  await phone.sees("status-being-investigated");
  await phone.reads(QUESTION);
  await phone.fill("mine-add-label", ANSWER);
  await during("/report/additions", () => phone.click("mine-add-go"));
  await phone.page.getByText(new RegExp(phone.words("mine-add-done"))).first().waitFor();
  await phone.reads(ANSWER);
  await look(phone);
  await opensContent(phone);
  const before = [...own().foundIn(await reached(phone))];
  for (const label of ["question", "answer", "story"]) assert.ok(before.some((found) => found.startsWith(`${label} (`)), `the search finds the ${label} while the report is open: ${before}`);
  await phone.click("mine-sign-out");
  await phone.comesTo("out-title");
  assert.ok(!(await phone.page.content()).includes(QUESTION));
  assert.equal((await kept(phone)).toString(), EMPTY);
  assert.deepEqual([...own().foundIn(await reached(phone))], []);
  await phone.sound();
  await phone.close();
});

chapter(story, "the investigator reads the answer and concludes", async () => {
  const { investigator } = story;
  await investigator.page.reload();
  await investigator.reads(ANSWER);
  await investigatorConcludes(at, investigator);
});

chapter(story, "two approve", () => twoApprove(at));

chapter(story, "the reporter claims in WeChat", async () => {
  const phone = await Phone.at(browser, host, { lang: LANG, look });
  await comeBack(phone, story.receipt);
  await phone.sees("status-finished-confirmed");
  await phone.click("mine-reward-claim-go");
  await phone.comesTo("claim-title");
  await phone.click("claim-how");
  await phone.click("claim-go");
  await phone.told("claim-who-missing");
  await look(phone);
  await phone.fill("claim-receipt", story.receipt);
  await phone.choose("claim-who-before");
  await during("/report/claim", () => phone.click("claim-go"));
  await phone.comesTo("mine-title");
  await phone.sees("claim-done-text");
  await phone.sees("mine-reward-claimed");
  search("after the claim");
  await phone.sound();
  await phone.close();
});

chapter(story, "the reward office asks for the release, and two trustees give their shares", async () => {
  story.officer = await officerAsksForRelease(at);
  for (const [login, i] of [["trustee1", 0], ["trustee2", 1]]) {
    const trustee = await staff(at, login);
    await trustee.follow("nav-releases");
    await toCase(at, trustee);
    const [request, answer] = ["request", "answer"].map((name) => join(world.folder, `${name}-${login}.json`));
    await download(trustee, "release-download", request);
    const state = join(world.folder, `state-${login}`);
    const { demo } = world;
    world.mifeng("trustee", "init", "--set", demo.keys.recipient_set, "--fingerprint", demo.recipient_set_fingerprint,
      "--log-vkey", demo.log_key, "--state", state);
    world.mifengAsked("yes\n", "trustee", "release", request, "--key", world.demo.keys.trustees[i], "--state", state, "--out", answer);
    await trustee.field("release-answer").setInputFiles(answer);
    await trustee.press("release-give");
    await trustee.sees("release-done");
    await trustee.close();
  }
});

chapter(story, "the office's own tool opens the package and shows the person, and two officers record that it is paid", async () => {
  const officer = await staff(at, "officer2");
  await toCase(at, officer);
  const file = join(world.folder, "package.json");
  await download(officer, "office-package-download", file);
  const { office, office_state } = world.demo.keys;
  const said = world.officeTool(OFFICER_ANSWERS, "open", file, "--key", office, "--state", office_state, "--voucher", join(world.folder, "voucher.txt"), "--number", "V-2026-1", "--rehearsal");
  for (const each of Object.values(WHO)) assert.ok(said.includes(each), each);
  story.said = said;
  rmSync(file);
  await twoOfficersPay(at, officer, story.officer);
});

chapter(story, "the reporter reads that it is paid and finds one opening, on the page and in the log itself", async () => {
  const phone = await Phone.at(browser, host, { lang: LANG, look });
  await comeBack(phone, story.receipt);
  await phone.sees("mine-reward-paid");
  await phone.sees("mine-log-opened", { count: 1 });
  await phone.click("return-scan");
  await phone.page.getByText(new RegExp(phone.words("return-scan-intact"))).waitFor();
  await phone.sees("return-scan-entry");
  assert.equal((await phone.text()).match(new RegExp(phone.words("mine-log-identity"), "g")).length, 1, "exactly one");
  await look(phone);
  await phone.sound();
  await phone.close();
});

test("what was sent of the receipt is what it gives, never the receipt", () => {
  assert.deepEqual(at.problems.flat(), []);
  const fields = Object.fromEntries(story.posts.map(([path, body]) => [path, Object.keys(body.seal ?? body).sort().join()]));
  assert.deepEqual(fields, {
    "/reports": "audit_key,auth,claim_key,locator,mailbox,once,report,sealed",
    "/visits": "audit_key,auth,locator",
    "/report/additions": "once,sealed,text",
    "/report/claim": "claim,once,sealed",
  });
});

test("no line carried, and nobody else was asked for, anything of a person, a file or the receipt", () => {
  assert.deepEqual(wire.tunnels, []);
  assert.deepEqual([...new Set(wire.exchanges.map(({ url }) => new URL(url).origin))], [world.demo.addresses.portal]);
  const bytes = wire.exchanges.flatMap(({ sent }) => sent).reduce((sum, part) => sum + part.length, 0);
  assert.ok(bytes > FILM, `the film is among ${bytes} bytes`);
  assert.ok(wire.found(new Needles({ target: REPORT.target, answer: ANSWER })).length >= 2, "the search finds what passed");
  assert.deepEqual(wire.found(secrets()), []);
});

test("the server's memory never held it, not even while it was being sent; nor did its disk or its log", () => {
  search("at the end");
  assert.equal(story.searched.length, 8, `${story.searched}`);
  const all = secrets();
  assert.deepEqual(all.foundBelow(world.folder), []);
  assert.deepEqual(new Needles({ "what staff wrote": QUESTION }).foundBelow(world.folder), []);
  assert.deepEqual([...all.foundIn(Buffer.from(world.said()))], []);
});

test("the searches find each of these where it is", async () => {
  const phone = await Phone.at(browser, host, { lang: LANG });
  const planted = { ...WHO, ...FILES, receipt: story.receipt };
  const all = secrets();
  const missed = (found) => Object.keys(planted).filter((label) => !found.some((each) => each.startsWith(`${label} (`)));
  const held = wire.hold("/api/v1/visits");
  const answered = fetch(`${host.address}/native/request`, {
    method: "POST", body: JSON.stringify(planted),
    headers: { "x-url": `${world.demo.addresses.portal}/api/v1/visits`, "x-method": "POST", "x-header": encodeURIComponent('{"content-type":"application/json"}') },
  });
  const post = await held;
  const image = await Image.when(world.pid, (image) => missed(image.found(all)).length === 0);
  assert.deepEqual(missed(image.found(all)), [], "in memory while it arrives");
  post.go();
  assert.equal((await answered).headers.get("x-status"), "422");
  assert.deepEqual(missed(wire.found(all)), [], "on the line");
  const file = join(world.folder, "demo", "planted");
  writeFileSync(file, Object.values(planted).join("\n"));
  assert.deepEqual(missed(all.foundBelow(world.folder)), [], "on the disk");
  rmSync(file);
  for (const where of ["storage", "files"]) {
    await phone.page.evaluate(([where, text]) => (where === "files" ? host.files.set("http://usr/1", new Blob([text])) : localStorage.setItem("wx:planted", text)), [where, Object.values(planted).join("\n")]);
    assert.deepEqual(missed([...all.foundIn(await kept(phone))]), [], where);
    await phone.page.evaluate(() => (localStorage.clear(), host.files.clear()));
  }
  await phone.close();
});
