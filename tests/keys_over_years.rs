//! docs/operations.md, "Keys over years", in process: what a new recipient set changes for reports sealed to the old one.
#![cfg(feature = "open")]

mod common;

use common::{Ceremony, person_json};
use mifeng::{
    award::{
        claim::NotClaimed,
        release::{Deposit, ReleasePackage, ReleaseRequest},
    },
    cleartext::{open::OpenError, share::ShareRefused},
    cli::{
        keyfile::{HolderKey, OfficeKeys},
        office::check as check_package,
        pins::{Memory, State, StateRefused},
        trustee::{NoShare, check},
    },
    clock::{Clock, SystemClock},
    envelope::SealedReport,
    log::proof::Seen,
    recipients::{
        Approver, Left, Office, SetRefused, Sets, Succession, Trustee, UntrustedRoster, UntrustedSet,
    },
    signing::SigningKey,
};
use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const CANARY: &str = "密封测试甲";

type AgeKey = age::x25519::Identity;

fn trustee(name: &str) -> (AgeKey, SigningKey, Trustee) {
    let (key, sign) = (AgeKey::generate(), SigningKey::generate(&mut rand::rng()));
    let public =
        Trustee { name: name.into(), recipient: key.to_public().to_string(), verify: sign.verify_key() };
    (key, sign, public)
}

/// An office whose laptop is lost and a trustee who leaves: set 2 has new keys for the office, trustee 2 is replaced, and
/// the two who stay stand at other places.
struct After {
    /// As it is under the new set.
    c: Ceremony,
    first: UntrustedSet,
    /// One envelope of the old set, one of the new.
    sealed: Vec<SealedReport>,
    /// Who left.
    gone: (AgeKey, SigningKey),
    old_recovery: AgeKey,
    old_office: AgeKey,
    folder: tempfile::TempDir,
}

fn after() -> After {
    let mut c = Ceremony::new();
    // The tool asks the machine's clock.
    c.date(SystemClock.today());
    let folder = tempfile::tempdir().unwrap();
    let state = c.machine(folder.path());
    assert_eq!(state.set.number(), 1);
    let named = c.seal_named(&person_json(CANARY));

    let (key4, sign4, public4) = trustee("trustee 4");
    let old = c.set.clone();
    let [one, two, three] = <[_; 3]>::try_from(std::mem::take(&mut c.trustee_keys)).ok().unwrap();
    let (office_key, recovery_key) = (AgeKey::generate(), AgeKey::generate());
    let office_sign = SigningKey::generate(&mut rand::rng());
    let office = Office {
        working: office_key.to_public().to_string(),
        recovery: recovery_key.to_public().to_string(),
        verify: office_sign.verify_key(),
    };
    let trustees = vec![old.trustees()[2].clone(), old.trustees()[0].clone(), public4];
    let mut set = UntrustedSet::draft(old.instance(), 2, office, trustees, 2).unwrap();
    set.sign("office", &office_sign);
    set.sign("former-office", &c.office_sign);
    set.sign("trustee-1", &three.1);
    set.sign("trustee-2", &one.1);
    set.sign("trustee-3", &sign4);

    let first = std::mem::replace(&mut c.untrusted_set, set);
    c.set = c.untrusted_set.pinned(&c.untrusted_set.fingerprint()).unwrap();
    c.trustee_keys = vec![three, one, (key4, sign4)];
    let old_office = std::mem::replace(&mut c.office_key, office_key);
    let old_recovery = std::mem::replace(&mut c.recovery_key, recovery_key);
    c.office_sign = office_sign;
    let enrolled = c
        .approver_keys
        .iter()
        .map(|(staff, key)| Approver { staff: staff.clone(), verify: key.verify_key() });
    c.untrusted_roster = UntrustedRoster::signed(old.instance(), 2, enrolled.collect(), &c.office_sign);
    c.roster = c.untrusted_roster.trusted(&c.set).unwrap();
    let sealed = vec![named, c.seal_nameless()];
    After { c, first, sealed, gone: two, old_recovery, old_office, folder }
}

impl After {
    /// The machine that had pinned set 1 takes set 2.
    fn machine(&self) -> State {
        let state = self.c.machine(self.folder.path());
        assert_eq!(state.set.number(), 2);
        state
    }

    /// What trustee `place` of set 2 downloads: their share file of set 1 by its place there.
    fn request(&self, place: u8) -> ReleaseRequest {
        let old_place = [3, 1][usize::from(place) - 1];
        let own =
            [&self.sealed[0].share_files[old_place - 1], &self.sealed[1].share_files[usize::from(place) - 1]];
        ReleaseRequest { share_files: own.map(Clone::clone).into(), ..self.c.request(&self.sealed, place) }
    }

    fn deposit(&self, place: u8) -> Deposit {
        let key = self.c.holder(place.into());
        let checked = check(&self.request(place), &key, &self.machine(), self.c.today).unwrap();
        checked.answer(&key, &self.machine(), 1).unwrap().deposit
    }

    fn package(&self) -> ReleasePackage {
        self.c.package(&self.sealed, vec![self.deposit(1), self.deposit(2)])
    }

