// Whom a report is sealed to, as `src/recipients.rs`: a set is believed only when its signatures are checked and
// it is the pinned one, or follows the set before it.

import { checkAgeRecipient } from "./agekeys.ts";
import { toHex, utf8 } from "./bytes.ts";
import { Refused } from "./refused.ts";
import { accepts, parseSignature, parseVerifyKey } from "./signing.ts";
import { onlyKeys } from "./shape.ts";
import { hash } from "./transcript.ts";

const DOMAIN = "mifeng/v1/recipient-set";
/** More trustees than this do not fit one share file's fixed size. */
export const MOST_TRUSTEES = 16;

/** As it lies in a file or comes from the server: not to be believed yet. */
export interface UntrustedSet {
  body: string;
  signatures: { by: string; signature: string }[];
}

export interface Office {
  working: string;
  recovery: string;
  verify: string;
}

export interface Trustee {
  name: string;
  recipient: string;
  verify: string;
}

/** A set whose signatures and numbers were checked. */
export interface RecipientSet {
  readonly instance: string;
  readonly number: number;
  readonly office: Office;
  /** In share order: trustee 1 first. */
  readonly trustees: readonly Trustee[];
  /** How many trustees must act together; at least 2. */
  readonly threshold: number;
  /** Sixteen groups of four hexadecimal digits. */
  readonly fingerprint: string;
}

/** Printed on posters, pinned by every page and tool. */
export function fingerprint(set: UntrustedSet): string {
  const digits = toHex(hash(DOMAIN, [utf8(set.body)]));
  return (digits.match(/.{4}/g) ?? []).join("-");
}

/** The set, if it is the pinned one and signed by the office and every trustee in it. */
export function pinned(untrusted: UntrustedSet, pin: string): RecipientSet {
  const set = check(untrusted);
  const wanted = plainFingerprint(pin);
  if (plainFingerprint(set.fingerprint) !== wanted) {
    const sentence = `the set's fingerprint is ${set.fingerprint}, but ${pin} is pinned`;
    throw new Refused("set-not-the-pinned-one", sentence, { found: set.fingerprint, pinned: pin });
  }
  signedBy(untrusted, "office", set.office.verify);
  set.trustees.forEach((trustee, i) => signedBy(untrusted, `trustee-${i + 1}`, trustee.verify));
  return set;
}

/** The set, if the office and t trustees of `old` have signed it. */
export function following(untrusted: UntrustedSet, old: RecipientSet): RecipientSet {
  const set = check(untrusted);
  if (set.instance !== old.instance) {
    throw new Refused("set-other-instance", "the set belongs to another instance");
  }
  if (set.number !== old.number + 1) {
    const sentence = `set ${set.number} cannot follow set ${old.number}`;
    throw new Refused("set-number", sentence, { old: old.number, new: set.number });
  }
  if (set.threshold < old.threshold) {
    const sentence = `a later set never needs fewer trustees than the one before: reporters were promised ${old.threshold}, and ${set.threshold} would do`;
    throw new Refused("set-lower-threshold", sentence, { old: old.threshold, new: set.threshold });
  }
  // Under whatever name: a holder who leaves has none in the new set.
  if (!carries(untrusted, old.office.verify)) throw missing("office");
  const found = old.trustees.filter((trustee) => carries(untrusted, trustee.verify)).length;
  if (found < old.threshold) {
    const sentence = `only ${found} of the ${old.threshold} trustees needed from the old set have signed`;
    throw new Refused("set-too-few-old-trustees", sentence, { found, needed: old.threshold });
  }
  return set;
}

/** The office's two recipients, working and recovery. */
export function officeRecipients(set: RecipientSet): string[] {
  return [set.office.working, set.office.recovery];
}

function plainFingerprint(text: string): string {
  return text.replace(/[\s-]/g, "").toLowerCase();
}

function carries(set: UntrustedSet, key: string): boolean {
  return set.signatures.some((each) => fits(set, each.signature, key));
}

function signedBy(set: UntrustedSet, by: string, key: string): void {
  if (!set.signatures.some((each) => each.by === by && fits(set, each.signature, key))) throw missing(by);
}

function fits(set: UntrustedSet, signature: string, key: string): boolean {
  try {
    return accepts(parseVerifyKey(key), DOMAIN, [utf8(set.body)], parseSignature(signature));
  } catch {
    return false;
  }
}

function missing(by: string): Refused {
  return new Refused("set-signature", `the signature of ${by} is missing or does not fit`, { by });
}

function check(untrusted: UntrustedSet): RecipientSet {
  const body = read(untrusted);
  const { office, trustees, threshold } = body;
  const [t, n] = [threshold, trustees.length];
  if (n > MOST_TRUSTEES) {
    const sentence = `at most ${MOST_TRUSTEES} trustees are possible; the set has ${n}`;
    throw new Refused("set-too-many-trustees", sentence, { found: n });
  }
  if (t < 2 || t > n) {
    const sentence = `the number of trustees needed must be at least 2 and at most the number of trustees (${n}); it is ${t}`;
    throw new Refused("set-threshold", sentence, { t, n });
  }
  const recipients = [office.working, office.recovery, ...trustees.map((trustee) => trustee.recipient)];
  recipients.forEach(checkAgeRecipient);
  const verify = [office.verify, ...trustees.map((trustee) => trustee.verify)];
  verify.forEach(parseVerifyKey);
  if (new Set(recipients).size !== recipients.length || new Set(verify).size !== verify.length) {
    throw new Refused("set-shared-key", "two holders in the set share a key");
  }
  return { instance: body.instance, number: body.number, office, trustees, threshold, fingerprint: fingerprint(untrusted) };
}

interface Body {
  format: number;
  instance: string;
  number: number;
  office: Office;
  trustees: Trustee[];
  threshold: number;
}

/** Exactly the fields there are, each of its kind: what is not understood is not sealed to. */
function read(untrusted: UntrustedSet): Body {
  try {
    const body = onlyKeys(JSON.parse(untrusted.body), {
      format: "number",
      instance: "string",
      number: "number",
      office: "object",
      trustees: "object",
      threshold: "number",
    }) as unknown as Body;
    onlyKeys(body.office, { working: "string", recovery: "string", verify: "string" });
    if (!Array.isArray(body.trustees)) throw new Error("trustees is not a list");
    body.trustees.forEach((trustee) => onlyKeys(trustee, { name: "string", recipient: "string", verify: "string" }));
    if (![body.format, body.number, body.threshold].every((number) => Number.isInteger(number) && number >= 0)) {
      throw new Error("a number is not whole");
    }
    if (body.format !== 1) {
      const sentence = `recipient set format ${body.format} is unknown to this program`;
      throw new Refused("set-format", sentence, { format: body.format });
    }
    return body;
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused("set-unreadable", `the file is not a recipient set: ${(error as Error).message}`);
  }
}
