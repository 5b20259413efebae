// The keys of the console: off until they are asked for, never while somebody types, and none that does more than move.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signIn } from "./staff.mjs";
import { browser, look, stage, world } from "./stage.mjs";
import { path } from "./world.mjs";

stage();

const at = (page) => page.evaluate(() => document.activeElement.closest("tr")?.querySelector("th")?.innerText ?? document.activeElement.id);
const ticked = (page) => page.locator("input[name=n]:checked").count();

test("keys move, tick and follow, do nothing while typing, and are off without having been asked for", async () => {
  const clerk = await signIn(world, browser, "clerk", { look, script: true });
  const { page } = clerk;
  const press = (...keys) => keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
  const list = async () => {
    await clerk.follow("nav-cases");
    const numbers = await page.locator("tbody th").allInnerTexts();
    return numbers.map((text) => text.match(/\d{4}-\d+/)[0]);
  };

  await list();
  await press("j", "x");
  assert.equal(await ticked(page), 0, "off");

  await clerk.follow("staff-help");
  await clerk.press("keys-turn-on");
  await clerk.sees("keys-now-on");
  const numbers = await list();
  await press("j", "j");
  assert.ok((await at(page)).startsWith(numbers[1]));
  await press("x");
  assert.equal(await page.locator("input[name=n]:checked").inputValue().then((value) => value.split(".")[0]), numbers[1]);
  await press("k", "k");
  assert.ok((await at(page)).startsWith(numbers[0]), "no further than the first");

  // What is typed is typed, also by a method of input that composes.
  await press("/");
  assert.equal(await at(page), "text");
  await press("x", "j", "g", "q");
  assert.equal(await page.inputValue("#text"), "xjgq");
  await page.locator("tbody th a").first().focus();
  await page.evaluate(() => {
    const options = { key: "x", bubbles: true, isComposing: true };
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", options));
  });
  await press("Control+x");
  assert.equal(await ticked(page), 1);

  // Into a case and back: to the row it was opened from, which has the focus.
  await Promise.all([page.waitForURL(/cases\/\d/), press("Enter")]);
  await look(page);
  await Promise.all([page.waitForURL(/cases\?/), press("u")]);
  assert.equal(await at(page), numbers[0] + (await page.locator("tbody th").first().innerText()).slice(numbers[0].length));
  await Promise.all([page.waitForURL(/\/zh\/$/), press("g", "t")]);
  await Promise.all([page.waitForURL(/\/zh\/cases$/), press("g", "q")]);
  await Promise.all([page.waitForURL(/\/zh\/help$/), press("?")]);

  // On the page of a move every key is pressed, and nothing happens.
  const [number] = await list();
  await page.goto(`${world.demo.addresses.console}/zh/cases/${number}/moves/note`);
  await page.locator("h1").click();
  for (const key of "abcdefhijklmnopqrstvwxyz0123456789") await press(key);
  assert.equal(path(page), `/zh/cases/${number}/moves/note`);

  await page.goto(`${world.demo.addresses.console}/zh/help`);
  await clerk.press("keys-turn-off");
  await clerk.sees("keys-now-off");
  await list();
  await press("j", "x");
  assert.equal(await ticked(page), 0, "off again");
  await clerk.close();
});

test("many cases at once, without script and by keyboard alone", async () => {
  const clerk = await signIn(world, browser, "zibo-clerk", { look });
  const { page } = clerk;
  await clerk.follow("nav-cases");
  await page.locator("input[name=n]").first().focus();
  await page.keyboard.press("Space");
  assert.equal(await ticked(page), 1);
  await clerk.press("bulk-mark-read");
  await clerk.sees("bulk-most", { most: "200" });
  await clerk.follow("go-back");
  assert.equal(path(page), "/zh/cases");
  await clerk.close();
});
