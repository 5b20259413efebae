//! Single sign-on (OpenID Connect Core 1.0, authorization code with PKCE): the provider says who it is, an account here
//! says what they may. Nobody gets an account by it: an administrator joins the two.
//!
//! Our session's cookie is `SameSite=Strict` and so does not come along when the provider sends the browser back. The
//! visit has a cookie of its own (`Lax`, five minutes), and the page it comes back to leads on to one of ours.

/// What the provider is asked, and what its word is worth.
mod provider;

pub use provider::{Sso, SsoRefused};

use super::{
    Door,
    guard::{AnyStaff, DoorRefused, May, Sent, turn_away},
    prove::{self, Then},
    session,
};
use crate::web::{Face, Lang, Page, Typed, html, see_other};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use provider::Why;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tower_sessions::Session;

/// Seconds by which two clocks may differ.
const SKEW: i64 = 60;

/// Cookies know no ports: each face has its own.
fn cookie_name(face: Face) -> &'static str {
    if face == Face::Office { "mifeng-office-sso" } else { "mifeng-console-sso" }
}

fn with_cookie(door: &Door, sso: &Sso, name: &str, mut response: Response) -> Response {
    let secure = if sso.sites.console.starts_with("https:") { "; Secure" } else { "" };
    let age = if name.is_empty() { 0 } else { 300 };
    let cookie =
        format!("{}={name}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}", cookie_name(door.face));
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn cookie(door: &Door, headers: &HeaderMap) -> String {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == cookie_name(door.face))
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default()
}

async fn leave(door: &Door, lang: Lang, why: Why) -> Result<(Arc<Sso>, String, String), SsoRefused> {
    let sso = door.ways.sso.clone().ok_or(SsoRefused::NotBegun)?;
    let (face, now, asked) = (door.face, door.clock.unix_seconds(), sso.clone());
    let turn = sso.calls.acquire().await;
    let left = tokio::task::spawn_blocking(move || asked.leave(face, lang, now, why)).await;
    drop(turn);
    let (url, visit) = left.map_err(|_| SsoRefused::Down)??;
    Ok((sso, url, visit))
}

/// From the sign-in page to the provider.
pub(super) async fn arrive(State(door): State<Door>, uri: Uri, headers: HeaderMap) -> Response {
    let lang = Lang::of_request(&uri, &headers);
    match leave(&door, lang, Why::Arrive).await {
        Ok((sso, url, visit)) => with_cookie(&door, &sso, &visit, see_other(&url)),
        Err(refused) => say(&door, lang, &refused),
    }
}

/// From the question who it is to the provider, which must ask for a proof. A page in between: a form may lead
/// nowhere else (CSP), and what was typed waits here.
pub(super) async fn prove(State(door): State<Door>, Sent { may, typed }: Sent<AnyStaff>) -> Response {
    let lang = may.lang;
    let Some(then) = Then::of(&typed) else { return see_other(&format!("/{}/", lang.path())) };
    let why =
        Why::Prove { who: may.id().clone(), since: door.clock.unix_seconds(), then: then.without_own() };
    match leave(&door, lang, why).await {
        Ok((sso, url, visit)) => with_cookie(&door, &sso, &visit, lead_on(&door, lang, "sso-go", &url)),
        Err(refused) => say(&door, lang, &refused),
    }
}

/// The provider sends the browser back here.
pub(super) async fn back(State(door): State<Door>, uri: Uri, headers: HeaderMap) -> Response {
    let (now, name) = (door.clock.unix_seconds(), cookie(&door, &headers));
    let visit = door.ways.sso.clone().and_then(|sso| sso.visits.take(now, &name).map(|visit| (sso, visit)));
    let Some((sso, visit)) = visit else {
        return say(&door, Lang::of_request(&uri, &headers), &SsoRefused::NotBegun);
    };
    let lang = visit.lang;
    let typed = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let is_ours: bool = visit.state.secret().as_bytes().ct_eq(typed.raw("state").as_bytes()).into();
    let redeemed = if !is_ours {
        Err(SsoRefused::NotBegun)
    } else if typed.has("error") || typed.raw("code").is_empty() {
        Err(SsoRefused::Declined)
    } else {
        let (asked, face, code) = (sso.clone(), door.face, typed.raw("code").to_owned());
        let turn = sso.calls.acquire().await;
        let redeemed = tokio::task::spawn_blocking(move || asked.redeem(face, code, visit)).await;
        drop(turn);
        redeemed.unwrap_or(Err(SsoRefused::Down))
    };
    match redeemed {
        Ok(arrival) => {
            let name = sso.arrivals.keep(now, arrival);
            let next = format!("/{}/sso/done", lang.path());
            with_cookie(&door, &sso, &name, lead_on(&door, lang, "sso-back", &next))
        }
        Err(refused) => with_cookie(&door, &sso, "", say(&door, lang, &refused)),
    }
}

