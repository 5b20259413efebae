// Files sealed on the reporter's own device, in a browser that runs the page's script: progress, a line that drops,
// cancelling, files that mean harm, and how much memory it takes.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Person } from "./person.mjs";
import { findCase, signIn } from "./staff.mjs";
import { browser, look, portal, stage, world } from "./stage.mjs";
import { MB, PICTURE, chooseFiles, film, photo, rows, waitForRow } from "./uploads.mjs";
import { words } from "./words.mjs";
import { visitor } from "./world.mjs";

/// What is in clear in no request: the name of the picture's place, as a camera would write it.
const CANARY = "CANARY 31.2304N 121.4737E";

let folder;
stage({ ready: async () => void (folder = mkdtempSync(join(tmpdir(), "mifeng-files-"))) });
after(() => folder && rmSync(folder, { recursive: true }));

/// Somebody with the receipt of a sample case, on the page of files, with script.
async function reporter({ lang = "en", width = 390, which = 0 } = {}) {
  const page = await visitor(browser, { javaScriptEnabled: true, viewport: { width, height: 800 } });
  const person = Object.assign(new Person(), { page, lang, look: async () => {} });
  person.sent = [];
  page.on("request", (request) => {
    if (request.url().includes("/device/")) person.sent.push(request.postDataBuffer() ?? Buffer.alloc(0));
  });
  await page.goto(`${portal}/${lang}/mine`);
  await person.fill("mine-receipt", world.demo.receipts[which].receipt);
  await person.press("mine-sign-go");
  await page.goto(`${portal}/${lang}/files`);
  await page.locator("#device-add").waitFor();
  return person;
}

const says = (person, key, values) => new RegExp(words(person.lang, key, values));
const made = (name, bytes) => film(join(folder, name), bytes);

