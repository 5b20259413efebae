//! The door out. Compiled into the officers' tool alone (feature `open`); the server has no such code.
//!
//! Two locks, several signatures: a [`PayoutApproval`] (two people's signed yes), a [`Quorum`] (t trustees' signed
//! shares), the reporter's [`Claim`] and the office's private key. The claim is checked against the key that the
//! trustees found in their share files, where the server cannot change it. Any later envelope of the report is opened with the first; the first
//! that holds a name counts, a later one of the same person may mend account and telephone, and whatever differs is
//! reported as a conflict, with both values.
//!
//! An original is opened by a [`Quorum`] for files: of another type, and of other shares. It gives the key of one
//! envelope's files and reads no identity section.

mod files;
mod later;

pub use files::{FileOpenError, OpenedOriginal, open_original};
pub use later::{Conflict, Row};

use super::{
    identity::{IdKind, Payee, Person, SealedBy},
    seal::{b64, un_b64},
    share::Resealed,
};
use crate::{
    award::{
        approval::{AwardTerms, PayoutApproval},
        claim::{Claim, NotClaimed},
        release::{Purpose, Quorum, Terms},
    },
    envelope::{Envelope, SectionName},
    ids::{Instance, ReportId},
    padded,
    transcript::sha256,
};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::Deserialize;
use std::collections::BTreeSet;
use vsss_rs::Gf256;
use zeroize::Zeroizing;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the approval is for another award than the release")]
    OtherAward,
    #[error("the release is for {0}, not for an identity")]
    OtherPurpose(&'static str),
    #[error("the package has no envelope")]
    Empty,
    #[error("the share of trustee {0} does not open with this office key")]
    ShareUnreadable(u8),
    #[error("the share of trustee {0} is for another award or another envelope")]
    ShareForeign(u8),
    #[error("the share of trustee {0} is wrong: it does not fit the hash written when the report was sealed")]
    ShareWrong(u8),
    #[error(
        "the trustees name different keys for the claim: one of them has changed it, or the report was tampered with"
    )]
    ClaimKeysDiffer,
    #[error(transparent)]
    NotClaimed(#[from] NotClaimed),
    #[error("the trustees' lists of share hashes differ for envelope {0}")]
    HashListsDiffer(usize),
    #[error("envelope {0} does not open: it was changed, or the shares belong to another report")]
    EnvelopeUnreadable(usize),
    #[error(
        "envelope {0} does not open: it was changed, or the shares belong to another report. If shares of this report were ever split again, a trustee may have dealt wrongly then: record nothing, and ask the trustees of the earlier set, with the keys they had then"
    )]
    PerhapsSplitAgain(usize),
    #[error(
        "the locks of envelope {0} turn, but what is inside is sealed to other keys of the office: give those of the recipient set it was sealed to, too (--key once more). If no key the office ever had opens it, it is unreadable"
    )]
    OtherOfficeKey(usize),
    #[error("envelope {0} opened, but what it holds is not well formed")]
    Malformed(usize),
}

impl OpenError {
    /// The same, where the set in force has this number. Under a first set no shares were ever split again, and what does not
    /// open never will; under a later one the old trustees' shares may still open it.
    pub fn under_set(self, number: u32) -> Self {
        match self {
            Self::EnvelopeUnreadable(envelope) if number > 1 => Self::PerhapsSplitAgain(envelope),
            same => same,
        }
    }

    /// The report is at fault, so that "unreadable", which ends an award for good, is the outcome to record. Anything else is the
    /// package's, a key's or a trustee's fault, and may be put right. `web/src/holders/package.ts` says the same.
    pub fn is_outcome(&self) -> bool {
        match self {
            Self::EnvelopeUnreadable(_) | Self::Malformed(_) => true,
            Self::OtherAward
            | Self::OtherPurpose(_)
            | Self::Empty
            | Self::ShareUnreadable(_)
            | Self::ShareForeign(_)
            | Self::ShareWrong(_)
            | Self::ClaimKeysDiffer
            | Self::NotClaimed(_)
            | Self::HashListsDiffer(_)
            | Self::PerhapsSplitAgain(_)
            | Self::OtherOfficeKey(_) => false,
        }
    }
}

