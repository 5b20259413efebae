// "Do you want to give your name?", with script: the answer never leaves the device. Every request of whole reports is read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { name, putAway, send, toSeal } from "./device.mjs";
import { Person } from "./person.mjs";
import { PERSON, REPORT, agree, nameThemselves, receipt } from "./reporter.mjs";
import { browser, look, portal, stage } from "./stage.mjs";
import { path } from "./world.mjs";

stage();

/// Somebody on the smallest phone; `requests` is all that their page has asked for.
async function reporter(lang = "zh") {
  const person = await Person.at(browser, { lang, width: 320, look, script: true });
  person.requests = [];
  person.page.on("request", (request) => person.requests.push(request));
  return person;
}

const report = (target) => ({ ...REPORT, target });
const remembered = (person) => person.page.evaluate(() => sessionStorage.length);

/// What a request says: its first line, and each value of its body under its name.
function said(request) {
  const { pathname, search } = new URL(request.url());
  const body = request.postData() ?? "";
  const values = body.startsWith("{") ? flat("", JSON.parse(body)) : [...new URLSearchParams(body)];
  return { line: `${request.method()} ${pathname}${search}`, values };
}

const flat = (name, value) => typeof value === "object" && value !== null
  ? Object.entries(value).flatMap(([key, each]) => flat(key, each))
  : [[name, String(value)]];

/// All that was sent as the answer to the first question.
function answers(person) {
  const values = person.requests.flatMap((request) => said(request).values);
  return values.filter(([key]) => key === "name").map(([, value]) => value);
}

function saysNothing(person) {
  for (const { line, values } of person.requests.map(said)) {
    assert.ok(!/sealed|nameless/.test(line), line);
    for (const [key, value] of values) assert.ok(!["sealed", "nameless"].includes(value), `${key} of ${line}`);
  }
  assert.deepEqual([...new Set(answers(person))], ["device"]);
}

/// Pages and what scripts ask for until the report is sent, with the length of each value: styles and scripts may be kept
/// by the browser.
function shape(person) {
  const asked = person.requests.filter((request) => ["document", "fetch", "xhr"].includes(request.resourceType()));
  const lines = asked.map(said).map(({ line, values }) => [line, ...values.map(([key, value]) => `${key}: ${value.length}`)]);
  return lines.slice(0, lines.findIndex(([line]) => line.endsWith("/device/send")) + 1);
}

async function comesTo(person, address) {
  await person.page.waitForURL(`**${address}`);
}

test("nothing that is sent says whether there is a name, and a report with one looks like a report without", async () => {
  const shapes = [];
  for (const named of [true, false]) {
    const person = await reporter();
    await toSeal(person, portal, { named, report: report("同形砖厂") });
    assert.equal(await remembered(person), 1);
    if (named) {
      await name(person, PERSON);
      await person.click("continue");
      await person.comesTo("check-title");
    }
    await person.sees(named ? "name-sealed" : "name-nameless");
    const code = await send(person);
    assert.equal(await remembered(person), 0, "it was sent: nothing is remembered any more");
    await putAway(person, code);
    saysNothing(person);
    assert.equal(answers(person).length, 1);
    shapes.push(shape(person));
    await person.close();
  }
  assert.equal(shapes[0].at(-1)[0], "POST /zh/device/send", "the requests were seen");
  assert.deepEqual(shapes[0], shapes[1]);
});

test("a question without an answer is said to have none, and is then answered like any other", async () => {
  const person = await reporter();
  await agree(person, portal);
  await person.press("continue");
  await person.sent_back("name-missing");
  assert.deepEqual([answers(person), await remembered(person)], [[], 0]);
  await person.choose("name-nameless");
  await person.press("continue");
  await comesTo(person, "/zh/region");
  saysNothing(person);
  await person.close();
});

test("the answer is there again after Back, in the other language and after Help", async () => {
  const person = await reporter();
  const { page } = person;
  await agree(person, portal);
  await person.choose("name-sealed");
  await person.press("continue");
  await comesTo(person, "/zh/region");
  await page.goBack();
  await comesTo(person, "/zh/name");
  assert.ok(await person.field("name-sealed").isChecked(), "by the browser's own way back");
  await person.press("continue");
  await comesTo(person, "/zh/region");
  await person.press("back");
  await comesTo(person, "/zh/name");
  assert.ok(await person.field("name-sealed").isChecked(), "by the page's");
  await page.getByRole("button", { name: "English" }).click();
  await comesTo(person, "/en/name");
  person.lang = "en";
  assert.ok(await person.field("name-sealed").isChecked(), "in the other language");
  await person.choose("name-nameless");
  await person.press("help");
  await page.waitForURL(/\/en\/help/);
  await person.follow("back");
  await comesTo(person, "/en/name");
  assert.ok(await person.field("name-nameless").isChecked(), "and changed");
  saysNothing(person);
  await person.close();
});

test("with the keyboard alone the answer stays as well", async () => {
  const person = await reporter();
  await agree(person, portal);
  await person.field("name-nameless").focus();
  await person.page.keyboard.press("Space");
  await person.page.keyboard.press("Enter");
  await comesTo(person, "/zh/region");
  saysNothing(person);
  await person.close();
});

