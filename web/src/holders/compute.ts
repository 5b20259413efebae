// The award of a matter, from facts and rules alone: exact integers, every step written down. As src/award/compute.rs.

import { type Amount, type Decision, type Facts, type Step, type UpliftPart, options, reference } from "./decision.ts";
import { inputsHash } from "./inputs.ts";
import { clip, percent, share, yuan } from "./money.ts";
import type { Article, Formula, Kind, RewardRules, Rule, Uplift } from "./rules.ts";

type Percent = Extract<Formula, { name: "percent" }>;
type PerDeath = Extract<Formula, { name: "per_death" }>;
type Inputs = Record<string, bigint>;

/** What the rules in force make of the facts. */
export function decide(rules: RewardRules, facts: Facts): Decision {
  if (!facts.first_accepted) return { outcome: "refused", reason: "not_first_accepted" };
  if (facts.real_name === false) return { outcome: "refused", reason: "no_real_name" };
  if (facts.already_known) return { outcome: "refused", reason: "already_known" };
  if (facts.earlier_award) return { outcome: "refused", reason: "earlier_award" };
  return severalKinds(facts, facts.kinds.map((kind) => decideKind(rules, facts, kind)));
}

/**
 * One kind that is paid for, or several that come to the same without an accident among them: nothing to choose.
 * Otherwise every amount that could be meant.
 */
function severalKinds(facts: Facts, decisions: Decision[]): Decision {
  const paid = decisions.filter(({ outcome }) => outcome !== "refused");
  const [first] = paid;
  if (!first) return { outcome: "refused", reason: "not_covered" };
  const same = paid.every((each) => comesToTheSame(first, each)) && !facts.kinds.includes("concealed_accident");
  if (paid.length === 1 || same) return first;
  return { outcome: "manual", reason: "both_kinds", rule: null, steps: [], options: paid.flatMap(options) };
}

function comesToTheSame(a: Decision, b: Decision): boolean {
  return (
    a.outcome === "amount" && b.outcome === "amount" &&
    a.amount.base_fen === b.amount.base_fen && a.amount.fen === b.amount.fen &&
    a.amount.rule.id === b.amount.rule.id && a.amount.rule.version === b.amount.rule.version &&
    a.amount.monthly_cap_fen === b.amount.monthly_cap_fen
  );
}

/** The narrowest rule in force with an article for this kind decides. */
function decideKind(rules: RewardRules, facts: Facts, kind: Kind): Decision {
  for (const rule of rules.inForce(facts.region, facts.sector, facts.decided)) {
    const articles = rule.article.filter((article) => applies(article, facts, kind));
    const [article] = articles;
    if (!article) continue;
    if (articles.length === 1 && (article.class === null || facts.class !== null)) {
      return new Count(rules, facts, rule, article).decision();
    }
    const found = articles.flatMap((each) => options(new Count(rules, facts, rule, each).decision()));
    const steps = found[0]?.steps.slice(0, 1) ?? [];
    return { outcome: "manual", reason: "class_unknown", rule: reference(rule), steps, options: found };
  }
  return { outcome: "refused", reason: "not_covered" };
}

function applies(article: Article, facts: Facts, kind: Kind): boolean {
  return (
    article.kinds.includes(kind) &&
    (article.severity === null || article.severity === facts.severity) &&
    (article.filed === null || article.filed === facts.filed) &&
    (facts.class === null || article.class === null || article.class === facts.class)
  );
}

/** One article at work. */
class Count {
  private readonly steps: Step[];

  constructor(
    private readonly rules: RewardRules,
    private readonly facts: Facts,
    private readonly rule: Rule,
    private readonly article: Article,
  ) {
    this.steps = [this.whichRule()];
  }

