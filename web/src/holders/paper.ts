// The decision as it was approved, computed again before it is believed. As src/award/{paper,compute}.rs.

import { same, utf8 } from "../core/bytes.ts";
import { hash } from "../core/transcript.ts";
import { decide } from "./compute.ts";
import { type Amount, type Facts, amount, amountJson, facts, options, withBase } from "./decision.ts";
import { writeJson } from "./json.ts";
import { clip, share } from "./money.ts";
import { refused } from "./refusals.ts";
import { RewardRules } from "./rules.ts";
import * as shape from "./shape.ts";
import type { AwardTerms } from "./terms.ts";

const paper = shape.object({
  format: shape.u16,
  computation: shape.object({ facts, amount }),
  reason: shape.optional(shape.string),
});

/** One settled decision, and the rules that give it. Says nothing about a person. */
export interface Paper {
  readonly facts: Facts;
  readonly amount: Amount;
  /** Why a person set or chose the amount, where the rules left it to one. */
  readonly reason: string | null;
  readonly rules: RewardRules;
}

/** The paper and its rules, if `text` is what the terms carry and `snapshot` gives it. */
export function checkPaper(text: string, terms: AwardTerms, snapshot: string): Paper {
  if (!same(hash("mifeng/v1/award-decision", [utf8(text)]), terms.rule_and_inputs)) throw refused("paper-other-decision");
  const rules = RewardRules.fromSnapshot(snapshot);
  const read = shape.readAs(paper, text);
  if (read?.format !== 1) throw refused("paper-unreadable");
  const { facts, amount } = read.computation;
  if (facts.insider !== null || facts.real_name !== null || amount.uplift !== null) throw refused("paper-personal");
  if (!offers(rules, facts, amount)) throw refused("paper-not-computed");
  if (amount.base_fen !== terms.base_fen || facts.decided !== terms.computed) throw refused("paper-other-amount");
  return { facts, amount, reason: read.reason, rules };
}

/** Whether the rules offer exactly this award for these facts: computed again, as an option, or within a band. */
export function offers(rules: RewardRules, facts: Facts, amount: Amount): boolean {
  const kept = writeJson(amountJson(amount));
  return options(decide(rules, facts)).some((option) => {
    const settled = withBase(option, amount.base_fen);
    return settled !== null && writeJson(amountJson(settled)) === kept;
  });
}

/**
 * What is paid to an insider for the same matter: the base amount as approved, and the uplift. `null` if the rules do
 * not give the kept amount.
 */
export function forInsider({ facts, amount: kept, rules }: Paper): Amount | null {
  const found = options(decide(rules, { ...facts, insider: true })).find((option) => option.terms === kept.terms);
  if (!found || found.base_fen === kept.base_fen) return found ?? null;
  // A person set the base within a band, where no cap stands between base and uplift.
  const base = kept.base_fen;
  const rule = found.uplift && rules.rules.find(({ id }) => id === found.uplift?.rule.id);
  if (found.uplift && !rule) return null;
  const uplift = found.uplift && rule ? { ...found.uplift, fen: clip(share(rule.rounding, base, found.uplift.rate)) } : null;
  const fen = base + (uplift?.fen ?? 0n);
  return fen === clip(fen) ? { ...found, fen, base_fen: base, uplift, steps: kept.steps } : null;
}
