//! The trustees' door: releases that wait, one's own share files, and the place to leave a share.

use super::{
    Commit, Dossier, Place, Refused, SealedRecord, Step, Store,
    at_rest::DataKey,
    core::{envelope_key, share_key},
    engine::Tree,
    records::missing,
};
use crate::{
    award::{handover::Handover, record::Award, release::Deposit, summary::AwardSummary},
    casework::Permission,
    clock::Day,
    envelope::Envelope,
    evidence::{FilesRequest, FilesSummary},
    ids::{CaseNumber, ReportId, StaffId},
    lock::ShareFile,
    policy::ActsApart,
    recipients::{Places, RecipientSet},
};
use std::sync::Arc;

/// One trustee's share file of one envelope.
#[derive(Clone, Debug)]
pub struct ShareOf {
    /// SHA-256 of the envelope it belongs to.
    pub envelope: [u8; 32],
    pub file: ShareFile,
    /// The recipient set it was sealed to.
    pub set_number: u32,
}

pub trait Trustees: Send + Sync {
    /// The award in force of every case that has one; those whose release is published wait for shares.
    fn awards(&self) -> Vec<AwardSummary>;

    /// The award in force: its trace, approvals and release.
    fn award(&self, number: CaseNumber) -> Result<Option<Award>, Refused>;

    /// One trustee's share files of the envelopes an open release covers, in their order; `places` says where that
    /// trustee stands in each set. [`Refused::NoSuchRelease`] while none stands in the log, [`Refused::NotOfThatSet`]
    /// where an envelope was sealed to a set this trustee was not in with today's keys.
    fn share_files(
        &self,
        number: CaseNumber,
        which: Released,
        places: &Places,
    ) -> Result<Vec<ShareOf>, Refused>;

    /// How the receipt that staff issued gave way to the reporter's own; `None` where it was theirs from the start.
    fn handover(&self, number: CaseNumber) -> Result<Option<Handover>, Refused>;

    /// Checks and keeps a trustee's share. [`Refused::Files`] if policy keeps giving it apart from what `by` has done here.
    fn deposit(
        &self,
        number: CaseNumber,
        deposit: Deposit,
        by: (StaffId, ActsApart),
        set: Arc<RecipientSet>,
        today: Day,
    ) -> Commit<()>;

    /// The last request for an original of every case that has one; those whose opening is published wait for shares.
    fn requests(&self) -> Vec<FilesSummary>;

    /// The last request for an original.
    fn request(&self, number: CaseNumber) -> Result<Option<FilesRequest>, Refused>;

    /// Where the report's leaves stand in the log, by their count.
    fn leaves(&self, number: CaseNumber) -> Result<Vec<u64>, Refused>;

    /// As [`Trustees::deposit`], for the opening of an original, by the member of staff who hands it in.
    fn deposit_files(
        &self,
        number: CaseNumber,
        deposit: Deposit,
        by: (StaffId, ActsApart),
        set: Arc<RecipientSet>,
        today: Day,
    ) -> Commit<()>;
}

impl Trustees for Store {
    fn awards(&self) -> Vec<AwardSummary> {
        self.core.awards()
    }

    fn award(&self, number: CaseNumber) -> Result<Option<Award>, Refused> {
        Ok(self.find_dossier(number)?.and_then(|mut dossier| dossier.awards.pop()))
    }

    fn share_files(
        &self,
        number: CaseNumber,
        which: Released,
        places: &Places,
    ) -> Result<Vec<ShareOf>, Refused> {
        let engine = &*self.core.engine;
        let covered = self.covered(number, which)?;
        let mut found = Vec::new();
        for (sequence, sealed) in covered.envelopes {
            let place = places.of(sealed.set_number).ok_or(Refused::NotOfThatSet(sealed.set_number))?;
            let key = share_key(covered.report, sequence, place);
            let value = engine.get(Tree::Shares, &key)?.ok_or_else(|| missing(Tree::Shares, &key))?;
            let bytes = self.core.records.vault.open_case(&covered.data, Tree::Shares, &key, &value)?;
            let file = ShareFile::parse(&bytes)
                .map_err(|_| Refused::Damaged { tree: Tree::Shares.name(), key: hex::encode(&key) })?;
            found.push(ShareOf { envelope: sealed.hash, file, set_number: sealed.set_number });
        }
        Ok(found)
    }

    fn handover(&self, number: CaseNumber) -> Result<Option<Handover>, Refused> {
        let report = self.core.row(number).ok_or(Refused::NoSuchCase)?.report;
        let record = self.core.records.report(&*self.core.engine, report)?;
        Ok(record.ok_or(Refused::NoSuchReport)?.handover)
    }

