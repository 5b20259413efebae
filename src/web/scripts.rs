//! The scripts that are part of the program, and what a page that uses one tells the browser.
//!
//! `web/build.mjs` makes them of `web/src`. Their hashes are published ([`crate::scripts`]).

use super::asset::Asset;
use crate::transcript::sha256;
use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::digest::{SHA384, digest};
use std::sync::LazyLock;

/// Name and text of each.
const SOURCES: &[(&str, &str)] = &include!("../../web/dist/scripts.rs");

/// For a page with a script: only ours, from here, and no text ever becomes code or markup.
const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
);

pub(super) static SCRIPTS: LazyLock<Vec<Script>> = LazyLock::new(|| {
    SOURCES
        .iter()
        .map(|&(name, text)| Script {
            name,
            sha256: sha256(text.as_bytes()),
            integrity: format!("sha384-{}", BASE64_STANDARD.encode(digest(&SHA384, text.as_bytes()))),
            asset: Asset::new(name, "js", "text/javascript; charset=utf-8", text),
        })
        .collect()
});

/// One script: `<script src="{{ path() }}" integrity="{{ integrity }}" defer></script>`.
pub struct Script {
    pub name: &'static str,
    pub sha256: [u8; 32],
    /// For the attribute `integrity`: the browser runs no other bytes.
    pub integrity: String,
    pub(super) asset: Asset,
}

impl Script {
    pub fn path(&self) -> &str {
        &self.asset.path
    }

    /// For a page that has it inside: see [`with_inline`].
    pub fn text(&self) -> &'static str {
        self.asset.text
    }
}

/// Every script, in the order of their names.
pub fn scripts() -> &'static [Script] {
    &SCRIPTS
}

/// The script called `name` in `web/build.mjs`.
///
/// # Panics
/// If there is none: names stand in our own code, so the first test that shows the page sees it.
pub fn script(name: &str) -> &'static Script {
    let found = SCRIPTS.iter().find(|script| script.name == name);
    found.unwrap_or_else(|| panic!("there is no script {name:?}; run `npm run build` in web/"))
}

/// Lets the page run our scripts, which no page may do by itself.
pub fn with_script(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, CSP);
    response
}

/// Lets the page run the one script that stands inside it, byte for byte, and ask for nothing.
pub fn with_inline(mut response: Response, script: &Script) -> Response {
    let csp = format!(
        "default-src 'none'; script-src '{}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        script.integrity
    );
    // Unwrap safety: all of it is visible ASCII, the hash is base64.
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&csp).unwrap());
    response
}

/// As [`with_script`], for a page of the console that takes keys: cleaned copies stand in some, and the script asks for
/// nothing.
const CSP_KEYS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
);

pub(super) fn with_keys(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, CSP_KEYS);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_hold_nothing_that_the_page_forbids() {
        for script in scripts() {
            for bad in
                ["eval(", "new Function", "innerHTML", "outerHTML", "document.write", "sourceMappingURL"]
            {
                assert!(!script.asset.text.contains(bad), "{}: {bad}", script.name);
            }
        }
    }

    #[test]
    fn what_stands_inside_a_page_cannot_end_it_and_names_nobody() {
        let text = script("reporter-left").text();
        for bad in ["<", "mifeng", "/*"] {
            assert!(!text.contains(bad), "{text}");
        }
        let page = with_inline(axum::response::IntoResponse::into_response(""), script("reporter-left"));
        let csp = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let hash = BASE64_STANDARD.encode(digest(&SHA384, text.as_bytes()));
        assert!(csp.contains(&format!("script-src 'sha384-{hash}';")), "{csp}");
    }

    #[test]
    fn integrity_is_the_sha_384_of_what_is_served() {
        // FIPS 180-2, appendix D.1
        assert!(BASE64_STANDARD.encode(digest(&SHA384, b"abc")).starts_with("ywB1P0WjXou1oD1p"));
        for script in scripts() {
            assert_eq!(script.integrity.len(), "sha384-".len() + 64);
            assert!(script.path().starts_with(&format!("/assets/{}-", script.name)));
            assert_eq!(sha256(script.asset.text.as_bytes()), script.sha256);
        }
    }
}
