//! Reports of the portal's script and of the mini-program, side by side: what whoever has the disk and all the server's
//! keys sees of them. The reports are made by `miniprogram/test/side_by_side.test.mjs`, which stops the demo and then runs
//! this with their receipts (`make mini`). Without them it fails: nothing compared is nothing shown.

mod story_support;

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD as STANDARD_NO_PAD};
use mifeng::store::engine::Tree;
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock};
use story_support::{Disk, Record};

/// As the other side writes it. The n-th report of one door had the life of the n-th of the other: the same words, files
/// and acts, with a name or without.
#[derive(Deserialize)]
struct Made {
    demo: PathBuf,
    portal: Vec<String>,
    mini: Vec<String>,
}

/// Of each life, the records of both doors, by tree.
type Life = BTreeMap<Tree, [Vec<Record>; 2]>;

/// Read once: the store is one process's.
static LIVES: LazyLock<Vec<Life>> = LazyLock::new(|| {
    let file = std::env::var_os("MIFENG_SIDE_BY_SIDE");
    let file = file.expect("MIFENG_SIDE_BY_SIDE names the reports; make mini makes them");
    let made: Made = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert!(made.portal.len() >= 2 && made.portal.len() == made.mini.len());
    let disk = Disk::at(&made.demo);
    let pairs = made.portal.iter().zip(&made.mini);
    pairs.map(|(portal, mini)| life(&disk, [portal, mini])).collect()
});

fn life(disk: &Disk, doors: [&String; 2]) -> Life {
    let mut life = Life::new();
    for (door, receipt) in doors.into_iter().enumerate() {
        for record in disk.records(disk.report(receipt)) {
            life.entry(record.tree).or_insert_with(|| [Vec::new(), Vec::new()])[door].push(record);
        }
    }
    life
}

#[test]
#[ignore = "compares reports that make mini makes"]
fn nobody_with_disk_and_root_key_can_say_by_which_door_a_report_came() {
    for (n, life) in LIVES.iter().enumerate() {
        for (tree, doors) in life {
            // Under random keys, so in no order: by length, which is compared below.
            let [portal, mini] = doors.each_ref().map(|records| {
                let mut records: Vec<&Record> = records.iter().collect();
                records.sort_by_key(|record| record.plain.len());
                records
            });
            let place = format!("life {n}, {}", tree.name());
            assert_eq!(portal.len(), mini.len(), "{place}: as many records");
            for (portal, mini) in portal.into_iter().zip(mini) {
                same_record(&place, portal, mini);
            }
        }
        for tree in [Tree::Cases, Tree::Reports, Tree::Envelopes, Tree::Shares, Tree::Files, Tree::LogLeaves]
        {
            assert!(life.contains_key(&tree), "{}", tree.name());
        }
    }
}

fn same_record(place: &str, portal: &Record, mini: &Record) {
    assert_eq!(portal.key.len(), mini.key.len(), "{place}");
    match portal.tree {
        Tree::DataKeys => {
            assert_eq!((portal.stored.len(), &portal.stored[..3]), (mini.stored.len(), &mini.stored[..3]))
        }
        Tree::Envelopes | Tree::Shares => {
            assert_eq!(
                (portal.plain.len(), &portal.plain[..2]),
                (mini.plain.len(), &mini.plain[..2]),
                "{place}"
            );
        }
        Tree::LogLeaves => assert_eq!(portal.plain.len(), mini.plain.len(), "{place}"),
        _ => {
            let [portal, mini] = [portal, mini].map(|record| serde_json::from_slice(&record.plain).unwrap());
            assert_eq!(differences(place, &portal, &mini), [""; 0]);
        }
    }
}

