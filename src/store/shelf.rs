//! What one process has made for another that may not look where it comes from: figures fit for everybody to see, and the
//! public notices of awards.

use super::{Commit, Refused, Store, engine::Tree};

const FIGURES: &[u8] = b"figures/shown";
const NOTICES: &[u8] = b"notices/shown";

/// Each text lies there until another takes its place; `None` before the first.
pub trait Shelf: Send + Sync {
    /// Puts figures in the place of those that lay there.
    fn put_figures(&self, figures: String) -> Commit<()>;

    fn figures(&self) -> Result<Option<String>, Refused>;

    /// The same of the public notices.
    fn put_notices(&self, notices: String) -> Commit<()>;

    fn notices(&self) -> Result<Option<String>, Refused>;
}

impl Shelf for Store {
    fn put_figures(&self, figures: String) -> Commit<()> {
        self.put_on_shelf(FIGURES, figures)
    }

    fn figures(&self) -> Result<Option<String>, Refused> {
        self.core.records.find(&*self.core.engine, Tree::Meta, FIGURES)
    }

    fn put_notices(&self, notices: String) -> Commit<()> {
        self.put_on_shelf(NOTICES, notices)
    }

    fn notices(&self) -> Result<Option<String>, Refused> {
        self.core.records.find(&*self.core.engine, Tree::Meta, NOTICES)
    }
}

impl Store {
    fn put_on_shelf(&self, key: &'static [u8], text: String) -> Commit<()> {
        let core = self.core.clone();
        self.committer.commit(move |txn| core.records.put(txn, Tree::Meta, key, &text))
    }
}
