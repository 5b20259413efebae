//! Bytes of nobody's, to every parser that reads such: the seeds of `fuzz/corpus/`, and what comes of them when they are
//! spoilt a little. `make fuzz` goes on from the same seeds for as long as one likes.
#![cfg(feature = "open")]

#[allow(dead_code, reason = "called by their places in `ALL`; the programs of `fuzz/` call them by name")]
#[path = "../fuzz/targets.rs"]
mod targets;

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

/// Spoilt seeds for each target; `FUZZ_CASES` plays more of them.
const CASES: u32 = 256;
/// All seeds together, so that a clone stays quick and a run short.
const MOST_CORPUS: u64 = 300_000;

/// One way to spoil bytes; places count from wherever the bytes are cut to.
#[derive(Debug, Clone)]
enum Spoil {
    Flip {
        at: usize,
        bits: u8,
    },
    Cut {
        from: usize,
        length: usize,
    },
    Double {
        from: usize,
        length: usize,
    },
    Repeat {
        from: usize,
        length: usize,
        times: usize,
    },
    Put {
        at: usize,
        bytes: Vec<u8>,
    },
    Over {
        at: usize,
        bytes: Vec<u8>,
    },
    /// The beginning of this seed, then the end of that one.
    Splice {
        at: usize,
        other: usize,
        from: usize,
    },
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let (at, length) = (|| any::<usize>(), || prop_oneof![1..8usize, 1..300usize]);
    prop_oneof![
        (at(), 1..=255u8).prop_map(|(at, bits)| Spoil::Flip { at, bits }),
        (at(), length()).prop_map(|(from, length)| Spoil::Cut { from, length }),
        (at(), length()).prop_map(|(from, length)| Spoil::Double { from, length }),
        (at(), 1..8usize, 2..3000usize).prop_map(|(from, length, times)| Spoil::Repeat {
            from,
            length,
            times
        }),
        (at(), bytes()).prop_map(|(at, bytes)| Spoil::Put { at, bytes }),
        (at(), bytes()).prop_map(|(at, bytes)| Spoil::Over { at, bytes }),
        (at(), at(), at()).prop_map(|(at, other, from)| Spoil::Splice { at, other, from }),
    ]
}

/// What parsers trip over: lengths far too large, ends, nestings, numbers at their edges, marks of Unicode.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(
        [
            "\u{ff}\u{ff}",
            "\0\0\0\0",
            "\r\n",
            "\r\n\r\n",
            "--b\r\n",
            "%",
            "%zz",
            "=",
            "&",
            "\"",
            "[[[[",
            "{\"a\":",
            "}",
            "]",
            "null",
            "-1",
            "18446744073709551615",
            "18446744073709551616",
            "4294967295",
            "1e400",
            "0",
            "9999-12-31",
            "-009999-01-01",
            "\u{feff}",
            "\u{202e}",
            "\u{200b}",
            "\u{61c}",
            "\u{301}",
            "\u{3000}",
            "１",
            "〇",
            "⅒",
            "ﬀ",
            "ẞ",
            "İ",
            " ",
            "\t",
            ".",
            "..",
            "/",
            "\\",
            "-> X25519 ",
            "--- ",
            "\n",
            "\n\n",
            "— ",
            "+",
            "A",
            "====",
        ]
        .as_slice(),
    );
    prop_oneof![
        known.prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..6),
        prop::sample::select(vec![u64::MAX, i64::MAX as u64, u64::from(u32::MAX), 1 << 31, 65_535, 0])
            .prop_flat_map(|number| prop_oneof![
                Just(number.to_be_bytes().to_vec()),
                Just(number.to_le_bytes().to_vec()),
                Just((number as u32).to_be_bytes().to_vec()),
                Just((number as u32).to_le_bytes().to_vec()),
                Just((number as u16).to_be_bytes().to_vec()),
            ]),
    ]
}

