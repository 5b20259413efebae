// The platform's randomness comes by a callback; sealing asks for it in the middle of a line. So it is stocked beforehand:
// each byte is handed out once and wiped. Where the stock runs out nothing is sealed: there is no other source.

import { Refused } from "../../../web/src/core/refused.ts";

/** What one report with sixteen trustees, or one file, draws is well below this. */
const STOCK = 32 * 1024;

let stocked = new Uint8Array(0);
let at = 0;

/** To be awaited before anything is sealed or drawn. */
export async function stock(): Promise<void> {
  if (stocked.length - at >= STOCK) return;
  const fresh = new Uint8Array(await drawn(2 * STOCK));
  if (fresh.length !== 2 * STOCK || fresh.every((byte) => byte === fresh[0])) throw none();
  stocked.fill(0);
  [stocked, at] = [fresh, 0];
}

/** Forgets what was not used. */
export function spill(): void {
  stocked.fill(0);
  [stocked, at] = [new Uint8Array(0), 0];
}

/** As WebCrypto's, of arrays of bytes. */
export function getRandomValues(array: Uint8Array): Uint8Array {
  const end = at + array.length;
  if (end > stocked.length) throw none();
  array.set(stocked.subarray(at, end));
  stocked.fill(0, at, end);
  at = end;
  return array;
}

function drawn(length: number): Promise<ArrayBuffer> {
  return new Promise((done, refused) => {
    if (typeof wx.getRandomValues !== "function") return refused(none());
    wx.getRandomValues({ length, success: ({ randomValues }) => done(randomValues), fail: () => refused(none()) });
  });
}

function none(): Refused {
  return new Refused("no-randomness", "the platform gives no random bytes; nothing was sealed");
}
