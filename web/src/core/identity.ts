// What was typed about a person becomes a `Person`, or a list of what to mend: the verdicts of
// `src/cleartext/intake.rs`, kept alike by `tests/vectors/identity-verdicts.json`.

import { wellFormed } from "./bytes.ts";
import { isBankCard, isMobile, isResidentId } from "./formats.ts";
import type { IdKind, Payee, Person } from "./person.ts";
import { Receipt } from "./receipt.ts";
import { characters, isDigit, isSpace, plain, trim } from "./typed.ts";

/** The names of the fields, in order. Those with `-checked` hold a number that was asked about once: the same again is taken. */
export const FIELDS = [
  "person-name",
  "id-kind",
  "id-number",
  "mobile",
  "mobile-checked",
  "payee",
  "holder",
  "bank",
  "account",
  "account-checked",
  "own",
  "joint",
  "consent",
] as const;
export type Field = (typeof FIELDS)[number];

/** How long an answer may be, in characters after trimming. */
export interface Length {
  least: number;
  most: number;
}

/** Policy's limits, as the page carries them. */
export interface Limits {
  person_name: Length;
  id_number: Length;
  mobile: Length;
  payee_name: Length;
  payee_bank: Length;
  payee_account: Length;
  joint_signatories: number;
}

/** `code` names the words to show; `least`, `most`, `line` belong into them. */
export interface Problem {
  field: Field;
  code: string;
  least?: number;
  most?: number;
  line?: number;
}

export type Verdict = { person: Person; problems?: undefined } | { person?: undefined; problems: Problem[] };

/** `answer` gives what was typed into a field, empty for nothing. */
export function readIdentity(answer: (field: Field) => string, limits: Limits): Verdict {
  const typed = new Map(FIELDS.map((field) => [field, wellFormed(answer(field))]));
  return new Reader((field) => typed.get(field) ?? "", limits).read();
}

/** The numbers that a verdict asks about: given back with the next reading, the same number is taken. */
export function askedAbout(
  { problems = [] }: Verdict,
  answers: Partial<Record<Field, string>>,
): Partial<Record<Field, string>> {
  const asked: Partial<Record<Field, string>> = {};
  for (const { code } of problems) {
    if (code === "mobile-check") asked["mobile-checked"] = answers.mobile ?? "";
    if (code === "account-check") asked["account-checked"] = answers.account ?? "";
  }
  return asked;
}

const ID_KINDS: Readonly<Record<string, IdKind>> = {
  resident: "resident_id",
  passport: "passport",
  residence: "residence_permit",
  other: "other",
};

class Reader {
  readonly #raw: (field: Field) => string;
  readonly #limits: Limits;
  readonly #problems: Problem[] = [];

  constructor(raw: (field: Field) => string, limits: Limits) {
    this.#raw = raw;
    this.#limits = limits;
  }

