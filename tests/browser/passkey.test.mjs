// An officer locks the key file with a passkey, in Chromium with an authenticator of the browser's own making.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { signIn } from "./staff.mjs";
import { browser, look, stage, world } from "./stage.mjs";
import { words } from "./words.mjs";

stage();

/// Passkeys belong to a name: the same console, by name.
function byName() {
  const addresses = Object.entries(world.demo.addresses).map(([face, at]) => [face, at.replace("127.0.0.1", "localhost")]);
  return { ...world, demo: { ...world.demo, addresses: Object.fromEntries(addresses) } };
}

const OPTIONS = {
  protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, hasPrf: true,
  isUserVerified: true, automaticPresenceSimulation: true,
};

const click = (person, key) => person.page.getByRole("button", { name: person.exactly(key) }).first().click();
const says = (person, key) => person.page.getByText(new RegExp(words(person.lang, key))).first().waitFor();

test("the locked copy opens with its passkey alone, and the page keeps nothing of it", async () => {
  const there = byName();
  const officer = await signIn(there, browser, "officer", { look, script: true, lang: "en" });
  const { page } = officer;
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: OPTIONS });
  const start = async () => {
    await officer.open(`${there.demo.addresses.office}/en/open`);
    await page.getByText(new RegExp(words("en", "holder-passkey"))).click();
  };

  await start();
  await look(page);
  await click(officer, "holder-passkey-go");
  await says(officer, "holder-say-key-file-missing");
  const plain = readFileSync(world.demo.keys.office, "utf8");
  await officer.field("holder-key-file").setInputFiles(world.demo.keys.office);
  const [file] = await Promise.all([page.waitForEvent("download"), click(officer, "holder-passkey-go")]);
  const locked = join(world.folder, file.suggestedFilename());
  await file.saveAs(locked);
  await says(officer, "holder-say-passkey-saved");
  const text = readFileSync(locked, "utf8");
  const inside = Buffer.from(text.split("\n").slice(1, -2).join(""), "base64").toString("latin1");
  assert.match(text, /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
  assert.match(inside, /^age-encryption\.org\/v1\n-> age-encryption\.org\/fido2prf /);
  const secret = plain.match(/AGE-SECRET-KEY-1\w+/)[0];
  assert.ok(!inside.includes(secret));

  // What is wrong now is the package: the key file was read.
  const nothing = join(world.folder, "no-package.json");
  writeFileSync(nothing, "{}");
  const check = async (refusal) => {
    await start();
    await officer.field("holder-open-package").setInputFiles(nothing);
    await officer.field("holder-key-file").setInputFiles(locked);
    await click(officer, "holder-open-check");
    await says(officer, refusal);
  };
  await check("refused-package-unreadable");
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.documentElement.outerHTML);
  assert.ok(!kept.includes(secret));

  // Another passkey of the same person does not open it.
  await devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
  await devtools.send("WebAuthn.addVirtualAuthenticator", { options: OPTIONS });
  await start();
  await officer.field("holder-key-file").setInputFiles(world.demo.keys.office);
  await Promise.all([page.waitForEvent("download"), click(officer, "holder-passkey-go")]);
  await check("refused-passkey-not-given");
  await look(page);
  await officer.close();
});

test("where passkeys do not work the page says so, and the key file still does", async () => {
  const officer = await signIn(world, browser, "officer2", { look, script: true, lang: "zh", width: 320 });
  await officer.open(`${world.demo.addresses.office}/zh/open`);
  await officer.field("holder-key-file").setInputFiles(world.demo.keys.office);
  await officer.page.getByText(new RegExp(words("zh", "holder-passkey"))).click();
  await click(officer, "holder-passkey-go");
  await says(officer, "refused-passkey-none");
  await look(officer.page);
  await officer.close();
});
