// Staff who come in by single sign-on, at a real provider.

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Person } from "./person.mjs";
import { CLIENT, startProvider } from "./provider.mjs";
import { startDemo } from "./world.mjs";

/// Ours by name, because passkeys know no numbers; the provider by number, so that it is another site.
const named = (address) => address.replace("127.0.0.1", "localhost");

/// A demo whose door has passkeys and single sign-on.
export async function startWithProvider(options = {}) {
  let provider;
  const world = await startDemo({
    ...options,
    // The ports of our faces are known only when the demo is about to start.
    door: async ({ console, office, folder }) => {
      const faces = [console, office].map((at) => `http://${named(at)}`);
      provider = await startProvider(faces.map((face) => `${face}/sso/back`));
      const secret = join(folder, "sso-secret");
      writeFileSync(secret, CLIENT.secret);
      chmodSync(secret, 0o600);
      return [
        "[faces]", `console = "${faces[0]}"`, `office = "${faces[1]}"`,
        "[passkeys]", 'domain = "localhost"',
        "[sso]", `issuer = "${provider.issuer}"`, `client_id = "${CLIENT.id}"`, `secret_file = "${secret}"`,
      ].join("\n");
    },
  });
  for (const [face, at] of Object.entries(world.demo.addresses)) world.demo.addresses[face] = named(at);
  return { world, provider };
}

/// At the provider's own pages: a name, then leave to go on.
export async function atProvider(provider, page, name) {
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  // Once for leave to go on, twice where it was somebody else's visit before.
  while (page.url().startsWith(provider.issuer)) await page.getByRole("button", { name: "Continue" }).click();
}

/// An administrator says who `login` is to the provider.
export async function joinProvider(world, admin, login, subject) {
  await admin.open(`${world.demo.addresses.console}/${admin.lang}/people/${login}`);
  await admin.fill("person-subject", subject);
  await admin.page.locator("form", { has: admin.page.locator("#subject") }).getByRole("button").click();
}

/// In place of `signIn`: the provider knows everybody by their log-in.
export const signOnAt = (provider) => async (world, browser, login, options = {}) => {
  const person = await Person.at(browser, options);
  person.account = world.demo.accounts.find((account) => account.login === login);
  await person.open(`${world.demo.addresses[person.account.face]}/${person.lang}/sign-in`);
  await person.follow("sso-sign-in");
  await atProvider(provider, person.page, login);
  await person.page.waitForURL((url) => url.pathname === `/${person.lang}/`);
  return person;
};
