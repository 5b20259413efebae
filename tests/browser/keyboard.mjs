// Somebody without a mouse: goes from stop to stop, and at each it must be seen where one is.

import assert from "node:assert/strict";

/// The words of what has the focus, and whether that is seen.
export const focused = (page) => page.evaluate(() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const shown = at.checkVisibility() && box.width > 8 && box.right > 0 && box.bottom > 0;
  const marked = style.boxShadow !== "none" || style.outlineColor !== "rgba(0, 0, 0, 0)";
  const label = at.labels?.[0]?.innerText ?? "";
  return { words: at.innerText || at.value || "", label, type: at.type, clear: shown && marked };
});

/// Presses Tab until what is `wanted` has the focus: its words, its value or its label, a pattern they fit, or { type }.
export async function tabTo(page, wanted) {
  const is = (text) => (wanted instanceof RegExp ? wanted.test(text) : text.trim() === wanted);
  const fits = ({ words, label, type }) => (wanted.type ? wanted.type === type : is(words) || is(label));
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    assert.ok(at.clear, `nothing shows that "${at.words || at.label}" has the focus`);
    if (fits(at)) return;
  }
  assert.fail(`${wanted.type ?? wanted} cannot be reached on ${page.url()}`);
}

export const enter = (page, to) => Promise.all([page.waitForURL(`**${to}`), page.keyboard.press("Enter")]);
