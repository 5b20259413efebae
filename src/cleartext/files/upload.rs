//! One upload from its first byte to its last: told by content, sealed as it comes, collected for cleaning.

use super::{ChunkSink, FilePlace, FileRefused, FileSealer, SealedFile};
use crate::cleartext::clean::{Collected, Collector, FileKind, SNIFF_BYTES, sniff};
use zeroize::Zeroizing;

/// What policy says about files.
pub struct UploadRules<'a> {
    /// Largest upload of this kind in bytes; `None`: not taken at all.
    pub max_bytes: &'a (dyn Fn(FileKind) -> Option<u64> + Send + Sync),
    /// Largest picture to clean, in bytes; 0 if the reporter wants no cleaned copies.
    pub max_clean_bytes: usize,
}

/// An upload that ended well.
pub struct FinishedUpload<S> {
    pub sealed: SealedFile,
    pub sink: S,
    /// The picture to give to [`crate::cleartext::clean::clean`], if it is one.
    pub collected: Collected,
}

/// Takes the parts of an upload in order, of any size. In a blocking task:
/// ```text
/// while let Some(part) = parts.blocking_recv() { upload.push(&part)? }
/// if ended_well { upload.finish()? } else { drop(upload); forget the blob }
/// ```
pub struct Upload<'a, S: ChunkSink> {
    rules: UploadRules<'a>,
    collector: Collector,
    stage: Stage<S>,
}

enum Stage<S: ChunkSink> {
    /// The header is sealed first and names the kind, so the first bytes wait here.
    Head {
        head: Zeroizing<Vec<u8>>,
        start: Start<S>,
    },
    Sealing(Box<FileSealer<S>>),
    /// An error was returned; nothing more is taken.
    Over,
}

struct Start<S> {
    place: FilePlace,
    recipient: String,
    name: Zeroizing<String>,
    sink: S,
}

impl<'a, S: ChunkSink> Upload<'a, S> {
    /// `recipient` as in [`FileSealer::begin`]; `name` is what the reporter's device calls the file, and stays
    /// inside the seal.
    pub fn new(
        place: FilePlace,
        recipient: &str,
        name: Zeroizing<String>,
        rules: UploadRules<'a>,
        sink: S,
    ) -> Self {
        let start = Start { place, recipient: recipient.to_owned(), name, sink };
        Self {
            collector: Collector::new(rules.max_clean_bytes),
            rules,
            stage: Stage::Head { head: Zeroizing::new(Vec::with_capacity(SNIFF_BYTES)), start },
        }
    }

    /// # Errors
    /// Any [`FileRefused`] but `Empty`; the upload is over then.
    pub fn push(&mut self, part: &[u8]) -> Result<(), FileRefused> {
        if self.rules.max_clean_bytes > 0 {
            self.collector.push(part);
        }
        let mut rest = part;
        if let Stage::Head { head, .. } = &mut self.stage {
            let (first, later) = part.split_at(part.len().min(SNIFF_BYTES - head.len()));
            head.extend_from_slice(first);
            if head.len() < SNIFF_BYTES {
                return Ok(());
            }
            self.start()?;
            rest = later;
        }
        match &mut self.stage {
            Stage::Sealing(sealer) => sealer.push(rest).inspect_err(|_| self.stage = Stage::Over),
            _ => Err(FileRefused::NotStored),
        }
    }

    /// # Errors
    /// Any [`FileRefused`]: a short upload is looked at only now.
    pub fn finish(mut self) -> Result<FinishedUpload<S>, FileRefused> {
        if let Stage::Head { head, .. } = &self.stage {
            if head.is_empty() {
                return Err(FileRefused::Empty);
            }
            self.start()?;
        }
        let Stage::Sealing(sealer) = self.stage else { return Err(FileRefused::NotStored) };
        let (sealed, sink) = sealer.finish()?;
        Ok(FinishedUpload { sealed, sink, collected: self.collector.finish() })
    }

    /// Decides by the first bytes, and seals them.
    fn start(&mut self) -> Result<(), FileRefused> {
        let Stage::Head { head, start } = std::mem::replace(&mut self.stage, Stage::Over) else {
            return Ok(());
        };
        let kind = sniff(&head);
        let max_bytes = (self.rules.max_bytes)(kind).ok_or(FileRefused::KindNotTaken(kind))?;
        let Start { place, recipient, name, sink } = start;
        let mut sealer = FileSealer::begin(place, &recipient, &name, kind.media_type(), max_bytes, sink)?;
        sealer.push(&head)?;
        self.stage = Stage::Sealing(Box::new(sealer));
        Ok(())
    }
}
