// A mini-program's life without WeChat: its package is run by WeChat's open component framework (glass-easel), in this
// page. What is ours here: the stack of pages and their lifecycle, the bars, and `wx` (wx.js). Kept small on purpose.

import * as glassEasel from "glass-easel";
import { MiniProgramEnv } from "glass-easel-miniprogram-adapter";
import { builtins } from "./builtins.js";
import { makeWx } from "./wx.js";

/** What a browser has and WeChat's runtime may not: the package's code does not see them. */
const UNSEEN = [
  "window", "self", "document", "globalThis", "global", "top", "parent", "frames", "navigator", "location", "history", "localStorage",
  "sessionStorage", "indexedDB", "caches", "fetch", "XMLHttpRequest", "WebSocket", "EventSource", "Worker", "Blob", "File", "FileReader",
  "FormData", "Headers", "Request", "Response", "URL", "URLSearchParams", "TextEncoder", "TextDecoder", "crypto", "CryptoKey", "Crypto",
  "SubtleCrypto", "ReadableStream", "WritableStream", "TransformStream", "AbortController", "AbortSignal", "DOMException", "Event",
  "EventTarget", "CustomEvent", "performance", "structuredClone", "queueMicrotask", "atob", "btoa", "WebAssembly", "Intl", "eval",
  "addEventListener", "removeEventListener", "dispatchEvent", "requestAnimationFrame", "alert", "confirm", "prompt", "open",
];

glassEasel.globalOptions.throwGlobalError = false;
glassEasel.addGlobalErrorListener((why) => void host.failed.push(String(why?.stack ?? why)));
glassEasel.addGlobalWarningListener((message) => void host.warned.push(String(message)));

const OF_COMPONENTS = ["input", "change", "confirm"];

const stack = [];
/** For whoever drives this page from outside. */
export const host = { failed: [], warned: [], missing: [], files: new Map(window.leftFiles), closed: false, stack };
window.host = host;
addEventListener("error", ({ message }) => host.failed.push(message));
addEventListener("unhandledrejection", ({ reason }) => host.failed.push(String(reason?.stack ?? reason)));

const pack = await (await fetch("/package")).json();
const json = (path) => JSON.parse(pack.files[path] ?? "{}");
const app = json("app.json");
const tabs = app.tabBar.list.map(({ pagePath }) => pagePath);

const templates = new Function(`return ${pack.templates}`)();
const compiled = (path) => ({ groupList: templates, content: templates[path] });

const env = new MiniProgramEnv();
const space = env.createCodeSpace("main", true);
builtins(env.getGlobalCodeSpace().getComponentSpace(), space.getComponentSpace(), () => compiled("host/slot"));
const screen = new glassEasel.CurrentWindowBackendContext();
// Taps and touches come from the screen. What is typed or chosen the built-in components tell themselves.
screen.onEvent((target, type, detail, options) => {
  if (OF_COMPONENTS.includes(type)) return undefined;
  const event = new glassEasel.Event(type, detail, options);
  glassEasel.Event.dispatchEvent(target, event);
  return event.getEventBubbleStatus();
});
const backend = env.associateBackend(screen);

const life = { navigate, redirect, back, relaunch, tab, exit, title, tabText, current: () => stack.at(-1), pages: () => stack.map(({ page }) => page) };
const wx = makeWx(host, life);
const modules = new Map();
let application = {};
/** `Page` and `Component` belong to the file that is being loaded, whoever calls them. */
let constructing = {};
const global = {
  App: (definition) => (application = definition),
  Page: (definition) => constructing.Page(definition),
  Component: (definition) => constructing.Component(definition),
};

register();
run("app");
application.onLaunch?.({});
application.onShow?.({});
await relaunch(app.pages[0]);
document.addEventListener("visibilitychange", () => (document.hidden ? host.hide() : host.show()));
by("back").addEventListener("click", () => back(1));
by("close").addEventListener("click", () => host.hide());
/** WeChat's own button on a page without a way back. */
host.home = () => relaunch(app.pages[0]);
host.hide = () => (stack.at(-1)?.page.onHide?.(), application.onHide?.());
host.show = () => (application.onShow?.({}), stack.at(-1)?.page.onShow?.());
/** Opened anew from WeChat's list, while the runtime is still there. */
host.reopen = () => {
  [host.closed, document.body.hidden] = [false, false];
  host.show();
};
/** What a module of the package holds, for whoever looks into its memory. */
host.module = (path) => modules.get(path);
host.ready = true;

