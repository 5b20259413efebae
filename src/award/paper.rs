//! The decision as it is kept, approved and handed to the tools. Whoever relies on it computes it again.
//!
//! ```text
//! paper = JSON { format, computation: { facts, amount }, reason }      terms carry transcript-hash(paper)
//! ```

use super::{
    approval::AwardTerms,
    compute::{Computation, NotComputed},
    decision::{Amount, Facts},
};
use crate::{policy::RewardRules, transcript};
use serde::{Deserialize, Serialize};
use std::ops::Deref;

const FORMAT: u16 = 1;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperRefused {
    #[error("the decision is not of a form this program knows")]
    Unreadable,
    #[error("the decision is not the one that was approved")]
    OtherDecision,
    #[error("the decision says another amount or day than the award")]
    OtherAmount,
    #[error("the reward rules cannot be read: {0}")]
    Rules(String),
    #[error(transparent)]
    NotComputed(#[from] NotComputed),
}

/// One settled decision. Says nothing about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    format: u16,
    computation: Computation,
    /// Why a person set or chose the amount, where the rules left it to one.
    pub reason: Option<String>,
}

impl Deref for Paper {
    type Target = Computation;
    fn deref(&self) -> &Computation {
        &self.computation
    }
}

/// Stands for a decision in the award's terms: facts, rule and steps are all in its text.
pub fn decision_hash(decision: &str) -> [u8; 32] {
    transcript::hash("mifeng/v1/award-decision", &[decision.as_bytes()])
}

impl Paper {
    /// An amount that the rules offer for these facts; what is known of the person is left out.
    pub fn settle(
        rules: &RewardRules,
        facts: &Facts,
        amount: &Amount,
        reason: Option<String>,
    ) -> Result<Self, PaperRefused> {
        let facts = Facts { insider: None, real_name: None, ..facts.clone() };
        let paper =
            Self { format: FORMAT, computation: Computation { facts, amount: amount.clone() }, reason };
        paper.recomputed(rules)
    }

    /// The text whose hash the award's terms carry.
    pub fn text(&self) -> String {
        // Unwrap safety: plain structs of strings and numbers always have a JSON form.
        serde_json::to_string(self).unwrap()
    }

    /// To show; whoever relies on it calls [`Paper::check`].
    pub fn read(text: &str) -> Result<Self, PaperRefused> {
        let paper: Self = serde_json::from_str(text).map_err(|_| PaperRefused::Unreadable)?;
        if paper.format == FORMAT { Ok(paper) } else { Err(PaperRefused::Unreadable) }
    }

    /// The paper and its rules, if `text` is what the terms carry and `rules` (a snapshot) give it.
    pub fn check(text: &str, terms: &AwardTerms, rules: &str) -> Result<(Self, RewardRules), PaperRefused> {
        if decision_hash(text) != terms.rule_and_inputs {
            return Err(PaperRefused::OtherDecision);
        }
        let rules = RewardRules::from_snapshot(rules).map_err(|e| PaperRefused::Rules(e.to_string()))?;
        let paper = Self::read(text)?.recomputed(&rules)?;
        if paper.amount.base_fen.0 != terms.base_fen || paper.facts.decided != terms.computed {
            return Err(PaperRefused::OtherAmount);
        }
        Ok((paper, rules))
    }

    fn recomputed(self, rules: &RewardRules) -> Result<Self, PaperRefused> {
        Computation::check(&self.computation.text(), rules)?;
        Ok(self)
    }
}
