// The ways out: pressed, or nobody is there any more. Nothing of a reporter's is left in memory, storage or cache.

import { forget, holds, waits } from "./state.ts";
import { API, forgetSet } from "./service.ts";
import { fetch } from "./platform/http.ts";

/** As long as the portal keeps "my report" on a screen that nobody touches. */
const IDLE_MS = 30 * 60_000;
/** Out of sight for so long counts as left: the phone may be in other hands. */
const AWAY_MS = 5 * 60_000;
const LOOK_MS = 20_000;

let used = Date.now();
let hidden: number | undefined;
/** The platform's own picker of pictures hides a page, too. */
let picking = false;

export function use(): void {
  lapse();
  used = Date.now();
}

export async function whilePicking<T>(work: () => Promise<T>): Promise<T> {
  picking = true;
  try {
    return await work();
  } finally {
    picking = false;
    [used, hidden] = [Date.now(), undefined];
  }
}

/** Forgets everything and closes the mini-program; where that cannot be done, shows the first page. */
export function leave(): void {
  end();
  // The pages are emptied first: what WeChat shows of a closed mini-program is what was last drawn. Both within the tap,
  // without which WeChat does not let a mini-program close itself.
  wx.reLaunch({ url: "/pages/start/start" });
  if (typeof wx.exitMiniProgram === "function") wx.exitMiniProgram({ fail: () => undefined });
}

/** Ends the visit at the service, too; whether that arrives is not waited for. */
export function end(): void {
  void fetch(`${API}/visits`, { method: "DELETE" }).catch(() => undefined);
  forget();
  forgetSet();
}

export function watch(): void {
  setInterval(lapse, LOOK_MS);
}

export function shown(): void {
  lapse();
  hidden = undefined;
}

export function hide(): void {
  if (!picking) hidden = Date.now();
}

function lapse(): void {
  const now = Date.now();
  const isOver = now - used >= IDLE_MS || (hidden !== undefined && now - hidden >= AWAY_MS);
  if (!isOver || picking || waits()) return;
  [used, hidden] = [now, hidden === undefined ? undefined : now];
  if (!holds()) return;
  end();
  wx.reLaunch({ url: "/pages/start/start?lapsed=1" });
}
