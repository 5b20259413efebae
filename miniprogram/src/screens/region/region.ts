import { anew, below, find, instead, isOut, onward, open, type Place, regions, screen, screenOf, state, trouble, words } from "../../lib.ts";
import keys from "./region.wxml";

type Named = Pick<Place, "code" | "name">;

/** By name, or province, city, county. */
export default screen(keys, {
  title: "region-title",
  data: { query: "", found: [], none: "", foundTitle: "", list: [], within: [], listTitle: "", onlyTitle: "", chosen: "", warnings: [] },
  onLoad({ change = "" }) {
    this.setData({ change });
  },
  onShow() {
    if (isOut()) anew("check");
  },
  async draw() {
    const within = this.data.within as Named[];
    const place = within.map(({ name }) => name).join("");
    const { region, "region-name": name } = state.answers;
    this.setData({
      listTitle: place === "" ? words.say("region-list") : words.say("region-list-in", { place }),
      onlyTitle: words.say("region-only", { place }),
      chosen: region ? words.say("region-chosen", { place: name ?? "" }) : "",
    });
    try {
      this.setData({ list: below(await regions(), within[within.length - 1]?.code ?? null), warnings: [] });
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  typed({ detail }: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.query = detail.value;
  },
  async find() {
    const query = ((this.query as string | undefined) ?? "").trim();
    if (query === "") return;
    try {
      const found = find(await regions(), query);
      this.setData({
        query, found, warnings: [],
        none: found.length === 0 ? words.say("region-none", { query }) : "",
        foundTitle: words.say("region-found", { query }),
      });
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  down({ currentTarget: { dataset } }: WechatMiniprogram.TouchEvent) {
    const { code, name, more } = dataset as Place;
    const within = [...(this.data.within as Named[]), { code, name }];
    if (!more) return this.choose(code, within.map((each) => each.name).join(" "));
    this.setData({ within });
    void this.draw();
  },
  up() {
    this.setData({ within: (this.data.within as Named[]).slice(0, -1) });
    void this.draw();
  },
  only() {
    const within = this.data.within as Named[];
    return this.choose(within[within.length - 1]!.code, within.map(({ name }) => name).join(" "));
  },
  take({ currentTarget: { dataset } }: WechatMiniprogram.TouchEvent) {
    return this.choose(dataset.code as string, dataset.name as string);
  },
  async choose(code: string, name: string) {
    Object.assign(state.answers, { region: code, "region-name": name });
    await this.keep();
  },
  async keep() {
    try {
      const next = screenOf(await onward());
      if (this.data.change) instead(...next);
      else open(...next);
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
});
