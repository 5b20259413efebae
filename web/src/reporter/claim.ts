// The claim: the receipt once more, the payee sealed here, and the signature without which no trustee gives a share.
// What is signed is read here: the hash is made from the terms whose amount and case the page shows.

import { toBase64, toHex } from "../core/bytes.ts";
import { signClaim } from "../core/claim.ts";
import type { Person } from "../core/person.ts";
import type { Receipt } from "../core/receipt.ts";
import { yuan } from "../holders/money.ts";
import { readAs } from "../holders/shape.ts";
import { awardHash, claimTerms, type ClaimTerms } from "../holders/terms.ts";
import type { Acts } from "./acts.ts";
import { isOwn, isThis } from "./claiming.ts";
import { complain, on, type Problem, show, slot, typed, warn } from "./dom.ts";
import { config, recipients, type View, words } from "./mine.ts";
import { PersonForm } from "./person.ts";
import { problemsOf } from "./problems.ts";
import { element } from "./report.ts";
import { sealFor, tooLong } from "./sealing.ts";

export async function claim(
  stage: HTMLElement,
  view: View,
  receipt: Receipt,
  acts: Acts<View>,
  done: (next: View, said: string) => void,
  back: () => void,
  trouble: (why: unknown) => void,
): Promise<void> {
  const offer = view.claim;
  if (offer === null) return back();
  const set = await recipients();
  const terms = readAs(claimTerms, offer.terms);
  if (terms === null || !isOwn(terms, view.report, set.instance)) return warn(stage, words.say("return-claim-foreign"));
  show(stage, "t-claim");
  slot(stage, "case").textContent = words.say("claim-case", { case: terms.case });
  slot(stage, "amount").textContent = words.say("claim-amount", { yuan: yuan(terms.base_fen) });
  slot(stage, "until").textContent = offer.until;
  slot(stage, "how").replaceChildren(...offer.how.map((line) => element("li", line)));
  const who = document.getElementById("who") as HTMLSelectElement;
  who.addEventListener("change", () => (slot(stage, "person").hidden = who.value !== "now"));
  const form = new PersonForm(config.person, config.limits);
  form.begin();
  on(stage, "back", back);
  on(stage, "claim", () => void send(terms));

  async function send(terms: ClaimTerms): Promise<void> {
    const problems: Problem[] = [];
    if (!isThis(receipt, typed("again"))) problems.push({ field: "again", sentence: words.say("claim-receipt-wrong") });
    let person: Person | null = null;
    if (who.value === "now") {
      const read = form.read();
      if (read.problems !== undefined) problems.push(...problemsOf(words, read.problems));
      else person = read.person;
    } else if (who.value !== "before") {
      problems.push({ field: "who", sentence: words.say("claim-who-missing") });
    }
    if (problems.length > 0) return complain(stage, problems, words);
    try {
      const award = awardHash(terms);
      const sealed = async ({ once, report }: View) => ({
        once,
        claim: toBase64(signClaim(receipt, award)),
        sealed: await sealFor(report, receipt, set, person),
      });
      const next = await acts.send(view, config.claim, [toHex(award), person], sealed);
      if (next !== null) done(next, words.say("claim-done-text"));
    } catch (why) {
      if (tooLong(why)) {
        return complain(stage, [{ field: "joint", sentence: words.say("error-identity-long") }], words);
      }
      trouble(why);
    }
  }
}
