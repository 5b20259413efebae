//! The frame being written: sealed bytes in, chunks out. Sees no plaintext.

use super::{CHUNK_BYTES, PREFIX, SUITE, TRAILER, VERSION, stored_bytes};
use std::io::{Error, ErrorKind, Result, Write};

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

/// Cuts what age writes into chunks for the sink, inside the frame. Holds one chunk.
pub(crate) struct Chunks<S> {
    sink: S,
    chunk: Vec<u8>,
    index: u32,
    written: u64,
}

impl<S: ChunkSink> Chunks<S> {
    /// Writes what stands before the age file.
    pub fn begin(sink: S) -> Result<Self> {
        let mut out = Self { sink, chunk: Vec::with_capacity(CHUNK_BYTES), index: 0, written: 0 };
        out.write_all(&[VERSION, SUITE])?;
        Ok(out)
    }

    /// Call when the age file has ended: zeros, its length, and the last chunk.
    pub fn pad_and_end(mut self) -> Result<(SealedFile, S)> {
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

impl<S: ChunkSink> Write for Chunks<S> {
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
