// A file from the office to a reporter: attached at the investigator's screen, opened in the reporter's own browser by the
// page's script, by the stock `age` command, and, where no script runs, by the server for one request.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Person } from "./person.mjs";
import { openMine } from "./reporter.mjs";
import { findCase, signIn } from "./staff.mjs";
import { browser, look, portal, stage, world } from "./stage.mjs";
import { words } from "./words.mjs";
import { visitor } from "./world.mjs";

const TARGET = "云岫精细化工厂";
const WORDS = "附上现场检查记录，请核对第二页。";
const NAME = "鷓鴣山 检查记录.pdf";
const CANARY = "canary inside the record";
const FILE = Buffer.concat([Buffer.from(`%PDF-1.7\n% ${CANARY}\n`), Buffer.alloc(150_000, "record ")]);

let folder, receipt;
stage({
  ready: async () => {
    folder = mkdtempSync(join(tmpdir(), "mifeng-file-"));
    receipt = world.demo.receipts[1].receipt;
  },
});
after(() => folder && rmSync(folder, { recursive: true }));

async function downloaded(page, act) {
  const [download] = await Promise.all([page.waitForEvent("download"), act()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/// The reporter on the page with script, signed in.
async function reporter(lang = "en") {
  const page = await visitor(browser, { javaScriptEnabled: true, viewport: { width: 390, height: 800 } });
  const person = Object.assign(new Person(), { page, lang, look });
  person.sent = [];
  page.on("request", (request) => person.sent.push(`${request.url()} ${request.postData() ?? ""}`));
  await page.clock.install();
  await page.addInitScript(() => {
    globalThis.revoked = [];
    const revoke = URL.revokeObjectURL.bind(URL);
    URL.revokeObjectURL = (address) => (revoked.push(address), revoke(address));
  });
  await page.goto(`${portal}/${lang}/return`);
  await person.fill("mine-receipt", receipt);
  await page.getByRole("button", { name: person.exactly("mine-sign-go") }).click();
  await page.locator('[data-do="open-file"]').waitFor();
  return person;
}

const open = (person) => person.page.locator('[data-do="open-file"]').click();
const says = (person, key, values) => person.page.getByText(new RegExp(words(person.lang, key, values))).first().waitFor();

test("an investigator sends a file with a message, after a slip that keeps the words", async () => {
  const person = await signIn(world, browser, "investigator", { lang: "zh", look });
  await findCase(person, TARGET);
  await person.follow("move-say");
  await person.fill("field-text", WORDS);
  await person.press("move-continue");
  await person.sees("send-file-sealed");
  await person.field("send-file").setInputFiles({ name: "a.pdf", mimeType: "application/pdf", buffer: Buffer.from("MZ\x90\0") });
  await person.press("move-say");
  await person.sent_back("send-file-type");
  await person.reads(WORDS);
  await person.press("go-back");
  assert.equal(await person.field("field-text").inputValue(), WORDS, "and on the way back");
  await person.press("move-continue");
  await person.field("send-file").setInputFiles({ name: NAME, mimeType: "application/pdf", buffer: FILE });
  await person.press("move-say");
  await person.sees("saved");
  await person.sees("message-file");
  await person.sees("done-say-file");
  const page = await person.page.content();
  assert.ok(!page.includes("检查记录") && !page.includes(CANARY), "neither is shown again");
  await person.close();
});

test("the reporter's own browser opens it and hands it over under a safe name", async () => {
  const person = await reporter();
  const { page } = person;
  await person.reads(NAME, "147 KB", WORDS);
  await look(page);
  const given = await downloaded(page, () => open(person));
  assert.equal(given.name, NAME);
  assert.ok(given.bytes.equals(FILE), "byte for byte");
  await says(person, "return-file-opened");
  const link = page.getByRole("link", { name: person.exactly("return-file-again", { name: NAME }) });
  const address = await link.getAttribute("href");
  assert.match(address, /^blob:/);
  await look(page);
  await page.clock.fastForward(61_000);
  await link.waitFor({ state: "detached" });
  assert.deepEqual(await page.evaluate(() => revoked), [address]);
  await downloaded(page, () => open(person));
  await link.waitFor();
  await page.getByRole("button", { name: person.exactly("mine-sign-out") }).click();
  await person.page.getByRole("heading", { name: person.exactly("out-title") }).waitFor();
  assert.equal(await page.evaluate(() => revoked.length), 2, "and at once when the page is cleared");
  for (const each of person.sent) assert.ok(!each.includes("检查记录") && !each.includes(receipt.replaceAll(" ", "")), each);
  await person.close();
});

test("what was changed on its way, or does not come, is said and nothing is saved", async () => {
  const person = await reporter("zh");
  const { page } = person;
  let downloads = 0;
  page.on("download", () => (downloads += 1));
  const at = "**/device/from-office/*";
  for (const [key, change] of [
    ["return-file-broken", (bytes) => (bytes[5_000] ^= 1)],
    ["return-file-broken", (bytes) => (bytes[bytes.length - 100] = 1)],
  ]) {
    await page.route(at, async (route) => {
      const answer = await route.fetch();
      const bytes = await answer.body();
      change(bytes);
      await route.fulfill({ response: answer, body: bytes });
    });
    await open(person);
    await says(person, key);
    await page.unroute(at);
  }
  await page.route(at, (route) => route.abort("connectionreset"));
  await open(person);
  await says(person, "return-file-lost");
  await page.unroute(at);
  assert.equal(downloads, 0);
  assert.equal((await downloaded(page, () => open(person))).bytes.length, FILE.length, "and then it goes");
  await person.close();
});

test("the sealed file opens with the stock age command and the key the page shows", async () => {
  const person = await reporter();
  const { page } = person;
  const sealed = await downloaded(page, () => page.getByRole("link", { name: person.exactly("mine-file-save") }).click());
  assert.equal(sealed.name, "file-1.age");
  assert.ok(!sealed.bytes.includes(CANARY));
  await page.getByText(new RegExp(words("en", "return-offline"))).click();
  await person.sees("return-file-offline");
  await page.getByRole("button", { name: person.exactly("return-offline-key") }).click();
  const key = await page.locator('[data-slot="key"]').innerText();
  writeFileSync(join(folder, "key.txt"), key);
  writeFileSync(join(folder, "file-1.age"), sealed.bytes);
  // As the page says it.
  const command = (await page.locator('[data-slot="offline-file"] code').innerText()).split(" ");
  execFileSync(command[0], command.slice(1), { cwd: folder });
  assert.ok(readFileSync(join(folder, "file")).equals(FILE));
  await person.close();
});

test("without script the server opens it for one request, behind a button that says so", async () => {
  const person = await Person.at(browser, { lang: "zh", width: 320, look });
  const { page } = person;
  await openMine(person, portal, receipt);
  await person.sees("mine-file-about");
  assert.ok(!(await person.text()).includes("检查记录"), "its name is sealed, too");
  await person.fill("mine-read-label", "0000 0000");
  await person.press("mine-file-open");
  await person.sent_back("claim-receipt-wrong");
  await person.fill("mine-read-label", receipt);
  await person.press("mine-read-go");
  await person.reads(NAME, "147 KB", WORDS);
  await person.fill("mine-read-label", receipt);
  const button = page.getByRole("button", { name: person.exactly("mine-file-open", { name: NAME }) });
  const given = await downloaded(page, () => button.click());
  assert.equal(given.name, NAME);
  assert.ok(given.bytes.equals(FILE));
  const sealed = await downloaded(page, () => page.getByRole("link", { name: person.exactly("mine-file-save") }).click());
  assert.equal(sealed.name, "file-1.age");
  await person.close();
});
