// Shamir's secret sharing over GF(256). Our shares are x ‖ y; the audited package has y ‖ x.
// The package's own arrays (polynomials) cannot be wiped from here.

import { combine as combineYx, split as splitYx } from "shamir-secret-sharing";
import { wipe } from "./bytes.ts";

/** `n` shares of which any `t` give the secret back; 2 ≤ t ≤ n ≤ 16 is the set's duty. */
export async function split(secret: Uint8Array, t: number, n: number): Promise<Uint8Array[]> {
  const shares = await splitYx(secret, n, t);
  return shares.map(lastFirst);
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
