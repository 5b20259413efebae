//! The only code that knows an engine. Typed operations, one trait a door; every value encrypted at rest;
//! writes answered once they are durable.
//!
//! A face is handed the traits of its door and nothing else: [`Reports`] the portal, [`Cases`] the console,
//! [`Trustees`] the trustees' pages, [`Rewards`] the office, [`Staff`] every log-in, [`PublicLog`] everybody.

pub mod at_rest;
pub mod committer;
pub mod engine;
pub mod retention;
pub mod sled;

pub use committer::Commit;
pub use retention::Month;

use std::path::{Path, PathBuf};

/// Why a read or a write did not happen. What was refused is not in the store, not in part either.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    #[error("too many writes are waiting; try again")]
    Busy,
    #[error("the store is closing")]
    Closed,
    #[error("less than 64 MiB are free on the data volume; writes are refused until there is room")]
    DiskFull,
    #[error("the store stopped after a failed write and must be restarted: {0}")]
    Stopped(String),
    #[error("the engine failed: {0}")]
    Failed(String),
    #[error("no randomness could be had")]
    Randomness,
    #[error("a change broke off; nothing of it was kept")]
    Panicked,
    #[error("the record {tree}/{key} is damaged")]
    Damaged { tree: &'static str, key: String },
    #[error("a record was written under a root key this process was not given")]
    UnknownRootKey,
    #[error("forgotten: the retention key of {0} was destroyed")]
    Forgotten(Month),
}

/// Why a store was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenRefused {
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    #[error("{}: {cause}", .folder.display())]
    Folder { folder: PathBuf, cause: String },
    #[error("a root key file has one line a key: mifeng-root-1 and 64 hexadecimal digits")]
    RootKeyFile,
    #[error("this store was written under another root key")]
    OtherRootKey,
    #[error("this store belongs to another instance")]
    OtherInstance,
    #[error("this store has schema version {0}; this program knows {SCHEMA} only")]
    UnknownSchema(u32),
    #[error("the store could not be read: {0}")]
    Unreadable(#[from] Refused),
}

impl OpenRefused {
    fn folder(folder: &Path, cause: &dyn std::fmt::Display) -> Self {
        Self::Folder { folder: folder.to_owned(), cause: cause.to_string() }
    }
}

/// Version of the trees and records. Another one is refused, never guessed at.
pub const SCHEMA: u32 = 1;
