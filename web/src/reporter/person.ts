// The fields of a person, read from the page by their ids: none has a name.

import { askedAbout, type Field, type Limits, readIdentity, type Verdict } from "../core/identity.ts";
import { typed } from "./dom.ts";

export class PersonForm {
  /** What was typed, by field, so that it can be shown again. */
  answers: Partial<Record<Field, string>> = {};
  /** The numbers that were asked about once; the same again is taken. */
  #asked: Partial<Record<Field, string>> = {};

  constructor(private readonly fields: readonly Field[], private readonly limits: Limits) {}

  /** Puts back what was typed before, and asks for an account only of those who want a transfer. */
  begin(): void {
    for (const [field, value] of Object.entries(this.answers)) {
      const control = document.getElementById(field) as HTMLInputElement | null;
      if (control?.type === "checkbox") control.checked = value !== "";
      else if (control !== null) control.value = value;
    }
    const payee = document.getElementById("payee");
    const ask = () => {
      for (const id of ["holder", "bank", "account"]) {
        const field = document.getElementById(id)?.closest<HTMLElement>(".field");
        if (field) field.hidden = typed("payee") !== "account";
      }
    };
    payee?.addEventListener("change", ask);
    ask();
  }

  /** Remembers what is typed, for `begin`. */
  keep(): void {
    this.answers = Object.fromEntries(this.fields.map((field) => [field, typed(field)]));
  }

  read(): Verdict {
    this.keep();
    const verdict = readIdentity((field) => this.#asked[field] ?? this.answers[field] ?? "", this.limits);
    Object.assign(this.#asked, askedAbout(verdict, this.answers));
    return verdict;
  }

  forget(): void {
    this.answers = {};
    this.#asked = {};
  }
}
