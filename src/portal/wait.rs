//! What a newcomer is told while the server is under pressure: that their place is kept, how long it takes, and that this
//! goes on by itself. Without script the page comes again when the time has come; with script a small piece of work
//! shortens the wait. Nothing has been typed yet, so nothing can be lost.
//!
//! The place travels in this page's address, because a page that comes again by itself is always asked for by address. It
//! says when somebody came and opens nothing but the first question; it is in no record of ours.

use super::{
    PortalState,
    gate::{KEPT_SECONDS, Pass, Ticket},
    visit::Visitor,
};
use crate::web::{Asked, Page, Script, Typed, html, problem, script, see_other, with_script};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// Seconds until a page whose time has come, but whose lane was full, is asked again.
const AGAIN_SECONDS: i64 = 5;

#[derive(Template)]
#[template(path = "portal/wait.html")]
struct Wait {
    page: Page,
    script: &'static Script,
    /// What the script is to do, as JSON in an attribute.
    config: String,
    place: String,
    /// The time has come.
    ready: bool,
    /// And the button was pressed, in a second in which the lane was full.
    again: bool,
    still: bool,
    seconds: i64,
    minutes: i64,
    kept_minutes: i64,
    phone: String,
}

/// `?place=`, `&still=1` where the reader does not want the page to go on by itself, `&again=1` where the lane was full.
pub(super) async fn show(State(portal): State<PortalState>, asked: Asked, uri: Uri) -> Response {
    let now = portal.clock.unix_seconds();
    let at = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let Some(ticket) = portal.gate.look(at.raw("place"), now) else {
        // Too late, used, or of a process that has ended: from there a new one is given.
        return see_other(&format!("/{}/agree", asked.lang.path()));
    };
    let seconds = if portal.gate.is_open() { 0 } else { portal.gate.wait(ticket, now) };
    let (ready, still) = (seconds == 0, at.has("still"));
    let place = portal.gate.place(ticket);
    let mut page = Page::new(asked.lang, asked.lang.t(if ready { "wait-ready-title" } else { "wait-title" }));
    page.here = format!("/wait?place={place}{}", if still { "&still=1" } else { "" });
    let again = page.href(&page.here);
    let config = json!({
        "challenge": portal.gate.challenge(ticket),
        "agree": page.href("/agree"),
        "going": asked.lang.t("wait-going"),
    });
    let wait = Wait {
        script: script("reporter-wait"),
        config: config.to_string(),
        place,
        ready,
        again: at.has("again"),
        still,
        seconds,
        minutes: (seconds + 59) / 60,
        kept_minutes: KEPT_SECONDS / 60,
        phone: portal.policy.intake.service.hotline.clone(),
        page,
    };
    let mut answer = html(StatusCode::OK, &wait);
    if !ready && !still {
        // A header, so that nobody has to read past it; whoever does not want it has a link, before it happens.
        let refresh = format!("{}; url={again}", seconds + 1);
        if let Ok(refresh) = HeaderValue::from_str(&refresh) {
            answer.headers_mut().insert(header::REFRESH, refresh);
        }
    }
    // Its form is open to all: see `open_to_all`.
    answer.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if ready || still { answer } else { with_script(answer) }
}

/// Lets a newcomer begin, or gives the ticket to come back with. Who is inside already is not asked.
pub(super) async fn enter(
    portal: &PortalState,
    visitor: &Visitor,
    place: &str,
    work: &str,
) -> Result<Pass, Ticket> {
    if visitor.is_inside().await {
        return Ok(Pass::default());
    }
    portal.gate.enter(place, work, portal.clock.unix_seconds(), &mut rand::rng())
}

/// A page's first step is taken again later.
pub(super) fn page_later(portal: &PortalState, visitor: &Visitor, ticket: Ticket) -> Response {
    let again = if portal.gate.wait(ticket, portal.clock.unix_seconds()) == 0 { "&again=1" } else { "" };
    see_other(&visitor.href(&format!("/wait?place={}{again}", portal.gate.place(ticket))))
}

/// The same for a program: RFC 9457, with both ways on.
pub(super) fn program_later(portal: &PortalState, visitor: &Visitor, ticket: Ticket) -> Response {
    let seconds = portal.gate.wait(ticket, portal.clock.unix_seconds()).max(AGAIN_SECONDS);
    let sentence = visitor.lang.t1("api-wait", "seconds", seconds);
    let more =
        [("place", portal.gate.place(ticket).into()), ("challenge", json!(portal.gate.challenge(ticket)))];
    let later = problem(visitor.lang, StatusCode::TOO_MANY_REQUESTS, "wait", sentence, &more);
    ([(header::RETRY_AFTER, seconds.to_string())], later).into_response()
}
