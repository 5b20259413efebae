//! What the doors share: dossiers, and what readers may be shown.

use super::{
    Dossier, Head, Place, Refused, ReportRecord, SealedRecord, Step,
    at_rest::DataKey,
    committer::{Commit, Committer, Txn},
    engine::{Engine, Tree},
    records::{Records, Source, missing},
    retention::Month,
    views::KeptViews,
    volume::FreeSlots,
};
use crate::{
    award::{
        record::{Award, AwardState},
        summary::AwardSummary,
    },
    casework::{Case, CaseSummary, State as CaseState},
    envelope::SealedReport,
    evidence::FilesSummary,
    ids::{CaseNumber, ReportId},
    log::tree::EMPTY_ROOT,
    policy::RepeatRules,
    receipt::AuditKey,
    repeats::{Index, Matter, Repeat, Sketch, SketchKey},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, atomic::AtomicBool},
};

/// Envelopes a report can have: the first, 16 additions (design §3.4), and two whose places are kept: the
/// withdrawal's and the claim's.
pub const MOST_ENVELOPES: usize = 19;

/// An open store. Hand faces its traits, not itself.
pub struct Store {
    pub(super) core: Arc<Core>,
    pub(super) committer: Committer,
}

pub(super) struct Core {
    pub engine: Arc<dyn Engine>,
    pub records: Records,
    pub free: Mutex<FreeSlots>,
    /// A backup reads.
    pub frozen: AtomicBool,
    pub views: KeptViews,
    /// When a dossier may be forgotten.
    due: OnceLock<Due>,
    /// By what matters are compared.
    repeats: OnceLock<Comparing>,
    shown: RwLock<Shown>,
    /// Up to which [`Engine::position`] it is shown.
    pub followed: Mutex<u64>,
    pub sight: Sight,
}

/// What a process knows of the cases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sight {
    /// A row of every case, in memory.
    All,
    /// None but the one in hand: for reporters, whose database role cannot list cases.
    One,
}

/// The key that sketches are made with, and the rules they are compared by.
struct Comparing {
    key: SketchKey,
    rules: RepeatRules,
}

type Due = Box<dyn Fn(&Dossier) -> Month + Send + Sync>;

/// What readers are shown: only what is durable.
pub(super) struct Shown {
    rows: BTreeMap<CaseNumber, Row>,
    pub head: Head,
    /// Empty until the store is told how to compare.
    index: Index,
}

#[derive(Clone)]
pub(super) struct Row {
    pub report: ReportId,
    pub summary: CaseSummary,
    pub award: Option<AwardSummary>,
    /// The last request for an original.
    pub evidence: Option<FilesSummary>,
    /// Until it is in the index.
    sketch: Option<Box<Sketch>>,
}

impl Row {
    pub fn of(dossier: &Dossier) -> Self {
        Self {
            report: dossier.case.report,
            summary: CaseSummary::of(&dossier.case),
            award: dossier.award().map(AwardSummary::of),
            evidence: dossier.case.evidence.last().map(FilesSummary::of),
            sketch: dossier.case.sketch.clone().map(Box::new),
        }
    }
}

/// The report's key in the log and where the entries written with it stand, by their count.
#[derive(Serialize, Deserialize)]
pub(super) struct AuditRecord {
    pub key: AuditKey,
    pub places: Vec<u64>,
    /// The same of the receipt that staff had issued, once the reporter's own has taken over.
    #[serde(default)]
    pub before: Option<(AuditKey, Vec<u64>)>,
}

impl Store {
    /// From now on every change keeps its case at least until the month this rule gives; what a case had before is
    /// never shortened. Without a rule a case is forgotten in the month it was submitted with. The first rule stays.
    pub fn keep_until(&self, due: impl Fn(&Dossier) -> Month + Send + Sync + 'static) {
        let _ = self.core.due.set(Box::new(due));
    }

    /// From now on a report that arrives is compared with those before it. Sketches made under other rules, or another
    /// root key, are made anew in memory: then every case is read once more. The first rules stay.
    pub fn compare_matters(&self, rules: RepeatRules) -> Result<(), Refused> {
        let key = SketchKey::new(self.core.records.vault.sketch_key(), &rules);
        let fits = |row: &Row| row.sketch.as_ref().is_some_and(|sketch| key.made(sketch));
        let stale: Vec<Row> =
            self.core.rows(|rows| rows.values().filter(|row| !fits(row)).cloned().collect());
        let mut anew = BTreeMap::new();
        for row in stale {
            match self.dossier(row.report) {
                Ok(found) => {
                    let case = found.map(|dossier| dossier.case).filter(|case| case.erased.is_none());
                    anew.extend(case.map(|case| (case.number, Box::new(key.sketch(&matter(&case))))));
                }
                Err(Refused::Forgotten(_)) => {}
                Err(refused) => return Err(refused),
            }
        }
        self.core.shown_mut(|shown| {
            for (number, sketch) in anew {
                if let Some(row) = shown.rows.get_mut(&number) {
                    row.sketch = Some(sketch);
                }
            }
            let numbers: Vec<CaseNumber> = shown.rows.keys().copied().collect();
            numbers.iter().for_each(|number| shown.take_in(*number));
            numbers.into_iter().for_each(|number| shown.mark(number, &rules));
        });
        let _ = self.core.repeats.set(Comparing { key, rules });
        Ok(())
    }

