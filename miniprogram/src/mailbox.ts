// What staff wrote and sent: opened here with the receipt, and nowhere else.

import { type Label, openFile as open, openLabel } from "../../web/src/core/fromoffice.ts";
import { openMessage } from "../../web/src/core/mailbox.ts";
import type { Receipt } from "../../web/src/core/receipt.ts";
import { fetch } from "./platform/http.ts";
import { show } from "./shown.ts";
import { state } from "./state.ts";
import { REPORT, type View } from "./view.ts";
import { words } from "./words.ts";

export interface ShownMessage {
  n: number;
  own: boolean;
  who: string;
  day: string;
  text: string;
  file: { name: string; size: string; opens: boolean; now: string } | null;
}

export function openMessages(view: View, receipt: Receipt): Promise<ShownMessage[]> {
  const identity = receipt.mailboxIdentity();
  return Promise.all(view.messages.map(async ({ own, day, text, sealed, file }, n) => {
    const label = file === null ? undefined : await openLabel(file.label, identity, { report: view.report, blob: file.blob });
    return {
      n,
      own,
      day,
      who: words.say(own ? "mine-from-you" : "mine-from-us"),
      text: sealed === null ? text : ((await openMessage(sealed, identity)) ?? words.say("return-not-opened")),
      file: file && {
        name: label?.name ?? words.say("return-file-unknown"),
        size: label === undefined ? file.size : size(label),
        opens: label !== undefined,
        now: "",
      },
    };
  }));
}

/** Fetches and opens a file of staff's and hands it to WeChat to show; `tell` says how it went. */
export async function openFile(view: View, receipt: Receipt, at: number, tell: (now: string) => void): Promise<void> {
  const file = view.messages[at]?.file;
  if (!file) return;
  const { epoch } = state;
  const identity = receipt.mailboxIdentity();
  const label = await openLabel(file.label, identity, { report: view.report, blob: file.blob });
  if (label === undefined) return tell(words.say("return-file-broken"));
  tell(words.say("return-file-opening"));
  let sealed: Uint8Array;
  try {
    sealed = await fetched(file.blob);
  } catch {
    return tell(words.say("return-file-lost"));
  }
  const plain = await open(sealed, identity, label);
  // Closed meanwhile: nothing of it is written any more.
  if (state.epoch !== epoch) return;
  if (plain === undefined) return tell(words.say("return-file-broken"));
  tell(words.say(show(plain, label.name) ? "mini-file-opened" : "mini-file-not-shown"));
}

/** The file as it is kept. */
async function fetched(blob: string): Promise<Uint8Array> {
  const headers = { "content-type": "application/json", accept: "application/octet-stream, application/json" };
  const answer = await fetch(`${REPORT}/from-office`, { method: "POST", headers, body: JSON.stringify({ blob }) });
  if (!answer.ok) throw new Error("refused");
  return new Uint8Array(await answer.arrayBuffer());
}

function size({ bytes: count }: Label): string {
  const kb = Math.ceil(count / 1024);
  return kb < 1024 ? words.say("mine-file-kb", { n: kb }) : words.say("mine-file-mb", { n: (kb / 1024).toFixed(1) });
}
