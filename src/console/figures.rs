//! Figures for leaders: one year, all regions or one, and the same as a file for spreadsheets.

use super::ConsoleState;
use crate::{
    figures::{Figures, Sheet, csv},
    policy::RegionCode,
    staff::{May, Member, grant, notice},
    web::{Chart, Choice, Errors, Face, Field, Page, Typed, charts, html},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// What the address asks for, as far as this person may have it.
struct Asked {
    year: i16,
    /// `None`: the whole area.
    region: Option<RegionCode>,
    sheet: Option<Sheet>,
}

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::SeeFigures>,
    uri: Uri,
) -> Response {
    let (figures, asked) = match find(&state, &may, &uri).await {
        Ok(found) => found,
        Err(refused) => return refused,
    };
    let lang = may.lang;
    let sheet = asked.sheet.as_ref().filter(|sheet| sheet.total.is_some());
    let query = asked.region.map_or_else(
        || format!("year={}", asked.year),
        |region| format!("year={}&region={region}", asked.year),
    );
    let template = FiguresPage {
        fields: fields(&state, &may, &figures, &asked),
        total: sheet.and_then(|sheet| sheet.total).map(|total| total.to_string()).unwrap_or_default(),
        charts: sheet.map(|sheet| charts(lang, &state.policy, sheet, |_| true)).unwrap_or_default(),
        smallest: state.policy.figures.smallest,
        query,
        page: state.page(&may, lang.t("figures-title"), "/figures"),
    };
    html(StatusCode::OK, &template)
}

/// Exactly what the page shows.
pub(super) async fn export(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::SeeFigures>,
    uri: Uri,
) -> Response {
    let lang = may.lang;
    let nothing = || notice(Face::Console, lang, StatusCode::NOT_FOUND, "console-not-found");
    let asked = match find(&state, &may, &uri).await {
        Ok((_, asked)) => asked,
        Err(refused) => return refused,
    };
    let Some(sheet) = asked.sheet else { return nothing() };
    let Some(total) = sheet.total else { return nothing() };
    let place =
        asked.region.map_or_else(|| lang.t("figures-all-regions"), |region| state.place(&region.to_string()));
    let what = format!("{} {place}", asked.year);
    let mut records = vec![
        ["table", "code", "name", "count"].map(str::to_owned),
        ["total".to_owned(), String::new(), what, total.to_string()],
    ];
    for chart in charts(lang, &state.policy, &sheet, |_| true) {
        records
            .extend(chart.rows.into_iter().map(|row| [chart.title.clone(), row.code, row.label, row.number]));
    }
    match csv(&records) {
        Ok(bytes) => {
            let name = format!("attachment; filename=\"figures-{}.csv\"", asked.year);
            let kind = "text/csv; charset=utf-8".to_owned();
            ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes).into_response()
        }
        Err(cause) => {
            tracing::error!("figures: {cause}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A member of a body for a region gets that region and no sum it is part of.
async fn find(state: &ConsoleState, member: &Member, uri: &Uri) -> Result<(Arc<Figures>, Asked), Response> {
    let desk = state.figures.clone();
    // Counting 100,000 cases takes milliseconds, but not on the threads that answer.
    let counted = tokio::task::spawn_blocking(move || desk.now()).await;
    let figures = counted.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())?;
    let typed = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let years = figures.years();
    let year = typed.raw("year").parse().ok().filter(|year| years.contains(year));
    let year = year.or_else(|| years.first().copied()).unwrap_or(0);
    let region = match limit(state, member) {
        Some(own) => Some(own),
        None => typed.raw("region").parse().ok().filter(|code| rows(state).any(|row| row == *code)),
    };
    let sheet = match region {
        Some(region) => figures.region(year, region),
        None => figures.whole(year),
    };
    Ok((figures, Asked { year, region, sheet }))
}

/// The region of the member's body, unless that is the whole area. A region within a row finds nothing there.
fn limit(state: &ConsoleState, member: &Member) -> Option<RegionCode> {
    match member.account.body(&state.policy.bodies).map(|own| own.region) {
        Some(own) if own.contains(state.policy.figures.area) => None,
        Some(own) => Some(own),
        // A body that policy does not know opens nothing.
        None => Some(RegionCode::COUNTRY),
    }
}

fn rows(state: &ConsoleState) -> impl Iterator<Item = RegionCode> {
    state.policy.regions.children(state.policy.figures.area).map(|region| region.code)
}

fn fields(state: &ConsoleState, member: &Member, figures: &Figures, asked: &Asked) -> Vec<Field> {
    let lang = member.lang;
    let years: Vec<Choice> =
        figures.years().iter().map(|year| Choice::new(year.to_string(), year.to_string())).collect();
    if years.is_empty() {
        return Vec::new();
    }
    let mut typed = Typed::default();
    typed.set("year", asked.year.to_string());
    typed.set("region", asked.region.map(|region| region.to_string()).unwrap_or_default());
    let limited = limit(state, member).is_some();
    let regions: Vec<Choice> = std::iter::once(Choice::new("", lang.t("figures-all-regions")))
        .chain(rows(state).map(|code| Choice::new(code.to_string(), state.place(&code.to_string()))))
        .collect();
    let mut fields = vec![Field::select(lang, "year", lang.t("figures-year"), years)];
    if !limited {
        fields.push(Field::select(lang, "region", lang.t("figures-region"), regions));
    }
    fields.into_iter().map(|field| field.filled(&typed, &Errors::default())).collect()
}

#[derive(Template)]
#[template(path = "console/figures.html")]
struct FiguresPage {
    page: Page,
    fields: Vec<Field>,
    /// Empty: too few to show.
    total: String,
    charts: Vec<Chart>,
    smallest: u32,
    /// Of the same choice, for the export.
    query: String,
}
