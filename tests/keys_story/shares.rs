//! Shares are split again, in batches.

use crate::{store_support, store_support::submission, support::*};
use mifeng::{
    cli::keyfile::HolderKey,
    envelope::Envelope,
    ids::{Instance, ReportId},
    store::Reports,
};
use std::{fs, path::Path};

#[test]
fn shares_are_split_again_in_batches_and_the_old_holders_may_go() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    split_in_batches(temp.path());
}

#[test]
fn so_they_are_on_postgresql() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let Some(_database) = on_postgres(temp.path()) else { return };
    split_in_batches(temp.path());
}

fn split_in_batches(at: &Path) {
    ceremony(at);
    let envelopes = report(at, 1..=3);
    (1..=3).for_each(|trustee| init(at, trustee, "set1.json"));

    let words = "--without T1 --without T2 --without T4 --trustee t5/trustee.public.json --trustee t6/trustee.public.json";
    let signers = [
        "office/office.key",
        "t1/trustee.key",
        "t2/trustee.key",
        "t3/trustee.key",
        "t5/trustee.key",
        "t6/trustee.key",
    ];
    succeed(at, "set1.json", words, &signers, "set2.json");
    pin(at, "set2.json", "office");
    report(at, 4..=4);
    assert!(refused(at, "check").contains("split the shares again"));
    for trustee in [3, 5, 6] {
        init(at, trustee, "set2.json");
    }

    assert!(refused(at, "keys reshare begin --dealer 1 --dealer 2 --out out").contains("--unchecked"));
    assert!(refused(at, "keys reshare begin --dealer 1 --out out").contains("it names 1"));
    assert!(refused(at, "keys reshare finish --joined none").contains("no batch is under way"));
    let state = |trustee: u8| format!("--key t{trustee}/trustee.key --state state-{trustee}");
    for (batch, envelopes) in [(1, 2), (2, 1)] {
        let begun =
            run(at, &format!("keys reshare begin --dealer 1 --dealer 2 --dealer 3 --most 2 --out b{batch}"));
        assert!(begun.contains(&format!("batch {batch}: {envelopes} of")), "{begun}");
        // After a break: the same batch, in another folder.
        let again = run(at, &format!("keys reshare begin --out again{batch}"));
        assert!(again.contains("is under way"), "{again}");
        let same = |dealer| format!("deal-{dealer}.json");
        assert_eq!(
            fs::read(at.join(format!("b{batch}")).join(same(1))).unwrap(),
            fs::read(at.join(format!("again{batch}")).join(same(1))).unwrap()
        );

        if batch == 1 {
            // Those who left take the new set, too, before they give shares to its holders.
            let early =
                refused(at, &format!("trustee reshare deal b{batch}/deal-1.json {} --yes --out x", state(1)));
            assert!(early.contains("the batch is for another set than this machine has pinned"), "{early}");
            (1..=2).for_each(|trustee| init(at, trustee, "set2.json"));
        }
        let unasked = refused(at, &format!("trustee reshare deal b{batch}/deal-1.json {} --out x", state(1)));
        assert!(unasked.contains("nothing was dealt"), "{unasked}");
        for dealer in 1..=3 {
            let said = run(
                at,
                &format!(
                    "trustee reshare deal b{batch}/deal-{dealer}.json {} --yes --out b{batch}/dealt-{dealer}",
                    state(dealer)
                ),
            );
            assert!(said.contains("T5、T6、T3") && said.contains("a wrong share is found out"), "{said}");
        }
        let wrong =
            refused(at, &format!("trustee reshare deal b{batch}/deal-1.json {} --yes --out x", state(3)));
        assert!(wrong.contains("not that of trustee 1"), "{wrong}");
        let dealings: String = (1..=3).map(|dealer| format!(" --dealing b{batch}/dealt-{dealer}")).collect();
        for new in [3, 5, 6] {
            run(at, &format!("trustee reshare take{dealings} {} --out b{batch}/taken-{new}", state(new)));
        }
        let takings: String = [3, 5, 6].map(|new| format!(" --taking b{batch}/taken-{new}")).concat();
        for new in [3, 5, 6] {
            run(
                at,
                &format!(
                    "trustee reshare join{dealings}{takings} {} --out b{batch}/joined-{new}",
                    state(new)
                ),
            );
        }
        let joined = [3, 5, 6].map(|new| format!(" --joined b{batch}/joined-{new}"));
        assert!(
            refused(at, &format!("keys reshare finish{}{}", joined[0], joined[1])).contains("is missing")
        );
        let finished = run(at, &format!("keys reshare finish{}", joined.concat()));
        assert!(finished.contains(&format!("batch {batch} is finished")), "{finished}");
    }
    let said = run(at, "keys reshare status");
    assert!(
        said.starts_with("set 2        4 envelopes (in force)\nNothing is left of an earlier set"),
        "{said}"
    );
    assert!(said.contains("a new backup, mifeng backup verify, the older backups withdrawn"), "{said}");
    let said = run(at, "check");
    assert!(!said.contains("PROBLEM") && !said.contains("set 1"), "{said}");
    assert!(refused(at, "keys reshare begin --out none").contains("every envelope is held by"));

    // Any two of the new trustees have the lock of a report of the old set; its AEAD tag is the proof.
    let (store, keys) = store(at);
    let held = mifeng::store::Resharing::held(&store).unwrap();
    let held = held.iter().find(|held| held.report == store_support::report(1)).unwrap();
    let share = |trustee: u8| {
        let key = HolderKey::load(&at.join(format!("t{trustee}/trustee.key"))).unwrap();
        let place = keys.set.place_of_recipient(&key.recipient()).unwrap();
        let file = mifeng::store::Resharing::held_share(&store, held, place).unwrap();
        let plain = age::decrypt(&key.opening, file.age_file().unwrap()).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&plain).unwrap();
        assert_eq!((body["set_number"].as_u64(), body["trustee"].as_u64()), (Some(2), Some(place.into())));
        use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
        BASE64_STANDARD_NO_PAD.decode(body["share_l"].as_str().unwrap()).unwrap()
    };
    let locks: Vec<_> =
        [[3, 5], [5, 6], [3, 6]].map(|two| vsss_rs::Gf256::combine_array(two.map(share)).unwrap()).into();
    assert!(locks.iter().all(|lock| *lock == locks[0]));
    assert!(turns(&locks[0], &envelopes[0], keys.set.instance(), held.report));
}

