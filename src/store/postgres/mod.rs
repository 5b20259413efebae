//! The engine for more than one process or machine: PostgreSQL (docs/decisions/postgres.md).
//!
//! The log has one right edge, so there is one writer at a time here too: a group of changes begins by taking the
//! one row of `writer`, and everybody else who writes waits there, in whichever process. The group reads, writes
//! and commits in that one transaction, and what is committed is on the server's disk: `session` refuses servers
//! that are set up to say so too early.
//!
//! ```text
//! one table a tree   key → value, as sled has them, encrypted before they come here
//! slots              number → chunk of a file
//! writer             how many groups were written
//! changed            report id → the last group that wrote its case or award: what other processes read anew
//! ```
//! Nobody touches a table. A server's role may call functions, and which ones says what it can read (`schema`).

/// Where the database is, and as whom.
pub mod address;
/// What one role alone may: write over what is otherwise written once.
pub mod rekey;
/// What the owner of the database runs once.
pub mod schema;

/// Short reads, side by side.
mod readers;
/// One connection, checked before it is used.
mod session;
/// The group under way.
mod writer;

pub use address::{AddressRefused, PostgresAddress, PostgresFile};
pub use session::MAY_NOT;

use self::{readers::Readers, session::SessionRefused, writer::Writer};
use super::{
    OpenRefused, Refused,
    engine::{Engine, Entries, Entry, Group, NotWritten, Notice, Numbering, Tree, Writes},
    objects::Objects,
};
use crate::clock::Day;
use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

/// An open database.
pub struct PostgresEngine {
    readers: Readers,
    writer: Mutex<Writer>,
    /// The connection that reads one moment, while a backup is made.
    frozen: Mutex<Option<Arc<session::Session>>>,
    objects: Option<Arc<Objects>>,
}

impl PostgresEngine {
    /// Connects, and refuses a server that would acknowledge what is not on its disk.
    pub fn open(address: PostgresAddress) -> Result<Self, OpenRefused> {
        let at = address.told.clone();
        let unusable =
            move |cause: SessionRefused| OpenRefused::Database { at: at.clone(), cause: cause.to_string() };
        let readers = Readers::open(address.clone()).map_err(&unusable)?;
        let writer = Writer::open(address).map_err(&unusable)?;
        Ok(Self { readers, writer: Mutex::new(writer), frozen: Mutex::default(), objects: None })
    }

    /// The same, with an object store beside it.
    pub fn beside(self, objects: Option<Arc<Objects>>) -> Self {
        Self { objects, ..self }
    }
}

