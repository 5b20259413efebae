// Ed25519 keys and signatures, always over a transcript: as `src/signing.rs`.

import { ed25519 } from "@noble/curves/ed25519.js";
import { fromBase64, toBase64 } from "./bytes.ts";
import { Refused } from "./refused.ts";
import { transcript } from "./transcript.ts";

const PREFIX = "MIFENG-SIGNING-KEY-";

/** The seed (32 B) in a key file's line. */
export function parseSigningKey(text: string): Uint8Array {
  const line = text.trim();
  const seed = line.startsWith(PREFIX) ? decode(line.slice(PREFIX.length), 32) : undefined;
  if (!seed) {
    const sentence = "not a signing key of ours (expected MIFENG-SIGNING-KEY-… with 32 bytes in base64)";
    throw new Refused("signing-key", sentence);
  }
  return seed;
}

export function parseVerifyKey(text: string): Uint8Array {
  const key = decode(text, 32);
  if (!key) throw new Refused("verify-key", "not a verifying key (expected 32 bytes in base64)");
  return key;
}

export function parseSignature(text: string): Uint8Array {
  const signature = decode(text, 64);
  if (!signature) throw new Refused("signature", "not a signature (expected 64 bytes in base64)");
  return signature;
}

/** The public half (32 B) of a seed. */
export function verifyKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** Signs `transcript(domain, parts)`; 64 B. */
export function sign(seed: Uint8Array, domain: string, parts: Uint8Array[]): Uint8Array {
  return ed25519.sign(transcript(domain, parts), seed);
}

/** Whether the signature is this key's over exactly these parts in this domain (RFC 8032, strict). */
export function accepts(key: Uint8Array, domain: string, parts: Uint8Array[], signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, transcript(domain, parts), key, { zip215: false });
  } catch {
    return false;
  }
}

export const keyText = toBase64;

function decode(text: string, bytes: number): Uint8Array | undefined {
  try {
    const out = fromBase64(text);
    return out.length === bytes ? out : undefined;
  } catch {
    return undefined;
  }
}
