//! Where it happened: search by name, or province → city → county by links. What is typed travels by POST only.

use super::{
    PortalState,
    draft::{self, Step},
    steps,
    visit::{Visit, Visitor},
};
use crate::{
    policy::{Region, RegionCode, Regions},
    web::{Errors, Field, Form, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};

/// What a search by name gives at most.
pub(super) const MOST_FOUND: usize = 20;

struct Place {
    code: String,
    name: String,
    has_more: bool,
}

#[derive(Template)]
#[template(path = "portal/region.html")]
struct RegionPage {
    page: Page,
    search: Field,
    query: String,
    found: Vec<Place>,
    list: Vec<Place>,
    within: String,
    within_code: String,
    up: String,
    chosen: String,
    chosen_code: String,
}

pub(super) async fn show(
    State(portal): State<PortalState>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Response> {
    let mut visit = visitor.drafting().await?;
    let within = Typed::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    Ok(render(&portal, &visitor, &mut visit, within.raw("in"), Errors::default()))
}

pub(super) async fn take(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(mut typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.drafting().await?;
    visitor.own_form(&visit, &typed)?;
    if !visit.may_grow(steps::more(&visit, Step::Region, &typed)) {
        let full = steps::no_room(visitor.lang, "query");
        return Ok(steps::later(render(&portal, &visitor, &mut visit, "", full)));
    }
    let chosen =
        visit.draft.as_ref().map(|d| d.typed(Step::Region).raw("region").to_owned()).unwrap_or_default();
    let looking = typed.has("find") || typed.has("switch") || !typed.has("region");
    if looking && !typed.has("region") {
        typed.set("region", chosen);
    }
    let errors = draft::check(Step::Region, &typed, &portal.policy, visitor.lang);
    if let Some(draft) = &mut visit.draft {
        draft.keep(Step::Region, &typed, &portal.policy.intake);
    }
    if looking {
        let aside = visitor.aside(&typed, "/region", "/name");
        return Ok(see_other(&aside.unwrap_or_else(|| visitor.href("/region"))));
    }
    if !errors.is_empty() {
        return Ok(render(&portal, &visitor, &mut visit, "", errors));
    }
    Ok(see_other(&visitor.href(steps::onward(&portal, &visit))))
}

fn render(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    within: &str,
    errors: Errors,
) -> Response {
    let lang = visitor.lang;
    let regions = &portal.policy.regions;
    let typed = visit.draft.as_ref().map(|d| d.typed(Step::Region).clone()).unwrap_or_default();
    let find = |code: &str| code.parse().ok().and_then(|code: RegionCode| regions.get(code));
    let parent = find(within);
    let list = match parent {
        Some(region) => regions.children(region.code).map(|r| place(regions, r, false)).collect(),
        None => regions.provinces().map(|r| place(regions, r, false)).collect(),
    };
    let found = regions.search(typed.text("query"), MOST_FOUND);

    let here = parent.map_or("/region".to_owned(), |region| format!("/region?in={}", region.code));
    let mut page = visitor.page(&here, lang.t("region-title"), visit);
    page.switch_posts = parent.is_none();
    page.keeps_typed = true;
    page.back = page.href("/name");
    page.errors = errors;
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let up = parent.and_then(|r| r.parent).map_or("/region".to_owned(), |p| format!("/region?in={p}"));
    let chosen = find(typed.raw("region"));
    let search = Field::line(lang, "query", lang.t("region-search")).hint(lang.t("region-search-hint"));
    html(
        status,
        &RegionPage {
            search: search.filled(&typed, &page.errors),
            query: typed.text("query").to_owned(),
            found: found.into_iter().map(|r| place(regions, r, true)).collect(),
            list,
            within: parent.map(|r| regions.path(r.code).concat()).unwrap_or_default(),
            within_code: parent.map(|r| r.code.to_string()).unwrap_or_default(),
            up,
            chosen: chosen.map(|r| regions.path(r.code).concat()).unwrap_or_default(),
            chosen_code: typed.raw("region").to_owned(),
            page,
        },
    )
}

fn place(regions: &Regions, region: &Region, whole: bool) -> Place {
    Place {
        code: region.code.to_string(),
        name: if whole { regions.path(region.code).join(" ") } else { region.name.clone() },
        has_more: regions.children(region.code).next().is_some(),
    }
}
