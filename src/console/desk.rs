//! A report that comes by telephone, letter or visit: the console gives a code, the reporters' own pages take it. So
//! what is typed goes through the one sealed form there is, and nothing of a person passes through here.

use super::{ConsoleState, view};
use crate::{
    policy::Channel,
    staff::{May, Member, Sent, grant},
    store::TicketHash,
    web::{Choice, Errors, Field, Page, Typed, html},
};
use askama::Template;
use axum::{extract::State as Shared, http::StatusCode, response::Response};

#[derive(Template)]
#[template(path = "console/desk.html")]
struct Desk {
    page: Page,
    /// The code, once, and what to do with it.
    code: Option<(String, String)>,
    channel: Field,
}

pub(super) async fn show(Shared(state): Shared<ConsoleState>, may: May<grant::EnterReport>) -> Response {
    page(&state, &may, None, &Typed::default(), Errors::default())
}

fn page(
    state: &ConsoleState,
    member: &Member,
    code: Option<(String, String)>,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = member.lang;
    let choice = |channel: &Channel| Choice::new(channel.code.as_str(), view::text(&channel.name, lang));
    let choices = state.policy.intake.channels.iter().map(choice).collect();
    let channel = Field::radios(lang, "channel", lang.t("entry-channel"), choices).filled(typed, &errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(member, lang.t("entry-title"), "/desk");
    page.errors = errors;
    html(status, &Desk { page, code, channel })
}

/// Recorded before the code is shown. The store keeps its hash, the channel, and for whom it is.
pub(super) async fn issue(
    Shared(state): Shared<ConsoleState>,
    Sent { may, typed }: Sent<grant::EnterReport>,
) -> Response {
    let lang = may.lang;
    let Some(channel) = state.policy.intake.channel(typed.raw("channel")) else {
        let mut errors = Errors::default();
        errors.add("channel", lang.t("entry-channel-missing"));
        return page(&state, &may, None, &typed, errors);
    };
    if let Err(response) = state.note_read(&may, "entry-code", None).await {
        return response;
    }
    let minutes = i64::from(state.policy.intake.service.entry_code_minutes);
    let until = state.clock.unix_seconds() + minutes * 60;
    let (code, ticket) = TicketHash::draw(&mut rand::rng());
    let issued = state.cases.issue_ticket(ticket, channel.code.clone(), may.id().clone(), until).await;
    if let Err(cause) = issued {
        return state.down(lang, &cause);
    }
    let (path, time) = (format!("/{}/desk", lang.path()), view::minute(until));
    let how = lang.t_with("entry-code-how", &view::values(&[("path", &path), ("time", &time)]));
    page(&state, &may, Some((code, how)), &Typed::default(), Errors::default())
}
