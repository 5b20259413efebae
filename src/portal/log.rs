//! The public log at `/log/…`, and what the reporter's own page says about it.

use super::{PortalState, visit::Visit};
use crate::{
    log::{
        LeafEntry, NodeId, Purpose,
        scan::scan,
        tiles::{self, Entries, TilePath, TileRefused},
        tree::{Hash, Nodes},
    },
    store::PublicLog,
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
    Router::new().route("/log/checkpoint", get(checkpoint)).route("/log/tile/{*path}", get(tile))
}

async fn checkpoint(State(portal): State<PortalState>) -> Response {
    match portal.public_log.checkpoint() {
        Ok(Some(note)) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn tile(State(portal): State<PortalState>, Path(path): Path<String>) -> Response {
    let Ok(path) = format!("tile/{path}").parse::<TilePath>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let log = Published(&*portal.public_log);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "public, max-age=604800, immutable"),
    ];
    match tiles::serve(&log, portal.public_log.head().size, path) {
        Ok(bytes) => (headers, bytes).into_response(),
        Err(TileRefused::Path | TileRefused::NotThere) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

struct Published<'a>(&'a dyn PublicLog);

impl Nodes for Published<'_> {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.0.node(id)
    }
}
impl Entries for Published<'_> {
    fn entry(&self, index: u64) -> Option<LeafEntry> {
        self.0.entries(index, index + 1).ok()?.pop()
    }
}

/// Where the report stands in the log, and every opening of it that was announced there.
pub(super) fn about(portal: &PortalState, visit: &Visit, lang: Lang) -> Vec<String> {
    let Some(own) = &visit.own else { return Vec::new() };
    let size = portal.public_log.head().size;
    let Ok(entries) = portal.public_log.entries(0, size) else { return vec![lang.t("mine-log-unreadable")] };
    let history = scan(&own.audit_key, entries.iter().map(|entry| entry.as_bytes().as_slice()));
    let mut lines = Vec::new();
    if let Some(first) = history.found().first() {
        lines.push(lang.t1("mine-log-check", "leaf", first.index + 1));
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
    lines
}
