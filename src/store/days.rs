//! The newest day that this store was served by, for whoever judges a clock. Every process records, none takes a day back;
//! only an operator's word does.

use super::{Commit, Refused, Store, committer::Txn, core::Core, engine::Tree};
use crate::clock::{Day, Recorded};
use serde::{Deserialize, Serialize};

const KEY: &[u8] = b"day/newest";

#[derive(Serialize, Deserialize)]
struct Record {
    day: Day,
    confirmed: u64,
}

impl Store {
    /// `None` before the first day was recorded.
    pub fn newest_day(&self) -> Result<Option<Recorded>, Refused> {
        let found: Option<Record> = self.core.records.find(&*self.core.engine, Tree::Meta, KEY)?;
        Ok(found.map(|Record { day, confirmed }| Recorded { day, confirmed }))
    }

    /// Records a day that `known` leads to. If a later one stands there, or an operator's word that `known` did not have, that
    /// stays. Gives what stands there then.
    pub fn record_day(&self, day: Day, known: Option<Recorded>) -> Commit<Recorded> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let found: Option<Record> = core.records.find(txn, Tree::Meta, KEY)?;
            let confirmed = known.map_or(0, |known| known.confirmed);
            match found {
                Some(found) if found.day >= day || found.confirmed != confirmed => {
                    Ok(Recorded { day: found.day, confirmed: found.confirmed })
                }
                _ => core.put_day(txn, Recorded { day, confirmed }),
            }
        })
    }

    /// An operator says that today is this day.
    pub fn confirm_day(&self, day: Day) -> Commit<Recorded> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let found: Option<Record> = core.records.find(txn, Tree::Meta, KEY)?;
            core.put_day(txn, Recorded { day, confirmed: found.map_or(0, |found| found.confirmed) + 1 })
        })
    }
}

impl Core {
    fn put_day(&self, txn: &mut Txn, recorded: Recorded) -> Result<Recorded, Refused> {
        let Recorded { day, confirmed } = recorded;
        self.records.put(txn, Tree::Meta, KEY, &Record { day, confirmed })?;
        Ok(recorded)
    }
}
