// The holders at their own screens, with script: two trustees give their shares and the office opens the identity, each
// in a browser that reads the key, gives it to nobody, and refuses what the command-line tools refuse.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { chapter, download } from "./chapters.mjs";
import { QUESTIONS, answerAll, compare, give, toReady } from "./holders.mjs";
import { Person } from "./person.mjs";
import { signIn, stand } from "./staff.mjs";
import { browser, look, stage, world } from "./stage.mjs";
import { words } from "./words.mjs";

const story = { sent: [], problems: [] };

stage();

/// Somebody who signed in before, at another screen: a one-time code lets in once.
async function again(cookies, login, options = {}) {
  const person = await Person.at(browser, { look, ...options });
  person.account = world.demo.accounts.find((account) => account.login === login);
  await person.page.context().addCookies(cookies);
  return person;
}

/// Somebody with script, whose every request is kept to be searched.
async function holder(login, { cookies, ...options }) {
  const with_script = { look, script: true, ...options };
  const person = cookies ? await again(cookies, login, with_script) : await signIn(world, browser, login, with_script);
  const origin = world.demo.addresses[person.account.face];
  person.page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("blob:")) story.problems.push(`asked ${request.url()}`);
    story.sent.push(`${request.url()} ${request.postDataBuffer()?.toString("latin1") ?? ""}`);
  });
  person.page.on("pageerror", (why) => story.problems.push(`${login}: ${why.message}`));
  person.page.on("console", (message) => {
    if (message.type() === "error" && !/status of 422/.test(message.text())) story.problems.push(`${login}: ${message.text()}`);
  });
  return person;
}

chapter(story, "the office asks for the release of a claimed award", async () => {
  const officer = await signIn(world, browser, "officer", { look });
  await officer.sees("office-list-claimed");
  const link = officer.page.getByRole("link", { name: /^\d{4}-\d{6}$/ }).first();
  story.number = (await link.innerText()).trim();
  await link.click();
  await officer.follow("office-act-release");
  await stand(officer, story.number, { reason: "举报人已经申领，请求开启。" });
  await officer.press("office-act-release");
  await officer.sees("office-done-release");
  story.cookies = await officer.page.context().cookies();
  await officer.close();
});

async function toRelease(trustee) {
  await trustee.follow("nav-releases");
  await trustee.page.getByRole("link", { name: story.number }).first().click();
  await trustee.comesTo("holder-give-title");
}

chapter(story, "a trustee who starts with the wrong key and the wrong poster gives nothing, then a share", async () => {
  const trustee = await holder("trustee1", { lang: "zh", width: 320 });
  const { trustees } = world.demo.keys;
  await toRelease(trustee);
  await trustee.click("holder-give-check");
  await trustee.told("holder-say-key-file-missing");
  await trustee.field("holder-key-file").setInputFiles(trustees[1]);
  await trustee.click("holder-give-check");
  await trustee.comesTo("holder-refused-share");
  await trustee.sees("refused-request-trustee", { trustee: 1 });

  await trustee.follow("holder-start-again");
  await trustee.field("holder-key-file").setInputFiles(trustees[0]);
  await trustee.click("holder-give-check");
  await trustee.page.getByText(words("zh", "holder-pin-first-use")).waitFor();
  await compare(trustee, world.demo);
  await trustee.comesTo("holder-give-review");
  await trustee.reads(story.number, "60,000.00");
  await trustee.fill("holder-give-field", "不");
  await trustee.click("holder-give-go");
  await trustee.told("holder-say-give-word-missing");
  await trustee.fill("holder-give-field", words("zh", "holder-say-give-word"));
  await trustee.click("holder-give-go");
  await trustee.page.getByRole("status").waitFor();
  await trustee.sees("release-done");
  await look(trustee.page);
  const kept = await trustee.page.evaluate(() => JSON.stringify(localStorage));
  assert.match(kept, /"size\\":\d+/);
  assert.ok(!/SECRET|SIGNING/i.test(kept), "no key is kept");
  await trustee.close();
});

