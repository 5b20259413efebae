//! A file on its way in.

use super::{FileKind, FileRecord, file_key};
use crate::{
    casework::Case,
    ids::{BlobId, ObjectId, ReportId},
    store::{
        Commit, Refused, Step, Store,
        at_rest::{CHUNK, DataKey},
        committer::RESERVE_BYTES,
        core::Core,
        engine::{Numbering, SLOT, Tree},
        objects::OBJECT,
        volume::FreeSlots,
    },
};
use rand::RngExt;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// An upload that is not finished in this time is refused: what nobody names is swept after a day.
const LONGEST: Duration = Duration::from_secs(20 * 60 * 60);

/// A file under way. Memory: one chunk, or with an object store the chunks of one object. Dropped without being attached it
/// leaves nothing behind.
pub struct Upload {
    core: Arc<Core>,
    report: ReportId,
    blob: BlobId,
    kind: FileKind,
    data: DataKey,
    partial: Vec<u8>,
    /// Chunks sealed so far.
    chunks: u32,
    objects: Vec<ObjectId>,
    /// Sealed chunks of the next object.
    gathered: Vec<u8>,
    slots: Vec<u64>,
    len: u64,
    begun: Instant,
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
    pub(in crate::store) fn is_cleaned_of(&self, report: ReportId) -> bool {
        self.report == report && matches!(self.kind, FileKind::Cleaned { .. })
    }
    pub(in crate::store) fn is_of(&self, report: ReportId, kind: &FileKind) -> bool {
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
        let index = self.chunks;
        self.chunks = index.checked_add(1).ok_or(Refused::UploadBroken)?;
        let sealed = self.core.records.vault.seal_chunk(&self.data, self.blob, index, &self.partial);
        self.partial.clear();
        if self.core.engine.objects().is_none() {
            return self.write_slot(&sealed);
        }
        self.gathered.extend_from_slice(&sealed);
        if self.gathered.len() == OBJECT { self.put_object() } else { Ok(()) }
    }

    fn put_object(&mut self) -> Result<(), Refused> {
        let objects = self.core.engine.objects().ok_or(Refused::UploadBroken)?;
        let name = ObjectId::random(&mut rand::rng());
        // Named before: of one whose answer is lost nobody knows whether it is there.
        self.objects.push(name);
        objects.put(name, std::mem::take(&mut self.gathered))
    }

    fn write_slot(&mut self, sealed: &[u8]) -> Result<(), Refused> {
        let slot = self.core.next_slot(self.slots.last().copied());
        self.slots.push(slot);
        self.core.engine.write_slot(slot, sealed)
    }

    /// The last chunk, and what makes no whole object.
    fn finish(&mut self) -> Result<(), Refused> {
        if self.begun.elapsed() > LONGEST {
            return Err(Refused::UploadBroken);
        }
        if !self.partial.is_empty() {
            self.write_chunk()?;
        }
        std::mem::take(&mut self.gathered).chunks(SLOT).try_for_each(|sealed| self.write_slot(sealed))
    }

    /// What is to be stored of it; objects and slots now belong to the record.
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
        let objects = std::mem::take(&mut self.objects);
        FileRecord { blob: self.blob, kind: self.kind.clone(), len: self.len, objects, runs }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some(objects) = self.core.engine.objects() {
            objects.remove_soon(std::mem::take(&mut self.objects));
        }
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

impl Store {
    pub(in crate::store) fn begin_upload(&self, report: ReportId, kind: FileKind) -> Result<Upload, Refused> {
        let engine = &*self.core.engine;
        let found = self.core.records.report_and_key(engine, report)?;
        let (_, data) = found.ok_or(Refused::NoSuchReport)?;
        Ok(Upload {
            core: self.core.clone(),
            report,
            blob: BlobId::random(&mut rand::rng()),
            kind,
            data,
            partial: Vec::with_capacity(CHUNK),
            chunks: 0,
            objects: Vec::new(),
            gathered: Vec::new(),
            slots: Vec::new(),
            len: 0,
            begun: Instant::now(),
            broken: false,
        })
    }

    pub(in crate::store) fn append_upload(&self, upload: &mut Upload, bytes: &[u8]) -> Result<(), Refused> {
        let appended = upload.append(bytes);
        upload.broken |= appended.is_err();
        appended
    }

    pub(in crate::store) fn attach_uploads(&self, mut uploads: Vec<Upload>, step: Step) -> Commit<Case> {
        let Some(report) = uploads.first().map(|upload| upload.report) else {
            return Commit::ready(Err(Refused::NoSuchFile));
        };
        for upload in &mut uploads {
            // A part that was refused, and whose refusal nobody minded, must not become a hole.
            if upload.broken || upload.report != report {
                return Commit::ready(Err(Refused::UploadBroken));
            }
            if let Err(refused) = upload.finish() {
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
}

impl Core {
    /// Where an upload's next chunk goes, after its last one.
    fn next_slot(&self, last: Option<u64>) -> u64 {
        match (self.engine.numbering(), last) {
            (Numbering::Dense, _) => self.free_slots(FreeSlots::take),
            (Numbering::Scattered, Some(last)) => last + 1,
            (Numbering::Scattered, None) => rand::rng().random::<u64>() >> 2,
        }
    }
}
