//! Originals asked for as evidence, as the office sees them: which waits for its reporter, which can be opened, which copy
//! waits for a second person. A sealed original is all that is served here; it is opened by the officers' tool, offline.

use super::{
    OfficeState,
    copies::{ShownCopy, accept, kinds, shown},
    view,
};
use crate::{
    casework::{Case, Move, MoveRefused, Permission, Rules, apply},
    evidence::{FilesEnd, FilesRefused, FilesRequest, FilesState, Measure},
    ids::BlobId,
    staff::{May, Member, Sent, grant, notice},
    store::{Dossier, Place, Refused, Step},
    web::{Choice, Control, Errors, Face, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::{StatusCode, Uri},
    response::Response,
};

/// Shortest reason that says something.
const REASON: usize = 5;

pub(super) async fn list(Shared(state): Shared<OfficeState>, may: May<grant::OpenPackage>) -> Response {
    let (lang, today) = (may.lang, state.clock.today());
    let mut requests = state.rewards.requests();
    requests.sort_by_key(|request| (rank(request.state), request.good_until));
    let rows = requests.iter().map(|request| Row {
        number: request.case.to_string(),
        href: format!("/{}/originals/{}", lang.path(), request.case),
        state: match request.state {
            FilesState::Asked if today > request.object_until && today <= request.good_until => {
                lang.t("office-original-state-ready")
            }
            state if rank(state) < 3 && today > request.good_until => lang.t("office-original-state-lapsed"),
            state => lang.t(&format!("office-original-state-{}", state.name())),
        },
        // Of what was not published, or has ended, there are none to count.
        shares: match rank(request.state) {
            0 | 1 => view::count_of(lang, request.deposits, state.recipients.threshold()),
            _ => "–".to_owned(),
        },
        until: match request.state {
            FilesState::Asked if today <= request.object_until => {
                lang.t1("office-original-object-until", "day", request.object_until.to_string())
            }
            _ => request.good_until.to_string(),
        },
        to_check: request.to_check,
    });
    let template =
        List { rows: rows.collect(), page: state.page(&may, lang.t("office-originals-title"), "/originals") };
    html(StatusCode::OK, &template)
}

fn rank(state: FilesState) -> u8 {
    match state {
        FilesState::Released => 0,
        FilesState::Published => 1,
        FilesState::Asked => 2,
        FilesState::Objected | FilesState::Ended(_) => 3,
    }
}

pub(super) async fn show(
    Shared(state): Shared<OfficeState>,
    may: May<grant::OpenPackage>,
    Path((_, number)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let done = uri.query().and_then(|query| query.strip_prefix("done=")).and_then(Act::from_code);
    let done = done.map(|act| may.lang.t(&format!("office-original-done-{}", act.code())));
    match state.find_request(may.lang, &number) {
        Ok(dossier) => {
            if let Err(response) = state.note_read(&may, "original-request", dossier.case.number).await {
                return response;
            }
            let done = done.unwrap_or_default();
            page(&state, &may, &dossier.case, done, &Typed::default(), Errors::default(), StatusCode::OK)
        }
        Err(response) => response,
    }
}

/// What an officer can do to a request, with a form on its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Publishes the opening, after the days to object.
    Release,
    /// The second person's yes to a copy, and their no.
    Join,
    SendBack,
    /// The office is done with it.
    End,
    /// A copy was put in; the form is an upload, read elsewhere.
    PutIn,
}

impl Act {
    pub fn code(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Join => "join",
            Self::SendBack => "send-back",
            Self::End => "end",
            Self::PutIn => "copy",
        }
    }
    fn from_code(code: &str) -> Option<Self> {
        [Self::Release, Self::Join, Self::SendBack, Self::End, Self::PutIn]
            .into_iter()
            .find(|act| act.code() == code)
    }
}

