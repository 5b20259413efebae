//! docs/operations.md, "Keys over years", followed to the letter with the program's own commands: a trustee's key is lost, a
//! new set is signed and pinned, the check says what is left, and the shares are split again.

mod store_support;

use jiff::civil::date;
use mifeng::{
    cleartext::{
        identity::SealedBy,
        seal::{Binding, Whom, seal_report},
    },
    cli::keyfile::HolderKey,
    clock::SystemClock,
    config::{Mode, ServerKeys, file},
    envelope::Envelope,
    ids::{Instance, ReportId},
    log::{
        checkpoint::{self, LogKey},
        proof::Seen,
        tiles::TilePath,
    },
    publisher::Publisher,
    recipients::UntrustedSet,
    store::{
        Month, OpenRefused, Reports, Store, Submission,
        engine::{Engine, Tree, Writes},
        retention::RetentionKeys,
        sled::SledEngine,
    },
};
use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use store_support::{receipt, submission};

/// One story at a time: a store opened here would be held a moment longer by whatever another story starts meanwhile.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn try_run(at: &Path, words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mifeng"));
    command
        .args(words.split_whitespace())
        .current_dir(at)
        .env("MIFENG_KEYS", "keys")
        .env("MIFENG_DATA", "data")
        .env("MIFENG_POLICY", format!("{}/policy", env!("CARGO_MANIFEST_DIR")));
    loop {
        let output = command.output().unwrap();
        // As in `engine`: a store that this process has just closed.
        if !String::from_utf8_lossy(&output.stderr).contains("in use by another process") {
            return output;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
}

fn run(at: &Path, words: &str) -> String {
    let output = try_run(at, words);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "mifeng {words}: {out}{err}");
    out
}

