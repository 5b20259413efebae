//! How a batch ends, for everybody to see, and what is done with what opened the shares of an earlier set.

use crate::{
    shares::{deal_take_and_join, next_set},
    support::*,
};
use mifeng::{
    log::{PublicKind, leaf::Face},
    store::PublicLog,
    transcript::sha256,
};
use std::{fs, path::Path};

/// A public entry: kind, number, digest.
type Entry = (PublicKind, u64, [u8; 32]);

/// The public entries about shares, and the texts that go with them.
fn told(at: &Path) -> (Vec<Entry>, Vec<serde_json::Value>) {
    let (store, _) = store(at);
    let entries = store.entries(0, store.head().size).unwrap();
    let public = entries.iter().filter_map(|entry| match entry.face().unwrap() {
        Face::Public { kind, number, digest, .. } => Some((kind, number, digest)),
        Face::Report => None,
    });
    let public: Vec<_> = public.collect();
    let notes = store.notes().unwrap();
    for note in &notes {
        let face = entries[note.leaf_index as usize].face().unwrap();
        let said = matches!(face, Face::Public { kind, number, digest, .. }
            if (kind, number, digest) == (note.kind, note.number, sha256(note.text.as_bytes())));
        assert!(said, "{note:?}: {face:?}");
    }
    (public, notes.iter().map(|note| serde_json::from_str(&note.text).unwrap()).collect())
}

#[test]
fn a_batch_that_is_given_up_leaves_a_mark_in_the_log_as_one_that_is_finished_does() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    report(at, 1..=2);
    next_set(at);
    run(at, "keys reshare begin --dealer 1 --dealer 2 --dealer 3 --out begun");
    assert!(run(at, "keys reshare status").contains("under way    batch 1"));
    let said = run(at, "keys reshare give-up");
    assert!(said.contains("0 envelopes have new shares, 2 keep the old, log entry 4"), "{said}");
    assert!(!run(at, "keys reshare status").contains("under way"));
    assert!(refused(at, "keys reshare give-up").contains("no batch is under way"));
    let joined = deal_take_and_join(at, "b", "");
    run(at, &format!("keys reshare finish{joined}"));

    let (public, texts) = told(at);
    let kinds: Vec<_> = public.iter().map(|(kind, number, _)| (*kind, *number)).collect();
    use PublicKind::*;
    assert_eq!(kinds, [(Resharing, 1), (GivenUp, 1), (Resharing, 2), (Reshared, 2)]);
    for ((begun, text), (swapped, kept)) in [&public[0], &public[2]].iter().zip(&texts).zip([(0, 2), (2, 0)])
    {
        assert_eq!(text["batch"], hex::encode(begun.2));
        assert_eq!((text["swapped"].as_u64(), text["kept"].as_u64()), (Some(swapped), Some(kept)), "{text}");
        assert!(!text.to_string().contains("report"), "nobody's report is named: {text}");
    }
}

#[test]
fn holders_of_an_emptied_set_destroy_their_keys_and_the_log_has_their_word() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    report(at, 1..=2);
    next_set(at);
    let why = refused(at, "keys reshare emptied --out too-early.json");
    assert!(why.contains("the trustees of recipient set 1 still hold shares"), "{why}");
    let joined = deal_take_and_join(at, "b", "");
    run(at, &format!("keys reshare finish{joined}"));
    let said = run(at, "keys reshare emptied --out emptied.json");
    assert!(said.contains("for the holders of set 1") && said.contains("log entry 5"), "{said}");
    assert!(run(at, "keys reshare emptied --out again.json").contains("log entry 5"), "said once");

    let destroy = |trustee: u8, words: &str| {
        format!(
            "trustee reshare destroy-old emptied.json --key t{trustee}/trustee.key --state state-{trustee} --out destroyed-{trustee} {words}"
        )
    };
    let key = |trustee: u8| at.join(format!("t{trustee}/trustee.key"));
    // Who stands in the set in force keeps what opens its shares.
    let why = refused(at, &destroy(3, "--yes"));
    assert!(why.contains("still stands in recipient set 2"), "{why}");
    assert!(refused(at, &destroy(1, "")).contains("nothing was destroyed"));
    assert!(refused(at, &destroy(1, "--yes --also t1/nothing")).contains("t1/nothing"));
    assert!(refused(at, &destroy(1, "--yes --also b")).contains("is not a file by itself"));
    // Of another set than it says, or for a machine that has not taken the set in force.
    let honest = fs::read_to_string(at.join("emptied.json")).unwrap();
    fs::write(at.join("emptied.json"), honest.replacen("\\\"set\\\":1", "\\\"set\\\":2", 1)).unwrap();
    assert!(refused(at, &destroy(1, "--yes")).contains("does not name these sets"));
    let format = |n: u8| honest.replacen("\\\"format\\\":1", &format!("\\\"format\\\": {n}"), 1);
    fs::write(at.join("emptied.json"), format(1)).unwrap();
    assert!(refused(at, &destroy(1, "--yes")).contains("does not announce this"), "another text");
    fs::write(at.join("emptied.json"), &honest).unwrap();
    init(at, 4, "set1.json");
    assert!(refused(at, &destroy(4, "--yes")).contains("does not name these sets"));
    init(at, 4, "set2.json");
    assert!((1..=6).all(|trustee| key(trustee).exists()), "nothing was destroyed so far");

    let said = run(at, &destroy(1, "--yes --also b/deal-1.json --also b/dealt-1"));
    assert!(said.contains("destroy them by hand"), "{said}");
    assert!(!key(1).exists() && !at.join("b/deal-1.json").exists() && !at.join("b/dealt-1").exists());
    assert!(!at.join("destroyed-1.unfinished").exists());
    // Only its holder can say so of a key.
    let word = fs::read_to_string(at.join("destroyed-1")).unwrap();
    fs::write(at.join("forged"), word.replacen("\"place\":1", "\"place\":2", 1)).unwrap();
    assert!(refused(at, "keys reshare destroyed forged").contains("the signature of trustee 2 does not fit"));
    let said = run(at, "keys reshare destroyed destroyed-1");
    assert!(said.contains("T1 of set 1: log entry 6"), "{said}");
    assert!(said.contains("destroyed    set 1: 1 of 4 say so; 3 are left, and 2 open"), "{said}");
    assert!(run(at, "keys reshare destroyed destroyed-1").contains("said before, log entry 6"));
    for trustee in [2, 4] {
        run(at, &destroy(trustee, "--yes"));
    }
    run(at, "keys reshare destroyed destroyed-2 destroyed-4");
    let said = run(at, "keys reshare status");
    assert!(
        said.contains("set 1: 3 of 4 say so; if they told the truth, no copy of its shares opens anything"),
        "{said}"
    );

    let (public, texts) = told(at);
    let kinds: Vec<_> = public[2..].iter().map(|(kind, number, _)| (*kind, *number)).collect();
    use PublicKind::*;
    assert_eq!(kinds, [(Emptied, 1), (Destroyed, 1), (Destroyed, 2), (Destroyed, 3)]);
    assert!(texts.iter().all(|text| !text.to_string().contains("T1")), "a place, and no name: {texts:?}");
    assert!(!run(at, "check").contains("PROBLEM"));
}
