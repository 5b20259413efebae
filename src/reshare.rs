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
//! Joining is interpolation at 0 over the old trustees' places: with parts `s_ij = f_i(j)` of shares `f_i(0) = y_i`, the sum
//! `Σ λ_i s_ij` is a point of the polynomial `Σ λ_i f_i`, whose value at 0 is the secret. `Gf256::combine_array` over the
//! points `x_i ‖ s_ij` is that sum.
//!
//! What it does not give: t old trustees who deal wrongly together are not found out, nor is one where no more than t deal. It
//! takes nothing from what the old shares could do: whoever keeps t of them keeps the secret until they are destroyed.

use crate::{
    ids::{Instance, ReportId},
    lock::ShareFile,
    log::{PublicKind, leaf::Face, proof::Published},
    recipients::{Fingerprint, RecipientSet, SetRefused, UntrustedSet},
    signing::{Signature, SigningKey, VerifyKey},
    transcript::{hash, sha256},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub const FORMAT: u16 = 1;
/// Envelopes of one batch: an old trustee's file of it is then some 8 MB a new trustee.
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
    #[error("a batch needs {t} old trustees, or {t} and one more to check them by; it names {found}")]
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
    /// Places in the old set of those who deal, ascending: t of them, or one more, by whom the others are checked.
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
        let mut sets: Vec<RecipientSet> = Vec::new();
        for untrusted in &self.sets {
            let set = untrusted.pinned(&untrusted.fingerprint())?;
            if let Some(before) = sets.last() {
                untrusted.following(before)?;
            }
            sets.push(set);
        }
        if !sets.iter().any(|set| set.fingerprint() == *pinned) {
            return Err(ReshareRefused::NotThePinnedOne);
        }
        let (Some(to), Some(from)) = (sets.pop(), sets.into_iter().next()) else {
            return Err(ReshareRefused::OtherSets);
        };
        let named = (&batch.from, &batch.to, &batch.instance);
        if named != (&from.fingerprint().to_string(), &to.fingerprint().to_string(), from.instance()) {
            return Err(ReshareRefused::OtherSets);
        }
        let (t, found) = (from.threshold(), batch.dealers.len());
        let there = |place: &u8| (1..=from.trustees().len()).contains(&usize::from(*place));
        if !(t..=t + 1).contains(&found)
            || !batch.dealers.is_sorted_by(|a, b| a < b)
            || !batch.dealers.iter().all(there)
        {
            return Err(ReshareRefused::Dealers { t, found });
        }
        let different: BTreeSet<_> = batch.items.iter().map(|item| item.envelope).collect();
        if !(1..=MOST_ITEMS).contains(&batch.items.len()) || different.len() != batch.items.len() {
            return Err(ReshareRefused::Items);
        }
        Ok(Known { batch, digest: self.digest(), from, to })
    }
}

impl Known {
    /// One old trustee more deals than it takes: then one who deals wrongly is found out.
    pub fn is_checked(&self) -> bool {
        self.batch.dealers.len() > self.from.threshold()
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
    pub proof: crate::log::proof::Proof,
}

/// One old trustee's shares, split for the new ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dealing {
    pub batch: BatchFile,
    /// Place in the old set.
    pub dealer: u8,
    /// By place in the new set; one an item, sealed to that trustee.
    pub parts: Vec<Vec<ShareFile>>,
    signature: Signature,
}

impl Dealing {
    pub fn sign(batch: BatchFile, dealer: u8, parts: Vec<Vec<ShareFile>>, key: &SigningKey) -> Self {
        let signature =
            sign(key, "mifeng/v1/reshare-dealing", &batch.digest(), dealer, &hash_of_parts(&parts));
        Self { batch, dealer, parts, signature }
    }

    /// What stands for all of them: new trustees must have taken the same. A dealer who deals again deals other parts.
    pub fn dealt(dealings: &[&Self]) -> [u8; 32] {
        let each: Vec<_> = dealings.iter().map(|dealing| hash_of_parts(&dealing.parts)).collect();
        hash("mifeng/v1/reshare-dealt", &each.iter().map(|one| &one[..]).collect::<Vec<_>>())
    }

