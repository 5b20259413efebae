// Every page a link leads to, for every part there is to play, in both languages: sound, and open to nobody else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { checker, watch } from "./checks.mjs";
import { Person } from "./person.mjs";
import { signIn } from "./staff.mjs";
import { launch, startDemo } from "./world.mjs";

const PARTS = ["clerk", "investigator", "approver", "trustee1", "auditor", "leader", "admin", "officer"];
const LANGS = ["zh", "en"];

let world, browser, look;
before(async () => {
  [world, browser] = await Promise.all([startDemo(), launch()]);
  look = await checker(browser);
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

/// Follows links breadth first, one page of each kind and language; gives the kinds met.
async function walk(person, start) {
  const { page } = person;
  const problems = watch(page, [start]);
  const met = new Map();
  const ahead = [...LANGS.map((lang) => `${start}/${lang}/`)];
  while (ahead.length > 0) {
    const address = ahead.shift();
    const kind = kindOf(address);
    if (met.has(kind)) continue;
    met.set(kind, address);
    await page.goto(address);
    await look(page);
    for (const href of await page.locator("a[href]").evaluateAll((links) => links.map((link) => link.href))) {
      const url = new URL(href);
      url.hash = "";
      if (url.origin === start && !ELSEWHERE.test(url.pathname)) ahead.push(url.href);
    }
  }
  assert.deepEqual(problems, []);
  return met;
}

/// Links that are no pages: downloads, pictures, and the way out.
const ELSEWHERE = /\/(request|package|bytes|leave|csv|dataset\.(csv|parquet))$|^\/log|\/documents\/[^/]+$/;

/// Pages that differ only in which case, place or filter they show.
function kindOf(address) {
  const { pathname, searchParams } = new URL(address);
  const path = pathname.replace(/\d{4}-\d+/, "N").replace(/[0-9a-f]{16,}/, "B").replace(/people\/(?!new)[\w-]+/, "people/P");
  return `${path}?${[...searchParams.keys()].sort().join("&")}`;
}

test("the portal's pages that need no visit", async () => {
  const person = await Person.at(browser, { width: 320 });
  const met = await walk(person, world.demo.addresses.portal);
  for (const lang of LANGS) {
    for (const page of ["start", "before", "agree", "help", "kept", "figures", "mine"]) {
      assert.ok(met.has(`/${lang}/${page}?`), `${lang}/${page} was not met: ${[...met.keys()]}`);
    }
  }
});

for (const login of PARTS) {
  test(`the pages of ${login}`, async () => {
    const person = await signIn(world, browser, login);
    const met = await walk(person, new URL(person.page.url()).origin);
    assert.ok(met.size >= 6, `${[...met.keys()]}`);
    // Signed out, not one of them opens.
    await person.page.context().clearCookies();
    for (const address of met.values()) {
      await person.page.goto(address);
      assert.match(new URL(person.page.url()).pathname, /sign-in$/, address);
    }
    await person.close();
  });
}

test("a reporter's own pages, in both languages", async () => {
  for (const { receipt } of world.demo.receipts) {
    for (const lang of LANGS) {
      const person = await Person.at(browser, { lang, width: 320, look });
      const { portal } = world.demo.addresses;
      await person.open(`${portal}/${lang}/mine`);
      await person.fill("mine-receipt", receipt);
      await person.press("mine-sign-go");
      assert.equal(await person.page.locator(".status").count(), 1);
      for (const page of ["files", "mine/withdraw", "mine/retaliation", "mine/delete", "mine/claim"]) await person.open(`${portal}/${lang}/${page}`);
      await person.close();
    }
  }
});

test("pages that are not there say so and lead on", async () => {
  for (const [face, start] of Object.entries(world.demo.addresses)) {
    for (const lang of LANGS) {
      const person = await Person.at(browser, { lang, width: 320, look });
      await person.open(`${start}/${lang}/no-such-page`);
      assert.ok(await person.page.locator("main a").count() > 0, `${face} leads nowhere`);
      await person.close();
    }
  }
});
