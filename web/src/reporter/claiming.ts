// What a claim is checked for before it is signed.

import { toHex } from "../core/bytes.ts";
import { Receipt } from "../core/receipt.ts";
import type { ClaimTerms } from "../holders/terms.ts";

/** The award is for this report, by the service this page seals to. */
export function isOwn(terms: ClaimTerms, report: string, instance: string): boolean {
  return toHex(terms.report) === report && terms.instance === instance;
}

/** Whether what was typed is this receipt. */
export function isThis(receipt: Receipt, text: string): boolean {
  try {
    const again = Receipt.parse(text);
    const same = again.groups().join() === receipt.groups().join();
    again.wipe();
    return same;
  } catch {
    return false;
  }
}
