// Sealing 100 MiB in a browser page against the bare cipher in the same page: npm run bench [-- MEGABYTES]
// Each line is the median of three rounds, in an order that rotates by itself. Needs Chromium and tests/browser's packages.

import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OPTIONS } from "../build.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const { chromium } = createRequire(join(HERE, "../../tests/browser/package.json"))("playwright-core");
const megabytes = Number(process.argv[2] ?? 100);
const ROUNDS = 3;

const { outputFiles } = await build({ ...OPTIONS, entryPoints: [join(HERE, "page.ts")], minify: true });
const script = outputFiles[0].text;
// The ciphers of the browser are there on its own machine's addresses only.
const server = createServer((request, answer) => {
  const isScript = request.url === "/bench.js";
  answer.setHeader("content-type", isScript ? "text/javascript" : "text/html");
  answer.end(isScript ? script : "<!doctype html><title>bench</title><script src=bench.js></script>");
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu"],
});
try {
  const before = loadavg()[0];
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await page.evaluate((mb) => globalThis.bench(mb), megabytes));
  const memory = /MemTotal:\s+(\d+)/.exec(readFileSync("/proc/meminfo", "utf8"))[1];
  console.log(`${cpus().length} × ${cpus()[0].model}, ${Math.round(memory / 2 ** 20)} GiB; ${await browser.version()}`);
  console.log(`load average ${before.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after; ${megabytes} MiB, median of ${ROUNDS}\n`);
  console.log("| in one page | s | MB/s |\n|---|---|---|");
  for (const name of Object.keys(rounds[0])) {
    const seconds = rounds.map((round) => round[name]).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
    console.log(`| ${name} | ${seconds.toFixed(2)} | ${((megabytes * 2 ** 20) / 1e6 / seconds).toFixed(0)} |`);
  }
} finally {
  await browser.close();
  server.close();
}
