//! What staff write to a reporter: sealed to the mailbox of the receipt, so that it lies unreadable in the store,
//! for the staff who wrote it too.
//!
//! ```text
//! sealed = length (4 B) ‖ age file to the mailbox ‖ zeros up to a multiple of 4,096 B; base64 in records
//! ```
//! The age file opens with the stock `age` command and the key the receipt gives. What this does not give: proof of
//! who wrote it (anybody who knows the recipient can seal to it; the server does), or secrecy from the server in the
//! request in which a member of staff sends it.

pub mod file;

use crate::{padded, receipt::Mailbox};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// Lengths of sealed messages are multiples of this, so that a short answer is as long as another.
const STEP: usize = 4096;
/// Bytes the seal may add: the age header with one stanza and one of grease, and the tags of a short text.
const OVERHEAD: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageRefused {
    #[error("a sealed message is an age file, padded to a multiple of {STEP} bytes")]
    Shape,
    #[error("this message does not open with this receipt")]
    OtherReceipt,
}

/// A sealed message, checked for its frame.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedMessage(Box<[u8]>);

/// Seals words of staff to a reporter's mailbox.
pub fn seal(text: &str, mailbox: &Mailbox) -> SealedMessage {
    let bucket = (text.len() + OVERHEAD).next_multiple_of(STEP);
    // Unwrap safety: the bucket leaves room for all that age adds to a text this short.
    SealedMessage(padded::seal(text.as_bytes(), &[mailbox.recipient()], bucket).unwrap().into())
}

/// Opens with the key the receipt gives. For the page without script, which keeps neither key nor text.
///
/// # Errors
/// [`MessageRefused::OtherReceipt`] for any failure: no reason is told apart.
pub fn open(
    sealed: &SealedMessage,
    key: &age::x25519::Identity,
) -> Result<Zeroizing<String>, MessageRefused> {
    let plain = padded::unseal(&sealed.0, key).ok_or(MessageRefused::OtherReceipt)?;
    let text = std::str::from_utf8(&plain).map_err(|_| MessageRefused::OtherReceipt)?;
    Ok(Zeroizing::new(text.to_owned()))
}

impl SealedMessage {
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageRefused> {
        let framed =
            !bytes.is_empty() && bytes.len().is_multiple_of(STEP) && padded::age_file(bytes).is_some();
        if framed { Ok(Self(bytes.into())) } else { Err(MessageRefused::Shape) }
    }

    /// Frame, age file and padding, as stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The age file alone, as `age --decrypt` reads it.
    pub fn age_file(&self) -> &[u8] {
        // Unwrap safety: the frame was checked when this value was made.
        padded::age_file(&self.0).unwrap()
    }
}

impl fmt::Debug for SealedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedMessage({} B)", self.0.len())
    }
}

impl Serialize for SealedMessage {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for SealedMessage {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let bytes = BASE64_STANDARD.decode(String::deserialize(d)?).map_err(serde::de::Error::custom)?;
        Self::parse(&bytes).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::Receipt;

    #[test]
    fn the_receipt_opens_it_and_no_other() {
        let (receipt, other) = (Receipt::draw(&mut rand::rng()), Receipt::draw(&mut rand::rng()));
        let sealed = seal("请补充照片。", &receipt.mailbox());
        let again: SealedMessage = serde_json::from_str(&serde_json::to_string(&sealed).unwrap()).unwrap();
        assert_eq!(open(&again, &receipt.mailbox_key()).unwrap().as_str(), "请补充照片。");
        assert_eq!(open(&again, &other.mailbox_key()).err(), Some(MessageRefused::OtherReceipt));
        assert_eq!(
            age::decrypt(&receipt.mailbox_key(), again.age_file()).unwrap(),
            "请补充照片。".as_bytes()
        );
    }

    #[test]
    fn a_short_answer_is_as_long_as_another_and_the_longest_fits() {
        let mailbox = Receipt::draw(&mut rand::rng()).mailbox();
        for (text, len) in [("", 4096), ("好", 4096), ("好", 4096), (&"长".repeat(1000), 4096)] {
            assert_eq!(seal(text, &mailbox).as_bytes().len(), len, "{} B", text.len());
        }
        // Around every edge of the bucket, where the grease of age could be too much.
        for bytes in (3060..3080).chain(16_000..16_010).chain([65_536, 70_000]) {
            seal(&"x".repeat(bytes), &mailbox);
        }
    }

    #[test]
    fn what_is_not_framed_as_ours_is_refused() {
        let sealed = seal("x", &Receipt::draw(&mut rand::rng()).mailbox());
        let mut marked = sealed.as_bytes().to_vec();
        marked[4095] = 1;
        for bytes in [&marked[..], &sealed.as_bytes()[..4000], &[]] {
            assert_eq!(SealedMessage::parse(bytes), Err(MessageRefused::Shape));
        }
        assert!(serde_json::from_str::<SealedMessage>("\"AAAA\"").is_err());
    }
}
