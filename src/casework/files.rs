//! Files of a case: the reporter's and those sent to them.

use crate::{clock::Day, ids::BlobId, mailbox::SealedMessage};
use serde::{Deserialize, Serialize};

/// How large the sealed original is, coarsely: a size to the byte would recognise a known file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeClass {
    UpTo1M,
    UpTo10M,
    UpTo100M,
    Over100M,
}

impl SizeClass {
    pub fn of(bytes: u64) -> Self {
        match bytes.div_ceil(1 << 20) {
            0..=1 => Self::UpTo1M,
            2..=10 => Self::UpTo10M,
            11..=100 => Self::UpTo100M,
            _ => Self::Over100M,
        }
    }
    pub fn code(self) -> &'static str {
        match self {
            Self::UpTo1M => "1m",
            Self::UpTo10M => "10m",
            Self::UpTo100M => "100m",
            Self::Over100M => "more",
        }
    }
}

/// What investigators may see of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Copy {
    /// A copy without metadata, under this blob id; `media` is its type, e.g. `image/png`.
    Cleaned { blob: BlobId, media: String },
    /// The original stays sealed and there is no copy.
    SealedOnly,
}

/// One file of the reporter's. Its name and type are inside the sealed original only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// The sealed original.
    pub original: BlobId,
    pub copy: Copy,
    pub size: SizeClass,
    pub day: Day,
}

impl CaseFile {
    /// What is stored of it: the sealed original, and its copy if there is one.
    pub fn blobs(&self) -> impl Iterator<Item = BlobId> {
        let copy = match &self.copy {
            Copy::Cleaned { blob, .. } => Some(*blob),
            Copy::SealedOnly => None,
        };
        std::iter::once(self.original).chain(copy)
    }
}

/// One file of staff's to the reporter, sealed to the receipt. Name, type and length are inside the label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentFile {
    /// The sealed file.
    pub blob: BlobId,
    pub size: SizeClass,
    pub label: SealedMessage,
}
