//! One part of a stored file for whoever asks for one (RFC 9110, section 14): without it Safari plays no film, and no browser
//! goes forward in one.

use super::{Stored, pieces};
use crate::store::FileBytes;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use std::{convert::Infallible, io::Read};

/// The part that is asked for. Whatever is not one range of bytes is as if the whole were.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    Whole,
    /// From the first to the last one, that included.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

impl<S: Send + Sync> FromRequestParts<S> for Part {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(if parts.method == Method::GET { Self::of(&parts.headers) } else { Self::Whole })
    }
}

impl Part {
    fn of(headers: &HeaderMap) -> Self {
        let mut asked = headers.get_all(header::RANGE).iter();
        // A condition is met by no validator of ours, for there is none: then the whole is sent.
        match (asked.next(), asked.next(), headers.contains_key(header::IF_RANGE)) {
            (Some(one), None, false) => one.to_str().ok().and_then(Self::parse).unwrap_or(Self::Whole),
            _ => Self::Whole,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (unit, range) = text.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        let part = match (first, last) {
            ("", last) => Self::Last(number(last)?),
            (first, "") => Self::From(number(first)?, None),
            (first, last) => Self::From(number(first)?, Some(number(last)?)),
        };
        let is_one = !matches!(part, Self::From(first, Some(last)) if last < first);
        (unit.eq_ignore_ascii_case("bytes") && is_one).then_some(part)
    }

    /// Where it begins in a file of this length, and how many bytes it has; `None`: nowhere.
    fn within(self, length: u64) -> Option<(u64, u64)> {
        match self {
            Self::Whole => Some((0, length)),
            Self::From(first, _) if first >= length => None,
            Self::From(first, last) => {
                let end = last.map_or(length, |last| last.saturating_add(1).min(length));
                Some((first, end - first))
            }
            Self::Last(count) => {
                let count = count.min(length);
                (count > 0).then_some((length - count, count))
            }
        }
    }

    /// Of this file, a piece at a time, however large.
    pub fn answer(self, bytes: FileBytes, media: HeaderValue, disposition: HeaderValue) -> Response {
        let length = bytes.record().len;
        let Some((at, count)) = self.within(length) else {
            let of = [(header::CONTENT_RANGE, text(format!("bytes */{length}")))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, of).into_response();
        };
        let headers: [(HeaderName, HeaderValue); 4] = [
            (header::CONTENT_TYPE, media),
            (header::CONTENT_DISPOSITION, disposition),
            (header::CONTENT_LENGTH, HeaderValue::from(count)),
            (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        ];
        if self == Self::Whole {
            return (headers, pieces(Stored::new(bytes), length)).into_response();
        }
        // Never of nothing: such a part is nowhere.
        let range = [(header::CONTENT_RANGE, text(format!("bytes {at}-{}/{length}", at + count - 1)))];
        let body = pieces(Stored::beginning_at(bytes, at).take(count), count);
        (StatusCode::PARTIAL_CONTENT, range, headers, body).into_response()
    }
}

/// Digits alone. More than any file has are as good as the most there can be.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn text(text: String) -> HeaderValue {
    // Of letters, digits and signs that a header may have.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("bytes */*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range: &str) -> Part {
        Part::of(&HeaderMap::from_iter([(header::RANGE, HeaderValue::from_str(range).unwrap())]))
    }

    #[test]
    fn one_range_of_bytes_is_a_part_and_anything_else_the_whole() {
        for (range, part) in [
            ("bytes=0-1", Part::From(0, Some(1))),
            ("Bytes=7-7", Part::From(7, Some(7))),
            ("bytes=5-", Part::From(5, None)),
            ("bytes=-5", Part::Last(5)),
            ("bytes=-0", Part::Last(0)),
            ("bytes=0-99999999999999999999999", Part::From(0, Some(u64::MAX))),
        ] {
            assert_eq!(asked(range), part, "{range}");
        }
        let others = [
            "bytes=0-1,5-6",
            "bytes=2-1",
            "bytes=-",
            "bytes=+1-2",
            "bytes=a-b",
            "bytes 0-1",
            "lines=0-1",
            "bytes=",
            "",
        ];
        for range in others {
            assert_eq!(asked(range), Part::Whole, "{range}");
        }
        let mut headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static("bytes=0-1"))]);
        headers.append(header::RANGE, HeaderValue::from_static("bytes=2-3"));
        assert_eq!(Part::of(&headers), Part::Whole, "twice");
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-1"));
        headers.insert(header::IF_RANGE, HeaderValue::from_static("\"etag\""));
        assert_eq!(Part::of(&headers), Part::Whole, "on a condition that nothing meets");
    }

    #[test]
    fn a_part_lies_within_the_file_or_nowhere() {
        for (part, within) in [
            (Part::From(0, Some(1)), Some((0, 2))),
            (Part::From(9, Some(9)), Some((9, 1))),
            (Part::From(9, None), Some((9, 1))),
            (Part::From(3, Some(u64::MAX)), Some((3, 7))),
            (Part::From(10, None), None),
            (Part::From(u64::MAX, Some(u64::MAX)), None),
            (Part::Last(3), Some((7, 3))),
            (Part::Last(11), Some((0, 10))),
            (Part::Last(0), None),
            (Part::Whole, Some((0, 10))),
        ] {
            assert_eq!(part.within(10), within, "{part:?}");
        }
        assert_eq!([Part::From(0, None), Part::Last(1)].map(|part| part.within(0)), [None, None]);
        assert_eq!(Part::Whole.within(0), Some((0, 0)));
    }
}
