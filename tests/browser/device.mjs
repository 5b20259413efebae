// A reporter's ways through the pages whose script seals on their own device.

import { agree, answer, receipt } from "./reporter.mjs";

/// From the start page through every question, up to the page that seals; `ready`: until its script has begun. The pages
/// of the questions are looked at in other tests.
export async function toSeal(person, portal, { named = true, report, ready = true } = {}) {
  const { look } = person;
  person.look = async () => {};
  await agree(person, portal);
  await person.choose(named ? "name-sealed" : "name-nameless");
  await person.press("continue");
  await answer(person, report);
  person.look = look;
  if (ready) await person.comesTo(named ? "identity-title" : "check-title");
}

/// Fills in the person; with `who.account` the reward is to be transferred.
export async function name(person, who) {
  await person.fill("identity-name", who.name);
  await person.field("identity-id-kind").selectOption("resident");
  await person.fill("identity-id-number", who.idNumber);
  await person.fill("identity-mobile", who.mobile);
  await person.field("identity-payee").selectOption(who.account ? "account" : "person");
  if (who.account) {
    await person.fill("identity-holder", who.name);
    await person.fill("identity-bank", who.bank);
    await person.fill("identity-account", who.account);
  }
  await person.field("identity-own").selectOption("yes");
  await person.choose("identity-consent");
}

/// Sends what was checked; gives the receipt that the page shows.
export async function send(person) {
  await person.click("check-send");
  return await sent(person);
}

export async function sent(person) {
  await person.comesTo("receipt-title");
  return await receipt(person);
}

/// Types the last group, and comes to the page of files.
export async function putAway(person, code) {
  await person.click("receipt-next");
  await person.comesTo("receipt-check");
  await person.fill("receipt-check-label", code.slice(-4));
  await Promise.all([person.page.waitForURL("**/files"), person.click("receipt-check")]);
  await person.look(person.page);
}

/// From the start page to the page that asks for the receipt.
export async function toReturn(person, portal) {
  await person.open(`${portal}/${person.lang}/start`);
  await person.page.getByRole("link", { name: person.exactly("start-mine") }).click();
  await person.field("mine-receipt").waitFor();
  await person.look(person.page);
}

export async function comeBack(person, portal, code) {
  await toReturn(person, portal);
  await person.fill("mine-receipt", code);
  await person.click("mine-sign-go");
  await person.comesTo("mine-title");
}
