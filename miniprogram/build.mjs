// Builds the package that is uploaded to WeChat: pages as they are, all code once in lib.js, words from messages/*.ftl.
//
//   node build.mjs [--config FILE] [--out FOLDER]

import { build } from "esbuild";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { OPTIONS } from "../web/build.mjs";
import { words } from "./messages.mjs";

export const HERE = dirname(fileURLToPath(import.meta.url));
const SRC = join(HERE, "src");
/** What is taken as it is. */
const PLAIN = [".json", ".wxml", ".wxss"];
/** What is shown on the one page, each in its turn. */
const SCREENS = "screens/";
const BANNER = "/* mifeng, Apache-2.0. Libraries inside and their licences: licences.txt */";

/** For whatever runs as the package does. */
export const PACKAGE = {
  ...OPTIONS,
  absWorkingDir: HERE,
  format: "cjs",
  platform: "browser",
  mainFields: ["module", "main"],
  minify: true,
  banner: { js: BANNER },
  inject: [...OPTIONS.inject, join(SRC, "platform/globals.ts")],
  define: { globalThis: "platform" },
  plugins: [...OPTIONS.plugins, keysOfWxml(), wordsOfMessages(), elsewhere()],
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { config: { type: "string" }, out: { type: "string" } } });
  await pack(values);
}

/** `config`: a file, or the values themselves. */
export async function pack({ config = join(HERE, "config.json"), out = join(HERE, "dist") } = {}) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const files = readdirSync(SRC, { recursive: true }).map((file) => file.split("\\").join("/"));
  const plain = files.filter((file) => !file.startsWith(SCREENS) && PLAIN.some((ending) => file.endsWith(ending)));
  for (const file of plain) cpSync(join(SRC, file), join(out, file));
  writeFileSync(join(out, "pages/page/page.wxml"), pageOfScreens(files));
  const pages = files.filter((file) => /^(app|pages\/.*|components\/.*)\.ts$/.test(file));
  const { metafile } = await build({ ...PACKAGE, entryPoints: [join(SRC, "lib.ts")], outfile: join(out, "lib.js"), write: true });
  await build({ ...PACKAGE, inject: [], entryPoints: pages.map((file) => join(SRC, file)), outdir: out, outbase: SRC, write: true });
  const values = typeof config === "string" ? JSON.parse(readFileSync(config, "utf8")) : config;
  writeFileSync(join(out, "config.js"), `module.exports = ${JSON.stringify(values, null, 2)};\n`);
  writeFileSync(join(out, "licences.txt"), licences(Object.keys(metafile.inputs)));
  return out;
}

/** The one page, with what each screen draws on it. */
function pageOfScreens(files) {
  const blocks = files.filter((file) => file.startsWith(SCREENS) && file.endsWith(".wxml")).sort().map((file) => {
    const [, name] = file.split("/");
    return `<block wx:if="{{screen == '${name}'}}">\n${readFileSync(join(SRC, file), "utf8")}</block>\n`;
  });
  return readFileSync(join(SRC, "pages/page/page.wxml"), "utf8").replace("<!-- screens -->\n", () => blocks.join(""));
}

/** `import keys from "./x.wxml"`: the keys of the words which that page names. */
function keysOfWxml() {
  return {
    name: "keys-of-wxml",
    setup({ onLoad }) {
      onLoad({ filter: /\.wxml$/ }, ({ path }) => {
        const keys = [...readFileSync(path, "utf8").matchAll(/\bt\['([a-z0-9-]+)'\]/g)].map(([, key]) => key);
        return { contents: JSON.stringify([...new Set(keys)]), loader: "json" };
      });
    },
  };
}

function wordsOfMessages() {
  return {
    name: "words-of-messages",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^virtual:words$/ }, ({ path }) => ({ path, namespace: "words" }));
      onLoad({ filter: /.*/, namespace: "words" }, () => ({ contents: JSON.stringify(words()), loader: "json" }));
    },
  };
}

/** Files of the package that stay files of their own: lib.js for the pages, config.js for lib.js. */
function elsewhere() {
  return {
    name: "elsewhere",
    setup({ onResolve }) {
      onResolve({ filter: /\/lib\.ts$/ }, ({ importer, kind }) => {
        if (kind === "entry-point") return undefined;
        const from = relative(dirname(importer), join(SRC, "lib.js"));
        return { path: from.startsWith(".") ? from : `./${from}`, external: true };
      });
      onResolve({ filter: /^\.\/config\.js$/ }, () => ({ path: "./config.js", external: true }));
    },
  };
}

function licences(inputs) {
  const folders = inputs.map((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]);
  const texts = [...new Set(folders)].filter(Boolean).map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(HERE, folder, "package.json"), "utf8"));
    const file = readdirSync(join(HERE, folder)).find((file) => /^licen[cs]e/i.test(file));
    return `${name} ${version}\n\n${readFileSync(join(HERE, folder, file), "utf8").trim()}\n`;
  });
  return texts.sort().join(`\n${"-".repeat(72)}\n\n`);
}
