// A holder's key file, read on this device alone: the age key that opens what is sealed to them, and the key that signs
// for them. As src/cli/keyfile.rs.

import { parseAgeIdentity } from "../core/agekeys.ts";
import { wipe } from "../core/bytes.ts";
import { Refused } from "../core/refused.ts";
import { parseSigningKey, verifyKey } from "../core/signing.ts";
import { refused } from "./refusals.ts";

/** Both keys of one holder. */
export interface HolderKey {
  /** AGE-SECRET-KEY-1… */
  readonly identity: string;
  /** 32 B. */
  readonly seed: Uint8Array;
  /** The public half of `seed`. */
  readonly verify: Uint8Array;
}

export function readKeyFile(text: string): HolderKey {
  const lines = text.split("\n").map((line) => line.trim());
  const line = (start: string) => lines.find((line) => line.startsWith(start)) ?? "";
  const identity = line("AGE-SECRET-KEY-1");
  if (!attempt(() => wipe(parseAgeIdentity(identity)))) throw refused("key-file-age");
  let seed: Uint8Array = new Uint8Array();
  if (!attempt(() => (seed = parseSigningKey(line("MIFENG-SIGNING-KEY-"))))) throw refused("key-file-signing");
  return { identity, seed, verify: verifyKey(seed) };
}

/** What can be wiped of a key; its text form is the collector's. */
export function forget(key: HolderKey): void {
  wipe(key.seed);
}

function attempt(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (why) {
    if (why instanceof Refused) return false;
    throw why;
  }
}
