// A proof of work in the form of ALTCHA, version 1: which number, put behind the salt, gives this SHA-256? The server's
// side is `src/portal/gate/ticket.rs`.

import { sha256 } from "@noble/hashes/sha2.js";
import { toHex, toPaddedBase64, utf8 } from "./bytes.ts";

export type Challenge = { algorithm: string; challenge: string; maxnumber: number; salt: string; signature: string };

/** The most a device is ever asked for; a server that wants more is not obeyed. */
const MOST_NUMBER = 1_000_000;
/** How long one slice may take: below what a finger notices. */
const SLICE_MS = 30;
/** Looking at the clock costs as much as a try. */
const TRIES = 64;

/**
 * What to send for the challenge, in base64; `undefined` where it is of another kind, has no answer, or `stop` says so.
 * `breathe` is called between slices.
 */
export async function solve(asked: Challenge, breathe: () => Promise<void>, stop: () => boolean): Promise<string | undefined> {
  const { algorithm, challenge, maxnumber, salt, signature } = asked;
  if (algorithm !== "SHA-256" || !(maxnumber <= MOST_NUMBER)) return undefined;
  const begun = sha256.create().update(utf8(salt));
  let until = Date.now() + SLICE_MS;
  for (let number = 0; number <= maxnumber; number++) {
    if (number % TRIES === 0 && Date.now() >= until) {
      await breathe();
      if (stop()) return undefined;
      until = Date.now() + SLICE_MS;
    }
    if (toHex(begun.clone().update(utf8(String(number))).digest()) === challenge) {
      return toPaddedBase64(utf8(JSON.stringify({ algorithm, challenge, number, salt, signature })));
    }
  }
  return undefined;
}
