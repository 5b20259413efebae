// What every page has: the words of its WXML in the reporter's language, a title, and a use of the clock.

import { language } from "./language.ts";
import { use } from "./leave.ts";
import { words } from "./words.ts";

export type PageThis = WechatMiniprogram.Page.Instance<Record<string, any>, Record<string, any>>;

interface Definition {
  /** Key of the title. */
  title?: string;
  data?: Record<string, any>;
  onLoad?(this: PageThis, options: Record<string, string | undefined>): void | Promise<void>;
  onShow?(this: PageThis): void | Promise<void>;
  /** Draws what is not in the WXML's own words; called again when the language changes. */
  draw?(this: PageThis): void | Promise<void>;
  [method: string]: unknown;
}

/** `keys` are those the page's WXML names (`t['…']`), as the build finds them. */
export function page(keys: readonly string[], definition: Definition & ThisType<PageThis>): void {
  const { title, draw, onLoad, onShow } = definition;
  Page({
    ...definition,
    data: { t: {}, lang: "zh", ...definition.data },
    onLoad(this: PageThis, options: Record<string, string | undefined>) {
      this.dress();
      void onLoad?.call(this, options);
    },
    onShow(this: PageThis) {
      use();
      if (this.data.lang !== language()) this.dress();
      void onShow?.call(this);
      void draw?.call(this);
    },
    dress(this: PageThis) {
      this.setData({ t: spoken(keys), lang: language() });
      tabs();
      if (title !== undefined) wx.setNavigationBarTitle({ title: words.say(title) });
    },
    /** The language was changed by the bar on top. */
    redress(this: PageThis) {
      this.dress();
      void draw?.call(this);
      void this.relook?.();
    },
    used: use,
  } as WechatMiniprogram.Page.Options<Record<string, any>, Record<string, any>>);
}

export function spoken(keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, words.say(key)]));
}

const TABS = ["tab-report", "tab-progress", "tab-notice"];

/** Every page that is open, in the new language. */
export function speak(): void {
  for (const open of getCurrentPages()) (open as PageThis).redress?.();
}

/** The bar below; refused where a page has none. */
function tabs(): void {
  TABS.forEach((key, index) => wx.setTabBarItem({ index, text: words.say(key), fail: () => undefined }));
}
