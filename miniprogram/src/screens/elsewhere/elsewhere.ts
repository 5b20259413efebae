import { screen, service, words } from "../../lib.ts";
import keys from "./elsewhere.wxml";

/** The signpost to the competent department. */
export default screen(keys, {
  title: "elsewhere-title",
  data: { text: "", department: "" },
  onLoad({ sector }) {
    this.sector = sector;
  },
  async draw() {
    const found = (await service()).out_of_scope.find(({ code }) => code === this.sector);
    if (found !== undefined) this.setData({ text: words.say("elsewhere-text", { sector: found.name }), department: found.department });
  },
  again() {
    wx.navigateBack();
  },
});
