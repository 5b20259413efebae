// From screen to screen. WeChat writes down which of a mini-program's pages somebody opens, addresses and all: it gets one
// page to see, opened again. Which screen that shows is told in memory.

const PAGE = "/pages/page/page";
const TABS = { report: "/pages/one/one", progress: "/pages/two/two" };
/** Pressed again within this time, a button is not obeyed twice; should the platform lose an answer, it works again then. */
const TWICE_MS = 1_500;

export interface Where {
  screen: string;
  options: Record<string, string>;
}

interface Told {
  url: string;
  fail(): void;
  complete(): void;
}

let coming: Where[] = [];
let moving = 0;

/** On top of the screen that is shown, which "back" returns to. */
export function open(screen: string, options: Record<string, string> = {}): void {
  go((told) => wx.navigateTo(told), { screen, options });
}

/** In its place. */
export function instead(screen: string, options: Record<string, string> = {}): void {
  go((told) => wx.redirectTo(told), { screen, options });
}

/** In place of everything. */
export function anew(screen: string, options: Record<string, string> = {}): void {
  [coming, moving] = [[], 0];
  go((told) => wx.reLaunch(told), { screen, options });
}

/** The screen for the page that loads now; none if WeChat brought the page back by itself. */
export function arrived(): Where | undefined {
  return coming.shift();
}

/** To the first page, and nothing behind it. */
export function restart(): void {
  [coming, moving] = [[], 0];
  wx.reLaunch({ url: TABS.report });
}

export function toTab(tab: keyof typeof TABS): void {
  [coming, moving] = [[], 0];
  wx.switchTab({ url: TABS[tab] });
}

function go(way: (told: Told) => void, where: Where): void {
  const now = Date.now();
  if (now - moving < TWICE_MS) return;
  moving = now;
  coming.push(where);
  way({
    url: PAGE,
    fail: () => void (coming = coming.filter((each) => each !== where)),
    complete: () => void (moving = 0),
  });
}
