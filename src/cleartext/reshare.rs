//! The shares of one trustee, split again for the trustees of a later set, and joined by them. No lock is ever whole here.
//!
//! ```text
//! part   = share file's frame, sealed to one new trustee around JSON { format, batch (SHA-256), dealer, place, report,
//!          envelope_sha256, audit_key, claim_key, old_file, part_l, part_f, hashes_l[n'], hashes_f[n'] }
//! old_file = hash "mifeng/v1/reshare-old" of the old share file's n, hashes_l, hashes_f, audit_key, claim_key (as written)
//! part_l = place ‖ y of the old share's y, split t' of n'                              (vsss-rs, as every share)
//! new share = place ‖ Gf256::combine_array over the t first dealers of (dealer ‖ y of the part)
//! check n = the same over dealers 1…t, plus the same over dealers n+1…n+t: points of a polynomial that is 0 at 0, for each
//!          n, if, and only if, all dealt shares of one secret. Told as it is at places 1…t'-1, as a hash at the others.
//! ```
//! Where the polynomial is not 0 at 0, its value there is made of true shares. So no check is told of an envelope whose old
//! files differ: whoever writes a trustee a file to deal from, the server does, would else read that trustee's true share.

use super::seal::{ShareBody, b64, json, un_b64};
use crate::{
    ids::ReportId,
    lock::{self, ShareFile},
    padded,
    recipients::Trustee,
    reshare::{Both, Dealing, Item, Known, TakenItem, Taking},
    transcript::{hash, sha256},
};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use vsss_rs::Gf256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Why one envelope is not dealt, taken or joined. The others of the batch are; its old shares stay in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DealRefused {
    #[error("the file does not open with this key")]
    WrongKey,
    #[error("the file is not well formed")]
    Malformed,
    #[error("the file belongs to another batch, report, envelope or trustee")]
    Other,
    #[error("the share is not that of its place, or does not fit the hash in its file")]
    ShareWrong,
    #[error("an old trustee could not deal it")]
    NotDealt,
    #[error("the old trustees' files name different hashes or keys: not all are as they were sealed")]
    FilesDiffer,
    #[error("a new trustee could not take it")]
    NotTaken,
    #[error(
        "the parts do not belong together: the report was sealed so, or a trustee dealt or took another share than theirs"
    )]
    Inconsistent,
}

/// An envelope of the batch that stays with its old shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("report {report}: {why}")]
pub struct LeftOut {
    pub report: ReportId,
    pub why: DealRefused,
}

/// For each envelope what was made of it, in the batch's order, and why of some nothing was.
fn sort<T>(
    known: &Known,
    each: impl Iterator<Item = Result<T, DealRefused>>,
) -> (Vec<Option<T>>, Vec<LeftOut>) {
    let mut left_out = Vec::new();
    let note = |(item, one): (&Item, Result<T, DealRefused>)| {
        one.map_err(|why| left_out.push(LeftOut { report: item.report, why })).ok()
    };
    let made = known.batch.items.iter().zip(each).map(note).collect();
    (made, left_out)
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
    old_file: String,
    part_l: String,
    part_f: String,
    hashes_l: Vec<String>,
    hashes_f: Vec<String>,
}

/// By place in the new set, one an item, none where it cannot be dealt; and what was left out.
pub type Dealt = (Vec<Vec<Option<ShareFile>>>, Vec<LeftOut>);

/// Splits every share of one old trustee.
pub fn deal(
    known: &Known,
    dealer: u8,
    files: &[ShareFile],
    key: &age::x25519::Identity,
    rng: &mut impl CryptoRng,
) -> Result<Dealt, DealRefused> {
    if files.len() != known.batch.items.len() {
        return Err(DealRefused::Other);
    }
    let each = known.batch.items.iter().zip(files);
    let (rows, left_out) =
        sort(known, each.map(|(item, file)| deal_one(known, dealer, item, file, key, rng)));
    let column = |j: usize| rows.iter().map(|row| row.as_ref().map(|row| row[j].clone())).collect();
    Ok(((0..known.to.trustees().len()).map(column).collect(), left_out))
}

