// How the log is published: C2SP tlog-tiles, 256 wide. Only what a reader of all entries needs.

import { refused } from "./refusals.ts";

/** Entries in a full bundle. */
export const WIDTH = 256n;

/** The address of a bundle of entries, below the log's own address. */
export interface Bundle {
  path: string;
  /** 1 to 256. */
  width: number;
}

/** All bundles of a log of `size` entries, in order. */
export function* bundles(size: bigint): Generator<Bundle> {
  for (let index = 0n; index * WIDTH < size; index += 1n) {
    const left = size - index * WIDTH;
    const width = left < WIDTH ? left : WIDTH;
    yield { path: `tile/entries/${groups(index)}${width < WIDTH ? `.p/${width}` : ""}`, width: Number(width) };
  }
}

/** 1234067 is x001/x234/067. */
function groups(index: bigint): string {
  const digits = index.toString();
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const each = padded.match(/.{3}/g) ?? [];
  return each.map((group, i) => (i < each.length - 1 ? `x${group}` : group)).join("/");
}

/** Reads a bundle of exactly `width` entries. They may be of a version unknown here. */
export function parseBundle({ path, width }: Bundle, bytes: Uint8Array): Uint8Array[] {
  const broken = refused("log-bundle", { path });
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 2) throw broken;
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (bytes.length - at - 2 < length) throw broken;
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  if (entries.length !== width) throw broken;
  return entries;
}
