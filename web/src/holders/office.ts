// The office's page: opens one package in this browser, shows the person once, asks what only a person can judge, and
// makes a voucher. It fetches nothing and sends nothing. What it shows is gone with the page, or after a while unused.

import { fingerprint } from "../core/recipients.ts";
import { Refused } from "../core/refused.ts";
import { forget, readKeyFile } from "./keyfile.ts";
import { type Question, interview } from "./interview.ts";
import { Memories, type Memory, pin } from "./memory.ts";
import { readYuan, yuan } from "./money.ts";
import { offerLock, unlock } from "./passkey.ts";
import { OUTCOMES, type Opened, type Ready, type ReleasePackage, checkPackage, openPackage, readPackage } from "./package.ts";
import type { Conflict, Person, Row } from "./person.ts";
import { say } from "./refusals.ts";
import { Stage, inPagesLanguage, today, word } from "./stage.ts";
import { voucherNumber, voucherText } from "./voucher.ts";

/** Unused for so long, the page forgets. */
const IDLE_MS = 5 * 60 * 1000;

const root = document.querySelector<HTMLElement>("#device");
if (root) start(new Stage(root));

function start(stage: Stage): void {
  const memories = new Memories(localStorage, "office");
  /** AGE-SECRET-KEY-1… while a package is being opened. */
  let identity = "";
  let opened: Opened | null = null;
  const drop = (): void => {
    identity = "";
    opened = null;
    stage.clear();
  };
  addEventListener("pagehide", drop);
  whenIdle(() => {
    if (identity === "" && opened === null) return;
    drop();
    stage.show("closed");
  });

  stage.whenRefused(drop);
  stage.show("start");
  offerLock(stage);
  stage.on("check", async () => {
    const [text, keyText] = [await stage.file("package-file"), await stage.file("key-file")];
    if (text === null) return stage.error(word("package-file-missing") ?? "");
    if (keyText === null) return stage.error(word("key-file-missing") ?? "");
    const key = readKeyFile(await unlock(keyText));
    identity = key.identity;
    forget(key);
    const read = readPackage(text);
    const memory = memories.recall();
    if (memory?.fingerprint === fingerprint(read.set)) review(read, memory);
    else compare(read, memory);
  });

  /** The first use, or a new set. */
  function compare(read: ReleasePackage, before: Memory | null): void {
    stage.show("pin");
    stage.put("fingerprint", fingerprint(read.set));
    stage.slot("first-use").hidden = before !== null;
    stage.on("pin", () => {
      const typed = { first: stage.field("pin-first").value, last: stage.field("pin-last").value, log: "" };
      const memory = pin(read.set, null, typed, before);
      if (!memory) return stage.error(word("pin-differs") ?? "");
      memories.keep(memory, before);
      review(read, memory);
    });
  }

  function review(read: ReleasePackage, memory: Memory): void {
    const ready = checkPackage(read, memory, today(Date.now()));
    const { rule, base_fen } = ready.paper.amount;
    stage.show("ready");
    stage.put("case", voucherNumber(ready.terms.award));
    stage.put("amount", yuan(base_fen));
    stage.put("rule", `${inPagesLanguage(rule.title)} · ${rule.document}`);
    stage.put("approved", ready.by.join(" · "));
    stage.put("until", ready.terms.expires);
    stage.on("open", async () => {
      const found = await open(ready);
      if (!found) return;
      memories.keep({ ...memory, roster: ready.roster }, memory);
      opened = found;
      await meet(found, ready);
    });
  }

  /** The person, or `null` after saying why it does not open. */
  async function open(ready: Ready): Promise<Opened | null> {
    try {
      return await openPackage(ready, identity);
    } catch (why) {
      if (!(why instanceof Refused) || !OUTCOMES.includes(why.code)) throw why;
      stage.show("unreadable");
      stage.put("why", say(why, word));
      return null;
    } finally {
      identity = "";
    }
  }

  async function meet(found: Opened, ready: Ready): Promise<void> {
    if (found.person) {
      stage.show("person");
      rows(stage, found.person, found);
    }
    const asks = {
      yes: (question: Question, number?: number) => ask(stage, question, number),
      paid: (cap: bigint) => askPaid(stage, cap),
    };
    const finding = await interview(found, ready.paper, asks);
    if (opened !== found) return;
    const { person } = found;
    if (finding.outcome !== "verified") {
      drop();
      stage.show(finding.outcome === "refused" ? "not-payable" : "unsettled");
      if (finding.outcome === "refused") stage.put("ground", word(`ground-${finding.ground}`) ?? "");
      return;
    }
    stage.show("voucher");
    stage.put("amount", yuan(finding.amount.fen));
    const number = stage.field("voucher-number");
    const named = stage.field("voucher-named");
    number.value = voucherNumber(ready.terms.award);
    const write = (): void => {
      const { terms } = ready;
      const shown = named.checked ? person : null;
      const { amount, authorised } = finding;
      const voucher = { number: number.value.trim(), today: today(Date.now()), terms: terms.award, amount, person: shown, authorised };
      stage.put("voucher", voucherText(voucher));
    };
    write();
    number.addEventListener("input", write);
    named.addEventListener("change", write);
    stage.on("print", () => print());
    stage.on("done", () => {
      drop();
      stage.show("closed");
    });
  }
}

