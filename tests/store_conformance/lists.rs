//! What staff see listed, and their views of it.

use super::*;
use std::sync::atomic::Ordering;

#[test]
fn views_are_their_owners_and_are_read_anew_after_each_change() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let (li, wang) = (StaffId("li".into()), StaffId("wang".into()));
        let view = |owner: &StaffId| View {
            id: 0,
            name: "待分派".into(),
            query: "owner=nobody".into(),
            owner: owner.clone(),
            team: None,
        };
        assert!(store.views().unwrap().is_empty());
        let id = store.keep_view(view(&li)).wait().unwrap();
        assert_eq!((id, store.views().unwrap().len()), (1, 1));
        assert!(matches!(store.forget_view(id, &wang).wait(), Err(Refused::NoSuchView)));
        let taken = |view: View| Ok(View { id: 99, owner: StaffId("wang".into()), ..view });
        store.change_view(id, Box::new(taken)).wait().unwrap();
        assert_eq!((store.views().unwrap()[0].id, &store.views().unwrap()[0].owner), (id, &wang));
        drop(store);
        let store = reopen();
        assert_eq!(store.views().unwrap()[0].owner, wang);
        store.forget_view(id, &wang).wait().unwrap();
        assert!(store.views().unwrap().is_empty());
        assert!(matches!(store.change_view(id, Box::new(Ok)).wait(), Err(Refused::NoSuchView)));
        for _ in 0..MOST_VIEWS {
            store.keep_view(view(&li)).wait().unwrap();
        }
        assert!(matches!(store.keep_view(view(&li)).wait(), Err(Refused::TooManyViews)));
        assert!(store.keep_view(view(&wang)).wait().is_ok());
    });
}

/// Drawn up in one pass, each list is what it is alone.
#[test]
fn several_lists_at_once_are_those_they_are_one_by_one() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        for n in 1..=9 {
            store.submit(submission(n)).wait().unwrap();
        }
        type Row = mifeng::casework::CaseSummary;
        let newest = |a: &Row, b: &Row| b.number.cmp(&a.number);
        let wanted = |least: u32, skip, most| Wanted {
            matches: Box::new(move |row: &Row| row.number.serial >= least),
            order: Box::new(newest),
            skip,
            most,
        };
        let asked = std::cell::Cell::new(0);
        let known = |row: &Row| {
            asked.set(asked.get() + 1);
            row.number.serial != 8
        };
        let found =
            store.lists(&known, &[wanted(4, 0, 2), wanted(6, 1, 9), wanted(1, 0, 0), wanted(100, 0, 9)]);
        let serials =
            |page: &mifeng::store::Page| page.rows.iter().map(|row| row.number.serial).collect::<Vec<_>>();
        assert_eq!(found.iter().map(|page| page.total).collect::<Vec<_>>(), [5, 3, 8, 0]);
        assert_eq!(found.iter().map(serials).collect::<Vec<_>>(), [vec![9, 7], vec![7, 6], vec![], vec![]]);
        assert_eq!(asked.get(), 9, "once a row");
    });
}

#[test]
fn lists_show_what_was_changed_in_the_order_and_page_asked_for() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        for n in 1..=7 {
            store.submit(submission(n)).wait().unwrap();
        }
        Cases::change(&store, number(3), add("word")).wait().unwrap();
        let newest =
            |a: &mifeng::casework::CaseSummary, b: &mifeng::casework::CaseSummary| b.number.cmp(&a.number);
        let page = store.select(&|row| row.number.serial != 5, &newest, 1, 3);
        assert_eq!(page.total, 6);
        assert_eq!(page.rows.iter().map(|row| row.number.serial).collect::<Vec<_>>(), [6, 4, 3]);
        assert_eq!(page.rows[2].version, 2);
        let equal = store.select(&|_| true, &|_, _| std::cmp::Ordering::Equal, 5, 100);
        assert_eq!(equal.rows.iter().map(|row| row.number.serial).collect::<Vec<_>>(), [6, 7]);
        assert!(store.select(&|_| true, &newest, 50, 10).rows.is_empty());
        assert!(store.select(&|_| true, &newest, 0, 0).rows.is_empty());
    });
}

