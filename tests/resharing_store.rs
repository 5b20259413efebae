//! New share files take the place of the old in the store: one change a report, and not while shares are given for it.

mod store_support;

use mifeng::{
    award::record::AwardState,
    ids::CaseNumber,
    lock::ShareFile,
    log::{PublicKind, leaf::Face},
    recipients::Places,
    store::{
        FromTo, PublicLog, Refused, Released, Reports, Resharing, Rewards, Step, Store, Swap, Trustees,
        postgres::schema::Role, sled::SledEngine,
    },
    transcript::sha256,
};
use std::sync::Arc;
use store_support::{
    Authority, add, announcing, day, giver, open, postgres::server, report, sealed, submission,
};

const SETS: FromTo = FromTo { from: 1, to: 2 };

fn number(serial: u32) -> CaseNumber {
    CaseNumber { year: 2026, serial }
}

fn new_files(seed: u64, n: usize) -> Vec<ShareFile> {
    let files = [sealed(seed).share_files, sealed(seed + 1).share_files].concat();
    files[..n].to_vec()
}

fn swap(seed: u64, n: usize) -> Swap {
    Swap { envelope: sealed(seed).envelope.hash(), share_files: new_files(seed + 100, n) }
}

/// One story on a data folder and on PostgreSQL: the store as the server has it, and as the commands that change keys do.
fn on_both(story: impl Fn(&Store, &Store)) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(SledEngine::open(&folder.path().join("data")).unwrap());
    let store = open(engine, &folder.path().join("keys")).unwrap();
    story(&store, &store);
    let Some(server) = server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    let of = |role| open(Arc::new(database.engine_as(role)), keys.path()).unwrap();
    story(&of(Role::Whole), &of(Role::Keys));
}

#[test]
fn new_shares_take_the_place_of_the_old_of_one_report_at_once_and_nothing_of_them_stays() {
    on_both(new_shares_take_the_place_of_the_old);
}

fn new_shares_take_the_place_of_the_old(server: &Store, store: &Store) {
    for n in [1, 2] {
        server.submit(submission(n)).wait().unwrap();
    }
    let held = store.held().unwrap();
    assert_eq!(held.len(), 2);
    assert!(held.iter().all(|held| held.set == 1 && held.sequence == 0));
    let one = *held.iter().find(|held| held.report == report(1)).unwrap();
    assert_eq!(store.held_share(&one, 3).unwrap(), sealed(1).share_files[2]);

    assert!(
        store.swap(report(1), vec![swap(2, 4)], SETS, day()).wait().is_err(),
        "another report's envelope"
    );
    // Fewer trustees than before, then, of the other report, more.
    store.swap(report(1), vec![swap(1, 2)], SETS, day()).wait().unwrap();
    store.swap(report(2), vec![swap(2, 5)], SETS, day()).wait().unwrap();
    // Again, as after a break: what was swapped stays as it is.
    let other = Swap { envelope: one.envelope, ..swap(7, 2) };
    store.swap(report(1), vec![other], SETS, day()).wait().unwrap();
    let now = store.held().unwrap();
    assert!(now.iter().all(|held| held.set == 2));
    let one = now.iter().find(|held| held.report == report(1)).unwrap();
    assert_eq!(store.held_share(one, 2).unwrap(), new_files(101, 2)[1]);
    assert!(matches!(store.held_share(one, 3), Err(Refused::Missing { .. })), "the third trustee's is gone");
    let checked = store.check().unwrap();
    assert_eq!(checked.problems, Vec::<String>::new());
    assert_eq!(checked.reports_by_sets, [([2].into(), 2)].into());
    assert_eq!(checked.count("shares"), 7);
}

#[test]
fn a_report_is_given_new_shares_whole_or_not_at_all() {
    on_both(new_shares_whole_or_not_at_all);
}

fn new_shares_whole_or_not_at_all(server: &Store, store: &Store) {
    server.submit(submission(1)).wait().unwrap();
    server.act(report(1), Step { sealed: Some(sealed(8)), ..add("more") }).wait().unwrap();
    let sets = || store.held().unwrap().iter().map(|held| held.set).collect::<Vec<_>>();
    assert_eq!(sets(), [1, 1]);
    for part in [vec![swap(1, 3)], vec![swap(8, 3)], vec![]] {
        let refused = store.swap(report(1), part, SETS, day()).wait();
        assert!(matches!(refused, Err(Refused::PartOfReport)), "{refused:?}");
    }
    assert_eq!(sets(), [1, 1]);
    store.swap(report(1), vec![swap(8, 3), swap(1, 3)], SETS, day()).wait().unwrap();
    assert_eq!(sets(), [2, 2]);
}

