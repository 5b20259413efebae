//! What readers may be shown: a row of every case, and the log's head, as far as they are durable.

use super::{Core, Sight, Store};
use crate::{
    award::summary::AwardSummary,
    casework::{Case, CaseSummary, State as CaseState},
    evidence::FilesSummary,
    ids::{CaseNumber, ReportId},
    policy::{Code, RepeatRules},
    repeats::{Index, Matter, Repeat, Sketch, SketchKey},
    store::{Dossier, Head, Refused},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::PoisonError,
};

/// The key that sketches are made with, and the rules they are compared by.
pub(super) struct Comparing {
    key: SketchKey,
    rules: RepeatRules,
}

/// What readers are shown: only what is durable.
#[derive(Default)]
pub(in crate::store) struct Shown {
    rows: BTreeMap<CaseNumber, Row>,
    /// How many rows say which body.
    bodies: BTreeMap<Option<Code>, usize>,
    pub head: Head,
    /// Empty until the store is told how to compare.
    index: Index,
}

#[derive(Clone)]
pub(in crate::store) struct Row {
    pub report: ReportId,
    pub summary: CaseSummary,
    pub award: Option<AwardSummary>,
    /// The last request for an original.
    pub evidence: Option<FilesSummary>,
    /// Until it is in the index.
    sketch: Option<Box<Sketch>>,
    /// Deleted at its reporter's wish: nothing is left to compare.
    is_erased: bool,
}

impl Row {
    pub fn of(dossier: &Dossier) -> Self {
        Self {
            report: dossier.case.report,
            summary: CaseSummary::of(&dossier.case),
            award: dossier.award().map(AwardSummary::of),
            evidence: dossier.case.evidence.last().map(FilesSummary::of),
            sketch: dossier.case.sketch.clone().map(Box::new),
            is_erased: dossier.case.erased.is_some(),
        }
    }
}

impl Store {
    /// From now on a report that arrives is compared with those before it. Sketches made under other rules, or another
    /// root key, are made anew in memory: then every case is read once more. The first rules stay.
    pub fn compare_matters(&self, rules: RepeatRules) -> Result<(), Refused> {
        let key = SketchKey::new(self.core.records.vault.sketch_key(), &rules);
        let is_stale =
            |row: &&Row| !row.is_erased && !row.sketch.as_ref().is_some_and(|sketch| key.made(sketch));
        let stale: BTreeSet<CaseNumber> =
            self.core.rows(|rows| rows.values().filter(is_stale).map(|row| row.summary.number).collect());
        let mut anew = BTreeMap::new();
        if !stale.is_empty() {
            self.core.each_dossier(&mut |read| {
                match read.map(|dossier| dossier.case) {
                    Ok(case) if stale.contains(&case.number) && case.erased.is_none() => {
                        anew.insert(case.number, Box::new(key.sketch(&matter(&case))));
                    }
                    Err(refused @ Refused::Unavailable(_)) => return Err(refused),
                    // Said when the rows were read.
                    Ok(_) | Err(_) => {}
                }
                Ok(())
            })?;
        }
        self.core.shown_mut(|shown| {
            for (number, sketch) in anew {
                if let Some(row) = shown.rows.get_mut(&number) {
                    row.sketch = Some(sketch);
                }
            }
            shown.compare(&rules);
        });
        let _ = self.core.repeats.set(Comparing { key, rules });
        Ok(())
    }
}

impl Core {
    /// Puts a changed row in its place; a new one is compared with those before it.
    pub fn show(&self, shown: &mut Shown, number: CaseNumber, mut row: Row) {
        if self.sight == Sight::One {
            return;
        }
        let Some(comparing) = self.repeats.get() else {
            shown.put(number, row);
            return;
        };
        if shown.rows.contains_key(&number) {
            row.sketch = None;
        }
        let is_erased = row.is_erased;
        shown.put(number, row);
        if is_erased {
            shown.index.forget(number);
        }
        shown.take_in(number);
        shown.mark(number, &comparing.rules);
    }

    /// What stands for a new report's matter, if the store compares.
    pub fn sketch(&self, case: &Case) -> Option<Sketch> {
        self.repeats.get().map(|comparing| comparing.key.sketch(&matter(case)))
    }

    /// Earlier cases that are likely about the same matter, the likeliest first.
    pub fn repeats_of(&self, number: CaseNumber) -> Vec<Repeat> {
        let Some(comparing) = self.repeats.get() else { return Vec::new() };
        self.follow_if_possible();
        self.shown(|shown| shown.index.likely(number, &comparing.rules))
    }

    /// As it is known here; the store is asked only for a case that is not.
    pub fn row(&self, number: CaseNumber) -> Option<Row> {
        self.known_row(number).or_else(|| {
            self.follow_if_possible();
            self.known_row(number)
        })
    }

    /// For changes under way: before the first of a group runs, all is known.
    pub fn known_row(&self, number: CaseNumber) -> Option<Row> {
        self.shown(|shown| shown.rows.get(&number).cloned())
    }

