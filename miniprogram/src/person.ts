// The fields of a person (`src/portal/person_page.rs`), and the verdict the core gives on what was typed.

import { askedAbout, type Limits, readIdentity, type Verdict } from "../../web/src/core/identity.ts";
import { problemsOf } from "../../web/src/reporter/problems.ts";
import { recipients, service } from "./service.ts";
import type { Typed } from "./state.ts";
import { optional, type Problem, type Shown } from "./steps.ts";
import { words } from "./words.ts";

export async function personFields(): Promise<Shown[]> {
  const { limits, retention } = await service();
  const { threshold } = await recipients();
  const say = words.say;
  const choices = (pairs: [string, string][]) => pairs.map(([value, key]) => ({ value, label: say(key) }));
  const account = say("identity-account-hint");
  const about = say("identity-consent-about", { trustees: threshold, closed: retention.closed, award: retention.award });
  return [
    { id: "person-name", kind: "line", label: say("identity-name") },
    {
      id: "id-kind", kind: "radios", label: say("identity-id-kind"), options: choices([
        ["resident", "identity-id-resident"], ["passport", "identity-id-passport"], ["residence", "identity-id-residence"], ["other", "identity-id-other"],
      ]),
    },
    { id: "id-number", kind: "line", label: say("identity-id-number") },
    { id: "mobile", kind: "line", label: say("identity-mobile"), hint: say("identity-mobile-hint"), keyboard: "number" },
    { id: "payee", kind: "radios", label: say("identity-payee"), options: choices([["person", "identity-payee-person"], ["account", "identity-payee-account"]]) },
    { id: "holder", kind: "line", label: say("identity-holder"), hint: account },
    { id: "bank", kind: "line", label: say("identity-bank"), hint: account },
    { id: "account", kind: "line", label: say("identity-account"), hint: account, keyboard: "number" },
    { id: "own", kind: "radios", label: say("identity-own"), hint: say("identity-own-hint"), options: choices([["yes", "identity-own-yes"], ["no", "identity-own-no"]]) },
    { id: "joint", kind: "area", label: optional(say("identity-joint")), hint: say("identity-joint-hint", { most: limits.joint_signatories }) },
    { id: "consent", kind: "checks", label: say("identity-consent-title"), hint: about, options: choices([["yes", "identity-consent"]]) },
  ];
}

const OF_ACCOUNT = ["holder", "bank", "account"];

/** An account is asked for only of those who want a transfer. */
export function asked(fields: Shown[], typed: Typed): Shown[] {
  return fields.filter(({ id }) => typed.payee === "account" || !OF_ACCOUNT.includes(id));
}

/** A number of another form is asked about once; the same again is taken. */
export function readPerson(typed: Typed, limits: Limits): Verdict {
  const verdict = readIdentity((field) => typed[field] ?? "", limits);
  Object.assign(typed, askedAbout(verdict, typed));
  return verdict;
}

export function mend(verdict: Verdict): Problem[] {
  return verdict.problems === undefined ? [] : problemsOf(words, verdict.problems);
}

