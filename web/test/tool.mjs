// Bundles one TypeScript tool of this folder and runs it: node test/tool.mjs seal-tool < order.json

import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OPTIONS } from "../build.mjs";

const folder = mkdtempSync(join(tmpdir(), "mifeng-tool-"));
const outfile = join(folder, "tool.mjs");
try {
  const entry = join(dirname(fileURLToPath(import.meta.url)), `${process.argv[2]}.ts`);
  await build({ ...OPTIONS, entryPoints: [entry], platform: "node", format: "esm", outfile, write: true });
  process.exitCode = spawnSync(process.execPath, [outfile], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
