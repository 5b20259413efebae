// What is posted so that a receipt of the reporter's own takes over from one that staff issued.

import { fromHex, toBase64, wipe } from "../core/bytes.ts";
import { signHandover } from "../core/handover.ts";
import type { Receipt } from "../core/receipt.ts";
import type { RecipientSet } from "../core/recipients.ts";
import { publicHalves, sealFor } from "./sealing.ts";

/** The report that is taken over. */
export interface About {
  once: string;
  report: string;
  instance: string;
}

/** Hashes, public halves and sealed bytes of the new receipt, and the old one's signature over them. */
export async function order(
  old: Receipt, own: Receipt, about: About, set: RecipientSet,
): Promise<Record<string, unknown>> {
  const { once, report, instance } = about;
  const auditKey = own.auditKey();
  try {
    const heir = { instance, report: fromHex(report), claimKey: own.claimKey(), auditKey };
    const handover = toBase64(signHandover(old, heir));
    return { once, handover, ...publicHalves(own), sealed: await sealFor(report, own, set, null) };
  } finally {
    wipe(auditKey);
  }
}
