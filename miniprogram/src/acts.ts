// What a reporter asks for on a page of its own: its words, its field, and what is sent.

import { toBase64 } from "../../web/src/core/bytes.ts";
import { signClaim } from "../../web/src/core/claim.ts";
import { random } from "../../web/src/core/random.ts";
import { Receipt } from "../../web/src/core/receipt.ts";
import type { RecipientSet } from "../../web/src/core/recipients.ts";
import type { Person } from "../../web/src/core/person.ts";
import { yuan } from "../../web/src/holders/money.ts";
import { readAs } from "../../web/src/holders/shape.ts";
import { awardHash, claimTerms, type ClaimTerms } from "../../web/src/holders/terms.ts";
import { persist, post } from "../../web/src/reporter/ask.ts";
import { isOwn } from "../../web/src/reporter/claiming.ts";
import { order } from "../../web/src/reporter/taking.ts";
import { act, outdated } from "./mine.ts";
import { stock } from "./platform/random.ts";
import { recipients } from "./service.ts";
import { state } from "./state.ts";
import { REPORT, type View } from "./view.ts";
import { words } from "./words.ts";

/** With one text: what is asked, and where it goes. */
export interface Ask {
  title: string;
  /** Above the field. */
  intro: string | null;
  label: string;
  hint: string;
  /** Said about an empty text; `null`: it may be empty. */
  missing: string | null;
  go: string;
  done: string;
  /** Said instead where staff have nothing to decide: it is done at once. */
  atOnce?: string;
  danger?: boolean;
  /** Words of the way back, where they are not "Back". */
  stay?: string;
}

export const ASKS: Record<string, Ask> = {
  objection: { title: "object-go", intro: "object-text", label: "object-title", hint: "object-hint", missing: "object-missing", go: "object-send", done: "mine-object-done" },
  original: { title: "stop-go", intro: "stop-text", label: "stop-title", hint: "stop-hint", missing: null, go: "stop-send", done: "mine-stop-done" },
  retaliation: { title: "retaliation-go", intro: "retaliation-text", label: "retaliation-title", hint: "retaliation-hint", missing: "retaliation-missing", go: "retaliation-send", done: "mine-retaliation-done" },
  deletion: { title: "delete-go", intro: null, label: "delete-title", hint: "delete-hint", missing: null, go: "delete-send", done: "mine-delete-done", atOnce: "mine-deleted-done", danger: true, stay: "delete-stay" },
};

/** What stands above its field. */
export function about(what: string, { intro }: Ask): string[] {
  const lines = what === "deletion" ? [...(state.view?.delete ?? [])] : [];
  if (what === "original" && state.view?.original) {
    const { lines: told, need } = state.view.original;
    lines.push(...told, words.say("stop-need", { need }));
  }
  return intro === null ? lines : [...lines, words.say(intro)];
}

/** The award that can be claimed now, if it is this report's and this service's. */
export async function offered(): Promise<{ terms: ClaimTerms; lines: string[]; how: string[] } | undefined> {
  const { view } = state;
  if (!view?.claim) return undefined;
  const set: RecipientSet = await recipients();
  const terms = readAs(claimTerms, view.claim.terms);
  if (terms === null || !isOwn(terms, view.report, set.instance)) return undefined;
  const amount = words.say("mini-yuan", { amount: yuan(terms.base_fen) });
  const lines = [words.say("claim-case", { case: terms.case }), words.say("claim-amount", { amount }), view.claim.until];
  return { terms, lines, how: view.claim.how };
}

/** What is signed is read here: the hash is made of the terms whose amount and case the page shows. */
export async function claim(terms: ClaimTerms, person: Person | null): Promise<View | null> {
  const { receipt } = state;
  if (receipt === null) return null;
  return await act("claim", { claim: toBase64(signClaim(receipt, awardHash(terms))) }, person);
}

/** Draws the receipt that is to take over from the one staff issued. */
export async function drawOwn(): Promise<Receipt> {
  await stock();
  state.receipt?.wipe();
  return (state.receipt = Receipt.draw(random));
}

/** The reporter's own receipt takes over, and the old one is good for nothing. */
export async function takeOver(): Promise<void> {
  const { handed, heir, receipt } = state;
  if (handed === null || heir === null || receipt === null) return;
  await stock();
  const body = await order(handed, receipt, heir, await recipients());
  state.view = await persist(() => post<View>(`${REPORT}/own-receipt`, body), () => undefined).catch(outdated);
  handed.wipe();
  [state.handed, state.heir] = [null, null];
}