  read(): Verdict {
    for (const field of FIELDS) {
      if (Receipt.isIn(this.#raw(field))) this.#add({ field, code: "receipt" });
    }
    const name = this.#name();
    const kind = this.#idKind();
    const idNumber = this.#idNumber(kind);
    const mobile = this.#mobile();
    const payee = this.#payee();
    const own = this.#raw("own");
    if (own !== "yes" && own !== "no") this.#add({ field: "own", code: "own" });
    const joint = this.#joint();
    // Nobody is sealed without having agreed to it apart from everything else (PIPL art. 29).
    if (this.#raw("consent") !== "yes") this.#add({ field: "consent", code: "consent" });
    if (!kind || !payee || this.#problems.length > 0) return { problems: this.#problems };
    return {
      person: { name, id_kind: kind, id_number: idNumber, mobile, payee, own_employer: own === "yes", joint },
    };
  }

  #add(problem: Problem): void {
    if (!this.#problems.some((known) => known.field === problem.field)) this.#problems.push(problem);
  }

  #text(field: Field): string {
    return trim(this.#raw(field));
  }

  #name(): string {
    const name = this.#text("person-name");
    const limit = this.#limits.person_name;
    if (name === "") {
      this.#add({ field: "person-name", code: "name-missing" });
    } else if (!fits(characters(name), limit)) {
      this.#add({ field: "person-name", code: "name-length", ...only(limit) });
    }
    return name;
  }

  #idKind(): IdKind | undefined {
    const raw = this.#raw("id-kind");
    const kind = Object.prototype.hasOwnProperty.call(ID_KINDS, raw) ? ID_KINDS[raw] : undefined;
    if (!kind) this.#add({ field: "id-kind", code: "id-kind" });
    return kind;
  }

  #idNumber(kind: IdKind | undefined): string {
    const number = plain(this.#raw("id-number")).toUpperCase();
    const limit = this.#limits.id_number;
    if (number === "") {
      this.#add({ field: "id-number", code: "id-missing" });
    } else if (kind === "resident_id" && !isResidentId(number)) {
      this.#add({ field: "id-number", code: "id-check" });
    } else if (!fits(characters(number), limit)) {
      this.#add({ field: "id-number", code: "id-length", ...only(limit) });
    }
    return number;
  }

  #mobile(): string {
    const [number, checked] = [bareMobile(this.#raw("mobile")), bareMobile(this.#raw("mobile-checked"))];
    const limit = this.#limits.mobile;
    if (!fits(characters(number), limit)) {
      this.#add({ field: "mobile", code: "mobile", ...only(limit) });
    } else if (!isMobile(number) && checked !== number) {
      this.#add({ field: "mobile", code: "mobile-check" });
    }
    return number;
  }

  #payee(): Payee | undefined {
    switch (this.#raw("payee")) {
      case "person":
        return { kind: "in_person" };
      case "account":
        return this.#account();
      default:
        this.#add({ field: "payee", code: "payee" });
        return undefined;
    }
  }

  #account(): Payee {
    const number = plain(this.#raw("account"));
    const texts = [
      ["holder", this.#limits.payee_name],
      ["bank", this.#limits.payee_bank],
    ] as const;
    for (const [field, limit] of texts) {
      const count = characters(this.#text(field));
      if (count < limit.least) {
        this.#add({ field, code: field });
      } else if (count > limit.most) {
        this.#add({ field, code: "too-long", ...only(limit) });
      }
    }
    const limit = this.#limits.payee_account;
    if (!fits(characters(number), limit)) {
      this.#add({ field: "account", code: "account", ...only(limit) });
    } else if (!isBankCard(number) && plain(this.#raw("account-checked")) !== number) {
      this.#add({ field: "account", code: "account-check" });
    }
    return { kind: "account", holder: this.#text("holder"), bank: this.#text("bank"), number };
  }

  /** One person a line: the last word is the ID number, what stands before it the name. */
  #joint(): { name: string; id_number: string }[] {
    const joint: { name: string; id_number: string }[] = [];
    const { person_name, id_number, joint_signatories } = this.#limits;
    this.#text("joint")
      .split("\n")
      .forEach((raw, at) => {
        const line = trim(raw);
        if (line === "") return;
        const letters = [...line];
        const split = letters.map(isSeparator).lastIndexOf(true);
        if (split < 0) return this.#add({ field: "joint", code: "joint-line", line: at + 1 });
        const name = trimSeparators(letters.slice(0, split));
        const number = plain(letters.slice(split + 1).join("")).toUpperCase();
        const good = fits(characters(name), person_name) && fits(characters(number), id_number);
        if (!good || ![...number].some(isDigit)) {
          this.#add({ field: "joint", code: "joint-line", line: at + 1 });
        }
        joint.push({ name, id_number: number });
      });
    if (joint.length > joint_signatories) {
      this.#add({ field: "joint", code: "joint-many", most: joint_signatories });
    }
    return joint;
  }
}

/** As written within the country. */
function bareMobile(text: string): string {
  const number = plain(text);
  return number.startsWith("+86") ? number.slice(3) : number;
}

function isSeparator(c: string): boolean {
  return isSpace(c) || "，,、；;".includes(c);
}

function trimSeparators(letters: string[]): string {
  let [from, to] = [0, letters.length];
  while (from < to && isSeparator(letters[from]!)) from += 1;
  while (to > from && isSeparator(letters[to - 1]!)) to -= 1;
  return letters.slice(from, to).join("");
}

function fits(count: number, limit: Length): boolean {
  return count >= limit.least && count <= limit.most;
}

function only({ least, most }: Length): Length {
  return { least, most };
}