fn deal_one(
    known: &Known,
    dealer: u8,
    item: &Item,
    file: &ShareFile,
    key: &age::x25519::Identity,
    rng: &mut impl CryptoRng,
) -> Result<Vec<ShareFile>, DealRefused> {
    let body = own_share(known, dealer, item, file, key)?;
    let (t, n) = (known.to.threshold(), known.to.trustees().len());
    let mut split = |share: &str, hashes: &[String]| {
        let share = checked(share, hashes, dealer, known.from.trustees().len())?;
        // Unwrap safety: the set's check has 2 ≤ t ≤ n ≤ 16, and a share is not empty.
        let split = Gf256::split_array(t, n, &share[1..], &mut *rng).unwrap();
        Ok(split.into_iter().map(Zeroizing::new).collect::<Vec<_>>())
    };
    let (parts_l, parts_f) = (split(&body.share_l, &body.hashes_l)?, split(&body.share_f, &body.hashes_f)?);
    let hashes = |all: &[Zeroizing<Vec<u8>>]| all.iter().map(|one| b64(&sha256(one))).collect::<Vec<_>>();
    let part = |(j, trustee): (usize, &Trustee)| {
        let part = Part {
            format: 1,
            batch: b64(&known.digest),
            dealer,
            place: j as u8 + 1,
            report: body.report.clone(),
            envelope_sha256: body.envelope_sha256.clone(),
            audit_key: body.audit_key.clone(),
            claim_key: body.claim_key.clone(),
            old_file: b64(&old_file(&body)),
            part_l: b64(&parts_l[j]),
            part_f: b64(&parts_f[j]),
            hashes_l: hashes(&parts_l),
            hashes_f: hashes(&parts_f),
        };
        seal_to(&part, &trustee.recipient)
    };
    Ok(known.to.trustees().iter().enumerate().map(part).collect())
}

/// One old trustee's share file of one item, bound to the batch.
fn own_share(
    known: &Known,
    dealer: u8,
    item: &Item,
    file: &ShareFile,
    key: &age::x25519::Identity,
) -> Result<ShareBody, DealRefused> {
    let plain = padded::unseal(file.padded(), key).ok_or(DealRefused::WrongKey)?;
    let body: ShareBody = serde_json::from_slice(&plain).map_err(|_| DealRefused::Malformed)?;
    let bound = body.format == 1
        && body.instance == known.from.instance().0
        && body.report == item.report.to_string()
        && body.envelope_sha256 == b64(&item.envelope)
        && body.set_number == known.from.number()
        && body.trustee == dealer;
    if bound { Ok(body) } else { Err(DealRefused::Other) }
}

/// What all share files of one envelope have in common. Beside a true file, one that has the same holds the true share: it
/// must fit the same list.
fn old_file(body: &ShareBody) -> [u8; 32] {
    let count = [body.hashes_l.len() as u8];
    let lists = body.hashes_l.iter().chain(&body.hashes_f).map(String::as_bytes);
    let keys = [body.audit_key.as_bytes(), body.claim_key.as_bytes()];
    hash("mifeng/v1/reshare-old", &[&count[..]].into_iter().chain(lists).chain(keys).collect::<Vec<_>>())
}

/// The share, if it is that of the place and fits its hash, in a list of `n`. Its x is what it weighs by: were it the
/// dealer's word, whoever lies about theirs would read from the checks what the others hold.
fn checked(share: &str, hashes: &[String], place: u8, n: usize) -> Result<Zeroizing<Vec<u8>>, DealRefused> {
    let share = un_b64(share).ok_or(DealRefused::ShareWrong)?;
    let written = usize::from(place).checked_sub(1).and_then(|i| hashes.get(i));
    let fits =
        share.len() == 33 && share[0] == place && hashes.len() == n && written == Some(&b64(&sha256(&share)));
    if fits { Ok(share) } else { Err(DealRefused::ShareWrong) }
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
    items: Vec<Result<Vec<Part>, DealRefused>>,
}

