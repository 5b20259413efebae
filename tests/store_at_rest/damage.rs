//! What was changed, exchanged or removed on the disk is noticed, and keeps nobody else out.

use super::{memory, put};
use crate::store_support::*;
use mifeng::store::{
    Cases, Refused, Reports,
    engine::{Engine, Tree},
};
use std::{path::Path, sync::Arc};

/// The records of a tree; what stands in clear there, or is a counter that may grow, is left out.
fn records(engine: &dyn Engine, tree: Tree) -> Vec<(Vec<u8>, Vec<u8>)> {
    let all = engine.scan(tree, &[], &[]).map(Result::unwrap);
    all.filter(|(key, _)| tree != Tree::Meta || key == b"mark" || key == b"log/head").collect()
}

#[test]
fn a_value_put_in_another_s_place_is_refused_in_every_tree() {
    for tree in Tree::ALL {
        let (engine, folder) = memory();
        let records = records(&*engine, tree);
        let [(here, _), (_, other), ..] = &records[..] else { panic!("{tree:?} holds too little") };
        put(&*engine, tree, here, Some(other.clone()));
        assert!(is_noticed(engine, folder.path()), "{tree:?}");
    }
}

#[test]
fn a_flipped_bit_is_noticed_in_every_tree() {
    for tree in Tree::ALL {
        let (engine, folder) = memory();
        for (key, mut value) in records(&*engine, tree).into_iter().take(1) {
            let middle = value.len() / 2;
            value[middle] ^= 4;
            put(&*engine, tree, &key, Some(value));
            assert!(is_noticed(engine.clone(), folder.path()), "{tree:?}");
        }
    }
}

#[test]
fn a_chunk_that_was_changed_or_exchanged_is_noticed() {
    let (engine, folder) = memory();
    assert_eq!(engine.1.read().unwrap().len(), 6, "three files of two chunks");
    let whole = engine.1.read().unwrap()[&2].clone();
    engine.1.write().unwrap().insert(0, whole);
    assert!(is_noticed(engine, folder.path()), "another file's first chunk");
    let (engine, folder) = memory();
    engine.1.write().unwrap().get_mut(&1).unwrap()[7] ^= 1;
    assert!(is_noticed(engine, folder.path()), "a flipped bit");
}

#[test]
fn a_removed_record_is_noticed_wherever_something_is_linked_to_it() {
    for tree in Tree::ALL {
        // Nobody is told that an account, a count of failures, a kept package, an unused code, a view or a token must be there.
        if matches!(tree, Tree::Staff | Tree::Attempts | Tree::Packages | Tree::Awards)
            || matches!(tree, Tree::Tickets | Tree::Views | Tree::Access)
        {
            continue;
        }
        let (engine, folder) = memory();
        let (key, _) = records(&*engine, tree).remove(0);
        put(&*engine, tree, &key, None);
        assert!(is_noticed(engine, folder.path()), "{tree:?}");
    }
}

#[test]
fn a_damaged_case_keeps_nobody_else_out() {
    let (engine, folder) = memory();
    put(&*engine, Tree::Cases, report(2).as_bytes(), Some(vec![9; 99]));
    let store = open(engine, folder.path()).unwrap();
    assert!(matches!(store.find(&locator(2), &auth(2)), Err(Refused::Damaged { tree: "cases", .. })));
    assert!(store.find(&locator(1), &auth(1)).unwrap().is_some());
    assert_eq!(store.select(&|_| true, &|a, b| a.number.cmp(&b.number), 0, 9).total, 2);
}

/// By a refusal to open, or by the check.
fn is_noticed(engine: Arc<MemoryEngine>, keys: &Path) -> bool {
    match open(engine, keys) {
        Err(_) => true,
        Ok(store) => store.check().map_or(true, |checked| !checked.problems.is_empty()),
    }
}
