// What stands in for a browser's names: against Node's own, and where randomness runs out.

import assert from "node:assert/strict";
import { build } from "esbuild";
import { randomBytes, randomFillSync } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { HERE } from "../build.mjs";
import { words } from "../messages.mjs";

async function load(file) {
  const { outputFiles } = await build({ entryPoints: [join(HERE, "src/platform", file)], bundle: true, format: "cjs", write: false, target: "es2020" });
  const module = { exports: {} };
  new Function("module", "exports", "wx", outputFiles[0].text)(module, module.exports, wx);
  return module.exports;
}

const wx = {};

test("UTF-8 is WHATWG's, for good bytes and bad", async () => {
  const ours = await load("text.ts");
  const [encode, decode] = [new ours.TextEncoder(), new ours.TextDecoder()];
  const theirs = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const whole = "举报 é 𠮷😀\u0000\uffff\ufeff".repeat(700);
  for (const text of ["", "a", whole, "\ud800", "x\udc00y", "\ud83d"]) {
    assert.deepEqual(encode.encode(text), new TextEncoder().encode(text));
  }
  assert.equal(decode.decode(new TextEncoder().encode(whole)), whole);
  const same = (bytes) => {
    let [own, other] = [];
    try { own = decode.decode(bytes); } catch { own = null; }
    try { other = theirs.decode(bytes); } catch { other = null; }
    assert.equal(own, other, Buffer.from(bytes).toString("hex"));
  };
  for (const hex of ["c080", "e08080", "eda080", "f4908080", "f8888080", "80", "c3", "e4b8", "ff", "efbbbf61", "f0808080", "ed9fbf", "eebf80"]) same(Buffer.from(hex, "hex"));
  for (let i = 0; i < 20_000; i++) same(randomBytes(1 + (i % 5)));
});

test("random bytes are handed out once, and where they run out nothing is", async () => {
  let asked = 0;
  wx.getRandomValues = ({ length, success }) => (asked++, success({ randomValues: randomFillSync(new Uint8Array(length)).buffer }));
  const { stock, getRandomValues, spill } = await load("random.ts");
  assert.throws(() => getRandomValues(new Uint8Array(1)), { code: "no-randomness" });
  await stock();
  await stock();
  assert.equal(asked, 1);
  const seen = new Set();
  for (let i = 0; i < 2048; i++) seen.add(Buffer.from(getRandomValues(new Uint8Array(32))).toString("hex"));
  assert.equal(seen.size, 2048);
  assert.throws(() => getRandomValues(new Uint8Array(1)), { code: "no-randomness" });
  await stock();
  spill();
  assert.throws(() => getRandomValues(new Uint8Array(1)), { code: "no-randomness" });

  wx.getRandomValues = ({ length, success }) => success({ randomValues: new ArrayBuffer(length) });
  await assert.rejects(stock(), { code: "no-randomness" }, "zeros are no randomness");
  wx.getRandomValues = ({ success }) => success({ randomValues: randomFillSync(new Uint8Array(16)).buffer });
  await assert.rejects(stock(), { code: "no-randomness" }, "less than was asked for");
  wx.getRandomValues = ({ fail }) => fail();
  await assert.rejects(stock(), { code: "no-randomness" });
  delete wx.getRandomValues;
  await assert.rejects(stock(), { code: "no-randomness" });
});

test("the words are those of the message files, with what is filled in and forms by number", () => {
  const { zh, en } = words();
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  assert.equal(zh["start-title"], "安全生产举报");
  assert.deepEqual(zh["region-only"], ["只知道在", ["place"]]);
  assert.equal(en["error-prefix"], "Error: ");
  assert.deepEqual(en["errors-headline"], [{ of: "count", forms: { one: ["There is ", ["count"], " problem"] }, other: ["There are ", ["count"], " problems"] }]);
});
