// All that a reporter typed or was given, in memory alone: `forget` wipes it, and so does the end of the mini-program.

import type { Field } from "../../web/src/core/identity.ts";
import type { Receipt } from "../../web/src/core/receipt.ts";
import { forgetToken } from "./platform/http.ts";
import { spill } from "./platform/random.ts";
import type { Pending, Sending } from "./sending.ts";
import type { View } from "./view.ts";

export type Answers = Record<string, string>;

/** A person, as typed. */
export type Typed = Partial<Record<Field, string>>;

/** What `/drafts` gave. */
export interface Begun {
  once: string;
  report: string;
  instance: string;
}

export const state = {
  /** Of the report that is being written, by the portal's names of fields; `region-name` is for the reader. */
  answers: {} as Answers,
  person: {} as Typed,
  agreed: false,
  /** Of the report that was sent, until it is written down; or of "my report". */
  receipt: null as Receipt | null,
  /** The visit of the report that was sent: its files go there. */
  begun: null as Begun | null,
  /** A report that is sealed, and there or not. */
  pending: null as Pending | null,
  /** It is being sealed or sent just now. */
  sending: null as Sending | null,
  /** Counts how often everything was forgotten: what was asked before must not come back to life. */
  epoch: 0,
  /** The sentence about a report that was saved. */
  saved: "",
  /** "My report", while it is open. */
  view: null as View | null,
  /** A receipt that staff issued, and what it is to be exchanged for. */
  handed: null as Receipt | null,
  heir: null as Begun | null,
  /** A receipt that is being typed. */
  typed: "",
  /** What is typed under that report and not sent: texts, and a person. */
  unsent: {} as Answers,
  named: {} as Typed,
};

const onForget = new Set<() => void>();

/** For what keeps something of a report elsewhere: opened files, an upload under way. */
export function whenForgotten(act: () => void): void {
  onForget.add(act);
}

/** Of the report that was sent or is open. What is being written of another one stays. */
export function dropReport(): void {
  for (const act of [...onForget]) act();
  state.receipt?.wipe();
  state.handed?.wipe();
  state.epoch += 1;
  Object.assign(state, { receipt: null, begun: null, saved: "", view: null, handed: null, heir: null, typed: "", unsent: {}, named: {} });
}

/** Everything. */
export function forget(): void {
  dropReport();
  state.pending?.receipt.wipe();
  Object.assign(state, { answers: {}, person: {}, agreed: false, pending: null, sending: null });
  forgetToken();
  spill();
}

/** A report is on its way, or its receipt is not written down: losing that is worse than its being seen. */
export function waits(): boolean {
  return state.pending !== null || state.saved !== "";
}

/** Something is typed or open that leaving would lose. */
export function holds(): boolean {
  return state.receipt !== null || state.view !== null || state.handed !== null || state.begun !== null || state.typed !== "" || drafts() || [state.unsent, state.named].some(isTyped);
}

/** A report is being written that is not sent. */
export function drafts(): boolean {
  return [state.answers, state.person].some(isTyped);
}

const isTyped = (typed: object): boolean => Object.keys(typed).length > 0;
