//! The receipt: thirty random decimal digits (about 100 bit) and two check digits (ISO 7064, MOD 97-10).
//!
//! ```text
//! 1234 5678 9012 3456 7890 1234 5678 90cc      8 groups of 4; cc = check digits
//!
//! HKDF-SHA256(salt "mifeng/v1/receipt", ikm = the 30 digits as ASCII, info = purpose) → 32 bytes
//!   "locator"  finds the report; the server keeps SHA-256 of it
//!   "auth"     proves the holder; the server keeps SHA-256 of it
//!   "audit"    writes and finds the report's leaves in the log; kept in the case record and in share files
//!   "mailbox"  X25519 secret of an age key that opens what staff write; the server keeps the recipient
//!   "claim"    Ed25519 seed that signs the claim; the public half is kept with the report and in share files
//! ```
//! 100 random bits need no slow hash. What this does not give: a receipt that is photographed is known.

use crate::{
    age_recipient,
    signing::{SigningKey, VerifyKey},
    transcript::sha256,
};
use rand::{CryptoRng, RngExt};
use ring::hkdf;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const AGE_SECRET_KEY: bech32::Hrp = bech32::Hrp::parse_unchecked("age-secret-key-");
const RANDOM: usize = 30;
/// Digits in a receipt, check digits included.
pub const DIGITS: usize = 32;

/// What is wrong with a typed receipt. Says nothing about whether such a receipt exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptRefused {
    #[error("a receipt has 32 digits; {0} were typed")]
    Length(usize),
    #[error("a receipt has digits only")]
    NotDigits,
    #[error("the check digits do not fit: there is a slip in the digits")]
    CheckDigits,
}

/// A mailbox is an X25519 recipient of age that can be sealed to, nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an age recipient that can be sealed to (expected age1…)")]
pub struct MailboxRefused;

/// The receipt itself. Not printable by accident; wiped when dropped. On the heap: a moved array would leave a
/// copy on the stack at every move, and nobody wipes those.
#[derive(Clone)]
pub struct Receipt(Zeroizing<Box<[u8]>>);

