// Whoever comes back proves to hold the receipt by what it gives; the receipt itself stays here.

import { toHex, wipe } from "../core/bytes.ts";
import type { Receipt } from "../core/receipt.ts";
import { post } from "./ask.ts";

/** Signs in. Refused with 404 if no report has this receipt. */
export async function prove<T>(address: string, code: Receipt): Promise<T> {
  const keys = [code.locator(), code.auth(), code.auditKey()] as const;
  try {
    const [locator, auth, audit_key] = keys.map(toHex);
    return await post<T>(address, { locator, auth, audit_key });
  } finally {
    wipe(...keys);
  }
}
