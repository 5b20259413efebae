// Shamir's secret sharing over GF(256). Our shares are x ‖ y; the audited package has y ‖ x.
// The package's own arrays (polynomials) cannot be wiped from here.

import { combine as combineYx, split as splitYx } from "shamir-secret-sharing";
import { wipe } from "./bytes.ts";

/** What the package can make at most: one share for each x there is. */
const ALL = 255;

/**
 * `n` shares of which any `t` give the secret back; 2 ≤ t ≤ n ≤ 16 is the set's duty. The x of each is its place, from 1, as the
 * server splits: a share that is split again weighs by its place. The package draws x at random, so it makes all there are.
 */
export async function split(secret: Uint8Array, t: number, n: number): Promise<Uint8Array[]> {
  const all = (await splitYx(secret, ALL, t)).map(lastFirst).sort((a, b) => a[0]! - b[0]!);
  wipe(...all.slice(n));
  return all.slice(0, n);
}

/** The secret. Fewer than t shares, or a wrong one, give a wrong secret without a word: check their hashes first. */
export async function combine(shares: Uint8Array[]): Promise<Uint8Array> {
  const yx = shares.map((share) => Uint8Array.of(...share.subarray(1), ...share.subarray(0, 1)));
  const secret = await combineYx(yx);
  wipe(...yx);
  return secret;
}

/** The last byte moved to the front; the given array is wiped. */
function lastFirst(yx: Uint8Array): Uint8Array {
  const xy = Uint8Array.of(...yx.subarray(-1), ...yx.subarray(0, -1));
  wipe(yx);
  return xy;
}
