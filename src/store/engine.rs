//! What the store asks of a database: ordered trees of bytes, atomic application, a sync that means it.
//! Nothing here knows what the bytes say.

use super::{Refused, objects::Objects};
use crate::clock::Day;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

/// The trees. Their names are part of the at-rest format: they go into every key and every associated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tree {
    /// name → schema version, instance, root key check, log head, counters, retention months in use.
    Meta,
    /// report id → the data key of the case, wrapped under root and retention key.
    DataKeys,
    /// report id → case number, locator and counts: what ties a report's records together.
    Reports,
    /// report id → the case, as staff may see it.
    Cases,
    /// report id → audit key and the number of leaves written with it.
    Audit,
    /// report id ‖ sequence → identity envelope. Office and trustee doors only.
    Envelopes,
    /// report id ‖ sequence ‖ trustee → share file. Trustee door only.
    Shares,
    /// locator hash → report id.
    Locators,
    /// report id ‖ blob id → what the file is and in which slots it lies.
    Files,
    /// report id → the awards computed for it, the last one in force.
    Awards,
    /// report id ‖ leaf index → the package of that release, as it was first handed out.
    Packages,
    /// log-in name → account.
    Staff,
    /// log-in name or source → failed attempts.
    Attempts,
    /// index → leaf.
    LogLeaves,
    /// level ‖ index → hash of a complete subtree.
    LogNodes,
    /// sequence → who read what.
    Trail,
    /// hash of a code → who may enter a report with it, and until when.
    Tickets,
    /// number → a list of cases that staff have named.
    Views,
    /// hash of a token → which system may read what with it.
    Access,
}

impl Tree {
    pub const ALL: [Tree; 19] = [
        Tree::Meta,
        Tree::DataKeys,
        Tree::Reports,
        Tree::Cases,
        Tree::Audit,
        Tree::Envelopes,
        Tree::Shares,
        Tree::Locators,
        Tree::Files,
        Tree::Awards,
        Tree::Packages,
        Tree::Staff,
        Tree::Attempts,
        Tree::LogLeaves,
        Tree::LogNodes,
        Tree::Trail,
        Tree::Tickets,
        Tree::Views,
        Tree::Access,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Tree::Meta => "meta",
            Tree::DataKeys => "data-keys",
            Tree::Reports => "reports",
            Tree::Cases => "cases",
            Tree::Audit => "audit",
            Tree::Envelopes => "envelopes",
            Tree::Shares => "shares",
            Tree::Locators => "locators",
            Tree::Files => "files",
            Tree::Awards => "awards",
            Tree::Packages => "packages",
            Tree::Staff => "staff",
            Tree::Attempts => "attempts",
            Tree::LogLeaves => "log-leaves",
            Tree::LogNodes => "log-nodes",
            Tree::Trail => "trail",
            Tree::Tickets => "tickets",
            Tree::Views => "views",
            Tree::Access => "access",
        }
    }
}

/// Bytes of a slot: where one chunk of a file lies.
pub const SLOT: usize = (32 << 10) + 16;

/// Key and value, as stored.
pub type Entry = (Vec<u8>, Vec<u8>);

/// Entries in key order, read as they are asked for.
pub type Entries<'a> = Box<dyn Iterator<Item = Result<Entry, Refused>> + 'a>;

/// A set of changes over any number of trees. `None` removes.
#[derive(Default)]
pub struct Writes {
    changes: BTreeMap<(Tree, Vec<u8>), Option<Vec<u8>>>,
    /// Those of them that go over a value which is otherwise never written over.
    over: BTreeSet<(Tree, Vec<u8>)>,
    bytes: usize,
}

impl Writes {
    pub fn set(&mut self, tree: Tree, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        let place = (tree, key);
        self.over.remove(&place);
        self.changes.insert(place, value);
    }

    /// As [`Writes::set`], over a value that is there, in whichever tree. An engine may refuse it ([`Engine::may_write_over`]).
    pub fn set_over(&mut self, tree: Tree, key: Vec<u8>, value: Vec<u8>) {
        self.set(tree, key.clone(), Some(value));
        self.over.insert((tree, key));
    }

    /// Whether the key was set by [`Writes::set_over`].
    pub fn is_over(&self, tree: Tree, key: &[u8]) -> bool {
        !self.over.is_empty() && self.over.contains(&(tree, key.to_vec()))
    }

    /// `None` when these changes do not touch the key, `Some(None)` when they remove it.
    pub fn find(&self, tree: Tree, key: &[u8]) -> Option<Option<&[u8]>> {
        self.changes.get(&(tree, key.to_vec())).map(|value| value.as_deref())
    }