/// What it prints and why it ends so.
fn refused(at: &Path, words: &str) -> String {
    let output = try_run(at, words);
    assert!(!output.status.success(), "mifeng {words}");
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

fn fingerprint(at: &Path, set: &str) -> String {
    let shown = run(at, &format!("keys set show {set}"));
    shown.lines().find_map(|line| line.strip_prefix("fingerprint  ")).unwrap().to_owned()
}

/// Set 1: 2 of 4, everybody's machine trusts it.
fn ceremony(at: &Path) {
    run(at, "keys init --keys keys");
    run(at, "keys office --out office");
    for i in 1..=6 {
        run(at, &format!("keys trustee --name T{i} --out t{i}"));
    }
    let trustees: String = (1..=4).map(|i| format!(" --trustee t{i}/trustee.public.json")).collect();
    run(
        at,
        &format!(
            "keys set draft --instance years.example --office office/office.public.json{trustees} --out set1.json"
        ),
    );
    for key in ["office/office.key", "t1/trustee.key", "t2/trustee.key", "t3/trustee.key", "t4/trustee.key"] {
        run(at, &format!("keys set sign --key {key} set1.json"));
    }
    pin(at, "set1.json", "office");
}

fn pin(at: &Path, set: &str, office: &str) {
    run(at, &format!("keys set pin --fingerprint {} --keys keys {set}", fingerprint(at, set)));
    fs::write(at.join("list.json"), "[]").unwrap();
    let _ = fs::remove_file(at.join("keys/approvers.json"));
    run(
        at,
        &format!(
            "keys roster --number 1 --key {office}/office.key --set {set} --approvers list.json --out keys/approvers.json"
        ),
    );
}

fn init(at: &Path, trustee: u8, set: &str) {
    let log = fs::read_to_string(at.join("keys/log.vkey")).unwrap();
    let (fingerprint, log) = (fingerprint(at, set), log.trim());
    run(
        at,
        &format!(
            "trustee init --set {set} --fingerprint {fingerprint} --log-vkey {log} --state state-{trustee}"
        ),
    );
}

/// A thread of sled's own may hold the folder for a moment after the store is gone.
fn engine(at: &Path) -> SledEngine {
    for _ in 0..200 {
        match SledEngine::open(&at.join("data")) {
            Err(OpenRefused::InUse(_)) => std::thread::sleep(std::time::Duration::from_millis(25)),
            opened => return opened.unwrap(),
        }
    }
    panic!("{} is held for ever", at.display())
}

fn store(at: &Path) -> (Store, ServerKeys) {
    let keys = ServerKeys::load(&at.join("keys"), Mode::Demo).unwrap();
    let engine = Arc::new(engine(at));
    let retention =
        RetentionKeys::open(&at.join("keys").join(file::RETENTION), Arc::new(SystemClock)).unwrap();
    (Store::open(engine, keys.set.instance(), &keys.root, retention).unwrap(), keys)
}

/// Reports, sealed to the set in force; gives their envelopes.
fn report(at: &Path, numbers: std::ops::RangeInclusive<u64>) -> Vec<Envelope> {
    let (store, keys) = store(at);
    let seal = |n| {
        let own = receipt(n);
        let binding = Binding {
            report: store_support::report(n),
            audit_key: &own.audit_key(),
            claim_key: own.claim_verify_key(),
            set: &keys.set,
            sealed_by: SealedBy::Server,
        };
        let sealed = seal_report(Whom::Nameless, &binding, &mut rand::rng()).unwrap();
        let (envelope, audit_key) = (sealed.envelope.clone(), own.audit_key());
        store.submit(Submission { sealed, audit_key, ..submission(n) }).wait().unwrap();
        envelope
    };
    numbers.map(seal).collect()
}

/// The set after `old`, signed by all its own and by the office and two trustees of the one before.
fn succeed(at: &Path, old: &str, words: &str, signers: &[&str], out: &str) {
    run(at, &format!("keys set succeed {old} {words} --out {out}"));
    for key in signers {
        run(at, &format!("keys set sign --key {key} {out}"));
    }
}

#[test]
fn a_lost_key_is_answered_by_a_set_without_it_and_the_check_counts_who_is_left() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    report(at, 1..=2);
    // 4 trustees for t = 2: two to spare.
    assert!(!run(at, "check").contains("WARNING"), "{}", run(at, "check"));

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

#[test]
fn shares_are_split_again_in_batches_and_the_old_holders_may_go() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
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

/// Value and place of everything stored, as the engine has it.
fn stored(at: &Path) -> Vec<(Tree, Vec<u8>, Vec<u8>)> {
    let engine = engine(at);
    let all =
        |tree| engine.scan(tree, &[], &[]).map(move |entry| entry.map(|(key, value)| (tree, key, value)));
    Tree::ALL.into_iter().flat_map(all).collect::<Result<_, _>>().unwrap()
}

fn case_opens(at: &Path, n: u64) -> bool {
    let (store, _) = store(at);
    store.find(&receipt(n).locator(), &receipt(n).auth()).is_ok_and(|found| found.is_some())
}

#[test]
fn the_root_key_is_changed_and_the_old_one_opens_nothing_any_more() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    report(at, 1..=2);
    let root = at.join("keys/root.key");
    let old = fs::read_to_string(&root).unwrap();
    let before = stored(at);

    run(at, "keys root new --keys keys");
    assert_eq!(fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&root).unwrap().ends_with(&old), "the old one still reads");
    // Something is written under the new key before the rest is: a report that comes meanwhile.
    report(at, 3..=3);
    let said = run(at, "keys root rewrap");
    assert!(said.contains("values written again") && said.contains("everything that can be read"), "{said}");
    let after = stored(at);
    assert!(after.len() > before.len());
    for (tree, key, value) in &before {
        let is_schema = *tree == Tree::Meta && key == b"schema";
        assert_eq!(
            after.contains(&(*tree, key.clone(), value.clone())),
            is_schema,
            "{tree:?} lies as it lay"
        );
    }
    assert!(!run(at, "keys root rewrap").contains("values written again"), "a second run has nothing to do");

    run(at, "keys root retire");
    assert_eq!(fs::read_to_string(&root).unwrap().lines().count(), 1);
    assert!((1..=3).all(|n| case_opens(at, n)));
    assert!(!run(at, "check").contains("PROBLEM"));
    // Whoever has the old key and the data of today has nothing.
    let new = fs::read_to_string(&root).unwrap();
    fs::write(&root, &old).unwrap();
    assert!(refused(at, "check").contains("written under another root key"));
    fs::write(&root, new).unwrap();
    assert!(!run(at, "check").contains("PROBLEM"));
}

