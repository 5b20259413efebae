// The one thing that may outlive the mini-program: receipts whose holder asked for it, each after a plain warning. They lie
// in WeChat's storage on this phone, where whoever holds the unlocked phone can use them.

import { Receipt } from "../../web/src/core/receipt.ts";

const KEY = "receipts";

export const keptReceipts = {
  /** In the order they were kept, in groups of four. */
  all(): string[] {
    const kept: unknown = wx.getStorageSync(KEY);
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  },

  keep(receipt: Receipt): void {
    const code = receipt.groups().join(" ");
    write([...keptReceipts.all().filter((one) => one !== code), code]);
  },

  forget(at: number): void {
    write(keptReceipts.all().filter((_, i) => i !== at));
  },
};

function write(kept: string[]): void {
  if (kept.length === 0) wx.removeStorageSync(KEY);
  else wx.setStorageSync(KEY, kept);
}
