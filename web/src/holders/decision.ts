// What is known of a matter, and what the rules make of it: the papers' forms. As src/award/decision.rs.

import { type Json, type JsonObject, record } from "./json.ts";
import { percent, yuan } from "./money.ts";
import { KINDS, type Kind, type Rule, type Text, code, day, kind, order, rate, region, severity, words } from "./rules.ts";
import * as shape from "./shape.ts";

/** The facts an award is computed from. `insider` and `real_name` are known to the office alone. */
export const facts = shape.object({
  region,
  sector: shape.optional(code),
  decided: day,
  kinds: (value) => inOrder(shape.list(kind)(value)),
  severity,
  class: shape.optional(shape.u8),
  filed: shape.boolean,
  fines_fen: shape.list(shape.u64),
  confiscated_fen: shape.u64,
  deaths_verified: shape.u32,
  deaths_total: shape.u32,
  injuries_verified: shape.u32,
  loss_fen: shape.u64,
  first_accepted: shape.boolean,
  already_known: shape.boolean,
  earlier_award: shape.boolean,
  insider: shape.optional(shape.boolean),
  real_name: shape.optional(shape.boolean),
});
export type Facts = shape.Of<typeof facts>;

/** A number (money in fen, rates in hundredths of a percent, people) or a word. */
const figure: shape.Shape<bigint | string> = (value) => (typeof value === "string" ? value : shape.u64(value));
const ruleRef = shape.object({ id: code, version: shape.u32, document: shape.string, title: words });
const step = shape.object({ article: words, text: words, inputs: shape.mapOf(figure), result: figure });
const upliftPart = shape.object({ fen: shape.u64, rate, order, rule: ruleRef });
const terms = shape.text((text) => (/^[0-9a-fA-F]{64}$/.test(text) ? text.toLowerCase() : null));

/** An amount with its trace. */
export const amount = shape.object({
  /** Base and uplift together. */
  fen: shape.u64,
  base_fen: shape.u64,
  uplift: shape.optional(upliftPart),
  /** Where the rule gives a band: how far up a person may go, with a reason. */
  up_to_fen: shape.optional(shape.u64),
  /** The most one person is paid in a calendar month for this sort of matter, where the rule says so. */
  monthly_cap_fen: shape.optional(shape.u64),
  rule: ruleRef,
  steps: shape.list(step),
  terms,
});
export type Amount = shape.Of<typeof amount>;
export type Step = shape.Of<typeof step>;
export type RuleRef = shape.Of<typeof ruleRef>;
export type UpliftPart = shape.Of<typeof upliftPart>;

export type Refusal = "not_first_accepted" | "no_real_name" | "already_known" | "earlier_award" | "not_covered";
export type ManualReason = "no_verified_deaths" | "both_kinds" | "class_unknown" | "band";

/** What the rules say. */
export type Decision =
  | { outcome: "amount"; amount: Amount }
  | { outcome: "refused"; reason: Refusal }
  | { outcome: "manual"; reason: ManualReason; rule: RuleRef | null; steps: Step[]; options: Amount[] };

/** The amounts a person may take. */
export function options(decision: Decision): Amount[] {
  if (decision.outcome === "amount") return [decision.amount];
  return decision.outcome === "manual" ? decision.options : [];
}

/** The same award with a base amount a person set within the rule's band; `null` if the rule gives none that reaches it. */
export function withBase(amount: Amount, base: bigint): Amount | null {
  const most = amount.uplift === null ? (amount.up_to_fen ?? amount.base_fen) : amount.base_fen;
  if (base < amount.base_fen || base > most) return null;
  if (base === amount.base_fen) return amount;
  const set: Step = {
    article: lastArticle(amount),
    text: { zh: `由审批人在幅度内确定为 ${yuan(base)} 元`, en: `Set within the band by a person: CN¥${yuan(base)}` },
    inputs: new Map([["low_fen", amount.base_fen], ["high_fen", most]]),
    result: base,
  };
  return { ...amount, fen: base, base_fen: base, steps: [...amount.steps, set] };
}

/**
 * What can still be paid to somebody who has been paid `paid` this month for this sort of matter; `null` if nothing. The
 * base amount stays as it is.
 */
export function underMonthlyCap(amount: Amount, paid: bigint): Amount | null {
  const cap = amount.monthly_cap_fen;
  if (cap === null) return amount;
  const left = cap - paid;
  if (left <= 0n) return null;
  if (left >= amount.fen) return amount;
  const kept: Step = {
    article: lastArticle(amount),
    text: {
      zh: `本月上限 ${yuan(cap)} 元，已发 ${yuan(paid)} 元：实付 ${yuan(left)} 元`,
      en: `Not above CN¥${yuan(cap)} this month, CN¥${yuan(paid)} paid before: CN¥${yuan(left)}`,
    },
    inputs: new Map([["monthly_cap_fen", cap], ["paid_fen", paid]]),
    result: left,
  };
  return { ...amount, fen: left, steps: [...amount.steps, kept] };
}

function lastArticle({ steps, rule }: Amount): Text {
  return steps[steps.length - 1]?.article ?? rule.title;
}

export function reference({ id, version, document, title }: Rule): RuleRef {
  return { id, version, document, title };
}

/** Keys in declared order, as the Rust side writes them: hashed, and compared. */
export function factsJson(facts: Facts): JsonObject {
  return record({
    region: facts.region,
    sector: facts.sector,
    decided: facts.decided,
    kinds: facts.kinds,
    severity: facts.severity,
    class: number(facts.class),
    filed: facts.filed,
    fines_fen: facts.fines_fen,
    confiscated_fen: facts.confiscated_fen,
    deaths_verified: BigInt(facts.deaths_verified),
    deaths_total: BigInt(facts.deaths_total),
    injuries_verified: BigInt(facts.injuries_verified),
    loss_fen: facts.loss_fen,
    first_accepted: facts.first_accepted,
    already_known: facts.already_known,
    earlier_award: facts.earlier_award,
    insider: facts.insider,
    real_name: facts.real_name,
  });
}

export function amountJson(amount: Amount): JsonObject {
  const { uplift } = amount;
  return record({
    fen: amount.fen,
    base_fen: amount.base_fen,
    uplift: uplift && record({
      fen: uplift.fen,
      rate: percent(uplift.rate),
      order: uplift.order,
      rule: ruleRefJson(uplift.rule),
    }),
    up_to_fen: amount.up_to_fen,
    ...ifThere("monthly_cap_fen", amount.monthly_cap_fen),
    rule: ruleRefJson(amount.rule),
    steps: amount.steps.map((step) => record({
      article: textJson(step.article),
      text: textJson(step.text),
      inputs: new Map([...step.inputs].sort(([a], [b]) => (a < b ? -1 : 1))),
      result: step.result,
    })),
    terms: amount.terms,
  });
}

export function textJson({ zh, en }: Text): JsonObject {
  return record({ zh, en });
}

export function number(value: number | null): Json {
  return value === null ? null : BigInt(value);
}

/** A key that the Rust side leaves out where there is nothing. */
function ifThere(key: string, value: Json): Record<string, Json> {
  return value === null ? {} : { [key]: value };
}

function ruleRefJson(rule: RuleRef): JsonObject {
  return record({ id: rule.id, version: BigInt(rule.version), document: rule.document, title: textJson(rule.title) });
}

function inOrder(kinds: Kind[]): Kind[] {
  return KINDS.filter((kind) => kinds.includes(kind));
}