chapter(story, "a browser that saw another log before gives no share", async () => {
  const trustee = await holder("trustee3", { lang: "en", width: 1280 });
  const key = world.demo.keys.trustees[2];
  await toRelease(trustee);
  await trustee.field("holder-key-file").setInputFiles(key);
  await trustee.click("holder-give-check");
  await compare(trustee, world.demo);
  await trustee.comesTo("holder-give-review");

  // By the key, whatever the server calls its holder.
  const name = await trustee.page.evaluate(() => Object.keys(localStorage).join());
  assert.match(name, /^mifeng-holder-[0-9a-f]{64}$/);
  const honest = await trustee.page.evaluate((name) => localStorage.getItem(name), name);
  const remember = (text) => trustee.page.evaluate(([name, text]) => localStorage.setItem(name, text), [name, text]);
  const tries = async (memory, refusal, values) => {
    await remember(memory);
    await trustee.page.reload();
    await trustee.field("holder-key-file").setInputFiles(key);
    await trustee.click("holder-give-check");
    await trustee.comesTo("holder-refused-share");
    await trustee.sees(refusal, values);
  };
  const seen = (size) => JSON.stringify({ ...JSON.parse(honest), memory: { seen: { size, root: `${"A".repeat(43)}=` }, roster: 0 } });
  await tries(seen(1), "refused-tree-rewritten");
  await tries(seen(9_999_999), "refused-proof-older", { seen: 9_999_999 });
  await tries(JSON.stringify({ ...JSON.parse(honest), memory: { seen: null, roster: 99 } }), "refused-roster-older", { seen: 99 });
  await tries("{}", "refused-memory-unreadable");

  // A file does not make it forget, and needs the key whose memory it is.
  const newer = seen(9_999_999);
  await remember(newer);
  await trustee.page.reload();
  await trustee.page.getByText(words("en", "holder-memory-title")).click();
  const file = { name: "memory.json", mimeType: "application/json", buffer: Buffer.from(honest) };
  await trustee.field("holder-memory-file").setInputFiles(file);
  await trustee.click("holder-memory-take");
  await trustee.told("holder-say-key-file-missing");
  await trustee.field("holder-key-file").setInputFiles(key);
  await trustee.click("holder-memory-take");
  await trustee.comesTo("holder-refused-share");
  await trustee.sees("refused-memory-older");
  assert.equal(await trustee.page.evaluate((name) => localStorage.getItem(name), name), newer);

  await remember(honest);
  await trustee.page.reload();
  await trustee.field("holder-key-file").setInputFiles(key);
  await trustee.click("holder-give-check");
  await give(trustee);
  await trustee.close();
});

chapter(story, "the office opens the package in its browser and gets what the tool gets", async () => {
  const officer = await holder("officer2", { lang: "zh", width: 1280 });
  await officer.page.getByRole("link", { name: story.number }).first().click();
  story.package = join(world.folder, "package.json");
  await download(officer, "office-package-download", story.package);
  const voucher = join(world.folder, "voucher.txt");
  const { office, office_state } = world.demo.keys;
  const tool = world.officeTool("y\nn\nn\n", "open", story.package, "--key", office, "--state", office_state,
    "--voucher", voucher, "--number", "V-1", "--rehearsal");
  story.name = tool.match(/姓名 Name +(\S+)/)[1];
  const shown = ["号码 Number", "手机 Mobile"].map((label) => tool.match(new RegExp(`${label} +(\\S+)`))[1]);

  await toReady(officer, world.demo, { file: story.package, first: true });
  const before = story.sent.length;
  await officer.click("holder-open-go");
  await officer.comesTo("holder-open-person");
  await officer.reads(story.name, ...shown);
  await answerAll(officer, QUESTIONS);
  await officer.comesTo("holder-open-verified");
  assert.equal(story.sent.length, before, "nothing is asked of anybody once the page is there");

  await officer.fill("holder-voucher-number", "V-1");
  const text = () => officer.page.locator("pre").textContent();
  assert.equal(await text(), readFileSync(voucher, "utf8"), "line for line the tool's");
  assert.ok(!(await officer.text()).includes(story.name), "the person is shown once");
  await officer.choose("holder-voucher-named");
  assert.ok((await text()).includes(story.name));
  await officer.page.emulateMedia({ media: "print" });
  const printed = (await officer.page.locator("body").innerText()).trim();
  assert.equal(printed.replace(/\s+/g, " "), (await text()).trim().replace(/\s+/g, " "), "only the voucher is printed");
  await officer.page.emulateMedia({ media: "screen" });

  await officer.click("holder-done");
  await officer.comesTo("holder-closed");
  assert.ok(!(await officer.page.content()).includes(story.name));
  const kept = await officer.page.evaluate(() => JSON.stringify([localStorage, sessionStorage, history.state]));
  for (const secret of [story.name, ...shown, "SECRET"]) assert.ok(!kept.includes(secret));
  await officer.close();
});

