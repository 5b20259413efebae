//! A file that proves, offline, that an entry was published: entry, audit path, checkpoint, and that the
//! checkpoint continues the last one its reader saw.
//!
//! ```json
//! { "version": 1, "entry": "base64", "index": 417, "path": ["base64", …], "checkpoint": "the signed note",
//!   "consistency": [{ "older": 400, "path": ["base64", …] }, …] }
//! ```
//! Only `Proof::verify` makes a `Published`. What this does not give: without outside witnesses a server
//! could show two readers two logs; each reader's memory (`Seen`) and the trustees' cosignatures are what
//! would show it.

use super::{
    checkpoint::{CheckpointRefused, LogKey, Signed},
    leaf::{Leaf, LeafEntry, LeafRefused},
    scan,
    tree::{self, Hash, Nodes, TreeRefused},
};
use crate::receipt::AuditKey;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

const VERSION: u8 = 1;

/// Why a proof was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefused {
    #[error("not a proof of version {VERSION}")]
    Unreadable,
    #[error("the entry: {0}")]
    Entry(#[from] LeafRefused),
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] CheckpointRefused),
    #[error(transparent)]
    Tree(#[from] TreeRefused),
    #[error(
        "the checkpoint has {size} entries, but {seen} were seen before: ask for a fresh proof. If that has fewer, too, the log was rolled back: give no share, and tell the other trustees"
    )]
    Older { size: u64, seen: u64 },
    #[error("the proof does not reach back to the {0} entries seen before: ask for one that does")]
    DoesNotReachBack(u64),
    #[error("the entry belongs to another report")]
    AnotherReports,
}

/// The proof as it travels: nothing in it is believed before [`Proof::verify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    version: u8,
    entry: String,
    index: u64,
    path: Vec<Hash>,
    checkpoint: String,
    consistency: Vec<Consistency>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Consistency {
    older: u64,
    path: Vec<Hash>,
}

/// What a reader remembers of a log: the largest tree it has checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub size: u64,
    pub root: Hash,
}

/// An entry that stands in the log. A value of this type *is* the check:
///
/// ```
/// use mifeng::log::{checkpoint::LogKey, proof::{Proof, ProofRefused, Published}};
/// fn checked(proof: &Proof, pinned: &LogKey) -> Result<Published, ProofRefused> {
///     proof.verify(pinned, None)
/// }
/// ```
/// ```compile_fail,E0451
/// use mifeng::log::{LeafEntry, checkpoint::Signed, proof::Published};
/// fn forged(entry: LeafEntry, signed: Signed) -> Published {
///     Published { entry, index: 417, signed }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Published {
    entry: LeafEntry,
    index: u64,
    signed: Signed,
}

impl Proof {
    /// Proves entry `index` in `signed`, reaching back to each size in `seen_before` that its readers may
    /// remember (0 and sizes not below the checkpoint's need no proof and are left out).
    pub fn make(
        nodes: &impl Nodes,
        signed: &Signed,
        index: u64,
        entry: &LeafEntry,
        seen_before: impl IntoIterator<Item = u64>,
    ) -> Result<Self, ProofRefused> {
        let size = signed.checkpoint().size;
        let consistency = seen_before
            .into_iter()
            .filter(|older| (1..size).contains(older))
            .map(|older| Ok(Consistency { older, path: tree::consistency_proof(nodes, older, size)? }))
            .collect::<Result<_, TreeRefused>>()?;
        Ok(Self {
            version: VERSION,
            entry: BASE64_STANDARD.encode(entry.as_bytes()),
            index,
            path: tree::inclusion_proof(nodes, index, size)?,
            checkpoint: String::from_utf8_lossy(signed.note()).into_owned(),
            consistency,
        })
    }

    pub fn parse(json: &[u8]) -> Result<Self, ProofRefused> {
        let proof: Self = serde_json::from_slice(json).map_err(|_| ProofRefused::Unreadable)?;
        if proof.version == VERSION { Ok(proof) } else { Err(ProofRefused::Unreadable) }
    }

