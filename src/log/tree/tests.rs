//! Trees of every small size, and a store of nodes in memory.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

#[derive(Default)]
pub struct Memory(pub HashMap<NodeId, Hash>);

impl Nodes for Memory {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.0.get(&id).copied()
    }
}

/// A tree of `size` entries (the number of each, as bytes) and its root at every size.
pub fn grown(size: u64) -> (Memory, Vec<Hash>) {
    let (mut nodes, mut edge) = (Memory::default(), Frontier::empty());
    let mut roots = vec![edge.root()];
    for i in 0..size {
        nodes.0.extend(edge.append(&i.to_be_bytes()));
        roots.push(edge.root());
    }
    (nodes, roots)
}

#[test]
fn every_leaf_of_every_small_tree_is_proved_and_no_neighbour_passes_for_it() {
    let (nodes, roots) = grown(70);
    for size in 1..=70 {
        for index in 0..size {
            let path = inclusion_proof(&nodes, index, size).unwrap();
            let leaf = leaf_hash(&index.to_be_bytes());
            let root = roots[size as usize];
            assert_eq!(verify_inclusion(leaf, index, size, &path, root), Ok(()));
            assert!(verify_inclusion(leaf, index + 1, size, &path, root).is_err());
            assert!(verify_inclusion(leaf, index, size, &path, roots[size as usize - 1]).is_err());
            let longer = [path.as_slice(), &[EMPTY_ROOT]].concat();
            assert!(verify_inclusion(leaf, index, size, &longer, root).is_err());
            if let Some((_, shorter)) = path.split_last() {
                assert!(verify_inclusion(leaf, index, size, &path[1..], root).is_err());
                assert!(verify_inclusion(leaf, index, size, shorter, root).is_err());
            }
        }
    }
}

#[test]
fn every_small_tree_is_consistent_with_every_earlier_one_and_with_no_other() {
    let (nodes, roots) = grown(70);
    for newer in 1..=70u64 {
        for older in 1..=newer {
            let proof = consistency_proof(&nodes, older, newer).unwrap();
            let (old, new) = ((older, roots[older as usize]), (newer, roots[newer as usize]));
            assert_eq!(verify_consistency(old, new, &proof), Ok(()), "{older} {newer}");
            assert!(verify_consistency((older, EMPTY_ROOT), new, &proof).is_err());
            assert!(verify_consistency(old, (newer, EMPTY_ROOT), &proof).is_err());
            let longer = [proof.as_slice(), &[EMPTY_ROOT]].concat();
            assert!(verify_consistency(old, new, &longer).is_err());
            for i in 0..proof.len() {
                let mut shorter = proof.clone();
                shorter.remove(i);
                assert!(verify_consistency(old, new, &shorter).is_err());
                let mut changed = proof.clone();
                changed[i].0[0] ^= 1;
                assert!(verify_consistency(old, new, &changed).is_err());
            }
        }
    }
}

#[test]
fn an_edge_read_from_the_store_is_the_edge_that_grew() {
    let (nodes, roots) = grown(70);
    for size in 0..=70 {
        assert_eq!(root(&nodes, size), Ok(roots[size as usize]));
    }
    let (mut grew, mut loaded) = (Frontier::empty(), Frontier::load(&nodes, 69).unwrap());
    for i in 0..69u64 {
        grew.append(&i.to_be_bytes());
    }
    assert_eq!(loaded, grew);
    assert_eq!(loaded.append(b"x"), grew.append(b"x"));
}

#[test]
fn a_store_with_a_hole_is_refused_by_name() {
    let (mut nodes, _) = grown(8);
    nodes.0.remove(&NodeId { level: 2, index: 1 });
    assert_eq!(inclusion_proof(&nodes, 0, 8), Err(TreeRefused::NodeMissing { level: 2, index: 1 }));
    assert_eq!(inclusion_proof(&nodes, 8, 8), Err(TreeRefused::OutOfRange { index: 8, size: 8 }));
    assert_eq!(consistency_proof(&nodes, 0, 8), Err(TreeRefused::NotAPrefix { older: 0, newer: 8 }));
}

proptest! {
    #[test]
    fn a_path_of_anything_neither_passes_nor_panics(
        index: u64, size: u64, older: u64, path in prop::collection::vec(any::<[u8; 32]>(), 0..70)
    ) {
        let path: Vec<Hash> = path.into_iter().map(Hash).collect();
        prop_assert!(verify_inclusion(EMPTY_ROOT, index, size, &path, Hash([7; 32])).is_err());
        let (a, b) = ((older, EMPTY_ROOT), (size, Hash([7; 32])));
        prop_assert!(verify_consistency(a, b, &path).is_err());
    }
}
