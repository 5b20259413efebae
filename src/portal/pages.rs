//! Pages that hold nothing of anybody's: start, notice, help, the signpost, and the way out.

use super::{PortalState, draft::Draft, visit::Visitor, wait};
use crate::{
    policy::{Intake, MatterKind, OutOfScope, Retention},
    web::{Asked, Form, Lang, Page, Script, html, script, see_other, with_inline},
};
use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

#[derive(Template)]
#[template(path = "portal/start.html")]
struct Start<'a> {
    page: Page,
    intake: &'a Intake,
}

/// R1.
pub(super) async fn start(State(portal): State<PortalState>, asked: Asked) -> Response {
    let page = plain(asked, "/start", "start-title", "");
    html(StatusCode::OK, &Start { page, intake: &portal.policy.intake })
}

#[derive(Template)]
#[template(path = "portal/before.html")]
struct Before {
    page: Page,
    hours: String,
}

/// R2.
pub(super) async fn before(State(portal): State<PortalState>, asked: Asked) -> Response {
    let page = plain(asked, "/before", "before-title", "/start");
    html(StatusCode::OK, &Before { page, hours: portal.idle_hours() })
}

#[derive(Template)]
#[template(path = "portal/agree.html")]
struct Agree<'a> {
    page: Page,
    intake: &'a Intake,
}

pub(super) async fn agree(State(portal): State<PortalState>, asked: Asked) -> Response {
    let page = plain(asked, "/agree", "agree-title", "/before");
    html(StatusCode::OK, &Agree { page, intake: &portal.policy.intake })
}

/// Having agreed, the reporter gets a draft in a new visit, in their turn. Agreeing again keeps the answers of a draft
/// under way.
pub(super) async fn agreed(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let pass = wait::enter(&portal, &visitor, typed.raw("place"), typed.raw("work")).await;
    let pass = pass.map_err(|ticket| wait::page_later(&portal, &visitor, ticket))?;
    let draft = visitor.draft_again().await.unwrap_or_else(|| Draft::new(&mut rand::rng()));
    let cookie = visitor.begin(|visit| visit.draft = Some(draft)).await;
    let cookie = cookie.inspect_err(|_| portal.gate.give_back(pass))?;
    Ok(([(header::SET_COOKIE, cookie)], see_other(&visitor.href("/name"))).into_response())
}

#[derive(Template)]
#[template(path = "portal/elsewhere.html")]
struct Elsewhere<'a> {
    page: Page,
    sector: &'a OutOfScope,
}

/// The signpost to the competent department.
pub(super) async fn elsewhere(
    State(portal): State<PortalState>,
    asked: Asked,
    Path(sector): Path<String>,
) -> Response {
    let Some(sector) = portal.policy.intake.out_of_scope(&sector) else {
        return asked.notice(StatusCode::NOT_FOUND, "not-found").into_response();
    };
    let page = plain(asked, &format!("/elsewhere/{}", sector.code), "elsewhere-title", "/industry");
    html(StatusCode::OK, &Elsewhere { page, sector })
}

#[derive(Template)]
#[template(path = "portal/help.html")]
struct Help<'a> {
    page: Page,
    /// Where Help was chosen; the pages behind it lead back with it.
    from: String,
    intake: &'a Intake,
    trustees: usize,
    /// There is a page of figures.
    figures: bool,
    /// There are awards, and so a page of those that were announced.
    notices: bool,
}

pub(super) async fn help(
    State(portal): State<PortalState>,
    asked: Asked,
    RawQuery(query): RawQuery,
) -> Response {
    let from = asked_from(query).unwrap_or_else(|| "start".to_owned());
    let before = format!("/{}", from.replacen('&', "?", 1));
    let page = plain(asked, &format!("/help?from={from}"), "help-title", &before);
    let trustees = portal.recipients.threshold();
    let (intake, figures) = (&portal.policy.intake, portal.policy.figures.public);
    let notices = intake.service.rewards;
    html(StatusCode::OK, &Help { page, from, intake, trustees, figures, notices })
}

#[derive(Template)]
#[template(path = "portal/kept.html")]
struct Kept<'a> {
    page: Page,
    hours: String,
    trustees: usize,
    long: &'a Retention,
}

pub(super) async fn kept(
    State(portal): State<PortalState>,
    asked: Asked,
    RawQuery(query): RawQuery,
) -> Response {
    let mut page = plain(asked, "/kept", "kept-title", "/before");
    beside_help(&mut page, query);
    let kept = Kept {
        page,
        hours: portal.idle_hours(),
        trustees: portal.recipients.threshold(),
        long: &portal.policy.retention,
    };
    html(StatusCode::OK, &kept)
}

/// On which page Help was chosen: `story`, or, where its address says more, `region&in=370000`. It becomes an address of
/// ours and nothing else.
fn asked_from(query: Option<String>) -> Option<String> {
    let from = query?.strip_prefix("from=")?.to_owned();
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./&=".contains(&byte);
    let is_page = from.starts_with(|first: char| first.is_ascii_lowercase()) && !from.contains("..");
    (is_page && from.bytes().all(is_ours)).then_some(from)
}

/// A page that Help leads to goes back there, and from there to where Help was chosen.
pub(super) fn beside_help(page: &mut Page, query: Option<String>) {
    if let Some(from) = asked_from(query) {
        page.here = format!("{}?from={from}", page.here);
        page.back = page.help();
    }
}

#[derive(Template)]
#[template(path = "portal/left.html")]
struct Left {
    lang: Lang,
    /// Forgets what the device alone has kept: not every browser clears what it is told to.
    script: &'static Script,
}

/// Drops draft and visit, and turns the screen to a dull site after one round trip. Not kept in history:
/// the answer redirects at once. `"cache"` is not among what is cleared: Chromium holds the page back for seconds over
/// it (crbug.com/40233601), and ours are never in a cache.
pub(super) async fn leave(State(portal): State<PortalState>, asked: Asked, headers: HeaderMap) -> Response {
    let cookie = portal.visits.end(&headers);
    let refresh = format!("0; url={}", portal.policy.intake.service.leave_to);
    let extra = [
        (header::SET_COOKIE, cookie),
        (header::HeaderName::from_static("clear-site-data"), "\"cookies\", \"storage\"".to_owned()),
        (header::REFRESH, refresh),
    ];
    // It stands in the page: the screen waits for nothing more.
    let script = script("reporter-left");
    let left = html(StatusCode::OK, &Left { lang: asked.lang, script });
    (extra, with_inline(left, script)).into_response()
}

fn plain(asked: Asked, here: &str, title: &str, back: &str) -> Page {
    let mut page = Page::new(asked.lang, asked.lang.t(title));
    page.here = here.to_owned();
    if !back.is_empty() {
        page.back = page.href(back);
    }
    page
}