    pub fn to_json(&self) -> String {
        // Unwrap safety: strings and numbers only, no map with other keys.
        serde_json::to_string_pretty(self).unwrap()
    }

    /// Checks everything against the pinned key and what was seen before. The caller then remembers
    /// [`Published::seen`], before acting on it.
    pub fn verify(&self, log: &LogKey, last: Option<&Seen>) -> Result<Published, ProofRefused> {
        let bytes = BASE64_STANDARD.decode(&self.entry).map_err(|_| ProofRefused::Unreadable)?;
        let entry = LeafEntry::parse(&bytes)?;
        let signed = log.open(self.checkpoint.as_bytes())?;
        let now = Seen { size: signed.checkpoint().size, root: signed.checkpoint().root };
        if let Some(last) = last {
            self.continues(last, &now)?;
        }
        tree::verify_inclusion(
            tree::leaf_hash(entry.as_bytes()),
            self.index,
            now.size,
            &self.path,
            now.root,
        )?;
        Ok(Published { entry, index: self.index, signed })
    }

    fn continues(&self, last: &Seen, now: &Seen) -> Result<(), ProofRefused> {
        if now.size < last.size {
            return Err(ProofRefused::Older { size: now.size, seen: last.size });
        }
        let path = match self.consistency.iter().find(|each| each.older == last.size) {
            Some(found) => &found.path[..],
            None if last.size == now.size => &[],
            None if last.size == 0 => return Ok(()),
            None => return Err(ProofRefused::DoesNotReachBack(last.size)),
        };
        Ok(tree::verify_consistency((last.size, last.root), (now.size, now.root), path)?)
    }
}

impl Published {
    pub fn entry(&self) -> &LeafEntry {
        &self.entry
    }
    /// Its place in the log.
    pub fn index(&self) -> u64 {
        self.index
    }
    /// The checkpoint it stands in, to be cosigned.
    pub fn signed(&self) -> &Signed {
        &self.signed
    }
    /// What to remember.
    pub fn seen(&self) -> Seen {
        Seen { size: self.signed.checkpoint().size, root: self.signed.checkpoint().root }
    }

