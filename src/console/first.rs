//! Each role's first page is its morning's work: what is late, what ends today, what waits for this person and what is
//! new, the most urgent first; and where nothing waits, that.

use super::{
    ConsoleState, figures,
    filter::{Due, Filter, Owner, under},
    first_tasks::{self, Task},
    queue::Row,
    views::Named,
};
use crate::{
    casework::{Band, Permission, State},
    staff::{AnyStaff, May, Member},
    store::Wanted,
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

pub(super) async fn show(Shared(state): Shared<ConsoleState>, may: May<AnyStaff>) -> Response {
    let lang = may.lang;
    let since = state.policy.deadlines.day_before(state.clock.today());
    let views = match may.may(Permission::SeeQueue).then(|| state.named_views(&may)).transpose() {
        Ok(views) => views.unwrap_or_default(),
        Err(cause) => return state.down(lang, &cause),
    };
    let (sections, views) = drawn_up(&state, &may, views, &since.to_string());
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
    let tasks = match first_tasks::all(&state, &may, since).await {
        Ok(tasks) => tasks,
        Err(cause) => return state.down(lang, &cause),
    };
    let (waits, ways): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|task| task.waits);
    let template = First {
        today: state.clock.today().to_string(),
        nothing: waits.is_empty() && waiting.is_empty(),
        tasks: waits,
        ways,
        views,
        figures,
        charts,
        waiting,
        calm: calm.into_iter().map(|section| section.title).collect(),
        page,
    };
    html(StatusCode::OK, &template)
}

/// Name, address and how many.
type Counted = (String, String, usize);

/// Every list of this person, and every view counted, in one pass: the page is asked for by everybody at one hour.
fn drawn_up(
    state: &ConsoleState,
    may: &Member,
    views: Vec<Named>,
    since: &str,
) -> (Vec<Section>, Vec<Counted>) {
    let (lang, lists, sight) = (may.lang, lists(may), state.sight(may));
    let wanted = lists.iter().map(|(_, filter)| state.wanted(may, filter, 0, ROWS));
    let counted = views.iter().map(|view| state.wanted(may, &view.filter, 0, 0));
    let wanted: Vec<Wanted> = wanted.chain(counted).collect();
    let mut found = state.cases.lists(&|row| sight.sees(row), &wanted);
    let counted = found.split_off(lists.len());
    let title = |key: &str| lang.t1(key, "day", since);
    let told = if may.may(Permission::Oversee) { state.overseen(may, ROWS) } else { Vec::new() };
    let told = told.into_iter().map(|(key, found)| Section {
        title: title(key),
        total: found.total,
        rows: found.rows.iter().map(|row| state.row(may, row)).collect(),
        all: format!("/{}/late", lang.path()),
    });
    let own = lists.iter().zip(found).map(|((key, filter), found)| Section {
        title: title(key),
        total: found.total,
        rows: found.rows.iter().map(|row| state.row(may, &under(filter, row))).collect(),
        all: format!("/{}/cases?{}", lang.path(), filter.query("", 0, false, 0)),
    });
    let counts = views.iter().zip(counted).map(|(view, found)| {
        (view.name.clone(), format!("/{}/cases?{}", lang.path(), view.query), found.total)
    });
    (told.chain(own).collect(), counts.collect())
}

/// The lists of this person's roles: key of the heading, and what it asks for.
fn lists(may: &Member) -> Vec<(&'static str, Filter)> {
    let mut wanted: Vec<(&str, Filter)> = Vec::new();
    let all = Filter::default;
    let admits = may.may(Permission::Admit);
    if may.may(Permission::ProtectReporter) {
        wanted.push(("first-retaliation", Filter { retaliation: true, ..all() }));
    }
    if may.may_any(&[Permission::Admit, Permission::Investigate]) {
        wanted.push(("first-danger", Filter { danger: true, ..all() }));
    }
    // What ends, and what is new: of everything for those who admit, else of one's own.
    if may.may_any(&[Permission::Admit, Permission::Investigate]) {
        let whose = || Filter { owner: (!admits).then_some(Owner::Me), ..all() };
        wanted.push(("first-overdue", Filter { band: Some(Band::Overdue), ..whose() }));
        wanted.push(("first-today", Filter { due: Some(Due::Today), ..whose() }));
        wanted.push(("first-near", Filter { due: Some(Due::Near), ..whose() }));
    }
    if admits {
        wanted.push(("first-repeat", Filter { repeat: true, ..all() }));
        wanted.push(("first-admit", Filter { state: Some(State::Submitted), ..all() }));
        wanted.push(("first-assign", Filter { state: Some(State::Accepted), ..all() }));
        wanted.push(("first-word", Filter { word: true, ..all() }));
        wanted.push(("first-new", Filter { news: true, ..all() }));
    }
    if may.may(Permission::Investigate) {
        let mine = || Filter { owner: Some(Owner::Me), ..all() };
        wanted.push(("first-begin", Filter { state: Some(State::Assigned), ..mine() }));
        wanted.push(("first-mine", Filter { state: Some(State::Verifying), ..mine() }));
        wanted.push(("first-reply", Filter { state: Some(State::Concluded), ..mine() }));
        if !admits {
            wanted.push(("first-word", Filter { word: true, ..mine() }));
            wanted.push(("first-new", Filter { news: true, ..mine() }));
        }
        wanted.push(("first-close", Filter { state: Some(State::Replied), ..mine() }));
    }
    if may.may(Permission::Review) {
        wanted.push(("first-review", Filter { state: Some(State::Objected), ..all() }));
    }
    if may.may(Permission::DecideDeletion) {
        wanted.push(("first-deletion", Filter { deletion: true, ..all() }));
    }
    if may.may(Permission::GrantExtension) {
        wanted.push(("first-extension", Filter { extension: true, ..all() }));
    }
    wanted
}

#[derive(Template)]
#[template(path = "console/first.html")]
struct First {
    page: Page,
    today: String,
    /// Neither a case nor anything else waits.
    nothing: bool,
    tasks: Vec<Task>,
    /// Where else the day may lead.
    ways: Vec<Task>,
    views: Vec<Counted>,
    waiting: Vec<Section>,
    /// Titles of sections in which nothing waits.
    calm: Vec<String>,
    /// How many of which year the charts are about; empty: nothing to show.
    figures: String,
    charts: Vec<Chart>,
}
