// The tests that need the person, asked in order, and the amount that follows. As src/cli/office/interview.rs.

import { type Amount, underMonthlyCap } from "./decision.ts";
import type { Opened } from "./package.ts";
import { type Paper, forInsider } from "./paper.ts";
import type { Person } from "./person.ts";

/** Each has an answer of yes or no; there is no default. */
export type Question = "settled" | "matches" | "authorised" | "excluded" | "insider";
export type Ground = "no-name" | "not-the-reporter" | "excluded-person" | "monthly-cap";

/** Who asks: the page, or a test. */
export interface Asks {
  /** `number` belongs into the words of a question about one of several. */
  yes(question: Question, number?: number): Promise<boolean>;
  /** What whoever collects was paid this month for matters with this cap. Both in fen. */
  paid(cap: bigint): Promise<bigint>;
}

/** What the officers found. */
export type Finding =
  /** `authorised`: who collects for the first signatory, by place among the joint signatories, from 0. */
  | { outcome: "verified"; amount: Amount; authorised: number | null }
  | { outcome: "refused"; ground: Ground }
  /** Something has to be settled first; no outcome yet. */
  | { outcome: "unsettled" };

/** Asks what only people can answer. A nameless report asks nothing. */
export async function interview(opened: Opened, paper: Paper, asks: Asks): Promise<Finding> {
  const refuse = (ground: Ground): Finding => ({ outcome: "refused", ground });
  if (!opened.person) return refuse("no-name");
  if (opened.conflicts.length > 0 && !(await asks.yes("settled"))) return { outcome: "unsettled" };
  let authorised: number | null = null;
  if (!(await asks.yes("matches"))) {
    authorised = await authorisedByTheFirst(opened.person, asks);
    // The first signatory, or another whom they authorise, may still come.
    if (authorised === null) return opened.person.joint.length > 0 ? { outcome: "unsettled" } : refuse("not-the-reporter");
  }
  if (await asks.yes("excluded")) return refuse("excluded-person");
  const insider = opened.person.own_employer && (await asks.yes("insider"));
  const amount = insider ? forInsider(paper) : paper.amount;
  if (!amount) return { outcome: "unsettled" };
  const cap = amount.monthly_cap_fen;
  const payable = cap === null ? amount : underMonthlyCap(amount, await asks.paid(cap));
  return payable ? { outcome: "verified", amount: payable, authorised } : refuse("monthly-cap");
}

/** One award for all who signed: the first collects, or another of them with the first one's word in writing. */
async function authorisedByTheFirst({ joint }: Person, asks: Asks): Promise<number | null> {
  for (const place of joint.keys()) if (await asks.yes("authorised", place + 1)) return place;
  return null;
}
