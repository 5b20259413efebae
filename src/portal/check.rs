//! R7–R9: check the answers; after sending, the receipt, and whether it was copied right.

use super::{
    PortalState,
    draft::{Draft, Step},
    steps,
    visit::Visitor,
};
use crate::{
    policy::formats,
    web::{Errors, Field, Form, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use zeroize::Zeroizing;

pub(super) struct Row {
    pub label: String,
    pub value: String,
    /// What to look at once more; the report can be sent as it is.
    pub warning: String,
    pub is_han: bool,
    /// The answer is not known here; the page's script shows it.
    pub on_device: bool,
    /// The question; empty: it is not changed any more.
    pub change: &'static str,
}

#[derive(Template)]
#[template(path = "portal/check.html")]
struct Check {
    page: Page,
    rows: Vec<Row>,
    /// It was sent from here, and nobody knows whether it is stored.
    unsure: bool,
}

/// R7. Whoever gets here early is led to the question that is missing.
pub(super) async fn show(State(portal): State<PortalState>, visitor: Visitor) -> Result<Response, Response> {
    let mut visit = visitor.visit().await?;
    if visit.draft.is_none() {
        return Err(visitor.no_draft(&visit));
    }
    let next = steps::next(&portal, &visit);
    if next != "/check" {
        return Ok(see_other(&visitor.href(next)));
    }
    let lang = visitor.lang;
    let mut page = visitor.page("/check", lang.t("check-title"), &mut visit);
    let Some(draft) = &visit.draft else { return Err(visitor.ended().into_response()) };
    let unsure = draft.unsure_at().is_some();
    let mut rows = rows(&portal, lang, draft);
    if unsure {
        rows.iter_mut().for_each(|row| row.change = "");
    } else {
        page.back = page.href(if draft.is_named() { "/identity" } else { "/story" });
        // On this way the server has the answer, and is told when it changes.
        rows[0].change = steps::PLAIN_NAME;
    }
    Ok(html(StatusCode::OK, &Check { page, rows, unsure }))
}

/// What was answered, a row a question, with the way back to it.
pub(super) fn rows(portal: &PortalState, lang: Lang, draft: &Draft) -> Vec<Row> {
    let content = draft.content();
    let intake = &portal.policy.intake;
    let mut rows = Vec::new();
    let mut row = |key: &str, value: String, change: Step| {
        rows.push(Row {
            label: lang.t(key),
            value: if value.is_empty() { lang.t("check-none") } else { value },
            warning: String::new(),
            is_han: false,
            on_device: false,
            change: change.path(),
        });
    };
    let on_device = draft.is_answered_on_device();
    let name = if on_device {
        "check-name-device"
    } else if draft.is_named() {
        "name-sealed"
    } else {
        "name-nameless"
    };
    row("check-name", lang.t(name), Step::Name);
    row("check-region", region(portal, &content.region), Step::Region);
    row("check-kind", intake.kind(content.kind).name.get(lang).to_owned(), Step::Kind);
    let industry = intake.industry(&content.industry).map(|i| i.name.get(lang).to_owned());
    row("check-industry", industry.unwrap_or_default(), Step::Industry);
    row("check-target", content.target_name, Step::Place);
    row("check-address", content.address, Step::Place);
    let code_warning = !content.credit_code.is_empty() && formats::credit_code(&content.credit_code).is_err();
    row("check-code", content.credit_code, Step::Place);
    row("check-story", content.narrative, Step::Story);
    row("check-when", content.when_text, Step::Story);
    row("check-now", now(lang, content.ongoing, content.imminent_danger), Step::Story);
    if draft.is_named() {
        row("identity-title", lang.t("check-name-sealed"), Step::Identity);
    }
    rows[0].on_device = on_device;
    rows[1].is_han = true;
    if code_warning {
        rows[6].warning = lang.t("check-code-warn");
    }
    rows
}

/// Names from the province down.
pub(super) fn region(portal: &PortalState, code: &str) -> String {
    code.parse().map(|code| portal.policy.regions.path(code).join(" ")).unwrap_or_default()
}

pub(super) fn now(lang: Lang, ongoing: bool, danger: bool) -> String {
    let said = [(ongoing, "story-ongoing"), (danger, "story-danger")];
    let words: Vec<_> = said.iter().filter(|(yes, _)| *yes).map(|(_, key)| lang.t(key)).collect();
    words.join(if lang == Lang::Zh { "；" } else { "; " })
}

#[derive(Template)]
#[template(path = "portal/receipt.html")]
struct ReceiptPage {
    page: Page,
    day: String,
    groups: [Zeroizing<String>; 8],
    /// To be handed to the reporter by a member of staff.
    desk: bool,
    checking: bool,
    last: Field,
}

/// R8. The same page for a form that was sent twice.
pub(super) async fn receipt(visitor: Visitor) -> Result<Response, Response> {
    receipt_page(&visitor, false, Typed::default(), Errors::default()).await
}

/// R9.
pub(super) async fn receipt_check(visitor: Visitor) -> Result<Response, Response> {
    receipt_page(&visitor, true, Typed::default(), Errors::default()).await
}

pub(super) async fn take_receipt_check(visitor: Visitor, Form(typed): Form) -> Result<Response, Response> {
    let mut visit = visitor.with_report().await?;
    visitor.own_form(&visit, &typed)?;
    if typed.has("switch") {
        return Ok(see_other(&visitor.href("/receipt-check")));
    }
    let Some(own) = &mut visit.own else { return Err(visitor.ended().into_response()) };
    match &own.receipt {
        Some(receipt) if !receipt.ends_with(typed.raw("last")) => {
            let mut errors = Errors::default();
            errors.add("last", visitor.lang.t("receipt-check-wrong"));
            drop(visit);
            receipt_page(&visitor, true, typed, errors).await
        }
        _ => {
            own.receipt = None;
            Ok(see_other(&visitor.href("/files")))
        }
    }
}

async fn receipt_page(
    visitor: &Visitor,
    checking: bool,
    typed: Typed,
    errors: Errors,
) -> Result<Response, Response> {
    let mut visit = visitor.with_report().await?;
    let lang = visitor.lang;
    let mut page = visitor.page(
        if checking { "/receipt-check" } else { "/receipt" },
        lang.t("receipt-title"),
        &mut visit,
    );
    let Some(own) = &visit.own else { return Err(visitor.ended().into_response()) };
    let Some(receipt) = &own.receipt else {
        let (key, next) = if own.desk { ("desk-put-away", "/files") } else { ("receipt-done", "/mine") };
        return Ok(visitor.asked.notice(StatusCode::OK, key).next(visitor.href(next)).into_response());
    };
    let last = Field::digits(lang, "last", lang.t("receipt-check-label"), "w-5")
        .hint(lang.t("receipt-check-hint"))
        .filled(&typed, &errors);
    page.switch_posts = checking;
    page.errors = errors;
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (day, desk) = (lang.day(own.return_after), own.desk);
    if desk {
        page.title = lang.t("desk-receipt-title");
    }
    Ok(html(status, &ReceiptPage { page, day, groups: receipt.groups(), desk, checking, last }))
}
