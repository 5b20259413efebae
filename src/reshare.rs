//! Shares of an earlier recipient set, split again for the trustees of a later one. No lock is rebuilt anywhere: each old
//! trustee splits their own *share* for the new ones, and each new one joins what they were given to a share of their own.
//!
//! ```text
//! server   batch     which envelopes, from which set to which, by which old trustees; its hash is an entry of the log
//! old      dealing   each share split t' of n' (vsss-rs), each part sealed to its new trustee           signed
//! new      taking    SHA-256 of the new shares; where one old trustee more has dealt, what tells that all dealt rightly
//! new      joining   the new share files, sealed to oneself, each with the hashes of all                  signed
//! server             swaps them, one change a report
//! ```
//! Joining is interpolation at 0 over the old trustees' places, which are the x of their shares: with parts `s_ij = f_i(j)` of shares `f_i(0) = y_i`, the sum
//! `Σ λ_i s_ij` is a point of the polynomial `Σ λ_i f_i`, whose value at 0 is the secret. `Gf256::combine_array` over the
//! points `place_i ‖ s_ij` is that sum.
//!
//! An envelope that one of them cannot deal, take or join stays with its old shares; the others of the batch go on.
//!
//! What it does not give: more old trustees who deal wrongly together than there are beyond t are not found out: each dealer
//! beyond t is one equation. What does not join may be the reporter's doing, an old trustee's or a new one's. It
//! takes nothing from what the old shares could do: whoever keeps t of them keeps the secret until they are destroyed.

mod notes;
mod rounds;

pub use notes::{Destroyed, Emptied, EmptiedFile, Ended, KnownEmptied, Note};
pub use rounds::{Both, Dealing, Joining, TakenItem, Taking};

use crate::{
    ids::{Instance, ReportId},
    lock::ShareFile,
    log::{
        PublicKind,
        leaf::Face,
        proof::{Proof, Published},
    },
    recipients::{Fingerprint, RecipientSet, SetRefused, UntrustedSet},
    transcript::sha256,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub const FORMAT: u16 = 1;
/// Envelopes of one batch: an old trustee's file of it is then some 6 MB a new trustee.
pub const MOST_ITEMS: usize = 1000;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReshareRefused {
    #[error("the file is not one of a batch this program knows")]
    Unreadable,
    #[error("the recipient sets: {0}")]
    Set(#[from] SetRefused),
    #[error("none of the recipient sets is the one this machine has pinned")]
    NotThePinnedOne,
    #[error("the batch does not name these sets")]
    OtherSets,
    #[error("a batch needs {t} different old trustees at least, and more to check them by; it names {found}")]
    Dealers { t: usize, found: usize },
    #[error("a batch has at least one envelope, at most {MOST_ITEMS}, and none twice")]
    Items,
    #[error("the entry in the log does not announce this batch")]
    NotAnnounced,
    #[error("this file is of another batch")]
    OtherBatch,
    #[error("the file of trustee {0} is missing")]
    Missing(u8),
    #[error("two files of trustee {0}")]
    Twice(u8),
    #[error("the signature of trustee {0} does not fit")]
    Signature(u8),
    #[error("trustee {0} has not the number of entries that the batch has")]
    Length(u8),
    #[error("trustee {0} has taken other dealings than these: an old trustee has dealt twice")]
    OtherDealing(u8),
    #[error("trustee {0} has joined what others have not taken")]
    NotAgreed(u8),
    #[error("this key is that of no trustee of these sets")]
    NoHolder,
    #[error(
        "the holder of this key still stands in recipient set {0}, whose trustees hold shares: destroy nothing"
    )]
    StillHolds(u32),
}

/// One envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub report: ReportId,
    /// SHA-256 of the envelope.
    #[serde(with = "hex::serde")]
    pub envelope: [u8; 32],
}

