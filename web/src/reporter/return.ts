// "My report" on the reporter's own device: the receipt is typed here and stays here. The server gets what finds the
// report and what proves the holder, never the code, and hands out messages that only this page can open.

import { toHex, wipe } from "../core/bytes.ts";
import type { Person } from "../core/person.ts";
import { Receipt } from "../core/receipt.ts";
import { Acts } from "./acts.ts";
import { post, Refused, Unreachable } from "./ask.ts";
import { claim } from "./claim.ts";
import { byId, complain, offer, on, type Problem, show, slot, typed, warn } from "./dom.ts";
import { whenIdle } from "./idle.ts";
import { onLeave } from "./leave.ts";
import { lookUp } from "./log.ts";
import { drawOwn, forgetDrawn, type Heir } from "./own.ts";
import { config, recipients, type View, words } from "./mine.ts";
import { PersonForm } from "./person.ts";
import { problemsOf } from "./problems.ts";
import { prove } from "./prove.ts";
import { element, fill } from "./report.ts";
import { distrusted, sealFor, tooLong } from "./sealing.ts";
import { forgetOpened } from "./sent.ts";

const stage = byId("stage");
let receipt: Receipt | null = null;
let view: View | null = null;
let live: EventSource | null = null;
const acts = new Acts<View>(post, look);
/** What is typed under the report and not sent: it outlives the page's being drawn anew. */
const form = new PersonForm(config.person, config.limits);
let unsent = { message: "", naming: false, objection: "", refusal: "", retaliation: "", deletion: "" };

/** Another tab has come back with another receipt: this one's would open and seal nothing of that report. */
class Elsewhere extends Error {}

if (globalThis.crypto?.subtle === undefined) warn(stage, words.say("device-crypto"));
else signIn();

// A page the browser keeps for "back" must not keep a code.
addEventListener("pagehide", forget);
addEventListener("pageshow", (event) => {
  if (event.persisted) signIn();
});
onLeave(forget);
addEventListener("beforeunload", (event) => {
  keep();
  if ((unsent.message + unsent.objection + unsent.refusal + unsent.retaliation + unsent.deletion).trim() !== "") event.preventDefault();
});
whenIdle(config.idle_minutes, lapse);

function signIn(): void {
  show(stage, "t-sign-in");
  on(stage, "go", () => void take(), true);
}

async function take(): Promise<void> {
  const unknown = (sentence: string) => complain(stage, [{ field: "receipt", sentence }], words);
  let code: Receipt;
  try {
    code = Receipt.parse(typed("receipt"));
  } catch {
    return unknown(words.say("mine-unknown"));
  }
  const button = stage.querySelector<HTMLButtonElement>('[data-do="go"]');
  if (button === null || button.disabled) return;
  button.disabled = true;
  const wait = slot(stage, "wait");
  wait.textContent = words.say("return-looking");
  try {
    const found = await prove<View | Heir>(config.sign_in, code);
    if ("own_receipt" in found) {
      button.disabled = false;
      return drawOwn(code, found.own_receipt, taken, trouble);
    }
    view = found;
  } catch (why) {
    code.wipe();
    button.disabled = false;
    wait.textContent = "";
    if (why instanceof Refused && why.status === 404) return unknown(why.detail);
    return trouble(why);
  }
  receipt = code;
  listen();
  await report();
}

/** The reporter's own receipt has taken over from the one that staff issued. */
function taken(code: Receipt, found: View): void {
  [receipt, view] = [code, found];
  listen();
  void report(words.say("own-receipt-done"));
}

/** Shows the report as `view` has it. */
async function report(said = ""): Promise<void> {
  if (view === null || receipt === null) return signIn();
  show(stage, "t-report");
  await fill(stage, view, receipt, said);
  putBack();
  on(stage, "refresh", () => void refresh());
  on(stage, "add", () => void add());
  on(stage, "claim", () => {
    keep();
    if (view !== null && receipt !== null) void claim(stage, view, receipt, acts, done, () => void report(), trouble).catch(trouble);
  });
  on(stage, "object-award", askAward);
  on(stage, "object", () => ask(REVIEW));
  on(stage, "original", () => {
    const asked = view?.original;
    ask(ORIGINAL);
    slot(stage, "asked").replaceChildren(...[...(asked?.lines ?? []), asked?.need ?? ""].map((line) => element("p", line)));
  });
  on(stage, "retaliation", () => ask(PROTECTION));
  on(stage, "delete", () => {
    const means = view?.delete ?? [];
    ask(DELETION);
    slot(stage, "means").replaceChildren(...means.map((line) => element("p", line)));
  });
  on(stage, "withdraw", askWithdraw);
  on(stage, "earlier", askEarlier);
  on(stage, "scan", () => receipt !== null && void lookUp(receipt, view?.original ?? null, slot(stage, "log"), slot(stage, "scan")));
  on(stage, "out", () => void out());
}

