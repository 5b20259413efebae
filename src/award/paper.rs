//! The decision as it is kept, approved and handed to the tools: facts, amount and trace, computed again by whoever
//! relies on it.
//!
//! ```text
//! paper = JSON { format, facts, amount, reason, rules }      rules = SHA-256 of the rule files as read
//! ```

use super::{
    approval::AwardTerms,
    compute,
    decision::{Amount, Facts},
    record::decision_hash,
};
use crate::{policy::RewardRules, transcript::sha256};
use serde::{Deserialize, Serialize};

const FORMAT: u16 = 1;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperRefused {
    #[error("the decision is not of a form this program knows")]
    Unreadable,
    #[error("the decision is not the one that was approved")]
    OtherDecision,
    #[error("the decision says another amount than the award")]
    OtherAmount,
    #[error("the reward rules are not those the decision names")]
    OtherRules,
    #[error("the reward rules cannot be read: {0}")]
    RulesUnreadable(String),
    #[error("the rules do not give this amount for these facts")]
    NotByTheRules,
}

/// One settled decision. Holds nothing about a person: `insider` and `real_name` are unknown in its facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    format: u16,
    pub facts: Facts,
    pub amount: Amount,
    /// Why a person set or chose the amount, where the rules left it to one.
    pub reason: Option<String>,
    #[serde(with = "hex::serde")]
    rules: [u8; 32],
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
        if !compute::offers(rules, &facts, amount) {
            return Err(PaperRefused::NotByTheRules);
        }
        let rules = sha256(rules.snapshot().as_bytes());
        Ok(Self { format: FORMAT, facts, amount: amount.clone(), reason, rules })
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

    /// The paper and its rules, if the text is what was approved and the rules give exactly this amount.
    pub fn check(text: &str, terms: &AwardTerms, rules: &str) -> Result<(Self, RewardRules), PaperRefused> {
        if decision_hash(text) != terms.rule_and_inputs {
            return Err(PaperRefused::OtherDecision);
        }
        let paper = Self::read(text)?;
        if paper.amount.base_fen.0 != terms.base_fen || paper.facts.decided != terms.computed {
            return Err(PaperRefused::OtherAmount);
        }
        if sha256(rules.as_bytes()) != paper.rules {
            return Err(PaperRefused::OtherRules);
        }
        let rules =
            RewardRules::from_snapshot(rules).map_err(|e| PaperRefused::RulesUnreadable(e.to_string()))?;
        let person_free = paper.facts.insider.is_none() && paper.facts.real_name.is_none();
        if !person_free || !compute::offers(&rules, &paper.facts, &paper.amount) {
            return Err(PaperRefused::NotByTheRules);
        }
        Ok((paper, rules))
    }
}
