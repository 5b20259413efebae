// A bundle as the page runs it: minified, in an engine of 2020, where no text becomes code and there is no WebAssembly.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { OPTIONS } from "../build.mjs";

const CORE = `
  import { Receipt } from "./src/core/receipt.ts";
  import { random } from "./src/core/random.ts";
  import { signClaim, claimFits } from "./src/core/claim.ts";
  import { sealMessage, openMessage } from "./src/core/mailbox.ts";
  globalThis.tried = (async () => {
    const receipt = Receipt.draw(random);
    const award = random(32);
    const message = await sealMessage("密封", receipt.mailboxRecipient(), random);
    return claimFits(receipt.claimKey(), award, signClaim(receipt, award)) && (await openMessage(message, receipt.mailboxIdentity()));
  })();`;

async function bundle(options) {
  const stdin = { contents: CORE, resolveDir: OPTIONS.absWorkingDir, loader: "ts" };
  const { outputFiles } = await build({ ...OPTIONS, minify: true, stdin, ...options });
  return outputFiles[0].text;
}

/** A page's globals, but no `Object.hasOwn`. */
function engine() {
  const { crypto, TextEncoder, TextDecoder, ReadableStream, TransformStream, Response, DOMException, CryptoKey } = globalThis;
  const globals = { crypto, TextEncoder, TextDecoder, ReadableStream, TransformStream, Response, DOMException, CryptoKey };
  // One realm's arrays, as a page has: Node's streams and WebCrypto check for their own.
  const context = createContext({ ...globals, Uint8Array, ArrayBuffer, DataView }, { codeGeneration: { strings: false, wasm: false } });
  runInContext("delete Object.hasOwn", context);
  return context;
}

test("the core seals, opens and signs in an engine of 2020 that makes no code of text", async () => {
  const context = engine();
  runInContext(await bundle(), context);
  assert.equal(await context.tried, "密封");
});

test("without the shim it would not", async () => {
  const text = await bundle({ inject: [] });
  assert.throws(() => runInContext(text, engine()), /hasOwn/);
});

test("what our sets never hold is not in the bundle", async () => {
  const text = await bundle();
  for (const name of ["ML-KEM", "kyber", "scrypt:", "P-256"]) assert.ok(!text.includes(name), name);
  assert.ok(text.length < 110_000, `${text.length} bytes`);
});
