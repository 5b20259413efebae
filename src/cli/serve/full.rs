//! What is said to whoever is turned away.

use crate::web::{Asked, harden};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::time::timeout;

/// Of whoever is turned away so much is still read: of what comes after the connection is closed the kernel says that it was
/// broken off, and a browser that is sending shows that instead of our page.
const DRAIN: usize = 8 << 20;
const DRAIN_WITHIN: Duration = Duration::from_secs(5);

async fn drain(mut body: Body) {
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        seen += frame.data_ref().map_or(0, |data| data.len());
        if seen > DRAIN {
            break;
        }
    }
}

/// Answers everything with the one sentence, and ends the connection.
pub fn full_house() -> Router {
    let answer = async |asked: Asked, request: Request| -> Response {
        // What does not come in time is not waited for.
        let _ = timeout(DRAIN_WITHIN, drain(request.into_body())).await;
        let mut response = asked.notice(StatusCode::SERVICE_UNAVAILABLE, "full-house").into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    };
    harden(Router::new().fallback(answer), false)
}