    /// The dealings of exactly the old trustees the batch names, in its order.
    pub fn gather<'a>(known: &Known, dealings: &'a [Self]) -> Result<Vec<&'a Self>, ReshareRefused> {
        let found = by_place(dealings, |dealing| dealing.dealer)?;
        let n = known.to.trustees().len();
        let check = |dealer: &u8| {
            let dealing = *found.get(dealer).ok_or(ReshareRefused::Missing(*dealer))?;
            if dealing.batch.digest() != known.digest {
                return Err(ReshareRefused::OtherBatch);
            }
            if dealing.parts.len() != n || dealing.parts.iter().any(|p| p.len() != known.batch.items.len()) {
                return Err(ReshareRefused::Length(*dealer));
            }
            let verify = &known.from.trustees()[usize::from(*dealer) - 1].verify;
            let what = hash_of_parts(&dealing.parts);
            accept(verify, "mifeng/v1/reshare-dealing", &known.digest, *dealer, &what, &dealing.signature)?;
            Ok(dealing)
        };
        if found.len() > known.batch.dealers.len() {
            return Err(ReshareRefused::OtherBatch);
        }
        known.batch.dealers.iter().map(check).collect()
    }
}

/// Two values of one item, for `L` and for `F`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    #[serde(with = "hex::serde")]
    pub l: [u8; 32],
    #[serde(with = "hex::serde")]
    pub f: [u8; 32],
}

/// What one new trustee has joined, without any of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taking {
    #[serde(with = "hex::serde")]
    pub batch: [u8; 32],
    /// Place in the new set.
    pub place: u8,
    /// [`Dealing::dealt`].
    #[serde(with = "hex::serde")]
    pub dealt: [u8; 32],
    /// SHA-256 of the new shares, one an item.
    pub hashes: Vec<Both>,
    /// What tells whether the old trustees dealt rightly, one an item; none where only t of them have dealt.
    pub checks: Vec<Both>,
    signature: Signature,
}

impl Taking {
    pub fn sign(
        known: &Known,
        place: u8,
        dealt: [u8; 32],
        (hashes, checks): (Vec<Both>, Vec<Both>),
        key: &SigningKey,
    ) -> Self {
        let what = hash_of_taken(&dealt, &hashes, &checks);
        let signature = sign(key, "mifeng/v1/reshare-taking", &known.digest, place, &what);
        Self { batch: known.digest, place, dealt, hashes, checks, signature }
    }

    /// What all new trustees have taken of what was `dealt`, in the order of their places.
    pub fn gather<'a>(
        known: &Known,
        dealt: &[u8; 32],
        takings: &'a [Self],
    ) -> Result<Vec<&'a Self>, ReshareRefused> {
        let found = by_place(takings, |taking| taking.place)?;
        let items = known.batch.items.len();
        let check = |(place, trustee): (u8, &crate::recipients::Trustee)| {
            let taking = *found.get(&place).ok_or(ReshareRefused::Missing(place))?;
            if taking.batch != known.digest {
                return Err(ReshareRefused::OtherBatch);
            }
            if taking.dealt != *dealt {
                return Err(ReshareRefused::OtherDealing(place));
            }
            let checks = if known.is_checked() { items } else { 0 };
            if (taking.hashes.len(), taking.checks.len()) != (items, checks) {
                return Err(ReshareRefused::Length(place));
            }
            let what = taking.hash();
            accept(
                &trustee.verify,
                "mifeng/v1/reshare-taking",
                &known.digest,
                place,
                &what,
                &taking.signature,
            )?;
            Ok(taking)
        };
        (1..).zip(known.to.trustees()).map(check).collect()
    }

    /// What stands for all of them: new trustees must have joined on the same.
    pub fn agreed(takings: &[&Self]) -> [u8; 32] {
        let each: Vec<_> = takings.iter().map(|taking| taking.hash()).collect();
        hash("mifeng/v1/reshare-agreed", &each.iter().map(|one| &one[..]).collect::<Vec<_>>())
    }

    fn hash(&self) -> [u8; 32] {
        hash_of_taken(&self.dealt, &self.hashes, &self.checks)
    }
}

