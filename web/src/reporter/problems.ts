// The sentence for each thing to mend on the identity page: the same ones the server's page says.

import type { Problem as Mend } from "../core/identity.ts";
import type { Problem } from "./dom.ts";

/** Where the words come from: the page, or the mini-program's package. */
export interface Says {
  say(key: string, values: Record<string, string | number>): string;
}

export function problemsOf(words: Says, problems: readonly Mend[]): Problem[] {
  return problems.map((problem) => ({ field: problem.field, sentence: sentence(words, problem) }));
}

function sentence(words: Says, problem: Mend): string {
  if (problem.code === "receipt") return words.say("receipt-in-field", {});
  return words.say(`error-${problem.code}`, {
    line: problem.line ?? 0, least: problem.least ?? 0, most: problem.most ?? 0,
  });
}
