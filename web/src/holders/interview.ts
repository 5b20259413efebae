// The tests that need the person, asked in order, and the amount that follows. As src/cli/office/interview.rs.

import type { Amount } from "./decision.ts";
import type { Opened } from "./package.ts";
import { type Paper, forInsider } from "./paper.ts";

/** Each has an answer of yes or no; there is no default. */
export type Question = "settled" | "matches" | "excluded" | "cap" | "insider";
export type Ground = "no-name" | "not-the-reporter" | "excluded-person" | "monthly-cap";

/** What the officers found. */
export type Finding =
  | { outcome: "verified"; amount: Amount }
  | { outcome: "refused"; ground: Ground }
  /** Something has to be settled first; no outcome yet. */
  | { outcome: "unsettled" };

/** Asks what only people can answer. A nameless report asks nothing. */
export async function interview(
  opened: Opened,
  paper: Paper,
  ask: (question: Question) => Promise<boolean>,
): Promise<Finding> {
  const refuse = (ground: Ground): Finding => ({ outcome: "refused", ground });
  if (!opened.person) return refuse("no-name");
  if (opened.conflicts.length > 0 && !(await ask("settled"))) return { outcome: "unsettled" };
  if (!(await ask("matches"))) return refuse("not-the-reporter");
  if (await ask("excluded")) return refuse("excluded-person");
  if (await ask("cap")) return refuse("monthly-cap");
  const insider = opened.person.own_employer && (await ask("insider"));
  if (!insider) return { outcome: "verified", amount: paper.amount };
  const amount = forInsider(paper);
  return amount ? { outcome: "verified", amount } : { outcome: "unsettled" };
}
