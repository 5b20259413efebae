//! What was typed into a form, read strictly: our own page answers what cannot be read, never the library's.

use super::notice::Asked;
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::time::timeout;
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The largest form: 5,000 Han characters are 45,000 bytes once percent-encoded; this leaves room for five times that.
pub const FORM_LIMIT: usize = 256 * 1024;
/// The most values a form may have: several times what ours have. However short, each costs memory of its own.
const MOST_VALUES: usize = 64;
/// The same for staff, who are known: a sheet has two values for each thing found in a report's texts.
const MOST_STAFF_VALUES: usize = 4096;
/// A form is typed before it is sent: of a whole one this is 2 kB a second, slower than any line that shows pages.
const FORM_WITHIN: Duration = Duration::from_secs(120);
/// Two strings, and what the allocator needs beside them.
const PAIR_BYTES: usize = 2 * size_of::<String>() + 32;
/// How much more is read and thrown away, so that the browser shows our page and not "connection reset".
const DRAIN: usize = 8 * 1024 * 1024;

/// Why a form could not be read. Nothing of it was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormRefused {
    #[error("the form is larger than {FORM_LIMIT} bytes")]
    TooLarge,
    #[error("the form is not UTF-8 text")]
    NotText,
    #[error("the form has too many values")]
    TooMany,
    #[error("the body is not application/x-www-form-urlencoded")]
    NotAForm,
    #[error("the connection broke before the form was whole")]
    Broken,
    #[error("the form took longer than {} seconds", FORM_WITHIN.as_secs())]
    Slow,
}

/// Names and values as typed, in order. Wiped when dropped; not printable.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Typed(Vec<(String, String)>);

impl Typed {
    /// Reads `a=b&c=d`. Percent signs and plus signs as in HTML forms; line ends become `\n`; NUL is dropped.
    pub fn parse(body: &[u8]) -> Result<Self, FormRefused> {
        Self::parse_up_to(MOST_VALUES, body)
    }

    fn parse_up_to(most: usize, body: &[u8]) -> Result<Self, FormRefused> {
        let mut typed = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if typed.0.len() == most {
                return Err(FormRefused::TooMany);
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
            typed.0.push((decode(name)?, decode(value)?));
        }
        Ok(typed)
    }

    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// The first value under `name`, exactly as typed; empty if there is none.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|pair| pair.0 == name).map_or("", |pair| pair.1.as_str())
    }

    /// The first value under `name` without the space around it.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// As [`Typed::text`], with full-width letters and digits made plain (NFKC): for codes, numbers, choices.
    pub fn plain(&self, name: &str) -> String {
        self.raw(name).nfkc().collect::<String>().trim().to_owned()
    }

    /// Every value under `name` (check boxes).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |pair| pair.0 == name).map(|pair| pair.1.as_str())
    }

    /// Names and values, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|pair| pair.0 == name)
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|pair| pair.0 != name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// How many characters were typed, as a person counts them.
    pub fn length(&self, name: &str) -> usize {
        self.text(name).chars().count()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it holds in memory, about.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.len() + PAIR_BYTES).sum()
    }
}

fn decode(bytes: &[u8]) -> Result<String, FormRefused> {
    let hex = |byte: Option<&u8>| byte.and_then(|b| (*b as char).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match (bytes[i], hex(bytes.get(i + 1)), hex(bytes.get(i + 2))) {
            (b'+', ..) => out.push(b' '),
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 2;
            }
            (byte, ..) => out.push(byte),
        }
        i += 1;
    }
    let text = String::from_utf8(out).map_err(|error| {
        error.into_bytes().zeroize();
        FormRefused::NotText
    })?;
    Ok(line_ends(text))
}

/// Line ends become `\n`; NUL is dropped.
pub(crate) fn line_ends(text: String) -> String {
    if text.contains(['\r', '\0']) {
        return text.replace("\r\n", "\n").replace(['\r', '\0'], "");
    }
    text
}

/// A form that was sent; answers with our own page (or a problem body) when it cannot be read.
pub struct Form(pub Typed);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        Self::read(request, MOST_VALUES).await
    }
}

