// What must hold on every page, whoever it is for.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [320, 390, 1280];
/// Where every page met is to be photographed; see screenshots.mjs.
const ALBUM = process.env.MIFENG_ALBUM;
/// Where files of stories that run side by side tell one another which pages they have looked at. `make browser` empties it.
const LOOKED = process.env.MIFENG_LOOKED;

/// Looks at a copy of what a person without script sees, in a second page that may run script: axe needs it.
export async function checker(browser) {
  const context = await browser.newContext({ bypassCSP: true });
  const twin = await context.newPage();
  const photographed = new Map();

  /// No script, no accessibility violation, no sideways scroll, one main heading, one language.
  return async function sound(page) {
    // A script that is not deferred may still be on its way, and half of the page with it.
    await page.waitForLoadState("domcontentloaded");
    const where = `${new URL(page.url()).pathname} (${await page.title()})`;
    // Our own script is fetched from its own address, bound to its bytes; the copy looked at has none.
    const html = (await page.content()).replace(/<script(?: defer="")? src="\/assets\/[\w.-]+" integrity="sha384-[\w+/=]+"(?: defer="")?><\/script>/g, "");
    assert.ok(!/<script|\son[a-z]+=|javascript:/i.test(html), `${where}: script`);
    assert.match(html, /<html lang="(zh-Hans|en)"/, where);
    assert.equal(await page.locator("h1").count(), 1, `${where}: main headings`);
    const words = await page.locator("body").innerText();
    assert.ok(!/\{ ?\$|undefined|NaN|Some\(|\bnull\b/.test(words), `${where}: something unfinished in ${words}`);
    assert.deepEqual(await page.evaluate(strangers), [], `${where}: words of the other language`);
    const looked = LOOKED && !ALBUM && join(LOOKED, likeness(html, page.viewportSize()));
    if (looked && existsSync(looked)) return;
    await context.clearCookies();
    await context.addCookies(await page.context().cookies());
    await twin.route(page.url(), (route) => route.fulfill({ body: html, contentType: "text/html; charset=utf-8" }));
    await twin.setViewportSize(page.viewportSize());
    await twin.goto(page.url());
    await twin.evaluate(AXE);
    const found = await twin.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    const problems = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`);
    assert.deepEqual(problems, [], `${where}: axe`);
    const name = ALBUM && albumName(page, photographed);
    for (const width of WIDTHS) {
      await twin.setViewportSize({ width, height: 800 });
      const [wide, room] = await twin.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= room, `${where}: ${wide} px wide on a screen of ${room}`);
      if (name && width !== 390) {
        mkdirSync(ALBUM, { recursive: true });
        await twin.screenshot({ path: join(ALBUM, `${name}-${width}.png`), fullPage: true });
      }
    }
    await twin.unroute(page.url());
    if (looked) writeFileSync(looked, "");
  };
}

/// The same for pages that differ in digits and in long random words alone: neither axe nor their width tells them apart.
function likeness(html, size) {
  const alike = html.replace(/[\w+/=-]{32,}/g, (word) => "x".repeat(word.length)).replace(/\d/g, "0");
  return createHash("sha256").update(JSON.stringify([alike, size])).digest("hex");
}

/// Our own words that are not in the page's language and do not say so. What people typed is left alone.
function strangers() {
  const ours = "nav a, nav button, header a, footer, label, legend, button, th, dt, caption, h1, h2, .tag, .panel > p";
  const strange = document.documentElement.lang === "en" ? /\p{Script=Han}/u : /^[\x20-\x7e]*[a-z]{3,} [a-z]{2,} [a-z]{2,}/i;
  const found = [];
  for (const element of document.querySelectorAll(ours)) {
    if (element.closest(".typed, [lang]").matches("html") && !element.querySelector("[lang], .typed")) {
      const words = element.innerText.trim().replace(/"[^"]*"/g, "");
      if (strange.test(words)) found.push(words);
    }
  }
  return found;
}

/// One name for all pages of a kind, numbered where what they show differs.
function albumName(page, photographed) {
  const kind = new URL(page.url()).pathname.replace(/\d{4}-\d+/, "N").replace(/[0-9a-f]{16,}/, "B");
  const name = `${basename(process.argv[1], ".test.mjs")}${kind.replaceAll("/", "-")}`.replace(/-$/, "");
  const count = (photographed.get(name) ?? 0) + 1;
  photographed.set(name, count);
  return `${name}-${count}`;
}

/// Notes every request that leaves `origins` or asks for script, and every page without its strict headers.
export function watch(page, origins) {
  const problems = [];
  page.on("request", (request) => {
    if (!origins.some((origin) => request.url().startsWith(origin))) problems.push(`asked ${request.url()}`);
    if (request.resourceType() === "script") problems.push(`script ${request.url()}`);
  });
  page.on("response", (response) => {
    const headers = response.headers();
    if (!headers["content-type"]?.startsWith("text/html")) return;
    for (const part of ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"]) {
      const policy = headers["content-security-policy"] ?? "";
      if (!policy.includes(part)) problems.push(`${response.url()}: no ${part}`);
    }
    if (!headers["cache-control"]?.includes("no-store")) problems.push(`${response.url()}: may be kept`);
  });
  return problems;
}
