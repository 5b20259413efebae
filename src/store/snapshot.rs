//! One moment of the store, read while everybody goes on: what a backup is made of. It lies between two groups of writes, so
//! it holds every report that was acknowledged before, and no half of one.

use super::{
    Refused, Store,
    core::Core,
    engine::{Engine, Numbering},
};
use std::{
    ops::Range,
    sync::{Arc, atomic::Ordering},
};

/// As long as it is kept, files that are removed wait to be written over.
pub struct Snapshot {
    core: Arc<Core>,
}

impl Store {
    /// [`Refused::Busy`] while there is another.
    pub fn snapshot(&self) -> Result<Snapshot, Refused> {
        let core = self.core.clone();
        if core.frozen.swap(true, Ordering::SeqCst) {
            return Err(Refused::Busy);
        }
        let kept = Snapshot { core: core.clone() };
        // Whatever was answered is durable then. A full disk is when a backup is needed most, and it writes nothing there.
        let taken = self.committer.among_changes(move || {
            let held: Vec<Range<u64>> = match core.engine.numbering() {
                Numbering::Dense => core.free_slots(|free| free.hold()),
                Numbering::Scattered => Vec::new(),
            };
            core.engine.freeze(held)
        });
        taken.wait().map(|()| kept)
    }
}

impl Snapshot {
    pub fn engine(&self) -> &dyn Engine {
        &*self.core.engine
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.core.engine.thaw();
        self.core.free_slots(|free| free.release());
        self.core.frozen.store(false, Ordering::SeqCst);
        // What waited meanwhile. It is tried again with the next file that is removed.
        if let Err(refused) = self.core.overwrite_removed() {
            tracing::error!(%refused, "removed files were not written over");
        }
    }
}
