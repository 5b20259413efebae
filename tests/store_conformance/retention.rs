//! Forgetting.

use super::*;

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
        for n in 1..=2 {
            store.submit(submission(n)).wait().unwrap();
        }
        let end = |n: u64, suffers: bool| {
            let change = step(move |dossier| {
                dossier.case.state = State::Withdrawn;
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
        end(1, false);
        end(2, true);
        drop(store);
        destroy(keys, "2028-05");
        let store = reopen();
        assert!(matches!(store.find(&locator(1), &auth(1)), Err(Refused::Forgotten(m)) if m == month(2028)));
        assert!(store.find(&locator(2), &auth(2)).unwrap().is_some(), "something in it is open");
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}
