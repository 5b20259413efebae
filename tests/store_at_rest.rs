//! What lies on the disk: no plaintext, nothing that opens where it does not belong, no damage unseen.

mod store_support;

use mifeng::{
    casework::{CaseFile, Copy, SizeClass},
    ids::StaffId,
    store::{
        Access, AccessHash, Account, Cases, FileKind, Month, OpenRefused, Refused, Released, Reports,
        Rewards, Staff, Store, TicketHash, TrailEntry, Trustees, View, Views,
        at_rest::RootKeys,
        engine::{Engine, Tree, Writes},
        postgres::schema::Role,
        retention::RetentionKeys,
        sled::SledEngine,
    },
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use store_support::*;

const CANARY: &str = "CANARY-7f3a-金丝雀";

/// A store with something in every tree.
fn filled(engine: Arc<dyn Engine>, keys: &Path) -> Store {
    let store = open(engine, keys).unwrap();
    for n in 1..=3 {
        let number = store.submit(submission_of(n, CANARY)).wait().unwrap();
        let mut original = store.begin_file(report(n), FileKind::Original { sequence: 0 }).unwrap();
        store.append(&mut original, CANARY.repeat(3000).as_bytes()).wait().unwrap();
        let file = CaseFile {
            original: original.blob(),
            copy: Copy::SealedOnly,
            size: SizeClass::UpTo1M,
            day: day(),
        };
        let attached = step(move |dossier| {
            dossier.case.files.push(file);
            Ok(None)
        });
        store.attach(vec![original], attached).wait().unwrap();
        let authority = Authority::new();
        let release = authority.release(n, |terms| Some(announcing(terms)));
        Rewards::change(&store, number, release).wait().unwrap();
        for trustee in [1, 3] {
            let deposit = authority.deposit(&Trustees::award(&store, number).unwrap().unwrap(), trustee);
            Trustees::deposit(&store, number, deposit, giver(), authority.set.clone(), day()).wait().unwrap();
        }
        store.keep_package(number, Released::Award(day()), CANARY.into()).wait().unwrap();
        let entry = TrailEntry {
            at: 1,
            by: StaffId("li".into()),
            what: CANARY.into(),
            case: Some(number),
            account: Some(StaffId(CANARY.into())),
            change: CANARY.into(),
        };
        Cases::note_read(&store, entry).wait().unwrap();
        let (_, ticket) = TicketHash::draw(&mut rand::rng());
        let by = StaffId(CANARY.into());
        store.issue_ticket(ticket, "letter".parse().unwrap(), by, 7).wait().unwrap();
        store.count_attempt(&format!("li{n}"), 7, |_, _| 0).wait().unwrap();
        let account = Account {
            id: StaffId(format!("li{n}")),
            name: CANARY.into(),
            roles: Default::default(),
            body: String::new(),
            trustee: None,
            password: CANARY.into(),
            totp_secret: CANARY.into(),
            totp_step: 0,
            disabled: false,
            must_change_password: false,
            signing_key: None,
            ways: Default::default(),
        };
        store.put_account(account.clone()).wait().unwrap();
        let (_, token) = AccessHash::draw(&mut rand::rng());
        let access = Access {
            number: 0,
            name: CANARY.into(),
            body: CANARY.into(),
            scopes: Default::default(),
            made: jiff::civil::date(2026, 11, 23),
            made_by: StaffId(CANARY.into()),
            until: jiff::civil::date(2026, 11, 23),
            revoked: None,
        };
        store.new_access(&account, token, access).wait().unwrap();
        let (name, query, owner) = (CANARY.to_owned(), CANARY.to_owned(), StaffId(CANARY.into()));
        store.keep_view(View { id: 0, name, query, owner, team: None }).wait().unwrap();
    }
    store
}

fn memory() -> (Arc<MemoryEngine>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(MemoryEngine::default());
    drop(filled(engine.clone(), folder.path()));
    (engine, folder)
}

#[test]
fn no_plaintext_reaches_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
    drop(filled(Arc::new(SledEngine::open(&data).unwrap()), &keys));
    let mut all = Vec::new();
    read_all(&data, &mut all);
    let found = |needle: &[u8]| all.windows(needle.len()).any(|window| window == needle);
    for needle in [CANARY.as_bytes(), "某某煤矿".as_bytes(), b"age1files", b"narrative", &audit_key(1).0]
    {
        assert!(!found(needle), "{:?}", String::from_utf8_lossy(needle));
    }
    for n in 1..=3 {
        assert!(!found(&sealed(n).envelope.as_bytes()[..32]), "an envelope lies there bare");
    }
    assert!(found(&locator(1).0), "the search itself finds nothing");
}

