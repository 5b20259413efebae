//! Access of other systems (for administrators): made with a token that is shown once, listed, revoked. Who may make one
//! proves anew who they are, and each stands in the staff record.

use super::{ConsoleState, view};
use crate::{
    clock::Day,
    staff::{May, Member, Sent, grant},
    store::{Access, AccessHash, Refused, Scope},
    web::{Choice, Errors, Face, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::StatusCode,
    response::Response,
};
use jiff::ToSpan;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// The longest a token may be good for.
const MOST_DAYS: i32 = 366;

pub(super) async fn list(Shared(state): Shared<ConsoleState>, may: May<grant::ManageStaff>) -> Response {
    page(&state, &may, None, &Typed::default(), Errors::default())
}

/// Recorded before the token is shown.
pub(super) async fn make(
    Shared(state): Shared<ConsoleState>,
    Sent { may, typed }: Sent<grant::ManageStaff>,
) -> Response {
    let mut errors = Errors::default();
    let access = read(&state, &may, &typed, &mut errors);
    let Some(access) = access.filter(|_| errors.is_empty()) else {
        return page(&state, &may, None, &typed, errors);
    };
    let scopes: Vec<_> = access.scopes.iter().map(|scope| scope.code()).collect();
    let change = format!("{}; {}; {}; {}", access.name, access.body, scopes.join(", "), access.until);
    if let Err(response) = state.note_system_change(&may, "access-made", change).await {
        return response;
    }
    let (token, hash) = AccessHash::draw(&mut rand::rng());
    match state.staff.new_access(&may.account, hash, access).await {
        Ok(_) => page(&state, &may, Some(token), &Typed::default(), Errors::default()),
        Err(Refused::TooManyAccesses) => {
            errors.add("name", may.lang.t("systems-too-many"));
            page(&state, &may, None, &typed, errors)
        }
        Err(cause) => state.down(may.lang, &cause),
    }
}

pub(super) async fn revoke(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, u64)>,
    Sent { may, .. }: Sent<grant::ManageStaff>,
) -> Response {
    let all = match state.staff.accesses() {
        Ok(all) => all,
        Err(cause) => return state.down(may.lang, &cause),
    };
    let Some(access) = all.iter().find(|access| access.number == number && is_theirs(&state, &may, access))
    else {
        return crate::staff::notice(Face::Console, may.lang, StatusCode::NOT_FOUND, "console-not-found");
    };
    if let Err(response) = state.note_system_change(&may, "access-revoked", access.name.clone()).await {
        return response;
    }
    match state.staff.revoke_access(&may.account, number, state.clock.today()).await {
        Ok(()) => see_other(&format!("/{}/systems", may.lang.path())),
        Err(cause) => state.down(may.lang, &cause),
    }
}

/// Of one's own body and those below it; of a body that policy no longer knows, for whoever is above all.
fn is_theirs(state: &ConsoleState, member: &Member, access: &Access) -> bool {
    let bodies = &state.policy.bodies;
    state.reaches(member, access.body(bodies).unwrap_or(bodies.root()))
}

fn read(state: &ConsoleState, member: &Member, typed: &Typed, errors: &mut Errors) -> Option<Access> {
    let lang = member.lang;
    if !(1..=40).contains(&typed.length("name")) {
        errors.add("name", lang.t("error-system-name"));
    }
    let body = match typed.text("body") {
        "" => member.account.body(&state.policy.bodies),
        text => state.policy.bodies.find(text).filter(|body| state.reaches(member, body)),
    };
    if body.is_none() {
        errors.add("body", lang.t("error-body-below"));
    }
    let scopes: BTreeSet<Scope> =
        Scope::ALL.into_iter().filter(|scope| typed.all("scopes").any(|code| code == scope.code())).collect();
    if scopes.is_empty() {
        errors.add("scopes", lang.t("error-system-scopes"));
    }
    let today = state.clock.today();
    let last = today.saturating_add(MOST_DAYS.days());
    let until = typed.plain("until").parse::<Day>().ok().filter(|day| (today..=last).contains(day));
    if until.is_none() {
        errors.add("until", lang.t1("error-system-until", "day", last.to_string()));
    }
    Some(Access {
        number: 0,
        name: typed.text("name").to_owned(),
        body: body?.code.to_string(),
        scopes,
        made: today,
        made_by: member.id().clone(),
        until: until?,
        revoked: None,
    })
}

fn page(
    state: &ConsoleState,
    member: &Member,
    token: Option<Zeroizing<String>>,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = member.lang;
    let all = match state.staff.accesses() {
        Ok(all) => all,
        Err(cause) => return state.down(lang, &cause),
    };
    let rows = all.iter().rev().filter(|access| is_theirs(state, member, access));
    let rows = rows.map(|access| row(state, lang, access)).collect();
    let scopes = Scope::ALL.map(|scope| {
        let key = format!("scope-{}", scope.code().replace(':', "-"));
        Choice::new(scope.code(), lang.t(&key)).hint(scope.code())
    });
    let today = state.clock.today();
    let fields = [
        Field::line(lang, "name", lang.t("field-system")).hint(lang.t("hint-system")),
        Field::line(lang, "body", lang.t("field-person-body")).hint(lang.t("hint-system-body")).optional(),
        Field::checks(lang, "scopes", lang.t("field-scopes"), scopes.into()),
        Field::line(lang, "until", lang.t("field-until")).hint(lang.t1(
            "hint-until",
            "day",
            today.saturating_add(180.days()).to_string(),
        )),
    ];
    let fields = fields.map(|field| field.filled(typed, &errors)).into();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(member, lang.t("systems-title"), "/systems");
    page.back = page.href("/people");
    page.errors = errors;
    html(status, &Systems { token: token.map(|token| token.to_string()), rows, fields, page })
}

fn row(state: &ConsoleState, lang: Lang, access: &Access) -> Row {
    let bodies = &state.policy.bodies;
    let today = state.clock.today();
    Row {
        number: access.number,
        name: access.name.clone(),
        id: access.id().0,
        body: access.body(bodies).map_or_else(|| access.body.clone(), |body| view::text(&body.name, lang)),
        scopes: access.scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>().join(", "),
        state: match access.revoked {
            Some(day) => lang.t1("systems-revoked", "day", view::day(day)),
            None if access.is_open(today) => lang.t1("systems-until", "day", view::day(access.until)),
            None => lang.t1("systems-over", "day", view::day(access.until)),
        },
        is_open: access.is_open(today),
    }
}

struct Row {
    number: u64,
    name: String,
    /// As the staff record names it.
    id: String,
    body: String,
    scopes: String,
    state: String,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "console/systems.html")]
struct Systems {
    page: Page,
    /// Shown once.
    token: Option<String>,
    rows: Vec<Row>,
    fields: Vec<Field>,
}
