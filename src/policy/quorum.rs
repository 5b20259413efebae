//! How many people it takes. One is never enough.

use super::source::{PolicyError, Source};
use serde::{Deserialize, Serialize};

/// `quorum.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    pub trustees: Trustees,
    /// Different people who must approve an award's base amount.
    pub approvers: Approvers,
}

/// `threshold` of `total` trustees open a lock: 2 ≤ threshold ≤ total ≤ 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedTrustees")]
pub struct Trustees {
    threshold: u8,
    total: u8,
}

/// 2 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Approvers(u8);

/// Why a number of people was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadQuorum {
    #[error("expected 2 ≤ threshold ≤ total ≤ 16, found {threshold} of {total}")]
    Trustees { threshold: u8, total: u8 },
    #[error("expected 2 to 5 approvers, found {0}")]
    Approvers(u8),
}

impl Quorum {
    /// # Errors
    /// If a number is missing, unknown or such that one person would be enough.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        source.parse()
    }
}

impl Trustees {
    /// # Errors
    /// Unless 2 ≤ threshold ≤ total ≤ 16.
    pub fn new(threshold: u8, total: u8) -> Result<Self, BadQuorum> {
        if threshold < 2 || threshold > total || total > 16 {
            return Err(BadQuorum::Trustees { threshold, total });
        }
        Ok(Self { threshold, total })
    }
    pub fn threshold(self) -> u8 {
        self.threshold
    }
    pub fn total(self) -> u8 {
        self.total
    }
}

impl Approvers {
    pub fn count(self) -> usize {
        usize::from(self.0)
    }
}
impl TryFrom<u8> for Approvers {
    type Error = BadQuorum;
    fn try_from(count: u8) -> Result<Self, BadQuorum> {
        if (2..=5).contains(&count) { Ok(Self(count)) } else { Err(BadQuorum::Approvers(count)) }
    }
}
impl From<Approvers> for u8 {
    fn from(approvers: Approvers) -> Self {
        approvers.0
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedTrustees {
    threshold: u8,
    total: u8,
}
impl TryFrom<UncheckedTrustees> for Trustees {
    type Error = BadQuorum;
    fn try_from(UncheckedTrustees { threshold, total }: UncheckedTrustees) -> Result<Self, BadQuorum> {
        Self::new(threshold, total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_never_enough() {
        for (threshold, total) in [(0, 3), (1, 3), (4, 3), (2, 17)] {
            assert!(Trustees::new(threshold, total).is_err(), "{threshold} of {total}");
        }
        assert!(Trustees::new(2, 2).is_ok());
        assert_eq!(Approvers::try_from(1), Err(BadQuorum::Approvers(1)));
    }
}
