//! Keys are lost: a trustee is replaced, the shares are split again, and the office has new keys.

use crate::{
    run,
    story_support::{
        World,
        release::{refused, succeeded},
    },
};
use serde_json::Value;
use std::{fs, time::Duration};

/// A trustee's machine.
pub struct Holder {
    pub key: String,
    pub state: String,
}

fn holders() -> [Holder; 3] {
    let holder = |key: &str, state: &str| Holder { key: key.into(), state: state.into() };
    [
        holder("demo/holders/trustee-1.key", "demo/holders/trustee-1-state"),
        holder("demo/holders/trustee-2.key", "demo/holders/trustee-2-state"),
        // Who came.
        holder("exports/t4/trustee.key", "exports/t4-state"),
    ]
}

/// As the role that changes keys, once the processes that were stopped are no longer connected.
fn run_keys(world: &World, words: &str) -> String {
    for _ in 0..200 {
        let output = world.mifeng_keys(&words.split_whitespace().collect::<Vec<_>>());
        if !String::from_utf8_lossy(&output.stderr).contains("stop every process of the server first") {
            return succeeded(output);
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("somebody stays connected: mifeng {words}")
}

/// Section 9, "A new recipient set", from the draft to every trustee's machine.
fn succeeded_by(world: &World, old: u32, change: &[&str], office: [&str; 2], holders: &[Holder; 3]) {
    let (before, after) = (format!("exports/set{old}.json"), format!("exports/set{}.json", old + 1));
    fs::copy(world.path("demo/keys/recipient-set.json"), world.path(&before)).unwrap();
    let draft = [&["keys", "set", "succeed", &before][..], change, &["--out", &after]].concat();
    succeeded(world.mifeng(&draft, ""));
    for key in office.into_iter().chain(holders.iter().map(|holder| holder.key.as_str())) {
        run(world, &format!("keys set sign --key {key} {after}"));
    }
    let shown = run(world, &format!("keys set show {after} --after {before}"));
    assert!(shown.contains(&format!("follows set {old}")), "{shown}");
    let fingerprint = shown.lines().find_map(|line| line.strip_prefix("fingerprint  ")).unwrap();
    run(world, &format!("keys set pin --fingerprint {fingerprint} {after}"));
    let log = world.said("log_key");
    for Holder { state, .. } in holders {
        run(
            world,
            &format!(
                "trustee init --set {after} --fingerprint {fingerprint} --log-vkey {log} --state {state}"
            ),
        );
    }
}

/// "A trustee is revoked, or their key is lost": the third one's is, and nobody has it any more.
pub fn a_trustee_is_replaced(world: &World) -> [Holder; 3] {
    let set: Value =
        serde_json::from_str(&fs::read_to_string(world.path("demo/keys/recipient-set.json")).unwrap())
            .unwrap();
    let body: Value = serde_json::from_str(set["body"].as_str().unwrap()).unwrap();
    let gone = body["trustees"][2]["name"].as_str().unwrap().to_owned();
    fs::remove_file(world.trustee_key(3)).unwrap();
    run(world, "keys trustee --name T4 --out exports/t4");
    let (office, holders) = ("demo/holders/office.key", holders());
    let change = ["--without", &gone, "--trustee", "exports/t4/trustee.public.json"];
    succeeded_by(world, 1, &change, [office, office], &holders);
    let said = run(world, "check");
    assert!(
        said.contains("WARNING") && said.contains("recipient set 1 need 2 trustees, and 2 are left"),
        "{said}"
    );
    holders
}

/// "Splitting shares again": no more than t of the old trustees are left.
pub fn shares_are_split_again(world: &World, holders: &[Holder; 3]) {
    let (old, new) = (&holders[..2], &holders[..]);
    let why = refused(
        world.mifeng(&["keys", "reshare", "begin", "--dealer", "1", "--dealer", "2", "--out", "no"], ""),
    );
    assert!(why.contains("mifeng_keys"), "the server's own role writes over nothing: {why}");
    run_keys(world, "keys reshare begin --dealer 1 --dealer 2 --unchecked --out exports/b");
    let mut dealings = String::new();
    for (n, Holder { key, state }) in (1..).zip(old) {
        run(
            world,
            &format!(
                "trustee reshare deal exports/b/deal-{n}.json --key {key} --state {state} --yes --out exports/b/dealt-{n}"
            ),
        );
        dealings += &format!(" --dealing exports/b/dealt-{n}");
    }
    let (mut takings, mut joined) = (String::new(), String::new());
    for (n, Holder { key, state }) in (1..).zip(new) {
        run(
            world,
            &format!("trustee reshare take{dealings} --key {key} --state {state} --out exports/b/taken-{n}"),
        );
        takings += &format!(" --taking exports/b/taken-{n}");
    }
    for (n, Holder { key, state }) in (1..).zip(new) {
        run(
            world,
            &format!(
                "trustee reshare join{dealings}{takings} --key {key} --state {state} --out exports/b/joined-{n}"
            ),
        );
        joined += &format!(" --joined exports/b/joined-{n}");
    }
    let said = run_keys(world, &format!("keys reshare finish{joined}"));
    assert!(
        said.contains("batch 1 is finished") && said.contains("Nothing is left of an earlier set"),
        "{said}"
    );
    let said = run(world, "check");
    assert!(!said.contains("PROBLEM") && !said.contains("recipient set 1"), "{said}");
}

pub const OFFICE: &str = "exports/office2/office.key";
pub const RECOVERY: &str = "demo/holders/office-recovery.key";

/// "Drill: the office's laptop is gone", steps 1 and 2.
pub fn the_office_has_new_keys(world: &World, holders: &[Holder; 3]) {
    fs::remove_file(world.path("demo/holders/office.key")).unwrap();
    run(world, "keys office --out exports/office2");
    let change = ["--office", "exports/office2/office.public.json"];
    succeeded_by(world, 2, &change, [RECOVERY, OFFICE], holders);
    let roster = world.path("demo/keys/approvers.json");
    let list: Value = serde_json::from_str(&fs::read_to_string(&roster).unwrap()).unwrap();
    fs::write(world.path("exports/list.json"), list["approvers"].to_string()).unwrap();
    run(
        world,
        &format!(
            "keys roster --number 2 --key {OFFICE} --set exports/set3.json --approvers exports/list.json --out exports/approvers.json"
        ),
    );
    fs::copy(world.path("exports/approvers.json"), roster).unwrap();
}
