// Parts of a picture on their way into its copy. Nothing is copied before the end.

import { concat } from "../bytes.ts";

export class Pieces {
  #parts: Uint8Array[] = [];

  push(...parts: Uint8Array[]): void {
    this.#parts.push(...parts);
  }

  bytes(...more: number[]): void {
    this.#parts.push(Uint8Array.from(more));
  }

  /** What was pushed, with `before` in front of part `at`. */
  whole(at = 0, ...before: Uint8Array[]): Uint8Array {
    return concat(...this.#parts.slice(0, at), ...before, ...this.#parts.slice(at));
  }

  get count(): number {
    return this.#parts.length;
  }
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

export function startsWith(bytes: Uint8Array, text: string, at = 0): boolean {
  if (bytes.length < at + text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** For reading past the end `undefined`. */
export function number(bytes: Uint8Array, at: number, length: 2 | 4, little = false): number | undefined {
  if (at < 0 || at + length > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  return length === 2 ? view.getUint16(0, little) : view.getUint32(0, little);
}
