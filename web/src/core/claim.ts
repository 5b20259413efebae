// The reporter's own claim: without it no trustee gives a share. An Ed25519 signature by the receipt's claim key
// over the hash that stands for the award.

import { wipe } from "./bytes.ts";
import type { Receipt } from "./receipt.ts";
import { accepts, sign } from "./signing.ts";

const DOMAIN = "mifeng/v1/claim";

/** `awardTerms` is the award-terms hash, 32 B; the signature has 64. */
export function signClaim(receipt: Receipt, awardTerms: Uint8Array): Uint8Array {
  const seed = receipt.claimSeed();
  const signature = sign(seed, DOMAIN, [awardTerms]);
  wipe(seed);
  return signature;
}

export function claimFits(claimKey: Uint8Array, awardTerms: Uint8Array, signature: Uint8Array): boolean {
  return accepts(claimKey, DOMAIN, [awardTerms], signature);
}
