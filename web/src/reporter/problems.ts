// The sentence for each thing to mend on the identity page: the same ones the server's page says.

import type { Problem as Mend } from "../core/identity.ts";
import type { Problem, Wording } from "./dom.ts";

export function problemsOf(words: Wording, problems: readonly Mend[]): Problem[] {
  return problems.map((problem) => ({ field: problem.field, sentence: sentence(words, problem) }));
}

function sentence(words: Wording, problem: Mend): string {
  if (problem.code === "receipt") return words.say("receipt-in-field");
  return words.say(`error-${problem.code}`, { line: problem.line ?? 0, most: problem.most ?? 0 });
}
