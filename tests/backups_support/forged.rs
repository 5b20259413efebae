//! Backups made by somebody who has the recipient and nothing else: age finds nothing wrong with any of them.

use super::{Item, RECORD, TABLE, bytes, first_of, fitting_end, items, sealed};
use crate::{attach, sealed_backup, sled, store_support::*};
use age::x25519::Identity as BackupKey;
use mifeng::store::{OpenRefused, Reports, backup, engine::Tree};
use std::fs;

#[test]
fn a_forged_backup_is_refused_by_verify_and_by_restore_before_anybody_is_served_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let (keys, key) = (folder.path().join("keys"), BackupKey::generate());
    let store = open(sled(&folder.path().join("data")), &keys).unwrap();
    for n in 1..=3 {
        store.submit(submission(n)).wait().unwrap();
    }
    attach(&store, 1, &[1; 100_000]);
    let (real, _) = sealed_backup(&store, &key);
    let other = open(sled(&folder.path().join("other")), &folder.path().join("other-keys")).unwrap();
    let others = items(&sealed_backup(&other, &key).0, &key);

    let real = items(&real, &key);
    // Put together again as it was, it is whole: what is refused below is refused for its change.
    backup::verify(&sealed(&bytes(&real), &key)[..], &key).unwrap();
    let mut fitting = real.clone();
    fitting_end(&mut fitting);
    assert_eq!(fitting, real);

    type Forge = fn(&mut Vec<Item>, &[Item]);
    let said: [(&str, Forge); 5] = [
        ("another count", |items, _| end(items, |end| end["cases"]["count"] = 4.into())),
        ("another hash", |items, _| end(items, |end| end["cases"]["sha256"] = "07".repeat(32).into())),
        ("a table left out at the end", |items, _| end(items, |end| drop(end.remove("cases")))),
        ("a table more at the end", |items, _| {
            end(items, |end| {
                let same = end["cases"].clone();
                end.insert("more".into(), same);
            });
        }),
        ("no end that can be read", |items, _| items.last_mut().unwrap().2.truncate(9)),
    ];
    // And those whose end was made to fit.
    let counted: [(&str, Forge); 10] = [
        ("two records exchanged", |items, _| {
            let at = first_of(items, "cases");
            items.swap(at, at + 1);
        }),
        ("two chunks exchanged", |items, _| {
            let at = first_of(items, "slots");
            items.swap(at, at + 1);
        }),
        ("a record twice", |items, _| {
            let at = first_of(items, "cases");
            items.insert(at, items[at].clone());
        }),
        ("one key with two values", |items, _| {
            let at = first_of(items, "cases");
            items.insert(at, (RECORD, items[at].1.clone(), vec![7]));
        }),
        ("two tables exchanged", |items, _| {
            let at = first_of(items, "views") - 1;
            assert_eq!(items[at + 1].0, TABLE, "an empty one");
            items.swap(at, at + 1);
        }),
        ("a table twice", |items, _| {
            let at = first_of(items, "views") - 1;
            items.insert(at, items[at].clone());
        }),
        ("a table that there is not", |items, _| {
            let at = first_of(items, "slots") - 1;
            items.insert(at, (TABLE, b"more".to_vec(), vec![]));
        }),
        ("a record before any table", |items, _| items.insert(1, (RECORD, vec![1], vec![1]))),
        ("a chunk of no number", |items, _| {
            let at = first_of(items, "slots");
            items[at].1.push(0);
        }),
        ("another store's beginning", |items, others| items[0] = others[0].clone()),
    ];
    let mut forged: Vec<(String, Vec<u8>)> = Vec::new();
    for (what, forge) in said {
        let mut items = real.clone();
        forge(&mut items, &others);
        assert_ne!(items, real, "{what}");
        forged.push((what.into(), bytes(&items)));
    }
    for (what, forge) in counted {
        let mut items = real.clone();
        forge(&mut items, &others);
        forged.push((format!("{what}, and the end as it was"), bytes(&items)));
        fitting_end(&mut items);
        forged.push((format!("{what}, and an end that fits"), bytes(&items)));
    }
    let whole = bytes(&real);
    let end = bytes(&real[..real.len() - 1]).len();
    forged
        .extend([end, end + 3, whole.len() - 1].map(|cut| (format!("cut to {cut}"), whole[..cut].to_vec())));
    forged.push(("one byte more".into(), [&whole[..], &[0]].concat()));
    forged.push(("an end, and more".into(), bytes(&[&real[..], &real[1..]].concat())));
    forged.push(("two beginnings".into(), bytes(&[&real[..1], &real[..]].concat())));
    forged.push(("no beginning".into(), bytes(&real[1..])));
    let mut long = real.clone();
    long[1].1 = vec![0; 2000];
    forged.push(("a key of no sane length".into(), bytes(&long)));

    for (n, (what, payload)) in forged.into_iter().enumerate() {
        let file = sealed(&payload, &key);
        assert!(backup::verify(&file[..], &key).is_err(), "{what}: verified");
        let data = folder.path().join(format!("restored-{n}"));
        let engine = sled(&data);
        assert!(backup::restore(&file[..], &key, &*engine, &mut |_| ()).is_err(), "{what}: restored");
        let touched = Tree::ALL.iter().any(|tree| engine.count(*tree).unwrap() > 0);
        let why = open(engine, &keys).err();
        assert!(!touched || matches!(why, Some(OpenRefused::NotInUse(_))), "{what}: served, or {why:?}");
        fs::remove_dir_all(data).unwrap();
    }
}

/// What the end says, changed.
fn end(items: &mut [Item], change: fn(&mut serde_json::Map<String, serde_json::Value>)) {
    let end = &mut items.last_mut().unwrap().2;
    let mut said = serde_json::from_slice(end).unwrap();
    change(&mut said);
    *end = serde_json::to_vec(&said).unwrap();
}
