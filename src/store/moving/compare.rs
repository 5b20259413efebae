//! Counts and hashes of both sides, read anew. Of files: what each record says but for where its chunks lie, and every chunk
//! as it is stored.

use super::{MoveRefused, Step, copy::report_of};
use crate::store::{
    Refused, Store,
    at_rest::DataKey,
    core::Core,
    engine::{Engine, Tree},
    files::FileRecord,
    tally::{SLOTS, Sum, Sums, Tally},
};

/// The folder's, and the database's.
pub fn both(from: &Store, to: &dyn Engine, told: &mut dyn FnMut(Step)) -> Result<(Sums, Sums), MoveRefused> {
    let core = &*from.core;
    let mut sums = [Sums::new(), Sums::new()];
    for (engine, sums) in [&*core.engine, to].into_iter().zip(&mut sums) {
        for tree in Tree::ALL {
            told(Step::Comparing { table: tree.name() });
            match tree {
                Tree::Files => {
                    let (files, chunks) = files(core, engine)?;
                    sums.extend([(tree.name().into(), files), (SLOTS.into(), chunks)]);
                }
                tree => {
                    let mut tally = Tally::default();
                    for entry in engine.scan(tree, &[], &[]) {
                        let (key, value) = entry?;
                        tally.add(&key, &value);
                    }
                    sums.insert(tree.name().into(), tally.sum());
                }
            }
        }
    }
    Ok(sums.into())
}

fn files(core: &Core, engine: &dyn Engine) -> Result<(Sum, Sum), MoveRefused> {
    let (mut files, mut chunks) = (Tally::default(), Tally::default());
    for entry in engine.scan(Tree::Files, &[], &[]) {
        let (key, value) = entry?;
        let opened = core.records.data_key(engine, report_of(&key)?);
        match opened.and_then(|data: DataKey| core.file(engine, &data, &key)) {
            Ok(record) => {
                files.add(&key, format!("{:?}", record.lying_at(0)).as_bytes());
                for (index, slot) in record.chunks_in_slots() {
                    chunks.add(&key, &chunk(engine, &record, index, slot)?);
                }
            }
            Err(Refused::Forgotten(_)) => files.add(&key, &value),
            Err(refused) => return Err(refused.into()),
        }
    }
    Ok((files.sum(), chunks.sum()))
}

fn chunk(engine: &dyn Engine, record: &FileRecord, index: u32, slot: u64) -> Result<Vec<u8>, Refused> {
    engine.read_slot(slot, record.sealed_len(index))
}
