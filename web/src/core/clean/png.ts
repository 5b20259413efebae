// PNG: chunks of `length (4 B) ‖ kind ‖ body ‖ CRC (4 B)`. Kept is what decodes to pixels, animated or not.

import { concat, u32 } from "../bytes.ts";
import { onlyOrientation, orientationOf } from "./exif.ts";
import { ascii, number, Pieces } from "./pieces.ts";

const SIGNATURE = 8;
const KEPT = ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "acTL", "fcTL", "fdAT"];

export function stripPng(bytes: Uint8Array): Uint8Array {
  const out = new Pieces();
  out.push(bytes.subarray(0, SIGNATURE));
  let exif: Uint8Array | undefined;
  let pixels = false;
  /** Something that was left out came after the last part kept. */
  let left = false;
  for (let at = SIGNATURE; at < bytes.length; ) {
    const length = number(bytes, at, 4);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const kept = KEPT.includes(kind);
    const end = at + 12 + (length ?? 0);
    if (length === undefined || end > bytes.length) {
      if (kept) out.push(bytes.subarray(at));
      left = !kept && at + 8 <= bytes.length;
      break;
    }
    left = !kept;
    if (kept) out.push(bytes.subarray(at, end));
    // A part that must be understood and that nobody here understands: named, so that it is refused, but emptied.
    else if (/^[A-Z]/.test(kind)) out.push(chunk(kind, new Uint8Array()));
    // The first before the pixels is the one that counts.
    else if (kind === "eXIf" && !pixels) exif ??= bytes.subarray(at + 8, end - 4);
    pixels ||= kind === "IDAT";
    if (kind === "IEND") break;
    at = end;
  }
  // Cut off: where another part had begun, one begins, so that a decoder knows the pixels to be whole.
  if (left) out.push(u32(0), ascii("tEXt"));
  const up = exif && onlyOrientation(orientationOf(exif));
  // Behind signature and IHDR.
  return up ? out.whole(2, chunk("eXIf", up)) : out.whole();
}

function chunk(kind: string, body: Uint8Array): Uint8Array {
  const named = concat(ascii(kind), body);
  return concat(u32(body.length), named, u32(crc(named)));
}

function crc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