/// A trustee may have the request, with a share file of the old sharing, before anybody has given a share.
#[test]
fn while_a_release_is_published_the_report_keeps_its_old_shares_given_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(SledEngine::open(&folder.path().join("data")).unwrap());
    let store = open(engine, &folder.path().join("keys")).unwrap();
    let authority = Authority::new();
    store.submit(submission(1)).wait().unwrap();
    let release = authority.release(1, |terms| Some(announcing(terms)));
    Rewards::change(&store, number(1), release).wait().unwrap();
    let waits = |day| {
        let refused = store.swap(report(1), vec![swap(1, 3)], SETS, day).wait();
        matches!(refused, Err(Refused::ReleaseOpen)) && store.held().unwrap()[0].set == 1
    };
    assert!(waits(day()), "a request may be on its way");
    assert_eq!(store.share_files(number(1), Released::Award(day()), &Places::only(1, 1)).unwrap().len(), 1);
    let award = Trustees::award(&store, number(1)).unwrap().unwrap();
    let deposit = authority.deposit(&award, 1);
    Trustees::deposit(&store, number(1), deposit, giver(), authority.set.clone(), day()).wait().unwrap();
    let last = award.release().unwrap().terms.expires;
    assert!(waits(day()) && waits(last));
    // After its last day nobody takes a share or a package of it any more; what was given does not keep the report back.
    let after = last.tomorrow().unwrap();
    store.swap(report(1), vec![swap(1, 3)], SETS, after).wait().unwrap();
    assert_eq!(store.held().unwrap()[0].set, 2);
    let late = authority.deposit(&award, 2);
    assert!(
        Trustees::deposit(&store, number(1), late, giver(), authority.set.clone(), after).wait().is_err()
    );
}

#[test]
fn a_batch_is_announced_once_and_kept_until_it_is_done_with() {
    on_both(|_, store| announced_once(store));
}

fn announced_once(store: &Store) {
    assert_eq!(store.pending().unwrap(), None);
    let place = store.begin_batch(1, "the batch".into(), day()).wait().unwrap();
    let pending = store.pending().unwrap().unwrap();
    assert_eq!((pending.number, pending.batch.as_str(), pending.leaf_index), (1, "the batch", place));
    let again = store.begin_batch(2, "another".into(), day()).wait();
    assert!(matches!(again, Err(Refused::Changed)), "{again:?}");
    let end = |number, left_out, kind: PublicKind| {
        store
            .end_batch(number, [report(left_out)].into(), (kind, format!("how {number} ended")), day())
            .wait()
    };
    assert_eq!(end(7, 3, PublicKind::Reshared).unwrap(), None);
    assert!(store.pending().unwrap().is_some(), "another batch's end");
    assert!(store.left_out().unwrap().is_empty() && store.notes().unwrap().is_empty());
    assert_eq!(store.head().size, 1);
    assert_eq!(end(1, 5, PublicKind::Reshared).unwrap(), Some(1));
    assert_eq!(store.left_out().unwrap(), [report(5)].into());
    assert_eq!(store.pending().unwrap(), None);
    assert_eq!(end(1, 6, PublicKind::GivenUp).unwrap(), None, "it has ended");

    // One that is given up leaves as much of a mark.
    store.begin_batch(2, "another".into(), day()).wait().unwrap();
    assert_eq!(end(2, 5, PublicKind::GivenUp).unwrap(), Some(3));
    let faces: Vec<Face> = store.entries(0, 4).unwrap().iter().map(|entry| entry.face().unwrap()).collect();
    let face =
        |kind, number, text: &str| Face::Public { kind, number, day: day(), digest: sha256(text.as_bytes()) };
    assert_eq!(
        faces,
        [
            face(PublicKind::Resharing, 1, "the batch"),
            face(PublicKind::Reshared, 1, "how 1 ended"),
            face(PublicKind::Resharing, 2, "another"),
            face(PublicKind::GivenUp, 2, "how 2 ended"),
        ]
    );
    let notes = store.notes().unwrap();
    let kept: Vec<_> = notes.iter().map(|note| (note.leaf_index, note.text.as_str())).collect();
    assert_eq!(kept, [(1, "how 1 ended"), (3, "how 2 ended")]);

    // Said again it stands there once, and nothing else is said of the same.
    let note = |text: &str| store.note(PublicKind::Emptied, 1, text.into(), day()).wait();
    let first = note("set 1").unwrap();
    assert_eq!((note("set 1").unwrap(), store.head().size), (first, 5));
    assert!(matches!(note("set 1, otherwise"), Err(Refused::Changed)));
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_share_given_under_an_earlier_set_counts_no_more_and_its_giver_gives_again() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(SledEngine::open(&folder.path().join("data")).unwrap());
    let store = open(engine, &folder.path().join("keys")).unwrap();
    // The same trustees under another set: its recipients, and so its fingerprint, are others.
    let (before, after) = (Authority::new(), Authority::new());
    store.submit(submission(1)).wait().unwrap();
    let release = before.release(1, |terms| Some(announcing(terms)));
    Rewards::change(&store, number(1), release).wait().unwrap();
    let give = |authority: &Authority, trustee| {
        let award = Trustees::award(&store, number(1)).unwrap().unwrap();
        let deposit = authority.deposit(&award, trustee);
        Trustees::deposit(&store, number(1), deposit, giver(), authority.set.clone(), day()).wait().unwrap();
        let award = Trustees::award(&store, number(1)).unwrap().unwrap();
        let given = award.release().unwrap().deposits.iter().map(|deposit| deposit.trustee).collect();
        (given, matches!(award.state(), AwardState::Released))
    };
    assert_eq!(give(&before, 1), (vec![1], false));
    assert_eq!(give(&after, 2), (vec![2], false));
    assert_eq!(give(&after, 1), (vec![2, 1], true));

    let earlier = store.share_files(number(1), Released::Award(day()), &Places::only(2, 1));
    assert!(matches!(earlier, Err(Refused::NotOfThatSet(1))), "{earlier:?}");
}
