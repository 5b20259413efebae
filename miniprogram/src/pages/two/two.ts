import { anew, filled, isOut, keptReceipts, open, Receipt, signIn, state, tab, trouble, words, wrote } from "../../lib.ts";
import keys from "./two.wxml";

/** Where somebody with a receipt comes back. The receipt stays on this device. */
tab(keys, {
  title: "mine-sign-title",
  data: { fields: [], problems: [], warnings: [], wait: "", said: "", busy: false, kept: [] },
  onShow() {
    if (state.saved !== "" && state.receipt !== null) return anew("receipt");
    // Whoever looks at another report meanwhile would end the visit in which this one is being sent.
    if (isOut()) return anew("check");
    this.setData({ said: wrote.take() });
  },
  onHide() {
    this.clear();
  },
  /** A field keeps what was typed until it is made anew. */
  clear() {
    state.typed = "";
    this.setData({ fields: [], problems: [] });
  },
  draw() {
    this.remembered();
    const receipt = { id: "receipt", kind: "line" as const, keyboard: "number" as const, label: words.say("mine-receipt"), hint: words.say("mine-receipt-hint") };
    this.setData({ fields: filled([receipt], { receipt: state.typed }, this.data.problems) });
  },
  typed({ detail }: WechatMiniprogram.CustomEvent<{ value: string }>) {
    state.typed = detail.value;
  },
  /** Those that this phone remembers, by their last group. */
  remembered() {
    const kept = keptReceipts.all().map((code, n) => {
      const last = code.slice(-4);
      return { n, use: words.say("mini-kept-use", { last }), forget: words.say("mini-kept-forget", { last }) };
    });
    this.setData({ kept });
  },
  useKept({ currentTarget }: WechatMiniprogram.TouchEvent) {
    state.typed = keptReceipts.all()[currentTarget.dataset.n as number] ?? "";
    return this.go();
  },
  forgetKept({ currentTarget }: WechatMiniprogram.TouchEvent) {
    keptReceipts.forget(currentTarget.dataset.n as number);
    this.remembered();
  },
  async go() {
    if (this.data.busy) return;
    let code: Receipt;
    try {
      code = Receipt.parse(state.typed);
    } catch {
      return this.unknown(words.say("mine-unknown"));
    }
    this.setData({ busy: true, problems: [], warnings: [], wait: words.say("return-looking") });
    try {
      const refused = await signIn(code);
      if (refused !== undefined) return this.unknown(refused);
      this.clear();
      state.heir === null ? open("mine") : open("act", { what: "own-receipt" });
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
