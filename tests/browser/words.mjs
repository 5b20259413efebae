// The words on the pages, from the same files the pages take them from: a person finds a button by its words, so the
// stories do, too, and rewording a page does not break them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./world.mjs";

const FILES = ["common", "portal", "console", "work", "door", "office", "holders", "mini"];

function read(lang) {
  const words = new Map();
  for (const file of FILES) {
    const text = readFileSync(join(ROOT, `messages/${file}.${lang}.ftl`), "utf8");
    for (const [, key, value] of text.matchAll(/^([a-z][a-z0-9_-]*) =((?:.*)(?:\n +.*)*)/gm)) {
      words.set(key, value.trim());
    }
  }
  return words;
}
const WORDS = { zh: read("zh"), en: read("en") };

/// The sentence `key` as a pattern; what the server fills in is taken from `values` or matches anything.
export function words(lang, key, values = {}) {
  const text = WORDS[lang].get(key);
  if (text === undefined) throw new Error(`no words for ${key} in ${lang}`);
  const [, before, forms, behind] = text.match(/^(.*?)\{ \$\w+ ->\n([^]*?)\n *\}(.*)$/) ?? [];
  if (forms === undefined) return pattern(text, values);
  const each = [...forms.matchAll(/\[\w+\] (.*)/g)].map(([, form]) => pattern(before + form + behind, values));
  return `(?:${each.join("|")})`;
}

function pattern(text, values) {
  const parts = text.split(/\{ ?("[^"]*"|\$[a-z_]+) ?\}/);
  return parts.map((part, i) => {
    if (i % 2 === 0) return escape(part);
    if (part.startsWith('"')) return escape(part.slice(1, -1));
    const value = values[part.slice(1)];
    return value === undefined ? ".+?" : escape(String(value));
  }).join("");
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
