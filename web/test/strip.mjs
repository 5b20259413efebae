// Strips every picture of a folder into another, for tests/cleaning/device_clean.rs: node test/strip.mjs FROM TO
// Beside each picture's copy (none for what is no picture) a file NAME.kind says what it was taken for.

import { build } from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { OPTIONS } from "../build.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const [from, to] = process.argv.slice(2);
const outfile = join(to, "strip.mjs");
await build({
  ...OPTIONS,
  stdin: {
    contents: `export { strip } from "./src/core/clean/strip.ts"; export { kindOf } from "./src/core/kind.ts";`,
    resolveDir: join(HERE, ".."),
  },
  format: "esm",
  outfile,
  write: true,
});
const { strip, kindOf } = await import(pathToFileURL(outfile));
for (const name of readdirSync(from)) {
  const picture = new Uint8Array(readFileSync(join(from, name)));
  const copy = strip(picture);
  if (copy) writeFileSync(join(to, name), copy);
  writeFileSync(join(to, `${name}.kind`), kindOf(picture));
}
