//! An edited copy comes back: a picture, written anew from its pixels before anything is stored, so that nothing of the
//! file that came stays but what it shows. What it shows, a second person looks at. Other kinds are refused with words.
//!
//! The one file of this face that names the fence, and of it the cleaner alone: a function from bytes to bytes.

use super::{
    OfficeState,
    original::{self, Act},
};
use crate::{
    award::release::Deposit,
    casework::{Case, SizeClass},
    cleartext::clean::{CleanCopy, CleanLimits, CleanRefused, clean},
    evidence::{EditedCopy, FilesPackage, FilesRefused, FilesRequest, FilesState, Measure},
    ids::BlobId,
    log::Purpose,
    staff::{Door, May, Member, grant, notice},
    store::{Dossier, FileBytes, Place, Refused, Released, Step},
    web::{
        Asked, Errors, FORM_LIMIT, Face, FormRefused, Lang, Parts, Stored, Typed, drain, line_ends, pieces,
        see_other, text_of,
    },
};
use axum::{
    extract::{FromRef, FromRequestParts, Path, Request, State as Shared},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use zeroize::Zeroizing;

const FORMAT: u16 = 1;
/// As large as a reporter's picture may be.
const MOST_BYTES: usize = 20 << 20;
/// Token, version, ticks, file; a browser sends no more.
const MOST_PARTS: usize = 12;
/// Stored in pieces of this size.
const PIECE: usize = 32 << 10;

/// Why a copy was not taken; each has its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotTaken {
    Nothing,
    Kind,
    TooBig,
    Broken,
}

impl NotTaken {
    fn key(self) -> &'static str {
        match self {
            Self::Nothing => "office-original-error-nothing",
            Self::Kind => "office-original-error-kind",
            Self::TooBig => "office-original-error-big",
            Self::Broken => "office-original-error-broken",
        }
    }
}

impl From<CleanRefused> for NotTaken {
    fn from(refused: CleanRefused) -> Self {
        match refused {
            CleanRefused::NotCleanable => Self::Kind,
            CleanRefused::TooLarge | CleanRefused::TooManyFrames | CleanRefused::CopyTooLarge => Self::TooBig,
            CleanRefused::Damaged | CleanRefused::DecoderFailed => Self::Broken,
        }
    }
}

pub(super) async fn put_in(
    Shared(state): Shared<OfficeState>,
    Path((_, number)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let asked = Asked::of(&parts.uri, &parts.headers);
    // Nobody may make us read a file before we know who it is.
    let known = May::<grant::OpenPackage>::from_request_parts(&mut parts, &state).await;
    let known = known.and_then(|may| Ok((state.find_request(may.lang, &number)?.case, may)));
    let (case, may) = match known {
        Ok(known) => known,
        Err(answer) => {
            drain(body).await;
            return answer;
        }
    };
    let Ok(mut form) = Parts::of(Request::from_parts(parts.clone(), body)).await else {
        return asked.form_refused(FormRefused::Broken).into_response();
    };
    let (typed, file) = read(&mut form).await;
    form.read_the_rest().await;
    let lang = may.lang;
    if !may.owns_token(typed.raw("once")) {
        return notice(Face::Office, lang, StatusCode::FORBIDDEN, "door-token");
    }
    let here = format!("/{}/originals/{number}", lang.path());
    // The file cannot be carried over the question: it is chosen again.
    if let Some(question) = may.asked_to_prove(&Door::from_ref(&state), &here) {
        return question;
    }
    if typed.plain("version") != case.version.to_string() {
        return notice(Face::Office, lang, StatusCode::CONFLICT, "office-changed");
    }
    let mut errors = Errors::default();
    let measures: Vec<Measure> =
        Measure::ALL.into_iter().filter(|each| typed.all("did").any(|did| did == each.code())).collect();
    if measures.is_empty() {
        errors.add("did", lang.t("office-original-error-did"));
    }
    if !typed.all("whole").any(|ticked| ticked == "yes") {
        errors.add("whole", lang.t("office-original-error-whole"));
    }
    let cleaned = match file {
        Ok(file) => cleaned(&state, file).await,
        Err(why) => Err(why),
    };
    if let Err(why) = &cleaned {
        errors.add("file", lang.t(why.key()));
    }
    let (Ok(copy), true) = (cleaned, errors.is_empty()) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return original::page(&state, &may, &case, String::new(), &typed, errors, status);
    };
    match state.keep(&may, &case, measures, copy).await {
        Ok(()) => see_other(&format!("{here}?done={}", Act::PutIn.code())),
        Err(Refused::Files(FilesRefused::TooManyCopies(most))) => {
            errors.add("file", lang.t1("office-original-error-most", "most", most));
            original::page(&state, &may, &case, String::new(), &typed, errors, StatusCode::CONFLICT)
        }
        Err(Refused::Changed | Refused::Files(_)) => {
            notice(Face::Office, lang, StatusCode::CONFLICT, "office-changed")
        }
        Err(cause) => state.down(lang, &cause),
    }
}

