// Envelopes, as `src/envelope.rs`: two sections of fixed size, each an age file to the office inside a lock.

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concat, fromHex, utf8 } from "./bytes.ts";
import type { Random } from "./random.ts";
import { Refused } from "./refused.ts";
import { sha256, transcript } from "./transcript.ts";

export const VERSION = 1;
/** age (X25519) inside ChaCha20-Poly1305. */
export const SUITE = 1;
const NONCE = 12;
const TAG = 16;
const OVERHEAD = 2 + NONCE + TAG;

export type SectionName = "identity" | "files";

/** Bytes of the padded age file in each section. */
export const BUCKET: Readonly<Record<SectionName, number>> = { identity: 16 * 1024, files: 2 * 1024 };

/** Bytes of one envelope: 18,492. */
export const ENVELOPE_LEN = BUCKET.identity + BUCKET.files + 2 * OVERHEAD;

/** The bytes, if they are an envelope by length, version and suite. */
export function checkEnvelope(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== ENVELOPE_LEN) {
    const sentence = `an envelope has ${ENVELOPE_LEN} bytes; this one has ${bytes.length}`;
    throw new Refused("envelope-length", sentence, { found: bytes.length });
  }
  for (const name of ["identity", "files"] as const) {
    const [version, suite] = section(bytes, name);
    if (version !== VERSION || suite !== SUITE) {
      const sentence = `envelope version ${version}, suite ${suite} is unknown to this program`;
      throw new Refused("envelope-unknown", sentence, { version: version!, suite: suite! });
    }
  }
  return bytes;
}

export function section(envelope: Uint8Array, name: SectionName): Uint8Array {
  const split = BUCKET.identity + OVERHEAD;
  return name === "identity" ? envelope.subarray(0, split) : envelope.subarray(split);
}

/** SHA-256 of the stored bytes; every share file and every release names it. */
export function envelopeHash(envelope: Uint8Array): Uint8Array {
  return sha256(envelope);
}

/** Locks a padded age file; `lock` is 32 random bytes, used once. */
export function lockSection(
  name: SectionName,
  padded: Uint8Array,
  lock: Uint8Array,
  instance: string,
  report: string,
  random: Random,
): Uint8Array {
  const nonce = random(NONCE);
  const locked = chacha20poly1305(lock, nonce, associatedData(name, instance, report)).encrypt(padded);
  return concat(Uint8Array.of(VERSION, SUITE), nonce, locked);
}

/** The padded age file, or `undefined` if lock, place and bytes do not belong together. */
export function unlockSection(
  envelope: Uint8Array,
  name: SectionName,
  lock: Uint8Array,
  instance: string,
  report: string,
): Uint8Array | undefined {
  const bytes = section(envelope, name);
  const nonce = bytes.subarray(2, 2 + NONCE);
  try {
    return chacha20poly1305(lock, nonce, associatedData(name, instance, report)).decrypt(bytes.subarray(2 + NONCE));
  } catch {
    return undefined;
  }
}

/** `report` is the report id's 32 hexadecimal digits. */
function associatedData(name: SectionName, instance: string, report: string): Uint8Array {
  const parts = [Uint8Array.of(VERSION, SUITE), utf8(instance), fromHex(report), utf8(name)];
  return transcript("mifeng/v1/envelope", parts);
}