    /// What the entry says, if it was made with this report's audit key.
    pub fn leaf(&self, audit: &AuditKey) -> Result<Leaf, ProofRefused> {
        let (_, leaf) = scan::own(audit, &self.entry).ok_or(ProofRefused::AnotherReports)?;
        Ok(leaf?)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            checkpoint::{Checkpoint, sign},
            says::{Event, Purpose},
            tree::{Frontier, tests::Memory},
        },
        *,
    };
    use crate::signing::SigningKey;
    use jiff::civil::date;
    use proptest::prelude::*;

    const AUDIT: AuditKey = AuditKey([9; 32]);

    struct Log {
        key: SigningKey,
        nodes: Memory,
        seen: Vec<Seen>,
    }

    impl Log {
        fn of(entries: &[LeafEntry]) -> Self {
            let (mut nodes, mut edge) = (Memory::default(), Frontier::empty());
            let mut seen = vec![Seen { size: 0, root: edge.root() }];
            for entry in entries {
                nodes.0.extend(edge.append(entry.as_bytes()));
                seen.push(Seen { size: edge.size(), root: edge.root() });
            }
            Self { key: SigningKey::from_seed([1; 32]), nodes, seen }
        }
        fn signed(&self) -> Signed {
            let &Seen { size, root } = self.seen.last().unwrap();
            sign(&self.key, &Checkpoint { origin: "mifeng.example/log".parse().unwrap(), size, root })
        }
        fn pinned(&self) -> LogKey {
            LogKey::new("mifeng.example/log".parse().unwrap(), self.key.verify_key())
        }
    }

    fn release() -> Leaf {
        Leaf {
            purpose: Some(Purpose::Identity),
            award: Some("2026-000417-1".parse().unwrap()),
            digest: Some([5; 32]),
            ..Leaf::plain(Event::Release, date(2026, 11, 26))
        }
    }

    fn entries() -> Vec<LeafEntry> {
        (0..9).map(|n| LeafEntry::report(&AUDIT, n, &release())).collect()
    }

    fn proved() -> (Log, Proof) {
        let entries = entries();
        let log = Log::of(&entries);
        let proof = Proof::make(&log.nodes, &log.signed(), 6, &entries[6], 0..=20).unwrap();
        (log, proof)
    }

    #[test]
    fn a_published_release_is_believed_by_whoever_saw_any_earlier_tree() {
        let (log, proof) = proved();
        let proof = Proof::parse(proof.to_json().as_bytes()).unwrap();
        for last in std::iter::once(None).chain(log.seen.iter().map(Some)) {
            let published = proof.verify(&log.pinned(), last).unwrap();
            assert_eq!(published.leaf(&AUDIT), Ok(release()));
            assert_eq!((published.index(), published.seen()), (6, *log.seen.last().unwrap()));
            assert_eq!(published.leaf(&AuditKey([8; 32])), Err(ProofRefused::AnotherReports));
        }
    }

    #[test]
    fn a_rewritten_shorter_or_unconnected_log_is_refused() {
        let (log, proof) = proved();
        let refused = |last: Seen| proof.verify(&log.pinned(), Some(&last)).unwrap_err();
        for size in 1..=9 {
            let root = tree::EMPTY_ROOT;
            assert_eq!(refused(Seen { size, root }), ProofRefused::Tree(TreeRefused::Rewritten));
        }
        let later = Seen { size: 10, root: tree::EMPTY_ROOT };
        assert_eq!(refused(later), ProofRefused::Older { size: 9, seen: 10 });
        let alone = Proof { consistency: vec![], ..proof.clone() };
        let refused = alone.verify(&log.pinned(), Some(&log.seen[3])).unwrap_err();
        assert_eq!(refused, ProofRefused::DoesNotReachBack(3));
    }

    #[test]
    fn an_entry_that_was_never_published_is_refused() {
        let (log, proof) = proved();
        let forged = LeafEntry::report(&AUDIT, 6, &Leaf { digest: None, ..release() });
        let forged = Proof { entry: BASE64_STANDARD.encode(forged.as_bytes()), ..proof.clone() };
        let refused = forged.verify(&log.pinned(), None).unwrap_err();
        assert_eq!(refused, ProofRefused::Tree(TreeRefused::NotIncluded));
        let other =
            LogKey::new("mifeng.example/log".parse().unwrap(), SigningKey::from_seed([2; 32]).verify_key());
        let refused = proof.verify(&other, None).unwrap_err();
        assert_eq!(refused, ProofRefused::Checkpoint(CheckpointRefused::Signature));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn no_changed_byte_of_a_proof_is_believed_to_say_something_else(
            at in any::<prop::sample::Index>(), flip in 1..=255u8, last in 0..=9usize
        ) {
            let (log, proof) = proved();
            let last = &log.seen[last];
            let mut json = proof.to_json().into_bytes();
            let at = at.index(json.len());
            json[at] ^= flip;
            // A change may hit white space or a consistency path this reader does not use; whatever passes
            // says exactly what the untouched proof says.
            if let Ok(published) = Proof::parse(&json).and_then(|p| p.verify(&log.pinned(), Some(last))) {
                let plain = proof.verify(&log.pinned(), Some(last)).unwrap();
                prop_assert_eq!(published.entry(), plain.entry());
                prop_assert_eq!(published.index(), plain.index());
                prop_assert_eq!(published.seen(), plain.seen());
            }
        }

        #[test]
        fn reading_anything_never_panics(json: Vec<u8>) {
            let _ = Proof::parse(&json);
        }
    }
}
