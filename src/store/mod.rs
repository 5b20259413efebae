//! The only code that knows an engine. Typed operations, one trait a door; every value encrypted at rest;
//! writes answered once they are durable.
//!
//! A face is handed the traits of its door and nothing else: `Reports` the portal, `Cases` the console,
//! `Trustees` the trustees' pages, `Rewards` the office, `Staff` every log-in, `PublicLog` everybody.
//! Reads are synchronous and short; a write gives a `Commit` to await.

pub mod at_rest;
pub mod backup;
pub mod committer;
pub mod engine;
pub mod moving;
pub mod objects;
pub mod postgres;
pub mod retention;
pub mod sled;

mod access;
mod ahead;
mod bridge;
mod cases;
mod check;
mod core;
mod days;
mod dossier;
mod doubt;
mod ended;
mod files;
mod follow;
mod health;
mod kept;
mod moment;
mod months;
mod notice;
mod opening;
mod public_log;
mod records;
mod reports;
mod reshare;
mod rewards;
mod rewrap;
mod shared_keys;
mod shelf;
mod snapshot;
mod staff;
mod sweep;
mod take_over;
mod tally;
mod tickets;
mod trail;
mod true_sync;
mod trustees;
mod views;
mod volume;

pub use self::core::{MOST_ENVELOPES, Sight, Store};
pub use access::{Access, AccessHash, Confirmation, Scope};
pub use cases::{Cases, Page, SealOf, TrailEntry, Wanted};
pub use check::Checked;
pub use committer::Commit;
pub use dossier::{Dossier, Inconsistent};
pub use ended::Overdue;
pub use files::{FileBytes, FileKind, FileRecord, Upload};
pub use months::Forgettable;
pub use public_log::{Announced, Head, PublicLog};
pub use reports::{Found, Reports, Submission};
pub use reshare::{FromTo, Held, Pending, Resharing, Swap};
pub use retention::{Month, due};
pub use rewards::Rewards;
pub use rewrap::Rewrapped;
pub use shared_keys::OtherFolder;
pub use shelf::Shelf;
pub use snapshot::Snapshot;
pub use staff::{Account, AccountChange, Attempts, Staff};
pub use take_over::TakeOver;
pub use tally::{Sum, Sums, Tally};
pub use tickets::{Entry, TicketHash};
pub use trustees::{Released, ShareOf, Trustees};
pub use views::{MOST_VIEWS, View, ViewChange, Views};

use crate::{
    award::{handover::Handover, record::AwardRefused},
    casework::MoveRefused,
    clock::Day,
    envelope::SealedReport,
    evidence::FilesRefused,
    ids::CaseNumber,
    log::Leaf,
    receipt::{AuthHash, LocatorHash, Mailbox},
    signing::VerifyKey,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Version of the trees and records. Another one is refused, never guessed at.
pub const SCHEMA: u32 = 1;

/// What a move may need to know beside the dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where the leaf of this move will stand in the log.
    pub index: u64,
    /// Which of the report's leaves it will be, counted from 0.
    pub n: u8,
    /// SHA-256 of the report's envelopes, hexadecimal, in the order they came.
    pub envelopes: Vec<String>,
    /// Checks this report's claim.
    pub claim_key: VerifyKey,
    /// Of the receipt that stands for the report now.
    pub receipt: (LocatorHash, AuthHash),
}

/// Makes one move on a dossier and gives the report's next entry in the log, if there is one. An error leaves
/// everything as it was. Runs on the writer's thread: pure and short.
pub type Change = Box<dyn FnOnce(&mut Dossier, &Place) -> Result<Option<Leaf>, Refused> + Send>;

/// One move with what it rests on and what it brings along.
pub struct Step {
    /// The case's version that the form was built on; another one is refused as [`Refused::Changed`]. An award's own
    /// ([`Award::version`](crate::award::record::Award::version)) is for the change to compare.
    pub expected_version: Option<u64>,
    /// An envelope with its share files, for everything a reporter *sends* (design §3.4).
    pub sealed: Option<SealedReport>,
    pub change: Change,
}

