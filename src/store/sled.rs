//! The engine that needs nothing installed: sled 0.34.
//!
//! Its two traps, both found by cutting the power (tests/torture). `flush()` never reaches the disk: hence
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

/// What an opening that broke off leaves.
mod leftovers;
/// Opening the database.
mod opening;

use super::{
    Refused,
    engine::{Engine, Entries, Entry, Notice, Tree, Writes},
    kept::{self, Kept},
    moment::Moment,
    notice,
    objects::Objects,
    true_sync,
    volume::Volume,
};
use sled::{
    Batch, IVec,
    transaction::{ConflictableTransactionError, TransactionError, Transactional, TransactionalTree},
};
use std::{
    collections::BTreeMap,
    fs::File,
    ops::Range,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// The longest value that lies in its own tree. Keys there are random, so each insert reads and rewrites another node:
/// those must be small enough to stay in the cache.
const INLINE: usize = 1_000;
/// The longest piece: 20 of them, with their keys, stay below a quarter segment.
const PIECE: usize = 6_000;
/// How many groups were written, in the database itself.
const GROUPS: &[u8] = b"groups";
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
    objects: Option<Arc<Objects>>,
    /// Groups applied, and the count of those that are durable.
    groups: AtomicU64,
    kept: Kept,
    at: PathBuf,
    /// What a backup under way reads. Held while a page is read or a group is applied.
    moment: Mutex<Option<Moment>>,
}

impl SledEngine {
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
        let next = self.groups.load(Ordering::Relaxed) + 1;
        let mut count = Batch::default();
        count.insert(GROUPS, &next.to_be_bytes());
        let mut trees: Vec<&sled::Tree> = batches.keys().map(|tree| self.tree(*tree)).collect();
        trees.extend([&self.pieces, &*self.db]);
        trees
            .as_slice()
            .transaction(|views: &Vec<TransactionalTree>| {
                for (view, batch) in views.iter().zip(batches.values().chain([&pieces, &count])) {
                    view.apply_batch(batch)?;
                }
                Ok::<(), ConflictableTransactionError<()>>(())
            })
            .map_err(|cause| match cause {
                TransactionError::Storage(cause) => failed(&cause),
                TransactionError::Abort(()) => Refused::Failed("a transaction was aborted".into()),
            })?;
        self.groups.store(next, Ordering::Relaxed);
        Ok(())
    }

    fn sync(&self) -> Result<(), Refused> {
        let groups = self.groups.load(Ordering::Relaxed);
        self.volume.is_sound()?;
        true_sync::is_sound()?;
        self.db.flush().map_err(|e| failed(&e))?;
        if self.durability == Durability::Synced {
            // Not fdatasync of one file: sled keeps large values in files of their own and syncs none of them.
            rustix::fs::syncfs(&self.folder).map_err(|e| Refused::Failed(format!("syncfs: {e}")))?;
        }
        self.kept.note(groups).map_err(|e| Refused::Failed(format!("{}: {e}", kept::FILE)))
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

    fn slots_end(&self) -> Result<u64, Refused> {
        self.volume.end()
    }

    fn notice(&self) -> Result<Option<Notice>, Refused> {
        notice::found(&self.at)
    }

    fn set_notice(&self, notice: Option<&Notice>) -> Result<(), Refused> {
        notice::put(&self.at, &self.folder, notice)
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

    fn objects(&self) -> Option<&Arc<Objects>> {
        self.objects.as_ref()
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
