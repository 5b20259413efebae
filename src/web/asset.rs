//! Stylesheet and scripts, each at an address that changes with its bytes.

use super::scripts::SCRIPTS;
use crate::transcript::sha256;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use std::{io::Write, sync::LazyLock};

static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("app", "css", "text/css; charset=utf-8", include_str!("../../assets/app.css"))
});

/// A text that is part of the program.
pub(super) struct Asset {
    pub path: String,
    pub text: &'static str,
    media_type: &'static str,
    /// Compressed once, when first asked for. Pages never are: they mix secrets with typed text.
    gzipped: Vec<u8>,
}

impl Asset {
    pub fn new(name: &str, ending: &str, media_type: &'static str, text: &'static str) -> Self {
        let hash = sha256(text.as_bytes());
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Unwrap safety: writing into a vector does not fail.
        encoder.write_all(text.as_bytes()).unwrap();
        let gzipped = encoder.finish().unwrap();
        Self {
            path: format!("/assets/{name}-{}.{ending}", hex::encode(&hash[..8])),
            text,
            media_type,
            gzipped,
        }
    }

    /// Bytes on the way to a browser.
    #[cfg(test)]
    pub fn weight(&self) -> usize {
        self.gzipped.len()
    }

    /// May be kept by the browser for good, since the address names the content.
    fn answer(&self, asked: &HeaderMap) -> Response {
        let gzip = asked
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("gzip"));
        let common = [
            (header::CONTENT_TYPE, self.media_type),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (header::VARY, "accept-encoding"),
        ];
        if gzip {
            (common, [(header::CONTENT_ENCODING, "gzip")], Body::from(self.gzipped.clone())).into_response()
        } else {
            (common, self.text).into_response()
        }
    }
}

/// Where pages find the stylesheet.
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET.path
}

/// Serves the stylesheet and every script.
pub fn asset_routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let scripts = SCRIPTS.iter().map(|script| &script.asset);
    std::iter::once(&*STYLESHEET).chain(scripts).fold(Router::new(), |router, asset| {
        router.route(&asset.path, get(move |asked: HeaderMap| async move { asset.answer(&asked) }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use std::io::Read;

    #[test]
    fn the_stylesheet_weighs_no_more_than_4_kb_and_calls_nobody() {
        assert!(STYLESHEET.weight() <= 4096, "{} bytes", STYLESHEET.weight());
        for bad in ["url(", "@import", "http:", "https:"] {
            assert!(!STYLESHEET.text.contains(bad), "{bad}");
        }
    }

    /// Before 2021 browsers dropped a rule whole for a list inside `:not()`, and for `:is()`: then fields had no border.
    #[test]
    fn an_old_phone_draws_the_fields() {
        let rules = STYLESHEET.text.split('}').filter_map(|rule| rule.split_once('{'));
        let of_fields: Vec<&str> = rules
            .map(|(selector, _)| selector.rsplit("*/").next().unwrap_or(selector).trim())
            .filter(|selector| ["input", "textarea", "select"].iter().any(|field| selector.contains(field)))
            .collect();
        assert!(of_fields.len() > 5, "{of_fields:?}");
        for selector in of_fields {
            let lists =
                selector.split(":not(").skip(1).any(|rest| rest.split(')').next().unwrap().contains(','));
            assert!(!lists && !selector.contains(":is(") && !selector.contains(":where("), "{selector}");
        }
    }

    #[test]
    fn a_reporters_first_visit_weighs_no_more_than_120_kb() {
        for script in SCRIPTS.iter() {
            let bytes = STYLESHEET.weight() + script.asset.weight();
            println!("{} with the stylesheet: {bytes} bytes gzipped", script.name);
            assert!(bytes <= 120 * 1024, "{}: {bytes} bytes", script.name);
        }
    }

    #[tokio::test]
    async fn the_address_names_the_content_and_both_encodings_hold_it() {
        let asset = Asset::new("a", "js", "text/javascript; charset=utf-8", "let a = 1;");
        let other = Asset::new("a", "js", "text/javascript; charset=utf-8", "let a = 2;");
        assert_ne!(asset.path, other.path);
        let mut asked = HeaderMap::new();
        let plain = asset.answer(&asked);
        assert_eq!(plain.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(to_bytes(plain.into_body(), 100).await.unwrap(), asset.text);
        asked.insert(header::ACCEPT_ENCODING, "br, gzip".parse().unwrap());
        let zipped = asset.answer(&asked);
        assert_eq!(zipped.headers()[header::CONTENT_ENCODING], "gzip");
        let bytes = to_bytes(zipped.into_body(), 100).await.unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, asset.text);
    }
}
