//! One moment of an engine that has no snapshots of its own, read a page at a time while others go on writing.
//!
//! Before a key that was not read yet is written over, what it held is put aside; a page is read and a group applied in
//! turn, never at once. So what is read is what was there when the moment was taken, however long reading takes.
//! Memory: what was there before of that which is written meanwhile, up to [`MOST`] and one value; a page that is handed over
//! brings no more with it, for what it merges in is moved.

use super::{
    Refused,
    engine::{Entry, Tree, Writes},
};
use std::{collections::BTreeMap, ops::Range};

/// Bytes put aside at most, what keeps them included. Beyond, the moment is given up, not the store.
const MOST: usize = 256 << 20;
/// What a map takes for one entry beside its bytes: three lengths and places, the allocator's rounding, a share of a node that is
/// half full. Generously: many short values must not come to more than few long ones.
const ENTRY: usize = 256;

/// How far reading has come, and what was there before.
pub struct Moment {
    slots: Vec<Range<u64>>,
    /// The last key read; of the tree all, if there is none.
    read: Option<(Tree, Option<Vec<u8>>)>,
    before: BTreeMap<(Tree, Vec<u8>), Option<Vec<u8>>>,
    bytes: usize,
    given_up: bool,
}

impl Moment {
    /// `slots`: those that hold something now.
    pub fn now(slots: Vec<Range<u64>>) -> Self {
        Self { slots, read: None, before: BTreeMap::new(), bytes: 0, given_up: false }
    }

    /// Called before these are applied; `held` reads what is there.
    pub fn put_aside(
        &mut self,
        writes: &Writes,
        held: impl Fn(Tree, &[u8]) -> Result<Option<Vec<u8>>, Refused>,
    ) -> Result<(), Refused> {
        for (tree, key, _) in writes.iter() {
            let place = (tree, key.to_vec());
            if self.given_up || self.was_read(tree, key) || self.before.contains_key(&place) {
                continue;
            }
            let value = held(tree, key)?;
            self.bytes += taken_by(key, value.as_ref());
            self.before.insert(place, value);
            if self.bytes > MOST {
                (self.given_up, self.before, self.bytes) = (true, BTreeMap::new(), 0);
            }
        }
        Ok(())
    }

    fn was_read(&self, tree: Tree, key: &[u8]) -> bool {
        match &self.read {
            None => false,
            Some((at, to)) => {
                tree < *at || (tree == *at && to.as_ref().is_none_or(|to| key <= to.as_slice()))
            }
        }
    }

    /// After which key a tree is read on; `None`: it was read to its end.
    pub fn next(&self, tree: Tree) -> Option<Vec<u8>> {
        match &self.read {
            Some((at, to)) if *at == tree => to.as_ref().map(|to| [to.as_slice(), &[0]].concat()),
            _ => Some(Vec::new()),
        }
    }

    /// What `page` was at the moment: the entries of a tree from [`Self::next`] on as they are now, whole up to the last
    /// of them, or to the tree's end.
    pub fn page(&mut self, tree: Tree, page: Vec<Entry>, ends: bool) -> Result<Vec<Entry>, Refused> {
        if self.given_up {
            return Err(Refused::Failed(
                "too much was written while the backup was made; make it at a quieter time".into(),
            ));
        }
        let to = if ends { None } else { page.last().map(|(key, _)| key.clone()) };
        // What was read before is not put aside any more.
        let inside = |key: &[u8]| to.as_ref().is_none_or(|to| key <= to.as_slice());
        let mut then: BTreeMap<Vec<u8>, Vec<u8>> = page.into_iter().collect();
        let of_tree = self.before.range((tree, Vec::new())..).take_while(|((of, _), _)| *of == tree);
        let places: Vec<_> =
            of_tree.map(|(place, _)| place).filter(|(_, key)| inside(key)).cloned().collect();
        for place in places {
            let value = self.before.remove(&place).flatten();
            self.bytes -= taken_by(&place.1, value.as_ref());
            match value {
                Some(value) => then.insert(place.1, value),
                None => then.remove(&place.1),
            };
        }
        self.read = Some((tree, to));
        Ok(then.into_iter().collect())
    }

