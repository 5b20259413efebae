// The sealing core's own tests, vectors and all (`web/test`), in a runtime that has the language and `wx` and nothing of a
// browser or of Node: as the package runs on a phone.

import { build } from "esbuild";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import vm from "node:vm";
import { randomFillSync } from "node:crypto";
import { HERE, PACKAGE } from "../build.mjs";

const WEB = join(HERE, "../web");
/**
 * All but the holders' and the servers' side, which no mini-program has, and `line`, whose tests put another `fetch` in
 * place of the browser's: here there is one, which the stories use.
 */
const TESTS = ["acts", "core", "files", "fromoffice", "handover", "log", "receipt", "vectors", "verdicts"];
/** Ask about Node's memory, and about a browser without streams. */
const OF_OTHER_RUNTIMES = ["100 MiB pass through in constant memory", "a browser without streams is told so, and nothing is read"];
/** What tests need of Node, and no code under test may have. */
const OF_TESTS = ["node:assert/strict", "node:test", "node:fs", "node:path"];

const require = createRequire(import.meta.url);
const some = (name, ...rest) => (OF_OTHER_RUNTIMES.includes(name) ? undefined : test(name, ...rest));
const given = (wanted) => (wanted === "node:test" ? { test: some, beforeEach } : require(wanted));

/** The language, `wx`, and `also`. */
function context(also = {}) {
  // One kind of bytes on both sides: files that tests read come from outside.
  const bytes = { ArrayBuffer, DataView, Uint8Array, Uint16Array, Uint32Array, BigUint64Array, BigInt64Array, Uint8ClampedArray };
  const wx = {
    getRandomValues: ({ length, success }) => success({ randomValues: randomFillSync(new Uint8Array(length)).buffer }),
    onNetworkStatusChange: () => undefined,
  };
  return vm.createContext({ ...bytes, wx, console, setTimeout, clearTimeout, setInterval, clearInterval, ...also });
}

test("the runtime has nothing of a browser and nothing of Node", () => {
  const here = context();
  for (const name of ["TextEncoder", "TextDecoder", "crypto", "fetch", "Blob", "ReadableStream", "TransformStream", "Response", "AbortController", "process", "Buffer", "require", "document", "URL"]) {
    assert.equal(vm.runInContext(`typeof ${name}`, here), "undefined", name);
  }
});

/** Tests may use Node's Buffer and Blob; under these names nothing that is tested finds them. */
const ofTests = {
  name: "of-tests",
  setup({ onLoad }) {
    onLoad({ filter: /web\/test\/\w+(\.test)?\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/\b(Buffer|Blob)\b(?=[.(])/g, "OfTests$1"), loader: "ts", resolveDir: dirname(path),
    }));
  },
};

for (const name of TESTS) {
  const { outputFiles } = await build({
    ...PACKAGE, entryPoints: [join(HERE, "test/stocked.ts")], write: false, minify: false, external: OF_TESTS,
    define: { ...PACKAGE.define, REPOSITORY: JSON.stringify(join(HERE, "..")) },
    alias: { "the-test": join(WEB, `test/${name}.test.ts`) }, plugins: [...PACKAGE.plugins, ofTests],
  });
  const module = { exports: {} };
  const here = context({ OfTestsBuffer: Buffer, OfTestsBlob: Blob });
  vm.runInContext(`(function (require, module, exports) {${outputFiles[0].text}\n})`, here, { filename: `${name}.js` })((wanted) => {
    if (wanted === "./config.js") return { origin: "https://report.example", portal: "", pins: [], log_key: "" };
    if (!OF_TESTS.includes(wanted)) throw new Error(`asked for ${wanted}`);
    return given(wanted);
  }, module, module.exports);
}
