// Bundles every test/*.test.ts and runs it under node:test; test/*.test.mjs as they are.

import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OPTIONS } from "../build.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv[2] ?? "";
const tests = readdirSync(HERE).filter((file) => file.endsWith(".test.ts") && file.includes(wanted));
const out = mkdtempSync(join(tmpdir(), "mifeng-web-"));
try {
  await build({
    ...OPTIONS,
    entryPoints: tests.map((file) => join(HERE, file)),
    platform: "node",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    outdir: out,
    sourcemap: "inline",
    write: true,
    define: { REPOSITORY: JSON.stringify(join(HERE, "../..")) },
  });
  const plain = readdirSync(HERE).filter((file) => file.endsWith(".test.mjs") && file.includes(wanted));
  const files = [...tests.map((file) => join(out, file.replace(/\.ts$/, ".mjs"))), ...plain.map((file) => join(HERE, file))];
  const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
