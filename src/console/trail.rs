//! Who looked at what (for auditors): the latest readings, of one case if asked.

use super::{ConsoleState, view};
use crate::{
    ids::CaseNumber,
    staff::{May, grant},
    web::{Errors, Field, Page, Typed, html},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{StatusCode, Uri},
    response::Response,
};

const MOST: usize = 200;
/// What is recorded; anything else in the store shows its code.
const KNOWN: [&str; 21] = [
    "case",
    "copy",
    "copy-bytes",
    "move",
    "search",
    "entry-code",
    "entered",
    "award",
    "release",
    "share",
    "account-made",
    "account-reset",
    "account-disabled",
    "account-enabled",
    "export",
    "rules",
    "account-changed",
    "account-signed-out",
    "account-handed-over",
    "account-password",
    "account-key",
];

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadStaffRecord>,
    uri: Uri,
) -> Response {
    let lang = may.lang;
    let typed = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let asked = typed.plain("case");
    let mut errors = Errors::default();
    let case: Option<CaseNumber> = match asked.as_str() {
        "" => None,
        text => text.parse().map_err(|_| errors.add("case", lang.t("error-case-number"))).ok(),
    };
    let entries = match state.cases.trail(case, if errors.is_empty() { MOST } else { 0 }) {
        Ok(entries) => entries,
        Err(cause) => return state.down(lang, &cause),
    };
    let rows = entries
        .iter()
        .map(|entry| Row {
            at: view::minute(entry.at),
            who: state.person(&entry.by),
            what: if KNOWN.contains(&entry.what.as_str()) {
                let account = entry.account.as_ref().map_or("", |id| id.0.as_str());
                lang.t1(&format!("trail-{}", entry.what), "account", account)
            } else {
                entry.what.clone()
            },
            change: entry.change.clone(),
            case: entry.case.map(|number| number.to_string()).unwrap_or_default(),
        })
        .collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let field = Field::line(lang, "case", lang.t("column-number")).filled(&typed, &errors);
    let mut page = state.page(&may, lang.t("trail-title"), "/trail");
    page.errors = errors;
    html(status, &Trail { field, rows, page })
}

struct Row {
    at: String,
    who: String,
    what: String,
    /// In codes, as it was recorded.
    change: String,
    case: String,
}

#[derive(Template)]
#[template(path = "console/trail.html")]
struct Trail {
    page: Page,
    field: Field,
    rows: Vec<Row>,
}
