//! Frozen papers for the holders' pages in the browser: every decision of the reward vectors, word for word, and a
//! whole release with every way in which it may be refused. `web/test/` reads the same files and must come to the same.
//! `MIFENG_WRITE_VECTORS=1 cargo test --features open --test holder_vectors` writes a file where there is none.
#![cfg(feature = "open")]

use mifeng::{
    award::{compute::decide, decision::Decision},
    cli::award::facts,
    policy::{Policy, Source},
};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::Path};

#[derive(Deserialize)]
struct Rewards {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    facts: toml::Table,
}

/// Facts and decision of each case, by its id.
fn decisions() -> BTreeMap<String, (serde_json::Value, Decision)> {
    let policy = Policy::load(Path::new("policy")).unwrap();
    let cases: Rewards = toml::from_str(&fs::read_to_string("tests/vectors/rewards.toml").unwrap()).unwrap();
    let read = |case: Case| {
        let source = Source { file: case.id.clone(), text: toml::to_string(&case.facts).unwrap() };
        let facts = facts(&source, &policy).unwrap();
        (case.id, (serde_json::to_value(&facts).unwrap(), decide(&policy.rewards, &facts)))
    };
    cases.case.into_iter().map(read).collect()
}

#[test]
fn decisions_are_frozen_word_for_word() {
    let file = "tests/vectors/decisions-v1.json";
    let found = serde_json::to_string_pretty(&decisions()).unwrap() + "\n";
    if !Path::new(file).exists() && std::env::var_os("MIFENG_WRITE_VECTORS").is_some() {
        fs::write(file, &found).unwrap();
    }
    assert!(fs::read_to_string(file).unwrap() == found, "{file} holds other decisions");
}
