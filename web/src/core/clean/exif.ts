// Of all that EXIF says, which way is up: the only part a viewer needs, and the only one that is kept.

import { number } from "./pieces.ts";

const ORIENTATION = 0x0112;
const SHORT = 3;

/** 1 to 8 of a TIFF block, read as the `image` crate reads it; 1 (as it is) when it says nothing of use. */
export function orientationOf(tiff: Uint8Array): number {
  const order = number(tiff, 0, 4);
  const little = order === 0x49492a00;
  if (!little && order !== 0x4d4d002a) return 1;
  const at = number(tiff, 4, 4, little);
  const entries = at === undefined ? undefined : number(tiff, at, 2, little);
  if (at === undefined || entries === undefined) return 1;
  for (let i = 0; i < entries; i++) {
    const entry = at + 2 + 12 * i;
    // An entry that is not all there ends the search.
    if (entry + 12 > tiff.length) return 1;
    const isOrientation =
      number(tiff, entry, 2, little) === ORIENTATION &&
      number(tiff, entry + 2, 2, little) === SHORT &&
      number(tiff, entry + 4, 4, little) === 1;
    if (isOrientation) {
      const value = number(tiff, entry + 8, 2, little) ?? 1;
      return value >= 1 && value <= 8 ? value : 1;
    }
  }
  return 1;
}

/** A TIFF block that says which way is up and nothing else; `undefined` where there is nothing to say. */
export function onlyOrientation(orientation: number): Uint8Array | undefined {
  if (orientation === 1) return undefined;
  const header = [0x49, 0x49, 0x2a, 0, 8, 0, 0, 0];
  const entry = [0x12, 0x01, SHORT, 0, 1, 0, 0, 0, orientation, 0, 0, 0];
  return Uint8Array.from([...header, 1, 0, ...entry, 0, 0, 0, 0]);
}