/// Whether the lock opens the identity section, by its AEAD tag.
fn turns(lock: &[u8], envelope: &Envelope, instance: &Instance, report: ReportId) -> bool {
    let section = envelope.section(mifeng::envelope::SectionName::Identity);
    let aad = mifeng::envelope::SectionName::Identity.associated_data(instance, &report);
    let key = ring::aead::UnboundKey::new(&ring::aead::CHACHA20_POLY1305, lock).unwrap();
    let nonce = ring::aead::Nonce::try_assume_unique_for_key(&section[2..14]).unwrap();
    let mut body = section[14..].to_vec();
    ring::aead::LessSafeKey::new(key).open_in_place(nonce, ring::aead::Aad::from(aad), &mut body).is_ok()
}

/// T1, T2 and T4 leave, T5 and T6 come; everybody's machine trusts the set.
pub fn next_set(at: &Path) {
    (1..=3).for_each(|trustee| init(at, trustee, "set1.json"));
    let words = "--without T1 --without T2 --without T4 --trustee t5/trustee.public.json --trustee t6/trustee.public.json";
    let signers = [
        "office/office.key",
        "t1/trustee.key",
        "t2/trustee.key",
        "t3/trustee.key",
        "t5/trustee.key",
        "t6/trustee.key",
    ];
    succeed(at, "set1.json", words, &signers, "set2.json");
    pin(at, "set2.json", "office");
    [1, 2, 3, 5, 6].into_iter().for_each(|trustee| init(at, trustee, "set2.json"));
}

/// A batch dealt by trustees 1 to 3 for 3, 5 and 6, all but its end; gives what `finish` is told.
pub fn deal_take_and_join(at: &Path, folder: &str, begin: &str) -> String {
    until_joined(at, folder, begin).1
}

/// The same; with what was said by deal, take and join.
fn until_joined(at: &Path, folder: &str, begin: &str) -> ([String; 3], String) {
    run(at, &format!("keys reshare begin --dealer 1 --dealer 2 --dealer 3 {begin} --out {folder}"));
    let state = |trustee: u8| format!("--key t{trustee}/trustee.key --state state-{trustee}");
    let each = |all: [u8; 3], words: &dyn Fn(u8) -> String| all.map(|one| run(at, &words(one))).concat();
    let files = |word: &str, name: &str, all: [u8; 3]| {
        all.map(|one| format!(" --{word} {folder}/{name}-{one}")).concat()
    };
    let (old, new) = ([1, 2, 3], [3, 5, 6]);
    let dealt = each(old, &|n| {
        let (from, to) = (format!("{folder}/deal-{n}.json"), format!("{folder}/dealt-{n}"));
        format!("trustee reshare deal {from} {} --yes --out {to}", state(n))
    });
    let dealings = files("dealing", "dealt", old);
    let taken =
        each(new, &|n| format!("trustee reshare take{dealings} {} --out {folder}/taken-{n}", state(n)));
    let takings = files("taking", "taken", new);
    let joined = each(new, &|n| {
        format!("trustee reshare join{dealings}{takings} {} --out {folder}/joined-{n}", state(n))
    });
    ([dealt, taken, joined], files("joined", "joined", new))
}

/// A batch from `begin` to `finish`; gives what was said by deal, take, join, finish.
fn batch(at: &Path, folder: &str, begin: &str) -> [String; 4] {
    let ([dealt, taken, joined], files) = until_joined(at, folder, begin);
    [dealt, taken, joined, run(at, &format!("keys reshare finish{files}"))]
}

/// A reporter's device can seal noise to the trustees; the server cannot look inside.
#[test]
fn one_report_that_cannot_be_split_keeps_its_old_shares_and_nobody_else_s_back() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    one_cannot_be_split(temp.path());
}

#[test]
fn nor_does_it_on_postgresql() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let Some(_database) = on_postgres(temp.path()) else { return };
    one_cannot_be_split(temp.path());
}

fn one_cannot_be_split(at: &Path) {
    ceremony(at);
    report(at, 1..=2);
    {
        let (store, _) = store(at);
        store.submit(submission(7)).wait().unwrap();
    }
    next_set(at);

    let poisoned = store_support::report(7).to_string();
    for (folder, begin) in [("one", ""), ("two", "--again")] {
        let said = batch(at, folder, begin);
        assert!(said.iter().all(|said| said.contains(&format!("report {poisoned}"))), "{said:?}");
        let status = run(at, "keys reshare status");
        assert_eq!(
            status,
            format!(
                "set 1        1 envelopes\nset 2        2 envelopes (in force)\nleft out     report {poisoned}, an envelope of set 1\n"
            )
        );
        assert!(
            refused(at, "keys reshare begin --dealer 1 --dealer 2 --dealer 3 --out no").contains("--again")
        );
    }
}
