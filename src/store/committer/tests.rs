use super::*;
use crate::store::engine::Entries;
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

type Data = BTreeMap<(Tree, Vec<u8>), Vec<u8>>;

/// An engine in memory that counts, stalls and fails on demand.
#[derive(Default)]
struct Fake {
    data: Mutex<Data>,
    syncs: AtomicUsize,
    fail_sync: AtomicBool,
    breaks: AtomicBool,
    full: AtomicBool,
    gate: Mutex<()>,
}

impl Engine for Fake {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        Ok(self.data.lock().unwrap().get(&(tree, key.to_vec())).cloned())
    }
    fn scan(&self, _: Tree, _: &[u8], _: &[u8]) -> Entries<'_> {
        Box::new(std::iter::empty())
    }
    fn apply(&self, writes: &Writes) -> Result<(), Refused> {
        let mut data = self.data.lock().unwrap();
        for (tree, key, value) in writes.iter() {
            match value {
                Some(value) => data.insert((tree, key.to_vec()), value.to_vec()),
                None => data.remove(&(tree, key.to_vec())),
            };
        }
        Ok(())
    }
    fn sync(&self) -> Result<(), Refused> {
        assert!(!self.breaks.load(Ordering::SeqCst), "planted");
        let _gate = self.gate.lock().unwrap();
        self.syncs.fetch_add(1, Ordering::SeqCst);
        if self.fail_sync.load(Ordering::SeqCst) { Err(Refused::Failed("no disk".into())) } else { Ok(()) }
    }
    fn write_slot(&self, _: u64, _: &[u8]) -> Result<(), Refused> {
        Ok(())
    }
    fn read_slot(&self, _: u64, _: usize) -> Result<Vec<u8>, Refused> {
        Ok(Vec::new())
    }
    fn sync_slots(&self) -> Result<(), Refused> {
        Ok(())
    }
    fn free_bytes(&self) -> Option<u64> {
        Some(if self.full.load(Ordering::SeqCst) { 0 } else { u64::MAX })
    }
}

fn start() -> (Arc<Fake>, Committer) {
    let engine = Arc::new(Fake::default());
    (engine.clone(), Committer::start(engine, Arc::new(Nobody)).unwrap())
}

/// Nobody else writes.
struct Nobody;

impl Follower for Nobody {
    fn before(&self, _: u64) -> Result<(), Refused> {
        Ok(())
    }
    fn after(&self, _: Option<u64>, effects: Vec<Effect>) {
        effects.into_iter().for_each(|effect| effect());
    }
}

fn count(txn: &mut Txn) -> Result<u8, Refused> {
    let next = txn.get(Tree::Meta, b"n")?.map_or(1, |value| value[0] + 1);
    txn.put(Tree::Meta, *b"n", vec![next]);
    Ok(next)
}

#[test]
fn changes_waiting_for_the_disk_share_the_next_sync_and_see_each_other() {
    let (engine, committer) = start();
    let gate = engine.gate.lock().unwrap();
    let waiting: Vec<_> = (0..40).map(|_| committer.commit(count)).collect();
    drop(gate);
    let counted: Vec<u8> = waiting.into_iter().map(|commit| commit.wait().unwrap()).collect();
    assert_eq!(counted, (1..=40).collect::<Vec<u8>>());
    assert!(engine.syncs.load(Ordering::SeqCst) <= 2, "{} syncs", engine.syncs.load(Ordering::SeqCst));
}

#[test]
fn a_refused_or_broken_change_leaves_nothing_and_harms_nobody() {
    let (engine, committer) = start();
    let gate = engine.gate.lock().unwrap();
    let good = committer.commit(count);
    let refused = committer.commit(|txn| {
        count(txn)?;
        Err::<(), _>(Refused::Busy)
    });
    let broken = committer.commit(|txn| -> Result<(), Refused> {
        txn.put(Tree::Meta, *b"n", vec![9]);
        panic!("planted");
    });
    let after = committer.commit(count);
    drop(gate);
    assert_eq!(good.wait().unwrap(), 1);
    assert!(matches!(refused.wait(), Err(Refused::Busy)));
    assert!(matches!(broken.wait(), Err(Refused::Panicked)));
    assert_eq!(after.wait().unwrap(), 2);
}

#[test]
fn nothing_is_acknowledged_after_a_failed_sync_even_once_the_disk_is_back() {
    let (engine, committer) = start();
    let shown = Arc::new(AtomicBool::new(false));
    engine.fail_sync.store(true, Ordering::SeqCst);
    let effect = shown.clone();
    let lost = committer.commit(move |txn| {
        txn.once_durable(move || effect.store(true, Ordering::SeqCst));
        count(txn)
    });
    assert!(matches!(lost.wait(), Err(Refused::Stopped(_))));
    engine.fail_sync.store(false, Ordering::SeqCst);
    assert!(matches!(committer.commit(count).wait(), Err(Refused::Stopped(_))));
    assert!(!shown.load(Ordering::SeqCst), "readers were shown what may be lost");
}

#[test]
fn an_engine_that_breaks_off_stops_the_store_and_it_goes_on_saying_so() {
    let (engine, committer) = start();
    engine.breaks.store(true, Ordering::SeqCst);
    assert!(matches!(committer.commit(count).wait(), Err(Refused::Closed)), "nothing is acknowledged");
    engine.breaks.store(false, Ordering::SeqCst);
    for _ in 0..2 {
        let refused = committer.commit(count).wait().unwrap_err();
        assert!(matches!(refused, Refused::Stopped(_)), "{refused}");
    }
}

#[test]
fn a_full_disk_is_refused_before_it_hurts_and_forgiven_once_there_is_room() {
    let (engine, committer) = start();
    engine.full.store(true, Ordering::SeqCst);
    assert!(matches!(committer.commit(count).wait(), Err(Refused::DiskFull)));
    // Whoever only looks has its turn all the same, and takes nobody along who writes.
    let (begin, begun) = std::sync::mpsc::channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let looking = committer.among_changes(move || {
        begin.send(()).unwrap();
        Ok(wait.recv())
    });
    begun.recv().unwrap();
    let behind = committer.commit(count);
    go_on.send(()).unwrap();
    assert!(looking.wait().unwrap().is_ok());
    assert!(matches!(behind.wait(), Err(Refused::DiskFull)));
    engine.full.store(false, Ordering::SeqCst);
    assert_eq!(committer.commit(count).wait().unwrap(), 1);
}

#[test]
fn a_full_queue_says_so_at_once() {
    let (engine, committer) = start();
    let gate = engine.gate.lock().unwrap();
    let mut waiting = Vec::new();
    let busy = (0..10 * QUEUE).find_map(|_| {
        let commit = committer.commit(|_| Ok(()));
        let first = committer.commit(count);
        match commit.0 {
            State::Ready(Some(Err(Refused::Busy))) => Some(()),
            _ => {
                waiting.push(first);
                None
            }
        }
    });
    assert_eq!((busy, committer.waiting()), (Some(()), QUEUE));
    drop(gate);
    while committer.waiting() > 0 {
        std::thread::yield_now();
    }
}
