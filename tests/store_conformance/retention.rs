//! Forgetting.

use super::*;
use mifeng::{clock::FixedClock, store::sled::SledEngine};

#[test]
fn destroying_a_month_s_key_forgets_what_was_due_and_nothing_else() {
    on_every_engine(|reopen, keys| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        let mut later = submission(2);
        later.forget = mifeng::store::Month::of(jiff::civil::date(2036, 1, 1));
        store.submit(later).wait().unwrap();
        drop(store);
        destroy(keys, "2031-11");
        let store = reopen();
        assert!(matches!(store.find(&locator(1), &auth(1)), Err(Refused::Forgotten(_))));
        assert!(Cases::case(&store, number(1)).unwrap().is_none());
        assert!(store.find(&locator(2), &auth(2)).unwrap().is_some());
        assert!(
            matches!(store.submit(submission(3)).wait(), Err(Refused::Forgotten(_))),
            "the key came back"
        );
        let report = store.check().unwrap();
        assert_eq!((report.problems.len(), report.forgotten), (0, 1), "{:?}", report.problems);
    });
}

#[test]
fn a_case_that_outlives_its_month_is_kept_until_the_later_one_and_then_forgotten() {
    let month = |year| mifeng::store::Month::of(jiff::civil::date(year, 5, 1));
    on_every_engine(|reopen, keys| {
        let store = reopen();
        store.keep_until(move |dossier| month(if dossier.case.additions.len() < 2 { 2036 } else { 2030 }));
        for n in 1..=2 {
            store.submit(submission(n)).wait().unwrap();
        }
        let mut upload = store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
        store.append(&mut upload, b"sealed bytes").wait().unwrap();
        store.attach(vec![upload], add("worked on")).wait().unwrap();
        // Nothing is ever due earlier than it was.
        store.act(report(1), add("a rule that gives an earlier month")).wait().unwrap();
        drop(store);
        destroy(keys, "2031-11");
        let store = reopen();
        let found = store.find(&locator(1), &auth(1)).unwrap().unwrap();
        assert_eq!(found.dossier.case.additions.len(), 2);
        assert_eq!(Rewards::originals(&store, number(1)).unwrap().len(), 1);
        assert!(
            matches!(store.find(&locator(2), &auth(2)), Err(Refused::Forgotten(_))),
            "nobody worked on it"
        );
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
        drop(store);
        destroy(keys, "2036-05");
        let store = reopen();
        assert!(matches!(store.find(&locator(1), &auth(1)), Err(Refused::Forgotten(m)) if m == month(2036)));
    });
}

