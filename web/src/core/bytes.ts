// Bytes and the texts that stand for them. Numbers are big-endian, base64 is without padding unless it says so.
//
// About secrets: `wipe` overwrites an array of ours. JavaScript cannot wipe strings, what a library copied, nor
// what the collector moved; closing the page gives all of it back to the browser. So secrets stay in arrays as
// long as they can.

import { base64, base64nopad, hex } from "@scure/base";

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Throws on bytes that are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** A text with lone surrogates replaced: everything a page hands on must have a form in UTF-8. */
export function wellFormed(text: string): string {
  return fromUtf8(utf8(text));
}

/** JSON as the Rust side writes it: no spaces, keys in the order of the object. */
export function json(value: unknown): Uint8Array {
  return utf8(JSON.stringify(value));
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function toHex(bytes: Uint8Array): string {
  return hex.encode(bytes);
}

export function fromHex(text: string): Uint8Array {
  return hex.decode(text);
}

export function toBase64(bytes: Uint8Array): string {
  return base64nopad.encode(bytes);
}

/** Throws on anything but the one spelling of some bytes. */
export function fromBase64(text: string): Uint8Array {
  return base64nopad.decode(text);
}

/** With padding: how envelopes, share files and messages travel. */
export function toPaddedBase64(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

export function fromPaddedBase64(text: string): Uint8Array {
  return base64.decode(text);
}

/** 4 bytes. */
export function u32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

/** 8 bytes; exact for every length a browser can hold. */
export function u64(value: number): Uint8Array {
  return concat(u32(Math.floor(value / 2 ** 32)), u32(value >>> 0));
}

export function readU32(bytes: Uint8Array, at = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}

/** Takes as long for every two arrays of one length. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

export function wipe(...arrays: Uint8Array[]): void {
  for (const array of arrays) array.fill(0);
}
