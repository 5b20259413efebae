//! The log's right edge: entries are appended to it, in the same unit as the record they speak of.
//!
//! ```text
//! head = size (8 B, big-endian, in clear) ‖ sealed {"size", "root"}      one from before: the sealed part alone
//! ```
//! The size stands before the seal so that a database can refuse a head that is not larger than the last; the two must agree.

use super::Core;
use crate::{
    ids::ReportId,
    log::{Frontier, Leaf, LeafEntry, NodeId, Nodes, tree::Hash},
    receipt::AuditKey,
    store::{
        Head, Refused,
        at_rest::DataKey,
        committer::Txn,
        engine::Tree,
        records::{Source, missing, parse, to_json},
    },
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The report's key in the log and where the entries written with it stand, by their count.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AuditRecord {
    pub key: AuditKey,
    pub places: Vec<u64>,
    /// The same of the receipt that staff had issued, once the reporter's own has taken over.
    #[serde(default)]
    pub before: Option<(AuditKey, Vec<u64>)>,
}

pub(in crate::store) const HEAD_KEY: &[u8] = b"log/head";

impl Core {
    pub fn audit(
        &self,
        from: &(impl Source + ?Sized),
        data: &DataKey,
        report: ReportId,
    ) -> Result<AuditRecord, Refused> {
        let key = report.as_bytes();
        self.records.find_of_case(from, data, Tree::Audit, key)?.ok_or_else(|| missing(Tree::Audit, key))
    }

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
        txn.put(Tree::Meta, HEAD_KEY, self.head_value(&head)?);
        let core = self.clone();
        txn.once_durable(move || core.shown_mut(|shown| shown.head = head));
        Ok(index)
    }

    /// The log as a change under way sees it.
    pub fn head_of(&self, from: &(impl Source + ?Sized)) -> Result<Head, Refused> {
        let value = from.bytes(Tree::Meta, HEAD_KEY)?.ok_or_else(|| missing(Tree::Meta, HEAD_KEY))?;
        let (clear, sealed) = value.split_at(clear_len(&value));
        let head: Head =
            parse(Tree::Meta, HEAD_KEY, &self.records.vault.open(Tree::Meta, HEAD_KEY, sealed)?)?;
        if clear.is_empty() || clear == head.size.to_be_bytes() {
            Ok(head)
        } else {
            Err(Refused::Damaged { tree: Tree::Meta.name(), key: hex::encode(HEAD_KEY) })
        }
    }

    /// Its stored form.
    pub fn head_value(&self, head: &Head) -> Result<Vec<u8>, Refused> {
        let plain = to_json(Tree::Meta, HEAD_KEY, head)?;
        let sealed = self.records.vault.seal(Tree::Meta, HEAD_KEY, &plain)?;
        Ok([head.size.to_be_bytes().as_slice(), &sealed].concat())
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

/// Bytes of a stored head, or newest day, before its seal. A seal begins with a version and a suite, 01 01: no size does that a
/// log could have, and no day.
pub(in crate::store) fn clear_len(value: &[u8]) -> usize {
    if value.starts_with(&[1, 1]) { 0 } else { value.len().min(8) }
}

/// The log's nodes, read from the engine or from a change under way.
pub(in crate::store) struct NodesOf<'a, S: ?Sized> {
    pub core: &'a Core,
    pub from: &'a S,
}

impl<S: Source + ?Sized> Nodes for NodesOf<'_, S> {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.core.node(self.from, id)
    }
}

pub(in crate::store) fn damaged_log() -> Refused {
    Refused::Damaged { tree: Tree::LogNodes.name(), key: String::new() }
}