/// The two locks of an envelope.
#[derive(Clone, Copy)]
enum Lock {
    L,
    F,
}

impl<'a> Taken<'a> {
    /// `dealings` as [`Dealing::gather`] gives them; `place` in the new set, from 1.
    pub fn open(known: &'a Known, place: u8, dealings: &[&Dealing], key: &age::x25519::Identity) -> Self {
        let open = |(i, item)| {
            let mut parts: Vec<Part> = Vec::new();
            for dealing in dealings {
                let part = open_part(known, place, dealing, (i, item), key)?;
                let differs = |first: &Part| {
                    (&first.old_file, &first.audit_key, &first.claim_key)
                        != (&part.old_file, &part.audit_key, &part.claim_key)
                };
                if parts.first().is_some_and(differs) {
                    return Err(DealRefused::FilesDiffer);
                }
                parts.push(part);
            }
            Ok(parts)
        };
        Self { known, place, items: known.batch.items.iter().enumerate().map(open).collect() }
    }

    /// SHA-256 of each new share, and, where one more has dealt, what shows whether all dealt rightly.
    pub fn taking(&self) -> (Vec<Option<TakenItem>>, Vec<LeftOut>) {
        sort(self.known, self.items.iter().map(|parts| self.take(parts.as_ref().map_err(|why| *why)?)))
    }

    fn take(&self, parts: &[Part]) -> Result<TakenItem, DealRefused> {
        let both = |of: &dyn Fn(Lock) -> Result<[u8; 32], DealRefused>| {
            Ok::<_, DealRefused>(Both { l: of(Lock::L)?, f: of(Lock::F)? })
        };
        let hashes = both(&|lock| Ok(sha256(&self.share(parts, lock)?)))?;
        let told = |n| both(&|lock| Ok(self.told(self.place, n, self.check(parts, lock, n)?)));
        let checks = (1..=self.known.checks()).map(told).collect::<Result<_, _>>()?;
        Ok(TakenItem { hashes, checks })
    }

    /// The new share files of this trustee, each with the hashes of all; `takings` as [`Taking::gather`] gives them.
    pub fn join(&self, takings: &[&Taking]) -> (Vec<Option<ShareFile>>, Vec<LeftOut>) {
        let join = |(i, parts): (usize, &Result<Vec<Part>, DealRefused>)| {
            let taken: Option<Vec<_>> = takings.iter().map(|taking| taking.items[i].as_ref()).collect();
            self.join_one(parts.as_ref().map_err(|why| *why)?, &taken.ok_or(DealRefused::NotTaken)?)
        };
        sort(self.known, self.items.iter().enumerate().map(join))
    }

    fn join_one(&self, parts: &[Part], taken: &[&TakenItem]) -> Result<ShareFile, DealRefused> {
        let trustee = &self.known.to.trustees()[usize::from(self.place) - 1];
        for n in 1..=self.known.checks() {
            let told = |lock: fn(&Both) -> [u8; 32]| {
                taken.iter().map(|taken| lock(&taken.checks[n - 1])).collect::<Vec<_>>()
            };
            let fit = |told: Vec<[u8; 32]>| self.belong_together(n, &told);
            if !fit(told(|both| both.l)) || !fit(told(|both| both.f)) {
                return Err(DealRefused::Inconsistent);
            }
        }
        let (share_l, share_f) = (self.share(parts, Lock::L)?, self.share(parts, Lock::F)?);
        let own = &taken[usize::from(self.place) - 1].hashes;
        if (own.l, own.f) != (sha256(&share_l), sha256(&share_f)) {
            return Err(DealRefused::Inconsistent);
        }
        let hashes = |lock: fn(&Both) -> &[u8; 32]| {
            taken.iter().map(|taken| b64(lock(&taken.hashes))).collect::<Vec<_>>()
        };
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
        Ok(seal_to(&body, &trustee.recipient))
    }

