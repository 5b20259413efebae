// A person as the seal holds them, read exactly, and fit to be shown. As src/cleartext/identity.rs and shown.rs.

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

/** Whether a later envelope names the same person and account; it may fill in an account where the first left it open. */
export function sameClaim(first: Person, later: Person): boolean {
  const payee =
    first.payee.kind === "in_person" ||
    (later.payee.kind === "account" && later.payee.number === first.payee.number);
  return payee && first.name === later.name && first.id_number === later.id_number;
}
