// Fills "my report" with what the server gave and what only the receipt opens.

import { ageFileIn } from "../core/agefile.ts";
import { fromPaddedBase64 } from "../core/bytes.ts";
import { openMessage } from "../core/mailbox.ts";
import type { Receipt } from "../core/receipt.ts";
import { on, slot } from "./dom.ts";
import { type Message, type View, words } from "./mine.ts";
import { sentFile } from "./sent.ts";

export async function fill(stage: HTMLElement, view: View, receipt: Receipt, said: string): Promise<void> {
  const put = (name: string, text: string) => (slot(stage, name).textContent = text);
  const lines = (name: string, texts: string[]) => slot(stage, name).replaceChildren(...texts.map((text) => element("p", text)));
  const open = (name: string, is: boolean) => (slot(stage, name).hidden = !is);

  open("said", said !== "");
  lines("said", said === "" ? [] : [said]);
  put("status", view.status);
  lines("next", view.next);
  open("object", view.can_object);
  open("original", view.original !== null);
  if (view.original !== null) {
    lines("original-lines", view.original.lines);
    put("original-need", view.original.need);
    open("original-stop", view.original.can_stop);
  }
  open("reply", view.reply !== null);
  if (view.reply !== null) {
    put("reply-day", view.reply.day);
    put("reply-findings", view.reply.findings);
    put("reply-handling", view.reply.handling);
    put("reply-reward", view.reply.reward);
  }
  put("reward", view.reward);
  open("claim", view.claim !== null);
  open("object-award", view.can_object_award);
  open("documents", view.documents.length > 0);
  slot(stage, "documents-list").replaceChildren(...view.documents.map(issued));
  open("add", view.can_add);
  put("files", view.files);
  open("files-go", view.can_add);
  lines("log", view.log);
  slot(stage, "history").replaceChildren(...view.history.map(event));
  slot(stage, "content").replaceChildren(...view.content.map(([label, value]) => row(label, value)));
  const withdraw = stage.querySelector<HTMLElement>('[data-do="withdraw"]');
  if (withdraw !== null) withdraw.hidden = !view.can_withdraw;
  const remove = stage.querySelector<HTMLElement>('[data-do="delete"]');
  if (remove !== null) remove.hidden = view.delete.length === 0;

  const identity = receipt.mailboxIdentity();
  open("no-messages", view.messages.length === 0);
  slot(stage, "messages").replaceChildren(...(await Promise.all(view.messages.map((each) => message(each, view.report, identity)))));
  const sealed = view.messages.filter((each) => each.sealed !== null);
  open("offline", sealed.length > 0);
  open("offline-file", view.messages.some((each) => each.file !== null));
  on(stage, "save", () => sealed.forEach(save));
  on(stage, "key", () => {
    open("key", true);
    put("key", identity);
  });
}

async function message({ own, day, text, sealed, file }: Message, report: string, identity: string): Promise<HTMLElement> {
  const item = document.createElement("li");
  if (own) item.className = "own";
  const read = sealed === null ? text : ((await openMessage(sealed, identity)) ?? words.say("return-not-opened"));
  item.append(element("b", words.say(own ? "mine-from-you" : "mine-from-us")), " ");
  item.append(element("span", day, "muted"), element("p", read, "typed"));
  if (file !== null) item.append(await sentFile(file, report, identity));
  return item;
}

/** The age file as it is, for the stock `age` command. */
function save(message: Message, at: number): void {
  const file = message.sealed === null ? undefined : ageFileIn(fromPaddedBase64(message.sealed));
  if (file === undefined) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([new Uint8Array(file)], { type: "application/octet-stream" }));
  link.download = `${at + 1}.age`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function event({ day, what, told }: View["history"][number]): HTMLElement {
  const item = document.createElement("li");
  item.append(element("span", day, "muted"), document.createElement("br"), what);
  if (told !== "") item.append(element("p", told, "typed"));
  return item;
}

function issued({ title, day, pdf }: View["documents"][number]): HTMLElement {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = pdf;
  link.textContent = title;
  item.append(link, " ", element("span", day, "muted"));
  return item;
}

function row(label: string, value: string): HTMLElement {
  const line = document.createElement("div");
  line.append(element("dt", label), element("dd", value, "typed"));
  return line;
}

export function element(name: string, text: string, kind = ""): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind !== "") made.className = kind;
  return made;
}
