//! Reports of the portal's script and of the mini-program, side by side: what whoever has the disk and all the server's
//! keys sees of them. The reports are made by `miniprogram/test/side_by_side.test.mjs`, which stops the demo and then runs
//! this with their receipts; alone it says that there is nothing to compare.

mod story_support;

use mifeng::store::engine::Tree;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};
use story_support::{Disk, Look};

/// As the other side writes it.
#[derive(Deserialize)]
struct Made {
    demo: PathBuf,
    /// Receipts, of each door some with a name and some without.
    portal: Vec<String>,
    mini: Vec<String>,
}

#[test]
fn nobody_with_disk_and_root_key_can_say_by_which_door_a_report_came() {
    let Some(file) = std::env::var_os("MIFENG_SIDE_BY_SIDE") else {
        println!("skipped: MIFENG_SIDE_BY_SIDE names no reports (make mini makes them)");
        return;
    };
    let made: Made = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert!(made.portal.len() >= 2 && made.portal.len() == made.mini.len());
    let disk = Disk::at(&made.demo);
    let mut ways: BTreeMap<Tree, [BTreeSet<Vec<Look>>; 2]> = BTreeMap::new();
    for (door, receipts) in [&made.portal, &made.mini].into_iter().enumerate() {
        for receipt in receipts {
            for (tree, mut looks) in disk.looks(disk.report(receipt)) {
                // The record of a file names its places on the disk: as many digits as files came before, from any door.
                if tree == Tree::Files {
                    looks.iter_mut().for_each(|look| look.1 = 0);
                }
                ways.entry(tree).or_default()[door].insert(looks);
            }
        }
    }
    for (tree, [portal, mini]) in &ways {
        assert_eq!(portal, mini, "{}", tree.name());
    }
    let trees: Vec<&str> = ways.keys().map(|tree| tree.name()).collect();
    for tree in ["cases", "envelopes", "shares", "log-leaves"] {
        assert!(trees.contains(&tree), "{trees:?}");
    }
}