/// Stopped at any value, what is left opens with both keys and the next run ends it.
#[test]
fn a_change_of_the_root_key_that_broke_off_goes_on() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    report(at, 1..=2);
    let before = stored(at);
    run(at, "keys root new --keys keys");
    run(at, "keys root rewrap");
    // Every second value as it was: what a break in the middle leaves.
    let engine = engine(at);
    let mut writes = Writes::default();
    for (tree, key, value) in before.into_iter().step_by(2) {
        writes.set(tree, key, Some(value));
    }
    engine.apply(&writes).unwrap();
    engine.sync().unwrap();
    drop(engine);
    assert!(!run(at, "check").contains("PROBLEM"));
    assert!(run(at, "keys root rewrap").contains("values written again"));
    run(at, "keys root retire");
    assert!(!run(at, "check").contains("PROBLEM") && (1..=2).all(|n| case_opens(at, n)));
}

/// Retention keys need no command: each month has its own, and destroying one is what forgetting is. A new root key gives
/// back nothing of it.
#[test]
fn retention_keys_are_one_a_month_and_a_new_root_key_brings_nothing_forgotten_back() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    let months = [date(2031, 11, 1), date(2031, 12, 1)];
    {
        let (store, _) = store(at);
        for (n, day) in (1..).zip(months) {
            store.submit(Submission { forget: Month::of(day), ..submission(n) }).wait().unwrap();
        }
    }
    let mut names: Vec<_> =
        fs::read_dir(at.join("keys/retention")).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    // Beside them lies the word by which the store knows this folder.
    names.retain(|name| name != "folder.id");
    assert_eq!(names, ["2031-11.key", "2031-12.key"]);
    let key = |name| fs::read(at.join("keys/retention").join(name)).unwrap();
    assert_ne!(key(&names[0]), key(&names[1]));
    let said = run(at, "check --month 2031-12");
    assert_eq!(said, "2026-000002  submitted  open\n1 cases are forgotten with the key of 2031-12\n");
    assert!(refused(at, "check --month 2031-13").contains("a month is written as 2031-11"));
    let of_month = at.join("keys/retention/2031-11.key");
    let (was, aside) = (key(&names[0]), at.join("aside.key"));
    fs::rename(&of_month, &aside).unwrap();
    // Gone before its time, it is lost, and not destroyed: nothing is counted as done without it.
    for words in
        ["check", "keys root rewrap", "keys root retire", "keys reshare status", "staff reset nobody"]
    {
        let why = refused(at, words);
        assert!(why.contains("the keys of 2031-11 are missing before their time"), "{words}: {why}");
    }
    fs::rename(&aside, &of_month).unwrap();
    assert!(case_opens(at, 1) && fs::read(&of_month).unwrap() == was);
    // Destroyed, and said so.
    fs::remove_file(&of_month).unwrap();
    let said = at.join("keys/retention/2031-11.destroyed");
    fs::write(&said, "").unwrap();
    fs::set_permissions(&said, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!((case_opens(at, 1), case_opens(at, 2)), (false, true));

    run(at, "keys root new --keys keys");
    let said = run(at, "keys root retire");
    assert!(said.contains("values of forgotten reports stay as they lie"), "{said}");
    assert_eq!((case_opens(at, 1), case_opens(at, 2)), (false, true));
    let said = run(at, "check");
    assert!(said.contains("forgotten    1") && !said.contains("PROBLEM"), "{said}");
}