function register() {
  space.addStyleSheet("app", "app.wxss");
  backend.registerStyleSheetContent("app.wxss", pack.files["app.wxss"]);
  const components = Object.values(app.usingComponents).map((path) => path.replace(/^\//, ""));
  for (const path of [...components, ...app.pages]) {
    const own = json(`${path}.json`);
    space.addComponentStaticConfig(path, { ...own, usingComponents: { ...app.usingComponents, ...own.usingComponents } });
    space.addCompiledTemplate(path, compiled(path));
    space.componentEnv(path, (constructors) => {
      constructing = constructors;
      run(path);
    });
  }
}

/** A file of the package, as CommonJS, in sight of nothing but the language, `wx` and what WeChat gives its files. */
function run(path) {
  const module = { exports: {} };
  const require = (wanted) => load(resolve(path, wanted));
  const names = { wx, module, exports: module.exports, require, getCurrentPages: life.pages, getApp: () => application, console, setTimeout, clearTimeout, setInterval, clearInterval, ...global };
  const hidden = UNSEEN.filter((name) => !(name in names));
  new Function(...Object.keys(names), ...hidden.filter((name) => name !== "eval"), `"use strict";${pack.files[`${path}.js`]}`)(...Object.values(names));
  return module.exports;
}

function load(path) {
  if (!modules.has(path)) modules.set(path, run(path));
  return modules.get(path);
}

function resolve(from, wanted) {
  const parts = from.split("/").slice(0, -1);
  for (const part of wanted.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/").replace(/\.js$/, "");
}

function open(url) {
  const [route, query = ""] = url.replace(/^\//, "").split("?");
  if (!app.pages.includes(route)) throw new Error(`no page ${route}`);
  const root = backend.createRoot("page", space, route);
  const page = root.get();
  const place = document.createElement("div");
  by("stack").append(place);
  const entry = { route, root, page };
  stack.push(entry);
  title("");
  page.route = route;
  page.onLoad?.(Object.fromEntries(new URLSearchParams(query)));
  root.attach(by("stack"), place);
  entry.element = root.getComponent().getBackendElement();
  aria(entry.element);
  page.onShow?.();
  page.onReady?.();
  furniture();
}

function close() {
  const { root, page, element } = stack.pop();
  page.onUnload?.();
  root.release();
  element.remove();
}

function furniture() {
  stack.forEach(({ element }, i) => (element.hidden = i < stack.length - 1));
  const { route, name } = stack.at(-1) ?? {};
  by("title").textContent = name ?? "";
  by("back").hidden = stack.length < 2;
  by("stack").scrollTop = 0;
  const bar = by("tabs");
  bar.hidden = !tabs.includes(route);
  bar.replaceChildren(...app.tabBar.list.map(({ pagePath, text }) => {
    const button = document.createElement("button");
    button.textContent = text;
    if (pagePath === route) button.setAttribute("aria-current", "page");
    button.addEventListener("click", () => pagePath !== route && tab(pagePath));
    return button;
  }));
}

const MOST_PAGES = 10;

async function navigate(url) {
  if (stack.length >= MOST_PAGES) throw new Error("webview count limit exceed");
  if (tabs.includes(url.replace(/^\//, "").split("?")[0])) throw new Error("can not navigateTo a tabbar page");
  stack.at(-1)?.page.onHide?.();
  open(url);
}

async function redirect(url) {
  close();
  open(url);
}

async function back(delta) {
  for (let i = 0; i < delta && stack.length > 1; i++) close();
  stack.at(-1)?.page.onShow?.();
  furniture();
}

async function relaunch(url) {
  while (stack.length > 0) close();
  open(url);
}

async function tab(url) {
  if (!tabs.includes(url.replace(/^\//, ""))) throw new Error("can not switch to no-tabBar page");
  while (stack.length > 0) close();
  open(url);
}

/** Off the screen. WeChat may keep the runtime and every page of it for as long as it likes, and show it again. */
function exit() {
  host.hide();
  host.closed = true;
  document.body.hidden = true;
}

function title(text) {
  const top = stack.at(-1);
  if (top) top.name = text;
  if (by("title")) by("title").textContent = text;
}

function tabText(index, text) {
  app.tabBar.list[index].text = text;
  if (stack.length > 0) furniture();
}

/** WeChat writes roles as `aria-role`, and knows no levels of headings: here the class tells. */
function aria(element) {
  const set = (each) => {
    const role = each.getAttribute?.("aria-role") ?? null;
    if (role === null) return;
    each.removeAttribute("aria-role");
    if (role === "") return each.removeAttribute("role");
    each.setAttribute("role", role);
    if (role === "heading") each.setAttribute("aria-level", /\bh(\d)\b/.exec(each.className)?.[1] ?? "2");
  };
  const all = (each) => each.nodeType === 1 && [each, ...each.querySelectorAll("[aria-role]")].forEach(set);
  all(element);
  new MutationObserver((changes) => changes.forEach(({ target, addedNodes }) => [target, ...addedNodes].forEach(all)))
    .observe(element, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-role"] });
}

function by(id) {
  return document.getElementById(id);
}
