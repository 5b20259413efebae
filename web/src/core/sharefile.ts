// Share files, as `src/lock.rs` and the body in `src/cleartext/seal.rs`: one trustee's part of both locks.

import { openPadded, sealPadded } from "./agefile.ts";
import { concat, fromUtf8, json, wipe } from "./bytes.ts";
import type { Random } from "./random.ts";
import { Refused } from "./refused.ts";
import { onlyKeys } from "./shape.ts";

const VERSION = 1;
/** age (X25519) around Shamir shares over GF(256). */
const SUITE = 1;
const BUCKET = 4096;
/** Bytes of one share file. */
export const SHARE_FILE_LEN = 2 + BUCKET;

/** What a share file holds; bytes in base64 without padding, keys in this order. */
export interface ShareBody {
  format: 1;
  instance: string;
  /** 32 hexadecimal digits. */
  report: string;
  envelope_sha256: string;
  audit_key: string;
  claim_key: string;
  set_number: number;
  /** Counted from 1. */
  trustee: number;
  share_l: string;
  share_f: string;
  hashes_l: string[];
  hashes_f: string[];
}

export async function sealShareFile(body: ShareBody, recipient: string, random: Random): Promise<Uint8Array> {
  const plain = json(body);
  const padded = await sealPadded(plain, [recipient], BUCKET, random);
  wipe(plain);
  return concat(Uint8Array.of(VERSION, SUITE), padded);
}

/** The bytes, if they are a share file by length, version and suite. */
export function checkShareFile(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== SHARE_FILE_LEN) {
    const sentence = `a share file has ${SHARE_FILE_LEN} bytes; this one has ${bytes.length}`;
    throw new Refused("share-file-length", sentence, { found: bytes.length });
  }
  if (bytes[0] !== VERSION || bytes[1] !== SUITE) {
    const sentence = `share file version ${bytes[0]}, suite ${bytes[1]} is unknown to this program`;
    throw new Refused("share-file-unknown", sentence, { version: bytes[0]!, suite: bytes[1]! });
  }
  return bytes;
}

/** `number` counts the files of one report from 1, for the sentence. What the body is bound to is not checked here. */
export async function openShareFile(bytes: Uint8Array, identity: string, number: number): Promise<ShareBody> {
  const plain = await openPadded(checkShareFile(bytes).subarray(2), identity);
  if (!plain) {
    throw new Refused("share-wrong-key", `share file ${number} does not open with this key`, { number });
  }
  try {
    const body = onlyKeys(JSON.parse(fromUtf8(plain)), {
      format: "number",
      instance: "string",
      report: "string",
      envelope_sha256: "string",
      audit_key: "string",
      claim_key: "string",
      set_number: "number",
      trustee: "number",
      share_l: "string",
      share_f: "string",
      hashes_l: "object",
      hashes_f: "object",
    }) as unknown as ShareBody;
    const texts = (list: unknown) => Array.isArray(list) && list.every((each) => typeof each === "string");
    if (body.format !== 1 || !texts(body.hashes_l) || !texts(body.hashes_f)) throw new Error("not this format");
    return body;
  } catch {
    throw new Refused("share-malformed", `share file ${number} is not well formed`, { number });
  } finally {
    wipe(plain);
  }
}
