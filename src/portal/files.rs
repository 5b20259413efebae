//! R10: photos and files, one a request, streamed into the seal and on into the store. Constant memory, nothing in
//! clear on a disk, nothing lost of what was stored before. With `submit`, the only file that names the fence.

use super::{
    PortalState,
    files_page::{Way, page},
    kept::{self, NotKept},
    mine,
    once::{Act, Once},
    refused_by_store,
    visit::Visitor,
};
use crate::{
    casework::{CaseFile, Copy, SizeClass},
    cleartext::{
        clean::{self, CleanLimits, FileKind},
        files::{ChunkSink, FilePlace, FileRefused, SinkRefused, Upload, UploadRules},
    },
    ids::ReportId,
    policy::FileClass,
    store::{self, FileKind as Stored},
    web::{Errors, PIECES_WAITING, Parts, Typed, drain, hand_over, see_other, text_of},
};
use axum::{
    body::Bytes,
    extract::{Request, State, multipart::Field as Part},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// Room for the form around the file.
const FORM_BYTES: u64 = 64 * 1024;
/// More than a token or a choice ever has.
const SHORT_TEXT: usize = 256;

pub(super) async fn take(
    State(portal): State<PortalState>,
    visitor: Visitor,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Response> {
    let most = portal.policy.intake.attachments.most_bytes() + FORM_BYTES;
    // Nobody may make us read before they have shown a receipt.
    if let Err(answer) = visitor.with_report().await.map(drop) {
        drain(request.into_body()).await;
        return Err(answer);
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most) {
        drain(request.into_body()).await;
        return refuse(&portal, &visitor, NotKept::TooBig { mb: most >> 20 }).await;
    }
    let Ok(mut form) = Parts::of(request).await else {
        return refuse(&portal, &visitor, NotKept::Broken).await;
    };
    let outcome = read_form(&portal, &visitor, &mut form).await?;
    // For the same reason as above.
    form.read_the_rest().await;
    match outcome {
        Ok(()) => {
            if let Ok(mut visit) = visitor.with_report().await {
                mine::tell(&mut visit, "files-added");
            }
            Ok(see_other(&visitor.href("/files")))
        }
        Err(not_kept) => refuse(&portal, &visitor, not_kept).await,
    }
}

/// The parts in the order of the page: token, choice, file.
async fn read_form(
    portal: &PortalState,
    visitor: &Visitor,
    form: &mut Parts,
) -> Result<Result<(), NotKept>, Response> {
    let mut typed = Typed::default();
    loop {
        let part = match form.next().await {
            Ok(Some(part)) => part,
            Ok(None) => return Ok(Err(NotKept::NoFile)),
            Err(not_whole) => return Ok(Err(not_whole.into())),
        };
        let name = part.name().unwrap_or_default().to_owned();
        if name != "file" {
            match text_of(part, SHORT_TEXT).await {
                Some(text) => typed.set(&name, text),
                None => return Ok(Err(NotKept::Broken)),
            }
            continue;
        }
        // The visit is not held while bytes arrive: other pages stay usable.
        let visit = visitor.with_report().await?;
        let once = visitor.own_form(&visit, &typed)?;
        drop(visit);
        let Once::Fresh(number) = once else { return Ok(Ok(())) };
        let kept = keep(portal, visitor, part, typed.raw("copy") == "yes").await?;
        // Only what was kept uses the form up: after a broken upload the same page sends again.
        if kept.is_ok()
            && let Ok(mut visit) = visitor.with_report().await
        {
            visit.tokens.spend(number, Act::of("/files", b""));
        }
        return Ok(kept);
    }
}

async fn keep(
    portal: &PortalState,
    visitor: &Visitor,
    mut part: Part<'_>,
    wants_copy: bool,
) -> Result<Result<(), NotKept>, Response> {
    let visit = visitor.with_report().await?;
    let Some(found) = mine::find(portal, visitor, &visit)? else {
        return Err(visitor.ended().into_response());
    };
    drop(visit);
    let attachments = &portal.policy.intake.attachments;
    if found.dossier.case.files.len() >= usize::from(attachments.most) {
        return Ok(Err(NotKept::Full));
    }
    // Each holds a thread until it ends, and a picture in memory.
    let now = portal.clock.unix_seconds();
    let places = portal.uploads.take(found.report, wants_copy, now).ok();
    let places = places.zip(portal.sealers.clone().try_acquire_owned().ok());
    let Some(places) = places else { return Ok(Err(NotKept::Crowded)) };
    let name = Zeroizing::new(part.file_name().unwrap_or_default().to_owned());
    let (parts, waiting) = mpsc::channel::<Bytes>(PIECES_WAITING);
    let sealing = {
        let portal = portal.clone();
        tokio::task::spawn_blocking(move || {
            let _places = places;
            seal_parts(&portal, found, name, waiting, wants_copy)
        })
    };
    let whole = hand_over(&mut part, parts).await;
    let sealed = sealing.await.unwrap_or(Err(NotKept::Store));
    Ok(match whole {
        Ok(()) => sealed,
        Err(not_whole) => Err(not_whole.into()),
    })
}

/// In a blocking task: seals what arrives, cleans a picture, and makes both part of the report. An empty part
/// says that the upload ended well; without it everything is forgotten.
fn seal_parts(
    portal: &PortalState,
    found: store::Found,
    name: Zeroizing<String>,
    mut waiting: mpsc::Receiver<Bytes>,
    wants_copy: bool,
) -> Result<(), NotKept> {
    let attachments = &portal.policy.intake.attachments;
    let max_bytes = |kind: FileKind| attachments.by_mime(kind.media_type()).map(|t| t.most_bytes);
    let max_clean = attachments.most_bytes_of(FileClass::Image).unwrap_or(0);
    let rules = UploadRules {
        max_bytes: &max_bytes,
        max_clean_bytes: if wants_copy { usize::try_from(max_clean).unwrap_or(0) } else { 0 },
    };
    let original = Stored::Original { sequence: found.sequence };
    let stored = portal.reports.begin_file(found.report, original).map_err(NotKept::by_store)?;
    let place = FilePlace { report: found.report, blob: stored.blob() };
    let mut upload = Upload::new(place, &found.files_recipient, name, rules, ToStore::new(portal, stored));
    let mut whole = false;
    while let Some(part) = waiting.blocking_recv() {
        if part.is_empty() {
            whole = true;
            break;
        }
        upload.push(&part).map_err(not_kept)?;
    }
    if !whole {
        return Err(NotKept::Broken);
    }
    let mut finished = upload.finish().map_err(not_kept)?;
    let mut uploads: Vec<_> = finished.sink.stored.take().into_iter().collect();
    let mut copy = Copy::SealedOnly;
    if let clean::Collected::Picture(kind, bytes) = &finished.collected
        && cleaned(portal, *kind)
    {
        let (stored, media) = cleaned_copy(portal, found.report, bytes)?;
        copy = Copy::Cleaned { blob: stored.blob(), media };
        uploads.push(stored);
    }
    let (size, day) = (SizeClass::of(finished.sealed.bytes), portal.clock.today());
    let file = CaseFile { original: place.blob, copy, size, day };
    kept::attach(portal, found.receipt, uploads, file).map(drop)
}

/// Whether policy wants copies of pictures of this kind.
fn cleaned(portal: &PortalState, kind: FileKind) -> bool {
    portal.policy.intake.attachments.by_mime(kind.media_type()).is_some_and(|t| t.cleaned)
}

/// The copy investigators see of a whole picture, on its way into the store, and its media type. The same for a picture
/// as it was taken and for one that a device has stripped already. Slow: for a blocking task.
pub(super) fn cleaned_copy(
    portal: &PortalState,
    report: ReportId,
    picture: &[u8],
) -> Result<(store::Upload, String), NotKept> {
    if !cleaned(portal, clean::sniff(picture)) {
        return Err(NotKept::Picture);
    }
    let cleaned = {
        let _turn = portal.cleaner.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        clean::clean(picture, &CleanLimits::default()).map_err(|_| NotKept::Picture)?
    };
    let media = cleaned.media_type.to_owned();
    let kind = Stored::Cleaned { media: media.clone() };
    let mut stored = portal.reports.begin_file(report, kind).map_err(NotKept::by_store)?;
    portal.reports.append(&mut stored, &cleaned.bytes).wait().map_err(NotKept::by_store)?;
    Ok((stored, media))
}

/// A file on its way into the store. Dropped before it is part of the report, what was stored of it is removed.
struct ToStore {
    portal: PortalState,
    stored: Option<store::Upload>,
}

impl ToStore {
    fn new(portal: &PortalState, stored: store::Upload) -> Self {
        Self { portal: portal.clone(), stored: Some(stored) }
    }
}

impl ChunkSink for ToStore {
    fn chunk(&mut self, _: u32, bytes: &[u8]) -> Result<(), SinkRefused> {
        let stored = self.stored.as_mut().ok_or(SinkRefused)?;
        self.portal.reports.append(stored, bytes).wait().map_err(|refused| {
            refused_by_store(&refused);
            SinkRefused
        })
    }
}

impl Drop for ToStore {
    fn drop(&mut self) {
        if let Some(stored) = self.stored.take() {
            // Nobody waits for it: what a stop leaves over is swept at the next start.
            drop(self.portal.reports.abandon(stored));
        }
    }
}

fn not_kept(refused: FileRefused) -> NotKept {
    match refused {
        FileRefused::KindNotTaken(_) => NotKept::Type,
        FileRefused::TooLarge { max_bytes } => NotKept::TooBig { mb: max_bytes >> 20 },
        FileRefused::Empty => NotKept::NoFile,
        FileRefused::BadRecipient | FileRefused::NotStored => NotKept::Store,
    }
}

async fn refuse(portal: &PortalState, visitor: &Visitor, why: NotKept) -> Result<Response, Response> {
    let mut errors = Errors::default();
    errors.add("file", why.sentence(visitor.lang, &portal.policy.intake.attachments));
    let mut visit = visitor.with_report().await?;
    page(portal, visitor, &mut visit, Way::Server, errors)
}
