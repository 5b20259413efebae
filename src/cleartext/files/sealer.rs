//! Bytes in, sealed chunks out.

use super::{ChunkSink, FilePlace, FileRefused, Header, MAX_HEADER, MAX_NAME_BYTES, SealedFile};
use crate::sealed_file::Chunks;
use age::{Encryptor, stream::StreamWriter, x25519::Recipient};
use std::io::Write;
use zeroize::Zeroizing;

/// Seals one upload as its bytes arrive. Holds one age chunk (64 KiB) and one of ours. Synchronous: feed it
/// from a blocking task behind a bounded channel.
pub struct FileSealer<S: ChunkSink> {
    age: StreamWriter<Chunks<S>>,
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
    ) -> Result<Self, FileRefused> {
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

        let out = Chunks::begin(sink).map_err(|_| FileRefused::NotStored)?;
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
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), FileRefused> {
        self.room = (self.room)
            .checked_sub(bytes.len() as u64)
            .ok_or(FileRefused::TooLarge { max_bytes: self.max_bytes })?;
        self.age.write_all(bytes).map_err(|_| FileRefused::NotStored)
    }

    /// Ends the age file, pads, hands over the last chunk and gives the sink back.
    ///
    /// # Errors
    /// [`FileRefused::NotStored`].
    pub fn finish(self) -> Result<(SealedFile, S), FileRefused> {
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