impl Engine for PostgresEngine {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        let key: Arc<[u8]> = key.into();
        self.readers.ask(move |session| {
            let key = key.clone();
            async move { session.get(tree, &key).await }
        })
    }

    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_> {
        pages(prefix, from, move |from, below| {
            self.readers.ask(move |session| {
                let (from, below) = (from.clone(), below.clone());
                async move { session.page(tree, &from, below.as_deref()).await }
            })
        })
    }

    fn apply(&self, writes: &Writes) -> Result<(), Refused> {
        let mut group = self.begin()?;
        group.stage(writes)?;
        group.commit(writes).map_err(|failed| match failed {
            NotWritten::Stop(refused) | NotWritten::Nothing(refused) | NotWritten::Unknown(refused) => {
                refused
            }
        })
    }

    /// What is applied here is committed, and so durable.
    fn sync(&self) -> Result<(), Refused> {
        Ok(())
    }

    fn begin(&self) -> Result<Box<dyn Group + '_>, Refused> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Box::new(writer::Turn::take(writer)?))
    }

    /// Asked of the server, with nothing to write.
    fn may_write_over(&self) -> Result<(), Refused> {
        self.readers.ask(|session| async move { session.write_over_nothing().await })
    }

    fn others(&self) -> Result<Vec<String>, Refused> {
        self.readers.ask(|session| async move { session.others().await })
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn position(&self) -> Result<Option<u64>, Refused> {
        self.readers.ask(|session| async move { session.position().await }).map(Some)
    }

    fn changed(&self, after: u64) -> Result<Vec<Vec<u8>>, Refused> {
        let after = signed(after)?;
        self.readers.ask(move |session| async move { session.changed(after).await })
    }

    fn write_slot(&self, slot: u64, bytes: &[u8]) -> Result<(), Refused> {
        let (slot, bytes): (_, Arc<[u8]>) = (signed(slot)?, bytes.into());
        self.readers.ask(move |session| {
            let bytes = bytes.clone();
            async move { session.put_slot(slot, &bytes).await }
        })
    }

    fn read_slot(&self, slot: u64, len: usize) -> Result<Vec<u8>, Refused> {
        let number = signed(slot)?;
        let found = self.readers.ask(move |session| async move { session.slot(number).await })?;
        let found = found.filter(|bytes| bytes.len() >= len);
        let mut bytes = found.ok_or_else(|| Refused::Failed(format!("files, slot {slot}: not there")))?;
        bytes.truncate(len);
        Ok(bytes)
    }

    /// Each was committed as it was filled.
    fn sync_slots(&self) -> Result<(), Refused> {
        Ok(())
    }

    /// The rows go; what they held stays in the server's files until it is written over. Sealed under a case's key,
    /// it is unreadable once that key is destroyed.
    fn clear_slots(&self, slots: &[u64]) -> Result<(), Refused> {
        if slots.is_empty() {
            return Ok(());
        }
        let slots: Arc<[i64]> = slots.iter().map(|slot| signed(*slot)).collect::<Result<_, _>>()?;
        self.readers.ask(move |session| {
            let slots = slots.clone();
            async move { session.clear_slots(&slots).await }
        })
    }

    fn numbering(&self) -> Numbering {
        Numbering::Scattered
    }

    fn write_slots(&self, slots: &[(u64, Vec<u8>)]) -> Result<(), Refused> {
        for some in slots.chunks(TOGETHER) {
            let numbers: Arc<[i64]> = some.iter().map(|(slot, _)| signed(*slot)).collect::<Result<_, _>>()?;
            let bytes: Arc<[Vec<u8>]> = some.iter().map(|(_, bytes)| bytes.clone()).collect();
            self.readers.ask(move |session| {
                let (numbers, bytes) = (numbers.clone(), bytes.clone());
                async move {
                    let bytes: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
                    session.put_slots(&numbers, &bytes).await
                }
            })?;
        }
        Ok(())
    }

    fn old_slots(&self, from: u64, today: Day) -> Result<Vec<u64>, Refused> {
        let from = signed(from)?;
        let says = self.readers.ask(|session| async move { session.today().await })?;
        // It is the server that says how old a chunk is: ahead by days, it would have those of an upload under way taken out.
        if !says.parse::<Day>().is_ok_and(|says| (says - today).get_days().abs() <= 1) {
            let why = format!(
                "the database's clock says {says}, and {today} is served by: set the wrong one right"
            );
            return Err(Refused::Failed(why));
        }
        let found = self.readers.ask(move |session| async move { session.old_slots(from).await })?;
        Ok(found.into_iter().map(i64::unsigned_abs).collect())
    }

    fn notice(&self) -> Result<Option<Notice>, Refused> {
        let found = self.readers.ask(|session| async move { session.notice().await })?;
        Ok(found.map(|(token, text)| Notice { token, text }))
    }

    fn set_notice(&self, notice: Option<&Notice>) -> Result<(), Refused> {
        let (token, text) = notice.map(|n| (n.token.clone(), n.text.clone())).unzip();
        let given = Arc::new((token, text.unwrap_or_default()));
        self.readers.ask(move |session| {
            let given = given.clone();
            async move { session.set_notice(given.0.as_deref(), &given.1).await }
        })
    }

    fn freeze(&self, _slots: Vec<Range<u64>>) -> Result<(), Refused> {
        let session = self.readers.apart()?;
        self.frozen.lock().unwrap_or_else(PoisonError::into_inner).replace(session);
        Ok(())
    }

    fn frozen_page(&self, tree: Tree, after: Option<&[u8]>) -> Result<Vec<Entry>, Refused> {
        let session = self.frozen()?;
        let from = after.map_or_else(Vec::new, |key| [key, &[0]].concat());
        self.readers.ask_apart(async move { session.page(tree, &from, None).await })
    }

    fn frozen_slots(&self, from: u64) -> Result<Vec<(u64, Vec<u8>)>, Refused> {
        let (session, from) = (self.frozen()?, signed(from)?);
        let found = self.readers.ask_apart(async move { session.slots(from).await })?;
        Ok(found.into_iter().map(|(slot, bytes)| (slot.unsigned_abs(), bytes)).collect())
    }

    fn thaw(&self) {
        self.frozen.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn objects(&self) -> Option<&Arc<Objects>> {
        self.objects.as_ref()
    }

    /// Of another machine. The server refuses what it has no room for, and that is a clear refusal here.
    fn free_bytes(&self) -> Option<u64> {
        None
    }
}

impl PostgresEngine {
    fn frozen(&self) -> Result<Arc<session::Session>, Refused> {
        let frozen = self.frozen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        frozen.ok_or_else(|| Refused::Failed("no moment is kept".into()))
    }
}

/// Slots that are filled with one question: 2 MiB.
const TOGETHER: usize = 64;

/// Entries that come in pages: each page is one short question.
fn pages<'a>(
    prefix: &[u8],
    from: &[u8],
    mut ask: impl FnMut(Vec<u8>, Option<Vec<u8>>) -> Result<Vec<Entry>, Refused> + 'a,
) -> Entries<'a> {
    let below = past(prefix);
    let mut next = Some(prefix.max(from).to_vec());
    let mut page = Vec::new().into_iter();
    Box::new(std::iter::from_fn(move || {
        if let Some(entry) = page.next() {
            return Some(Ok(entry));
        }
        match ask(next.take()?, below.clone()) {
            Ok(found) => {
                if found.len() == session::PAGE {
                    // The least key after the last one.
                    next = found.last().map(|(key, _)| [key.as_slice(), &[0]].concat());
                }
                page = found.into_iter();
                page.next().map(Ok)
            }
            Err(refused) => Some(Err(refused)),
        }
    }))
}

