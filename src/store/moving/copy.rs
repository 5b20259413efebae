//! Writing what is not there yet, in the order of the keys, some records at a time. Memory, whatever the store holds: [`GROUP`]
//! and one record of those, [`CHUNKS`] of files, a page of what is there already.

use super::{MoveRefused, Step};
use crate::{
    ids::ReportId,
    store::{
        Refused, Store,
        core::Core,
        engine::{Engine, Tree, Writes},
        tally::SLOTS,
    },
};
use rand::RngExt;

/// Bytes written at once.
const GROUP: usize = 1 << 20;
/// Chunks written at once.
const CHUNKS: usize = 32;

pub fn copy(from: &Store, to: &dyn Engine, told: &mut dyn FnMut(Step)) -> Result<(), MoveRefused> {
    for tree in Tree::ALL.into_iter().filter(|tree| *tree != Tree::Files) {
        copy_tree(&*from.core.engine, to, tree, told)?;
    }
    copy_files(from, to, told)
}

fn copy_tree(
    from: &dyn Engine,
    to: &dyn Engine,
    tree: Tree,
    told: &mut dyn FnMut(Step),
) -> Result<(), MoveRefused> {
    let (table, of) = (tree.name(), from.count(tree)?);
    let mut there = to.scan(tree, &[], &[]).peekable();
    let mut writes = Writes::default();
    for (done, entry) in (1..).zip(from.scan(tree, &[], &[])) {
        let (key, value) = entry?;
        match there.next_if(|found| found.as_ref().map_or(true, |(held, _)| *held <= key)).transpose()? {
            // Written by an earlier try.
            Some((held, kept)) if held == key && kept == value => {}
            Some((held, _)) => {
                return Err(MoveRefused::OtherValue { table, key: hex::encode(held) });
            }
            None => writes.set(tree, key, Some(value)),
        }
        if writes.bytes() >= GROUP {
            to.apply(&std::mem::take(&mut writes))?;
        }
        if done % 64 == 0 || done == of {
            told(Step::Copied { table, done, of });
        }
    }
    if !writes.is_empty() {
        to.apply(&writes)?;
    }
    match there.next().transpose()? {
        None => Ok(()),
        Some((held, _)) => Err(MoveRefused::OtherValue { table, key: hex::encode(held) }),
    }
}

/// Each file's chunks into slots of fresh numbers (what lies in an object store stays there), then its record: chunks that no record names are swept some day.
fn copy_files(from: &Store, to: &dyn Engine, told: &mut dyn FnMut(Step)) -> Result<(), MoveRefused> {
    let (core, table) = (&from.core, SLOTS);
    let here = &*core.engine;
    let of = chunks(core)?;
    let mut done = 0;
    for entry in here.scan(Tree::Files, &[], &[]) {
        let (key, value) = entry?;
        let mut writes = Writes::default();
        let report = report_of(&key)?;
        match core.records.data_key(here, report).and_then(|data| Ok((core.file(here, &data, &key)?, data))) {
            Ok((record, data)) => {
                let is_there = to.get(Tree::Files, &key)?.is_some();
                let first = rand::rng().random::<u64>() >> 2;
                let mut batch = Vec::with_capacity(CHUNKS);
                for (new, (index, slot)) in (first..).zip(record.chunks_in_slots()) {
                    done += 1;
                    if !is_there {
                        batch.push((new, here.read_slot(slot, record.sealed_len(index))?));
                    }
                    if batch.len() == CHUNKS {
                        to.write_slots(&std::mem::take(&mut batch))?;
                        told(Step::Copied { table, done, of });
                    }
                }
                if is_there {
                    continue;
                }
                to.write_slots(&batch)?;
                let value = core.records.seal_of_case(&data, Tree::Files, &key, &record.lying_at(first))?;
                writes.set(Tree::Files, key, Some(value));
            }
            // Nobody can read it any more, and its chunks are nobody's.
            Err(Refused::Forgotten(_)) if to.get(Tree::Files, &key)?.is_none() => {
                writes.set(Tree::Files, key, Some(value));
            }
            Err(Refused::Forgotten(_)) => continue,
            Err(refused) => return Err(refused.into()),
        }
        to.apply(&writes)?;
        told(Step::Copied { table, done, of });
    }
    Ok(())
}

/// How many there are to copy.
fn chunks(core: &Core) -> Result<u64, Refused> {
    let here = &*core.engine;
    let mut count = 0;
    for entry in here.scan(Tree::Files, &[], &[]) {
        let (key, _) = entry?;
        match core.records.data_key(here, report_of(&key)?).and_then(|data| core.file(here, &data, &key)) {
            Ok(record) => count += record.chunks(),
            Err(Refused::Forgotten(_)) => {}
            Err(refused) => return Err(refused),
        }
    }
    Ok(count)
}

pub fn report_of(key: &[u8]) -> Result<ReportId, Refused> {
    let id = key.first_chunk().copied().map(ReportId::from_bytes);
    id.ok_or_else(|| Refused::Damaged { tree: Tree::Files.name(), key: hex::encode(key) })
}
