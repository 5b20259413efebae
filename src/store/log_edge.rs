//! The log's right edge: entries appended in the same unit as the record they speak of, and how far readers may see.

use super::{
    Head, Refused,
    at_rest::DataKey,
    committer::Txn,
    core::Core,
    engine::Tree,
    records::{Source, missing},
};
use crate::{
    ids::ReportId,
    log::{Frontier, Leaf, LeafEntry, NodeId, Nodes, tree::Hash},
};
use std::sync::Arc;

pub(super) const HEAD_KEY: &[u8] = b"log/head";

impl Core {
    /// Writes the report's next leaf.
    pub fn append_leaf_of(
        self: &Arc<Self>,
        txn: &mut Txn,
        data: &DataKey,
        report: ReportId,
        leaf: &Leaf,
    ) -> Result<(), Refused> {
        let mut audit = self.audit(txn, data, report)?;
        let n = u8::try_from(audit.places.len()).map_err(|_| Refused::LogFull)?;
        audit.places.push(self.append_entry(txn, &LeafEntry::report(&audit.key, n, leaf))?);
        self.records.put_of_case(txn, data, Tree::Audit, report.as_bytes(), &audit)
    }

    /// Appends to the log, in the same unit as the record the entry speaks of.
    pub fn append_entry(self: &Arc<Self>, txn: &mut Txn, entry: &LeafEntry) -> Result<u64, Refused> {
        let index = self.head_of(txn)?.size;
        let nodes = NodesOf { core: self, from: &*txn };
        let mut frontier = Frontier::load(&nodes, index).map_err(|_| damaged_log())?;
        for (id, hash) in frontier.append(entry.as_bytes()) {
            let value = self.records.vault.seal(Tree::LogNodes, &id.to_key(), &hash.0)?;
            txn.put(Tree::LogNodes, id.to_key(), value);
        }
        let key = index.to_be_bytes();
        txn.put(Tree::LogLeaves, key, self.records.vault.seal(Tree::LogLeaves, &key, entry.as_bytes())?);
        let head = Head { size: frontier.size(), root: frontier.root() };
        self.records.put(txn, Tree::Meta, HEAD_KEY, &head)?;
        let core = self.clone();
        txn.once_durable(move || core.shown_mut(|shown| shown.head = head));
        Ok(index)
    }

    /// The log as a change under way sees it.
    pub fn head_of(&self, from: &(impl Source + ?Sized)) -> Result<Head, Refused> {
        self.records.find(from, Tree::Meta, HEAD_KEY)?.ok_or_else(|| missing(Tree::Meta, HEAD_KEY))
    }

    /// The log as it may be published.
    pub fn head(&self) -> Head {
        self.follow_if_possible();
        self.shown(|shown| shown.head)
    }

    /// Whether the log has come to `size` entries; the store is asked only if this process does not know of so many.
    pub fn has_come_to(&self, size: u64) -> bool {
        size <= self.shown(|shown| shown.head).size || size <= self.head().size
    }

    pub fn node(&self, from: &(impl Source + ?Sized), id: NodeId) -> Option<Hash> {
        let key = id.to_key();
        let value = from.bytes(Tree::LogNodes, &key).ok()??;
        let plain = self.records.vault.open(Tree::LogNodes, &key, &value).ok()?;
        <[u8; 32]>::try_from(plain.as_slice()).ok().map(Hash)
    }
}

/// The log's nodes, read from the engine or from a change under way.
pub(super) struct NodesOf<'a, S: ?Sized> {
    pub core: &'a Core,
    pub from: &'a S,
}

impl<S: Source + ?Sized> Nodes for NodesOf<'_, S> {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.core.node(self.from, id)
    }
}

pub(super) fn damaged_log() -> Refused {
    Refused::Damaged { tree: Tree::LogNodes.name(), key: String::new() }
}
