// In by passkey and by single sign-on against a real provider; proving it anew; and what is not let in.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join as inFolder } from "node:path";
import { after, before, test } from "node:test";
import { checker } from "./checks.mjs";
import { Person } from "./person.mjs";
import { atProvider, joinProvider, startWithProvider } from "./sign_on.mjs";
import { freshCode, signIn } from "./staff.mjs";
import { launch, path } from "./world.mjs";

let world, browser, look, provider;

before(async () => {
  browser = await launch();
  look = await checker(browser);
  ({ world, provider } = await startWithProvider({
    policy: (folder) => {
      const file = inFolder(folder, "roles.toml");
      writeFileSync(file, readFileSync(file, "utf8").replace("fresh_minutes = 10", "fresh_minutes = 1"));
    },
  }));
});
after(async () => {
  await browser?.close();
  await world?.stop();
  await provider?.stop();
});

const face = (name) => world.demo.addresses[name];
const is_in = async (person) => {
  await person.page.goto(`${face("console")}/${person.lang}/me`);
  return path(person.page) === `/${person.lang}/me`;
};

async function toProvider(options = {}) {
  const person = await Person.at(browser, { look: async () => {}, ...options });
  await person.open(`${face(options.face ?? "console")}/${person.lang}/sign-in`);
  await person.follow("sso-sign-in");
  assert.ok(person.page.url().startsWith(provider.issuer), person.page.url());
  return person;
}

const AUTHENTICATOR = {
  protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
  isUserVerified: true, automaticPresenceSimulation: true,
};

test("a passkey is made, lets in on both faces, proves it anew, and once removed is none", async () => {
  const officer = await signIn(world, browser, "officer", { look, script: true, lang: "en" });
  const { page } = officer;
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });
  // The account's page is the console's.
  await officer.open(`${face("console")}/en/sign-in`);
  const account = world.demo.accounts.find((account) => account.login === "officer");
  await officer.fill("sign-in-name", "officer");
  await officer.fill("sign-in-password", account.password);
  await officer.fill("sign-in-code", await freshCode(world, "officer"));
  await officer.press("sign-in-button");
  await officer.follow("nav-me");
  await officer.follow("passkey-add");
  await officer.fill("passkey-name", "a phone");
  await officer.click("passkey-make");
  await page.waitForURL(/done=passkey-added/);
  await officer.sees("passkey-added");
  await officer.press("sign-out");

  for (const name of ["console", "office"]) {
    await officer.open(`${face(name)}/en/sign-in`);
    await officer.click("passkey-sign-in");
    await page.waitForURL(`${face(name)}/en/`);
  }
  // A device that has not verified its holder lets nobody in.
  await officer.open(`${face("console")}/en/sign-in`);
  await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await officer.click("passkey-sign-in");
  await officer.told("passkey-not-given");
  await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });

  // A minute later the proof is stale: the passkey gives a new one, and what was asked goes on by itself.
  await officer.open(`${face("console")}/en/me`);
  await new Promise((done) => setTimeout(done, 61_000));
  await page.getByRole("button", { name: /a phone/ }).click();
  await officer.comesTo("prove-title");
  await officer.click("passkey-prove");
  await page.waitForURL(/done=passkey-removed/);

  await officer.press("sign-out");
  await officer.open(`${face("console")}/en/sign-in`);
  await officer.click("passkey-sign-in");
  await officer.told("passkey-refused");
  assert.ok(!(await is_in(officer)));
  await officer.close();
});

test("where script is off or passkeys do not work, the page says what to do", async () => {
  const clerk = await Person.at(browser, { look, lang: "zh", width: 320 });
  await clerk.open(`${face("console")}/zh/sign-in`);
  await clerk.sees("passkey-noscript");
  await clerk.close();
  const other = await Person.at(browser, { look, script: true });
  await other.open(`${face("console").replace("localhost", "127.0.0.1")}/zh/sign-in`);
  await other.click("passkey-sign-in");
  await other.told("passkey-none");
  await other.close();
});

