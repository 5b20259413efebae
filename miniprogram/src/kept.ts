// The one thing that may outlive the mini-program: a receipt whose holder asked for it, after a plain warning. It lies in
// WeChat's storage on this phone, where whoever holds the unlocked phone can use it.

import { Receipt } from "../../web/src/core/receipt.ts";

const KEY = "receipt";

export const keptReceipt = {
  is: (): boolean => keptReceipt.read() !== "",

  read(): string {
    const kept: unknown = wx.getStorageSync(KEY);
    return typeof kept === "string" ? kept : "";
  },

  keep(receipt: Receipt): void {
    wx.setStorageSync(KEY, receipt.groups().join(" "));
  },

  forget(): void {
    wx.removeStorageSync(KEY);
  },
};