impl Receipt {
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut digits = blank();
        for digit in &mut digits[..RANDOM] {
            *digit = b'0' + rng.random_range(0..10u8);
        }
        let check = 98 - modulo_97(&digits[..RANDOM], 2);
        digits[RANDOM] = b'0' + (check / 10) as u8;
        digits[RANDOM + 1] = b'0' + (check % 10) as u8;
        Self(digits)
    }

    /// Reads what a person typed: full-width digits, spaces and dashes are fine.
    pub fn parse(typed: &str) -> Result<Self, ReceiptRefused> {
        let mut digits = blank();
        let mut count = 0;
        for c in typed.nfkc().filter(|c| !is_separator(*c)) {
            if !c.is_ascii_digit() {
                return Err(ReceiptRefused::NotDigits);
            }
            if count < DIGITS {
                digits[count] = c as u8;
            }
            count += 1;
        }
        if count != DIGITS {
            return Err(ReceiptRefused::Length(count));
        }
        if modulo_97(&digits, 0) != 1 {
            return Err(ReceiptRefused::CheckDigits);
        }
        Ok(Self(digits))
    }

    /// Whether a text holds something that reads as a receipt, so that a field can refuse it before it is kept.
    ///
    /// However its digits are split by spaces and dashes, with or without the check digits; and in its groups of four
    /// also where anything but letters stands between them. Not more: lists of dates, amounts and telephone numbers,
    /// which reports are full of, stay as they are. It keeps slips away, not somebody who means to write it.
    pub fn is_in(text: &str) -> bool {
        if !may_hold(text, RANDOM) {
            return false;
        }
        let (mut tight, mut loose) = (Digits::default(), Digits::default());
        for c in text.nfkc().chain(std::iter::once('x')) {
            if c.is_ascii_digit() {
                tight.push(c);
                loose.push(c);
                continue;
            }
            if !is_separator(c) {
                if tight.are_a_receipt() {
                    return true;
                }
                tight.clear();
            }
            loose.end_group();
            if c.is_alphanumeric() {
                if loose.have_its_groups() {
                    return true;
                }
                loose.clear();
            }
        }
        false
    }

    /// Eight groups of four, to be shown once and written on paper.
    pub fn groups(&self) -> [Zeroizing<String>; 8] {
        std::array::from_fn(|i| {
            Zeroizing::new(self.0[i * 4..i * 4 + 4].iter().map(|digit| *digit as char).collect())
        })
    }

    /// Whether the typed last group is this receipt's (compared in constant time, generous as [`Receipt::parse`]).
    pub fn ends_with(&self, typed: &str) -> bool {
        use subtle::ConstantTimeEq;
        let digits: Zeroizing<Vec<u8>> = Zeroizing::new(
            typed.nfkc().filter(|c| !is_separator(*c)).map(|c| u8::try_from(c).unwrap_or(0)).collect(),
        );
        digits.ct_eq(&self.0[DIGITS - 4..]).into()
    }

    /// What the server keeps to find the report again.
    pub fn locator(&self) -> LocatorHash {
        LocatorHash(sha256(self.derive("locator").as_ref()))
    }

    /// What the server keeps to check the holder.
    pub fn auth(&self) -> AuthHash {
        AuthHash(sha256(self.derive("auth").as_ref()))
    }

    /// What a device shows instead of the receipt: the locator and the holder's proof, whose hashes the server keeps.
    pub fn proof(&self) -> [Zeroizing<[u8; 32]>; 2] {
        [self.derive("locator"), self.derive("auth")]
    }

    /// The key of this report's leaves in the log.
    pub fn audit_key(&self) -> AuditKey {
        AuditKey(*self.derive("audit"))
    }

    /// Opens what staff write to the reporter. Text form `AGE-SECRET-KEY-1…`, which the stock `age` command reads.
    pub fn mailbox_key(&self) -> age::x25519::Identity {
        let secret = self.derive("mailbox");
        // Unwrap safety: 32 bytes fit bech32 and are an X25519 secret (RFC 7748, 5).
        let text =
            bech32::encode_upper::<bech32::Bech32>(AGE_SECRET_KEY, secret.as_ref()).map(Zeroizing::new);
        let key = text.unwrap().parse().unwrap();
        burn_stack();
        key
    }

    /// Whom staff seal their messages to.
    pub fn mailbox(&self) -> Mailbox {
        let mailbox = Mailbox(self.mailbox_key().to_public());
        burn_stack();
        mailbox
    }

    /// Signs the claim to an award. Only the receipt gives it.
    pub fn claim_key(&self) -> SigningKey {
        SigningKey::from_seed(*self.derive("claim"))
    }

    /// The half that is kept: with it a claim is checked, not made.
    pub fn claim_verify_key(&self) -> VerifyKey {
        let key = self.claim_key().verify_key();
        burn_stack();
        key
    }

    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let out = self.expand(purpose);
        burn_stack();
        out
    }

    /// SHA-256 keeps its input in a block on the stack and does not wipe it: the caller does.
    #[inline(never)]
    fn expand(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"mifeng/v1/receipt");
        let key = salt.extract(&self.0[..RANDOM]);
        let mut out = Zeroizing::new([0; 32]);
        // Unwrap safety: 32 bytes are far below HKDF's limit of 255 × 32 (RFC 5869).
        key.expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256).unwrap().fill(out.as_mut()).unwrap();
        out
    }
}

fn blank() -> Zeroizing<Box<[u8]>> {
    Zeroizing::new(vec![0; DIGITS].into_boxed_slice())
}

/// Overwrites the part of the stack that the call just before this one used.
#[inline(never)]
fn burn_stack() {
    Zeroize::zeroize(&mut [0xA5_u8; 8192]);
}