impl Step {
    /// The same, for whoever holds this receipt: [`Refused::NoSuchReport`] if another has taken its place by the time
    /// the step is made.
    pub fn by(self, receipt: (LocatorHash, AuthHash)) -> Self {
        let Self { expected_version, sealed, change } = self;
        let change: Change = Box::new(move |dossier, place| {
            if place.receipt != receipt {
                return Err(Refused::NoSuchReport);
            }
            change(dossier, place)
        });
        Self { expected_version, sealed, change }
    }
}

/// What ties a report's records together. Says nothing about who reported.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ReportRecord {
    number: CaseNumber,
    locator: LocatorHash,
    auth: AuthHash,
    /// Whom staff messages are sealed to.
    #[serde(deserialize_with = "Mailbox::kept")]
    mailbox: Mailbox,
    /// Checks the claim.
    claim_key: VerifyKey,
    day: Day,
    /// One an envelope, in the order they came.
    sealed: Vec<SealedRecord>,
    /// How the receipt that staff issued gave way to the reporter's own.
    #[serde(default)]
    handover: Option<Handover>,
}

/// What stands beside an envelope.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SealedRecord {
    files_recipient: String,
    set_number: u32,
    trustees: u8,
    /// SHA-256 of the envelope.
    #[serde(with = "hex::serde")]
    hash: [u8; 32],
}

/// Why a read or a write did not happen. What was refused is not in the store, not in part either.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    #[error("there is no such report")]
    NoSuchReport,
    #[error("there is no such case")]
    NoSuchCase,
    #[error("there is no such file")]
    NoSuchFile,
    #[error("there is no such release")]
    NoSuchRelease,
    #[error("an envelope was sealed to set {0}, in which this trustee did not stand with these keys")]
    NotOfThatSet(u32),
    #[error("a release is published: record its outcome, or wait until it has expired")]
    ReleaseOpen,
    #[error("new shares are given for a report whole, or not at all")]
    PartOfReport,
    #[error("there is no such account")]
    NoSuchAccount,
    #[error("there is no such view")]
    NoSuchView,
    #[error("one person has at most {MOST_VIEWS} views")]
    TooManyViews,
    #[error("there is no room for another system's access")]
    TooManyAccesses,
    #[error("there is no such access")]
    NoSuchAccess,
    #[error("whoever made another system's access does not confirm it")]
    OwnAccess,
    #[error("the log-in name is taken")]
    AccountTaken,
    #[error("nobody would be left who can change accounts")]
    LastAdministrator,
    #[error("another account is joined to this person of the sign-on")]
    SubjectTaken,
    #[error("the report id is taken by another report")]
    ReportIdTaken,
    #[error("the receipt is taken by another report")]
    LocatorTaken,
    #[error("the case or account was changed since it was read")]
    Changed,
    #[error("a change may not turn a case into another one")]
    OtherCase,
    #[error(transparent)]
    Move(#[from] MoveRefused),
    #[error(transparent)]
    Award(#[from] AwardRefused),
    #[error(transparent)]
    Files(#[from] FilesRefused),
    #[error(transparent)]
    Inconsistent(#[from] Inconsistent),
    #[error("a report has at most {MOST_ENVELOPES} envelopes")]
    TooManyAdditions,
    #[error("a report has at most 256 entries in the log")]
    LogFull,
    #[error("the log has not been published that far")]
    NotPublished,
    #[error("a part of the upload was not stored")]
    UploadBroken,
    #[error("a release must stand in the log first")]
    ReleaseWithoutLeaf,
    #[error("a request for an original, or the objection to it, must stand in its reporter's log")]
    AskedWithoutLeaf,
    #[error("this one-time code was used already")]
    CodeSpent,
    #[error("the code to enter a report was used, has expired, or was never issued")]
    NoTicket,
    #[error("the handover is not signed by the receipt that holds the report")]
    NotHandedOver,

    #[error("too much is waiting; try again")]
    Busy,
    #[error("the store is closing")]
    Closed,
    #[error("less than 64 MiB are free on the data volume; writes are refused until there is room")]
    DiskFull,
    #[error("the store stopped after a failed write and must be restarted: {0}")]
    Stopped(String),
    #[error("the database cannot be reached just now, and nothing was stored; try again: {0}")]
    Unavailable(String),
    #[error(
        "the database was lost while it was storing; whether it has is not known; look, and try again: {0}"
    )]
    OutcomeUnknown(String),
    #[error("the engine failed: {0}")]
    Failed(String),
    #[error("the object store did not take, give or remove a file; try again: {0}")]
    Objects(String),
    #[error("a part of this file is not in the object store any more")]
    ObjectGone,
    #[error("no randomness could be had")]
    Randomness,
    #[error("a change broke off; nothing of it was kept")]
    Panicked,

    #[error("the record {tree}/{key} is damaged")]
    Damaged { tree: &'static str, key: String },
    #[error("the record {tree}/{key} is missing")]
    Missing { tree: &'static str, key: String },
    #[error("a record was written under a root key this process was not given")]
    UnknownRootKey,
    #[error("forgotten: the retention key of {0} was destroyed")]
    Forgotten(Month),
    #[error(
        "the retention key of {0} is missing before its time: put back the folder retention/ from its backup"
    )]
    KeyMissing(Month),
}

impl Refused {
    /// Whether the store itself takes or finds nothing just now, and the next question would fare no better.
    pub fn is_of_the_store(&self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::Closed
                | Self::DiskFull
                | Self::Stopped(_)
                | Self::Unavailable(_)
                | Self::OutcomeUnknown(_)
                | Self::Failed(_)
                | Self::Randomness
        )
    }
}

