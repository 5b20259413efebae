//! One trustee turns one lock: opens their share files, and seals the shares of one lock again to the office.
//!
//! ```text
//! resealed = length (4 B) ‖ age file to the office's two recipients ‖ zeros up to a multiple of 4,096 B
//! inside   = JSON: trustee, purpose, terms hash (of the award, or of the request for an original), claim key, and for each envelope of the report:
//!            SHA-256(envelope), share, SHA-256 of all n shares
//! ```
//! The caller must first have checked the approvals, checked the reporter's claim against the claim key in here,
//! and found the release leaf in the log with this report's own audit key; [`OpenedShares::reseal`] cannot be
//! called without all three proofs. For an original, [`OpenedShares::reseal_files`] asks for the proof that the report's own
//! log told its reporter, and that they did not object in time; it gives the share of one envelope's `F`, never of an `L`.

use super::seal::{ShareBody, b64, json, un_b64};
use crate::{
    award::{
        approval::PayoutApproval,
        claim::ProvenClaim,
        handover::{Handover, Heir},
        release::{Deposit, PublishedRelease, Purpose, ReleaseTerms, Terms},
    },
    evidence::{FilesRelease, Unopposed},
    ids::ReportId,
    lock::ShareFile,
    padded,
    receipt::AuditKey,
    recipients::RecipientSet,
    signing::{SigningKey, VerifyKey},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::{Zeroize, ZeroizeOnDrop};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareRefused {
    #[error("there is no share file")]
    None,
    #[error("share file {0} does not open with this key")]
    WrongKey(usize),
    #[error("share file {0} belongs to another report, another envelope or another recipient set")]
    OtherReport(usize),
    #[error("share file {0} is not well formed")]
    Malformed(usize),
    #[error("this key is none of the recipient set in force")]
    NotInTheSet,
    #[error("the receipt that staff issued has not handed this report over to the one that claims")]
    NotHandedOver,
    #[error("the approval is for another award than the release")]
    OtherAward,
    #[error("the claim is for another award, or by another report's receipt")]
    OtherClaim,
    #[error("the published leaf is for another release")]
    OtherRelease,
    #[error("a payment's release is for an identity, this one says {0}")]
    OtherPurpose(&'static str),
    #[error("the opening is for an envelope that is not this report's")]
    NoSuchEnvelope,
}

/// What the caller expects the share files to be for.
pub struct Expected<'a> {
    /// The set in force. Share files may be of earlier sets in which the same key stood, at whatever place.
    pub set: &'a RecipientSet,
    pub report: ReportId,
    /// SHA-256 of each envelope, in the order of the share files.
    pub envelopes: &'a [[u8; 32]],
    /// Of a report that staff entered: the first share files then name the keys of the receipt they issued.
    pub handover: Option<&'a Handover>,
}

/// A trustee's opened shares of one report. Not printable; wiped when dropped.
pub struct OpenedShares {
    audit_key: AuditKey,
    claim_key: VerifyKey,
    trustee: u8,
    bodies: Vec<ShareBody>,
}

/// What is sealed again to the office.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(super) struct Resealed {
    pub format: u16,
    pub trustee: u8,
    pub purpose: String,
    pub award: String,
    pub claim_key: String,
    pub shares: Vec<ResealedShare>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(super) struct ResealedShare {
    pub envelope_sha256: String,
    pub share: String,
    pub hashes: Vec<String>,
}

impl OpenedShares {
    /// Opens every share file with the trustee's age key and checks what it is bound to.
    pub fn open(
        files: &[ShareFile],
        key: &age::x25519::Identity,
        expected: &Expected<'_>,
    ) -> Result<Self, ShareRefused> {
        // Of the first receipt and, after a handover, of the one that took over.
        let mut keys: Vec<(AuditKey, VerifyKey)> = Vec::new();
        let own = expected.set.place_of_recipient(&key.to_public().to_string());
        let mut places = BTreeMap::from([(expected.set.number(), own.unwrap_or_default())]);
        let mut bodies = Vec::new();
        if files.is_empty() {
            return Err(ShareRefused::None);
        }
        for (i, file) in files.iter().enumerate() {
            let plain = padded::unseal(file.padded(), key).ok_or(ShareRefused::WrongKey(i + 1))?;
            let body: ShareBody =
                serde_json::from_slice(&plain).map_err(|_| ShareRefused::Malformed(i + 1))?;
            let audit = un_b64(&body.audit_key).and_then(|bytes| bytes.as_slice().try_into().ok());
            let audit = AuditKey(audit.ok_or(ShareRefused::Malformed(i + 1))?);
            let claim: VerifyKey = body.claim_key.parse().map_err(|_| ShareRefused::Malformed(i + 1))?;
            let bound = body.format == 1
                && body.instance == expected.set.instance().0
                && body.report == expected.report.to_string()
                && body.set_number <= expected.set.number()
                && expected.envelopes.get(i).is_some_and(|hash| b64(hash) == body.envelope_sha256)
                && *places.entry(body.set_number).or_insert(body.trustee) == body.trustee;
            if keys.last() != Some(&(audit.clone(), claim)) {
                keys.push((audit, claim));
            }
            let receipts = if expected.handover.is_some() { 2 } else { 1 };
            if !bound || keys.len() > receipts || expected.envelopes.len() != files.len() {
                return Err(ShareRefused::OtherReport(i + 1));
            }
            bodies.push(body);
        }
        if let Some(handover) = expected.handover {
            let [(_, first), (audit_key, claim_key)] = keys.as_slice() else {
                return Err(ShareRefused::NotHandedOver);
            };
            let instance = expected.set.instance();
            let heir = Heir { instance, report: expected.report, claim_key: *claim_key, audit_key };
            if !handover.fits(*first, &heir) {
                return Err(ShareRefused::NotHandedOver);
            }
        }
        // Unwrap safety: at least one file was opened.
        let (audit_key, claim_key) = keys.pop().unwrap();
        Ok(Self { audit_key, claim_key, trustee: own.ok_or(ShareRefused::NotInTheSet)?, bodies })
    }

    /// Finds this report's leaves in the log.
    pub fn audit_key(&self) -> &AuditKey {
        &self.audit_key
    }

    /// Checks this report's claim.
    pub fn claim_key(&self) -> VerifyKey {
        self.claim_key
    }

    /// This trustee's position in the recipient set in force, from 1.
    pub fn trustee(&self) -> u8 {
        self.trustee
    }

    /// Seals the shares of the one lock the release names to the office, and signs the release.
    pub fn reseal(
        &self,
        terms: &ReleaseTerms,
        approval: &PayoutApproval,
        claim: &ProvenClaim,
        published: &PublishedRelease,
        set: &RecipientSet,
        key: &SigningKey,
    ) -> Result<Deposit, ShareRefused> {
        if *approval.terms() != terms.award {
            return Err(ShareRefused::OtherAward);
        }
        if !claim.is_for(&terms.award, self.claim_key) {
            return Err(ShareRefused::OtherClaim);
        }
        if !published.is_for(terms, &self.audit_key) {
            return Err(ShareRefused::OtherRelease);
        }
        if terms.purpose != Purpose::Identity {
            return Err(ShareRefused::OtherPurpose(terms.purpose.text()));
        }
        let shares = self.bodies.iter().map(|body| ResealedShare {
            envelope_sha256: body.envelope_sha256.clone(),
            share: body.share_l.clone(),
            hashes: body.hashes_l.clone(),
        });
        Ok(self.seal_to_office(terms, shares.collect(), set, key))
    }

    /// Seals the share of the files lock of the one envelope the request names to the office, and signs the opening.
    pub fn reseal_files(
        &self,
        terms: &FilesRelease,
        unopposed: &Unopposed,
        published: &PublishedRelease<FilesRelease>,
        set: &RecipientSet,
        key: &SigningKey,
    ) -> Result<Deposit, ShareRefused> {
        if !unopposed.is_for(terms, &self.audit_key) || !published.is_for(terms, &self.audit_key) {
            return Err(ShareRefused::OtherRelease);
        }
        let wanted = b64(&terms.files.envelope);
        let body = self.bodies.iter().find(|body| body.envelope_sha256 == wanted);
        let body = body.ok_or(ShareRefused::NoSuchEnvelope)?;
        let share = ResealedShare {
            envelope_sha256: body.envelope_sha256.clone(),
            share: body.share_f.clone(),
            hashes: body.hashes_f.clone(),
        };
        Ok(self.seal_to_office(terms, vec![share], set, key))
    }

    fn seal_to_office(
        &self,
        terms: &impl Terms,
        shares: Vec<ResealedShare>,
        set: &RecipientSet,
        key: &SigningKey,
    ) -> Deposit {
        let resealed = Resealed {
            format: 1,
            trustee: self.trustee,
            purpose: terms.purpose().text().into(),
            award: b64(&terms.matter()),
            claim_key: b64(self.claim_key.as_bytes()),
            shares,
        };
        let [office_1, office_2] = set.office_recipients();
        let plain = json(&resealed);
        let bucket = (plain.len() + 2048).next_multiple_of(4096);
        // Unwrap safety: age adds less than 2,048 bytes to a text this small (two stanzas and one of grease).
        let bytes = padded::seal(&plain, &[&office_1, &office_2], bucket).unwrap();
        Deposit::sign(terms, set, self.trustee, &bytes, key)
    }
}
