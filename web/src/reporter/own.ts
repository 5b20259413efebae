// A receipt that staff issued opens nothing but this: the reporter draws one of their own on this device, writes it down,
// and only then does it take over. Until then the old one is good, whatever breaks.

import { fromHex, toBase64, toHex, wipe } from "../core/bytes.ts";
import { signHandover } from "../core/handover.ts";
import { random } from "../core/random.ts";
import { Receipt } from "../core/receipt.ts";
import { persist, post } from "./ask.ts";
import { byId, complain, on, show, showReceipt, slot, typed } from "./dom.ts";
import { config, recipients, type View, words } from "./mine.ts";
import { sealFor } from "./sealing.ts";

/** What the server says to a receipt that staff issued. */
export interface Heir {
  own_receipt: { once: string; report: string; instance: string };
}

let held: Receipt[] = [];

/** `taken` gets the new receipt and the report it opens; `old` and, on failure, the new one are wiped by `forgetDrawn`. */
export function drawOwn(
  old: Receipt, about: Heir["own_receipt"], taken: (own: Receipt, view: View) => void, trouble: (why: unknown) => void,
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
        const body = await order(old, own, about);
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

/** Hashes, public halves and sealed bytes of the new receipt, and the old one's signature over them. */
async function order(old: Receipt, own: Receipt, about: Heir["own_receipt"]): Promise<Record<string, unknown>> {
  const { once, report, instance } = about;
  const auditKey = own.auditKey();
  try {
    const heir = { instance, report: fromHex(report), claimKey: own.claimKey(), auditKey };
    return {
      once,
      handover: toBase64(signHandover(old, heir)),
      locator: toHex(own.locatorHash()),
      auth: toHex(own.authHash()),
      audit_key: toHex(auditKey),
      mailbox: own.mailboxRecipient(),
      claim_key: toBase64(own.claimKey()),
      sealed: await sealFor(report, own, await recipients(), null),
    };
  } finally {
    wipe(auditKey);
  }
}