function done(next: View, said: string): void {
  view = next;
  void report(said);
}

async function look(): Promise<View> {
  const next = await post<View>(config.look, {});
  if (next.report !== view?.report) throw new Elsewhere();
  return (view = next);
}

async function refresh(): Promise<void> {
  try {
    await look();
  } catch (why) {
    return trouble(why);
  }
  if (keep()) await report();
}

/** Remembers what is typed under the report; `false` if the page shows something else. */
function keep(): boolean {
  for (const field of ["objection", "refusal", "retaliation", "deletion"] as const) {
    if (document.getElementById(field) !== null) unsent[field] = typed(field);
  }
  const naming = stage.querySelector<HTMLDetailsElement>('[data-slot="naming"]');
  if (naming === null) return false;
  form.keep();
  unsent = { ...unsent, message: typed("message"), naming: naming.open };
  return true;
}

function putBack(): void {
  form.begin();
  byId<HTMLTextAreaElement>("message").value = unsent.message;
  (slot(stage, "naming") as HTMLDetailsElement).open = unsent.naming;
}

function putAway(): void {
  form.forget();
  unsent = { ...unsent, message: "", naming: false };
}

/** More text, and perhaps a name under seal: from outside nobody sees whether there is one. */
async function add(): Promise<void> {
  const text = typed("message");
  const problems: Problem[] = [];
  const mend = (sentence: string) => problems.push({ field: "message", sentence });
  if (Receipt.isIn(text)) mend(words.say("receipt-in-field"));
  else if (text.trim() === "") mend(words.say("mine-add-missing"));
  let person: Person | null = null;
  if ((slot(stage, "naming") as HTMLDetailsElement).open) {
    const read = form.read();
    if (read.problems !== undefined) problems.push(...problemsOf(words, read.problems));
    else person = read.person;
  }
  if (problems.length > 0) return complain(stage, problems, words);
  try {
    await send(config.add, { text }, person === null ? "mine-add-done" : "return-name-done", person, putAway);
  } catch (why) {
    if (tooLong(why)) return complain(stage, [{ field: "joint", sentence: words.say("error-identity-long") }], words);
    if (why instanceof Refused && why.status === 422) return complain(stage, [{ field: "message", sentence: why.detail }], words);
    trouble(why);
  }
}

/** Something asked for on a page of its own, with one text. */
interface Ask {
  /** Of the page's template, its button and the address. */
  name: "object" | "original" | "retaliation" | "delete";
  field: "objection" | "refusal" | "retaliation" | "deletion";
  /** What is said about an empty text; `null`: it may be empty. */
  missing: string | null;
  done: Done;
}

/** The key of what is said afterwards; some of it depends on how the report is then. */
type Done = string | ((next: View) => string);

/** Somebody else is to look again at what was decided. */
const REVIEW: Ask = { name: "object", field: "objection", missing: "object-missing", done: "mine-object-done" };
/** An original is not to be opened that was asked for. */
const ORIGINAL: Ask = { name: "original", field: "refusal", missing: null, done: "mine-stop-done" };
/** The reporter suffers for the report. */
const PROTECTION: Ask = { name: "retaliation", field: "retaliation", missing: "retaliation-missing", done: "mine-retaliation-done" };
/** The report is to be deleted: gone already, where nobody had decided on it. */
const DELETION: Ask = {
  name: "delete", field: "deletion", missing: null, done: (next) => (next.deletion_waits ? "mine-delete-done" : "mine-deleted-done"),
};

function ask(what: Ask): void {
  keep();
  show(stage, `t-${what.name}`);
  byId<HTMLTextAreaElement>(what.field).value = unsent[what.field];
  on(stage, "back", () => {
    keep();
    void report();
  });
  on(stage, what.name, () => void sendAsked(what));
}

async function sendAsked(what: Ask): Promise<void> {
  const text = typed(what.field);
  const mend = (sentence: string) => complain(stage, [{ field: what.field, sentence }], words);
  if (Receipt.isIn(text)) return mend(words.say("receipt-in-field"));
  if (what.missing !== null && text.trim() === "") return mend(words.say(what.missing));
  try {
    await send(config[what.name], { text }, what.done, null, () => (unsent[what.field] = ""));
  } catch (why) {
    if (why instanceof Refused && why.status === 422) return mend(why.detail);
    trouble(why);
  }
}

