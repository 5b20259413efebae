//! The one stylesheet, at an address that changes with its bytes.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use std::{io::Write, sync::LazyLock};

const CSS: &str = include_str!("../../assets/app.css");

static PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = crate::transcript::sha256(CSS.as_bytes());
    format!("/assets/app-{}.css", hex::encode(&hash[..8]))
});
static GZIPPED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Unwrap safety: writing into a vector does not fail.
    encoder.write_all(CSS.as_bytes()).unwrap();
    encoder.finish().unwrap()
});

/// Where pages find the stylesheet.
pub fn stylesheet_path() -> &'static str {
    &PATH
}

/// Serves the stylesheet; may be kept by the browser for good, since its address names its content.
pub fn stylesheet_route<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(stylesheet_path(), get(stylesheet))
}

async fn stylesheet(headers: HeaderMap) -> Response {
    let gzip = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip"));
    let common = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    if gzip {
        (common, [(header::CONTENT_ENCODING, "gzip")], Body::from(GZIPPED.as_slice())).into_response()
    } else {
        (common, CSS).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stylesheet_weighs_no_more_than_4_kb_and_calls_nobody() {
        assert!(GZIPPED.len() <= 4096, "{} bytes", GZIPPED.len());
        for bad in ["url(", "@import", "http:", "https:"] {
            assert!(!CSS.contains(bad), "{bad}");
        }
    }
}
