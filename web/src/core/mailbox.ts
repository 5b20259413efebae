// What staff write to a reporter: an age file to the receipt's mailbox recipient, framed and padded to a multiple
// of 4,096 bytes, in base64.

import { openPadded, sealPadded } from "./agefile.ts";
import { fromPaddedBase64, fromUtf8, toPaddedBase64, utf8, wipe } from "./bytes.ts";
import type { Random } from "./random.ts";

const STEP = 4096;
/** More than an age header with one stanza, one of grease and the tags of a short text. */
const OVERHEAD = 1024;

/** The bucket in which a text of so many bytes always fits: never the grease decides it. */
export function mailboxBucket(bytes: number): number {
  return Math.ceil((bytes + OVERHEAD) / STEP) * STEP;
}

export async function sealMessage(text: string, recipient: string, random: Random): Promise<string> {
  const plain = utf8(text);
  const padded = await sealPadded(plain, [recipient], mailboxBucket(plain.length), random);
  wipe(plain);
  return toPaddedBase64(padded);
}

/** The text; `undefined` if it is not sealed to this receipt or was changed. */
export async function openMessage(sealed: string, identity: string): Promise<string | undefined> {
  try {
    const padded = fromPaddedBase64(sealed);
    const plain = padded.length % STEP === 0 ? await openPadded(padded, identity) : undefined;
    return plain && fromUtf8(plain);
  } catch {
    return undefined;
  }
}
