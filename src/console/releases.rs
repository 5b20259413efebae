//! The trustees' pages: releases that wait for shares, the request to take to one's own machine, and the place to
//! leave the tool's answer. The server can read neither the share files nor the shares.

use super::{ConsoleState, release_original, view};
use crate::{
    award::{
        record::{self as award_record, Award, AwardRefused, AwardState, Release},
        release::{ReleaseAnswer, ReleaseRefused, ReleaseRequest},
    },
    evidence::FilesRefused,
    ids::{CaseNumber, ReportId},
    log::checkpoint::WitnessKey,
    staff::{May, Member, grant, kept_at_sign_in, notice},
    store::{Refused, Released, ShareOf},
    web::{
        Errors, Face, Form, Lang, Page, Script, Typed, holder_words, html, script, see_other, with_script,
    },
};
use askama::Template;
use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Path, Request, State as Shared},
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

const FORMAT: u16 = 1;
/// An answer is one re-sealed share and a checkpoint: some 30 KiB.
const ANSWER_LIMIT: usize = 256 * 1024;

pub(super) async fn list(Shared(state): Shared<ConsoleState>, may: May<grant::ReleaseShare>) -> Response {
    let lang = may.lang;
    let threshold = state.recipients.threshold();
    let mut rows = Vec::new();
    for award in state.trustees.awards() {
        if !matches!(award.state.as_str(), "release-published" | "released") {
            continue;
        }
        let given = match state.trustees.award(award.case) {
            Ok(Some(award)) => award.release().is_some_and(|release| gave(release, may.account.trustee)),
            Ok(None) => false,
            Err(cause) => return state.down(lang, &cause),
        };
        let votes = [("found", award.deposits.to_string()), ("needed", threshold.to_string())];
        let votes: Vec<_> = votes.iter().map(|(name, value)| (*name, value.as_str())).collect();
        rows.push(Row {
            number: award.case.to_string(),
            href: format!("/{}/releases/{}", lang.path(), award.case),
            amount: lang.money(award.base_fen),
            shares: lang.t_with("release-shares", &view::values(&votes)),
            until: award.release_until.map(view::day).unwrap_or_default(),
            given: lang.t(if given { "release-given" } else { "release-waits" }),
        });
    }
    match release_original::rows(&state, &may) {
        Ok(originals) => rows.extend(originals),
        Err(response) => return response,
    }
    let page = state.page(&may, lang.t("releases-title"), "/releases");
    html(StatusCode::OK, &List { rows, page })
}

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReleaseShare>,
    Path((_, number)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let done = uri.query() == Some("done=1");
    release_page(&state, &may, &number, done, Errors::default()).await
}

async fn release_page(
    state: &ConsoleState,
    may: &Member,
    number: &str,
    done: bool,
    errors: Errors,
) -> Response {
    let (number, award) = match find(state, may, number) {
        Ok(found) => found,
        Err(response) => return response,
    };
    if let Err(response) = state.note_read(may, "release", Some(number)).await {
        return response;
    }
    let lang = may.lang;
    let Some(release) = award.release() else { return state.no_such_case(lang) };
    let paper = crate::award::paper::Paper::read(award.decision()).ok();
    let question = [("amount", lang.money(award.terms().base_fen)), ("number", number.to_string())];
    let question: Vec<_> = question.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let shares =
        [("found", release.deposits.len().to_string()), ("needed", state.recipients.threshold().to_string())];
    let shares: Vec<_> = shares.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut page = state.page(
        may,
        lang.t_with("release-question", &view::values(&question)),
        &format!("/releases/{number}"),
    );
    page.back = page.href("/releases");
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;
    let given = gave(release, may.account.trustee);
    let open =
        matches!(award.state(), AwardState::ReleasePublished) && state.clock.today() <= release.terms.expires;
    let can_give = open && !given && may.account.trustee.is_some();
    let template = ReleasePage {
        done,
        rule: paper.as_ref().map(|p| super::award::rule(lang, &p.amount)).unwrap_or_default(),
        reason: award
            .history()
            .iter()
            .rev()
            .find_map(|past| match &past.step {
                award_record::Step::ReleasePublished { reason, .. } => Some(reason.clone()),
                _ => None,
            })
            .unwrap_or_default(),
        steps: paper.as_ref().map(|p| super::award::steps(lang, &p.amount.steps)).unwrap_or_default(),
        approved: award.approvals().iter().map(|a| (state.person(&a.by), view::day(a.day))).collect(),
        shares: lang.t_with("release-shares", &view::values(&shares)),
        until: view::day(release.terms.expires),
        leaf: (release.terms.leaf_index + 1).to_string(),
        error: page.errors.of("answer").unwrap_or_default().to_owned(),
        request: page.href(&format!("/releases/{number}/request")),
        action: page.href(&format!("/releases/{number}")),
        can_give,
        log_key: state.publisher.key().to_string(),
        pins_log: true,
        words: holder_words(lang),
        script: script("trustee"),
        given,
        page,
    };
    let response = html(status, &template);
    if can_give { with_script(response) } else { response }
}

