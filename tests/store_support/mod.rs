//! What store tests share: reports of the right shape without any sealing, and a second engine, in memory.
#![allow(dead_code, reason = "every story uses its own part")]

mod authority;
pub mod objects;
pub mod patience;
pub mod postgres;

#[allow(unused_imports, reason = "every story uses its own part")]
pub use authority::{Authority, announcing};

use mifeng::{
    casework::{Actor, Addition, Case, CaseContent, Deadlines, Move, Rules, apply},
    clock::{Clock, Day, Doubt, FixedClock},
    envelope::{ENVELOPE_LEN, Envelope, SealedReport},
    ids::{Instance, ReportId, StaffId},
    lock::{SHARE_FILE_LEN, ShareFile},
    log::{Event, Leaf},
    policy::{ActsApart, MatterKind, Policy},
    receipt::{AuditKey, AuthHash, LocatorHash, Receipt},
    store::{
        Dossier, Month, OpenRefused, Refused, Sight, Step, Store, Submission,
        at_rest::RootKeys,
        engine::{Engine, Entries, Tree, Writes},
        retention::RetentionKeys,
    },
};
use rand::SeedableRng;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, LazyLock, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

pub const TRUSTEES: u8 = 3;

pub fn day() -> Day {
    jiff::civil::date(2026, 11, 23)
}

pub fn instance() -> Instance {
    Instance("test".into())
}

pub fn roots() -> RootKeys {
    RootKeys::parse(&format!("mifeng-root-1 {}", "5a".repeat(32))).unwrap()
}

/// Stands on [`day`].
pub fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(day()))
}

/// Stands on this day, and is not believed.
pub struct InDoubt(pub Day);

impl Clock for InDoubt {
    fn unix_seconds(&self) -> i64 {
        FixedClock::at(self.0).unix_seconds()
    }
    fn doubt(&self) -> Option<Doubt> {
        Some(Doubt::Record { says: None, known: self.0 })
    }
}

/// Who hands a trustee's share in, and what policy keeps apart.
pub fn giver() -> (StaffId, ActsApart) {
    static APART: LazyLock<ActsApart> =
        LazyLock::new(|| Policy::load("policy".as_ref()).unwrap().roles.acts_apart);
    (StaffId("holder".into()), APART.clone())
}

/// As an operator destroys a month's key before its time, on purpose.
pub fn destroy(keys: &Path, month: &str) {
    std::fs::remove_file(keys.join(format!("{month}.key"))).unwrap();
    std::fs::write(keys.join(format!("{month}.destroyed")), "").unwrap();
}

/// A store over `engine` with its retention keys in `keys`.
pub fn open(engine: Arc<dyn Engine>, keys: &Path) -> Result<Store, OpenRefused> {
    Store::open(engine, &instance(), &roots(), RetentionKeys::open(keys, clock())?)
}

/// The same for a process that sees no list of cases.
pub fn open_portal(engine: Arc<dyn Engine>, keys: &Path) -> Result<Store, OpenRefused> {
    Store::open_with(engine, &instance(), &roots(), RetentionKeys::open(keys, clock())?, Sight::One)
}

/// Bytes that stand for sealed ones: right version and length, all else told by the seed.
fn filled(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let noise = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    });
    noise.take(len).collect()
}

pub fn sealed(seed: u64) -> SealedReport {
    let mut envelope = filled(ENVELOPE_LEN, seed);
    for start in [0, ENVELOPE_LEN - 2 * 1024 - 30] {
        envelope[start..start + 2].copy_from_slice(&[1, 1]);
    }
    let share = |trustee: u8| {
        let mut bytes = filled(SHARE_FILE_LEN, seed * 31 + u64::from(trustee));
        bytes[..2].copy_from_slice(&[1, 1]);
        ShareFile::parse(&bytes).unwrap()
    };
    SealedReport {
        envelope: Envelope::parse(&envelope).unwrap(),
        share_files: (1..=TRUSTEES).map(share).collect(),
        files_recipient: format!("age1files{seed}"),
        set_number: 1,
    }
}

/// Everything about test report `n` follows from `n`.
pub fn report(n: u64) -> ReportId {
    ReportId::from_bytes(bytes16(n))
}
pub fn locator(n: u64) -> LocatorHash {
    receipt(n).locator()
}
pub fn auth(n: u64) -> AuthHash {
    receipt(n).auth()
}
/// Of report `n`; the audit key alone is made up, and as good.
pub fn receipt(n: u64) -> Receipt {
    Receipt::draw(&mut rand::rngs::StdRng::seed_from_u64(n))
}
pub fn audit_key(n: u64) -> AuditKey {
    AuditKey(bytes32(n, 3))
}

