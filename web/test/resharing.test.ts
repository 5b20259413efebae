// Shares that old trustees split again for new ones, by the Rust side (tests/resharing.rs): the npm package joins the parts to
// the same new shares, and the new shares to the same secret.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../src/core/bytes.ts";
import { combine, split } from "../src/core/shares.ts";
import { vector } from "./support.ts";

interface Reshared {
  secret: string;
  old_t: number;
  new_t: number;
  old_shares: string[];
  parts: string[][];
  new_shares: string[];
}

const reshared = JSON.parse(vector("reshared-v1.json").toString()) as Reshared;

test("the parts of t old shares join to each new share", async () => {
  const { old_t, old_shares, parts, new_shares } = reshared;
  for (const [j, share] of new_shares.entries()) {
    const points = old_shares.slice(0, old_t).map((old, i) => fromHex(old.slice(0, 2) + parts[i]![j]!.slice(2)));
    assert.equal(toHex(await combine(points)), share.slice(2));
  }
});

test("any t of the new shares give the secret of the old, and fewer another", async () => {
  const { secret, new_t, new_shares } = reshared;
  for (const leftOut of new_shares.keys()) {
    const some = new_shares.filter((_, j) => j !== leftOut);
    assert.equal(some.length, new_t);
    assert.equal(toHex(await combine(some.map((share) => fromHex(share)))), secret);
    assert.notEqual(toHex(await combine(some.slice(1).map((share) => fromHex(share)))), secret);
  }
});

test("a share's x is its place where a browser splits, as where the server does", async () => {
  const secret = fromHex(reshared.secret);
  for (const [t, n] of [[2, 3], [3, 5], [16, 16]] as const) {
    const shares = await split(secret, t, n);
    assert.deepEqual(shares.map((share) => share[0]), Array.from({ length: n }, (_, i) => i + 1));
    assert.ok(shares.every((share) => share.length === 33));
    assert.equal(toHex(await combine(shares.slice(n - t))), reshared.secret);
    assert.equal(toHex(await combine(shares.slice(0, t))), reshared.secret);
  }
});
