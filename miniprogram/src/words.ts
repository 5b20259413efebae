// The portal's words, from the same files (`messages/*.ftl`), taken apart by the build.

import WORDS from "virtual:words";
import { language } from "./language.ts";

/** Text, the name of what is filled in, or forms by number. */
type Part = string | [string] | { of: string; forms: Record<string, Part[]>; other: Part[] };

type Values = Record<string, string | number>;

export const words = {
  /** The words under `key`, in the reporter's language. */
  say(key: string, values: Values = {}): string {
    const parts = (WORDS as Record<string, Record<string, string | Part[]>>)[language()]![key];
    if (parts === undefined) throw new Error(`no words for ${key}`);
    return typeof parts === "string" ? parts : filled(parts, values);
  },

  /** "There are 2 problems". */
  headline(count: number): string {
    return words.say("errors-headline", { count });
  },
};

function filled(parts: Part[], values: Values): string {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    if (Array.isArray(part)) return String(values[part[0]] ?? `{${part[0]}}`);
    const value = values[part.of];
    const form = part.forms[String(value)] ?? (Number(value) === 1 && language() === "en" ? part.forms.one : undefined);
    return filled(form ?? part.other, values);
  }).join("");
}
