import { service, spoken } from "../../lib.ts";
import keys from "./notice.wxml";

/** What the reporter reads and agrees to: all of it is the service's own policy. */
Component({
  properties: { lang: { type: String, value: "" } },
  data: { t: {}, notice: { scope: [] as string[], rights: [] as string[], duties: [] as string[], anonymous: [] as string[] }, industries: [] as unknown[], out: [] as unknown[], refused: [] as string[] },
  observers: {
    async lang(lang: string) {
      if (lang === "") return;
      this.setData({ t: spoken(keys) });
      const about = await service().catch(() => undefined);
      if (about === undefined) return;
      this.setData({ notice: about.notice, industries: about.industries, out: about.out_of_scope, refused: about.not_accepted });
    },
  },
});
