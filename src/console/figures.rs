//! Figures for leaders: one year, all regions or one, and the same as a file for spreadsheets.

use super::{ConsoleState, view};
use crate::{
    casework::Permission,
    figures::{Cell, Dimension, Figures, Sheet, csv, parquet},
    policy::{Body, RegionCode},
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
        has_dataset: may.may(Permission::Export),
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
    if let Some(question) = asked_to_prove(&state, &may, &uri) {
        return question;
    }
    let nothing = || notice(Face::Console, lang, StatusCode::NOT_FOUND, "console-not-found");
    let asked = match find(&state, &may, &uri).await {
        Ok((_, asked)) => asked,
        Err(refused) => return refused,
    };
    let Some(sheet) = asked.sheet else { return nothing() };
    let Some(total) = sheet.total else { return nothing() };
    if let Err(refused) = state.note_read(&may, "export", None).await {
        return refused;
    }
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
    download(csv(&records), "text/csv; charset=utf-8", &format!("figures-{}.csv", asked.year))
}

/// The year's figures of the whole area and every region, for other systems.
pub(super) async fn dataset_csv(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::Export>,
    uri: Uri,
) -> Response {
    let (year, cells) = match cells(&state, &may, &uri).await {
        Ok(found) => found,
        Err(refused) => return refused,
    };
    let head = ["year", "region", "dimension", "code", "count"].map(str::to_owned);
    let row = |cell: Cell| {
        let count = cell.count.map(|count| count.to_string()).unwrap_or_default();
        [cell.year.to_string(), cell.region.to_string(), cell.dimension.to_owned(), cell.code, count]
    };
    let records: Vec<_> = std::iter::once(head).chain(cells.into_iter().map(row)).collect();
    download(csv(&records), "text/csv; charset=utf-8", &format!("figures-{year}-all.csv"))
}

/// The same as an Apache Parquet file.
pub(super) async fn dataset_parquet(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::Export>,
    uri: Uri,
) -> Response {
    match cells(&state, &may, &uri).await {
        Ok((year, cells)) => {
            let name = format!("figures-{year}-all.parquet");
            download(parquet(&cells), "application/vnd.apache.parquet", &name)
        }
        Err(refused) => refused,
    }
}

/// Leads back to the page: whoever has proved it chooses the file again.
fn asked_to_prove(state: &ConsoleState, member: &Member, uri: &Uri) -> Option<Response> {
    let page = format!("/{}/figures?{}", member.lang.path(), uri.query().unwrap_or_default());
    member.asked_to_prove(&state.door, &page)
}

/// Every export is on the staff record.
async fn cells(state: &ConsoleState, member: &Member, uri: &Uri) -> Result<(i16, Vec<Cell>), Response> {
    if let Some(question) = asked_to_prove(state, member, uri) {
        return Err(question);
    }
    let (figures, asked) = find(state, member, uri).await?;
    state.note_read(member, "export", None).await?;
    let cells = figures.cells(asked.year, limit(state, member), &state.policy);
    if cells.is_empty() {
        return Err(notice(Face::Console, member.lang, StatusCode::NOT_FOUND, "console-not-found"));
    }
    Ok((asked.year, cells))
}

fn download<E: std::fmt::Display>(file: Result<Vec<u8>, E>, kind: &str, name: &str) -> Response {
    match file {
        Ok(bytes) => {
            let disposition = format!("attachment; filename=\"{name}\"");
            ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
                .into_response()
        }
        Err(cause) => {
            tracing::error!("figures: {cause}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// What a leader should see first of the latest year: where cases stand, and what was late. `None`: too few cases.
pub(super) async fn latest(
    state: &ConsoleState,
    member: &Member,
) -> Result<Option<(String, Vec<Chart>)>, Response> {
    let (_, asked) = find(state, member, &Uri::default()).await?;
    let shown = asked.sheet.as_ref().and_then(|sheet| Some((sheet, sheet.total?)));
    Ok(shown.map(|(sheet, total)| {
        let first = |dimension| {
            use Dimension::{Accepted, Concluded, Overdue, State};
            matches!(dimension, Overdue | Accepted | Concluded | State)
        };
        let words = [("year", asked.year.to_string()), ("count", total.to_string())];
        let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let text = member.lang.t_with("first-figures", &view::values(&words));
        (text, charts(member.lang, &state.policy, sheet, first))
    }))
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
    limit_of(state, member.account.body(&state.policy.bodies))
}

/// The same of a body.
pub(super) fn limit_of(state: &ConsoleState, body: Option<&Body>) -> Option<RegionCode> {
    match body {
        // Figures are not kept by body: for some industries alone there are none.
        Some(own) if own.is_special() => Some(RegionCode::COUNTRY),
        Some(own) if own.region.contains(state.policy.figures.area) => None,
        Some(own) => Some(own.region),
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
    has_dataset: bool,
}
