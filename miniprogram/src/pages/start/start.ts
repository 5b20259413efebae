import { config, page, service, state, trouble, words } from "../../lib.ts";
import keys from "./start.wxml";

page(keys, {
  title: "service-portal",
  data: { portal: config.portal, kinds: [], elsewhere: [], phone: "", warnings: [] },
  onLoad({ lapsed }) {
    if (lapsed) this.setData({ warnings: [words.say("mini-lapsed")] });
  },
  async draw() {
    try {
      const about = await service();
      this.setData({
        kinds: about.kinds.filter(({ code }) => code !== "unsure"),
        elsewhere: about.out_of_scope,
        phone: words.say("start-phone", { phone: about.hotline }),
      });
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  begin() {
    // A receipt that is not written down comes first: nobody could look at that report any more.
    if (state.saved !== "" && state.receipt !== null) return wx.reLaunch({ url: "/pages/receipt/receipt" });
    wx.navigateTo({ url: "/pages/before/before" });
  },
  progress() {
    wx.switchTab({ url: "/pages/progress/progress" });
  },
  wechat() {
    wx.navigateTo({ url: "/pages/text/text?of=wechat" });
  },
});
