//! Checking a whole downloaded log: its entries must hash to the signed root, and to the root seen before.

use super::{
    checkpoint::{CheckpointRefused, LogKey, Signed},
    proof::Seen,
    tiles::{self, TilePath, TileRefused},
    tree::Frontier,
};

/// Why a downloaded log was refused. All but the first two mean that the log is not what it promises to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayRefused {
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] CheckpointRefused),
    #[error("{path}: {refused}")]
    Bundle { path: String, refused: TileRefused },
    #[error("the log has {size} entries now, but had {seen} when it was last seen")]
    Shrunk { size: u64, seen: u64 },
    #[error("the first {0} entries are not those that were seen before")]
    Rewritten(u64),
    #[error("the entries do not add up to the signed checkpoint")]
    NotTheSignedTree,
}

/// A log being read from its first entry to its last.
pub struct Replay {
    signed: Signed,
    edge: Frontier,
    last: Vec<Seen>,
}

impl Replay {
    /// Opens the checkpoint. `last` is what this reader remembers of the same log, and where earlier keys of it ended.
    pub fn begin(
        log: &LogKey,
        note: &[u8],
        last: impl IntoIterator<Item = Seen>,
    ) -> Result<Self, ReplayRefused> {
        let signed = log.open(note)?;
        let size = signed.checkpoint().size;
        let last: Vec<Seen> = last.into_iter().collect();
        if let Some(Seen { size: seen, .. }) = last.iter().find(|last| last.size > size) {
            return Err(ReplayRefused::Shrunk { size, seen: *seen });
        }
        let replay = Self { signed, edge: Frontier::empty(), last };
        replay.compare()?;
        Ok(replay)
    }

    pub fn signed(&self) -> &Signed {
        &self.signed
    }

    /// What to fetch and [`Replay::feed`], in this order.
    pub fn wanted(&self) -> impl Iterator<Item = TilePath> + use<> {
        TilePath::bundles(self.signed.checkpoint().size)
    }

    /// Takes the next bundle and hands out its entries. They are only believed once [`Replay::finish`] agrees.
    pub fn feed<'b>(&mut self, path: TilePath, bundle: &'b [u8]) -> Result<Vec<&'b [u8]>, ReplayRefused> {
        let entries = tiles::parse_bundle(bundle, path.width())
            .map_err(|refused| ReplayRefused::Bundle { path: path.to_string(), refused })?;
        for entry in &entries {
            self.edge.append(entry);
            self.compare()?;
        }
        Ok(entries)
    }

    /// Everything was fed: what to remember of this log.
    pub fn finish(self) -> Result<Seen, ReplayRefused> {
        let seen = Seen { size: self.edge.size(), root: self.edge.root() };
        let signed = self.signed.checkpoint();
        if seen == (Seen { size: signed.size, root: signed.root }) {
            Ok(seen)
        } else {
            Err(ReplayRefused::NotTheSignedTree)
        }
    }

    fn compare(&self) -> Result<(), ReplayRefused> {
        let size = self.edge.size();
        let here = |last: &&Seen| last.size == size && last.root != self.edge.root();
        match self.last.iter().find(here) {
            Some(_) => Err(ReplayRefused::Rewritten(size)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            LeafEntry, PublicKind,
            checkpoint::{Checkpoint, sign},
            tree::EMPTY_ROOT,
        },
        *,
    };
    use crate::signing::SigningKey;
    use jiff::civil::date;

    fn entry(i: u64) -> LeafEntry {
        LeafEntry::public(PublicKind::Script, i, date(2026, 11, 26), [7; 32])
    }

    fn bundle(entries: impl Iterator<Item = u64>) -> Vec<u8> {
        entries.flat_map(|i| [&[0, 128][..], entry(i).as_bytes()].concat()).collect()
    }

    fn seen(size: u64) -> Seen {
        let mut edge = Frontier::empty();
        (0..size).for_each(|i| drop(edge.append(entry(i).as_bytes())));
        Seen { size, root: edge.root() }
    }

    /// Reads a log of 300 entries, in which entry 10 is replaced by `tenth`.
    fn replay(tenth: u64, last: Option<Seen>) -> Result<Seen, ReplayRefused> {
        let key = SigningKey::from_seed([1; 32]);
        let origin: super::super::checkpoint::Origin = "mifeng.example/log".parse().unwrap();
        let Seen { size, root } = seen(300);
        let signed = sign(&key, &Checkpoint { origin: origin.clone(), size, root });
        let mut replay = Replay::begin(&LogKey::new(origin, key.verify_key()), signed.note(), last)?;
        let mut from = 0;
        for path in replay.wanted() {
            let numbers = (from..from + path.width()).map(|i| if i == 10 { tenth } else { i });
            replay.feed(path, &bundle(numbers))?;
            from += path.width();
        }
        replay.finish()
    }

    #[test]
    fn a_log_that_kept_what_it_had_is_believed() {
        for last in [None, Some(seen(0)), Some(seen(1)), Some(seen(256)), Some(seen(299)), Some(seen(300))] {
            assert_eq!(replay(10, last), Ok(seen(300)));
        }
    }

    #[test]
    fn a_log_that_changed_one_entry_is_refused_with_or_without_memory() {
        assert_eq!(replay(999, None), Err(ReplayRefused::NotTheSignedTree));
        assert_eq!(replay(999, Some(seen(20))), Err(ReplayRefused::Rewritten(20)));
        let elsewhere = Seen { size: 300, root: EMPTY_ROOT };
        assert_eq!(replay(10, Some(elsewhere)), Err(ReplayRefused::Rewritten(300)));
        assert_eq!(replay(10, Some(seen(301))), Err(ReplayRefused::Shrunk { size: 300, seen: 301 }));
    }

    #[test]
    fn a_short_bundle_is_refused_by_its_address() {
        let key = SigningKey::from_seed([1; 32]);
        let origin: super::super::checkpoint::Origin = "mifeng.example/log".parse().unwrap();
        let signed = sign(&key, &Checkpoint { origin: origin.clone(), size: 3, root: seen(3).root });
        let mut replay = Replay::begin(&LogKey::new(origin, key.verify_key()), signed.note(), None).unwrap();
        let path = replay.wanted().next().unwrap();
        let refused = replay.feed(path, &bundle(0..2)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "tile/entries/000.p/3: the bundle is cut short or holds more than its width"
        );
        assert_eq!(replay.finish(), Err(ReplayRefused::NotTheSignedTree));
    }
}