impl Form {
    /// A form of somebody who has signed in to the console or the office.
    pub(crate) async fn of_staff(request: Request) -> Result<Self, Response> {
        Self::read(request, MOST_STAFF_VALUES).await
    }

    async fn read(request: Request, most: usize) -> Result<Self, Response> {
        let asked = Asked::of(request.uri(), request.headers());
        let read = async {
            let form = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            if !form.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
                return Err(FormRefused::NotAForm);
            }
            Typed::parse_up_to(most, &form_body(request.into_body(), FORM_WITHIN).await?)
        };
        read.await.map(Self).map_err(|refused| asked.form_refused(refused).into_response())
    }
}

/// A whole form. Who sends it byte by byte holds a place with every connection.
async fn form_body(body: Body, within: Duration) -> Result<Bytes, FormRefused> {
    timeout(within, read_body(body, FORM_LIMIT)).await.unwrap_or(Err(FormRefused::Slow))
}

/// The whole body, at most `limit` bytes. Of a larger one some more is read, so that the answer arrives.
pub(crate) async fn read_body(mut body: Body, limit: usize) -> Result<Bytes, FormRefused> {
    let mut kept = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| FormRefused::Broken)?.into_data() else { continue };
        seen += data.len();
        if seen <= limit {
            kept.extend_from_slice(&data);
        } else if seen > DRAIN {
            break;
        }
    }
    if seen > limit { Err(FormRefused::TooLarge) } else { Ok(kept.into()) }
}

impl Asked {
    /// The page for a form that could not be read.
    pub fn form_refused(self, refused: FormRefused) -> super::Notice {
        let (status, key) = match refused {
            FormRefused::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "form-too-large"),
            FormRefused::NotText => (StatusCode::BAD_REQUEST, "form-not-text"),
            FormRefused::TooMany => (StatusCode::BAD_REQUEST, "form-not-a-form"),
            FormRefused::NotAForm => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "form-not-a-form"),
            FormRefused::Broken => (StatusCode::BAD_REQUEST, "form-broken"),
            FormRefused::Slow => (StatusCode::REQUEST_TIMEOUT, "form-broken"),
        };
        self.notice(status, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_form_reads_as_the_browser_wrote_it() {
        let typed = Typed::parse("a=%E7%85%A4%E7%9F%BF+1&b=&c=x%0D%0Ay&a=2&d=100%".as_bytes()).unwrap();
        assert_eq!((typed.text("a"), typed.text("b"), typed.raw("c")), ("煤矿 1", "", "x\ny"));
        assert_eq!((typed.all("a").count(), typed.raw("d"), typed.raw("none")), (2, "100%", ""));
        assert!(typed.has("b") && !typed.has("none"));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused_rather_than_repaired() {
        assert!(matches!(Typed::parse(b"a=%FF"), Err(FormRefused::NotText)));
        assert!(matches!(Typed::parse(b"a=\xc3("), Err(FormRefused::NotText)));
    }

    #[test]
    fn a_form_of_many_small_values_is_refused_before_it_is_held() {
        let form = |values: usize| vec!["now="; values].join("&");
        assert!(Typed::parse(form(MOST_VALUES).as_bytes()).is_ok());
        assert!(matches!(Typed::parse(form(MOST_VALUES + 1).as_bytes()), Err(FormRefused::TooMany)));
    }

    #[tokio::test]
    async fn a_form_that_trickles_for_ever_is_not_waited_for() {
        let (mut bytes, body) = http_body_util::channel::Channel::<Bytes, std::io::Error>::new(1);
        let trickle = tokio::spawn(async move {
            while bytes.send_data(Bytes::from_static(b"a")).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let read = timeout(Duration::from_secs(60), form_body(Body::new(body), Duration::from_millis(100)));
        assert_eq!(read.await.expect("it is not waited for"), Err(FormRefused::Slow));
        trickle.await.unwrap();
        let whole = form_body(Body::from("a=1"), Duration::from_secs(60)).await;
        assert_eq!(whole.unwrap(), "a=1");
    }

    #[test]
    fn full_width_digits_are_made_plain() {
        let typed = Typed::parse("n=　１３８００１３８０００ ".as_bytes()).unwrap();
        assert_eq!(typed.plain("n"), "13800138000");
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Typed::parse(&body);
        }
    }
}