/// What a batch is about; the log has SHA-256 of its exact text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub format: u16,
    pub instance: Instance,
    pub number: u64,
    /// Fingerprint of the set whose trustees hold the shares.
    pub from: String,
    /// Fingerprint of the set that gets them.
    pub to: String,
    /// Places in the old set of those who deal, ascending: t of them, and those by whom they are checked.
    pub dealers: Vec<u8>,
    pub items: Vec<Item>,
}

/// A batch as it travels: not to be believed before [`BatchFile::check`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchFile {
    /// Exact JSON text of the [`Batch`].
    pub batch: String,
    /// The sets from the old one to the new one, each following the one before.
    pub sets: Vec<UntrustedSet>,
}

/// A batch between two sets that are proven to follow each other.
#[derive(Clone, Debug)]
pub struct Known {
    pub batch: Batch,
    pub digest: [u8; 32],
    pub from: RecipientSet,
    pub to: RecipientSet,
}

impl BatchFile {
    pub fn digest(&self) -> [u8; 32] {
        sha256(self.batch.as_bytes())
    }

    /// `pinned`: the set this machine trusts, which must be one of them.
    pub fn check(&self, pinned: &Fingerprint) -> Result<Known, ReshareRefused> {
        let batch: Batch = serde_json::from_str(&self.batch).map_err(|_| ReshareRefused::Unreadable)?;
        if batch.format != FORMAT {
            return Err(ReshareRefused::Unreadable);
        }
        let mut sets = chain(&self.sets, pinned)?;
        let (Some(to), Some(from)) = (sets.pop(), sets.into_iter().next()) else {
            return Err(ReshareRefused::OtherSets);
        };
        let named = (&batch.from, &batch.to, &batch.instance);
        if named != (&from.fingerprint().to_string(), &to.fingerprint().to_string(), from.instance()) {
            return Err(ReshareRefused::OtherSets);
        }
        let (t, found) = (from.threshold(), batch.dealers.len());
        let there = |place: &u8| (1..=from.trustees().len()).contains(&usize::from(*place));
        if found < t || !batch.dealers.is_sorted_by(|a, b| a < b) || !batch.dealers.iter().all(there) {
            return Err(ReshareRefused::Dealers { t, found });
        }
        let different: BTreeSet<_> = batch.items.iter().map(|item| item.envelope).collect();
        if !(1..=MOST_ITEMS).contains(&batch.items.len()) || different.len() != batch.items.len() {
            return Err(ReshareRefused::Items);
        }
        Ok(Known { batch, digest: self.digest(), from, to })
    }
}

/// Sets of which each follows the one before, and one is the set this machine trusts.
fn chain(sets: &[UntrustedSet], pinned: &Fingerprint) -> Result<Vec<RecipientSet>, ReshareRefused> {
    let mut known: Vec<RecipientSet> = Vec::new();
    for untrusted in sets {
        let set = untrusted.pinned(&untrusted.fingerprint())?;
        if let Some(before) = known.last() {
            untrusted.following(before)?;
        }
        known.push(set);
    }
    if !known.iter().any(|set| set.fingerprint() == *pinned) {
        return Err(ReshareRefused::NotThePinnedOne);
    }
    Ok(known)
}

impl Known {
    /// How many more old trustees deal than it takes: so many who deal wrongly are found out.
    pub fn checks(&self) -> usize {
        self.batch.dealers.len().saturating_sub(self.from.threshold())
    }

    /// Whether this entry of the log announces the batch.
    pub fn announced(&self, published: &Published) -> Result<(), ReshareRefused> {
        match published.entry().face() {
            Ok(Face::Public { kind: PublicKind::Resharing, number, digest, .. })
                if (number, digest) == (self.batch.number, self.digest) =>
            {
                Ok(())
            }
            _ => Err(ReshareRefused::NotAnnounced),
        }
    }
}

/// What the server gives an old trustee.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DealRequest {
    pub batch: BatchFile,
    pub dealer: u8,
    /// One an item, sealed to this trustee.
    pub share_files: Vec<ShareFile>,
    /// That the batch is announced.
    pub proof: Proof,
}
