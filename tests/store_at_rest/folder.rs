//! The folder of retention keys: which one a store takes, and what it says of one that lacks a month.

use super::{memory, put};
use crate::store_support::*;
use mifeng::store::{
    Month, OpenRefused, Reports, Store,
    engine::{Engine, Tree},
    postgres::schema::Role,
    retention::RetentionKeys,
    sled::SledEngine,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

#[test]
fn a_month_s_key_that_is_missing_before_its_time_keeps_the_store_closed_and_takes_nothing() {
    let (engine, folder) = memory();
    let [key, aside] = ["2031-11.key", "aside"].map(|name| folder.path().join(name));
    let before = engine.1.read().unwrap().clone();
    fs::rename(&key, &aside).unwrap();
    let why = open(engine.clone(), folder.path()).err().unwrap();
    assert!(matches!(&why, OpenRefused::MonthsMissing { months, .. } if months.len() == 1), "{why}");
    let why = why.to_string();
    assert!(why.contains("the keys of 2031-11 are") && why.contains("2031-11.destroyed"), "{why}");
    assert_eq!(*engine.1.read().unwrap(), before);
    fs::rename(&aside, &key).unwrap();
    let store = open(engine, folder.path()).unwrap();
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

/// A story about the folder of retention keys, on both engines. `unrecord` takes the store's own record of it out, as before
/// there was one.
fn on_both(story: impl Fn(Arc<dyn Engine>, &dyn Fn(), &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let engine: Arc<dyn Engine> = Arc::new(SledEngine::open(&folder.path().join("data")).unwrap());
    let unrecord = || put(&*engine, Tree::Meta, b"retention-folder", None);
    story(engine.clone(), &unrecord, folder.path());
    if let Some(server) = postgres::server() {
        let (folder, database) = (tempfile::tempdir().unwrap(), server.database());
        let unrecord = || drop(database.sql(UNRECORD));
        story(Arc::new(database.engine()), &unrecord, folder.path());
    }
}

/// As a group of changes would: what the store has in memory is read anew.
const UNRECORD: &str =
    "DELETE FROM mifeng.meta WHERE key = 'retention-folder'; UPDATE mifeng.writer SET written = written + 1";

/// Of two months, in the folder `keys`.
fn of_two_months(engine: &Arc<dyn Engine>, folder: &Path) {
    let store = open(engine.clone(), &folder.join("keys")).unwrap();
    store.submit(submission(1)).wait().unwrap();
    let mut other = submission(2);
    other.forget = Month::of(jiff::civil::date(2030, 1, 1));
    store.submit(other).wait().unwrap();
}

/// Another folder with these of its files.
fn copied(folder: &Path, to: &str, files: &[&str]) -> PathBuf {
    let to = folder.join(to);
    fs::create_dir(&to).unwrap();
    for file in files {
        fs::copy(folder.join("keys").join(file), to.join(file)).unwrap();
    }
    to
}

const KEYS: [&str; 2] = ["2030-01.key", "2031-11.key"];

#[test]
fn a_key_folder_from_before_its_word_is_taken_back_if_its_keys_are_all_there() {
    on_both(|engine, _, folder| {
        of_two_months(&engine, folder);
        let older = copied(folder, "older", &KEYS);
        let store = open(engine.clone(), &older).unwrap();
        assert!(store.find(&locator(1), &auth(1)).unwrap().is_some());
        drop(store);
        let word = |of: &Path| fs::read_to_string(of.join("folder.id")).unwrap();
        assert_eq!(word(&older), word(&folder.join("keys")), "its word is written again");
        open(engine, &older).unwrap();
    });
}

#[test]
fn a_key_folder_that_lacks_a_month_or_has_another_s_is_refused_and_left_as_it_was() {
    on_both(|engine, unrecord, folder| {
        of_two_months(&engine, folder);
        let lacking = copied(folder, "lacking", &KEYS[1..]);
        let empty = copied(folder, "empty", &[]);
        let others = copied(folder, "others", &KEYS);
        fs::write(others.join(KEYS[0]), [7; 32]).unwrap();
        let word = copied(folder, "word", &KEYS);
        fs::write(word.join("folder.id"), "00112233445566778899aabbccddeeff\n").unwrap();
        let refused = |of: &Path| open(engine.clone(), of).err().unwrap().to_string();
        // With the store's record of its folder, and without, as before there was one.
        for record in [true, false] {
            for (of, why) in
                [(&lacking, "of 2030-01."), (&empty, "of 2030-01, 2031-11."), (&others, "of 2030-01.")]
            {
                let told = refused(of);
                assert!(told.contains(why) && told.contains("put back"), "{told}");
                assert!(!of.join("folder.id").exists());
            }
            if record {
                let told = refused(&word);
                assert!(told.contains("folder.id is not the store's"), "{told}");
                unrecord();
            }
        }
        // A month that is over may have been destroyed, and nothing else may be missing.
        let on = |of: &Path, day| {
            let keys = RetentionKeys::open(of, Arc::new(mifeng::clock::FixedClock::at(day))).unwrap();
            Store::open(engine.clone(), &instance(), &roots(), keys)
        };
        let last = jiff::civil::date(2030, 1, 31);
        assert!(on(&lacking, last).is_err());
        assert!(on(&empty, last.tomorrow().unwrap()).is_err());
        drop(on(&lacking, last.tomorrow().unwrap()).unwrap());
        // That one is the store's now, and no other.
        let told = refused(&folder.join("keys"));
        assert!(told.contains("folder.id is not the store's"), "{told}");
        fs::copy(folder.join("keys").join(KEYS[0]), lacking.join(KEYS[0])).unwrap();
        let store = open(engine.clone(), &lacking).unwrap();
        assert!(store.find(&locator(2), &auth(2)).unwrap().is_some());
    });
}

/// The portal's role lists no case: it cannot know which keys are needed.
#[test]
fn the_portal_takes_no_folder_whose_word_is_missing_until_another_process_has_looked() {
    let Some(server) = postgres::server() else { return };
    let (folder, database) = (tempfile::tempdir().unwrap(), server.database());
    let engine: Arc<dyn Engine> = Arc::new(database.engine());
    of_two_months(&engine, folder.path());
    let older = copied(folder.path(), "older", &KEYS);
    let portal = || open_portal(Arc::new(database.engine_as(Role::Portal)), &older);
    let told = portal().err().unwrap().to_string();
    assert!(told.contains("console's process first"), "{told}");
    open(Arc::new(database.engine_as(Role::Console)), &older).unwrap();
    assert!(portal().unwrap().find(&locator(2), &auth(2)).unwrap().is_some());
    // One with nothing in it yet takes the folder it is given.
    let fresh = server.database();
    let new = folder.path().join("new");
    open_portal(Arc::new(fresh.engine_as(Role::Portal)), &new).unwrap();
    assert!(new.join("folder.id").exists());
}
