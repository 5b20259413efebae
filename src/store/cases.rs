//! The console's door. There is no way from here to an envelope, a share file or a sealed original, and none back to a
//! file that was sent to the reporter.

use super::{Commit, Dossier, FileBytes, FileKind, Refused, Step, Store, TicketHash, Upload, Views};
use crate::{
    award::summary::AwardSummary,
    casework::{Case, CaseSummary},
    evidence::FilesRequest,
    ids::{BlobId, CaseNumber, StaffId},
    policy::Code,
    receipt::Mailbox,
    repeats::Repeat,
};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    pub rows: Vec<CaseSummary>,
    /// How many match in all.
    pub total: usize,
}

/// Who read what, of staff only. Kept as long as `staff_record` in `policy/retention.toml` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailEntry {
    /// Seconds since 1970-01-01T00:00Z; of one that a report was entered by, the first of its day.
    pub at: i64,
    pub by: StaffId,
    /// A code such as `case`, `copy`, `release`.
    pub what: String,
    pub case: Option<CaseNumber>,
    /// The account that was made, changed or locked.
    #[serde(default)]
    pub account: Option<StaffId>,
    /// What of it was changed, in codes: `clerk → investigator`. Empty: nothing to add.
    #[serde(default)]
    pub change: String,
}

/// By what a request names a sealed original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealOf {
    /// SHA-256 of it, as it is stored.
    pub sealed: [u8; 32],
    /// SHA-256 of the envelope whose files section holds its key.
    pub envelope: [u8; 32],
}

/// Which of two rows comes first.
pub type RowOrder<'a> = Box<dyn Fn(&CaseSummary, &CaseSummary) -> Ordering + 'a>;

/// One of several lists that are drawn up together.
pub struct Wanted<'a> {
    pub matches: Box<dyn Fn(&CaseSummary) -> bool + 'a>,
    pub order: RowOrder<'a>,
    pub skip: usize,
    /// 0: only how many there are.
    pub most: usize,
}

pub trait Cases: Views + Send + Sync {
    /// Of the rows that `known` lets through, for each list those that match, in its order, skipping `skip`, at most
    /// `most`. Every row is visited once. The closures run under a short lock.
    fn lists(&self, known: &dyn Fn(&CaseSummary) -> bool, wanted: &[Wanted]) -> Vec<Page>;

    /// One such list of all rows.
    fn select(
        &self,
        matches: &dyn Fn(&CaseSummary) -> bool,
        order: &dyn Fn(&CaseSummary, &CaseSummary) -> Ordering,
        skip: usize,
        most: usize,
    ) -> Page {
        let wanted = Wanted { matches: Box::new(matches), order: Box::new(order), skip, most };
        self.lists(&|_| true, &[wanted]).remove(0)
    }

    /// Visits every row in the order of case numbers: counts for the first page.
    fn each(&self, visit: &mut dyn FnMut(&CaseSummary));

    /// Codes of the bodies that cases say handle them; `None` among them if some say nothing.
    fn bodies(&self) -> Vec<Option<Code>>;

    fn row(&self, number: CaseNumber) -> Option<CaseSummary>;

    fn case(&self, number: CaseNumber) -> Result<Option<Dossier>, Refused>;

    /// Earlier cases that are likely about the same matter, the likeliest first.
    fn repeats(&self, number: CaseNumber) -> Vec<Repeat>;

    /// Lets a member of staff enter one report for somebody else, until that second, with the code of this hash.
    fn issue_ticket(&self, ticket: TicketHash, channel: Code, by: StaffId, until: i64) -> Commit<()>;

    /// Whom messages to this case's reporter are sealed to; `None` while staff know the receipt that opens them.
    fn mailbox(&self, number: CaseNumber) -> Result<Option<Mailbox>, Refused>;

    /// The award in force of every case that has one, in the order of case numbers: what approvers look at.
    fn awards(&self) -> Vec<AwardSummary>;

    /// One move on a case or its award.
    fn change(&self, number: CaseNumber, step: Step) -> Commit<Case>;

    /// Moves on two cases that belong together: both or neither.
    fn change_both(&self, one: (CaseNumber, Step), other: (CaseNumber, Step)) -> Commit<()>;

    /// By what a request names a sealed original: reads it whole, in a blocking task. No way to its bytes.
    fn seal_of(&self, number: CaseNumber, original: BlobId) -> Result<SealOf, Refused>;

    /// A cleaned copy, or an edited one that a second person has looked at; all else is [`Refused::NoSuchFile`] here.
    fn cleaned_copy(&self, number: CaseNumber, blob: BlobId) -> Result<FileBytes, Refused>;

