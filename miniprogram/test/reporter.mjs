// A reporter's way through the mini-program.

import { HAZARD, CHEMICAL, REPORT } from "../../tests/browser/reporter.mjs";

/// From the first page to the question about the name.
export async function agree(phone) {
  await phone.comesTo("start-title");
  await phone.click("start-go");
  await phone.comesTo("before-title");
  await phone.click("before-next");
  await phone.comesTo("agree-title");
  await phone.click("agree-next");
  await phone.comesTo("name-title");
}

/// Every question but the name's.
export async function answer(phone, report = REPORT) {
  await phone.comesTo("region-title");
  await phone.fill("region-search", "张店");
  await phone.click("region-search-go");
  await phone.front.getByRole("button", { name: /张店区/ }).first().click();
  await phone.comesTo("kind-title");
  await phone.option(HAZARD[phone.lang]);
  await phone.click("continue");
  await phone.comesTo("industry-title");
  await phone.option(CHEMICAL[phone.lang]);
  await phone.click("continue");
  await phone.comesTo("place-title");
  await phone.fill("place-target", report.target);
  await phone.fill("place-address", report.address);
  await phone.click("continue");
  await phone.comesTo("story-title");
  await phone.fill("story-story", report.story);
  await phone.fill("story-when", report.when);
  await phone.choose("story-danger");
  await phone.click("continue");
}

export async function name(phone, who) {
  await phone.comesTo("identity-title");
  await phone.fill("identity-name", who.name);
  await phone.choose("identity-id-resident");
  await phone.fill("identity-id-number", who.idNumber);
  await phone.fill("identity-mobile", who.mobile);
  await phone.choose(who.account ? "identity-payee-account" : "identity-payee-person");
  if (who.account) {
    await phone.fill("identity-holder", who.name);
    await phone.fill("identity-bank", who.bank);
    await phone.fill("identity-account", who.account);
  }
  await phone.choose("identity-own-yes");
  await phone.choose("identity-consent");
  await phone.click("continue");
}

export async function toCheck(phone, { who, report } = {}) {
  await agree(phone);
  await phone.choose(who ? "name-sealed" : "name-nameless");
  await phone.click("continue");
  await answer(phone, report);
  if (who) await name(phone, who);
  await phone.comesTo("check-title");
}

/// The receipt as it stands on the page.
export async function receipt(phone) {
  await phone.comesTo("receipt-title");
  const groups = (await phone.front.locator(".receipt").innerText()).match(/\d{4}/g);
  if (groups?.length !== 8) throw new Error("no receipt");
  return groups.join(" ");
}

export async function send(phone) {
  await phone.click("check-send");
  return await receipt(phone);
}

export async function putAway(phone, code) {
  await phone.click("receipt-next");
  await phone.comesTo("receipt-check");
  await phone.fill("receipt-check-label", code.slice(-4));
  await phone.click("receipt-check");
  await phone.comesTo("files-title");
}

export async function comeBack(phone, code) {
  await phone.tab("tab-progress");
  await phone.comesTo("mine-sign-title");
  await phone.fill("mine-receipt", code);
  await phone.click("mine-sign-go");
  await phone.comesTo("mine-title");
}

/// Opens what was sent, which nobody sees over a shoulder until it is asked for.
export async function opensContent(phone) {
  if ((await phone.front.locator(".summary").count()) === 0) await phone.click("mine-content");
  await phone.front.locator(".summary").waitFor();
}

/// Picks files with one of WeChat's pickers.
export async function pick(phone, button, ...files) {
  const [chooser] = await Promise.all([phone.page.waitForEvent("filechooser"), phone.click(button)]);
  await chooser.setFiles(files);
}
