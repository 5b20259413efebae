// A demo of its own on free ports, Chromium with script off, and the tools people run on their own machines.

import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const DEBUG = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug");
const MIFENG = process.env.MIFENG_BIN ?? join(DEBUG, "mifeng");
const MIFENG_OFFICE = process.env.MIFENG_OFFICE_BIN ?? join(DEBUG, "mifeng-office");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
/// A debug build on a busy machine takes a while to make thirty cases.
const START_MS = 240_000;
const PAGE_MS = 30_000;

// Free at this moment, and below those that the kernel hands out by itself: nobody else's connection takes it meanwhile.
async function freePort() {
  for (;;) {
    const port = randomInt(10_000, 20_000);
    const server = createServer();
    const free = await new Promise((done) => server.once("error", () => done(false)).listen(port, "127.0.0.1", () => done(true)));
    if (!free) continue;
    await new Promise((done) => server.close(done));
    return port;
  }
}

/// Starts `mifeng demo` in a new folder and waits until it serves. `door({ console, office, folder })` gives the text of a file
/// for `MIFENG_DOOR`, from two addresses; `policy(folder)` may change a copy of the rules; `more` are further variables.
export async function startDemo({ door, policy, more = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "mifeng-browser-"));
  const at = async () => `127.0.0.1:${await freePort()}`;
  const env = {
    ...process.env,
    LANG: "C.UTF-8",
    MIFENG_DEMO_DIR: join(folder, "demo"),
    MIFENG_PORTAL: await at(), MIFENG_CONSOLE: await at(), MIFENG_OFFICE: await at(),
    MIFENG_POLICY: join(ROOT, "policy"),
    ...more,
  };
  if (policy !== undefined) {
    env.MIFENG_POLICY = join(folder, "policy");
    cpSync(join(ROOT, "policy"), env.MIFENG_POLICY, { recursive: true });
    policy(env.MIFENG_POLICY);
  }
  if (door !== undefined) {
    env.MIFENG_DOOR = join(folder, "door.toml");
    writeFileSync(env.MIFENG_DOOR, await door({ console: env.MIFENG_CONSOLE, office: env.MIFENG_OFFICE, folder }));
  }
  const server = spawn(MIFENG, ["demo"], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((done) => server.once("exit", done));
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  };
  let said = "";
  let impatient;
  try {
    await new Promise((done, failed) => {
      impatient = setTimeout(() => failed(new Error(`mifeng demo did not start:\n${said}`)), START_MS);
      ended.then((code) => failed(new Error(`mifeng demo ended (${code}):\n${said}`)));
      for (const stream of [server.stdout, server.stderr]) {
        stream.setEncoding("utf8");
        stream.on("data", (text) => {
          said += text;
          if (said.includes(" serving ")) done();
        });
      }
    });
  } catch (why) {
    await stop();
    throw why;
  } finally {
    clearTimeout(impatient);
  }
  const demo = JSON.parse(readFileSync(join(env.MIFENG_DEMO_DIR, "demo.json"), "utf8"));
  const run = (tool, args, input = "") => execFileSync(tool, args, { env, input, encoding: "utf8" });
  return {
    demo,
    folder,
    pid: server.pid,
    stop,
    said: () => said,
    mifeng: (...args) => run(MIFENG, args),
    /// With lines for what the tool asks.
    mifengAsked: (input, ...args) => run(MIFENG, args, input),
    officeTool: (input, ...args) => run(MIFENG_OFFICE, args, input),
    /// As the phone of that member of staff would show it.
    code: (login) => run(MIFENG, ["demo", "code", login]).trim(),
  };
}

/// With `proxy`, everything goes through it.
export const launch = (options = {}) => chromium.launch({ executablePath: CHROMIUM, args: FLAGS, ...options });

/// A visitor with cookies of their own and no script.
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PAGE_MS);
  return page;
}

export const path = (page) => new URL(page.url()).pathname;