fn read_all(path: &Path, all: &mut Vec<u8>) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { read_all(&path, all) } else { all.extend(fs::read(path).unwrap()) }
    }
}

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
fn slots_of_forgotten_or_unattached_files_are_used_again_and_no_others() {
    let (engine, folder) = memory();
    let store = open(engine.clone(), folder.path()).unwrap();
    let before = engine.1.read().unwrap().clone();
    let begin = || store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
    let mut given_up = begin();
    store.append(&mut given_up, &[1; 40_000]).wait().unwrap();
    drop(given_up);
    let mut kept = begin();
    store.append(&mut kept, &[2; 40_000]).wait().unwrap();
    store.attach(vec![kept], add("one more")).wait().unwrap();
    let after = engine.1.read().unwrap().clone();
    assert_eq!(after.len(), 8);
    assert!(before.iter().all(|(slot, bytes)| after[slot] == *bytes));
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    drop(store);
    destroy(folder.path(), "2031-11");
    drop(filled_again(engine.clone(), folder.path()));
    assert_eq!(engine.1.read().unwrap().len(), 8);
}

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

/// One more report, of a later month, with a file of two chunks.
fn filled_again(engine: Arc<dyn Engine>, keys: &Path) -> Store {
    let store = open(engine, keys).unwrap();
    let mut later = submission_of(9, CANARY);
    later.forget = mifeng::store::Month::of(jiff::civil::date(2036, 1, 1));
    store.submit(later).wait().unwrap();
    let mut file = store.begin_file(report(9), FileKind::Original { sequence: 0 }).unwrap();
    store.append(&mut file, &[3; 40_000]).wait().unwrap();
    store.attach(vec![file], add("a file")).wait().unwrap();
    store
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

fn put(engine: &dyn Engine, tree: Tree, key: &[u8], value: Option<Vec<u8>>) {
    let mut writes = Writes::default();
    writes.set(tree, key.to_vec(), value);
    engine.apply(&writes).unwrap();
}

/// By a refusal to open, or by the check.
fn is_noticed(engine: Arc<MemoryEngine>, keys: &Path) -> bool {
    match open(engine, keys) {
        Err(_) => true,
        Ok(store) => store.check().map_or(true, |checked| !checked.problems.is_empty()),
    }
}

/// `mifeng keys root rewrap`, with something in every tree.
#[test]
fn everything_there_is_can_be_written_again_under_a_new_root_key() {
    let folder = tempfile::tempdir().unwrap();
    let engine: Arc<dyn Engine> = Arc::new(SledEngine::open(&folder.path().join("data")).unwrap());
    let keys = folder.path().join("keys");
    drop(filled(engine.clone(), &keys));
    let under = |lines: &[&str]| {
        let text: String = lines.iter().map(|byte| format!("mifeng-root-1 {}\n", byte.repeat(32))).collect();
        let roots = RootKeys::parse(&text).unwrap();
        let retention = RetentionKeys::open(&keys, clock()).unwrap();
        (roots.ids()[0], Store::open(engine.clone(), &instance(), &roots, retention))
    };
    let (writing, store) = under(&["6b", "5a"]);
    let store = store.unwrap();
    let all: usize = Tree::ALL.iter().map(|tree| engine.scan(*tree, &[], &[]).count()).sum();
    let done = store.rewrap(writing, |_| ()).unwrap();
    // The schema's number alone lies in clear.
    assert_eq!((done.written, done.forgotten), (all - 1, 0));
    assert_eq!(store.rewrap(writing, |_| ()).unwrap().written, 0);
    drop(store);
    assert!(matches!(under(&["5a"]).1, Err(OpenRefused::OtherRootKey)));
    let store = under(&["6b"]).1.unwrap();
    let checked = store.check().unwrap();
    assert_eq!(checked.problems, Vec::<String>::new());
    for tree in Tree::ALL {
        assert!(checked.count(tree.name()) > 0, "{} is empty", tree.name());
    }
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
