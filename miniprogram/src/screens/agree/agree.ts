import { instead, screen, service, state, trouble } from "../../lib.ts";
import keys from "./agree.wxml";

export default screen(keys, {
  title: "agree-title",
  data: { ready: false, warnings: [] },
  /** Nobody agrees to what did not come. */
  async draw() {
    try {
      await service();
      this.setData({ ready: true, warnings: [] });
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  next() {
    state.agreed = true;
    instead("step", { step: "name" });
  },
});
