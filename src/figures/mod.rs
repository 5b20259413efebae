//! Figures for leaders and for the public: how many cases of what, where, and whether in time. Nothing about reporters,
//! and no count small enough to point at a case (`suppress`). One year is one family of tables: its regions, and for
//! each region and for all of them the same dimensions. Whatever page shows a count shows the same decision.

mod dataset;
mod export;
mod linked;
mod suppress;
mod tally;
#[cfg(test)]
mod tests;

pub use dataset::{Cell, parquet};
pub use export::csv;
pub use tally::OTHER;

use crate::{
    clock::{Clock, Day},
    policy::{Policy, RegionCode},
    store::{Cases, Refused, Shelf},
};
use linked::Link;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use suppress::Hidden;
use tally::{Counter, Frame, Tally};

/// What a table counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    Region,
    Industry,
    Kind,
    Month,
    State,
    /// Decided in time whether the report is taken up.
    Accepted,
    /// Concluded and replied in time.
    Concluded,
    /// Overdue today.
    Overdue,
}

impl Dimension {
    /// All but the regions, in the order shown.
    pub const COUNTED: [Self; 7] = [
        Self::Industry,
        Self::Kind,
        Self::Month,
        Self::State,
        Self::Accepted,
        Self::Concluded,
        Self::Overdue,
    ];

    /// In message keys and exports.
    pub fn code(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Industry => "industry",
            Self::Kind => "kind",
            Self::Month => "month",
            Self::State => "state",
            Self::Accepted => "accepted",
            Self::Concluded => "concluded",
            Self::Overdue => "overdue",
        }
    }
    /// What the public may see: nothing that changes from day to day once the year is over, and no month.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Region | Self::Industry | Self::Kind)
    }
}

/// One count of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// A code of policy, or [`OTHER`].
    pub code: String,
    /// `None`: not shown.
    pub count: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub dimension: Dimension,
    pub lines: Vec<Line>,
}

/// The code of the line that stands for all others.
pub const REST: &str = "*";

/// The lines as they are shown. Long lists have what has a number, the largest first, and the rest in one line: which of
/// them have none and which too few is nobody's business.
pub fn gathered(table: &Table) -> Vec<Line> {
    if !matches!(table.dimension, Dimension::Region | Dimension::Industry) {
        return table.lines.clone();
    }
    let (mut named, rest): (Vec<Line>, Vec<Line>) =
        table.lines.iter().cloned().partition(|line| line.count.is_some_and(|count| count > 0));
    named.sort_by_key(|line| std::cmp::Reverse(line.count));
    if !rest.is_empty() {
        let none = rest.iter().all(|line| line.count == Some(0));
        named.push(Line { code: REST.to_owned(), count: none.then_some(0) });
    }
    named
}

/// The figures of one year, of the whole area or of one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// `None`: too few.
    pub total: Option<u32>,
    /// The regions first.
    pub tables: Vec<Table>,
}

/// All figures that may be shown.
pub struct Figures {
    frame: Frame,
    years: BTreeMap<i16, Year>,
}

#[derive(Serialize, Deserialize)]
struct Year {
    total: u32,
    rows: Vec<Option<u32>>,
    below: Vec<Vec<Option<u32>>>,
    counted: Vec<Counted>,
}

#[derive(Serialize, Deserialize)]
struct Counted {
    cells: Vec<Vec<Option<u32>>>,
    columns: Vec<Option<u32>>,
}

impl Figures {
    /// Counts every case once.
    pub fn count(cases: &dyn Cases, policy: &Policy, today: Day) -> Self {
        let frame = Frame::of(policy);
        let mut counter = Counter::new(&frame, policy, today);
        cases.each(&mut |case| counter.add(case));
        let (smallest, links) = (policy.figures.smallest, tally::links());
        let years = counter.years();
        let years =
            years.into_iter().filter_map(|(year, tally)| Some((year, Year::of(&tally, smallest, &links)?)));
        Self { years: years.collect(), frame }
    }

    /// What another process has counted under the same policy; nothing if the two differ in what is counted.
    fn counted_elsewhere(text: &str, policy: &Policy) -> Self {
        let frame = Frame::of(policy);
        let mut years: BTreeMap<i16, Year> = serde_json::from_str(text).unwrap_or_default();
        if !years.values().all(|year| year.fits(&frame)) {
            years.clear();
        }
        Self { years, frame }
    }