test("the provider says who it is, and an account here what they may", async () => {
  const stranger = await toProvider();
  await atProvider(provider, stranger.page, "zhang");
  await stranger.page.getByRole("heading", { name: stranger.exactly("sso-unknown-title") }).waitFor();
  await look(stranger.page);
  await stranger.reads("zhang");
  assert.ok(!(await is_in(stranger)), "nobody gets an account by signing in");
  await stranger.close();

  let admin = await signIn(world, browser, "admin");
  await joinProvider(world, admin, "clerk", "zhang");
  await admin.sees("person-done-joined");
  await joinProvider(world, admin, "investigator", "zhang");
  await admin.sent_back("person-not-taken");

  const clerk = await toProvider();
  const arrived = clerk.page.waitForRequest(/\/sso\/back\?/);
  await atProvider(provider, clerk.page, "zhang");
  await clerk.page.waitForURL(`${face("console")}/zh/`);
  assert.ok(await is_in(clerk));
  const used = (await arrived).url();

  // The same answer again, and its code in a visit of one's own: neither lets in.
  const thief = await Person.at(browser);
  await thief.page.goto(used);
  await thief.sees("sso-not-begun-title");
  await thief.close();
  const second = await toProvider();
  const state = await stateOf(second);
  const code = new URL(used).searchParams.get("code");
  await second.page.goto(`${face("console")}/sso/back?code=${code}&state=${state}`);
  await second.sees("sso-token-title");
  assert.ok(!(await is_in(second)));
  await second.close();

  // A state that is not this visit's.
  const third = await toProvider();
  await third.page.goto(`${face("console")}/sso/back?code=${code}&state=guessed`);
  await third.sees("sso-not-begun-title");
  await third.close();

  // Signed out here; and out for good once the account is disabled.
  await clerk.press("sign-out");
  assert.ok(!(await is_in(clerk)));
  // Accounts are changed by whoever has proved lately who they are.
  await admin.close();
  admin = await signIn(world, browser, "admin");
  await admin.open(`${face("console")}/zh/people/clerk`);
  await admin.press("person-disable");
  const late = await toProvider();
  await atProvider(provider, late.page, "zhang");
  await late.page.getByRole("heading", { name: late.exactly("sso-unknown-title") }).waitFor();
  assert.ok(!(await is_in(late)));
  await admin.press("person-enable");
  for (const person of [clerk, late, admin]) await person.close();
});

/// Begins a visit, and gives its state.
async function stateOf(person) {
  const leaving = person.page.waitForRequest((request) => request.url().includes("state="));
  await person.page.goto(`${face("console")}/${person.lang}/sso`);
  return new URL((await leaving).url()).searchParams.get("state");
}

test("a provider's word that does not hold lets nobody in", async () => {
  for (const [why, lie] of Object.entries(provider.lies)) {
    provider.now.lie = lie;
    const person = await toProvider();
    await atProvider(provider, person.page, "mallory");
    await person.page.getByRole("heading", { name: person.exactly("sso-token-title") }).waitFor().catch((cause) => {
      throw new Error(`${why}: ${cause}`);
    });
    assert.ok(!(await is_in(person)), why);
    await person.close();
  }
  provider.now.lie = null;
});

test("while the provider is silent, the way in by password is there", async () => {
  provider.now.silent = true;
  const person = await Person.at(browser, { look });
  await person.open(`${face("console")}/zh/sign-in`);
  await person.follow("sso-sign-in");
  await person.sees("sso-down-title");
  await person.close();
  const auditor = await signIn(world, browser, "auditor");
  assert.ok(await is_in(auditor));
  await auditor.close();
  provider.now.silent = false;
});

test("proving it anew by the provider keeps what was filled in, and the provider really asks", async () => {
  const root = await signIn(world, browser, "admin");
  await create(root, "second", "系统管理员");
  const [password] = await root.page.locator("main code").allInnerTexts();
  await joinProvider(world, root, "second", "li");
  await root.close();

  const second = await toProvider();
  await atProvider(provider, second.page, "li");
  // A first password is changed before anything else, whichever way one came.
  await second.page.waitForURL(/me\/password/);
  await second.fill("field-password-now", password);
  await second.fill("field-password-new", "only this person knows it");
  await second.fill("field-password-again", "only this person knows it");
  await second.page.getByRole("button", { name: second.exactly("me-password") }).click();
  await second.sees("me-done-password");

  await new Promise((done) => setTimeout(done, 61_000));
  await create(second, "third", "受理员");
  await second.sees("prove-title");
  await second.press("sso-prove");
  await second.page.waitForURL((url) => url.href.startsWith(provider.issuer));
  await atProvider(provider, second.page, "li");
  await second.page.getByRole("heading", { name: second.exactly("prove-done-title") }).waitFor();
  await look(second.page);
  await second.press("prove-button");
  await second.sees("people-created");
  await second.reads("third");

  // Somebody else's proof is none.
  await new Promise((done) => setTimeout(done, 61_000));
  await create(second, "fourth", "受理员");
  await second.press("sso-prove");
  await second.page.waitForURL((url) => url.href.startsWith(provider.issuer));
  await atProvider(provider, second.page, "zhang");
  await second.page.getByRole("heading", { name: second.exactly("sso-too-weak-title") }).waitFor();
  await second.open(`${face("console")}/zh/people`);
  assert.ok(!(await second.text()).includes("fourth"));
  await second.close();
});

async function create(person, login, role) {
  await person.open(`${face("console")}/zh/people/new`);
  await person.fill("field-login", login);
  await person.fill("field-name", `某${login}`);
  await person.page.getByLabel(role, { exact: true }).check();
  await person.press("people-create");
}
