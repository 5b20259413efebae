//! What every answer says to the browser: no script, no third party, no trace.

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, header},
    middleware::map_response,
    response::Response,
};

/// For pages; `img-src` and `media-src` are for the console's copies alone.
const CSP: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const CSP_IMAGES: &str = "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Puts the headers on every answer of a face, its errors included.
pub fn harden(router: Router, images: bool) -> Router {
    let csp = HeaderValue::from_static(if images { CSP_IMAGES } else { CSP });
    router.layer(map_response(move |mut response: Response| {
        let csp = csp.clone();
        async move {
            let headers = response.headers_mut();
            headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(csp);
            headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
            headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
            headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
            response
        }
    }))
}

/// Where a browser says that a form comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sender {
    /// One of our own pages, or no page at all.
    Here,
    /// An older browser that does not say: `no-referrer` makes it send `Origin: null`, for our pages and others' alike.
    Hidden,
    Elsewhere,
}

impl Sender {
    /// By `Sec-Fetch-Site`; older browsers, and all browsers over plain http, have only `Origin`. The proxy in front
    /// must hand on `Host` as it came.
    pub fn of(headers: &HeaderMap) -> Self {
        if let Some(site) = text(headers, "sec-fetch-site") {
            return if matches!(site, "same-origin" | "none") { Self::Here } else { Self::Elsewhere };
        }
        match (text(headers, "origin"), text(headers, "host")) {
            (None, _) => Self::Here,
            (Some("null"), _) => Self::Hidden,
            (Some(origin), Some(host)) if is_of(origin, host) => Self::Here,
            (Some(_), _) => Self::Elsewhere,
        }
    }

    /// Whether the browser itself says that a page of ours sends. [`Sender::Here`] is also who says nothing at all: not
    /// enough for showing again what came.
    pub fn says_ours(headers: &HeaderMap) -> bool {
        match (text(headers, "sec-fetch-site"), text(headers, "origin"), text(headers, "host")) {
            (Some(site), ..) => site == "same-origin",
            (None, Some(origin), Some(host)) => is_of(origin, host),
            (None, ..) => false,
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("not text"))
}

/// Whether `scheme://host[:port]` is this `host[:port]`; a scheme's own port may be left out on either side.
fn is_of(origin: &str, host: &str) -> bool {
    let Some((scheme, of)) = origin.split_once("://") else { return false };
    let port = if scheme == "https" { ":443" } else { ":80" };
    let bare = |name: &str| name.strip_suffix(port).unwrap_or(name).to_ascii_lowercase();
    bare(of) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_from_another_site_is_known_by_its_headers() {
        for (pairs, sender) in [
            (&[][..], Sender::Here),
            (&[("host", "a")], Sender::Here),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], Sender::Here),
            (&[("sec-fetch-site", "none")], Sender::Here),
            (&[("origin", "http://127.0.0.1:8081"), ("host", "127.0.0.1:8081")], Sender::Here),
            (&[("origin", "https://a.example"), ("host", "A.example:443")], Sender::Here),
            (&[("origin", "null"), ("host", "a")], Sender::Hidden),
            (&[("origin", "http://127.0.0.1:9999"), ("host", "127.0.0.1:8081")], Sender::Elsewhere),
            (&[("origin", "https://a.example:80"), ("host", "a.example")], Sender::Elsewhere),
            (&[("origin", "https://a.example")], Sender::Elsewhere),
            (&[("origin", "a.example"), ("host", "a.example")], Sender::Elsewhere),
            (&[("sec-fetch-site", "cross-site")], Sender::Elsewhere),
            (&[("sec-fetch-site", "same-site"), ("origin", "https://a"), ("host", "a")], Sender::Elsewhere),
        ] {
            let headers = pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
            let headers: HeaderMap<HeaderValue> = headers.collect::<HeaderMap<_>>();
            assert_eq!(Sender::of(&headers), sender, "{pairs:?}");
            let is_said = pairs.iter().any(|pair| pair.1 == "same-origin" || pair.0 == "origin");
            assert_eq!(Sender::says_ours(&headers), is_said && sender == Sender::Here, "{pairs:?}");
        }
    }
}
