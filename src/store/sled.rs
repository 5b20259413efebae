//! The engine that needs nothing installed: sled 0.34.
//!
//! Its two traps, both found by cutting the power (tests/torture.rs). `flush()` never reaches the disk: hence
//! `true_sync`, and `syncfs` before anything is acknowledged. And a tree node of more than a
//! quarter segment goes to a file of its own, which is written *after* and deleted *before* what refers to it is
//! safe: hence no node may grow so large. A node holds at most 16 values and a few more, so a value is cut into
//! pieces.
//!
//! ```text
//! in a tree:  key → 00 ‖ value
//!             key → 01 ‖ first piece's number (8 B) ‖ count (4 B)
//! pieces:     number (8 B, counting up) → at most PIECE bytes
//! ```

use super::{
    OpenRefused, Refused,
    engine::{Engine, Entries, Entry, Notice, Tree, Writes},
    moment::Moment,
    true_sync,
    volume::Volume,
};
use sled::{
    Batch, IVec,
    transaction::{ConflictableTransactionError, TransactionError, Transactional, TransactionalTree},
};
use std::{
    collections::BTreeMap,
    fs::{DirBuilder, File, OpenOptions},
    io::{ErrorKind, Write},
    ops::Range,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Bound on sled's own cache. Resident memory was measured at up to four times this setting.
const CACHE_BYTES: u64 = 48 << 20;
/// Sled's unit of allocation. A node over a quarter of it would go to a file of its own.
const SEGMENT: usize = 512 << 10;
/// The longest value that lies in its own tree. Keys there are random, so each insert reads and rewrites another node:
/// those must be small enough to stay in the cache.
const INLINE: usize = 1_000;
/// The longest piece: 20 of them, with their keys, stay below a quarter segment.
const PIECE: usize = 6_000;
/// Written at every opening, to see it flushed.
const PROBE: &[u8] = b"probe";
/// Where longer values lie.
const PIECES: &str = "pieces";
/// Where the chunks of files lie: 32 KiB values cost sled five times the work of writing them.
const VOLUME: &str = "files.sealed";
/// Why nobody may be served from this folder: found by whoever looks into it, too.
const NOTICE: &str = "NOT-IN-USE";
/// Entries and bytes of a page of a moment: as long as it is read, nothing is written.
const PAGE: (usize, usize) = (256, 1 << 20);
/// Slots of a page.
const SLOTS: usize = 32;
const WHOLE: u8 = 0;
const CUT: u8 = 1;

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
    pieces: sled::Tree,
    /// The next piece's number. Only the committer's thread draws from it.
    next_piece: AtomicU64,
    db: sled::Db,
    /// Kept open from the start: `syncfs` reports write-back errors since *this* descriptor was opened.
    folder: File,
    durability: Durability,
    volume: Volume,
    at: PathBuf,
    /// What a backup under way reads. Held while a page is read or a group is applied.
    moment: Mutex<Option<Moment>>,
}

