// The words of the package, from the files the portal takes its words from. A text stays a text; what is filled in, and
// forms by number, become parts that `src/words.ts` puts together.

import { parse } from "@fluent/syntax";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const MESSAGES = join(dirname(fileURLToPath(import.meta.url)), "../messages");
const FILES = ["common", "portal", "mini"];
/** Of faces and steps that the mini-program has not. */
const LEFT_OUT = /^(desk|figures|notices|explained)-/;

export function words() {
  return Object.fromEntries(["zh", "en"].map((lang) => [lang, Object.assign({}, ...FILES.map((file) => read(`${file}.${lang}.ftl`)))]));
}

function read(file) {
  const { body } = parse(readFileSync(join(MESSAGES, file), "utf8"));
  const entries = body.filter(({ type }) => type !== "Comment" && type !== "GroupComment" && type !== "ResourceComment");
  return Object.fromEntries(entries.filter((entry) => !LEFT_OUT.test(entry.id?.name)).map((entry) => {
    if (entry.type !== "Message" || entry.value === null) throw new Error(`${file}: not understood: ${JSON.stringify(entry).slice(0, 200)}`);
    const parts = pattern(entry.value);
    return [entry.id.name, parts.every((part) => typeof part === "string") ? parts.join("") : parts];
  }));
}

function pattern({ elements }) {
  return elements.map((element) => (element.type === "TextElement" ? element.value : placeable(element.expression)));
}

function placeable(expression) {
  switch (expression.type) {
    case "StringLiteral":
      return expression.value;
    case "VariableReference":
      return [expression.id.name];
    case "SelectExpression": {
      const { selector, variants } = expression;
      const other = variants.find((variant) => variant.default);
      const forms = variants.filter((variant) => !variant.default).map(({ key, value }) => [key.name ?? key.value, pattern(value)]);
      return { of: selector.id.name, forms: Object.fromEntries(forms), other: pattern(other.value) };
    }
    default:
      throw new Error(`not understood: ${expression.type}`);
  }
}
