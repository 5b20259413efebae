import { use, words } from "../../lib.ts";

Component({
  properties: { fields: { type: Array, value: [] } },
  data: { prefix: "" },
  observers: {
    fields() {
      this.setData({ prefix: words.say("error-prefix") });
    },
  },
  methods: {
    /** Tells the page which field says what now; several ticks are told as one text. */
    typed({ currentTarget, detail }: WechatMiniprogram.CustomEvent<{ value: string | string[] }>) {
      use();
      const value = Array.isArray(detail.value) ? detail.value.join(",") : detail.value;
      this.triggerEvent("typed", { id: currentTarget.dataset.id as string, value });
    },
  },
});
