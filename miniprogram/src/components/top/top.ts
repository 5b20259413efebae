import { choose, language, leave, speak, spoken } from "../../lib.ts";
import keys from "./top.wxml";

Component({
  properties: { lang: { type: String, value: "" } },
  data: { t: {} },
  observers: {
    lang() {
      this.setData({ t: spoken(keys) });
    },
  },
  lifetimes: {
    attached() {
      this.setData({ t: spoken(keys) });
    },
  },
  methods: {
    leave,
    other() {
      choose(language() === "zh" ? "en" : "zh");
      void speak();
    },
  },
});
