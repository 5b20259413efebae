//! Where a member of staff begins a report that came by telephone, letter or visit: with a code from the console, which
//! is good once and for some minutes. From there on the pages, the seal and the sending are the reporter's own.

use super::{
    PortalState,
    draft::{Desk, Draft},
    refused_by_store,
    visit::Visitor,
};
use crate::{
    store::{Refused, TicketHash},
    web::{Asked, Errors, Field, Form, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use std::time::Duration;

#[derive(Template)]
#[template(path = "portal/desk.html")]
struct DeskPage {
    page: Page,
    code: Field,
    minutes: u32,
}

pub(super) async fn show(State(portal): State<PortalState>, asked: Asked) -> Response {
    page(&portal, asked, &Typed::default(), Errors::default())
}

fn page(portal: &PortalState, asked: Asked, typed: &Typed, errors: Errors) -> Response {
    let lang = asked.lang;
    let mut page = Page::new(lang, lang.t("desk-title"));
    page.here = "/desk".into();
    page.switch_posts = true;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let code = Field::digits(lang, "code", lang.t("desk-code-label"), "w-20")
        .hint(lang.t("desk-code-hint"))
        .filled(typed, &errors);
    page.errors = errors;
    html(status, &DeskPage { page, code, minutes: portal.policy.intake.service.entry_code_minutes })
}

/// One sentence for a code that is unknown, used, or too old; every wrong one makes everybody's next try slower, as a
/// wrong receipt does. Answers typed under an earlier code go along.
pub(super) async fn take(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    if typed.has("switch") {
        return Ok(page(&portal, visitor.asked, &typed, Errors::default()));
    }
    let now = portal.clock.unix_seconds();
    tokio::time::sleep(Duration::from_secs(portal.tries.wait(0, now))).await;
    // A code is good once: not spent on a visit that cannot begin.
    visitor.may_begin_draft().await?;
    let redeemed = match TicketHash::typed(typed.raw("code")) {
        Some(ticket) => portal.reports.redeem(ticket, now).await.map(|channel| Desk { ticket, channel }),
        None => Err(Refused::NoTicket),
    };
    let desk = match redeemed {
        Ok(desk) => desk,
        Err(Refused::NoTicket) => {
            portal.tries.slip(now);
            let mut errors = Errors::default();
            errors.add("code", visitor.lang.t("desk-code-wrong"));
            return Ok(page(&portal, visitor.asked, &typed, errors));
        }
        Err(refused) => {
            refused_by_store(&refused);
            let down = visitor.asked.notice(StatusCode::SERVICE_UNAVAILABLE, "down");
            return Err(down.next(visitor.href("/desk")).into_response());
        }
    };
    let under_way = visitor.draft_again().await;
    let mut draft =
        under_way.filter(|draft| draft.entry.is_some()).unwrap_or_else(|| Draft::new(&mut rand::rng()));
    draft.entry = Some(desk);
    let cookie = visitor.begin(|visit| visit.draft = Some(draft)).await?;
    Ok(([(header::SET_COOKIE, cookie)], see_other(&visitor.href("/name"))).into_response())
}