    fn deposit(
        &self,
        number: CaseNumber,
        deposit: Deposit,
        (by, apart): (StaffId, ActsApart),
        set: Arc<RecipientSet>,
        today: Day,
    ) -> Commit<()> {
        let change = move |dossier: &mut Dossier, _: &Place| {
            dossier.apart(&by, Permission::ReleaseShare, &apart)?;
            let award = dossier.awards.last_mut().ok_or(Refused::NoSuchRelease)?;
            *award = award.deposit(deposit, &by, &set, today)?;
            Ok(None)
        };
        let core = self.core.clone();
        let Some(row) = core.row(number) else { return Commit::ready(Err(Refused::NoSuchCase)) };
        let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
        self.committer.commit(move |txn| core.change(txn, row.report, step).map(drop))
    }

    fn requests(&self) -> Vec<FilesSummary> {
        self.core.requests()
    }

    fn request(&self, number: CaseNumber) -> Result<Option<FilesRequest>, Refused> {
        Ok(self.find_dossier(number)?.and_then(|mut dossier| dossier.case.evidence.pop()))
    }

    fn leaves(&self, number: CaseNumber) -> Result<Vec<u64>, Refused> {
        let engine = &*self.core.engine;
        let report = self.core.row(number).ok_or(Refused::NoSuchCase)?.report;
        let data = self.core.records.data_key(engine, report)?;
        Ok(self.core.audit(engine, &data, report)?.places)
    }

    fn deposit_files(
        &self,
        number: CaseNumber,
        deposit: Deposit,
        (by, apart): (StaffId, ActsApart),
        set: Arc<RecipientSet>,
        today: Day,
    ) -> Commit<()> {
        let change = move |dossier: &mut Dossier, _: &Place| {
            let by = dossier.apart(&by, Permission::ReleaseShare, &apart)?;
            let request = dossier.case.evidence.last_mut().ok_or(Refused::NoSuchRelease)?;
            *request = request.deposit(deposit, &by, &set, today)?;
            dossier.case.version += 1;
            Ok(None)
        };
        let core = self.core.clone();
        let Some(row) = core.row(number) else { return Commit::ready(Err(Refused::NoSuchCase)) };
        let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
        self.committer.commit(move |txn| core.change(txn, row.report, step).map(drop))
    }
}

/// Which release of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// Of the award in force, if its release is still good on this day.
    Award(Day),
    /// Of the last request for an original, if it is still good on this day.
    Files(Day),
}

impl Released {
    /// Where the leaf of what is open stands, and the envelopes it covers.
    pub(super) fn opening(self, dossier: &Dossier) -> Option<(u64, &[String])> {
        match self {
            Self::Award(today) => {
                let release = dossier.award().filter(|award| award.is_open(today))?.release()?;
                Some((release.terms.leaf_index, &release.envelopes))
            }
            Self::Files(today) => {
                let request = dossier.case.evidence.last().filter(|request| request.is_under_way(today));
                let opening = request?.opening()?;
                Some((opening.terms.leaf_index, &opening.envelopes))
            }
        }
    }
}

/// The envelopes an open release covers.
pub(super) struct Covered {
    pub report: ReportId,
    pub data: DataKey,
    /// With their place among the report's envelopes.
    pub envelopes: Vec<(u8, SealedRecord)>,
}

impl Store {
    pub(super) fn covered(&self, number: CaseNumber, which: Released) -> Result<Covered, Refused> {
        let engine = &*self.core.engine;
        let report = self.core.row(number).ok_or(Refused::NoSuchCase)?.report;
        let dossier = self.dossier(report)?.ok_or(Refused::NoSuchCase)?;
        let (index, covers) = which.opening(&dossier).ok_or(Refused::NoSuchRelease)?;
        if index >= self.core.head().size {
            return Err(Refused::NoSuchRelease);
        }
        let found = self.core.records.report_and_key(engine, report)?;
        let (record, data) = found.ok_or(Refused::NoSuchReport)?;
        let mut envelopes: Vec<_> = (0..).zip(record.sealed).collect();
        envelopes.retain(|(_, sealed)| covers.contains(&hex::encode(sealed.hash)));
        Ok(Covered { report, data, envelopes })
    }

    pub(super) fn envelope(
        &self,
        data: &DataKey,
        report: ReportId,
        sequence: u8,
    ) -> Result<Envelope, Refused> {
        let key = envelope_key(report, sequence);
        let value = self.core.engine.get(Tree::Envelopes, &key)?;
        let value = value.ok_or_else(|| missing(Tree::Envelopes, &key))?;
        let bytes = self.core.records.vault.open_case(data, Tree::Envelopes, &key, &value)?;
        Envelope::parse(&bytes)
            .map_err(|_| Refused::Damaged { tree: Tree::Envelopes.name(), key: hex::encode(&key) })
    }
}
