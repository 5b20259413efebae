// A report goes out: the visit begins here and not before, so that nothing of a report that is not sent leaves the device.

import { outdated } from "./mine.ts";
import { API, recipients, service } from "./service.ts";
import { trim } from "../../web/src/core/typed.ts";
import { random } from "../../web/src/core/random.ts";
import { type Challenge, solve } from "../../web/src/core/work.ts";
import { Receipt } from "../../web/src/core/receipt.ts";
import { post, Refused } from "../../web/src/reporter/ask.ts";
import { Outgoing } from "../../web/src/reporter/outgoing.ts";
import { prove } from "../../web/src/reporter/prove.ts";
import { publicHalves, sealFor } from "../../web/src/reporter/sealing.ts";
import { Left } from "./left.ts";
import { readPerson } from "./person.ts";
import { stock } from "./platform/random.ts";
import { type Begun, state } from "./state.ts";
import { SEALED } from "./steps.ts";
import { words } from "./words.ts";

/** A report that was sealed: its bytes do not change any more, and go out until it is known what became of them. */
export interface Pending {
  begun: Begun;
  receipt: Receipt;
  body: object;
  outgoing: Outgoing<{ saved: string }>;
}

/** A sending under way, and the page that shows it. */
export interface Sending {
  tell: (sentence: string) => void;
  /** What was told last. */
  said: string;
  done: Promise<void>;
}

/**
 * Sends the report; afterwards `state` has its receipt and the sentence that it is saved. `tell` hears what is going on. Under
 * way already, it is the same sending. `false`: another page shows it by now.
 */
export async function send(tell: (sentence: string) => void): Promise<boolean> {
  const sending = state.sending ?? start();
  sending.tell = tell;
  tell(sending.said);
  await sending.done;
  return sending.tell === tell;
}

/** Under way, or perhaps there: it is that report which is sent, and nothing in it can be changed. */
export function isOut(): boolean {
  return state.sending !== null || state.pending !== null;
}

function start(): Sending {
  const sending: Sending = { tell: () => undefined, said: words.say("device-loading"), done: Promise.resolve() };
  state.sending = sending;
  sending.done = out((sentence) => sending.tell((sending.said = sentence))).finally(() => {
    if (state.sending === sending) state.sending = null;
  });
  return sending;
}

async function out(now: (sentence: string) => void): Promise<void> {
  const pending = state.pending ?? (await sealed(now));
  const { begun, receipt, body, outgoing } = pending;
  now(words.say("device-sending"));
  try {
    const arrived = await outgoing.send(body, (seconds) => {
      if (state.pending !== pending) throw new Left();
      now(words.say("device-sending-again", { seconds }));
    });
    if (state.pending !== pending) throw new Left();
    state.receipt?.wipe();
    Object.assign(state, {
      pending: null, receipt, begun, view: null, answers: {}, person: {}, agreed: false,
      saved: arrived?.saved ?? words.say("device-saved-late"),
    });
  } catch (why) {
    // A server that fails may have it all the same. Refused otherwise, it is not there, and this visit may be over: the
    // next time begins anew, with another receipt.
    if (why instanceof Refused && why.status < 500 && state.pending === pending) {
      receipt.wipe();
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
  const outgoing = new Outgoing((sent) => post<{ saved: string }>(`${API}/reports`, sent), () => prove(`${API}/visits`, receipt));
  return (state.pending = { begun, receipt, body, outgoing });
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
