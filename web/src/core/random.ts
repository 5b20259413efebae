// Randomness, passed in as an argument so that tests can repeat a run.

/** Gives so many fresh random bytes. */
export type Random = (bytes: number) => Uint8Array;

export const random: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

/** A number from 0 to `end` − 1, each as likely; `end` at most 256. */
export function below(end: number, random: Random): number {
  const usable = 256 - (256 % end);
  for (;;) {
    const byte = random(1)[0]!;
    if (byte < usable) return byte % end;
  }
}