/// What the officer sees: texts fit to be shown. Not printable with `{:?}`; wiped when dropped.
pub struct Opened {
    /// `None`: nobody gave a name in any envelope.
    pub person: Option<Person>,
    pub sealed_by: SealedBy,
    /// What later envelopes say otherwise, in their order.
    pub conflicts: Vec<Conflict>,
    pub terms: AwardTerms,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentitySectionIn {
    format: u16,
    sealed_by: SealedBy,
    person: Option<Person>,
}

/// Opens one report's identity sections.
///
/// # Errors
/// Every way in which approval, shares, key and envelopes may not belong together; nothing is shown then.
pub fn open(
    sealed: &[Envelope],
    approval: PayoutApproval,
    claim: &Claim,
    quorum: Quorum,
    office_key: &dyn age::Identity,
) -> Result<Opened, OpenError> {
    let terms = quorum.terms();
    if *approval.terms() != terms.award {
        return Err(OpenError::OtherAward);
    }
    if terms.purpose != Purpose::Identity {
        return Err(OpenError::OtherPurpose(terms.purpose.text()));
    }
    let bodies = bodies(sealed, &quorum, office_key)?;
    // No share is touched before the claim is proven. A quorum has at least two bodies.
    let key = bodies[0].claim_key.parse().map_err(|_| OpenError::ClaimKeysDiffer)?;
    claim.prove(&terms.award, key)?;
    let locks = locks(sealed, &bodies)?;
    let mut found: Option<(Person, SealedBy)> = None;
    let mut first_sealed_by = None;
    let mut conflicts = Vec::new();
    for (i, (envelope, lock)) in sealed.iter().zip(&locks).enumerate() {
        let of = (&terms.award.instance, &terms.award.report);
        let plain = unseal_section(envelope, SectionName::Identity, lock, of, office_key, i + 1)?;
        let mut section: IdentitySectionIn =
            serde_json::from_slice(&plain).map_err(|_| OpenError::Malformed(i + 1))?;
        if let Some(person) = &mut section.person {
            person.make_fit();
        }
        if section.format != 1 {
            return Err(OpenError::Malformed(i + 1));
        }
        first_sealed_by.get_or_insert(section.sealed_by);
        match (section.person, &mut found) {
            (Some(person), None) => found = Some((person, section.sealed_by)),
            (Some(later), Some((first, _))) => conflicts.extend(first.take_up(later, i + 1)),
            (None, _) => {}
        }
    }
    let (person, sealed_by) = match found {
        Some((person, sealed_by)) => (Some(person), sealed_by),
        None => (None, first_sealed_by.ok_or(OpenError::Empty)?),
    };
    Ok(Opened { person, sealed_by, conflicts, terms: terms.award.clone() })
}

/// What the quorum resealed, each bound to exactly this release and these envelopes.
fn bodies<T: Terms>(
    sealed: &[Envelope],
    quorum: &Quorum<T>,
    office_key: &dyn age::Identity,
) -> Result<Vec<Resealed>, OpenError> {
    if sealed.is_empty() {
        return Err(OpenError::Empty);
    }
    let terms = quorum.terms();
    let mut bodies = Vec::new();
    for (trustee, bytes) in quorum.resealed() {
        let plain = padded::unseal(bytes, office_key).ok_or(OpenError::ShareUnreadable(*trustee))?;
        let body: Resealed =
            serde_json::from_slice(&plain).map_err(|_| OpenError::ShareUnreadable(*trustee))?;
        let bound = body.format == 1
            && body.trustee == *trustee
            && body.purpose == terms.purpose().text()
            && body.award == b64(&terms.matter())
            && body.shares.len() == sealed.len()
            && body.shares.iter().zip(sealed).all(|(share, e)| share.envelope_sha256 == b64(&e.hash()));
        if !bound {
            return Err(OpenError::ShareForeign(*trustee));
        }
        bodies.push(body);
    }
    if bodies.iter().any(|body| body.claim_key != bodies[0].claim_key) {
        return Err(OpenError::ClaimKeysDiffer);
    }
    Ok(bodies)
}

/// Combines, for each envelope, the quorum's shares into its lock, naming a wrong share before combining.
fn locks(sealed: &[Envelope], bodies: &[Resealed]) -> Result<Vec<Zeroizing<[u8; 32]>>, OpenError> {
    (0..sealed.len())
        .map(|i| {
            if bodies.iter().any(|body| body.shares[i].hashes != bodies[0].shares[i].hashes) {
                return Err(OpenError::HashListsDiffer(i + 1));
            }
            let mut shares = Zeroizing::new(Vec::new());
            let mut places = BTreeSet::new();
            for body in bodies {
                let wrong = OpenError::ShareWrong(body.trustee);
                let share = un_b64(&body.shares[i].share).ok_or(wrong.clone())?;
                // Anywhere in the list: in the set the envelope was sealed to, the trustee may have stood at another place.
                let hash = b64(&sha256(&share));
                let place = body.shares[i].hashes.iter().position(|written| *written == hash);
                if !place.is_some_and(|place| places.insert(place)) {
                    return Err(wrong);
                }
                shares.push(share.to_vec());
            }
            let lock = Gf256::combine_array(&*shares).map_err(|_| OpenError::EnvelopeUnreadable(i + 1))?;
            let lock = Zeroizing::new(lock);
            let lock = lock.as_slice().try_into().map_err(|_| OpenError::EnvelopeUnreadable(i + 1))?;
            Ok(Zeroizing::new(lock))
        })
        .collect()
}

fn unseal_section(
    envelope: &Envelope,
    name: SectionName,
    lock: &[u8; 32],
    (instance, report): (&Instance, &ReportId),
    office_key: &dyn age::Identity,
    number: usize,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let section = envelope.section(name);
    let aad = Aad::from(name.associated_data(instance, report));
    let mut body = Zeroizing::new(section[14..].to_vec());
    let turn = || {
        let nonce = Nonce::try_assume_unique_for_key(&section[2..14]).ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, lock).ok()?);
        key.open_in_place(nonce, aad, &mut body).ok().map(|padded| padded.len())
    };
    let length = turn().ok_or(OpenError::EnvelopeUnreadable(number))?;
    padded::unseal(&body[..length], office_key).ok_or(OpenError::OtherOfficeKey(number))
}

impl Person {
    pub fn name(&self) -> &str {
        &self.name
    }
    pub fn id_kind(&self) -> IdKind {
        self.id_kind
    }
    pub fn id_number(&self) -> &str {
        &self.id_number
    }
    pub fn mobile(&self) -> &str {
        &self.mobile
    }
    pub fn payee(&self) -> &Payee {
        &self.payee
    }
    /// Whether the insider uplift of the region applies.
    pub fn own_employer(&self) -> bool {
        self.own_employer
    }
    /// Name and ID number of each joint signatory.
    pub fn joint(&self) -> impl Iterator<Item = (&str, &str)> {
        self.joint.iter().map(|j| (j.name.as_str(), j.id_number.as_str()))
    }
}