impl SledEngine {
    /// Whether there is a database in `folder`, of whomever. Creates nothing.
    pub fn lies_in(folder: &Path) -> bool {
        // What sled writes first, and reads first.
        folder.join("conf").is_file()
    }

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
        // Nobody else on this machine needs to see even how large it is.
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| unusable(&e))?;
        let handle = File::open(folder).map_err(|e| unusable(&e))?;
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
        let volume = Volume::open(&folder.join(VOLUME)).map_err(|e| unusable(&e))?;
        let (at, moment) = (folder.to_owned(), Mutex::default());
        let engine = Self { trees, pieces, next_piece, db, folder: handle, durability, volume, at, moment };
        if durability == Durability::FlushOnly {
            true_sync::leave_out();
        } else if !engine.reaches_the_disk() {
            return Err(OpenRefused::NoSync);
        }
        engine.sync()?;
        Ok(engine)
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

    fn tree(&self, tree: Tree) -> &sled::Tree {
        // Indexing cannot fail: `open` put every `Tree::ALL` in.
        &self.trees[&tree]
    }

    /// The value behind a stored one; `None` if a piece is gone because the value was just replaced.
    fn join(&self, stored: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        match stored.split_first() {
            Some((&WHOLE, value)) => Ok(Some(value.to_vec())),
            Some((&CUT, place)) => {
                let mut value = Vec::new();
                for number in cut_numbers(place).ok_or_else(unreadable)? {
                    match self.pieces.get(number.to_be_bytes()).map_err(|e| failed(&e))? {
                        Some(piece) => value.extend_from_slice(&piece),
                        None => return Ok(None),
                    }
                }
                Ok(Some(value))
            }
            _ => Err(unreadable()),
        }
    }

    /// A scanned entry with its value; `None` if it was removed meanwhile.
    fn joined(&self, tree: Tree, entry: Result<(IVec, IVec), Refused>) -> Result<Option<Entry>, Refused> {
        let (key, stored) = entry?;
        let value = match self.join(&stored)? {
            Some(value) => Some(value),
            None => self.get(tree, &key)?,
        };
        Ok(value.map(|value| (key.to_vec(), value)))
    }

    /// The stored form of a value; what does not fit goes into `pieces`.
    fn cut(&self, value: &[u8], pieces: &mut Batch) -> Vec<u8> {
        if value.len() <= INLINE {
            return [&[WHOLE], value].concat();
        }
        let count = value.len().div_ceil(PIECE);
        let first = self.next_piece.fetch_add(count as u64, Ordering::Relaxed);
        for (number, piece) in (first..).zip(value.chunks(PIECE)) {
            pieces.insert(&number.to_be_bytes(), piece);
        }
        // Unwrap safety: a value of 2^32 pieces would be 24 TB.
        let count = u32::try_from(count).unwrap();
        [&[CUT], first.to_be_bytes().as_slice(), &count.to_be_bytes()].concat()
    }
}

