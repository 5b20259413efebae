//! Logs as somebody could write them who writes whatever they are told.

use mifeng::{
    log::{
        Frontier, Hash, Leaf, LeafEntry, NodeId, Nodes,
        checkpoint::{self, Checkpoint, LogKey},
        proof::{Proof, Published},
    },
    receipt::AuditKey,
    signing::SigningKey,
};
use std::collections::HashMap;

#[derive(Default)]
pub struct Memory(pub HashMap<NodeId, Hash>);
impl Nodes for Memory {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.0.get(&id).copied()
    }
}

/// Leaves of one report as a log would have them that writes whatever it is told, each proven.
pub fn published(audit: &AuditKey, leaves: &[Leaf]) -> Vec<Published> {
    let key = SigningKey::from_seed([31; 32]);
    let log = LogKey::new("test/log".parse().unwrap(), key.verify_key());
    let (mut nodes, mut frontier) = (Memory::default(), Frontier::empty());
    let entries: Vec<LeafEntry> =
        (0..).zip(leaves).map(|(n, leaf)| LeafEntry::report(audit, n, leaf)).collect();
    for entry in &entries {
        nodes.0.extend(frontier.append(entry.as_bytes()));
    }
    let checkpoint = Checkpoint { origin: log.name().clone(), size: frontier.size(), root: frontier.root() };
    let signed = checkpoint::sign(&key, &checkpoint);
    let prove = |(index, entry): (u64, &LeafEntry)| {
        let size = frontier.size();
        Proof::make(&nodes, &signed, index, entry, size..size).unwrap().verify(&log, None).unwrap()
    };
    (0..).zip(&entries).map(prove).collect()
}