fn bytes16(n: u64) -> [u8; 16] {
    filled(16, n).try_into().unwrap()
}
fn bytes32(n: u64, purpose: u64) -> [u8; 32] {
    filled(32, n * 7 + purpose).try_into().unwrap()
}

pub fn content(narrative: &str) -> CaseContent {
    CaseContent {
        kind: MatterKind::Hazard,
        industry: "coal".into(),
        region: "370100".into(),
        target_name: "某某煤矿".into(),
        credit_code: String::new(),
        address: "井下".into(),
        narrative: narrative.into(),
        when_text: "上周二夜班".into(),
        ongoing: true,
        imminent_danger: false,
    }
}

pub fn submission(n: u64) -> Submission {
    submission_of(n, &format!("narrative {n}"))
}

pub fn submission_of(n: u64, narrative: &str) -> Submission {
    let content = content(narrative);
    Submission {
        report: report(n),
        locator: locator(n),
        auth: auth(n),
        audit_key: audit_key(n),
        mailbox: receipt(n).mailbox(),
        claim_key: receipt(n).claim_verify_key(),
        sealed: sealed(n),
        day: day(),
        forget: Month::of(jiff::civil::date(2031, 11, 1)),
        open_case: Box::new(move |number| Case::new(number, report(n), day(), content, Deadlines::default())),
        entry: None,
    }
}

/// A move that adds text, as the reporter's does.
pub fn add(text: &str) -> Step {
    let text = text.to_owned();
    step(move |dossier| {
        dossier.case.version += 1;
        dossier.case.additions.push(Addition { day: day(), text });
        Ok(Some(Leaf::plain(Event::Added, day())))
    })
}

/// The real move: a second one is refused.
pub fn withdraw() -> Step {
    let policy = Policy::load("policy".as_ref()).unwrap();
    step(move |dossier| {
        let rules = Rules::of(&policy);
        dossier.case = apply(&dossier.case, Move::Withdraw, &Actor::Reporter, day(), &rules)?;
        Ok(Some(Leaf::plain(Event::Withdrawn, day())))
    })
}

pub fn step(change: impl FnOnce(&mut Dossier) -> Result<Option<Leaf>, Refused> + Send + 'static) -> Step {
    Step { expected_version: None, sealed: None, change: Box::new(|dossier, _| change(dossier)) }
}

type Trees = BTreeMap<(Tree, Vec<u8>), Vec<u8>>;

/// An engine of nothing but a map: what the conformance suite asks of any engine, it asks of this one too. It counts how often
/// somebody went through all cases.
#[derive(Default)]
pub struct MemoryEngine(RwLock<Trees>, pub RwLock<BTreeMap<u64, Vec<u8>>>, pub AtomicUsize);

impl Engine for MemoryEngine {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        Ok(self.0.read().unwrap().get(&(tree, key.to_vec())).cloned())
    }
    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_> {
        if tree == Tree::Cases && prefix.is_empty() {
            self.2.fetch_add(1, Ordering::Relaxed);
        }
        let start = prefix.max(from).to_vec();
        let all = self.0.read().unwrap();
        let found: Vec<_> = all
            .range((tree, start)..)
            .take_while(|((t, key), _)| *t == tree && key.starts_with(prefix))
            .map(|((_, key), value)| Ok((key.clone(), value.clone())))
            .collect();
        Box::new(found.into_iter())
    }
    fn apply(&self, writes: &Writes) -> Result<(), Refused> {
        let mut all = self.0.write().unwrap();
        for (tree, key, value) in writes.iter() {
            match value {
                Some(value) => all.insert((tree, key.to_vec()), value.to_vec()),
                None => all.remove(&(tree, key.to_vec())),
            };
        }
        Ok(())
    }
    fn sync(&self) -> Result<(), Refused> {
        Ok(())
    }
    fn write_slot(&self, slot: u64, bytes: &[u8]) -> Result<(), Refused> {
        self.1.write().unwrap().insert(slot, bytes.to_vec());
        Ok(())
    }
    fn read_slot(&self, slot: u64, len: usize) -> Result<Vec<u8>, Refused> {
        let slots = self.1.read().unwrap();
        slots.get(&slot).and_then(|bytes| bytes.get(..len)).map(<[u8]>::to_vec).ok_or(Refused::NoSuchFile)
    }
    fn sync_slots(&self) -> Result<(), Refused> {
        Ok(())
    }
    fn free_bytes(&self) -> Option<u64> {
        None
    }
}
