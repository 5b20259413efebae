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
    /// By place in the new set; one an item, sealed to that trustee; none where the share file could not be dealt from.
    pub parts: Vec<Vec<Option<ShareFile>>>,
    signature: Signature,
}

impl Dealing {
    pub fn sign(batch: BatchFile, dealer: u8, parts: Vec<Vec<Option<ShareFile>>>, key: &SigningKey) -> Self {
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

/// What a new trustee tells of one envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakenItem {
    /// SHA-256 of the new shares.
    pub hashes: Both,
    /// What tells whether the old trustees dealt rightly, one for each dealer beyond t.
    pub checks: Vec<Both>,
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
    /// One an item; none where it could not be taken.
    pub items: Vec<Option<TakenItem>>,
    signature: Signature,
}

impl Taking {
    pub fn sign(
        known: &Known,
        place: u8,
        dealt: [u8; 32],
        items: Vec<Option<TakenItem>>,
        key: &SigningKey,
    ) -> Self {
        let what = hash_of_taken(&dealt, &items);
        let signature = sign(key, "mifeng/v1/reshare-taking", &known.digest, place, &what);
        Self { batch: known.digest, place, dealt, items, signature }
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
            let whole = |item: &TakenItem| item.checks.len() == known.checks();
            if taking.items.len() != items || !taking.items.iter().flatten().all(whole) {
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
        hash_of_taken(&self.dealt, &self.items)
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
    /// One an item, sealed to this trustee; none where the parts did not join.
    pub share_files: Vec<Option<ShareFile>>,
    signature: Signature,
}

impl Joining {
    pub fn sign(
        known: &Known,
        place: u8,
        agreed: [u8; 32],
        share_files: Vec<Option<ShareFile>>,
        key: &SigningKey,
    ) -> Self {
        let what = hash_of_joined(&agreed, &share_files);
        let signature = sign(key, "mifeng/v1/reshare-joining", &known.digest, place, &what);
        Self { batch: known.digest, place, agreed, share_files, signature }
    }

    /// For each item the share files of all new trustees, in the order of their places; none where one of them has none.
    pub fn gather(known: &Known, joinings: &[Self]) -> Result<Vec<Option<Vec<ShareFile>>>, ReshareRefused> {
        let found = by_place(joinings, |joining| joining.place)?;
        let mut items: Vec<Vec<Option<ShareFile>>> = vec![Vec::new(); known.batch.items.len()];
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
        Ok(items.into_iter().map(|files| files.into_iter().collect()).collect())
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

fn hash_of_files(files: &[Option<ShareFile>]) -> [u8; 32] {
    let bytes = |file: &Option<ShareFile>| file.as_ref().map_or(Vec::new(), |file| file.as_bytes().to_vec());
    let files: Vec<Vec<u8>> = files.iter().map(bytes).collect();
    hash("mifeng/v1/reshare-files", &files.iter().map(|one| &one[..]).collect::<Vec<_>>())
}

fn hash_of_parts(parts: &[Vec<Option<ShareFile>>]) -> [u8; 32] {
    let columns: Vec<_> = parts.iter().map(|column| hash_of_files(column)).collect();
    hash("mifeng/v1/reshare-parts", &columns.iter().map(|one| &one[..]).collect::<Vec<_>>())
}

fn hash_of_joined(agreed: &[u8; 32], files: &[Option<ShareFile>]) -> [u8; 32] {
    hash("mifeng/v1/reshare-joined", &[agreed, &hash_of_files(files)])
}

fn hash_of_taken(dealt: &[u8; 32], items: &[Option<TakenItem>]) -> [u8; 32] {
    let told = |item: &Option<TakenItem>| {
        let both = item.iter().flat_map(|item| [&[item.hashes], &item.checks[..]].concat());
        both.flat_map(|both| [both.l, both.f]).flatten().collect::<Vec<u8>>()
    };
    let items: Vec<Vec<u8>> = items.iter().map(told).collect();
    hash(
        "mifeng/v1/reshare-taken",
        &[&dealt[..]].into_iter().chain(items.iter().map(|one| &one[..])).collect::<Vec<_>>(),
    )
}
