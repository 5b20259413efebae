//! Backups as an operator lives with them: made while reports come in, judged without any key to content, put back, and in
//! a thief's hands. And months that are forgotten, in the store, in what the disk still holds, and in older backups alike.

mod backups_support;
mod store_support;

use age::x25519::Identity as BackupKey;
use mifeng::{
    casework::{CaseFile, Copy, SizeClass},
    ids::ReportId,
    store::{
        FileKind, Month, PublicLog, Refused, Reports, Store, Sums,
        at_rest::Vault,
        backup::{self, NotWhole, RestoreRefused},
        engine::{Engine, Tree},
        retention::RetentionKeys,
    },
};
use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use store_support::*;

const CANARY: &str = "CANARY-7f3a-金丝雀";

fn sled(data: &Path) -> Arc<dyn Engine> {
    Arc::new(patience::sled(data))
}

fn sealed_backup(store: &Store, key: &BackupKey) -> (Vec<u8>, Sums) {
    let moment = store.snapshot().unwrap();
    let mut out = Vec::new();
    let sums = backup::seal(moment.engine(), &[key.to_public()], day(), &mut out, &mut |_| ()).unwrap();
    (out, sums)
}

/// A report's original of these bytes.
fn attach(store: &Store, n: u64, bytes: &[u8]) {
    let mut original = store.begin_file(report(n), FileKind::Original { sequence: 0 }).unwrap();
    store.append(&mut original, bytes).wait().unwrap();
    let file =
        CaseFile { original: original.blob(), copy: Copy::SealedOnly, size: SizeClass::UpTo1M, day: day() };
    let attached = step(move |dossier| {
        dossier.case.files.push(file);
        Ok(None)
    });
    store.attach(vec![original], attached).wait().unwrap();
}

fn restored(backup: &[u8], key: &BackupKey, data: &Path) -> Arc<dyn Engine> {
    let engine = sled(data);
    backup::restore(backup, key, &*engine, &mut |_| ()).unwrap();
    engine
}

#[test]
fn a_backup_made_while_reports_come_in_is_one_moment_and_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, key) = (folder.path().join("data"), folder.path().join("keys"), BackupKey::generate());
    let store = Arc::new(open(sled(&data), &keys).unwrap());
    for n in 1..=40 {
        store.submit(submission(n)).wait().unwrap();
    }
    attach(&store, 1, &[1; 100_000]);
    attach(&store, 2, &[2; 100_000]);
    let stop = Arc::new(AtomicBool::new(false));
    let busy: Vec<_> = (0..3u64)
        .map(|writer| {
            let (store, stop) = (store.clone(), stop.clone());
            std::thread::spawn(move || {
                for n in (1_000 * (writer + 1)).. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    store.submit(submission(n)).wait().unwrap();
                    // Written over, while it is read.
                    store.act(report(1 + n % 40), add("more")).wait().unwrap();
                }
            })
        })
        .collect();
    let mut backups = Vec::new();
    for round in 0..3 {
        let size = store.head().size;
        let (mut sealed, mut meanwhile) = (Vec::new(), 100 * (round + 1));
        let moment = store.snapshot().unwrap();
        // After each page that is read, something new comes in, and something that was there is written over.
        let mut told = |_| {
            meanwhile += 1;
            store.submit(submission(meanwhile)).wait().unwrap();
            store.act(report(1 + meanwhile % 40), add("more")).wait().unwrap();
        };
        let to = [key.to_public()];
        let sums = backup::seal(moment.engine(), &to, day(), &mut sealed, &mut told).unwrap();
        drop(moment);
        assert!(meanwhile > 100 * (round + 1) + 10);
        assert_eq!(sums, backup::verify(&sealed[..], &key).unwrap().1);
        backups.push((size, sealed, sums));
    }
    stop.store(true, Ordering::SeqCst);
    busy.into_iter().for_each(|thread| thread.join().unwrap());
    for (n, (size, sealed, sums)) in backups.into_iter().enumerate() {
        let engine = restored(&sealed, &key, &folder.path().join(format!("restored-{n}")));
        let again = open(engine, &keys).unwrap();
        assert_eq!(again.check().unwrap().problems, Vec::<String>::new());
        assert!(again.head().size >= size, "what was acknowledged before is in it");
        assert_eq!(again.head().size, sums["log-leaves"].count);
        assert!(again.find(&locator(40), &auth(40)).unwrap().is_some());
        let file = again.files_of(1);
        assert_eq!(file, [1; 100_000]);
    }
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

/// The original of a report as it was handed in.
trait FilesOf {
    fn files_of(&self, n: u64) -> Vec<u8>;
}

impl FilesOf for Store {
    fn files_of(&self, n: u64) -> Vec<u8> {
        let found = self.find(&locator(n), &auth(n)).unwrap().unwrap();
        let blob = found.dossier.case.files[0].original;
        let chunks = mifeng::store::Rewards::original(self, found.dossier.case.number, blob).unwrap();
        chunks.flat_map(Result::unwrap).collect()
    }
}

