// A receipt that staff issued opens nothing but this: the reporter draws one of their own on this device, writes it down,
// and only then does it take over. Until then the old one is good, whatever breaks.

import { random } from "../core/random.ts";
import { Receipt } from "../core/receipt.ts";
import { persist, post } from "./ask.ts";
import { byId, complain, on, show, showReceipt, slot, typed } from "./dom.ts";
import { config, recipients, type View, words } from "./mine.ts";
import { type About, order } from "./taking.ts";

/** What the server says to a receipt that staff issued. */
export interface Heir {
  own_receipt: About;
}

let held: Receipt[] = [];

/** `taken` gets the new receipt and the report it opens; `old` and, on failure, the new one are wiped by `forgetDrawn`. */
export function drawOwn(
  old: Receipt, about: About, taken: (own: Receipt, view: View) => void, trouble: (why: unknown) => void,
): void {
  const stage = byId("stage");
  held.push(old);
  show(stage, "t-own-receipt");
  on(stage, "draw", () => {
    const own = Receipt.draw(random);
    held.push(own);
    show(stage, "t-own-new");
    showReceipt(slot(stage, "receipt"), own.groups());
    const keep = async (): Promise<void> => {
      if (!own.endsWith(typed("last"))) {
        return complain(stage, [{ field: "last", sentence: words.say("receipt-check-wrong") }], words);
      }
      const button = stage.querySelector<HTMLButtonElement>('[data-do="keep"]');
      if (button === null || button.disabled) return;
      button.disabled = true;
      try {
        const body = await order(old, own, about, await recipients());
        const view = await persist(() => post<View>(config.own_receipt, body), () => undefined);
        held = held.filter((each) => each !== own);
        forgetDrawn();
        taken(own, view);
      } catch (why) {
        button.disabled = false;
        trouble(why);
      }
    };
    on(stage, "keep", () => void keep(), true);
  });
}

export function forgetDrawn(): void {
  held.forEach((each) => each.wipe());
  held = [];
}
