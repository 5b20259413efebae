//! What an authority sends about a report, to be saved by its reporter: made for this one answer, kept nowhere.

use super::{PortalState, mine, visit::Visitor};
use crate::{documents::Issued, store::Found, web::Lang};
use axum::{
    extract::{Path, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A document as the reporter's page lists it. Its address is its place in the list: that stands in the history of a browser, and
/// a kind would tell whoever takes up the device that, say, a reward was granted.
#[derive(Serialize)]
pub(super) struct ShownDocument {
    pub id: String,
    pub title: String,
    pub day: String,
}

/// What can be had now, in the order of its days.
pub(super) fn list(portal: &PortalState, lang: Lang, found: &Found) -> Vec<ShownDocument> {
    let shown = |(n, issued): (usize, Issued)| ShownDocument {
        id: n.to_string(),
        title: portal.documents.title(issued.kind, lang).to_owned(),
        day: lang.day(issued.day),
    };
    (1..).zip(issued(portal, found)).map(shown).collect()
}

fn issued<'a>(portal: &PortalState, found: &'a Found) -> Vec<Issued<'a>> {
    portal.documents.of_matter(&found.dossier.case, found.answers(), &found.dossier.awards)
}

/// One document of the report that the visit has open. One visit has one made at a time.
pub(super) async fn download(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Response> {
    let visit = visitor.signed_in().await?;
    let Some(found) = mine::find(&portal, &visitor, &visit)? else {
        return Err(visitor.ended().into_response());
    };
    let all = issued(&portal, &found);
    let Some((n, issued)) = (1_usize..).zip(&all).find(|(n, _)| n.to_string() == id) else {
        return Err(visitor.asked.notice(StatusCode::NOT_FOUND, "not-found").into_response());
    };
    let printed = portal.documents.print(visitor.lang, &found.dossier.case, issued, None).await;
    let pdf = printed.map_err(|cause| {
        tracing::error!(%cause, "a document was not made");
        mine::down(&visitor)
    })?;
    // A number, not a name: a list of downloads shows it to whoever takes up the device.
    Ok((attachment(&format!("document-{n}.pdf")), pdf).into_response())
}

fn attachment(name: &str) -> [(HeaderName, String); 2] {
    let disposition = format!("attachment; filename=\"{name}\"");
    [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)]
}
