//! What is said when a request cannot be answered: what happened, whether anything was lost, one next step.
//! A browser gets a page; another program gets a problem body (RFC 9457). Neither gets the cause.

use super::{Lang, Page, html};
use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use std::convert::Infallible;

/// Who asks, as far as the answer's shape is concerned: language, and page or problem body.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub lang: Lang,
    pub wants_html: bool,
}

impl Asked {
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
        let wants_html = accept.contains("text/html") || !accept.contains("json");
        Self { lang: Lang::of_request(uri, headers), wants_html }
    }

    /// The notice whose words are `{key}-title`, `{key}-text` and `{key}-next`; the next step leads to the face's start.
    pub fn notice(self, status: StatusCode, key: &'static str) -> Notice {
        Notice { asked: self, status, key, values: Vec::new(), next: format!("/{}/", self.lang.path()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

/// A whole answer that is only a message.
pub struct Notice {
    asked: Asked,
    status: StatusCode,
    key: &'static str,
    values: Vec<(&'static str, String)>,
    next: String,
}

impl Notice {
    /// Where the next step leads (a path with its language).
    pub fn next(mut self, href: impl Into<String>) -> Self {
        self.next = href.into();
        self
    }
    /// Fills `{ $name }` in all three texts.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }
}

impl IntoResponse for Notice {
    fn into_response(self) -> Response {
        let values: Vec<_> = self.values.iter().map(|(n, v)| (*n, v.as_str().into())).collect();
        let say = |part: &str| self.asked.lang.t_with(&format!("{}-{part}", self.key), &values);
        if self.asked.wants_html {
            let page = Page::new(self.asked.lang, say("title"));
            let text = say("text");
            return html(
                self.status,
                &NoticePage { page, text, next: self.next.clone(), next_label: say("next") },
            );
        }
        let body = serde_json::json!({
            "type": "about:blank", "title": say("title"), "status": self.status.as_u16(), "detail": say("text"),
        });
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    page: Page,
    text: String,
    next: String,
    next_label: String,
}
