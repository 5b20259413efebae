// A person, as `src/cleartext/identity.rs` spells it inside the seal; keys in this order.

export type IdKind = "resident_id" | "passport" | "residence_permit" | "other";

export type Payee = { kind: "in_person" } | { kind: "account"; holder: string; bank: string; number: string };

export interface Person {
  name: string;
  id_kind: IdKind;
  id_number: string;
  mobile: string;
  payee: Payee;
  /** Works (or a spouse, parent or child works) for the unit reported: decides the insider uplift. */
  own_employer: boolean;
  joint: { name: string; id_number: string }[];
}

/** What the identity section holds: a person, or nobody. */
export interface IdentitySection {
  format: 1;
  sealed_by: "server" | "device";
  person: Person | null;
}

/** What the files section holds: AGE-SECRET-KEY-1… of the report's files key. */
export interface FilesSection {
  format: 1;
  files_key: string;
}
