//! The list of cases (screens I1): filters in the address, free text by POST, 50 rows a page.

use super::{
    ConsoleState, bulk,
    filter::{Days, FILTERS, Filter, Owner, SORTS, order},
    view::{self, DeadlineTag},
    views::{self, Named},
};
use crate::{
    casework::{CaseSummary, LastWord, MoveKind, State},
    ids::StaffId,
    policy::{Body, Code, MatterKind},
    staff::{May, Member, grant},
    store::{Page as Rows, Refused, Wanted},
    web::{Choice, Errors, Field, Lang, Page, Typed, html},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{StatusCode, Uri},
    response::Response,
};
use std::collections::HashSet;

pub(super) const ROWS: usize = 50;

impl ConsoleState {
    pub(super) fn matching(&self, member: &Member, filter: &Filter, skip: usize, most: usize) -> Rows {
        let sight = self.sight(member);
        let wanted = self.wanted(member, filter, skip, most);
        self.cases.lists(&|row| sight.sees(row), &[wanted]).remove(0)
    }

    /// The list that a filter asks for.
    pub(super) fn wanted<'a>(
        &'a self,
        member: &'a Member,
        filter: &'a Filter,
        skip: usize,
        most: usize,
    ) -> Wanted<'a> {
        let days = self.days();
        Wanted {
            matches: Box::new(move |row| self.fits(member.id(), filter, row, &days)),
            order: Box::new(move |a, b| order(filter, a, b)),
            skip,
            most,
        }
    }

    /// Bodies that handle some case this person may know of, in the order of `policy/bodies.toml`.
    fn bodies_with_cases(&self, member: &Member) -> Vec<&Body> {
        let (bodies, sight) = (&*self.policy.bodies, self.sight(member));
        let named = self.cases.bodies();
        let is_known =
            |code: &Option<Code>| code.as_ref().is_some_and(|code| bodies.get(code.as_str()).is_some());
        if sight.of_others && named.iter().all(is_known) {
            let named: HashSet<Code> = named.into_iter().flatten().collect();
            return bodies
                .iter()
                .filter(|body| named.contains(&body.code) && sight.reaches_body(body))
                .collect();
        }
        // Some say nothing, or something policy no longer knows: then each is asked.
        let mut found: HashSet<Code> = HashSet::new();
        self.cases.each(&mut |row| {
            let seen = row.body.as_ref().is_some_and(|code| found.contains(code));
            if !seen && sight.sees(row) {
                found.extend(row.body.clone());
                found.insert(row.handled_by(bodies).code.clone());
            }
        });
        bodies.iter().filter(|body| found.contains(&body.code)).collect()
    }

    fn days(&self) -> Days {
        let (today, clocks) = (self.clock.today(), &self.policy.deadlines);
        Days {
            today,
            near: clocks.reminds_until(today),
            since: clocks.day_before(today),
            soon: clocks.bands.soon.after(today),
            coming: clocks.bands.coming.after(today),
        }
    }

    fn fits(&self, me: &StaffId, filter: &Filter, row: &CaseSummary, days: &Days) -> bool {
        filter.state.is_none_or(|state| row.state == state)
            && filter.kind.is_none_or(|kind| row.kind == kind)
            && filter.body.as_ref().is_none_or(|body| *body == row.handled_by(&self.policy.bodies).code)
            && filter.band.is_none_or(|band| row.next.is_some_and(|next| days.band(&next) == band))
            && filter.due.is_none_or(|due| due.fits(row, days))
            && (!filter.news || (row.news >= days.since && !row.state.is_final()))
            && (!filter.late || row.escalated.is_some())
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
                Some(Owner::Of(id)) => row.owner.as_ref() == Some(id),
            }
    }
}

/// One row as it is shown.
pub(super) struct Row {
    pub number: String,
    /// What a form about this row was built on.
    pub version: u64,
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
            version: row.version,
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
    let without = |name: &&str| filter.query(name, filter.sort, filter.descending, 0);
    let set = FILTERS.iter().filter(|name| !filter.value(name).is_empty());
    let chips: Vec<(String, String)> =
        state.filter_words(&may, &filter).into_iter().zip(set.map(without)).collect();
    let here = filter.query("", filter.sort, filter.descending, filter.page);
    may.leave_list_at(&here).await;
    let views = match offered(&state, &may, &filter) {
        Ok(views) => views,
        Err(cause) => return state.down(lang, &cause),
    };
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
    let fields = fields(&state, &may, &filter);
    let template = Queue {
        done: done(lang, uri.query().unwrap_or_default()),
        carried: filter.carried(&fields),
        fields,
        rows: found.rows.iter().map(|row| state.row(&may, row)).collect(),
        chips,
        sorts,
        at: filter.page + 1,
        pages,
        earlier: (filter.page > 0).then(|| link(filter.page - 1)),
        later: (filter.page + 1 < pages).then(|| link(filter.page + 1)),
        // A view of everything, as it comes, is the list itself.
        keeps: filter.query("", filter.sort, filter.descending, 0),
        views,
        bulk: bulk::buttons(&may),
        bulk_all: (found.total > found.rows.len() && found.total <= bulk::MOST).then_some(found.total),
        here,
        ..Queue::empty(page)
    };
    html(StatusCode::OK, &template)
}