/// What was typed, and the file, in memory that is wiped.
async fn read(form: &mut Parts) -> (Typed, Result<Zeroizing<Vec<u8>>, NotTaken>) {
    let (mut pairs, mut file) = (Vec::new(), Err(NotTaken::Nothing));
    for _ in 0..MOST_PARTS {
        let Ok(Some(mut part)) = form.next().await else { break };
        let name = part.name().unwrap_or_default().to_owned();
        if name != "file" {
            if let Some(text) = text_of(part, FORM_LIMIT).await {
                pairs.push((name, line_ends(text)));
            }
            continue;
        }
        let mut bytes = Zeroizing::new(Vec::new());
        file = loop {
            match part.chunk().await {
                Ok(Some(more)) if bytes.len() + more.len() <= MOST_BYTES => bytes.extend_from_slice(&more),
                Ok(Some(_)) => break Err(NotTaken::TooBig),
                Ok(None) if bytes.is_empty() => break Err(NotTaken::Nothing),
                Ok(None) => break Ok(bytes),
                Err(_) => break Err(NotTaken::Broken),
            }
        };
        if file.is_err() {
            break;
        }
    }
    (Typed::from_pairs(pairs), file)
}

/// One picture at a time: cleaning takes memory.
async fn cleaned(state: &OfficeState, file: Zeroizing<Vec<u8>>) -> Result<CleanCopy, NotTaken> {
    let Ok(_turn) = state.cleaner().acquire().await else { return Err(NotTaken::Broken) };
    let cleaned = tokio::task::spawn_blocking(move || clean(&file, &CleanLimits::default())).await;
    Ok(cleaned.map_err(|_| NotTaken::Broken)??)
}

impl OfficeState {
    async fn keep(
        &self,
        may: &Member,
        case: &Case,
        measures: Vec<Measure>,
        copy: CleanCopy,
    ) -> Result<(), Refused> {
        let (rewards, number) = (self.rewards.clone(), case.number);
        let (media, size) = (copy.media_type, SizeClass::of(copy.bytes.len() as u64));
        let upload = tokio::task::spawn_blocking(move || {
            let mut upload = rewards.begin_copy(number, media)?;
            copy.bytes.chunks(PIECE).try_for_each(|piece| rewards.keep_copy(&mut upload, piece))?;
            Ok::<_, Refused>(upload)
        });
        let upload = upload.await.map_err(|_| Refused::Panicked)??;
        let edited = EditedCopy {
            blob: upload.blob(),
            media: media.to_owned(),
            size,
            measures,
            day: self.clock.today(),
            by: may.id().clone(),
            checked: None,
        };
        let most = self.policy.evidence.most_copies;
        let change = move |dossier: &mut Dossier, _: &Place| {
            let last = dossier.case.evidence.last_mut().ok_or(Refused::NoSuchRelease)?;
            *last = last.put_in(edited, most)?;
            dossier.case.version += 1;
            Ok(None)
        };
        let step = Step { expected_version: Some(case.version), sealed: None, change: Box::new(change) };
        self.rewards.put_copy(number, upload, step).await.map(drop)
    }
}

