//! What travels between the holders of a batch, each signed by whom it comes from.

use super::{BatchFile, Known, ReshareRefused};
use crate::{
    lock::ShareFile,
    recipients::Trustee,
    signing::{Signature, SigningKey, VerifyKey},
    transcript::hash,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
        let check = |(place, trustee): (u8, &Trustee)| {
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
    let columns: Vec<_> = parts.iter().map(hash_of_files).collect();
    hash("mifeng/v1/reshare-parts", &columns.iter().map(|one| &one[..]).collect::<Vec<_>>())
}

fn hash_of_joined(agreed: &[u8; 32], files: &[ShareFile]) -> [u8; 32] {
    hash("mifeng/v1/reshare-joined", &[agreed, &hash_of_files(files)])
}

fn hash_of_taken(dealt: &[u8; 32], hashes: &[Both], checks: &[Both]) -> [u8; 32] {
    let flat = |all: &[Both]| all.iter().flat_map(|both| [both.l, both.f]).flatten().collect::<Vec<u8>>();
    hash("mifeng/v1/reshare-taken", &[dealt, &flat(hashes), &flat(checks)])
}
