//! Files: sealed originals and cleaned copies, in chunks of 32 KiB, each encrypted and bound to its place.

mod bytes;
mod upload;

pub use bytes::FileBytes;
pub use upload::Upload;

use super::{
    Refused, Store,
    at_rest::{CHUNK, DataKey},
    committer::Txn,
    core::Core,
    engine::{Numbering, Tree},
    objects::{CHUNKS, Objects},
    records::Source,
    volume::FreeSlots,
};
use crate::ids::{BlobId, ObjectId, ReportId};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
};

/// What a file is to the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Sealed to the files key of the report's `sequence`th envelope; name and type are inside.
    Original { sequence: u8 },
    /// For investigators: without metadata, of this media type.
    Cleaned { media: String },
    /// Of staff's, sealed to the reporter's mailbox.
    ToReporter,
}

/// One stored file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileRecord {
    pub blob: BlobId,
    pub kind: FileKind,
    /// Bytes as handed in.
    pub len: u64,
    /// The objects of its first chunks, in their order, [`CHUNKS`] in each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    objects: Vec<ObjectId>,
    /// Where its other chunks lie, in their order: runs of slots, each the first and how many.
    runs: Vec<(u64, u32)>,
}

impl FileRecord {
    /// The same file, its chunks that lie in slots in others, which follow each other.
    pub(super) fn lying_at(&self, first: u64) -> Self {
        // A run counts to 2^32, and a file has no more chunks.
        let count = self.runs.iter().fold(0u32, |count, (_, run)| count.saturating_add(*run));
        let runs = if count == 0 { Vec::new() } else { vec![(first, count)] };
        Self { runs, kind: self.kind.clone(), objects: self.objects.clone(), ..*self }
    }

    /// Bytes of a chunk as it is stored.
    pub(super) fn sealed_len(&self, index: u32) -> usize {
        let before = u64::from(index) * CHUNK as u64;
        self.len.saturating_sub(before).min(CHUNK as u64) as usize + 16
    }

    pub(super) fn chunks(&self) -> u64 {
        self.runs.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = u64> {
        self.runs.iter().flat_map(|(first, count)| *first..first.saturating_add(u64::from(*count)))
    }

    /// Its chunks that lie in slots: which one, and where.
    pub(super) fn chunks_in_slots(&self) -> impl Iterator<Item = (u32, u64)> {
        (self.chunks_in_objects()..).zip(self.slots())
    }

    pub(super) fn objects(&self) -> &[ObjectId] {
        &self.objects
    }

    fn chunks_in_objects(&self) -> u32 {
        // A file has no more than 2^32 chunks.
        u32::try_from(self.objects.len() * CHUNKS).unwrap_or(u32::MAX)
    }

    /// Its chunks.
    fn count(&self) -> u32 {
        self.runs.iter().fold(self.chunks_in_objects(), |count, (_, run)| count.saturating_add(*run))
    }
}

impl Store {
    /// The stored files of a report.
    pub(super) fn files(&self, report: ReportId) -> Result<Vec<FileRecord>, Refused> {
        let engine = &*self.core.engine;
        let data = self.core.records.data_key(engine, report)?;
        let keys = engine.scan(Tree::Files, report.as_bytes(), &[]);
        keys.map(|entry| self.core.file(engine, &data, &entry?.0)).collect()
    }
}

impl Core {
    /// A file that its case no longer names: the record goes with the change, the slots wait to be written over.
    pub fn remove_file(
        self: &Arc<Self>,
        txn: &mut Txn,
        data: &DataKey,
        report: ReportId,
        blob: BlobId,
    ) -> Result<(), Refused> {
        let key = file_key(report, blob);
        let record = self.file(txn, data, &key)?;
        txn.remove(Tree::Files, key);
        let core = self.clone();
        txn.once_durable(move || {
            core.free_slots(|free| free.mark_removed(record.slots(), record.objects().iter().copied()))
        });
        Ok(())
    }

    /// Writes over every slot of a removed file, and only then lets others have it; removes its objects.
    pub fn overwrite_removed(&self) -> Result<(), Refused> {
        let (slots, objects) = self.free_slots(FreeSlots::take_removed);
        let cleared = self.engine.clear_slots(&slots);
        let removed = match self.engine.objects() {
            Some(bucket) => bucket.remove(&objects),
            None => Ok(()),
        };
        self.free_slots(|free| {
            match (&cleared, self.engine.numbering()) {
                (Ok(()), Numbering::Dense) => free.give_back(slots),
                (Ok(()), Numbering::Scattered) => {}
                (Err(_), _) => free.mark_removed(slots, []),
            }
            if removed.is_err() {
                free.mark_removed([], objects);
            }
        });
        cleared.and(removed)
    }

    /// The object store, for files that lie in it.
    fn objects(&self) -> Result<&Arc<Objects>, Refused> {
        self.engine.objects().ok_or_else(|| Refused::Objects("MIFENG_OBJECTS is not set".into()))
    }

    pub fn file(
        &self,
        from: &(impl Source + ?Sized),
        data: &DataKey,
        key: &[u8],
    ) -> Result<FileRecord, Refused> {
        self.records.find_of_case(from, data, Tree::Files, key)?.ok_or(Refused::NoSuchFile)
    }

    /// Slots that may be filled: what was forgotten, or never attached, is free again. Where a record cannot be read, nobody
    /// knows which slots are its own: none that was ever filled is given out then, for its key may be put back.
    pub fn unused_slots(&self) -> Result<FreeSlots, Refused> {
        let (used, unknown) = self.used_slots()?;
        let end = self.engine.slots_end();
        if let (Ok(end), Some(last)) = (&end, used.last())
            && last >= end
        {
            tracing::error!(
                "files.sealed is shorter than what is recorded of it: put it back; run mifeng check"
            );
        }
        if unknown == 0 {
            return Ok(FreeSlots::beside(&used));
        }
        tracing::error!(
            unknown,
            "room of files is not used again, for some cannot be read; run mifeng check"
        );
        Ok(FreeSlots::from(end?.max(used.last().map_or(0, |last| last + 1))))
    }

    /// Every slot that a record names, and how many records cannot be read: damaged, or their key is missing before its time.
    pub fn used_slots(&self) -> Result<(BTreeSet<u64>, usize), Refused> {
        let engine = &*self.engine;
        let (mut used, mut unknown) = (BTreeSet::new(), 0);
        for entry in engine.scan(Tree::Files, &[], &[]) {
            let (key, _) = entry?;
            let Some(report) = key.first_chunk().copied().map(ReportId::from_bytes) else { continue };
            match self.records.data_key_there(engine, report).and_then(|data| self.file(engine, &data, &key))
            {
                Ok(record) => used.extend(record.slots()),
                Err(Refused::Forgotten(_)) => {}
                // Keys may be put back; what was written over is gone.
                Err(refused @ (Refused::KeyMissing(_) | Refused::UnknownRootKey)) => return Err(refused),
                Err(refused) => {
                    unknown += 1;
                    tracing::error!(%refused, "a file was left out; run mifeng check");
                }
            }
        }
        Ok((used, unknown))
    }

    pub fn free_slots<R>(&self, with: impl FnOnce(&mut FreeSlots) -> R) -> R {
        with(&mut self.free.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) fn file_key(report: ReportId, blob: BlobId) -> Vec<u8> {
    [report.as_bytes().as_slice(), blob.as_bytes()].concat()
}
