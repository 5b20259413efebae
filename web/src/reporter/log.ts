// The button that reads the public log, on the page "my report".

import type { Receipt } from "../core/receipt.ts";
import { config, type View, words } from "./mine.ts";
import { element } from "./report.ts";
import { scan } from "./scanning.ts";

/** Fills `place` with what the log itself says; `now` is told how far the reading has come. */
export async function lookUp(receipt: Receipt, asked: View["original"], place: HTMLElement, now: HTMLElement): Promise<void> {
  const { told, failed } = await scan(receipt, asked, config.log_key, config.pin, words, (sentence) => (now.textContent = sentence));
  now.textContent = failed ?? "";
  if (told !== undefined) place.replaceChildren(...told.map((line) => element("p", line)));
}
