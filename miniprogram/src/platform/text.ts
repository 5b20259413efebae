// UTF-8, as WHATWG's Encoding says it, for a runtime that has neither TextEncoder nor TextDecoder. Only what the core uses.

/** Lone surrogates become U+FFFD. */
export class TextEncoder {
  encode(text = ""): Uint8Array {
    const out: number[] = [];
    for (const character of text) {
      let point = character.codePointAt(0)!;
      if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
      if (point < 0x80) out.push(point);
      else if (point < 0x800) out.push(0xc0 | (point >> 6), tail(point));
      else if (point < 0x10000) out.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
      else out.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
    }
    return Uint8Array.from(out);
  }
}

/** Always fatal; a byte order mark is kept, as our callers ask for both. */
export class TextDecoder {
  decode(bytes: Uint8Array = new Uint8Array(0)): string {
    const points: number[] = [];
    let text = "";
    for (let at = 0; at < bytes.length; ) {
      const { point, length } = read(bytes, at);
      points.push(point);
      at += length;
      if (points.length === 4096) text += String.fromCodePoint(...points.splice(0));
    }
    return text + String.fromCodePoint(...points);
  }
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

/** Of each lead byte: bytes in all, and the least point that may be written so long. */
const FORMS = [
  { mask: 0x80, lead: 0x00, length: 1, least: 0 },
  { mask: 0xe0, lead: 0xc0, length: 2, least: 0x80 },
  { mask: 0xf0, lead: 0xe0, length: 3, least: 0x800 },
  { mask: 0xf8, lead: 0xf0, length: 4, least: 0x10000 },
];

function read(bytes: Uint8Array, at: number): { point: number; length: number } {
  const first = bytes[at]!;
  const form = FORMS.find(({ mask, lead }) => (first & mask) === lead);
  if (form === undefined || at + form.length > bytes.length) throw new TypeError("not UTF-8");
  let point = first & ~form.mask;
  for (let i = 1; i < form.length; i++) {
    const next = bytes[at + i]!;
    if ((next & 0xc0) !== 0x80) throw new TypeError("not UTF-8");
    point = (point << 6) | (next & 0x3f);
  }
  if (point < form.least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw new TypeError("not UTF-8");
  return { point, length: form.length };
}
