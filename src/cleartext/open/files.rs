//! The door out for one original. The files section holds the key of every original sealed with its envelope; it never
//! leaves this module, and opens the one file that was asked for, told and signed, byte for byte.

use super::{OpenError, bodies, locks, unseal_section};
use crate::{
    award::release::Quorum,
    cleartext::{
        files::{FilePlace, OpenRefused, unseal_file},
        identity::FilesSection,
    },
    envelope::{Envelope, SectionName},
    evidence::FilesRelease,
};
use ring::digest;
use std::io::{self, Read, Seek, SeekFrom, Write};

pub use crate::cleartext::files::OpenedFile as OpenedOriginal;

#[derive(Debug, thiserror::Error)]
pub enum FileOpenError {
    #[error(transparent)]
    Lock(#[from] OpenError),
    #[error("the sealed file is not the one that was asked for, and that its reporter was told of")]
    OtherFile,
    #[error("the sealed file: {0}")]
    File(#[from] OpenRefused),
    #[error("the sealed file could not be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// Opens the one original of this release and writes it to `out`, chunk by chunk. Spends the shares.
///
/// # Errors
/// Every way in which shares, key, envelope and file may not belong together. What was written to `out` until then must be
/// thrown away.
pub fn open_original(
    mut sealed: impl Read + Seek,
    envelope: &Envelope,
    quorum: Quorum<FilesRelease>,
    office_key: &dyn age::Identity,
    out: impl Write,
) -> Result<OpenedOriginal, FileOpenError> {
    let terms = &quorum.terms().files;
    if sha256_of(&mut sealed)? != terms.sealed {
        return Err(FileOpenError::OtherFile);
    }
    if envelope.hash() != terms.envelope {
        return Err(OpenError::EnvelopeUnreadable(1).into());
    }
    let envelopes = std::slice::from_ref(envelope);
    let locks = locks(envelopes, &bodies(envelopes, &quorum, office_key)?)?;
    let of = (&terms.instance, &terms.report);
    let plain = unseal_section(envelope, SectionName::Files, &locks[0], of, office_key, 1)?;
    let section: FilesSection = serde_json::from_slice(&plain).map_err(|_| OpenError::Malformed(1))?;
    let key = section.files_key.parse().ok().filter(|_| section.format == 1);
    let key = key.ok_or(OpenError::Malformed(1))?;
    let place = FilePlace { report: terms.report, blob: terms.original };
    Ok(unseal_file(sealed, &[key], place, out)?)
}

/// And back to the start.
fn sha256_of(sealed: &mut (impl Read + Seek)) -> io::Result<[u8; 32]> {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut piece = [0; 32 << 10];
    sealed.seek(SeekFrom::Start(0))?;
    loop {
        match sealed.read(&mut piece)? {
            0 => break,
            read => context.update(&piece[..read]),
        }
    }
    sealed.seek(SeekFrom::Start(0))?;
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    Ok(hash)
}
