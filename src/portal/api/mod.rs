//! The way in for other programs: the mini-program, a reporter's own script. The same acts as on the pages, sealed on the
//! device; `assets/openapi.json` describes them and is served here.
//!
//! A visit is carried by a bearer token instead of a cookie: what begins one answers with `Visit-Token`, and the client
//! sends it as `Authorization: Bearer …`. A browser adds neither by itself, so no page of another site can act with it.

mod report;
mod service;

use super::{PortalState, device};
use crate::web::Asked;
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};

/// What an answer that begins a visit carries: the token, 64 hexadecimal digits.
const VISIT_TOKEN: HeaderName = HeaderName::from_static("visit-token");
/// The description of all this.
const OPENAPI: &str = include_str!("../../../assets/openapi.json");

pub(super) fn routes(state: &PortalState) -> Router<PortalState> {
    let of_a_visit = Router::new()
        .route("/reports", post(report::send))
        .route("/reports/kept", post(device::kept))
        .route("/visits", delete(device::sign_out))
        .route("/report", get(device::look))
        .route("/report/own-receipt", post(device::take_over))
        .route("/report/additions", post(device::add))
        .route("/report/objection", post(device::object))
        .route("/report/retaliation", post(device::retaliation))
        .route("/report/original", post(device::original))
        .route("/report/deletion", post(device::delete))
        .route("/report/withdrawal", post(device::withdraw))
        .route("/report/claim", post(device::claim))
        .route("/report/award-objection", post(device::object_award))
        .route("/report/earlier", post(device::earlier))
        .route("/report/attached/removal", post(report::detach))
        .route("/report/from-office", post(report::from_office))
        .route("/report/documents/{id}", get(super::documents::download));
    let of_a_visit =
        device::upload::api(of_a_visit).route_layer(from_fn_with_state(state.clone(), in_a_visit));
    let api = Router::new()
        .route("/openapi.json", get(async || ([(header::CONTENT_TYPE, "application/json")], OPENAPI)))
        .route("/service", get(service::service))
        .route("/regions", get(service::regions))
        .route("/regions/found", post(service::found))
        .route("/recipients", get(device::recipients))
        .route("/drafts", post(report::begin))
        .route("/visits", post(device::sign_in))
        .merge(of_a_visit)
        .fallback(async |asked: Asked| asked.notice(StatusCode::NOT_FOUND, "not-found"))
        .method_not_allowed_fallback(async |asked: Asked| {
            asked.notice(StatusCode::METHOD_NOT_ALLOWED, "api-method")
        });
    Router::new().nest("/api/v1", api.layer(from_fn_with_state(state.clone(), by_token)))
}

/// Hands the token on as the pages' cookie and takes a new cookie back as a token. Whatever cookie came is not looked at.
async fn by_token(State(portal): State<PortalState>, mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    headers.remove(header::COOKIE);
    // Refusals are problem bodies, whatever the client says it reads.
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let cookie = bearer(headers).map(|token| format!("{}={token}", portal.visits.cookie()));
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        headers.insert(header::COOKIE, cookie);
    }
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    if let Some(cookie) = headers.remove(header::SET_COOKIE)
        && let Some(token) = token_of(&cookie)
    {
        headers.insert(VISIT_TOKEN, token);
    }
    answer
}

/// Without a visit nothing is read (RFC 6750).
async fn in_a_visit(State(portal): State<PortalState>, request: Request, next: Next) -> Response {
    if portal.visits.is_open(request.headers()) {
        return next.run(request).await;
    }
    let asked = Asked::of(request.uri(), request.headers());
    let notice = asked.notice(StatusCode::UNAUTHORIZED, "api-no-visit");
    ([(header::WWW_AUTHENTICATE, "Bearer")], notice).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    let is_token = token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit());
    (scheme.eq_ignore_ascii_case("bearer") && is_token).then(|| token.to_owned())
}

/// `visit=TOKEN; Path=/; …`; nothing where the visit has ended.
fn token_of(cookie: &HeaderValue) -> Option<HeaderValue> {
    let (_, rest) = cookie.to_str().ok()?.split_once('=')?;
    let token = rest.split(';').next().filter(|token| !token.is_empty())?;
    HeaderValue::from_str(token).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_token_becomes_a_cookie() {
        let headers = |value: &str| {
            HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap())])
        };
        let token = "0123456789abcdef".repeat(4);
        assert_eq!(bearer(&headers(&format!("Bearer {token}"))), Some(token.clone()));
        assert_eq!(bearer(&headers(&format!("bearer  {token} "))), Some(token.clone()));
        for bad in [
            "Bearer".to_owned(),
            format!("Basic {token}"),
            format!("Bearer {token}; other=1"),
            format!("Bearer {}", &token[1..]),
        ] {
            assert_eq!(bearer(&headers(&bad)), None, "{bad}");
        }
        let cookie = |text: &str| token_of(&HeaderValue::from_str(text).unwrap());
        assert_eq!(cookie("__Host-visit=abc; Path=/; Secure"), Some(HeaderValue::from_static("abc")));
        assert_eq!(cookie("visit=; Path=/; Max-Age=0"), None);
    }
}
