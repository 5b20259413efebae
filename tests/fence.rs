//! The table of who may know what, enforced by reading the source and the finished binary.
//! A row is changed here first, and on purpose.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders or files that may name the fence, and what each needs it for.
const MAY_NAME_THE_FENCE: [(&str, &str); 7] = [
    ("src/cleartext/", "it is the fence"),
    ("src/portal/submit.rs", "a reporter's person: the door in"),
    ("src/portal/files.rs", "a reporter's originals: the door in"),
    ("src/office/coming.rs", "edited copies: the cleaner, a function from bytes to bytes, and nothing else"),
    ("src/cli/demo", "invented people for the sample cases, through the same door in"),
    ("src/cli/trustee", "a trustee's tool: turns one lock"),
    ("src/cli/office", "the officers' tool: the door out"),
];

/// Who may name the code that opens an identity.
const MAY_OPEN: [&str; 2] = ["src/cleartext/mod.rs", "src/cli/office"];

/// What the code in a folder never names: no log, no disk, no network, no clock where plaintext is; no input
/// or output where the rules are; the engine behind the store alone.
const NEVER_NAMES: [(&str, &[&str]); 12] = [
    ("src/cleartext/", &BLIND),
    // Bytes of the fence pass through these; staff's words and files to a reporter through the mailbox.
    ("src/padded.rs", &BLIND),
    ("src/mailbox", &BLIND),
    ("src/file_kind.rs", &BLIND),
    ("src/sealed_file", &BLIND),
    ("src/casework/", &PURE),
    ("src/award/", &PURE),
    ("src/evidence/", &PURE),
    ("src/log/", &PURE),
    ("src/envelope.rs", &PURE),
    ("src/lock.rs", &PURE),
    ("src/documents/", &LETTERS),
];
const BLIND: [&str; 28] = [
    "tracing",
    "log::",
    "std::fs",
    "std::net",
    "fs::",
    "File::",
    "TcpStream",
    "axum",
    "hyper",
    "sled",
    "tokio",
    "SystemTime",
    "Instant",
    "Timestamp",
    "SystemClock",
    "Clock",
    "println!",
    "eprintln!",
    "print!",
    "dbg!",
    "std::env",
    "std::process",
    "crate::store",
    "crate::portal",
    "crate::console",
    "crate::office",
    "crate::web",
    "crate::config",
];
/// Reads templates, makes a letter, forgets it: kept nowhere, said to no log, dated by no clock.
const LETTERS: [&str; 9] = [
    "tracing",
    "println!",
    "fs::write",
    "SystemTime",
    "SystemClock",
    "crate::store",
    "crate::portal",
    "crate::console",
    "crate::office",
];
const PURE: [&str; 12] = [
    "std::fs",
    "std::net",
    "axum",
    "sled::",
    "tokio",
    "SystemTime",
    "SystemClock",
    "Timestamp::now",
    "crate::store",
    "crate::portal",
    "crate::console",
    "crate::office",
];

#[test]
fn only_the_door_in_and_the_officers_tool_name_the_fence() {
    // A row for what needs it no more would let it come back unseen.
    for (prefix, why) in MAY_NAME_THE_FENCE {
        let uses = |(path, code): &(String, String)| path.starts_with(prefix) && code.contains("cleartext");
        assert!(
            sources().iter().any(uses) || prefix == "src/cleartext/",
            "{prefix} ({why}) does not need the fence"
        );
    }
    for (path, code) in sources() {
        let allowed = MAY_NAME_THE_FENCE.iter().any(|(prefix, _)| path.starts_with(prefix));
        if !allowed && path != "src/lib.rs" {
            assert_names_none(&path, &code, &["cleartext"]);
        }
    }
}

/// Pictures that the office edited are cleaned on their way in: nothing of the fence but the cleaner is in reach there.
#[test]
fn the_office_names_the_cleaner_and_nothing_else_of_the_fence() {
    let code = sources().into_iter().find(|(path, _)| path == "src/office/coming.rs").unwrap().1;
    let named = code.matches("cleartext").count();
    let cleaner = code.matches("cleartext::clean::{CleanLimits, CleanRefused, clean}").count();
    assert_eq!((named, cleaner), (1, 1));
}