/// Five minutes pass when the story says so.
function holdFiveMinutes() {
  const later = globalThis.setTimeout;
  globalThis.setTimeout = (act, wait, ...rest) => {
    if (wait !== 5 * 60 * 1000) return later(act, wait, ...rest);
    globalThis.fiveMinutesLater = act;
    return 0;
  };
}

chapter(story, "the wrong key opens nothing, leaving forgets, and so does waiting", async () => {
  const officer = await holder("officer", { lang: "en", width: 320, cookies: story.cookies });
  await officer.page.addInitScript(holdFiveMinutes);
  await toReady(officer, world.demo, { file: story.package, first: true, key: world.demo.keys.trustees[0] });
  await officer.click("holder-open-go");
  await officer.comesTo("holder-refused-open");
  await officer.sees("refused-open-share-unreadable", { trustee: 1 });

  await toReady(officer, world.demo, { file: story.package });
  await officer.click("holder-open-go");
  await officer.comesTo("holder-open-person");
  await officer.reads(story.name);
  await officer.page.emulateMedia({ media: "print" });
  assert.ok(!(await officer.page.locator("body").innerText()).includes(story.name), "a person is never printed");
  await officer.page.emulateMedia({ media: "screen" });
  await officer.page.evaluate(() => globalThis.fiveMinutesLater());
  await officer.comesTo("holder-closed");
  await officer.sees("holder-open-again");
  assert.ok(!(await officer.page.content()).includes(story.name));

  await toReady(officer, world.demo, { file: story.package });
  await officer.click("holder-open-go");
  await officer.comesTo("holder-open-person");
  await officer.page.goto(`${world.demo.addresses.office}/en/`);
  await officer.page.goBack();
  assert.ok(!(await officer.page.content()).includes(story.name), "the way back shows nobody");
  await officer.close();
});

test("no key and no name left a browser, nobody else was asked, and the pages let their own script run alone", async () => {
  assert.deepEqual(story.problems, []);
  const keys = [...world.demo.keys.trustees, world.demo.keys.office].map((file) => readFileSync(file, "utf8"));
  const secrets = keys.flatMap((text) => text.match(/^(AGE-SECRET-KEY|MIFENG-SIGNING-KEY).*$/gm));
  assert.equal(secrets.length, 8);
  const sent = story.sent.join("\n");
  assert.ok(sent.includes("resealed"), "the answers are among what was sent");
  for (const secret of secrets) assert.ok(!sent.includes(secret.slice(16, 40)) && !world.said().includes(secret));
  assert.ok(!sent.includes(story.name) && !sent.includes(encodeURIComponent(story.name)));

  const officer = await again(story.cookies, "officer");
  const response = await officer.page.goto(`${world.demo.addresses.office}/zh/open`);
  const policy = response.headers()["content-security-policy"];
  for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"]) {
    assert.ok(policy.includes(part), `${part} in ${policy}`);
  }
  // Without script the page says what to use instead, and has nothing to fill in.
  await officer.sees("holder-open-noscript");
  assert.equal(await officer.page.locator("main input").count(), 0);
  await look(officer.page);
  await officer.close();
});
