// Reward rules as data: which rule holds where, for what and when. From the snapshot a request or package carries.
// As src/policy/rewards.rs, article.rs and grades.rs: what that refuses is refused here.

import { type TomlTable, TomlDate, parse as parseToml } from "smol-toml";
import { isDay } from "../log/leaf.ts";
import type { Json } from "./json.ts";
import { type Rounding, readPercent } from "./money.ts";
import type { Refused } from "../core/refused.ts";
import { refused } from "./refusals.ts";
import * as shape from "./shape.ts";

export const GRADES_FILE = "accident-grades.toml";
export const KINDS = ["hazard", "violation", "concealed_accident"] as const;
export type Kind = (typeof KINDS)[number];
export type Severity = "major" | "general";
export type Text = shape.Of<typeof words>;
export type Rule = shape.Of<typeof rule>;
export type Article = shape.Of<typeof article>;
export type Uplift = shape.Of<typeof uplift>;
export type Formula = Article["formula"];
export type Grades = shape.Of<typeof grades>;
export type Grade = "ordinary" | "larger" | "major" | "extraordinary";

/** One text in both languages; neither empty nor untidy. */
const tidy = shape.text((text) => (text !== "" && text.trim() === text && !/\p{Cc}/u.test(text) ? text : null));
export const words = shape.object({ zh: tidy, en: tidy });
export const code = shape.text((text) => (/^[a-z0-9_]{1,40}$/.test(text) ? text : null));
export const day = shape.text((text) => (isDay(text) ? text : null));
/** A region's code: six digits, `000000` for the whole country. */
export const region = shape.text((text) => (/^(000000|[1-9]\d{5})$/.test(text) ? text : null));
export const severity = shape.word("major", "general");
export const kind = shape.word(...KINDS);
/** In hundredths of a percent. */
export const rate: shape.Shape<number> = (value) =>
  (typeof value === "bigint" || typeof value === "string" ? readPercent(value) : null) ?? shape.misshapen("a percentage");
export const order = shape.word("before_cap", "after_cap");

/** Whole yuan, as fen. */
const yuan: shape.Shape<bigint> = (value) => {
  const found = shape.u64(value);
  return found <= 1_000_000_000n ? found * 100n : shape.misshapen("at most 1,000,000,000 yuan");
};
const rounding: shape.Shape<Rounding> = shape.object({
  mode: shape.word("down", "half_up", "up"),
  to: shape.word("fen", "yuan"),
});
const percent = shape.object({ rate, confiscated: shape.boolean, floor_yuan: yuan, cap_yuan: yuan });
const perDeath = shape.object({
  ordinary_yuan: yuan, larger_yuan: yuan, major_yuan: yuan, extraordinary_yuan: yuan, cap_yuan: yuan,
});
const band = shape.object({ low_yuan: yuan, high_yuan: yuan, proposed: shape.word("low", "nothing") });
const fixed = shape.object({ amount_yuan: yuan });
const rawArticle = shape.object({
  cite: words,
  kinds: shape.list(kind),
  severity: shape.optional(severity),
  filed: shape.optional(shape.boolean),
  class: shape.optional(shape.u8),
  /** The most one person is paid in a calendar month for matters of this article. */
  monthly_cap_yuan: shape.optional(yuan),
  percent: shape.optional(percent),
  per_death: shape.optional(perDeath),
  band: shape.optional(band),
  fixed: shape.optional(fixed),
});

