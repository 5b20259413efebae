// Parse, don't validate: a shape takes JSON and gives a value, or refuses. Objects deny what they do not know.

import { fromBase64, fromPaddedBase64 } from "../core/bytes.ts";
import { type Json, type JsonObject, NotJson, parseJson } from "./json.ts";

/** Reads a value; `undefined` stands for a key that is not there. */
export type Shape<T> = (value: Json | undefined) => T;
export type Of<S> = S extends Shape<infer T> ? T : never;

/** JSON that has another shape than it should. */
export class Misshapen extends Error {}

/** What `text` says, or `null` if it is not JSON of that shape. Refusals from within pass through. */
export function readAs<T>(shape: Shape<T>, text: string): T | null {
  try {
    return shape(parseJson(text));
  } catch (why) {
    if (why instanceof NotJson || why instanceof Misshapen) return null;
    throw why;
  }
}

export const string: Shape<string> = (value) => (typeof value === "string" ? value : misshapen("a text"));
export const boolean: Shape<boolean> = (value) => (typeof value === "boolean" ? value : misshapen("true or false"));
export const u8 = number(0xff);
export const u16 = number(0xffff);
export const u32 = number(0xffff_ffff);
/** Numbers of people: far below what a JavaScript number holds exactly. */
export const count = number(Number.MAX_SAFE_INTEGER);
export const u64: Shape<bigint> = (value) =>
  typeof value === "bigint" && value >= 0n && value < 1n << 64n ? value : misshapen("a whole number");

/** Base64 with padding, in its one spelling. */
export const bytes: Shape<Uint8Array> = (value) => decoded(value, fromPaddedBase64);
/** Base64 without padding, in its one spelling. */
export const bareBytes: Shape<Uint8Array> = (value) => decoded(value, fromBase64);

/** One of these words. */
export function word<const W extends string>(...words: W[]): Shape<W> {
  return (value) => words.find((each) => each === value) ?? misshapen(`one of ${words.join(", ")}`);
}

/** A text that `read` makes something of; `null` refuses it. */
export function text<T>(read: (text: string) => T | null): Shape<T> {
  return (value) => read(string(value)) ?? misshapen("a text of another form");
}

/** `null` or not there is `null`. */
export function optional<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => (value === null || value === undefined ? null : shape(value));
}

export function list<T>(shape: Shape<T>): Shape<T[]> {
  return (value) => (Array.isArray(value) ? value.map((each) => shape(each)) : misshapen("a list"));
}

/** Exactly these keys. */
export function object<F extends Record<string, Shape<unknown>>>(fields: F): Shape<{ [K in keyof F]: Of<F[K]> }> {
  return (value) => {
    const found = asObject(value);
    for (const key of found.keys()) if (!Object.prototype.hasOwnProperty.call(fields, key)) misshapen(`no key ${key}`);
    const read = Object.entries(fields).map(([key, shape]) => [key, shape(found.get(key))] as const);
    return Object.fromEntries(read) as { [K in keyof F]: Of<F[K]> };
  };
}

/** Any keys. */
export function mapOf<T>(shape: Shape<T>): Shape<Map<string, T>> {
  return (value) => new Map([...asObject(value)].map(([key, each]) => [key, shape(each)]));
}

export function misshapen(expected: string): never {
  throw new Misshapen(`expected ${expected}`);
}

function asObject(value: Json | undefined): JsonObject {
  return value instanceof Map ? value : misshapen("an object");
}

function number(most: number): Shape<number> {
  return (value) => {
    if (typeof value !== "bigint" || value < 0n || value > BigInt(most)) misshapen(`a whole number up to ${most}`);
    return Number(value);
  };
}

function decoded(value: Json | undefined, decode: (text: string) => Uint8Array): Uint8Array {
  try {
    return decode(string(value));
  } catch {
    return misshapen("base64");
  }
}

/** The bytes behind base64 with padding, or `null`. */
export function readBytes(text: string): Uint8Array | null {
  try {
    return fromPaddedBase64(text);
  } catch {
    return null;
  }
}
