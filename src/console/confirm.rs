//! The page before a move that tells the reporter something or has no way back: what will be read, what follows,
//! and for the latter the case number, typed by hand.

use super::{
    ConsoleState, move_form, send_file,
    view::{self, DeadlineTag},
};
use crate::{
    casework::{Case, MoveKind, ReporterStatus},
    staff::Member,
    web::{Errors, Field, Lang, Page, Typed, html},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};

#[expect(clippy::too_many_arguments, reason = "everything the page shows, each once")]
pub(super) fn show(
    state: &ConsoleState,
    member: &Member,
    case: &Case,
    after: &Case,
    mv: MoveKind,
    typed: &Typed,
    told: &str,
    errors: Errors,
) -> Response {
    let lang = member.lang;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(member, lang.t(&format!("confirm-{}", mv.code())), "");
    let number = case.number.to_string();
    let typed_number =
        Field::line(lang, "typed-number", lang.t1("field-typed-number", "number", number.clone()));
    let reporter_status = |lang: Lang| lang.t(ReporterStatus::of(after).key());
    let template = Confirm {
        consequence: lang.t(&format!("about-{}", mv.code())),
        action: page.href(&format!("/cases/{number}/moves/{}", mv.code())),
        kept: move_form::names(mv)
            .iter()
            .map(|name| ((*name).to_owned(), typed.raw(name).to_owned()))
            .collect(),
        shown: shown(state, member, mv, typed),
        version: case.version.to_string(),
        told: told.to_owned(),
        seals: matches!(mv, MoveKind::Say | MoveKind::AnswerRetaliation),
        file: (mv == MoveKind::Say)
            .then(|| send_file::field(lang, &state.policy.intake.attachments))
            .flatten()
            .map(|field| field.filled(typed, &errors)),
        warnings: view::giveaways(told, &case.content).into_iter().map(|key| lang.t(key)).collect(),
        statuses: Lang::ALL.map(|lang| (lang.tag(), reporter_status(lang))).to_vec(),
        state_after: view::state(lang, after.state),
        deadline: after.next_deadline().map(|next| state.deadline(lang, &next)),
        is_final: mv.is_final(),
        typed_number: typed_number.filled(typed, &errors),
        button: lang.t(&format!("move-{}", mv.code())),
        number,
        page: {
            page.errors = errors;
            page
        },
    };
    html(status, &template)
}

/// What is kept in the file and not told: label and value.
fn shown(state: &ConsoleState, member: &Member, mv: MoveKind, typed: &Typed) -> Vec<(String, String)> {
    let lang = member.lang;
    let value = |name: &str| match name {
        "ground" => {
            state.policy.intake.ground(typed.raw(name)).map(|g| view::text(&g.text, lang)).unwrap_or_default()
        }
        // What it is to be one with: whoever compares sees both.
        "into" => typed.plain(name).parse().ok().map(|lead| state.in_short(member, lead)).unwrap_or_default(),
        "office" => {
            let office = state.policy.intake.out_of_scope(typed.raw(name));
            office.map(|o| view::text(&o.department, lang)).unwrap_or_default()
        }
        "body" => {
            let body = state.policy.bodies.find(typed.text(name));
            body.map(|body| view::text(&body.name, lang)).unwrap_or_default()
        }
        "finding" => lang.t(&format!("finding-{}", typed.raw(name).replace('_', "-"))),
        _ => typed.text(name).to_owned(),
    };
    let names = move_form::names(mv).iter().filter(|name| {
        matches!(**name, "ground" | "office" | "body" | "into" | "finding" | "reason" | "evidence")
    });
    names.map(|name| (lang.t(&format!("field-{name}")), value(name))).collect()
}

#[derive(Template)]
#[template(path = "console/confirm.html")]
struct Confirm {
    page: Page,
    number: String,
    consequence: String,
    action: String,
    /// What was typed on the page before, carried along.
    kept: Vec<(String, String)>,
    shown: Vec<(String, String)>,
    version: String,
    told: String,
    /// What is told will be sealed: this is the last time it can be read here.
    seals: bool,
    /// A file may go along.
    file: Option<Field>,
    warnings: Vec<String>,
    /// The reporter's status afterwards in both languages, for theirs is not known.
    statuses: Vec<(&'static str, String)>,
    state_after: String,
    deadline: Option<DeadlineTag>,
    is_final: bool,
    typed_number: Field,
    button: String,
}