#[test]
fn a_case_that_has_ended_is_kept_no_longer_than_its_end_says() {
    let month = |year| mifeng::store::Month::of(jiff::civil::date(year, 5, 1));
    on_every_engine(|reopen, keys| {
        let store = reopen();
        store.keep_until(move |_| month(2028));
        for n in 1..=4 {
            store.submit(submission(n)).wait().unwrap();
        }
        let end = |n: u64, suffers: bool, erased: bool| {
            let change = step(move |dossier| {
                dossier.case.state = if n > 2 { State::Replied } else { State::Withdrawn };
                dossier.case.erased = erased.then(day);
                dossier.case.retaliations.extend(suffers.then(|| Retaliation {
                    day: day(),
                    text: "调岗".into(),
                    answer_by: day(),
                    answered: None,
                }));
                dossier.case.version += 1;
                Ok(None)
            });
            store.act(report(n), change).wait().unwrap();
        };
        end(1, false, false);
        end(2, true, false);
        // Replied is no end, but for a report that was deleted.
        end(3, false, true);
        end(4, false, false);
        drop(store);
        destroy(keys, "2028-05");
        let store = reopen();
        for n in [1, 3] {
            let found = store.find(&locator(n), &auth(n));
            assert!(matches!(found, Err(Refused::Forgotten(m)) if m == month(2028)), "{n}");
        }
        for n in [2, 4] {
            assert!(store.find(&locator(n), &auth(n)).unwrap().is_some(), "something in it is open: {n}");
        }
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}

/// A battery is empty, the clock falls back to the year the machine was made in; or it leaps. Days are counted on from the newest
/// that the store knows: a month destroyed in its time is not lost, and a lost one not destroyed.
#[test]
fn a_clock_that_is_not_believed_makes_no_key_look_lost_and_none_destroyed() {
    let at = |year| Arc::new(FixedClock::at(jiff::civil::date(year, 12, 15)));
    let temp = tempfile::tempdir().unwrap();
    let keys = temp.path().join("keys");
    let open_on = |year| {
        let engine = Arc::new(SledEngine::open(&temp.path().join("data"))?);
        Store::open(engine, &instance(), &roots(), RetentionKeys::open(&keys, at(year)).unwrap())
    };
    let key = keys.join("2031-11.key");
    let store = open_on(2031).unwrap();
    store.submit(submission(1)).wait().unwrap();
    store.record_day(jiff::civil::date(2031, 12, 15), None).wait().unwrap();
    drop(store);
    let whole = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    for year in [1970, 2031, 2040] {
        let store = patience::once_free(|| open_on(year)).unwrap();
        assert!(matches!(store.find(&locator(1), &auth(1)), Err(Refused::Forgotten(_))), "in {year}");
    }
    // The other way: the store knows a day before that month's end.
    std::fs::write(&key, whole).unwrap();
    let store = patience::once_free(|| open_on(2031)).unwrap();
    store.confirm_day(jiff::civil::date(2031, 11, 3)).wait().unwrap();
    drop(store);
    std::fs::remove_file(&key).unwrap();
    for year in [1970, 2031, 2040] {
        let refused = patience::once_free(|| open_on(year)).err();
        assert!(matches!(refused, Some(OpenRefused::MonthsMissing { .. })), "in {year}: {refused:?}");
    }
}

/// Keys are destroyed by hand, later or never. For whoever is served a month ends with its last day all the same; nothing is
/// destroyed by that, for the clock may turn out to be wrong.
#[test]
fn what_is_due_is_gone_for_those_who_are_served_though_its_key_was_not_destroyed() {
    on_every_engine(|reopen, keys| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        let mut later = submission(2);
        later.forget = mifeng::store::Month::of(jiff::civil::date(2036, 1, 1));
        store.submit(later).wait().unwrap();
        let listed = |store: &Store| store.select(&|_| true, &|a, b| a.number.cmp(&b.number), 0, 9).total;
        let clock = Arc::new(FixedClock::at(jiff::civil::date(2031, 11, 30)));
        store.serve_by(clock.clone());
        assert!(store.find(&locator(1), &auth(1)).unwrap().is_some(), "on its last day");
        assert_eq!((store.drop_ended().unwrap(), store.overdue().unwrap()), (0, None));

        clock.set(jiff::civil::date(2031, 12, 1));
        assert!(matches!(store.find(&locator(1), &auth(1)), Err(Refused::Forgotten(_))));
        assert!(matches!(store.act(report(1), add("too late")).wait(), Err(Refused::Forgotten(_))));
        assert_eq!((listed(&store), store.drop_ended().unwrap(), listed(&store)), (2, 1, 1));
        assert!(Cases::case(&store, number(1)).unwrap().is_none());
        assert_eq!(store.drop_ended().unwrap(), 0, "once");
        let told = store.overdue().unwrap().unwrap();
        assert!(told.months().len() == 1 && told.to_string().contains("2031-11"), "{told}");
        assert!(store.find(&locator(2), &auth(2)).unwrap().is_some());
        drop(store);
        assert!(keys.join("2031-11.key").exists());
        let store = reopen();
        assert!(store.find(&locator(1), &auth(1)).unwrap().is_some(), "another clock says another day");
        assert_eq!((listed(&store), store.check().unwrap().forgotten), (2, 0));
    });
}

#[test]
fn while_there_is_doubt_about_the_day_no_month_ends() {
    on_every_engine(|reopen, keys| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        store.serve_by(Arc::new(InDoubt(jiff::civil::date(2040, 1, 1))));
        assert!(store.find(&locator(1), &auth(1)).unwrap().is_some());
        store.act(report(1), add("still worked on")).wait().unwrap();
        assert_eq!((store.drop_ended().unwrap(), store.overdue().unwrap()), (0, None));
        assert!(store.sure_month().is_none() && keys.join("2031-11.key").exists());
    });
}

#[test]
fn entries_of_the_staff_record_are_forgotten_with_their_month_and_their_numbers_go_on() {
    let month = mifeng::store::Month::of(jiff::civil::date(2027, 2, 1));
    let entry = |serial| TrailEntry {
        at: 7,
        by: StaffId("wang".into()),
        what: "case".into(),
        case: Some(number(serial)),
        account: None,
        change: String::new(),
    };
    let all = |store: &Store| -> Vec<u64> {
        store.trail(&|_, _| true, 9).unwrap().into_iter().map(|(number, _)| number).collect()
    };
    on_every_engine(|reopen, keys| {
        let store = reopen();
        // From before there was a period.
        Cases::note_read(&store, entry(1)).wait().unwrap();
        store.keep_entries_until(move |_| month);
        Cases::note_read(&store, entry(2)).wait().unwrap();
        assert_eq!((all(&store), store.entries_forgotten_with(month).unwrap()), (vec![2, 1], 1));
        drop(store);
        destroy(keys, "2027-02");
        let store = reopen();
        assert_eq!((all(&store), store.trail_since(0, 9).unwrap().len()), (vec![1], 1));
        // No number is given twice; and nobody's work waits because a month was destroyed before its time.
        store.keep_entries_until(move |_| month);
        assert_eq!(Cases::note_read(&store, entry(3)).wait().unwrap(), 3);
        assert!(all(&store) == [3, 1] && keys.join("2027-03.key").exists());
        let checked = store.check().unwrap();
        assert_eq!((checked.problems, checked.forgotten_entries), (Vec::<String>::new(), 1));
    });
}
