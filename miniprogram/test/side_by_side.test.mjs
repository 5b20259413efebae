// The same lives of a report through both doors: sealed, sent, followed, claimed and opened by the office's tool, with a name
// and without one. What each door sends is compared as the server sees it; then the demo is stopped, and whoever has the disk
// and all the server's keys compares what it kept (`tests/side_by_side.rs`).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { investigatorConcludes, officeOpens, officerAsksForRelease, staff, twoApprove, twoOfficersPay, twoTrusteesGive } from "../../tests/browser/chapters.mjs";
import * as portalDoor from "../../tests/browser/device.mjs";
import { Person } from "../../tests/browser/person.mjs";
import { PERSON, REPORT } from "../../tests/browser/reporter.mjs";
import { Needles } from "../../tests/browser/search.mjs";
import { joinProvider, signOnAt, startWithProvider } from "../../tests/browser/sign_on.mjs";
import { findCase, move, signIn } from "../../tests/browser/staff.mjs";
import { chooseFiles, photo, waitForRow } from "../../tests/browser/uploads.mjs";
import { Wire } from "../../tests/browser/wire.mjs";
import { ROOT, launch } from "../../tests/browser/world.mjs";
import { install, Phone } from "./phone.mjs";
import * as miniDoor from "./reporter.mjs";

const STAFF = ["clerk", "investigator", "approver", "approver2", "trustee1", "trustee3", "officer", "officer2"];
const MATCHES = "y\nn\nn\n";
const QUESTION = "请问是哪一个夜班？";
const ADDED = ["头一次补充：是东门那一班。", "第二次补充：领班知道。", "第三次补充：胶带是灰色的。", "第四次补充：罐上没有编号。", "第五次补充：夜里没有人巡检。", "第六次补充：门卫换了人。"];
/** As long as each other in every encoding. */
const TARGETS = { portal: ["甲砚台精细化工厂", "丙砚台精细化工厂"], mini: ["乙砚台精细化工厂", "丁砚台精细化工厂"] };

let world, provider, staffSignOn, picture;
const wires = {}, browsers = {}, codes = { portal: [], mini: [] };

before(async () => {
  for (const door of ["portal", "mini"]) wires[door] = await Wire.start();
  [{ world, provider }, browsers.portal, browsers.mini, browsers.staff] = await Promise.all([
    startWithProvider(), launch({ proxy: wires.portal.proxy }), launch(), launch(),
  ]);
  wires.host = await install(world.demo, { proxy: new URL(wires.mini.proxy.server) });
  staffSignOn = signOnAt(provider);
  const admin = await signIn(world, browsers.staff, "admin");
  for (const login of STAFF) await joinProvider(world, admin, login, login);
  await admin.close();
  const page = await browsers.staff.newPage();
  picture = join(world.folder, "IMG_0001.jpg");
  writeFileSync(picture, await photo(page, "taken here"));
  await page.close();
});
after(async () => {
  for (const browser of Object.values(browsers)) await browser.close();
  await wires.host?.stop();
  for (const door of ["portal", "mini"]) await wires[door].stop();
  await world?.stop();
  await provider?.stop();
});

/** A reporter's acts, by the browser's script on the portal and in WeChat. */
const DOORS = {
  portal: {
    at: () => Person.at(browsers.portal, { width: 390, script: true }),
    async sends(person, report, named) {
      await portalDoor.toSeal(person, world.demo.addresses.portal, { named, report });
      if (named) {
        await portalDoor.name(person, PERSON);
        await person.click("continue");
        await person.comesTo("check-title");
      }
      const code = await portalDoor.send(person);
      await portalDoor.putAway(person, code);
      await chooseFiles(person, picture);
      await waitForRow(person, 0, "files-kept");
      return code;
    },
    asBefore: (person) => person.field("claim-who").selectOption("before"),
    comesBack: (person, code) => portalDoor.comeBack(person, world.demo.addresses.portal, code),
  },
  mini: {
    at: () => Phone.at(browsers.mini, wires.host),
    async sends(phone, report, named) {
      await miniDoor.toCheck(phone, { report, ...(named ? { who: PERSON } : {}) });
      const code = await miniDoor.send(phone);
      await miniDoor.putAway(phone, code);
      await miniDoor.pick(phone, "mini-files-pictures", picture);
      await phone.page.getByText(new RegExp(phone.words("files-is-copy"))).first().waitFor();
      return code;
    },
    asBefore: (phone) => phone.choose("claim-who-before"),
    comesBack: (phone, code) => miniDoor.comeBack(phone, code),
  },
};

