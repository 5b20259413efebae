//! A later recipient set: drafted, signed, pinned, and who of the one before is left.

use crate::support::*;
use mifeng::{config::file, recipients::UntrustedSet};
use std::{fs, sync::Arc};

#[test]
fn a_lost_key_is_answered_by_a_set_without_it_and_the_check_counts_who_is_left() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    report(at, 1..=2);
    // 4 trustees for t = 2: two to spare, and one more than the rules name, which the check says as the start does.
    let said = run(at, "check");
    let warnings: Vec<&str> = said.lines().filter(|line| line.contains("WARNING")).collect();
    let told = warnings.first().is_some_and(|line| line.contains("has 4 trustees, and quorum.toml names 3"));
    assert!(told && warnings.len() == 1, "{said}");

    // T2 leaves, nobody comes: 3 are left, one to spare.
    let signers = ["office/office-recovery.key", "t1/trustee.key", "t3/trustee.key", "t4/trustee.key"];
    run(at, "keys set succeed set1.json --without T2 --out set2.json");
    assert!(refused(at, "keys set succeed set1.json --without T2 --out set2.json").contains("already there"));
    let pinning =
        |set: &str| format!("keys set pin --fingerprint {} --keys keys {set}", fingerprint(at, set));
    for key in &signers[1..] {
        run(at, &format!("keys set sign --key {key} set2.json"));
    }
    assert!(refused(at, &pinning("set2.json")).contains("the signature of office is missing"));
    assert!(
        refused(at, "keys set show set2.json --after set1.json")
            .contains("the signature of office is missing")
    );
    run(at, "keys set sign --key office/office-recovery.key set2.json");
    assert!(run(at, "keys set show set2.json --after set1.json").contains("follows set 1"));
    pin(at, "set2.json", "office");
    let said = run(at, "check");
    assert!(
        said.contains("WARNING      0 reports of recipient set 2 need 2 trustees, and 3 are left"),
        "{said}"
    );
    assert!(said.contains("2 reports of recipient set 1 need 2 trustees, and 3 are left"), "{said}");

    // T1 and T4 are replaced: of set 1 only T3 is left, which is too few.
    let words = "--without T1 --without T4 --trustee t5/trustee.public.json --trustee t6/trustee.public.json";
    let signers =
        ["office/office.key", "t1/trustee.key", "t3/trustee.key", "t5/trustee.key", "t6/trustee.key"];
    succeed(at, "set2.json", words, &signers, "set3.json");
    pin(at, "set3.json", "office");
    let said = refused(at, "check");
    assert!(
        said.contains("PROBLEM      2 reports of recipient set 1 need 2 trustees, and 1 of those"),
        "{said}"
    );
    assert!(said.contains("no backup mends") && !said.contains("restore from a backup"), "{said}");
    // The files of the sets before are what this is known by.
    fs::rename(at.join("keys/recipient-set.2.json"), at.join("aside")).unwrap();
    assert!(refused(at, "check").contains("the set before set 3 is not in the key folder"));
}

/// A server whose key folder was put back, or made anew for other holders, does not start over the store it had.
#[test]
fn the_set_in_force_moves_only_on_from_the_one_the_log_has_announced() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    fs::create_dir(at.join("was")).unwrap();
    for name in [file::SET, file::PIN, file::ROSTER] {
        fs::copy(at.join("keys").join(name), at.join("was").join(name)).unwrap();
    }
    let announce = |expected: Result<u64, &str>| {
        let (store, keys) = store(at);
        let log = mifeng::cli::keys::log_key(keys.set.instance(), &keys.log).unwrap();
        let store = Arc::new(store);
        let publisher = mifeng::publisher::Publisher::new(log.name().clone(), keys.log, store.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let announced = runtime.block_on(publisher.announce(&keys.sets, jiff::civil::date(2026, 11, 28)));
        match expected {
            Ok(number) => {
                announced.unwrap();
                let last =
                    mifeng::store::PublicLog::announced(&*store, mifeng::log::PublicKind::RecipientSet);
                assert_eq!(last.unwrap().unwrap().number, number);
            }
            Err(why) => assert!(announced.unwrap_err().to_string().contains(why)),
        }
    };
    announce(Ok(1));
    let all = ["office/office.key", "t1/trustee.key", "t2/trustee.key", "t3/trustee.key", "t5/trustee.key"];
    succeed(at, "set1.json", "--without T4 --trustee t5/trustee.public.json", &all, "set2.json");
    pin(at, "set2.json", "office");
    announce(Ok(2));
    announce(Ok(2));
    for name in [file::SET, file::PIN, file::ROSTER] {
        fs::copy(at.join("was").join(name), at.join("keys").join(name)).unwrap();
    }
    announce(Err("the log has announced recipient set 2, and set 1"));
    // A set 2 of the same holders' making, but another one, was never announced and follows nothing that was.
    let new = "--without T4 --trustee t6/trustee.public.json";
    let all = ["office/office.key", "t1/trustee.key", "t2/trustee.key", "t3/trustee.key", "t6/trustee.key"];
    succeed(at, "set1.json", new, &all, "other2.json");
    pin(at, "other2.json", "office");
    announce(Err("the log has announced recipient set 2, and set 2"));
}

/// That the file says what the command printed.
#[test]
fn the_draft_of_the_next_set_can_be_read_back() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    run(at, "keys set succeed set1.json --threshold 3 --out set2.json");
    let set = UntrustedSet::parse(&fs::read_to_string(at.join("set2.json")).unwrap()).unwrap();
    assert!(
        set.signatures.is_empty()
            && set.body.contains(r#""number":2"#)
            && set.body.contains(r#""threshold":3"#)
    );
    assert!(
        refused(at, "keys set succeed set1.json --threshold 1 --out set3.json").contains("never needs fewer")
    );
}
