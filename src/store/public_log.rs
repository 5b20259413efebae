//! Everybody's door: the log as it may be published, which is what is durable and nothing beyond.

use super::{
    Commit, Refused, Store,
    core::{NodesOf, damaged_log},
    engine::Tree,
    records::missing,
};
use crate::{
    clock::Day,
    log::{LeafEntry, NodeId, PublicKind, tree, tree::Hash},
    reshare::Note,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Size and root: what a checkpoint signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub size: u64,
    pub root: Hash,
}

impl Default for Head {
    /// Of the empty log.
    fn default() -> Self {
        Self { size: 0, root: tree::EMPTY_ROOT }
    }
}

/// A public entry's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    pub number: u64,
    pub day: Day,
    #[serde(with = "hex::serde")]
    pub digest: [u8; 32],
}

pub trait PublicLog: Send + Sync {
    /// The log that may be signed and published: on the disk, root and all.
    fn head(&self) -> Head;

    /// Entries `from..to`, cut at the published size.
    fn entries(&self, from: u64, to: u64) -> Result<Vec<LeafEntry>, Refused>;

    /// The root of the complete subtree, if all its leaves are published.
    fn node(&self, id: NodeId) -> Option<Hash>;

    /// Audit path of an entry in the published tree of `size` leaves.
    fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, Refused>;

    /// That the tree of `newer` leaves continues the one of `older`.
    fn consistency_proof(&self, older: u64, newer: u64) -> Result<Vec<Hash>, Refused>;

    /// Appends an entry anyone can read: a new recipient set, a script. Gives its place.
    fn announce(&self, kind: PublicKind, number: u64, day: Day, digest: [u8; 32]) -> Commit<u64>;

    /// The same, if what was announced last of this kind is still `last`; otherwise nothing is, and it gives `None`: another
    /// process was first.
    fn announce_after(
        &self,
        last: Option<Announced>,
        kind: PublicKind,
        announced: Announced,
    ) -> Commit<Option<u64>>;

    /// What was announced last of this kind.
    fn announced(&self, kind: PublicKind) -> Result<Option<Announced>, Refused>;

    /// The texts of all public entries about shares of earlier sets, in the order of the log.
    fn notes(&self) -> Result<Vec<Note>, Refused>;

    /// The latest signed (and cosigned) checkpoint kept with [`PublicLog::keep_checkpoint`].
    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Refused>;

    /// Whether other processes keep theirs in the same place: the latest may be one that this process does not know.
    fn is_shared(&self) -> bool;

    /// One of a smaller tree than the kept one changes nothing: another process was further.
    fn keep_checkpoint(&self, note: Vec<u8>) -> Commit<()>;

    /// The size of the largest tree each witness has cosigned, by the witness's name.
    fn seen(&self) -> Result<BTreeMap<String, u64>, Refused>;

    /// A witness has cosigned the tree of `size` entries; a smaller one than before changes nothing.
    fn keep_seen(&self, witness: String, size: u64) -> Commit<()>;
}

/// Entries that are read one by one.
const FEW: u64 = 16;
const CHECKPOINT_KEY: &[u8] = b"log/checkpoint";
const SEEN_KEY: &[u8] = b"log/seen";
pub(super) const NOTES_KEY: &[u8] = b"log/notes";

/// The second line of a note, without asking whether it is a good one.
fn entries_of(note: &[u8]) -> Option<u64> {
    str::from_utf8(note.split(|byte| *byte == b'\n').nth(1)?).ok()?.parse().ok()
}

pub(super) fn announced_key(kind: PublicKind) -> &'static [u8] {
    match kind {
        PublicKind::RecipientSet => b"log/announced/recipient-set",
        PublicKind::Script => b"log/announced/script",
        PublicKind::Resharing => b"log/announced/resharing",
        PublicKind::Reshared => b"log/announced/reshared",
        PublicKind::GivenUp => b"log/announced/given-up",
        PublicKind::Emptied => b"log/announced/emptied",
        PublicKind::Destroyed => b"log/announced/destroyed",
    }
}

impl PublicLog for Store {
    fn head(&self) -> Head {
        self.core.head()
    }

    fn entries(&self, from: u64, to: u64) -> Result<Vec<LeafEntry>, Refused> {
        let to = if self.core.has_come_to(to) { to } else { to.min(self.core.head().size) };
        if to.saturating_sub(from) <= FEW {
            return (from..to).map(|index| self.entry(index)).collect();
        }
        // In one go: where each read is a round trip, so many would take seconds.
        let entries = self.core.engine.scan(Tree::LogLeaves, &[], &from.to_be_bytes());
        let found = (from..to).zip(entries).map(|(index, entry)| {
            let (key, value) = entry?;
            if key != index.to_be_bytes() {
                return Err(missing(Tree::LogLeaves, &index.to_be_bytes()));
            }
            self.opened(&key, &value)
        });
        let found = found.collect::<Result<Vec<_>, _>>()?;
        let there = from + found.len() as u64;
        if there < to { Err(missing(Tree::LogLeaves, &there.to_be_bytes())) } else { Ok(found) }
    }