    /// Changes a dossier: the closure runs on the committer's thread and must be short.
    pub(super) fn change(&self, report: ReportId, step: Step) -> Commit<Case> {
        let core = self.core.clone();
        self.committer.commit(move |txn| core.change(txn, report, step))
    }

    pub(super) fn change_number(&self, number: CaseNumber, step: Step) -> Commit<Case> {
        match self.core.row(number) {
            Some(row) => self.change(row.report, step),
            None => Commit::ready(Err(Refused::NoSuchCase)),
        }
    }

    pub(super) fn find_dossier(&self, number: CaseNumber) -> Result<Option<Dossier>, Refused> {
        match self.core.row(number) {
            Some(row) => self.dossier(row.report),
            None => Ok(None),
        }
    }

    /// The report's dossier as it is now; `None` if there is no such report.
    pub(super) fn dossier(&self, report: ReportId) -> Result<Option<Dossier>, Refused> {
        let engine = &*self.core.engine;
        if self.core.records.report(engine, report)?.is_none() {
            return Ok(None);
        }
        let data = self.core.records.data_key(engine, report)?;
        self.core.dossier(engine, &data, report).map(Some)
    }
}

impl Core {
    /// Nothing is shown yet.
    pub fn new(engine: Arc<dyn Engine>, records: Records, sight: Sight) -> Self {
        let head = Head { size: 0, root: EMPTY_ROOT };
        Self {
            engine,
            records,
            free: Mutex::default(),
            frozen: AtomicBool::new(false),
            views: KeptViews::default(),
            due: OnceLock::new(),
            repeats: OnceLock::new(),
            shown: RwLock::new(Shown { rows: BTreeMap::new(), head, index: Index::default() }),
            followed: Mutex::default(),
            sight,
        }
    }

    pub fn dossier(
        &self,
        from: &(impl Source + ?Sized),
        data: &DataKey,
        report: ReportId,
    ) -> Result<Dossier, Refused> {
        let key = report.as_bytes();
        let case: Option<Case> = self.records.find_of_case(from, data, Tree::Cases, key)?;
        let awards: Option<Vec<Award>> = self.records.find_of_case(from, data, Tree::Awards, key)?;
        Ok(Dossier {
            case: case.ok_or_else(|| missing(Tree::Cases, key))?,
            awards: awards.unwrap_or_default(),
        })
    }

    /// Applies a change, with the leaf and the release it calls for, and shows the result once durable.
    pub fn change(self: &Arc<Self>, txn: &mut Txn, report: ReportId, step: Step) -> Result<Case, Refused> {
        let mut record = self.records.report(txn, report)?.ok_or(Refused::NoSuchReport)?;
        let data = self.records.data_key(txn, report)?;
        if let Some(sealed) = &step.sealed {
            self.put_sealed(txn, &data, report, &mut record, sealed)?;
            self.records.put(txn, Tree::Reports, report.as_bytes(), &record)?;
        }
        let mut dossier = self.dossier(txn, &data, report)?;
        if step.expected_version.is_some_and(|version| version != dossier.case.version) {
            return Err(Refused::Changed);
        }
        let place = self.next_place(txn, &data, report, &record)?;
        let earlier = dossier.clone();
        let leaf = (step.change)(&mut dossier, &place)?;
        // Two places are kept: additions must neither make a reward unclaimable nor hold anybody to a report.
        let claimed = dossier.award().is_some_and(|award| *award.state() == AwardState::Claimed);
        let kept = match dossier.case.state {
            _ if claimed => 0,
            CaseState::Withdrawn => 1,
            _ => 2,
        };
        if step.sealed.is_some() && record.sealed.len() > MOST_ENVELOPES - kept {
            return Err(Refused::TooManyAdditions);
        }
        if dossier.case.number != earlier.case.number || dossier.case.report != report {
            return Err(Refused::OtherCase);
        }
        dossier.follows(&earlier)?;
        for blob in earlier.case.blobs() {
            if !dossier.case.blobs().any(|kept| kept == blob) {
                self.remove_file(txn, &data, report, blob)?;
            }
        }
        // Once an outcome stands, nothing is kept that the office's key alone would open.
        if let Some((award, release)) = dossier.award().and_then(|award| Some((award, award.release()?)))
            && award.is_ended()
        {
            txn.remove(Tree::Packages, package_key(report, release.terms.leaf_index));
        }
        // Nor once a request for an original has ended.
        for request in dossier.case.evidence.iter().filter(|request| request.has_ended()) {
            if let Some(opening) = request.opening() {
                txn.remove(Tree::Packages, package_key(report, opening.terms.leaf_index));
            }
        }
        // Nothing may be opened that has not left its mark in the log first (design P4).
        dossier.is_announced(&earlier, leaf.as_ref(), &place)?;
        if ended_without_an_answer(&dossier.case) && !ended_without_an_answer(&earlier.case) {
            self.let_merged_go(txn, &dossier.case)?;
        }
        if let Some(leaf) = leaf {
            self.append_leaf_of(txn, &data, report, &leaf)?;
        }
        // However it ended, and whoever ended it: tools that read the log go on with it no more.
        for ended in dossier.ended_requests(&earlier) {
            self.append_leaf_of(txn, &data, report, &ended)?;
        }
        self.tie(&mut dossier.case);
        self.put_dossier(txn, &data, &dossier)?;
        self.keep_until_due(txn, &data, &dossier)?;
        Ok(dossier.case)
    }

