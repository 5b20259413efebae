//! Access of other systems (for administrators): made with a token that is shown once, confirmed by a second administrator,
//! listed, revoked. Who does any of it proves anew who they are, and each act stands in the staff record.

use super::{ConsoleState, view};
use crate::{
    casework::Case,
    clock::Day,
    ids::StaffId,
    staff::{May, Member, Sent, grant, notice},
    store::{Access, AccessHash, Confirmation, Refused, Scope},
    web::{Choice, Errors, Face, Field, Page, Typed, html, see_other},
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
    if let Err(response) = state.note_system_change(&may, "access-made", said(&access)).await {
        return response;
    }
    let (token, hash) = AccessHash::draw(&mut rand::rng());
    let made = Made { token, confirm_by: access.confirm_by() };
    match state.staff.new_access(&may.account, hash, access).await {
        Ok(_) => page(&state, &may, Some(made), &Typed::default(), Errors::default()),
        Err(Refused::TooManyAccesses) => {
            errors.add("name", may.lang.t("systems-too-many"));
            page(&state, &may, None, &typed, errors)
        }
        Err(cause) => state.down(may.lang, &cause),
    }
}

/// By somebody else than its maker: from then on the token opens what it names.
pub(super) async fn confirm(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, u64)>,
    Sent { may, .. }: Sent<grant::ManageStaff>,
) -> Response {
    let (lang, today) = (may.lang, state.clock.today());
    let access = match find(&state, &may, number) {
        Ok(access) => access,
        Err(response) => return response,
    };
    if access.made_by == *may.id() {
        return notice(Face::Console, lang, StatusCode::FORBIDDEN, "systems-own");
    }
    let list = format!("/{}/systems", lang.path());
    // The list says why not.
    if !access.awaits(today) {
        return see_other(&list);
    }
    let change = format!("{}; {}", said(&access), access.made_by);
    // Recorded in the same step: whoever is refused has stood by nothing.
    let entry = state.trail_entry(&may, "access-confirmed", None, None, change);
    match state.staff.confirm_access(&may.account, number, today, entry).await {
        // Somebody else was faster, or whoever asked was put out meanwhile.
        Ok(()) | Err(Refused::Changed) => see_other(&list),
        Err(cause) => state.down(lang, &cause),
    }
}

pub(super) async fn revoke(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, u64)>,
    Sent { may, .. }: Sent<grant::ManageStaff>,
) -> Response {
    let access = match find(&state, &may, number) {
        Ok(access) => access,
        Err(response) => return response,
    };
    if let Err(response) = state.note_system_change(&may, "access-revoked", access.name).await {
        return response;
    }
    match state.staff.revoke_access(&may.account, number, state.clock.today()).await {
        Ok(()) => see_other(&format!("/{}/systems", may.lang.path())),
        Err(cause) => state.down(may.lang, &cause),
    }
}

/// How many tokens this administrator could confirm.
pub(super) fn waiting_for(state: &ConsoleState, member: &Member) -> Result<usize, Refused> {
    let all = state.staff.accesses()?;
    Ok(all.iter().filter(|access| is_theirs(state, member, access) && waits(state, member, access)).count())
}

/// Whether another system reads this case's latest sheet, or will once a second administrator has confirmed its token.
pub(super) fn read_sheet(state: &ConsoleState, case: &Case) -> Result<bool, Refused> {
    let (bodies, today) = (&state.policy.bodies, state.clock.today());
    let own = case.handled_by(bodies);
    let reads = |access: &Access| {
        access.scopes.contains(&Scope::Cases)
            && (access.is_open(today) || access.awaits(today))
            && access.body(bodies).is_some_and(|body| bodies.covers(body, own))
    };
    Ok(state.staff.accesses()?.iter().any(reads))
}

/// Whether this administrator, who reaches it, could be the second.
fn waits(state: &ConsoleState, member: &Member, access: &Access) -> bool {
    access.awaits(state.clock.today()) && access.made_by != *member.id()
}

/// What does not exist and what is not theirs look alike.
fn find(state: &ConsoleState, member: &Member, number: u64) -> Result<Access, Response> {
    let all = state.staff.accesses().map_err(|cause| state.down(member.lang, &cause))?;
    let found = all.into_iter().find(|access| access.number == number && is_theirs(state, member, access));
    found.ok_or_else(|| notice(Face::Console, member.lang, StatusCode::NOT_FOUND, "console-not-found"))
}

/// For the staff record.
fn said(access: &Access) -> String {
    format!("{}; {}; {}; {}", access.name, access.body, scopes(access), access.until)
}

fn scopes(access: &Access) -> String {
    access.scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>().join(", ")
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
        confirmation: Confirmation::Awaited,
    })
}

fn page(
    state: &ConsoleState,
    member: &Member,
    made: Option<Made>,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = member.lang;
    let all = match state.staff.accesses() {
        Ok(all) => all,
        Err(cause) => return state.down(lang, &cause),
    };
    let rows = all.iter().rev().filter(|access| is_theirs(state, member, access));
    let rows = rows.map(|access| row(state, member, access)).collect();
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
    let (token, confirm_by) = made.map(|made| (made.token.to_string(), view::day(made.confirm_by))).unzip();
    html(status, &Systems { token, confirm_by: confirm_by.unwrap_or_default(), rows, fields, page })
}

fn row(state: &ConsoleState, member: &Member, access: &Access) -> Row {
    let (lang, bodies, today) = (member.lang, &state.policy.bodies, state.clock.today());
    let (is_open, awaits) = (access.is_open(today), access.awaits(today));
    let of_day = |key: &str, day: Day| lang.t1(key, "day", view::day(day));
    let of_person = |key: &str, who: &StaffId, day: Day| {
        let (who, day) = (format!("{} ({who})", state.person(who)), view::day(day));
        lang.t_with(key, &view::values(&[("who", who.as_str()), ("day", &day)]))
    };
    let second = match &access.confirmation {
        Confirmation::NotAsked => lang.t("systems-not-asked"),
        Confirmation::Awaited => String::new(),
        Confirmation::Given { by, day } => of_person("systems-confirmed", by, *day),
    };
    Row {
        number: access.number,
        name: access.name.clone(),
        id: access.id().0,
        body: access.body(bodies).map_or_else(|| access.body.clone(), |body| view::text(&body.name, lang)),
        scopes: scopes(access),
        state: match access.revoked {
            Some(day) => of_day("systems-revoked", day),
            None if is_open => of_day("systems-until", access.until),
            None if awaits => of_day("systems-waits", access.confirm_by()),
            None if access.confirmation == Confirmation::Awaited => {
                of_day("systems-lapsed", access.confirm_by())
            }
            None => of_day("systems-over", access.until),
        },
        made: of_person("systems-made", &access.made_by, access.made),
        second,
        is_open,
        can_confirm: waits(state, member, access),
        can_revoke: is_open || awaits,
    }
}

/// A token as it comes to be.
struct Made {
    token: Zeroizing<String>,
    confirm_by: Day,
}

struct Row {
    number: u64,
    name: String,
    /// As the staff record names it.
    id: String,
    body: String,
    scopes: String,
    state: String,
    /// By whom and when.
    made: String,
    /// Who confirmed it; empty: nobody yet.
    second: String,
    is_open: bool,
    can_confirm: bool,
    can_revoke: bool,
}

#[derive(Template)]
#[template(path = "console/systems.html")]
struct Systems {
    page: Page,
    /// Shown once.
    token: Option<String>,
    /// The last day for a second administrator, where there is a token.
    confirm_by: String,
    rows: Vec<Row>,
    fields: Vec<Field>,
}
