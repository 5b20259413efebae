//! Whether the store takes writes, for whoever watches over the server.

use super::{Refused, Store, committer::QUEUE};

impl Store {
    /// Asks the one writer. Nothing is written, so that asking once a second costs no disk.
    pub async fn takes_writes(&self) -> Result<(), Refused> {
        self.committer.commit(|_| Ok(())).await
    }

    /// Changes that wait for the one writer, and how many may.
    pub fn waiting(&self) -> (usize, usize) {
        (self.committer.waiting(), QUEUE)
    }

    /// Bytes free on the data volume; `None` where a database keeps the data.
    pub fn free_bytes(&self) -> Option<u64> {
        self.core.engine.free_bytes()
    }
}
