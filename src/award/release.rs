//! The release: what a trustee signs, what the office's tool receives.
//!
//! ```text
//! deposit = JSON { trustee, resealed (base64), signature }
//! signature = Ed25519(trustee, transcript("mifeng/v1/release",
//!             award-terms hash, purpose, expiry, leaf index (8 B), set fingerprint, SHA-256(resealed), trustee (1 B)))
//! resealed  = age file to the office's two recipients around the trustee's shares of one lock, padded
//! ```

use super::{
    approval::{Approval, AwardTerms},
    claim::Claim,
    handover::Handover,
};
pub use crate::log::Purpose;
use crate::{
    clock::Day,
    envelope::Envelope,
    ids::ReportId,
    lock::ShareFile,
    log::{
        Event, Leaf,
        proof::{Proof, Published},
    },
    receipt::AuditKey,
    recipients::{RecipientSet, UntrustedRoster, UntrustedSet},
    signing::{Signature, SigningKey},
    transcript::{self, sha256},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
#[cfg(feature = "open")]
use std::collections::BTreeSet;

const DOMAIN: &str = "mifeng/v1/release";

/// Why a release counts as not published. A trustee's tool gives no share then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPublished {
    #[error("the entry stands at another place of the log than the release says")]
    OtherPlace,
    #[error("the entry was not made with the audit key of this report")]
    OtherReport,
    #[error("the entry does not announce this release")]
    OtherRelease,
}

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

/// What a release is for and what its leaf announced. One type a purpose, so that what was given for one never fits the
/// other: signatures, leaf and resealed shares are bound to [`Terms::matter`] and the purpose, too.
pub trait Terms: Clone + PartialEq {
    fn purpose(&self) -> Purpose;
    /// SHA-256 of what was decided or asked, under a domain of its own for each kind.
    fn matter(&self) -> [u8; 32];
    /// Last day on which a share may be given or the package opened.
    fn expires(&self) -> Day;
    /// Where the release leaf stands in the log.
    fn leaf_index(&self) -> u64;
    /// Which of this report's leaves it is, counted from 0.
    fn leaf_n(&self) -> u8;

    /// What the release leaf carries, so that it cannot be used for another release.
    fn digest(&self) -> [u8; 32] {
        transcript::hash(
            "mifeng/v1/release-leaf",
            &[&self.matter(), self.purpose().text().as_bytes(), self.expires().to_string().as_bytes()],
        )
    }

    /// Whether this leaf announces this release.
    fn is_announced_by(&self, leaf: &Leaf) -> bool {
        leaf.event == Event::Release
            && leaf.purpose == Some(self.purpose())
            && leaf.digest == Some(self.digest())
    }
}

fn signed_parts(terms: &impl Terms, set: &RecipientSet, resealed: &[u8], trustee: u8) -> Vec<Vec<u8>> {
    vec![
        terms.matter().to_vec(),
        terms.purpose().text().into(),
        terms.expires().to_string().into_bytes(),
        terms.leaf_index().to_be_bytes().to_vec(),
        set.fingerprint().as_bytes().to_vec(),
        sha256(resealed).to_vec(),
        vec![trustee],
    ]
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
    /// Which of this report's leaves it is, counted from 0.
    pub leaf_n: u8,
}

impl Terms for ReleaseTerms {
    fn purpose(&self) -> Purpose {
        self.purpose
    }
    fn matter(&self) -> [u8; 32] {
        self.award.hash()
    }
    fn expires(&self) -> Day {
        self.expires
    }
    fn leaf_index(&self) -> u64 {
        self.leaf_index
    }
    fn leaf_n(&self) -> u8 {
        self.leaf_n
    }
}

/// Proof that this very release was published first: its leaf, made with the report's own audit key, is in a
/// checkpoint that the pinned log key signed. Only [`PublishedRelease::check`] makes one.
pub struct PublishedRelease<T = ReleaseTerms> {
    terms: T,
    audit_key: AuditKey,
}

