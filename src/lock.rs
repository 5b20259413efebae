//! Share files: one trustee's part of an envelope's two locks, sealed to that trustee. No way in here.
//!
//! ```text
//! share file (4,098 B) = version 01 ‖ suite 01 ‖ padded (4,096 B)
//! padded = length (4 B, big-endian) ‖ age file to the trustee ‖ zeros
//! inside = JSON: instance, report id, SHA-256(envelope), audit key, set number, trustee number,
//!          share of L, share of F, SHA-256 of all n shares of L and of F
//! ```

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use std::fmt;

pub const VERSION: u8 = 1;
/// age (X25519) around Shamir shares over GF(256).
pub const SUITE: u8 = 1;
pub(crate) const BUCKET: usize = 4096;
/// Bytes of one stored share file.
pub const SHARE_FILE_LEN: usize = 2 + BUCKET;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareFileRefused {
    #[error("a share file has {SHARE_FILE_LEN} bytes; this one has {0}")]
    Length(usize),
    #[error("share file version {0}, suite {1} is unknown to this program")]
    Unknown(u8, u8),
}

/// One stored share file, checked for size and version.
#[derive(Clone, PartialEq, Eq)]
pub struct ShareFile(Box<[u8]>);

impl ShareFile {
    pub fn parse(bytes: &[u8]) -> Result<Self, ShareFileRefused> {
        if bytes.len() != SHARE_FILE_LEN {
            return Err(ShareFileRefused::Length(bytes.len()));
        }
        if (bytes[0], bytes[1]) != (VERSION, SUITE) {
            return Err(ShareFileRefused::Unknown(bytes[0], bytes[1]));
        }
        Ok(Self(bytes.into()))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn padded(&self) -> &[u8] {
        &self.0[2..]
    }

    /// The age file inside the padding; `None` if the frame is not ours or the padding is not zeros.
    pub fn age_file(&self) -> Option<&[u8]> {
        crate::padded::age_file(self.padded())
    }
}

impl fmt::Debug for ShareFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShareFile({}…)", hex::encode(&crate::transcript::sha256(&self.0)[..4]))
    }
}
impl Serialize for ShareFile {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}
impl<'de> Deserialize<'de> for ShareFile {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let bytes = BASE64_STANDARD.decode(String::deserialize(d)?).map_err(serde::de::Error::custom)?;
        Self::parse(&bytes).map_err(serde::de::Error::custom)
    }
}
