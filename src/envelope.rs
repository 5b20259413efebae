//! Envelopes: sealed bytes of one size for every report, named or nameless. This module has no way in.
//!
//! ```text
//! envelope (18,492 B) = identity section ‖ files section
//! section  = version 01 ‖ suite 01 ‖ nonce (12 B) ‖ ChaCha20-Poly1305(lock, padded) ‖ tag (16 B)
//! padded   = length (4 B, big-endian) ‖ age file to the office's two recipients ‖ zeros up to the bucket
//!            bucket: identity 16,384 B, files 2,048 B
//! associated data = transcript("mifeng/v1/envelope", instance, report id, section name)
//! lock     = L for the identity section, F for the files section; 32 random bytes, used once
//! ```
//! Padding comes after age, because the Rust crate's grease stanza makes two age files of one text differ in
//! length. What the size does not hide: how many envelopes a report has (additions are seen, not what is in them).

use crate::{
    ids::{Instance, ReportId},
    lock::{SHARE_FILE_LEN, ShareFile},
    transcript::{sha256, transcript},
};
use serde::{Deserialize, Serialize};
use std::fmt;

pub const VERSION: u8 = 1;
/// age (X25519) inside ChaCha20-Poly1305.
pub const SUITE: u8 = 1;
pub(crate) const SECTION_OVERHEAD: usize = 2 + 12 + 16;
/// Characters of an age recipient (X25519).
const RECIPIENT_LEN: usize = 62;
/// Bytes of one stored envelope.
pub const ENVELOPE_LEN: usize =
    SectionName::Identity.bucket() + SectionName::Files.bucket() + 2 * SECTION_OVERHEAD;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeRefused {
    #[error("an envelope has {ENVELOPE_LEN} bytes; this one has {0}")]
    Length(usize),
    #[error("envelope version {0}, suite {1} is unknown to this program")]
    Unknown(u8, u8),
}

/// The two sections of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionName {
    Identity,
    Files,
}

impl SectionName {
    /// Bytes of the padded age file.
    pub const fn bucket(self) -> usize {
        match self {
            Self::Identity => 16 * 1024,
            Self::Files => 2 * 1024,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Files => "files",
        }
    }

    pub fn associated_data(self, instance: &Instance, report: &ReportId) -> Vec<u8> {
        transcript(
            "mifeng/v1/envelope",
            &[&[VERSION, SUITE], instance.0.as_bytes(), report.as_bytes(), self.text().as_bytes()],
        )
    }
}

/// One sealed envelope, checked for size and version.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope(Box<[u8]>);

impl Envelope {
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeRefused> {
        if bytes.len() != ENVELOPE_LEN {
            return Err(EnvelopeRefused::Length(bytes.len()));
        }
        let envelope = Self(bytes.into());
        for name in [SectionName::Identity, SectionName::Files] {
            let section = envelope.section(name);
            if (section[0], section[1]) != (VERSION, SUITE) {
                return Err(EnvelopeRefused::Unknown(section[0], section[1]));
            }
        }
        Ok(envelope)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn section(&self, name: SectionName) -> &[u8] {
        let split = SectionName::Identity.bucket() + SECTION_OVERHEAD;
        match name {
            SectionName::Identity => &self.0[..split],
            SectionName::Files => &self.0[split..],
        }
    }

    /// SHA-256 of the stored bytes; every share file and every release names it.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&self.0)
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envelope({}…)", hex::encode(&self.hash()[..4]))
    }
}
impl Serialize for Envelope {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        use base64::Engine;
        s.serialize_str(&base64::prelude::BASE64_STANDARD.encode(&self.0))
    }
}
impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use base64::Engine;
        let text = String::deserialize(d)?;
        let bytes = base64::prelude::BASE64_STANDARD.decode(text).map_err(serde::de::Error::custom)?;
        Self::parse(&bytes).map_err(serde::de::Error::custom)
    }
}

/// Everything sealed that one submission, or one later addition, carries. The same shape for everybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedReport {
    pub envelope: Envelope,
    /// One a trustee, in the set's order.
    pub share_files: Vec<ShareFile>,
    /// age recipient of the per-report files key, whose secret lies in the files section.
    pub files_recipient: String,
    /// The recipient set this was sealed to.
    pub set_number: u32,
}

impl SealedReport {
    /// What it holds in memory beside itself, about.
    pub fn bytes(&self) -> usize {
        Self::bytes_for(self.share_files.len())
    }

    /// The same with so many trustees.
    pub fn bytes_for(trustees: usize) -> usize {
        ENVELOPE_LEN + trustees * (size_of::<ShareFile>() + SHARE_FILE_LEN) + RECIPIENT_LEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_length_drawn_in_the_doc_is_the_one_in_the_code() {
        assert_eq!(ENVELOPE_LEN, 18_492);
    }

    #[test]
    fn only_the_exact_length_and_known_versions_are_taken() {
        let mut bytes = vec![1; ENVELOPE_LEN];
        assert!(Envelope::parse(&bytes).is_ok());
        assert_eq!(Envelope::parse(&bytes[1..]), Err(EnvelopeRefused::Length(ENVELOPE_LEN - 1)));
        bytes[SectionName::Identity.bucket() + SECTION_OVERHEAD + 1] = 2;
        assert_eq!(Envelope::parse(&bytes), Err(EnvelopeRefused::Unknown(1, 2)));
    }

    proptest! {
        #[test]
        fn parsing_anything_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Envelope::parse(&bytes);
        }
    }
}