#[test]
fn likely_repeats_are_the_same_after_a_restart_and_a_deleted_report_is_none() {
    let rules = mifeng::policy::Policy::load("policy".as_ref()).unwrap().repeats;
    let of = |store: &Store, n| Cases::repeats(store, number(n)).iter().map(|r| r.case).collect::<Vec<_>>();
    let flagged = |store: &Store| {
        let mut found = Vec::new();
        store.each(&mut |row| found.extend(row.likely_repeat.then_some(row.number)));
        found
    };
    on_every_engine(|reopen, _| {
        let store = reopen();
        // Before the store is told how to compare: made anew at the next start.
        store.submit(submission_of(1, "储罐区的报警器被人关掉了，班长说是检修。")).wait().unwrap();
        assert!(
            of(&store, 1).is_empty()
                && store.find(&locator(1), &auth(1)).unwrap().unwrap().dossier.case.sketch.is_none()
        );
        store.compare_matters(rules.clone()).unwrap();
        store.submit(submission_of(2, "储罐区的报警器被人关掉了，班长说是检修。")).wait().unwrap();
        assert_eq!((of(&store, 2), flagged(&store)), (vec![number(1)], vec![number(2)]));
        assert!(store.find(&locator(2), &auth(2)).unwrap().unwrap().dossier.case.sketch.is_some());
        drop(store);

        let store = reopen();
        assert!(of(&store, 2).is_empty() && flagged(&store).is_empty(), "nobody said how to compare");
        store.compare_matters(rules.clone()).unwrap();
        assert_eq!(
            (of(&store, 1), of(&store, 2), flagged(&store)),
            (vec![], vec![number(1)], vec![number(2)])
        );
        // Another list of company ends: sketches kept under the old one are not compared with new ones.
        drop(store);
        let mut other = rules.clone();
        other.suffixes.push("厂".into());
        let store = reopen();
        store.compare_matters(other).unwrap();
        store.submit(submission_of(3, "储罐区的报警器被人关掉了，班长说是检修。")).wait().unwrap();
        assert_eq!(of(&store, 3), [number(2), number(1)]);

        store.act(report(2), erased()).wait().unwrap();
        assert_eq!((of(&store, 3), of(&store, 2)), (vec![number(1)], vec![]));
        assert!(store.find(&locator(2), &auth(2)).unwrap().unwrap().dossier.case.sketch.is_none());
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}

/// As its reporter has it deleted, before anybody has decided.
fn erased() -> Step {
    step(|dossier| {
        let policy = mifeng::policy::Policy::load("policy".as_ref()).unwrap();
        let rules = mifeng::casework::Rules::of(&policy);
        let wish = mifeng::casework::Move::AskDeletion { text: String::new() };
        let reporter = mifeng::casework::Actor::Reporter;
        dossier.case = mifeng::casework::apply(&dossier.case, wish, &reporter, day(), &rules)?;
        Ok(None)
    })
}

/// What was deleted has nothing to be compared by, and never will have.
#[test]
fn a_deleted_report_makes_no_start_read_every_case_once_more() {
    let rules = mifeng::policy::Policy::load("policy".as_ref()).unwrap().repeats;
    let (engine, keys) = (Arc::new(MemoryEngine::default()), tempfile::tempdir().unwrap());
    let started = || {
        let before = engine.2.load(Ordering::Relaxed);
        let store = open(engine.clone(), keys.path()).unwrap();
        store.compare_matters(rules.clone()).unwrap();
        (store, engine.2.load(Ordering::Relaxed) - before)
    };
    let (store, _) = started();
    for n in 1..=3 {
        store.submit(submission(n)).wait().unwrap();
    }
    drop(store);
    let (store, read) = started();
    assert_eq!(read, 1);
    store.act(report(2), erased()).wait().unwrap();
    drop(store);
    assert_eq!(started().1, 1);
}

/// At the start every case is read with its award from scans side by side; most cases have none.
#[test]
fn awards_are_listed_after_a_restart_as_before_it() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let authority = Authority::new();
        for n in 1..=4 {
            store.submit(submission(n)).wait().unwrap();
        }
        for n in [2u8, 4] {
            let release = authority.release(n.into(), |terms| Some(announcing(terms)));
            Rewards::change(&store, number(n.into()), release).wait().unwrap();
        }
        let before = Cases::awards(&store);
        assert_eq!(before.len(), 2);
        drop(store);
        assert_eq!(Cases::awards(&reopen()), before);
    });
}
