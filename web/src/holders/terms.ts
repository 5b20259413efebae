// What is approved and released: the award's terms, the release's terms, approvals and the claim. As
// src/award/{approval,release}.rs.

import { utf8 } from "../core/bytes.ts";
import { hash } from "../core/transcript.ts";
import { type Purpose, isDay } from "../log/leaf.ts";
import * as shape from "./shape.ts";

export const day = shape.text((text) => (isDay(text) ? text : null));
/** `null` unless these are `bytes` bytes in hexadecimal digits. */
export function hexBytes(bytes: number): shape.Shape<Uint8Array> {
  return shape.text((text) => {
    if (text.length !== bytes * 2 || !/^[0-9a-fA-F]*$/.test(text)) return null;
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  });
}
/** `2026-000417`, as a person may have shortened it. */
const caseNumber = shape.text((text) => {
  const [, year, serial] = /^(\d{1,4})-(\d{1,9})$/.exec(text.trim()) ?? [];
  return year && serial ? `${Number(year)}-${String(Number(serial)).padStart(6, "0")}` : null;
});

const terms = {
  instance: shape.string,
  report: hexBytes(16),
  case: caseNumber,
  award: shape.u32,
  rule_and_inputs: hexBytes(32),
  base_fen: shape.u64,
  approvals_needed: shape.u32,
  computed: day,
};
/** What is approved, and what every release is bound to. */
export const awardTerms = shape.object({ ...terms, worked_on: shape.list(shape.string) });
export type AwardTerms = shape.Of<typeof awardTerms>;
/** The same as a reporter's device gets it: for the staff who worked on the case stands their hash. */
export const claimTerms = shape.object({ ...terms, worked_on_hash: hexBytes(32) });
export type ClaimTerms = shape.Of<typeof claimTerms>;

/** One release: the approved award, the lock, the day it ends, and the leaf that was published first. */
export const releaseTerms = shape.object({
  award: awardTerms,
  purpose: shape.word("identity", "files"),
  expires: day,
  leaf_index: shape.u64,
  leaf_n: shape.u8,
});
export type ReleaseTerms = shape.Of<typeof releaseTerms>;

/** SHA-256 of all terms; stands for them in approvals, in the claim and in the release statements. */
export function awardHash(terms: AwardTerms | ClaimTerms): Uint8Array {
  return hash("mifeng/v1/award-terms", [
    utf8(terms.instance),
    terms.report,
    utf8(terms.case),
    bigEndian(BigInt(terms.award), 4),
    terms.rule_and_inputs,
    bigEndian(terms.base_fen, 8),
    bigEndian(BigInt(terms.approvals_needed), 4),
    utf8(terms.computed),
    "worked_on" in terms ? hash("mifeng/v1/worked-on", terms.worked_on.map(utf8)) : terms.worked_on_hash,
  ]);
}

/** What the release leaf carries, so that it cannot be used for another release. */
export function leafDigest({ award, purpose, expires }: Pick<ReleaseTerms, "award" | "purpose" | "expires">): Uint8Array {
  return hash("mifeng/v1/release-leaf", [awardHash(award), utf8(purpose satisfies Purpose), utf8(expires)]);
}

export function bigEndian(value: bigint, bytes: 4 | 8): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value);
  return out.slice(8 - bytes);
}

