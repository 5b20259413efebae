// age's X25519 keys in their text forms.

import { x25519 } from "@noble/curves/ed25519.js";
import { bech32 } from "@scure/base";
import { wipe } from "./bytes.ts";
import type { Random } from "./random.ts";
import { Refused } from "./refused.ts";

const SECRET = "AGE-SECRET-KEY-";

/** AGE-SECRET-KEY-1… of 32 bytes. */
export function ageIdentity(secret: Uint8Array): string {
  return bech32.encodeFromBytes(SECRET.toLowerCase(), secret).toUpperCase();
}

/** age1… of the same 32 bytes. */
export function ageRecipient(secret: Uint8Array): string {
  return bech32.encodeFromBytes("age", x25519.getPublicKey(secret));
}

export function drawAgeKey(random: Random): { identity: string; recipient: string } {
  const secret = random(32);
  const pair = { identity: ageIdentity(secret), recipient: ageRecipient(secret) };
  wipe(secret);
  return pair;
}

/** The secret inside AGE-SECRET-KEY-1…; wipe it after use. */
export function parseAgeIdentity(text: string): Uint8Array {
  const line = text.trim();
  const bytes = decode(line, SECRET.toLowerCase());
  if (!bytes || line !== line.toUpperCase()) {
    throw new Refused("age-key", "not an age key (expected AGE-SECRET-KEY-1…)");
  }
  return bytes;
}

/**
 * Refuses everything but a plain X25519 recipient: no other kind belongs into a set or a file of ours. And a point of
 * low order, to which nothing can be sealed: as `src/age_recipient.rs`.
 */
export function checkAgeRecipient(text: string): void {
  const point = decode(text, "age");
  if (!point || text !== text.toLowerCase() || !isSealable(point)) {
    throw new Refused("recipient", `${JSON.stringify(text)} is not an age recipient`, { recipient: text });
  }
}

/** Any secret will do: with a point of low order all give zeros, which the library refuses. */
function isSealable(point: Uint8Array): boolean {
  try {
    x25519.getSharedSecret(new Uint8Array(32).fill(8), point);
    return true;
  } catch {
    return false;
  }
}

function decode(text: string, prefix: string): Uint8Array | undefined {
  try {
    const { prefix: found, bytes } = bech32.decodeToBytes(text);
    return found.toLowerCase() === prefix && bytes.length === 32 ? bytes : undefined;
  } catch {
    return undefined;
  }
}
