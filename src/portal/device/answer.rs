//! JSON in, JSON out, and problem bodies (RFC 9457) in the reporter's language.

use crate::{
    portal::once::Act,
    web::{Asked, FORM_LIMIT, read_body},
};
use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

/// A JSON body of at most [`FORM_LIMIT`] bytes, read strictly.
pub(in crate::portal) struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        Heard::from_request(request, state).await.map(|Heard(body, _)| Self(body))
    }
}

/// As [`Json`], with what tells the same request coming again from another one with the same token.
pub(in crate::portal) struct Heard<T>(pub T, pub Act);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Heard<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let asked = Asked { wants_html: false, ..Asked::of(request.uri(), request.headers()) };
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
            return Err(asked.notice(StatusCode::UNSUPPORTED_MEDIA_TYPE, "form-not-a-form").into_response());
        }
        let address = request.uri().path().to_owned();
        let body = read_body(request.into_body(), FORM_LIMIT).await;
        let body = body.map_err(|refused| asked.form_refused(refused).into_response())?;
        let act = Act::of(&address, &body);
        read(&body).map(|body| Self(body, act)).ok_or_else(|| {
            asked.notice(StatusCode::UNPROCESSABLE_ENTITY, "device-unreadable").into_response()
        })
    }
}

/// An object, by the names of its members: a list of values would be read as the members in their order. `None` for
/// anything else; the reader's own words about what is wrong would repeat what was sent.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let is_object = body.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(body).ok()).flatten()
}

pub(super) fn json(value: &impl Serialize) -> Response {
    // Unwrap safety: our own plain structs with string keys always serialise.
    let body = serde_json::to_string(value).unwrap();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
