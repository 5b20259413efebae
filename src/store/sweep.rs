//! Chunks that no file names: of uploads that a crash broke off, and of cases that are forgotten. Where a number is a place
//! (sled) they are free again at the next start; in a database they would stay for ever.

use super::{Refused, Store, core::Core, engine::Tree};
use crate::{clock::Day, ids::ReportId};
use std::collections::BTreeSet;

impl Store {
    /// Takes them out; how many. Nothing younger than a day is touched: its file may still be under way. For whoever may
    /// go through the files; reads every file's record, so for a quiet hour.
    pub fn sweep(&self, today: Day) -> Result<usize, Refused> {
        let core = &self.core;
        let (mut from, mut used, mut swept) = (0, None, 0);
        loop {
            // Before the files: one that is attached meanwhile is younger.
            let old = core.engine.old_slots(from, today)?;
            let Some(last) = old.last() else { return Ok(swept) };
            from = last + 1;
            let used = match &used {
                Some(used) => used,
                None => used.insert(core.named_slots(today)?),
            };
            let left: Vec<u64> = old.into_iter().filter(|slot| !used.contains(slot)).collect();
            core.engine.clear_slots(&left)?;
            swept += left.len();
        }
    }
}

impl Core {
    /// As [`Core::used_slots`], but a record that cannot be read is an error: its file must not be taken for nobody's.
    fn named_slots(&self, today: Day) -> Result<BTreeSet<u64>, Refused> {
        let engine = &*self.engine;
        let mut named = BTreeSet::new();
        for entry in engine.scan(Tree::Files, &[], &[]) {
            let (key, _) = entry?;
            let Some(report) = key.first_chunk().copied().map(ReportId::from_bytes) else { continue };
            match self.records.data_key(engine, report).and_then(|data| self.file(engine, &data, &key)) {
                Ok(record) => named.extend(record.slots()),
                // Removed meanwhile.
                Err(Refused::NoSuchFile) => {}
                // Its time had come. A key that is missing before that was lost, and may be found again.
                Err(Refused::Forgotten(month)) if month.last_day() < today => {}
                Err(refused) => return Err(refused),
            }
        }
        Ok(named)
    }
}
