//! The clocks a case runs against: calendar days or months in Asia/Shanghai, the last day included to its end.

use super::{
    source::{PolicyError, Source},
    values::{Days, Period},
};
use serde::Deserialize;

/// `deadlines.toml`. Each period says what starts it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    /// From submission (or the answer to a supplement request) to the decision to accept.
    pub accept: Period,
    /// From submission when people are in imminent danger: first action.
    pub imminent_danger: Period,
    /// From our request to the reporter's supplement.
    pub supplement: Period,
    /// From acceptance to the conclusion.
    pub verify: Period,
    /// The most a single extension of `verify` may add. An approver grants it.
    pub extend: Period,
    /// From the reply to the reporter's objection.
    pub objection: Period,
    /// From the objection to the answer.
    pub review: Period,
    /// From the reporter's word of retaliation to the answer.
    pub retaliation: Period,
    /// From the reporter's wish for deletion to the decision.
    pub deletion: Period,
    /// From the notice of an award to the claim.
    pub claim: Period,
    /// The most a stated reason may add to `claim`.
    pub claim_extend: Days,
    /// How long a public notice stands when the reporter does not come back.
    pub public_notice: Period,
    /// From an approver's signature to its expiry.
    pub approval_expires: Days,
    /// From the published release to the expiry of trustees' shares.
    pub release_expires: Days,
    /// How often a case may be transferred before the level above must decide.
    pub most_transfers: u8,
    /// Deadline bands staff see: due soon, due before long.
    pub bands: Bands,
}

/// Days left at which a deadline changes its colour and sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    pub soon: Days,
    pub coming: Days,
}

impl Deadlines {
    /// # Errors
    /// If a period is missing, unknown or out of range, or the bands are not in order.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        let deadlines: Self = source.parse()?;
        if deadlines.bands.soon >= deadlines.bands.coming {
            let at = source.text.find("[bands]").unwrap_or(0);
            return Err(source.refuse(&(at..at), "bands: soon must be less than coming"));
        }
        Ok(deadlines)
    }
}