/// One new trustee's share files, for the server to keep.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    #[serde(with = "hex::serde")]
    pub batch: [u8; 32],
    /// Place in the new set.
    pub place: u8,
    /// [`Taking::agreed`].
    #[serde(with = "hex::serde")]
    pub agreed: [u8; 32],
    /// One an item, sealed to this trustee.
    pub share_files: Vec<ShareFile>,
    signature: Signature,
}

impl Joining {
    pub fn sign(
        known: &Known,
        place: u8,
        agreed: [u8; 32],
        share_files: Vec<ShareFile>,
        key: &SigningKey,
    ) -> Self {
        let what = hash_of_joined(&agreed, &share_files);
        let signature = sign(key, "mifeng/v1/reshare-joining", &known.digest, place, &what);
        Self { batch: known.digest, place, agreed, share_files, signature }
    }

    /// For each item the share files of all new trustees, in the order of their places.
    pub fn gather(known: &Known, joinings: &[Self]) -> Result<Vec<Vec<ShareFile>>, ReshareRefused> {
        let found = by_place(joinings, |joining| joining.place)?;
        let mut items: Vec<Vec<ShareFile>> = vec![Vec::new(); known.batch.items.len()];
        let mut agreed = None;
        for (place, trustee) in (1..).zip(known.to.trustees()) {
            let joining = *found.get(&place).ok_or(ReshareRefused::Missing(place))?;
            if joining.batch != known.digest {
                return Err(ReshareRefused::OtherBatch);
            }
            if joining.share_files.len() != items.len() {
                return Err(ReshareRefused::Length(place));
            }
            if *agreed.get_or_insert(joining.agreed) != joining.agreed {
                return Err(ReshareRefused::NotAgreed(place));
            }
            let what = hash_of_joined(&joining.agreed, &joining.share_files);
            accept(
                &trustee.verify,
                "mifeng/v1/reshare-joining",
                &known.digest,
                place,
                &what,
                &joining.signature,
            )?;
            for (item, file) in items.iter_mut().zip(&joining.share_files) {
                item.push(file.clone());
            }
        }
        Ok(items)
    }
}

fn by_place<T>(all: &[T], place: impl Fn(&T) -> u8) -> Result<BTreeMap<u8, &T>, ReshareRefused> {
    let mut found = BTreeMap::new();
    for one in all {
        if found.insert(place(one), one).is_some() {
            return Err(ReshareRefused::Twice(place(one)));
        }
    }
    Ok(found)
}

fn sign(key: &SigningKey, domain: &str, batch: &[u8; 32], place: u8, what: &[u8; 32]) -> Signature {
    key.sign(domain, &[batch, &[place], what])
}

fn accept(
    verify: &VerifyKey,
    domain: &str,
    batch: &[u8; 32],
    place: u8,
    what: &[u8; 32],
    signature: &Signature,
) -> Result<(), ReshareRefused> {
    let fits = verify.accepts(domain, &[batch, &[place], what], signature);
    if fits { Ok(()) } else { Err(ReshareRefused::Signature(place)) }
}

fn hash_of_files<'a>(files: impl IntoIterator<Item = &'a ShareFile>) -> [u8; 32] {
    let files: Vec<&[u8]> = files.into_iter().map(ShareFile::as_bytes).collect();
    hash("mifeng/v1/reshare-files", &files)
}

fn hash_of_parts(parts: &[Vec<ShareFile>]) -> [u8; 32] {
    let columns: Vec<_> = parts.iter().map(|column| hash_of_files(column)).collect();
    hash("mifeng/v1/reshare-parts", &columns.iter().map(|one| &one[..]).collect::<Vec<_>>())
}

fn hash_of_joined(agreed: &[u8; 32], files: &[ShareFile]) -> [u8; 32] {
    hash("mifeng/v1/reshare-joined", &[agreed, &hash_of_files(files)])
}

fn hash_of_taken(dealt: &[u8; 32], hashes: &[Both], checks: &[Both]) -> [u8; 32] {
    let flat = |all: &[Both]| all.iter().flat_map(|both| [both.l, both.f]).flatten().collect::<Vec<u8>>();
    hash("mifeng/v1/reshare-taken", &[dealt, &flat(hashes), &flat(checks)])
}
