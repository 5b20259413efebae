// Lengths of sealed originals, as `src/cleartext/files/mod.rs`.

/** Bytes of every stored chunk but the last. */
export const CHUNK_BYTES = 32 * 1024;
export const PREFIX = 2;
export const TRAILER = 8;

/** The next length that Padmé allows; exact below 2^53. */
export function padme(length: number): number {
  if (length < 2) return length;
  const exponent = log2(length);
  const free = exponent - Math.min(log2(exponent) + 1, exponent);
  const step = 2 ** free;
  return Math.ceil(length / step) * step;
}

/** Length of a sealed file whose age file has `ageBytes`. */
export function storedBytes(ageBytes: number): number {
  return Math.max(padme(PREFIX + ageBytes + TRAILER), CHUNK_BYTES);
}

/** ⌊log2⌋, without the rounding of `Math.log2`. */
function log2(value: number): number {
  let exponent = 0;
  for (let rest = value; rest >= 2; rest = Math.floor(rest / 2)) exponent += 1;
  return exponent;
}
