//! What the one writer was writing when it stopped: it may lie there, and is not known to be durable. Whoever looks for a
//! report of it is told that the store has stopped, not that the report is there: the next start may be without it.

use super::{
    Refused,
    engine::{Tree, Writes},
};
use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

#[derive(Default)]
pub struct Doubt {
    /// Of the group that is being written: where reports are found.
    locators: Mutex<BTreeSet<Vec<u8>>>,
    stopped: OnceLock<Refused>,
}

impl Doubt {
    /// This group is written next.
    pub fn begin(&self, group: &Writes) {
        let written = group.iter().filter(|(tree, _, value)| *tree == Tree::Locators && value.is_some());
        *self.locators() = written.map(|(_, key, _)| key.to_vec()).collect();
    }

    /// It is known what became of the group.
    pub fn end(&self) {
        self.locators().clear();
    }

    /// Nothing is written any more: what became of the last group nobody knows.
    pub fn stop(&self, cause: &Refused) {
        let _ = self.stopped.set(cause.clone());
    }

    /// Refuses what may be there only until the next start.
    pub fn pass(&self, locator: &[u8]) -> Result<(), Refused> {
        match self.stopped.get() {
            Some(cause) if self.locators().contains(locator) => Err(cause.clone()),
            _ => Ok(()),
        }
    }

    fn locators(&self) -> MutexGuard<'_, BTreeSet<Vec<u8>>> {
        self.locators.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