    /// Begins a file to the case's reporter, sealed before it gets here. What is appended and never sent leaves
    /// nothing behind.
    fn begin_sending(&self, number: CaseNumber) -> Result<Upload, Refused>;

    /// Stores what has come so far. Writes to the disk: call it where blocking for a moment is allowed.
    fn keep_sending(&self, upload: &mut Upload, bytes: &[u8]) -> Commit<()>;

    /// One move with the file it sends: one durable unit. The file must have been begun for this case.
    fn send(&self, number: CaseNumber, file: Upload, step: Step) -> Commit<Case>;

    /// Writes over what the files of a deleted report held, and waits for the disk: for a blocking task.
    fn overwrite_removed(&self) -> Result<(), Refused>;

    /// Records a reading and gives its number in the record; await it before showing what was read.
    fn note_read(&self, entry: TrailEntry) -> Commit<u64>;

    /// The latest `most` entries since that second, newest first.
    fn trail_since(&self, at: i64, most: usize) -> Result<Vec<TrailEntry>, Refused>;

    /// The latest `most` entries that match, newest first, each with its number.
    fn trail(
        &self,
        matches: &dyn Fn(u64, &TrailEntry) -> bool,
        most: usize,
    ) -> Result<Vec<(u64, TrailEntry)>, Refused>;
}

impl Cases for Store {
    fn lists(&self, known: &dyn Fn(&CaseSummary) -> bool, wanted: &[Wanted]) -> Vec<Page> {
        self.core.rows(|rows| {
            let mut lists: Vec<First> = wanted.iter().map(First::of).collect();
            for row in rows.values().map(|row| &row.summary) {
                // Asked at most once a row, and only of one that some list wants.
                let mut is_known = None;
                for list in &mut lists {
                    if (list.wanted.matches)(row) && *is_known.get_or_insert_with(|| known(row)) {
                        list.take(row);
                    }
                }
            }
            lists.into_iter().map(First::page).collect()
        })
    }

    fn each(&self, visit: &mut dyn FnMut(&CaseSummary)) {
        self.core.rows(|rows| rows.values().for_each(|row| visit(&row.summary)));
    }

    fn bodies(&self) -> Vec<Option<Code>> {
        self.core.bodies()
    }

    fn row(&self, number: CaseNumber) -> Option<CaseSummary> {
        self.core.follow_if_possible();
        self.core.row(number).map(|row| row.summary)
    }

    fn case(&self, number: CaseNumber) -> Result<Option<Dossier>, Refused> {
        self.find_dossier(number)
    }

    fn repeats(&self, number: CaseNumber) -> Vec<Repeat> {
        self.core.repeats_of(number)
    }

    fn issue_ticket(&self, ticket: TicketHash, channel: Code, by: StaffId, until: i64) -> Commit<()> {
        self.put_ticket(ticket, channel, by, until)
    }

    fn mailbox(&self, number: CaseNumber) -> Result<Option<Mailbox>, Refused> {
        let Some(row) = self.core.row(number) else { return Ok(None) };
        if self.dossier(row.report)?.is_none_or(|dossier| dossier.case.awaits_reporter()) {
            return Ok(None);
        }
        Ok(self.core.records.report(&*self.core.engine, row.report)?.map(|record| record.mailbox))
    }

    fn awards(&self) -> Vec<AwardSummary> {
        self.core.awards()
    }

    fn change(&self, number: CaseNumber, step: Step) -> Commit<Case> {
        self.change_number(number, step)
    }

    fn change_both(&self, one: (CaseNumber, Step), other: (CaseNumber, Step)) -> Commit<()> {
        let core = self.core.clone();
        let (Some(first), Some(second)) = (core.row(one.0), core.row(other.0)) else {
            return Commit::ready(Err(Refused::NoSuchCase));
        };
        if first.report == second.report {
            return Commit::ready(Err(Refused::OtherCase));
        }
        self.committer.commit(move |txn| {
            core.change(txn, first.report, one.1)?;
            core.change(txn, second.report, other.1).map(drop)
        })
    }

    fn seal_of(&self, number: CaseNumber, original: BlobId) -> Result<SealOf, Refused> {
        let row = self.core.row(number).ok_or(Refused::NoSuchCase)?;
        let file = self.open_file(row.report, original)?;
        let FileKind::Original { sequence } = file.record().kind else { return Err(Refused::NoSuchFile) };
        let record = self.core.records.report(&*self.core.engine, row.report)?;
        let record = record.ok_or(Refused::NoSuchReport)?;
        let envelope = record.sealed.get(usize::from(sequence)).ok_or(Refused::NoSuchFile)?.hash;
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        for chunk in file {
            hash.update(&chunk?);
        }
        let mut sealed = [0; 32];
        sealed.copy_from_slice(hash.finish().as_ref());
        Ok(SealOf { sealed, envelope })
    }

