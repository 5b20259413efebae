//! `mifeng check`: every record opens, every link holds, every leaf is where its report says it is.
//!
//! What it cannot see: a record put back to an older state together with everything it is linked to.

use super::{
    Access, Account, Attempts, FileKind, FileRecord, Head, Refused, ReportRecord, Store, TrailEntry,
    at_rest::DataKey,
    core::{AuditRecord, envelope_key, package_key, share_key},
    engine::Tree,
    tickets::Ticket,
    views::View,
};
use crate::{
    award::record::Award,
    casework::{Case, Copy},
    envelope::Envelope,
    ids::{BlobId, CaseNumber, ObjectId, ReportId},
    lock::ShareFile,
    log::{Event, Frontier, LeafEntry, leaf::Face},
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

    fn reports(&mut self) -> Result<(), Refused> {
        let core = self.store.core.clone();
        for entry in core.engine.scan(Tree::Reports, &[], &[]) {
            let (key, value) = entry?;
            let Ok(report) = <[u8; 16]>::try_from(key.as_slice()).map(ReportId::from_bytes) else {
                self.problem(format!("reports/{} is no report id", hex::encode(&key)));
                continue;
            };
            let record: ReportRecord = match self.plain(Tree::Reports, &key, &value) {
                Some(record) => record,
                None => continue,
            };
            match core.records.data_key(&*core.engine, report) {
                Ok(data) => self.report(report, &record, &data),
                Err(gone @ (Refused::Forgotten(_) | Refused::KeyMissing(_))) => {
                    match gone {
                        Refused::Forgotten(_) => self.seen.forgotten += 1,
                        lost => self.problem(format!("report {report}: {lost}")),
                    }
                    self.claimed.forgotten.insert(report);
                    self.claimed.locators.insert(record.locator.0.to_vec());
                }
                Err(refused) => self.problem(format!("report {report}: {refused}")),
            }
        }
        Ok(())
    }

    fn report(&mut self, report: ReportId, record: &ReportRecord, data: &DataKey) {
        if let Some(other) = self.claimed.numbers.insert(record.number, report) {
            self.problem(format!("reports {other} and {report} share the number {}", record.number));
        }
        self.claimed.reports.insert(report);
        self.claimed.locators.insert(record.locator.0.to_vec());
        let found = self.store.core.records.located(&*self.store.core.engine, &record.locator);
        if !matches!(found, Ok(Some(found)) if found == report) {
            self.problem(format!("report {report} is not found by its locator"));
        }
        self.sealed(report, record, data);
        let case: Option<Case> = self.of_case(data, Tree::Cases, report.as_bytes(), true);
        if let Some(case) = case {
            if case.number != record.number || case.report != report {
                self.problem(format!("case {} lies under report {report}", case.number));
            }
            self.files(&case, data);
        }
        self.leaves(report, data);
    }

    fn sealed(&mut self, report: ReportId, record: &ReportRecord, data: &DataKey) {
        if record.sealed.is_empty() {
            self.problem(format!("report {report} has no envelope"));
        }
        let sets = record.sealed.iter().map(|sealed| sealed.set_number).collect();
        *self.seen.reports_by_sets.entry(sets).or_default() += 1;
        for (sequence, sealed) in (0..).zip(&record.sealed) {
            let key = envelope_key(report, sequence);
            if self.bytes(data, Tree::Envelopes, &key).is_some_and(|bytes| Envelope::parse(&bytes).is_err()) {
                self.problem(format!("envelope {sequence} of report {report} has not the shape of one"));
            }
            self.claimed.sealed.insert(key);
            for trustee in 1..=sealed.trustees {
                let key = share_key(report, sequence, trustee);
                if self.bytes(data, Tree::Shares, &key).is_some_and(|bytes| ShareFile::parse(&bytes).is_err())
                {
                    self.problem(format!("share file {sequence}/{trustee} of report {report} is misshapen"));
                }
                self.claimed.sealed.insert(key);
            }
        }
    }

    fn files(&mut self, case: &Case, data: &DataKey) {
        let core = self.store.core.clone();
        let mut stored: HashMap<BlobId, FileKind> = HashMap::new();
        for entry in core.engine.scan(Tree::Files, case.report.as_bytes(), &[]) {
            let Ok((key, _)) = entry else { return self.problem("files cannot be read".into()) };
            let Some(record) = self.of_case::<FileRecord>(data, Tree::Files, &key, true) else { continue };
            if key[16..] != record.blob.as_bytes()[..] {
                self.problem(format!("file {} lies under another name", record.blob));
            }
            self.chunks(&record, data);
            stored.insert(record.blob, record.kind);
        }
        for file in &case.files {
            if !matches!(stored.get(&file.original), Some(FileKind::Original { .. })) {
                self.problem(format!("an original of case {} is missing: {}", case.number, file.original));
            }
            if let Copy::Cleaned { blob, .. } = &file.copy
                && !matches!(stored.get(blob), Some(FileKind::Cleaned { .. }))
            {
                self.problem(format!("a cleaned copy of case {} is missing: {blob}", case.number));
            }
        }
        for file in case.sent_files() {
            if !matches!(stored.get(&file.blob), Some(FileKind::ToReporter)) {
                self.problem(format!(
                    "a file to the reporter of case {} is missing: {}",
                    case.number, file.blob
                ));
            }
        }
    }

    fn chunks(&mut self, record: &FileRecord, data: &DataKey) {
        let core = self.store.core.clone();
        let mut len = 0;
        for slot in record.slots().filter(|slot| !self.claimed.slots.insert(*slot)).collect::<Vec<_>>() {
            self.problem(format!("slot {slot} belongs to two files"));
        }
        for name in record.objects() {
            if !self.claimed.objects.insert(*name) {
                self.problem(format!("object {name} belongs to two files"));
            }
        }
        for chunk in core.bytes_of(data.clone(), record.clone()) {
            match chunk {
                Ok(plain) => len += plain.len() as u64,
                Err(refused) => self.problem(format!("a chunk of file {}: {refused}", record.blob)),
            }
        }
        if len != record.len {
            self.problem(format!("file {} has {len} bytes of {}", record.blob, record.len));
        }
    }

    fn leaves(&mut self, report: ReportId, data: &DataKey) {
        let Some(audit) = self.of_case::<AuditRecord>(data, Tree::Audit, report.as_bytes(), true) else {
            return;
        };
        let mut releases = HashSet::new();
        let before = audit.before.iter().map(|(key, places)| (key, places));
        for (key, places) in before.chain([(&audit.key, &audit.places)]) {
            for (n, place) in places.iter().enumerate() {
                let n = u8::try_from(n).unwrap_or(u8::MAX);
                match self.store.entry(*place).map(|entry| entry.open(key, n)) {
                    Ok(Ok(leaf)) => {
                        if leaf.event == Event::Release {
                            releases.insert(*place);
                        }
                    }
                    _ => self.problem(format!("log entry {place} is not entry {n} of report {report}")),
                }
                self.claimed.leaves.insert(*place);
            }
        }
        if audit.places.is_empty() {
            self.problem(format!("report {report} is not in the log"));
        }
        let awards: Option<Vec<Award>> = self.of_case(data, Tree::Awards, report.as_bytes(), false);
        for leaf in awards.iter().flatten().flat_map(Award::spent_leaves) {
            let kept: Option<String> = self.of_case(data, Tree::Packages, &package_key(report, leaf), false);
            if kept.is_some() {
                self.problem(format!("a package of report {report} is kept after what it was for; any change of the case, a note too, removes it"));
            }
        }
        for release in awards.iter().flatten().filter_map(Award::release) {
            if !releases.contains(&release.terms.leaf_index) {
                self.problem(format!("a release of report {report} does not stand in the log"));
            }
            let key = package_key(report, release.terms.leaf_index);
            let _: Option<String> = self.of_case(data, Tree::Packages, &key, false);
        }
    }

    /// Whatever no report claims.
    fn stray(&mut self) -> Result<(), Refused> {
        let engine = self.store.core.engine.clone();
        for tree in Tree::ALL {
            let mut count = 0;
            for entry in engine.scan(tree, &[], &[]) {
                let (key, _) = entry?;
                count += 1;
                if self.is_stray(tree, &key) {
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

    fn is_stray(&self, tree: Tree, key: &[u8]) -> bool {
        let report = key.first_chunk().copied().map(ReportId::from_bytes);
        let known = |report: ReportId| {
            self.claimed.forgotten.contains(&report) || self.claimed.reports.contains(&report)
        };
        match tree {
            Tree::Locators => !self.claimed.locators.contains(key),
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
                    Tree::Trail => drop(self.plain::<TrailEntry>(tree, &key, &value)),
                    _ => drop(self.plain::<ReportId>(tree, &key, &value)),
                }
            }
        }
        Ok(())
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
