//! What every engine must do under the store's doors. Run for sled, for a map in memory, and for PostgreSQL where it
//! is installed; stories of files also with an object store beside them, where a server of one is installed.

#[path = "../store_support/mod.rs"]
mod store_support;

/// Files in an object store: what only that can do wrong.
mod bucket;
/// Whose bucket it is.
mod claims;
/// Files: originals, cleaned copies, and those to a reporter.
mod files;
/// What staff see listed, and their views of it.
mod lists;
/// The public log, and the trail of readings.
mod log;
/// Which store is opened, and which is refused.
mod opening;
/// What leaves the store sealed, and when.
mod releases;
/// Reports: taken in, found, added to.
mod reports;
/// Forgetting.
mod retention;
/// Figures and notices, for a process that sees no case.
mod shelf;
/// Accounts, one-time codes, failures.
mod staff;

use mifeng::recipients::Places;
use mifeng::{
    award::{
        record::{Award, AwardRefused, Ending},
        release::ReleaseRefused,
    },
    casework::{
        CaseFile, Copy, Message, MessageText, MoveRefused, Retaliation, SentFile, SizeClass, State, Who,
    },
    ids::{BlobId, CaseNumber, StaffId},
    log::{
        Event, Leaf, NodeId, PublicKind,
        tree::{leaf_hash, verify_consistency, verify_inclusion},
    },
    mailbox,
    store::{
        Account, Cases, FileKind, MOST_VIEWS, OpenRefused, PublicLog, Refused, Released, Reports, Rewards,
        Staff, Step, Store, TrailEntry, Trustees, View, Views, Wanted,
        engine::{Engine, SLOT},
        retention::RetentionKeys,
        sled::SledEngine,
    },
};
use std::{path::Path, sync::Arc};
use store_support::*;

/// One story, told to every engine. `reopen` gives the store again after a stop.
fn on_every_engine(story: impl Fn(&dyn Fn() -> Store, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
    story(&|| open(Arc::new(patience::sled(&data)), &keys).unwrap(), &keys);

    let folder = tempfile::tempdir().unwrap();
    let memory: Arc<dyn Engine> = Arc::new(MemoryEngine::default());
    story(&|| open(memory.clone(), folder.path()).unwrap(), folder.path());

    if let Some(server) = postgres::server() {
        let folder = tempfile::tempdir().unwrap();
        let database = server.database();
        story(&|| open(Arc::new(database.engine()), folder.path()).unwrap(), folder.path());
    }
}

/// The same, and with an object store beside sled and beside PostgreSQL: for stories of files.
fn on_every_place(story: impl Fn(&dyn Fn() -> Store, &Path)) {
    on_every_engine(&story);
    let Some(server) = objects::server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, bucket) = (folder.path().join("data"), folder.path().join("keys"), server.bucket());
    let engine = || patience::sled(&data).beside(Some(bucket.open()));
    story(&|| open(Arc::new(engine()), &keys).unwrap(), &keys);

    if let Some(postgres) = postgres::server() {
        let folder = tempfile::tempdir().unwrap();
        let (database, bucket) = (postgres.database(), server.bucket());
        let engine = || database.engine().beside(Some(bucket.open()));
        story(&|| open(Arc::new(engine()), folder.path()).unwrap(), folder.path());
    }
}

fn number(serial: u32) -> CaseNumber {
    CaseNumber { year: 2026, serial }
}
