// The page that seals. Everything of a person, and the receipt, lives in this document alone and is gone with it.
// Any failure stops with words about it; the way on which the server seals is a link, never a fallback.

import type { Field, Limits } from "../core/identity.ts";
import type { Person } from "../core/person.ts";
import { random } from "../core/random.ts";
import { Receipt } from "../core/receipt.ts";
import type { RecipientSet } from "../core/recipients.ts";
import { post, Refused, Unreachable } from "./ask.ts";
import { type Choice, forgetChoice, recall, remember } from "./choice.ts";
import { byId, complain, offer, on, show, showReceipt, slot, typed, warn, Wording, type Words } from "./dom.ts";
import { onLeave } from "./leave.ts";
import { Outgoing, Unsure } from "./outgoing.ts";
import { PersonForm } from "./person.ts";
import { receiptPicture } from "./picture.ts";
import { problemsOf } from "./problems.ts";
import { prove } from "./prove.ts";
import { publicHalves, recipientSet, sealFor, tooLong } from "./sealing.ts";

interface Config {
  once: string;
  report: string;
  pin: string;
  /** Whether a name is sealed: as the server was told, or on the device. */
  named: Choice | "device";
  /** What the answer on the device is bound to. */
  mark: string;
  limits: Limits;
  person: Field[];
  recipients: string;
  send: string;
  kept: string;
  sign_in: string;
  files: string;
  start: string;
  words: Words;
}

/** How long the next page waits for the server to hear that the receipt is written down. */
const KEPT_MS = 5_000;

const stage = byId("stage");
const config = JSON.parse(stage.dataset.config ?? "{}") as Config;
const words = new Wording(config.words);
const form = new PersonForm(config.person, config.limits);

/** The answer was given on the device, and is known nowhere else. */
const isOurs = config.named === "device";
let choice: Choice | null = config.named === "device" ? recall(config.mark) : config.named;
let set: RecipientSet;
let person: Person | null = null;
/** Drawn once: what is sent again after a broken connection is the same report. */
let receipt: Receipt | null = null;
const outgoing = new Outgoing((body) => post<{ saved: string }>(config.send, body), provesItself);
/** The page holds something that leaving would lose. */
let holds = false;
/** The reporter is going, or gone. */
let left = false;

addEventListener("beforeunload", (event) => {
  if (holds) event.preventDefault();
});
onLeave(() => {
  forgetChoice();
  forget();
});
// On the way without script it is asked anew: nothing of this one's is left.
on(stage, "plain", forgetChoice);
// A page the browser keeps for "back" must hold neither name nor code. What it shows then is for the server to say.
addEventListener("pagehide", forget);
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

void begin();

async function begin(): Promise<void> {
  if (globalThis.crypto?.subtle === undefined) return cannot("device-crypto");
  try {
    set = await recipientSet(config.recipients, config.pin);
  } catch (why) {
    if (why instanceof Unreachable || why instanceof Refused) {
      cannot("device-offline");
      return offer(stage, words.say("files-again"), () => void begin());
    }
    // Whoever gave this page other keys is not to be trusted with sealing either.
    for (const text of stage.querySelectorAll(".note, .warning")) text.remove();
    return warn(stage, words.say("device-set-refused"), words.say("device-nothing-sent"));
  }
  goOn();
}

/** To the next thing to be answered. */
function goOn(): void {
  if (choice === null) askName();
  else if (choice === "sealed") askPerson();
  else askToSend();
}

/** Says why nothing can be sealed here, in place of the line that says to wait. */
function cannot(key: string): void {
  stage.querySelector('[data-slot="waiting"]')?.remove();
  warn(stage, words.say(key));
}

function askName(): void {
  show(stage, "t-name");
  byId<HTMLSelectElement>("name").value = choice ?? "";
  on(stage, "choose", () => {
    const answer = typed("name");
    if (answer === "sealed" || answer === "nameless") return choose(answer);
    complain(stage, [{ field: "name", sentence: words.say("name-missing") }], words);
  });
}

function choose(answer: Choice): void {
  choice = answer;
  remember(config.mark, answer);
  if (answer === "nameless") {
    person = null;
    form.forget();
    // What was sent without an answer is still to be found out.
    holds = receipt !== null;
  }
  goOn();
}

function askPerson(): void {
  show(stage, "t-identity");
  form.begin();
  stage.addEventListener("input", () => (holds = true), { once: true });
  on(stage, "identity", takePerson, true);
  instead("nameless", () => choose("nameless"));
}

/** A link to the first question is a step of this page, where the answer is. */
function instead(name: string, act: () => void): void {
  if (!isOurs) return;
  stage.querySelector(`[data-do="${name}"]`)?.addEventListener("click", (event) => {
    event.preventDefault();
    act();
  });
}

