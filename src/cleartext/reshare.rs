//! The shares of one trustee, split again for the trustees of a later set, and joined by them. No lock is ever whole here.
//!
//! ```text
//! part   = share file's frame, sealed to one new trustee around JSON { format, batch (SHA-256), dealer, place, report,
//!          envelope_sha256, audit_key, claim_key, x_l, x_f, part_l, part_f, hashes_l[n'], hashes_f[n'] }
//! part_l = place ‖ y of the old share's y, split t' of n'                              (vsss-rs, as every share)
//! x_l    = x of the old share: the old place, or, in shares that a browser made, any byte
//! new share = place ‖ Gf256::combine_array over the t first dealers of (x_l ‖ y of the part)
//! check  = the same over dealers 1…t, plus the same over dealers 2…t+1: points of a polynomial that is 0 at 0 if, and only
//!          if, all t + 1 dealt shares of one secret. It tells nothing else: its other coefficients are as random as those.
//! ```

use super::seal::{ShareBody, b64, json, un_b64};
use crate::{
    lock::{self, ShareFile},
    padded,
    reshare::{Both, Dealing, Item, Known, Taking},
    transcript::sha256,
};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use vsss_rs::Gf256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DealRefused {
    #[error("file {0} does not open with this key")]
    WrongKey(usize),
    #[error("file {0} is not well formed")]
    Malformed(usize),
    #[error("file {0} belongs to another batch, report, envelope or trustee")]
    Other(usize),
    #[error("the share in file {0} does not fit the hash written when the report was sealed")]
    ShareWrong(usize),
    #[error("the old trustees' files name different keys of the report, for envelope {0}")]
    KeysDiffer(usize),
    #[error(
        "the parts of envelope {0} do not belong together: one of the old trustees dealt another share than theirs, or a new one took it wrongly. The old shares stay in force"
    )]
    Inconsistent(usize),
}

/// What one old trustee gives one new one, of one envelope.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Part {
    format: u16,
    batch: String,
    dealer: u8,
    place: u8,
    report: String,
    envelope_sha256: String,
    audit_key: String,
    claim_key: String,
    x_l: u8,
    x_f: u8,
    part_l: String,
    part_f: String,
    hashes_l: Vec<String>,
    hashes_f: Vec<String>,
}

/// Splits every share of one old trustee; by place in the new set, one an item.
pub fn deal(
    known: &Known,
    dealer: u8,
    files: &[ShareFile],
    key: &age::x25519::Identity,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Vec<ShareFile>>, DealRefused> {
    if files.len() != known.batch.items.len() {
        return Err(DealRefused::Other(files.len()));
    }
    let mut parts: Vec<Vec<ShareFile>> = vec![Vec::new(); known.to.trustees().len()];
    for (i, (item, file)) in known.batch.items.iter().zip(files).enumerate() {
        let body = own_share(known, dealer, item, file, key, i + 1)?;
        let split = |share: &str, hashes: &[String]| {
            let share = checked(share, hashes, dealer).ok_or(DealRefused::ShareWrong(i + 1))?;
            let x = share[0];
            let (t, n) = (known.to.threshold(), known.to.trustees().len());
            // Unwrap safety: the set's check has 2 ≤ t ≤ n ≤ 16, and a share is not empty.
            let split = Gf256::split_array(t, n, &share[1..], &mut *rng).unwrap();
            Ok((x, split.into_iter().map(Zeroizing::new).collect::<Vec<_>>()))
        };
        let mut split = split;
        let ((x_l, parts_l), (x_f, parts_f)) =
            (split(&body.share_l, &body.hashes_l)?, split(&body.share_f, &body.hashes_f)?);
        let hashes = |all: &[Zeroizing<Vec<u8>>]| all.iter().map(|one| b64(&sha256(one))).collect::<Vec<_>>();
        for (j, trustee) in known.to.trustees().iter().enumerate() {
            let part = Part {
                format: 1,
                batch: b64(&known.digest),
                dealer,
                place: j as u8 + 1,
                report: body.report.clone(),
                envelope_sha256: body.envelope_sha256.clone(),
                audit_key: body.audit_key.clone(),
                claim_key: body.claim_key.clone(),
                x_l,
                x_f,
                part_l: b64(&parts_l[j]),
                part_f: b64(&parts_f[j]),
                hashes_l: hashes(&parts_l),
                hashes_f: hashes(&parts_f),
            };
            parts[j].push(seal_to(&part, &trustee.recipient));
        }
    }
    Ok(parts)
}

/// One old trustee's share file of one item, bound to the batch.
fn own_share(
    known: &Known,
    dealer: u8,
    item: &Item,
    file: &ShareFile,
    key: &age::x25519::Identity,
    number: usize,
) -> Result<ShareBody, DealRefused> {
    let plain = padded::unseal(file.padded(), key).ok_or(DealRefused::WrongKey(number))?;
    let body: ShareBody = serde_json::from_slice(&plain).map_err(|_| DealRefused::Malformed(number))?;
    let bound = body.format == 1
        && body.instance == known.from.instance().0
        && body.report == item.report.to_string()
        && body.envelope_sha256 == b64(&item.envelope)
        && body.set_number == known.from.number()
        && body.trustee == dealer;
    if bound { Ok(body) } else { Err(DealRefused::Other(number)) }
}

/// The share, if it is 33 bytes long and fits the hash of that place.
fn checked(share: &str, hashes: &[String], place: u8) -> Option<Zeroizing<Vec<u8>>> {
    let share = un_b64(share)?;
    let fits =
        share.len() == 33 && hashes.get(usize::from(place).checked_sub(1)?) == Some(&b64(&sha256(&share)));
    fits.then_some(share)
}

fn seal_to(what: &impl Serialize, recipient: &str) -> ShareFile {
    // Unwrap safety: the set's check has parsed every recipient, and 16 trustees' hashes fit the bucket.
    let recipient: age::x25519::Recipient = recipient.parse().unwrap();
    let padded = padded::seal(&json(what), &[&recipient], lock::BUCKET).unwrap();
    let mut bytes = vec![lock::VERSION, lock::SUITE];
    bytes.extend(padded);
    ShareFile::parse(&bytes).unwrap()
}

/// One new trustee's parts of every item, opened. Not printable; wiped when dropped.
pub struct Taken<'a> {
    known: &'a Known,
    place: u8,
    /// An item's parts in the order of the batch's dealers.
    items: Vec<Vec<Part>>,
}

