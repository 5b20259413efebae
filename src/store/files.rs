//! Files: sealed originals and cleaned copies, in chunks of 32 KiB, each encrypted and bound to its place.

use super::{
    Commit, Refused, Step, Store,
    at_rest::{CHUNK, DataKey},
    committer::{RESERVE_BYTES, Txn},
    core::Core,
    engine::{Numbering, Tree},
    records::Source,
};
use crate::{
    casework::Case,
    ids::{BlobId, ReportId},
};
use rand::RngExt;
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
    /// Where its chunks lie, in their order: runs of slots, each the first and how many.
    runs: Vec<(u64, u32)>,
}

impl FileRecord {
    /// The same file, its chunks in slots that follow each other.
    pub(super) fn lying_at(&self, first: u64) -> Self {
        // A run counts to 2^32, and a file has no more chunks.
        let count = self.runs.iter().fold(0u32, |count, (_, run)| count.saturating_add(*run));
        let runs = if count == 0 { Vec::new() } else { vec![(first, count)] };
        Self { runs, kind: self.kind.clone(), ..*self }
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
}

/// A file under way. Memory: one chunk. Dropped without being attached it leaves nothing behind.
pub struct Upload {
    core: Arc<Core>,
    report: ReportId,
    blob: BlobId,
    kind: FileKind,
    data: DataKey,
    partial: Vec<u8>,
    slots: Vec<u64>,
    len: u64,
    broken: bool,
}

impl Upload {
    pub fn blob(&self) -> BlobId {
        self.blob
    }
    /// Bytes appended so far.
    pub fn len(&self) -> u64 {
        self.len
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    pub(super) fn is_cleaned_of(&self, report: ReportId) -> bool {
        self.report == report && matches!(self.kind, FileKind::Cleaned { .. })
    }
    pub(super) fn is_of(&self, report: ReportId, kind: &FileKind) -> bool {
        self.report == report && self.kind == *kind
    }

    fn append(&mut self, mut bytes: &[u8]) -> Result<(), Refused> {
        if self.core.engine.free_bytes().is_some_and(|free| free < RESERVE_BYTES) {
            return Err(Refused::DiskFull);
        }
        self.len += bytes.len() as u64;
        while self.partial.len() + bytes.len() >= CHUNK {
            let (now, later) = bytes.split_at(CHUNK - self.partial.len());
            self.partial.extend_from_slice(now);
            self.write_chunk()?;
            bytes = later;
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    fn write_chunk(&mut self) -> Result<(), Refused> {
        let index = u32::try_from(self.slots.len()).map_err(|_| Refused::UploadBroken)?;
        let sealed = self.core.records.vault.seal_chunk(&self.data, self.blob, index, &self.partial);
        let slot = self.core.next_slot(self.slots.last().copied());
        self.slots.push(slot);
        self.partial.clear();
        self.core.engine.write_slot(slot, &sealed)
    }

    /// What is to be stored of it; the slots now belong to the record.
    fn into_record(mut self) -> FileRecord {
        let mut runs: Vec<(u64, u32)> = Vec::new();
        for slot in std::mem::take(&mut self.slots) {
            match runs.last_mut() {
                Some((first, count)) if *first + u64::from(*count) == slot && *count < u32::MAX => {
                    *count += 1
                }
                _ => runs.push((slot, 1)),
            }
        }
        FileRecord { blob: self.blob, kind: self.kind.clone(), len: self.len, runs }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let slots = std::mem::take(&mut self.slots);
        if slots.is_empty() {
            return;
        }
        match self.core.engine.numbering() {
            Numbering::Dense => self.core.free_slots(|free| free.give_back(slots)),
            // One that stays is cleared later, as after a crash.
            Numbering::Scattered => drop(self.core.engine.clear_slots(&slots)),
        }
    }
}

/// A stored file's bytes, a chunk at a time.
pub struct FileBytes {
    core: Arc<Core>,
    data: DataKey,
    record: FileRecord,
    /// Slots still to read, the next one last.
    rest: Vec<u64>,
    next: u32,
}

impl FileBytes {
    pub fn record(&self) -> &FileRecord {
        &self.record
    }

    /// The last chunk, before it is read in its turn; empty if nothing is left to read.
    pub fn last_chunk(&self) -> Result<Vec<u8>, Refused> {
        let Some(slot) = self.rest.first() else { return Ok(Vec::new()) };
        let index = self.next + self.rest.len() as u32 - 1;
        self.core.read_chunk(&self.data, &self.record, index, *slot)
    }
}

impl Iterator for FileBytes {
    type Item = Result<Vec<u8>, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        let slot = self.rest.pop()?;
        let index = self.next;
        self.next += 1;
        Some(self.core.read_chunk(&self.data, &self.record, index, slot))
    }
}

impl Store {
    pub(super) fn begin_upload(&self, report: ReportId, kind: FileKind) -> Result<Upload, Refused> {
        let engine = &*self.core.engine;
        self.core.records.report(engine, report)?.ok_or(Refused::NoSuchReport)?;
        Ok(Upload {
            core: self.core.clone(),
            report,
            blob: BlobId::random(&mut rand::rng()),
            kind,
            data: self.core.records.data_key(engine, report)?,
            partial: Vec::with_capacity(CHUNK),
            slots: Vec::new(),
            len: 0,
            broken: false,
        })
    }

    pub(super) fn append_upload(&self, upload: &mut Upload, bytes: &[u8]) -> Result<(), Refused> {
        let appended = upload.append(bytes);
        upload.broken |= appended.is_err();
        appended
    }

    pub(super) fn attach_uploads(&self, mut uploads: Vec<Upload>, step: Step) -> Commit<Case> {
        let Some(report) = uploads.first().map(|upload| upload.report) else {
            return Commit::ready(Err(Refused::NoSuchFile));
        };
        for upload in &mut uploads {
            // A part that was refused, and whose refusal nobody minded, must not become a hole.
            if upload.broken || upload.report != report {
                return Commit::ready(Err(Refused::UploadBroken));
            }
            if !upload.partial.is_empty()
                && let Err(refused) = upload.write_chunk()
            {
                return Commit::ready(Err(refused));
            }
        }
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            txn.sync_slots()?;
            let case = core.change(txn, report, step)?;
            let data = core.records.data_key(txn, report)?;
            for upload in uploads {
                let key = file_key(report, upload.blob);
                core.records.put_of_case(txn, &data, Tree::Files, &key, &upload.into_record())?;
            }
            Ok(case)
        })
    }