    fn node(&self, id: NodeId) -> Option<Hash> {
        let leaves = id.index.checked_add(1)?.checked_mul(1u64.checked_shl(u32::from(id.level))?)?;
        if self.core.has_come_to(leaves) { self.core.node(&*self.core.engine, id) } else { None }
    }

    fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, Refused> {
        self.published(size)?;
        tree::inclusion_proof(&self.nodes(), index, size).map_err(|_| damaged_log())
    }

    fn consistency_proof(&self, older: u64, newer: u64) -> Result<Vec<Hash>, Refused> {
        self.published(newer)?;
        tree::consistency_proof(&self.nodes(), older, newer).map_err(|_| damaged_log())
    }

    fn announce(&self, kind: PublicKind, number: u64, day: Day, digest: [u8; 32]) -> Commit<u64> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            core.records.put(txn, Tree::Meta, announced_key(kind), &Announced { number, day, digest })?;
            core.append_entry(txn, &LeafEntry::public(kind, number, day, digest))
        })
    }

    fn announce_after(
        &self,
        last: Option<Announced>,
        kind: PublicKind,
        announced: Announced,
    ) -> Commit<Option<u64>> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            if core.records.find::<Announced>(txn, Tree::Meta, announced_key(kind))? != last {
                return Ok(None);
            }
            core.records.put(txn, Tree::Meta, announced_key(kind), &announced)?;
            let Announced { number, day, digest } = announced;
            core.append_entry(txn, &LeafEntry::public(kind, number, day, digest)).map(Some)
        })
    }

    fn announced(&self, kind: PublicKind) -> Result<Option<Announced>, Refused> {
        self.core.records.find(&*self.core.engine, Tree::Meta, announced_key(kind))
    }

    fn notes(&self) -> Result<Vec<Note>, Refused> {
        Ok(self.core.records.find(&*self.core.engine, Tree::Meta, NOTES_KEY)?.unwrap_or_default())
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Refused> {
        let engine = &*self.core.engine;
        let Some(value) = engine.get(Tree::Meta, CHECKPOINT_KEY)? else { return Ok(None) };
        self.core.records.vault.open(Tree::Meta, CHECKPOINT_KEY, &value).map(Some)
    }

    fn is_shared(&self) -> bool {
        self.core.engine.is_shared()
    }

    fn keep_checkpoint(&self, note: Vec<u8>) -> Commit<()> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let kept = match txn.get(Tree::Meta, CHECKPOINT_KEY)? {
                Some(kept) => Some(core.records.vault.open(Tree::Meta, CHECKPOINT_KEY, &kept)?),
                None => None,
            };
            if let (Some(kept), Some(now)) = (kept.and_then(|kept| entries_of(&kept)), entries_of(&note))
                && kept > now
            {
                return Ok(());
            }
            txn.put(Tree::Meta, CHECKPOINT_KEY, core.records.vault.seal(Tree::Meta, CHECKPOINT_KEY, &note)?);
            Ok(())
        })
    }

    fn seen(&self) -> Result<BTreeMap<String, u64>, Refused> {
        Ok(self.core.records.find(&*self.core.engine, Tree::Meta, SEEN_KEY)?.unwrap_or_default())
    }

    fn keep_seen(&self, witness: String, size: u64) -> Commit<()> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let found: Option<BTreeMap<String, u64>> = core.records.find(txn, Tree::Meta, SEEN_KEY)?;
            let mut seen = found.unwrap_or_default();
            let largest = seen.entry(witness).or_default();
            *largest = size.max(*largest);
            core.records.put(txn, Tree::Meta, SEEN_KEY, &seen)
        })
    }
}

impl Store {
    pub(super) fn entry(&self, index: u64) -> Result<LeafEntry, Refused> {
        let key = index.to_be_bytes();
        let value = self.core.engine.get(Tree::LogLeaves, &key)?;
        self.opened(&key, &value.ok_or_else(|| missing(Tree::LogLeaves, &key))?)
    }

    fn opened(&self, key: &[u8], value: &[u8]) -> Result<LeafEntry, Refused> {
        let plain = self.core.records.vault.open(Tree::LogLeaves, key, value)?;
        LeafEntry::parse(&plain)
            .map_err(|_| Refused::Damaged { tree: Tree::LogLeaves.name(), key: hex::encode(key) })
    }

    fn nodes(&self) -> NodesOf<'_, dyn super::engine::Engine> {
        NodesOf { core: &self.core, from: &*self.core.engine }
    }

    fn published(&self, size: u64) -> Result<(), Refused> {
        if size <= self.core.head().size { Ok(()) } else { Err(Refused::NotPublished) }
    }
}
