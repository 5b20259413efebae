//! The trustees' pages for originals: as for a payment, with the proofs that the reporter was told and did not object. The
//! server can read neither the share files nor the shares.

use super::{
    ConsoleState, original,
    releases::{self, Row},
    view,
};
use crate::{
    casework::Case,
    evidence::{FilesRefused, FilesReleaseRequest, FilesRequest, FilesState},
    ids::CaseNumber,
    log::{Purpose, proof::Proof},
    publisher::PublishRefused,
    staff::{May, Member, grant, notice},
    store::{Refused, Released, ShareOf},
    web::{Errors, Face, Page, Script, Typed, holder_words, html, script, see_other, with_script},
};
use askama::Template;
use axum::{
    extract::{Path, Request, State as Shared},
    http::{StatusCode, Uri},
    response::Response,
};

const FORMAT: u16 = 1;

/// Rows for the trustees' list.
pub(super) fn rows(state: &ConsoleState, may: &Member) -> Result<Vec<Row>, Response> {
    let lang = may.lang;
    let mut rows = Vec::new();
    for summary in state.trustees.requests() {
        if !matches!(summary.state, FilesState::Published | FilesState::Released) {
            continue;
        }
        let request = state.trustees.request(summary.case).map_err(|cause| state.down(lang, &cause))?;
        let given = request.is_some_and(|request| gave(&request, may.account.trustee));
        rows.push(Row {
            number: summary.case.to_string(),
            href: format!("/{}/releases/{}/original", lang.path(), summary.case),
            amount: lang.t("release-original"),
            shares: shares(state, may, summary.deposits),
            until: view::day(summary.good_until),
            given: lang.t(if given { "release-given" } else { "release-waits" }),
        });
    }
    Ok(rows)
}

fn shares(state: &ConsoleState, may: &Member, found: usize) -> String {
    let votes = [("found", found.to_string()), ("needed", state.recipients.threshold().to_string())];
    let votes: Vec<_> = votes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    may.lang.t_with("release-shares", &view::values(&votes))
}

pub(super) fn gave(request: &FilesRequest, trustee: Option<u8>) -> bool {
    request
        .opening()
        .is_some_and(|opening| opening.deposits.iter().any(|deposit| Some(deposit.trustee) == trustee))
}

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReleaseShare>,
    Path((_, number)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    page(&state, &may, &number, uri.query() == Some("done=1"), Errors::default()).await
}

