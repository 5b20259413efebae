//! The public log, and the trail of readings.

use super::*;

#[test]
fn what_was_announced_last_is_known_by_its_kind_and_still_after_a_restart() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let day = jiff::civil::date(2026, 11, 26);
        assert_eq!(store.announced(PublicKind::Script).unwrap(), None);
        store.announce(PublicKind::Script, 1, day, [1; 32]).wait().unwrap();
        store.announce(PublicKind::RecipientSet, 4, day, [4; 32]).wait().unwrap();
        store.announce(PublicKind::Script, 2, day, [2; 32]).wait().unwrap();
        drop(store);
        let store = reopen();
        let last = |kind| store.announced(kind).unwrap().map(|last| (last.number, last.day, last.digest));
        assert_eq!(last(PublicKind::Script), Some((2, day, [2; 32])));
        assert_eq!(last(PublicKind::RecipientSet), Some((4, day, [4; 32])));
        assert_eq!(store.head().size, 3);
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn the_log_grows_with_the_records_and_proves_every_entry() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let mut heads = vec![];
        for n in 1..=11 {
            store.submit(submission(n)).wait().unwrap();
            heads.push(store.head());
        }
        let head = store.head();
        for (index, entry) in (0..).zip(store.entries(0, u64::MAX).unwrap()) {
            let path = store.inclusion_proof(index, head.size).unwrap();
            verify_inclusion(leaf_hash(entry.as_bytes()), index, head.size, &path, head.root).unwrap();
            entry.open(&audit_key(index + 1), 0).unwrap();
        }
        for older in heads {
            let proof = store.consistency_proof(older.size, head.size).unwrap();
            verify_consistency((older.size, older.root), (head.size, head.root), &proof).unwrap();
        }
        assert!(store.node(NodeId { level: 3, index: 0 }).is_some());
        assert!(store.node(NodeId { level: 3, index: 1 }).is_none(), "not complete");
        assert!(store.node(NodeId { level: 63, index: u64::MAX }).is_none());
        assert!(matches!(store.inclusion_proof(0, head.size + 1), Err(Refused::NotPublished)));
        assert!(store.checkpoint().unwrap().is_none());
        store.keep_checkpoint(b"note".to_vec()).wait().unwrap();
        assert_eq!(store.checkpoint().unwrap().unwrap(), b"note");
    });
}

#[test]
fn every_reading_stays_in_the_trail() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let entry = |at, serial| TrailEntry {
            at,
            by: StaffId("wang".into()),
            what: "case".into(),
            case: Some(number(serial)),
            account: None,
            change: String::new(),
        };
        for (at, serial) in [(1, 1), (2, 2), (3, 1)] {
            let number = Cases::note_read(&store, entry(at, serial)).wait().unwrap();
            assert_eq!(i64::try_from(number), Ok(at), "numbered from 1");
        }
        drop(store);
        let store = reopen();
        assert_eq!(store.trail(&|_, _| true, 2).unwrap(), [(3, entry(3, 1)), (2, entry(2, 2))]);
        let of_one = store.trail(&|_, entry| entry.case == Some(number(1)), 9).unwrap();
        assert_eq!(of_one, [(3, entry(3, 1)), (1, entry(1, 1))]);
    });
}
