//! The award of a matter, from facts and rules alone: exact integers, no clock, no I/O, every step written down.

/// What one article comes to.
mod count;

use super::decision::{Amount, Decision, Facts, ManualReason, Refusal, RuleRef};
use crate::policy::{Article, Fen, RewardKind, RewardRules, Rule};
use count::Count;
use serde::{Deserialize, Serialize};

/// What the rules in force make of the facts. Never panics, never exceeds the article's cap, never falls when a
/// fine rises.
pub fn decide(rules: &RewardRules, facts: &Facts) -> Decision {
    let refusal = [
        (!facts.first_accepted, Refusal::NotFirstAccepted),
        (facts.real_name == Some(false), Refusal::NoRealName),
        (facts.already_known, Refusal::AlreadyKnown),
        (facts.earlier_award, Refusal::EarlierAward),
    ];
    if let Some((_, reason)) = refusal.into_iter().find(|(holds, _)| *holds) {
        return Decision::Refused { reason };
    }
    several_kinds(facts, facts.kinds.iter().map(|kind| decide_kind(rules, facts, *kind)).collect())
}

/// Whether the rules offer exactly this award for these facts: computed again, as an option, or within a band.
/// What a trustee's tool asks before it gives anything.
pub fn offers(rules: &RewardRules, facts: &Facts, amount: &Amount) -> bool {
    options(decide(rules, facts))
        .iter()
        .any(|option| option.with_base(amount.base_fen).is_ok_and(|settled| settled == *amount))
}

/// An award as it is kept and signed: the facts, without the person, and what was computed from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Computation {
    pub facts: Facts,
    pub amount: Amount,
}

/// A kept award that the rules at hand do not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotComputed {
    #[error("the computation cannot be read")]
    Unreadable,
    #[error("these rules do not give this amount for these facts")]
    OtherAmount,
    #[error("the computation says something about the reporter")]
    Personal,
}

impl Computation {
    /// JSON text, the same for the same computation.
    pub fn text(&self) -> String {
        // Unwrap safety: plain structs of strings and numbers always have a JSON form.
        serde_json::to_string(self).unwrap()
    }

    /// Reads a kept computation and computes it again.
    ///
    /// # Errors
    /// If it is no computation, says anything about the reporter, or the rules give something else.
    pub fn check(text: &str, rules: &RewardRules) -> Result<Self, NotComputed> {
        let kept: Self = serde_json::from_str(text).map_err(|_| NotComputed::Unreadable)?;
        if kept.facts.insider.is_some() || kept.facts.real_name.is_some() || kept.amount.uplift.is_some() {
            return Err(NotComputed::Personal);
        }
        if offers(rules, &kept.facts, &kept.amount) { Ok(kept) } else { Err(NotComputed::OtherAmount) }
    }

    /// What is paid to an insider for the same matter: the base amount as approved, and the uplift. For the
    /// officers' tool, the only one that knows.
    ///
    /// # Errors
    /// If the rules do not give the kept amount.
    pub fn for_insider(&self, rules: &RewardRules) -> Result<Amount, NotComputed> {
        let facts = Facts { insider: Some(true), ..self.facts.clone() };
        let found =
            options(decide(rules, &facts)).into_iter().find(|option| option.terms == self.amount.terms);
        let mut amount = found.ok_or(NotComputed::OtherAmount)?;
        if amount.base_fen == self.amount.base_fen {
            return Ok(amount);
        }
        // A person set the base within a band, where no cap stands between base and uplift.
        let base = self.amount.base_fen;
        if let Some(part) = &mut amount.uplift {
            let rule =
                rules.rules().iter().find(|rule| rule.id == part.rule.id).ok_or(NotComputed::OtherAmount)?;
            part.fen = Fen(clip(rule.rounding.share(u128::from(base.0), part.rate)));
        }
        let on_top = amount.uplift.as_ref().map_or(Fen(0), |part| part.fen);
        let fen = base.checked_add(on_top).ok_or(NotComputed::OtherAmount)?;
        Ok(Amount { fen, base_fen: base, steps: self.amount.steps.clone(), ..amount })
    }
}

/// One kind that is paid for, or several that come to the same without an accident among them: nothing to choose.
/// Otherwise every amount that could be meant.
fn several_kinds(facts: &Facts, decisions: Vec<Decision>) -> Decision {
    let mut paid: Vec<Decision> =
        decisions.into_iter().filter(|decision| !matches!(decision, Decision::Refused { .. })).collect();
    let same = paid.windows(2).all(|pair| match pair {
        [Decision::Amount(a), Decision::Amount(b)] => {
            a.base_fen == b.base_fen
                && a.fen == b.fen
                && a.rule == b.rule
                && a.monthly_cap_fen == b.monthly_cap_fen
        }
        _ => false,
    });
    if paid.is_empty() {
        Decision::Refused { reason: Refusal::NotCovered }
    } else if paid.len() == 1 || (same && !facts.kinds.contains(&RewardKind::ConcealedAccident)) {
        paid.remove(0)
    } else {
        let options = paid.into_iter().flat_map(options).collect();
        Decision::Manual { reason: ManualReason::BothKinds, rule: None, steps: Vec::new(), options }
    }
}

/// The amounts a person may take.
pub(super) fn options(decision: Decision) -> Vec<Amount> {
    match decision {
        Decision::Amount(amount) => vec![amount],
        Decision::Manual { options, .. } => options,
        Decision::Refused { .. } => Vec::new(),
    }
}

/// The narrowest rule in force with an article for this kind decides.
fn decide_kind(rules: &RewardRules, facts: &Facts, kind: RewardKind) -> Decision {
    for rule in rules.in_force(facts.region, facts.sector.as_ref(), facts.decided) {
        let articles: Vec<&Article> =
            rule.articles.iter().filter(|article| applies(article, facts, kind)).collect();
        match articles.as_slice() {
            [] => {}
            [article] if article.class.is_none() || facts.class.is_some() => {
                return Count { rules, facts, rule, article }.decision();
            }
            several => {
                let counted = several.iter().map(|article| Count { rules, facts, rule, article }.decision());
                let options: Vec<Amount> = counted.flat_map(options).collect();
                let steps =
                    options.first().and_then(|option| option.steps.first().cloned()).into_iter().collect();
                let rule = Some(reference(rule));
                return Decision::Manual { reason: ManualReason::ClassUnknown, rule, steps, options };
            }
        }
    }
    Decision::Refused { reason: Refusal::NotCovered }
}

fn applies(article: &Article, facts: &Facts, kind: RewardKind) -> bool {
    article.kinds.contains(&kind)
        && article.severity.is_none_or(|severity| severity == facts.severity)
        && article.filed.is_none_or(|filed| filed == facts.filed)
        && (facts.class.is_none() || article.class.is_none_or(|class| Some(class) == facts.class))
}

fn reference(rule: &Rule) -> RuleRef {
    RuleRef {
        id: rule.id.clone(),
        version: rule.version,
        document: rule.document.clone(),
        title: rule.title.clone(),
    }
}

/// For showing and for sums a cap keeps far below: what does not fit counts as the largest that does.
fn clip(fen: u128) -> u64 {
    u64::try_from(fen).unwrap_or(u64::MAX)
}
