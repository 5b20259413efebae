use super::*;
use crate::{
    log::{
        Frontier, Leaf, NodeId, Nodes, Purpose,
        checkpoint::{Checkpoint, sign},
        tiles::{self, Entries, TilePath},
        tree::Hash,
    },
    signing::SigningKey,
};
use jiff::civil::date;
use std::{collections::HashMap, io::Write, net::TcpListener, path::Path};

const RECEIPT: &str = "0123 4567 8901 2345 6789 0123 4567 8963";

#[derive(Default)]
struct Log {
    entries: Vec<LeafEntry>,
    nodes: HashMap<NodeId, Hash>,
}

impl Nodes for Log {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.nodes.get(&id).copied()
    }
}
impl Entries for Log {
    fn entry(&self, index: u64) -> Option<LeafEntry> {
        self.entries.get(index as usize).cloned()
    }
}

/// 300 entries of others with `ours` among them, copied to a folder as a mirror would.
fn published(ours: &[(u8, Event)]) -> (tempfile::TempDir, LogKey) {
    published_with(ours, &[])
}

fn published_with(ours: &[(u8, Event)], public: &[LeafEntry]) -> (tempfile::TempDir, LogKey) {
    let audit = receipt().unwrap().audit_key();
    let other = crate::receipt::AuditKey([1; 32]);
    let day = date(2026, 11, 26);
    let others = (0..300u16).map(|i| LeafEntry::report(&other, i as u8, &Leaf::plain(Event::Received, day)));
    let mut log = Log { entries: others.collect(), ..Log::default() };
    for (n, event) in ours {
        let purpose = (*event == Event::Release).then_some(Purpose::Identity);
        let leaf = Leaf { purpose, ..Leaf::plain(*event, day) };
        log.entries.insert(usize::from(*n) * 100, LeafEntry::report(&audit, *n, &leaf));
    }
    log.entries.extend_from_slice(public);
    let mut edge = Frontier::empty();
    for entry in &log.entries {
        log.nodes.extend(edge.append(entry.as_bytes()));
    }
    let folder = tempfile::tempdir().unwrap();
    let key = SigningKey::from_seed([1; 32]);
    let origin: crate::log::checkpoint::Origin = "mifeng.example/log".parse().unwrap();
    let pinned = LogKey::new(origin.clone(), key.verify_key());
    let signed = sign(&key, &Checkpoint { origin, size: edge.size(), root: edge.root() });
    fs::write(folder.path().join("checkpoint"), signed.note()).unwrap();
    for path in TilePath::all(edge.size()) {
        let file = folder.path().join(path.to_string());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, tiles::serve(&log, edge.size(), path).unwrap()).unwrap();
    }
    (folder, pinned)
}

fn receipt() -> Result<Receipt, VerifyRefused> {
    Ok(Receipt::parse(RECEIPT)?)
}

fn args(log: &str, vkey: &LogKey, folder: &Path) -> Args {
    Args {
        log: log.to_owned(),
        vkey: vkey.to_string(),
        witness: vec![],
        memory: Some(folder.join("memory/seen.json")),
        forget: false,
    }
}

#[test]
fn a_reporter_reads_in_both_languages_since_when_and_how_often() {
    let (folder, key) = published(&[(0, Event::Received), (1, Event::Filed), (2, Event::Release)]);
    let args = args(folder.path().to_str().unwrap(), &key, folder.path());
    let first = verify(&args, receipt).unwrap();
    assert_eq!(first.before, None);
    let words = first.words(Lang::En);
    assert!(words.contains("303 entries") && words.contains("since 26 November 2026"), "{words}");
    assert!(words.contains("announced once:\n- 26 November 2026: name and account"), "{words}");
    let words = first.words(Lang::Zh);
    assert!(words.contains("自 2026 年 11 月 26 日起") && words.contains("公告过 1 次打开"), "{words}");

    let again = verify(&args, receipt).unwrap();
    assert_eq!(again.before, Some(first.seen));
}

#[test]
fn a_log_put_back_to_an_earlier_state_is_noticed_the_next_time() {
    let (later, key) = published(&[(0, Event::Received), (1, Event::Release)]);
    let (earlier, _) = published(&[(0, Event::Received)]);
    let memory = tempfile::tempdir().unwrap();
    let read = |log: &Path| verify(&args(log.to_str().unwrap(), &key, memory.path()), receipt);
    read(later.path()).unwrap();
    let refused = read(earlier.path()).unwrap_err();
    assert!(matches!(refused, VerifyRefused::Log(ReplayRefused::Shrunk { size: 301, seen: 302 })));

    fs::write(memory.path().join("memory/seen.json"), b"{}").unwrap();
    assert!(matches!(read(later.path()), Err(VerifyRefused::Memory { .. })));
}

