// The ways out: pressed, or nobody is there any more. Nothing of a reporter's is left in memory, storage or cache.

import { restart } from "./go.ts";
import { endVisit } from "./mine.ts";
import { forgetSet } from "./service.ts";
import { sweep } from "./shown.ts";
import { forget, holds, waits } from "./state.ts";

/** As long as the portal keeps "my report" on a screen that nobody touches. */
const IDLE_MS = 30 * 60_000;
/** Out of sight for so long counts as left: the phone may be in other hands. */
const AWAY_MS = 5 * 60_000;
const LOOK_MS = 20_000;

let used = Date.now();
let hidden: number | undefined;
/** The platform's own picker of pictures hides a page, too. */
let picking = false;
let lapsed = false;

export function use(): void {
  lapse();
  used = Date.now();
}

/** A picker covers the page: that is not being away, but the clock of use goes on. */
export async function whilePicking<T>(work: () => Promise<T>): Promise<T> {
  picking = true;
  try {
    return await work();
  } finally {
    picking = false;
    hidden = undefined;
    use();
  }
}

/** Forgets everything and closes the mini-program; where that cannot be done, shows the first page. */
export function leave(): void {
  end();
  // The pages are emptied first: what WeChat shows of a closed mini-program is what was last drawn. Both within the tap,
  // without which WeChat does not let a mini-program close itself.
  restart();
  if (typeof wx.exitMiniProgram === "function") wx.exitMiniProgram({ fail: () => undefined });
}

/** Forgets everything, and ends the visit at the service. */
export function end(): void {
  endVisit();
  forget();
  forgetSet();
}

/** When the mini-program starts: also after WeChat has ended it in the middle of something. */
export function watch(): void {
  sweep();
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
  const isOver = now - used >= IDLE_MS || (!picking && hidden !== undefined && now - hidden >= AWAY_MS);
  if (!isOver || waits()) return;
  [used, hidden] = [now, hidden === undefined ? undefined : now];
  if (!holds()) return;
  end();
  lapsed = true;
  restart();
}

/** Whether the first page is shown because of that. */
export function hasLapsed(): boolean {
  const has = lapsed;
  lapsed = false;
  return has;
}
