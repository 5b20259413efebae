// What staff do at their screens, whoever they are.

import assert from "node:assert/strict";
import { Person } from "./person.mjs";
import { path } from "./world.mjs";

/// Moves of which the reporter reads nothing: done without a second look.
const SILENT = ["assign", "begin", "note"];

/// The step of each person's last code: none is taken twice.
const spent = new Map();
const STEP_MS = 30_000;

/// A code that has not been taken yet; waits for the next one where it has.
export async function freshCode(world, login) {
  const whose = `${world.folder} ${login}`;
  const step = () => Math.floor(Date.now() / STEP_MS);
  if (spent.get(whose) >= step()) await new Promise((done) => setTimeout(done, STEP_MS - (Date.now() % STEP_MS) + 500));
  const code = world.code(login);
  spent.set(whose, step());
  return code;
}

/// Signs in with the demo's password and the code of that person's phone.
export async function signIn(world, browser, login, options = {}) {
  const account = world.demo.accounts.find((account) => account.login === login);
  const person = await Person.at(browser, options);
  person.account = account;
  await person.open(`${world.demo.addresses[account.face]}/`);
  await person.fill("sign-in-name", login);
  await person.fill("sign-in-password", account.password);
  await person.fill("sign-in-code", await freshCode(world, login));
  await person.press("sign-in-button");
  assert.ok(!path(person.page).endsWith("/sign-in"), `${login} was not let in`);
  return person;
}

/// Finds a case as staff do, by a word of it; gives its number.
export async function findCase(person, text) {
  await person.follow("nav-cases");
  await person.fill("search-label", text);
  await person.press("search-button");
  await person.sees("search-title", { count: 1 });
  const link = person.page.locator("tbody tr", { hasText: text }).getByRole("link").first();
  const number = (await link.innerText()).match(/\d{4}-\d+/)[0];
  await link.click();
  await person.look(person.page);
  return number;
}

/// One of the moves a case page offers: its form, then what the reporter will read, then done.
export async function move(person, name, { number = null, ...fields } = {}) {
  await person.follow(`move-${name}`);
  for (const [key, value] of Object.entries(fields)) {
    if (value === true) await person.choose(key);
    else await person.fill(key, value);
  }
  await person.press("move-continue");
  if (number) await person.fill("field-typed-number", number, { number });
  if (!SILENT.includes(name)) await person.press(`move-${name}`);
  await person.sees("saved");
}

/// What an investigator writes to a reporter, sealed as it is stored.
export async function writeTo(world, browser, target, ...texts) {
  const investigator = await signIn(world, browser, "investigator", { look: async () => {} });
  await findCase(investigator, target);
  for (const text of texts) await move(investigator, "say", { "field-text": text });
  await investigator.close();
}

/// The fields before an act with no way back: the number by hand, the password, perhaps a reason.
export async function stand(person, number, { reason = null } = {}) {
  if (reason) await person.fill("office-field-reason", reason);
  await person.fill("office-field-typed-number", number, { number });
  await person.fill("office-field-password", person.account.password);
}
