//! The release: what a trustee signs, what the office's tool receives.
//!
//! ```text
//! deposit = JSON { trustee, resealed (base64), signature }
//! signature = Ed25519(trustee, transcript("mifeng/v1/release",
//!             award-terms hash, purpose, expiry, leaf index (8 B), set fingerprint, SHA-256(resealed), trustee (1 B)))
//! resealed  = age file to the office's two recipients around the trustee's shares of one lock, padded
//! ```

use super::approval::{Approval, AwardTerms};
use crate::{
    clock::Day,
    envelope::Envelope,
    lock::ShareFile,
    recipients::{RecipientSet, UntrustedRoster, UntrustedSet},
    signing::{Signature, SigningKey},
    transcript::sha256,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const DOMAIN: &str = "mifeng/v1/release";

/// Which lock is turned.
pub use crate::log::Purpose;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseRefused {
    #[error("the release expired on {0}")]
    Expired(Day),
    #[error("trustee {0} is not in the recipient set")]
    UnknownTrustee(u8),
    #[error("trustee {0} has given a share twice")]
    Twice(u8),
    #[error("the signature of trustee {0} does not fit this release")]
    Signature(u8),
    #[error("{found} of {needed} trustees")]
    TooFew { found: usize, needed: usize },
    #[error("the deposit is too large or not base64")]
    Unreadable,
}

/// One release: the approved award, the lock, the day it ends, and the leaf that was published first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseTerms {
    pub award: AwardTerms,
    pub purpose: Purpose,
    /// Last day on which a share may be given or the package opened.
    pub expires: Day,
    /// Where the release leaf stands in the log.
    pub leaf_index: u64,
}

impl ReleaseTerms {
    fn parts(&self, set: &RecipientSet, resealed: &[u8], trustee: u8) -> Vec<Vec<u8>> {
        vec![
            self.award.hash().to_vec(),
            self.purpose.text().into(),
            self.expires.to_string().into_bytes(),
            self.leaf_index.to_be_bytes().to_vec(),
            set.fingerprint().as_bytes().to_vec(),
            sha256(resealed).to_vec(),
            vec![trustee],
        ]
    }
}

/// One trustee's answer: the share, sealed again to the office, and the signature over the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    /// Position in the recipient set, from 1.
    pub trustee: u8,
    resealed: String,
    signature: Signature,
}

impl Deposit {
    pub fn sign(
        terms: &ReleaseTerms,
        set: &RecipientSet,
        trustee: u8,
        resealed: &[u8],
        key: &SigningKey,
    ) -> Self {
        let parts = terms.parts(set, resealed, trustee);
        let parts: Vec<&[u8]> = parts.iter().map(|p| &p[..]).collect();
        Self { trustee, resealed: BASE64_STANDARD.encode(resealed), signature: key.sign(DOMAIN, &parts) }
    }

    /// Checks the signature and the day; the server does this on upload, the office's tool before opening.
    pub fn verify(
        &self,
        terms: &ReleaseTerms,
        set: &RecipientSet,
        today: Day,
    ) -> Result<Vec<u8>, ReleaseRefused> {
        if today > terms.expires {
            return Err(ReleaseRefused::Expired(terms.expires));
        }
        let position = usize::from(self.trustee).checked_sub(1);
        let trustee = position
            .and_then(|i| set.trustees().get(i))
            .ok_or(ReleaseRefused::UnknownTrustee(self.trustee))?;
        let resealed = BASE64_STANDARD.decode(&self.resealed).map_err(|_| ReleaseRefused::Unreadable)?;
        let parts = terms.parts(set, &resealed, self.trustee);
        let parts: Vec<&[u8]> = parts.iter().map(|p| &p[..]).collect();
        if !trustee.verify.accepts(DOMAIN, &parts, &self.signature) {
            return Err(ReleaseRefused::Signature(self.trustee));
        }
        Ok(resealed)
    }
}

/// Proof that t different trustees gave a share for exactly this release. Only [`Quorum::gather`] makes one.
#[derive(Debug)]
pub struct Quorum {
    terms: ReleaseTerms,
    resealed: Vec<(u8, Vec<u8>)>,
}

impl Quorum {
    pub fn gather(
        terms: &ReleaseTerms,
        set: &RecipientSet,
        deposits: &[Deposit],
        today: Day,
    ) -> Result<Self, ReleaseRefused> {
        let mut seen = BTreeSet::new();
        let mut resealed = Vec::new();
        for deposit in deposits {
            if !seen.insert(deposit.trustee) {
                return Err(ReleaseRefused::Twice(deposit.trustee));
            }
            resealed.push((deposit.trustee, deposit.verify(terms, set, today)?));
        }
        if resealed.len() < set.threshold() {
            return Err(ReleaseRefused::TooFew { found: resealed.len(), needed: set.threshold() });
        }
        Ok(Self { terms: terms.clone(), resealed })
    }

    pub fn terms(&self) -> &ReleaseTerms {
        &self.terms
    }
    pub(crate) fn resealed(&self) -> &[(u8, Vec<u8>)] {
        &self.resealed
    }
}

/// What the console gives a trustee to take to their own machine. Holds nothing that opens without their key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRequest {
    pub format: u16,
    pub set: UntrustedSet,
    pub roster: UntrustedRoster,
    pub terms: ReleaseTerms,
    pub approvals: Vec<Approval>,
    /// How many approvals policy asks for.
    pub approvals_needed: usize,
    /// The computed award with its trace, as stored: JSON text whose hash the terms carry.
    pub decision: String,
    /// Position of the trustee this is for, from 1.
    pub trustee: u8,
    /// SHA-256 of each envelope, hexadecimal, in the order of `share_files`.
    pub envelopes: Vec<String>,
    pub share_files: Vec<ShareFile>,
    /// Proof that the release leaf is in the log (`log::proof`), as JSON.
    pub proof: serde_json::Value,
}

/// What the office's tool opens offline. May be downloaded again, byte for byte, until an outcome is recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasePackage {
    pub format: u16,
    pub set: UntrustedSet,
    pub roster: UntrustedRoster,
    pub terms: ReleaseTerms,
    pub approvals: Vec<Approval>,
    pub approvals_needed: usize,
    pub decision: String,
    pub envelopes: Vec<Envelope>,
    pub deposits: Vec<Deposit>,
    /// Rule text for the tests that need a person (insider uplift, caps), as it stood when computed.
    pub policy: serde_json::Value,
}