fn is_separator(c: char) -> bool {
    let unseen = matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}');
    c.is_whitespace() || unseen || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '−' | '·')
}

/// Digits of a text in a row, and where a group of them ends.
#[derive(Default)]
struct Digits {
    digits: Zeroizing<Vec<u8>>,
    ends: Vec<usize>,
}

impl Digits {
    fn push(&mut self, digit: char) {
        self.digits.push(digit as u8);
    }

    fn end_group(&mut self) {
        let end = self.digits.len();
        if self.ends.last().copied().unwrap_or(0) < end {
            self.ends.push(end);
        }
    }

    fn clear(&mut self) {
        (*self.digits).zeroize();
        self.ends.clear();
    }

    /// A receipt among them, or the thirty digits that are the whole secret and nothing else.
    fn are_a_receipt(&self) -> bool {
        self.digits.len() == RANDOM || self.digits.windows(DIGITS).any(|window| modulo_97(window, 0) == 1)
    }

    /// Eight groups of four that are a receipt, or seven and one of two.
    fn have_its_groups(&self) -> bool {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(self.ends.windows(DIGITS / 4)).any(|(start, ends)| {
            let before = std::iter::once(start).chain(ends);
            let lengths: Vec<usize> = before.zip(ends).map(|(start, end)| end - start).collect();
            let all = &self.digits[*start..*start + lengths.iter().sum::<usize>()];
            lengths[..7] == [4; 7] && (lengths[7] == 2 || lengths[7] == 4 && modulo_97(all, 0) == 1)
        })
    }
}

/// Whether a text could hold so many digits once it is normalised. Most have far fewer, and
/// need not be normalised to be told so.
fn may_hold(text: &str, digits: usize) -> bool {
    text.chars().map(most_digits).sum::<usize>() >= digits
}

/// No fewer than the digits a character gives when it is normalised.
fn most_digits(c: char) -> usize {
    match c {
        '0'..='9' => 1,
        // Letters, Han and the marks between them give none.
        '\0'..='\x7f' | '\u{3000}'..='\u{303F}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' => 0,
        // One tenth, in one character, is "1⁄10".
        _ => 3,
    }
}

fn modulo_97(digits: &[u8], zeros_after: u32) -> u32 {
    let value = digits.iter().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    value * 10u32.pow(zeros_after) % 97
}

/// SHA-256 of the locator: the only trace of a receipt that finds a report. Hexadecimal in records, as the two
/// below: whatever it is, it is as long.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LocatorHash(#[serde(with = "hex::serde")] pub [u8; 32]);

/// SHA-256 of the holder's proof.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct AuthHash(#[serde(with = "hex::serde")] pub [u8; 32]);

impl PartialEq for AuthHash {
    fn eq(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        self.0.ct_eq(&other.0).into()
    }
}
impl Eq for AuthHash {}

/// The key of a report's log leaves. Known to the reporter, to the server (which writes the leaves) and,
/// in share files, to the trustees (who look for the release leaf).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct AuditKey(#[serde(with = "hex::serde")] pub [u8; 32]);

/// The age recipient of a report's mailbox: what is sealed to it, the receipt alone opens. 62 characters, `age1…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox(age::x25519::Recipient);

impl Mailbox {
    pub fn recipient(&self) -> &age::x25519::Recipient {
        &self.0
    }
}

impl FromStr for Mailbox {
    type Err = MailboxRefused;
    fn from_str(text: &str) -> Result<Self, MailboxRefused> {
        age_recipient::parse(text).map(Self).ok_or(MailboxRefused)
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Mailbox {
    /// Reads one back that was judged when it came: without the trial Diffie-Hellman.
    pub(crate) fn kept<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Mailbox {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mailbox {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! not_printable {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
not_printable!(Receipt LocatorHash AuthHash AuditKey Mailbox);

#[cfg(test)]
mod tests;