    /// The stored files of a report.
    pub(super) fn files(&self, report: ReportId) -> Result<Vec<FileRecord>, Refused> {
        let engine = &*self.core.engine;
        let data = self.core.records.data_key(engine, report)?;
        let keys = engine.scan(Tree::Files, report.as_bytes(), &[]);
        keys.map(|entry| self.core.file(engine, &data, &entry?.0)).collect()
    }

    pub(super) fn open_file(&self, report: ReportId, blob: BlobId) -> Result<FileBytes, Refused> {
        let engine = &*self.core.engine;
        let data = self.core.records.data_key(engine, report)?;
        let record = self.core.file(engine, &data, &file_key(report, blob))?;
        let mut rest: Vec<u64> = record.slots().collect();
        rest.reverse();
        Ok(FileBytes { core: self.core.clone(), data, record, rest, next: 0 })
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
        txn.once_durable(move || core.free_slots(|free| free.mark_removed(record.slots())));
        Ok(())
    }

    /// Writes over every slot of a removed file, and only then lets others have it.
    pub fn overwrite_removed(&self) -> Result<(), Refused> {
        let removed = self.free_slots(super::volume::FreeSlots::take_removed);
        let cleared = self.engine.clear_slots(&removed);
        self.free_slots(|free| match (&cleared, self.engine.numbering()) {
            (Ok(()), Numbering::Dense) => free.give_back(removed),
            (Ok(()), Numbering::Scattered) => {}
            (Err(_), _) => free.mark_removed(removed),
        });
        cleared
    }

    /// Where an upload's next chunk goes, after its last one.
    fn next_slot(&self, last: Option<u64>) -> u64 {
        match (self.engine.numbering(), last) {
            (Numbering::Dense, _) => self.free_slots(super::volume::FreeSlots::take),
            (Numbering::Scattered, Some(last)) => last + 1,
            (Numbering::Scattered, None) => rand::rng().random::<u64>() >> 2,
        }
    }

    pub fn file(
        &self,
        from: &(impl Source + ?Sized),
        data: &DataKey,
        key: &[u8],
    ) -> Result<FileRecord, Refused> {
        self.records.find_of_case(from, data, Tree::Files, key)?.ok_or(Refused::NoSuchFile)
    }

    pub fn read_chunk(
        &self,
        data: &DataKey,
        record: &FileRecord,
        index: u32,
        slot: u64,
    ) -> Result<Vec<u8>, Refused> {
        let sealed = self.engine.read_slot(slot, record.sealed_len(index))?;
        self.records.vault.open_chunk(data, record.blob, index, sealed)
    }

    /// Every slot that a record names. What was forgotten, or never attached, is free again.
    pub fn used_slots(&self) -> Result<BTreeSet<u64>, Refused> {
        let engine = &*self.engine;
        let mut used = BTreeSet::new();
        for entry in engine.scan(Tree::Files, &[], &[]) {
            let (key, _) = entry?;
            let Some(report) = key.first_chunk().copied().map(ReportId::from_bytes) else { continue };
            match self.records.data_key(engine, report).and_then(|data| self.file(engine, &data, &key)) {
                Ok(record) => used.extend(record.slots()),
                Err(Refused::Forgotten(_)) => {}
                Err(refused) => tracing::error!(%refused, "a file was left out; run mifeng check"),
            }
        }
        Ok(used)
    }

    pub fn free_slots<R>(&self, with: impl FnOnce(&mut super::volume::FreeSlots) -> R) -> R {
        with(&mut self.free.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) fn file_key(report: ReportId, blob: BlobId) -> Vec<u8> {
    [report.as_bytes().as_slice(), blob.as_bytes()].concat()
}