    pub fn absorb(&mut self, other: Writes) {
        self.bytes += other.bytes;
        self.over.retain(|place| !other.changes.contains_key(place));
        self.over.extend(other.over);
        self.changes.extend(other.changes);
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Bytes ever set, an upper bound of what an application writes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// By tree, then by key.
    pub fn iter(&self) -> impl Iterator<Item = (Tree, &[u8], Option<&[u8]>)> {
        self.changes.iter().map(|((tree, key), value)| (*tree, key.as_slice(), value.as_deref()))
    }
}

/// A database: trees, which only the [`Committer`](super::committer::Committer) writes to, from one thread; and
/// beside them numbered slots for the chunks of files, which are too large for a tree to carry well. Whoever
/// fills a slot owns it; a record in a tree says whose it is.
pub trait Engine: Send + Sync + 'static {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused>;

    /// Entries whose key begins with `prefix` and is not below `from`.
    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_>;

    /// How many entries a tree has.
    fn count(&self, tree: Tree) -> Result<u64, Refused> {
        self.scan(tree, &[], &[]).try_fold(0, |count, entry| entry.map(|_| count + 1))
    }

    /// All of it or none of it, also after a crash. Not yet durable.
    fn apply(&self, writes: &Writes) -> Result<(), Refused>;

    /// Everything applied so far survives a power cut once this returns.
    fn sync(&self) -> Result<(), Refused>;

    /// Waits for the turn to write. Until the group ends nobody else writes, in no process.
    fn begin(&self) -> Result<Box<dyn Group + '_>, Refused> {
        Ok(Box::new(Alone(self)))
    }

    /// Whether this process may write over what is otherwise never written over ([`Writes::set_over`]).
    fn may_write_over(&self) -> Result<(), Refused> {
        Ok(())
    }

    /// Who else is connected, by the database's roles; nobody where one process has the folder to itself.
    fn others(&self) -> Result<Vec<String>, Refused> {
        Ok(Vec::new())
    }

    /// Whether other processes may write here while this one does.
    fn is_shared(&self) -> bool {
        false
    }

    /// How many groups all processes together have written; `None` where this process is the only one that writes.
    fn position(&self) -> Result<Option<u64>, Refused> {
        Ok(None)
    }

    /// Report ids whose case or award a later group than the `after`th has written.
    fn changed(&self, _after: u64) -> Result<Vec<Vec<u8>>, Refused> {
        Ok(Vec::new())
    }

    /// Fills a slot; at most [`SLOT`] bytes. Not yet durable.
    fn write_slot(&self, slot: u64, bytes: &[u8]) -> Result<(), Refused>;

    /// The first `len` bytes of a slot.
    fn read_slot(&self, slot: u64, len: usize) -> Result<Vec<u8>, Refused>;

    /// Every slot filled so far survives a power cut once this returns. After a failure
    /// [`Engine::sync`] fails, too.
    fn sync_slots(&self) -> Result<(), Refused>;

    /// Takes what these slots held away, for good as far as the engine can.
    fn clear_slots(&self, slots: &[u64]) -> Result<(), Refused> {
        slots.iter().try_for_each(|slot| self.write_slot(*slot, &[0; SLOT]))?;
        self.sync_slots()
    }

    /// Fills several, as many as fit one question; where each is a round trip and a sync, together is much faster.
    fn write_slots(&self, slots: &[(u64, Vec<u8>)]) -> Result<(), Refused> {
        slots.iter().try_for_each(|(slot, bytes)| self.write_slot(*slot, bytes))
    }

    /// Slots filled before yesterday, from this number on, at most a page: candidates for having been left behind.
    /// Where a number is a place ([`Numbering::Dense`]) nothing is: there is nothing to sweep. Refused where the engine counts
    /// days by a clock that says another day than `today`.
    fn old_slots(&self, _from: u64, _today: Day) -> Result<Vec<u64>, Refused> {
        Ok(Vec::new())
    }

    /// The first number from which on no slot holds anything, where a number is a place.
    fn slots_end(&self) -> Result<u64, Refused> {
        Err(cannot())
    }

    /// Which numbers slots are given.
    fn numbering(&self) -> Numbering {
        Numbering::Dense
    }

    /// Where whole objects of chunks lie instead of in slots.
    fn objects(&self) -> Option<&Arc<Objects>> {
        None
    }

    /// Bytes still free on the data volume; `None` when the engine cannot tell.
    fn free_bytes(&self) -> Option<u64>;

    /// Why nobody may be served from this store, if something stands in the way.
    fn notice(&self) -> Result<Option<Notice>, Refused> {
        Ok(None)
    }

    /// Puts a notice up, or takes it away; durable once this returns.
    fn set_notice(&self, _notice: Option<&Notice>) -> Result<(), Refused> {
        Err(cannot())
    }

    /// From now on until [`Engine::thaw`] this moment can be read, whatever is written meanwhile. `slots`: those that
    /// hold something, where the engine does not know that itself. One moment at a time.
    fn freeze(&self, _slots: Vec<Range<u64>>) -> Result<(), Refused> {
        Err(cannot())
    }

    /// The next entries of a tree as they were, after this key; fewer than one: it has no more. Trees are read in the
    /// order of [`Tree::ALL`], each from its beginning.
    fn frozen_page(&self, _tree: Tree, _after: Option<&[u8]>) -> Result<Vec<Entry>, Refused> {
        Err(cannot())
    }

    /// The next slots as they were, from this number on.
    fn frozen_slots(&self, _from: u64) -> Result<Vec<(u64, Vec<u8>)>, Refused> {
        Err(cannot())
    }

    /// The moment is not needed any more.
    fn thaw(&self) {}
}

