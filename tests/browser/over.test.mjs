// What is sent after the idle time waits in the sign-in page, and goes on whichever way its sender comes in again. By password:
// tests/console/door/over.rs.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checker } from "./checks.mjs";
import { atProvider, joinProvider, startWithProvider } from "./sign_on.mjs";
import { findCase, signIn } from "./staff.mjs";
import { launch } from "./world.mjs";

const LOGIN = "investigator";
/// A case and what is written to its reporter, for each way in.
const BY_PASSKEY = ["云岫精细化工厂", "We were at the site on Monday and looked at the alarm."];
const BY_SIGN_ON = ["榆树壕煤矿", "我们周一到现场查看了传感器。"];
/// Longer than a session may be idle here. Both forms wait it out together; what follows takes no minute.
const IDLE_MS = 61_000;

let world, browser, look, provider, holder, colleague;

before(async () => {
  browser = await launch();
  look = await checker(browser);
  ({ world, provider } = await startWithProvider({
    policy: (folder) => {
      const file = join(folder, "roles.toml");
      writeFileSync(file, readFileSync(file, "utf8").replace("idle_minutes = 15", "idle_minutes = 1"));
    },
  }));
  const admin = await signIn(world, browser, "admin");
  await joinProvider(world, admin, LOGIN, LOGIN);
  await admin.sees("person-done-joined");
  await admin.close();
  holder = await signIn(world, browser, LOGIN, { look, script: true, lang: "en" });
  await makePasskey(holder);
  await write(holder, ...BY_PASSKEY);
  colleague = await signIn(world, browser, LOGIN, { look, lang: "zh" });
  await write(colleague, ...BY_SIGN_ON);
  await new Promise((done) => setTimeout(done, IDLE_MS));
});
after(async () => {
  await browser?.close();
  await world?.stop();
  await provider?.stop();
});

/// A phone that verifies its holder by itself.
async function makePasskey(person) {
  const { page } = person;
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  await person.follow("nav-me");
  await person.follow("passkey-add");
  await person.fill("passkey-name", "a phone");
  await person.click("passkey-make");
  await page.waitForURL(/done=passkey-added/);
}

/// Writes to a reporter, and does not send it yet.
async function write(person, target, text) {
  await findCase(person, target);
  await person.follow("move-say");
  await person.fill("field-text", text);
}

/// After the session is over. What waits can be read, once it is unfolded.
async function sendTooLate(person, text) {
  await person.press("move-continue");
  await person.sees("over-ended");
  await person.sees("over-kept");
  assert.equal(await person.page.locator("main details[open]").count(), 0, "it lies open");
  await person.page.locator("summary", { hasText: person.exactly("over-filled-in") }).click();
  await person.reads(text);
}

/// From the page that holds it to the reporter.
async function sendNow(person, text) {
  await person.reads(text);
  await person.press("over-send");
  await person.reads(text);
  await person.press("move-say");
  await person.sees("saved");
}

test("by passkey", async () => {
  const [, text] = BY_PASSKEY;
  await sendTooLate(holder, text);
  await holder.click("passkey-sign-in");
  await holder.comesTo("over-title");
  await sendNow(holder, text);
  await holder.close();
});

test("by single sign-on, in a window of its own", async () => {
  const { page } = colleague;
  const [, text] = BY_SIGN_ON;
  await sendTooLate(colleague, text);
  // Too early: nobody has signed in there yet.
  await colleague.press("over-go-on");
  await colleague.sent_back("over-not-yet");
  const opened = page.context().waitForEvent("page");
  await page.getByRole("link", { name: colleague.exactly("sso-sign-in") }).click();
  const there = await opened;
  await there.waitForURL((url) => url.href.startsWith(provider.issuer));
  await atProvider(provider, there, LOGIN);
  await there.waitForURL(`${world.demo.addresses.console}/zh/`);
  await there.close();
  await colleague.press("over-go-on");
  await colleague.sees("over-title");
  await sendNow(colleague, text);
  await colleague.close();
});
