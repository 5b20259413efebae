import { page } from "../../lib.ts";
import keys from "./notice.wxml";

page(keys, {
  title: "agree-title",
  read({ currentTarget }: WechatMiniprogram.TouchEvent) {
    wx.navigateTo({ url: `/pages/text/text?of=${currentTarget.dataset.of}` });
  },
});
