// What is sent after the idle time waits in the sign-in page, and goes on whichever way its sender comes in again. By password:
// tests/console/door/over.rs.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checker } from "./checks.mjs";
import { atProvider, joinProvider, startWithProvider } from "./sign_on.mjs";
import { findCase, signIn } from "./staff.mjs";
import { launch } from "./world.mjs";

const TARGET = "云岫精细化工厂";
const LOGIN = "investigator";

let world, browser, look, provider;

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
});
after(async () => {
  await browser?.close();
  await world?.stop();
  await provider?.stop();
});

/// Writes to a reporter for longer than the session lasts, and sends it.
async function sendTooLate(person, text) {
  await findCase(person, TARGET);
  await person.follow("move-say");
  await person.fill("field-text", text);
  await new Promise((done) => setTimeout(done, 61_000));
  await person.press("move-continue");
  await person.sees("over-ended");
  await person.sees("over-kept");
}

/// From the page that holds it to the reporter.
async function sendNow(person, text) {
  await person.press("over-send");
  await person.reads(text);
  await person.press("move-say");
  await person.sees("saved");
}

test("by passkey", async () => {
  const person = await signIn(world, browser, LOGIN, { look, script: true, lang: "en" });
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

  const text = "We were at the site on Monday and looked at the alarm.";
  await sendTooLate(person, text);
  await person.click("passkey-sign-in");
  await person.comesTo("over-title");
  await sendNow(person, text);
  await person.close();
});

test("by single sign-on, in a window of its own", async () => {
  const person = await signIn(world, browser, LOGIN, { look, lang: "zh" });
  const { page } = person;
  const text = "我们周一到现场查看了报警器。";
  await sendTooLate(person, text);
  const opened = page.context().waitForEvent("page");
  await page.getByRole("link", { name: person.exactly("sso-sign-in") }).click();
  const there = await opened;
  await there.waitForURL((url) => url.href.startsWith(provider.issuer));
  await atProvider(provider, there, LOGIN);
  await there.waitForURL(`${world.demo.addresses.console}/zh/`);
  await there.close();
  await person.press("over-sso-button");
  await person.sees("over-title");
  await sendNow(person, text);
  await person.close();
});
