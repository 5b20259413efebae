//! What investigators see of a reporter's file: its cleaned copy.

use super::ConsoleState;
use crate::{
    casework::Copy,
    ids::BlobId,
    staff::{May, grant},
    web::{Page, html},
};
use askama::Template;
use axum::{
    body::Body,
    extract::{Path, State as Shared},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Types of cleaned copies a browser may show in place; any other is only offered for download.
const SHOWN: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "image/gif"];

/// One cleaned copy on a page of its own: opened one at a time, each opening recorded.
pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadCases>,
    Path((_, number, blob)): Path<(String, String, String)>,
) -> Response {
    let dossier = match state.open(&may, &number, "copy").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let file = dossier.case.files.iter().enumerate().find(
        |(_, file)| matches!(&file.copy, Copy::Cleaned { blob: found, .. } if found.to_string() == blob),
    );
    let Some((i, file)) = file else { return state.no_such_case(may.lang) };
    let media = match &file.copy {
        Copy::Cleaned { media, .. } => media.clone(),
        Copy::SealedOnly => String::new(),
    };
    let mut page =
        state.page(&may, may.lang.t1("file-n", "n", i + 1), &format!("/cases/{number}/copies/{blob}"));
    page.mark = state.mark(&may, &dossier);
    page.back = page.href(&format!("/cases/{number}"));
    let bytes = page.href(&format!("/cases/{number}/copies/{blob}/bytes"));
    html(StatusCode::OK, &CopyPage { shown: SHOWN.contains(&media.as_str()), bytes, page })
}

/// The copy's bytes, streamed. Only what this case lists is found.
pub(super) async fn bytes(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadCases>,
    Path((_, number, blob)): Path<(String, String, String)>,
) -> Response {
    let dossier = match state.open(&may, &number, "copy-bytes").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let Ok(blob) = blob.parse::<BlobId>() else { return state.no_such_case(may.lang) };
    let media = dossier.case.files.iter().find_map(|file| match &file.copy {
        Copy::Cleaned { blob: found, media } if *found == blob => Some(media.clone()),
        _ => None,
    });
    let (Some(media), Ok(bytes)) = (media, state.cases.cleaned_copy(dossier.case.number, blob)) else {
        return state.no_such_case(may.lang);
    };
    let disposition = if SHOWN.contains(&media.as_str()) { "inline" } else { "attachment" };
    let mut whole = Vec::new();
    for chunk in bytes {
        match chunk {
            Ok(chunk) => whole.extend_from_slice(&chunk),
            Err(cause) => return state.down(may.lang, &cause),
        }
    }
    let media = HeaderValue::from_str(&media).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers =
        [(header::CONTENT_TYPE, media), (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition))];
    (headers, Body::from(whole)).into_response()
}

#[derive(Template)]
#[template(path = "console/copy.html")]
struct CopyPage {
    page: Page,
    shown: bool,
    bytes: String,
}
