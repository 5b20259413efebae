//! The documents about a case, as its reporter can have them; a copy for staff says whose it is. None about an award: what
//! becomes of one is not for those who work on the case.

use super::{ConsoleState, view};
use crate::{
    casework::Case,
    documents::Issued,
    staff::{May, grant, notice},
    web::{Face, Lang},
};
use axum::{
    extract::{Path, State as Shared},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// Where each leads, and its name with the day.
pub(super) fn list(state: &ConsoleState, lang: Lang, case: &Case) -> Vec<(String, String)> {
    let line = |issued: &Issued| {
        let href = format!("/{}/cases/{}/documents/{}", lang.path(), case.number, issued.id());
        let day = view::day(issued.day);
        let words = [("title", state.documents.title(issued.kind, lang)), ("day", day.as_str())];
        (href, lang.t_with("document-line", &view::values(&words)))
    };
    state.documents.of_case(case, case).iter().map(line).collect()
}

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadCases>,
    Path((_, number, id)): Path<(String, String, String)>,
) -> Result<Response, Response> {
    let dossier = state.open(&may, &number, "document").await?;
    let case = &dossier.case;
    let all = state.documents.of_case(case, case);
    let Some(issued) = all.iter().find(|issued| issued.id() == id) else {
        return Err(notice(Face::Console, may.lang, StatusCode::NOT_FOUND, "console-not-found"));
    };
    let mark = state.mark(&may, &dossier);
    let printed = state.documents.print(may.lang, case, issued, Some(mark)).await;
    let pdf = printed.map_err(|cause| {
        tracing::error!(%cause, "a document was not made");
        notice(Face::Console, may.lang, StatusCode::SERVICE_UNAVAILABLE, "door-down")
    })?;
    let disposition = format!("attachment; filename=\"{number}-{id}.pdf\"");
    let headers =
        [(header::CONTENT_TYPE, "application/pdf"), (header::CONTENT_DISPOSITION, disposition.as_str())];
    Ok((headers, pdf).into_response())
}
