//! What a script is told when its request cannot be answered: a problem body (RFC 9457), the sentence to show inside.

use super::Lang;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

/// ```json
/// {"type": "about:blank", "title": "Conflict", "status": 409, "code": "offset", "detail": "…", "at": 1024}
/// ```
/// `code` is for the script and the same in every language; `detail` is a whole sentence in `lang`. `more` are further
/// members the code is documented with. Never the cause, never anything of what was sent.
pub(crate) fn problem(
    lang: Lang,
    status: StatusCode,
    code: &'static str,
    detail: String,
    more: &[(&'static str, Value)],
) -> Response {
    let mut body = Map::new();
    body.insert("type".into(), "about:blank".into());
    body.insert("title".into(), status.canonical_reason().unwrap_or_default().into());
    body.insert("status".into(), status.as_u16().into());
    body.insert("code".into(), code.into());
    body.insert("detail".into(), detail.into());
    body.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let headers =
        [(header::CONTENT_TYPE, "application/problem+json"), (header::CONTENT_LANGUAGE, lang.tag())];
    (status, headers, Value::Object(body).to_string()).into_response()
}
