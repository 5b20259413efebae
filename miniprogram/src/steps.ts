// The portal's questions, in the portal's order (`src/portal/steps.rs`): their fields, and what is wrong with an answer.

import type { Length } from "../../web/src/core/identity.ts";
import { Receipt } from "../../web/src/core/receipt.ts";
import { characters, trim } from "../../web/src/core/typed.ts";
import { language } from "./language.ts";
import { recipients, service, type Service } from "./service.ts";
import { type Answers, state } from "./state.ts";
import { words } from "./words.ts";

export const STEPS = ["name", "region", "kind", "industry", "place", "story"] as const;
export type Step = (typeof STEPS)[number];

export interface Option {
  value: string;
  label: string;
  hint?: string;
  /** Heading above it. */
  group?: string;
  on?: boolean;
}

export interface Shown {
  id: string;
  kind: "line" | "area" | "radios" | "checks";
  label: string;
  hint?: string;
  /** Its label is the page's heading. */
  heading?: boolean;
  /** The keyboard that is shown. */
  keyboard?: "text" | "number" | "idcard";
  options?: Option[];
  value?: string;
  error?: string;
}

export interface Problem {
  field: string;
  sentence: string;
}

/** With what was answered, and what is wrong with it. */
export function filled(fields: Shown[], answers: Answers, problems: Problem[] = []): Shown[] {
  return fields.map((field) => {
    const value = answers[field.id] ?? "";
    const chosen = value.split(",");
    const error = problems.find((problem) => problem.field === field.id)?.sentence ?? "";
    const options = (field.options ?? []).map((one) => ({ hint: "", group: "", ...one, on: chosen.includes(one.value) }));
    return { hint: "", heading: false, keyboard: "text" as const, ...field, options, value, error };
  });
}

export const optional = (label: string) => `${label}${language() === "en" ? " " : ""}${words.say("optional")}`;

/** What `name` may be. */
export const [NAMELESS, SEALED] = ["none", "sealed"];

export async function fieldsOf(step: Exclude<Step, "region">): Promise<Shown[]> {
  const about = await service();
  const say = words.say;
  switch (step) {
    case "name": {
      const nameless = { value: NAMELESS!, label: say("name-nameless"), hint: say(about.rewards ? "name-nameless-hint" : "name-none-asked-hint") };
      const radios = { id: "name", kind: "radios" as const, label: say("name-title"), heading: true };
      if (!about.rewards) return [{ ...radios, options: [nameless] }];
      const { threshold } = await recipients();
      const sealed = { value: SEALED!, label: say("name-sealed"), hint: say("name-sealed-hint", { trustees: threshold }) };
      return [{ ...radios, options: [nameless, sealed] }];
    }
    case "kind": {
      const [unsure, kinds] = [true, false].map((is) => about.kinds.filter(({ code }) => (code === "unsure") === is)) as [Service["kinds"], Service["kinds"]];
      const options = [...kinds, ...unsure].map(({ code, name, hint }) => ({ value: code, label: name, hint }));
      return [{ id: "kind", kind: "radios", label: say("kind-title"), heading: true, options }];
    }
    case "industry": {
      const of = (list: { code: string; name: string }[], group: string) =>
        list.map(({ code, name }, i) => ({ value: code, label: name, group: i === 0 ? say(group) : "" }));
      const options = [...of(about.industries, "industry-in"), ...of(about.out_of_scope, "industry-out")];
      return [{ id: "industry", kind: "radios", label: say("industry-title"), hint: say("industry-hint"), heading: true, options }];
    }
    case "place":
      return [
        { id: "target", kind: "line", label: say("place-target"), hint: say("place-target-hint") },
        { id: "address", kind: "line", label: optional(say("place-address")), hint: say("place-address-hint") },
        { id: "code", kind: "line", label: optional(say("place-code")), hint: say("place-code-hint") },
      ];
    case "story":
      return [
        { id: "story", kind: "area", label: say("story-story"), hint: say("story-hint") },
        { id: "when", kind: "line", label: optional(say("story-when")), hint: say("story-when-hint") },
        {
          id: "now", kind: "checks", label: optional(say("story-now")), options: [
            { value: "ongoing", label: say("story-ongoing") },
            { value: "danger", label: say("story-danger"), hint: say("story-danger-hint") },
          ],
        },
      ];
  }
}

/** What is to be mended; the service looks again at what is sent. */
export async function problemsIn(step: Step, answers: Answers): Promise<Problem[]> {
  const { limits, rewards, kinds, industries } = await service();
  const problems: Problem[] = [];
  const add = (field: string, sentence: string) => problems.push({ field, sentence });
  const one = (field: string, codes: string[]) => codes.includes(answers[field] ?? "") || add(field, words.say(`${field}-missing`));
  const text = (field: string, limit: Length, short?: string) => {
    const wrong = wrongText(answers[field] ?? "", limit, `${field}-missing`, short);
    if (wrong !== undefined) add(field, wrong);
  };
  switch (step) {
    case "name":
      one("name", rewards ? [NAMELESS!, SEALED!] : [NAMELESS!]);
      break;
    case "region":
      if (!answers.region) add("query", words.say("region-missing"));
      break;
    case "kind":
      one("kind", kinds.map(({ code }) => code));
      break;
    case "industry":
      one("industry", industries.map(({ code }) => code));
      break;
    case "place":
      text("target", limits.target);
      text("address", limits.address);
      text("code", limits.credit_code);
      break;
    case "story":
      text("story", limits.narrative, "story-short");
      text("when", limits.when);
      break;
  }
  return problems;
}

/** There, long enough, short enough, and no receipt in it: as `draft::text` of the portal. */
export function wrongText(raw: string, limit: Length, missing: string, short = missing): string | undefined {
  const count = characters(trim(raw));
  if (Receipt.isIn(raw)) return words.say("receipt-in-field");
  if (count > limit.most) return words.say("too-long", { most: limit.most, over: count - limit.most });
  if (count === 0 && limit.least > 0) return words.say(missing);
  if (count < limit.least) return words.say(short, { least: limit.least });
  return undefined;
}

/** The screen of a step. */
export function screenOf(step: string): [screen: string, options: Record<string, string>] {
  return step === "region" || step === "check" ? [step, {}] : ["step", { step }];
}

/** The next question: the first without a good answer, then the name that is to be sealed, then the check. */
export async function onward(): Promise<string> {
  for (const step of STEPS) if ((await problemsIn(step, state.answers)).length > 0) return step;
  return state.answers.name === SEALED && state.person.consent !== "yes" ? "identity" : "check";
}
