//! The office's door: claimed awards, releases, and the sealed parts of a package. Nothing here is opened.

use super::{
    Cases, Commit, Dossier, FileBytes, FileKind, FileRecord, Refused, Step, Store, TrailEntry,
    core::package_key, engine::Tree,
};
use crate::{
    award::{record::Award, summary::AwardSummary},
    casework::Case,
    envelope::Envelope,
    ids::{BlobId, CaseNumber},
};

pub trait Rewards: Send + Sync {
    /// The award in force of every case that has one, in the order of case numbers.
    fn awards(&self) -> Vec<AwardSummary>;

    fn dossier(&self, number: CaseNumber) -> Result<Option<Dossier>, Refused>;

    /// One move on the award: publish a release, record an outcome or a payment.
    fn change(&self, number: CaseNumber, step: Step) -> Commit<Case>;

    /// The envelopes an open release covers, in the order they came. [`Refused::NoSuchRelease`] while none
    /// stands in the log.
    fn envelopes(&self, number: CaseNumber) -> Result<Vec<Envelope>, Refused>;

    /// Keeps the package of the open release and gives what is to be handed out: the first one kept, byte
    /// for byte.
    fn keep_package(&self, number: CaseNumber, package: String) -> Commit<String>;

    /// The package kept for the open release.
    fn package(&self, number: CaseNumber) -> Result<Option<String>, Refused>;

    /// The sealed originals of a case.
    fn originals(&self, number: CaseNumber) -> Result<Vec<FileRecord>, Refused>;

    fn original(&self, number: CaseNumber, blob: BlobId) -> Result<FileBytes, Refused>;

    /// Records a reading; await it before showing what was read.
    fn record_reading(&self, entry: TrailEntry) -> Commit<u64>;
}

impl Rewards for Store {
    fn awards(&self) -> Vec<AwardSummary> {
        self.core.awards()
    }

    fn dossier(&self, number: CaseNumber) -> Result<Option<Dossier>, Refused> {
        self.find_dossier(number)
    }

    fn change(&self, number: CaseNumber, step: Step) -> Commit<Case> {
        self.change_number(number, step)
    }

    fn envelopes(&self, number: CaseNumber) -> Result<Vec<Envelope>, Refused> {
        let covered = self.covered(number)?;
        let envelopes = covered.envelopes.iter();
        envelopes.map(|(sequence, _)| self.envelope(&covered.data, covered.report, *sequence)).collect()
    }

    fn keep_package(&self, number: CaseNumber, package: String) -> Commit<String> {
        let core = self.core.clone();
        let Some(report) = core.row(number).map(|row| row.report) else {
            return Commit::ready(Err(Refused::NoSuchCase));
        };
        self.committer.commit(move |txn| {
            let data = core.records.data_key(txn, report)?;
            let dossier = core.dossier(txn, &data, report)?;
            let release = dossier.award().and_then(Award::release).ok_or(Refused::NoSuchRelease)?;
            let key = package_key(report, release.terms.leaf_index);
            if let Some(kept) = core.records.find_of_case(txn, &data, Tree::Packages, &key)? {
                return Ok(kept);
            }
            core.records.put_of_case(txn, &data, Tree::Packages, &key, &package)?;
            Ok(package)
        })
    }

    fn package(&self, number: CaseNumber) -> Result<Option<String>, Refused> {
        let Some(row) = self.core.row(number) else { return Err(Refused::NoSuchCase) };
        let dossier = self.dossier(row.report)?.ok_or(Refused::NoSuchCase)?;
        let release = dossier.award().and_then(Award::release).ok_or(Refused::NoSuchRelease)?;
        let engine = &*self.core.engine;
        let data = self.core.records.data_key(engine, row.report)?;
        let key = package_key(row.report, release.terms.leaf_index);
        self.core.records.find_of_case(engine, &data, Tree::Packages, &key)
    }

    fn originals(&self, number: CaseNumber) -> Result<Vec<FileRecord>, Refused> {
        let mut files = self.files(self.core.row(number).ok_or(Refused::NoSuchCase)?.report)?;
        files.retain(|file| matches!(file.kind, FileKind::Original { .. }));
        Ok(files)
    }

    fn original(&self, number: CaseNumber, blob: BlobId) -> Result<FileBytes, Refused> {
        let file = self.open_file(self.core.row(number).ok_or(Refused::NoSuchCase)?.report, blob)?;
        match file.record().kind {
            FileKind::Original { .. } => Ok(file),
            FileKind::Cleaned { .. } | FileKind::ToReporter => Err(Refused::NoSuchFile),
        }
    }

    fn record_reading(&self, entry: TrailEntry) -> Commit<u64> {
        Cases::note_read(self, entry)
    }
}
