//! The list of cases (screens I1): filters in the address, free text by POST, 50 rows a page.

use super::{
    ConsoleState,
    filter::{FILTERS, Filter, Owner, SORTS, order},
    view::{self, DeadlineTag},
};
use crate::{
    casework::{CaseSummary, LastWord, MoveKind, State},
    clock::Day,
    ids::StaffId,
    policy::{Body, MatterKind},
    repeats::as_compared,
    staff::{May, Member, Sent, grant},
    store::Page as Rows,
    web::{Choice, Errors, Field, Lang, Page, Typed, html},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{StatusCode, Uri},
    response::Response,
};
use std::collections::BTreeSet;

const ROWS: usize = 50;
/// How many cases a text search reads in full; beyond that it goes by target and number alone.
const READ_IN_FULL: usize = 2_000;

impl ConsoleState {
    /// Rows this person may know of: their own where they may only read their own, and only of their body and those below.
    pub(super) fn may_list(&self, member: &Member, row: &CaseSummary) -> bool {
        use crate::casework::Permission::{ReadOwnCase, SeeQueue};
        let listed = member.may(SeeQueue) && !member.may(ReadOwnCase);
        (listed || member.actor.may_read(row.owner.as_ref()))
            && self.reaches(member, row.handled_by(&self.policy.bodies))
    }

    pub(super) fn matching(&self, member: &Member, filter: &Filter, skip: usize, most: usize) -> Rows {
        // Asked once, not once a row.
        let today = self.clock.today();
        self.cases.select(
            &|row| self.fits(member.id(), filter, row, today) && self.may_list(member, row),
            &|a, b| order(filter, a, b),
            skip,
            most,
        )
    }

    /// Bodies that handle some case this person may know of, in the order of `policy/bodies.toml`.
    fn bodies_with_cases(&self, member: &Member) -> Vec<&Body> {
        let bodies = &*self.policy.bodies;
        let mut found = BTreeSet::new();
        self.cases.each(&mut |row| {
            if self.may_list(member, row) {
                found.insert(&row.handled_by(bodies).code);
            }
        });
        bodies.iter().filter(|body| found.contains(&body.code)).collect()
    }

    fn fits(&self, me: &StaffId, filter: &Filter, row: &CaseSummary, today: Day) -> bool {
        let bands = &self.policy.deadlines.bands;
        filter.state.is_none_or(|state| row.state == state)
            && filter.kind.is_none_or(|kind| row.kind == kind)
            && filter.body.as_ref().is_none_or(|body| *body == row.handled_by(&self.policy.bodies).code)
            && filter.band.is_none_or(|band| row.next.is_some_and(|next| next.band(today, bands) == band))
            && (!filter.danger || (row.imminent_danger && !row.state.is_final()))
            && (!filter.word || (row.last_word == LastWord::Reporter && !row.state.is_final()))
            && (!filter.extension || row.extension_asked)
            && (!filter.retaliation || row.retaliation.is_some())
            && (!filter.deletion || row.deletion.is_some())
            && (!filter.repeat || row.likely_repeat)
            && match &filter.owner {
                None => true,
                Some(Owner::Me) => row.owner.as_ref() == Some(me),
                Some(Owner::Nobody) => row.owner.is_none() && !row.state.is_final(),
            }
    }
}

/// One row as it is shown.
pub(super) struct Row {
    pub number: String,
    /// Empty where this person may not open the case.
    pub href: String,
    pub danger: bool,
    pub kind: String,
    pub place: String,
    /// Who handles it; empty where that can only be one's own body.
    pub body: String,
    pub target: String,
    pub state: String,
    pub deadline: Option<DeadlineTag>,
    pub word: String,
    pub owner: String,
}

