// Coming back with a receipt, and what is done to a report then.

import { toHex, wipe } from "../../web/src/core/bytes.ts";
import type { Person } from "../../web/src/core/person.ts";
import { Receipt } from "../../web/src/core/receipt.ts";
import { Acts } from "../../web/src/reporter/acts.ts";
import { get, post, Refused } from "../../web/src/reporter/ask.ts";
import { prove } from "../../web/src/reporter/prove.ts";
import { sealFor } from "../../web/src/reporter/sealing.ts";
import { Left } from "./left.ts";
import { stock } from "./platform/random.ts";
import { fetch, forgetToken } from "./platform/http.ts";
import { API, forgetSet, recipients } from "./service.ts";
import { type Begun, dropReport, state, whenForgotten } from "./state.ts";
import { REPORT, type View } from "./view.ts";

/** The visit now belongs to another report. */
export class Elsewhere extends Error {}

export const acts = new Acts<View>(post, look);
whenForgotten(() => acts.forget());

/** Gives the sentence about a receipt that nobody knows. */
export async function signIn(code: Receipt): Promise<string | undefined> {
  const { epoch } = state;
  try {
    const found = await prove<View | { own_receipt: Begun }>(`${API}/visits`, code);
    if (state.epoch !== epoch) throw new Left();
    // The visit is this report's now: what was under way for another one ends.
    dropReport();
    const isHanded = "own_receipt" in found;
    Object.assign(state, {
      receipt: isHanded ? null : code, view: isHanded ? null : found,
      handed: isHanded ? code : null, heir: isHanded ? found.own_receipt : null,
    });
    return undefined;
  } catch (why) {
    code.wipe();
    if (why instanceof Refused && why.status === 404) return why.detail;
    throw why;
  }
}

export async function look(): Promise<View> {
  const { epoch } = state;
  const next = await get<View>(REPORT);
  if (state.epoch !== epoch) throw new Left();
  if (next.report !== state.view?.report) throw new Elsewhere();
  return (state.view = next);
}

/** Whatever is sent carries an envelope, so that nobody sees when a name is given. `null`: it is on its way already. */
export async function act(path: string, what: Record<string, string>, person: Person | null = null): Promise<View | null> {
  const [view, code] = [state.view, state.receipt];
  if (view === null || code === null) throw new Elsewhere();
  const set = await recipients();
  await stock();
  const sealed = async ({ once, report }: View) => ({ once, ...what, sealed: await sealFor(report, code, set, person) });
  const { epoch } = state;
  const next = await acts.send(view, `${REPORT}/${path}`, [what, person], sealed).catch(outdated);
  if (state.epoch !== epoch) throw new Left();
  if (next !== null) state.view = next;
  return next;
}

/** Refused as it stands: perhaps the service has another set by now, which is asked for the next time. */
export function outdated(why: unknown): never {
  if (why instanceof Refused && why.status === 409) forgetSet();
  throw why;
}

/** Ends the visit at the service; whether that arrives is not waited for. */
export function endVisit(): void {
  void fetch(`${API}/visits`, { method: "DELETE" }).catch(() => undefined);
  forgetToken();
}

/** "My report" is closed. */
export function close(): void {
  endVisit();
  dropReport();
}

/** Both reports are theirs: what goes is what the other receipt gives. */
export async function link(other: Receipt): Promise<View | null> {
  const keys = [other.locator(), other.auth()] as const;
  other.wipe();
  try {
    const [locator, auth] = keys.map(toHex) as [string, string];
    return await act("earlier", { locator, auth });
  } finally {
    wipe(...keys);
  }
}

/** The report that the visit is about, with or without its receipt at hand. */
export async function openReport(): Promise<View> {
  if (state.view !== null) return await look();
  const view = await get<View>(REPORT);
  if (state.begun !== null) state.begun = { ...state.begun, once: view.once };
  return view;
}

/** Takes a file out of the report. */
export async function detach(blob: string): Promise<void> {
  const next = await post<View>(`${REPORT}/attached/removal`, { blob });
  if (state.view !== null) state.view = next;
}
