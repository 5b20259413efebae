// Looks for strings that must be nowhere, in every spelling a program might leave them in: in bytes, in files, and in the
// memory of a running process. tests/story_support does the same for the stories without a browser.

import { closeSync, lstatSync, openSync, readFileSync, readSync, readdirSync } from "node:fs";
import { join } from "node:path";

export class Needles {
  /// Spellings by their first two bytes.
  #byStart = new Map();
  #starts = new Uint8Array(1 << 16);

  /// `strings`: what each is called, and what it says. Each must be long enough not to be found by chance.
  constructor(strings) {
    for (const [name, text] of Object.entries(strings)) {
      for (const [spelling, bytes] of spellings(text)) {
        if (bytes.length < 6) throw new Error(`${name} as ${spelling} would be found by chance`);
        const start = (bytes[0] << 8) | bytes[1];
        this.#starts[start] = 1;
        const same = this.#byStart.get(start) ?? [];
        if (!same.some((known) => known.bytes.equals(bytes))) same.push({ label: `${name} (${spelling})`, bytes });
        this.#byStart.set(start, same);
      }
    }
  }

  foundIn(bytes) {
    const found = new Set();
    const starts = this.#starts;
    for (let at = 1; at < bytes.length; at++) {
      const start = (bytes[at - 1] << 8) | bytes[at];
      if (starts[start] === 0) continue;
      for (const { label, bytes: needle } of this.#byStart.get(start)) {
        if (needle.equals(bytes.subarray(at - 1, at - 1 + needle.length))) found.add(label);
      }
    }
    return found;
  }

  /// Every file below `folder`, and the names of the files.
  foundBelow(folder) {
    const found = [];
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const kind = lstatSync(path);
      const bytes = [Buffer.from(path), kind.isFile() ? readFileSync(path) : Buffer.alloc(0)];
      found.push(...bytes.flatMap((each) => [...this.foundIn(each)]).map((label) => `${label}: ${path}`));
      if (kind.isDirectory()) found.push(...this.foundBelow(path));
    }
    return found;
  }
}

/// What a core dump of a process would hold now: every private page that can be read, but for the program's own text.
export class Image {
  /// What `/proc/PID/maps` says of each, and its bytes.
  mappings = [];

  constructor(pid) {
    const memory = openSync(`/proc/${pid}/mem`, "r");
    for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").trimEnd().split("\n")) {
      const [range, flags, , , inode] = line.split(/\s+/);
      const constant = inode !== "0" && !flags.includes("w");
      if (!flags.startsWith("r") || !flags.endsWith("p") || constant || line.endsWith("[vvar]")) continue;
      const [from, to] = range.split("-").map((hex) => BigInt(`0x${hex}`));
      try {
        this.mappings.push([line, read(memory, from, Number(to - from))]);
      } catch {
        // It went away while it was read.
      }
    }
    closeSync(memory);
    if (!this.mappings.some(([line]) => /\[(heap|stack)\]$/.test(line))) throw new Error("no memory was read");
  }

  /// The first of ten seconds that `enough(image)` is true of, or else the last.
  static async when(pid, enough) {
    for (const until = Date.now() + 10_000; ; ) {
      const image = new Image(pid);
      if (enough(image) || Date.now() > until) return image;
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  found(needles) {
    return this.mappings.flatMap(([line, bytes]) => [...needles.foundIn(bytes)].map((label) => `${label}: ${line}`));
  }
}

function read(file, from, length) {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const got = readSync(file, bytes, at, length - at, from + BigInt(at));
    if (got === 0) throw new Error("it ends early");
    at += got;
  }
  return bytes;
}

function spellings(text) {
  const utf8 = Buffer.from(text);
  const each = (write) => [...utf8].map(write).join("");
  const hex = (byte) => byte.toString(16).padStart(2, "0");
  const utf16 = Buffer.from(text, "utf16le");
  const escaped = (write) => text.replace(/[^\x20-\x7e]/gu, (c) => write(c));
  const units = (c, write) => c.split("").map((unit) => `\\u${write(unit.charCodeAt(0).toString(16).padStart(4, "0"))}`).join("");
  const all = {
    "UTF-8": utf8,
    "hex": utf8.toString("hex"),
    "HEX": utf8.toString("hex").toUpperCase(),
    "percent": each((byte) => (/[0-9A-Za-z]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${hex(byte).toUpperCase()}`)),
    "percent, every byte": each((byte) => `%${hex(byte).toUpperCase()}`),
    "UTF-16LE": utf16,
    "UTF-16BE": Buffer.from(utf16).swap16(),
    "UTF-32LE": Buffer.concat([...text].map((c) => Buffer.from(Uint32Array.of(c.codePointAt(0)).buffer))),
    "JSON": escaped((c) => units(c, (code) => code)),
    "JSON, upper case": escaped((c) => units(c, (code) => code.toUpperCase())),
    "HTML, decimal": escaped((c) => `&#${c.codePointAt(0)};`),
    "HTML, hexadecimal": escaped((c) => `&#x${c.codePointAt(0).toString(16)};`),
    ...base64(utf8),
    ...(/^[0-9A-Za-z]+$/.test(text) ? grouped(text) : {}),
  };
  return Object.entries(all).map(([spelling, said]) => [spelling, Buffer.from(said)]);
}

/// Wherever the text stands in what is encoded: only the characters that depend on the text alone.
function base64(bytes) {
  const all = {};
  for (const shift of [0, 1, 2]) {
    const code = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    const own = code.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
    all[`base64, shifted by ${shift}`] = own;
    all[`base64url, shifted by ${shift}`] = own.replaceAll("+", "-").replaceAll("/", "_");
  }
  return all;
}

function grouped(text) {
  const fours = text.match(/.{1,4}/g);
  return {
    "in fours": fours.join(" "),
    "in fours, dashed": fours.join("-"),
    "in fours, plus signs": fours.join("+"),
    "in fours, in elements": fours.join("</span> <span>"),
    "in fours, as a list": fours.join('","'),
    "spaced": [...text].join(" "),
    "as a list of codes": [...text].map((c) => c.charCodeAt(0)).join(","),
    "as digits of a list": [...text].join(","),
    "full width": [...text].map((c) => String.fromCodePoint(c.charCodeAt(0) + 0xfee0)).join(""),
    "as a telephone number": `${text.slice(0, 3)} ${text.slice(3, 7)} ${text.slice(7)}`,
    "as a telephone number, dashed": `${text.slice(0, 3)}-${text.slice(3, 7)}-${text.slice(7)}`,
  };
}