    /// Keeps the report ids of the cases that this one is merged with.
    fn tie(&self, case: &mut Case) {
        let with = case.merged_into.iter().chain(&case.merged);
        case.ties = with.filter_map(|number| Some((*number, self.tied(case, *number)?))).collect();
    }

    /// The report of a case that this one is merged with. One merged before reports were kept is known by its row.
    pub fn tied(&self, case: &Case, number: CaseNumber) -> Option<ReportId> {
        let kept = case.ties.iter().find(|(of, _)| *of == number).map(|(_, report)| *report);
        kept.or_else(|| self.known_row(number).map(|row| row.report))
    }

    /// Cases merged into one that ends without an answer are decided on by themselves again.
    fn let_merged_go(self: &Arc<Self>, txn: &mut Txn, lead: &Case) -> Result<(), Refused> {
        let day = lead.history.last().map_or(lead.received, |event| event.day);
        for report in lead.merged.iter().filter_map(|number| self.tied(lead, *number)) {
            let data = match self.records.data_key(txn, report) {
                Err(Refused::Forgotten(_)) => continue,
                found => found?,
            };
            let mut dossier = self.dossier(txn, &data, report)?;
            if dossier.case.merged_into == Some(lead.number) && dossier.case.state == CaseState::MergedInto {
                dossier.case = dossier.case.let_go(day);
                self.tie(&mut dossier.case);
                self.put_dossier(txn, &data, &dossier)?;
                self.keep_until_due(txn, &data, &dossier)?;
            }
        }
        Ok(())
    }

    /// Wraps the data key again: under a later month where the case has outlived the one it had; under an earlier one
    /// only once nothing in it is open any more.
    fn keep_until_due(&self, txn: &mut Txn, data: &DataKey, dossier: &Dossier) -> Result<(), Refused> {
        let Some(due) = self.due.get().map(|due| due(dossier)) else { return Ok(()) };
        let key = dossier.case.report.as_bytes();
        let wrapped = txn.get(Tree::DataKeys, key)?.ok_or_else(|| missing(Tree::DataKeys, key))?;
        let now = self.records.vault.month_of(key, &wrapped)?;
        if due == now || (due < now && !dossier.is_at_rest()) {
            return Ok(());
        }
        let retention = self.records.retention_key(txn, due)?;
        self.records.mark_month(txn, due)?;
        txn.put(Tree::DataKeys, *key, self.records.vault.wrap(data, key, due, &retention)?);
        Ok(())
    }

    pub fn put_dossier(
        self: &Arc<Self>,
        txn: &mut Txn,
        data: &DataKey,
        dossier: &Dossier,
    ) -> Result<(), Refused> {
        let Dossier { case, awards } = dossier;
        let key = case.report.as_bytes();
        self.records.put_of_case(txn, data, Tree::Cases, key, case)?;
        if !awards.is_empty() {
            self.records.put_of_case(txn, data, Tree::Awards, key, awards)?;
        }
        let (core, number, row) = (self.clone(), case.number, Row::of(dossier));
        let is_erased = case.erased.is_some();
        txn.once_durable(move || core.shown_mut(|shown| core.show(shown, number, row, is_erased)));
        Ok(())
    }

