//! The door out for originals, in the officers' tool alone.

use super::{FilePlace, Header, MAX_HEADER, stored_bytes};
use crate::{
    file_name,
    sealed_file::{PREFIX, SUITE, TRAILER, VERSION},
};
use age::{Decryptor, x25519::Identity as AgeKey};
use std::io::{BufReader, Read, Seek, SeekFrom, Write, copy};
use zeroize::Zeroizing;

/// An original that was opened whole.
pub struct OpenedFile {
    name: Zeroizing<String>,
    /// By the content's first bytes when it was sealed.
    pub media_type: String,
    /// Length of the original.
    pub bytes: u64,
}

impl OpenedFile {
    /// The name the reporter's device gave, made harmless: [`file_name::harmless`].
    pub fn name_for_disk(&self) -> String {
        file_name::harmless(&self.name)
    }
}

/// Why an original was not opened. What was written to the output until then must be thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenRefused {
    #[error("not a sealed file of this version")]
    NotSealedFile,
    #[error("none of the keys opens it, or it was changed")]
    NotOpened,
    #[error("it belongs to another report or another place")]
    WrongPlace,
    #[error("the original could not be written")]
    NotWritten,
}

/// Opens one sealed file with any of the report's files keys and writes the original to `out`, chunk by chunk.
/// The place is checked before the first byte is written; the end only when all is.
pub fn unseal_file(
    mut sealed: impl Read + Seek,
    keys: &[AgeKey],
    place: FilePlace,
    mut out: impl Write,
) -> Result<OpenedFile, OpenRefused> {
    let age_bytes = age_length(&mut sealed)?;
    sealed.seek(SeekFrom::Start(PREFIX)).map_err(|_| OpenRefused::NotSealedFile)?;
    let age_file = BufReader::new(sealed.take(age_bytes));
    let decryptor = Decryptor::new_buffered(age_file).map_err(|_| OpenRefused::NotOpened)?;
    let keys = keys.iter().map(|key| key as &dyn age::Identity);
    let mut plain = decryptor.decrypt(keys).map_err(|_| OpenRefused::NotOpened)?;

    let header = header(&mut plain)?;
    if header.report != place.report.to_string() || header.blob != place.blob.to_string() {
        return Err(OpenRefused::WrongPlace);
    }
    let mut out = Watched { out: &mut out, failed: false };
    let bytes = copy(&mut plain, &mut out)
        .map_err(|_| if out.failed { OpenRefused::NotWritten } else { OpenRefused::NotOpened })?;
    Ok(OpenedFile { name: Zeroizing::new(header.name.clone()), media_type: header.media_type.clone(), bytes })
}

/// The frame around the age file: versions, the length at the end, and nothing but zeros between.
fn age_length(sealed: &mut (impl Read + Seek)) -> Result<u64, OpenRefused> {
    let read = |sealed: &mut dyn SeekRead, at: SeekFrom, into: &mut [u8]| {
        sealed.seek(at).and_then(|_| sealed.read_exact(into)).map_err(|_| OpenRefused::NotSealedFile)
    };
    let (mut tags, mut length) = ([0; 2], [0; 8]);
    read(sealed, SeekFrom::Start(0), &mut tags)?;
    read(sealed, SeekFrom::End(-(TRAILER as i64)), &mut length)?;
    let total = sealed.stream_position().map_err(|_| OpenRefused::NotSealedFile)?;
    let age_bytes = u64::from_be_bytes(length);
    let framed = age_bytes.checked_add(PREFIX + TRAILER).is_some_and(|least| least <= total);
    if tags != [VERSION, SUITE] || !framed || stored_bytes(age_bytes) != total {
        return Err(OpenRefused::NotSealedFile);
    }
    sealed.seek(SeekFrom::Start(PREFIX + age_bytes)).map_err(|_| OpenRefused::NotSealedFile)?;
    let mut zeros = BufReader::new(sealed.take(total - PREFIX - age_bytes - TRAILER));
    let mut some = [0; 4096];
    loop {
        match zeros.read(&mut some).map_err(|_| OpenRefused::NotSealedFile)? {
            0 => return Ok(age_bytes),
            n if some[..n].iter().any(|byte| *byte != 0) => return Err(OpenRefused::NotSealedFile),
            _ => {}
        }
    }
}

trait SeekRead: Read + Seek {}
impl<T: Read + Seek> SeekRead for T {}

fn header(plain: &mut impl Read) -> Result<Header, OpenRefused> {
    let mut length = [0; 4];
    plain.read_exact(&mut length).map_err(|_| OpenRefused::NotOpened)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > MAX_HEADER {
        return Err(OpenRefused::NotSealedFile);
    }
    let mut json = Zeroizing::new(vec![0; length]);
    plain.read_exact(&mut json).map_err(|_| OpenRefused::NotOpened)?;
    let header: Header = serde_json::from_slice(&json).map_err(|_| OpenRefused::NotSealedFile)?;
    if header.format == 1 { Ok(header) } else { Err(OpenRefused::NotSealedFile) }
}

/// Tells a full disk from a broken seal.
struct Watched<'a, W> {
    out: &'a mut W,
    failed: bool,
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes);
        self.failed = !matches!(written, Ok(1..));
        written
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