impl<T: Terms> PublishedRelease<T> {
    /// `published` was checked against the pinned log key and the last checkpoint the caller saw.
    pub fn check(terms: &T, audit_key: &AuditKey, published: &Published) -> Result<Self, NotPublished> {
        if published.index() != terms.leaf_index() {
            return Err(NotPublished::OtherPlace);
        }
        let leaf =
            published.entry().open(audit_key, terms.leaf_n()).map_err(|_| NotPublished::OtherReport)?;
        if !terms.is_announced_by(&leaf) {
            return Err(NotPublished::OtherRelease);
        }
        Ok(Self { terms: terms.clone(), audit_key: audit_key.clone() })
    }

    pub(crate) fn is_for(&self, terms: &T, audit_key: &AuditKey) -> bool {
        self.terms == *terms && self.audit_key == *audit_key
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
        terms: &impl Terms,
        set: &RecipientSet,
        trustee: u8,
        resealed: &[u8],
        key: &SigningKey,
    ) -> Self {
        let parts = signed_parts(terms, set, resealed, trustee);
        let parts: Vec<&[u8]> = parts.iter().map(|p| &p[..]).collect();
        Self { trustee, resealed: BASE64_STANDARD.encode(resealed), signature: key.sign(DOMAIN, &parts) }
    }

    /// Checks the signature and the day; the server does this on upload, the office's tool before opening.
    pub fn verify(
        &self,
        terms: &impl Terms,
        set: &RecipientSet,
        today: Day,
    ) -> Result<Vec<u8>, ReleaseRefused> {
        if today > terms.expires() {
            return Err(ReleaseRefused::Expired(terms.expires()));
        }
        let position = usize::from(self.trustee).checked_sub(1);
        let trustee = position
            .and_then(|i| set.trustees().get(i))
            .ok_or(ReleaseRefused::UnknownTrustee(self.trustee))?;
        let resealed = BASE64_STANDARD.decode(&self.resealed).map_err(|_| ReleaseRefused::Unreadable)?;
        let parts = signed_parts(terms, set, &resealed, self.trustee);
        let parts: Vec<&[u8]> = parts.iter().map(|p| &p[..]).collect();
        if !trustee.verify.accepts(DOMAIN, &parts, &self.signature) {
            return Err(ReleaseRefused::Signature(self.trustee));
        }
        Ok(resealed)
    }
}

/// Proof that t different trustees gave a share for exactly this release. Only [`Quorum::gather`] makes one.
#[cfg(feature = "open")]
#[derive(Debug)]
pub struct Quorum<T = ReleaseTerms> {
    terms: T,
    resealed: Vec<(u8, Vec<u8>)>,
}

#[cfg(feature = "open")]
impl<T: Terms> Quorum<T> {
    pub fn gather(
        terms: &T,
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

    pub fn terms(&self) -> &T {
        &self.terms
    }
    #[cfg_attr(not(feature = "open"), expect(dead_code, reason = "read by the opening code alone"))]
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
    /// What the holder of the receipt signed.
    pub claim: Claim,
    /// Of a report that staff entered: how its receipt gave way to the one that claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<Handover>,
    /// The computed award with its trace, as stored: JSON text whose hash the terms carry.
    pub decision: String,
    /// The rules in force when it was computed, a snapshot: the tool computes the award again.
    pub rules: String,
    /// Position of the trustee this is for, from 1.
    pub trustee: u8,
    /// SHA-256 of each envelope, hexadecimal, in the order of `share_files`.
    pub envelopes: Vec<String>,
    pub share_files: Vec<ShareFile>,
    /// That the release leaf is in the log.
    pub proof: Proof,
}

/// What a trustee's tool gives back, to be uploaded.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseAnswer {
    pub format: u16,
    pub report: ReportId,
    pub leaf_index: u64,
    pub deposit: Deposit,
    /// The checkpoint the trustee checked, with the trustee's cosignature.
    pub checkpoint: String,
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
    /// What the holder of the receipt signed.
    pub claim: Claim,
    pub decision: String,
    pub envelopes: Vec<Envelope>,
    pub deposits: Vec<Deposit>,
    /// The reward rules of the day it was computed: the insider uplift follows from them.
    pub rules: String,
}