async function adds(person, text) {
  await person.fill("mine-add-label", text);
  await person.click("mine-add-go");
  // Among the messages, which come with the page as it is drawn anew.
  await person.page.getByText(text, { exact: true }).waitFor();
  await person.page.getByText(new RegExp(person.words("mine-add-done"))).first().waitFor();
  assert.equal(await person.field("mine-add-label").inputValue(), "");
}

/** By one door: sends it, with a name (0) or without (1). */
async function sends(door, n) {
  const person = await DOORS[door].at();
  codes[door][n] = await DOORS[door].sends(person, { ...REPORT, target: TARGETS[door][n] }, n === 0);
  await person.close();
}

/** Comes back and does something; then leaves. */
async function returns(door, n, act) {
  const person = await DOORS[door].at();
  await DOORS[door].comesBack(person, codes[door][n]);
  await act(person);
  if (door === "mini") await person.sound();
  await person.close();
}

test("the same is sent through both doors, with a name and without, and added to", async () => {
  for (const door of ["portal", "mini"]) {
    await sends(door, 0);
    await sends(door, 1);
    await returns(door, 1, async (person) => {
      for (const text of ADDED) await adds(person, text);
    });
  }
});

for (const door of ["portal", "mini"]) {
  test(`a report with a name is followed, claimed, opened by the office's tool and paid (${door})`, async () => {
    const at = { world, browser: browsers.staff, look: async () => {}, lang: "zh", problems: [], story: {}, signOn: staffSignOn };
    const [target] = TARGETS[door];
    const clerk = await staff(at, "clerk");
    at.story.number = await findCase(clerk, target);
    await move(clerk, "accept");
    await clerk.follow("move-assign");
    await clerk.field("field-to").selectOption("investigator");
    await clerk.press("move-continue");
    await clerk.sees("saved");
    await clerk.close();
    const investigator = await staff(at, "investigator");
    await findCase(investigator, target);
    await move(investigator, "begin");
    await move(investigator, "say", { "field-text": QUESTION });
    await returns(door, 0, async (person) => {
      await person.page.getByText(QUESTION).waitFor();
      await adds(person, ADDED[0]);
    });
    await investigator.page.reload();
    await investigator.reads(ADDED[0]);
    await investigatorConcludes(at, investigator);
    await twoApprove(at);
    await returns(door, 0, async (person) => {
      await person.click("mine-reward-claim-go");
      await person.comesTo("claim-title");
      await person.fill("claim-receipt", codes[door][0]);
      await DOORS[door].asBefore(person);
      await person.click("claim-go");
      await person.page.getByText(new RegExp(person.words("claim-done-text"))).first().waitFor();
    });
    const officer = await officerAsksForRelease(at);
    await twoTrusteesGive(at);
    const second = await staff(at, "officer2");
    const said = await officeOpens(at, second, MATCHES);
    for (const each of [PERSON.name, PERSON.idNumber, PERSON.mobile]) assert.ok(said.includes(each), each);
    await twoOfficersPay(at, second, officer, `V-2026-${door === "portal" ? 1 : 2}`);
    await returns(door, 0, async (person) => {
      await person.page.getByText(new RegExp(person.words("mine-reward-paid"))).first().waitFor();
    });
  });
}

/** What a reporter does, under one name for both doors. */
const ACTS = [
  [/\/device\/send$|\/api\/v1\/reports$/, "send"], [/\/device\/kept$|\/reports\/kept$/, "kept"],
  [/\/device\/sign-in$|\/api\/v1\/visits$/, "sign in"], [/\/device\/add$|\/report\/additions$/, "add"],
  [/\/device\/claim$|\/report\/claim$/, "claim"], [/\/(device|report)\/files(\/|$)/, "file"],
];

