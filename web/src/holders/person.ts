// A person as the seal holds them, read exactly, and fit to be shown. As src/cleartext/identity.rs and shown.rs.

import { plain } from "../core/typed.ts";
import * as shape from "./shape.ts";
import type { Json } from "./json.ts";

/** What does something instead of being seen: controls, separators, marks of direction, the invisible. */
const ACTS =
  /[\p{Cc}\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** A text as it is shown and printed: a device can seal any characters. */
export function shown(text: string): string {
  return text.replace(ACTS, "\ufffd");
}

const seen = shape.text(shown);

const account = shape.object({ kind: shape.word("account"), holder: seen, bank: seen, number: seen });
const inPerson = shape.object({ kind: shape.word("in_person") });
const payee = (value: Json | undefined) =>
  value instanceof Map && value.get("kind") === "in_person" ? inPerson(value) : account(value);

export const person = shape.object({
  name: seen,
  id_kind: shape.word("resident_id", "passport", "residence_permit", "other"),
  id_number: seen,
  mobile: seen,
  payee,
  own_employer: shape.boolean,
  joint: shape.list(shape.object({ name: seen, id_number: seen })),
});
export type Person = shape.Of<typeof person>;

export const identitySection = shape.object({
  format: shape.u16,
  sealed_by: shape.word("server", "device"),
  person: shape.optional(person),
});

/** One row of a person: who is paid, and who is called. */
export type Row = "name" | "id-kind" | "id-number" | "mobile" | "payee" | "holder" | "bank" | "account" | "own" | "joint";

/** A later envelope says something else in one row: to be settled in person. */
export interface Conflict {
  /** Number of the later envelope, from 1. */
  envelope: number;
  row: Row;
  /** What stood until then; empty for nothing. */
  before: string;
  later: string;
}

/**
 * Takes up from a later envelope of the same person how to pay and call them; of another person, nothing. Gives every row
 * in which the two differ, whether it was taken up or not. As src/cleartext/open/later.rs.
 */
export function takeUp(first: Person, later: Person, envelope: number): { person: Person; conflicts: Conflict[] } {
  const laterRows = new Map(rows(later));
  const conflicts = rows(first)
    .map(([row, before]): Conflict => ({ envelope, row, before, later: laterRows.get(row) ?? "" }))
    .filter(({ row, before, later }) => normal(row, before) !== normal(row, later));
  const isSame = !conflicts.some(({ row }) => row === "name" || row === "id-number");
  const { payee, mobile } = later;
  return { person: isSame ? { ...first, payee, mobile } : first, conflicts };
}

function rows({ name, id_kind, id_number, mobile, payee, own_employer, joint }: Person): [Row, string][] {
  const { holder, bank, number } = payee.kind === "account" ? payee : { holder: "", bank: "", number: "" };
  return [
    ["name", name],
    ["id-kind", id_kind],
    ["id-number", id_number],
    ["mobile", mobile],
    ["payee", payee.kind],
    ["holder", holder],
    ["bank", bank],
    ["account", number],
    ["own", own_employer ? "yes" : "no"],
    ["joint", joint.map((one) => `${one.name} ${one.id_number}`).join("；")],
  ];
}

/** What is left to compare: the same in full width, with spaces, dashes or small letters is the same. */
function normal(row: Row, text: string): string {
  const whole = plain(text).toUpperCase();
  return row === "mobile" && whole.startsWith("+86") ? whole.slice(3) : whole;
}
