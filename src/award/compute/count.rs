//! One article at work: its formula, cap and uplift, each a step that is written down.

use super::{clip, reference};
use crate::{
    award::decision::{Amount, Decision, Facts, ManualReason, Step, UpliftPart, Value},
    policy::{
        Article, Fen, Formula, PerDeathFormula, PercentFormula, Proposed, RewardRules, Rule, Text, Uplift,
        UpliftOrder, Yuan,
    },
    transcript,
};

/// One article at work.
pub(super) struct Count<'a> {
    pub rules: &'a RewardRules,
    pub facts: &'a Facts,
    pub rule: &'a Rule,
    pub article: &'a Article,
}

impl Count<'_> {
    pub fn decision(&self) -> Decision {
        let mut steps = vec![self.which_rule()];
        match &self.article.formula {
            Formula::Percent(formula) => {
                let fen = self.percent(formula, &mut steps);
                Decision::Amount(self.finish(fen, Some(formula.cap_yuan.fen()), None, steps))
            }
            Formula::PerDeath(formula) => {
                let fen = self.per_death(formula, &mut steps);
                if self.facts.deaths_verified == 0 {
                    let (reason, rule) = (ManualReason::NoVerifiedDeaths, Some(reference(self.rule)));
                    return Decision::Manual { reason, rule, steps, options: Vec::new() };
                }
                Decision::Amount(self.finish(fen, Some(formula.cap_yuan.fen()), None, steps))
            }
            Formula::Fixed(formula) => {
                let fen = formula.amount_yuan.fen();
                steps.push(self.step(format!("定额 {fen} 元"), format!("A fixed sum: CN¥{fen}"), &[], fen.0));
                Decision::Amount(self.finish(u128::from(fen.0), None, None, steps))
            }
            Formula::Band(formula) => {
                let (low, high) = (formula.low_yuan.fen(), formula.high_yuan.fen());
                steps.push(self.step(
                    format!("幅度 {low} 元至 {high} 元；不经人工上调时取 {low} 元"),
                    format!("A band of CN¥{low} to CN¥{high}; the low end unless a person raises it"),
                    &[("low_fen", low.0), ("high_fen", high.0)],
                    low.0,
                ));
                let amount = self.finish(u128::from(low.0), None, Some(high), steps);
                match formula.proposed {
                    Proposed::Low => Decision::Amount(amount),
                    Proposed::Nothing => Decision::Manual {
                        reason: ManualReason::Band,
                        rule: Some(amount.rule.clone()),
                        steps: amount.steps.clone(),
                        options: vec![amount],
                    },
                }
            }
        }
    }

    /// The rate's share of the penalty, not below the floor. The cap comes in [`Count::finish`].
    fn percent(&self, formula: &PercentFormula, steps: &mut Vec<Step>) -> u128 {
        let fines: u128 = self.facts.fines_fen.iter().map(|fine| u128::from(fine.0)).sum();
        let confiscated = if formula.confiscated { u128::from(self.facts.confiscated_fen.0) } else { 0 };
        let penalty = fines + confiscated;
        let (zh, en) = if formula.confiscated {
            ("罚款与没收违法所得合计", "Fines and confiscated gains together")
        } else {
            ("罚款合计（没收违法所得不计入）", "Fines together (confiscated gains do not count)")
        };
        steps.push(self.step(
            format!("{zh}：{} 元", yuan(penalty)),
            format!("{en}: CN¥{}", yuan(penalty)),
            &[("fines_fen", clip(fines)), ("confiscated_fen", clip(confiscated))],
            clip(penalty),
        ));
        let share = self.rule.rounding.share(penalty, formula.rate);
        let rate = formula.rate;
        steps.push(self.step(
            format!("{} 元 × {rate}% = {} 元", yuan(penalty), yuan(share)),
            format!("CN¥{} × {rate}% = CN¥{}", yuan(penalty), yuan(share)),
            &[("penalty_fen", clip(penalty)), ("rate_basis_points", u64::from(rate.basis_points()))],
            clip(share),
        ));
        let floor = formula.floor_yuan.fen();
        let floored = share.max(u128::from(floor.0));
        steps.push(self.step(
            format!("最低 {floor} 元：{} 元", yuan(floored)),
            format!("Not below CN¥{floor}: CN¥{}", yuan(floored)),
            &[("amount_fen", clip(share)), ("floor_fen", floor.0)],
            clip(floored),
        ));
        floored
    }

    /// The tariff of the accident's grade for each verified concealed death.
    fn per_death(&self, formula: &PerDeathFormula, steps: &mut Vec<Step>) -> u128 {
        let facts = self.facts;
        let (grades, all) = (&self.rules.grades, facts.deaths_total.max(facts.deaths_verified));
        let grade = grades.grade(all, facts.injuries_verified, facts.loss_fen);
        let name = grades.name(grade);
        let (injured, loss) = (facts.injuries_verified, facts.loss_fen);
        steps.push(Step {
            article: grades.cite.clone(),
            text: Text {
                zh: format!(
                    "死亡 {all} 人、重伤 {injured} 人、直接经济损失 {loss} 元：{}（{}）",
                    name.zh, grades.document
                ),
                en: format!(
                    "{all} dead, {injured} seriously injured, loss CN¥{loss}: {} ({})",
                    name.en, grades.document
                ),
            },
            inputs: inputs(&[
                ("deaths", u64::from(all)),
                ("injuries", u64::from(injured)),
                ("loss_fen", loss.0),
            ]),
            result: Value::Word(name.en.clone()),
        });
        let (deaths, tariff) = (facts.deaths_verified, formula.tariff(grade));
        let sum = u128::from(deaths) * u128::from(tariff.0);
        steps.push(self.step(
            format!("查实瞒报 {deaths} 人 × {tariff} 元 = {} 元", yuan(sum)),
            format!("{deaths} verified concealed deaths × CN¥{tariff} = CN¥{}", yuan(sum)),
            &[("deaths_verified", u64::from(deaths)), ("tariff_fen", tariff.0)],
            clip(sum),
        ));
        sum
    }

    /// Cap and uplift, in the order the uplift's rule gives.
    fn finish(&self, fen: u128, cap: Option<Fen>, up_to: Option<Fen>, mut steps: Vec<Step>) -> Amount {
        let base = self.capped(fen, cap, &mut steps);
        let monthly = self.article.monthly_cap_yuan.map(Yuan::fen);
        if let Some(most) = monthly {
            steps.push(self.step(
                format!("同一人一个月内此类奖励合计不超过 {most} 元，发放时核对"),
                format!("Not above CN¥{most} a month to one person for this sort of matter; checked when it is paid"),
                &[("monthly_cap_fen", most.0)],
                base.0,
            ));
        }
        let found = self
            .rules
            .in_force(self.facts.region, self.facts.sector.as_ref(), self.facts.decided)
            .find_map(|rule| Some((rule, rule.insider.as_ref()?)));
        let uplift = match (self.facts.insider, found) {
            (Some(true), Some((rule, terms))) => Some(self.uplift(fen, base, cap, rule, terms, &mut steps)),
            (Some(true), None) => {
                steps.push(self.step(
                    "当地没有规定从业人员举报的上浮比例".into(),
                    "No uplift for people working there is set here".into(),
                    &[],
                    base.0,
                ));
                None
            }
            _ => None,
        };
        let on_top = uplift.as_ref().map_or(Fen(0), |part| part.fen);
        Amount {
            fen: Fen(base.0.saturating_add(on_top.0)),
            base_fen: base,
            uplift,
            up_to_fen: up_to,
            monthly_cap_fen: monthly,
            rule: reference(self.rule),
            steps,
            terms: self.terms(found.map(|(rule, _)| rule)),
        }
    }

    fn capped(&self, fen: u128, cap: Option<Fen>, steps: &mut Vec<Step>) -> Fen {
        let Some(cap) = cap else { return Fen(clip(fen)) };
        let capped = Fen(clip(fen.min(u128::from(cap.0))));
        steps.push(self.step(
            format!("最高 {cap} 元：{capped} 元"),
            format!("Not above CN¥{cap}: CN¥{capped}"),
            &[("amount_fen", clip(fen)), ("cap_fen", cap.0)],
            capped.0,
        ));
        capped
    }

    fn uplift(
        &self,
        fen: u128,
        base: Fen,
        cap: Option<Fen>,
        rule: &Rule,
        terms: &Uplift,
        steps: &mut Vec<Step>,
    ) -> UpliftPart {
        let from = match terms.order {
            UpliftOrder::BeforeCap => fen,
            UpliftOrder::AfterCap => u128::from(base.0),
        };
        let mut total = from + rule.rounding.share(from, terms.rate);
        if let (UpliftOrder::BeforeCap, Some(cap)) = (terms.order, cap) {
            total = total.min(u128::from(cap.0));
        }
        let part = Fen(clip(total).saturating_sub(base.0));
        let (rate, all) = (terms.rate, yuan(total));
        let (zh, en) = match terms.order {
            UpliftOrder::BeforeCap => ("先上浮，再适用最高限额", "uplift first, then the cap"),
            UpliftOrder::AfterCap => ("先适用最高限额，再上浮", "the cap first, then the uplift"),
        };
        steps.push(Step {
            article: terms.cite.clone(),
            text: Text {
                zh: format!("{}上浮 {rate}%（{zh}）：增加 {part} 元，合计 {all} 元", terms.covers.zh),
                en: format!("{rate}% more for {} ({en}): CN¥{part} on top, CN¥{all} in all", terms.covers.en),
            },
            inputs: inputs(&[("base_fen", base.0), ("rate_basis_points", u64::from(rate.basis_points()))]),
            result: Value::Number(clip(total)),
        });
        UpliftPart { fen: part, rate, order: terms.order, rule: reference(rule) }
    }

    fn which_rule(&self) -> Step {
        let (rule, facts) = (self.rule, self.facts);
        let mut step = self.step(
            format!("{} 决定，适用《{}》（{}）", facts.decided, rule.title.zh, rule.document),
            format!("Decided on {} by {} ({})", facts.decided, rule.title.en, rule.document),
            &[],
            0,
        );
        step.inputs.insert("region".into(), Value::Word(facts.region.to_string()));
        step.inputs.insert("decided".into(), Value::Word(facts.decided.to_string()));
        if let Some(sector) = &facts.sector {
            step.inputs.insert("sector".into(), Value::Word(sector.to_string()));
        }
        step.result = Value::Word(rule.id.to_string());
        step
    }

    fn step(&self, zh: String, en: String, given: &[(&str, u64)], result: u64) -> Step {
        Step {
            article: self.article.cite.clone(),
            text: Text { zh, en },
            inputs: inputs(given),
            result: Value::Number(result),
        }
    }

    /// Everything the base amount follows from, and the uplift's terms; nothing about the person.
    fn terms(&self, uplift_rule: Option<&Rule>) -> [u8; 32] {
        let facts = Facts { insider: None, real_name: None, ..self.facts.clone() };
        // Unwrap safety: plain structs of strings and numbers always have a JSON form.
        let json = |value: serde_json::Result<Vec<u8>>| value.unwrap();
        transcript::hash(
            "mifeng/v1/award-inputs",
            &[
                &json(serde_json::to_vec(self.rule)),
                &json(serde_json::to_vec(self.article)),
                &json(serde_json::to_vec(&uplift_rule)),
                &json(serde_json::to_vec(&self.rules.grades)),
                &json(serde_json::to_vec(&facts)),
            ],
        )
    }
}

fn inputs(given: &[(&str, u64)]) -> std::collections::BTreeMap<String, Value> {
    given.iter().map(|(name, value)| ((*name).to_owned(), Value::Number(*value))).collect()
}

fn yuan(fen: u128) -> Fen {
    Fen(clip(fen))
}
