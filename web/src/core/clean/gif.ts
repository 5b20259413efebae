// GIF: a header, then blocks: frames (2C), extensions (21), the end (3B). Kept are frames, their times, and the loop.

import { Pieces, startsWith } from "./pieces.ts";

const EXTENSION = 0x21;
const FRAME = 0x2c;
const CONTROL = 0xf9;
const APPLICATION = 0xff;
const COMMENT = 0xfe;
const LOOP = [EXTENSION, APPLICATION, 11, ...Array.from("NETSCAPE2.0", (c) => c.charCodeAt(0)), 3, 1, 0, 0, 0];

export function stripGif(bytes: Uint8Array): Uint8Array {
  const out = new Pieces();
  let at = 13 + paletteBytes(bytes[10]);
  out.push(bytes.subarray(0, at));
  while (at < bytes.length) {
    const start = at;
    const block = bytes[at];
    if (block === EXTENSION) {
      at = afterParts(bytes, at + 2);
      // Cut off: an extension without an end, as it was.
      if (at > bytes.length) out.bytes(EXTENSION, COMMENT);
      else if (bytes[start + 1] === CONTROL) out.push(control(bytes.subarray(start, at)));
      else if (bytes[start + 1] === APPLICATION && isLoop(bytes, start + 3)) out.bytes(...LOOP);
    } else if (block === FRAME) {
      at = afterParts(bytes, at + 11 + paletteBytes(bytes[at + 9]));
      out.push(bytes.subarray(start, at));
    } else {
      // The end (3B), or something that is no block and ends every decoder's reading.
      out.bytes(block!);
      break;
    }
  }
  return out.whole();
}

function paletteBytes(flags = 0): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

/** Behind the parts `length ‖ bytes` and the 0 that ends them; more than the file has if it is cut off. */
function afterParts(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!;
  return at + 1;
}

/** One part of four bytes: how to dispose, time, transparent colour. Any other is emptied. */
function control(block: Uint8Array): Uint8Array {
  if (block.length === 8 && block[2] === 4) return block;
  return block.map((byte, i) => (i < 2 || i === 2 + 1 + block[2]! ? byte : i === 2 ? byte : 0)).subarray(0, 4 + block[2]!);
}

function isLoop(bytes: Uint8Array, at: number): boolean {
  return startsWith(bytes, "NETSCAPE2.0", at) || startsWith(bytes, "ANIMEXTS1.0", at);
}
