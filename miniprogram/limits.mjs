// What WeChat allows a package, and what we allow ourselves: fails with a line for each thing that is wrong.
//
//   node limits.mjs [FOLDER]

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Of the main package (the platform's limit), in bytes. */
const MOST_BYTES = 2 * 1024 * 1024;
/** Files that WeChat takes into a package, and no other. */
const ENDINGS = [".js", ".json", ".wxml", ".wxss", ".txt"];

/** Every `wx.` name that may be used. None of them asks who somebody is, where they are, or for a standing permission. */
const ALLOWED = [
  "chooseMedia", "chooseMessageFile", "env", "exitMiniProgram", "getAppBaseInfo", "getFileSystemManager", "getRandomValues", "getStorageSync",
  "getSystemInfoSync", "navigateBack", "navigateTo", "onNetworkStatusChange", "openDocument", "pageScrollTo", "previewImage", "reLaunch",
  "redirectTo", "removeStorageSync", "request", "setNavigationBarTitle", "setStorageSync", "setTabBarItem", "setVisualEffectOnCapture",
  "switchTab",
];
/** In app.json: everything else would ask for more. */
const APP_KEYS = [
  "__usePrivacyCheck__", "darkmode", "lazyCodeLoading", "pages", "sitemapLocation", "style", "tabBar", "themeLocation", "usingComponents", "window",
];
const TAGS = [
  "block", "button", "checkbox", "checkbox-group", "field-list", "input", "label", "notice-text", "page-meta", "problem-list", "progress", "radio",
  "radio-group", "text", "textarea", "top-bar", "view",
];
/** In code: what the platform forbids or a phone does not have, and ways around the list of hosts. */
const NEVER = [/\beval\s*\(/, /\bnew Function\b/, /\bWebAssembly\b/, /\b(window|document)\s*\./, /\blocalStorage\b/, /\bXMLHttpRequest\b/, /\bWebSocket\b/, /\bopen-type\b/];
/** Addresses in libraries' own messages: names of documents, asked for by nobody. */
const NAMES = [];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = limits(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "dist"));
  for (const line of wrong) console.error(line);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

/** All that is wrong with the package in this folder. */
export function limits(folder) {
  const wrong = [];
  const names = readdirSync(folder, { recursive: true }).map((name) => name.split("\\").join("/")).filter((name) => statSync(join(folder, name)).isFile());
  const text = (name) => readFileSync(join(folder, name), "utf8");
  const bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  if (bytes >= MOST_BYTES) wrong.push(`the package has ${bytes} bytes; ${MOST_BYTES} are too many`);
  for (const name of names.filter((name) => !ENDINGS.some((ending) => name.endsWith(ending)))) wrong.push(`${name}: no such file belongs into a package`);

  const app = JSON.parse(text("app.json"));
  for (const key of Object.keys(app).filter((key) => !APP_KEYS.includes(key))) wrong.push(`app.json: ${key}`);
  for (const page of app.pages) {
    for (const ending of ["js", "json", "wxml"]) if (!existsSync(join(folder, `${page}.${ending}`))) wrong.push(`${page}.${ending} is missing`);
  }
  for (const { pagePath } of app.tabBar.list) if (!app.pages.includes(pagePath)) wrong.push(`app.json: the tab ${pagePath} is no page`);
  if (JSON.parse(text("sitemap.json")).rules.some(({ action }) => action !== "disallow")) wrong.push("sitemap.json: something may be indexed");

  const { origin, portal } = config(text("config.js"));
  if (!/^https:\/\/[a-z0-9.-]+$/.test(origin) && !/^http:\/\/127\.0\.0\.1:\d+$/.test(origin)) wrong.push(`config.js: ${origin} is no https host without port or path`);
  for (const name of names.filter((name) => /\.(js|wxml|wxss|json)$/.test(name))) {
    for (const [address] of text(name).matchAll(/\b(?:https?|wss?):\/\/[\w.:-]*\w/g)) {
      if (![origin, portal, ...NAMES].includes(address)) wrong.push(`${name}: names ${address}`);
    }
  }
  for (const name of names.filter((name) => name.endsWith(".js"))) {
    for (const [url] of text(name).matchAll(/\/pages\/[\w/]+\?/g)) wrong.push(`${name}: ${url} tells WeChat what is looked at`);
    for (const [, api] of text(name).matchAll(/\bwx\.(\w+)/g)) if (!ALLOWED.includes(api)) wrong.push(`${name}: wx.${api}`);
    if (/\bwx\s*\[/.test(text(name))) wrong.push(`${name}: wx[…]`);
    for (const never of NEVER) if (never.test(text(name))) wrong.push(`${name}: ${never}`);
  }
  for (const name of names.filter((name) => name.endsWith(".wxml"))) {
    for (const [, tag] of text(name).matchAll(/<([a-z][\w-]*)/g)) if (!TAGS.includes(tag)) wrong.push(`${name}: <${tag}>`);
    if (/\bopen-type\b/.test(text(name))) wrong.push(`${name}: open-type`);
  }
  return wrong;
}

function config(text) {
  const module = { exports: {} };
  new Function("module", text)(module);
  return module.exports;
}
