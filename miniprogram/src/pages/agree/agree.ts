import { page, pageOf, service, state, trouble } from "../../lib.ts";
import keys from "./agree.wxml";

page(keys, {
  title: "agree-title",
  data: { warnings: [] },
  /** Nobody agrees to what did not come. */
  async next() {
    try {
      await service();
    } catch (why) {
      return this.setData({ warnings: trouble(why) });
    }
    state.agreed = true;
    wx.redirectTo({ url: pageOf("name") });
  },
});
