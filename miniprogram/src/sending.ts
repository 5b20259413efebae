// A report goes out: the visit begins here and not before, so that nothing of a report that is not sent leaves the device.

import { API, recipients, service } from "./service.ts";
import { trim } from "../../web/src/core/typed.ts";
import { random } from "../../web/src/core/random.ts";
import { Receipt } from "../../web/src/core/receipt.ts";
import { persist, post, Refused } from "../../web/src/reporter/ask.ts";
import { prove } from "../../web/src/reporter/prove.ts";
import { publicHalves, sealFor } from "../../web/src/reporter/sealing.ts";
import { readPerson } from "./person.ts";
import { stock } from "./platform/random.ts";
import { type Begun, state } from "./state.ts";
import { SEALED } from "./steps.ts";
import { words } from "./words.ts";

/** Whether what was sent has arrived could not be found out. */
export class Unsure extends Error {}

let isUnanswered = false;

/** Gives the sentence that says it is saved. `now` is told what is going on. */
export async function send(now: (sentence: string) => void): Promise<string> {
  const set = await recipients();
  const { limits } = await service();
  const begun = (state.begun ??= await post<Begun>(`${API}/drafts`, { agreed: state.agreed }));
  now(words.say("device-sealing"));
  await stock();
  const code = (state.receipt ??= Receipt.draw(random));
  const named = state.answers.name === SEALED;
  const person = named ? (readPerson(state.person, limits).person ?? null) : null;
  if (named && person === null) throw new Error("a name was to be sealed, and there is none");
  const sealed = await sealFor(begun.report, code, set, person);
  const body = { matter: matter(), seal: { once: begun.once, report: begun.report, ...publicHalves(code), sealed } };
  now(words.say("device-sending"));
  const again = (seconds: number) => {
    isUnanswered = true;
    now(words.say("device-sending-again", { seconds }));
  };
  const sending = persist(() => post<{ saved: string }>(`${API}/reports`, body), again);
  const { saved } = await sending.catch((why: unknown) => afterAll(code, why, again));
  isUnanswered = false;
  return saved;
}

/** Refused after a request that was never answered: whether the receipt opens a report tells. */
async function afterAll(code: Receipt, why: unknown, again: (seconds: number) => void): Promise<{ saved: string }> {
  if (!isUnanswered || !(why instanceof Refused)) throw why;
  try {
    await persist(() => prove(`${API}/visits`, code), again);
  } catch (unknown) {
    throw unknown instanceof Refused && unknown.status === 404 ? why : new Unsure();
  }
  return { saved: words.say("device-saved-late") };
}

function matter(): Record<string, unknown> {
  const { answers } = state;
  const text = (field: string) => trim(answers[field] ?? "");
  const now = text("now").split(",");
  return {
    kind: text("kind"),
    industry: text("industry"),
    region: text("region"),
    target: text("target"),
    credit_code: text("code"),
    address: text("address"),
    narrative: text("story"),
    when: text("when"),
    ongoing: now.includes("ongoing"),
    imminent_danger: now.includes("danger"),
  };
}

/** How long the next page waits for the service to hear that the receipt is written down. */
const KEPT_MS = 5_000;

/** The receipt is written down: nothing here needs it any more. */
export async function putAway(): Promise<void> {
  const { receipt, begun } = state;
  receipt?.wipe();
  [state.receipt, state.saved] = [null, ""];
  // If this does not arrive, the service only keeps what was typed of the matter until the visit ends.
  const kept = post(`${API}/reports/kept`, { once: begun?.once }).catch(() => undefined);
  await Promise.race([kept, new Promise((late) => setTimeout(late, KEPT_MS))]);
}
