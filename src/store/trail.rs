//! The staff record: what staff read and did, one entry after the other. Each lies under the key of the month until which
//! policy keeps it, and is forgotten with that month, as a case is. None is taken out: of the record no database role can.

use super::{Refused, TrailEntry, committer::Txn, core::Core, engine::Tree};
use crate::{
    clock::{day_of, first_second},
    ids::{CaseNumber, StaffId},
};

/// A report was entered by staff. Of a report no time is kept, so this entry has the day alone: its first second.
const ENTERED: &str = "entered";

impl TrailEntry {
    /// That `by` has entered this case's report, on the day of this second.
    pub(super) fn entered(by: StaffId, case: CaseNumber, at: i64) -> Self {
        let (at, what) = (first_second(day_of(at)), ENTERED.into());
        Self { at, by, what, case: Some(case), account: None, change: String::new() }
    }

    /// Whether [`TrailEntry::at`] says no more than the day.
    pub fn has_day_alone(&self) -> bool {
        self.what == ENTERED
    }
}

impl Core {
    /// Gives the entry's number.
    pub fn note(&self, txn: &mut Txn, entry: &TrailEntry) -> Result<u64, Refused> {
        let number = self.records.count(txn, "trail")?;
        let key = number.to_be_bytes();
        let Some(due) = self.entries_due.get() else {
            self.records.put(txn, Tree::Trail, &key, entry)?;
            return Ok(number);
        };
        // By the day that is served by: a clock that fell back would forget at once what is done meanwhile.
        let mut month = due(self.records.retention.today());
        loop {
            match self.records.put_until(txn, month, Tree::Trail, &key, entry) {
                // Destroyed before its time, on purpose. Nobody's work stands still for that: the next month will do.
                Err(Refused::Forgotten(_)) => month = month.following(),
                put => return put.map(|()| number),
            }
        }
    }

    /// The number of the latest entry; 0: there is none.
    pub fn last_entry(&self) -> Result<u64, Refused> {
        Ok(self.records.find(&*self.engine, Tree::Meta, b"trail")?.unwrap_or(0))
    }

    /// `None`: there is none of this number any more.
    pub fn entry_numbered(&self, number: u64) -> Result<Option<TrailEntry>, Refused> {
        match self.records.find_until(&*self.engine, Tree::Trail, &number.to_be_bytes()) {
            Err(Refused::Forgotten(_)) => Ok(None),
            found => found,
        }
    }
}
