//! Chunks that no file names: of uploads that a crash broke off, and of cases that are forgotten. Where a number is a place
//! (sled) they are free again at the next start; in a database, or an object store, they would stay for ever.

use super::{Refused, Store, core::Core, engine::Tree, objects::Objects};
use crate::{
    clock::{Clock, Day},
    ids::{ObjectId, ReportId},
};
use std::{collections::BTreeSet, sync::atomic::Ordering};

impl Store {
    /// Takes them out; how many. Nothing younger than a day is touched: its file may still be under way. For whoever may
    /// go through the files; reads every file's record, so for a quiet hour. While there is doubt about the day nothing is: months
    /// whose keys are away might only seem to be over.
    pub fn sweep(&self, clock: &dyn Clock) -> Result<usize, Refused> {
        let (core, mut named, today) = (&self.core, None, clock.today());
        if !clock.is_sure() {
            return Ok(0);
        }
        let slots = core.sweep_slots(today, &mut named)?;
        let objects = match core.engine.objects() {
            Some(objects) => core.sweep_objects(objects, &mut named)?,
            None => 0,
        };
        Ok(slots + objects)
    }
}

/// What the files' records name, once it was asked for.
#[derive(Default)]
struct Named {
    slots: BTreeSet<u64>,
    objects: BTreeSet<ObjectId>,
}

impl Core {
    fn sweep_slots(&self, today: Day, named: &mut Option<Named>) -> Result<usize, Refused> {
        let (mut from, mut swept) = (0, 0);
        loop {
            // Before the files: one that is attached meanwhile is younger.
            let old = self.engine.old_slots(from, today)?;
            let Some(last) = old.last() else { return Ok(swept) };
            from = last + 1;
            let used = &self.named(named)?.slots;
            let left: Vec<u64> = old.into_iter().filter(|slot| !used.contains(slot)).collect();
            self.engine.clear_slots(&left)?;
            swept += left.len();
        }
    }

    fn sweep_objects(&self, objects: &Objects, named: &mut Option<Named>) -> Result<usize, Refused> {
        // What was removed since a backup's moment is still in the backup.
        if self.frozen.load(Ordering::SeqCst) {
            return Ok(0);
        }
        // Once more: who has lost it since must not take out what is another store's.
        objects.mark_of(true)?;
        // By the bucket's own clock, which dates what lies in it: ours may be days ahead, and would sweep what is under way.
        let now = objects.day()?;
        let (mut after, mut swept) = (None, 0);
        loop {
            let page = objects.page(after)?;
            let Some(last) = page.last() else { return Ok(swept) };
            after = Some(last.name);
            // Two days by name are one at least by the clock.
            let is_old = |day: Day| day.tomorrow().is_ok_and(|next| next < now);
            let old: Vec<ObjectId> =
                page.into_iter().filter(|listed| is_old(listed.day)).map(|listed| listed.name).collect();
            if old.is_empty() {
                continue;
            }
            let used = &self.named(named)?.objects;
            let left: Vec<ObjectId> = old.into_iter().filter(|name| !used.contains(name)).collect();
            objects.remove(&left)?;
            swept += left.len();
        }
    }

    fn named<'a>(&self, named: &'a mut Option<Named>) -> Result<&'a Named, Refused> {
        match named {
            Some(named) => Ok(named),
            None => Ok(named.insert(self.read_named()?)),
        }
    }

    /// As [`Core::used_slots`], but a record that cannot be read is an error: its file must not be taken for nobody's.
    fn read_named(&self) -> Result<Named, Refused> {
        let engine = &*self.engine;
        let mut named = Named::default();
        for entry in engine.scan(Tree::Files, &[], &[]) {
            let (key, _) = entry?;
            let Some(report) = key.first_chunk().copied().map(ReportId::from_bytes) else { continue };
            // A month that is over, whose key lies there still, may yet turn out not to be.
            let found = self.records.data_key_there(engine, report);
            match found.and_then(|data| self.file(engine, &data, &key)) {
                Ok(record) => {
                    named.slots.extend(record.slots());
                    named.objects.extend(record.objects());
                }
                // Removed meanwhile.
                Err(Refused::NoSuchFile) => {}
                // Destroyed. A key that is missing was lost, and may be found again.
                Err(Refused::Forgotten(_)) => {}
                Err(refused) => return Err(refused),
            }
        }
        Ok(named)
    }
}
