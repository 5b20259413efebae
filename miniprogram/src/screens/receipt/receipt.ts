import { anew, filled, keptReceipts, putAway, restart, screen, state, words } from "../../lib.ts";
import keys from "./receipt.wxml";

/** The receipt, once; then the test whether it was written down. */
export default screen(keys, {
  title: "receipt-title",
  data: { stage: "", asking: false, remembered: false, saved: "", groups: [], spoken: "", fields: [], problems: [] },
  onLoad() {
    if (state.receipt === null) return restart();
    this.setData({ stage: "shown" });
  },
  draw() {
    const groups = state.receipt?.groups() ?? [];
    const last = { id: "last", kind: "line" as const, keyboard: "number" as const, label: words.say("receipt-check-label"), hint: words.say("receipt-check-hint") };
    this.setData({ saved: state.saved, groups, spoken: groups.join(" "), fields: filled([last], {}, this.data.problems) });
  },
  ask() {
    this.setData({ asking: true });
  },
  /** Only here, only after the warning, and only when asked for. */
  keep() {
    if (state.receipt !== null) keptReceipts.keep(state.receipt);
    this.setData({ remembered: true });
  },
  written() {
    this.setData({ stage: "check" });
  },
  typed({ detail }: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.last = detail.value;
  },
  check() {
    if (state.receipt?.endsWith((this.last as string | undefined) ?? "")) return this.putAway();
    this.setData({ problems: [{ field: "last", sentence: words.say("receipt-check-wrong") }] });
    this.draw();
  },
  async putAway() {
    this.setData({ groups: [], spoken: "" });
    await putAway();
    anew("files");
  },
});
