// Chinese, or English where WeChat itself is set to another language. A choice lasts as long as the mini-program runs.

export type Lang = "zh" | "en";

let chosen: Lang | undefined;

export function language(): Lang {
  return (chosen ??= system().startsWith("zh") ? "zh" : "en");
}

export function choose(lang: Lang): void {
  chosen = lang;
}

function system(): string {
  return (typeof wx.getAppBaseInfo === "function" ? wx.getAppBaseInfo() : wx.getSystemInfoSync()).language ?? "zh";
}
