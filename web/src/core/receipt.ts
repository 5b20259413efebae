// The receipt, as `src/receipt.rs`: thirty random digits, two check digits (ISO 7064, MOD 97-10), and the keys
// HKDF makes of the thirty. The digits stay in an array, so that they can be wiped; a shown group is a string,
// and stays in the browser's memory until the page is closed.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ageIdentity, ageRecipient } from "./agekeys.ts";
import { same, utf8, wipe } from "./bytes.ts";
import { below, type Random } from "./random.ts";
import { Refused } from "./refused.ts";
import { verifyKey } from "./signing.ts";
import { isDigit, isSpace } from "./typed.ts";

const RANDOM = 30;
/** Digits in a receipt, check digits included. */
export const DIGITS = 32;
const ZERO = 48;

export class Receipt {
  readonly #digits: Uint8Array;

  private constructor(digits: Uint8Array) {
    this.#digits = digits;
  }

  static draw(random: Random): Receipt {
    const digits = new Uint8Array(DIGITS);
    for (let i = 0; i < RANDOM; i++) digits[i] = ZERO + below(10, random);
    const check = 98 - ((modulo97(digits.subarray(0, RANDOM)) * 100) % 97);
    digits[RANDOM] = ZERO + Math.floor(check / 10);
    digits[RANDOM + 1] = ZERO + (check % 10);
    return new Receipt(digits);
  }

  /** Reads what a person typed: full-width digits, spaces and dashes are fine. */
  static parse(typed: string): Receipt {
    const digits = new Uint8Array(DIGITS);
    let count = 0;
    for (const c of typed.normalize("NFKC")) {
      if (isSeparator(c)) continue;
      if (!isDigit(c)) throw new Refused("receipt-not-digits", "a receipt has digits only");
      if (count < DIGITS) digits[count] = c.charCodeAt(0);
      count += 1;
    }
    if (count !== DIGITS) {
      throw new Refused("receipt-length", `a receipt has 32 digits; ${count} were typed`, { found: count });
    }
    if (modulo97(digits) !== 1) {
      throw new Refused("receipt-check-digits", "the check digits do not fit: there is a slip in the digits");
    }
    return new Receipt(digits);
  }

  /**
   * Whether a text holds something that reads as a receipt, so that a field can refuse it before it is sent. Which texts
   * do, and why not more, says `src/receipt.rs`.
   */
  static isIn(text: string): boolean {
    let tight: number[] = [];
    let loose: number[][] = [[]];
    for (const c of [...text.normalize("NFKC"), "x"]) {
      if (isDigit(c)) {
        tight.push(c.charCodeAt(0));
        loose[loose.length - 1]!.push(c.charCodeAt(0));
        continue;
      }
      if (!isSeparator(c)) {
        if (areAReceipt(tight)) return true;
        tight = [];
      }
      if (loose[loose.length - 1]!.length > 0) loose.push([]);
      if (LETTER_OR_NUMBER.test(c)) {
        if (haveItsGroups(loose)) return true;
        loose = [[]];
      }
    }
    return false;
  }

  /** Eight groups of four, to be shown once and written on paper. */
  groups(): string[] {
    return Array.from({ length: 8 }, (_, i) => String.fromCharCode(...this.#digits.subarray(i * 4, i * 4 + 4)));
  }

  /** Whether the typed last group is this receipt's. */
  endsWith(typed: string): boolean {
    const kept = [...typed.normalize("NFKC")].filter((c) => !isSeparator(c));
    const last = Uint8Array.from(kept, (c) => (c.length === 1 && c < "\u0100" ? c.charCodeAt(0) : 0));
    return same(last, this.#digits.subarray(DIGITS - 4));
  }

  /** The 32 bytes that find the report; the server keeps their hash. */
  locator(): Uint8Array {
    return this.#derive("locator");
  }

  /** SHA-256 of the locator: what a submission carries. */
  locatorHash(): Uint8Array {
    return this.#hashed("locator");
  }

  /** The 32 bytes that prove the holder; the server keeps their hash. */
  auth(): Uint8Array {
    return this.#derive("auth");
  }

  /** SHA-256 of the holder's proof: what a submission carries. */
  authHash(): Uint8Array {
    return this.#hashed("auth");
  }

  /** The key of this report's leaves in the log. */
  auditKey(): Uint8Array {
    return this.#derive("audit");
  }

  /** AGE-SECRET-KEY-1… that opens what staff write to this report. */
  mailboxIdentity(): string {
    return this.#with("mailbox", ageIdentity);
  }

  /** age1… to which staff's messages are sealed. */
  mailboxRecipient(): string {
    return this.#with("mailbox", ageRecipient);
  }

  /** Ed25519 seed of the claim key; wipe it after signing. */
  claimSeed(): Uint8Array {
    return this.#derive("claim");
  }

  /** The public half of the claim key, 32 B. */
  claimKey(): Uint8Array {
    return this.#with("claim", verifyKey);
  }

  /** Overwrites the digits; the receipt is of no use afterwards. */
  wipe(): void {
    wipe(this.#digits);
  }

  #derive(purpose: string): Uint8Array {
    return hkdf(sha256, this.#digits.subarray(0, RANDOM), utf8("mifeng/v1/receipt"), utf8(purpose), 32);
  }

  #hashed(purpose: string): Uint8Array {
    return this.#with(purpose, sha256);
  }

  #with<T>(purpose: string, use: (secret: Uint8Array) => T): T {
    const secret = this.#derive(purpose);
    const out = use(secret);
    wipe(secret);
    return out;
  }
}

const LETTER_OR_NUMBER = /[\p{Alphabetic}\p{N}]/u;
const UNSEEN = /[\xad\u200b-\u200f\u2060\ufeff]/;

function isSeparator(c: string): boolean {
  return isSpace(c) || UNSEEN.test(c) || "-‐‑–—−·".includes(c);
}

/** A receipt among them, or the thirty digits that are the whole secret and nothing else. */
function areAReceipt(digits: number[]): boolean {
  if (digits.length === RANDOM) return true;
  for (let i = 0; i + DIGITS <= digits.length; i++) {
    if (modulo97(digits.slice(i, i + DIGITS)) === 1) return true;
  }
  return false;
}

/** Eight groups of four that are a receipt, or seven and one of two. */
function haveItsGroups(groups: number[][]): boolean {
  for (let i = 0; i + 8 <= groups.length; i++) {
    const eight = groups.slice(i, i + 8);
    const last = eight[7]!.length;
    if (!eight.slice(0, 7).every((group) => group.length === 4)) continue;
    if (last === 2 || (last === 4 && modulo97(eight.flat()) === 1)) return true;
  }
  return false;
}

function modulo97(digits: ArrayLike<number>): number {
  let rest = 0;
  for (let i = 0; i < digits.length; i++) rest = (rest * 10 + digits[i]! - ZERO) % 97;
  return rest;
}
