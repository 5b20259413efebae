//! What is under way, and how much of it there may be. In memory, and for the store's half on the disk without a record:
//! a stop, a lapse or a lost visit leaves nothing behind.

use super::Kept;
use crate::{
    ids::{ReportId, UploadId},
    sealed_file::Inspector,
    store,
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

/// Uploads under way in the whole process. Each holds a chunk of 32 KiB and a little more in memory.
pub(super) const MOST_UPLOADS: usize = 512;
/// Of those, pictures waiting to be cleaned, each held in memory whole (at most 20 MiB by policy).
pub(super) const MOST_COPIES: usize = 16;
/// Uploads under way in one visit: one file at a time needs two, and a page loaded again may leave two behind.
const MOST_OF_A_VISIT: usize = 6;
/// Finished ones remembered in a visit, for a page whose answer was lost.
const MOST_REMEMBERED: usize = 32;

/// Room for uploads of all visits together.
pub(in crate::portal) struct Room {
    pub(super) all: Arc<Semaphore>,
    pub(super) copies: Arc<Semaphore>,
}

/// The uploads of one visit. They end with it.
#[derive(Default)]
pub(in crate::portal) struct Shelf(BTreeMap<UploadId, Arc<Mutex<Entry>>>);

pub(super) struct Entry {
    pub report: ReportId,
    /// Unix seconds of the last request about it.
    pub touched: i64,
    /// Bytes here.
    pub at: u64,
    pub stage: Stage,
    pub _room: OwnedSemaphorePermit,
}

pub(super) enum Stage {
    Original {
        stored: store::Upload,
        seen: Box<Inspector>,
    },
    Copy {
        bytes: Zeroizing<Vec<u8>>,
        _room: OwnedSemaphorePermit,
    },
    /// A copy that waits for its original.
    Cleaned {
        stored: store::Upload,
        media: String,
    },
    /// Part of the report.
    Kept(Kept),
    /// Refused, or used up.
    Over,
}

impl Shelf {
    pub(super) fn put(&mut self, entry: Entry) -> UploadId {
        let id = UploadId::random(&mut rand::rng());
        self.0.insert(id, Arc::new(Mutex::new(entry)));
        id
    }

    pub(super) fn find(&self, id: UploadId) -> Option<Arc<Mutex<Entry>>> {
        self.0.get(&id).cloned()
    }

    pub(super) fn remove(&mut self, id: UploadId) {
        self.0.remove(&id);
    }

    /// Drops what is over, and what nobody asked about for longer than `silence` seconds.
    pub fn tidy(&mut self, now: i64, silence: i64) {
        self.0.retain(|_, entry| match entry.try_lock() {
            Ok(entry) => !matches!(entry.stage, Stage::Over) && now - entry.touched <= silence,
            // Somebody is working on it.
            Err(_) => true,
        });
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn is_full(&self) -> bool {
        let done =
            |entry: &Mutex<Entry>| entry.try_lock().is_ok_and(|entry| matches!(entry.stage, Stage::Kept(_)));
        let under_way = self.0.values().filter(|entry| !done(entry)).count();
        under_way >= MOST_OF_A_VISIT || self.0.len() >= MOST_REMEMBERED
    }
}
