//! The engine that needs nothing installed: sled 0.34.

use super::{
    OpenRefused, Refused,
    engine::{Engine, Entries, Tree, Writes},
};
use sled::{
    Batch,
    transaction::{ConflictableTransactionError, TransactionError, Transactional, TransactionalTree},
};
use std::{collections::BTreeMap, fs::File, path::Path};

/// Bound on sled's own cache. Resident memory was measured at up to four times this setting.
const CACHE_BYTES: u64 = 48 << 20;

/// What an acknowledgement stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Durability {
    /// `flush()`, then `syncfs`: survives a power cut.
    Synced,
    /// `flush()` only, as sled offers it: survives `kill -9`, not a power cut.
    FlushOnly,
}

pub struct SledEngine {
    trees: BTreeMap<Tree, sled::Tree>,
    db: sled::Db,
    /// Kept open from the start: `syncfs` reports write-back errors since *this* descriptor was opened.
    folder: File,
    durability: Durability,
}

impl SledEngine {
    /// Opens or creates the database in `folder`, which should be a volume of its own: `syncfs`
    /// waits for everything dirty on the file system.
    pub fn open(folder: &Path) -> Result<Self, OpenRefused> {
        Self::open_with(folder, Durability::Synced)
    }

    /// Without the sync that makes acknowledgements true. For the torture test that shows why it is there.
    #[doc(hidden)]
    pub fn open_without_sync_for_torture(folder: &Path) -> Result<Self, OpenRefused> {
        Self::open_with(folder, Durability::FlushOnly)
    }

    fn open_with(folder: &Path, durability: Durability) -> Result<Self, OpenRefused> {
        let unusable = |cause: &dyn std::fmt::Display| OpenRefused::folder(folder, cause);
        std::fs::create_dir_all(folder).map_err(|e| unusable(&e))?;
        let handle = File::open(folder).map_err(|e| unusable(&e))?;
        let db = sled::Config::new()
            .path(folder)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None)
            .open()
            .map_err(|cause| open_refused(folder, &cause))?;
        let mut trees = BTreeMap::new();
        for tree in Tree::ALL {
            let opened = db.open_tree(tree.name()).map_err(|cause| open_refused(folder, &cause))?;
            trees.insert(tree, opened);
        }
        let engine = Self { trees, db, folder: handle, durability };
        engine.sync()?;
        Ok(engine)
    }

    fn tree(&self, tree: Tree) -> &sled::Tree {
        // Indexing cannot fail: `open` put every `Tree::ALL` in.
        &self.trees[&tree]
    }
}

impl Engine for SledEngine {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        Ok(self.tree(tree).get(key).map_err(|e| failed(&e))?.map(|value| value.to_vec()))
    }

    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_> {
        let start = prefix.max(from).to_vec();
        let prefix = prefix.to_vec();
        let entries = self
            .tree(tree)
            .range(start..)
            .map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec())).map_err(|e| failed(&e)));
        Box::new(
            entries.take_while(move |entry| entry.as_ref().map_or(true, |(key, _)| key.starts_with(&prefix))),
        )
    }

    fn apply(&self, writes: &Writes) -> Result<(), Refused> {
        let mut batches: BTreeMap<Tree, Batch> = BTreeMap::new();
        for (tree, key, value) in writes.iter() {
            let batch = batches.entry(tree).or_default();
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        let trees: Vec<&sled::Tree> = batches.keys().map(|tree| self.tree(*tree)).collect();
        trees
            .as_slice()
            .transaction(|views: &Vec<TransactionalTree>| {
                for (view, batch) in views.iter().zip(batches.values()) {
                    view.apply_batch(batch)?;
                }
                Ok::<(), ConflictableTransactionError<()>>(())
            })
            .map_err(|cause| match cause {
                TransactionError::Storage(cause) => failed(&cause),
                TransactionError::Abort(()) => Refused::Failed("a transaction was aborted".into()),
            })
    }

    fn sync(&self) -> Result<(), Refused> {
        self.db.flush().map_err(|e| failed(&e))?;
        if self.durability == Durability::Synced {
            // Not fdatasync of one file: sled keeps large values in files of their own and syncs none of them.
            rustix::fs::syncfs(&self.folder).map_err(|e| Refused::Failed(format!("syncfs: {e}")))?;
        }
        Ok(())
    }

    fn free_bytes(&self) -> Option<u64> {
        let volume = rustix::fs::fstatvfs(&self.folder).ok()?;
        Some(volume.f_bavail.saturating_mul(volume.f_frsize))
    }
}

fn failed(cause: &sled::Error) -> Refused {
    Refused::Failed(cause.to_string())
}

fn open_refused(folder: &Path, cause: &sled::Error) -> OpenRefused {
    match cause {
        sled::Error::Io(e) if e.to_string().contains("acquire lock") => OpenRefused::InUse(folder.to_owned()),
        cause => OpenRefused::folder(folder, cause),
    }
}