/// Equal, or drawn anew for every report: then of one kind. Gives what is neither.
fn differences(path: &str, portal: &Value, mini: &Value) -> Vec<String> {
    let told = || vec![format!("{path}: {portal} and {mini}")];
    match (portal, mini) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => one
            .iter()
            .flat_map(|(key, value)| differences(&format!("{path}.{key}"), value, &other[key]))
            .collect(),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let each = one.iter().zip(other).enumerate();
            each.flat_map(|(i, (one, other))| differences(&format!("{path}[{i}]"), one, other)).collect()
        }
        _ if [portal, mini].into_iter().any(is_finer_than_a_day) => told(),
        (one, other) if one == other => Vec::new(),
        (Value::String(one), Value::String(other)) => {
            let is_free = kind(one) == kind(other)
                // Whom a report is about is how staff find each of them, the voucher what an officer wrote down.
                && (kind(one).is_drawn() || [".target_name", ".voucher"].iter().any(|of| path.ends_with(of)))
                // In the order in which they came, from whichever door.
                || [one, other].into_iter().all(|text| is_number_of_case(text));
            if is_free { Vec::new() } else { told() }
        }
        // Where a leaf came into the log and a file onto the disk, whoever sent something before.
        (Value::Number(one), Value::Number(other))
            if one.is_u64() && other.is_u64() && PLACES.iter().any(|of| path.contains(of)) =>
        {
            Vec::new()
        }
        _ => told(),
    }
}

const PLACES: [&str; 3] = [".places[", ".runs[", ".leaf_index"];

/// A time of day, or seconds since 1970: by these the visit of one door is told from another's.
fn is_finer_than_a_day(value: &Value) -> bool {
    let has_clock = |text: &str| {
        text.as_bytes()
            .windows(5)
            .any(|w| w[2] == b':' && [0, 1, 3, 4].iter().all(|i| w[*i].is_ascii_digit()))
    };
    value.as_str().is_some_and(has_clock) || value.as_f64().is_some_and(|number| number >= 1e9)
}

/// As `2026-000031`.
fn is_number_of_case(text: &str) -> bool {
    text.len() == 11
        && text.bytes().enumerate().all(|(i, b)| if i == 4 { b == b'-' } else { b.is_ascii_digit() })
}

#[derive(Debug, PartialEq)]
enum Kind {
    /// So many letters of one alphabet.
    Drawn(&'static str, usize),
    Said(usize),
}

impl Kind {
    fn is_drawn(&self) -> bool {
        matches!(self, Self::Drawn(..))
    }
}

fn kind(text: &str) -> Kind {
    let all = |is: fn(u8) -> bool| text.bytes().all(is);
    let alphabet = match text.len() {
        ..=20 => None,
        _ if all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) => Some("hex"),
        _ if text.starts_with("age1") && all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) => {
            Some("age recipient")
        }
        _ if all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b)) => Some("base64"),
        _ => None,
    };
    alphabet.map_or(Kind::Said(text.len()), |alphabet| Kind::Drawn(alphabet, text.len()))
}

