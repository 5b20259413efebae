//! Each role's first page is its morning's work: what waits for this person, the most urgent first.

use super::{
    ConsoleState, figures,
    filter::{Filter, Owner},
    queue::Row,
};
use crate::{
    casework::{Band, CaseSummary, Permission, State},
    staff::{AnyStaff, May},
    web::{Chart, Page, html},
};
use askama::Template;
use axum::{extract::State as Shared, http::StatusCode, response::Response};

/// Rows of a section shown here; the rest is behind its link.
const ROWS: usize = 8;

/// A heading, how many, the first few, and the way to all of them.
struct Section {
    title: String,
    total: usize,
    rows: Vec<Row>,
    all: String,
}

/// A line of work that is not a list of cases.
struct Task {
    text: String,
    href: String,
}

pub(super) async fn show(Shared(state): Shared<ConsoleState>, may: May<AnyStaff>) -> Response {
    let lang = may.lang;
    let mut sections = Vec::new();
    let mut wanted: Vec<(&str, Filter, &str)> = Vec::new();
    let all = Filter::default;
    if may.may(Permission::ProtectReporter) {
        wanted.push(("first-retaliation", Filter { retaliation: true, ..all() }, "retaliation=1"));
    }
    if may.may_any(&[Permission::Admit, Permission::Investigate]) {
        wanted.push(("first-danger", Filter { danger: true, ..all() }, "danger=1"));
    }
    if may.may(Permission::Admit) {
        wanted.push(("first-overdue", Filter { band: Some(Band::Overdue), ..all() }, "band=overdue"));
        wanted.push(("first-repeat", Filter { repeat: true, ..all() }, "repeat=1"));
        wanted.push(("first-admit", Filter { state: Some(State::Submitted), ..all() }, "state=submitted"));
        wanted.push(("first-assign", Filter { state: Some(State::Accepted), ..all() }, "state=accepted"));
        wanted.push(("first-word", Filter { word: true, ..all() }, "word=reporter"));
    }
    if may.may(Permission::Investigate) {
        let mine = || Filter { owner: Some(Owner::Me), ..all() };
        wanted.push((
            "first-begin",
            Filter { state: Some(State::Assigned), ..mine() },
            "owner=me&state=assigned",
        ));
        wanted.push((
            "first-mine",
            Filter { state: Some(State::Verifying), ..mine() },
            "owner=me&state=verifying",
        ));
        wanted.push((
            "first-reply",
            Filter { state: Some(State::Concluded), ..mine() },
            "owner=me&state=concluded",
        ));
        wanted.push(("first-word", Filter { word: true, ..mine() }, "owner=me&word=reporter"));
        wanted.push((
            "first-close",
            Filter { state: Some(State::Replied), ..mine() },
            "owner=me&state=replied",
        ));
    }
    if may.may(Permission::Review) {
        wanted.push(("first-review", Filter { state: Some(State::Objected), ..all() }, "state=objected"));
    }
    if may.may(Permission::DecideDeletion) {
        wanted.push(("first-deletion", Filter { deletion: true, ..all() }, "deletion=1"));
    }
    if may.may(Permission::GrantExtension) {
        wanted.push(("first-extension", Filter { extension: true, ..all() }, "extension=1"));
    }
    for (key, filter, query) in wanted {
        let found = state.matching(&may, &filter, 0, ROWS);
        sections.push(Section {
            title: lang.t(key),
            total: found.total,
            rows: found.rows.iter().map(|row| state.row(&may, &under(&filter, row))).collect(),
            all: format!("/{}/cases?{query}", lang.path()),
        });
    }
    let page = state.page(&may, lang.t("first-title"), "/");
    let (waiting, calm): (Vec<_>, Vec<_>) = sections.into_iter().partition(|section| section.total > 0);
    // Who reads figures and works no cases finds the figures.
    let figures = if may.may(Permission::SeeFigures) && !may.may(Permission::SeeQueue) {
        match figures::latest(&state, &may).await {
            Ok(found) => found,
            Err(refused) => return refused,
        }
    } else {
        None
    };
    let (figures, charts) = figures.unwrap_or_default();
    let template = First {
        tasks: tasks(&state, &may),
        figures,
        charts,
        waiting,
        calm: calm.into_iter().map(|section| section.title).collect(),
        page,
    };
    html(StatusCode::OK, &template)
}

/// Each list shows its own deadline, whatever else the case waits for.
fn under(filter: &Filter, row: &CaseSummary) -> CaseSummary {
    CaseSummary { next: filter.deadline(row), ..row.clone() }
}

fn tasks(state: &ConsoleState, may: &May<AnyStaff>) -> Vec<Task> {
    let lang = may.lang;
    let path = |rest: &str| format!("/{}{rest}", lang.path());
    let mut tasks = Vec::new();
    let mut add = |text: String, href: &str| tasks.push(Task { text, href: path(href) });
    let awards = if may.may_any(&[Permission::ApproveAward, Permission::NotifyAward]) {
        state.awards(may)
    } else {
        Vec::new()
    };
    let count = |of: &str| awards.iter().filter(|award| award.state == of).count();
    if may.may(Permission::ApproveAward) {
        add(lang.t1("task-approve", "count", count("computed")), "/approvals");
    }
    if may.may(Permission::NotifyAward) {
        add(lang.t1("task-notify", "count", count("approved") + count("filed")), "/approvals");
    }
    if may.may(Permission::ReleaseShare) {
        // Trustees hold a part of every lock, whoever handles the case.
        let count = state.trustees.awards().iter().filter(|award| award.state == "release-published").count();
        add(lang.t1("task-release", "count", count), "/releases");
    }
    if may.may(Permission::SeeFigures) {
        add(lang.t("task-figures"), "/figures");
    }
    if may.may(Permission::ReadStaffRecord) {
        add(lang.t("task-trail"), "/trail");
    }
    if may.may(Permission::ManageStaff) {
        add(lang.t("task-people"), "/people");
    }
    if may.may(Permission::ApproveAward) && may.account.signing_key.is_none() {
        add(lang.t("task-key"), "/me");
    }
    if may.may(Permission::OpenPackage) {
        tasks.push(Task { text: lang.t("task-office"), href: String::new() });
    }
    tasks
}

#[derive(Template)]
#[template(path = "console/first.html")]
struct First {
    page: Page,
    tasks: Vec<Task>,
    waiting: Vec<Section>,
    /// Titles of sections in which nothing waits.
    calm: Vec<String>,
    /// How many of which year the charts are about; empty: nothing to show.
    figures: String,
    charts: Vec<Chart>,
}
