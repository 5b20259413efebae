//! Reports sealed to the old set, opened under the new one: who still can, who no longer, and what is told of it.

use super::{AgeKey, CANARY, after};
use mifeng::{
    award::{claim::NotClaimed, release::ReleaseRequest},
    cleartext::{open::OpenError, share::ShareRefused},
    cli::{
        keyfile::HolderKey,
        trustee::{NoShare, check},
    },
    signing::SigningKey,
};
use std::{
    collections::BTreeMap,
    io::Write,
    process::{Command, Stdio},
};

#[test]
fn trustees_who_stayed_open_what_was_sealed_to_the_set_before_at_whatever_place_they_stand_now() {
    let after = after();
    for old in [&after.old_recovery, &after.old_office] {
        assert_eq!(after.open(&[&after.c.office_key, old]).unwrap(), CANARY);
    }
}

/// The lost-key drill's heart: the office's laptop is gone, its new keys are in a new set, and the recovery key from the
/// safe opens what the lost one would have.
#[test]
fn the_old_recovery_key_and_the_new_office_key_open_together_and_neither_alone() {
    let after = after();
    assert_eq!(after.open(&[&after.c.office_key]), Err(OpenError::OtherOfficeKey(1)));
    assert_eq!(after.open(&[&after.old_recovery]), Err(OpenError::ShareUnreadable(1)));
    assert_eq!(after.open(&[&after.c.recovery_key, &after.old_recovery]).unwrap(), CANARY);
}

/// docs/operations.md, "Drill: the office's laptop is gone", step 3, with the tool as it is run.
#[test]
fn in_the_drill_the_tool_says_which_key_is_missing_and_opens_with_both() {
    let after = after();
    after.machine();
    let at = after.folder.path();
    let package = serde_json::to_string(&after.package()).unwrap();
    std::fs::write(at.join("package.json"), package).unwrap();
    let save = |name: &str, key: &AgeKey| {
        let signing = SigningKey::generate(&mut rand::rng());
        HolderKey { opening: key.clone(), signing }.save(&at.join(name), "the office").unwrap();
    };
    save("office.key", &after.c.office_key);
    save("office-recovery.key", &after.old_recovery);
    let open = |keys: &str| {
        let words = format!("open package.json {keys} --state state --voucher voucher.txt --rehearsal");
        let mut child = Command::new(env!("CARGO_BIN_EXE_mifeng-office"))
            .args(words.split_whitespace())
            .current_dir(at)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A tool that ends before it asks has closed its end.
        let _ = child.stdin.take().unwrap().write_all(b"y\nn\ny\n");
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.success(), said)
    };
    for (one, why) in
        [("office", "sealed to other keys of the office"), ("office-recovery", "does not open with this")]
    {
        let (opened, said) = open(&format!("--key {one}.key"));
        assert!(!opened && said.contains(why), "{said}");
        assert!(!said.contains("Record: unreadable") && !said.contains(CANARY), "{said}");
    }
    let (opened, said) = open("--key office.key --key office-recovery.key");
    assert!(opened && said.contains(CANARY) && said.contains("verified, then paid"), "{said}");
    assert!(at.join("voucher.txt").exists());
}

/// Whoever has the stolen laptop finds nothing of what the trustees give from then on.
#[test]
fn after_a_new_set_the_stolen_office_key_opens_no_share() {
    let after = after();
    assert_eq!(after.open(&[&after.old_office]), Err(OpenError::ShareUnreadable(1)));
}

#[test]
fn a_trustee_who_left_gives_nothing_under_the_new_set_and_who_came_has_nothing_of_the_old() {
    let after = after();
    let machine = after.machine();
    let gone =
        HolderKey { opening: after.gone.0.clone(), signing: SigningKey::from_seed(*after.gone.1.seed()) };
    for place in 1..=3 {
        let request = ReleaseRequest { trustee: place, share_files: vec![], ..after.request(1) };
        assert!(matches!(check(&request, &gone, &machine, after.c.today), Err(NoShare::OtherTrustee(_))));
    }
    let files = vec![after.sealed[0].share_files[1].clone(), after.sealed[1].share_files[2].clone()];
    let request = ReleaseRequest { trustee: 3, share_files: files, ..after.request(1) };
    let refused = check(&request, &after.c.holder(3), &machine, after.c.today).err();
    assert!(matches!(refused, Some(NoShare::Share(ShareRefused::WrongKey(1)))), "{refused:?}");
}

/// "Unreadable" ends an award for good, so it is told only where the report is at fault. `web/test/outcomes.test.ts` reads the same
/// list.
#[test]
fn nothing_is_to_be_recorded_where_a_package_a_key_or_a_trustee_is_at_fault() {
    let each = [
        ("open-purpose", OpenError::OtherPurpose("files")),
        ("open-empty", OpenError::Empty),
        ("open-share-unreadable", OpenError::ShareUnreadable(1)),
        ("open-share-foreign", OpenError::ShareForeign(1)),
        ("open-share-wrong", OpenError::ShareWrong(1)),
        ("open-claim-keys-differ", OpenError::ClaimKeysDiffer),
        ("claim-missing", OpenError::NotClaimed(NotClaimed)),
        ("open-hashes-differ", OpenError::HashListsDiffer(1)),
        ("open-envelope", OpenError::EnvelopeUnreadable(1).under_set(1)),
        ("open-perhaps-split", OpenError::EnvelopeUnreadable(1).under_set(2)),
        ("open-other-office-key", OpenError::OtherOfficeKey(1)),
        ("open-malformed", OpenError::Malformed(1)),
    ];
    let list: BTreeMap<String, bool> =
        serde_json::from_str(&std::fs::read_to_string("tests/vectors/opening-outcomes.json").unwrap())
            .unwrap();
    let ours = each.map(|(code, why)| (code.to_owned(), why.is_outcome()));
    assert_eq!(list, BTreeMap::from(ours));
}
