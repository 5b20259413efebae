//! The public log as somebody else serves it.

use super::{LITTLE, for_text, held};
use mifeng::{
    clock::Day,
    log::{
        AwardName, Event, Hash, Leaf, LeafEntry, NodeId, Nodes, Purpose,
        checkpoint::{Checkpoint, LogKey, Origin, WitnessKey, sign},
        leaf::Face,
        proof::{Proof, Seen},
        replay::Replay,
        scan::Scan,
        tiles::{Entries, TilePath, parse_bundle, serve},
        tree::{leaf_hash, verify_consistency, verify_inclusion},
    },
    receipt::AuditKey,
    signing::SigningKey,
};

const AUDIT: AuditKey = AuditKey([9; 32]);

/// A log that has nothing.
struct Nothing;

impl Nodes for Nothing {
    fn node(&self, _: NodeId) -> Option<Hash> {
        None
    }
}
impl Entries for Nothing {
    fn entry(&self, _: u64) -> Option<LeafEntry> {
        None
    }
}

fn origin() -> Origin {
    "mifeng.example/log".parse().expect("a name")
}

fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The address of a tile, and bundles of entries of the first byte's number, read into a log of that many.
pub fn tiles(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(path) = text.parse::<TilePath>()
    {
        assert_eq!(path.to_string(), text, "one spelling for each tile");
        assert!(held(LITTLE, || serve(&Nothing, u64::MAX, path)).is_err());
        assert!(serve(&Nothing, 0, path).is_err());
    }
    let Some((width, bundle)) = data.split_first() else { return };
    let width = u64::from(*width) + 1;
    // No more entries are held than were asked for.
    let read = held(16 * 1024, || parse_bundle(bundle, width).map(|entries| entries.len()));
    if let Ok(entries) = parse_bundle(bundle, width) {
        assert_eq!((entries.len() as u64, read), (width, Ok(entries.len())));
        let again =
            entries.iter().flat_map(|entry| [&(entry.len() as u16).to_be_bytes()[..], entry].concat());
        assert!(again.eq(bundle.iter().copied()), "nothing is passed over");
        let mut scan = Scan::new(&AUDIT);
        entries.iter().for_each(|entry| scan.look(entry));
        assert_eq!(scan.finish().openings(), [], "nobody has our audit key");
    }
    let claimed = Checkpoint { origin: origin(), size: width, root: Hash([7; 32]) };
    let signed = sign(&key(), &claimed);
    let log = LogKey::new(origin(), key().verify_key());
    let mut replay = Replay::begin(&log, signed.note(), None).expect("our own checkpoint");
    let path = replay.wanted().next().expect("a log that is not empty has a bundle");
    if replay.feed(path, bundle).is_ok() {
        assert!(replay.finish().is_err(), "no entries hash to a root drawn by chance");
    }
}

/// Checkpoints, signed notes and the keys for them.
pub fn checkpoint(data: &[u8]) {
    let log = LogKey::new(origin(), key().verify_key());
    assert!(held(for_text(data), || log.open(data)).is_err() || data.starts_with(b"mifeng.example/log\n"));
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        let printed = checkpoint.to_string();
        assert!(text.starts_with(&printed), "one spelling");
        assert_eq!(printed.parse(), Ok(checkpoint.clone()));
        let signed = sign(&key(), &Checkpoint { origin: origin(), ..checkpoint });
        assert_eq!(log.open(signed.note()).as_ref(), Ok(&signed));
        assert!(
            TilePath::bundles(signed.checkpoint().size)
                .take(3)
                .all(|path| path.to_string().parse() == Ok(path))
        );
        assert!(
            TilePath::all(signed.checkpoint().size).take(3).all(|path| path.to_string().parse() == Ok(path))
        );
    }
    if let Ok(key) = text.parse::<LogKey>() {
        assert_eq!(key.to_string(), text.trim());
    }
    if let Ok(key) = text.parse::<WitnessKey>() {
        assert_eq!(key.to_string(), text.trim());
    }
    // Whatever lines somebody adds to a checkpoint of ours, it says what it said.
    let ours = sign(&key(), &Checkpoint { origin: origin(), size: 417, root: leaf_hash(b"x") });
    if let Ok(opened) = log.open(&[ours.note(), data].concat()) {
        assert_eq!(opened.checkpoint(), ours.checkpoint());
        let name: Origin = "trustee-1".parse().expect("a name");
        let witness = WitnessKey::new(name.clone(), SigningKey::from_seed([2; 32]).verify_key());
        assert!(witness.saw(&opened).is_err(), "nobody has the witness's key");
        let cosigned = ours.cosigned(name, &SigningKey::from_seed([2; 32]), 7);
        if let Ok(both) = opened.witnessed(&cosigned, &witness) {
            assert!(log.open(both.note()).is_err() || witness.saw(&both) == Ok(7));
        }
    }
}

/// One entry, as it stands there, and what is written into one.
pub fn leaf(data: &[u8]) {
    if let Ok(entry) = held(LITTLE, || LeafEntry::parse(data)) {
        assert_eq!(entry.as_bytes()[..], *data);
        match entry.face() {
            Ok(Face::Public { kind, number, day, digest }) => {
                assert_eq!(LeafEntry::public(kind, number, day, digest), entry, "one spelling");
            }
            face => assert_eq!(face, Ok(Face::Report)),
        }
        assert!(entry.open(&AUDIT, data[3]).is_err(), "nobody has our audit key");
    }
    let Some((head, name)) = data.split_at_checked(8) else { return };
    let event = Event::ALL[usize::from(head[0]) % Event::ALL.len()];
    let year = i16::from_be_bytes([head[1], head[2]]);
    let Ok(day) = Day::new(year, (head[3] % 13) as i8, (head[4] % 32) as i8) else { return };
    let purpose = Purpose::ALL.get(usize::from(head[5])).copied();
    let award = std::str::from_utf8(name).ok().and_then(|name| name.parse::<AwardName>().ok());
    let digest = (head[6] > 0).then_some([head[6]; 32]);
    let leaf = Leaf { event, day, purpose, award, digest };
    let entry = LeafEntry::report(&AUDIT, head[7], &leaf);
    assert_eq!(entry.open(&AUDIT, head[7]), Ok(leaf));
    assert!(entry.open(&AUDIT, head[7].wrapping_add(1)).is_err());
}

/// A proof as a file, and as bare numbers and hashes.
pub fn proof(data: &[u8]) {
    let log = LogKey::new(origin(), key().verify_key());
    let seen = Seen { size: number(data), root: leaf_hash(data) };
    if let Ok(proof) = held(for_text(data), || Proof::parse(data)) {
        assert_eq!(Proof::parse(proof.to_json().as_bytes()), Ok(proof.clone()));
        assert!(proof.verify(&log, None).is_err() && proof.verify(&log, Some(&seen)).is_err());
    }
    let Some((numbers, path)) = data.split_at_checked(16) else { return };
    let (one, two) = (number(numbers), number(&numbers[8..]));
    let hashes: Vec<Hash> =
        path.chunks_exact(32).map(|bytes| Hash(std::array::from_fn(|i| bytes[i]))).collect();
    let (ours, theirs) = (leaf_hash(b"ours"), leaf_hash(b"theirs"));
    assert!(verify_inclusion(ours, one, two, &hashes, theirs).is_err());
    assert!(verify_consistency((one, ours), (two, theirs), &hashes).is_err());
}
