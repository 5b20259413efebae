// A file of ours under a message: its name, opened with the receipt; a button that fetches the sealed file, opens it in
// this page and hands it to the browser to save; and the age file as it is, for the stock command.

import { type Label, openFile, openLabel } from "../core/fromoffice.ts";
import { bytes } from "./ask.ts";
import { type SentFile, words } from "./mine.ts";
import { element } from "./report.ts";

/** What is in clear is given back to the browser after so long, or when the page is cleared. */
const KEPT_MS = 60_000;
const kept = new Set<() => void>();

/** Gives back what is still in clear. */
export function forgetOpened(): void {
  kept.forEach((revoke) => revoke());
}

/** `identity` opens it; `report` is the report it must belong to. */
export async function sentFile(file: SentFile, report: string, identity: string): Promise<HTMLElement> {
  const label = await openLabel(file.label, identity, { report, blob: file.blob });
  const box = document.createElement("div");
  const line = document.createElement("p");
  line.append(words.say("mine-file"), " ", element("b", label?.name ?? words.say("return-file-unknown"), "typed"), " ");
  line.append(element("span", label === undefined ? file.size : size(label.bytes), "muted"));
  box.append(line);
  const actions = document.createElement("p");
  if (label !== undefined) actions.append(button(file, label, identity, box), " ");
  const sealed = element("a", words.say("mine-file-save")) as HTMLAnchorElement;
  sealed.href = file.age;
  sealed.download = "";
  actions.append(sealed);
  box.append(actions);
  return box;
}

function button(file: SentFile, label: Label, identity: string, box: HTMLElement): HTMLElement {
  const open = element("button", words.say("return-file-open"), "second") as HTMLButtonElement;
  open.type = "button";
  open.dataset.do = "open-file";
  open.setAttribute("aria-label", `${words.say("return-file-open")}: ${label.name}`);
  const now = element("p", "", "muted");
  now.setAttribute("role", "status");
  open.addEventListener("click", () => {
    open.disabled = true;
    now.textContent = words.say("return-file-opening");
    if (!now.isConnected) box.append(now);
    void fetched(file, label, identity).then((plain) => {
      // Signed out, or drawn anew meanwhile: nothing is handed to a page that is gone.
      if (!box.isConnected) return;
      open.disabled = false;
      if (typeof plain === "string") now.textContent = plain;
      else now.replaceChildren(words.say("return-file-opened"), " ", save(plain, label.name));
    });
  });
  return open;
}

/** The file, or the sentence about what went wrong. */
async function fetched(file: SentFile, label: Label, identity: string): Promise<Uint8Array | string> {
  let sealed: Uint8Array;
  try {
    sealed = await bytes(file.sealed);
  } catch {
    return words.say("return-file-lost");
  }
  return (await openFile(sealed, identity, label)) ?? words.say("return-file-broken");
}

/** Saves at once where the browser lets us, and leaves a link for a minute where it does not. */
function save(plain: Uint8Array, name: string): HTMLElement {
  const link = element("a", words.say("return-file-again", { name })) as HTMLAnchorElement;
  // Never shown in place: no type of its own, so that nothing in it runs here.
  const blob = new Blob([plain as Uint8Array<ArrayBuffer>], { type: "application/octet-stream" });
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  const revoke = () => {
    URL.revokeObjectURL(link.href);
    link.remove();
    kept.delete(revoke);
  };
  kept.add(revoke);
  setTimeout(revoke, KEPT_MS);
  return link;
}

function size(count: number): string {
  const kb = Math.ceil(count / 1024);
  return kb < 1024 ? words.say("mine-file-kb", { n: kb }) : words.say("mine-file-mb", { n: (kb / 1024).toFixed(1) });
}
