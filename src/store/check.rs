//! `mifeng check`: every record opens, every link holds, every leaf is where its report says it is.
//!
//! What it cannot see: a record put back to an older state together with everything it is linked to.

/// Report by report.
mod reports;

use super::{
    Access, Account, Attempts, Head, Refused, Store, TrailEntry, at_rest::DataKey, engine::Tree,
    tickets::Ticket, views::View,
};
use crate::{
    ids::{CaseNumber, ObjectId, ReportId},
    log::{Frontier, LeafEntry, leaf::Face},
};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What a check found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Records by tree.
    pub counts: BTreeMap<&'static str, usize>,
    /// One sentence a problem; none holds content.
    pub problems: Vec<String>,
    /// Reports whose retention key was destroyed.
    pub forgotten: usize,
    /// Entries of the staff record whose month's key was.
    pub forgotten_entries: usize,
    pub log_size: u64,
    /// Reports by the numbers of the recipient sets whose trustees hold shares of theirs; forgotten reports left out.
    pub reports_by_sets: BTreeMap<BTreeSet<u32>, usize>,
}

impl Checked {
    pub fn count(&self, tree: &str) -> usize {
        self.counts.get(tree).copied().unwrap_or(0)
    }
}

impl Store {
    /// Reads everything once. Errors are only those that keep it from going on.
    pub fn check(&self) -> Result<Checked, Refused> {
        let mut check = Check { store: self, seen: Checked::default(), claimed: Claimed::default() };
        check.log()?;
        check.reports()?;
        check.stray()?;
        check.loose_records()?;
        check.bucket();
        Ok(check.seen)
    }
}

/// What some report says is its own; the rest is stray.
#[derive(Default)]
struct Claimed {
    numbers: HashMap<CaseNumber, ReportId>,
    locators: HashSet<Vec<u8>>,
    sealed: HashSet<Vec<u8>>,
    slots: HashSet<u64>,
    objects: HashSet<ObjectId>,
    leaves: HashSet<u64>,
    reports: HashSet<ReportId>,
    forgotten: HashSet<ReportId>,
}

struct Check<'a> {
    store: &'a Store,
    seen: Checked,
    claimed: Claimed,
}