    /// This trustee's new share: `place ‖ y`.
    fn share(&self, parts: &[Part], lock: Lock) -> Result<Zeroizing<Vec<u8>>, DealRefused> {
        let y = self.joined(parts, lock, 0)?;
        Ok(Zeroizing::new([&[self.place], y.as_slice()].concat()))
    }

    /// The `n`th check, from 1.
    fn check(&self, parts: &[Part], lock: Lock, n: usize) -> Result<[u8; 32], DealRefused> {
        let (first, last) = (self.joined(parts, lock, 0)?, self.joined(parts, lock, n)?);
        let mut sum = [0; 32];
        for (sum, (a, b)) in sum.iter_mut().zip(first.iter().zip(last.iter())) {
            *sum = (Gf256(*a) + Gf256(*b)).0;
        }
        Ok(sum)
    }

    /// The parts of t dealers, from the `skip`th, joined: 32 bytes.
    fn joined(&self, parts: &[Part], lock: Lock, skip: usize) -> Result<Zeroizing<Vec<u8>>, DealRefused> {
        let mut points = Zeroizing::new(Vec::new());
        for part in parts.iter().skip(skip).take(self.known.from.threshold()) {
            let text = match lock {
                Lock::L => &part.part_l,
                Lock::F => &part.part_f,
            };
            let part_y = un_b64(text).ok_or(DealRefused::Malformed)?;
            points.push([&[part.dealer], &part_y[1..]].concat());
        }
        Gf256::combine_array(&*points).map(Zeroizing::new).map_err(|_| DealRefused::Malformed)
    }

    /// A check as its place tells it. Fewer than t' in clear do not give the value at 0, and 0 is enough to know the rest by.
    fn told(&self, place: u8, n: usize, check: [u8; 32]) -> [u8; 32] {
        if usize::from(place) < self.known.to.threshold() {
            return check;
        }
        hash("mifeng/v1/reshare-check", &[&self.known.digest, &[place, n as u8], &check])
    }

    /// Whether what places 1, 2, … told lies on one polynomial of degree below t' that is 0 at 0.
    fn belong_together(&self, n: usize, told: &[[u8; 32]]) -> bool {
        let clear = self.known.to.threshold() - 1;
        let at = |place: u8| {
            // Moved by the place, so that what is joined at 0 is the value there.
            let point = |(x, y): (u8, &[u8; 32])| [&[(Gf256(x) + Gf256(place)).0], &y[..]].concat();
            let points: Vec<Vec<u8>> =
                (0..).zip([&[0; 32]].into_iter().chain(&told[..clear])).map(point).collect();
            <[u8; 32]>::try_from(Gf256::combine_array(&points).ok()?).ok()
        };
        told.len() == self.known.to.trustees().len()
            && (1..)
                .zip(told)
                .skip(clear)
                .all(|(place, told)| at(place).is_some_and(|check| self.told(place, n, check) == *told))
    }
}

/// One dealer's part of one item for the trustee at `place`, bound to the batch.
fn open_part(
    known: &Known,
    place: u8,
    dealing: &Dealing,
    (i, item): (usize, &Item),
    key: &age::x25519::Identity,
) -> Result<Part, DealRefused> {
    let column = usize::from(place).checked_sub(1).and_then(|column| dealing.parts.get(column));
    let file = column.and_then(|column| column.get(i)).ok_or(DealRefused::Other)?;
    let file = file.as_ref().ok_or(DealRefused::NotDealt)?;
    let plain = padded::unseal(file.padded(), key).ok_or(DealRefused::WrongKey)?;
    let part: Part = serde_json::from_slice(&plain).map_err(|_| DealRefused::Malformed)?;
    let bound = part.format == 1
        && part.batch == b64(&known.digest)
        && (part.dealer, part.place) == (dealing.dealer, place)
        && part.report == item.report.to_string()
        && part.envelope_sha256 == b64(&item.envelope);
    if !bound {
        return Err(DealRefused::Other);
    }
    let n = known.to.trustees().len();
    checked(&part.part_l, &part.hashes_l, place, n)?;
    checked(&part.part_f, &part.hashes_f, place, n)?;
    Ok(part)
}
