// The hash that stands for everything a base amount follows from: rule, article, uplift rule, grades and facts, each
// as the JSON text the Rust side writes (keys in declared order). Nothing about the person is in it.

import { toHex, utf8 } from "../core/bytes.ts";
import { hash } from "../core/transcript.ts";
import { type Facts, factsJson, number, textJson } from "./decision.ts";
import { type Json, type JsonObject, record, writeJson } from "./json.ts";
import { percent } from "./money.ts";
import type { Article, Formula, Grades, Rule } from "./rules.ts";

/** 64 hexadecimal digits. */
export function inputsHash(rule: Rule, article: Article, uplift: Rule | null, grades: Grades, facts: Facts): string {
  const parts = [
    ruleJson(rule),
    articleJson(article),
    uplift && ruleJson(uplift),
    gradesJson(grades),
    factsJson({ ...facts, insider: null, real_name: null }),
  ];
  return toHex(hash("mifeng/v1/award-inputs", parts.map((part) => utf8(writeJson(part)))));
}

function ruleJson(rule: Rule): JsonObject {
  const { insider } = rule;
  return record({
    id: rule.id,
    version: BigInt(rule.version),
    document: rule.document,
    title: textJson(rule.title),
    region: rule.region,
    sectors: rule.sectors,
    from: rule.from,
    to: rule.to,
    rounding: record({ mode: rule.rounding.mode, to: rule.rounding.to }),
    article: rule.article.map(articleJson),
    insider: insider && record({
      cite: textJson(insider.cite),
      rate: percent(insider.rate),
      order: insider.order,
      covers: textJson(insider.covers),
    }),
  });
}

function articleJson(article: Article): JsonObject {
  const only: [string, Json][] = [
    ["severity", article.severity],
    ["filed", article.filed],
    ["class", number(article.class)],
    ["monthly_cap_yuan", article.monthly_cap_yuan && article.monthly_cap_yuan / 100n],
  ];
  return new Map<string, Json>([
    ["cite", textJson(article.cite)],
    ["kinds", article.kinds],
    ...only.filter(([, value]) => value !== null),
    [article.formula.name, formulaJson(article.formula)],
  ]);
}

function formulaJson(formula: Formula): JsonObject {
  const yuan = (fen: bigint): bigint => fen / 100n;
  switch (formula.name) {
    case "percent":
      return record({
        rate: percent(formula.rate),
        confiscated: formula.confiscated,
        floor_yuan: yuan(formula.floor_yuan),
        cap_yuan: yuan(formula.cap_yuan),
      });
    case "per_death":
      return record({
        ordinary_yuan: yuan(formula.ordinary_yuan),
        larger_yuan: yuan(formula.larger_yuan),
        major_yuan: yuan(formula.major_yuan),
        extraordinary_yuan: yuan(formula.extraordinary_yuan),
        cap_yuan: yuan(formula.cap_yuan),
      });
    case "band":
      return record({ low_yuan: yuan(formula.low_yuan), high_yuan: yuan(formula.high_yuan), proposed: formula.proposed });
    case "fixed":
      return record({ amount_yuan: yuan(formula.amount_yuan) });
  }
}

function gradesJson(grades: Grades): JsonObject {
  const threshold = (each: Grades["larger"]): JsonObject => record({
    name: textJson(each.name),
    deaths: BigInt(each.deaths),
    injuries: BigInt(each.injuries),
    loss_yuan: each.loss_yuan / 100n,
  });
  return record({
    document: grades.document,
    cite: textJson(grades.cite),
    ordinary: record({ name: textJson(grades.ordinary.name) }),
    larger: threshold(grades.larger),
    major: threshold(grades.major),
    extraordinary: threshold(grades.extraordinary),
  });
}