    /// Everything pages show of a year, cell by cell: the whole area, then each region, or `only` one of them.
    pub fn cells(&self, year: i16, only: Option<RegionCode>, policy: &Policy) -> Vec<Cell> {
        let area = policy.figures.area;
        let whole = only.is_none().then(|| self.whole(year)).flatten().map(|sheet| (area, sheet));
        let regions = policy.regions.children(area).map(|region| region.code);
        let regions = regions.filter(|code| only.is_none_or(|only| only == *code));
        let regions = regions.filter_map(|code| Some((code, self.region(year, code)?)));
        let shown = whole.into_iter().chain(regions);
        shown.flat_map(|(region, sheet)| dataset::cells(year, region, &sheet)).collect()
    }

    /// Years with enough cases to show any, the latest first.
    pub fn years(&self) -> Vec<i16> {
        self.years.keys().rev().copied().collect()
    }

    /// The whole area.
    pub fn whole(&self, year: i16) -> Option<Sheet> {
        let year = self.years.get(&year)?;
        Some(self.sheet(Some(year.total), &self.frame.rows, &year.rows, |counted| &counted.columns, year))
    }

    /// One region directly below the area.
    pub fn region(&self, year: i16, region: RegionCode) -> Option<Sheet> {
        let year = self.years.get(&year)?;
        let code = region.to_string();
        let row = self.frame.rows.iter().position(|row| *row == code)?;
        let below = (&self.frame.below[row], &year.below[row]);
        Some(self.sheet(year.rows[row], below.0, below.1, |counted| &counted.cells[row], year))
    }

    fn sheet<'a>(
        &self,
        total: Option<u32>,
        regions: &[String],
        by_region: &[Option<u32>],
        counts: impl Fn(&'a Counted) -> &'a Vec<Option<u32>>,
        year: &'a Year,
    ) -> Sheet {
        let table = |dimension, codes: &[String], counts: &[Option<u32>]| Table {
            dimension,
            lines: codes
                .iter()
                .zip(counts)
                .map(|(code, count)| Line { code: code.clone(), count: *count })
                .collect(),
        };
        let mut tables = vec![table(Dimension::Region, regions, by_region)];
        let counted = Dimension::COUNTED.into_iter().zip(&self.frame.categories).zip(&year.counted);
        tables.extend(counted.map(|((dimension, codes), counted)| table(dimension, codes, counts(counted))));
        Sheet { total, tables }
    }
}

impl Year {
    /// Whether there is a count for each name of the frame, and none more.
    fn fits(&self, frame: &Frame) -> bool {
        let below = self.below.iter().map(Vec::len).eq(frame.below.iter().map(Vec::len));
        let counted = self.counted.len() == frame.categories.len();
        let each = self.counted.iter().zip(&frame.categories).all(|(counted, codes)| {
            let cells = counted.cells.iter().all(|cells| cells.len() == codes.len());
            cells && counted.cells.len() == frame.rows.len() && counted.columns.len() == codes.len()
        });
        self.rows.len() == frame.rows.len() && below && counted && each
    }

