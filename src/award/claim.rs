//! The reporter's own claim: a signature that only the receipt gives, over the award it claims. Without it no
//! tool gives a share or opens a package, so that a server cannot release an award that nobody claimed.
//!
//! ```text
//! claim = Ed25519(claim key of the receipt, transcript("mifeng/v1/claim", award-terms hash))
//! ```
//! The public half stands beside the report and, where no server can change it, inside every share file.
//! What a claim does not say: who made it, beyond that they hold the receipt.

use super::approval::AwardTerms;
use crate::signing::{Signature, SigningKey, VerifyKey};
use serde::{Deserialize, Serialize};

const DOMAIN: &str = "mifeng/v1/claim";

/// The claim was not made with this report's receipt, or is for another award.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the holder of this report's receipt has not claimed this award")]
pub struct NotClaimed;

/// A claim as it is kept and travels. Not to be believed before [`Claim::prove`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Claim(Signature);

impl Claim {
    /// `key` is [`Receipt::claim_key`](crate::receipt::Receipt::claim_key).
    pub fn sign(terms: &AwardTerms, key: &SigningKey) -> Self {
        Self(key.sign(DOMAIN, &[&terms.hash()]))
    }

    /// Checks it against the report's claim key.
    pub fn prove(&self, terms: &AwardTerms, key: VerifyKey) -> Result<ProvenClaim, NotClaimed> {
        let award = terms.hash();
        if !key.accepts(DOMAIN, &[&award], &self.0) {
            return Err(NotClaimed);
        }
        Ok(ProvenClaim { award, key })
    }
}

/// Proof that whoever holds the receipt claimed exactly this award. Only [`Claim::prove`] makes one.
///
/// ```compile_fail,E0451
/// fn forge(key: mifeng::signing::VerifyKey) -> mifeng::award::claim::ProvenClaim {
///     mifeng::award::claim::ProvenClaim { award: [0; 32], key }
/// }
/// ```
/// ```
/// fn pass(claim: mifeng::award::claim::ProvenClaim) -> mifeng::award::claim::ProvenClaim { claim }
/// ```
#[derive(Debug)]
pub struct ProvenClaim {
    award: [u8; 32],
    key: VerifyKey,
}

impl ProvenClaim {
    /// Whether it is for this award, and by this key.
    pub(crate) fn is_for(&self, terms: &AwardTerms, key: VerifyKey) -> bool {
        self.award == terms.hash() && self.key == key
    }
}