for (const lang of ["zh", "en"]) {
  test(`a browser that lets no page remember is asked at the end, in ${lang}`, async () => {
    const person = await reporter(lang);
    const { page } = person;
    await page.addInitScript(() => Object.defineProperty(globalThis, "sessionStorage", {
      get() {
        throw new DOMException("forbidden", "SecurityError");
      },
    }));
    await toSeal(person, portal, { report: report(`Asked at the end in ${lang}`), ready: false });
    await person.comesTo("name-title");
    assert.ok(await page.evaluate(() => document.activeElement.matches("h1")), "the focus is on its heading");
    await person.click("continue");
    await person.told("name-missing");
    await look(page);
    await person.field("name-choose").selectOption("sealed");
    await person.click("continue");
    await person.comesTo("identity-title");
    await page.getByRole("link", { name: person.exactly("device-stay-nameless") }).click();
    await person.comesTo("check-title");
    await person.sees("name-nameless");

    // "Change" beside the answer: nothing else is lost by it.
    await page.locator('#stage [data-do="name"]').click();
    await person.comesTo("name-title");
    assert.equal(await person.field("name-choose").inputValue(), "nameless");
    await person.field("name-choose").selectOption("sealed");
    await person.click("continue");
    await person.comesTo("identity-title");
    await name(person, PERSON);
    await person.click("continue");
    await person.comesTo("check-title");
    await person.sees("name-sealed");
    await page.locator('#stage [data-do="name"]').click();
    await person.comesTo("name-title");
    await person.click("continue");
    await person.comesTo("identity-title");
    assert.equal(await person.field("identity-name").inputValue(), PERSON.name);
    await person.click("continue");
    await person.comesTo("check-title");
    assert.equal(path(page), `/${lang}/seal`);
    await putAway(person, await send(person));
    saysNothing(person);
    await person.close();
  });
}

test("whoever goes on without script, with script on, is told that the server reads the answer, and gets to the receipt", async () => {
  for (const named of [true, false]) {
    const person = await reporter("en");
    const { page } = person;
    await page.addInitScript(() => Object.defineProperty(globalThis.crypto, "subtle", { value: undefined }));
    await toSeal(person, portal, { named, report: report("Quarry without script"), ready: false });
    await person.told("device-crypto");
    saysNothing(person);
    await person.follow("device-plain");
    await person.sees("name-server");
    assert.equal(await remembered(person), 0);
    assert.equal(await page.locator("input:checked").count(), 0);
    const told = named ? "sealed" : "nameless";
    await person.choose(`name-${told}`);
    await person.press("continue");
    if (named) {
      await person.sees("identity-server");
      await nameThemselves(person);
      await person.press("identity-next");
    }
    // Changed from here, it is told to the server again, and leads back here.
    await person.sees("check-not-sent");
    await page.locator("dl.summary a").first().click();
    await comesTo(person, "/en/name?plain=1");
    assert.ok(await person.field(`name-${told}`).isChecked());
    await person.press("continue");
    await person.sees("check-not-sent");
    await person.press("check-send");
    await receipt(person);
    assert.deepEqual(answers(person), ["device", told, told]);
    await person.close();
  }
});

test("until its script has come, the page of the question shows the way out, and nothing that could send", async () => {
  const person = await reporter();
  const { page } = person;
  let coming = Promise.resolve();
  await page.route("**/assets/reporter-name-*", async (route) => {
    await coming;
    return route.continue();
  });
  await agree(person, portal);
  let come;
  coming = new Promise((on) => (come = on));
  await page.goto(`${portal}/zh/name`, { waitUntil: "commit" });
  await page.getByRole("link", { name: person.exactly("leave") }).waitFor();
  assert.equal(await page.locator("button, form, input").count(), 0);
  come();
  await person.choose("name-sealed");
  await person.press("continue");
  await comesTo(person, "/zh/region");
  saysNothing(person);
  await person.close();
});

test("leaving from a page without a script forgets the answer, in a browser that clears nothing by itself, too", async () => {
  const person = await reporter();
  const { page } = person;
  await page.context().route(/^https:/, (route) => route.fulfill({ body: "sunny" }));
  let told;
  await page.route("**/leave", async (route) => {
    const response = await route.fetch();
    const { "clear-site-data": clear, ...headers } = response.headers();
    told = clear;
    return route.fulfill({ response, headers });
  });
  await agree(person, portal);
  await person.choose("name-sealed");
  await person.press("continue");
  await comesTo(person, "/zh/region");
  assert.equal(await page.locator("script").count(), 0);
  assert.equal(await remembered(person), 1);
  await page.getByRole("link", { name: person.exactly("leave") }).click();
  await page.waitForURL(/^https:/);
  assert.match(told, /"storage"/);
  await page.goto(`${portal}/zh/start`);
  assert.equal(await remembered(person), 0);
  await person.close();
});

test("leaving forgets the answer in the moment the link is pressed", async () => {
  const person = await reporter();
  const { page } = person;
  await agree(person, portal);
  await person.choose("name-sealed");
  await person.press("continue");
  await comesTo(person, "/zh/region");
  await page.goBack();
  await comesTo(person, "/zh/name");
  assert.equal(await remembered(person), 1);
  // What a browser is told to clear is tried elsewhere; this is the page's own.
  await page.route("**/leave", (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: "left" }));
  await page.getByRole("link", { name: person.exactly("leave") }).click();
  await comesTo(person, "/leave");
  assert.equal(await remembered(person), 0);
  await person.close();
});
