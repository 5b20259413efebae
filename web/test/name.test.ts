// The script of the first question, on as much of a page as it touches.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { forgetChoice, recall, remember } from "../src/reporter/choice.ts";

type Listener = (event: unknown) => void;
const heard = new Map<string, Listener>();
const listen = (kind: string, listener: Listener) => void heard.set(kind, listener);
const tell = (kind: string, event: unknown = {}) => heard.get(kind)?.(event);

interface Radio {
  value: string;
  checked: boolean;
  /** Its form, as a browser takes it from the attribute. */
  form: boolean;
  setAttribute(name: string, value: string): void;
}
const radio = (value: string): Radio => ({
  value,
  checked: false,
  form: true,
  setAttribute(name, value) {
    assert.deepEqual([name, value], ["form", "nowhere"]);
    this.form = false;
  },
});

/** What stands beside the radio buttons in the form. */
let inside: Set<{ name: string; value: string }>;
let radios: Radio[];
let kept: Map<string, string>;
const form = { dataset: { mark: "a1" }, append: (input: { name: string; value: string }) => void inside.add(input) };
const storage = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
  removeItem: (key: string) => void kept.delete(key),
};
const stored = (get: () => unknown) => Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get });

/** As a browser sends the form: what is in it and, of radio buttons, what is checked. */
function sent(): [string, string][] {
  tell("submit", { target: form });
  const answers = radios.filter((each) => each.form && each.checked).map((each) => ["name", each.value]);
  return [...answers, ...[...inside].map(({ name, value }) => [name, value])] as [string, string][];
}

/** The page comes, for the draft with this mark. */
function comes(mark: string): void {
  form.dataset.mark = mark;
  [inside, radios] = [new Set(), [radio("nameless"), radio("sealed")]];
  tell("DOMContentLoaded");
}

const checked = () => radios.filter((each) => each.checked).map((each) => each.value);
const check = (value: string) => radios.forEach((each) => (each.checked = each.value === value));

let loaded = false;
beforeEach(async () => {
  kept = new Map();
  stored(() => storage);
  if (!loaded) {
    Object.assign(globalThis, {
      addEventListener: listen,
      document: {
        addEventListener: listen,
        createElement: () => ({ name: "", value: "", remove(this: { name: string; value: string }) { inside.delete(this); } }),
        getElementById: (id: string) => (id === "step" ? form : null),
        querySelectorAll: (what: string) =>
          what.startsWith("a[") ? [{ addEventListener: (_: string, leave: Listener) => listen("leave", leave) }] : radios,
      },
    });
    await import("../src/reporter/name.ts");
    loaded = true;
  }
  comes("a1");
});

test("whatever is chosen, the form says the same, however often it is pressed, and the answer is shown again", () => {
  for (const answer of ["sealed", "nameless"] as const) {
    comes("a1");
    check(answer);
    for (let press = 0; press < 2; press++) assert.deepEqual(sent(), [["name", "device"]]);
    assert.equal(recall("a1"), answer);
    comes("a1");
    assert.deepEqual(checked(), [answer]);
  }
});

test("where nothing is chosen nothing is said to be, not by a page that comes back either", () => {
  assert.deepEqual(sent(), []);
  assert.equal(kept.size, 0);
  check("sealed");
  sent();
  tell("pagehide");
  forgetChoice();
  tell("pageshow", { persisted: true });
  assert.deepEqual([checked(), sent()], [[], []]);
});

test("a page that the browser keeps shows what is remembered, and only that", () => {
  check("nameless");
  sent();
  tell("pagehide");
  assert.deepEqual(checked(), []);
  tell("pageshow", { persisted: true });
  assert.deepEqual(checked(), ["nameless"]);
  check("sealed");
  tell("pageshow", { persisted: false });
  assert.deepEqual(checked(), ["sealed"], "what is chosen on a page that has just come stays");
});

test("another draft's answer is not taken for this one's, and is forgotten", () => {
  remember("a1", "sealed");
  comes("b2");
  assert.deepEqual([checked(), kept.size], [[], 0]);
  kept.set("name", "b2 yes");
  assert.deepEqual([recall("b2"), kept.size], [null, 0]);
});

test("a browser that keeps nothing sends no more for it: the answer is asked for at the end", () => {
  for (const get of [() => null, () => { throw new Error("SecurityError"); }]) {
    stored(get);
    comes("a1");
    check("sealed");
    assert.deepEqual(sent(), [["name", "device"]]);
    assert.equal(recall("a1"), null);
    forgetChoice();
  }
});

test("leaving forgets the answer, and takes it off the page", () => {
  check("sealed");
  sent();
  tell("leave");
  assert.deepEqual([checked(), kept.size], [[], 0]);
});

test("the page that leaving leads to forgets the answer, from whichever page it was", async () => {
  remember("a1", "sealed");
  await import("../src/reporter/left.ts");
  assert.equal(kept.size, 0);
});
