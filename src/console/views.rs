//! Lists under a name: five that everybody has, one's own, and those of one's team, each of which somebody answers for.
//! A view is filters in codes; nothing that was typed into a search is ever kept.

use super::{ConsoleState, filter::Filter};
use crate::{
    ids::StaffId,
    policy::Code,
    staff::{May, Member, Sent, grant},
    store::{Refused, View},
    web::{Errors, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::{StatusCode, Uri},
    response::Response,
};

/// Key of the name, and the filters.
const SHIPPED: [(&str, &str); 5] = [
    ("view-mine", "owner=me"),
    ("view-unassigned", "owner=nobody"),
    ("view-waiting", "state=supplement_requested"),
    ("view-overdue", "band=overdue"),
    ("view-word", "word=reporter"),
];

/// Characters of a name.
const NAME: usize = 30;

/// A view as it is offered.
pub(super) struct Named {
    pub name: String,
    pub filter: Filter,
    /// Its address, in canonical form.
    pub query: String,
}

impl Named {
    fn new(name: String, query: &str) -> Self {
        let filter = Filter::parse(query);
        Self { name, query: filter.query("", filter.sort, filter.descending, 0), filter }
    }
}

impl ConsoleState {
    /// What this person finds beside the list: the five, their own, their team's.
    pub(super) fn named_views(&self, member: &Member) -> Result<Vec<Named>, Refused> {
        let shipped = SHIPPED.iter().map(|(key, query)| Named::new(member.lang.t(key), query));
        let kept = self.kept_views(member)?;
        Ok(shipped.chain(kept.into_iter().map(|view| Named::new(view.name, &view.query))).collect())
    }

    /// Their own and their team's, as they are stored.
    fn kept_views(&self, member: &Member) -> Result<Vec<View>, Refused> {
        let team = self.team(member);
        let offered = |view: &&View| view.owner == *member.id() || (view.team.is_some() && view.team == team);
        Ok(self.cases.views()?.iter().filter(offered).cloned().collect())
    }

    /// The body whose staff share views with this person.
    fn team(&self, member: &Member) -> Option<Code> {
        member.account.body(&self.policy.bodies).map(|body| body.code.clone())
    }

    /// Whether nobody of the team answers for it any more: the owner left, or works elsewhere.
    fn is_orphaned(&self, view: &View) -> bool {
        let owner = self.staff.account(&view.owner).ok().flatten();
        let body = owner.filter(|owner| !owner.disabled);
        let body = body.and_then(|owner| owner.body(&self.policy.bodies).map(|body| body.code.clone()));
        view.team.is_some() && view.team != body
    }
}

pub(super) async fn list(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::SeeQueue>,
    uri: Uri,
) -> Response {
    let done = match uri.query() {
        Some("done=removed") => may.lang.t("view-removed"),
        Some("done=changed") => may.lang.t("view-changed"),
        _ => String::new(),
    };
    page(&state, &may, done, &Typed::default(), Errors::default())
}

fn page(state: &ConsoleState, may: &Member, done: String, typed: &Typed, errors: Errors) -> Response {
    let lang = may.lang;
    let kept = match state.kept_views(may) {
        Ok(kept) => kept,
        Err(cause) => return state.down(lang, &cause),
    };
    let row = |view: View| {
        let own = view.owner == *may.id();
        Row {
            href: format!("/{}/cases?{}", lang.path(), view.query),
            action: format!("/{}/views/{}", lang.path(), view.id),
            asks: state.filter_words(may, &Filter::parse(&view.query)).join(&lang.t("list-comma")),
            team: view.team.is_some(),
            owner: if own { lang.t("filter-owner-me") } else { state.person(&view.owner) },
            can_take: !own && state.is_orphaned(&view),
            own,
            name: view.name,
        }
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(may, lang.t("views-title"), "/views");
    page.back = page.href("/cases");
    // A form that came back: its filters stand in it still.
    let again = typed.raw("query").to_owned();
    let name = name_field(lang).filled(typed, &errors);
    page.errors = errors;
    html(status, &ViewsPage { done, rows: kept.into_iter().map(row).collect(), name, again, page })
}

pub(super) fn name_field(lang: Lang) -> Field {
    Field::line(lang, "view-name", lang.t("view-name")).hint(lang.t("view-name-hint"))
}

pub(super) async fn keep(
    Shared(state): Shared<ConsoleState>,
    Sent { may, typed }: Sent<grant::SeeQueue>,
) -> Response {
    let lang = may.lang;
    let mut errors = Errors::default();
    let name = typed.text("view-name").to_owned();
    if !(1..=NAME).contains(&typed.length("view-name")) {
        errors.add("view-name", lang.t1("view-name-error", "most", NAME));
        return page(&state, &may, String::new(), &typed, errors);
    }
    // Read and written again: only what is a filter is kept.
    let query = Named::new(String::new(), typed.raw("query")).query;
    let team = state.team(&may).filter(|_| typed.has("team"));
    let view = View { id: 0, name, query: query.clone(), owner: may.id().clone(), team };
    match state.cases.keep_view(view).await {
        Ok(_) => see_other(&format!("/{}/cases?{query}&done=view", lang.path())),
        Err(Refused::TooManyViews) => {
            errors.add("view-name", lang.t("view-too-many"));
            page(&state, &may, String::new(), &typed, errors)
        }
        Err(cause) => state.down(lang, &cause),
    }
}

type At = Path<(String, u64)>;

pub(super) async fn remove(
    Shared(state): Shared<ConsoleState>,
    Path((_, id)): At,
    sent: Sent<grant::SeeQueue>,
) -> Response {
    let gone = state.cases.forget_view(id, sent.may.id()).await;
    changed(&state, &sent.may, gone, "removed")
}

/// The owner's alone, or the whole team's.
pub(super) async fn share(
    Shared(state): Shared<ConsoleState>,
    Path((_, id)): At,
    sent: Sent<grant::SeeQueue>,
) -> Response {
    let (me, team) = (sent.may.id().clone(), state.team(&sent.may));
    let change = move |view: View| match view.owner == me {
        true => Ok(View { team: if view.team.is_some() { None } else { team }, ..view }),
        false => Err(Refused::NoSuchView),
    };
    let made = state.cases.change_view(id, Box::new(change)).await;
    changed(&state, &sent.may, made, "changed")
}

/// A team's view whose owner is gone gets one again.
pub(super) async fn take(
    Shared(state): Shared<ConsoleState>,
    Path((_, id)): At,
    sent: Sent<grant::SeeQueue>,
) -> Response {
    let kept = match state.kept_views(&sent.may) {
        Ok(kept) => kept,
        Err(cause) => return state.down(sent.may.lang, &cause),
    };
    let before: Option<StaffId> =
        kept.into_iter().find(|view| view.id == id && state.is_orphaned(view)).map(|view| view.owner);
    let me = sent.may.id().clone();
    // Of two who take it at once, one does.
    let change = move |view: View| match Some(&view.owner) == before.as_ref() {
        true => Ok(View { owner: me, ..view }),
        false => Err(Refused::NoSuchView),
    };
    let made = state.cases.change_view(id, Box::new(change)).await;
    changed(&state, &sent.may, made, "changed")
}

fn changed(state: &ConsoleState, may: &Member, made: Result<(), Refused>, done: &str) -> Response {
    match made {
        Ok(()) => see_other(&format!("/{}/views?done={done}", may.lang.path())),
        // The page shows how things stand now.
        Err(Refused::NoSuchView) => see_other(&format!("/{}/views", may.lang.path())),
        Err(cause) => state.down(may.lang, &cause),
    }
}

struct Row {
    name: String,
    href: String,
    action: String,
    /// The filters in words; empty: every case.
    asks: String,
    team: bool,
    owner: String,
    own: bool,
    can_take: bool,
}

#[derive(Template)]
#[template(path = "console/views.html")]
struct ViewsPage {
    page: Page,
    done: String,
    rows: Vec<Row>,
    name: Field,
    /// Filters of a form that came back; empty: none did.
    again: String,
}