impl ConsoleState {
    pub(super) fn row(&self, member: &Member, row: &CaseSummary) -> Row {
        let lang = member.lang;
        let opens = member.actor.may_read(row.owner.as_ref());
        Row {
            number: row.number.to_string(),
            href: if opens { format!("/{}/cases/{}", lang.path(), row.number) } else { String::new() },
            danger: row.imminent_danger,
            kind: self.kind(lang, row.kind),
            place: self.place(&row.region),
            body: if self.has_below(member) {
                view::text(&row.handled_by(&self.policy.bodies).name, lang)
            } else {
                String::new()
            },
            target: if opens { row.target.clone() } else { String::new() },
            state: view::state(lang, row.state),
            deadline: row.next.as_ref().map(|next| self.deadline(lang, next)),
            word: lang.t(match row.last_word {
                LastWord::Nobody => "word-nobody",
                LastWord::Reporter => "word-reporter",
                LastWord::Staff => "word-staff",
            }),
            owner: row.owner.as_ref().map_or_else(|| lang.t("owner-nobody"), |id| self.person(id)),
        }
    }
}

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::SeeQueue>,
    uri: Uri,
) -> Response {
    let filter = Filter::parse(uri.query().unwrap_or_default());
    let found = state.matching(&may, &filter, filter.page * ROWS, ROWS);
    let lang = may.lang;
    let chips: Vec<(String, String)> = FILTERS
        .iter()
        .filter(|name| !filter.value(name).is_empty())
        .map(|name| {
            (chip(&state, lang, &filter, name), filter.query(name, filter.sort, filter.descending, 0))
        })
        .collect();
    let mut title = lang.t1("queue-title", "count", found.total);
    for (label, _) in &chips {
        title.push_str(if lang == Lang::Zh { "，" } else { ", " });
        title.push_str(label);
    }
    let page = state.page(&may, title, "/cases");
    let sorts = SORTS
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let here = i == filter.sort;
            Sort {
                label: lang.t(&format!("column-{name}")),
                query: filter.query("", i, here && !filter.descending, 0),
                aria: match (here, filter.descending) {
                    (false, _) => "none",
                    (true, false) => "ascending",
                    (true, true) => "descending",
                },
            }
        })
        .collect();
    let pages = found.total.div_ceil(ROWS);
    let link = |page: usize| filter.query("", filter.sort, filter.descending, page);
    let template = Queue {
        done: done(lang, uri.query().unwrap_or_default()),
        fields: fields(&state, &may, &filter),
        rows: found.rows.iter().map(|row| state.row(&may, row)).collect(),
        chips,
        sorts,
        at: filter.page + 1,
        pages,
        earlier: (filter.page > 0).then(|| link(filter.page - 1)),
        later: (filter.page + 1 < pages).then(|| link(filter.page + 1)),
        searched: false,
        page,
    };
    html(StatusCode::OK, &template)
}

/// Free text goes by POST: it may hold names, and addresses end up in logs. Width, case, spaces and marks do not matter.
pub(super) async fn search(Shared(state): Shared<ConsoleState>, sent: Sent<grant::SeeQueue>) -> Response {
    let member = &sent.may;
    let text = as_compared(sent.typed.text("text"));
    if let Err(response) = state.note_read(member, "search", None).await {
        return response;
    }
    let everything = Filter { sort: 1, descending: true, ..Filter::default() };
    let all = state.matching(member, &everything, 0, READ_IN_FULL);
    let mut found = Vec::new();
    for row in all.rows {
        if text.is_empty() || !member.actor.may_read(row.owner.as_ref()) {
            continue;
        }
        let has = |part: &str| as_compared(part).contains(&text);
        let in_row = has(&row.number.to_string()) || has(&row.target);
        let in_case = || match state.cases.case(row.number) {
            Ok(Some(dossier)) => {
                let content = &dossier.case.content;
                let additions = dossier.case.additions.iter().map(|addition| &addition.text);
                [&content.target_name, &content.address, &content.narrative, &content.credit_code]
                    .into_iter()
                    .chain(additions)
                    .any(|part| has(part))
            }
            _ => false,
        };
        if in_row || in_case() {
            found.push(row);
        }
    }
    let mut page = state.page(member, member.lang.t1("search-title", "count", found.len()), "");
    page.back = page.href("/cases");
    let template = Queue {
        done: String::new(),
        fields: Vec::new(),
        rows: found.iter().take(ROWS).map(|row| state.row(member, row)).collect(),
        chips: Vec::new(),
        sorts: Vec::new(),
        at: 1,
        pages: 1,
        earlier: None,
        later: None,
        searched: true,
        page,
    };
    html(StatusCode::OK, &template)
}

