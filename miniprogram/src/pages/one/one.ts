import { anew, config, hasLapsed, isOut, open, service, state, tab, toTab, trouble, words } from "../../lib.ts";
import keys from "./one.wxml";

tab(keys, {
  title: "service-portal",
  data: { portal: config.portal, kinds: [], elsewhere: [], phone: "", warnings: [] },
  onLoad() {
    if (hasLapsed()) this.setData({ warnings: [words.say("mini-lapsed")] });
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
    if (state.saved !== "" && state.receipt !== null) return anew("receipt");
    // So does one of which it is not known whether it has arrived.
    if (isOut()) return anew("check");
    open("before");
  },
  progress() {
    toTab("progress");
  },
  wechat() {
    open("text", { of: "wechat" });
  },
});