/// What the tool needs, as one file: papers, this trustee's own share files, and the log's proof.
pub(super) async fn request(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReleaseShare>,
    Path((_, number)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let (number, award) = match find(&state, &may, &number) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let (Some(release), Some(claim), Some(trustee)) =
        (award.release(), award.signed_claim(), may.account.trustee)
    else {
        return state.no_such_case(may.lang);
    };
    if let Err(response) = state.note_read(&may, "share", Some(number)).await {
        return response;
    }
    let places = state.sets.places(trustee);
    let shares: Vec<ShareOf> =
        match state.trustees.share_files(number, Released::Award(state.clock.today()), &places) {
            Ok(shares) => shares,
            Err(Refused::NotOfThatSet(_)) => return earlier_set(&may),
            // Its last day has passed meanwhile: the page says so.
            Err(Refused::NoSuchRelease) => {
                return see_other(&format!("/{}/releases/{number}", may.lang.path()));
            }
            Err(cause) => return state.down(may.lang, &cause),
        };
    let handover = match state.trustees.handover(number) {
        Ok(handover) => handover,
        Err(cause) => return state.down(may.lang, &cause),
    };
    let seen = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let seen: Option<u64> = seen.plain("seen").parse().ok();
    let proof = match state.publisher.prove(release.terms.leaf_index, seen).await {
        Ok(proof) => proof,
        Err(cause) => {
            tracing::error!("console: proof of a release: {cause}");
            return notice(Face::Console, may.lang, StatusCode::SERVICE_UNAVAILABLE, "door-down");
        }
    };
    let request = ReleaseRequest {
        format: FORMAT,
        set: state.set_file.clone(),
        roster: state.roster_file.clone(),
        terms: release.terms.clone(),
        approvals: award.approvals().to_vec(),
        claim,
        handover,
        decision: award.decision().to_owned(),
        rules: award.rules().to_owned(),
        trustee,
        envelopes: shares.iter().map(|share| hex::encode(share.envelope)).collect(),
        share_files: shares.into_iter().map(|share| share.file).collect(),
        proof,
    };
    paper(may.lang, &format!("release-{number}-trustee-{trustee}.json"), &request)
}

/// What a trustee takes to their own machine, as a file; the same for every purpose.
pub(super) fn paper(lang: Lang, name: &str, request: &impl Serialize) -> Response {
    let Ok(body) = serde_json::to_string(request) else {
        return notice(Face::Console, lang, StatusCode::SERVICE_UNAVAILABLE, "door-down");
    };
    let name = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)], body)
        .into_response()
}

/// What is sealed to trustees of an earlier set waits for them to split their shares again.
pub(super) fn earlier_set(may: &Member) -> Response {
    notice(Face::Console, may.lang, StatusCode::CONFLICT, "release-earlier-set")
}

/// Takes the tool's answer, as a file or as text; checks whose it is, and lets the store check the signature.
pub(super) async fn deposit(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (may, answer) = match handed_in(&state, request).await {
        Ok(handed_in) => handed_in,
        Err(response) => return response,
    };
    let (case, award) = match find(&state, &may, &number) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let of = award.release().map(|release| (release.terms.award.report, release.terms.leaf_index));
    let key = match answer.and_then(|answer| fitting(answer, &may, of)) {
        Err(key) => key,
        Ok(answer) => {
            let trustee = answer.deposit.trustee;
            let (set, today) = (state.recipients.clone(), state.clock.today());
            let by = (may.id().clone(), state.policy.roles.acts_apart.clone());
            match state.trustees.deposit(case, answer.deposit, by, set, today).await {
                Ok(()) => {
                    state.keep_witness(trustee, &answer.checkpoint).await;
                    return see_other(&format!("/{}/releases/{case}?done=1", may.lang.path()));
                }
                Err(Refused::Award(AwardRefused::Release(refused))) => not_taken(&refused),
                Err(Refused::Award(AwardRefused::State(_))) => "answer-closed",
                Err(Refused::Files(FilesRefused::ActsApart { .. })) => "answer-apart",
                Err(cause) => return state.down(may.lang, &cause),
            }
        }
    };
    let mut errors = Errors::default();
    errors.add("answer", may.lang.t(key));
    release_page(&state, &may, &number, false, errors).await
}

