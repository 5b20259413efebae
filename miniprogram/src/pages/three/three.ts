import { open, tab } from "../../lib.ts";
import keys from "./three.wxml";

tab(keys, {
  title: "agree-title",
  read({ currentTarget }: WechatMiniprogram.TouchEvent) {
    open("text", { of: currentTarget.dataset.of as string });
  },
});
