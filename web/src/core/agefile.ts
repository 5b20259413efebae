// age files as ours are: the recipients' stanzas and one of grease, which the Rust crate adds to all of its own.
// And the frame around the small ones: `length (4 B) ‖ age file ‖ zeros`, as `src/padded.rs`.

import { Decrypter, Encrypter, Stanza, type Recipient } from "age-encryption";
import { checkAgeRecipient } from "./agekeys.ts";
import { concat, readU32, u32 } from "./bytes.ts";
import { below, type Random } from "./random.ts";
import { Refused } from "./refused.ts";

/** Seals to all recipients (any one opens). */
export async function sealAge(plain: Uint8Array, recipients: string[], random: Random): Promise<Uint8Array> {
  return await encrypter(recipients, random).encrypt(plain);
}

/** The age library, set up for these recipients and grease; for a stream see `files.ts`. */
export function encrypter(recipients: string[], random: Random): Encrypter {
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    checkAgeRecipient(recipient);
    encrypter.addRecipient(recipient);
  }
  encrypter.addRecipient(grease(random));
  return encrypter;
}

/** Opens with AGE-SECRET-KEY-1…; `undefined` for any failure, which is all a caller may say. */
export async function openAge(file: Uint8Array, identity: string): Promise<Uint8Array | undefined> {
  try {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    return await decrypter.decrypt(file);
  } catch {
    return undefined;
  }
}

/** An age file in a bucket of so many bytes; refused if it does not fit. */
export async function sealPadded(
  plain: Uint8Array,
  recipients: string[],
  bucket: number,
  random: Random,
): Promise<Uint8Array> {
  const file = await sealAge(plain, recipients, random);
  if (file.length + 4 > bucket) throw new Refused("too-long", "what is to be sealed does not fit its place");
  const out = new Uint8Array(bucket);
  out.set(u32(file.length));
  out.set(file, 4);
  return out;
}

/** The age file inside the frame, or `undefined` if the frame is not ours. */
export function ageFileIn(padded: Uint8Array): Uint8Array | undefined {
  if (padded.length < 4) return undefined;
  const end = 4 + readU32(padded);
  if (end > padded.length || padded.subarray(end).some((byte) => byte !== 0)) return undefined;
  return padded.subarray(4, end);
}

export async function openPadded(padded: Uint8Array, identity: string): Promise<Uint8Array | undefined> {
  const file = ageFileIn(padded);
  return file && (await openAge(file, identity));
}

/** Drawn as `grease_the_joint` of the Rust crate `age-core` draws it, so that both ways look alike. */
export function greaseStanza(random: Random): Stanza {
  const word = () => {
    const length = 1 + below(8, random);
    return String.fromCharCode(...Array.from({ length }, () => 33 + below(94, random)));
  };
  const tag = `${word()}-grease`;
  const args = Array.from({ length: below(5, random) }, word);
  return new Stanza([tag, ...args], concat(random(below(100, random))));
}

function grease(random: Random): Recipient {
  return { wrapFileKey: () => [greaseStanza(random)] };
}
