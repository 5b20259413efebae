import { filled, keptReceipt, page, Receipt, signIn, state, trouble, words } from "../../lib.ts";
import keys from "./progress.wxml";

/** Where somebody with a receipt comes back. The receipt stays on this device. */
page(keys, {
  title: "mine-sign-title",
  data: { fields: [], problems: [], warnings: [], wait: "", busy: false, kept: false },
  onShow() {
    if (state.saved !== "" && state.receipt !== null) return void wx.reLaunch({ url: "/pages/receipt/receipt" });
    this.setData({ kept: keptReceipt.is() });
  },
  onHide() {
    this.clear();
  },
  /** A field keeps what was typed until it is made anew. */
  clear() {
    this.receipt = "";
    this.setData({ fields: [], problems: [] });
  },
  draw() {
    const receipt = { id: "receipt", kind: "line" as const, keyboard: "number" as const, label: words.say("mine-receipt"), hint: words.say("mine-receipt-hint") };
    this.setData({ fields: filled([receipt], { receipt: (this.receipt as string | undefined) ?? "" }, this.data.problems) });
  },
  typed({ detail }: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.receipt = detail.value;
  },
  useKept() {
    this.receipt = keptReceipt.read();
    return this.go();
  },
  forgetKept() {
    keptReceipt.forget();
    this.setData({ kept: false });
  },
  async go() {
    if (this.data.busy) return;
    let code: Receipt;
    try {
      code = Receipt.parse((this.receipt as string | undefined) ?? "");
    } catch {
      return this.unknown(words.say("mine-unknown"));
    }
    this.setData({ busy: true, problems: [], warnings: [], wait: words.say("return-looking") });
    try {
      const refused = await signIn(code);
      if (refused !== undefined) return this.unknown(refused);
      this.clear();
      wx.navigateTo({ url: state.heir === null ? "/pages/mine/mine" : "/pages/act/act?what=own-receipt" });
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    } finally {
      this.setData({ busy: false, wait: "" });
    }
  },
  unknown(sentence: string) {
    this.setData({ problems: [{ field: "receipt", sentence }] });
    this.draw();
  },
});