    /// `None`: there are too few cases to show anything.
    fn of(tally: &Tally, smallest: u32, links: &[Link]) -> Option<Self> {
        let total: u32 = tally.rows.iter().sum();
        if total < smallest {
            return None;
        }
        let rows_hidden = suppress::line(&tally.rows, smallest);
        let below = tally.below.iter().zip(&rows_hidden).map(|(counts, &hidden)| {
            let kept_back = if hidden { vec![true; counts.len()] } else { suppress::line(counts, smallest) };
            shown(counts, &kept_back)
        });
        let judged = |table: usize, forced: &[(usize, usize)]| {
            suppress::grid(&tally.counted[table], &rows_hidden, smallest, forced)
        };
        let mut hidden: Vec<Hidden> = (0..tally.counted.len()).map(|table| judged(table, &[])).collect();
        let finer: BTreeSet<usize> = links.iter().map(|link| link.finer).collect();
        let coarser: BTreeSet<usize> = links.iter().map(|link| link.coarser).collect();
        for &table in &coarser {
            let links = links.iter().filter(|link| link.coarser == table);
            let forced = links.flat_map(|link| link.forced(&hidden[link.finer], &tally.counted[table]));
            hidden[table] = judged(table, &forced.collect::<Vec<_>>());
        }
        // The finer ones go first, how many stand where can be asked of the list of cases; of each the regions go before the whole area.
        for (tables, with_sums) in [(&finer, false), (&finer, true), (&coarser, false), (&coarser, true)] {
            let is_small = |count| suppress::is_small(count, smallest);
            if !linked::tell(links, tally, &hidden, &rows_hidden, is_small) {
                break;
            }
            for &table in tables {
                let mut columns = suppress::line(&sums(&tally.counted[table]), smallest);
                columns.iter_mut().for_each(|hidden| *hidden |= with_sums);
                hidden[table].cells.iter_mut().for_each(|row| row.fill(true));
                hidden[table].columns = columns;
            }
        }
        let counted = tally.counted.iter().zip(&hidden).map(|(counts, hidden)| Counted {
            cells: counts.iter().zip(&hidden.cells).map(|(row, hidden)| shown(row, hidden)).collect(),
            columns: shown(&sums(counts), &hidden.columns),
        });
        Some(Self {
            total,
            below: below.collect(),
            counted: counted.collect(),
            rows: shown(&tally.rows, &rows_hidden),
        })
    }
}

/// Of each column.
fn sums(counts: &[Vec<u32>]) -> Vec<u32> {
    (0..counts.first().map_or(0, Vec::len)).map(|c| counts.iter().map(|row| row[c]).sum()).collect()
}

/// A list as it is shown. Where something is hidden a 0 looks the same: a sign in the place of a number must not say
/// that there was somebody.
fn shown(counts: &[u32], hidden: &[bool]) -> Vec<Option<u32>> {
    let least = u32::from(hidden.contains(&true));
    counts.iter().zip(hidden).map(|(&count, &hidden)| (!hidden && count >= least).then_some(count)).collect()
}

/// Counts at most once a minute, and hands out nothing but what may be shown.
pub struct FiguresDesk {
    source: Source,
    policy: Arc<Policy>,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<(i64, Arc<Figures>)>>,
}

enum Source {
    Cases(Arc<dyn Cases>),
    /// For a process that sees no list of cases.
    Shelf(Arc<dyn Shelf>),
}

const KEPT_SECONDS: i64 = 60;

impl FiguresDesk {
    pub fn new(cases: Arc<dyn Cases>, policy: Arc<Policy>, clock: Arc<dyn Clock>) -> Self {
        Self { source: Source::Cases(cases), policy, clock, kept: Mutex::new(None) }
    }

    /// Shows what another process has put on the shelf.
    pub fn elsewhere(shelf: Arc<dyn Shelf>, policy: Arc<Policy>, clock: Arc<dyn Clock>) -> Self {
        Self { source: Source::Shelf(shelf), policy, clock, kept: Mutex::new(None) }
    }

    /// The figures of this minute. Whoever comes while they are counted waits for the one count.
    pub fn now(&self) -> Arc<Figures> {
        let at = self.clock.unix_seconds();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, figures)) = &*kept
            && (0..KEPT_SECONDS).contains(&(at - since))
        {
            return figures.clone();
        }
        let figures = Arc::new(match &self.source {
            Source::Cases(cases) => Figures::count(&**cases, &self.policy, self.clock.today()),
            Source::Shelf(shelf) => {
                let text = shelf.figures().ok().flatten().unwrap_or_default();
                Figures::counted_elsewhere(&text, &self.policy)
            }
        });
        *kept = Some((at, figures.clone()));
        figures
    }

    /// Puts this minute's figures on the shelf, unless they lie there.
    pub async fn put_on(&self, shelf: &dyn Shelf) -> Result<(), Refused> {
        // Numbers and names of fields: writing them as JSON does not fail.
        let text = serde_json::to_string(&self.now().years).unwrap_or_default();
        if shelf.figures()?.as_deref() == Some(&text) { Ok(()) } else { shelf.put_figures(text).await }
    }
}
