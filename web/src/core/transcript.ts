// What is signed, hashed or bound as associated data: as `src/transcript.rs`.

import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { concat, u32, utf8 } from "./bytes.ts";

/** `len(domain) ‖ domain ‖ len(part) ‖ part …`, lengths as 4 bytes. */
export function transcript(domain: string, parts: Uint8Array[]): Uint8Array {
  return concat(...[utf8(domain), ...parts].flatMap((part) => [u32(part.length), part]));
}

/** SHA-256 of the transcript. */
export function hash(domain: string, parts: Uint8Array[]): Uint8Array {
  return sha256(transcript(domain, parts));
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}
