//! One pass over the rows of the list of cases: how many there are of what, by year and region. Nothing here is fit to be
//! shown; see [`super::suppress`].

use super::{Dimension, linked::Link};
use crate::{
    casework::{Band, CaseSummary, Pace, State},
    clock::Day,
    policy::{MatterKind, Policy, RegionCode, Regions},
};
use std::collections::{BTreeMap, HashMap};

/// What stands for codes that policy no longer has, and for places not stated more closely. No code looks like it.
pub const OTHER: &str = "?";

/// The names of rows and columns; the same for every year.
pub struct Frame {
    /// Codes of the regions directly below the area, then [`OTHER`].
    pub rows: Vec<String>,
    /// For each row what lies below it, then [`OTHER`].
    pub below: Vec<Vec<String>>,
    /// Codes of each dimension's categories.
    pub categories: Vec<Vec<String>>,
    area: RegionCode,
    row_at: HashMap<RegionCode, usize>,
    below_at: HashMap<RegionCode, usize>,
    industry_at: HashMap<String, usize>,
}

impl Frame {
    pub fn of(policy: &Policy) -> Self {
        let area = policy.figures.area;
        let listed = |parent| with_other(codes(&policy.regions, parent));
        let regions: Vec<RegionCode> = policy.regions.children(area).map(|region| region.code).collect();
        let mut below: Vec<Vec<String>> = regions.iter().map(|code| listed(*code)).collect();
        below.push(vec![OTHER.to_owned()]);
        let below_at = regions.iter().flat_map(|parent| policy.regions.children(*parent).zip(0..));
        let industries = policy.intake.industries.iter().map(|industry| industry.code.to_string());
        let industries = with_other(industries.collect());
        let words = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        let categories = Dimension::COUNTED.map(|dimension| match dimension {
            Dimension::Kind => words(&MatterKind::ALL.map(MatterKind::as_str)),
            Dimension::Industry => industries.clone(),
            Dimension::Month => (1..=12).map(|month| format!("{month:02}")).collect(),
            Dimension::State => words(&State::ALL.map(State::code)),
            Dimension::Accepted | Dimension::Concluded => words(&Pace::ALL.map(Pace::code)),
            Dimension::Overdue => words(&["overdue", "not_overdue"]),
            Dimension::Region => Vec::new(),
        });
        Self {
            rows: listed(area),
            below,
            categories: categories.into(),
            area,
            below_at: below_at.map(|(region, i)| (region.code, i)).collect(),
            row_at: regions.into_iter().zip(0..).collect(),
            industry_at: industries.into_iter().zip(0..).collect(),
        }
    }

    /// Row and place below it. `None`: outside the area.
    fn place(&self, region: &str) -> Option<(usize, usize)> {
        let code: RegionCode = region.parse().ok()?;
        let mut path = vec![code];
        while *path.last()? != self.area {
            path.push(path.last()?.parent()?);
        }
        let mut downwards = path.iter().rev().skip(1);
        let row = downwards.next().and_then(|code| self.row_at.get(code)).copied();
        let row = row.unwrap_or(self.rows.len() - 1);
        let below = downwards.next().and_then(|code| self.below_at.get(code)).copied();
        Some((row, below.unwrap_or(self.below[row].len() - 1).min(self.below[row].len() - 1)))
    }

    fn category(&self, dimension: Dimension, case: &CaseSummary, overdue: bool) -> usize {
        let at = |found: Option<usize>| found.unwrap_or(0);
        match dimension {
            Dimension::Kind => at(MatterKind::ALL.iter().position(|kind| *kind == case.kind)),
            Dimension::Industry => {
                let other = self.industry_at.len() - 1;
                self.industry_at.get(&case.industry).copied().unwrap_or(other)
            }
            Dimension::Month => usize::try_from(case.received.month() - 1).unwrap_or(0),
            Dimension::State => at(State::ALL.iter().position(|state| *state == case.state)),
            Dimension::Accepted => at(Pace::ALL.iter().position(|pace| *pace == case.accepted)),
            Dimension::Concluded => at(Pace::ALL.iter().position(|pace| *pace == case.concluded)),
            Dimension::Overdue => usize::from(!overdue),
            Dimension::Region => 0,
        }
    }
}

fn codes(regions: &Regions, parent: RegionCode) -> Vec<String> {
    regions.children(parent).map(|region| region.code.to_string()).collect()
}

fn with_other(mut codes: Vec<String>) -> Vec<String> {
    codes.push(OTHER.to_owned());
    codes
}

/// What status and timeliness say both: whoever waits for a step stands before it, whoever was answered after it.
pub fn links() -> Vec<Link> {
    let at = |dimension| Dimension::COUNTED.into_iter().position(|other| other == dimension).unwrap_or(0);
    let link = |coarser, states: &[State], paces: &[Pace]| Link {
        finer: at(Dimension::State),
        coarser: at(coarser),
        columns: (0..State::ALL.len()).filter(|&i| states.contains(&State::ALL[i])).collect(),
        sums: (0..Pace::ALL.len()).filter(|&i| paces.contains(&Pace::ALL[i])).collect(),
    };
    vec![
        link(Dimension::Accepted, &Pace::BEFORE_ACCEPTANCE, &[Pace::Waiting]),
        link(Dimension::Concluded, &Pace::BEFORE_CONCLUSION, &[Pace::Waiting]),
        // But for the few that were withdrawn after a reply, or objected to none: near enough to tell.
        link(
            Dimension::Concluded,
            &[State::Replied, State::Objected, State::Closed],
            &[Pace::InTime, Pace::Late],
        ),
    ]
}

/// The counts of one year.
pub struct Tally {
    pub rows: Vec<u32>,
    /// By row and place below it.
    pub below: Vec<Vec<u32>>,
    /// By dimension, row and category.
    pub counted: Vec<Vec<Vec<u32>>>,
}

impl Tally {
    pub fn new(frame: &Frame) -> Self {
        let rows = frame.rows.len();
        let counted = frame.categories.iter().map(|codes| vec![vec![0; codes.len()]; rows]);
        Self {
            rows: vec![0; rows],
            below: frame.below.iter().map(|codes| vec![0; codes.len()]).collect(),
            counted: counted.collect(),
        }
    }
}

/// Counts as they come; by the year of receipt.
pub struct Counter<'a> {
    frame: &'a Frame,
    policy: &'a Policy,
    today: Day,
    years: BTreeMap<i16, Tally>,
}

impl<'a> Counter<'a> {
    pub fn new(frame: &'a Frame, policy: &'a Policy, today: Day) -> Self {
        Self { frame, policy, today, years: BTreeMap::new() }
    }

    pub fn add(&mut self, case: &CaseSummary) {
        let Some((row, below)) = self.frame.place(&case.region) else { return };
        let bands = &self.policy.deadlines.bands;
        let overdue = case.next.is_some_and(|next| next.band(self.today, bands) == Band::Overdue);
        let tally = self.years.entry(case.received.year()).or_insert_with(|| Tally::new(self.frame));
        tally.rows[row] += 1;
        tally.below[row][below] += 1;
        for (dimension, counts) in Dimension::COUNTED.into_iter().zip(&mut tally.counted) {
            counts[row][self.frame.category(dimension, case, overdue)] += 1;
        }
    }

    pub fn years(self) -> BTreeMap<i16, Tally> {
        self.years
    }
}
