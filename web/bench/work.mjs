// How long the work of a newcomer under pressure takes in a browser, at this machine's speed and six times slower:
// npm run work. Needs Chromium and tests/browser's packages.

import { build } from "esbuild";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OPTIONS } from "../build.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const { chromium } = createRequire(join(HERE, "../../tests/browser/package.json"))("playwright-core");
const ROUNDS = 9;
const ticket = readFileSync(join(HERE, "../../src/portal/gate/ticket.rs"), "utf8");
const maxnumber = Number(/const MOST_NUMBER: u32 = ([\d_]+);/.exec(ticket)[1].replaceAll("_", ""));

const entry = `import { solve } from "../src/core/work.ts";
  import { sha256 } from "@noble/hashes/sha2.js";
  import { toHex, utf8 } from "../src/core/bytes.ts";
  globalThis.work = async (number, maxnumber) => {
    const salt = Math.random().toString(16).slice(2).padEnd(32, "0") + "?ready=1800000000&expires=1800000600&";
    const asked = { algorithm: "SHA-256", challenge: toHex(sha256(utf8(salt + number))), maxnumber, salt, signature: "" };
    let longest = 0, last = performance.now();
    const breathe = () => new Promise((on) => {
      longest = Math.max(longest, performance.now() - last);
      setTimeout(() => (last = performance.now(), on()), 0);
    });
    const began = performance.now();
    if ((await solve(asked, breathe, () => false)) === undefined) throw new Error("no answer");
    return [performance.now() - began, longest];
  };`;
const { outputFiles } = await build({ ...OPTIONS, stdin: { contents: entry, resolveDir: HERE, loader: "ts" }, minify: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu"],
});
try {
  console.log(`${cpus().length} × ${cpus()[0].model}; ${await browser.version()}; load average ${loadavg()[0].toFixed(1)}`);
  console.log(`up to ${maxnumber} tries, ${ROUNDS} rounds\n\n| processor | half of them | all of them | longest slice |\n|---|---|---|---|`);
  for (const rate of [1, 6]) {
    const page = await browser.newPage();
    await page.goto("data:text/html,<title>work</title>");
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate });
    await page.addScriptTag({ content: outputFiles[0].text });
    const median = async (number) => {
      const rounds = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await page.evaluate(([n, most]) => globalThis.work(n, most), [number, maxnumber]));
      rounds.sort(([a], [b]) => a - b);
      return [rounds[ROUNDS >> 1][0], Math.max(...rounds.map(([, slice]) => slice))];
    };
    const [half] = await median(maxnumber >> 1);
    const [all, slice] = await median(maxnumber);
    console.log(`| ${rate}× slower | ${half.toFixed(0)} ms | ${all.toFixed(0)} ms | ${slice.toFixed(0)} ms |`);
    await page.close();
  }
} finally {
  await browser.close();
}
