//! What stands in the log: entries of one size that only the receipt's holder can find and read.
//!
//! ```text
//! a report's entry, 128 bytes
//!  0      version    1
//!  1      suite      1   HMAC-SHA256, HKDF-SHA256, ChaCha20-Poly1305
//!  2      kind       0
//!  3 ..   tag        32  HMAC(audit key, transcript("mifeng/v1/log/tag", event, n))
//! 35 ..   nonce      12  first bytes of HMAC(audit key, transcript("mifeng/v1/log/nonce", n, body))
//! 47 ..   sealed     81  body of 65 bytes and the AEAD's tag;
//!                        key = HKDF(salt "mifeng/v1/log/leaf", ikm = audit key, info = n),
//!                        associated data = the 47 bytes before
//! body: event 1 ‖ purpose 1 ‖ year 2 ‖ month 1 ‖ day 1 ‖ award 27, zero-padded ‖ digest 32
//!
//! a public entry, 128 bytes: version ‖ suite ‖ kind ‖ number 8 ‖ year 2 ‖ month 1 ‖ day 1 ‖ digest 32 ‖ zeros
//! ```
//! `n` counts a report's entries from 0. The nonce depends on the body, so that a log restored from a backup,
//! which may use an `n` twice, still never seals two bodies alike.
//! The caller counts `n`. What this does not give: who holds the audit key (the server, while it keeps the
//! case, and the trustees) can read the report's entries; and everyone sees how many entries were added when.

use super::says::{AwardName, Event, PublicKind, Purpose};
use crate::{clock::Day, receipt::AuditKey, transcript::transcript};
use ring::{aead, hkdf, hmac};
use std::fmt;
use zeroize::Zeroizing;

/// Bytes in every entry.
pub const ENTRY_LEN: usize = 128;
/// Entries a report can have: `n` is one byte, so that a reader can try every value.
pub const ENTRIES_PER_REPORT: usize = 256;

const VERSION: u8 = 1;
const SUITE: u8 = 1;
const TAG: usize = 3;
const NONCE: usize = TAG + 32;
const SEALED: usize = NONCE + 12;
const BODY_LEN: usize = ENTRY_LEN - SEALED - 16;
/// Where an award's name stands in the body, and where it ends.
pub(super) const AWARD: usize = 6;
pub(super) const DIGEST: usize = BODY_LEN - 32;

/// Why bytes were refused as an entry, or an entry as this report's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafRefused {
    #[error("an entry has {ENTRY_LEN} bytes, this one {0}")]
    Length(usize),
    #[error("version {version}, suite {suite} or kind {kind} is not known here")]
    Unknown { version: u8, suite: u8, kind: u8 },
    #[error("the entry belongs to another report, or was changed")]
    NotThisReports,
    #[error("the entry is this report's, but what it says is not well formed")]
    Malformed,
    #[error("an award's name has 1 to 27 printable ASCII characters")]
    AwardName,
}

/// What an entry of a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub event: Event,
    pub day: Day,
    pub purpose: Option<Purpose>,
    pub award: Option<AwardName>,
    /// SHA-256 of the statement the event rests on (a release's, say), so that it cannot be exchanged later.
    pub digest: Option<[u8; 32]>,
}

impl Leaf {
    /// An event with nothing beside its day.
    pub fn plain(event: Event, day: Day) -> Self {
        Self { event, day, purpose: None, award: None, digest: None }
    }
}

/// One entry, as it stands in the log.
#[derive(Clone, PartialEq, Eq)]
pub struct LeafEntry([u8; ENTRY_LEN]);

/// What anyone can read of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Face {
    Report,
    Public { kind: PublicKind, number: u64, day: Day, digest: [u8; 32] },
}

impl LeafEntry {
    /// The `n`th entry of the report whose audit key this is.
    pub fn report(audit: &AuditKey, n: u8, leaf: &Leaf) -> Self {
        let mut out = [0; ENTRY_LEN];
        out[..TAG].copy_from_slice(&[VERSION, SUITE, 0]);
        out[TAG..NONCE].copy_from_slice(&tag(&hmac_key(audit), leaf.event, n));
        let mut body = Zeroizing::new(body_of(leaf));
        let nonce = hmac::sign(&hmac_key(audit), &transcript("mifeng/v1/log/nonce", &[&[n], &body[..]]));
        out[NONCE..SEALED].copy_from_slice(&nonce.as_ref()[..SEALED - NONCE]);
        let (head, sealed) = out.split_at_mut(SEALED);
        // Unwrap safety: the only refusal is a plaintext of more than 256 GiB.
        let mac = aead_key(audit, n)
            .seal_in_place_separate_tag(nonce_of(head), aead::Aad::from(&*head), &mut body[..])
            .unwrap();
        sealed[..BODY_LEN].copy_from_slice(&body[..]);
        sealed[BODY_LEN..].copy_from_slice(mac.as_ref());
        Self(out)
    }