/// Who hands an answer in, and the answer; in it the key of a sentence if it cannot be read.
pub(super) type HandedIn = (May<grant::ReleaseShare>, Result<ReleaseAnswer, &'static str>);

/// The same for every purpose: the form's token, the proof of who one is, the answer.
pub(super) async fn handed_in(state: &ConsoleState, request: Request) -> Result<HandedIn, Response> {
    let (mut parts, body) = request.into_parts();
    // The body first, as in `Sent`: who may is asked once it has come.
    let uploaded = upload(Request::from_parts(parts.clone(), body), state).await;
    let mut carried = Typed::default();
    if let Some((token, text)) = &uploaded {
        carried.set("once", token.as_str());
        carried.set("text", text.as_str());
    }
    let may = match May::<grant::ReleaseShare>::from_request_parts(&mut parts, state).await {
        Ok(may) => may,
        Err(answer) => return Err(kept_at_sign_in(&state.door, &mut parts, &carried, answer).await),
    };
    let Some((token, text)) = uploaded else { return Ok((may, Err("answer-unreadable"))) };
    if !may.owns_token(&token) {
        return Err(may.not_of_this_session(&state.door, &parts, &carried));
    }
    if let Some(question) = may.asked_to_prove_first(&state.door, parts.uri.path(), &carried) {
        return Err(question);
    }
    Ok((may, serde_json::from_str(&text).map_err(|_| "answer-unreadable")))
}

/// The answer, if it is for this release (report, place of its leaf) and by this trustee.
pub(super) fn fitting(
    answer: ReleaseAnswer,
    may: &Member,
    of: Option<(ReportId, u64)>,
) -> Result<ReleaseAnswer, &'static str> {
    let is_same = answer.format == FORMAT && Some((answer.report, answer.leaf_index)) == of;
    match (is_same, Some(answer.deposit.trustee) == may.account.trustee) {
        (false, _) => Err("answer-other"),
        (_, false) => Err("answer-not-yours"),
        _ => Ok(answer),
    }
}

pub(super) fn not_taken(refused: &ReleaseRefused) -> &'static str {
    match refused {
        ReleaseRefused::Twice(_) => "answer-twice",
        ReleaseRefused::Expired(_) => "answer-expired",
        _ => "answer-signature",
    }
}

impl ConsoleState {
    /// The trustee's cosignature joins the published checkpoint. The share counts without it.
    pub(super) async fn keep_witness(&self, trustee: u8, checkpoint: &str) {
        let name = format!("{}/trustee-{trustee}", self.recipients.instance().0);
        let holder = usize::from(trustee).checked_sub(1).and_then(|i| self.recipients.trustees().get(i));
        let (Ok(name), Some(holder)) = (name.parse(), holder) else { return };
        let witness = WitnessKey::new(name, holder.verify);
        if let Err(cause) = self.publisher.witnessed(checkpoint.as_bytes(), &[witness]).await {
            tracing::warn!("console: a trustee's cosignature was not kept: {cause}");
        }
    }
}

/// Token and answer, each at most [`ANSWER_LIMIT`] bytes (the whole body: axum's own limit of 2 MB).
/// A file wins over pasted text. After a proof was asked for, both come as a plain form.
async fn upload(request: Request, state: &ConsoleState) -> Option<(String, String)> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let Form(typed) = Form::from_request(request, state).await.ok()?;
        return Some((typed.raw("once").to_owned(), typed.raw("text").to_owned()));
    }
    let mut parts = Multipart::from_request(request, state).await.ok()?;
    let (mut token, mut text, mut file) = (String::new(), String::new(), String::new());
    while let Some(field) = parts.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.ok().filter(|bytes| bytes.len() <= ANSWER_LIMIT)?;
        let value = String::from_utf8(bytes.to_vec()).ok()?;
        match name.as_str() {
            "once" => token = value,
            "answer" => file = value,
            "text" => text = value,
            _ => {}
        }
    }
    Some((token, if file.trim().is_empty() { text } else { file }))
}

/// The award of a case whose release is or was open.
fn find(state: &ConsoleState, may: &Member, number: &str) -> Result<(CaseNumber, Award), Response> {
    let number: CaseNumber = number.parse().map_err(|_| state.no_such_case(may.lang))?;
    match state.trustees.award(number) {
        Ok(Some(award)) if award.release().is_some() => Ok((number, award)),
        Ok(_) => Err(state.no_such_case(may.lang)),
        Err(cause) => Err(state.down(may.lang, &cause)),
    }
}

pub(super) fn gave(release: &Release, trustee: Option<u8>) -> bool {
    release.deposits.iter().any(|deposit| Some(deposit.trustee) == trustee)
}

pub(super) struct Row {
    pub number: String,
    pub href: String,
    pub amount: String,
    pub shares: String,
    pub until: String,
    pub given: String,
}

#[derive(Template)]
#[template(path = "console/releases.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "console/release.html")]
struct ReleasePage {
    page: Page,
    done: bool,
    rule: String,
    /// Why the office asks for it.
    reason: String,
    steps: Vec<super::award::StepView>,
    approved: Vec<(String, String)>,
    shares: String,
    until: String,
    /// Counted from 1, as the tool and the log's readers do.
    leaf: String,
    error: String,
    request: String,
    action: String,
    can_give: bool,
    given: bool,
    /// For the page's script: the log's public key, pinned at the first use after it was compared.
    log_key: String,
    pins_log: bool,
    words: Vec<(&'static str, String)>,
    script: &'static Script,
}
