// What goes with everything a reporter sends: an envelope of the one shape, with a person in it or nobody.

import { toBase64, toHex, wipe } from "../core/bytes.ts";
import type { Person } from "../core/person.ts";
import { random } from "../core/random.ts";
import type { Receipt } from "../core/receipt.ts";
import { pinned, type RecipientSet, type UntrustedSet } from "../core/recipients.ts";
import { sealReport, type SealedReportJson, sealedReportJson } from "../core/seal.ts";
import { get } from "./ask.ts";

/** Fetches the set reports are sealed to; believed only if it is the one this page is bound to. */
export async function recipientSet(address: string, pin: string): Promise<RecipientSet> {
  return pinned(await get<UntrustedSet>(address), pin);
}

/** Seals somebody or nobody into a report's envelope. */
export async function sealFor(
  report: string, receipt: Receipt, set: RecipientSet, person: Person | null,
): Promise<SealedReportJson> {
  const auditKey = receipt.auditKey();
  try {
    return sealedReportJson(await sealReport(person, { report, auditKey, claimKey: receipt.claimKey(), set }, random));
  } finally {
    wipe(auditKey);
  }
}

/** Hashes and public halves of a new receipt, as they are posted beside what it seals: never the receipt. */
export function publicHalves(code: Receipt): Record<"locator" | "auth" | "audit_key" | "mailbox" | "claim_key", string> {
  const auditKey = code.auditKey();
  try {
    return {
      locator: toHex(code.locatorHash()),
      auth: toHex(code.authHash()),
      audit_key: toHex(auditKey),
      mailbox: code.mailboxRecipient(),
      claim_key: toBase64(code.claimKey()),
    };
  } finally {
    wipe(auditKey);
  }
}

/** The keys that came are not the ones this page is bound to. */
export function distrusted(why: unknown): boolean {
  return ((why as { code?: string }).code ?? "").startsWith("set-");
}

/** What was typed of the person does not fit one envelope. */
export function tooLong(why: unknown): boolean {
  return (why as { code?: string }).code === "too-long";
}
