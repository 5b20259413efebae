//! What an operator types without thinking.

use crate::support::*;
use std::{fs, process::Command};

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
    assert!(!made && said.contains("whole.toml"), "a database that cannot be asked: {said}");
    assert!(fs::read(at.join("elsewhere/root.key")).unwrap() == before);
    let (made, said) = with("MIFENG_KEYS", "elsewhere", "keys root new");
    assert!(made && fs::read(at.join("elsewhere/root.key")).unwrap() != before, "{said}");
}