    fn keys(&self, keys: &[&AgeKey]) -> OfficeKeys {
        let save = |(i, key): (usize, &&AgeKey)| -> PathBuf {
            let path = tempfile::Builder::new()
                .tempdir_in(self.folder.path())
                .unwrap()
                .keep()
                .join(format!("{i}.key"));
            let key = HolderKey { opening: (*key).clone(), signing: SigningKey::generate(&mut rand::rng()) };
            key.save(&path, "the office").unwrap();
            path
        };
        OfficeKeys::load(&keys.iter().enumerate().map(save).collect::<Vec<_>>()).unwrap()
    }

    fn open(&self, keys: &[&AgeKey]) -> Result<String, OpenError> {
        let package = self.package();
        let ready = check_package(&package, &self.machine(), self.c.today).unwrap();
        let opened = ready.open(&package.envelopes, &self.keys(keys))?;
        Ok(opened.person.as_ref().unwrap().name().to_owned())
    }
}

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
        let _ = child.stdin.take().unwrap().write_all(b"y\nn\nn\ny\n");
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

/// A machine that has not taken the new set gives nothing under it; one that has, nothing under the old.
#[test]
fn a_machine_gives_shares_under_the_set_it_has_pinned_alone() {
    let after = after();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("first.json");
    std::fs::write(&path, serde_json::to_string(&after.first).unwrap()).unwrap();
    let old = State::pin(
        &elsewhere.path().join("state"),
        &path,
        &after.first.fingerprint(),
        Some(after.c.log_key()),
    );
    let refused = check(&after.request(1), &after.c.holder(1), &old.unwrap(), after.c.today).err();
    assert!(matches!(refused, Some(NoShare::Set(SetRefused::NotThePinnedOne { .. }))));
    let request = ReleaseRequest { set: after.first.clone(), ..after.request(1) };
    let refused = check(&request, &after.c.holder(1), &after.machine(), after.c.today).err();
    assert!(matches!(refused, Some(NoShare::Set(SetRefused::NotThePinnedOne { .. }))));
}