function takePerson(): void {
  const { person: read, problems } = form.read();
  if (problems !== undefined) return complain(stage, problemsOf(words, problems), words);
  person = read;
  askToSend();
}

function askToSend(): void {
  show(stage, "t-check");
  // Not what the page came with: what is sealed to.
  slot(stage, "fingerprint").textContent = set.fingerprint;
  if (choice !== "sealed") stage.querySelector('[data-if="named"]')?.remove();
  if (isOurs) slot(stage, "choice").textContent = words.say(`name-${choice}`);
  // What may be stored already is not changed here, nor said to be unsent.
  if (outgoing.body !== null) {
    for (const part of stage.querySelectorAll('.warning, .summary a, [data-if="named"]')) part.remove();
  }
  instead("name", askName);
  on(stage, "person", askPerson);
  on(stage, "send", () => void send().catch(stopped));
}

async function send(): Promise<void> {
  show(stage, "t-busy");
  const now = slot(stage, "now");
  now.textContent = words.say("device-sealing");
  holds = true;
  const code = (receipt ??= Receipt.draw(random));
  await painted();
  const body = outgoing.body ?? (await sealed(code));
  now.textContent = words.say("device-sending");
  const arrived = await outgoing.send(body, (seconds) => {
    if (left) throw new Error("the reporter has left");
    now.textContent = words.say("device-sending-again", { seconds });
  });
  forgetChoice();
  if (left) return;
  person = null;
  form.forget();
  showCode(arrived?.saved ?? words.say("device-saved-late"), code);
}

/** Signs in with the receipt, if it is still here. */
async function provesItself(): Promise<unknown> {
  if (receipt === null) throw new Error("the receipt is gone");
  return prove(config.sign_in, receipt);
}

/** What is posted: sealed bytes, hashes and public halves. */
async function sealed(code: Receipt): Promise<Record<string, unknown>> {
  const { once, report } = config;
  return { once, report, ...publicHalves(code), sealed: await sealFor(report, code, set, person) };
}

function showCode(saved: string, code: Receipt): void {
  show(stage, "t-receipt");
  // There is no way back behind a sent report, and a page in the other language would not know the code.
  document.querySelectorAll(".back, .top [hreflang]").forEach((link) => link.remove());
  slot(stage, "saved").textContent = saved;
  showReceipt(slot(stage, "receipt"), code.groups());
  on(stage, "written", () => checkCode(code));
  on(stage, "save", () => saveCode(code));
  on(stage, "picture", () => {
    slot(stage, "picture").replaceChildren(receiptPicture(code.groups().join(" "), words.say("device-keep-picture-is")));
  });
}

function saveCode(code: Receipt): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${code.groups().join(" ")}\n`], { type: "text/plain" }));
  link.download = words.say("device-receipt-file");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function checkCode(code: Receipt): void {
  show(stage, "t-receipt-check");
  const check = () => {
    if (code.endsWith(typed("last"))) return void putAway();
    // No penalty: the code is shown again beside the sentence.
    const place = slot(stage, "receipt");
    place.hidden = false;
    showReceipt(place, code.groups());
    complain(stage, [{ field: "last", sentence: words.say("receipt-check-wrong") }], words);
  };
  on(stage, "check", check, true);
  on(stage, "skip", () => void putAway());
}

async function putAway(): Promise<void> {
  forget();
  // If this does not arrive, the server only keeps what was typed of the matter until the visit ends.
  const kept = post(config.kept, { once: config.once }).catch(() => undefined);
  await Promise.race([kept, new Promise((late) => setTimeout(late, KEPT_MS))]);
  location.assign(config.files);
}

/** Empties the page of everything that is anybody's. */
function forget(): void {
  receipt?.wipe();
  outgoing.forget();
  [receipt, person, choice, holds, left] = [null, null, null, false, true];
  form.forget();
  stage.replaceChildren();
}

/** Says why it stopped, and leaves everything as it was. */
function stopped(why: unknown): void {
  if (left) return;
  if (person !== null && tooLong(why)) {
    askPerson();
    return complain(stage, [{ field: "joint", sentence: words.say("error-identity-long") }], words);
  }
  askToSend();
  if (why instanceof Unsure) return warn(stage, words.say("device-unsure"));
  if (why instanceof Refused) {
    warn(stage, why.title, why.detail);
    // The visit is over, or the page is behind: what is typed here is of no use any more.
    if (why.status === 410) {
      forgetChoice();
      offer(stage, words.say("ended-next"), () => go(() => location.assign(config.start)));
    }
    if (why.status === 409) offer(stage, words.say("device-old-set-next"), () => go(() => location.reload()));
    return;
  }
  warn(stage, words.say("device-stopped"), words.say("device-nothing-sent"));
}

function go(away: () => void): void {
  holds = false;
  away();
}

/** Lets the browser draw before a second of arithmetic. */
function painted(): Promise<void> {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
}