    /// Reads the rows in the order of their numbers; `read` must be short.
    pub fn rows<R>(&self, read: impl FnOnce(&BTreeMap<CaseNumber, Row>) -> R) -> R {
        self.follow_if_possible();
        self.shown(|shown| read(&shown.rows))
    }

    /// What the rows say about who handles them.
    pub fn bodies(&self) -> Vec<Option<Code>> {
        let said = |shown: &Shown| {
            shown.bodies.iter().filter(|(_, count)| **count > 0).map(|(code, _)| code.clone()).collect()
        };
        self.shown(said)
    }

    pub fn awards(&self) -> Vec<AwardSummary> {
        self.rows(|rows| rows.values().filter_map(|row| row.award.clone()).collect())
    }

    /// The last request for an original of every case that has one.
    pub fn requests(&self) -> Vec<FilesSummary> {
        self.rows(|rows| rows.values().filter_map(|row| row.evidence.clone()).collect())
    }

    pub fn load_shown(&self) -> Result<(), Refused> {
        let engine = &*self.engine;
        // Before anything is read: what is written meanwhile is read again.
        let position = engine.position()?.unwrap_or(0);
        let mut shown = Shown::default();
        if self.sight == Sight::All {
            // A forgotten case has no row; a damaged one is told by `mifeng check`, and must not keep
            // every other reporter out.
            self.each_dossier(&mut |read| {
                match read {
                    Ok(dossier) => shown.put(dossier.case.number, Row::of(&dossier)),
                    Err(Refused::Forgotten(_)) => {}
                    Err(refused @ Refused::Unavailable(_)) => return Err(refused),
                    Err(refused) => tracing::error!(%refused, "a case was left out; run mifeng check"),
                }
                Ok(())
            })?;
        }
        shown.head = self.head_of(engine)?;
        if let Some(comparing) = self.repeats.get() {
            shown.compare(&comparing.rules);
        }
        self.shown_mut(|before| *before = shown);
        *self.followed.lock().unwrap_or_else(PoisonError::into_inner) = position;
        Ok(())
    }

    /// The dossier of a report that is there.
    pub fn read_dossier(&self, report: ReportId) -> Result<Dossier, Refused> {
        let data = self.records.data_key(&*self.engine, report)?;
        self.dossier(&*self.engine, &data, report)
    }

    pub(super) fn shown<R>(&self, read: impl FnOnce(&Shown) -> R) -> R {
        read(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn shown_mut<R>(&self, write: impl FnOnce(&mut Shown) -> R) {
        write(&mut self.shown.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Shown {
    /// A row in its place, counted for its body and no longer for the one it had.
    fn put(&mut self, number: CaseNumber, row: Row) {
        *self.bodies.entry(row.summary.body.clone()).or_default() += 1;
        if let Some(before) = self.rows.insert(number, row)
            && let Some(count) = self.bodies.get_mut(&before.summary.body)
        {
            *count -= 1;
        }
    }

    /// Takes the rows of these reports out, and what is compared of them; how many there were.
    pub fn drop_reports(&mut self, reports: &BTreeSet<ReportId>) -> usize {
        let gone = self.rows.iter().filter(|(_, row)| reports.contains(&row.report));
        let gone: Vec<CaseNumber> = gone.map(|(number, _)| *number).collect();
        for number in &gone {
            if let Some(row) = self.rows.remove(number)
                && let Some(count) = self.bodies.get_mut(&row.summary.body)
            {
                *count -= 1;
            }
            self.index.forget(*number);
        }
        gone.len()
    }

    /// Compares every row with those before it.
    fn compare(&mut self, rules: &RepeatRules) {
        let numbers: Vec<CaseNumber> = self.rows.keys().copied().collect();
        for number in numbers {
            self.take_in(number);
            self.mark(number, rules);
        }
    }

    /// Moves a new row's sketch to the index.
    fn take_in(&mut self, number: CaseNumber) {
        let Some(row) = self.rows.get_mut(&number) else { return };
        if let Some(sketch) = row.sketch.take() {
            self.index.take(number, row.summary.kind, &row.summary.region, *sketch);
        }
    }

    /// Whether an undecided case likely repeats one that is handled where it is: only then do those who take it up know
    /// of that.
    fn mark(&mut self, number: CaseNumber, rules: &RepeatRules) {
        let Some(CaseSummary { state, body, .. }) = self.rows.get(&number).map(|row| &row.summary) else {
            return;
        };
        let undecided = matches!(state, CaseState::Submitted | CaseState::SupplementRequested);
        let same_body =
            |repeat: &Repeat| self.rows.get(&repeat.case).is_some_and(|other| other.summary.body == *body);
        let likely = undecided && self.index.likely(number, rules).iter().any(same_body);
        if let Some(row) = self.rows.get_mut(&number) {
            row.summary.likely_repeat = likely;
        }
    }
}

/// What is compared of a case.
fn matter(case: &Case) -> Matter<'_> {
    let content = &case.content;
    Matter { target: &content.target_name, code: &content.credit_code, words: &content.narrative }
}
