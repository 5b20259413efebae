//! Screen P1: what waits for the office, each heading by its last day.

use super::{
    OfficeState,
    view::{self, LastDay},
};
use crate::{
    award::summary::AwardSummary,
    clock::Day,
    staff::{May, grant},
    web::{Lang, Page, html},
};
use askama::Template;
use axum::{extract::State as Shared, http::StatusCode, response::Response};

/// What waits, in the order of the work. The second is the state's name.
const WAITING: [(&str, &str); 6] = [
    ("office-list-claimed", "claimed"),
    ("office-list-released", "released"),
    ("office-list-verified", "verified"),
    ("office-list-to-confirm", "to-confirm"),
    ("office-list-published", "release-published"),
    ("office-list-notified", "notified"),
];
const ENDED: [&str; 5] = ["paid", "refused", "unreadable", "lapsed", "not-eligible"];

struct Section {
    title: String,
    rows: Vec<Row>,
    /// Columns that say something here.
    shows_state: bool,
    shows_waited: bool,
    shows_shares: bool,
}

impl Section {
    fn new(title: String, rows: Vec<Row>, shows_state: bool) -> Self {
        let shows_waited = !shows_state && rows.iter().any(|row| !row.waited.is_empty());
        let shows_shares = !shows_waited && rows.iter().any(|row| !row.shares.is_empty());
        Self { title, rows, shows_state, shows_waited, shows_shares }
    }
}

struct Row {
    number: String,
    href: String,
    state: String,
    /// Its reporter does not accept how it ended, and waits for an answer.
    objected: bool,
    /// Since when, and how long; empty where nobody waits so.
    waited: String,
    amount: String,
    shares: String,
    last_day: Option<LastDay>,
}

pub(super) async fn waiting(Shared(state): Shared<OfficeState>, may: May<grant::OpenPackage>) -> Response {
    let awards = sorted(&state);
    let mut sections = Vec::new();
    let mut calm = Vec::new();
    // Each stands among the ended ones, too. Whoever has waited longest comes first.
    let mut objected: Vec<_> = awards.iter().filter(|award| award.objected.is_some()).collect();
    objected.sort_by_key(|award| award.objected);
    if objected.is_empty() {
        calm.push(may.lang.t("office-list-objected-none"));
    } else {
        let rows: Vec<_> = objected.into_iter().map(|award| row(&state, may.lang, award)).collect();
        sections.push(Section::new(may.lang.t1("office-list-objected", "count", rows.len()), rows, false));
    }
    for (key, name) in WAITING {
        let rows: Vec<_> =
            awards.iter().filter(|a| a.state == name).map(|a| row(&state, may.lang, a)).collect();
        if rows.is_empty() {
            calm.push(may.lang.t(&format!("{key}-none")));
        } else {
            sections.push(Section::new(may.lang.t1(key, "count", rows.len()), rows, false));
        }
    }
    let page = state.page(&may, may.lang.t("office-waiting-title"), "/");
    // What is notified waits for the reporter.
    let nothing = awards.iter().all(|award| award.state == "notified" || !is_waiting(award));
    html(StatusCode::OK, &List { page, today: state.clock.today().to_string(), nothing, sections, calm })
}

pub(super) async fn ended(Shared(state): Shared<OfficeState>, may: May<grant::OpenPackage>) -> Response {
    let awards = sorted(&state);
    let ended = awards.iter().filter(|a| ENDED.contains(&a.state.as_str()));
    let mut rows: Vec<_> = ended.map(|a| row(&state, may.lang, a)).collect();
    rows.sort_by_key(|row| !row.objected);
    let page = state.page(&may, may.lang.t("office-ended-title"), "/ended");
    let title = may.lang.t1("office-ended-count", "count", rows.len());
    let (sections, calm) = match rows.is_empty() {
        true => (vec![], vec![may.lang.t("office-ended-none")]),
        false => (vec![Section::new(title, rows, true)], vec![]),
    };
    html(StatusCode::OK, &List { page, today: String::new(), nothing: false, sections, calm })
}

fn is_waiting(award: &AwardSummary) -> bool {
    award.objected.is_some() || WAITING.iter().any(|(_, name)| *name == award.state)
}

fn sorted(state: &OfficeState) -> Vec<AwardSummary> {
    let mut awards = state.rewards.awards();
    AwardSummary::by_claim_deadline(&mut awards);
    awards
}

fn row(state: &OfficeState, lang: Lang, award: &AwardSummary) -> Row {
    let open = award.release_until.is_some();
    let last_day = match (award.state.as_str(), award.objected) {
        (_, Some(day)) => Some(state.answer_by(day)),
        ("release-published" | "released", None) => award.release_until,
        (state, None) if ENDED.contains(&state) => None,
        _ => award.claim_until,
    };
    let waited = |day: Day| {
        let days = (state.clock.today() - day).get_days();
        lang.t_with("office-waits-since", &[("day", day.to_string().into()), ("days", days.into())])
    };
    Row {
        number: award.case.to_string(),
        href: format!("/{}/awards/{}", lang.path(), award.case),
        state: view::state(lang, &award.state),
        objected: award.objected.is_some(),
        waited: award.objected.map(waited).unwrap_or_default(),
        amount: lang.money(award.base_fen),
        shares: if open {
            view::count_of(lang, award.deposits, state.recipients.threshold())
        } else {
            String::new()
        },
        last_day: last_day.map(|day| state.last_day(lang, day)),
    }
}

#[derive(Template)]
#[template(path = "office/list.html")]
struct List {
    page: Page,
    /// Empty: the list is not of a day's work.
    today: String,
    /// Nothing is the office's to do.
    nothing: bool,
    sections: Vec<Section>,
    /// Headings under which nothing waits, as sentences.
    calm: Vec<String>,
}