/** One article: what it applies to, and exactly one way to count. */
const article = (value: Json | undefined) => {
  const { percent, per_death, band, fixed, ...rest } = rawArticle(value);
  const formulas = [
    ...(percent ? [{ name: "percent" as const, ...percent }] : []),
    ...(per_death ? [{ name: "per_death" as const, ...per_death }] : []),
    ...(band ? [{ name: "band" as const, ...band }] : []),
    ...(fixed ? [{ name: "fixed" as const, ...fixed }] : []),
  ];
  const [formula] = formulas;
  if (!formula || formulas.length > 1) return shape.misshapen("exactly one of percent, per_death, band and fixed");
  const kinds = KINDS.filter((kind) => rest.kinds.includes(kind));
  if (kinds.length === 0 || kinds.length !== rest.kinds.length) shape.misshapen("at least one kind, each once");
  const accidents = kinds.includes("concealed_accident");
  if (formula.name === "per_death" ? !accidents || kinds.length > 1 : formula.name === "percent" && accidents) {
    shape.misshapen("deaths counted for concealed accidents only");
  }
  if (!sound(formula) || rest.monthly_cap_yuan === 0n) shape.misshapen("a floor not above its cap, and a cap above 0");
  return { ...rest, kinds, formula };
};
const uplift = shape.object({ cite: words, rate, order, covers: words });

const rule = shape.object({
  id: code,
  version: shape.u32,
  document: shape.string,
  title: words,
  region,
  sectors: defaulting(shape.list(code)),
  from: day,
  to: shape.optional(day),
  rounding,
  article: defaulting(shape.list(article)),
  insider: shape.optional(uplift),
});

const threshold = shape.object({ name: words, deaths: shape.u32, injuries: shape.u32, loss_yuan: yuan });
const grades = shape.object({
  document: shape.string,
  cite: words,
  ordinary: shape.object({ name: words }),
  larger: threshold,
  major: threshold,
  extraordinary: threshold,
});

/** The rules of one snapshot. */
export class RewardRules {
  private constructor(
    readonly grades: Grades,
    /** Narrow before wide. */
    readonly rules: readonly Rule[],
  ) {}

  /** Reads a JSON text of [file, text] pairs. */
  static fromSnapshot(json: string): RewardRules {
    const files = shape.readAs(shape.list(shape.list(shape.string)), json);
    if (!files || files.some((pair) => pair.length !== 2)) throw bad("snapshot", "is no list of files");
    const sources = files.map(([file = "", text = ""]) => ({ file, text }));
    return RewardRules.parse(sources);
  }

  /** The rule files, in any order. Sectors are taken as they come: which there are is not for a holder's tool to say. */
  static parse(files: { file: string; text: string }[]): RewardRules {
    const sources = [...files].sort((a, b) => (a.file < b.file ? -1 : Number(a.file > b.file)));
    const [first, ...more] = sources.filter(({ file }) => file === GRADES_FILE);
    if (!first || more.length > 0) throw bad(GRADES_FILE, "is missing");
    const read = readToml(grades, first);
    if (!rising(read.larger, read.major) || !rising(read.major, read.extraordinary)) {
      throw bad(GRADES_FILE, "every figure must be above the grade below");
    }
    const rules: Rule[] = [];
    for (const source of sources.filter(({ file }) => file !== GRADES_FILE)) {
      const next = checked(readToml(rule, source), source.file);
      for (const other of rules) {
        if (other.id === next.id) throw bad(source.file, `rule ${next.id} stands twice`);
        if (overlap(other, next)) throw bad(source.file, `holds for the same region, sector and days as rule ${other.id}`);
      }
      rules.push(next);
    }
    if (!rules.some(({ region, sectors }) => region === "000000" && sectors.length === 0)) {
      throw bad("rewards", "no rule holds for the whole country (region 000000)");
    }
    rules.sort((a, b) => narrowness(b) - narrowness(a) || (a.from < b.from ? 1 : Number(a.from > b.from) * -1));
    return new RewardRules(read, rules);
  }

  /** The rules in force there and then, narrow before wide. */
  inForce(region: string, sector: string | null, day: string): Rule[] {
    return this.rules.filter(
      (rule) =>
        contains(rule.region, region) &&
        (rule.sectors.length === 0 || (sector !== null && rule.sectors.includes(sector))) &&
        rule.from <= day &&
        (rule.to === null || day <= rule.to),
    );
  }

