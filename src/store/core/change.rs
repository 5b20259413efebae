//! One change of a dossier, with all that must go with it.

use super::{Core, KEPT_FOR_ASKING, MOST_ENVELOPES, Row, Store};
use crate::{
    award::record::{Award, AwardState},
    casework::{Case, State as CaseState},
    envelope::SealedReport,
    ids::{CaseNumber, ReportId},
    store::{
        Commit, Dossier, Place, Refused, ReportRecord, SealedRecord, Step,
        at_rest::DataKey,
        committer::Txn,
        engine::Tree,
        records::{Source, missing},
    },
};
use std::sync::Arc;

impl Store {
    /// Changes a dossier: the closure runs on the committer's thread and must be short.
    pub(in crate::store) fn change(&self, report: ReportId, step: Step) -> Commit<Case> {
        let core = self.core.clone();
        self.committer.commit(move |txn| core.change(txn, report, step))
    }

    pub(in crate::store) fn change_number(&self, number: CaseNumber, step: Step) -> Commit<Case> {
        match self.core.row(number) {
            Some(row) => self.change(row.report, step),
            None => Commit::ready(Err(Refused::NoSuchCase)),
        }
    }

    pub(in crate::store) fn find_dossier(&self, number: CaseNumber) -> Result<Option<Dossier>, Refused> {
        match self.core.row(number) {
            Some(row) => self.dossier(row.report),
            None => Ok(None),
        }
    }

    /// The report's dossier as it is now; `None` if there is no such report.
    pub(in crate::store) fn dossier(&self, report: ReportId) -> Result<Option<Dossier>, Refused> {
        let engine = &*self.core.engine;
        if engine.get(Tree::Reports, report.as_bytes())?.is_none() {
            return Ok(None);
        }
        let data = self.core.records.data_key(engine, report)?;
        self.core.dossier(engine, &data, report).map(Some)
    }
}

impl Core {
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
        let found = self.records.report_and_key(txn, report)?;
        let (mut record, data) = found.ok_or(Refused::NoSuchReport)?;
        if let Some(sealed) = &step.sealed {
            self.put_sealed(txn, &data, report, &mut record, sealed)?;
            self.records.put_report(txn, &data, report, &record)?;
        }
        let mut dossier = self.dossier(txn, &data, report)?;
        if step.expected_version.is_some_and(|version| version != dossier.case.version) {
            return Err(Refused::Changed);
        }
        let place = self.next_place(txn, &data, report, &record)?;
        let earlier = dossier.clone();
        let leaf = (step.change)(&mut dossier, &place)?;
        if step.sealed.is_some() && record.sealed.len() > MOST_ENVELOPES - places_kept(&dossier, &earlier) {
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
        for leaf in dossier.spent_leaves() {
            txn.remove(Tree::Packages, package_key(report, leaf));
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
        txn.once_durable(move || core.shown_mut(|shown| core.show(shown, number, row)));
        Ok(())
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
}

/// Places for envelopes that this change must leave free: additions must neither make a reward unclaimable, nor hold
/// anybody to a report, nor leave a wish of theirs unheard.
fn places_kept(now: &Dossier, before: &Dossier) -> usize {
    let is_claimed =
        |dossier: &Dossier| dossier.award().is_some_and(|award| *award.state() == AwardState::Claimed);
    let is_withdrawn = |dossier: &Dossier| dossier.case.state == CaseState::Withdrawn;
    let asked = |dossier: &Dossier| {
        let case = &dossier.case;
        case.objections.len() + case.retaliations.len() + case.deletions.len()
    };
    let is_addition = asked(now) == asked(before)
        && is_claimed(now) == is_claimed(before)
        && is_withdrawn(now) == is_withdrawn(before);
    let to_end = match is_withdrawn(now) {
        _ if is_claimed(now) => 0,
        true => 1,
        false => 2,
    };
    to_end + if is_addition { KEPT_FOR_ASKING } else { 0 }
}

fn ended_without_an_answer(case: &Case) -> bool {
    matches!(case.state, CaseState::NotAccepted | CaseState::TransferredOut | CaseState::Withdrawn)
}

pub(in crate::store) fn envelope_key(report: ReportId, sequence: u8) -> Vec<u8> {
    [report.as_bytes().as_slice(), &[sequence]].concat()
}

pub(in crate::store) fn share_key(report: ReportId, sequence: u8, trustee: u8) -> Vec<u8> {
    [report.as_bytes().as_slice(), &[sequence, trustee]].concat()
}

pub(in crate::store) fn package_key(report: ReportId, leaf_index: u64) -> Vec<u8> {
    [report.as_bytes().as_slice(), &leaf_index.to_be_bytes()].concat()
}
