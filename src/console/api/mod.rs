//! The way in for other systems of the authority, by token: how the cases of a body stand and what their sheets say, figures
//! as the pages show them, the public log. Reads only. `assets/openapi-authorities.json` describes it and is served here.

mod case;
mod follow;

pub(super) use follow::Followed;

use super::ConsoleState;
use crate::{
    figures::Cell,
    staff::{System, scope},
    store::{Access, TrailEntry},
    web::{Asked, Lang, Typed, problem},
};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

const OPENAPI: &str = include_str!("../../../assets/openapi-authorities.json");

/// No session comes near these: they stand beside the pages, not among them.
pub(super) fn routes(state: ConsoleState) -> Router {
    let api = Router::new()
        .route("/openapi.json", get(async || ([(header::CONTENT_TYPE, "application/json")], OPENAPI)))
        .route("/cases", get(follow::list))
        .route("/cases/{number}", get(case::show))
        .route("/figures", get(figures))
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/tile/{*path}", get(tile))
        .fallback(async |asked: Asked| refused(asked.lang, StatusCode::NOT_FOUND, "not-found"))
        .method_not_allowed_fallback(async |asked: Asked| {
            refused(asked.lang, StatusCode::METHOD_NOT_ALLOWED, "method")
        });
    Router::new().nest("/api/v1", api).with_state(state)
}

/// A problem whose sentence is `systems-{code}`.
fn refused(lang: Lang, status: StatusCode, code: &'static str) -> Response {
    problem(lang, status, code, lang.t(&format!("systems-{code}")), &[])
}

fn down(lang: Lang, cause: &dyn std::fmt::Display) -> Response {
    tracing::error!("systems: {cause}");
    problem(lang, StatusCode::SERVICE_UNAVAILABLE, "down", lang.t("door-down-text"), &[])
}

impl ConsoleState {
    /// Before anything is shown.
    async fn note_system(
        &self,
        access: &Access,
        lang: Lang,
        what: &str,
        case: Option<crate::ids::CaseNumber>,
    ) -> Result<(), Response> {
        let entry = TrailEntry {
            at: self.clock.unix_seconds(),
            by: access.id(),
            what: what.into(),
            case,
            account: None,
            change: String::new(),
        };
        self.cases.note_read(entry).await.map(drop).map_err(|cause| down(lang, &cause))
    }
}

/// The year's figures, cell by cell, without what a small count would give away.
async fn figures(
    State(state): State<ConsoleState>,
    system: System<scope::Figures>,
    uri: Uri,
) -> Result<Response, Response> {
    let lang = system.lang();
    let typed = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let desk = state.figures.clone();
    let counted = tokio::task::spawn_blocking(move || desk.now()).await;
    let figures = counted.map_err(|cause| down(lang, &cause))?;
    let year = match typed.raw("year") {
        _ if !typed.has("year") => figures.years().first().copied(),
        year => year.parse().ok().filter(|year| figures.years().contains(year)),
    };
    let Some(year) = year else { return Err(refused(lang, StatusCode::NOT_FOUND, "not-found")) };
    state.note_system(&system, lang, "system-figures", None).await?;
    let limit = super::figures::limit_of(&state, system.body(&state.policy.bodies));
    let cell = |cell: Cell| json!({ "region": cell.region.to_string(), "dimension": cell.dimension, "code": cell.code, "count": cell.count });
    let cells: Vec<_> = figures.cells(year, limit, &state.policy).into_iter().map(cell).collect();
    Ok(Json(json!({ "year": year, "years": figures.years(), "cells": cells })).into_response())
}

/// The signed head of the log (C2SP `tlog-checkpoint`).
async fn checkpoint(
    State(state): State<ConsoleState>,
    system: System<scope::Log>,
) -> Result<Response, Response> {
    let published = state.publisher.published().map_err(|cause| down(system.lang(), &cause))?;
    let Some(signed) = published else {
        return Err(refused(system.lang(), StatusCode::NOT_FOUND, "not-found"));
    };
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], signed.note().to_vec()).into_response())
}

/// A tile of the log (C2SP `tlog-tiles`).
async fn tile(
    State(state): State<ConsoleState>,
    system: System<scope::Log>,
    Path(path): Path<String>,
) -> Result<Response, Response> {
    use crate::log::tiles::TileRefused;
    match state.publisher.tile(&format!("tile/{path}")) {
        Ok(bytes) => Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()),
        Err(TileRefused::Path | TileRefused::NotThere) => {
            Err(refused(system.lang(), StatusCode::NOT_FOUND, "not-found"))
        }
        Err(cause) => Err(down(system.lang(), &cause)),
    }
}