/// The least key above all that begin with `prefix`; `None` if there is none.
fn past(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut past = prefix[..=kept].to_vec();
    past[kept] += 1;
    Some(past)
}

/// A group and a row count fit the server's signed numbers for longer than anybody lives.
fn signed(number: u64) -> Result<i64, Refused> {
    i64::try_from(number)
        .map_err(|_| Refused::Failed("a number is beyond what the database counts to".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_the_next_one_begins() {
        assert_eq!(past(b""), None);
        assert_eq!(past(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(past(&[1, 255, 255]), Some(vec![2]));
        assert_eq!(past(&[255]), None);
    }

    #[test]
    fn pages_follow_each_other_without_a_gap() {
        let keys: Vec<Vec<u8>> =
            (0..2 * session::PAGE as u32 + 1).map(|n| n.to_be_bytes().to_vec()).collect();
        let ask = |from: Vec<u8>, below: Option<Vec<u8>>| {
            let inside = |key: &&Vec<u8>| **key >= from && below.as_ref().is_none_or(|below| *key < below);
            Ok(keys.iter().filter(inside).take(session::PAGE).map(|key| (key.clone(), vec![])).collect())
        };
        let read: Vec<Vec<u8>> = pages(&[], &[], ask).map(|entry| entry.unwrap().0).collect();
        assert_eq!(read, keys);
        let some: Vec<Vec<u8>> = pages(&[0, 0], &[0, 0, 1], ask).map(|entry| entry.unwrap().0).collect();
        assert_eq!(some, keys[256..]);
    }
}
