//! What is under way, and how much of it there may be. In memory, and for the store's half on the disk without a record:
//! a stop, a lapse or a lost visit leaves nothing behind.

use super::{Kept, door::Door, room::Place};
use crate::{
    ids::{ReportId, UploadId},
    receipt::{AuthHash, LocatorHash},
    sealed_file::Inspector,
    store,
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// Remembered in a visit, finished ones too, for a page whose answer was lost.
const MOST_REMEMBERED: usize = 32;

/// The uploads of one visit. They end with it.
#[derive(Default)]
pub(in crate::portal) struct Shelf(BTreeMap<UploadId, Arc<Mutex<Entry>>>);

pub(super) struct Entry {
    pub report: ReportId,
    /// It was begun with.
    pub receipt: (LocatorHash, AuthHash),
    /// Unix seconds of the last request about it.
    pub touched: i64,
    /// Bytes here.
    pub at: u64,
    pub door: Arc<Door>,
    pub stage: Stage,
}

/// What is under way holds a place; what has ended, either way, does not.
pub(super) enum Stage {
    Original {
        stored: store::Upload,
        seen: Box<Inspector>,
        place: Place,
    },
    Copy {
        bytes: Zeroizing<Vec<u8>>,
        place: Place,
    },
    /// A copy that waits for its original.
    Cleaned {
        stored: store::Upload,
        media: String,
        _place: Place,
    },
    /// Part of the report.
    Kept(Kept),
    /// Refused, or used up.
    Over,
}

impl Shelf {
    pub(super) fn put(&mut self, entry: Entry) -> UploadId {
        let id = UploadId::random(&mut rand::rng());
        let entry = Arc::new(Mutex::new(entry));
        if let Ok(inside) = entry.try_lock()
            && let Stage::Original { place, .. } | Stage::Copy { place, .. } = &inside.stage
        {
            place.is_of(&entry);
        }
        self.0.insert(id, entry);
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

    /// What is remembered here in memory, about; what is under way counts elsewhere (`room`).
    pub fn bytes(&self) -> usize {
        self.0.len() * (2 * size_of::<(UploadId, Entry)>() + size_of::<Door>())
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST_REMEMBERED
    }
}
