//! Edited copies come back, with what the office's tool says of them; the second person's look at them; the package for an
//! original, and the sealed original itself. Nothing is opened here.

use super::{
    OfficeState,
    coming::{Came, NotTaken},
    original::{self, Act},
};
use crate::{
    award::release::Deposit,
    casework::{Case, Permission},
    evidence::{
        Change, Edited, EditedCopy, Edits, EditsRefused, FilesPackage, FilesRefused, FilesRequest,
        MOST_EDITED, Measure,
    },
    ids::{BlobId, CaseNumber},
    log::Purpose,
    staff::{Door, May, Member, grant, notice},
    store::{Dossier, FileBytes, Place, Refused, Released, Step},
    web::{
        Asked, Errors, FORM_LIMIT, Face, FormRefused, Lang, Part, Parts, Typed, drain, line_ends, see_other,
        text_of,
    },
};
use axum::{
    extract::{FromRef, FromRequestParts, Path, Request, State as Shared},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

const FORMAT: u16 = 1;
/// Token, version, ticks, statement, files; a browser sends no more.
const MOST_PARTS: usize = 12 + MOST_EDITED;

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
            // To the sign-in page: what was chosen and ticked must not be gone without a word.
            if answer.status().is_redirection() {
                return notice(Face::Office, asked.lang, StatusCode::FORBIDDEN, "office-original-late");
            }
            return answer;
        }
    };
    let Ok(mut form) = Parts::of(Request::from_parts(parts.clone(), body)).await else {
        return asked.form_refused(FormRefused::Broken).into_response();
    };
    let (typed, files) = read(&state, &may, case.number, &mut form).await;
    form.read_the_rest().await;
    let lang = may.lang;
    if !may.owns_token(typed.raw("once")) {
        return notice(Face::Office, lang, StatusCode::FORBIDDEN, "door-token");
    }
    let here = format!("/{}/originals/{number}", lang.path());
    // The files cannot be carried over the question: they are chosen again.
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
    let name = case.evidence.last().map(|request| request.terms().name()).unwrap_or_default();
    let said = Edits::read(typed.raw("edits"), &state.recipients, &name);
    if let Err(why) = said {
        errors.add("edits", lang.t(edits_key(why)));
    }
    let files = match files {
        Ok(files) => files,
        Err(NotTaken::Store(cause)) => return state.down(lang, &cause),
        Err(why) => {
            errors.add("file", sentence(lang, &why));
            Vec::new()
        }
    };
    let came = match &said {
        Ok(said) => with_changes(files, said),
        Err(_) => Some(Vec::new()),
    };
    if came.is_none() {
        errors.add("file", lang.t("office-original-error-other-copy"));
    }
    let (Some(came), true) = (came, errors.is_empty()) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return original::page(&state, &may, &case, String::new(), &typed, errors, status);
    };
    match state.put_in(&may, &case, measures, came).await {
        Ok(()) => see_other(&format!("{here}?done={}", Act::PutIn.code())),
        Err(Refused::Files(FilesRefused::TooManyCopies(most))) => {
            errors.add("file", lang.t1("office-original-error-most", "most", most));
            original::page(&state, &may, &case, String::new(), &typed, errors, StatusCode::CONFLICT)
        }
        Err(Refused::Files(FilesRefused::HidesNothing)) => {
            errors.add("did", lang.t("office-original-error-as-it-was"));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            original::page(&state, &may, &case, String::new(), &typed, errors, status)
        }
        Err(Refused::Files(FilesRefused::ActsApart { .. })) => {
            notice(Face::Office, lang, StatusCode::CONFLICT, "office-original-apart")
        }
        Err(Refused::Changed | Refused::Files(_)) => {
            notice(Face::Office, lang, StatusCode::CONFLICT, "office-changed")
        }
        Err(cause) => state.down(lang, &cause),
    }
}

fn sentence(lang: Lang, why: &NotTaken) -> String {
    match why {
        NotTaken::Nothing => lang.t("office-original-error-nothing"),
        NotTaken::Kind => lang.t("office-original-error-kind"),
        NotTaken::TooBig(most) => lang.t1("office-original-error-big", "most", *most),
        NotTaken::Broken => lang.t("office-original-error-broken"),
        NotTaken::Film(why) => lang.t1("office-original-error-film", "why", why.to_string()),
        NotTaken::Store(_) => lang.t("not-stored"),
    }
}

fn edits_key(why: EditsRefused) -> &'static str {
    match why {
        EditsRefused::Unreadable => "office-original-error-edits",
        EditsRefused::OtherRequest => "office-original-error-edits-other",
        EditsRefused::Signature => "office-original-error-edits-signature",
    }
}

/// What was typed, and the files. The token stands first in our form: without it no file is read.
async fn read(
    state: &OfficeState,
    may: &Member,
    case: CaseNumber,
    form: &mut Parts,
) -> (Typed, Result<Vec<Came>, NotTaken>) {
    let (mut pairs, mut files): (Vec<(String, String)>, _) = (Vec::new(), Ok(Vec::new()));
    for _ in 0..MOST_PARTS {
        let Ok(Some(mut part)) = form.next().await else { break };
        let name = part.name().unwrap_or_default().to_owned();
        if name != "file" {
            if let Some(text) = text_of(part, FORM_LIMIT).await {
                pairs.push((name, line_ends(text)));
            }
            continue;
        }
        if !pairs.iter().any(|(name, value)| name == "once" && may.owns_token(value)) {
            break;
        }
        match state.take_in(case, &mut part).await {
            Ok(came) => {
                if let Ok(files) = &mut files {
                    files.push(came);
                }
            }
            Err(why) => {
                files = Err(why);
                break;
            }
        }
    }
    if files.as_ref().is_ok_and(Vec::is_empty) {
        files = Err(NotTaken::Nothing);
    }
    (Typed::from_pairs(pairs), files)
}