/// Why a store was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenRefused {
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    #[error("{}: {cause}", .folder.display())]
    Folder { folder: PathBuf, cause: String },
    #[error(
        "{}: its disk is full: a database is opened only with {mebibytes} MiB free. Nothing is lost: make room, then start again (docs/operations.md, \"When something breaks\")", .folder.display()
    )]
    NoRoom { folder: PathBuf, mebibytes: u64 },
    #[error(
        "{}: the database in it has {held} of the {kept} groups of writes that it once had: a part was lost, or an older copy put back. Put a backup back (docs/operations.md, \"When something breaks\"); to go on with what is left, remove the file {file} in it", .folder.display(), file = kept::FILE
    )]
    Older { folder: PathBuf, held: u64, kept: u64 },
    #[error("{at}: {cause}")]
    Database { at: String, cause: String },
    #[error("{at}: {cause}")]
    Objects { at: String, cause: String },
    #[error("files of this store lie in an object store: set MIFENG_OBJECTS (docs/operations.md, 10)")]
    NoObjects,
    #[error(
        "{0} is not where this store's files lie, or holds another store's: name the right bucket and prefix, or for another store an unused prefix"
    )]
    OtherObjects(String),
    #[error("this build of the program cannot make sled sync to the disk")]
    NoSync,
    #[error("a root key file has one line a key: mifeng-root-1 and 64 hexadecimal digits")]
    RootKeyFile,
    #[error("this store was written under another root key")]
    OtherRootKey,
    #[error("this store belongs to another instance")]
    OtherInstance,
    #[error("{0}")]
    OtherRetention(OtherFolder),
    #[error(
        "in {} the keys of {} are missing before their time, and nothing is opened without them: their cases would look forgotten, and files would be written over. Put the folder back from its backup, with the newest of its files. A month that was destroyed on purpose needs an empty file in its place, {}.destroyed and so on, mode 0600 (docs/operations.md, Forgetting)",
        .folder.display(), named(.months), .months.first().map_or_else(String::new, Month::to_string)
    )]
    MonthsMissing { folder: PathBuf, months: Vec<Month> },
    #[error(
        "the store is empty, but keys in {} were used with one: is its volume mounted, the database the right one? Otherwise put a backup back (docs/operations.md, \"When something breaks\"). To begin anew, make new keys", .0.display()
    )]
    Emptied(PathBuf),
    #[error("{0}")]
    NotInUse(String),
    #[error("this store has schema version {0}; this program knows {SCHEMA} only")]
    UnknownSchema(u32),
    #[error("the store could not be read: {0}")]
    Unreadable(#[from] Refused),
}

fn named(months: &[Month]) -> String {
    months.iter().map(Month::to_string).collect::<Vec<_>>().join(", ")
}

impl OpenRefused {
    fn folder(folder: &Path, cause: &dyn std::fmt::Display) -> Self {
        Self::Folder { folder: folder.to_owned(), cause: cause.to_string() }
    }
}
