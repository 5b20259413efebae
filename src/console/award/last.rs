//! The page of its own before what nothing takes back: an award recorded as waived, or offered to the next reporter. What
//! follows, the case number typed by hand, the way back first.

use crate::{
    console::ConsoleState,
    staff::Member,
    store::Dossier,
    web::{Errors, Field, Page, Typed, html},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};

/// What such a page asks.
pub(in crate::console) struct Last {
    pub title: String,
    /// What cannot be undone.
    pub consequence: String,
    /// Label and value.
    pub summary: Vec<(String, String)>,
    /// Last part of the address that does it.
    pub act: &'static str,
    /// What the question was about, sent along: name and value.
    pub kept: (&'static str, String),
    pub button: String,
}

impl Last {
    pub(in crate::console) fn ask(
        self,
        state: &ConsoleState,
        may: &Member,
        dossier: &Dossier,
        typed: &Typed,
        errors: Errors,
    ) -> Response {
        let Self { title, consequence, summary, act, kept, button } = self;
        let (lang, number) = (may.lang, dossier.case.number.to_string());
        let label = lang.t1("field-typed-number", "number", number.clone());
        let typed_number = Field::line(lang, "typed-number", label).filled(typed, &errors);
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let mut page = state.page(may, title, "");
        page.back = page.href(&format!("/cases/{number}/award"));
        page.errors = errors;
        let action = page.href(&format!("/cases/{number}/award/{act}"));
        html(status, &LastPage { consequence, summary, action, kept, typed_number, button, page })
    }
}

#[derive(Template)]
#[template(path = "console/award-last.html")]
struct LastPage {
    page: Page,
    consequence: String,
    summary: Vec<(String, String)>,
    action: String,
    kept: (&'static str, String),
    typed_number: Field,
    button: String,
}
