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
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Size and root: what a checkpoint signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub size: u64,
    pub root: Hash,
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

    /// What was announced last of this kind.
    fn announced(&self, kind: PublicKind) -> Result<Option<Announced>, Refused>;

    /// The latest signed (and cosigned) checkpoint kept with [`PublicLog::keep_checkpoint`].
    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Refused>;

    fn keep_checkpoint(&self, note: Vec<u8>) -> Commit<()>;

    /// The size of the largest tree each witness has cosigned, by the witness's name.
    fn seen(&self) -> Result<BTreeMap<String, u64>, Refused>;

    /// A witness has cosigned the tree of `size` entries; a smaller one than before changes nothing.
    fn keep_seen(&self, witness: String, size: u64) -> Commit<()>;
}

const CHECKPOINT_KEY: &[u8] = b"log/checkpoint";
const SEEN_KEY: &[u8] = b"log/seen";

fn announced_key(kind: PublicKind) -> &'static [u8] {
    match kind {
        PublicKind::RecipientSet => b"log/announced/recipient-set",
        PublicKind::Script => b"log/announced/script",
    }
}

impl PublicLog for Store {
    fn head(&self) -> Head {
        self.core.head()
    }

    fn entries(&self, from: u64, to: u64) -> Result<Vec<LeafEntry>, Refused> {
        let to = to.min(self.core.head().size);
        (from..to).map(|index| self.entry(index)).collect()
    }

    fn node(&self, id: NodeId) -> Option<Hash> {
        let leaves = id.index.checked_add(1)?.checked_mul(1u64.checked_shl(u32::from(id.level))?)?;
        if leaves > self.core.head().size { None } else { self.core.node(&*self.core.engine, id) }
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

    fn announced(&self, kind: PublicKind) -> Result<Option<Announced>, Refused> {
        self.core.records.find(&*self.core.engine, Tree::Meta, announced_key(kind))
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Refused> {
        let engine = &*self.core.engine;
        let Some(value) = engine.get(Tree::Meta, CHECKPOINT_KEY)? else { return Ok(None) };
        self.core.records.vault.open(Tree::Meta, CHECKPOINT_KEY, &value).map(Some)
    }

    fn keep_checkpoint(&self, note: Vec<u8>) -> Commit<()> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
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
        let value = value.ok_or_else(|| missing(Tree::LogLeaves, &key))?;
        let plain = self.core.records.vault.open(Tree::LogLeaves, &key, &value)?;
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