    /// Puts a changed row in its place; a new one is compared with those before it.
    pub fn show(&self, shown: &mut Shown, number: CaseNumber, mut row: Row, is_erased: bool) {
        if self.sight == Sight::One {
            return;
        }
        let Some(comparing) = self.repeats.get() else {
            shown.rows.insert(number, row);
            return;
        };
        if shown.rows.contains_key(&number) {
            row.sketch = None;
        }
        shown.rows.insert(number, row);
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

    /// Appends an envelope and its share files to those the report has; none replaces another.
    pub fn put_sealed(
        &self,
        txn: &mut Txn,
        data: &DataKey,
        report: ReportId,
        record: &mut ReportRecord,
        sealed: &SealedReport,
    ) -> Result<(), Refused> {
        let sequence = u8::try_from(record.sealed.len()).unwrap_or(u8::MAX);
        if record.sealed.len() >= MOST_ENVELOPES {
            return Err(Refused::TooManyAdditions);
        }
        let key = envelope_key(report, sequence);
        let value = self.records.vault.seal_case(data, Tree::Envelopes, &key, sealed.envelope.as_bytes())?;
        txn.put(Tree::Envelopes, key, value);
        for (trustee, file) in (1..).zip(&sealed.share_files) {
            let key = share_key(report, sequence, trustee);
            let value = self.records.vault.seal_case(data, Tree::Shares, &key, file.as_bytes())?;
            txn.put(Tree::Shares, key, value);
        }
        record.sealed.push(SealedRecord {
            files_recipient: sealed.files_recipient.clone(),
            set_number: sealed.set_number,
            trustees: u8::try_from(sealed.share_files.len()).unwrap_or(u8::MAX),
            hash: sealed.envelope.hash(),
        });
        Ok(())
    }

    /// Where the report's next leaf will stand.
    fn next_place(
        &self,
        txn: &Txn,
        data: &DataKey,
        report: ReportId,
        record: &ReportRecord,
    ) -> Result<Place, Refused> {
        let places = self.audit(txn, data, report)?.places;
        // A full log refuses the leaf, not the moves that need none.
        let n = u8::try_from(places.len()).unwrap_or(u8::MAX);
        let envelopes = record.sealed.iter().map(|sealed| hex::encode(sealed.hash)).collect();
        let (claim_key, receipt) = (record.claim_key, (record.locator, record.auth));
        Ok(Place { index: self.head_of(txn)?.size, n, envelopes, claim_key, receipt })
    }

    pub fn audit(
        &self,
        from: &(impl Source + ?Sized),
        data: &DataKey,
        report: ReportId,
    ) -> Result<AuditRecord, Refused> {
        let key = report.as_bytes();
        self.records.find_of_case(from, data, Tree::Audit, key)?.ok_or_else(|| missing(Tree::Audit, key))
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
        let mut rows = BTreeMap::new();
        let cases = (self.sight == Sight::All).then(|| engine.scan(Tree::Cases, &[], &[]));
        for entry in cases.into_iter().flatten() {
            let (key, _) = entry?;
            let Ok(report) = <[u8; 16]>::try_from(key.as_slice()).map(ReportId::from_bytes) else {
                tracing::error!(key = hex::encode(&key), "this is no case; run mifeng check");
                continue;
            };
            // A forgotten case has no row; a damaged one is told by `mifeng check`, and must not keep
            // every other reporter out.
            match self.read_dossier(report) {
                Ok(dossier) => {
                    rows.insert(dossier.case.number, Row::of(&dossier));
                }
                Err(Refused::Forgotten(_)) => {}
                Err(refused) => tracing::error!(%refused, "a case was left out; run mifeng check"),
            }
        }
        let head = self.head_of(engine)?;
        self.shown_mut(|shown| *shown = Shown { rows, head, index: Index::default() });
        *self.followed.lock().unwrap_or_else(PoisonError::into_inner) = position;
        Ok(())
    }

    /// The dossier of a report that is there.
    pub fn read_dossier(&self, report: ReportId) -> Result<Dossier, Refused> {
        let data = self.records.data_key(&*self.engine, report)?;
        self.dossier(&*self.engine, &data, report)
    }

    pub fn shown<R>(&self, read: impl FnOnce(&Shown) -> R) -> R {
        read(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn shown_mut<R>(&self, write: impl FnOnce(&mut Shown) -> R) {
        write(&mut self.shown.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Shown {
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

fn ended_without_an_answer(case: &Case) -> bool {
    matches!(case.state, CaseState::NotAccepted | CaseState::TransferredOut | CaseState::Withdrawn)
}

pub(super) fn envelope_key(report: ReportId, sequence: u8) -> Vec<u8> {
    [report.as_bytes().as_slice(), &[sequence]].concat()
}

pub(super) fn share_key(report: ReportId, sequence: u8, trustee: u8) -> Vec<u8> {
    [report.as_bytes().as_slice(), &[sequence, trustee]].concat()
}

pub(super) fn package_key(report: ReportId, leaf_index: u64) -> Vec<u8> {
    [report.as_bytes().as_slice(), &leaf_index.to_be_bytes()].concat()
}