pub(super) async fn take(
    Shared(state): Shared<OfficeState>,
    Path((_, number, act)): Path<(String, String, String)>,
    Sent { may, typed }: Sent<grant::Step>,
) -> Response {
    let lang = may.lang;
    let case = match state.find_request(lang, &number) {
        Ok(dossier) => dossier.case,
        Err(response) => return response,
    };
    if let Err(response) = state.note_read(&may, "original-request", case.number).await {
        return response;
    }
    let Some(act) =
        Act::from_code(&act).filter(|act| *act != Act::PutIn && may.may_any(&[Permission::OpenPackage]))
    else {
        return notice(Face::Office, lang, StatusCode::NOT_FOUND, "office-not-found");
    };
    let mut errors = Errors::default();
    if typed.plain("version") != case.version.to_string() {
        return notice(Face::Office, lang, StatusCode::CONFLICT, "office-changed");
    }
    if act == Act::Release && typed.plain("typed-number") != case.number.to_string() {
        errors.add("typed-number", lang.t1("office-error-typed-number", "number", case.number.to_string()));
    }
    if matches!(act, Act::SendBack | Act::End) && typed.length(act.code()) < REASON {
        errors.add(act.code(), lang.t1("office-error-reason", "least", REASON));
    }
    if act == Act::Join && !typed.all("looked").any(|ticked| ticked == "yes") {
        errors.add("looked", lang.t("office-original-error-looked"));
    }
    if !errors.is_empty() {
        return page(&state, &may, &case, String::new(), &typed, errors, StatusCode::UNPROCESSABLE_ENTITY);
    }
    match state.act(&may, &case, act, &typed).await {
        Ok(()) => see_other(&format!("/{}/originals/{number}?done={}", lang.path(), act.code())),
        Err(Refused::Files(FilesRefused::SamePerson(_)))
        | Err(Refused::Move(MoveRefused::Files(FilesRefused::SamePerson(_)))) => {
            errors.add("looked", lang.t("office-original-error-same-person"));
            page(&state, &may, &case, String::new(), &typed, errors, StatusCode::CONFLICT)
        }
        Err(Refused::Move(MoveRefused::Files(FilesRefused::Unseen))) => {
            errors.add("looked", lang.t("office-original-error-unseen"));
            page(&state, &may, &case, String::new(), &typed, errors, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Refused::Move(MoveRefused::Files(FilesRefused::HidesNothing))) => {
            errors.add("looked", lang.t("office-original-error-as-it-was-second"));
            page(&state, &may, &case, String::new(), &typed, errors, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Refused::Files(FilesRefused::ActsApart { .. }))
        | Err(Refused::Move(MoveRefused::Files(FilesRefused::ActsApart { .. }))) => {
            notice(Face::Office, lang, StatusCode::CONFLICT, "office-original-apart")
        }
        Err(Refused::Files(FilesRefused::TooEarly(day))) => {
            errors.add("typed-number", lang.t1("office-original-error-early", "day", day.to_string()));
            page(&state, &may, &case, String::new(), &typed, errors, StatusCode::CONFLICT)
        }
        Err(Refused::Changed | Refused::Files(_) | Refused::Move(_)) => {
            notice(Face::Office, lang, StatusCode::CONFLICT, "office-changed")
        }
        Err(cause) => state.down(lang, &cause),
    }
}

impl OfficeState {
    /// The dossier of a case in which an original was asked for. What does not exist and what has none look alike.
    pub(super) fn find_request(&self, lang: Lang, number: &str) -> Result<Dossier, Response> {
        let found = match number.parse() {
            Ok(number) => self.rewards.dossier(number).map_err(|cause| self.down(lang, &cause))?,
            Err(_) => None,
        };
        found
            .filter(|dossier| !dossier.case.evidence.is_empty())
            .ok_or_else(|| notice(Face::Office, lang, StatusCode::NOT_FOUND, "office-no-original"))
    }

    async fn act(&self, may: &Member, case: &Case, act: Act, typed: &Typed) -> Result<(), Refused> {
        let (by, actor, today) = (may.id().clone(), may.actor.clone(), self.clock.today());
        let rules = Rules::of(&self.policy);
        let blob: Option<BlobId> = typed.raw("copy").parse().ok();
        let reason = typed.text(act.code()).to_owned();
        let as_it_was = typed.all("as-it-was").any(|ticked| ticked == "yes");
        let change = move |dossier: &mut Dossier, place: &Place| {
            let publisher = dossier.apart(&by, Permission::OpenPackage, &rules.apart)?;
            let last = dossier.case.evidence.last_mut().ok_or(MoveRefused::NoRequest)?;
            let blob = || blob.ok_or(FilesRefused::NoSuchCopy);
            match act {
                Act::Release => {
                    *last =
                        last.publish((place.index, place.n), place.envelopes.clone(), &publisher, today)?;
                    dossier.case.version += 1;
                    let opening = dossier.case.evidence.last().and_then(FilesRequest::opening);
                    Ok(opening.map(|opening| opening.terms.leaf(today)))
                }
                Act::Join => {
                    let leaf = last.terms().joined_leaf(blob()?, today);
                    let join = Move::JoinCopy { blob: blob()?, as_it_was };
                    dossier.case = apply(&dossier.case, join, &actor, today, &rules)?;
                    Ok(Some(leaf))
                }
                Act::SendBack => {
                    *last = last.send_back(blob()?, &reason, &by, today)?;
                    dossier.case.version += 1;
                    Ok(None)
                }
                Act::End => {
                    *last = last.end(FilesEnd::Done, &reason, Some(&by), today)?;
                    dossier.case.version += 1;
                    Ok(None)
                }
                Act::PutIn => Err(FilesRefused::NoSuchCopy.into()),
            }
        };
        let step = Step { expected_version: Some(case.version), sealed: None, change: Box::new(change) };
        self.rewards.change(case.number, step).await?;
        if matches!(act, Act::SendBack | Act::End) {
            let rewards = self.rewards.clone();
            let overwritten = tokio::task::spawn_blocking(move || rewards.overwrite_removed()).await;
            if let Ok(Err(refused)) = overwritten {
                // Tried again at the next removal.
                tracing::error!("office: {refused}");
            }
        }
        Ok(())
    }
}

pub(super) fn page(
    state: &OfficeState,
    may: &Member,
    case: &Case,
    done: String,
    typed: &Typed,
    errors: Errors,
    status: StatusCode,
) -> Response {
    let (lang, today) = (may.lang, state.clock.today());
    let Some(request) = case.evidence.last() else { return see_other(&format!("/{}/", lang.path())) };
    let (number, terms) = (case.number.to_string(), request.terms());
    let base = format!("/originals/{number}");
    let mut page = state.page(may, lang.t1("office-original-title", "name", terms.name()), &base);
    page.back = page.href("/originals");
    let (released, name) = (request.state() == FilesState::Released, terms.name());
    let deposits = request.opening().map_or(0, |opening| opening.deposits.len());
    let state_key = match request.state() {
        _ if request.has_lapsed(today) => "lapsed",
        FilesState::Asked if request.can_be_published(today) => "ready",
        state => state.name(),
    };
    let copies = request.copies().iter().map(|copy| shown(state, lang, may, &page, &base, copy)).collect();
    let line = |key: &str, name: &str| Field::line(lang, name, lang.t(key)).filled(typed, &errors);
    let measures =
        Measure::ALL.map(|each| Choice::new(each.code(), lang.t(&format!("measure-{}", each.code()))));
    let limits = state.policy.evidence.copies;
    let upload = [
        Field::checks(lang, "did", lang.t("office-original-field-did"), measures.into())
            .hint(lang.t("office-original-hint-did")),
        Field::checks(
            lang,
            "whole",
            lang.t("office-original-field-whole"),
            vec![Choice::new("yes", lang.t("office-original-whole"))],
        ),
        Field::new(
            lang,
            "edits",
            lang.t("office-original-field-edits"),
            Control::File { accept: "application/json".into(), many: false },
        )
        .hint(lang.t("office-original-hint-edits")),
        Field::new(
            lang,
            "file",
            lang.t("office-original-field-file"),
            Control::File { accept: accept(&limits), many: true },
        )
        .hint(kinds(lang, &limits)),
    ];
    let template = OriginalPage {
        done,
        state: lang.t(&format!("office-original-state-{state_key}")),
        facts: [
            ("office-column-number", number.clone()),
            ("office-original-use", lang.t(&format!("office-original-use-{}", terms.needed_for.code()))),
            ("office-original-need", terms.need.clone()),
            ("office-original-asked", format!("{}, {}", state.person(&terms.asked_by), terms.asked)),
            ("office-original-could-object", terms.object_until.to_string()),
            ("office-original-good", terms.good_until.to_string()),
            ("office-fact-shares", view::count_of(lang, deposits, state.recipients.threshold())),
        ]
        .map(|(key, value)| (lang.t(key), value))
        .into(),
        objection: request.objection().map(|objection| objection.text.clone()).unwrap_or_default(),
        history: request
            .history()
            .iter()
            .rev()
            .map(|past| {
                let who = past.by.as_ref().map(|by| state.person(by)).unwrap_or_default();
                (format!("{} {who}", past.day), lang.t(&format!("office-original-step-{}", past.step.code())))
            })
            .collect(),
        release: request.can_be_published(today).then(|| {
            let label = lang.t1("office-field-typed-number", "number", number.clone());
            Field::line(lang, "typed-number", label).filled(typed, &errors)
        }),
        has_package: released && today <= terms.good_until,
        command: format!(
            "mifeng-office files original-{number}.json --sealed original-{number}.sealed --key office.key --state state --into folder"
        ),
        edit_commands: [
            format!(
                "mifeng-office edit {name}.jpg --cover 120,80,200,260 --key office.key --state state --into folder"
            ),
            format!(
                "mifeng-office compare {name}.jpg {name}-copy.png --key office.key --state state --into folder"
            ),
        ],
        upload: if request.is_released(today) {
            upload.into_iter().map(|field| field.filled(typed, &errors)).collect()
        } else {
            Vec::new()
        },
        copies,
        looked_error: errors.of("looked").unwrap_or_default().to_owned(),
        back_error: errors.of("send-back").unwrap_or_default().to_owned(),
        end: (released || request.state() == FilesState::Published)
            .then(|| line("office-original-field-end", "end")),
        base: page.href(&base),
        version: case.version,
        page: {
            page.errors = errors;
            page
        },
    };
    html(status, &template)
}

struct Row {
    number: String,
    href: String,
    state: String,
    shares: String,
    until: String,
    to_check: usize,
}

#[derive(Template)]
#[template(path = "office/originals.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "office/original.html")]
struct OriginalPage {
    page: Page,
    done: String,
    state: String,
    facts: Vec<(String, String)>,
    /// The reporter's words; empty: none.
    objection: String,
    history: Vec<(String, String)>,
    /// The case number to type before the opening is published.
    release: Option<Field>,
    has_package: bool,
    command: String,
    edit_commands: [String; 2],
    upload: Vec<Field>,
    copies: Vec<ShownCopy>,
    looked_error: String,
    back_error: String,
    end: Option<Field>,
    base: String,
    version: u64,
}
