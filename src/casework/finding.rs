//! What a verification ends with.

use serde::{Deserialize, Serialize};

/// What the verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    True,
    Partly,
    False,
    CannotBeEstablished,
}

impl Finding {
    pub const ALL: [Self; 4] = [Self::True, Self::Partly, Self::False, Self::CannotBeEstablished];

    pub fn code(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::Partly => "partly",
            Self::False => "false",
            Self::CannotBeEstablished => "cannot_be_established",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.code() == code)
    }
    /// Only a matter found true, or partly so, can earn an award.
    pub fn is_verified(self) -> bool {
        matches!(self, Self::True | Self::Partly)
    }
}

/// Whether the matter meets the conditions of an award. Says nothing about the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewardConditions {
    /// Met as far as the matter goes; the rest depends on the claim.
    Met,
    NotMet,
}

impl RewardConditions {
    pub const ALL: [Self; 2] = [Self::Met, Self::NotMet];

    pub fn code(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reward| reward.code() == code)
    }
}
