//! How the log is published: C2SP `tlog-tiles`, 256 wide.
//!
//! ```text
//! tile/<level>/<index>[.p/<width>]     level ≥ 1: roots of full tiles below; level 0: leaf hashes, 32 bytes each
//! tile/entries/<index>[.p/<width>]     the entries themselves, each with its length in front (2 bytes, big-endian)
//! index: groups of three digits, all but the last with an x in front: 1234067 is x001/x234/067
//! ```
//! A tile not yet full is asked for by its width, so that what a path names never changes.

use super::{
    leaf::LeafEntry,
    tree::{NodeId, Nodes, TreeRefused},
};
use std::{fmt, str::FromStr};

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u64 = 256;
/// The tile's height in levels of the tree.
const HEIGHT: u32 = 8;
const MOST_LEVELS: u8 = 63;

/// Why a path or a tile was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileRefused {
    #[error("not the path of a tile")]
    Path,
    #[error("the log has no such tile (yet)")]
    NotThere,
    #[error("entry {0} is not stored")]
    EntryMissing(u64),
    #[error(transparent)]
    Tree(#[from] TreeRefused),
    #[error("the bundle is cut short or holds more than its width")]
    Bundle,
}

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holds {
    Hashes { level: u8 },
    Entries,
}

/// The address of a tile, below the log's own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TilePath {
    holds: Holds,
    index: u64,
    /// 1 ..= 256
    width: u64,
}

impl TilePath {
    pub fn is_full(self) -> bool {
        self.width == WIDTH
    }

    /// Hashes or entries the tile holds.
    pub fn width(self) -> u64 {
        self.width
    }

    /// All bundles of a log of `size` entries, in order.
    pub fn bundles(size: u64) -> impl Iterator<Item = Self> {
        (0..size.div_ceil(WIDTH)).map(move |index| Self {
            holds: Holds::Entries,
            index,
            width: (size - index * WIDTH).min(WIDTH),
        })
    }

    /// Every tile, hashes and entries, of a log of `size` entries: what a mirror copies.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        let levels = (0..8u8).map(move |level| (level, size >> (HEIGHT * u32::from(level))));
        let hashes = levels.take_while(|(_, count)| *count > 0).flat_map(|(level, count)| {
            Self::bundles(count).map(move |tile| Self { holds: Holds::Hashes { level }, ..tile })
        });
        hashes.chain(Self::bundles(size))
    }
}

/// Where stored entries are read from.
pub trait Entries {
    fn entry(&self, index: u64) -> Option<LeafEntry>;
}

/// The bytes at `path` in a log of which `size` entries are published.
pub fn serve(
    log: &(impl Nodes + Entries + ?Sized),
    size: u64,
    path: TilePath,
) -> Result<Vec<u8>, TileRefused> {
    let level = if let Holds::Hashes { level } = path.holds { level } else { 0 };
    let count = size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0);
    let from = path.index.checked_mul(WIDTH).ok_or(TileRefused::NotThere)?;
    let to = from.checked_add(path.width).filter(|to| *to <= count).ok_or(TileRefused::NotThere)?;
    match path.holds {
        Holds::Entries => {
            let entries = (from..to).map(|i| log.entry(i).ok_or(TileRefused::EntryMissing(i)));
            Ok(bundle(&entries.collect::<Result<Vec<_>, _>>()?))
        }
        Holds::Hashes { level } => {
            let mut tile = Vec::with_capacity(path.width as usize * 32);
            for index in from..to {
                let level = level * HEIGHT as u8;
                let node = log.node(NodeId { level, index });
                tile.extend_from_slice(&node.ok_or(TreeRefused::NodeMissing { level, index })?.0);
            }
            Ok(tile)
        }
    }
}

/// Reads a bundle of exactly `width` entries. They may be of a version unknown here.
pub fn parse_bundle(mut bytes: &[u8], width: u64) -> Result<Vec<&[u8]>, TileRefused> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        // Entries may be empty: nobody may make us hold eight times what they send.
        if entries.len() as u64 == width {
            return Err(TileRefused::Bundle);
        }
        let (len, rest) = bytes.split_first_chunk().ok_or(TileRefused::Bundle)?;
        let len = usize::from(u16::from_be_bytes(*len));
        let (entry, rest) = rest.split_at_checked(len).ok_or(TileRefused::Bundle)?;
        entries.push(entry);
        bytes = rest;
    }
    if entries.len() as u64 == width { Ok(entries) } else { Err(TileRefused::Bundle) }
}

