// Files as a reporter adds them on the page whose script seals them.

import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { words } from "./words.mjs";

export const MB = 1 << 20;

/// One red pixel.
export const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC", "base64");

export async function chooseFiles(person, ...files) {
  await person.page.locator("#device-files").setInputFiles(files);
  await person.press("files-seal");
}

export const rows = (person) => person.page.locator('[data-slot="rows"] > li');

/// Waits until the row of the `n`th file says so.
export async function waitForRow(person, n, key, values, timeout = 120_000) {
  await rows(person).nth(n).getByText(new RegExp(words(person.lang, key, values))).first().waitFor({ timeout });
}

/// A film of so many bytes that takes no room on this disk; `text` stands in its middle.
export function film(path, bytes, text = "") {
  const file = openSync(path, "w");
  writeSync(file, Buffer.from("\0\0\0\x20ftypisom", "latin1"));
  ftruncateSync(file, bytes);
  if (text) writeSync(file, text, bytes >> 1);
  closeSync(file);
  return path;
}

/// The width of `photo`, and of the copy made of it.
export const PHOTO_WIDTH = 320;

/// What a camera makes: pixels, a comment, its own block with the place, another program's, and a second file behind,
/// which all say `text`.
export async function photo(page, text) {
  const pixels = await page.screenshot({ type: "jpeg", clip: { x: 0, y: 0, width: PHOTO_WIDTH, height: 200 } });
  const segment = (marker, text) => {
    const body = Buffer.from(text, "utf8");
    return Buffer.concat([Buffer.from([0xff, marker, 0, body.length + 2]), body]);
  };
  return Buffer.concat([
    pixels.subarray(0, 2), segment(0xfe, text), segment(0xe1, `Exif\0\0${text}`), segment(0xed, `Photoshop 3.0\0${text}`),
    pixels.subarray(2), Buffer.from(`PK\x03\x04${text}`, "utf8"),
  ]);
}
