import { config, open, screen } from "../../lib.ts";
import keys from "./before.wxml";

export default screen(keys, {
  title: "before-title",
  data: { portal: config.portal },
  next() {
    open("agree");
  },
  read({ currentTarget }: WechatMiniprogram.TouchEvent) {
    open("text", { of: currentTarget.dataset.of as string });
  },
});
