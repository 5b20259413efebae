// WebP: a RIFF file of chunks `kind ‖ length (4 B, little-endian) ‖ body ‖ 0 if odd`. Kept is what decodes to pixels.
// What nobody knows leaves an empty chunk behind, so that a decoder which would have minded it still does.

import { concat } from "../bytes.ts";
import { onlyOrientation, orientationOf } from "./exif.ts";
import { ascii, number, Pieces } from "./pieces.ts";

const XMP = 0x04;
const EXIF = 0x08;
const ICC = 0x20;

export function stripWebp(bytes: Uint8Array): Uint8Array {
  const length = number(bytes, 4, 4, true);
  // Shorter than it says: refused by every decoder, and no picture of ours to send.
  if (length === undefined || length + 8 > bytes.length) return bytes.subarray(0, 12);
  const chunks = [...chunksOf(bytes.subarray(12, length + 8))];
  const first = (kind: string) => chunks.find((chunk) => chunk.kind === kind)?.body;
  const exif = first("EXIF");
  const up = exif && first("VP8X") && onlyOrientation(orientationOf(exif));
  // A flag without its chunk is a mistake that a decoder is to find.
  const gone = ICC | (exif ? EXIF : 0) | (first("XMP ") ? XMP : 0);

  const out = new Pieces();
  for (const { kind, body } of chunks) {
    if (body === undefined) out.push(broken());
    else if (kind === "VP8X") out.push(chunk(kind, header(body, gone, up ? EXIF : 0)));
    else if (kind === "ANIM") out.push(chunk(kind, body.subarray(0, 6)));
    else if (kind === "ANMF") out.push(chunk(kind, frame(body)));
    else if (isPixels(kind)) out.push(chunk(kind, body));
    else if (kind === "EXIF" && up && body === exif) out.push(chunk(kind, up));
    else if (kind !== "EXIF" && kind !== "XMP " && kind !== "ICCP") out.push(chunk("JUNK", new Uint8Array()));
  }
  const kept = out.whole();
  return concat(ascii("RIFF"), little(kept.length + 4), ascii("WEBP"), kept);
}

function isPixels(kind: string): boolean {
  return kind === "VP8 " || kind === "VP8L" || kind === "ALPH";
}

/** A chunk that says to be longer than the file has no body, and is the last. */
function* chunksOf(bytes: Uint8Array): Generator<{ kind: string; body: Uint8Array | undefined }> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const kind = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = number(bytes, at + 4, 4, true)!;
    const end = at + 8 + length;
    if (end > bytes.length) return yield { kind, body: undefined };
    yield { kind, body: bytes.subarray(at + 8, end) };
    at = end + (length % 2);
  }
}

/** Flags and canvas. */
function header(body: Uint8Array, gone: number, added: number): Uint8Array {
  if (body.length < 10) return body;
  const out = body.slice(0, 10);
  out[0] = (body[0]! & ~gone) | added;
  out.fill(0, 1, 4);
  return out;
}

/** Place, size and time, then the pixels' chunks. */
function frame(body: Uint8Array): Uint8Array {
  const out = new Pieces();
  out.push(body.subarray(0, 16));
  for (const { kind, body: pixels } of chunksOf(body.subarray(16))) {
    if (pixels === undefined) out.push(broken());
    else out.push(isPixels(kind) ? chunk(kind, pixels) : chunk("JUNK", new Uint8Array()));
  }
  return out.whole();
}

function broken(): Uint8Array {
  return concat(ascii("JUNK"), little(0xffffffff));
}

function chunk(kind: string, body: Uint8Array): Uint8Array {
  return concat(ascii(kind), little(body.length), body, new Uint8Array(body.length % 2));
}

function little(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return out;
}
