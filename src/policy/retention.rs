//! How long a closed case is kept before the key it was written under is destroyed.

use super::{
    source::{PolicyError, Source},
    values::Months,
};
use serde::Deserialize;

/// `retention.toml`. Counted in months from the day named, because keys are kept by month of expiry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// From submission: what a case gets before anything is decided. Moves only push it further.
    pub open_case: Months,
    /// From closing, a case that was investigated.
    pub closed: Months,
    /// From the decision, a report not accepted or passed to another department.
    pub not_accepted: Months,
    /// From withdrawal.
    pub withdrawn: Months,
    /// From the last step, an award paid, refused or lapsed.
    pub award: Months,
    /// From the entry, what staff read and did.
    pub staff_record: Months,
}

impl Retention {
    /// # Errors
    /// If a period is missing, unknown or out of range.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        source.parse()
    }
}