/// An edited copy, for the second person.
pub(super) async fn copy(
    Shared(state): Shared<OfficeState>,
    may: May<grant::OpenPackage>,
    Path((_, number, blob)): Path<(String, String, String)>,
) -> Response {
    let case = match state.find_request(may.lang, &number) {
        Ok(dossier) => dossier.case,
        Err(response) => return response,
    };
    let missing = || notice(Face::Office, may.lang, StatusCode::NOT_FOUND, "office-not-found");
    let Ok(blob) = blob.parse::<BlobId>() else { return missing() };
    let copies = case.evidence.last().into_iter().flat_map(FilesRequest::copies);
    let Some(media) = copies.into_iter().find(|copy| copy.blob == blob).map(|copy| copy.media.clone()) else {
        return missing();
    };
    if let Err(response) = state.note_read(&may, "edited-copy", case.number).await {
        return response;
    }
    match state.rewards.edited_copy(case.number, blob) {
        Ok(bytes) => streamed(&state, may.lang, bytes, &media, "inline".into()),
        Err(cause) => state.down(may.lang, &cause),
    }
}

/// The sealed original, for the officers' tool. Opens nothing by itself.
pub(super) async fn sealed(
    Shared(state): Shared<OfficeState>,
    may: May<grant::OpenPackage>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    let case = match state.released(&may, &number, "sealed-original").await {
        Ok(case) => case.number,
        Err(response) => return response,
    };
    match state.rewards.released_original(case) {
        Ok(bytes) => {
            let name = format!("attachment; filename=\"original-{case}.sealed\"");
            streamed(&state, may.lang, bytes, "application/octet-stream", name)
        }
        Err(cause) => state.down(may.lang, &cause),
    }
}

/// The package: put together once, kept, and handed out byte for byte until the request has ended.
pub(super) async fn package(
    Shared(state): Shared<OfficeState>,
    may: May<grant::OpenPackage>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    let case = match state.released(&may, &number, "package-original").await {
        Ok(case) => case,
        Err(response) => return response,
    };
    match state.files_package(&case).await {
        Ok(body) => {
            let name = format!("attachment; filename=\"original-{}.json\"", case.number);
            let headers =
                [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
            (headers, body).into_response()
        }
        Err(cause) => state.down(may.lang, &cause),
    }
}

impl OfficeState {
    /// A case whose original enough trustees have given their shares for. The reading is recorded.
    async fn released(&self, may: &Member, number: &str, what: &str) -> Result<Case, Response> {
        let case = self.find_request(may.lang, number)?.case;
        let today = self.clock.today();
        let is_open =
            |request: &FilesRequest| request.state() == FilesState::Released && request.is_under_way(today);
        if !case.evidence.last().is_some_and(is_open) {
            return Err(notice(Face::Office, may.lang, StatusCode::CONFLICT, "office-no-package"));
        }
        self.note_read(may, what, case.number).await?;
        Ok(case)
    }

    async fn files_package(&self, case: &Case) -> Result<String, Refused> {
        if let Some(kept) = self.rewards.package(case.number, Released::Files)? {
            return Ok(kept);
        }
        let opening = case.evidence.last().and_then(FilesRequest::opening).ok_or(Refused::NoSuchRelease)?;
        let wanted = opening.terms.files.envelope;
        let mut envelopes = self.rewards.envelopes(case.number, Released::Files)?;
        envelopes.retain(|envelope| envelope.hash() == wanted);
        let deposits: Vec<Deposit> = opening.deposits.clone();
        let package = FilesPackage {
            format: FORMAT,
            purpose: Purpose::Files,
            set: self.set_file.clone(),
            terms: opening.terms.clone(),
            envelope: envelopes.pop().ok_or(Refused::NoSuchRelease)?,
            deposits,
        };
        let body = serde_json::to_string(&package).map_err(|e| Refused::Failed(e.to_string()))?;
        self.rewards.keep_package(case.number, Released::Files, body).await
    }
}

/// A piece at a time, however large.
fn streamed(state: &OfficeState, lang: Lang, bytes: FileBytes, media: &str, disposition: String) -> Response {
    let (Ok(media), Ok(disposition)) = (HeaderValue::from_str(media), HeaderValue::from_str(&disposition))
    else {
        return state.down(lang, &Refused::NoSuchFile);
    };
    let length = bytes.record().len;
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    (headers, pieces(Stored::new(bytes), length)).into_response()
}
