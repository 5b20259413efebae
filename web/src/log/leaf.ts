// What stands in the log: entries of one size that only the receipt's holder can find and read. As src/log/leaf.rs.

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { same, utf8 } from "../core/bytes.ts";
import { transcript } from "../core/transcript.ts";
import { refused } from "./refusals.ts";

/** Bytes in every entry. */
export const ENTRY_LEN = 128;
/** Entries a report can have: `n` is one byte. */
export const ENTRIES_PER_REPORT = 256;

const TAG = 3;
const NONCE = TAG + 32;
const SEALED = NONCE + 12;
const AWARD = 6;
const DIGEST = 33;

/** What happened to a report. The numbers are part of the format. */
export const EVENTS = {
  received: 1, added: 2, concluded: 3, filed: 4, notified: 5, claimed: 6, release: 7,
  verified: 8, refused: 9, unreadable: 10, paid: 11, withdrawn: 12, lapsed: 13, objected: 14,
  taken_over: 15, asked: 16, joined: 17, ended: 18,
} as const;
export type Event = keyof typeof EVENTS;

/** What an opening is for. */
export type Purpose = "identity" | "files";
const PURPOSES: readonly (Purpose | null)[] = [null, "identity", "files"];

/** What a public entry announces by its digest. */
export type PublicKind = "recipient_set" | "script" | "resharing";
const PUBLIC_KINDS: readonly PublicKind[] = ["recipient_set", "script", "resharing"];

/** What an entry of a report says. */
export interface Leaf {
  event: Event;
  /** 2026-11-26 */
  day: string;
  purpose: Purpose | null;
  award: string | null;
  digest: Uint8Array | null;
}

/** What anyone can read of an entry. */
export type Face = { kind: "report" } | { kind: PublicKind; number: bigint; day: string; digest: Uint8Array };

/** What an entry shows without a key; refuses what is not an entry. */
export function face(entry: Uint8Array): Face {
  if (entry.length !== ENTRY_LEN) throw refused("leaf-length", { length: entry.length });
  const [version = 0, suite = 0, kind = 0] = entry;
  const unknown = refused("leaf-unknown", { version, suite, kind });
  if (version !== 1 || suite !== 1) throw unknown;
  if (kind === 0) return { kind: "report" };
  const named = PUBLIC_KINDS[kind - 1];
  if (!named) throw unknown;
  const day = dayFrom(entry.subarray(11, 15));
  if (!day || entry.subarray(47).some((byte) => byte !== 0)) throw refused("leaf-malformed");
  return { kind: named, number: view(entry).getBigUint64(3), day, digest: entry.slice(15, 47) };
}

/** Reads the entry as the `n`th of the report whose audit key this is. */
export function openLeaf(entry: Uint8Array, audit: Uint8Array, n: number): Leaf {
  if (face(entry).kind !== "report") throw refused("leaf-not-this");
  const key = hkdf(sha256, audit, utf8("mifeng/v1/log/leaf"), Uint8Array.of(n), 32);
  let body: Uint8Array;
  try {
    body = chacha20poly1305(key, entry.subarray(NONCE, SEALED), entry.subarray(0, SEALED)).decrypt(entry.subarray(SEALED));
  } catch {
    throw refused("leaf-not-this");
  }
  const leaf = leafFrom(body);
  if (!leaf || !same(leafTag(audit, leaf.event, n), entry.subarray(TAG, NONCE))) throw refused("leaf-malformed");
  return leaf;
}

/** The tag an entry of this report carries for this event and count. */
export function leafTag(audit: Uint8Array, event: Event, n: number): Uint8Array {
  return hmac(sha256, audit, transcript("mifeng/v1/log/tag", [Uint8Array.of(EVENTS[event]), Uint8Array.of(n)]));
}

/** By which a reader of the log finds the entry. */
export function tagOf(entry: Uint8Array): Uint8Array {
  return entry.subarray(TAG, NONCE);
}

function leafFrom(body: Uint8Array): Leaf | null {
  const event = (Object.keys(EVENTS) as Event[]).find((name) => EVENTS[name] === body[0]);
  const purpose = PURPOSES[body[1] ?? 0];
  const day = dayFrom(body.subarray(2, AWARD));
  const award = String.fromCharCode(...body.subarray(AWARD, DIGEST)).replace(/\0+$/, "");
  if (!event || purpose === undefined || !day || !/^[!-~]*$/.test(award)) return null;
  const digest = body.slice(DIGEST);
  return { event, day, purpose, award: award || null, digest: digest.every((byte) => byte === 0) ? null : digest };
}

function dayFrom(bytes: Uint8Array): string | null {
  const year = view(bytes).getInt16(0);
  const [month = 0, day = 0] = bytes.subarray(2);
  const text = [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join("-");
  return isDay(text) ? text : null;
}

/** Whether a text is a day of the calendar, written 2026-11-26. */
export function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined || month < 1 || month > 12) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
