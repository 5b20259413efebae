//! Awards that nobody claimed in time, announced: numbers and days, for everybody. Whoever reported finds theirs beside
//! the report.

use super::{PortalState, pages::beside_help, refused_by_store};
use crate::{
    award::notice::Notice,
    web::{Asked, Page, html},
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

#[derive(Template)]
#[template(path = "portal/notices.html")]
struct NoticesPage {
    page: Page,
    rows: Vec<Row>,
}

struct Row {
    number: String,
    published: String,
    until: String,
}

pub(super) async fn show(
    State(portal): State<PortalState>,
    asked: Asked,
    RawQuery(query): RawQuery,
) -> Response {
    if !portal.policy.intake.service.rewards {
        return asked.notice(StatusCode::NOT_FOUND, "not-found").into_response();
    }
    let desk = portal.notices.clone();
    let Ok(notices) = tokio::task::spawn_blocking(move || desk.now()).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let notices = match notices {
        Ok(notices) => notices,
        Err(refused) => {
            refused_by_store(&refused);
            return asked.notice(StatusCode::SERVICE_UNAVAILABLE, "down").into_response();
        }
    };
    let mut page = Page::new(asked.lang, asked.lang.t("notices-title"));
    page.here = "/notices".to_owned();
    page.back = page.href("/help");
    beside_help(&mut page, query);
    let row = |notice: &Notice| Row {
        number: notice.number.to_string(),
        published: asked.lang.day(notice.published),
        until: asked.lang.day(notice.until),
    };
    html(StatusCode::OK, &NoticesPage { rows: notices.iter().map(row).collect(), page })
}
