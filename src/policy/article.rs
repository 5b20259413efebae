//! One article of a reward rule: what it applies to, and the one way in which it counts.

use super::{
    grades::Grade,
    money::{Fen, Percent, Yuan},
    text::Text,
};
use serde::{Deserialize, Serialize};

/// One article: what it applies to, and exactly one way to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedArticle")]
pub struct Article {
    /// Where it stands in the document.
    pub cite: Text,
    pub kinds: Vec<RewardKind>,
    /// Only major or only general hazards and violations; none means both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Only cases in which a penalty case was (or was not) filed; none means both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed: Option<bool>,
    /// Only reports of this class, where the document has classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<u8>,
    /// The most one person is paid in a calendar month for matters of this article; none means no such limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly_cap_yuan: Option<Yuan>,
    #[serde(flatten)]
    pub formula: Formula,
}

/// The kinds of matter a reward is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewardKind {
    Hazard,
    Violation,
    ConcealedAccident,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Major,
    General,
}

/// How an article counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// A share of the penalty, within a floor and a cap.
    Percent(PercentFormula),
    /// A tariff by the accident's final grade for each verified concealed death, up to a cap.
    PerDeath(PerDeathFormula),
    /// Anything from low to high.
    Band(BandFormula),
    /// One sum.
    Fixed(FixedFormula),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PercentFormula {
    pub rate: Percent,
    /// Whether confiscated gains count towards the penalty. Fines, on units and on persons, always do.
    pub confiscated: bool,
    pub floor_yuan: Yuan,
    pub cap_yuan: Yuan,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerDeathFormula {
    pub ordinary_yuan: Yuan,
    pub larger_yuan: Yuan,
    pub major_yuan: Yuan,
    pub extraordinary_yuan: Yuan,
    pub cap_yuan: Yuan,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandFormula {
    pub low_yuan: Yuan,
    pub high_yuan: Yuan,
    /// What is proposed without a person's reason for more.
    pub proposed: Proposed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposed {
    /// The low end; a person may go up to the high end.
    Low,
    /// Nothing: a person sets it.
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedFormula {
    pub amount_yuan: Yuan,
}

impl PerDeathFormula {
    pub fn tariff(&self, grade: Grade) -> Fen {
        match grade {
            Grade::Ordinary => self.ordinary_yuan.fen(),
            Grade::Larger => self.larger_yuan.fen(),
            Grade::Major => self.major_yuan.fen(),
            Grade::Extraordinary => self.extraordinary_yuan.fen(),
        }
    }
}

impl Article {
    /// Whether both could count one case.
    pub(super) fn collides(&self, other: &Self) -> bool {
        fn meet<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
            match (a, b) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            }
        }
        self.kinds.iter().any(|kind| other.kinds.contains(kind))
            && meet(self.severity, other.severity)
            && meet(self.filed, other.filed)
            && meet(self.class, other.class)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedArticle {
    cite: Text,
    kinds: Vec<RewardKind>,
    severity: Option<Severity>,
    filed: Option<bool>,
    class: Option<u8>,
    monthly_cap_yuan: Option<Yuan>,
    percent: Option<PercentFormula>,
    per_death: Option<PerDeathFormula>,
    band: Option<BandFormula>,
    fixed: Option<FixedFormula>,
}

/// Why an article was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadArticle {
    #[error("an article needs exactly one of percent, per_death, band and fixed")]
    NotOneFormula,
    #[error("an article needs at least one kind, each once")]
    Kinds,
    #[error("deaths are counted for concealed accidents only, and nothing else is counted for them")]
    DeathsForOther,
    #[error("a floor must not be above its cap, nor a low end above its high end, and a cap not be 0")]
    Bounds,
}

impl TryFrom<UncheckedArticle> for Article {
    type Error = BadArticle;
    fn try_from(raw: UncheckedArticle) -> Result<Self, BadArticle> {
        let formula = match (raw.percent, raw.per_death, raw.band, raw.fixed) {
            (Some(f), None, None, None) => Formula::Percent(f),
            (None, Some(f), None, None) => Formula::PerDeath(f),
            (None, None, Some(f), None) => Formula::Band(f),
            (None, None, None, Some(f)) => Formula::Fixed(f),
            _ => return Err(BadArticle::NotOneFormula),
        };
        let mut kinds = raw.kinds.clone();
        kinds.sort();
        kinds.dedup();
        if kinds.is_empty() || kinds.len() != raw.kinds.len() {
            return Err(BadArticle::Kinds);
        }
        let accidents = kinds.iter().filter(|kind| **kind == RewardKind::ConcealedAccident).count();
        match &formula {
            Formula::PerDeath(_) if accidents != kinds.len() => return Err(BadArticle::DeathsForOther),
            Formula::Percent(_) if accidents > 0 => return Err(BadArticle::DeathsForOther),
            _ => {}
        }
        let nothing = Fen(0);
        let sound = match &formula {
            Formula::Percent(f) => f.floor_yuan <= f.cap_yuan && f.cap_yuan.fen() > nothing,
            Formula::PerDeath(f) => f.cap_yuan.fen() > nothing,
            Formula::Band(f) => f.low_yuan <= f.high_yuan && f.high_yuan.fen() > nothing,
            Formula::Fixed(f) => f.amount_yuan.fen() > nothing,
        };
        if !sound || raw.monthly_cap_yuan.is_some_and(|cap| cap.fen() == nothing) {
            return Err(BadArticle::Bounds);
        }
        Ok(Self {
            cite: raw.cite,
            kinds,
            severity: raw.severity,
            filed: raw.filed,
            class: raw.class,
            monthly_cap_yuan: raw.monthly_cap_yuan,
            formula,
        })
    }
}