    /// An entry anyone can read: a new recipient set or script. `digest` is SHA-256 of the published object.
    pub fn public(kind: PublicKind, number: u64, day: Day, digest: [u8; 32]) -> Self {
        let mut out = [0; ENTRY_LEN];
        out[..3].copy_from_slice(&[VERSION, SUITE, kind as u8]);
        out[3..11].copy_from_slice(&number.to_be_bytes());
        out[11..15].copy_from_slice(&day_bytes(day));
        out[15..47].copy_from_slice(&digest);
        Self(out)
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, LeafRefused> {
        let entry = Self(bytes.try_into().map_err(|_| LeafRefused::Length(bytes.len()))?);
        entry.face().map(|_| entry)
    }

    pub fn as_bytes(&self) -> &[u8; ENTRY_LEN] {
        &self.0
    }

    /// What the entry shows without a key.
    pub fn face(&self) -> Result<Face, LeafRefused> {
        let [version, suite, kind, rest @ ..] = &self.0;
        let unknown = LeafRefused::Unknown { version: *version, suite: *suite, kind: *kind };
        if (*version, *suite) != (VERSION, SUITE) {
            return Err(unknown);
        }
        if *kind == 0 {
            return Ok(Face::Report);
        }
        let kind = PublicKind::from_number(*kind).ok_or(unknown)?;
        let mut number = [0; 8];
        number.copy_from_slice(&rest[..8]);
        let day = day_from(&rest[8..12]).ok_or(LeafRefused::Malformed)?;
        let mut digest = [0; 32];
        digest.copy_from_slice(&rest[12..44]);
        if rest[44..].iter().any(|byte| *byte != 0) {
            return Err(LeafRefused::Malformed);
        }
        Ok(Face::Public { kind, number: u64::from_be_bytes(number), day, digest })
    }

    /// Reads the entry as the `n`th of the report whose audit key this is.
    pub fn open(&self, audit: &AuditKey, n: u8) -> Result<Leaf, LeafRefused> {
        if self.face()? != Face::Report {
            return Err(LeafRefused::NotThisReports);
        }
        let mut sealed = Zeroizing::new([0; ENTRY_LEN - SEALED]);
        sealed.copy_from_slice(&self.0[SEALED..]);
        let head = &self.0[..SEALED];
        let body = aead_key(audit, n)
            .open_in_place(nonce_of(head), aead::Aad::from(head), &mut sealed[..])
            .map_err(|_| LeafRefused::NotThisReports)?;
        let leaf = leaf_from(body).ok_or(LeafRefused::Malformed)?;
        if tag(&hmac_key(audit), leaf.event, n)[..] != self.0[TAG..NONCE] {
            return Err(LeafRefused::Malformed);
        }
        Ok(leaf)
    }

    /// By which a reader of the log finds the entry.
    pub(super) fn tag(&self) -> &[u8] {
        &self.0[TAG..NONCE]
    }
}

impl AsRef<[u8]> for LeafEntry {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for LeafEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeafEntry({})", hex::encode(self.0))
    }
}

/// The tag an entry of this report carries for this event and count.
pub(super) fn tag(key: &hmac::Key, event: Event, n: u8) -> [u8; 32] {
    let signed = hmac::sign(key, &transcript("mifeng/v1/log/tag", &[&[event as u8], &[n]]));
    let mut out = [0; 32];
    out.copy_from_slice(signed.as_ref());
    out
}

pub(super) fn hmac_key(audit: &AuditKey) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &audit.0)
}

fn aead_key(audit: &AuditKey, n: u8) -> aead::LessSafeKey {
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"mifeng/v1/log/leaf").extract(&audit.0);
    let mut key = Zeroizing::new([0; 32]);
    // Unwrap safety: 32 bytes are within HKDF's limit (RFC 5869) and are this cipher's key length.
    prk.expand(&[&[n]], hkdf::HKDF_SHA256).unwrap().fill(key.as_mut()).unwrap();
    aead::LessSafeKey::new(aead::UnboundKey::new(&aead::CHACHA20_POLY1305, key.as_ref()).unwrap())
}

fn nonce_of(head: &[u8]) -> aead::Nonce {
    let mut nonce = [0; SEALED - NONCE];
    nonce.copy_from_slice(&head[NONCE..SEALED]);
    aead::Nonce::assume_unique_for_key(nonce)
}

fn body_of(leaf: &Leaf) -> [u8; BODY_LEN] {
    let mut body = [0; BODY_LEN];
    body[0] = leaf.event as u8;
    body[1] = leaf.purpose.map_or(0, |purpose| purpose as u8);
    body[2..AWARD].copy_from_slice(&day_bytes(leaf.day));
    if let Some(award) = &leaf.award {
        body[AWARD..AWARD + award.as_str().len()].copy_from_slice(award.as_str().as_bytes());
    }
    body[DIGEST..].copy_from_slice(&leaf.digest.unwrap_or_default());
    body
}

