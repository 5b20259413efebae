//! The chunks of files, in one file beside the trees: slots of one size, filled in any order.
//!
//! One file for all, because a file each would tell by its dates when it came. Nothing in here says which slots
//! belong together; the records that do are encrypted.

use super::{Refused, engine::SLOT};
use crate::ids::ObjectId;
use rustix::fs::{Advice, fadvise};
use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    num::NonZeroU64,
    ops::Range,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

/// Slots after which the kernel is told to begin writing, so that a sync never meets a whole upload. 8 MiB.
const WRITE_BEHIND: u64 = 256;

pub struct Volume {
    file: File,
    failed: AtomicBool,
}

impl Volume {
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        Ok(Self { file, failed: AtomicBool::new(false) })
    }

    pub fn write(&self, slot: u64, bytes: &[u8]) -> Result<(), Refused> {
        debug_assert!(bytes.len() <= SLOT);
        self.file.write_all_at(bytes, offset(slot)?).map_err(|e| Refused::Failed(format!("files: {e}")))?;
        if (slot + 1).is_multiple_of(WRITE_BEHIND) {
            // Only advice: what it does not do, the sync does.
            let len = NonZeroU64::new(WRITE_BEHIND * SLOT as u64);
            let _ = fadvise(&self.file, offset(slot + 1 - WRITE_BEHIND)?, len, Advice::DontNeed);
        }
        Ok(())
    }

    pub fn read(&self, slot: u64, len: usize) -> Result<Vec<u8>, Refused> {
        let mut bytes = vec![0; len.min(SLOT)];
        self.file
            .read_exact_at(&mut bytes, offset(slot)?)
            .map_err(|e| Refused::Failed(format!("files, slot {slot}: {e}")))?;
        Ok(bytes)
    }

    /// A slot as it lies there; the last one may be shorter, and one beyond the end is empty.
    pub fn read_all(&self, slot: u64) -> Result<Vec<u8>, Refused> {
        let mut bytes = Vec::with_capacity(SLOT);
        let mut part = [0; 4096];
        while bytes.len() < SLOT {
            let at = offset(slot)? + bytes.len() as u64;
            let room = part.len().min(SLOT - bytes.len());
            match self.file.read_at(&mut part[..room], at) {
                Ok(0) => break,
                Ok(len) => bytes.extend_from_slice(&part[..len]),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Refused::Failed(format!("files, slot {slot}: {e}"))),
            }
        }
        Ok(bytes)
    }

    /// Slots up to the file's end.
    pub fn end(&self) -> Result<u64, Refused> {
        let held = self.file.metadata().map_err(|e| Refused::Failed(format!("files: {e}")))?;
        Ok(held.len().div_ceil(SLOT as u64))
    }

    pub fn sync(&self) -> Result<(), Refused> {
        self.is_sound()?;
        self.file.sync_data().map_err(|e| {
            self.failed.store(true, Ordering::SeqCst);
            Refused::Failed(format!("files: {e}"))
        })
    }

    /// A sync that failed once proves nothing when it succeeds the next time.
    pub fn is_sound(&self) -> Result<(), Refused> {
        if self.failed.load(Ordering::SeqCst) {
            return Err(Refused::Failed("files: an earlier sync failed".into()));
        }
        Ok(())
    }
}

fn offset(slot: u64) -> Result<u64, Refused> {
    slot.checked_mul(SLOT as u64).ok_or_else(|| Refused::Failed("files: no such slot".into()))
}

/// Which slots are free. Kept in memory; at start it is what no record names.
#[derive(Debug, Default)]
pub struct FreeSlots {
    free: BTreeSet<u64>,
    /// Of removed files, not yet written over.
    removed: Vec<u64>,
    /// Likewise, not yet taken out of the bucket.
    removed_objects: Vec<ObjectId>,
    /// From here on none was ever used.
    end: u64,
    /// A backup reads: what was removed stays where it is until that ends.
    held: bool,
}

impl FreeSlots {
    /// `used`: every slot that a record names.
    pub fn beside(used: &BTreeSet<u64>) -> Self {
        let end = used.last().map_or(0, |last| last + 1);
        let free = (0..end).filter(|slot| !used.contains(slot)).collect();
        Self { free, end, ..Self::default() }
    }

    /// None that was filled, or might have been, before this one.
    pub fn from(end: u64) -> Self {
        Self { end, ..Self::default() }
    }

    /// Runs of slots that hold something, or are being filled. None of them is given out again before [`Self::release`].
    pub fn hold(&mut self) -> Vec<Range<u64>> {
        self.held = true;
        let mut runs: Vec<Range<u64>> = Vec::new();
        let removed: BTreeSet<u64> = self.removed.iter().copied().collect();
        for slot in (0..self.end).filter(|slot| !self.free.contains(slot) && !removed.contains(slot)) {
            match runs.last_mut() {
                Some(run) if run.end == slot => run.end += 1,
                _ => runs.push(slot..slot + 1),
            }
        }
        runs
    }

    pub fn release(&mut self) {
        self.held = false;
    }

    pub fn take(&mut self) -> u64 {
        self.free.pop_first().unwrap_or_else(|| {
            self.end += 1;
            self.end - 1
        })
    }

    pub fn give_back(&mut self, slots: impl IntoIterator<Item = u64>) {
        self.free.extend(slots);
    }

    pub fn mark_removed(
        &mut self,
        slots: impl IntoIterator<Item = u64>,
        objects: impl IntoIterator<Item = ObjectId>,
    ) {
        self.removed.extend(slots);
        self.removed_objects.extend(objects);
    }

    pub fn take_removed(&mut self) -> (Vec<u64>, Vec<ObjectId>) {
        if self.held {
            return Default::default();
        }
        (std::mem::take(&mut self.removed), std::mem::take(&mut self.removed_objects))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_in_use_is_never_given_out_again() {
        let mut free = FreeSlots::beside(&BTreeSet::from([1, 4]));
        assert_eq!([(); 5].map(|()| free.take()), [0, 2, 3, 5, 6]);
        free.give_back([3, 0]);
        assert_eq!([(); 3].map(|()| free.take()), [0, 3, 7]);
    }

    #[test]
    fn what_is_removed_while_a_backup_reads_waits_for_its_end() {
        let mut free = FreeSlots::beside(&BTreeSet::from([1, 2, 4]));
        assert_eq!(free.hold(), [1..3, 4..5]);
        let object = ObjectId::from_bytes([7; 16]);
        free.mark_removed([2], [object]);
        assert_eq!(free.take_removed(), Default::default());
        free.release();
        assert_eq!(free.hold(), [1..2, 4..5], "what is removed is not read by the next one");
        free.release();
        assert_eq!(free.take_removed(), (vec![2], vec![object]));
    }

    #[test]
    fn slots_keep_apart_and_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let volume = Volume::open(&folder.path().join("v")).unwrap();
        volume.write(1, &[2; SLOT]).unwrap();
        volume.write(0, &[1; SLOT]).unwrap();
        volume.write(300, b"end").unwrap();
        volume.sync().unwrap();
        assert_eq!(volume.read(1, SLOT).unwrap(), [2; SLOT]);
        assert_eq!(volume.read(300, 3).unwrap(), b"end");
        assert!(volume.read(301, 1).is_err());
        assert_eq!(volume.read_all(300).unwrap(), b"end");
        assert_eq!((volume.read_all(1).unwrap().len(), volume.read_all(301).unwrap().len()), (SLOT, 0));
        assert!(volume.write(u64::MAX, b"x").is_err());
    }
}