  /** The highest grade any of the figures reaches. `injuries` are serious ones; `loss` in fen. */
  grade(deaths: number, injuries: number, loss: bigint): Grade {
    const names = ["extraordinary", "major", "larger"] as const;
    const reached = names.find((name) => {
      const from = this.grades[name];
      return deaths >= from.deaths || injuries >= from.injuries || loss >= from.loss_yuan;
    });
    return reached ?? "ordinary";
  }
}

function checked(rule: Rule, file: string): Rule {
  if (rule.to !== null && rule.to < rule.from) throw bad(file, "ends before it begins");
  if (rule.document.trim() === "") throw bad(file, "a rule must name its document");
  if (rule.article.length === 0 && rule.insider === null) throw bad(file, "a rule needs an article or an insider uplift");
  rule.article.forEach((article, i) => {
    const other = rule.article.slice(0, i).find((each) => collide(each, article));
    if (other) throw bad(file, `counts the same case as ${other.cite.zh}`);
  });
  return rule;
}

function collide(a: Article, b: Article): boolean {
  const meet = <T>(x: T | null, y: T | null): boolean => x === null || y === null || x === y;
  return (
    a.kinds.some((kind) => b.kinds.includes(kind)) &&
    meet(a.severity, b.severity) && meet(a.filed, b.filed) && meet(a.class, b.class)
  );
}

function overlap(a: Rule, b: Rule): boolean {
  const sectors = a.sectors.some((sector) => b.sectors.includes(sector));
  return (
    a.region === b.region &&
    ((a.sectors.length === 0 && b.sectors.length === 0) || sectors) &&
    (a.to === null || b.from <= a.to) && (b.to === null || a.from <= b.to)
  );
}

function sound(formula: Formula): boolean {
  switch (formula.name) {
    case "percent": return formula.floor_yuan <= formula.cap_yuan && formula.cap_yuan > 0n;
    case "per_death": return formula.cap_yuan > 0n;
    case "band": return formula.low_yuan <= formula.high_yuan && formula.high_yuan > 0n;
    case "fixed": return formula.amount_yuan > 0n;
  }
}

/** Whether `inner` is this region or lies within it, by the codes' digits. */
function contains(region: string, inner: string): boolean {
  return region === inner || region === `${inner.slice(0, 4)}00` || region === `${inner.slice(0, 2)}0000` || region === "000000";
}

function narrowness({ region, sectors }: Rule): number {
  const level = region === "000000" ? 0 : region.endsWith("0000") ? 1 : region.endsWith("00") ? 2 : 3;
  return level * 2 + Number(sectors.length > 0);
}

function rising(low: Grades["larger"], high: Grades["larger"]): boolean {
  return low.deaths < high.deaths && low.injuries < high.injuries && low.loss_yuan < high.loss_yuan;
}

function readToml<T>(shape: shape.Shape<T>, { file, text }: { file: string; text: string }): T {
  try {
    return shape(fromToml(parseToml(text, { integersAsBigInt: true })));
  } catch (why) {
    throw bad(file, why instanceof Error ? (why.message.split("\n")[0] ?? "") : "cannot be read");
  }
}

/** TOML as JSON: days as text. Times and fractions have no place in a rule. */
function fromToml(value: TomlTable | TomlTable[string]): Json {
  if (typeof value === "number") return shape.misshapen("a whole number");
  if (value instanceof TomlDate) return value.isDate() ? value.toISOString() : shape.misshapen("a day such as 2024-09-01");
  if (Array.isArray(value)) return value.map(fromToml);
  if (typeof value === "object" && value !== null) {
    return new Map(Object.entries(value).map(([key, each]) => [key, fromToml(each)]));
  }
  return value ?? null;
}

function defaulting<T>(list: shape.Shape<T[]>): shape.Shape<T[]> {
  return (value) => (value === undefined ? [] : list(value));
}

function bad(file: string, why: string): Refused {
  return refused("paper-rules", { why: `${file}: ${why}` });
}

