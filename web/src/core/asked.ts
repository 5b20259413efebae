// What an original was asked for, in the words its reporter reads: as src/evidence/terms.rs.

import { utf8 } from "./bytes.ts";
import { hash } from "./transcript.ts";

/** What the reporter reads of a request. Days are 2026-11-26. */
export interface AskedWords {
  /** `2026-000417-F1`: how the log calls it. */
  name: string;
  /** The sealed original's blob id, 16 bytes. */
  original: Uint8Array;
  needed_for: string;
  need: string;
  asked: string;
  object_until: string;
  good_until: string;
}

/** What the leaf carries by which the reporter was told: `terms` is the hash of all the request says, 32 bytes. */
export function askedDigest(terms: Uint8Array, words: AskedWords): Uint8Array {
  const { name, original, needed_for, need, asked, object_until, good_until } = words;
  const parts = [utf8(name), original, ...[needed_for, need, asked, object_until, good_until].map(utf8)];
  return hash("mifeng/v1/files-asked", [terms, hash("mifeng/v1/files-words", parts)]);
}
