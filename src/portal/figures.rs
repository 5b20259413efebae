//! What the public may know: how many reports of what, where, in years that are over. Nobody can watch a number grow.

use super::{PortalState, pages::beside_help};
use crate::{
    figures::Dimension,
    web::{Asked, Chart, Page, Typed, charts, html},
};
use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};

#[derive(Template)]
#[template(path = "portal/figures.html")]
struct FiguresPage {
    page: Page,
    years: Vec<i16>,
    year: i16,
    total: String,
    charts: Vec<Chart>,
    smallest: u32,
}

pub(super) async fn show(State(portal): State<PortalState>, asked: Asked, uri: Uri) -> Response {
    let rules = &portal.policy.figures;
    if !rules.public {
        return asked.notice(StatusCode::NOT_FOUND, "not-found").into_response();
    }
    let desk = portal.figures.clone();
    let Ok(figures) = tokio::task::spawn_blocking(move || desk.now()).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let this_year = portal.clock.today().year();
    let years: Vec<i16> = figures.years().into_iter().filter(|year| *year < this_year).collect();
    let typed = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let year = typed.raw("year").parse().ok().filter(|year| years.contains(year));
    let year = year.or_else(|| years.first().copied()).unwrap_or(0);
    let sheet = figures.whole(year).filter(|_| years.contains(&year));
    let mut page = Page::new(asked.lang, asked.lang.t("figures-public-title"));
    page.here = "/figures".to_owned();
    page.back = page.href("/help");
    beside_help(&mut page, uri.query().map(str::to_owned));
    let template = FiguresPage {
        total: sheet.as_ref().and_then(|sheet| sheet.total).map(|n| n.to_string()).unwrap_or_default(),
        charts: sheet
            .map(|sheet| charts(asked.lang, &portal.policy, &sheet, Dimension::is_public))
            .unwrap_or_default(),
        smallest: rules.smallest,
        years,
        year,
        page,
    };
    html(StatusCode::OK, &template)
}
