//! Files sealed on the device, piece by piece, so that a dropped connection costs a piece and not the file.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `POST /{lang}/device/files` | `{once, kind: "original" \| "copy"}` | `{upload, limits}`; for an original `blob`, `report` and `files_recipient` too, which its seal needs |
//! | `PUT …/{upload}?at=OFFSET` | at most [`PIECE`] bytes | `{at}`: bytes here now. What is here already is not taken again; a gap is refused with `at` |
//! | `GET …/{upload}` | | `{at}` |
//! | `POST …/{upload}/finish` | `{bytes, copy?}` | of a copy `{}`: it is a picture and was cleaned; of an original `{n, size, copy}` |
//! | `DELETE …/{upload}` | | nothing: it is forgotten |
//!
//! A *copy* is what a device has stripped of a picture's metadata; it goes through the cleaner all pictures go through.
//! An *original* is a sealed file, of which only the frame can be checked. Refusals are problem bodies whose `code` is
//! that of [`Not::code`]. Nothing is part of the report before `finish`; what is given up leaves nothing behind.

mod door;
mod refused;
mod room;
mod shelf;

pub(in crate::portal) use room::Room;
pub(in crate::portal) use shelf::Shelf;

use super::answer;
use crate::{
    casework::{CaseFile, Copy, SizeClass},
    ids::{ReportId, UploadId},
    portal::{
        PortalState, both,
        kept::{self, NotKept},
        mine,
        once::Once,
        visit::{Open, Visitor},
    },
    sealed_file::Inspector,
    store::FileKind,
    web::read_body,
};
use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use door::Door;
use refused::Not;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shelf::{Entry, Stage};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};
use zeroize::Zeroizing;

/// The largest piece of a file one request may carry, in bytes.
pub const PIECE: usize = 1 << 20;
/// More than any question about an upload has, in bytes.
const MOST_JSON: usize = 1024;
/// Seconds without a request after which an upload is given up: longer than a phone is out of reach in a lift or a mine.
pub(in crate::portal) const SILENCE_SECONDS: i64 = 15 * 60;

pub(super) fn routes(router: Router<PortalState>) -> Router<PortalState> {
    let router = both(router, "/device/files", post(begin));
    let router = both(router, "/device/files/{upload}", get(look).put(take).delete(give_up));
    both(router, "/device/files/{upload}/finish", post(finish))
}

/// The same for other programs, below `/report/files`.
pub(in crate::portal) fn api(router: Router<PortalState>) -> Router<PortalState> {
    router
        .route("/report/files", post(begin))
        .route("/report/files/{upload}", get(look).put(take).delete(give_up))
        .route("/report/files/{upload}/finish", post(finish))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    once: String,
    kind: Kind,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Original,
    Copy,
}

#[derive(Serialize)]
struct Begun {
    upload: String,
    #[serde(flatten)]
    sealed_for: Option<SealedFor>,
    limits: Limits,
}

/// What the seal of an original is bound to.
#[derive(Serialize)]
struct SealedFor {
    blob: String,
    report: String,
    files_recipient: String,
}

/// Bytes before sealing; the device looks at the type, which the server cannot see.
#[derive(Serialize)]
struct Limits {
    piece: usize,
    most_bytes: u64,
    silence_seconds: i64,
}

async fn begin(State(portal): State<PortalState>, visitor: Visitor, request: Request) -> Response {
    let lang = visitor.lang;
    begin_now(&portal, &visitor, request).await.unwrap_or_else(|not| not.answer(&portal, lang))
}

async fn begin_now(portal: &PortalState, visitor: &Visitor, request: Request) -> Result<Response, Not> {
    let begin: Begin = read_json(request).await?;
    let mut visit = signed_in(visitor).await?;
    if visit.tokens.judge(&begin.once) == Once::Foreign {
        return Err(Not::Foreign);
    }
    let found = mine::find(portal, visitor, &visit).map_err(|_| NotKept::Store)?.ok_or(Not::SignedOut)?;
    let attachments = &portal.policy.intake.attachments;
    if found.dossier.case.files.len() >= usize::from(attachments.most) {
        return Err(NotKept::Full.into());
    }
    let now = portal.clock.unix_seconds();
    visit.uploads.tidy(now, SILENCE_SECONDS);
    if visit.uploads.is_full() {
        return Err(Not::TooMany);
    }
    let place = portal.uploads.take(found.report, begin.kind == Kind::Copy, now)?;
    let (stage, sealed_for) = match begin.kind {
        Kind::Original => {
            let kind = FileKind::Original { sequence: found.sequence };
            let stored = portal.reports.begin_file(found.report, kind).map_err(NotKept::by_store)?;
            let sealed_for = SealedFor {
                blob: stored.blob().to_string(),
                report: found.report.to_string(),
                files_recipient: found.files_recipient,
            };
            let seen = Inspector::new(attachments.most_bytes());
            (Stage::Original { stored, seen: Box::new(seen), place }, Some(sealed_for))
        }
        Kind::Copy => (Stage::Copy { bytes: Zeroizing::default(), place }, None),
    };
    let door = Arc::new(Door::default());
    let (report, receipt) = (found.report, found.receipt);
    let id = visit.uploads.put(Entry { report, receipt, touched: now, at: 0, door, stage });
    let limits =
        Limits { piece: PIECE, most_bytes: attachments.most_bytes(), silence_seconds: SILENCE_SECONDS };
    Ok(Json(Begun { upload: id.to_string(), sealed_for, limits }).into_response())
}

