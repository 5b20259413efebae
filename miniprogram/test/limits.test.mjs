// What a package may be and ask for: the real one passes, and each thing that is wrong is found.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pack } from "../build.mjs";
import { limits } from "../limits.mjs";

let folder, good;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "mifeng-limits-"));
  good = await pack({ out: join(folder, "good") });
});
after(() => rmSync(folder, { recursive: true }));

/** What is found in a package with this file changed. */
function changed(file, change) {
  const bad = join(folder, "bad");
  rmSync(bad, { recursive: true, force: true });
  cpSync(good, bad, { recursive: true });
  const path = join(bad, file);
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // A file that there is none of.
  }
  writeFileSync(path, change(text));
  return limits(bad);
}

test("the package is within the platform's limits and our own", () => {
  assert.deepEqual(limits(good), []);
});

for (const [what, file, change, found] of [
  ["a package of 2 MB", "licences.txt", (text) => text + "x".repeat(2 << 20), /2097152 are too many/],
  ["a log-in", "pages/one/one.js", (text) => `${text};wx.login()`, /wx\.login/],
  ["a place", "lib.js", (text) => `${text};wx.getLocation({})`, /wx\.getLocation/],
  ["a profile", "lib.js", (text) => `${text};wx.getUserProfile({})`, /wx\.getUserProfile/],
  ["a standing permission", "lib.js", (text) => `${text};wx.authorize({})`, /wx\.authorize/],
  ["a name put together", "lib.js", (text) => `${text};wx["log"+"in"]()`, /wx\[/],
  ["the button that asks for a telephone number", "pages/one/one.wxml", (text) => `${text}<button open-type="getPhoneNumber" />`, /open-type/],
  ["a page of somebody's web site", "pages/page/page.wxml", (text) => `${text}<web-view src="x" />`, /<web-view>/],
  ["a permission in app.json", "app.json", (text) => JSON.stringify({ ...JSON.parse(text), requiredPrivateInfos: ["getLocation"] }), /requiredPrivateInfos/],
  ["a plug-in", "app.json", (text) => JSON.stringify({ ...JSON.parse(text), plugins: { x: {} } }), /plugins/],
  ["a page that is not there", "app.json", (text) => text.replace("pages/three/three", "pages/gone/gone"), /pages\/gone\/gone\.js is missing/],
  ["another host", "lib.js", (text) => `${text};fetch("https://stats.example/x")`, /names https:\/\/stats\.example/],
  ["a host without https", "config.js", (text) => text.replaceAll("https://report.example", "http://report.example"), /no https host/],
  ["code made at run time", "lib.js", (text) => `${text};new Function("x")`, /new Function/],
  ["a file of another kind", "font.woff2", () => "x", /font\.woff2/],
  ["a page opened with a query", "lib.js", (text) => `${text};wx.navigateTo({ url: "/pages/page/page?what=claim" })`, /page\? tells WeChat/],
  ["an index of its pages", "sitemap.json", (text) => text.replace("disallow", "allow"), /sitemap\.json/],
]) {
  test(`found: ${what}`, () => {
    const wrong = changed(file, change);
    assert.ok(wrong.some((line) => found.test(line)), `${wrong}`);
  });
}