/// Of one kind, what both doors' reports have sealed.
type Sealed = [Vec<&'static [u8]>; 2];

fn sealed(tree: Tree) -> Sealed {
    [0, 1].map(|door| {
        let records = LIVES.iter().flat_map(|life| &life[&tree][door]);
        records.map(|record| record.plain.as_slice()).collect()
    })
}

#[test]
#[ignore = "compares reports that make mini makes"]
fn what_both_doors_seal_is_drawn_alike_byte_for_byte() {
    let payloads = sealed(Tree::Shares).map(|all| all.into_iter().map(|one| split(one).1).collect());
    let envelopes = sealed(Tree::Envelopes).map(|all| all.iter().map(|one| &one[2..]).collect());
    // What a cipher puts out has every byte as often as any other. A leaf begins alike, so that is not asked of it.
    for (name, is_even, doors) in [
        ("envelopes", true, envelopes),
        ("payloads of share files", true, payloads),
        ("log leaves", false, sealed(Tree::LogLeaves)),
    ] {
        let doors: [Vec<&[u8]>; 2] = doors;
        let [portal, mini] = doors.each_ref().map(|all| counts(&all.concat()));
        let (found, from) = (apart(&portal, &mini), [&portal, &mini].map(uneven));
        println!(
            "{name}: {} of each door; chi-square: apart {found:.0}, against even {from:.0?}",
            doors[0].len()
        );
        assert!(doors[0].len() >= 10 && doors[0].len() == doors[1].len(), "{name}");
        assert!(found < LIKELY, "{name}: {found}");
        assert!(!is_even || from.iter().all(|each| *each < LIKELY), "{name}: {from:?}");
    }
    for (door, files) in ["portal", "mini"].into_iter().zip(sealed(Tree::Shares)) {
        let headers: Vec<Header> = files.into_iter().map(Header::of).collect();
        // X25519's points have no top bit; grease is as age-core draws it.
        assert!(headers.iter().all(|header| header.point.len() == 32 && header.point[31] < 0x80), "{door}");
        assert!(
            headers.iter().all(|header| header.grease_args <= 4 && header.grease_bytes < 100),
            "{door}: {headers:?}"
        );
        let [args, bytes] =
            [|h: &Header| h.grease_args as f64 / 4.0, |h: &Header| h.grease_bytes as f64 / 99.0];
        for (what, mean) in [("arguments", mean(&headers, args)), ("bytes", mean(&headers, bytes))] {
            println!("grease of {door}: {} files, mean of {what} {mean:.2}", headers.len());
            // Even on 0..=1 has the standard deviation 0.29 to 0.36; five of the mean's.
            assert!((mean - 0.5).abs() < 5.0 * 0.36 / (headers.len() as f64).sqrt(), "{door}: {what} {mean}");
        }
    }
}

/// Chi-square with 255 degrees of freedom lies above this once in some hundred million draws.
const LIKELY: f64 = 400.0;

type Counts = [u64; 256];

fn counts(bytes: &[u8]) -> Counts {
    let mut counts = [0; 256];
    bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    counts
}

/// Chi-square of two samples being drawn from one source.
fn apart(one: &Counts, other: &Counts) -> f64 {
    let [all_one, all_other] = [one, other].map(|counts| counts.iter().sum::<u64>() as f64);
    let (k, l) = ((all_other / all_one).sqrt(), (all_one / all_other).sqrt());
    let each = one.iter().zip(other).filter(|(one, other)| *one + *other > 0);
    each.map(|(one, other)| (k * *one as f64 - l * *other as f64).powi(2) / (one + other) as f64).sum()
}

/// Chi-square of every byte being as likely as any other.
fn uneven(counts: &Counts) -> f64 {
    let expected = counts.iter().sum::<u64>() as f64 / 256.0;
    counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum()
}

fn mean<T>(all: &[T], of: impl Fn(&T) -> f64) -> f64 {
    all.iter().map(of).sum::<f64>() / all.len() as f64
}

/// What the header of an age file with one recipient shows.
#[derive(Debug)]
struct Header {
    point: Vec<u8>,
    grease_args: usize,
    grease_bytes: usize,
}

impl Header {
    fn of(file: &[u8]) -> Self {
        let text = std::str::from_utf8(split(file).0).unwrap();
        let bytes = |text: &str| STANDARD_NO_PAD.decode(text.trim()).unwrap();
        let stanzas: Vec<&str> = text.split("-> ").skip(1).collect();
        let point = stanzas.iter().find_map(|stanza| stanza.strip_prefix("X25519 ")).unwrap();
        let grease = stanzas.iter().find(|stanza| !stanza.starts_with("X25519 ")).unwrap();
        let (line, body) = grease.split_once('\n').unwrap();
        Self {
            point: bytes(point.lines().next().unwrap()),
            grease_args: line.split(' ').count() - 1,
            grease_bytes: bytes(&body.replace('\n', "")).len(),
        }
    }
}

/// Of a share file: the stanzas of the age file in it, and what stands behind its header.
fn split(share: &[u8]) -> (&[u8], &[u8]) {
    let length = u32::from_be_bytes(share[2..6].try_into().unwrap()) as usize;
    let file = &share[6..6 + length];
    let mac = file.windows(4).position(|four| four == b"--- ").expect("an age header");
    let payload = mac + file[mac..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
    (&file[..mac], &file[payload..])
}
