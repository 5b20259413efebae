//! R10, "Remove": a file is taken out of the report again, after one question.

use super::{
    PortalState, kept, mine,
    once::{Act, Once},
    refused_by_store,
    visit::{Visit, Visitor},
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
    let told = remove(&portal, &visitor, &visit, typed.raw("file")).await?.key();
    visit.tokens.spend(number, Act::of("/files/remove", b""));
    mine::tell(&mut visit, told);
    Ok(see_other(&visitor.href("/files")))
}

/// What became of the wish to remove a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Removal {
    Done,
    /// The report has no such file, or not any more.
    Gone,
    /// Taken back in another tab, or the report was closed meanwhile.
    Not,
}

impl Removal {
    /// Of the words about it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Done => "files-removed",
            Self::Gone => "files-remove-gone",
            Self::Not => "files-remove-not",
        }
    }
}

/// Takes the file of this name out of the report that is open.
pub(super) async fn remove(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &Visit,
    file: &str,
) -> Result<Removal, Response> {
    let Some(found) = mine::find(portal, visitor, visit)? else {
        return Err(visitor.ended().into_response());
    };
    let Some((_, original)) = one_of(&found, file) else { return Ok(Removal::Gone) };
    let portal = portal.clone();
    match tokio::task::spawn_blocking(move || kept::detach(&portal, &found, original)).await {
        Ok(Ok(())) => Ok(Removal::Done),
        Ok(Err(Refused::Move(_))) => Ok(Removal::Not),
        Ok(Err(refused)) => {
            refused_by_store(&refused);
            Err(mine::down(visitor))
        }
        Err(_) => Err(mine::down(visitor)),
    }
}

/// The report's own file of this name, with its number on the page.
fn one_of(found: &Found, file: &str) -> Option<(usize, BlobId)> {
    let files = (1..).zip(&found.dossier.case.files);
    let mut named = files.map(|(n, one)| (n, one.original));
    named.find(|(_, original)| original.to_string() == file)
}
