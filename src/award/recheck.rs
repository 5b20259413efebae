//! A kept decision is computed again before anybody relies on it.

use super::{
    approval::AwardTerms,
    compute::{Computation, NotComputed},
};
use crate::{policy::RewardRules, transcript};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefused {
    #[error("the decision is not the one that was approved")]
    OtherDecision,
    #[error("the decision says another amount or day than the award")]
    OtherAmount,
    #[error("the reward rules cannot be read: {0}")]
    Rules(String),
    #[error(transparent)]
    NotComputed(#[from] NotComputed),
}

/// Stands for a decision in the award's terms: facts, rule and steps are all in its text.
pub fn decision_hash(decision: &str) -> [u8; 32] {
    transcript::hash("mifeng/v1/award-decision", &[decision.as_bytes()])
}

/// The computation and its rules, if `decision` is what the terms carry and `rules` (a snapshot) give it.
pub fn recheck(
    decision: &str,
    terms: &AwardTerms,
    rules: &str,
) -> Result<(Computation, RewardRules), DecisionRefused> {
    if decision_hash(decision) != terms.rule_and_inputs {
        return Err(DecisionRefused::OtherDecision);
    }
    let rules = RewardRules::from_snapshot(rules).map_err(|e| DecisionRefused::Rules(e.to_string()))?;
    let computation = Computation::check(decision, &rules)?;
    if computation.amount.base_fen.0 != terms.base_fen || computation.facts.decided != terms.computed {
        return Err(DecisionRefused::OtherAmount);
    }
    Ok((computation, rules))
}
