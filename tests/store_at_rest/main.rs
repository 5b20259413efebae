//! What lies on the disk: no plaintext, nothing that opens where it does not belong, no damage unseen.

#[path = "../store_support/mod.rs"]
mod store_support;

/// What was changed, exchanged or removed.
mod damage;
/// The folder of retention keys.
mod folder;

use mifeng::{
    casework::{CaseFile, Copy, SizeClass},
    ids::StaffId,
    store::{
        Access, AccessHash, Account, Cases, Confirmation, FileKind, OpenRefused, Released, Reports, Rewards,
        Staff, Store, TicketHash, TrailEntry, Trustees, View, Views,
        at_rest::RootKeys,
        engine::{Engine, Tree, Writes},
        retention::RetentionKeys,
        sled::SledEngine,
    },
};
use std::{fs, path::Path, sync::Arc};
use store_support::*;

const CANARY: &str = "CANARY-7f3a-金丝雀";

/// A store with something in every tree.
fn filled(engine: Arc<dyn Engine>, keys: &Path) -> Store {
    let store = open(engine, keys).unwrap();
    store.keep_entries_until(|day| mifeng::store::Month::of(day.saturating_add(jiff::ToSpan::years(5))));
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
            confirmation: Confirmation::Awaited,
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

fn put(engine: &dyn Engine, tree: Tree, key: &[u8], value: Option<Vec<u8>>) {
    let mut writes = Writes::default();
    writes.set(tree, key.to_vec(), value);
    engine.apply(&writes).unwrap();
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
