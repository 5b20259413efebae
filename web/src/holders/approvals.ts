// Two people agree to an amount. As src/award/approval.rs.

import { utf8 } from "../core/bytes.ts";
import { accepts } from "../core/signing.ts";
import { refused } from "./refusals.ts";
import { type Roster, signatureText } from "./roster.ts";
import * as shape from "./shape.ts";
import { type AwardTerms, awardHash, day } from "./terms.ts";

/** Two people for money; policy may ask for more, never for fewer. */
const FEWEST_APPROVERS = 2;
/** Days from an approver's signature for which it counts; policy may say fewer, never more. */
const LONGEST_APPROVAL = 180;
const DAY = 24 * 3600 * 1000;

export const approval = shape.object({ by: shape.string, day, signature: signatureText });
export type Approval = shape.Of<typeof approval>;

/**
 * Who approved exactly these terms. One bad approval refuses the whole, so that nothing is decided by the rest.
 * How many it takes is in the terms; `today` bounds the approvals' days, from which each counts for so long.
 */
export function verifyApprovals(terms: AwardTerms, approvals: Approval[], roster: Roster, today: string): string[] {
  const needed = Math.max(terms.approvals_needed, FEWEST_APPROVERS);
  const seen = new Set<string>();
  for (const { by, day, signature } of approvals) {
    if (seen.has(by)) throw refused("approval-twice", { by });
    seen.add(by);
    if (terms.worked_on.includes(by)) throw refused("approval-own-case", { by });
    const key = roster.get(by);
    if (!key) throw refused("approval-roster", { by });
    if (day < terms.computed || day > today) throw refused("approval-day", { by });
    const until = new Date(Date.parse(day) + LONGEST_APPROVAL * DAY).toISOString().slice(0, 10);
    if (today > until) throw refused("approval-expired", { by, until });
    const parts = [awardHash(terms), utf8(by), utf8(day)];
    if (!accepts(key, "mifeng/v1/award-approval", parts, signature)) throw refused("approval-signature", { by });
  }
  if (approvals.length < needed) throw refused("approval-too-few", { found: approvals.length, needed });
  return [...seen];
}
