// From the receipt that staff issued to the one its reporter has drawn: a signature by the first over the keys of the
// second. As src/award/handover.rs.

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8, wipe } from "./bytes.ts";
import type { Receipt } from "./receipt.ts";
import { accepts, sign } from "./signing.ts";

const DOMAIN = "mifeng/v1/handover";

/** What a handover is about: the report (16 B), and claim and audit key (32 B each) of the receipt that takes over. */
export interface Heir {
  instance: string;
  report: Uint8Array;
  claimKey: Uint8Array;
  auditKey: Uint8Array;
}

/** 64 B. */
export function signHandover(first: Receipt, heir: Heir): Uint8Array {
  const seed = first.claimSeed();
  const signature = sign(seed, DOMAIN, parts(heir));
  wipe(seed);
  return signature;
}

/** Whether whoever holds `first` handed over to exactly these keys. */
export function handoverFits(first: Uint8Array, heir: Heir, signature: Uint8Array): boolean {
  return accepts(first, DOMAIN, parts(heir), signature);
}

function parts({ instance, report, claimKey, auditKey }: Heir): Uint8Array[] {
  return [utf8(instance), report, claimKey, sha256(auditKey)];
}
