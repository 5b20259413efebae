//! The page whose script opens a package: in the officer's browser, with files chosen there. The server renders no name,
//! gets no key and no package, and the page cannot connect anywhere.

use super::OfficeState;
use crate::{
    staff::{May, grant},
    web::{Page, Script, holder_words, html, script},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

/// Our script and nothing else: no connection, no form, no frame, no picture.
const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'none'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
);

pub(super) async fn show(Shared(state): Shared<OfficeState>, may: May<grant::OpenPackage>) -> Response {
    let mut page = state.page(&may, may.lang.t("holder-open-title"), "/open");
    page.back = page.href("/");
    let template =
        OpenPage { pins_log: false, words: holder_words(may.lang), script: script("office"), page };
    let mut response = html(StatusCode::OK, &template);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, CSP);
    response
}

#[derive(Template)]
#[template(path = "office/open.html")]
struct OpenPage {
    page: Page,
    /// The office's tool reads no log.
    pins_log: bool,
    words: Vec<(&'static str, String)>,
    script: &'static Script,
}
