//! The log's key is changed, or lost, and its readers go on.

use crate::{store_support::receipt, support::*};
use mifeng::{
    config::{Mode, ServerKeys},
    log::{
        checkpoint::{self, LogKey},
        proof::Seen,
        tiles::TilePath,
    },
    publisher::Publisher,
};
use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

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