/** The award is not paid, and the reporter objects: one of a few sentences, so that nothing about a person can be written. */
function askAward(): void {
  keep();
  show(stage, "t-object-award");
  on(stage, "back", () => void report());
  on(stage, "object-award", () => void objectAward());
}

async function objectAward(): Promise<void> {
  const objection = typed("award-objection");
  if (objection === "") return complain(stage, [{ field: "award-objection", sentence: words.say("award-object-missing") }], words);
  try {
    await send(config.object_award, { objection }, "mine-award-object-done");
  } catch (why) {
    trouble(why);
  }
}

/** Whoever holds two receipts can say that both reports are theirs; what goes is what the other one gives. */
function askEarlier(): void {
  keep();
  show(stage, "t-earlier");
  on(stage, "back", () => void report());
  on(stage, "link", () => void link(), true);
}

async function link(): Promise<void> {
  const mend = (sentence: string) => complain(stage, [{ field: "earlier", sentence }], words);
  let other: Receipt;
  try {
    other = Receipt.parse(typed("earlier"));
  } catch {
    return mend(words.say("mine-unknown"));
  }
  const keys = [other.locator(), other.auth()] as const;
  other.wipe();
  try {
    const [locator, auth] = keys.map(toHex) as [string, string];
    await send(config.earlier, { locator, auth }, "earlier-done");
  } catch (why) {
    if (why instanceof Refused && why.status === 422) return mend(why.detail);
    trouble(why);
  } finally {
    wipe(...keys);
  }
}

function askWithdraw(): void {
  keep();
  show(stage, "t-withdraw");
  on(stage, "stay", () => void report());
  on(stage, "withdraw", () => void send(config.withdraw, {}, "withdraw-done").catch(trouble));
}

/** Whatever is sent carries an envelope, so that nobody sees when a name is given. `sent` is called once it arrived. */
async function send(
  address: string, what: Record<string, string>, said: Done, person: Person | null = null, sent = () => {},
): Promise<void> {
  if (view === null || receipt === null) return;
  const code = receipt;
  const sealed = async ({ once, report }: View) => ({ once, ...what, sealed: await sealFor(report, code, await recipients(), person) });
  const next = await acts.send(view, address, [what, person], sealed);
  if (next === null) return;
  sent();
  done(next, words.say(typeof said === "string" ? said : said(next)));
}

async function out(): Promise<void> {
  await post(config.sign_out, {}).catch(() => undefined);
  forget();
  show(stage, "t-out");
}

function forget(): void {
  live?.close();
  forgetOpened();
  forgetDrawn();
  receipt?.wipe();
  [live, receipt, view] = [null, null, null];
  acts.forget();
  putAway();
  [unsent.objection, unsent.refusal, unsent.retaliation, unsent.deletion] = ["", "", "", ""];
  stage.replaceChildren();
}

/** Nobody is at the page any more, as far as it can tell. */
function lapse(): void {
  if (receipt === null && typed("receipt") === "") return;
  forget();
  signIn();
  warn(stage, words.say("return-lapsed", { minutes: config.idle_minutes }));
}

/** Says when something has changed; the page itself changes only when its reader asks for it. */
function listen(): void {
  if (typeof EventSource === "undefined") return;
  live = new EventSource(config.live);
  live.addEventListener("version", (event) => {
    if (view === null || (event as MessageEvent<string>).data === view.version) return;
    const place = stage.querySelector('[data-slot="live"]');
    if (place !== null) place.textContent = words.say("return-changed");
  });
}

function trouble(why: unknown): void {
  if (why instanceof Elsewhere) return over(words.say("signed-out-title"), words.say("signed-out-text"));
  if (why instanceof Refused && why.status === 410) return over(why.title, why.detail);
  if (why instanceof Refused) return warn(stage, why.title, why.detail);
  if (distrusted(why)) return warn(stage, words.say("device-set-refused"));
  warn(stage, words.say(why instanceof Unreachable ? "device-offline" : "device-server"));
}

/** The visit has ended elsewhere. What is typed stays to be read until its writer goes on. */
function over(...sentences: string[]): void {
  warn(stage, ...sentences);
  offer(stage, words.say("signed-out-next"), () => {
    forget();
    signIn();
  });
}