  decision(): Decision {
    const { formula } = this.article;
    switch (formula.name) {
      case "percent":
        return this.paid(this.finish(this.percent(formula), formula.cap_yuan, null));
      case "per_death": {
        const fen = this.perDeath(formula);
        if (this.facts.deaths_verified > 0) return this.paid(this.finish(fen, formula.cap_yuan, null));
        const rule = reference(this.rule);
        return { outcome: "manual", reason: "no_verified_deaths", rule, steps: this.steps, options: [] };
      }
      case "fixed": {
        const fen = formula.amount_yuan;
        this.step(`定额 ${yuan(fen)} 元`, `A fixed sum: CN¥${yuan(fen)}`, {}, fen);
        return this.paid(this.finish(fen, null, null));
      }
      case "band": {
        const [low, high] = [formula.low_yuan, formula.high_yuan];
        this.step(
          `幅度 ${yuan(low)} 元至 ${yuan(high)} 元；不经人工上调时取 ${yuan(low)} 元`,
          `A band of CN¥${yuan(low)} to CN¥${yuan(high)}; the low end unless a person raises it`,
          { low_fen: low, high_fen: high },
          low,
        );
        const amount = this.finish(low, null, high);
        if (formula.proposed === "low") return this.paid(amount);
        return { outcome: "manual", reason: "band", rule: amount.rule, steps: amount.steps, options: [amount] };
      }
    }
  }

  private paid(amount: Amount): Decision {
    return { outcome: "amount", amount };
  }

  /** The rate's share of the penalty, not below the floor. The cap comes in {@link Count.finish}. */
  private percent({ rate, confiscated: counts, floor_yuan: floor }: Percent): bigint {
    const fines = this.facts.fines_fen.reduce((sum, fine) => sum + fine, 0n);
    const confiscated = counts ? this.facts.confiscated_fen : 0n;
    const penalty = fines + confiscated;
    const [zh, en] = counts
      ? ["罚款与没收违法所得合计", "Fines and confiscated gains together"]
      : ["罚款合计（没收违法所得不计入）", "Fines together (confiscated gains do not count)"];
    const shown = yuan(clip(penalty));
    this.step(
      `${zh}：${shown} 元`,
      `${en}: CN¥${shown}`,
      { fines_fen: clip(fines), confiscated_fen: clip(confiscated) },
      clip(penalty),
    );
    const part = share(this.rule.rounding, penalty, rate);
    this.step(
      `${shown} 元 × ${percent(rate)}% = ${yuan(clip(part))} 元`,
      `CN¥${shown} × ${percent(rate)}% = CN¥${yuan(clip(part))}`,
      { penalty_fen: clip(penalty), rate_basis_points: BigInt(rate) },
      clip(part),
    );
    const floored = part > floor ? part : floor;
    this.step(
      `最低 ${yuan(floor)} 元：${yuan(clip(floored))} 元`,
      `Not below CN¥${yuan(floor)}: CN¥${yuan(clip(floored))}`,
      { amount_fen: clip(part), floor_fen: floor },
      clip(floored),
    );
    return floored;
  }

  /** The tariff of the accident's grade for each verified concealed death. */
  private perDeath(formula: PerDeath): bigint {
    const { facts, rules: { grades } } = this;
    const all = Math.max(facts.deaths_total, facts.deaths_verified);
    const [injured, loss] = [facts.injuries_verified, facts.loss_fen];
    const grade = this.rules.grade(all, injured, loss);
    const { name } = grades[grade];
    this.steps.push({
      article: grades.cite,
      text: {
        zh: `死亡 ${all} 人、重伤 ${injured} 人、直接经济损失 ${yuan(loss)} 元：${name.zh}（${grades.document}）`,
        en: `${all} dead, ${injured} seriously injured, loss CN¥${yuan(loss)}: ${name.en} (${grades.document})`,
      },
      inputs: inputs({ deaths: BigInt(all), injuries: BigInt(injured), loss_fen: loss }),
      result: name.en,
    });
    const [deaths, tariff] = [BigInt(facts.deaths_verified), formula[`${grade}_yuan`]];
    const sum = deaths * tariff;
    this.step(
      `查实瞒报 ${deaths} 人 × ${yuan(tariff)} 元 = ${yuan(clip(sum))} 元`,
      `${deaths} verified concealed deaths × CN¥${yuan(tariff)} = CN¥${yuan(clip(sum))}`,
      { deaths_verified: deaths, tariff_fen: tariff },
      clip(sum),
    );
    return sum;
  }

