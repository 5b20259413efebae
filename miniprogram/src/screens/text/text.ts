import { open, partsOf, restart, screen, TEXTS, type Text, titleOf, trouble, words } from "../../lib.ts";
import keys from "./text.wxml";

export default screen(keys, {
  data: { heading: "", parts: [], more: [], again: false, warnings: [] },
  onLoad({ of = "" }) {
    this.of = TEXTS.find((each) => each === of) ?? "help";
  },
  async draw() {
    const of = this.of as Text;
    const heading = titleOf(of);
    const more = of === "help" ? [{ of: "kept", text: words.say("help-kept") }, { of: "wechat", text: words.say("mini-sees-go") }] : [];
    this.setData({ heading, more, again: of === "out", warnings: [] });
    wx.setNavigationBarTitle({ title: heading });
    try {
      this.setData({ parts: await partsOf(of) });
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  start() {
    restart();
  },
  read({ currentTarget }: WechatMiniprogram.TouchEvent) {
    open("text", { of: currentTarget.dataset.of as string });
  },
});
