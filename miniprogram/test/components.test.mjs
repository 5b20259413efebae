// The components by themselves, as WeChat's own unit tests run them (miniprogram-simulate, in jsdom).

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { JSDOM } from "jsdom";
import { pack } from "../build.mjs";

const require = createRequire(import.meta.url);
let folder, simulate;

before(async () => {
  const { window } = new JSDOM("<!doctype html><body></body>", { pretendToBeVisual: true });
  for (const name of ["window", "document", "HTMLElement", "Element", "Node", "Text", "Event", "CustomEvent", "MutationObserver", "getComputedStyle"]) {
    Object.defineProperty(globalThis, name, { value: name === "window" ? window : window[name], configurable: true, writable: true });
  }
  folder = await pack({ out: mkdtempSync(join(tmpdir(), "mifeng-components-")) });
  simulate = require("miniprogram-simulate");
});
after(() => rmSync(folder, { recursive: true }));

/** One component with these properties, in a page of its own. */
function shown(name, properties) {
  const id = simulate.load(join(folder, `components/${name}/${name}`), { rootPath: folder, less: false });
  const component = simulate.render(id, properties);
  component.attach(document.createElement("parent"));
  return component;
}

test("each kind of field is there, with its label, hint, error and choices", () => {
  const fields = [
    { id: "target", kind: "line", label: "单位", hint: "写个大概也行", heading: false, keyboard: "text", options: [], value: "砖厂", error: "请写单位" },
    { id: "story", kind: "area", label: "经过", hint: "", heading: false, keyboard: "text", options: [], value: "", error: "" },
    { id: "kind", kind: "radios", label: "哪一类", hint: "", heading: true, keyboard: "text", value: "b", error: "", options: [{ value: "a", label: "甲", hint: "", group: "一组", on: false }, { value: "b", label: "乙", hint: "说明", group: "", on: true }] },
    { id: "now", kind: "checks", label: "现在", hint: "", heading: false, keyboard: "text", value: "", error: "", options: [{ value: "x", label: "还在继续", hint: "", group: "", on: false }] },
  ];
  const component = shown("fields", { fields });
  const html = component.dom.innerHTML;
  for (const text of ["单位", "写个大概也行", "请写单位", "经过", "哪一类", "甲", "乙", "说明", "一组", "还在继续"]) assert.ok(html.includes(text), text);
  assert.equal(component.querySelectorAll(".has-error").length, 1);
  assert.equal(component.querySelectorAll(".h1").length, 1);
});

test("what is typed or ticked is told to the page under the field's name", async () => {
  const fields = [
    { id: "target", kind: "line", label: "单位", hint: "", heading: false, keyboard: "text", options: [], value: "", error: "" },
    { id: "now", kind: "checks", label: "现在", hint: "", heading: false, keyboard: "text", value: "", error: "", options: [] },
  ];
  const component = shown("fields", { fields });
  const told = [];
  component.addEventListener("typed", ({ detail }) => told.push(detail));
  component.querySelector(".input").dispatchEvent("input", { detail: { value: "砖厂" } });
  await simulate.sleep(20);
  component.instance.typed({ currentTarget: { dataset: { id: "now" } }, detail: { value: ["ongoing", "danger"] } });
  assert.deepEqual(told, [{ id: "target", value: "砖厂" }, { id: "now", value: "ongoing,danger" }]);
});

test("problems are counted and listed; without any there is nothing", () => {
  assert.equal(shown("problems", { problems: [], warnings: [] }).querySelectorAll(".error-summary, .warning").length, 0);
  const component = shown("problems", { problems: [{ field: "a", sentence: "请写单位" }, { field: "b", sentence: "请选择" }], warnings: ["现在没有网络"] });
  const html = component.dom.innerHTML;
  for (const text of ["有 2 处需要修改", "请写单位", "请选择", "现在没有网络"]) assert.ok(html.includes(text), text);
});

test("the bar on top leaves, forgets and closes, and changes the language of every page", async () => {
  const asked = [];
  const before = { ...wx };
  Object.assign(wx, {
    reLaunch: ({ url }) => asked.push(url), exitMiniProgram: () => asked.push("exit"), request: ({ method }) => (asked.push(method), { abort() {} }),
    getAppBaseInfo: () => ({ language: "zh_CN" }), getFileSystemManager: () => ({ rmdirSync: () => asked.push("rmdir") }), env: { USER_DATA_PATH: "http://usr" },
  });
  const redrawn = [];
  globalThis.getCurrentPages = () => [{ redress: () => redrawn.push(1) }];
  const component = shown("top", { lang: "zh" });
  await simulate.sleep(20);
  assert.match(component.dom.innerHTML, /离开/);
  component.querySelector(".lang").dispatchEvent("tap");
  await simulate.sleep(20);
  assert.deepEqual(redrawn, [1]);
  component.querySelector(".leave").dispatchEvent("tap");
  await simulate.sleep(20);
  assert.deepEqual([...new Set(asked)].sort(), ["/pages/one/one", "DELETE", "exit", "rmdir"]);
  // Nobody waits for an answer with the report still on the screen.
  assert.ok(asked.indexOf("rmdir") < asked.indexOf("exit") && asked.indexOf("/pages/one/one") < asked.indexOf("exit"));
  Object.assign(wx, before);
});

test("the notice is the service's own policy, and nothing without it", async () => {
  const text = { scope: ["受理三类举报"], rights: ["可以不留姓名"], duties: ["如实反映"], anonymous: ["不留姓名一般无法发奖"] };
  const policy = { notice: text, industries: [{ code: "coal", name: "煤矿" }], out_of_scope: [{ code: "rail", name: "铁路", department: "铁路监管" }], not_accepted: ["没有明确对象"] };
  let answers = false;
  wx.request = ({ url, success, fail }) => {
    assert.match(url, /\/api\/v1\/service$/);
    setTimeout(() => (answers ? success({ statusCode: 200, header: {}, data: JSON.stringify(policy) }) : fail({})));
    return { abort() {} };
  };
  const without = shown("notice", { lang: "zh" });
  await simulate.sleep(20);
  assert.ok(!without.dom.innerHTML.includes("煤矿"));
  answers = true;
  // What did not come is asked for again.
  const component = shown("notice", { lang: "zh" });
  await simulate.sleep(50);
  for (const each of ["受理三类举报", "可以不留姓名", "如实反映", "不留姓名一般无法发奖", "煤矿", "铁路", "没有明确对象"]) assert.ok(component.dom.innerHTML.includes(each), each);
});