#[derive(Serialize)]
struct At {
    at: u64,
}

async fn look(State(portal): State<PortalState>, visitor: Visitor, Path(id): Path<String>) -> Response {
    match entry(&portal, &visitor, &id).await {
        Ok(entry) => Json(At { at: entry.at }).into_response(),
        Err(not) => not.answer(&portal, visitor.lang),
    }
}

async fn take(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let lang = visitor.lang;
    take_now(&portal, &visitor, &id, request).await.unwrap_or_else(|not| not.answer(&portal, lang))
}

async fn take_now(
    portal: &PortalState,
    visitor: &Visitor,
    id: &str,
    request: Request,
) -> Result<Response, Not> {
    let offset = request.uri().query().and_then(|query| query.strip_prefix("at=")?.parse::<u64>().ok());
    let offset = offset.ok_or(Not::Unreadable)?;
    // Nobody may make us read before they have shown a receipt and begun.
    let door = entry(portal, visitor, id).await?.door.clone();
    let piece = door.read(request.into_body()).await?;
    let mut entry = entry(portal, visitor, id).await?;
    let portal = portal.clone();
    let taken = tokio::task::spawn_blocking(move || {
        let taken = entry.append(&portal, offset, piece.bytes());
        // Half a refused file is of no use to anybody.
        if matches!(taken, Err(Not::NotSealed(_) | Not::NotKept(_))) {
            entry.stage = Stage::Over;
        }
        taken
    });
    let at = taken.await.unwrap_or(Err(NotKept::Store.into()))?;
    Ok(Json(At { at }).into_response())
}

