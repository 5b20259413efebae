//! What is known of a matter, and what the rules make of it.

use crate::{
    clock::Day,
    policy::{Code, Fen, Percent, RegionCode, RewardKind, Severity, Text, UpliftOrder},
    transcript,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The facts an award is computed from, as verified. Nothing here says who reported; `insider` and `real_name` are
/// known only to the officers' tool and stay out of the hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Where the matter is.
    pub region: RegionCode,
    /// The industry's code.
    pub sector: Option<Code>,
    /// The day the award is decided: the rules of that day count.
    pub decided: Day,
    /// Usually one. With an accident and something else, a person decides.
    pub kinds: BTreeSet<RewardKind>,
    pub severity: Severity,
    /// The report's class, where a rule has classes.
    pub class: Option<u8>,
    /// Whether a penalty case was filed.
    pub filed: bool,
    /// Fines on units and on persons.
    pub fines_fen: Vec<Fen>,
    pub confiscated_fen: Fen,
    /// Verified deaths that had been concealed: what a tariff is paid for.
    pub deaths_verified: u32,
    /// All deaths of the accident, concealed or not: what its grade goes by.
    pub deaths_total: u32,
    /// Serious injuries.
    pub injuries_verified: u32,
    /// Direct economic loss.
    pub loss_fen: Fen,
    /// First accepted of all reports of the matter.
    pub first_accepted: bool,
    /// The authority or the unit had already found and handled it.
    pub already_known: bool,
    /// An award for the matter has already been paid.
    pub earlier_award: bool,
    /// Somebody working there, or family; `None` while nobody may know.
    pub insider: Option<bool>,
    /// `None` while nobody may know.
    pub real_name: Option<bool>,
}

/// What the rules say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Decision {
    Amount(Amount),
    Refused {
        reason: Refusal,
    },
    /// The rules leave it to a person, who may take one of the options, if any, and nothing else.
    Manual {
        reason: ManualReason,
        /// The rule in question, where there is only one.
        rule: Option<RuleRef>,
        /// What is certain so far.
        steps: Vec<Step>,
        options: Vec<Amount>,
    },
}

/// An amount with its trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Base and uplift together.
    pub fen: Fen,
    /// What two approvers approve, and the reporter is told.
    pub base_fen: Fen,
    /// What an insider gets on top; only ever present where `Facts::insider` is known.
    pub uplift: Option<UpliftPart>,
    /// Where the rule gives a band: how far up a person may go, with a reason.
    pub up_to_fen: Option<Fen>,
    /// The most one person is paid in a calendar month for this sort of matter, where the rule says so. Only the officers'
    /// tool, which knows the person, can apply it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_cap_fen: Option<Fen>,
    pub rule: RuleRef,
    pub steps: Vec<Step>,
    /// SHA-256 over rule, uplift rule and facts; see [`Amount::rule_and_inputs_hash`].
    #[serde(with = "hex::serde")]
    pub(super) terms: [u8; 32],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpliftPart {
    pub fen: Fen,
    pub rate: Percent,
    pub order: UpliftOrder,
    pub rule: RuleRef,
}

/// Which document, in which version of its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRef {
    pub id: Code,
    pub version: u32,
    pub document: String,
    pub title: Text,
}

/// One step of the computation, as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Where the rule says so.
    pub article: Text,
    pub text: Text,
    pub inputs: BTreeMap<String, Value>,
    pub result: Value,
}

/// A number (money in fen, rates in hundredths of a percent, people) or a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Number(u64),
    Word(String),
}

/// Why there is no award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Another report of the matter was accepted before.
    NotFirstAccepted,
    /// Rewards are for real names.
    NoRealName,
    /// It had been found and handled before.
    AlreadyKnown,
    /// One matter, one award.
    EarlierAward,
    /// No rule in force there and then pays for it.
    NotCovered,
}

/// Why a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManualReason {
    /// The tariff is paid per verified death, and none is; the grade comes from injuries or loss.
    NoVerifiedDeaths,
    /// Both an accident and something else: no rule says which counts.
    BothKinds,
    /// The rule has classes and the report's is not known.
    ClassUnknown,
    /// The rule gives a band and proposes nothing.
    Band,
}

/// A base amount the rule does not offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rule offers {least} to {most} yuan")]
pub struct NotOffered {
    pub least: Fen,
    pub most: Fen,
}