/** One question at a time; the person stays on the screen meanwhile. */
function ask(stage: Stage, question: Question, number = 0): Promise<boolean> {
  stage.put("question", filled(`ask-${question}`, { number: String(number) }));
  stage.slot("question").focus();
  return new Promise((answer) => {
    for (const reply of ["yes", "no"] as const) {
      const button = stage.root.querySelector<HTMLButtonElement>(`[data-do="${reply}"]`);
      if (button) button.onclick = () => answer(reply === "yes");
    }
  });
}

/** A sum in the place of yes and no, asked until it is one. */
function askPaid(stage: Stage, cap: bigint): Promise<bigint> {
  stage.put("question", filled("ask-paid", { cap: yuan(cap) }));
  stage.slot("answers").hidden = true;
  stage.slot("sum").hidden = false;
  stage.slot("question").focus();
  return new Promise((answer) => {
    stage.on("sum", () => {
      const paid = readYuan(stage.field("paid-sum").value);
      if (paid === null) return stage.error(word("paid-unreadable") ?? "");
      answer(paid);
    });
  });
}

/** The page's words, filled in at once: nothing in a value is taken for a place. */
function filled(key: string, values: Record<string, string>): string {
  return (word(key) ?? "").replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The person as the officers see them: label and value, the same rows as the command-line tool. */
function rows(stage: Stage, person: Person, opened: Opened): void {
  const { payee } = person;
  const account: [string, string][] =
    payee.kind === "account"
      ? [["holder", payee.holder], ["bank", payee.bank], ["account", payee.number]]
      : [["payee", word("payee-in-person") ?? ""]];
  const all: [string, string][] = [
    ["name", person.name],
    ["id-kind", word(`id-${person.id_kind}`) ?? ""],
    ["id-number", person.id_number],
    ["mobile", person.mobile],
    ...account,
    ["own", word(person.own_employer ? "own-yes" : "own-no") ?? ""],
    ...person.joint.map(({ name, id_number }, place): [string, string] => ["joint", `${place + 1}. ${name} ${id_number}`]),
    ["sealed", word(`sealed-${opened.sealedBy}`) ?? ""],
    ...opened.conflicts.map((conflict): [string, string] => ["note", note(conflict)]),
  ];
  stage.slot("person").replaceChildren(
    ...all.map(([key, value]) => {
      const row = document.createElement("div");
      const [label, text] = [document.createElement("dt"), document.createElement("dd")];
      label.textContent = word(`row-${key}`) ?? "";
      text.textContent = value;
      text.className = "typed";
      row.append(label, text);
      return row;
    }),
  );
}

/** What a later envelope says otherwise, with both values. */
function note({ envelope, row, before, later }: Conflict): string {
  const [from, to] = [said(row, before), said(row, later)];
  return filled("conflict", { number: String(envelope), row: word(`row-${row}`) ?? "", before: from, later: to });
}

/** A value of a row in the officers' words. */
function said(row: Row, value: string): string {
  if (row === "id-kind") return word(`id-${value}`) ?? "";
  if (row === "own") return word(`own-${value}`) ?? "";
  if (row === "payee") return word(value === "in_person" ? "payee-in-person" : "payee-account") ?? "";
  return value === "" ? (word("conflict-nothing") ?? "") : value;
}

function whenIdle(act: () => void): void {
  let timer = setTimeout(act, IDLE_MS);
  for (const event of ["pointerdown", "keydown", "input"]) {
    addEventListener(event, () => {
      clearTimeout(timer);
      timer = setTimeout(act, IDLE_MS);
    });
  }
}
