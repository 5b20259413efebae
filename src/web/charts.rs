//! Figures as bars (inline SVG, drawn here, no script) and as a table under each. One ink; what needs attention is
//! hatched, and every bar bears its name and number.

use super::Lang;
use crate::{
    casework::State,
    figures::{Dimension, Line, OTHER, REST, Sheet, Table, gathered},
    policy::{MatterKind, Policy, RegionCode},
};

/// A table and its drawing.
pub struct Chart {
    /// For `id`s: the dimension's code.
    pub id: &'static str,
    pub title: String,
    /// What the drawing says in one sentence.
    pub about: String,
    pub rows: Vec<Bar>,
    pub height: u32,
}

/// One row. Lengths are in the drawing's own units, [`Chart::WIDTH`] across.
pub struct Bar {
    pub label: String,
    /// The number, or the words for one that is not shown.
    pub number: String,
    pub code: String,
    pub length: u32,
    pub is_hatched: bool,
    pub label_y: u32,
    pub bar_y: u32,
    pub number_x: u32,
    pub number_y: u32,
}

/// Height of a row: a line of text and the bar below it.
const ROW: u32 = 52;
/// The longest bar: leaves room for a number of seven digits, or for the words of one not shown.
const LONGEST: u32 = 480;

impl Chart {
    pub const WIDTH: u32 = 640;
    pub fn width(&self) -> u32 {
        Self::WIDTH
    }
}

/// Every table of a sheet, in the page's language.
pub fn charts(lang: Lang, policy: &Policy, sheet: &Sheet, wanted: impl Fn(Dimension) -> bool) -> Vec<Chart> {
    let tables = sheet.tables.iter().filter(|table| wanted(table.dimension));
    tables.map(|table| chart(lang, policy, table)).collect()
}

fn chart(lang: Lang, policy: &Policy, table: &Table) -> Chart {
    let lines = gathered(table);
    let most = lines.iter().filter_map(|line| line.count).max().unwrap_or(0).max(1);
    let name = |line: &Line| name(lang, policy, table.dimension, &line.code);
    let rows = lines.iter().zip(0..).map(|(line, i)| {
        let length = line.count.map_or(0, |count| scaled(count, most));
        Bar {
            label: name(line),
            number: number(lang, line.count),
            code: line.code.clone(),
            is_hatched: matches!(line.code.as_str(), "late" | "overdue"),
            label_y: i * ROW + 18,
            bar_y: i * ROW + 26,
            number_x: if length == 0 { 0 } else { length + 8 },
            number_y: i * ROW + 41,
            length,
        }
    });
    let title = lang.t(&format!("figures-by-{}", table.dimension.code()));
    let most = lines.iter().filter(|line| line.count.is_some()).max_by_key(|line| line.count);
    let about = match most {
        Some(line) => lang.t_with(
            "figures-most",
            &[("name", name(line).into()), ("count", number(lang, line.count).into())],
        ),
        None => lang.t("figures-none-shown"),
    };
    let rows: Vec<Bar> = rows.collect();
    let height = u32::try_from(rows.len()).unwrap_or(0) * ROW + 8;
    Chart { id: table.dimension.code(), title, about, rows, height }
}

/// A length, at least a sliver for what is not 0.
fn scaled(count: u32, most: u32) -> u32 {
    let length = u64::from(count) * u64::from(LONGEST) / u64::from(most);
    u32::try_from(length).unwrap_or(LONGEST).max(u32::from(count > 0) * 2)
}

fn number(lang: Lang, count: Option<u32>) -> String {
    count.map_or_else(|| lang.t("figures-not-shown"), |count| count.to_string())
}

fn name(lang: Lang, policy: &Policy, dimension: Dimension, code: &str) -> String {
    let words = |of: &str| lang.t(&format!("{of}-{}", code.replace('_', "-")));
    let known = match dimension {
        _ if code == REST => Some(lang.t("figures-rest")),
        _ if code == OTHER => Some(lang.t("figures-other")),
        Dimension::Region => {
            let region = code.parse().ok().and_then(|code: RegionCode| policy.regions.get(code));
            region.map(|region| region.name.clone())
        }
        Dimension::Industry => policy.intake.industry(code).map(|entry| entry.name.get(lang).to_owned()),
        Dimension::Kind => {
            MatterKind::from_code(code).map(|kind| policy.intake.kind(kind).name.get(lang).to_owned())
        }
        Dimension::State => State::parse(code).map(|_| words("state")),
        Dimension::Month => code.parse().ok().map(|month: u32| lang.t1("figures-month", "month", month)),
        Dimension::Accepted | Dimension::Concluded => Some(words("figures-pace")),
        Dimension::Overdue => Some(words("figures")),
    };
    known.unwrap_or_else(|| code.to_owned())
}
