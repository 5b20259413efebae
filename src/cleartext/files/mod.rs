//! Originals: what a reporter uploads, streamed into one sealed file in constant memory.
//!
//! ```text
//! sealed file = version (1) ‖ suite (1) ‖ age file ‖ zeros ‖ length of the age file (8 B, big-endian)
//! age file    = to the report's own files recipient (X25519), plain age: the stock `age` opens it
//! plain       = length of the header (4 B, big-endian) ‖ header ‖ bytes of the upload, unchanged
//! header      = JSON {"format":1, "report", "blob", "name", "media_type"}
//! ```
//! The frame and its padding: [`crate::sealed_file`]. Padding comes after age, because the Rust
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
pub use sealer::FileSealer;
pub use upload::{FinishedUpload, Upload, UploadRules};

pub use crate::sealed_file::{
    CHUNK_BYTES, ChunkSink, FilePlace, SealedFile, SinkRefused, padme, stored_bytes,
};

use super::clean::FileKind;
use crate::sealed_file::MAX_HEADER;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What file systems allow a name to have. Longer ones are cut when sealed.
const MAX_NAME_BYTES: usize = 255;

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
