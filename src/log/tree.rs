//! The Merkle tree of RFC 6962, section 2.1: hashing, growing, proving, checking.
//!
//! Stored are the roots of *complete* subtrees: node (level, index) covers the leaves
//! `index << level .. (index + 1) << level`. Once written a node never changes. `tlog_tiles` 0.2 was
//! weighed and left: it writes the paths of the older checksum database, and it panics on bad indices.

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Why a tree, or a proof about one, was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeRefused {
    #[error("node {index} of level {level} is not stored")]
    NodeMissing { level: u8, index: u64 },
    #[error("leaf {index} is not in a tree of {size}")]
    OutOfRange { index: u64, size: u64 },
    #[error("a tree of {older} cannot grow into one of {newer}")]
    NotAPrefix { older: u64, newer: u64 },
    #[error("the entry is not in the tree at that place")]
    NotIncluded,
    #[error("the newer tree does not keep what the older one held")]
    Rewritten,
    #[error("not a SHA-256 hash (expected 32 bytes in base64)")]
    NotAHash,
}

/// A node of the tree. Written as base64, as checkpoints do.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

/// The root of a tree without leaves: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId {
    pub level: u8,
    pub index: u64,
}

impl NodeId {
    /// `level ‖ index`, big-endian: neighbours of a level are neighbours in the store.
    pub fn to_key(self) -> [u8; 9] {
        let mut key = [0; 9];
        key[0] = self.level;
        key[1..].copy_from_slice(&self.index.to_be_bytes());
        key
    }
}

/// Where stored nodes are read from.
pub trait Nodes {
    /// `None` if it is not stored, which refuses whatever needed it.
    fn node(&self, id: NodeId) -> Option<Hash>;
}

/// SHA-256(0x00 ‖ entry).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    digest(&[&[0], entry])
}

/// The right edge of a tree: all that is needed to append to it and to know its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees, largest (leftmost) first: one for each set bit of `size`.
    peaks: Vec<Hash>,
}

impl Frontier {
    pub fn empty() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// The edge of the stored tree of `size` leaves; reads at most 64 nodes.
    pub fn load(nodes: &impl Nodes, size: u64) -> Result<Self, TreeRefused> {
        let levels = (0..64u8).rev().filter(|level| size >> level & 1 == 1);
        let peaks = levels.map(|level| read(nodes, level, (size >> level) - 1)).collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }

    /// Appends one entry and returns the nodes this completes, to be stored with the entry: its own leaf
    /// hash first, then each subtree that is now full.
    pub fn append(&mut self, entry: &[u8]) -> Vec<(NodeId, Hash)> {
        let (mut id, mut hash) = (NodeId { level: 0, index: self.size }, leaf_hash(entry));
        let mut completed = vec![(id, hash)];
        while id.index & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = node_hash(left, hash);
            id = NodeId { level: id.level + 1, index: id.index >> 1 };
            completed.push((id, hash));
        }
        self.peaks.push(hash);
        self.size += 1;
        completed
    }

    /// Leaves in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().copied();
        let last = peaks.next().unwrap_or(EMPTY_ROOT);
        peaks.fold(last, |right, left| node_hash(left, right))
    }
}

/// The root the tree had when it held `size` leaves.
pub fn root(nodes: &impl Nodes, size: u64) -> Result<Hash, TreeRefused> {
    Ok(Frontier::load(nodes, size)?.root())
}

/// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962, 2.1.1), lowest sibling first.
pub fn inclusion_proof(nodes: &impl Nodes, index: u64, size: u64) -> Result<Vec<Hash>, TreeRefused> {
    if index >= size {
        return Err(TreeRefused::OutOfRange { index, size });
    }
    let mut path = Vec::new();
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(subtree(nodes, middle, to)?);
            to = middle;
        } else {
            path.push(subtree(nodes, from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// That the tree of `newer` leaves begins with the tree of `older` (RFC 6962, 2.1.2). Empty when they are the same.
pub fn consistency_proof(nodes: &impl Nodes, older: u64, newer: u64) -> Result<Vec<Hash>, TreeRefused> {
    if older == 0 || older > newer {
        return Err(TreeRefused::NotAPrefix { older, newer });
    }
    let mut proof = Vec::new();
    let (mut from, mut to) = (0, newer);
    while older != to {
        let middle = from + split(to - from);
        if older <= middle {
            proof.push(subtree(nodes, middle, to)?);
            to = middle;
        } else {
            proof.push(subtree(nodes, from, middle)?);
            from = middle;
        }
    }
    // A subtree that begins at the first leaf is the older tree itself, whose root the checker has.
    if from != 0 {
        proof.push(subtree(nodes, from, to)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks an audit path (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: Hash,
) -> Result<(), TreeRefused> {
    if index >= size {
        return Err(TreeRefused::OutOfRange { index, size });
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return Err(TreeRefused::NotIncluded);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(*sibling, hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == root { Ok(()) } else { Err(TreeRefused::NotIncluded) }
}

/// Checks a consistency proof (RFC 9162, 2.1.4.2).
pub fn verify_consistency(
    (older, older_root): (u64, Hash),
    (newer, newer_root): (u64, Hash),
    proof: &[Hash],
) -> Result<(), TreeRefused> {
    if older == 0 || older > newer {
        return Err(TreeRefused::NotAPrefix { older, newer });
    }
    if older == newer {
        let same = proof.is_empty() && older_root == newer_root;
        return if same { Ok(()) } else { Err(TreeRefused::Rewritten) };
    }
    let (mut node, mut last) = (older - 1, newer - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    // When the older tree is one complete subtree, its root opens the proof without being sent.
    let (seed, rest) = match proof.split_first() {
        _ if older.is_power_of_two() => (older_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return Err(TreeRefused::Rewritten),
    };
    let (mut old, mut new) = (seed, seed);
    for hash in rest {
        if last == 0 {
            return Err(TreeRefused::Rewritten);
        }
        if node & 1 == 1 || node == last {
            old = node_hash(*hash, old);
            new = node_hash(*hash, new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(new, *hash);
        }
        node >>= 1;
        last >>= 1;
    }
    let holds = last == 0 && old == older_root && new == newer_root;
    if holds { Ok(()) } else { Err(TreeRefused::Rewritten) }
}

/// SHA-256(0x01 ‖ left ‖ right).
fn node_hash(left: Hash, right: Hash) -> Hash {
    digest(&[&[1], &left.0, &right.0])
}

/// The root over leaves `from..to`, where `from` is a multiple of the largest complete subtree within.
fn subtree(nodes: &impl Nodes, from: u64, to: u64) -> Result<Hash, TreeRefused> {
    let count = to - from;
    if count.is_power_of_two() {
        let level = count.trailing_zeros() as u8;
        return read(nodes, level, from >> level);
    }
    let middle = from + split(count);
    Ok(node_hash(subtree(nodes, from, middle)?, subtree(nodes, middle, to)?))
}

/// The largest power of two below `count` (which is at least 2).
fn split(count: u64) -> u64 {
    1 << (63 - (count - 1).leading_zeros())
}

fn read(nodes: &impl Nodes, level: u8, index: u64) -> Result<Hash, TreeRefused> {
    nodes.node(NodeId { level, index }).ok_or(TreeRefused::NodeMissing { level, index })
}

fn digest(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Hash(out)
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_STANDARD.encode(self.0))
    }
}
impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}
impl FromStr for Hash {
    type Err = TreeRefused;
    fn from_str(text: &str) -> Result<Self, TreeRefused> {
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| TreeRefused::NotAHash)?;
        Ok(Self(bytes.try_into().map_err(|_| TreeRefused::NotAHash)?))
    }
}
impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
pub(super) mod tests;