    fn cleaned_copy(&self, number: CaseNumber, blob: BlobId) -> Result<FileBytes, Refused> {
        let row = self.core.row(number).ok_or(Refused::NoSuchCase)?;
        let case = self.dossier(row.report)?.ok_or(Refused::NoSuchCase)?.case;
        let waits = |request: &FilesRequest| {
            request.copies().iter().any(|copy| copy.blob == blob && copy.checked.is_none())
        };
        if case.evidence.iter().any(waits) {
            return Err(Refused::NoSuchFile);
        }
        let file = self.open_file(row.report, blob)?;
        match file.record().kind {
            FileKind::Cleaned { .. } => Ok(file),
            FileKind::Original { .. } | FileKind::ToReporter => Err(Refused::NoSuchFile),
        }
    }

    fn begin_sending(&self, number: CaseNumber) -> Result<Upload, Refused> {
        let row = self.core.row(number).ok_or(Refused::NoSuchCase)?;
        self.begin_upload(row.report, FileKind::ToReporter)
    }

    fn keep_sending(&self, upload: &mut Upload, bytes: &[u8]) -> Commit<()> {
        Commit::ready(self.append_upload(upload, bytes))
    }

    fn send(&self, number: CaseNumber, file: Upload, step: Step) -> Commit<Case> {
        match self.core.row(number) {
            Some(row) if file.is_of(row.report, &FileKind::ToReporter) => {
                self.attach_uploads(vec![file], step)
            }
            Some(_) => Commit::ready(Err(Refused::NoSuchFile)),
            None => Commit::ready(Err(Refused::NoSuchCase)),
        }
    }

    fn overwrite_removed(&self) -> Result<(), Refused> {
        self.core.overwrite_removed()
    }

    fn note_read(&self, entry: TrailEntry) -> Commit<u64> {
        let core = self.core.clone();
        self.committer.commit(move |txn| core.note(txn, &entry))
    }

    fn trail_since(&self, at: i64, most: usize) -> Result<Vec<TrailEntry>, Refused> {
        let mut found = Vec::new();
        for number in (1..=self.core.last_entry()?).rev().take(most) {
            match self.core.entry_numbered(number)? {
                Some(entry) if entry.at >= at => found.push(entry),
                // It may be later than it says.
                Some(entry) if entry.has_day_alone() => {}
                Some(_) => break,
                None => {}
            }
        }
        Ok(found)
    }

    fn trail(
        &self,
        matches: &dyn Fn(u64, &TrailEntry) -> bool,
        most: usize,
    ) -> Result<Vec<(u64, TrailEntry)>, Refused> {
        let mut found = Vec::new();
        for number in (1..=self.core.last_entry()?).rev() {
            let entry = self.core.entry_numbered(number)?.filter(|entry| matches(number, entry));
            found.extend(entry.map(|entry| (number, entry)));
            if found.len() >= most {
                break;
            }
        }
        Ok(found)
    }
}

/// The first rows of a list, and no more of it than that: at 100,000 rows most are passed over by one comparison.
struct First<'r, 'w> {
    wanted: &'r Wanted<'w>,
    end: usize,
    rows: Vec<&'r CaseSummary>,
    /// What is not before this one does not come in.
    last: Option<&'r CaseSummary>,
    total: usize,
}

impl<'r, 'w> First<'r, 'w> {
    fn of(wanted: &'r Wanted<'w>) -> Self {
        let end = if wanted.most == 0 { 0 } else { wanted.skip.saturating_add(wanted.most) };
        Self { wanted, end, rows: Vec::new(), last: None, total: 0 }
    }

    fn take(&mut self, row: &'r CaseSummary) {
        self.total += 1;
        let comes_in = |last| by(&self.wanted.order, row, last).is_lt();
        if self.end == 0 || !self.last.is_none_or(comes_in) {
            return;
        }
        self.rows.push(row);
        if self.rows.len() == self.end.saturating_mul(2) {
            let (_, last, _) =
                self.rows.select_nth_unstable_by(self.end - 1, |a, b| by(&self.wanted.order, a, b));
            self.last = Some(*last);
            self.rows.truncate(self.end);
        }
    }

    fn page(mut self) -> Page {
        self.rows.sort_unstable_by(|a, b| by(&self.wanted.order, a, b));
        let rows = self.rows.into_iter().take(self.end).skip(self.wanted.skip).cloned().collect();
        Page { rows, total: self.total }
    }
}

/// Ties by number, so that pages neither repeat nor skip a row.
fn by(order: &dyn Fn(&CaseSummary, &CaseSummary) -> Ordering, a: &CaseSummary, b: &CaseSummary) -> Ordering {
    order(a, b).then(a.number.cmp(&b.number))
}
