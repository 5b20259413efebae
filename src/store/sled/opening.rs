//! Opening the database, and seeing that what it flushes reaches the disk.

use super::{Durability, GROUPS, SledEngine, leftovers};
use crate::store::{
    OpenRefused,
    engine::{Engine, Tree},
    kept::{self, Kept},
    objects::Objects,
    true_sync,
    volume::Volume,
};
use std::{
    collections::BTreeMap,
    fs::{DirBuilder, File},
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    panic::catch_unwind,
    path::Path,
    sync::{Arc, Mutex, atomic::AtomicU64},
};

/// Bound on sled's own cache. Resident memory was measured at up to four times this setting.
const CACHE_BYTES: u64 = 48 << 20;
/// Sled's unit of allocation. A node over a quarter of it would go to a file of its own.
const SEGMENT: usize = 512 << 10;
/// Written at every opening, to see it flushed.
const PROBE: &[u8] = b"probe";
/// Where longer values lie.
const PIECES: &str = "pieces";
/// Where the chunks of files lie: 32 KiB values cost sled five times the work of writing them.
const VOLUME: &str = "files.sealed";
const DAMAGED: &str = "the database in it is damaged (docs/operations.md, \"When something breaks\")";

impl SledEngine {
    /// Whether there is a database in `folder`, of whomever; an error where that cannot be seen. Creates nothing.
    pub fn lies_in(folder: &Path) -> std::io::Result<bool> {
        // What sled writes first, and reads first.
        match folder.join("conf").metadata() {
            Ok(found) => Ok(found.is_file()),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Opens or creates the database in `folder`, which should be a volume of its own: `syncfs`
    /// waits for everything dirty on the file system.
    pub fn open(folder: &Path) -> Result<Self, OpenRefused> {
        Self::open_or_say(folder, Durability::Synced)
    }

    /// Without the sync that makes acknowledgements true. For the torture test that shows why it is there.
    #[doc(hidden)]
    pub fn open_without_sync_for_torture(folder: &Path) -> Result<Self, OpenRefused> {
        Self::open_or_say(folder, Durability::FlushOnly)
    }

    /// Of some damage sled does not tell, but dies.
    fn open_or_say(folder: &Path, durability: Durability) -> Result<Self, OpenRefused> {
        catch_unwind(|| Self::open_with(folder, durability))
            .unwrap_or_else(|_| Err(OpenRefused::folder(folder, &DAMAGED)))
    }

    fn open_with(folder: &Path, durability: Durability) -> Result<Self, OpenRefused> {
        let unusable = |cause: &dyn std::fmt::Display| OpenRefused::folder(folder, cause);
        // Nobody else on this machine needs to see even how large it is.
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| unusable(&e))?;
        let handle = File::open(folder).map_err(|e| unusable(&e))?;
        leftovers::make_ready(folder, &handle)?;
        let db = sled::Config::new()
            .path(folder)
            .cache_capacity(CACHE_BYTES)
            .segment_size(SEGMENT)
            .flush_every_ms(None)
            .open()
            .map_err(|cause| open_refused(folder, &cause))?;
        let open_tree = |name: &str| db.open_tree(name).map_err(|cause| open_refused(folder, &cause));
        let mut trees = BTreeMap::new();
        for tree in Tree::ALL {
            trees.insert(tree, open_tree(tree.name())?);
        }
        let pieces = open_tree(PIECES)?;
        let last = pieces.last().map_err(|cause| open_refused(folder, &cause))?;
        let last = last.and_then(|(key, _)| key.as_ref().try_into().ok().map(u64::from_be_bytes));
        let next_piece = AtomicU64::new(last.map_or(0, |last| last + 1));
        let held = db.get(GROUPS).map_err(|cause| open_refused(folder, &cause))?;
        let held = held.and_then(|held| held.as_ref().try_into().ok()).map_or(0, u64::from_be_bytes);
        let (kept, noted) =
            Kept::open(folder, held).map_err(|e| OpenRefused::folder(&folder.join(kept::FILE), &e))?;
        if noted > held {
            return Err(OpenRefused::Older { folder: folder.to_owned(), held, kept: noted });
        }
        let groups = AtomicU64::new(held);
        let volume = Volume::open(&folder.join(VOLUME)).map_err(|e| unusable(&e))?;
        let (at, moment) = (folder.to_owned(), Mutex::default());
        let (folder, objects) = (handle, None);
        let engine = Self {
            trees,
            pieces,
            next_piece,
            db,
            folder,
            durability,
            volume,
            objects,
            groups,
            kept,
            at,
            moment,
        };
        if durability == Durability::FlushOnly {
            true_sync::leave_out();
        } else if !engine.reaches_the_disk() {
            return Err(OpenRefused::NoSync);
        }
        engine.sync()?;
        Ok(engine)
    }

    /// The same, with an object store beside it.
    pub fn beside(self, objects: Option<Arc<Objects>>) -> Self {
        Self { objects, ..self }
    }

    /// Whether a flush of sled's ends in a true sync.
    fn reaches_the_disk(&self) -> bool {
        true_sync::is_called_by(|| {
            // Another value each time, for an equal one is not written. What is wrong with the disk shows in
            // the sync that follows.
            let next = |last: Option<&[u8]>| {
                Some(vec![last.map_or(0, |value| value.first().map_or(0, |n| n.wrapping_add(1)))])
            };
            let _ = self.db.update_and_fetch(PROBE, next).and_then(|_| self.db.flush());
        })
    }
}

fn open_refused(folder: &Path, cause: &sled::Error) -> OpenRefused {
    match cause {
        sled::Error::Io(e) if e.to_string().contains("acquire lock") => OpenRefused::InUse(folder.to_owned()),
        sled::Error::Io(e) if e.kind() == ErrorKind::StorageFull => {
            OpenRefused::folder(folder, &format!("{cause}. Nothing is lost: make room, then start again"))
        }
        sled::Error::Io(_) => OpenRefused::folder(folder, cause),
        cause => OpenRefused::folder(folder, &format!("{DAMAGED}: {cause}")),
    }
}
