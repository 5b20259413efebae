// A report goes out: the visit begins here and not before, so that nothing of a report that is not sent leaves the device.

import { outdated } from "./mine.ts";
import { API, recipients, service } from "./service.ts";
import { trim } from "../../web/src/core/typed.ts";
import { random } from "../../web/src/core/random.ts";
import { type Challenge, solve } from "../../web/src/core/work.ts";
import { Receipt } from "../../web/src/core/receipt.ts";
import { persist, post, Refused } from "../../web/src/reporter/ask.ts";
import { prove } from "../../web/src/reporter/prove.ts";
import { publicHalves, sealFor } from "../../web/src/reporter/sealing.ts";
import { Left } from "./left.ts";
import { readPerson } from "./person.ts";
import { stock } from "./platform/random.ts";
import { type Begun, state } from "./state.ts";
import { SEALED } from "./steps.ts";
import { words } from "./words.ts";

/** Whether what was sent has arrived could not be found out. */
export class Unsure extends Error {}

/** A report on its way: its bytes do not change any more, whatever is edited meanwhile. */
export interface Pending {
  begun: Begun;
  receipt: Receipt;
  body: object;
  /** A request went out and no answer came. */
  isUnanswered: boolean;
}

/** Sends the report; afterwards `state` has its receipt and the sentence that it is saved. `now` is told what is going on. */
export async function send(now: (sentence: string) => void): Promise<void> {
  const before = state.pending;
  // It may have arrived: the very same bytes are asked about first, and what was edited since is not taken for sent.
  const pending = before ?? (await sealed(now));
  const again = (seconds: number) => {
    if (state.pending !== pending) throw new Left();
    pending.isUnanswered = true;
    now(words.say("device-sending-again", { seconds }));
  };
  now(words.say("device-sending"));
  try {
    const sending = persist(() => post<{ saved: string }>(`${API}/reports`, pending.body), again);
    const { saved } = await sending.catch((why: unknown) => afterAll(pending, why, again));
    if (state.pending !== pending) throw new Left();
    state.receipt?.wipe();
    Object.assign(state, {
      pending: null, receipt: pending.receipt, begun: pending.begun, view: null, answers: {}, person: {}, agreed: false,
      saved: before === null ? saved : `${saved} ${words.say("mini-saved-first")}`,
    });
  } catch (why) {
    // It is not there, and this visit may be over: the next time begins anew, with another receipt.
    if (why instanceof Refused && state.pending === pending) {
      pending.receipt.wipe();
      state.pending = null;
    }
    return outdated(why);
  }
}

async function sealed(now: (sentence: string) => void): Promise<Pending> {
  const { epoch } = state;
  const set = await recipients();
  const { limits } = await service();
  const named = state.answers.name === SEALED;
  const person = named ? (readPerson(state.person, limits).person ?? null) : null;
  if (named && person === null) throw new Error("a name was to be sealed, and there is none");
  const begun = await begin(now, () => state.epoch !== epoch);
  now(words.say("device-sealing"));
  await stock();
  const receipt = Receipt.draw(random);
  const seal = await sealFor(begun.report, receipt, set, person);
  if (state.epoch !== epoch) {
    receipt.wipe();
    throw new Left();
  }
  const body = { matter: matter(), seal: { once: begun.once, report: begun.report, ...publicHalves(receipt), sealed: seal } };
  return (state.pending = { begun, receipt, body, isUnanswered: false });
}

const breathe = () => new Promise<void>((on) => setTimeout(on, 0));

/** Begins the visit. Where many people report at once, a small piece of work comes before it; what was typed stays. */
async function begin(now: (sentence: string) => void, left: () => boolean): Promise<Begun> {
  const asked = { agreed: state.agreed };
  const first = await post<Begun>(`${API}/drafts`, asked).catch(laterWith);
  if ("report" in first) return first;
  now(words.say("wait-working"));
  const work = await solve(first.challenge, breathe, left);
  if (left()) throw new Left();
  if (work === undefined) throw first.why;
  return post<Begun>(`${API}/drafts`, { ...asked, work });
}

/** The challenge of a refusal that is only for now. */
function laterWith(why: unknown): { challenge: Challenge; why: unknown } {
  const { code, challenge } = ((why instanceof Refused && why.body) || {}) as { code?: string; challenge?: Challenge };
  if (code !== "wait" || challenge === undefined) throw why;
  return { challenge, why };
}

/** Refused after a request that was never answered: whether the receipt opens a report tells. */
async function afterAll({ receipt, isUnanswered }: Pending, why: unknown, again: (seconds: number) => void): Promise<{ saved: string }> {
  if (!isUnanswered || !(why instanceof Refused)) throw why;
  try {
    await persist(() => prove(`${API}/visits`, receipt), again);
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
