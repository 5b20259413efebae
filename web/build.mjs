// Bundles each script there is into one file of dist/. Same sources and lock, same bytes: `make test` compares.
//
//   node build.mjs            writes dist/
//   node build.mjs --check    fails if dist/ is not what would be written

import { build } from "esbuild";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, "dist");
const ENTRIES = {
  "reporter-name": "src/reporter/name.ts",
  "reporter-seal": "src/reporter/seal.ts",
  "reporter-return": "src/reporter/return.ts",
  "reporter-files": "src/reporter/files.ts",
  "reporter-wait": "src/reporter/wait.ts",
  "reporter-left": "src/reporter/left.ts",
  trustee: "src/holders/trustee.ts",
  office: "src/holders/office.ts",
  staff: "src/staff/passkey.ts",
  keys: "src/staff/keys.ts",
};

const BANNER = { js: "/* mifeng, Apache-2.0. Libraries inside and their licences: web/dist/licences.txt */" };
/** Stands in a page itself, and that page names nobody: no more than its own line. */
const BARE = "reporter-left";

export const OPTIONS = {
  absWorkingDir: HERE,
  bundle: true,
  format: "iife",
  platform: "browser",
  target: "es2020",
  charset: "utf8",
  inject: [join(HERE, "src/core/old-browsers.ts")],
  metafile: true,
  write: false,
  legalComments: "none",
  plugins: [x25519Only()],
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes("--check"));

async function main(check) {
  const wanted = new Map();
  const packages = new Set();
  for (const [name, entry] of Object.entries(ENTRIES)) {
    if (!existsSync(join(HERE, entry))) continue;
    const { outputFiles, metafile } = await build({
      ...OPTIONS,
      entryPoints: [entry],
      minify: true,
      ...(name === BARE ? { inject: [] } : { banner: BANNER }),
    });
    wanted.set(`${name}.js`, Buffer.from(outputFiles[0].contents));
    for (const input of Object.keys(metafile.inputs)) packages.add(packageOf(input));
  }
  wanted.set("scripts.rs", embedding([...wanted.keys()].sort()));
  packages.delete(undefined);
  if (packages.size > 0) wanted.set("licences.txt", licences([...packages].sort()));
  if (check) compare(wanted);
  else write(wanted);
}

function write(wanted) {
  mkdirSync(DIST, { recursive: true });
  for (const [name, bytes] of wanted) {
    // What is as it was stays untouched: cargo goes by the date, and would compile the program anew.
    const file = join(DIST, name);
    if (!existsSync(file) || !readFileSync(file).equals(bytes)) writeFileSync(file, bytes);
    console.log(`${name}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`);
  }
}

function compare(wanted) {
  const found = existsSync(DIST) ? readdirSync(DIST) : [];
  const stale = [...wanted].filter(([name, bytes]) => !found.includes(name) || !readFileSync(join(DIST, name)).equals(bytes));
  const names = [...stale.map(([name]) => name), ...found.filter((name) => !wanted.has(name))];
  if (names.length > 0) {
    console.error(`web/dist is not what web/src gives: ${names.join(", ")}. Run \`npm run build\` in web/ and commit.`);
    process.exit(1);
  }
}

/** age-encryption can seal to hybrid and hardware keys as well; our sets hold plain X25519 recipients alone. */
function x25519Only() {
  const left = /^@noble\/(post-quantum\/hybrid|curves\/nist|hashes\/scrypt)\.js$/;
  const names = "MLKEM768P256, MLKEM768X25519, p256, scrypt";
  return {
    name: "x25519-only",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: left }, ({ path }) => ({ path, namespace: "left-out" }));
      onLoad({ filter: /.*/, namespace: "left-out" }, () => ({
        contents: `const no = () => { throw new Error("not built in"); };
          export const [${names}] = Array(4).fill(new Proxy(no, { get: no }));`,
      }));
    },
  };
}

/** What `src/web/scripts.rs` includes: name and text of each script. */
function embedding(files) {
  const line = (file) => {
    const text = `include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/${file}"))`;
    return `    ("${file.replace(/\.js$/, "")}", ${text}),\n`;
  };
  return Buffer.from(`// Written by web/build.mjs.\n[\n${files.map(line).join("")}]\n`);
}

function packageOf(input) {
  return /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

function licences(packages) {
  const texts = packages.map((name) => {
    const folder = join(HERE, "node_modules", name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return Buffer.from(texts.join(`\n${"-".repeat(72)}\n\n`));
}
