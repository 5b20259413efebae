//! Bytes in, sealed chunks out.

use super::{
    CHUNK_BYTES, FilePlace, FileRefused, Header, MAX_HEADER, MAX_NAME_BYTES, PREFIX, SUITE, TRAILER, VERSION,
    stored_bytes,
};
use age::{Encryptor, stream::StreamWriter, x25519::Recipient};
use std::io::{Error, ErrorKind, Result, Write};
use zeroize::Zeroizing;

/// Where sealed chunks go: the store's door, which keeps the cause of a refusal to itself.
pub trait ChunkSink {
    /// Takes chunk `index` (0, 1, 2 …) of the blob, [`CHUNK_BYTES`] long; only the last may be shorter.
    fn chunk(&mut self, index: u32, bytes: &[u8]) -> std::result::Result<(), SinkRefused>;
}

/// The sink took no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinkRefused;

/// What was handed to the sink, for the blob's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedFile {
    /// Of all chunks together; a Padmé length, at least [`CHUNK_BYTES`].
    pub bytes: u64,
    pub chunks: u32,
}

/// Seals one upload as its bytes arrive. Holds one age chunk (64 KiB) and one of ours. Synchronous: feed it
/// from a blocking task behind a bounded channel.
pub struct FileSealer<S: ChunkSink> {
    age: StreamWriter<Chunked<S>>,
    room: u64,
    max_bytes: u64,
}

impl<S: ChunkSink> FileSealer<S> {
    /// `recipient` is the report's files recipient in age's text form; `max_bytes` bounds the upload alone.
    ///
    /// # Errors
    /// [`FileRefused::BadRecipient`], [`FileRefused::NotStored`].
    pub fn begin(
        place: FilePlace,
        recipient: &str,
        name: &str,
        media_type: &str,
        max_bytes: u64,
        sink: S,
    ) -> std::result::Result<Self, FileRefused> {
        let recipient: Recipient = recipient.parse().map_err(|_| FileRefused::BadRecipient)?;
        let header = Header {
            format: 1,
            report: place.report.to_string(),
            blob: place.blob.to_string(),
            name: cut(name).into(),
            media_type: media_type.into(),
        };
        // Unwrap safety: a struct of strings always serialises.
        let header = Zeroizing::new(serde_json::to_vec(&header).unwrap());
        debug_assert!(header.len() <= MAX_HEADER);

        let mut out = Chunked { sink, chunk: Vec::with_capacity(CHUNK_BYTES), index: 0, written: 0 };
        out.write_all(&[VERSION, SUITE]).map_err(|_| FileRefused::NotStored)?;
        // Unwrap safety: age refuses only an empty or mixed list of recipients.
        let encryptor =
            Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).unwrap();
        let mut age = encryptor.wrap_output(out).map_err(|_| FileRefused::NotStored)?;
        let length = (header.len() as u32).to_be_bytes();
        age.write_all(&length).and_then(|()| age.write_all(&header)).map_err(|_| FileRefused::NotStored)?;
        Ok(Self { age, room: max_bytes, max_bytes })
    }

    /// # Errors
    /// [`FileRefused::TooLarge`], [`FileRefused::NotStored`]. After either, drop the sealer.
    pub fn push(&mut self, bytes: &[u8]) -> std::result::Result<(), FileRefused> {
        self.room = (self.room)
            .checked_sub(bytes.len() as u64)
            .ok_or(FileRefused::TooLarge { max_bytes: self.max_bytes })?;
        self.age.write_all(bytes).map_err(|_| FileRefused::NotStored)
    }

    /// Ends the age file, pads, hands over the last chunk and gives the sink back.
    ///
    /// # Errors
    /// [`FileRefused::NotStored`].
    pub fn finish(self) -> std::result::Result<(SealedFile, S), FileRefused> {
        let out = self.age.finish().map_err(|_| FileRefused::NotStored)?;
        out.pad_and_end().map_err(|_| FileRefused::NotStored)
    }
}

fn cut(name: &str) -> &str {
    let mut end = name.len().min(MAX_NAME_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// Cuts what age writes into chunks for the sink.
struct Chunked<S> {
    sink: S,
    chunk: Vec<u8>,
    index: u32,
    written: u64,
}

impl<S: ChunkSink> Chunked<S> {
    fn pad_and_end(mut self) -> Result<(SealedFile, S)> {
        let age_bytes = self.written - PREFIX;
        let bytes = stored_bytes(age_bytes);
        let mut zeros = bytes - self.written - TRAILER;
        while zeros > 0 {
            let some = zeros.min(CHUNK_BYTES as u64);
            self.write_all(&[0; CHUNK_BYTES][..some as usize])?;
            zeros -= some;
        }
        self.write_all(&age_bytes.to_be_bytes())?;
        self.hand_over()?;
        Ok((SealedFile { bytes, chunks: self.index }, self.sink))
    }

    fn hand_over(&mut self) -> Result<()> {
        if !self.chunk.is_empty() {
            let taken = self.sink.chunk(self.index, &self.chunk);
            taken.map_err(|SinkRefused| Error::from(ErrorKind::StorageFull))?;
            self.index += 1;
            self.chunk.clear();
        }
        Ok(())
    }
}

impl<S: ChunkSink> Write for Chunked<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let taken = bytes.len().min(CHUNK_BYTES - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        self.written += taken as u64;
        if self.chunk.len() == CHUNK_BYTES {
            self.hand_over()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