fn bundle(entries: &[LeafEntry]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        let bytes = entry.as_bytes();
        out.extend_from_slice(&(bytes.len() as u16).to_be_bytes());
        out.extend_from_slice(bytes);
    }
    out
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.holds {
            Holds::Entries => f.write_str("tile/entries")?,
            Holds::Hashes { level } => write!(f, "tile/{level}")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups[1..].iter().rev() {
            write!(f, "/x{group:03}")?;
        }
        write!(f, "/{:03}", groups[0])?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for TilePath {
    type Err = TileRefused;
    fn from_str(text: &str) -> Result<Self, TileRefused> {
        let parsed = parse_path(text).ok_or(TileRefused::Path)?;
        // One spelling for each tile, or caches and mirrors would hold the same one twice.
        if parsed.to_string() == text { Ok(parsed) } else { Err(TileRefused::Path) }
    }
}

fn parse_path(text: &str) -> Option<TilePath> {
    let (holds, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let holds = match holds {
        "entries" => Holds::Entries,
        level => Holds::Hashes { level: level.parse().ok().filter(|level| *level <= MOST_LEVELS)? },
    };
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (index, width.parse().ok().filter(|w| (1..WIDTH).contains(w))?),
        None => (rest, WIDTH),
    };
    let index = index.split('/').try_fold(0u64, |sum, group| {
        let group: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        sum.checked_mul(1000)?.checked_add(group)
    })?;
    Some(TilePath { holds, index, width })
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            says::PublicKind,
            tree::{Frontier, Hash, leaf_hash, tests::Memory},
        },
        *,
    };
    use jiff::civil::date;
    use proptest::prelude::*;

    fn entry(i: u64) -> LeafEntry {
        LeafEntry::public(PublicKind::Script, i, date(2026, 11, 26), [7; 32])
    }

    impl Entries for Memory {
        fn entry(&self, index: u64) -> Option<LeafEntry> {
            Some(entry(index))
        }
    }

    fn log_of(size: u64) -> (Memory, Hash) {
        let (mut nodes, mut edge) = (Memory::default(), Frontier::empty());
        (0..size).for_each(|i| nodes.0.extend(edge.append(entry(i).as_bytes())));
        (nodes, edge.root())
    }

    #[test]
    fn bundles_hash_to_the_tile_beside_them_and_to_the_root() {
        let (log, root) = log_of(600);
        let mut edge = Frontier::empty();
        for path in TilePath::bundles(600) {
            let bytes = serve(&log, 600, path).unwrap();
            let beside = path.to_string().replace("entries", "0").parse().unwrap();
            let hashes = serve(&log, 600, beside).unwrap();
            let entries = parse_bundle(&bytes, path.width()).unwrap();
            assert_eq!(entries.len() * 32, hashes.len());
            for (entry, hash) in entries.iter().zip(hashes.chunks(32)) {
                assert_eq!(leaf_hash(entry).0, hash);
                edge.append(entry);
            }
        }
        assert_eq!(edge.root(), root);
    }

    #[test]
    fn a_full_tile_hashes_to_its_place_in_the_tile_above() {
        let (log, _) = log_of(600);
        let above = serve(&log, 600, "tile/1/000.p/2".parse().unwrap()).unwrap();
        let mut below = Frontier::empty();
        (256..512).for_each(|i| drop(below.append(entry(i).as_bytes())));
        assert_eq!(above[32..], below.root().0);
    }

    #[test]
    fn what_is_not_published_is_not_there() {
        let (log, _) = log_of(600);
        for path in ["tile/0/002", "tile/entries/002.p/89", "tile/1/000.p/3", "tile/2/000.p/1", "tile/63/000"]
        {
            assert_eq!(serve(&log, 600, path.parse().unwrap()), Err(TileRefused::NotThere), "{path}");
        }
        assert!(serve(&log, 600, "tile/0/002.p/88".parse().unwrap()).is_ok());
        assert_eq!(serve(&log, 599, "tile/0/002.p/88".parse().unwrap()), Err(TileRefused::NotThere));
    }

    #[test]
    fn every_tile_has_one_spelling() {
        for bad in [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001/x000",
            "tile/0/1000",
            "/tile/0/000",
            "tile/data/000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
        ] {
            assert_eq!(bad.parse::<TilePath>(), Err(TileRefused::Path), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_path_reads_back(level in prop::option::of(0..=63u8), index: u64, width in 1..=256u64) {
            let holds = level.map_or(Holds::Entries, |level| Holds::Hashes { level });
            let path = TilePath { holds, index, width };
            prop_assert_eq!(path.to_string().parse(), Ok(path));
        }

        #[test]
        fn reading_anything_never_panics(text in "(tile/)?[0-9a-z./x]{0,40}", bytes: Vec<u8>, width: u64) {
            if let Ok(path) = text.parse::<TilePath>() {
                prop_assert_eq!(path.to_string(), text);
            }
            let _ = parse_bundle(&bytes, width);
        }
    }
}