fn cannot() -> Refused {
    Refused::Failed("this engine cannot do that".into())
}

/// A sentence for whoever would serve from a store that is not whole yet, or not the right one any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// What it is about, for the command that put it up: lower-case letters, digits and hyphens.
    pub token: String,
    /// What is the matter and what to do, in one line.
    pub text: String,
}

/// How the numbers of slots are chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// From 0, the free ones first: a number is a place.
    Dense,
    /// Drawn at random for each upload, for several processes draw at once; only a cleared one is free again.
    Scattered,
}

/// One group of changes under way: what it reads is what every group before it has left.
pub trait Group {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused>;

    /// As [`Engine::scan`].
    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_>;

    /// [`Engine::position`] as this group found it.
    fn position(&self) -> Option<u64>;

    /// The writes of one more change, which has run. Refused, they are as if never made, and the group goes on without
    /// them. An engine that refuses no single change takes all of them in [`Group::commit`].
    fn stage(&mut self, _writes: &Writes) -> Result<(), Refused> {
        Ok(())
    }

    /// Writes all that was staged, or none of it; durable once this returns. A group that is dropped has written nothing.
    fn commit(self: Box<Self>, writes: &Writes) -> Result<(), NotWritten>;
}

/// Why a group was not written.
#[derive(Debug)]
pub enum NotWritten {
    /// Nobody knows what the disk holds: nothing more is taken until a restart reads it again.
    Stop(Refused),
    /// Nothing of it was kept; the next group may be.
    Nothing(Refused),
    /// All of it was kept, or nothing. What readers are shown must be read anew.
    Unknown(Refused),
}

/// The group of an engine that no other process writes to.
struct Alone<'a, E: ?Sized>(&'a E);

impl<E: Engine + ?Sized> Group for Alone<'_, E> {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        self.0.get(tree, key)
    }
    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_> {
        self.0.scan(tree, prefix, from)
    }
    fn position(&self) -> Option<u64> {
        None
    }
    /// After a failed write nobody knows what the disk holds: the kernel may already have dropped the
    /// dirty pages, so a second try that succeeds would prove nothing.
    fn commit(self: Box<Self>, writes: &Writes) -> Result<(), NotWritten> {
        self.0.apply(writes).and_then(|()| self.0.sync()).map_err(NotWritten::Stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last word on a key counts, for what is written and for what it goes over.
    #[test]
    fn what_goes_over_a_value_is_known_by_the_change_that_was_made_last() {
        let key = |n: u8| vec![n];
        let mut first = Writes::default();
        first.set_over(Tree::Shares, key(1), vec![1]);
        first.set_over(Tree::Shares, key(2), vec![2]);
        first.set_over(Tree::Shares, key(3), vec![3]);
        first.set(Tree::Shares, key(2), Some(vec![4]));
        let mut second = Writes::default();
        second.set(Tree::Shares, key(3), None);
        second.set_over(Tree::Shares, key(4), vec![5]);
        first.absorb(second);
        let over = (1..=4).map(|n| first.is_over(Tree::Shares, &key(n))).collect::<Vec<_>>();
        assert_eq!(over, [true, false, false, true]);
        assert!(!first.is_over(Tree::Envelopes, &key(1)));
        assert_eq!(first.find(Tree::Shares, &key(4)), Some(Some(&[5][..])));
    }
}
