//! A stored file on its way out.

use super::{FileRecord, file_key};
use crate::{
    ids::{BlobId, ObjectId, ReportId},
    store::{
        Refused, Store,
        at_rest::{CHUNK, DataKey},
        core::Core,
        engine::SLOT,
        objects::{CHUNKS, OBJECT},
    },
};
use std::sync::Arc;

/// A stored file's bytes, a chunk at a time. Memory: one chunk, or the chunks of one object.
pub struct FileBytes {
    core: Arc<Core>,
    data: DataKey,
    record: FileRecord,
    /// Objects still to read, the next one last.
    objects: Vec<ObjectId>,
    /// Sealed chunks of the object read last, the next one last.
    sealed: Vec<Vec<u8>>,
    /// Slots still to read, the next one last.
    rest: Vec<u64>,
    next: u32,
    /// Chunks of the next object that are not wanted.
    before: usize,
}

impl FileBytes {
    pub fn record(&self) -> &FileRecord {
        &self.record
    }

    /// From the chunk on that holds this byte, and how many bytes of that chunk lie before it. For a file that nothing was read
    /// of yet.
    pub fn beginning_at(mut self, at: u64) -> (Self, usize) {
        let count = self.record.count();
        let first = u32::try_from(at / CHUNK as u64).unwrap_or(u32::MAX).min(count);
        let objects = (first as usize / CHUNKS).min(self.objects.len());
        self.objects.truncate(self.objects.len() - objects);
        let left = first as usize - objects * CHUNKS;
        match self.objects.is_empty() {
            false => (self.next, self.before) = ((objects * CHUNKS) as u32, left),
            true => {
                self.rest.truncate(self.rest.len().saturating_sub(left));
                self.next = first;
            }
        }
        (self, (at % CHUNK as u64) as usize)
    }

    /// The last chunk, before it is read in its turn; empty if nothing is left to read.
    pub fn last_chunk(&self) -> Result<Vec<u8>, Refused> {
        let Some(index) = self.record.count().checked_sub(1) else { return Ok(Vec::new()) };
        if let Some(slot) = self.rest.first() {
            return self.core.read_chunk(&self.data, &self.record, index, *slot);
        }
        let sealed = match (self.objects.first(), self.sealed.first()) {
            (Some(name), _) => {
                let objects = self.core.objects()?;
                objects.get_range(*name, (OBJECT - SLOT) as u64..OBJECT as u64)?
            }
            (None, Some(sealed)) => sealed.clone(),
            (None, None) => return Ok(Vec::new()),
        };
        self.core.records.vault.open_chunk(&self.data, self.record.blob, index, sealed)
    }
}

impl Iterator for FileBytes {
    type Item = Result<Vec<u8>, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.sealed.is_empty()
            && let Some(name) = self.objects.pop()
        {
            match self.core.read_object(name) {
                Ok(sealed) => {
                    let before = std::mem::take(&mut self.before);
                    self.next += before as u32;
                    self.sealed = sealed.chunks(SLOT).skip(before).map(<[u8]>::to_vec).collect();
                    self.sealed.reverse();
                }
                Err(refused) => {
                    self.before = 0;
                    self.next += CHUNKS as u32;
                    return Some(Err(refused));
                }
            }
        }
        let index = self.next;
        if let Some(sealed) = self.sealed.pop() {
            self.next += 1;
            return Some(self.core.records.vault.open_chunk(&self.data, self.record.blob, index, sealed));
        }
        let slot = self.rest.pop()?;
        self.next += 1;
        Some(self.core.read_chunk(&self.data, &self.record, index, slot))
    }
}

impl Store {
    pub(in crate::store) fn open_file(&self, report: ReportId, blob: BlobId) -> Result<FileBytes, Refused> {
        let engine = &*self.core.engine;
        let data = self.core.records.data_key(engine, report)?;
        let record = self.core.file(engine, &data, &file_key(report, blob))?;
        Ok(self.core.bytes_of(data, record))
    }
}

impl Core {
    pub fn bytes_of(self: &Arc<Self>, data: DataKey, record: FileRecord) -> FileBytes {
        let mut rest: Vec<u64> = record.slots().collect();
        rest.reverse();
        let mut objects = record.objects.clone();
        objects.reverse();
        FileBytes { core: self.clone(), data, record, objects, sealed: Vec::new(), rest, next: 0, before: 0 }
    }

    fn read_object(&self, name: ObjectId) -> Result<Vec<u8>, Refused> {
        let sealed = self.objects()?.get(name)?;
        let whole = sealed.len() == OBJECT;
        if whole { Ok(sealed) } else { Err(Refused::Damaged { tree: "objects", key: name.to_string() }) }
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
}