fn spoilt(seeds: &[Vec<u8>], mut bytes: Vec<u8>, spoils: &[Spoil]) -> Vec<u8> {
    for each in spoils {
        let place = |at: usize| at % (bytes.len() + 1);
        let range = |from: usize, length: usize| place(from)..(place(from) + length).min(bytes.len());
        match each {
            Spoil::Flip { at, bits } => {
                let at = place(*at);
                bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= bits);
            }
            Spoil::Cut { from, length } => drop(bytes.drain(range(*from, *length))),
            Spoil::Double { from, length } => {
                let range = range(*from, *length);
                let twice = bytes[range.clone()].to_vec();
                bytes.splice(range.start..range.start, twice);
            }
            Spoil::Repeat { from, length, times } => {
                let range = range(*from, *length);
                let many = bytes[range.clone()].repeat(*times);
                bytes.splice(range, many);
            }
            Spoil::Put { at, bytes: more } => {
                let at = place(*at);
                bytes.splice(at..at, more.iter().copied());
            }
            Spoil::Over { at, bytes: more } => {
                let at = place(*at);
                let end = (at + more.len()).min(bytes.len());
                bytes.splice(at..end, more.iter().copied());
            }
            Spoil::Splice { at, other, from } => {
                let other = &seeds[other % seeds.len()];
                bytes.truncate(place(*at));
                bytes.extend_from_slice(&other[from % (other.len() + 1)..]);
            }
        }
    }
    bytes
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let files = fs::read_dir(Path::new("fuzz/corpus").join(name)).expect("a folder of seeds");
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

fn play(name: &str) {
    let more = std::env::var("FUZZ_CASES").ok().and_then(|cases| cases.parse().ok());
    let (_, target) = targets::ALL.iter().find(|(each, _)| *each == name).expect("a target of that name");
    let seeds = seeds(name);
    target(b"");
    seeds.iter().for_each(|seed| target(seed));
    let strategy = (any::<usize>(), prop::collection::vec(spoil(), 1..4));
    let config = Config {
        cases: more.unwrap_or(CASES),
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    };
    // The same in every run: what is new is found by `make fuzz`, and kept as a seed.
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&strategy, |(which, spoils)| {
        let bytes = spoilt(&seeds, seeds[which % seeds.len()].clone(), &spoils);
        catch_unwind(AssertUnwindSafe(|| target(&bytes)))
            .map_err(|_| TestCaseError::fail(format!("{}…", bytes[..bytes.len().min(400)].escape_ascii())))
    });
    if let Err(found) = outcome {
        panic!("{name}: {found}");
    }
}

macro_rules! plays {
    ($($name:ident)*) => {
        const PLAYED: &[&str] = &[$(stringify!($name)),*];
        $(#[test]
        fn $name() {
            play(stringify!($name));
        })*
    };
}

/// What holds of each is written in `fuzz/targets/`.
mod whatever_comes_it_holds_for {
    use super::play;
    plays! {
        multipart form device_body image file_kind age_header sealed_file mailbox envelope recipient_set roster release
        decision tiles checkpoint leaf proof reward_file policy_file receipt scrub search
    }
    pub const ALL: &[&str] = PLAYED;
}

#[test]
fn every_target_is_played_here_and_has_a_program_and_seeds() {
    let names: BTreeSet<String> = targets::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    let played: BTreeSet<String> =
        whatever_comes_it_holds_for::ALL.iter().map(|name| (*name).to_owned()).collect();
    let files = |folder: &str| -> BTreeSet<String> {
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(played, names);
    assert_eq!(files("fuzz/fuzz_targets"), names);
    assert_eq!(files("fuzz/corpus"), names);
    let manifest = fs::read_to_string("fuzz/Cargo.toml").unwrap();
    for name in &names {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml: {name}");
        assert!(seeds(name).len() >= 2, "seeds of {name}");
    }
}

#[test]
fn the_seeds_stay_small() {
    let all = targets::ALL.iter().flat_map(|(name, _)| seeds(name));
    let bytes: u64 = all.map(|seed| seed.len() as u64).sum();
    assert!(bytes <= MOST_CORPUS, "{bytes} bytes");
}
