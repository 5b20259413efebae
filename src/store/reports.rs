//! The portal's door: a report comes in whole, and its reporter comes back with the receipt.

use super::{
    Commit, Dossier, Entry, Refused, ReportRecord, Step, Store, TakeOver, TicketHash,
    core::{AuditRecord, KEPT_FOR_ASKING, MOST_ENVELOPES},
    engine::Tree,
    files::{FileBytes, FileKind, Upload},
    retention::Month,
};
use crate::{
    casework::{Case, State},
    clock::Day,
    envelope::SealedReport,
    ids::{BlobId, CaseNumber, ReportId},
    log::{Event, Leaf},
    policy::Code,
    receipt::{AuditKey, AuthHash, LocatorHash, Mailbox},
    signing::VerifyKey,
};

/// One report, complete. Stored as one durable unit or not at all.
pub struct Submission {
    pub report: ReportId,
    pub locator: LocatorHash,
    pub auth: AuthHash,
    pub audit_key: AuditKey,
    /// Whom staff messages are sealed to.
    pub mailbox: Mailbox,
    /// Checks the claim.
    pub claim_key: VerifyKey,
    pub sealed: SealedReport,
    pub day: Day,
    /// The month after which the report may be forgotten, from `policy/retention.toml`.
    pub forget: Month,
    /// Makes the case once its number is known. Runs on the writer's thread: pure and short.
    pub open_case: Box<dyn FnOnce(CaseNumber) -> Case + Send>,
    /// With which code a member of staff enters it for the reporter. Who that is the store knows, the portal does not.
    pub entry: Option<Entry>,
}

/// What the holder of a receipt finds.
#[derive(Clone, Debug)]
pub struct Found {
    pub report: ReportId,
    /// The receipt it was found with.
    pub receipt: (LocatorHash, AuthHash),
    pub dossier: Dossier,
    /// The case that answers for this one's matter, if it was merged into another.
    pub lead: Option<Case>,
    /// age recipient that originals are sealed to now, and the number of its envelope.
    pub files_recipient: String,
    pub sequence: u8,
    /// Whom staff messages are sealed to, and what checks the claim: both as the receipt gives them.
    pub mailbox: Mailbox,
    pub claim_key: VerifyKey,
    /// Additions that still find a place for their envelope; what is asked for finds some after them.
    pub additions_left: usize,
    /// Where the report's entries stand in the log, by their count. A page that proves them reads them from
    /// the published log, with the key the receipt gives.
    pub log_places: Vec<u64>,
}

impl Found {
    /// The case that answers for the matter: this one, or the one it was merged into.
    pub fn answers(&self) -> &Case {
        let own = &self.dossier.case;
        self.lead.as_ref().filter(|_| own.state == State::MergedInto).unwrap_or(own)
    }
}

pub trait Reports: Send + Sync {
    /// Stores case, envelope, share files, locator, audit key and log leaf. The same report id with the same
    /// locator again changes nothing and gives the same number.
    fn submit(&self, submission: Submission) -> Commit<CaseNumber>;

    /// `None` for unknown and for wrong alike. [`Refused::Stopped`] for one of which nobody knows whether it is durable.
    fn find(&self, locator: &LocatorHash, auth: &AuthHash) -> Result<Option<Found>, Refused>;

    /// Takes a code to enter a report with, once; gives the channel it is for. `now` in Unix seconds.
    fn redeem(&self, ticket: TicketHash, now: i64) -> Commit<Code>;

    /// The reporter's own receipt takes the place of the one that staff issued, which finds nothing from then on. Of
    /// several at once the first wins; the others are [`Refused::NoSuchReport`], as an unknown receipt is.
    fn take_over(&self, taking: TakeOver) -> Commit<()>;

    /// Whatever the reporter does later: adds, withdraws, claims. What is *sent* carries an envelope. The step says by
    /// whose receipt: [`Step::by`].
    fn act(&self, report: ReportId, step: Step) -> Commit<Case>;

    /// Begins a file. What is appended and never attached leaves nothing behind.
    fn begin_file(&self, report: ReportId, kind: FileKind) -> Result<Upload, Refused>;

    /// Stores what has come so far. Writes to the disk: call it where blocking for a moment is allowed.
    fn append(&self, upload: &mut Upload, bytes: &[u8]) -> Commit<()>;

    /// Makes an original, and its cleaned copy if there is one, part of the report, with the move that
    /// says so: one durable unit. By whose receipt, as [`Self::act`].
    fn attach(&self, uploads: Vec<Upload>, step: Step) -> Commit<Case>;

    /// Writes over what removed files held, and waits for the disk: for a blocking task. A stop before it leaves
    /// the sealed bytes where they were until another file takes their place.
    fn overwrite_removed(&self) -> Result<(), Refused>;

    /// Gives an upload up.
    fn abandon(&self, upload: Upload) -> Commit<()>;

    /// A file of staff's to this reporter, as it was sealed; anything else is [`Refused::NoSuchFile`] here.
    fn file_to_reporter(&self, report: ReportId, blob: BlobId) -> Result<FileBytes, Refused>;
}

