// The roster of approvers, believed only when the office of the pinned set has signed it. As src/recipients.rs.

import { concat, u32, utf8 } from "../core/bytes.ts";
import type { RecipientSet } from "../core/recipients.ts";
import { accepts, parseVerifyKey } from "../core/signing.ts";
import { refused } from "./refusals.ts";
import * as shape from "./shape.ts";

/** 32 B in base64. */
export const verifyKeyText: shape.Shape<Uint8Array> = (value) => sized(shape.bareBytes(value), 32);
/** 64 B in base64. */
export const signatureText: shape.Shape<Uint8Array> = (value) => sized(shape.bareBytes(value), 64);

/** As it lies in a request or package. */
export const untrustedRoster = shape.object({
  instance: shape.string,
  number: shape.u32,
  approvers: shape.list(shape.object({ staff: shape.string, verify: verifyKeyText })),
  signature: signatureText,
});
export type UntrustedRoster = shape.Of<typeof untrustedRoster>;

/** Approvers whose keys the office has signed, by log-in name. */
export type Roster = ReadonlyMap<string, Uint8Array>;

export function trustedRoster(roster: UntrustedRoster, set: RecipientSet): Roster {
  if (roster.instance !== set.instance) throw refused("roster-instance");
  const parts = [utf8(roster.instance), u32(roster.number)];
  for (const { staff, verify } of roster.approvers) parts.push(utf8(staff), verify);
  const office = parseVerifyKey(set.office.verify);
  if (!accepts(office, "mifeng/v1/approver-roster", parts, roster.signature)) throw refused("roster-signature");
  const people = new Map(roster.approvers.map(({ staff, verify }) => [staff, verify]));
  const keys = new Set(roster.approvers.map(({ verify }) => concat(verify).join()));
  if (people.size !== roster.approvers.length || keys.size !== roster.approvers.length) throw refused("roster-twice");
  return people;
}

function sized(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.length === length ? bytes : shape.misshapen(`${length} bytes`);
}