/// Each file with what the office's tool says of it; `None` if it says nothing of one.
fn with_changes(files: Vec<Came>, said: &[Edited]) -> Option<Vec<(Came, Vec<Change>)>> {
    let of = |came: Came| {
        let found = said.iter().find(|edited| edited.sha256 == came.sha256)?;
        Some((came, found.changes.clone()))
    };
    files.into_iter().map(of).collect()
}

impl OfficeState {
    async fn put_in(
        &self,
        may: &Member,
        case: &Case,
        measures: Vec<Measure>,
        came: Vec<(Came, Vec<Change>)>,
    ) -> Result<(), Refused> {
        let (mut uploads, mut copies) = (Vec::new(), Vec::new());
        for (came, changes) in came {
            copies.push(EditedCopy {
                blob: came.upload.blob(),
                media: came.media.to_owned(),
                size: came.size,
                measures: measures.clone(),
                changes,
                day: self.clock.today(),
                by: may.id().clone(),
                seen_by: Vec::new(),
                checked: None,
            });
            uploads.push(came.upload);
        }
        let (most, apart) = (self.policy.evidence.most_copies, self.policy.roles.acts_apart.clone());
        let by = may.id().clone();
        let change = move |dossier: &mut Dossier, _: &Place| {
            let by = dossier.apart(&by, Permission::OpenPackage, &apart)?;
            let last = dossier.case.evidence.last_mut().ok_or(Refused::NoSuchRelease)?;
            for copy in copies {
                *last = last.put_in(copy, &by, most)?;
            }
            dossier.case.version += 1;
            Ok(None)
        };
        let step = Step { expected_version: Some(case.version), sealed: None, change: Box::new(change) };
        self.rewards.put_copies(case.number, uploads, step).await.map(drop)
    }
}

/// An edited copy, for the second person.
pub(super) async fn copy(
    Shared(state): Shared<OfficeState>,
    may: May<grant::OpenPackage>,
    Path((_, number, blob)): Path<(String, String, String)>,
    part: Part,
) -> Response {
    let case = match state.find_request(may.lang, &number) {
        Ok(dossier) => dossier.case,
        Err(response) => return response,
    };
    let missing = || notice(Face::Office, may.lang, StatusCode::NOT_FOUND, "office-not-found");
    let Ok(blob) = blob.parse::<BlobId>() else { return missing() };
    let mut copies = case.evidence.last().into_iter().flat_map(FilesRequest::copies);
    let Some(copy) = copies.find(|copy| copy.blob == blob) else {
        return missing();
    };
    let (media, is_new_to_them) = (copy.media.clone(), !copy.seen_by.contains(may.id()));
    if let Err(response) = state.note_read(&may, "edited-copy", case.number).await {
        return response;
    }
    if is_new_to_them && let Err(cause) = state.note_seen(&may, case.number, blob).await {
        return state.down(may.lang, &cause);
    }
    match state.rewards.edited_copy(case.number, blob) {
        Ok(bytes) => streamed((&state, may.lang), part, bytes, &media, "inline"),
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
    match state.rewards.released_original(case, state.clock.today()) {
        Ok(bytes) => {
            let name = format!("attachment; filename=\"original-{case}.sealed\"");
            streamed((&state, may.lang), Part::Whole, bytes, "application/octet-stream", &name)
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
    /// For the yes that this person may give. No new version of the case: the form they came from stays good.
    async fn note_seen(&self, may: &Member, case: CaseNumber, blob: BlobId) -> Result<(), Refused> {
        let by = may.id().clone();
        let change = move |dossier: &mut Dossier, _: &Place| {
            let last = dossier.case.evidence.last_mut().ok_or(Refused::NoSuchRelease)?;
            *last = last.see(blob, &by)?;
            Ok(None)
        };
        let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
        self.rewards.change(case, step).await.map(drop)
    }

    /// A case whose original enough trustees have given their shares for. The reading is recorded.
    async fn released(&self, may: &Member, number: &str, what: &str) -> Result<Case, Response> {
        let case = self.find_request(may.lang, number)?.case;
        let today = self.clock.today();
        if !case.evidence.last().is_some_and(|request| request.is_released(today)) {
            return Err(notice(Face::Office, may.lang, StatusCode::CONFLICT, "office-no-package"));
        }
        self.note_read(may, what, case.number).await?;
        Ok(case)
    }

    async fn files_package(&self, case: &Case) -> Result<String, Refused> {
        let which = Released::Files(self.clock.today());
        if let Some(kept) = self.rewards.package(case.number, which)? {
            return Ok(kept);
        }
        let opening = case.evidence.last().and_then(FilesRequest::opening).ok_or(Refused::NoSuchRelease)?;
        let wanted = opening.terms.files.envelope;
        let mut envelopes = self.rewards.envelopes(case.number, which)?;
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
        self.rewards.keep_package(case.number, which, body).await
    }
}

/// A piece at a time, however large, or the part asked for.
fn streamed(
    (state, lang): (&OfficeState, Lang),
    part: Part,
    bytes: FileBytes,
    media: &str,
    disposition: &str,
) -> Response {
    match (HeaderValue::from_str(media), HeaderValue::from_str(disposition)) {
        (Ok(media), Ok(disposition)) => part.answer(bytes, media, disposition),
        _ => state.down(lang, &Refused::NoSuchFile),
    }
}
