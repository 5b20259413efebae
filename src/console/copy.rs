//! What investigators see of a reporter's file: its cleaned copy.

use super::ConsoleState;
use crate::{
    casework::{Case, Copy},
    ids::BlobId,
    staff::{May, grant},
    web::{Page, Part, html},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::{HeaderValue, StatusCode},
    response::Response,
};

/// Types of cleaned copies a browser may show in place; any other is only offered for download.
const SHOWN: [&str; 6] = ["image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "audio/mp4"];

fn shown(media: &str) -> bool {
    SHOWN.contains(&media)
}

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
    let Some((i, media)) = blob.parse().ok().and_then(|blob| find(&dossier.case, blob)) else {
        return state.no_such_case(may.lang);
    };
    let mut page =
        state.page(&may, may.lang.t1("file-n", "n", i + 1), &format!("/cases/{number}/copies/{blob}"));
    page.mark = state.mark(&may, &dossier);
    page.back = page.href(&format!("/cases/{number}"));
    let bytes = page.href(&format!("/cases/{number}/copies/{blob}/bytes"));
    let shown = shown(&media).then(|| media.split('/').next().unwrap_or_default().to_owned());
    html(StatusCode::OK, &CopyPage { shown, bytes, page })
}

/// Of which file it is a copy, counted from 0, and of what type: cleaned when it came, or edited by the office and looked at.
fn find(case: &Case, blob: BlobId) -> Option<(usize, String)> {
    case.files.iter().enumerate().find_map(|(i, file)| {
        let cleaned = match &file.copy {
            Copy::Cleaned { blob: found, media } if *found == blob => Some(media.clone()),
            _ => None,
        };
        let edited = || case.joined_copies(file.original).find(|copy| copy.blob == blob);
        cleaned.or_else(|| edited().map(|copy| copy.media.clone())).map(|media| (i, media))
    })
}

/// The copy's bytes, streamed, or the part asked for. Only what this case lists is found. Each asking is a reading of its own.
pub(super) async fn bytes(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadCases>,
    Path((_, number, blob)): Path<(String, String, String)>,
    part: Part,
) -> Response {
    let dossier = match state.open(&may, &number, "copy-bytes").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let Ok(blob) = blob.parse::<BlobId>() else { return state.no_such_case(may.lang) };
    let media = find(&dossier.case, blob).map(|(_, media)| media);
    let (Some(media), Ok(bytes)) = (media, state.cases.cleaned_copy(dossier.case.number, blob)) else {
        return state.no_such_case(may.lang);
    };
    let disposition = if shown(&media) { "inline" } else { "attachment" };
    let media = HeaderValue::from_str(&media).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    part.answer(bytes, media, HeaderValue::from_static(disposition))
}

#[derive(Template)]
#[template(path = "console/copy.html")]
struct CopyPage {
    page: Page,
    /// `image`, `video` or `audio`; `None`: for download alone.
    shown: Option<String>,
    bytes: String,
}
