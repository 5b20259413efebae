//! What the console's signs and keys mean, and the switch for the keys: they are off until somebody wants them, and one
//! button turns them off again (WCAG 2.2, 2.1.4).

use super::{ConsoleState, account::change_own};
use crate::{
    staff::{AnyStaff, May, Sent},
    store::{Account, Refused},
    web::{Page, html, see_other},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{StatusCode, Uri},
    response::Response,
};

/// Keys as they are pressed, and the words for what each does.
const KEYS: [(&str, &str); 9] = [
    ("j", "key-down"),
    ("k", "key-up"),
    ("x", "key-tick"),
    ("/", "key-search"),
    ("u", "key-back"),
    ("g t", "key-today"),
    ("g q", "key-cases"),
    ("g v", "key-views"),
    ("?", "key-help"),
];

pub(super) async fn show(Shared(state): Shared<ConsoleState>, may: May<AnyStaff>, uri: Uri) -> Response {
    let lang = may.lang;
    let bands = &state.policy.deadlines.bands;
    let done = match uri.query() {
        Some("done=keys") if may.account.ways.shortcuts => lang.t("keys-now-on"),
        Some("done=keys") => lang.t("keys-now-off"),
        _ => String::new(),
    };
    let template = Help {
        done,
        on: may.account.ways.shortcuts,
        keys: KEYS.map(|(key, words)| (key, lang.t(words))).into(),
        soon: bands.soon.count().to_string(),
        coming: bands.coming.count().to_string(),
        idle: state.policy.roles.sessions.idle_minutes.to_string(),
        page: state.page(&may, lang.t("staff-help"), "/help"),
    };
    html(StatusCode::OK, &template)
}

pub(super) async fn switch(Shared(state): Shared<ConsoleState>, sent: Sent<AnyStaff>) -> Response {
    let may = &sent.may;
    let shortcuts = sent.typed.raw("keys") == "on";
    let change = move |mut now: Account| {
        now.ways.shortcuts = shortcuts;
        now
    };
    match change_own(&state, may, change).await {
        Ok(()) | Err(Refused::Changed) => see_other(&format!("/{}/help?done=keys", may.lang.path())),
        Err(cause) => state.down(may.lang, &cause),
    }
}

#[derive(Template)]
#[template(path = "console/help.html")]
struct Help {
    page: Page,
    done: String,
    on: bool,
    keys: Vec<(&'static str, String)>,
    soon: String,
    coming: String,
    idle: String,
}
