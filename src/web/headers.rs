//! What every answer says to the browser: no script, no third party, no trace.

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware::map_response,
    response::Response,
};

/// For pages; `img-src 'self'` is for the console's cleaned copies alone.
const CSP: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const CSP_IMAGES: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Puts the headers on every answer of a face, its errors included.
pub fn harden(router: Router, images: bool) -> Router {
    let csp = HeaderValue::from_static(if images { CSP_IMAGES } else { CSP });
    router.layer(map_response(move |mut response: Response| {
        let csp = csp.clone();
        async move {
            let headers = response.headers_mut();
            headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(csp);
            headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
            headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
            headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
            response
        }
    }))
}