/// The two locks of an envelope.
#[derive(Clone, Copy)]
enum Lock {
    L,
    F,
}

impl<'a> Taken<'a> {
    /// `dealings` as [`Dealing::gather`] gives them; `place` in the new set.
    pub fn open(
        known: &'a Known,
        place: u8,
        dealings: &[&Dealing],
        key: &age::x25519::Identity,
    ) -> Result<Self, DealRefused> {
        let mut items = Vec::new();
        for (i, item) in known.batch.items.iter().enumerate() {
            let mut parts: Vec<Part> = Vec::new();
            for dealing in dealings {
                let column = usize::from(place).checked_sub(1).and_then(|column| dealing.parts.get(column));
                let file = column.and_then(|column| column.get(i)).ok_or(DealRefused::Other(i + 1))?;
                let plain = padded::unseal(file.padded(), key).ok_or(DealRefused::WrongKey(i + 1))?;
                let part: Part = serde_json::from_slice(&plain).map_err(|_| DealRefused::Malformed(i + 1))?;
                let bound = part.format == 1
                    && part.batch == b64(&known.digest)
                    && (part.dealer, part.place) == (dealing.dealer, place)
                    && part.report == item.report.to_string()
                    && part.envelope_sha256 == b64(&item.envelope);
                if !bound {
                    return Err(DealRefused::Other(i + 1));
                }
                let whole = |part: &str, hashes: &[String]| {
                    let part = checked(part, hashes, place).filter(|part| part[0] == place);
                    hashes.len() == known.to.trustees().len() && part.is_some()
                };
                if !whole(&part.part_l, &part.hashes_l) || !whole(&part.part_f, &part.hashes_f) {
                    return Err(DealRefused::ShareWrong(i + 1));
                }
                if parts.first().is_some_and(|first| {
                    (&first.audit_key, &first.claim_key) != (&part.audit_key, &part.claim_key)
                }) {
                    return Err(DealRefused::KeysDiffer(i + 1));
                }
                parts.push(part);
            }
            items.push(parts);
        }
        Ok(Self { known, place, items })
    }

    /// SHA-256 of each new share, and, where one more has dealt, what shows whether all dealt rightly.
    pub fn taking(&self) -> Result<(Vec<Both>, Vec<Both>), DealRefused> {
        let (mut hashes, mut checks) = (Vec::new(), Vec::new());
        for i in 0..self.items.len() {
            let of = |lock| Ok(sha256(&self.share(i, lock)?));
            hashes.push(Both { l: of(Lock::L)?, f: of(Lock::F)? });
            if self.known.is_checked() {
                checks.push(Both { l: self.check(i, Lock::L)?, f: self.check(i, Lock::F)? });
            }
        }
        Ok((hashes, checks))
    }

