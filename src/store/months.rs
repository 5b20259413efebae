//! Before anything is read: whether a month's key is missing that was not destroyed. Without it that month's cases would look
//! forgotten, their files would be written over, and whoever copies the store or changes its keys would leave them behind.

use super::{
    OpenRefused, Refused, Store,
    at_rest::month_before,
    engine::Tree,
    records::{MONTH_IN_USE, month_in_use},
    retention::Month,
};
use crate::{
    casework::State,
    ids::{CaseNumber, ReportId},
};

/// A case that is forgotten with a month's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forgettable {
    pub number: CaseNumber,
    pub state: State,
    /// Something in it is still worked on.
    pub is_open: bool,
}

impl Store {
    /// Every month the store has used has its key, or is over, or was destroyed on purpose.
    pub(super) fn check_months(&self) -> Result<(), OpenRefused> {
        let retention = &self.core.records.retention;
        let mut months = Vec::new();
        for month in self.months_used()? {
            if retention.is_missing(month)? {
                months.push(month);
            }
        }
        if months.is_empty() {
            return Ok(());
        }
        Err(OpenRefused::MonthsMissing { folder: retention.folder().to_owned(), months })
    }

    /// What destroying this month's key would forget, in the order of case numbers. Reads every data key's month.
    pub fn forgotten_with(&self, month: Month) -> Result<Vec<Forgettable>, Refused> {
        let (core, mut found) = (&self.core, Vec::new());
        for entry in core.engine.scan(Tree::DataKeys, &[], &[]) {
            let (key, wrapped) = entry?;
            if core.records.vault.month_of(&key, &wrapped)? != month {
                continue;
            }
            let Ok(report) = <[u8; 16]>::try_from(key.as_slice()).map(ReportId::from_bytes) else { continue };
            let dossier = core.read_dossier(report)?;
            let case = &dossier.case;
            found.push(Forgettable {
                number: case.number,
                state: case.state,
                is_open: !dossier.is_at_rest(),
            });
        }
        found.sort_unstable_by_key(|case| case.number);
        Ok(found)
    }

    /// How many entries of the staff record go with it.
    pub fn entries_forgotten_with(&self, month: Month) -> Result<usize, Refused> {
        let mut found = 0;
        for entry in self.core.engine.scan(Tree::Trail, &[], &[]) {
            let (_, value) = entry?;
            found += usize::from(month_before(&value).is_some_and(|(of, _)| of == month));
        }
        Ok(found)
    }

    fn months_used(&self) -> Result<Vec<Month>, Refused> {
        let core = &self.core;
        let marks: Result<Vec<_>, _> = core.engine.scan(Tree::Meta, MONTH_IN_USE.as_bytes(), &[]).collect();
        if let Ok(marks) = marks {
            let month = |key: &[u8]| std::str::from_utf8(key).ok()?.strip_prefix(MONTH_IN_USE)?.parse().ok();
            return Ok(marks.iter().filter_map(|(key, _)| month(key)).collect());
        }
        // A face's database role lists nothing, and reads what it can name.
        let mut used = Vec::new();
        for month in core.records.retention.months_to_come() {
            if core.engine.get(Tree::Meta, &month_in_use(month))?.is_some() {
                used.push(month);
            }
        }
        Ok(used)
    }
}
