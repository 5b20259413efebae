// A person as the seal holds them, read exactly. As src/cleartext/identity.rs.

import * as shape from "./shape.ts";
import type { Json } from "./json.ts";

const account = shape.object({ kind: shape.word("account"), holder: shape.string, bank: shape.string, number: shape.string });
const inPerson = shape.object({ kind: shape.word("in_person") });
const payee = (value: Json | undefined) =>
  value instanceof Map && value.get("kind") === "in_person" ? inPerson(value) : account(value);

export const person = shape.object({
  name: shape.string,
  id_kind: shape.word("resident_id", "passport", "residence_permit", "other"),
  id_number: shape.string,
  mobile: shape.string,
  payee,
  own_employer: shape.boolean,
  joint: shape.list(shape.object({ name: shape.string, id_number: shape.string })),
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