    /// Slots that held something, from this number on.
    pub fn slots(&self, from: u64) -> impl Iterator<Item = u64> {
        self.slots.iter().flat_map(move |run| run.start.max(from)..run.end)
    }
}

fn taken_by(key: &[u8], value: Option<&Vec<u8>>) -> usize {
    ENTRY + key.len() + value.map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Data = BTreeMap<(Tree, Vec<u8>), Vec<u8>>;

    fn apply(data: &mut Data, moment: &mut Moment, tree: Tree, key: u8, value: Option<u8>) {
        let mut writes = Writes::default();
        writes.set(tree, vec![key], value.map(|value| vec![value]));
        moment.put_aside(&writes, |tree, key| Ok(data.get(&(tree, key.to_vec())).cloned())).unwrap();
        match value {
            Some(value) => data.insert((tree, vec![key]), vec![value]),
            None => data.remove(&(tree, vec![key])),
        };
    }

    /// Every order of reading two keys at a time and changing something in between.
    #[test]
    fn what_is_read_is_what_was_there_whatever_is_written_meanwhile() {
        let changes =
            [(2, Some(9)), (3, None), (4, Some(9)), (7, Some(9)), (8, None), (2, None), (12, Some(9))];
        for pattern in 0..1u32 << changes.len() {
            let was: Data = [0, 2, 3, 5, 8, 10].map(|key| ((Tree::Cases, vec![key]), vec![1])).into();
            let (mut data, mut moment) = (was.clone(), Moment::now(Vec::new()));
            let mut left = changes.iter().enumerate();
            let mut read = Vec::new();
            while let Some(from) = moment.next(Tree::Cases) {
                for (n, (key, value)) in left.by_ref() {
                    apply(&mut data, &mut moment, Tree::Cases, *key, *value);
                    apply(&mut data, &mut moment, Tree::Meta, *key, *value);
                    if pattern & (1 << n) != 0 {
                        break;
                    }
                }
                let now = data.range((Tree::Cases, from)..).filter(|((tree, _), _)| *tree == Tree::Cases);
                let page: Vec<Entry> =
                    now.take(2).map(|((_, key), value)| (key.clone(), value.clone())).collect();
                let ends = page.len() < 2;
                read.extend(moment.page(Tree::Cases, page, ends).unwrap());
            }
            let was: Vec<Entry> = was.into_iter().map(|((_, key), value)| (key, value)).collect();
            assert_eq!(read, was, "{pattern:b}");
            // What was handed over is not counted any more: of `Meta`, which nobody has read, all still is.
            let kept = moment.before.iter().map(|((_, key), value)| taken_by(key, value.as_ref()));
            assert_eq!(moment.bytes, kept.sum::<usize>());
        }
    }

    #[test]
    fn a_moment_that_would_take_too_much_memory_is_given_up() {
        let mut moment = Moment::now(vec![2..4, 9..10]);
        assert_eq!(moment.slots(3).collect::<Vec<_>>(), [3, 9]);
        let mut writes = Writes::default();
        writes.set(Tree::Cases, vec![1], None);
        moment.put_aside(&writes, |_, _| Ok(Some(vec![0; MOST]))).unwrap();
        assert!(moment.page(Tree::Cases, vec![], true).is_err());
        assert_eq!(moment.before.len(), 0);
        // Many short ones are counted with what the map takes for each.
        let mut moment = Moment::now(vec![]);
        let mut writes = Writes::default();
        (0..(MOST / ENTRY) as u32).for_each(|n| writes.set(Tree::Cases, n.to_be_bytes().to_vec(), None));
        moment.put_aside(&writes, |_, _| Ok(None)).unwrap();
        assert!(moment.given_up);
    }
}