#[test]
fn the_next_set_keeps_everybody_not_named_in_their_place() {
    let c = Ceremony::new();
    let names = |set: &UntrustedSet, at: &Path| {
        // Unsigned: read what it says.
        std::fs::write(at, &set.body).unwrap();
        let body: serde_json::Value = serde_json::from_str(&set.body).unwrap();
        let names = body["trustees"].as_array().unwrap().iter();
        (
            body["number"].as_u64().unwrap(),
            names.map(|t| t["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>(),
        )
    };
    let at = tempfile::NamedTempFile::new().unwrap();
    let change = |without: &[&str], with: Vec<Trustee>| Succession {
        without: without.iter().map(|name| (*name).to_owned()).collect(),
        with,
        ..Succession::default()
    };
    let replaced = change(&["trustee 2"], vec![trustee("four").2, trustee("five").2]).draft(&c.set).unwrap();
    let said: Vec<_> = ["trustee 1", "four", "trustee 3", "five"].map(str::to_owned).into();
    assert_eq!(names(&replaced, at.path()), (2, said));
    let new_key = trustee("trustee 3").2;
    let again = change(&[], vec![new_key.clone()]).draft(&c.set).unwrap();
    assert!(again.body.contains(&new_key.recipient) && !again.body.contains(&c.set.trustees()[2].recipient));
    let revoked = change(&["trustee 1"], vec![]).draft(&c.set).unwrap();
    assert_eq!(names(&revoked, at.path()).1, ["trustee 2", "trustee 3"]);

    let nobody = change(&["trustee 9"], vec![]).draft(&c.set).err();
    assert_eq!(nobody, Some(SetRefused::NoSuchTrustee("trustee 9".into())));
    let two_leave = change(&["trustee 1", "trustee 2"], vec![]).draft(&c.set).err();
    assert_eq!(two_leave, Some(SetRefused::Threshold { t: 2, n: 1 }));
    let lower = Succession { threshold: Some(1), ..Succession::default() }.draft(&c.set).err();
    assert_eq!(lower, Some(SetRefused::LowerThreshold { old: 2, new: 1 }));
}

#[test]
fn a_later_set_never_needs_fewer_trustees_than_reporters_were_promised() {
    let c = Ceremony::new();
    let sign = |set: &mut UntrustedSet| {
        set.sign("office", &c.office_sign);
        for (i, (_, key)) in c.trustee_keys.iter().enumerate() {
            set.sign(&format!("trustee-{}", i + 1), key);
        }
    };
    let three = Succession { threshold: Some(3), ..Succession::default() };
    let mut three = three.draft(&c.set).unwrap();
    sign(&mut three);
    let (first, file) = (&c.untrusted_set, &three.clone());
    let three = three.following(&c.set).unwrap();
    // An opening is under the later set, so that what was sealed to the earlier takes three now, too.
    let sets = Sets::new((three.clone(), file), vec![first.clone()]).unwrap();
    assert_eq!(sets.left(&[1].into()), Some(Left { usable: 3, needed: 3 }));
    let (office, trustees) = (three.office().clone(), three.trustees().to_vec());
    let mut two = UntrustedSet::draft(three.instance(), 3, office, trustees, 2).unwrap();
    sign(&mut two);
    assert_eq!(two.following(&three).err(), Some(SetRefused::LowerThreshold { old: 3, new: 2 }));
}

#[test]
fn sets_are_known_back_to_the_first_only_along_a_whole_chain() {
    let after = after();
    let current = || (after.c.set.clone(), &after.c.untrusted_set);
    let sets = Sets::new(current(), vec![after.first.clone()]).unwrap();
    assert_eq!(sets.numbered(1).unwrap().fingerprint(), after.first.fingerprint());
    assert_eq!((sets.places(1).of(1), sets.places(1).of(2)), (Some(3), Some(1)));
    assert_eq!((sets.places(3).of(1), sets.places(3).of(2)), (None, Some(3)));
    assert_eq!((sets.places(4).of(2), sets.places(0).of(2)), (None, None));
    let left = |sets_of: &[u32]| sets.left(&sets_of.iter().copied().collect());
    assert_eq!(left(&[1]), Some(Left { usable: 2, needed: 2 }));
    assert_eq!(left(&[2]), Some(Left { usable: 3, needed: 2 }));
    assert_eq!(left(&[1, 2]), left(&[1]), "who opens a report of both sets stands in both");
    assert_eq!((left(&[3]), left(&[1, 3])), (None, None));

    // Another instance's first set, or one of other holders, was not followed by this one.
    let stranger = Ceremony::new();
    let refused = Sets::new(current(), vec![stranger.untrusted_set.clone()]).err();
    assert_eq!(refused, Some(SetRefused::SignatureMissing("office".into())));
    let refused =
        Sets::new((stranger.set.clone(), &stranger.untrusted_set), vec![after.c.untrusted_set.clone()]).err();
    assert_eq!(refused, Some(SetRefused::EarlierMissing(1)));
}

#[test]
fn with_one_to_spare_it_is_scarce_and_with_none_it_is_still_not_lost() {
    let left = |usable| Left { usable, needed: 2 };
    let said: Vec<_> = (1..=4).map(|n| (left(n).is_lost(), left(n).is_scarce())).collect();
    assert_eq!(said, [(true, true), (false, true), (false, true), (false, false)]);
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

#[test]
fn two_runs_at_once_on_one_machine_take_back_nothing_that_either_has_seen() {
    let (after, temp) = (after(), tempfile::tempdir().unwrap());
    let (state, set) = (temp.path().join("state"), temp.path().join("set"));
    std::fs::write(&set, serde_json::to_string(&after.first).unwrap()).unwrap();
    let mut one = State::pin(&state, &set, &after.first.fingerprint(), Some(after.c.log_key())).unwrap();
    let mut other = State::open(&state).unwrap();
    let seen = |size, root| Seen { size, root: mifeng::log::Hash([root; 32]) };
    let memory = |seen, roster| Memory { seen: Some(seen), roster };
    one.remember(memory(seen(9, 1), 2), Some(b"nine")).unwrap();
    other.remember(memory(seen(7, 2), 3), Some(b"seven")).unwrap();
    assert_eq!(other.memory, memory(seen(9, 1), 3));
    assert_eq!(State::open(&state).unwrap().memory, other.memory);
    assert_eq!(std::fs::read(state.join("checkpoint")).unwrap(), b"nine");
    let forked = one.remember(memory(seen(9, 5), 1), None);
    assert!(matches!(forked, Err(StateRefused::Forked(9))), "{forked:?}");

    // After a restore, and on its trustees' word alone, a shorter log is the one this machine goes on with.
    one.accept_restored(seen(4, 4)).unwrap();
    assert_eq!(State::open(&state).unwrap().memory, memory(seen(4, 4), 3));
    assert!(std::fs::read_to_string(state.join("restored")).unwrap().starts_with("9 "));
    assert!(matches!(one.accept_restored(seen(4, 4)), Err(StateRefused::NothingLost(4))));
}

#[test]
fn a_machine_that_broke_off_while_it_took_a_later_set_knows_the_old_or_the_new_one() {
    let (after, temp) = (after(), tempfile::tempdir().unwrap());
    let state = temp.path().join("state");
    let write =
        |path: &Path, set: &UntrustedSet| std::fs::write(path, serde_json::to_string(set).unwrap()).unwrap();
    let (first, second) = (&after.first, &after.c.untrusted_set);
    for (name, set) in [("first", first), ("second", second)] {
        write(&temp.path().join(name), set);
    }
    let pin = |name: &str, set: &UntrustedSet| {
        State::pin(&state, &temp.path().join(name), &set.fingerprint(), Some(after.c.log_key())).unwrap()
    };
    let in_force = || State::open(&state).unwrap().set.fingerprint();
    pin("first", first);
    write(&state.join("recipient-set.next.json"), second);
    assert_eq!(in_force(), first.fingerprint());
    pin("second", second);
    write(&state.join("recipient-set.json"), first);
    assert_eq!(in_force(), second.fingerprint());
    pin("second", second);
    assert_eq!(in_force(), second.fingerprint());
}
