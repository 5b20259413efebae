// The same reports through both doors, a name and none, each with a photo; then the demo is stopped, and whoever has the
// disk and all the server's keys compares them (`tests/side_by_side.rs`).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { name as nameOnPortal, putAway as putAwayOnPortal, send as sendOnPortal, toSeal } from "../../tests/browser/device.mjs";
import { Person } from "../../tests/browser/person.mjs";
import { PERSON, REPORT } from "../../tests/browser/reporter.mjs";
import { chooseFiles, photo, waitForRow } from "../../tests/browser/uploads.mjs";
import { ROOT, launch, startDemo } from "../../tests/browser/world.mjs";
import { install, Phone } from "./phone.mjs";
import { pick, putAway, send, toCheck } from "./reporter.mjs";

let world, browser, host;
const posts = { portal: [], mini: [] };
before(async () => {
  [world, browser] = await Promise.all([startDemo(), launch()]);
  host = await install(world.demo);
});
after(async () => {
  await browser?.close();
  await host?.stop();
  await world?.stop();
});

/** One report of the browser's script. */
async function portal(named, picture) {
  const person = await Person.at(browser, { width: 390, script: true });
  person.page.on("request", (request) => request.url().endsWith("/device/send") && posts.portal.push(request.postDataJSON().sealed));
  await toSeal(person, world.demo.addresses.portal, { named });
  if (named) {
    await nameOnPortal(person, PERSON);
    await person.click("continue");
    await person.comesTo("check-title");
  }
  const code = await sendOnPortal(person);
  await putAwayOnPortal(person, code);
  await chooseFiles(person, picture);
  await waitForRow(person, 0, "files-kept");
  await person.close();
  return code;
}

/** The same in WeChat. */
async function mini(named, picture) {
  const phone = await Phone.at(browser, host);
  phone.page.on("request", (request) => request.headers()["x-url"]?.endsWith("/api/v1/reports") && posts.mini.push(request.postDataJSON().seal.sealed));
  await toCheck(phone, named ? { who: PERSON } : {});
  const code = await send(phone);
  await putAway(phone, code);
  await pick(phone, "mini-files-pictures", picture);
  await phone.page.getByText(new RegExp(phone.words("files-is-copy"))).first().waitFor();
  await phone.sound();
  await phone.close();
  return code;
}

test("what is sent has the same members in the same order, each of the same length", async () => {
  const page = await browser.newPage();
  const picture = join(world.folder, "IMG_0001.jpg");
  writeFileSync(picture, await photo(page, "taken here"));
  await page.close();
  const made = { demo: join(world.folder, "copy"), portal: [], mini: [] };
  for (const named of [true, false]) {
    made.portal.push(await portal(named, picture));
    made.mini.push(await mini(named, picture));
  }
  const shape = (sealed) => JSON.stringify(sealed, (_, value) => (typeof value === "string" ? value.length : value));
  const shapes = new Set([...posts.portal, ...posts.mini].map(shape));
  assert.equal(posts.portal.length + posts.mini.length, 4);
  assert.equal(shapes.size, 1, [...shapes].join("\n"));
  // Whoever reads the headers of share files sees one stanza, and one of grease drawn alike.
  const stanzas = (sealed) => sealed.share_files.map((file) => Buffer.from(file, "base64").subarray(6, 400).toString("latin1").match(/^-> X25519 [\w+/]{43}$/m) !== null);
  assert.ok([...posts.portal, ...posts.mini].every((sealed) => stanzas(sealed).every(Boolean)));
  writeFileSync(join(world.folder, "made.json"), JSON.stringify(made));
});

test("nobody with the disk and the root key can say which came through which door", async () => {
  // The demo is still there for whoever looks into it afterwards; what is compared is its copy, as a stolen disk would be.
  const demo = join(world.folder, "demo");
  process.kill(world.pid, "SIGSTOP");
  cpSync(demo, join(world.folder, "copy"), { recursive: true });
  process.kill(world.pid, "SIGCONT");
  const cargo = process.env.CARGO ?? "cargo";
  const args = ["test", "--quiet", "--locked", "--features", "open", "--test", "side_by_side"];
  execFileSync(cargo, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, MIFENG_SIDE_BY_SIDE: join(world.folder, "made.json") } });
  rmSync(join(world.folder, "copy"), { recursive: true });
});