function put(name, bytes) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test("a film of 50 MB goes up sealed, with a percentage that grows", async () => {
  const person = await reporter({ lang: "zh" });
  const { page } = person;
  await look(page);
  await page.evaluate(() => {
    globalThis.heard = [];
    globalThis.seen = new Set();
    new MutationObserver(() => {
      const words = document.querySelector('[role="status"][data-slot="say"]').textContent;
      if (heard.at(-1) !== words) heard.push(words);
      for (const bar of document.querySelectorAll("progress")) seen.add(bar.value);
    }).observe(document.getElementById("device"), { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await chooseFiles(person, made("现场.mp4", 50 * MB));
  await waitForRow(person, 0, "files-kept");
  const { heard, seen } = await page.evaluate(() => ({ heard, seen: [...seen] }));
  assert.ok(seen.length >= 10, `seen: ${seen}`);
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b), "it never goes back");
  assert.ok(heard.length >= 3 && heard.length <= 8, `a screen reader hears every quarter, not every percent: ${heard}`);
  assert.match(heard.at(-1), says(person, "files-say-kept"));
  await look(page);
  const bytes = person.sent.reduce((sum, body) => sum + body.length, 0);
  assert.ok(bytes >= 50 * MB && bytes < 58 * MB, `${bytes} bytes were sent`);
  for (const body of person.sent) assert.ok(!body.includes("ftypisom") && !body.includes("现场"), "sent in clear");
  await page.reload();
  await person.sees("size-100m");
  await person.sees("files-is-sealed");
  await person.page.context().close();
});

test("a line that drops in the middle is picked up again where it broke, by itself", async () => {
  const person = await reporter();
  const { page } = person;
  let pieces = 0;
  let refuse = false;
  await page.route("**/device/files/**", async (route) => {
    if (route.request().method() === "PUT") pieces += 1;
    if (refuse) return route.abort("connectionreset");
    if (pieces === 5) {
      // The piece arrives, its answer does not.
      refuse = true;
      await route.fetch();
      return route.abort("connectionreset");
    }
    return route.continue();
  });
  await chooseFiles(person, made("a.mp4", 12 * MB), made("b.mp4", 1 * MB));
  await waitForRow(person, 0, "files-lost");
  assert.match(await page.locator('[data-slot="say"]').innerText(), says(person, "files-say-lost"));
  await waitForRow(person, 1, "files-waiting");
  await look(page);
  refuse = false;
  pieces = 100;
  await waitForRow(person, 0, "files-kept");
  await waitForRow(person, 1, "files-kept");

  // And with the network of the whole device gone: the browser says when it is back.
  await chooseFiles(person, made("c.mp4", 12 * MB));
  await rows(person).nth(2).getByText(/[1-9]\d? %/).first().waitFor();
  await page.context().setOffline(true);
  await waitForRow(person, 2, "files-lost");
  await page.context().setOffline(false);
  await waitForRow(person, 2, "files-kept");
  assert.match(await page.locator('[data-slot="overall"]').innerText(), says(person, "files-overall-done", { kept: 3, all: 3 }));
  await page.reload();
  await person.sees("size-100m");
  await person.page.context().close();
});

test("an upload is cancelled and begun again; nothing of the first is kept", async () => {
  const person = await reporter({ which: 1 });
  const { page } = person;
  let held = [];
  let hold = true;
  await page.route("**/device/files/*?at=*", (route) => (hold ? void held.push(route) : route.continue()));
  await chooseFiles(person, made("d.mp4", 3 * MB));
  await person.page.getByRole("button", { name: says(person, "files-cancel") }).click();
  await waitForRow(person, 0, "files-cancelled");
  hold = false;
  for (const route of held) await route.abort().catch(() => undefined);
  await page.getByRole("button", { name: says(person, "files-again") }).click();
  await waitForRow(person, 0, "files-kept", { n: 1 });
  await page.reload();
  assert.equal(await page.locator("ul.files > li").count(), 1);
  await person.page.context().close();
});

test("what cannot be taken is said at its row, and the next file goes on", async () => {
  const person = await reporter({ which: 1 });
  const { page } = person;
  await person.press("files-seal");
  assert.match(await page.getByRole("alert").innerText(), says(person, "files-error-none"));
  assert.ok(await page.locator("#device-files").evaluate((input) => input === document.activeElement));
  const before = person.sent.length;
  await chooseFiles(
    person,
    put("photo.png", "MZ\x90\0 a program, whatever its name"),
    put("empty.pdf", ""),
    put("large.png", Buffer.concat([PICTURE, Buffer.alloc(21 * MB)])),
  );
  await waitForRow(person, 0, "files-error-type");
  await waitForRow(person, 1, "files-error-none");
  await waitForRow(person, 2, "files-error-big", { mb: 20 });
  assert.equal(person.sent.length, before, "nothing of them was sent");
  await chooseFiles(person, put("half.png", PICTURE.subarray(0, 50)), put("notes.txt", "三号井的记录"));
  await waitForRow(person, 3, "files-error-picture");
  await waitForRow(person, 4, "files-kept");
  await look(page);
  await chooseFiles(person, ...Array.from({ length: 9 }, (_, n) => put(`${n}.txt`, "x")));
  assert.match(await page.getByRole("alert").innerText(), says(person, "files-too-many"));
  await person.page.context().close();
});

test("of a photo the investigators see the copy, and what the camera wrote never left the device", async () => {
  const person = await reporter({ which: 1 });
  await chooseFiles(person, put(`${CANARY}.jpg`, await photo(person.page, CANARY)));
  await waitForRow(person, 0, "files-kept");
  await waitForRow(person, 0, "files-is-copy");
  assert.ok(person.sent.length >= 6, "the copy and the original");
  for (const body of person.sent) assert.ok(!body.includes("CANARY"), "sent in clear");
  await person.page.context().close();

  const investigator = await signIn(world, browser, "investigator", { lang: "en", look: async () => {} });
  await findCase(investigator, "云岫精细化工厂");
  await investigator.page.locator("#files a").last().click();
  const image = investigator.page.locator("main img");
  const source = await image.getAttribute("src");
  const copy = await investigator.page.context().request.get(new URL(source, investigator.page.url()).href);
  const bytes = await copy.body();
  assert.equal(copy.headers()["content-type"], "image/jpeg");
  assert.ok(bytes.length > 100 && !bytes.includes("CANARY"));
});

test("200 MB are sealed without holding more than a few of them", async (t) => {
  const person = await reporter({ which: 1 });
  const cdp = await person.page.context().newCDPSession(person.page);
  // What the page's script holds, arrays included. The process itself grows with every byte sent while a test looks on:
  // the browser keeps the bodies of requests for whoever debugs it.
  const held = async () => {
    const { usedSize, backingStorageSize } = await cdp.send("Runtime.getHeapUsage");
    return (usedSize + backingStorageSize) / MB;
  };
  await chooseFiles(person, made("short.mp4", 1 * MB));
  await waitForRow(person, 0, "files-kept");
  await cdp.send("HeapProfiler.collectGarbage");
  const start = await held();
  const began = Date.now();
  await chooseFiles(person, made("long.mp4", 200 * MB));
  const samples = [];
  const watching = setInterval(() => void held().then((now) => samples.push(now)), 100);
  await waitForRow(person, 1, "files-kept", {}, 600_000);
  clearInterval(watching);
  const most = Math.max(...samples) - start;
  t.diagnostic(`200 MB in ${(Date.now() - began) / 1000} s; the script held ${most.toFixed(0)} MiB more at most, of ${samples.length} samples`);
  assert.ok(samples.length > 20);
  assert.ok(most < 96, `the script held ${most} MiB`);
  // Flat: the end is no fuller than the beginning.
  const third = Math.floor(samples.length / 3);
  const mean = (part) => part.reduce((sum, now) => sum + now, 0) / part.length;
  const [early, late] = [mean(samples.slice(0, third)), mean(samples.slice(-third))];
  assert.ok(late < early * 1.5 + 16, `${early} MiB at first, ${late} MiB at the end`);
  await cdp.send("HeapProfiler.collectGarbage");
  assert.ok((await held()) < start + 8, "and nothing is left");
  await person.page.context().close();
});

test("where the script does not come the server's way is a link, and where none can run it is there, labelled", async () => {
  const page = await visitor(browser, { javaScriptEnabled: true });
  const person = Object.assign(new Person(), { page, lang: "en", look: async () => {} });
  await page.route("**/assets/reporter-files*", (route) => route.abort());
  await page.goto(`${portal}/en/mine`);
  await person.fill("mine-receipt", world.demo.receipts[1].receipt);
  await person.press("mine-sign-go");
  await page.goto(`${portal}/en/files`);
  await person.sees("files-script-waiting");
  assert.equal(await page.locator("input[type=file]").count(), 0, "nothing that could send a file");
  await person.follow("files-plain");
  await person.sees("files-by-server");
  await person.field("files-label").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: PICTURE });
  await person.press("files-add");
  await person.sees("files-is-copy");
  await page.context().close();

  const plain = await Person.at(browser, { lang: "en", look });
  await plain.page.goto(`${portal}/en/mine`);
  await plain.fill("mine-receipt", world.demo.receipts[1].receipt);
  await plain.press("mine-sign-go");
  await plain.open(`${portal}/en/files`);
  await plain.sees("files-by-server");
  assert.ok(await plain.field("files-label").isVisible());
  assert.ok(!(await plain.page.locator("#device").isVisible()), "no word of a script that cannot come");
});
