//! The public log at `/log/…`, the scripts announced in it at `/scripts.json`, and what the reporter's own page says about it.

use super::{PortalState, visit::Visit};
use crate::{
    log::{Event, Purpose, tiles::TileRefused},
    web::Lang,
};
use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

/// In C2SP `tlog-tiles` layout; the same in every language, for tools.
pub(super) fn router() -> Router<PortalState> {
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/closed", get(closed))
        .route("/log/notes", get(notes))
        .route("/log/tile/{*path}", get(tile))
        .route("/scripts.json", get(scripts))
}

/// The very bytes whose hash stands in the log.
async fn scripts(State(portal): State<PortalState>) -> Response {
    match portal.publisher.scripts() {
        Ok(Some(list)) => ([(header::CONTENT_TYPE, "application/json")], list).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn checkpoint(State(portal): State<PortalState>) -> Response {
    match portal.publisher.published() {
        Ok(Some(signed)) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], signed.note().to_vec()).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The keys that signed before this one, and how each named the next. An empty list where there was none.
async fn closed(State(portal): State<PortalState>) -> Response {
    axum::Json(portal.publisher.closed()).into_response()
}

/// The very texts whose hashes stand in the log: how batches of shares ended, and what holders say that they destroyed.
async fn notes(State(portal): State<PortalState>) -> Response {
    match portal.publisher.notes() {
        Ok(notes) => axum::Json(notes).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn tile(State(portal): State<PortalState>, Path(path): Path<String>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "public, max-age=604800, immutable"),
    ];
    match portal.publisher.tile(&format!("tile/{path}")) {
        Ok(bytes) => (headers, bytes).into_response(),
        Err(TileRefused::Path | TileRefused::NotThere) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Where the report stands in the log, and every opening of it that was announced there.
pub(super) fn about(portal: &PortalState, visit: &Visit, lang: Lang) -> Vec<String> {
    let Some(own) = &visit.own else { return Vec::new() };
    let read = portal.publisher.history(&own.keys.audit).and_then(|h| Ok((h, portal.publisher.published()?)));
    let Ok((history, published)) = read else { return vec![lang.t("mine-log-unreadable")] };
    let size = published.map_or(0, |signed| signed.checkpoint().size);
    let mut lines = Vec::new();
    if let Some(first) = history.found().first() {
        let key = if first.index < size { "mine-log-check" } else { "mine-log-soon" };
        lines.push(lang.t1(key, "leaf", first.index + 1));
    }
    let openings = history.openings();
    if openings.is_empty() {
        lines.push(lang.t("mine-log-none"));
    } else {
        lines.push(lang.t1("mine-log-opened", "count", openings.len()));
    }
    for (day, purpose) in openings {
        let what = lang.t(match purpose {
            Some(Purpose::Files) => "mine-log-files",
            Some(Purpose::Identity) => "mine-log-identity",
            None => "mine-log-unknown",
        });
        let day = day.map(|day| lang.day(day)).unwrap_or_default();
        lines.push(lang.t_with("mine-log-line", &[("day", day.into()), ("what", what.into())]));
    }
    for (event, day, name) in history.originals() {
        let key = match event {
            Event::Asked => "mine-log-asked",
            Event::Objected => "mine-log-stopped",
            Event::Joined => "mine-log-joined",
            Event::Ended => "mine-log-ended",
            _ => continue,
        };
        lines.push(lang.t_with(key, &[("day", lang.day(day).into()), ("name", name.into())]));
    }
    if history.is_opened_untold() {
        lines.push(lang.t("mine-log-untold"));
    }
    lines
}