  /** Cap and uplift, in the order the uplift's rule gives. */
  private finish(fen: bigint, cap: bigint | null, upTo: bigint | null): Amount {
    const base = this.capped(fen, cap);
    const monthly = this.article.monthly_cap_yuan;
    if (monthly !== null) {
      const most = yuan(monthly);
      this.step(
        `同一人一个月内此类奖励合计不超过 ${most} 元，发放时核对`,
        `Not above CN¥${most} a month to one person for this sort of matter; checked when it is paid`,
        { monthly_cap_fen: monthly },
        base,
      );
    }
    const { region, sector, decided, insider } = this.facts;
    const found = this.rules.inForce(region, sector, decided).find((rule) => rule.insider !== null) ?? null;
    let part: UpliftPart | null = null;
    if (insider === true && found?.insider) {
      part = this.uplift(fen, base, cap, found, found.insider);
    } else if (insider === true) {
      this.step("当地没有规定从业人员举报的上浮比例", "No uplift for people working there is set here", {}, base);
    }
    return {
      fen: clip(base + (part?.fen ?? 0n)),
      base_fen: base,
      uplift: part,
      up_to_fen: upTo,
      monthly_cap_fen: monthly,
      rule: reference(this.rule),
      steps: this.steps,
      terms: inputsHash(this.rule, this.article, found, this.rules.grades, this.facts),
    };
  }

  private capped(fen: bigint, cap: bigint | null): bigint {
    if (cap === null) return clip(fen);
    const capped = fen < cap ? fen : cap;
    this.step(
      `最高 ${yuan(cap)} 元：${yuan(capped)} 元`,
      `Not above CN¥${yuan(cap)}: CN¥${yuan(capped)}`,
      { amount_fen: clip(fen), cap_fen: cap },
      capped,
    );
    return capped;
  }

  private uplift(fen: bigint, base: bigint, cap: bigint | null, rule: Rule, terms: Uplift): UpliftPart {
    const before = terms.order === "before_cap";
    const from = before ? fen : base;
    const raised = from + share(rule.rounding, from, terms.rate);
    const total = before && cap !== null && raised > cap ? cap : raised;
    const part = clip(total) > base ? clip(total) - base : 0n;
    const [rate, all] = [percent(terms.rate), yuan(clip(total))];
    const [zh, en] = before
      ? ["先上浮，再适用最高限额", "uplift first, then the cap"]
      : ["先适用最高限额，再上浮", "the cap first, then the uplift"];
    this.steps.push({
      article: terms.cite,
      text: {
        zh: `${terms.covers.zh}上浮 ${rate}%（${zh}）：增加 ${yuan(part)} 元，合计 ${all} 元`,
        en: `${rate}% more for ${terms.covers.en} (${en}): CN¥${yuan(part)} on top, CN¥${all} in all`,
      },
      inputs: inputs({ base_fen: base, rate_basis_points: BigInt(terms.rate) }),
      result: clip(total),
    });
    return { fen: part, rate: terms.rate, order: terms.order, rule: reference(rule) };
  }

  private whichRule(): Step {
    const { rule, facts } = this;
    const words: [string, string][] = [["region", facts.region], ["decided", facts.decided]];
    if (facts.sector !== null) words.push(["sector", facts.sector]);
    return {
      article: this.article.cite,
      text: {
        zh: `${facts.decided} 决定，适用《${rule.title.zh}》（${rule.document}）`,
        en: `Decided on ${facts.decided} by ${rule.title.en} (${rule.document})`,
      },
      inputs: new Map(words),
      result: rule.id,
    };
  }

  private step(zh: string, en: string, given: Inputs, result: bigint): void {
    this.steps.push({ article: this.article.cite, text: { zh, en }, inputs: inputs(given), result });
  }
}

function inputs(given: Inputs): Map<string, bigint | string> {
  return new Map(Object.entries(given));
}
