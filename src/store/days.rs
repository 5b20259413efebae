//! The newest day that this store was served by, for whoever judges a clock. Every process records, none takes a day back;
//! only an operator's word does.
//!
//! ```text
//! day/newest = days since 1970-01-01 (8 B, big-endian, in clear) ‖ sealed {"day"}      one from before: the sealed part alone
//! day/confirmed = sealed {"day", "count"}                                              an operator's word
//! ```
//! The number stands before the seal so that a database can refuse a day that has not come; the two must agree. The word lies
//! apart, so that only the role an operator comes with can write it (`postgres/schema`).

use super::{
    Commit, Refused, Store,
    core::{Core, clear_len},
    engine::Tree,
    records::{Source, parse, to_json},
};
use crate::clock::{Day, Recorded};
use serde::{Deserialize, Serialize};

pub(super) const NEWEST: &[u8] = b"day/newest";
pub(super) const CONFIRMED: &[u8] = b"day/confirmed";

#[derive(Serialize, Deserialize)]
struct Newest {
    day: Day,
}

#[derive(Serialize, Deserialize)]
struct Confirmed {
    day: Day,
    count: u64,
}

impl Store {
    /// `None` before the first day was recorded.
    pub fn newest_day(&self) -> Result<Option<Recorded>, Refused> {
        self.core.recorded(&*self.core.engine)
    }

    /// Records a day that `known` leads to. If a later one stands there, or an operator's word that `known` did not have, that
    /// stays; one that cannot be read does not, unless the database reads a later day in front of it. Gives what stands there then.
    pub fn record_day(&self, day: Day, known: Option<Recorded>) -> Commit<Recorded> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let confirmed = known.map_or(0, |known| known.confirmed);
            let confirmed = match core.recorded(txn) {
                Ok(Some(found)) if found.day >= day || found.confirmed != confirmed => return Ok(found),
                Err(Refused::Damaged { .. }) => core.confirmed(txn)?.map_or(0, |confirmed| confirmed.count),
                found => found?.map_or(0, |found| found.confirmed),
            };
            txn.put(Tree::Meta, NEWEST, core.newest_value(day)?);
            Ok::<_, Refused>(Recorded { day, confirmed })
        })
    }

    /// An operator says that today is this day. Also over what cannot be read.
    pub fn confirm_day(&self, day: Day) -> Commit<Recorded> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let count = match core.confirmed(txn) {
                // Another than any that a process may have followed.
                Err(Refused::Damaged { .. }) => rand::random::<u64>() >> 1,
                found => found?.map_or(0, |found| found.count) + 1,
            };
            txn.put(Tree::Meta, NEWEST, core.newest_value(day)?);
            core.records.put(txn, Tree::Meta, CONFIRMED, &Confirmed { day, count })?;
            Ok::<_, Refused>(Recorded { day, confirmed: count })
        })
    }
}

impl Core {
    fn recorded(&self, from: &(impl Source + ?Sized)) -> Result<Option<Recorded>, Refused> {
        let confirmed = self.confirmed(from)?;
        let day = self.newest(from)?.or(confirmed.as_ref().map(|confirmed| confirmed.day));
        let confirmed = confirmed.map_or(0, |confirmed| confirmed.count);
        Ok(day.map(|day| Recorded { day, confirmed }))
    }

    fn confirmed(&self, from: &(impl Source + ?Sized)) -> Result<Option<Confirmed>, Refused> {
        self.records.find(from, Tree::Meta, CONFIRMED).map_err(|why| match why {
            Refused::UnknownRootKey => damaged(CONFIRMED),
            why => why,
        })
    }

    /// [`Refused::Damaged`] also where it was sealed under a root key of nobody's: whoever can write there can do that, too.
    pub fn newest(&self, from: &(impl Source + ?Sized)) -> Result<Option<Day>, Refused> {
        let Some(value) = from.bytes(Tree::Meta, NEWEST)? else { return Ok(None) };
        let (clear, sealed) = value.split_at(clear_len(&value));
        let plain = match self.records.vault.open(Tree::Meta, NEWEST, sealed) {
            Err(Refused::UnknownRootKey) => return Err(damaged(NEWEST)),
            plain => plain?,
        };
        let Newest { day } = parse(Tree::Meta, NEWEST, &plain)?;
        if clear.is_empty() || clear == number(day) { Ok(Some(day)) } else { Err(damaged(NEWEST)) }
    }

    /// Its stored form.
    pub fn newest_value(&self, day: Day) -> Result<Vec<u8>, Refused> {
        let plain = to_json(Tree::Meta, NEWEST, &Newest { day })?;
        let sealed = self.records.vault.seal(Tree::Meta, NEWEST, &plain)?;
        Ok([number(day).as_slice(), &sealed].concat())
    }
}

fn damaged(key: &[u8]) -> Refused {
    Refused::Damaged { tree: Tree::Meta.name(), key: hex::encode(key) }
}

/// As the database counts days.
fn number(day: Day) -> [u8; 8] {
    let first = jiff::civil::date(1970, 1, 1);
    i64::from((day - first).get_days()).to_be_bytes()
}