fn leaf_from(body: &[u8]) -> Option<Leaf> {
    let award = &body[AWARD..DIGEST];
    let award = std::str::from_utf8(award).ok()?.trim_end_matches('\0');
    let mut digest = [0; 32];
    digest.copy_from_slice(&body[DIGEST..]);
    Some(Leaf {
        event: Event::from_number(body[0])?,
        day: day_from(&body[2..AWARD])?,
        purpose: if body[1] == 0 { None } else { Some(Purpose::from_number(body[1])?) },
        award: if award.is_empty() { None } else { Some(award.parse().ok()?) },
        digest: (digest != [0; 32]).then_some(digest),
    })
}

fn day_bytes(day: Day) -> [u8; 4] {
    let [high, low] = day.year().to_be_bytes();
    [high, low, day.month() as u8, day.day() as u8]
}

fn day_from(bytes: &[u8]) -> Option<Day> {
    let &[high, low, month, day] = bytes else { return None };
    Day::new(i16::from_be_bytes([high, low]), i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const AUDIT: AuditKey = AuditKey([9; 32]);

    fn any_leaf() -> impl Strategy<Value = Leaf> {
        (
            prop::sample::select(Event::ALL),
            prop::option::of(prop::sample::select(Purpose::ALL)),
            prop::option::of("[!-~]{1,27}"),
            prop::option::of((1..=255u8).prop_map(|byte| [byte; 32])),
            0..3000i32,
        )
            .prop_map(|(event, purpose, award, digest, days)| Leaf {
                event,
                day: date(2026, 1, 1) + jiff::Span::new().days(days),
                purpose,
                award: award.map(|text| text.parse().unwrap()),
                digest,
            })
    }

    #[test]
    fn a_name_that_does_not_fit_is_refused_not_cut() {
        for bad in ["", "1234567890123456789012345678", "a b", "举报", "a\0"] {
            assert_eq!(bad.parse::<AwardName>(), Err(LeafRefused::AwardName), "{bad:?}");
        }
    }

    #[test]
    fn public_entries_are_read_by_anyone_and_belong_to_no_report() {
        let entry = LeafEntry::public(PublicKind::RecipientSet, 3, date(2026, 11, 26), [7; 32]);
        let face = Face::Public {
            kind: PublicKind::RecipientSet,
            number: 3,
            day: date(2026, 11, 26),
            digest: [7; 32],
        };
        assert_eq!(LeafEntry::parse(entry.as_bytes()).unwrap().face(), Ok(face));
        assert_eq!(entry.open(&AUDIT, 0), Err(LeafRefused::NotThisReports));
    }

    #[test]
    fn no_two_entries_of_a_report_share_a_nonce_under_one_key() {
        // A log restored from a backup may use a count twice.
        let leaf = Leaf::plain(Event::Added, date(2026, 11, 26));
        let later = Leaf { day: date(2026, 11, 27), ..leaf.clone() };
        let (a, b) = (LeafEntry::report(&AUDIT, 1, &leaf), LeafEntry::report(&AUDIT, 1, &later));
        assert_ne!(a.0[NONCE..SEALED], b.0[NONCE..SEALED]);
    }

    proptest! {
        #[test]
        fn every_leaf_has_one_length_and_reads_back_with_its_key_and_count_alone(leaf in any_leaf(), n: u8) {
            let entry = LeafEntry::report(&AUDIT, n, &leaf);
            let read = LeafEntry::parse(entry.as_bytes()).unwrap();
            prop_assert_eq!(read.face(), Ok(Face::Report));
            prop_assert_eq!(read.open(&AUDIT, n), Ok(leaf));
            prop_assert_eq!(read.open(&AUDIT, n.wrapping_add(1)), Err(LeafRefused::NotThisReports));
            prop_assert_eq!(read.open(&AuditKey([8; 32]), n), Err(LeafRefused::NotThisReports));
        }

        #[test]
        fn no_changed_byte_is_read(leaf in any_leaf(), at in 0..ENTRY_LEN, flip in 1..=255u8) {
            let mut bytes = *LeafEntry::report(&AUDIT, 4, &leaf).as_bytes();
            bytes[at] ^= flip;
            prop_assert!(LeafEntry::parse(&bytes).and_then(|entry| entry.open(&AUDIT, 4)).is_err());
        }

        #[test]
        fn reading_anything_never_panics(bytes: Vec<u8>, whole: [[u8; 32]; 4], kind in 0..9u8) {
            let _ = LeafEntry::parse(&bytes);
            let mut whole: [u8; ENTRY_LEN] = whole.concat().try_into().unwrap();
            whole[..3].copy_from_slice(&[VERSION, SUITE, kind]);
            let _ = LeafEntry::parse(&whole).and_then(|entry| entry.open(&AUDIT, 0));
        }
    }
}
