// JPEG: FF, a marker, and for most a length and a body. Kept is what decodes to pixels.

import { concat } from "../bytes.ts";
import { onlyOrientation, orientationOf } from "./exif.ts";
import { ascii, number, Pieces, startsWith } from "./pieces.ts";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP14 = 0xee;

/** Frames, tables, scans, restart interval, number of lines. */
function isPicture(marker: number): boolean {
  return (marker >= 0xc0 && marker <= 0xcf) || (marker >= SOS && marker <= 0xdd);
}

/** Markers without a length. */
function standsAlone(marker: number): boolean {
  return marker === SOI || (marker >= 0xd0 && marker <= 0xd7);
}

export function stripJpeg(bytes: Uint8Array): Uint8Array {
  const out = new Pieces();
  out.bytes(0xff, SOI);
  let orientation = 1;
  let inHeaders = true;
  for (let at = 2; ; ) {
    const marker = nextMarker(bytes, at);
    if (marker === undefined) break;
    const { kind } = marker;
    at = marker.after;
    if (standsAlone(kind) || kind === EOI) {
      out.bytes(0xff, kind);
      if (kind === EOI) break;
      continue;
    }
    const length = number(bytes, at, 2);
    if (length === undefined || length < 2 || at + length > bytes.length) {
      // Broken: it stays broken, so that the server's decoder finds what it would have found.
      out.bytes(0xff, kind);
      out.push(bytes.subarray(at, isPicture(kind) ? bytes.length : at + 2));
      break;
    }
    const body = bytes.subarray(at + 2, at + length);
    at += length;
    if (isPicture(kind)) {
      out.push(segment(kind, body));
    } else if (kind === APP1 && inHeaders && startsWith(body, "Exif\0\0") && body.length > 6) {
      orientation = orientationOf(body.subarray(6));
    } else if (kind === APP14 && startsWith(body, "Adobe")) {
      out.push(segment(kind, colours(body)));
    } else if (kind === APP0 && startsWith(body, "AVI1\0") && body.length > 5) {
      // A frame of a motion JPEG brings no tables of its own: this says to use the standard ones.
      out.push(segment(kind, ascii("AVI1\0\0")));
    }
    if (kind === SOS) {
      inHeaders = false;
      const end = endOfScan(bytes, at);
      out.push(bytes.subarray(at, end));
      at = end;
    }
  }
  const up = onlyOrientation(orientation);
  return up ? out.whole(1, segment(APP1, concat(ascii("Exif\0\0"), up))) : out.whole();
}

/** Bytes between segments, fill bytes and stuffed zeros are passed over. */
function nextMarker(bytes: Uint8Array, from: number): { kind: number; after: number } | undefined {
  let at = bytes.indexOf(0xff, from);
  if (at < 0) return undefined;
  while (bytes[at] === 0xff || bytes[at] === 0) at += 1;
  const kind = bytes[at];
  return kind === undefined ? undefined : { kind, after: at + 1 };
}

/** Where the coded pixels end: at a marker that is neither a stuffed zero nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at += 1) {
    at = bytes.indexOf(0xff, at);
    const next = bytes[at + 1];
    if (at < 0 || next === undefined) return bytes.length;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
}

/** Of Adobe's segment the one byte that says how colours are coded. */
function colours(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.min(body.length, 12));
  out.set(ascii("Adobe"));
  if (out.length === 12) out[11] = body[11]!;
  return out;
}

function segment(marker: number, body: Uint8Array): Uint8Array {
  const length = body.length + 2;
  return concat(Uint8Array.of(0xff, marker, length >> 8, length & 0xff), body);
}