impl Reports for Store {
    fn submit(&self, submission: Submission) -> Commit<CaseNumber> {
        let core = self.core.clone();
        let report = submission.report;
        let prepared = core.records.retention_key(&*core.engine, submission.forget).and_then(|retention| {
            core.records.vault.draw_data_key(report.as_bytes(), submission.forget, &retention)
        });
        let (data, wrapped) = match prepared {
            Ok(prepared) => prepared,
            Err(refused) => return Commit::ready(Err(refused)),
        };
        self.committer.commit(move |txn| {
            if let Some(stored) = core.records.report(txn, report)? {
                return if stored.locator == submission.locator {
                    Ok(stored.number)
                } else {
                    Err(Refused::ReportIdTaken)
                };
            }
            if core.records.located(txn, &submission.locator)?.is_some() {
                return Err(Refused::LocatorTaken);
            }
            let year = submission.day.year().unsigned_abs();
            let serial = core.records.count(txn, &format!("serial/{year}"))?;
            let number = CaseNumber { year, serial: u32::try_from(serial).map_err(|_| Refused::LogFull)? };
            // Counters only grow; one that was put back would give a case's number away a second time.
            if core.known_row(number).is_some() {
                return Err(Refused::Damaged { tree: Tree::Meta.name(), key: format!("serial/{year}") });
            }
            let mut case = (submission.open_case)(number);
            if case.number != number || case.report != report {
                return Err(Refused::OtherCase);
            }
            if let Some(entry) = &submission.entry {
                case.entered = Some(core.spend_ticket(txn, entry, number)?);
            }
            case.sketch = core.sketch(&case);
            core.records.mark_month(txn, submission.forget)?;
            txn.put(Tree::DataKeys, *report.as_bytes(), wrapped);
            let mut record = ReportRecord {
                number,
                locator: submission.locator,
                auth: submission.auth,
                mailbox: submission.mailbox,
                claim_key: submission.claim_key,
                day: submission.day,
                sealed: Vec::new(),
                handover: None,
            };
            core.put_sealed(txn, &data, report, &mut record, &submission.sealed)?;
            core.records.put_report(txn, &data, report, &record)?;
            core.records.put(txn, Tree::Locators, &submission.locator.0, &report)?;
            let audit = AuditRecord { key: submission.audit_key, places: Vec::new(), before: None };
            core.records.put_of_case(txn, &data, Tree::Audit, report.as_bytes(), &audit)?;
            core.append_leaf_of(txn, &data, report, &Leaf::plain(Event::Received, submission.day))?;
            core.put_dossier(txn, &data, &Dossier { case, awards: Vec::new() })?;
            Ok(number)
        })
    }

    fn find(&self, locator: &LocatorHash, auth: &AuthHash) -> Result<Option<Found>, Refused> {
        self.committer.doubt.pass(&locator.0)?;
        let engine = &*self.core.engine;
        let Some(report) = self.core.records.located(engine, locator)? else { return Ok(None) };
        let Some((record, data)) = self.core.records.report_and_key(engine, report)? else { return Ok(None) };
        if record.auth != *auth {
            return Ok(None);
        }
        let Some(latest) = record.sealed.last() else { return Ok(None) };
        let dossier = self.core.dossier(engine, &data, report)?;
        let lead = match dossier.case.merged_into {
            Some(lead) => match self.core.tied(&dossier.case, lead).map(|report| self.dossier(report)) {
                // Forgotten before this one: then this one speaks for itself.
                None | Some(Err(Refused::Forgotten(_))) => None,
                Some(found) => found?.map(|dossier| dossier.case),
            },
            None => None,
        };
        Ok(Some(Found {
            lead,
            report,
            receipt: (*locator, *auth),
            dossier,
            files_recipient: latest.files_recipient.clone(),
            sequence: u8::try_from(record.sealed.len() - 1).unwrap_or(u8::MAX),
            mailbox: record.mailbox,
            claim_key: record.claim_key,
            additions_left: (MOST_ENVELOPES - KEPT_FOR_ASKING - 2).saturating_sub(record.sealed.len()),
            log_places: self.core.audit(engine, &data, report)?.places,
        }))
    }

    fn redeem(&self, ticket: TicketHash, now: i64) -> Commit<Code> {
        self.redeem_ticket(ticket, now)
    }

    fn take_over(&self, taking: TakeOver) -> Commit<()> {
        self.hand_over(taking)
    }

    fn act(&self, report: ReportId, step: Step) -> Commit<Case> {
        self.change(report, step)
    }

    fn begin_file(&self, report: ReportId, kind: FileKind) -> Result<Upload, Refused> {
        self.begin_upload(report, kind)
    }

    fn append(&self, upload: &mut Upload, bytes: &[u8]) -> Commit<()> {
        Commit::ready(self.append_upload(upload, bytes))
    }

    fn attach(&self, uploads: Vec<Upload>, step: Step) -> Commit<Case> {
        self.attach_uploads(uploads, step)
    }

    fn overwrite_removed(&self) -> Result<(), Refused> {
        self.core.overwrite_removed()
    }

    fn abandon(&self, upload: Upload) -> Commit<()> {
        drop(upload);
        Commit::ready(Ok(()))
    }

    fn file_to_reporter(&self, report: ReportId, blob: BlobId) -> Result<FileBytes, Refused> {
        let file = self.open_file(report, blob)?;
        match file.record().kind {
            FileKind::ToReporter => Ok(file),
            FileKind::Original { .. } | FileKind::Cleaned { .. } => Err(Refused::NoSuchFile),
        }
    }
}
