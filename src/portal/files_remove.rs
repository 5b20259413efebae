//! R10, "Remove": a file is taken out of the report again, after one question.

use super::{
    PortalState, kept, mine,
    once::{Act, Once},
    refused_by_store,
    visit::Visitor,
};
use crate::{
    ids::BlobId,
    store::{Found, Refused},
    web::{Form, Page, html, see_other},
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

#[derive(Template)]
#[template(path = "portal/files_remove.html")]
struct Remove {
    page: Page,
    file: String,
}

pub(super) async fn show(
    State(portal): State<PortalState>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Response> {
    let mut visit = visitor.with_report().await?;
    let Some(found) = mine::find(&portal, &visitor, &visit)? else {
        return Err(visitor.ended().into_response());
    };
    let file = query.as_deref().and_then(|query| query.strip_prefix("file=")).unwrap_or_default();
    let Some((n, original)) = one_of(&found, file) else {
        mine::tell(&mut visit, "files-remove-gone");
        return Ok(see_other(&visitor.href("/files")));
    };
    let title = visitor.lang.t1("files-remove-title", "n", n);
    let mut page = visitor.page(&format!("/files/remove?file={original}"), title, &mut visit);
    page.back = page.href("/files");
    Ok(html(StatusCode::OK, &Remove { page, file: original.to_string() }))
}

pub(super) async fn take(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.with_report().await?;
    let Once::Fresh(number) = visitor.own_form(&visit, &typed)? else {
        return Ok(see_other(&visitor.href("/files")));
    };
    let Some(found) = mine::find(&portal, &visitor, &visit)? else {
        return Err(visitor.ended().into_response());
    };
    let told = match one_of(&found, typed.raw("file")) {
        None => "files-remove-gone",
        Some((_, original)) => {
            let portal = portal.clone();
            let removed = tokio::task::spawn_blocking(move || kept::detach(&portal, &found, original)).await;
            match removed {
                Ok(Ok(())) => "files-removed",
                // Taken back in another tab, or the report was closed meanwhile.
                Ok(Err(Refused::Move(_))) => "files-remove-not",
                Ok(Err(refused)) => {
                    refused_by_store(&refused);
                    return Err(mine::down(&visitor));
                }
                Err(_) => return Err(mine::down(&visitor)),
            }
        }
    };
    visit.tokens.spend(number, Act::of("/files/remove", b""));
    mine::tell(&mut visit, told);
    Ok(see_other(&visitor.href("/files")))
}

/// The report's own file of this name, with its number on the page.
fn one_of(found: &Found, file: &str) -> Option<(usize, BlobId)> {
    let files = (1..).zip(&found.dossier.case.files);
    let mut named = files.map(|(n, one)| (n, one.original));
    named.find(|(_, original)| original.to_string() == file)
}