impl Amount {
    /// By this two computations are told to be the same: SHA-256 of the transcript `mifeng/v1/rule-and-inputs` over the
    /// terms (rule, uplift rule and facts without the person, each as JSON with keys in declared order) and the base amount
    /// in fen, 8 bytes. The same with and without uplift.
    pub fn rule_and_inputs_hash(&self) -> [u8; 32] {
        transcript::hash("mifeng/v1/rule-and-inputs", &[&self.terms, &self.base_fen.0.to_be_bytes()])
    }

    /// What can still be paid to somebody who has been paid `paid` this month for this sort of matter; `None` if nothing.
    /// The base amount, which was approved and told, stays as it is.
    pub fn under_monthly_cap(&self, paid: Fen) -> Option<Self> {
        let Some(cap) = self.monthly_cap_fen else { return Some(self.clone()) };
        let left = cap.checked_sub(paid).filter(|left| left.0 > 0)?;
        if left >= self.fen {
            return Some(self.clone());
        }
        let mut amount = Self { fen: left, ..self.clone() };
        amount.steps.push(Step {
            article: self.last_article(),
            text: Text {
                zh: format!("本月上限 {cap} 元，已发 {paid} 元：实付 {left} 元"),
                en: format!("Not above CN¥{cap} this month, CN¥{paid} paid before: CN¥{left}"),
            },
            inputs: [
                ("monthly_cap_fen".to_owned(), Value::Number(cap.0)),
                ("paid_fen".to_owned(), Value::Number(paid.0)),
            ]
            .into(),
            result: Value::Number(left.0),
        });
        Some(amount)
    }

    /// Where the rule says what the last step says.
    fn last_article(&self) -> Text {
        self.steps.last().map_or_else(|| self.rule.title.clone(), |step| step.article.clone())
    }

    /// The same award with a base amount a person set within the rule's band.
    ///
    /// # Errors
    /// If the rule gives no band that reaches it, or an uplift is already in.
    pub fn with_base(&self, base: Fen) -> Result<Self, NotOffered> {
        let most = self.up_to_fen.filter(|_| self.uplift.is_none()).unwrap_or(self.base_fen);
        if base < self.base_fen || base > most {
            return Err(NotOffered { least: self.base_fen, most });
        }
        if base == self.base_fen {
            return Ok(self.clone());
        }
        let mut amount = Self { fen: base, base_fen: base, ..self.clone() };
        amount.steps.push(Step {
            article: self.last_article(),
            text: Text {
                zh: format!("由审批人在幅度内确定为 {base} 元"),
                en: format!("Set within the band by a person: CN¥{base}"),
            },
            inputs: [
                ("low_fen".to_owned(), Value::Number(self.base_fen.0)),
                ("high_fen".to_owned(), Value::Number(most.0)),
            ]
            .into(),
            result: Value::Number(base.0),
        });
        Ok(amount)
    }
}

impl Refusal {
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::NotFirstAccepted => (
                "同一事项已有更早受理的举报，奖励给最先受理的实名举报人",
                "An earlier accepted report of the same matter comes first",
            ),
            Self::NoRealName => (
                "没有留下真实姓名，无法发放奖励",
                "A reward can only be paid to a reporter who gave a real name",
            ),
            Self::AlreadyKnown => (
                "主管部门或单位此前已经发现并处理",
                "The authority or the unit had already found and handled it",
            ),
            Self::EarlierAward => {
                ("同一事项已经发放过奖励", "An award for the same matter has already been paid")
            }
            Self::NotCovered => (
                "当地当日有效的规定对此类事项没有奖励",
                "No rule in force there on that day pays for this kind of matter",
            ),
        };
        Text { zh: zh.into(), en: en.into() }
    }
}

impl ManualReason {
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::NoVerifiedDeaths => (
                "奖励按查实的瞒报死亡人数计算，本案没有查实的死亡人数，需要人工决定",
                "The award is paid per verified concealed death and none is verified, so a person decides",
            ),
            Self::BothKinds => (
                "本案既是瞒报事故又是隐患或违法行为，没有规定按哪一种计算，需要人工决定",
                "The matter is both a concealed accident and something else. No rule says which counts, so a person decides",
            ),
            Self::ClassUnknown => (
                "规定按举报等级计算，等级尚未确定，需要人工决定",
                "The rule goes by the report's class, which is not known, so a person decides",
            ),
            Self::Band => (
                "规定只给出幅度，需要人工确定金额",
                "The rule gives a band only, so a person sets the amount",
            ),
        };
        Text { zh: zh.into(), en: en.into() }
    }
}
