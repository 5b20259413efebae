// What must hold on every page of the mini-program that somebody comes to.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../tests/browser/world.mjs";

const AXE = readFileSync(createRequire(join(ROOT, "tests/browser/")).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [320, 390];
/** Where every page met is to be photographed. */
const ALBUM = process.env.MIFENG_ALBUM;
let photographed = 0;

/** No accessibility violation in the page itself, no sideways scroll, a heading, nothing unfinished, one language. */
export async function look(phone) {
  const { page, front } = phone;
  const where = `${await page.evaluate(screenShown)} (${await page.locator("#title").innerText()})`;
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run("page:not([hidden])", { resultTypes: ["violations"], rules: { region: { enabled: false } } }));
  const problems = found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(", ")}`);
  assert.deepEqual(problems, [], `${where}: axe`);
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: before.height });
    const [wide, room] = await page.locator("#stack").evaluate((stack) => [stack.scrollWidth, stack.clientWidth]);
    assert.ok(wide <= room, `${where}: ${wide} px wide on a screen of ${room}`);
    if (ALBUM) await photograph(phone, width);
  }
  await page.setViewportSize(before);
  assert.ok((await front.getByRole("heading").count()) > 0, `${where}: no heading`);
  const text = await phone.text();
  assert.ok(!/\{ ?\$|undefined|NaN|\bnull\b|\[object|\{\w+\}/.test(text), `${where}: something unfinished in ${text}`);
  assert.equal(await page.evaluate(() => host.capture), "hidden", `${where}: no picture of it for the task switcher`);
  assert.deepEqual(await page.evaluate(strangers, phone.lang), [], `${where}: words of the other language`);
}

/** Which screen is in front: WeChat itself is told of one page for most of them. */
function screenShown() {
  const { route, page } = host.stack.at(-1);
  return page.data.screen === "tab" ? route.split("/").at(-1) : page.data.screen;
}

/** The whole page, as long as it is. */
async function photograph({ page, lang }, width) {
  mkdirSync(ALBUM, { recursive: true });
  const height = await page.evaluate(() => document.getElementById("stack").scrollHeight + document.getElementById("bar").offsetHeight + document.getElementById("tabs").offsetHeight);
  await page.setViewportSize({ width, height: Math.max(800, height) });
  const name = await page.evaluate(screenShown);
  await page.screenshot({ path: join(ALBUM, `${String(photographed++).padStart(3, "0")}-${name}-${lang}-${width}.png`) });
  await page.setViewportSize({ width, height: 800 });
}

/** Our own words that are not in the reader's language. */
function strangers(lang) {
  const strange = lang === "en" ? /\p{Script=Han}/u : /^[\x20-\x7e]*[a-z]{3,} [a-z]{2,} [a-z]{2,}/i;
  return [...document.querySelectorAll("page:not([hidden]) :is(.h1, .h2, .h3, .label, .button, .link)")]
    .map((element) => element.innerText.trim()).filter((text) => strange.test(text));
}