#[test]
fn a_file_removed_while_a_backup_is_made_is_in_it_whole_and_written_over_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, key) = (folder.path().join("data"), folder.path().join("keys"), BackupKey::generate());
    let store = open(sled(&data), &keys).unwrap();
    store.submit(submission(1)).wait().unwrap();
    attach(&store, 1, &[7; 100_000]);
    let volume = || fs::read(data.join("files.sealed")).unwrap();
    let before = volume();
    let moment = store.snapshot().unwrap();
    assert!(matches!(store.snapshot(), Err(Refused::Busy)), "one at a time");
    let gone = step(|dossier| {
        dossier.case.files.clear();
        Ok(None)
    });
    store.act(report(1), gone).wait().unwrap();
    store.overwrite_removed().unwrap();
    store.submit(submission(2)).wait().unwrap();
    attach(&store, 2, &[8; 10_000]);
    assert_eq!(volume()[..before.len()], before, "its place is neither cleared nor given out");
    let mut out = Vec::new();
    backup::seal(moment.engine(), &[key.to_public()], day(), &mut out, &mut |_| ()).unwrap();
    drop(moment);
    assert!(volume()[..before.len()].iter().all(|byte| *byte == 0), "and cleared once the backup is made");
    let again = open(restored(&out, &key, &folder.path().join("restored")), &keys).unwrap();
    assert_eq!(again.files_of(1), [7; 100_000]);
    assert!(again.find(&locator(2), &auth(2)).unwrap().is_none());
    assert_eq!(again.check().unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_backup_that_was_cut_or_changed_or_belongs_to_others_is_refused_and_never_served() {
    let folder = tempfile::tempdir().unwrap();
    let (keys, key) = (folder.path().join("keys"), BackupKey::generate());
    let store = open(sled(&folder.path().join("data")), &keys).unwrap();
    store.submit(submission(1)).wait().unwrap();
    // More than age opens at once: cut, it is found out in the middle.
    attach(&store, 1, &[1; 200_000]);
    let (sealed, _) = sealed_backup(&store, &key);
    for cut in [0, 100, sealed.len() / 2, sealed.len() - 1] {
        assert!(backup::verify(&sealed[..cut], &key).is_err(), "cut to {cut}");
    }
    for at in [10, sealed.len() / 3, sealed.len() - 20] {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(backup::verify(&changed[..], &key).is_err(), "changed at {at}");
    }
    assert!(matches!(backup::verify(&sealed[..], &BackupKey::generate()), Err(NotWhole::Sealed(_))));

    // The key is tried first: with another one nothing is touched, and the right one finds an empty folder.
    let half = sled(&folder.path().join("half"));
    let wrong = backup::restore(&sealed[..], &BackupKey::generate(), &*half, &mut |_| ());
    assert!(matches!(wrong, Err(RestoreRefused::NotWhole(NotWhole::Sealed(_)))), "{wrong:?}");
    assert_eq!(half.notice().unwrap(), None);
    assert!(Tree::ALL.iter().all(|tree| half.count(*tree).unwrap() == 0));

    // Broken off, it serves nobody; and nothing is put over it.
    let refused = backup::restore(&sealed[..sealed.len() - 1], &key, &*half, &mut |_| ());
    assert!(matches!(refused, Err(RestoreRefused::NotWhole(_))), "{refused:?}");
    let why = open(half.clone(), &keys).err().unwrap().to_string();
    assert!(why.contains("mifeng restore"), "{why}");
    // Nor by a program that does not know of notices: it reads a version it does not know.
    let version = half.get(Tree::Meta, b"schema").unwrap().unwrap();
    assert_ne!(version, mifeng::store::SCHEMA.to_be_bytes());
    let again = backup::restore(&sealed[..], &key, &*half, &mut |_| ());
    assert!(matches!(again, Err(RestoreRefused::NotEmpty)), "{again:?}");
}

#[test]
fn a_database_s_backup_comes_back_into_a_database_and_not_into_a_folder() {
    let Some(server) = postgres::server() else { return };
    let (folder, key) = (tempfile::tempdir().unwrap(), BackupKey::generate());
    let (one, other) = (server.database(), server.database());
    let store = open(Arc::new(one.engine()), folder.path()).unwrap();
    for n in 1..=3 {
        store.submit(submission(n)).wait().unwrap();
    }
    attach(&store, 2, &[2; 100_000]);
    let moment = store.snapshot().unwrap();
    store.submit(submission(4)).wait().unwrap();
    let mut sealed = Vec::new();
    backup::seal(moment.engine(), &[key.to_public()], day(), &mut sealed, &mut |_| ()).unwrap();
    drop(moment);
    let into_folder = backup::restore(&sealed[..], &key, &*sled(&folder.path().join("data")), &mut |_| ());
    assert!(matches!(into_folder, Err(RestoreRefused::OtherEngine(..))), "{into_folder:?}");
    // Nothing moves that way: whoever reads of the move would look for one.
    let why = into_folder.unwrap_err().to_string();
    assert!(why.contains("put it into an empty database") && !why.contains("mifeng migrate"), "{why}");
    let full = backup::restore(&sealed[..], &key, &one.engine(), &mut |_| ());
    assert!(matches!(full, Err(RestoreRefused::NotEmpty)), "{full:?}");
    let engine = Arc::new(other.engine());
    backup::restore(&sealed[..], &key, &*engine, &mut |_| ()).unwrap();
    let again = open(engine, folder.path()).unwrap();
    assert_eq!(again.check().unwrap().problems, Vec::<String>::new());
    assert_eq!((again.head().size, again.files_of(2)), (3, vec![2; 100_000]));
    again.submit(submission(9)).wait().unwrap();
}

/// The month's key is destroyed. In the store, in what sled's log still holds of older states, and in an older backup what
/// was under it says nothing any more, with every other key at hand.
#[test]
fn a_destroyed_month_is_unreadable_in_the_store_in_what_its_log_has_left_and_in_older_backups() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, key) = (folder.path().join("data"), folder.path().join("keys"), BackupKey::generate());
    let store = open(sled(&data), &keys).unwrap();
    store.submit(submission_of(1, CANARY)).wait().unwrap();
    let mut later = submission_of(2, CANARY);
    later.forget = Month::of(jiff::civil::date(2036, 1, 1));
    store.submit(later).wait().unwrap();
    attach(&store, 1, CANARY.repeat(3000).as_bytes());
    let (older, _) = sealed_backup(&store, &key);
    drop(store);
    let stored = |engine: &dyn Engine, tree, n: u64| engine.get(tree, report(n).as_bytes()).unwrap().unwrap();
    let engine = sled(&data);
    let (case, wrapped) = (stored(&*engine, Tree::Cases, 1), stored(&*engine, Tree::DataKeys, 1));
    let store = open(engine.clone(), &keys).unwrap();
    store.act(report(1), add("written over")).wait().unwrap();
    assert_ne!(stored(&*engine, Tree::Cases, 1), case);
    drop((store, engine));

    // What the disk still holds of the state before. A long value lies there in pieces.
    let mut disk = Vec::new();
    read_all(&data, &mut disk);
    let found = |needle: &[u8]| disk.windows(needle.len()).any(|window| window == needle);
    let first = &case[..case.len().min(900)];
    assert!(found(first) && found(&wrapped), "sled has left nothing behind: nothing is shown here");
    assert!(!found(CANARY.as_bytes()));
    // With the month's key it is read.
    let opens = |n: u64, wrapped: &[u8], case: &[u8]| {
        let (vault, months) =
            (Vault::new(&instance(), &roots()), RetentionKeys::open(&keys, clock()).unwrap());
        let data = vault.unwrap(report(n).as_bytes(), wrapped, |month| months.find(month))?;
        vault.open_case(&data, Tree::Cases, report(n).as_bytes(), case)
    };
    let plain = opens(1, &wrapped, &case).unwrap();
    assert!(String::from_utf8_lossy(&plain).contains(CANARY));

    destroy(&keys, "2031-11");
    assert!(matches!(opens(1, &wrapped, &case), Err(Refused::Forgotten(_))));
    // Nor under any other month's key, whatever the value says of its month.
    for entry in fs::read_dir(&keys).unwrap() {
        let Ok(other) = <[u8; 32]>::try_from(fs::read(entry.unwrap().path()).unwrap()) else { continue };
        let vault = Vault::new(&instance(), &roots());
        assert!(
            vault.unwrap(report(1).as_bytes(), &wrapped, |_| Ok(zeroize::Zeroizing::new(other))).is_err()
        );
    }
    let unreadable = |store: &Store| {
        assert!(matches!(store.find(&locator(1), &auth(1)), Err(Refused::Forgotten(_))));
        let original = store.begin_file(report(1), FileKind::Original { sequence: 0 }).err();
        assert!(matches!(original, Some(Refused::Forgotten(_))), "{original:?}");
        let other = store.find(&locator(2), &auth(2)).unwrap().unwrap();
        assert_eq!(other.dossier.case.content.narrative, CANARY, "and nothing else is forgotten");
        assert_eq!(store.check().unwrap().forgotten, 1);
    };
    unreadable(&open(sled(&data), &keys).unwrap());
    unreadable(&open(restored(&older, &key, &folder.path().join("older")), &keys).unwrap());
    let engine = sled(&folder.path().join("older"));
    let held = stored(&*engine, Tree::DataKeys, 1);
    assert!(opens(1, &held, &stored(&*engine, Tree::Cases, 1)).is_err());
    // Nor does the root key alone say any more which case it was, how many envelopes it had, or who can claim.
    let record = stored(&*engine, Tree::Reports, 1);
    let vault = Vault::new(&instance(), &roots());
    assert!(vault.open(Tree::Reports, report(1).as_bytes(), &record).is_err());
    assert!(ReportId::from_bytes(*report(1).as_bytes()) == report(1));
}

fn read_all(path: &Path, all: &mut Vec<u8>) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { read_all(&path, all) } else { all.extend(fs::read(path).unwrap()) }
    }
}
