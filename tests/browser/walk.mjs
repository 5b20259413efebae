// Every page that links lead to, for a part there is to play.

import assert from "node:assert/strict";
import { test } from "node:test";
import { watch } from "./checks.mjs";
import { browser, look, world } from "./stage.mjs";
import { signIn } from "./staff.mjs";

export const LANGS = ["zh", "en"];

/// Follows links breadth first, one page of each kind and language; gives the kinds met.
export async function walk(person, start) {
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

/// The pages of these members of staff: sound, and open to nobody else.
export function staffPages(...logins) {
  for (const login of logins) {
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
}
