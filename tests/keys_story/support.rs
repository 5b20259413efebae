//! The program's own commands in a folder of their own, a ceremony, and the store they leave.

use crate::store_support::{
    self, patience,
    postgres::{self, Database, server},
    receipt, submission,
};
use mifeng::{
    cleartext::{
        identity::SealedBy,
        seal::{Binding, Whom, seal_report},
    },
    clock::SystemClock,
    config::{Mode, ServerKeys, file},
    envelope::Envelope,
    store::{Reports, Store, Submission, engine::Engine, retention::RetentionKeys},
};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// One story at a time: a store opened here would be held a moment longer by whatever another story starts meanwhile.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn try_run(at: &Path, words: &str) -> Output {
    let mut command = command(at, words);
    let begun = Instant::now();
    loop {
        let output = command.output().unwrap();
        // A store that this process has just closed.
        let said = String::from_utf8_lossy(&output.stderr);
        if !["in use by another process", "connected to the database"].iter().any(|busy| said.contains(busy))
        {
            return output;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "mifeng {words}: {said}");
        std::thread::sleep(Duration::from_millis(25));
    }
}

/// As an operator runs it: on PostgreSQL with the file of the role that the command needs.
pub fn command(at: &Path, words: &str) -> Command {
    let role = if words.starts_with("keys ") { "keys" } else { "whole" };
    let mut command = Command::new(env!("CARGO_BIN_EXE_mifeng"));
    command
        .args(words.split_whitespace())
        .current_dir(at)
        .env("MIFENG_KEYS", "keys")
        .env("MIFENG_DATA", "data")
        .env("MIFENG_POLICY", format!("{}/policy", env!("CARGO_MANIFEST_DIR")));
    let file = format!("{role}.toml");
    if at.join(&file).exists() {
        command.env("MIFENG_POSTGRES", file);
    }
    command
}

/// From now on the store of this folder lies in a database of its own; `None` where PostgreSQL is not installed.
pub fn on_postgres(at: &Path) -> Option<Database> {
    let database = server()?.database();
    for role in ["whole", "keys", "portal"] {
        let text = database.server.file(&database.name, &format!("mifeng_{role}"));
        fs::write(at.join(format!("{role}.toml")), text).unwrap();
    }
    Some(database)
}

pub fn run(at: &Path, words: &str) -> String {
    let output = try_run(at, words);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "mifeng {words}: {out}{err}");
    out
}

/// What it prints and why it ends so.
pub fn refused(at: &Path, words: &str) -> String {
    let output = try_run(at, words);
    assert!(!output.status.success(), "mifeng {words}");
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

pub fn fingerprint(at: &Path, set: &str) -> String {
    let shown = run(at, &format!("keys set show {set}"));
    shown.lines().find_map(|line| line.strip_prefix("fingerprint  ")).unwrap().to_owned()
}

/// Set 1: 2 of 4, everybody's machine trusts it.
pub fn ceremony(at: &Path) {
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

pub fn pin(at: &Path, set: &str, office: &str) {
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

pub fn init(at: &Path, trustee: u8, set: &str) {
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
pub fn engine(at: &Path) -> Arc<dyn Engine> {
    engine_of(at, "whole")
}

/// With the right to write over what is written once.
pub fn engine_over(at: &Path) -> Arc<dyn Engine> {
    engine_of(at, "keys")
}

fn engine_of(at: &Path, role: &str) -> Arc<dyn Engine> {
    if let Ok(file) = fs::read_to_string(at.join(format!("{role}.toml"))) {
        return Arc::new(postgres::engine(&file).unwrap());
    }
    Arc::new(patience::sled(&at.join("data")))
}

pub fn store(at: &Path) -> (Store, ServerKeys) {
    let keys = ServerKeys::load(&at.join("keys"), Mode::Demo).unwrap();
    let retention =
        RetentionKeys::open(&at.join("keys").join(file::RETENTION), Arc::new(SystemClock)).unwrap();
    (Store::open(engine(at), keys.set.instance(), &keys.root, retention).unwrap(), keys)
}

/// Reports, sealed to the set in force; gives their envelopes.
pub fn report(at: &Path, numbers: std::ops::RangeInclusive<u64>) -> Vec<Envelope> {
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
pub fn succeed(at: &Path, old: &str, words: &str, signers: &[&str], out: &str) {
    run(at, &format!("keys set succeed {old} {words} --out {out}"));
    for key in signers {
        run(at, &format!("keys set sign --key {key} {out}"));
    }
}