    /// The new share files of this trustee, each with the hashes of all; `takings` as [`Taking::gather`] gives them.
    pub fn join(&self, takings: &[&Taking]) -> Result<Vec<ShareFile>, DealRefused> {
        let trustee = &self.known.to.trustees()[usize::from(self.place) - 1];
        let mut files = Vec::new();
        for (i, parts) in self.items.iter().enumerate() {
            let hashes = |lock: fn(&Both) -> &[u8; 32]| {
                takings.iter().map(|taking| b64(lock(&taking.hashes[i]))).collect::<Vec<_>>()
            };
            let checks = |lock: fn(&Both) -> &[u8; 32]| {
                takings.iter().filter_map(|taking| Some(*lock(taking.checks.get(i)?))).collect::<Vec<_>>()
            };
            if self.known.is_checked() {
                let t = self.known.to.threshold();
                if !is_zero_at_zero(&checks(|both| &both.l), t)
                    || !is_zero_at_zero(&checks(|both| &both.f), t)
                {
                    return Err(DealRefused::Inconsistent(i + 1));
                }
            }
            let (share_l, share_f) = (self.share(i, Lock::L)?, self.share(i, Lock::F)?);
            let own = &takings[usize::from(self.place) - 1].hashes[i];
            if (own.l, own.f) != (sha256(&share_l), sha256(&share_f)) {
                return Err(DealRefused::Inconsistent(i + 1));
            }
            let body = ShareBody {
                format: 1,
                instance: self.known.to.instance().0.clone(),
                report: parts[0].report.clone(),
                envelope_sha256: parts[0].envelope_sha256.clone(),
                audit_key: parts[0].audit_key.clone(),
                claim_key: parts[0].claim_key.clone(),
                set_number: self.known.to.number(),
                trustee: self.place,
                share_l: b64(&share_l),
                share_f: b64(&share_f),
                hashes_l: hashes(|both| &both.l),
                hashes_f: hashes(|both| &both.f),
            };
            files.push(seal_to(&body, &trustee.recipient));
        }
        Ok(files)
    }

    /// This trustee's new share: `place ‖ y`.
    fn share(&self, item: usize, lock: Lock) -> Result<Zeroizing<Vec<u8>>, DealRefused> {
        let y = self.joined(item, lock, 0)?;
        Ok(Zeroizing::new([&[self.place], y.as_slice()].concat()))
    }

    fn check(&self, item: usize, lock: Lock) -> Result<[u8; 32], DealRefused> {
        let (first, last) = (self.joined(item, lock, 0)?, self.joined(item, lock, 1)?);
        let mut sum = [0; 32];
        for (sum, (a, b)) in sum.iter_mut().zip(first.iter().zip(last.iter())) {
            *sum = (Gf256(*a) + Gf256(*b)).0;
        }
        Ok(sum)
    }

    /// The parts of t dealers, from the `skip`th, joined: 32 bytes.
    fn joined(&self, item: usize, lock: Lock, skip: usize) -> Result<Zeroizing<Vec<u8>>, DealRefused> {
        let malformed = DealRefused::Malformed(item + 1);
        let mut points = Zeroizing::new(Vec::new());
        for part in self.items[item].iter().skip(skip).take(self.known.from.threshold()) {
            let (x, text) = match lock {
                Lock::L => (part.x_l, &part.part_l),
                Lock::F => (part.x_f, &part.part_f),
            };
            let part_y = un_b64(text).ok_or(malformed.clone())?;
            points.push([&[x], &part_y[1..]].concat());
        }
        Gf256::combine_array(&*points).map(Zeroizing::new).map_err(|_| malformed)
    }
}

/// Whether all these points, of places 1, 2, …, lie on one polynomial of degree below `t` that is 0 at 0.
fn is_zero_at_zero(points: &[[u8; 32]], t: usize) -> bool {
    let point = |i: usize| [&[i as u8 + 1], &points[i][..]].concat();
    (t - 1..points.len()).all(|last| {
        let some: Vec<Vec<u8>> = (0..t - 1).chain([last]).map(point).collect();
        Gf256::combine_array(&some).is_ok_and(|sum| sum.iter().all(|byte| *byte == 0))
    })
}
