//! Requests, taken and refused, frozen for the tool and the page.

use crate::{
    house::{DAY, house},
    logs::Memory,
};
use mifeng::{
    clock::Day,
    evidence::FilesReleaseRequest,
    log::{
        Event, Frontier, Leaf, LeafEntry, Purpose,
        checkpoint::{self, Checkpoint, LogKey},
        proof::Proof,
    },
    signing::SigningKey,
};

/// As the tools' own files have it: a trustee's key, what the machine has pinned, a request, and what is said to it.
#[derive(serde::Serialize, serde::Deserialize)]
struct Vectors {
    opening: String,
    signing_seed: String,
    set: serde_json::Value,
    fingerprint: String,
    log_key: String,
    today: Day,
    honest: serde_json::Value,
    refused: Vec<RefusedVector>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct RefusedVector {
    about: String,
    request: serde_json::Value,
    /// The sentence of the Rust tool; the page says the same.
    why: String,
}

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/evidence-v1.json");

/// Every way in which a request is refused, frozen: this tool and the page (`web/test/evidence.test.ts`) say the same of it.
/// `MIFENG_WRITE_VECTORS=1` writes them anew.
#[tokio::test]
async fn the_frozen_requests_are_taken_and_refused_as_ever() {
    if std::env::var_os("MIFENG_WRITE_VECTORS").is_some() {
        write_vectors().await;
    }
    let vectors: Vectors = serde_json::from_slice(&std::fs::read(VECTORS).unwrap()).unwrap();
    let mut seed = [0; 32];
    hex::decode_to_slice(&vectors.signing_seed, &mut seed).unwrap();
    let key = mifeng::cli::keyfile::HolderKey {
        opening: vectors.opening.parse().unwrap(),
        signing: SigningKey::from_seed(seed),
    };
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("set.json");
    std::fs::write(&set, vectors.set.to_string()).unwrap();
    let state = mifeng::cli::pins::State::pin(
        &folder.path().join("state"),
        &set,
        &vectors.fingerprint.parse().unwrap(),
        Some(vectors.log_key.parse().unwrap()),
    )
    .unwrap();
    let check = |request: &serde_json::Value| {
        let request: FilesReleaseRequest = serde_json::from_value(request.clone()).unwrap();
        mifeng::cli::trustee::check_files(&request, &key, &state, vectors.today)
    };
    assert!(check(&vectors.honest).is_ok());
    assert!(vectors.refused.len() >= 22);
    for RefusedVector { about, request, why } in &vectors.refused {
        assert_eq!(check(request).err().unwrap().to_string(), *why, "{about}");
    }
}

async fn write_vectors() {
    let house = house().await;
    house.ask().await;
    house.desk.pass(4 * DAY);
    house.act("officer", "release", &[]).await;
    let real = house.request(1).await.unwrap();
    let audit = mifeng::receipt::Receipt::parse(&house.receipt).unwrap().audit_key();
    let key = SigningKey::from_seed([31; 32]);
    let log = LogKey::new("test/log".parse().unwrap(), key.verify_key());
    let terms = real.terms.files.clone();
    let day = |days: i64| terms.asked.saturating_add(jiff::ToSpan::days(days));
    // Logs that a server which signs whatever it likes could make.
    let prove = |leaves: &[Leaf], size: usize, which: usize| {
        let (mut nodes, mut frontier) = (Memory::default(), Frontier::empty());
        let entries: Vec<LeafEntry> =
            (0..).zip(&leaves[..size]).map(|(n, leaf)| LeafEntry::report(&audit, n, leaf)).collect();
        for entry in &entries {
            nodes.0.extend(frontier.append(entry.as_bytes()));
        }
        let head = Checkpoint { origin: log.name().clone(), size: frontier.size(), root: frontier.root() };
        let signed = checkpoint::sign(&key, &head);
        Proof::make(&nodes, &signed, which as u64, &entries[which], size as u64..size as u64).unwrap()
    };
    let craft_since = |between: &[Leaf], opened: i64, since: &[Leaf]| {
        let n = 2 + between.len();
        let mut request = real.clone();
        request.terms.told = mifeng::evidence::Told { leaf_index: 1, leaf_n: 1 };
        (request.terms.leaf_index, request.terms.leaf_n) = (n as u64, n as u8);
        let leaves: Vec<Leaf> = [Leaf::plain(Event::Received, day(0)), terms.asked_leaf()]
            .into_iter()
            .chain(between.iter().cloned())
            .chain([request.terms.leaf(day(opened))])
            .chain(since.iter().cloned())
            .collect();
        let all = leaves.len();
        request.told = prove(&leaves, all, 1);
        request.between = (2..n).map(|i| prove(&leaves, all, i)).collect();
        request.proof = prove(&leaves, all, n);
        request.since = (n + 1..all).map(|i| prove(&leaves, all, i)).collect();
        (request, leaves)
    };
    let craft = |between: &[Leaf], opened: i64| craft_since(between, opened, &[]);
    let added = Leaf::plain(Event::Added, day(1));
    let (honest, leaves) = craft_since(std::slice::from_ref(&added), 4, std::slice::from_ref(&added));
    let mut all: Vec<(&str, FilesReleaseRequest)> = vec![
        ("an objection in between", craft(&[terms.objected_leaf(day(1))], 4).0),
        ("withdrawn in between", craft(&[Leaf::plain(Event::Withdrawn, day(1))], 4).0),
        ("ended in between", craft(&[terms.ended_leaf(day(1))], 4).0),
        ("ended since", craft_since(&[], 4, &[added.clone(), terms.ended_leaf(day(5))]).0),
        ("withdrawn since", craft_since(&[], 4, &[Leaf::plain(Event::Withdrawn, day(5))]).0),
        ("opened on the last day to object", craft(&[added], 3).0),
    ];
    let mut with = |about: &'static str, change: &dyn Fn(&mut FilesReleaseRequest)| {
        let mut request = honest.clone();
        change(&mut request);
        all.push((about, request));
    };
    with("the asked leaf proven by an earlier checkpoint", &|r| r.told = prove(&leaves, 2, 1));
    with("an entry left out", &|r| r.between.clear());
    with("an entry twice", &|r| r.between.push(r.between[0].clone()));
    with("another leaf for the asked one", &|r| r.told = r.between[0].clone());
    with("an entry since left out", &|r| r.since.insert(0, r.between[0].clone()));
    with("for something else", &|r| r.terms.files.needed_for = mifeng::evidence::Use::Investigation);
    with("another reason", &|r| r.terms.files.need = "别的理由".into());
    with("another file", &|r| r.terms.files.sealed[0] ^= 1);
    with("another envelope", &|r| r.terms.files.envelope[0] ^= 1);
    with("a shorter window", &|r| r.terms.files.object_until = day(2));
    with("no window", &|r| r.terms.files.object_until = day(0));
    with("a window still open", &|r| r.terms.files.object_until = day(4));
    with("run out", &|r| r.terms.files.good_until = day(3));
    with("longer than asked", &|r| r.terms.files.good_until = day(90));
    with("for an identity", &|r| r.purpose = Purpose::Identity);
    with("of another instance", &|r| r.terms.files.instance = mifeng::ids::Instance("other".into()));
    with("of another report", &|r| r.terms.files.report = mifeng::ids::ReportId::from_bytes([3; 16]));
    with("for another trustee", &|r| r.trustee = 2);
    with("another place of the opening", &|r| r.terms.leaf_index += 1);
    with("of another format", &|r| r.format = 2);
    let refused = all.into_iter().map(|(about, request)| RefusedVector {
        about: about.into(),
        why: house.check(&request, 1).err().unwrap_or_else(|| panic!("{about}")).to_string(),
        request: serde_json::to_value(request).unwrap(),
    });
    use age::secrecy::ExposeSecret;
    let vectors = Vectors {
        opening: house.desk.openings[0].to_string().expose_secret().into(),
        signing_seed: hex::encode([11; 32]),
        set: serde_json::to_value(&house.desk.set_file).unwrap(),
        fingerprint: house.desk.set_file.fingerprint().to_string(),
        log_key: log.to_string(),
        today: house.desk.today(),
        refused: refused.collect(),
        honest: serde_json::to_value(honest).unwrap(),
    };
    std::fs::write(VECTORS, serde_json::to_string(&vectors).unwrap() + "\n").unwrap();
}
