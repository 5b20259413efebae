//! Months that are over while somebody is served. Their keys are destroyed by hand (docs/operations, 3), which nobody may be
//! quick about; until then what lies under them is shown to nobody, and whoever watches over the server reads that they wait.

use super::{Month, Refused, Sight, Store, core::Core, engine::Tree};
use crate::{
    clock::{Clock, Day},
    ids::ReportId,
};
use std::{collections::BTreeSet, fmt, sync::Arc};

/// Months whose keys wait to be destroyed, the oldest first; never none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue(Vec<Month>);

impl Overdue {
    pub fn months(&self) -> &[Month] {
        &self.0
    }
}

impl fmt::Display for Overdue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: Vec<String> = self.0.iter().take(6).map(Month::to_string).collect();
        let more = if self.0.len() > named.len() { " and later" } else { "" };
        write!(
            f,
            "the keys of {}{more} are still there, though the time of what lies under them is over: it is shown to nobody, and whoever has disk and keys, or a backup and keys, can read it. Compare with a calendar, then destroy them in every copy (docs/operations.md, Forgetting)",
            named.join(", ")
        )
    }
}

impl Store {
    /// From now on a month that is over by this clock is forgotten for whoever is served, once the clock is sure of the day, as
    /// if its key were destroyed. Its key stays where it is. The first clock stays.
    pub fn serve_by(&self, clock: Arc<dyn Clock>) {
        self.core.records.retention.serve_by(clock);
    }

    /// The month that it is, by the last day that clock was sure of.
    pub fn sure_month(&self) -> Option<Month> {
        self.core.records.retention.sure_day().map(Month::of)
    }

    /// Takes cases of months that have ended out of the lists, as if they had been forgotten when the store was opened; how
    /// many. Reads every data key's month: for a blocking task, once a month.
    pub fn drop_ended(&self) -> Result<usize, Refused> {
        self.core.drop_ended()
    }

    /// By the last day that clock was sure of.
    pub fn overdue(&self) -> Result<Option<Overdue>, Refused> {
        self.core.records.retention.sure_day().map_or(Ok(None), |day| self.overdue_on(day))
    }

    /// For a command that knows the day and serves nobody.
    pub fn overdue_on(&self, day: Day) -> Result<Option<Overdue>, Refused> {
        let months = self.core.records.retention.overdue(day)?;
        Ok(Some(Overdue(months)).filter(|overdue| !overdue.0.is_empty()))
    }
}

impl Core {
    fn drop_ended(&self) -> Result<usize, Refused> {
        if self.sight == Sight::One {
            return Ok(0);
        }
        let mut ended = BTreeSet::new();
        for entry in self.engine.scan(Tree::DataKeys, &[], &[]) {
            let (key, wrapped) = entry?;
            let Ok(report) = <[u8; 16]>::try_from(key.as_slice()).map(ReportId::from_bytes) else { continue };
            // A damaged one was told of when the store was opened.
            let month = self.records.vault.month_of(&key, &wrapped);
            if month.is_ok_and(|month| self.records.retention.has_ended(month)) {
                ended.insert(report);
            }
        }
        let mut dropped = 0;
        self.shown_mut(|shown| dropped = shown.drop_reports(&ended));
        Ok(dropped)
    }
}
