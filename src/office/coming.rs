//! Edited copies on their way in, a part of the form after the other: a picture is written anew from its pixels, a film or a
//! recording is looked at as it comes and stored piece by piece. What is never put in leaves nothing behind.
//!
//! The one file of this face that names the fence, and of it the cleaner alone: a function from bytes to bytes.

use super::OfficeState;
use crate::{
    casework::SizeClass,
    cleartext::clean::{CleanLimits, CleanRefused, clean},
    film::{FilmCheck, FilmRefused, looks_like},
    ids::CaseNumber,
    policy::CopyLimits,
    store::{Refused, Upload},
};
use axum::extract::multipart::Field as Part;
use ring::digest::{Context, SHA256};
use zeroize::Zeroizing;

/// Stored in pieces of this size.
const PIECE: usize = 256 << 10;

/// Why a copy was not taken; each has its sentence.
#[derive(Debug, Clone)]
pub(super) enum NotTaken {
    Nothing,
    Kind,
    /// MiB of its kind.
    TooBig(u64),
    Broken,
    /// A film or recording that may hold more than it shows: which part.
    Film(FilmRefused),
    Store(Refused),
}

impl From<Refused> for NotTaken {
    fn from(refused: Refused) -> Self {
        Self::Store(refused)
    }
}

/// A copy that has come and waits to be put in.
pub(super) struct Came {
    /// Of the bytes as they came.
    pub sha256: [u8; 32],
    pub upload: Upload,
    pub media: &'static str,
    pub size: SizeClass,
}

impl OfficeState {
    /// Reads one file of the form.
    pub(super) async fn take_in(&self, case: CaseNumber, part: &mut Part<'_>) -> Result<Came, NotTaken> {
        let limits = self.policy.evidence.copies;
        let mut from = Coming { part, hash: Context::new(&SHA256), total: 0 };
        let mut start = from.next().await?.ok_or(NotTaken::Nothing)?;
        while start.len() < 8 {
            let Some(more) = from.next().await? else { break };
            start.extend_from_slice(&more);
        }
        if start.is_empty() {
            return Err(NotTaken::Nothing);
        }
        if looks_like(&start) {
            self.film(case, start, from, limits).await
        } else {
            self.picture(case, start, from, limits).await
        }
    }

    async fn picture(
        &self,
        case: CaseNumber,
        mut whole: Zeroizing<Vec<u8>>,
        mut from: Coming<'_, '_>,
        limits: CopyLimits,
    ) -> Result<Came, NotTaken> {
        let most = limits.picture.ok_or(NotTaken::Kind)?;
        while let Some(more) = from.next().await? {
            whole.extend_from_slice(&more);
            from.within(most)?;
        }
        let sha256 = from.sha256();
        // One picture at a time: cleaning takes memory.
        let _turn = self.cleaner().acquire().await.map_err(|_| NotTaken::Broken)?;
        let cleaned = tokio::task::spawn_blocking(move || clean(&whole, &CleanLimits::default()));
        let copy = cleaned.await.map_err(|_| NotTaken::Broken)?.map_err(|refused| match refused {
            CleanRefused::NotCleanable => NotTaken::Kind,
            CleanRefused::TooLarge | CleanRefused::TooManyFrames | CleanRefused::CopyTooLarge => {
                NotTaken::TooBig(most)
            }
            CleanRefused::Damaged | CleanRefused::DecoderFailed => NotTaken::Broken,
        })?;
        let (media, size) = (copy.media_type, SizeClass::of(copy.bytes.len() as u64));
        let mut upload = self.rewards.begin_copy(case, media)?;
        for piece in copy.bytes.chunks(PIECE) {
            upload = self.keep(upload, piece.to_vec()).await?;
        }
        Ok(Came { sha256, upload, media, size })
    }

    async fn film(
        &self,
        case: CaseNumber,
        mut held: Zeroizing<Vec<u8>>,
        mut from: Coming<'_, '_>,
        limits: CopyLimits,
    ) -> Result<Came, NotTaken> {
        let (mut check, mut begun) = (FilmCheck::default(), None);
        let most_of = |check: &FilmCheck| match check.kind().map(|kind| kind.media_type()) {
            Some("audio/mp4") => limits.sound,
            Some(_) => limits.film,
            None => limits.film.max(limits.sound),
        };
        check.push(&held).map_err(NotTaken::Film)?;
        loop {
            let more = from.next().await?;
            if let Some(more) = &more {
                check.push(more).map_err(NotTaken::Film)?;
                held.extend_from_slice(more);
            }
            from.within(most_of(&check).ok_or(NotTaken::Kind)?)?;
            // Nothing is stored before its index has been looked through.
            if let Some(kind) = check.kind()
                && (held.len() >= PIECE || more.is_none())
            {
                let upload = match begun.take() {
                    Some(upload) => upload,
                    None => self.rewards.begin_copy(case, kind.media_type())?,
                };
                begun = Some(self.keep(upload, std::mem::take(&mut *held)).await?);
            }
            if more.is_none() {
                break;
            }
        }
        let media = check.finish().map_err(NotTaken::Film)?.media_type();
        let (size, sha256) = (SizeClass::of(from.total), from.sha256());
        Ok(Came { sha256, upload: begun.ok_or(NotTaken::Broken)?, media, size })
    }

    /// Writes to the disk, and gives the upload back.
    async fn keep(&self, mut upload: Upload, bytes: Vec<u8>) -> Result<Upload, Refused> {
        let (rewards, bytes) = (self.rewards.clone(), Zeroizing::new(bytes));
        let kept =
            tokio::task::spawn_blocking(move || rewards.keep_copy(&mut upload, &bytes).map(|()| upload));
        kept.await.map_err(|_| Refused::Panicked)?
    }
}

/// One file of a form as it comes.
struct Coming<'a, 'b> {
    part: &'a mut Part<'b>,
    hash: Context,
    total: u64,
}

impl Coming<'_, '_> {
    /// In memory that is wiped; `None` after the last piece.
    async fn next(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, NotTaken> {
        let bytes = crate::web::next_bytes(self.part).await.map_err(|_| NotTaken::Broken)?;
        let Some(bytes) = bytes else { return Ok(None) };
        self.hash.update(&bytes);
        self.total += bytes.len() as u64;
        Ok(Some(Zeroizing::new(bytes.to_vec())))
    }

    /// `most`: MiB.
    fn within(&self, most: u64) -> Result<(), NotTaken> {
        if self.total > most << 20 { Err(NotTaken::TooBig(most)) } else { Ok(()) }
    }

    fn sha256(self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(self.hash.finish().as_ref());
        out
    }
}