async fn page(state: &ConsoleState, may: &Member, number: &str, done: bool, errors: Errors) -> Response {
    let (number, request) = match find(state, may, number) {
        Ok(found) => found,
        Err(response) => return response,
    };
    if let Err(response) = state.note_read(may, "release-original", Some(number)).await {
        return response;
    }
    let (lang, today) = (may.lang, state.clock.today());
    let Some(opening) = request.opening() else { return state.no_such_case(lang) };
    let here = format!("/releases/{number}/original");
    let mut page = state.page(may, lang.t1("release-original-question", "number", number.to_string()), &here);
    page.back = page.href("/releases");
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;
    let given = gave(&request, may.account.trustee);
    let open = request.state() == FilesState::Published && request.is_under_way(today);
    let can_give = open && !given && may.account.trustee.is_some();
    let terms = request.terms();
    let template = ReleaseOriginalPage {
        done,
        facts: [
            ("original-request", terms.name()),
            ("original-field-use", lang.t(&format!("original-use-{}", terms.needed_for.code()))),
            ("original-asked-by", format!("{}, {}", state.person(&terms.asked_by), view::day(terms.asked))),
            ("original-could-object", view::day(terms.object_until)),
            ("release-leaf", (opening.terms.leaf_index + 1).to_string()),
            ("release-shares-label", shares(state, may, opening.deposits.len())),
            ("release-until", view::day(terms.good_until)),
        ]
        .map(|(key, value)| (lang.t(key), value))
        .into(),
        error: page.errors.of("answer").unwrap_or_default().to_owned(),
        need: terms.need.clone(),
        used_for: terms.needed_for.code(),
        request: page.href(&format!("{here}/request")),
        action: page.href(&here),
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

/// What the tool needs, as one file: the request, this trustee's own share files, and the log's proofs.
pub(super) async fn request(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReleaseShare>,
    Path((_, number)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let (number, request) = match find(&state, &may, &number) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let Some(trustee) = may.account.trustee else { return state.no_such_case(may.lang) };
    if let Err(response) = state.note_read(&may, "share-original", Some(number)).await {
        return response;
    }
    let seen = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let seen: Option<u64> = seen.plain("seen").parse().ok();
    let paper = match state.paper(number, &request, trustee, seen).await {
        Ok(paper) => paper,
        Err(NoPaper::Store(Refused::NotOfThatSet(_))) => return releases::earlier_set(&may),
        Err(NoPaper::Store(cause)) => return state.down(may.lang, &cause),
        Err(NoPaper::Log(cause)) => {
            tracing::error!("console: proof of an opening: {cause}");
            return notice(Face::Console, may.lang, StatusCode::SERVICE_UNAVAILABLE, "door-down");
        }
    };
    releases::paper(may.lang, &format!("original-{number}-trustee-{trustee}.json"), &paper)
}

enum NoPaper {
    Store(Refused),
    Log(PublishRefused),
}
impl From<Refused> for NoPaper {
    fn from(refused: Refused) -> Self {
        Self::Store(refused)
    }
}
impl From<PublishRefused> for NoPaper {
    fn from(refused: PublishRefused) -> Self {
        Self::Log(refused)
    }
}

impl ConsoleState {
    async fn paper(
        &self,
        number: CaseNumber,
        request: &FilesRequest,
        trustee: u8,
        seen: Option<u64>,
    ) -> Result<FilesReleaseRequest, NoPaper> {
        let opening = request.opening().ok_or(Refused::NoSuchRelease)?;
        let shares: Vec<ShareOf> = self.trustees.share_files(
            number,
            Released::Files(self.clock.today()),
            &self.sets.places(trustee),
        )?;
        let places = self.trustees.leaves(number)?;
        let (told, last) = (request.told().leaf_n, opening.terms.leaf_n);
        let mut wanted = vec![request.told().leaf_index];
        wanted.extend(places.iter().take(last.into()).skip(usize::from(told) + 1));
        wanted.push(opening.terms.leaf_index);
        let opened = wanted.len() - 1;
        wanted.extend(places.iter().skip(usize::from(last) + 1));
        let mut proofs = self.publisher.prove_all(&wanted, seen).await?;
        let since: Vec<Proof> = proofs.split_off(opened + 1);
        let mut proofs = proofs.into_iter();
        let (Some(told), Some(proof)) = (proofs.next(), proofs.next_back()) else {
            return Err(Refused::NotPublished.into());
        };
        let between: Vec<Proof> = proofs.collect();
        Ok(FilesReleaseRequest {
            format: FORMAT,
            purpose: Purpose::Files,
            set: self.set_file.clone(),
            terms: opening.terms.clone(),
            handover: self.trustees.handover(number)?,
            trustee,
            envelopes: shares.iter().map(|share| hex::encode(share.envelope)).collect(),
            share_files: shares.into_iter().map(|share| share.file).collect(),
            told,
            between,
            proof,
            since,
        })
    }
}

/// Takes the tool's answer; checks whose it is and what for, and lets the store check the signature.
pub(super) async fn deposit(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (may, answer) = match releases::handed_in(&state, request).await {
        Ok(handed_in) => handed_in,
        Err(response) => return response,
    };
    let (case, request) = match find(&state, &may, &number) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let of = request.opening().map(|opening| (request.terms().report, opening.terms.leaf_index));
    let key = match answer.and_then(|answer| releases::fitting(answer, &may, of)) {
        Err(key) => key,
        Ok(answer) => {
            let trustee = answer.deposit.trustee;
            let (set, today) = (state.recipients.clone(), state.clock.today());
            let by = (may.id().clone(), state.policy.roles.acts_apart.clone());
            match state.trustees.deposit_files(case, answer.deposit, by, set, today).await {
                Ok(()) => {
                    state.keep_witness(trustee, &answer.checkpoint).await;
                    return see_other(&format!("/{}/releases/{case}/original?done=1", may.lang.path()));
                }
                Err(Refused::Files(FilesRefused::Release(refused))) => releases::not_taken(&refused),
                Err(Refused::Files(FilesRefused::ActsApart { .. })) => "answer-apart",
                Err(Refused::Files(_)) => "answer-closed",
                Err(cause) => return state.down(may.lang, &cause),
            }
        }
    };
    let mut errors = Errors::default();
    errors.add("answer", may.lang.t(key));
    page(&state, &may, &number, false, errors).await
}

/// The last request of a case, once its opening is published.
fn find(state: &ConsoleState, may: &Member, number: &str) -> Result<(CaseNumber, FilesRequest), Response> {
    let number: CaseNumber = number.parse().map_err(|_| state.no_such_case(may.lang))?;
    match state.trustees.request(number) {
        Ok(Some(request)) if request.opening().is_some() => Ok((number, request)),
        Ok(_) => Err(state.no_such_case(may.lang)),
        Err(cause) => Err(state.down(may.lang, &cause)),
    }
}

/// On the case's page: copies that joined, each with what was done to it.
pub(super) fn joined(
    state: &ConsoleState,
    lang: crate::web::Lang,
    case: &Case,
    original: crate::ids::BlobId,
) -> Vec<(String, String)> {
    let line = |copy: &crate::evidence::EditedCopy| {
        let checked = copy.checked.as_ref().map(|checked| state.person(&checked.by)).unwrap_or_default();
        let words = [("day", view::day(copy.day)), ("by", checked)];
        let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let label = lang.t_with("original-copy", &view::values(&words));
        let href = format!("/{}/cases/{}/copies/{}", lang.path(), case.number, copy.blob);
        (href, format!("{label} · {}", original::measures(lang, &copy.measures)))
    };
    case.joined_copies(original).map(line).collect()
}

#[derive(Template)]
#[template(path = "console/release-original.html")]
struct ReleaseOriginalPage {
    page: Page,
    done: bool,
    facts: Vec<(String, String)>,
    error: String,
    /// As shown: the page's script compares them with what the leaf says by which the reporter was told.
    need: String,
    used_for: &'static str,
    request: String,
    action: String,
    can_give: bool,
    given: bool,
    log_key: String,
    pins_log: bool,
    words: Vec<(&'static str, String)>,
    script: &'static Script,
}