/// A view's name, its address, and whether it is the list shown.
type Offered = (String, String, bool);

/// The views beside the list.
fn offered(state: &ConsoleState, member: &Member, shown: &Filter) -> Result<Vec<Offered>, Refused> {
    let here = shown.query("", shown.sort, shown.descending, 0);
    let offer = |view: Named| {
        let is_here = view.query == here;
        (view.name, view.query, is_here)
    };
    Ok(state.named_views(member)?.into_iter().map(offer).collect())
}

fn done(lang: Lang, query: &str) -> String {
    let typed = Typed::parse(query.as_bytes()).unwrap_or_default();
    if typed.raw("done") == "view" {
        return lang.t("view-kept");
    }
    let mv = MoveKind::parse(typed.raw("done"));
    mv.map(|mv| lang.t(&format!("done-{}", mv.code()))).unwrap_or_default()
}

impl ConsoleState {
    /// The filters that are set, in words.
    pub(super) fn filter_words(&self, member: &Member, filter: &Filter) -> Vec<String> {
        let set = FILTERS.iter().filter(|name| !filter.value(name).is_empty());
        set.map(|name| chip(self, member, filter, name)).collect()
    }
}

fn chip(state: &ConsoleState, member: &Member, filter: &Filter, name: &str) -> String {
    let lang = member.lang;
    if let ("owner", Some(Owner::Of(id))) = (name, &filter.owner) {
        return state.colleague(member, id);
    }
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
    let near = state.policy.deadlines.reminders.before;
    let days = [
        ("soon", soon.into()),
        ("after", (soon + 1).into()),
        ("coming", coming.into()),
        ("near", near.into()),
    ];
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
    let colleagues = state.owners(member, filter.owner.as_ref());
    let mut selects: Vec<(&str, Vec<Choice>)> = vec![
        ("state", std::iter::once(any()).chain(states).collect()),
        ("kind", std::iter::once(any()).chain(kinds).collect()),
        ("band", choices("band", &["overdue", "soon", "coming", "later"])),
        ("due", choices("due", &["today", "near"])),
        ("owner", choices("owner", &["me", "nobody"]).into_iter().chain(colleagues).collect()),
        ("new", choices("new", &["1"])),
        ("late", choices("late", &["1"])),
        ("word", choices("word", &["reporter"])),
        ("danger", choices("danger", &["1"])),
        ("retaliation", choices("retaliation", &["1"])),
        ("extension", choices("extension", &["1"])),
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

pub(super) struct Sort {
    label: String,
    query: String,
    aria: &'static str,
}

#[derive(Template)]
#[template(path = "console/queue.html")]
pub(super) struct Queue {
    pub page: Page,
    /// What was done to a case that this person can no longer open.
    pub done: String,
    pub fields: Vec<Field>,
    /// What the form sends along unseen.
    pub carried: Vec<(&'static str, String)>,
    pub rows: Vec<Row>,
    pub chips: Vec<(String, String)>,
    /// By deadline, number, state, kind.
    pub sorts: Vec<Sort>,
    pub at: usize,
    pub pages: usize,
    pub earlier: Option<String>,
    pub later: Option<String>,
    pub searched: bool,
    /// Filters and sort, if they could be kept as a view.
    pub keeps: String,
    pub views: Vec<Offered>,
    pub view_name: Field,
    /// Code and words of what can be done to many.
    pub bulk: Vec<(&'static str, String)>,
    /// How many match in all, if there are more than are shown and not too many to choose.
    pub bulk_all: Option<usize>,
    /// This very list.
    pub here: String,
    /// After a search: what was read, and the text if there is more to read.
    pub read: String,
    pub again: String,
}

impl Queue {
    /// A list of nothing, to be filled.
    pub(super) fn empty(page: Page) -> Self {
        let view_name = views::name_field(page.lang);
        Self {
            page,
            done: String::new(),
            fields: Vec::new(),
            carried: Vec::new(),
            rows: Vec::new(),
            chips: Vec::new(),
            sorts: Vec::new(),
            at: 1,
            pages: 1,
            earlier: None,
            later: None,
            searched: false,
            keeps: String::new(),
            views: Vec::new(),
            view_name,
            bulk: Vec::new(),
            bulk_all: None,
            here: String::new(),
            read: String::new(),
            again: String::new(),
        }
    }

    fn is_view(&self) -> bool {
        self.views.iter().any(|(_, _, here)| *here)
    }
}
