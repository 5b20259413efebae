//! What one process has counted for another that may not count itself: figures fit for everybody to see.

use super::{Commit, Refused, Store, engine::Tree};

const KEY: &[u8] = b"figures/shown";

pub trait Shelf: Send + Sync {
    /// Puts figures in the place of those that lay there.
    fn put_figures(&self, figures: String) -> Commit<()>;

    fn figures(&self) -> Result<Option<String>, Refused>;
}

impl Shelf for Store {
    fn put_figures(&self, figures: String) -> Commit<()> {
        let core = self.core.clone();
        self.committer.commit(move |txn| core.records.put(txn, Tree::Meta, KEY, &figures))
    }

    fn figures(&self) -> Result<Option<String>, Refused> {
        self.core.records.find(&*self.core.engine, Tree::Meta, KEY)
    }
}
