//! What anyone can check: an append-only Merkle log in C2SP `tlog-tiles` layout with signed checkpoints.
//! Pure: the store persists entries and nodes, the portal publishes them.

/// The checkpoint: size and root, signed by the log, cosigned by those who saw it.
pub mod checkpoint;
/// How a log's key gives way to another.
pub mod closing;
/// Entries of one size that only a receipt's holder can find and read.
pub mod leaf;
/// A file that proves one entry offline; the only way to a [`proof::Published`].
pub mod proof;
/// Checking a downloaded log against its checkpoint and against what was seen before.
pub mod replay;
/// What an entry can say.
mod says;
/// Finding a report's entries with its audit key.
pub mod scan;
/// C2SP `tlog-tiles`: paths, tiles, bundles.
pub mod tiles;
/// The tree of RFC 6962: growing, proving, checking.
pub mod tree;

pub use leaf::{Leaf, LeafEntry};
pub use says::{AwardName, Event, PublicKind, Purpose};
pub use tree::{Frontier, Hash, NodeId, Nodes};