fn done(lang: Lang, query: &str) -> String {
    let typed = Typed::parse(query.as_bytes()).unwrap_or_default();
    let mv = MoveKind::parse(typed.raw("done"));
    mv.map(|mv| lang.t(&format!("done-{}", mv.code()))).unwrap_or_default()
}

fn chip(state: &ConsoleState, lang: Lang, filter: &Filter, name: &str) -> String {
    match name {
        "state" => filter.state.map(|s| view::state(lang, s)).unwrap_or_default(),
        "kind" => filter.kind.map(|kind| state.kind(lang, kind)).unwrap_or_default(),
        "body" => filter.body.as_ref().map(|code| state.body(lang, code)).unwrap_or_default(),
        _ => filter_word(state, lang, name, &filter.value(name)),
    }
}

/// What one value of a filter is called. How many days are soon is for `policy/deadlines.toml` to say.
fn filter_word(state: &ConsoleState, lang: Lang, name: &str, value: &str) -> String {
    let bands = &state.policy.deadlines.bands;
    let (soon, coming) = (bands.soon.count(), bands.coming.count());
    let days = [("soon", soon.into()), ("after", (soon + 1).into()), ("coming", coming.into())];
    lang.t_with(&format!("filter-{name}-{value}"), &days)
}

fn fields(state: &ConsoleState, member: &Member, filter: &Filter) -> Vec<Field> {
    let lang = member.lang;
    let mut typed = Typed::default();
    for name in FILTERS {
        typed.set(name, filter.value(name));
    }
    let any = || Choice::new("", lang.t("filter-any"));
    let choices = |name: &str, values: &[&str]| {
        let words = values.iter().map(|value| Choice::new(*value, filter_word(state, lang, name, value)));
        std::iter::once(any()).chain(words).collect::<Vec<_>>()
    };
    let states = State::ALL.iter().map(|s| Choice::new(s.code(), view::state(lang, *s)));
    let kinds = MatterKind::ALL.iter().map(|kind| Choice::new(kind.as_str(), state.kind(lang, *kind)));
    let mut selects: Vec<(&str, Vec<Choice>)> = vec![
        ("state", std::iter::once(any()).chain(states).collect()),
        ("kind", std::iter::once(any()).chain(kinds).collect()),
        ("band", choices("band", &["overdue", "soon", "coming", "later"])),
        ("owner", choices("owner", &["me", "nobody"])),
        ("word", choices("word", &["reporter"])),
        ("danger", choices("danger", &["1"])),
        ("retaliation", choices("retaliation", &["1"])),
        ("deletion", choices("deletion", &["1"])),
        ("repeat", choices("repeat", &["1"])),
    ];
    if state.has_below(member) {
        let bodies = state.bodies_with_cases(member);
        let bodies =
            bodies.into_iter().map(|body| Choice::new(body.code.as_str(), view::text(&body.name, lang)));
        selects.push(("body", std::iter::once(any()).chain(bodies).collect()));
    }
    let field = |(name, choices): (&str, Vec<Choice>)| {
        Field::select(lang, name, lang.t(&format!("filter-{name}")), choices)
            .filled(&typed, &Errors::default())
    };
    selects.into_iter().map(field).collect()
}

struct Sort {
    label: String,
    query: String,
    aria: &'static str,
}

#[derive(Template)]
#[template(path = "console/queue.html")]
struct Queue {
    page: Page,
    /// What was done to a case that this person can no longer open.
    done: String,
    fields: Vec<Field>,
    rows: Vec<Row>,
    chips: Vec<(String, String)>,
    /// By deadline, number, state, kind.
    sorts: Vec<Sort>,
    at: usize,
    pages: usize,
    earlier: Option<String>,
    later: Option<String>,
    searched: bool,
}
