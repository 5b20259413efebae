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

/** What is asked when an original is needed, as its reporter reads it. As src/evidence/terms.rs. */
export const filesTerms = shape.object({
  instance: shape.string,
  report: hexBytes(16),
  case: caseNumber,
  request: shape.u32,
  original: hexBytes(16),
  sealed: hexBytes(32),
  envelope: hexBytes(32),
  needed_for: shape.word("investigation", "court"),
  need: shape.string,
  asked_by: shape.string,
  asked: day,
  object_until: day,
  good_until: day,
});
export type FilesTerms = shape.Of<typeof filesTerms>;

/** One opening of one original: what was asked, where its reporter was told, where the opening stands in the log. */
export const filesRelease = shape.object({
  files: filesTerms,
  told: shape.object({ leaf_index: shape.u64, leaf_n: shape.u8 }),
  leaf_index: shape.u64,
  leaf_n: shape.u8,
});
export type FilesRelease = shape.Of<typeof filesRelease>;

/** SHA-256 of all of it. */
export function filesHash(terms: FilesTerms): Uint8Array {
  return hash("mifeng/v1/files-terms", [
    utf8(terms.instance),
    terms.report,
    utf8(terms.case),
    bigEndian(BigInt(terms.request), 4),
    terms.original,
    terms.sealed,
    terms.envelope,
    utf8(terms.needed_for),
    utf8(terms.need),
    utf8(terms.asked_by),
    utf8(terms.asked),
    utf8(terms.object_until),
    utf8(terms.good_until),
  ]);
}

/** `2026-000417-F1`: how the log calls it. */
export function filesName(terms: FilesTerms): string {
  return `${terms.case}-F${terms.request}`;
}

/** What every kind of release says to those who sign, announce and open it. */
export interface Bound {
  matter: Uint8Array;
  purpose: Purpose;
  expires: string;
}

export function bound(terms: ReleaseTerms | FilesRelease): Bound {
  if ("files" in terms) return { matter: filesHash(terms.files), purpose: "files", expires: terms.files.good_until };
  return { matter: awardHash(terms.award), purpose: terms.purpose, expires: terms.expires };
}

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
export function leafDigest(terms: ReleaseTerms | FilesRelease): Uint8Array {
  const { matter, purpose, expires } = bound(terms);
  return hash("mifeng/v1/release-leaf", [matter, utf8(purpose), utf8(expires)]);
}

export function bigEndian(value: bigint, bytes: 4 | 8): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value);
  return out.slice(8 - bytes);
}

