//! The office's door: claimed awards, releases, and the sealed parts of a package. Nothing here is opened.

use super::{
    Cases, Commit, Dossier, FileBytes, FileKind, FileRecord, Refused, Released, Step, Store, TrailEntry,
    Upload, core::package_key, engine::Tree,
};
use crate::{
    award::summary::AwardSummary,
    casework::Case,
    clock::Day,
    envelope::Envelope,
    evidence::FilesSummary,
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
    fn envelopes(&self, number: CaseNumber, which: Released) -> Result<Vec<Envelope>, Refused>;

    /// Keeps the package of the open release and gives what is to be handed out: the first one kept, byte
    /// for byte.
    fn keep_package(&self, number: CaseNumber, which: Released, package: String) -> Commit<String>;

    /// The package kept for the open release.
    fn package(&self, number: CaseNumber, which: Released) -> Result<Option<String>, Refused>;

    /// The sealed originals of a case.
    fn originals(&self, number: CaseNumber) -> Result<Vec<FileRecord>, Refused>;

    fn original(&self, number: CaseNumber, blob: BlobId) -> Result<FileBytes, Refused>;

    /// The last request for an original of every case that has one, in the order of case numbers.
    fn requests(&self) -> Vec<FilesSummary>;

    /// The sealed original that enough trustees have given their shares for, as long as the request is good; no other.
    fn released_original(&self, number: CaseNumber, today: Day) -> Result<FileBytes, Refused>;

    /// Begins an edited copy of this media type. What is appended and never put in leaves nothing behind.
    fn begin_copy(&self, number: CaseNumber, media: &str) -> Result<Upload, Refused>;

    /// Stores what has come so far. Writes to the disk: call it where blocking for a moment is allowed.
    fn keep_copy(&self, upload: &mut Upload, bytes: &[u8]) -> Result<(), Refused>;

    /// One step with the copies it puts in: one durable unit. They must have been begun for this case.
    fn put_copies(&self, number: CaseNumber, copies: Vec<Upload>, step: Step) -> Commit<Case>;

    /// An edited copy of the last request, looked at or not.
    fn edited_copy(&self, number: CaseNumber, blob: BlobId) -> Result<FileBytes, Refused>;

    /// Writes over what removed copies held, and waits for the disk: for a blocking task.
    fn overwrite_removed(&self) -> Result<(), Refused>;

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

    fn envelopes(&self, number: CaseNumber, which: Released) -> Result<Vec<Envelope>, Refused> {
        let covered = self.covered(number, which)?;
        let envelopes = covered.envelopes.iter();
        envelopes.map(|(sequence, _)| self.envelope(&covered.data, covered.report, *sequence)).collect()
    }

    fn keep_package(&self, number: CaseNumber, which: Released, package: String) -> Commit<String> {
        let core = self.core.clone();
        let Some(report) = core.row(number).map(|row| row.report) else {
            return Commit::ready(Err(Refused::NoSuchCase));
        };
        self.committer.commit(move |txn| {
            let data = core.records.data_key(txn, report)?;
            let dossier = core.dossier(txn, &data, report)?;
            let key = package_key(report, leaf_of(&dossier, which)?);
            if let Some(kept) = core.records.find_of_case(txn, &data, Tree::Packages, &key)? {
                return Ok(kept);
            }
            core.records.put_of_case(txn, &data, Tree::Packages, &key, &package)?;
            Ok(package)
        })
    }

    fn package(&self, number: CaseNumber, which: Released) -> Result<Option<String>, Refused> {
        let Some(row) = self.core.row(number) else { return Err(Refused::NoSuchCase) };
        let dossier = self.dossier(row.report)?.ok_or(Refused::NoSuchCase)?;
        let engine = &*self.core.engine;
        let data = self.core.records.data_key(engine, row.report)?;
        let key = package_key(row.report, leaf_of(&dossier, which)?);
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

    fn requests(&self) -> Vec<FilesSummary> {
        self.core.requests()
    }

    fn released_original(&self, number: CaseNumber, today: Day) -> Result<FileBytes, Refused> {
        let dossier = self.find_dossier(number)?.ok_or(Refused::NoSuchCase)?;
        let request = dossier.case.evidence.last();
        let request = request.filter(|request| request.is_released(today));
        Rewards::original(self, number, request.ok_or(Refused::NoSuchRelease)?.terms().original)
    }

    fn begin_copy(&self, number: CaseNumber, media: &str) -> Result<Upload, Refused> {
        let row = self.core.row(number).ok_or(Refused::NoSuchCase)?;
        self.begin_upload(row.report, FileKind::Cleaned { media: media.to_owned() })
    }

    fn keep_copy(&self, upload: &mut Upload, bytes: &[u8]) -> Result<(), Refused> {
        self.append_upload(upload, bytes)
    }

    fn put_copies(&self, number: CaseNumber, copies: Vec<Upload>, step: Step) -> Commit<Case> {
        match self.core.row(number) {
            Some(row) if copies.iter().all(|copy| copy.is_cleaned_of(row.report)) => {
                self.attach_uploads(copies, step)
            }
            Some(_) => Commit::ready(Err(Refused::NoSuchFile)),
            None => Commit::ready(Err(Refused::NoSuchCase)),
        }
    }

    fn edited_copy(&self, number: CaseNumber, blob: BlobId) -> Result<FileBytes, Refused> {
        let dossier = self.find_dossier(number)?.ok_or(Refused::NoSuchCase)?;
        let request = dossier.case.evidence.last().ok_or(Refused::NoSuchRelease)?;
        if !request.blobs().any(|copy| copy == blob) {
            return Err(Refused::NoSuchFile);
        }
        self.open_file(dossier.case.report, blob)
    }

    fn overwrite_removed(&self) -> Result<(), Refused> {
        self.core.overwrite_removed()
    }

    fn record_reading(&self, entry: TrailEntry) -> Commit<u64> {
        Cases::note_read(self, entry)
    }
}

/// Where the leaf of the open release stands.
fn leaf_of(dossier: &Dossier, which: Released) -> Result<u64, Refused> {
    let is_released = match which {
        Released::Award(today) => dossier.award().is_some_and(|award| award.is_released(today)),
        Released::Files(today) => {
            dossier.case.evidence.last().is_some_and(|request| request.is_released(today))
        }
    };
    if !is_released {
        return Err(Refused::NoSuchRelease);
    }
    which.opening(dossier).map(|(leaf, _)| leaf).ok_or(Refused::NoSuchRelease)
}
