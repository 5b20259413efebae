//! What other rules, or other facts, would make of an award that has not been opened yet.

use super::{
    compute::{decide, offers, options},
    decision::Decision,
    paper::Paper,
};
use crate::policy::RewardRules;

/// What other rules would make of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The very same, step by step.
    None,
    /// The same sum, by another rule or in other steps.
    SameSum,
    /// Something else.
    Other(Box<Decision>),
}

/// Decides the paper's facts again under `rules`, for the day it was decided on.
pub fn effect(paper: &Paper, rules: &RewardRules) -> Effect {
    if offers(rules, &paper.facts, &paper.amount) {
        return Effect::None;
    }
    let decision = decide(rules, &paper.facts);
    let base = paper.amount.base_fen;
    if options(decision.clone()).iter().any(|option| option.with_base(base).is_ok()) {
        Effect::SameSum
    } else {
        Effect::Other(Box::new(decision))
    }
}

/// States, by [`AwardState::name`], in which an award could still be decided anew: nothing about it has been published.
const OPEN: [&str; 5] = ["computed", "approved", "filed", "notified", "claimed"];

/// Whether an award in the state of this name could still be decided anew.
pub fn is_open(state: &str) -> bool {
    OPEN.contains(&state)
}
