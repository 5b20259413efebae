//! An original is needed: which one, for what, and why no copy will do. Its reporter reads this word for word and may stop
//! it; nothing is opened here, nor by anybody who investigates.

use super::{ConsoleState, view};
use crate::{
    casework::{Actor, Case, CaseFile, Move, MoveKind, MoveRefused, Permission, Rules, apply},
    evidence::{FilesEnd, FilesRefused, FilesRequest, FilesState, FilesStep, FilesTerms, Measure, Told, Use},
    ids::{BlobId, CaseNumber},
    lapse,
    staff::{May, Member, Sent, grant},
    store::{Dossier, Place, Refused, SealOf, Step},
    web::{Choice, Errors, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::StatusCode,
    response::Response,
};

/// Shortest reason that says something.
const NEED: usize = 20;
const REASON: usize = 5;

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadCases>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    match state.open(&may, &number, "original").await {
        Ok(opened) => page(&state, &may, &opened.case, &Typed::default(), Errors::default(), StatusCode::OK),
        Err(response) => response,
    }
}

pub(super) async fn ask(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, typed }: Sent<grant::AskOriginal>,
) -> Response {
    let case = match state.open(&may, &number, "original-sent").await {
        Ok(opened) => opened.case.clone(),
        Err(response) => return response,
    };
    if !state.moves(&case, &may).contains(&MoveKind::AskOriginal) {
        return state.no_such_move(&may, &number);
    }
    let lang = may.lang;
    let mut errors = Errors::default();
    if typed.plain("version") != case.version.to_string() {
        errors.add("version", lang.t("error-changed"));
        return page(&state, &may, &case, &typed, errors, StatusCode::CONFLICT);
    }
    let file = typed.raw("file").parse::<BlobId>().ok();
    let file = file.filter(|blob| case.files.iter().any(|file| file.original == *blob));
    if file.is_none() {
        errors.add("file", lang.t("original-error-file"));
    }
    let needed_for = Use::parse(typed.raw("use"));
    if needed_for.is_none() {
        errors.add("use", lang.t("original-error-use"));
    }
    let most = state.policy.intake.fields.message;
    let acts = typed.text("need").chars().any(|c| c != '\n' && crate::fit::acts(c));
    if acts || typed.length("need") < NEED || most.check(typed.text("need")).is_err() {
        errors.add("need", lang.t1("original-error-need", "least", NEED));
    }
    let (Some(original), Some(needed_for), true) = (file, needed_for, errors.is_empty()) else {
        return page(&state, &may, &case, &typed, errors, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let need = Need { original, needed_for, text: typed.text("need").to_owned() };
    match state.ask_original(&may, &case, need).await {
        Ok(_) => see_other(&format!("/{}/cases/{number}?done={}", lang.path(), MoveKind::AskOriginal.code())),
        Err(Refused::Changed) => {
            errors.add("version", lang.t("error-changed"));
            page(&state, &may, &case, &typed, errors, StatusCode::CONFLICT)
        }
        Err(Refused::Move(refused)) => {
            let sentence = match refused {
                MoveRefused::RequestUnderWay => lang.t("original-error-under-way"),
                MoveRefused::TooManyRequests { most } => lang.t1("original-error-most", "most", most),
                MoveRefused::Files(FilesRefused::ActsApart { .. }) => lang.t("original-error-apart"),
                MoveRefused::AwaitsReporter => lang.t("original-error-nobody-told"),
                _ => return state.no_such_move(&may, &number),
            };
            errors.add("need", sentence);
            page(&state, &may, &case, &typed, errors, StatusCode::CONFLICT)
        }
        Err(cause) => state.down(lang, &cause),
    }
}

/// Whoever asked does not need it any more.
pub(super) async fn give_up(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, typed }: Sent<grant::AskOriginal>,
) -> Response {
    let case = match state.open(&may, &number, "original-sent").await {
        Ok(opened) => opened.case.clone(),
        Err(response) => return response,
    };
    let lang = may.lang;
    if case.owner.as_ref() != Some(may.id()) {
        return state.no_such_move(&may, &number);
    }
    let mut errors = Errors::default();
    if typed.length("reason") < REASON {
        errors.add("reason", lang.t1("original-error-reason", "least", REASON));
        return page(&state, &may, &case, &typed, errors, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (by, today, reason) = (may.id().clone(), state.clock.today(), typed.text("reason").to_owned());
    let change = move |dossier: &mut Dossier, _: &Place| {
        let last = dossier.case.evidence.last_mut().ok_or(MoveRefused::NoRequest)?;
        *last = last.end(FilesEnd::GivenUp, &reason, Some(&by), today)?;
        dossier.case.version += 1;
        Ok(None)
    };
    let step = Step { expected_version: Some(case.version), sealed: None, change: Box::new(change) };
    match state.cases.change(case.number, step).await {
        Ok(_) => see_other(&format!("/{}/cases/{number}/original", lang.path())),
        Err(Refused::Changed | Refused::Move(_) | Refused::Files(_)) => state.no_such_move(&may, &number),
        Err(cause) => state.down(lang, &cause),
    }
}

struct Need {
    original: BlobId,
    needed_for: Use,
    text: String,
}

impl ConsoleState {
    /// The reporter is told in the log, in the same durable unit.
    async fn ask_original(&self, member: &Member, case: &Case, need: Need) -> Result<Case, Refused> {
        let (cases, number, original) = (self.cases.clone(), case.number, need.original);
        // Its end, too, stands in the log before anything new is asked for. Not while the day is in doubt, or not yet recorded.
        let is_sure = self.clock.is_sure();
        let over = is_sure && case.evidence.last().is_some_and(|last| last.has_lapsed(self.clock.today()));
        let version = match over {
            true => cases.change(number, lapse::step(self.clock.today())).await?.version,
            false => case.version,
        };
        let seal = tokio::task::spawn_blocking(move || cases.seal_of(number, original)).await;
        let seal = seal.map_err(|_| Refused::Panicked)??;
        let (actor, today, rules) = (member.actor.clone(), self.clock.today(), Rules::of(&self.policy));
        let instance = self.recipients.instance().clone();
        let change = move |dossier: &mut Dossier, place: &Place| {
            let Actor::Staff { id, .. } = &actor else { return Err(MoveRefused::RequestDoesNotFit.into()) };
            let SealOf { sealed, envelope } = seal;
            let terms = FilesTerms {
                instance,
                report: dossier.case.report,
                case: dossier.case.number,
                request: u32::try_from(dossier.case.evidence.len() + 1).unwrap_or(u32::MAX),
                original,
                sealed,
                envelope,
                needed_for: need.needed_for,
                need: need.text,
                asked_by: id.clone(),
                asked: today,
                object_until: rules.evidence.object.after(today),
                good_until: rules.evidence.good.after(today),
            };
            let leaf = terms.asked_leaf();
            let told = Told { leaf_index: place.index, leaf_n: place.n };
            let request = Box::new(FilesRequest::ask(terms, told));
            let apart = dossier.apart(id, Permission::Investigate, &rules.apart);
            apart.map_err(MoveRefused::Files)?;
            dossier.case = apply(&dossier.case, Move::AskOriginal { request }, &actor, today, &rules)?;
            Ok(Some(leaf))
        };
        let step = Step { expected_version: Some(version), sealed: None, change: Box::new(change) };
        self.cases.change(case.number, step).await
    }

    /// Every request of a case, in words, the latest first.
    pub(super) fn requests(&self, lang: Lang, case: &Case) -> Vec<ShownRequest> {
        let shown = |request: &FilesRequest| {
            let terms = request.terms();
            let gave_up = request.state() == FilesState::Ended(FilesEnd::GivenUp);
            ShownRequest {
                name: terms.name(),
                state: state_words(lang, request, self.clock.today()),
                file: file_words(lang, case, terms.original),
                needed_for: lang.t(&format!("original-use-{}", terms.needed_for.code())),
                need: terms.need.clone(),
                objection: request.objection().map(|objection| objection.text.clone()).unwrap_or_default(),
                steps: request
                    .history()
                    .iter()
                    .map(|past| {
                        // Which trustee gave a share is for the trustees and the office.
                        let by =
                            past.by.as_ref().filter(|_| !matches!(past.step, FilesStep::Deposited { .. }));
                        let who = by.map(|by| self.person(by)).unwrap_or_default();
                        let why = match &past.step {
                            // The office has seen the original: what it writes stays with it.
                            FilesStep::Ended { reason } if gave_up => reason.clone(),
                            _ => String::new(),
                        };
                        let what = lang.t(&format!("original-step-{}", past.step.code()));
                        (what, format!("{} {who}", view::day(past.day)), why)
                    })
                    .collect(),
            }
        };
        case.evidence.iter().rev().map(shown).collect()
    }
}

/// One request as staff read it.
pub(super) struct ShownRequest {
    pub name: String,
    pub state: String,
    pub file: String,
    pub needed_for: String,
    pub need: String,
    /// The reporter's words; empty: none.
    pub objection: String,
    /// What, when and who, and why.
    pub steps: Vec<(String, String, String)>,
}

fn state_words(lang: Lang, request: &FilesRequest, today: crate::clock::Day) -> String {
    let terms = request.terms();
    let key = if request.has_lapsed(today) { "lapsed" } else { request.state().name() };
    let days = [("until", view::day(terms.object_until)), ("good", view::day(terms.good_until))];
    let days: Vec<_> = days.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lang.t_with(&format!("original-state-{key}"), &view::values(&days))
}

/// File 2, 2026-11-26, up to 10 MB
pub(super) fn file_words(lang: Lang, case: &Case, original: BlobId) -> String {
    match case.files.iter().enumerate().find(|(_, file)| file.original == original) {
        Some((i, file)) => file_line(lang, i, file),
        None => lang.t("original-file-gone"),
    }
}

fn file_line(lang: Lang, i: usize, file: &CaseFile) -> String {
    let size = lang.t(&format!("file-size-{}", file.size.code()));
    format!("{}, {}, {size}", lang.t1("file-n", "n", i + 1), view::day(file.day))
}

/// What was done to an edited copy, by those who made it.
pub(super) fn measures(lang: Lang, measures: &[Measure]) -> String {
    let words: Vec<String> = measures.iter().map(|m| lang.t(&format!("measure-{}", m.code()))).collect();
    words.join(if lang == Lang::Zh { "；" } else { "; " })
}

fn page(
    state: &ConsoleState,
    may: &Member,
    case: &Case,
    typed: &Typed,
    errors: Errors,
    status: StatusCode,
) -> Response {
    let (lang, today) = (may.lang, state.clock.today());
    let number: CaseNumber = case.number;
    let can_ask = state.moves(case, may).contains(&MoveKind::AskOriginal);
    let last = case.evidence.last();
    let under_way = last.is_some_and(|request| request.is_under_way(today));
    let files = case.files.iter().enumerate();
    let files = files.map(|(i, file)| Choice::new(file.original.to_string(), file_line(lang, i, file)));
    let uses =
        Use::ALL.map(|each| Choice::new(each.code(), lang.t(&format!("original-use-{}", each.code()))));
    let fields = [
        Field::radios(lang, "file", lang.t("original-field-file"), files.collect()),
        Field::radios(lang, "use", lang.t("original-field-use"), uses.into()),
        Field::area(lang, "need", lang.t("original-field-need"), 5).hint(lang.t("original-hint-need")),
    ];
    let reason = Field::line(lang, "reason", lang.t("original-field-give-up"));
    let rules = &state.policy.evidence;
    let mut page = state.page(may, lang.t("original-title"), &format!("/cases/{number}/original"));
    page.back = page.href(&format!("/cases/{number}"));
    let template = OriginalPage {
        number: number.to_string(),
        version: case.version,
        about: [
            lang.t1("original-about-told", "days", rules.object.count()),
            lang.t("original-about-opens"),
            lang.t1("original-about-good", "days", rules.good.count()),
        ]
        .into(),
        requests: state.requests(lang, case),
        fields: if can_ask && !under_way {
            fields.into_iter().map(|field| field.filled(typed, &errors)).collect()
        } else {
            Vec::new()
        },
        give_up: (can_ask && under_way).then(|| reason.filled(typed, &errors)),
        action: page.href(&format!("/cases/{number}/original")),
        page: {
            page.errors = errors;
            page
        },
    };
    html(status, &template)
}

#[derive(Template)]
#[template(path = "console/original.html")]
struct OriginalPage {
    page: Page,
    number: String,
    version: u64,
    about: Vec<String>,
    requests: Vec<ShownRequest>,
    /// Empty: nothing can be asked for now.
    fields: Vec<Field>,
    give_up: Option<Field>,
    action: String,
}
