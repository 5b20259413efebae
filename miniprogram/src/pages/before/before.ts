import { config, page } from "../../lib.ts";
import keys from "./before.wxml";

page(keys, {
  title: "before-title",
  data: { portal: config.portal },
  next() {
    wx.navigateTo({ url: "/pages/agree/agree" });
  },
  read({ currentTarget }: WechatMiniprogram.TouchEvent) {
    wx.navigateTo({ url: `/pages/text/text?of=${currentTarget.dataset.of}` });
  },
});