#[test]
fn only_the_officers_tool_names_the_opening_code() {
    for (path, code) in sources() {
        if !MAY_OPEN.iter().any(|prefix| path.starts_with(prefix)) && !path.starts_with("src/cleartext/open")
        {
            assert_names_none(&path, &code, &["cleartext::open", "open::Opened", "super::open"]);
        }
    }
}

#[test]
fn plaintext_meets_no_log_disk_network_or_clock_and_rules_meet_no_input_or_output() {
    for (prefix, _) in NEVER_NAMES {
        assert!(sources().iter().any(|(path, _)| path.starts_with(prefix)), "{prefix} is not there any more");
    }
    for (path, code) in sources() {
        for (prefix, words) in NEVER_NAMES {
            if path.starts_with(prefix) {
                assert_names_none(&path, &code, words);
            }
        }
    }
}

#[test]
fn only_the_store_knows_its_engine() {
    for (path, code) in sources() {
        if !path.starts_with("src/store/") {
            assert_names_none(
                &path,
                &code,
                &["use sled", "sled::Db", "sled::Config", "sled::Tree", "sled::open", "object_store::"],
            );
        }
    }
}

#[test]
fn the_opening_code_asks_for_its_feature_wherever_it_is_declared() {
    let declared = fs::read_to_string(root().join("src/cleartext/mod.rs")).unwrap();
    let line = declared.lines().position(|line| line.trim() == "pub mod open;").unwrap();
    assert_eq!(declared.lines().nth(line - 1).unwrap().trim(), "#[cfg(feature = \"open\")]");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(!manifest.contains("default = ["), "no default feature: the server is built without `open`");
}

/// The server that `make` builds: its symbols and its line tables know nothing of `cleartext::open`.
#[cfg(not(feature = "open"))]
#[test]
fn the_server_has_no_opening_code_in_it() {
    let server = fs::read(env!("CARGO_BIN_EXE_mifeng")).unwrap();
    assert!(holds(&server, "6mifeng3cli"), "the binary is stripped: this test would see nothing");
    for trace in OPENING_CODE {
        assert!(!holds(&server, trace), "{trace} is in the server");
    }
}

/// The twin of the test above: the same traces are found where the opening code is.
#[cfg(feature = "open")]
#[test]
fn the_officers_tool_has_the_opening_code_in_it() {
    let tool = fs::read(env!("CARGO_BIN_EXE_mifeng-office")).unwrap();
    for trace in OPENING_CODE {
        assert!(holds(&tool, trace), "{trace} is not in the officers' tool");
    }
}

/// A mangled path in the symbol table, and a source file in the line tables.
const OPENING_CODE: [&str; 2] = ["9cleartext4open", "cleartext/open.rs"];

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

fn assert_names_none(path: &str, code: &str, words: &[&str]) {
    for (number, line) in code.lines().enumerate() {
        for word in words {
            assert!(!names(line, word), "{path}:{}: names {word}: {}", number + 1, line.trim());
        }
    }
}

/// Whether the line has the word, not merely a longer word that ends in it.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Every source file by its path, without comments and unit tests; line numbers stay.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                if !name.ends_with("tests.rs") && !name.contains("/tests/") {
                    found.push((name, code_of(&text)));
                }
            }
        }
    }
    assert!(found.len() > 20, "the source was not found");
    found
}

fn code_of(text: &str) -> String {
    let before_tests = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    let without_comment = |line: &str| match line.find("//") {
        Some(at) if !line[..at].ends_with(':') => line[..at].to_owned(),
        _ => line.to_owned(),
    };
    before_tests.lines().map(without_comment).collect::<Vec<_>>().join("\n")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

#[test]
fn the_reader_of_these_tests_sees_words_and_not_parts_of_words() {
    assert!(names("use crate::cleartext::seal;", "cleartext"));
    assert!(names("    fs::read(path)", "fs::") && !names("offs::read", "fs::"));
    assert_eq!(code_of("a(); // tracing\nlet u = \"https://x\";"), "a(); \nlet u = \"https://x\";");
}