impl Entry {
    /// Takes the bytes that follow. Gives how many are here now.
    fn append(&mut self, portal: &PortalState, offset: u64, piece: &[u8]) -> Result<u64, Not> {
        if offset > self.at {
            return Err(Not::Offset { at: self.at });
        }
        if offset < self.at {
            return Ok(self.at);
        }
        match &mut self.stage {
            Stage::Original { stored, seen, .. } => {
                seen.push(piece).map_err(Not::NotSealed)?;
                portal.reports.append(stored, piece).wait().map_err(NotKept::by_store)?;
            }
            Stage::Copy { bytes, .. } => {
                let most = portal.policy.intake.attachments.most_picture_bytes();
                if self.at + piece.len() as u64 > most {
                    return Err(NotKept::TooBig { mb: most >> 20 }.into());
                }
                bytes.extend_from_slice(piece);
            }
            Stage::Cleaned { .. } | Stage::Kept(_) => return Err(Not::AlreadyKept),
            Stage::Over => return Err(Not::Unknown),
        }
        self.at += piece.len() as u64;
        Ok(self.at)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finish {
    /// All there should be.
    bytes: u64,
    /// The finished copy that belongs to this original.
    #[serde(default)]
    copy: Option<String>,
}

/// What has become of a file.
#[derive(Clone, Copy, Debug, Serialize)]
struct Kept {
    /// Its number among the report's files.
    n: usize,
    size: &'static str,
    copy: bool,
}

async fn finish(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let lang = visitor.lang;
    finish_now(&portal, &visitor, &id, request).await.unwrap_or_else(|not| not.answer(&portal, lang))
}

async fn finish_now(
    portal: &PortalState,
    visitor: &Visitor,
    id: &str,
    request: Request,
) -> Result<Response, Not> {
    let finish: Finish = read_json(request).await?;
    let mut original = entry(portal, visitor, id).await?;
    let mut copy = match &finish.copy {
        Some(copy) => {
            let (copy, report) = find(visitor, copy).await?;
            // Never waited for while the other is held: two such requests would wait for each other.
            Some(usable(portal, copy.try_lock_owned().map_err(|_| Not::Busy)?, report)?)
        }
        None => None,
    };
    let portal = portal.clone();
    let work =
        tokio::task::spawn_blocking(move || original.finish(&portal, finish.bytes, copy.as_deref_mut()));
    Ok(match work.await.unwrap_or(Err(NotKept::Store.into()))? {
        Some(kept) => Json(kept).into_response(),
        None => Json(serde_json::json!({})).into_response(),
    })
}

impl Entry {
    /// Ends an upload; again, gives the same answer again. What is refused here is forgotten, but for a wrong length.
    fn finish(
        &mut self,
        portal: &PortalState,
        bytes: u64,
        copy: Option<&mut Self>,
    ) -> Result<Option<Kept>, Not> {
        match &self.stage {
            Stage::Kept(kept) => return Ok(Some(*kept)),
            Stage::Cleaned { .. } => return Ok(None),
            Stage::Over => return Err(Not::Unknown),
            _ if bytes != self.at => return Err(Not::Offset { at: self.at }),
            Stage::Original { .. } if copy.as_ref().is_some_and(|copy| !copy.is_ready(self)) => {
                return Err(Not::Unknown);
            }
            _ => {}
        }
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Copy { bytes, place } => {
                let (stored, media) = crate::portal::files::cleaned_copy(portal, self.report, &bytes)?;
                place.is_light();
                self.stage = Stage::Cleaned { stored, media, _place: place };
                Ok(None)
            }
            Stage::Original { stored, seen, place: _place } => {
                seen.finish().map_err(Not::NotSealed)?;
                let original = stored.blob();
                let mut uploads = vec![stored];
                let mut shown = Copy::SealedOnly;
                if let Some(copy) = copy
                    && let Stage::Cleaned { stored, media, .. } =
                        std::mem::replace(&mut copy.stage, Stage::Over)
                {
                    shown = Copy::Cleaned { blob: stored.blob(), media };
                    uploads.push(stored);
                }
                let (size, day) = (SizeClass::of(self.at), portal.clock.today());
                let has_copy = uploads.len() > 1;
                let file = CaseFile { original, copy: shown, size, day };
                let case = kept::attach(portal, self.receipt, uploads, file)?;
                let kept = Kept { n: case.files.len(), size: size.code(), copy: has_copy };
                self.stage = Stage::Kept(kept);
                Ok(Some(kept))
            }
            Stage::Cleaned { .. } | Stage::Kept(_) | Stage::Over => Err(Not::Unknown),
        }
    }

    /// A cleaned copy that may go with this original.
    fn is_ready(&self, original: &Self) -> bool {
        matches!(self.stage, Stage::Cleaned { .. }) && self.report == original.report
    }
}

async fn give_up(State(portal): State<PortalState>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let given_up = async {
        let kept = match entry(&portal, &visitor, &id).await {
            Ok(entry) => matches!(entry.stage, Stage::Kept(_)),
            Err(Not::Unknown) => false,
            Err(not) => return Err(not),
        };
        if kept {
            return Err(Not::AlreadyKept);
        }
        // What was never a name of ours is said to be none.
        let id = id.parse().map_err(|_| Not::Unknown)?;
        signed_in(&visitor).await?.uploads.remove(id);
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    given_up.await.unwrap_or_else(|not: Not| not.answer(&portal, visitor.lang))
}

async fn signed_in(visitor: &Visitor) -> Result<Open, Not> {
    visitor.with_report().await.map_err(|_| Not::SignedOut)
}

/// A small JSON body, read strictly.
async fn read_json<T: DeserializeOwned>(request: Request) -> Result<T, Not> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Not::Unreadable);
    }
    let body = read_body(request.into_body(), MOST_JSON).await.map_err(|_| Not::Unreadable)?;
    answer::read(&body).ok_or(Not::Unreadable)
}

/// An upload of this visit and of the report it has open. The visit is free again: other pages stay usable.
async fn entry(portal: &PortalState, visitor: &Visitor, id: &str) -> Result<OwnedMutexGuard<Entry>, Not> {
    let (entry, report) = find(visitor, id).await?;
    usable(portal, entry.lock_owned().await, report)
}

async fn find(visitor: &Visitor, id: &str) -> Result<(Arc<Mutex<Entry>>, Option<ReportId>), Not> {
    let id: UploadId = id.parse().map_err(|_| Not::Unknown)?;
    let visit = signed_in(visitor).await?;
    let entry = visit.uploads.find(id).ok_or(Not::Unknown)?;
    Ok((entry, visit.own.as_ref().map(|own| own.report)))
}

fn usable(
    portal: &PortalState,
    mut entry: OwnedMutexGuard<Entry>,
    report: Option<ReportId>,
) -> Result<OwnedMutexGuard<Entry>, Not> {
    let now = portal.clock.unix_seconds();
    let lapsed = now - entry.touched > SILENCE_SECONDS;
    if Some(entry.report) != report || lapsed || matches!(entry.stage, Stage::Over) {
        return Err(Not::Unknown);
    }
    entry.touched = now;
    Ok(entry)
}
