//! Files: sealed originals and cleaned copies, in chunks of 32 KiB, each encrypted and bound to its place.

use super::{
    Commit, Refused, Step, Store,
    at_rest::{CHUNK, DataKey},
    core::Core,
    engine::Tree,
    records::{Source, missing},
};
use crate::{
    casework::Case,
    ids::{BlobId, ReportId},
};
use serde::{Deserialize, Serialize};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// What a file is to the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Sealed to the files key of the report's `sequence`th envelope; name and type are inside.
    Original { sequence: u8 },
    /// For investigators: without metadata, of this media type.
    Cleaned { media: String },
}

/// One stored file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileRecord {
    pub blob: BlobId,
    pub kind: FileKind,
    /// Bytes as handed in.
    pub len: u64,
    pub(super) chunks: u32,
}

/// A file under way. Memory: less than one chunk.
pub struct Upload {
    report: ReportId,
    blob: BlobId,
    kind: FileKind,
    data: DataKey,
    partial: Vec<u8>,
    chunks: u32,
    len: u64,
    stored: Arc<AtomicU32>,
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
    pub(super) fn chunks(&self) -> u32 {
        self.chunks
    }
}

/// A stored file's bytes, a chunk at a time.
pub struct FileBytes {
    core: Arc<Core>,
    data: DataKey,
    record: FileRecord,
    next: u32,
}

impl FileBytes {
    pub fn record(&self) -> &FileRecord {
        &self.record
    }
}

impl Iterator for FileBytes {
    type Item = Result<Vec<u8>, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.next < self.record.chunks).then(|| {
            let index = self.next;
            self.next += 1;
            let key = chunk_key(self.record.blob, index);
            let sealed =
                self.core.engine.get(Tree::Blobs, &key)?.ok_or_else(|| missing(Tree::Blobs, &key))?;
            self.core.records.vault.open_chunk(&self.data, self.record.blob, index, sealed)
        })
    }
}

impl Store {
    pub(super) fn begin_upload(&self, report: ReportId, kind: FileKind) -> Result<Upload, Refused> {
        let engine = &*self.core.engine;
        self.core.records.report(engine, report)?.ok_or(Refused::NoSuchReport)?;
        Ok(Upload {
            report,
            blob: BlobId::random(&mut rand::rng()),
            kind,
            data: self.core.records.data_key(engine, report)?,
            partial: Vec::with_capacity(CHUNK),
            chunks: 0,
            len: 0,
            stored: Arc::default(),
        })
    }

    pub(super) fn append_upload(&self, upload: &mut Upload, mut bytes: &[u8]) -> Commit<()> {
        upload.len += bytes.len() as u64;
        let mut sealed = Vec::new();
        while upload.partial.len() + bytes.len() >= CHUNK {
            let (now, later) = bytes.split_at(CHUNK - upload.partial.len());
            upload.partial.extend_from_slice(now);
            sealed.push(self.core.seal_partial(upload));
            bytes = later;
        }
        upload.partial.extend_from_slice(bytes);
        if sealed.is_empty() {
            return Commit::ready(Ok(()));
        }
        let core = self.core.clone();
        let (blob, report, stored) = (upload.blob, upload.report, upload.stored.clone());
        self.committer.commit_part(move |txn| {
            if stored.load(Ordering::Relaxed) == 0 {
                core.records.put(txn, Tree::Uploads, blob.as_bytes(), &report)?;
            }
            let count = u32::try_from(sealed.len()).map_err(|_| Refused::UploadBroken)?;
            for (key, value) in sealed {
                txn.put(Tree::Blobs, key, value);
            }
            stored.fetch_add(count, Ordering::Relaxed);
            Ok(())
        })
    }

    pub(super) fn attach_uploads(&self, mut uploads: Vec<Upload>, step: Step) -> Commit<Case> {
        let Some(report) = uploads.first().map(|upload| upload.report) else {
            return Commit::ready(Err(Refused::NoSuchFile));
        };
        if uploads.iter().any(|upload| upload.report != report) {
            return Commit::ready(Err(Refused::OtherCase));
        }
        let core = self.core.clone();
        let mut lasts = Vec::new();
        for upload in &mut uploads {
            let appended = upload.chunks;
            let last = (!upload.partial.is_empty()).then(|| core.seal_partial(upload));
            lasts.push((appended, last));
        }
        self.committer.commit(move |txn| {
            for (upload, (appended, last)) in uploads.into_iter().zip(lasts) {
                // A part that was refused, and whose refusal nobody minded, must not become a hole.
                if upload.stored.load(Ordering::Relaxed) != appended {
                    return Err(Refused::UploadBroken);
                }
                if let Some((key, value)) = last {
                    txn.put(Tree::Blobs, key, value);
                }
                txn.remove(Tree::Uploads, *upload.blob.as_bytes());
                let Upload { blob, kind, len, chunks, data, .. } = upload;
                let record = FileRecord { blob, kind, len, chunks };
                core.records.put_of_case(txn, &data, Tree::Files, &file_key(report, blob), &record)?;
            }
            core.change(txn, report, step)
        })
    }

    pub(super) fn remove_upload(&self, blob: BlobId, chunks: u32) -> Commit<()> {
        self.committer.commit(move |txn| {
            for index in 0..chunks {
                txn.remove(Tree::Blobs, chunk_key(blob, index));
            }
            txn.remove(Tree::Uploads, *blob.as_bytes());
            Ok(())
        })
    }

    /// Removes the chunks of uploads that a stop interrupted.
    pub(super) fn sweep_uploads(&self) -> Result<(), Refused> {
        let engine = &*self.core.engine;
        let begun = engine.scan(Tree::Uploads, &[], &[]).collect::<Result<Vec<_>, _>>()?;
        for (key, _) in begun {
            let blob = <[u8; 16]>::try_from(key.as_slice())
                .map(BlobId::from_bytes)
                .map_err(|_| Refused::Damaged { tree: Tree::Uploads.name(), key: hex::encode(&key) })?;
            let chunks = engine.scan(Tree::Blobs, blob.as_bytes(), &[]).count();
            self.remove_upload(blob, u32::try_from(chunks).unwrap_or(u32::MAX)).wait()?;
        }
        Ok(())
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
        Ok(FileBytes { core: self.core.clone(), data, record, next: 0 })
    }
}

impl Core {
    pub fn file(
        &self,
        from: &(impl Source + ?Sized),
        data: &DataKey,
        key: &[u8],
    ) -> Result<FileRecord, Refused> {
        self.records.find_of_case(from, data, Tree::Files, key)?.ok_or(Refused::NoSuchFile)
    }

    /// Encrypts the partial chunk under the next index and empties it.
    fn seal_partial(&self, upload: &mut Upload) -> (Vec<u8>, Vec<u8>) {
        let index = upload.chunks;
        upload.chunks += 1;
        let sealed = self.records.vault.seal_chunk(&upload.data, upload.blob, index, &upload.partial);
        upload.partial.clear();
        (chunk_key(upload.blob, index), sealed)
    }
}

pub(super) fn file_key(report: ReportId, blob: BlobId) -> Vec<u8> {
    [report.as_bytes().as_slice(), blob.as_bytes()].concat()
}

pub(super) fn chunk_key(blob: BlobId, index: u32) -> Vec<u8> {
    [blob.as_bytes().as_slice(), &index.to_be_bytes()].concat()
}
