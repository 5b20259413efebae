// A reporter's ways through the portal.

export const REPORT = {
  target: "砚台岭精细化工厂",
  address: "东门往里第二个罐区",
  story: "二号罐区的法兰在漏，夜班能看到白雾，报警器响了以后被人用胶带包住。",
  when: "上周二夜班",
};

/// The sample number of GB 11643.
export const PERSON = { name: "赵试验", idNumber: "11010519491231002X", mobile: "13800138000" };

/// From the start page to the first question.
export async function agree(person, portal) {
  await person.open(`${portal}/`);
  await person.follow("start-go");
  await person.follow("before-next");
  await person.press("agree-next");
}

/// As policy/ names them.
export const HAZARD = { zh: "重大事故隐患", en: "Major accident hazard" };
export const CHEMICAL = { zh: "化工（含石油化工）", en: "Chemical industry (incl. petrochemical)" };

/// Every question but the name's, up to the page after the story.
export async function answer(person, report = REPORT) {
  await person.fill("region-search", "张店");
  await person.press("region-search-go");
  await person.page.getByRole("button", { name: /张店区/ }).first().click();
  await person.look(person.page);
  await person.page.getByLabel(HAZARD[person.lang]).check();
  await person.press("continue");
  await person.page.getByLabel(CHEMICAL[person.lang]).check();
  await person.press("continue");
  await person.fill("place-target", report.target);
  await person.fill("place-address", report.address);
  await person.press("continue");
  await person.fill("story-story", report.story);
  await person.fill("story-when", report.when);
  await person.choose("story-danger");
  await person.press("continue");
}

/// From the page that seals with script to the way on which the server does.
export async function withoutScript(person) {
  await person.follow("device-plain");
}

export async function nameThemselves(person, who = PERSON) {
  await person.fill("identity-name", who.name);
  await person.choose("identity-id-resident");
  await person.fill("identity-id-number", who.idNumber);
  await person.fill("identity-mobile", who.mobile);
  await person.choose("identity-payee-person");
  await person.choose("identity-own-yes");
  await person.choose("identity-consent");
}

/// The receipt as it stands on the page.
export async function receipt(person) {
  const groups = (await person.page.locator(".receipt").innerText()).match(/\d{4}/g);
  if (groups?.length !== 8) throw new Error(`no receipt on ${person.page.url()}`);
  return groups.join(" ");
}

export async function openMine(person, portal, receipt) {
  await person.open(`${portal}/${person.lang}/start`);
  await person.follow("start-mine");
  await person.follow("return-plain");
  await person.fill("mine-receipt", receipt);
  await person.press("mine-sign-go");
}
