import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { solve } from "../src/core/work.ts";

const salt = "5ae2?ready=1800000000&expires=1800000600&";

function asked(number: number, more: object = {}) {
  const challenge = createHash("sha256").update(`${salt}${number}`).digest("hex");
  return { algorithm: "SHA-256", challenge, maxnumber: 5_000, salt, signature: "51", ...more };
}

const breathe = () => Promise.resolve();
const go = () => false;

test("the number behind the salt is found, the first and the last one too", async () => {
  for (const number of [0, 1, 4_321, 5_000]) {
    const work = await solve(asked(number), breathe, go);
    const { maxnumber: _, ...sent } = asked(number);
    assert.deepEqual(JSON.parse(Buffer.from(work ?? "", "base64").toString()), { ...sent, number });
  }
});

test("the work has an end, and so has what a server may ask", async () => {
  assert.equal(await solve(asked(5_001), breathe, go), undefined, "no answer within the bound");
  for (const more of [{ maxnumber: 1e9 }, { maxnumber: NaN }, { algorithm: "SHA-1" }]) {
    assert.equal(await solve(asked(1, more), breathe, go), undefined, JSON.stringify(more));
  }
  let breaths = 0;
  const stopped = await solve(asked(-1, { maxnumber: 1_000_000 }), async () => void (breaths += 1), () => breaths === 2);
  assert.deepEqual([stopped, breaths], [undefined, 2], "it ends when the reader leaves");
});