#[test]
fn the_scripts_announced_last_are_named() {
    let (first, later) = (date(2026, 11, 26), date(2026, 11, 30));
    let public = [
        LeafEntry::public(PublicKind::Script, 1, first, [7; 32]),
        LeafEntry::public(PublicKind::Script, 2, later, [8; 32]),
        LeafEntry::public(PublicKind::RecipientSet, 3, later, [9; 32]),
    ];
    let (folder, key) = published_with(&[(0, Event::Received)], &public);
    let answer = verify(&args(folder.path().to_str().unwrap(), &key, folder.path()), receipt).unwrap();
    assert_eq!(answer.scripts, Some(Scripts { number: 2, day: later, digest: [8; 32] }));
    let words = answer.words(Lang::En);
    assert!(words.contains("30 November 2026 (no. 2)") && words.contains(&"08".repeat(32)), "{words}");
    assert!(answer.words(Lang::Zh).contains(&"08".repeat(32)));

    let (folder, key) = published(&[(0, Event::Received)]);
    let answer = verify(&args(folder.path().to_str().unwrap(), &key, folder.path()), receipt).unwrap();
    assert!(answer.scripts.is_none() && !answer.words(Lang::En).contains("scripts"));
}

#[test]
fn batches_of_shares_and_how_they_ended_are_counted_for_everybody() {
    let entry = |kind, number| LeafEntry::public(kind, number, date(2026, 11, 26), [7; 32]);
    let public = [
        entry(PublicKind::Resharing, 1),
        entry(PublicKind::GivenUp, 1),
        entry(PublicKind::Resharing, 2),
        entry(PublicKind::Reshared, 2),
        entry(PublicKind::Resharing, 3),
        entry(PublicKind::Emptied, 1),
        entry(PublicKind::Destroyed, 1),
    ];
    let (folder, key) = published_with(&[(0, Event::Received)], &public);
    let answer = verify(&args(folder.path().to_str().unwrap(), &key, folder.path()), receipt).unwrap();
    assert_eq!(answer.shares, Shares { begun: 3, finished: 1, given_up: 1, destroyed: 1 });
    let words = answer.words(Lang::En);
    assert!(
        words.contains("3 begun, 1 finished, 1 given up") && words.contains("are destroyed: 1."),
        "{words}"
    );
    assert!(answer.words(Lang::Zh).contains("放弃 1 批"));
    let (folder, key) = published(&[(0, Event::Received)]);
    let answer = verify(&args(folder.path().to_str().unwrap(), &key, folder.path()), receipt).unwrap();
    assert!(!answer.words(Lang::En).contains("begun"));
}

#[test]
fn a_report_that_is_not_there_and_one_never_opened_say_so() {
    let read = |ours: &[(u8, Event)]| {
        let (folder, key) = published(ours);
        let plain = args(folder.path().to_str().unwrap(), &key, folder.path());
        let answer = verify(&plain, receipt).unwrap();
        (answer.words(Lang::En), answer.warning(Lang::En).unwrap_or_default())
    };
    let (words, warning) = read(&[]);
    assert!(warning.contains("no entry for this receipt") && !words.contains("opened"), "{words}");

    let (words, warning) = read(&[(0, Event::Received)]);
    assert!(warning.is_empty() && words.contains("never been opened"), "{words}");

    let (_, warning) = read(&[(0, Event::Received), (2, Event::Filed)]);
    assert!(warning.contains("gap"), "{warning}");
}

#[test]
fn the_log_is_read_over_http_as_well() {
    let (folder, key) = published(&[(0, Event::Received)]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/log/", listener.local_addr().unwrap());
    let files = folder.path().to_owned();
    // The smallest server that will do: one request a connection, answered from the folder.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap().strip_prefix("/log/").unwrap().to_owned();
            // A log that never changed its key has no last word.
            let found = fs::read(files.join(path));
            let status = if found.is_ok() { "200 OK" } else { "404 Not Found" };
            let body = found.unwrap_or_default();
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
        }
    });
    let args = Args { forget: true, memory: None, ..args(&address, &key, folder.path()) };
    assert_eq!(verify(&args, receipt).unwrap().history.found().len(), 1);
    assert!(!folder.path().join("memory").exists(), "--forget leaves nothing");
    let https = Args { log: address.replace("http:", "https:"), ..args };
    assert!(matches!(verify(&https, receipt), Err(VerifyRefused::Scheme)));
}

#[test]
fn a_missing_witness_is_named() {
    let (folder, key) = published(&[(0, Event::Received)]);
    let witness = SigningKey::from_seed([2; 32]);
    let witness_key = WitnessKey::new("trustee-1".parse().unwrap(), witness.verify_key());
    let plain = args(folder.path().to_str().unwrap(), &key, folder.path());
    let args = Args { witness: vec![witness_key], ..plain };
    assert!(matches!(verify(&args, receipt), Err(VerifyRefused::Witness(name)) if name == "trustee-1"));

    let file = folder.path().join("checkpoint");
    let signed = key.open(&fs::read(&file).unwrap()).unwrap();
    fs::write(&file, signed.cosigned("trustee-1".parse().unwrap(), &witness, 7).note()).unwrap();
    assert!(verify(&args, receipt).is_ok());
}
