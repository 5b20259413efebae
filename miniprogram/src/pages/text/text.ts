import { page, partsOf, TEXTS, type Text, titleOf, trouble, words } from "../../lib.ts";
import keys from "./text.wxml";

page(keys, {
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
    wx.reLaunch({ url: "/pages/start/start" });
  },
  read({ currentTarget }: WechatMiniprogram.TouchEvent) {
    wx.navigateTo({ url: `/pages/text/text?of=${currentTarget.dataset.of}` });
  },
});
