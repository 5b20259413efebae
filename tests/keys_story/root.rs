//! The root key, and what retention keys have to do with it.

use crate::{
    store_support::{receipt, submission},
    support::*,
};
use jiff::civil::date;
use mifeng::store::{
    Month, Reports, Submission,
    engine::{Tree, Writes},
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// Value and place of everything stored, as the engine has it.
fn stored(at: &Path) -> Vec<(Tree, Vec<u8>, Vec<u8>)> {
    let engine = engine(at);
    let all =
        |tree| engine.scan(tree, &[], &[]).map(move |entry| entry.map(|(key, value)| (tree, key, value)));
    Tree::ALL.into_iter().flat_map(all).collect::<Result<_, _>>().unwrap()
}

fn case_opens(at: &Path, n: u64) -> bool {
    let (store, _) = store(at);
    store.find(&receipt(n).locator(), &receipt(n).auth()).is_ok_and(|found| found.is_some())
}

#[test]
fn the_root_key_is_changed_and_the_old_one_opens_nothing_any_more() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    root_is_changed(temp.path());
}

#[test]
fn so_it_is_on_postgresql() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let Some(_database) = on_postgres(temp.path()) else { return };
    root_is_changed(temp.path());
}

fn root_is_changed(at: &Path) {
    ceremony(at);
    report(at, 1..=2);
    let root = at.join("keys/root.key");
    let old = fs::read_to_string(&root).unwrap();
    let before = stored(at);

    run(at, "keys root new --keys keys");
    assert_eq!(fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&root).unwrap().ends_with(&old), "the old one still reads");
    // Something is written under the new key before the rest is: a report that comes meanwhile.
    report(at, 3..=3);
    let said = run(at, "keys root rewrap");
    assert!(said.contains("values written again") && said.contains("everything that can be read"), "{said}");
    let after = stored(at);
    assert!(after.len() > before.len());
    for (tree, key, value) in &before {
        let is_schema = *tree == Tree::Meta && key == b"schema";
        assert_eq!(
            after.contains(&(*tree, key.clone(), value.clone())),
            is_schema,
            "{tree:?} lies as it lay"
        );
    }
    assert!(!run(at, "keys root rewrap").contains("values written again"), "a second run has nothing to do");

    run(at, "keys root retire");
    assert_eq!(fs::read_to_string(&root).unwrap().lines().count(), 1);
    assert!((1..=3).all(|n| case_opens(at, n)));
    assert!(!run(at, "check").contains("PROBLEM"));
    // Whoever has the old key and the data of today has nothing.
    let new = fs::read_to_string(&root).unwrap();
    fs::write(&root, &old).unwrap();
    assert!(refused(at, "check").contains("written under another root key"));
    fs::write(&root, new).unwrap();
    assert!(!run(at, "check").contains("PROBLEM"));
}

/// Stopped at any value, what is left opens with both keys and the next run ends it.
#[test]
fn a_change_of_the_root_key_that_broke_off_goes_on() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    broken_off(temp.path());
}

#[test]
fn so_it_does_on_postgresql() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let Some(_database) = on_postgres(temp.path()) else { return };
    broken_off(temp.path());
}

fn broken_off(at: &Path) {
    ceremony(at);
    report(at, 1..=2);
    let before = stored(at);
    run(at, "keys root new --keys keys");
    run(at, "keys root rewrap");
    // Every second value as it was: what a break in the middle leaves.
    let engine = engine_over(at);
    let mut writes = Writes::default();
    // The version of what is stored lies under no key.
    let under_a_key = |(tree, key, _): &(Tree, Vec<u8>, Vec<u8>)| !(*tree == Tree::Meta && key == b"schema");
    for (tree, key, value) in before.into_iter().filter(under_a_key).step_by(2) {
        writes.set_over(tree, key, value);
    }
    engine.apply(&writes).unwrap();
    engine.sync().unwrap();
    drop(engine);
    assert!(!run(at, "check").contains("PROBLEM"));
    assert!(run(at, "keys root rewrap").contains("values written again"));
    run(at, "keys root retire");
    assert!(!run(at, "check").contains("PROBLEM") && (1..=2).all(|n| case_opens(at, n)));
}

/// Retention keys need no command: each month has its own, and destroying one is what forgetting is. A new root key gives
/// back nothing of it.
#[test]
fn retention_keys_are_one_a_month_and_a_new_root_key_brings_nothing_forgotten_back() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    let months = [date(2031, 11, 1), date(2031, 12, 1)];
    {
        let (store, _) = store(at);
        for (n, day) in (1..).zip(months) {
            store.submit(Submission { forget: Month::of(day), ..submission(n) }).wait().unwrap();
        }
    }
    let mut names: Vec<_> =
        fs::read_dir(at.join("keys/retention")).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    // Beside them lies the word by which the store knows this folder.
    names.retain(|name| name != "folder.id");
    assert_eq!(names, ["2031-11.key", "2031-12.key"]);
    let key = |name| fs::read(at.join("keys/retention").join(name)).unwrap();
    assert_ne!(key(&names[0]), key(&names[1]));
    let said = run(at, "check --month 2031-12");
    assert_eq!(said, "2026-000002  submitted  open\n1 cases are forgotten with the key of 2031-12\n");
    assert!(refused(at, "check --month 2031-13").contains("a month is written as 2031-11"));
    let of_month = at.join("keys/retention/2031-11.key");
    let (was, aside) = (key(&names[0]), at.join("aside.key"));
    fs::rename(&of_month, &aside).unwrap();
    // Gone before its time, it is lost, and not destroyed: nothing is counted as done without it.
    for words in
        ["check", "keys root rewrap", "keys root retire", "keys reshare status", "staff reset nobody"]
    {
        let why = refused(at, words);
        assert!(why.contains("the keys of 2031-11 are missing before their time"), "{words}: {why}");
    }
    fs::rename(&aside, &of_month).unwrap();
    assert!(case_opens(at, 1) && fs::read(&of_month).unwrap() == was);
    // Destroyed, and said so.
    fs::remove_file(&of_month).unwrap();
    let said = at.join("keys/retention/2031-11.destroyed");
    fs::write(&said, "").unwrap();
    fs::set_permissions(&said, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!((case_opens(at, 1), case_opens(at, 2)), (false, true));

    run(at, "keys root new --keys keys");
    let said = run(at, "keys root retire");
    assert!(said.contains("values of forgotten reports stay as they lie"), "{said}");
    assert_eq!((case_opens(at, 1), case_opens(at, 2)), (false, true));
    let said = run(at, "check");
    assert!(said.contains("forgotten    1") && !said.contains("PROBLEM"), "{said}");
}