impl Engine for SledEngine {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        loop {
            let Some(stored) = self.tree(tree).get(key).map_err(|e| failed(&e))? else { return Ok(None) };
            if let Some(value) = self.join(&stored)? {
                return Ok(Some(value));
            }
            // Replaced between the two reads, unless it is still the same: then pieces are missing.
            if self.tree(tree).get(key).map_err(|e| failed(&e))? == Some(stored) {
                return Err(unreadable());
            }
        }
    }

    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_> {
        let start = prefix.max(from).to_vec();
        let prefix = prefix.to_vec();
        let entries = self.tree(tree).range(start..);
        let entries = entries
            .map(|entry| entry.map_err(|e| failed(&e)))
            .take_while(move |entry| entry.as_ref().map_or(true, |(key, _)| key.starts_with(&prefix)));
        Box::new(entries.filter_map(move |entry| self.joined(tree, entry).transpose()))
    }

    fn count(&self, tree: Tree) -> Result<u64, Refused> {
        Ok(self.tree(tree).len() as u64)
    }

    fn apply(&self, writes: &Writes) -> Result<(), Refused> {
        let mut moment = self.moment.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(moment) = &mut *moment {
            moment.put_aside(writes, |tree, key| self.get(tree, key))?;
        }
        let mut batches: BTreeMap<Tree, Batch> = BTreeMap::new();
        let mut pieces = Batch::default();
        for (tree, key, value) in writes.iter() {
            let before = self.tree(tree).get(key).map_err(|e| failed(&e))?;
            if let Some((&CUT, place)) = before.as_ref().and_then(|stored| stored.split_first()) {
                for number in cut_numbers(place).ok_or_else(unreadable)? {
                    pieces.remove(&number.to_be_bytes());
                }
            }
            let batch = batches.entry(tree).or_default();
            match value {
                Some(value) => batch.insert(key, self.cut(value, &mut pieces)),
                None => batch.remove(key),
            }
        }
        let mut trees: Vec<&sled::Tree> = batches.keys().map(|tree| self.tree(*tree)).collect();
        trees.push(&self.pieces);
        trees
            .as_slice()
            .transaction(|views: &Vec<TransactionalTree>| {
                for (view, batch) in views.iter().zip(batches.values().chain([&pieces])) {
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
        self.volume.is_sound()?;
        true_sync::is_sound()?;
        self.db.flush().map_err(|e| failed(&e))?;
        if self.durability == Durability::Synced {
            // Not fdatasync of one file: sled keeps large values in files of their own and syncs none of them.
            rustix::fs::syncfs(&self.folder).map_err(|e| Refused::Failed(format!("syncfs: {e}")))?;
        }
        Ok(())
    }

    fn write_slot(&self, slot: u64, bytes: &[u8]) -> Result<(), Refused> {
        self.volume.write(slot, bytes)
    }

    fn read_slot(&self, slot: u64, len: usize) -> Result<Vec<u8>, Refused> {
        self.volume.read(slot, len)
    }

    fn sync_slots(&self) -> Result<(), Refused> {
        match self.durability {
            Durability::Synced => self.volume.sync(),
            Durability::FlushOnly => Ok(()),
        }
    }

    fn notice(&self) -> Result<Option<Notice>, Refused> {
        let text = match std::fs::read_to_string(self.at.join(NOTICE)) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Refused::Failed(format!("{NOTICE}: {e}"))),
        };
        let mut lines = text.lines().map(str::to_owned);
        let (text, token) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        Ok(Some(Notice { token, text }))
    }

    /// Two lines, the sentence first. Written aside and moved: it is there whole, or not at all.
    fn set_notice(&self, notice: Option<&Notice>) -> Result<(), Refused> {
        let failed = |e: std::io::Error| Refused::Failed(format!("{NOTICE}: {e}"));
        let (path, aside) = (self.at.join(NOTICE), self.at.join(format!("{NOTICE}.new")));
        match notice {
            Some(Notice { token, text }) => {
                let mut file = OpenOptions::new()
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .mode(0o600)
                    .open(&aside)
                    .map_err(failed)?;
                file.write_all(format!("{text}\n{token}\n").as_bytes()).map_err(failed)?;
                file.sync_all().and_then(|()| std::fs::rename(&aside, &path)).map_err(failed)?;
            }
            None => match std::fs::remove_file(&path) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(failed(e)),
                _ => {}
            },
        }
        self.folder.sync_all().map_err(failed)
    }

    fn freeze(&self, slots: Vec<Range<u64>>) -> Result<(), Refused> {
        *self.moment.lock().unwrap_or_else(PoisonError::into_inner) = Some(Moment::now(slots));
        Ok(())
    }

    fn frozen_page(&self, tree: Tree, _after: Option<&[u8]>) -> Result<Vec<Entry>, Refused> {
        loop {
            let mut moment = self.moment.lock().unwrap_or_else(PoisonError::into_inner);
            let moment = moment.as_mut().ok_or_else(|| Refused::Failed("no moment is kept".into()))?;
            let Some(from) = moment.next(tree) else { return Ok(Vec::new()) };
            let (mut page, mut bytes) = (Vec::new(), 0);
            let mut entries = self.scan(tree, &[], &from);
            let ends = loop {
                let Some(entry) = entries.next() else { break true };
                let (key, value) = entry?;
                bytes += value.len();
                page.push((key, value));
                if page.len() >= PAGE.0 || bytes >= PAGE.1 {
                    break false;
                }
            };
            let then = moment.page(tree, page, ends)?;
            // All of a page may have come later.
            if ends || !then.is_empty() {
                return Ok(then);
            }
        }
    }

    fn frozen_slots(&self, from: u64) -> Result<Vec<(u64, Vec<u8>)>, Refused> {
        let numbers: Vec<u64> = match &*self.moment.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(moment) => moment.slots(from).take(SLOTS).collect(),
            None => return Err(Refused::Failed("no moment is kept".into())),
        };
        numbers.into_iter().map(|slot| Ok((slot, self.volume.read_all(slot)?))).collect()
    }

    fn thaw(&self) {
        *self.moment.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn free_bytes(&self) -> Option<u64> {
        let volume = rustix::fs::fstatvfs(&self.folder).ok()?;
        Some(volume.f_bavail.saturating_mul(volume.f_frsize))
    }
}

/// The numbers of a cut value's pieces.
fn cut_numbers(place: &[u8]) -> Option<Range<u64>> {
    let (first, count) = place.split_first_chunk::<8>()?;
    let (first, count) = (u64::from_be_bytes(*first), u32::from_be_bytes(count.try_into().ok()?));
    Some(first..first.checked_add(u64::from(count))?)
}

fn unreadable() -> Refused {
    Refused::Failed("a stored value has not the form this engine writes".into())
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
