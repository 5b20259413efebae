// What staff wrote and sent: opened here with the receipt, and nowhere else.

import { type Label, openFile as open, openLabel } from "../../web/src/core/fromoffice.ts";
import { openMessage } from "../../web/src/core/mailbox.ts";
import type { Receipt } from "../../web/src/core/receipt.ts";
import { bytes } from "../../web/src/reporter/ask.ts";
import { whenForgotten } from "./state.ts";
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
  const identity = receipt.mailboxIdentity();
  const label = await openLabel(file.label, identity, { report: view.report, blob: file.blob });
  if (label === undefined) return tell(words.say("return-file-broken"));
  tell(words.say("return-file-opening"));
  let sealed: Uint8Array;
  try {
    sealed = await bytes(`${REPORT}/from-office/${file.blob}`);
  } catch {
    return tell(words.say("return-file-lost"));
  }
  const plain = await open(sealed, identity, label);
  if (plain === undefined) return tell(words.say("return-file-broken"));
  tell(words.say(show(plain, label.name) ? "mini-file-opened" : "mini-file-not-shown"));
}

/** What lies in clear in the mini-program's own folder until it is shown, and not longer than the report is open. */
const written = new Set<string>();

whenForgotten(() => {
  for (const path of written) wx.getFileSystemManager().unlink({ filePath: path, fail: () => undefined });
  written.clear();
});

const PICTURES = ["jpg", "jpeg", "png", "gif", "webp", "bmp"];
const DOCUMENTS = ["doc", "docx", "xls", "xlsx", "ppt", "pptx", "pdf"];

function show(plain: Uint8Array, name: string): boolean {
  const ending = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  const isPicture = PICTURES.includes(ending);
  if (!isPicture && !DOCUMENTS.includes(ending)) return false;
  const path = `${wx.env.USER_DATA_PATH}/${written.size + 1}.${ending}`;
  wx.getFileSystemManager().writeFileSync(path, plain.slice().buffer as ArrayBuffer);
  written.add(path);
  if (isPicture) wx.previewImage({ urls: [path], showmenu: false });
  else wx.openDocument({ filePath: path, showMenu: false });
  return true;
}

function size({ bytes: count }: Label): string {
  const kb = Math.ceil(count / 1024);
  return kb < 1024 ? words.say("mine-file-kb", { n: kb }) : words.say("mine-file-mb", { n: (kb / 1024).toFixed(1) });
}