/// Ours again, with all cookies: a session begins, or a proof counts.
pub(super) async fn done(State(door): State<Door>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let (now, name) = (door.clock.unix_seconds(), cookie(&door, &parts.headers));
    let lang = Lang::of_request(&parts.uri, &parts.headers);
    let arrival =
        door.ways.sso.clone().and_then(|sso| sso.arrivals.take(now, &name).map(|found| (sso, found)));
    let Some((sso, arrival)) = arrival else { return say(&door, lang, &SsoRefused::NotBegun) };
    let Ok(accounts) = door.staff.accounts() else { return turn_away(&door, lang, DoorRefused::Store) };
    let joined = |account: &&crate::store::Account| account.ways.subject.as_ref() == Some(&arrival.subject);
    let Some(account) = accounts.iter().find(joined).filter(|account| !account.disabled) else {
        let mut page = Page::new(lang, lang.t("sso-unknown-title"));
        page.face = door.face;
        let template = Unknown { subject: arrival.subject, next: page.href("/sign-in"), page };
        return with_cookie(&door, &sso, "", html(StatusCode::FORBIDDEN, &template));
    };
    let answer = match arrival.why {
        Why::Arrive => {
            let Ok(session) = Session::from_request_parts(&mut parts, &door).await else {
                return turn_away(&door, lang, DoorRefused::Session);
            };
            // Signed in there long ago is signed in here, but no fresh proof.
            let proved = arrival.proved.min(now);
            match session::begin(&session, account, now, proved, rand::random()).await {
                Ok(()) => see_other(&format!("/{}/", lang.path())),
                Err(refused) => turn_away(&door, lang, refused),
            }
        }
        Why::Prove { who, since, then } => {
            let may = match May::<AnyStaff>::from_request_parts(&mut parts, &door).await {
                Ok(may) => may,
                Err(response) => return response,
            };
            // The same person, and asked since: a provider that only remembered proves nothing.
            if *may.id() != who || account.id != who || arrival.proved < since - SKEW {
                return with_cookie(&door, &sso, "", say(&door, lang, &SsoRefused::TooWeak));
            }
            match session::proved(&may.session, now).await {
                Ok(()) => prove::go_on(&door, &may, &then),
                Err(refused) => turn_away(&door, lang, refused),
            }
        }
    };
    with_cookie(&door, &sso, "", answer)
}

/// What went wrong, and that password and passkey are still there.
fn say(door: &Door, lang: Lang, refused: &SsoRefused) -> Response {
    let (status, key) = match refused {
        SsoRefused::Down | SsoRefused::Authority => (StatusCode::SERVICE_UNAVAILABLE, "sso-down"),
        SsoRefused::NotBegun => (StatusCode::BAD_REQUEST, "sso-not-begun"),
        SsoRefused::Declined => (StatusCode::FORBIDDEN, "sso-declined"),
        SsoRefused::TooWeak => (StatusCode::FORBIDDEN, "sso-too-weak"),
        SsoRefused::Token(_) => (StatusCode::FORBIDDEN, "sso-token"),
    };
    if let SsoRefused::Token(cause) = refused {
        tracing::warn!("single sign-on: {cause}");
    }
    let mut page = Page::new(lang, lang.t(&format!("{key}-title")));
    page.face = door.face;
    let template = Says {
        text: lang.t(&format!("{key}-text")),
        next: page.href("/sign-in"),
        label: lang.t("sso-local"),
        page,
    };
    html(status, &template)
}

/// A page that goes on by itself, and says where to.
fn lead_on(door: &Door, lang: Lang, key: &str, to: &str) -> Response {
    let mut page = Page::new(lang, lang.t(&format!("{key}-title")));
    page.face = door.face;
    let template = Says {
        text: lang.t(&format!("{key}-text")),
        next: to.to_owned(),
        label: lang.t("prove-button"),
        page,
    };
    let mut response = html(StatusCode::OK, &template);
    if let Ok(refresh) = HeaderValue::try_from(format!("0; url={to}")) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    response
}

#[derive(Template)]
#[template(path = "console/sso.html")]
struct Says {
    page: Page,
    text: String,
    next: String,
    label: String,
}

#[derive(Template)]
#[template(path = "console/sso-unknown.html")]
struct Unknown {
    page: Page,
    subject: String,
    next: String,
}
