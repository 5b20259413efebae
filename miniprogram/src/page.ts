// What every screen has: the words of its WXML in the reporter's language, a title, a use of the clock, and no picture of it
// for anybody. Three of them are tabs, with pages of their own; all others share one page (`go.ts`).

import { arrived, restart, type Where } from "./go.ts";
import { language } from "./language.ts";
import { use } from "./leave.ts";
import { look } from "./mine.ts";
import { state } from "./state.ts";
import { trouble } from "./trouble.ts";
import { words } from "./words.ts";

export type PageThis = WechatMiniprogram.Page.Instance<Record<string, any>, Record<string, any>>;

interface Definition {
  /** Key of the title. */
  title?: string;
  data?: Record<string, any>;
  onLoad?(this: PageThis, options: Record<string, string>): void | Promise<void>;
  onShow?(this: PageThis): void | Promise<void>;
  onHide?(this: PageThis): void;
  onUnload?(this: PageThis): void;
  /** Draws what is not in the WXML's own words; called again when the language changes. */
  draw?(this: PageThis): void | Promise<void>;
  [method: string]: unknown;
}

export interface Screen {
  /** Of the words that its WXML names (`t['…']`), as the build finds them. */
  keys: readonly string[];
  definition: Definition;
}

export function screen(keys: readonly string[], definition: Definition & ThisType<PageThis>): Screen {
  return { keys, definition };
}

/** The page of a tab. */
export function tab(keys: readonly string[], definition: Definition & ThisType<PageThis>): void {
  const only = screen(keys, definition);
  make({ tab: only }, () => ({ screen: "tab", options: {} }), definition.data);
}

/** The page of all the others. */
export function screens(all: Record<string, Screen>): void {
  const unwritten = (): Where | undefined => (state.saved !== "" && state.receipt !== null ? { screen: "receipt", options: {} } : undefined);
  make(all, () => arrived() ?? unwritten());
}

const OWN = ["onLoad", "onShow", "onHide", "onUnload"];

/** `where` says which of them an opened page shows, for as long as it is open. */
function make(all: Record<string, Screen>, where: () => Where | undefined, data: Record<string, any> = {}): void {
  const here = (self: PageThis): Definition => (self.here as Screen | undefined)?.definition ?? {};
  const names = new Set(Object.values(all).flatMap(({ definition }) => Object.keys(definition).filter((name) => typeof definition[name] === "function")));
  const call = (self: PageThis, name: string, ...given: unknown[]): unknown => {
    const done = (here(self)[name] as ((...given: unknown[]) => unknown) | undefined)?.apply(self, given);
    // What nobody catches WeChat collects, message and all.
    return done instanceof Promise ? done.catch((why: unknown) => self.setData({ warnings: trouble(why) })) : done;
  };
  const methods = [...names].filter((name) => !OWN.includes(name)).map((name) => [name, function (this: PageThis, ...given: unknown[]): unknown {
    return call(this, name, ...given);
  }]);
  Page({
    ...Object.fromEntries(methods),
    data: { t: {}, lang: "zh", screen: "", ...data },
    onLoad(this: PageThis) {
      const to = where();
      const found = all[to?.screen ?? ""];
      if (to === undefined || found === undefined) return restart();
      this.here = found;
      this.setData({ ...found.definition.data, screen: to.screen });
      this.dress();
      void call(this, "onLoad", to.options);
    },
    onShow(this: PageThis) {
      use();
      veil();
      if (this.here === undefined) return;
      if (this.data.lang !== language()) this.dress();
      void call(this, "onShow");
      void call(this, "draw");
    },
    onHide(this: PageThis) {
      void call(this, "onHide");
    },
    onUnload(this: PageThis) {
      void call(this, "onUnload");
    },
    dress(this: PageThis) {
      const { keys, definition: { title } } = this.here as Screen;
      this.setData({ t: spoken(keys), lang: language() });
      tabs();
      if (title !== undefined) wx.setNavigationBarTitle({ title: words.say(title) });
    },
    /** The language was changed by the bar on top. */
    redress(this: PageThis) {
      if (this.here === undefined) return;
      this.dress();
      void call(this, "draw");
    },
    used: use,
  } as WechatMiniprogram.Page.Options<Record<string, any>, Record<string, any>>);
}

export function spoken(keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, words.say(key)]));
}

const TABS = ["tab-report", "tab-progress", "tab-notice"];

/** Every page that is open, in the new language; the words of a report come from the service. */
export async function speak(): Promise<void> {
  const all = () => getCurrentPages().forEach((open) => (open as PageThis).redress?.());
  all();
  if (state.view === null) return;
  // What does not come stays in the language it is in.
  await look().then(all, () => undefined);
}

/** The bar below; refused where a page has none. */
function tabs(): void {
  TABS.forEach((key, index) => wx.setTabBarItem({ index, text: words.say(key), fail: () => undefined }));
}

/** Where the platform can: no screenshot of any page, and no picture of it in the task switcher. */
function veil(): void {
  if (typeof wx.setVisualEffectOnCapture === "function") wx.setVisualEffectOnCapture({ visualEffect: "hidden", fail: () => undefined });
}