/// A copy of the log as the portal serves it.
fn copy_log(at: &Path, to: &str) {
    let (store, keys) = store(at);
    let log = mifeng::cli::keys::log_key(keys.set.instance(), &keys.log).unwrap();
    let publisher = Publisher::new(log.name().clone(), keys.log, Arc::new(store)).after(keys.closed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let signed = runtime.block_on(publisher.checkpoint()).unwrap();
    let write = |path: &str, bytes: &[u8]| {
        let path = at.join(to).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    write("checkpoint", signed.note());
    write("closed", serde_json::to_string(publisher.closed()).unwrap().as_bytes());
    for path in TilePath::bundles(signed.checkpoint().size) {
        write(&path.to_string(), &publisher.tile(&path.to_string()).unwrap());
    }
}

/// `mifeng verify` as the holder of receipt 1 runs it; what it says, and whether it is content.
fn verify(at: &Path, log: &str, vkey: &str) -> (bool, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mifeng"))
        .args(["verify", "--log", log, "--vkey", vkey, "--memory", "memory"])
        .current_dir(at)
        .env("LANG", "en_US.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let groups: Vec<_> = receipt(1).groups().iter().map(|group| group.as_str().to_owned()).collect();
    child.stdin.take().unwrap().write_all(groups.join(" ").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn who_has_the_log_s_old_key_on_paper_is_led_on_to_the_new_one() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    report(at, 1..=2);
    init(at, 1, "set1.json");
    let old = fs::read_to_string(at.join("keys/log.vkey")).unwrap().trim().to_owned();
    let old_key = fs::read(at.join("keys/log.key")).unwrap();
    let thief = ServerKeys::load(&at.join("keys"), Mode::Demo).unwrap().log;
    copy_log(at, "first");
    let (content, said) = verify(at, "first", &old);
    assert!(content, "{said}");

    let said = run(at, "keys log change");
    let new = fs::read_to_string(at.join("keys/log.vkey")).unwrap().trim().to_owned();
    assert!(new != old && said.contains(&new), "{said}");
    report(at, 3..=3);
    copy_log(at, "second");
    for vkey in [&old, &new] {
        let (content, said) = verify(at, "second", vkey);
        assert!(content && said.contains('3'), "{said}");
    }
    // A key that has ended counts no more, whoever has stolen it and signs on with it.
    let honest = fs::read(at.join("second/checkpoint")).unwrap();
    let now = new.parse::<LogKey>().unwrap().open(&honest).unwrap();
    let stolen = checkpoint::sign(&thief, now.checkpoint());
    fs::write(at.join("second/checkpoint"), stolen.note()).unwrap();
    let (content, said) = verify(at, "second", &old);
    assert!(!content && said.contains("not signed by the log's key"), "{said}");
    fs::write(at.join("second/checkpoint"), &honest).unwrap();
    // Without the old key's last word, or with one that another key signed, nobody is led anywhere.
    let closed = fs::read_to_string(at.join("second/closed")).unwrap();
    fs::write(at.join("second/closed"), closed.replace(&old, &new)).unwrap();
    assert!(!verify(at, "second", &old).0);
    fs::remove_file(at.join("second/closed")).unwrap();
    let (content, said) = verify(at, "second", &old);
    assert!(!content && said.contains("not signed by the log's key"), "{said}");
    fs::write(at.join("second/closed"), &closed).unwrap();

    // A trustee's machine goes on to the key that was read out, and to no other.
    let follow =
        |key: &str| format!("trustee follow-log --closed second/closed --log-vkey {key} --state state-1");
    assert!(refused(at, &follow(&old)).contains("lead to another key"));
    // A last word of a shorter log than this machine has seen is not its log's.
    let memory = at.join("state-1/memory.json");
    let was = fs::read(&memory).ok();
    let seen = Seen { size: 400, root: mifeng::log::Hash([0; 32]) };
    let seen = serde_json::json!({ "seen": seen, "roster": 0 });
    fs::write(&memory, seen.to_string()).unwrap();
    assert!(refused(at, &follow(&new)).contains("seen more of"));
    was.map_or_else(|| fs::remove_file(&memory), |was| fs::write(&memory, was)).unwrap();
    run(at, &follow(&new));
    assert_eq!(fs::read_to_string(at.join("state-1/log.vkey")).unwrap().trim(), new);
    let held_to: serde_json::Value = serde_json::from_slice(&fs::read(&memory).unwrap()).unwrap();
    assert_eq!(held_to["seen"]["size"], 2, "the tree at which the old key ended");

    // The server was restored with a shorter log than this machine has seen: it is told, and asks before it goes on.
    fs::write(&memory, seen.to_string()).unwrap();
    copy_log(at, "restored");
    let accept = "trustee accept-restored restored/checkpoint --state state-1";
    assert!(refused(at, accept).contains("nothing was accepted"));
    let said = run(at, &format!("{accept} --yes"));
    assert!(said.contains("Seen        400  ") && said.contains("two lines to each other"), "{said}");
    assert!(fs::read_to_string(at.join("state-1/restored")).unwrap().starts_with("400 "));
    assert!(refused(at, &format!("{accept} --yes")).contains("nothing to let go of"));

    // Broken off between the last word and the new key's place: the same again, and no third key.
    fs::rename(at.join("keys/log.key"), at.join("keys/log.key.next")).unwrap();
    fs::write(at.join("keys/log.key"), &old_key).unwrap();
    fs::set_permissions(at.join("keys/log.key"), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(refused(at, "check").contains("mifeng keys log change"));
    run(at, "keys log change");
    assert_eq!(fs::read_to_string(at.join("keys/log.vkey")).unwrap().trim(), new);
    copy_log(at, "third");
    assert!(verify(at, "third", &old).0);

    // And once more, years later.
    run(at, "keys log change");
    copy_log(at, "fourth");
    let (content, said) = verify(at, "fourth", &old);
    assert!(content, "{said}");
    assert!(!run(at, "check").contains("PROBLEM"));

    // A log key that is lost names no other: the log goes on under a new one, for whoever has that on paper.
    assert!(refused(at, "keys log lost").contains("nothing is lost"));
    let last = fs::read_to_string(at.join("keys/log.vkey")).unwrap();
    fs::remove_file(at.join("keys/log.key")).unwrap();
    assert!(
        refused(at, "keys init --keys keys").contains("is there already"),
        "no root key is made over another"
    );
    assert!(!at.join("keys/log.key").exists());
    let said = run(at, "keys log lost");
    let now = fs::read_to_string(at.join("keys/log.vkey")).unwrap().trim().to_owned();
    assert!(now != last.trim() && said.contains(&now), "{said}");
    report(at, 4..=4);
    copy_log(at, "fifth");
    assert!(verify(at, "fifth", &now).0 && !verify(at, "fifth", last.trim()).0);
    assert!(!run(at, "check").contains("PROBLEM"));
}

/// A data backup from before the change: whoever has the old key on paper would be led to a log that does not hold its end.
#[test]
fn a_server_whose_data_is_older_than_the_change_of_its_log_key_does_not_start() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    report(at, 1..=1);
    fs::rename(at.join("data"), at.join("backup")).unwrap();
    report(at, 1..=2);
    run(at, "keys log change");
    let starts = || {
        let (store, keys) = store(at);
        let log = mifeng::cli::keys::log_key(keys.set.instance(), &keys.log).unwrap();
        let publisher = Publisher::new(log.name().clone(), keys.log, Arc::new(store)).after(keys.closed);
        publisher.holds_what_was_closed()
    };
    starts().unwrap();
    report(at, 3..=3);
    starts().unwrap();
    fs::rename(at.join("data"), at.join("newer")).unwrap();
    fs::rename(at.join("backup"), at.join("data")).unwrap();
    let why = starts().unwrap_err().to_string();
    assert!(why.contains("had 2 entries, and the log here, of 1,"), "{why}");
    // As it is started; given up after a while, if it should serve.
    let mut serve = Command::new("timeout");
    serve.args(["120", env!("CARGO_BIN_EXE_mifeng"), "serve"]).current_dir(at).env("MIFENG_DATA", "data");
    serve.env("MIFENG_POLICY", format!("{}/policy", env!("CARGO_MANIFEST_DIR")));
    for face in ["MIFENG_PORTAL", "MIFENG_CONSOLE", "MIFENG_OFFICE"] {
        serve.env(face, "127.0.0.1:0");
    }
    let why = String::from_utf8(serve.output().unwrap().stderr).unwrap();
    assert!(why.contains("the data is older than the change"), "{why}");
}

/// The command lines that an operator types without thinking.
#[test]
fn a_second_run_says_how_to_go_on_and_the_key_folder_is_the_server_s() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    let roster = "keys roster --key office/office.key --set set1.json --approvers list.json";
    assert!(
        refused(at, roster).contains("--number"),
        "a number is said, or an older list could be handed out"
    );
    run(at, &format!("{roster} --number 2"));
    let again = refused(at, &format!("{roster} --number 3"));
    assert!(again.contains("--out") && again.contains("in the place of the old one"), "{again}");
    run(at, &format!("{roster} --number 3 --out approvers-3.json"));

    let with = |name: &str, value: &str, words: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mifeng"));
        let output = command.args(words.split(' ')).current_dir(at).env(name, value).output().unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    fs::rename(at.join("keys"), at.join("elsewhere")).unwrap();
    let (shown, said) = with("MIFENG_KEYS", "elsewhere", "keys show");
    assert!(shown && said.contains("years.example"), "{said}");
    let (made, said) = with("MIFENG_KEYS", "elsewhere", "keys init");
    assert!(!made && said.contains("elsewhere/root.key is there already"), "{said}");
    let before = fs::read(at.join("elsewhere/root.key")).unwrap();
    let (made, said) = with("MIFENG_POSTGRES", "whole.toml", "keys root new --keys elsewhere");
    assert!(
        !made && said.contains("in PostgreSQL") && fs::read(at.join("elsewhere/root.key")).unwrap() == before
    );
    let (made, said) = with("MIFENG_KEYS", "elsewhere", "keys root new");
    assert!(made && fs::read(at.join("elsewhere/root.key")).unwrap() != before, "{said}");
}

/// The tree at which the old key ended is part of what its readers hold the log to.
#[test]
fn a_log_that_is_another_one_since_its_key_was_changed_is_refused() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    report(at, 1..=2);
    let old = fs::read_to_string(at.join("keys/log.vkey")).unwrap().trim().to_owned();
    run(at, "keys log change");
    let closed = fs::read(at.join("keys/log.closed.json")).unwrap();
    // The same keys over a store that holds other entries.
    fs::rename(at.join("data"), at.join("was")).unwrap();
    report(at, 1..=1);
    report(at, 3..=3);
    copy_log(at, "other");
    fs::write(at.join("other/closed"), closed).unwrap();
    let (content, said) = verify(at, "other", &old);
    assert!(!content && said.contains("are not those that were seen before"), "{said}");
}

/// A batch from `begin` to `finish`, dealt by trustees 1 to 3 for 3, 5 and 6; gives what was said by deal, take, join, finish.
fn batch(at: &Path, folder: &str, begin: &str) -> [String; 4] {
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
    let finished = run(at, &format!("keys reshare finish{}", files("joined", "joined", new)));
    [dealt, taken, joined, finished]
}

/// A reporter's device can seal noise to the trustees; the server cannot look inside.
#[test]
fn one_report_that_cannot_be_split_keeps_its_old_shares_and_nobody_else_s_back() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    ceremony(at);
    report(at, 1..=2);
    {
        let (store, _) = store(at);
        store.submit(submission(7)).wait().unwrap();
    }
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
