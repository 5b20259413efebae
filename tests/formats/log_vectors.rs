//! Published vectors of RFC 6962 and of C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-tiles, and the
//! frozen one of our own entries. Sources stand in the files under `tests/vectors/log/`.

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::civil::date;
use mifeng::log::{
    Event, Frontier, Hash, Leaf, LeafEntry, NodeId, Nodes, PublicKind, Purpose,
    checkpoint::{Checkpoint, CheckpointRefused, LogKey, WitnessKey, sign},
    tiles::TilePath,
    tree,
};
use mifeng::{receipt::AuditKey, signing::SigningKey};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Default)]
struct Memory(HashMap<NodeId, Hash>);

impl Nodes for Memory {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.0.get(&id).copied()
    }
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = format!("{}/tests/vectors/log/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[derive(Deserialize)]
struct Rfc6962 {
    leaves_hex: Vec<String>,
    roots: Vec<Hash>,
    inclusion: Vec<Inclusion>,
    consistency: Vec<Consistency>,
    golden: Vec<Golden>,
}
#[derive(Deserialize)]
struct Inclusion {
    index: u64,
    size: u64,
    path: Vec<Hash>,
}
#[derive(Deserialize)]
struct Consistency {
    older: u64,
    newer: u64,
    path: Vec<Hash>,
}
#[derive(Deserialize)]
struct Golden {
    size: u64,
    root: Hash,
}

#[test]
fn rfc_6962_reference_tree() {
    let vector: Rfc6962 = read("rfc6962.json");
    let leaves: Vec<Vec<u8>> = vector.leaves_hex.iter().map(|leaf| hex::decode(leaf).unwrap()).collect();
    let (mut nodes, mut edge) = (Memory::default(), Frontier::empty());
    assert_eq!(edge.root(), vector.roots[0]);
    for (leaf, root) in leaves.iter().zip(&vector.roots[1..]) {
        nodes.0.extend(edge.append(leaf));
        assert_eq!(edge.root(), *root);
        assert_eq!(tree::root(&nodes, edge.size()), Ok(*root));
    }
    for case in vector.inclusion {
        let (leaf, root) = (&leaves[case.index as usize], vector.roots[case.size as usize]);
        assert_eq!(tree::inclusion_proof(&nodes, case.index, case.size), Ok(case.path.clone()));
        assert_eq!(
            tree::verify_inclusion(tree::leaf_hash(leaf), case.index, case.size, &case.path, root),
            Ok(())
        );
    }
    for case in vector.consistency {
        let at = |size: u64| (size, vector.roots[size as usize]);
        assert_eq!(tree::consistency_proof(&nodes, case.older, case.newer), Ok(case.path.clone()));
        assert_eq!(tree::verify_consistency(at(case.older), at(case.newer), &case.path), Ok(()));
    }
}

#[test]
fn rfc_6962_roots_of_larger_trees() {
    let vector: Rfc6962 = read("rfc6962.json");
    let mut golden = vector.golden.into_iter().peekable();
    let mut edge = Frontier::empty();
    for i in 0..=u16::MAX {
        if let Some(case) = golden.next_if(|case| case.size == edge.size()) {
            assert_eq!(edge.root(), case.root, "size {}", case.size);
        }
        edge.append(&i.to_le_bytes());
    }
    assert!(golden.next().is_none(), "every size was reached");
}

#[derive(Deserialize)]
struct Ct {
    size: u64,
    root: Hash,
    leaf: Hash,
    index: u64,
    audit_path: Vec<Hash>,
    older: u64,
    older_root: Hash,
    consistency: Vec<Hash>,
}

#[test]
fn certificate_transparency_proofs_of_a_real_log() {
    let ct: Ct = read("ct.json");
    assert_eq!(tree::verify_inclusion(ct.leaf, ct.index, ct.size, &ct.audit_path, ct.root), Ok(()));
    assert!(tree::verify_inclusion(ct.leaf, ct.index + 1, ct.size, &ct.audit_path, ct.root).is_err());
    let (older, newer) = ((ct.older, ct.older_root), (ct.size, ct.root));
    assert_eq!(tree::verify_consistency(older, newer, &ct.consistency), Ok(()));
    assert!(tree::verify_consistency((ct.older - 1, ct.older_root), newer, &ct.consistency).is_err());
}

#[derive(Deserialize)]
struct Notes {
    signed_note: Vec<SignedNote>,
    cosignature: Cosignature,
}
#[derive(Deserialize)]
struct SignedNote {
    vkey: String,
    note: String,
}
#[derive(Deserialize)]
struct Cosignature {
    checkpoint: String,
    witness_line: String,
    time: u64,
    signed_message: String,
}

#[test]
fn signed_note_keys_and_signatures() {
    for case in read::<Notes>("notes.json").signed_note {
        let key: LogKey = case.vkey.parse().unwrap();
        assert_eq!(key.to_string(), case.vkey);
        // The signature holds; the text is, rightly, not taken for a checkpoint.
        assert_eq!(key.open(case.note.as_bytes()), Err(CheckpointRefused::NotACheckpoint));
        let changed = case.note.replacen('i', "j", 1);
        assert_eq!(key.open(changed.as_bytes()), Err(CheckpointRefused::Signature));
    }
}

#[test]
fn tlog_cosignature_message_and_line() {
    let case = read::<Notes>("notes.json").cosignature;
    let log = SigningKey::from_seed([1; 32]);
    let checkpoint: Checkpoint = case.checkpoint.parse().unwrap();
    assert_eq!(checkpoint.to_string(), case.checkpoint);

    let witness = SigningKey::from_seed([2; 32]);
    let name = "witness.example.com/w1";
    let cosigned = sign(&log, &checkpoint).cosigned(name.parse().unwrap(), &witness, case.time);
    let line = std::str::from_utf8(cosigned.note()).unwrap().lines().last().unwrap().to_owned();

    // Same frame as the published line: name, key hash, time; then a signature over the published message.
    let blob =
        |line: &str| BASE64_STANDARD.decode(line.strip_prefix(&format!("— {name} ")).unwrap()).unwrap();
    let (ours, published) = (blob(&line), blob(&case.witness_line));
    assert_eq!(ours.len(), published.len());
    assert_eq!(ours[4..12], published[4..12]);
    let key = UnparsedPublicKey::new(&ED25519, *witness.verify_key().as_bytes());
    assert!(key.verify(case.signed_message.as_bytes(), &ours[12..]).is_ok());

    let witness_key = WitnessKey::new(name.parse().unwrap(), witness.verify_key());
    assert_eq!(witness_key.saw(&cosigned), Ok(case.time));
    assert_eq!(witness_key.to_string().parse::<WitnessKey>().unwrap(), witness_key);
}

#[derive(Deserialize)]
struct Tiles {
    path: Path,
    trees: Vec<Tree>,
}
#[derive(Deserialize)]
struct Path {
    index: u64,
    groups: String,
}
#[derive(Deserialize)]
struct Tree {
    size: u64,
    full_level_0: usize,
    last_of_each_level: Vec<String>,
}

#[test]
fn tlog_tiles_paths() {
    let vector: Tiles = read("tiles.json");
    let size = (vector.path.index + 1) * 256;
    let last = TilePath::bundles(size).last().unwrap();
    assert_eq!(last.to_string(), format!("tile/entries/{}", vector.path.groups));
    for tree in vector.trees {
        let all: Vec<String> = TilePath::all(tree.size).map(|path| path.to_string()).collect();
        let of_level = |level: usize| all.iter().filter(move |p| p.starts_with(&format!("tile/{level}/")));
        assert_eq!(of_level(0).filter(|path| !path.contains(".p/")).count(), tree.full_level_0);
        for (level, last) in tree.last_of_each_level.iter().enumerate() {
            assert_eq!(of_level(level).next_back(), Some(last));
        }
        assert_eq!(of_level(tree.last_of_each_level.len()).count(), 0);
        assert!(all.iter().all(|path| path.parse::<TilePath>().unwrap().to_string() == *path));
    }
}

#[derive(Deserialize)]
struct Frozen {
    audit_key_hex: String,
    n: u8,
    report_hex: String,
    public_hex: String,
    root: Hash,
    checkpoint: String,
}

/// Entries stand in the log for ever: if this fails, the format changed and needs a new version byte.
#[test]
fn our_own_entries_are_frozen() {
    let frozen: Frozen = read("entry.json");
    let audit = AuditKey(hex::decode(&frozen.audit_key_hex).unwrap().try_into().unwrap());
    let leaf = Leaf {
        event: Event::Release,
        day: date(2026, 11, 26),
        purpose: Some(Purpose::Identity),
        award: Some("2026-000417-1".parse().unwrap()),
        digest: Some([7; 32]),
    };
    let report = LeafEntry::report(&audit, frozen.n, &leaf);
    let public = LeafEntry::public(PublicKind::RecipientSet, 3, date(2026, 11, 26), [8; 32]);
    assert_eq!(hex::encode(report.as_bytes()), frozen.report_hex);
    assert_eq!(hex::encode(public.as_bytes()), frozen.public_hex);

    let mut edge = Frontier::empty();
    edge.append(report.as_bytes());
    edge.append(public.as_bytes());
    assert_eq!(edge.root(), frozen.root);
    let checkpoint = Checkpoint { origin: "mifeng.example/log".parse().unwrap(), size: 2, root: edge.root() };
    let signed = sign(&SigningKey::from_seed([1; 32]), &checkpoint);
    assert_eq!(std::str::from_utf8(signed.note()).unwrap(), frozen.checkpoint);
}