/** The acts of a door in their order, with what was posted: every text as its length, every list as its lists. */
function acts(door) {
  return wires[door].exchanges.flatMap(({ method, url, sent }) => {
    const path = new URL(url).pathname;
    const act = ACTS.find(([pattern]) => pattern.test(path))?.[1];
    if (act === undefined || method === "GET" || (act === "sign in" && method === "DELETE")) return [];
    const body = Buffer.concat(sent.slice(1));
    return [{ act: `${method} ${act}`, method, body }];
  });
}

function shape(value) {
  return JSON.stringify(value, (_, each) => (typeof each === "string" ? each.length : each));
}

test("the server sees the same acts in the same order, of the same members and lengths", () => {
  const [portal, mini] = ["portal", "mini"].map(acts);
  assert.deepEqual(mini.map(({ act }) => act), portal.map(({ act }) => act));
  for (const [i, { act, body }] of portal.entries()) {
    if (act.endsWith(" file")) {
      assert.equal(mini[i].body.length, body.length, `${act} ${i}: pieces of one length`);
      continue;
    }
    const read = (bytes) => JSON.parse(bytes.toString());
    const [theirs, ours] = [read(body), read(mini[i].body)];
    assert.equal(shape(ours.seal ?? ours), shape(theirs), act);
    for (const { sealed } of [theirs, ours.seal ?? ours].filter(({ sealed }) => sealed)) {
      // Whoever reads the headers of share files sees one stanza, and one of grease drawn alike.
      for (const file of sealed.share_files) assert.match(Buffer.from(file, "base64").subarray(6, 400).toString("latin1"), /^-> X25519 [\w+/]{43}$/m);
    }
  }
});

test("the headers of a request say nothing of who sends it, and nothing of them is kept", () => {
  // The same names in the same order, whatever is done and by whom; what differs is told by the act itself.
  const own = (raw) => raw.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()).filter((name) => !["content-length", "content-type", "authorization"].includes(name)).join(" ");
  const heads = wires.mini.exchanges.map(({ sent }) => sent[0].toString().split("\n").slice(1).filter(Boolean).flatMap((line) => [line.slice(0, line.indexOf(":")), ""]));
  assert.equal(new Set(heads.map(own)).size, 1, [...new Set(heads.map(own))].join("\n"));
  const doors = new Needles({ "WeChat's referer": "servicewechat.com", "WeChat's name": "MicroMessenger", "an app's id": "wx0000000000000000", "a browser's name": "HeadlessChrome" });
  assert.ok(wires.mini.found(doors).length > 0 && wires.portal.found(doors).length > 0, "they were sent");
  assert.deepEqual(doors.foundBelow(join(world.folder, "demo", "data")), []);
  assert.deepEqual([...doors.foundIn(Buffer.from(world.said()))], []);
});

test("nobody with the disk and the root key can say which came through which door", async () => {
  // The demo is still there for whoever looks into it afterwards; what is compared is its copy, as a stolen disk would be.
  const demo = join(world.folder, "demo");
  const copy = process.env.MIFENG_SIDE_BY_SIDE_KEEP ?? join(world.folder, "copy");
  process.kill(world.pid, "SIGSTOP");
  cpSync(demo, copy, { recursive: true });
  process.kill(world.pid, "SIGCONT");
  const made = join(copy, "made.json");
  writeFileSync(made, JSON.stringify({ demo: copy, ...codes }));
  const cargo = process.env.CARGO ?? "cargo";
  const args = ["test", "--quiet", "--locked", "--features", "open", "--test", "side_by_side", "--", "--ignored"];
  execFileSync(cargo, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, MIFENG_SIDE_BY_SIDE: made } });
  if (!process.env.MIFENG_SIDE_BY_SIDE_KEEP) rmSync(copy, { recursive: true });
});