impl Check<'_> {
    fn problem(&mut self, problem: String) {
        self.seen.problems.push(problem);
    }

    /// Rebuilds the tree from its entries and compares every stored node and the root.
    fn log(&mut self) -> Result<(), Refused> {
        let core = &self.store.core;
        let head = core.head_of(&*core.engine)?;
        let mut frontier = Frontier::empty();
        for index in 0..head.size {
            let entry = match self.store.entry(index) {
                Ok(entry) => entry,
                Err(refused) => {
                    self.problem(format!("log entry {index}: {refused}"));
                    continue;
                }
            };
            for (id, hash) in frontier.append(entry.as_bytes()) {
                if core.node(&*core.engine, id) != Some(hash) {
                    self.problem(format!("log node {}/{} does not fit its entries", id.level, id.index));
                }
            }
        }
        if (Head { size: frontier.size(), root: frontier.root() }) != head {
            self.problem("the log's root does not fit its entries".into());
        }
        self.seen.log_size = head.size;
        Ok(())
    }

    /// Whatever no report claims.
    fn stray(&mut self) -> Result<(), Refused> {
        let engine = self.store.core.engine.clone();
        for tree in Tree::ALL {
            let mut count = 0;
            for entry in engine.scan(tree, &[], &[]) {
                let (key, value) = entry?;
                count += 1;
                if self.is_stray(tree, &key, &value) {
                    self.problem(format!("{}/{} belongs to no report", tree.name(), hex::encode(&key)));
                }
            }
            self.seen.counts.insert(tree.name(), count);
        }
        self.counters()?;
        for index in 0..self.seen.log_size {
            let face = self.store.entry(index).ok().and_then(|entry: LeafEntry| entry.face().ok());
            if face == Some(Face::Report) && !self.claimed.leaves.contains(&index) && self.seen.forgotten == 0
            {
                self.problem(format!("log entry {index} belongs to no report"));
            }
        }
        Ok(())
    }

    /// Counted trees hold as many records as were counted.
    fn counters(&mut self) -> Result<(), Refused> {
        let core = self.store.core.clone();
        let trail: u64 = core.records.find(&*core.engine, Tree::Meta, b"trail")?.unwrap_or(0);
        for (tree, counted) in [(Tree::LogLeaves, self.seen.log_size), (Tree::Trail, trail)] {
            let held = self.seen.count(tree.name());
            if held as u64 != counted {
                self.problem(format!("{} holds {held} records where {counted} were written", tree.name()));
            }
        }
        Ok(())
    }

    fn is_stray(&self, tree: Tree, key: &[u8], value: &[u8]) -> bool {
        let report = key.first_chunk().copied().map(ReportId::from_bytes);
        let known = |report: ReportId| {
            self.claimed.forgotten.contains(&report) || self.claimed.reports.contains(&report)
        };
        match tree {
            // Which locator a forgotten report has, its record does not say any more.
            Tree::Locators => {
                !self.claimed.locators.contains(key)
                    && self.located(key, value).is_none_or(|report| !self.claimed.forgotten.contains(&report))
            }
            Tree::Envelopes | Tree::Shares => {
                !self.claimed.sealed.contains(key)
                    && report.is_none_or(|report| !self.claimed.forgotten.contains(&report))
            }
            Tree::DataKeys | Tree::Cases | Tree::Audit | Tree::Awards | Tree::Files | Tree::Packages => {
                report.is_none_or(|report| !known(report))
            }
            _ => false,
        }
    }

    fn located(&self, key: &[u8], value: &[u8]) -> Option<ReportId> {
        let plain = self.store.core.records.vault.open(Tree::Locators, key, value).ok()?;
        super::records::parse(Tree::Locators, key, &plain).ok()
    }

    /// Whether the object store does what it must, and how many objects are in it.
    fn bucket(&mut self) {
        let core = self.store.core.clone();
        let Some(objects) = core.engine.objects() else { return };
        let (mut count, mut after) = (0, None);
        let counted = objects.probe().and_then(|()| {
            loop {
                let page = objects.page(after)?;
                let Some(last) = page.last() else { break Ok(()) };
                (count, after) = (count + page.len(), Some(last.name));
            }
        });
        match counted {
            Ok(()) => drop(self.seen.counts.insert("objects", count)),
            Err(refused) => self.problem(format!("{}: {refused}", objects.told())),
        }
    }

    /// Records that stand alone.
    fn loose_records(&mut self) -> Result<(), Refused> {
        let engine = self.store.core.engine.clone();
        let loose = [Tree::Staff, Tree::Attempts, Tree::Trail, Tree::Tickets, Tree::Views, Tree::Access];
        for tree in loose.into_iter().chain([Tree::Locators]) {
            for entry in engine.scan(tree, &[], &[]) {
                let (key, value) = entry?;
                match tree {
                    Tree::Staff => drop(self.plain::<Account>(tree, &key, &value)),
                    Tree::Attempts => drop(self.plain::<Attempts>(tree, &key, &value)),
                    Tree::Tickets => drop(self.plain::<Ticket>(tree, &key, &value)),
                    Tree::Views => drop(self.plain::<View>(tree, &key, &value)),
                    Tree::Access => drop(self.plain::<Access>(tree, &key, &value)),
                    Tree::Trail => self.entry(&key),
                    _ => drop(self.plain::<ReportId>(tree, &key, &value)),
                }
            }
        }
        Ok(())
    }

    /// One of the staff record. Of a month that is over nothing is left to look at.
    fn entry(&mut self, key: &[u8]) {
        let core = self.store.core.clone();
        match core.records.find_until::<TrailEntry>(&*core.engine, Tree::Trail, key) {
            Ok(_) => {}
            Err(Refused::Forgotten(_)) => self.seen.forgotten_entries += 1,
            Err(refused) => self.problem(refused.to_string()),
        }
    }

    fn plain<T: DeserializeOwned>(&mut self, tree: Tree, key: &[u8], value: &[u8]) -> Option<T> {
        let opened = self.store.core.records.vault.open(tree, key, value);
        match opened.and_then(|plain| super::records::parse(tree, key, &plain)) {
            Ok(record) => Some(record),
            Err(refused) => {
                self.problem(refused.to_string());
                None
            }
        }
    }

    fn of_case<T: DeserializeOwned>(
        &mut self,
        data: &DataKey,
        tree: Tree,
        key: &[u8],
        due: bool,
    ) -> Option<T> {
        let plain = self.bytes_if(data, tree, key, due)?;
        match super::records::parse(tree, key, &plain) {
            Ok(record) => Some(record),
            Err(refused) => {
                self.problem(refused.to_string());
                None
            }
        }
    }

    fn bytes(&mut self, data: &DataKey, tree: Tree, key: &[u8]) -> Option<Vec<u8>> {
        self.bytes_if(data, tree, key, true)
    }

    fn bytes_if(&mut self, data: &DataKey, tree: Tree, key: &[u8], due: bool) -> Option<Vec<u8>> {
        let core = self.store.core.clone();
        let opened = match core.engine.get(tree, key) {
            Ok(Some(value)) => core.records.vault.open_case(data, tree, key, &value),
            Ok(None) if due => Err(super::records::missing(tree, key)),
            Ok(None) => return None,
            Err(refused) => Err(refused),
        };
        opened.map_err(|refused| self.problem(refused.to_string())).ok()
    }
}
