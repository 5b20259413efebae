//! Originals: what a reporter uploads, streamed into one sealed file in constant memory.
//!
//! ```text
//! sealed file = version (1) ‖ suite (1) ‖ age file ‖ zeros ‖ length of the age file (8 B, big-endian)
//! age file    = to the report's own files recipient (X25519), plain age: the stock `age` opens it
//! plain       = length of the header (4 B, big-endian) ‖ header ‖ bytes of the upload, unchanged
//! header      = JSON {"format":1, "report", "blob", "name", "media_type"}
//! ```
//! The zeros bring the whole to the next Padmé length (Nikitin et al., *Reducing Metadata Leakage from
//! Encrypted Files*, 2019, §4): at most 12 % more, and a length tells no more than O(log log n) bits. Nothing
//! is shorter than one chunk, so that all small files look alike. Padding comes after age, because the Rust
//! crate's grease stanza makes two age files of one upload differ in length. The length stands at the end
//! because a stream's is not known before. It is not authenticated by itself: a changed one makes age's own
//! check of the last chunk fail.
//!
//! The sealed file is handed on in chunks of `CHUNK_BYTES`. The report and blob id inside let the officers'
//! tool notice a file put in another's place.
//!
//! **Caller's duty.** An upload that breaks off leaves chunks without an end: forget them. **Not given.** Who
//! sealed it: anyone who knows the recipient can make such a file.

#[cfg(feature = "open")]
mod open;
mod sealer;
mod upload;

#[cfg(feature = "open")]
pub use open::{OpenRefused, OpenedFile, unseal_file};
pub use sealer::{ChunkSink, FileSealer, SealedFile, SinkRefused};
pub use upload::{FinishedUpload, Upload, UploadRules};

use super::clean::FileKind;
use crate::ids::{BlobId, ReportId};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of every chunk but the last: the size the store writes fastest and wastes least with.
pub const CHUNK_BYTES: usize = 32 * 1024;

const VERSION: u8 = 1;
/// Suite 1: age v1 with one X25519 recipient.
const SUITE: u8 = 1;
const PREFIX: u64 = 2;
const TRAILER: u64 = 8;
/// A header is a name of at most [`MAX_NAME_BYTES`], two ids and a media type; JSON may spell a byte as six.
const MAX_HEADER: usize = 4096;
/// What file systems allow a name to have. Longer ones are cut when sealed.
const MAX_NAME_BYTES: usize = 255;

/// The one place a sealed file belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePlace {
    pub report: ReportId,
    pub blob: BlobId,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Header {
    format: u16,
    report: String,
    blob: String,
    name: String,
    media_type: String,
}

/// Why an upload was not sealed. Nothing of it is kept by this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    #[error("the report's files recipient is not an age recipient")]
    BadRecipient,
    #[error("files of this kind are not taken")]
    KindNotTaken(FileKind),
    #[error("the file is larger than {max_bytes} bytes")]
    TooLarge { max_bytes: u64 },
    #[error("the file is empty")]
    Empty,
    #[error("a chunk could not be stored")]
    NotStored,
}

/// The next length that Padmé allows.
pub fn padme(length: u64) -> u64 {
    if length < 2 {
        return length;
    }
    let exponent = length.ilog2();
    let free_bits = exponent - (exponent.ilog2() + 1).min(exponent);
    length.next_multiple_of(1 << free_bits)
}

/// Length of a sealed file whose age file has `age_bytes`.
pub fn stored_bytes(age_bytes: u64) -> u64 {
    padme(PREFIX + age_bytes + TRAILER).max(CHUNK_BYTES as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padme_is_the_published_one() {
        // From the definition: E = ⌊log2 L⌋, S = ⌊log2 E⌋ + 1, the last E − S bits are zero.
        for (length, padded) in
            [(0, 0), (1, 1), (2, 2), (8, 8), (9, 10), (99, 104), (1000, 1024), (1025, 1088)]
        {
            assert_eq!(padme(length), padded, "{length}");
        }
        assert_eq!(padme(1 << 30), 1 << 30);
        assert_eq!(padme((1 << 30) + 1), (1 << 30) + (1 << 25));
    }

    #[test]
    fn padding_costs_at_most_12_percent_and_is_stable() {
        for length in (1..200_000).chain((1..1000).map(|n| n * 1_234_567)) {
            let padded = padme(length);
            assert!(padded >= length && (padded - length) * 100 <= 12 * length, "{length} → {padded}");
            assert_eq!(padme(padded), padded);
        }
    }
}
