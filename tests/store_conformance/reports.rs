//! Reports: taken in, found, added to.

use super::*;

#[test]
fn a_report_is_found_whole_by_its_receipt_and_still_after_a_restart() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        assert_eq!(store.submit(submission(1)).wait().unwrap(), number(1));
        assert_eq!(store.submit(submission(2)).wait().unwrap(), number(2));
        let head = store.head();
        drop(store);
        let store = reopen();
        let found = store.find(&locator(1), &auth(1)).unwrap().unwrap();
        assert_eq!(found.report, report(1));
        assert_eq!(found.dossier.case.number, number(1));
        assert_eq!(found.dossier.case.content.narrative, "narrative 1");
        assert_eq!(found.files_recipient, "age1files1");
        assert_eq!((found.sequence, found.additions_left), (0, 16));
        assert_eq!(store.head(), head);
        assert_eq!(head.size, 2);
        assert!(store.find(&locator(3), &auth(3)).unwrap().is_none());
        assert!(store.find(&locator(1), &auth(2)).unwrap().is_none(), "a wrong proof finds nothing");
        assert!(Cases::case(&store, number(2)).unwrap().is_some());
        assert!(Cases::case(&store, number(3)).unwrap().is_none());
    });
}

#[test]
fn later_envelopes_are_kept_beside_the_first_and_end_at_sixteen() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        for n in 0..16 {
            let more = Step { sealed: Some(sealed(100 + n)), ..add("more") };
            store.act(report(1), more).wait().unwrap();
        }
        let more = Step { sealed: Some(sealed(200)), ..add("too many") };
        assert!(matches!(store.act(report(1), more).wait(), Err(Refused::TooManyAdditions)));
        let found = store.find(&locator(1), &auth(1)).unwrap().unwrap();
        assert_eq!(found.dossier.case.additions.len(), 16);
        assert_eq!((found.additions_left, found.files_recipient.as_str()), (0, "age1files115"));
        assert_eq!(store.head().size, 17);
        let release = Authority::new().release(1, |terms| Some(announcing(terms)));
        Rewards::change(&store, number(1), release).wait().unwrap();
        let envelopes = Rewards::envelopes(&store, number(1), Released::Award(day())).unwrap();
        let given: Vec<_> = std::iter::once(1).chain(100..116).map(|n| sealed(n).envelope).collect();
        assert_eq!(envelopes, given);
    });
}

#[test]
fn after_sixteen_additions_there_is_a_place_for_the_withdrawal_and_one_for_the_claim() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        for n in [1, 2] {
            store.submit(submission(n)).wait().unwrap();
            for more in 0..16 {
                let more = Step { sealed: Some(sealed(100 + more)), ..add("more") };
                store.act(report(n), more).wait().unwrap();
            }
        }
        let withdraw = || Step { sealed: Some(sealed(300)), ..withdraw() };
        store.act(report(1), withdraw()).wait().unwrap();
        assert!(store.act(report(1), withdraw()).wait().is_err(), "once");
        let found = store.find(&locator(1), &auth(1)).unwrap().unwrap();
        assert_eq!(found.dossier.case.state.code(), "withdrawn");
        assert_eq!(found.files_recipient, "age1files300", "and it carries an envelope");

        let claim = Authority::new().claim(2);
        store.act(report(2), Step { sealed: Some(sealed(301)), ..claim }).wait().unwrap();
        let found = store.find(&locator(2), &auth(2)).unwrap().unwrap();
        assert_eq!(found.files_recipient, "age1files301");
    });
}

#[test]
fn after_sixteen_additions_retaliation_is_heard_and_the_last_two_places_stay() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let say = |n| {
            let word = step(|dossier| {
                dossier.case.version += 1;
                let retaliation =
                    Retaliation { day: day(), text: "夜班".into(), answer_by: day(), answered: None };
                dossier.case.retaliations.push(retaliation);
                Ok(Some(Leaf::plain(Event::Added, day())))
            });
            store.act(report(n), Step { sealed: Some(sealed(200)), ..word }).wait()
        };
        for n in [1, 2] {
            store.submit(submission(n)).wait().unwrap();
            for more in 0..16 {
                let more = Step { sealed: Some(sealed(100 + more)), ..add("more") };
                store.act(report(n), more).wait().unwrap();
            }
            for _ in 0..5 {
                say(n).unwrap();
            }
            assert!(matches!(say(n), Err(Refused::TooManyAdditions)));
            let more = Step { sealed: Some(sealed(201)), ..add("more") };
            assert!(matches!(store.act(report(n), more).wait(), Err(Refused::TooManyAdditions)));
            let found = store.find(&locator(n), &auth(n)).unwrap().unwrap();
            assert_eq!((found.dossier.case.retaliations.len(), found.additions_left), (5, 0));
        }
        store.act(report(1), Step { sealed: Some(sealed(300)), ..withdraw() }).wait().unwrap();
        let claim = Authority::new().claim(2);
        store.act(report(2), Step { sealed: Some(sealed(301)), ..claim }).wait().unwrap();
    });
}

#[test]
fn a_change_on_an_old_version_or_a_refused_move_leaves_everything_as_it_was() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        store.submit(submission(1)).wait().unwrap();
        let changed = Cases::change(&store, number(1), Step { expected_version: Some(1), ..add("a") });
        assert_eq!(changed.wait().unwrap().version, 2);
        let stale = Cases::change(&store, number(1), Step { expected_version: Some(1), ..add("b") });
        assert!(matches!(stale.wait(), Err(Refused::Changed)));
        let refused = step(|dossier| {
            dossier.case.additions.clear();
            Err(MoveRefused::NotTheOwner.into())
        });
        let refused = Cases::change(&store, number(1), Step { sealed: Some(sealed(5)), ..refused });
        assert!(matches!(refused.wait(), Err(Refused::Move(MoveRefused::NotTheOwner))));
        let other = step(|dossier| {
            dossier.case.number.serial = 7;
            Ok(None)
        });
        assert!(matches!(Cases::change(&store, number(1), other).wait(), Err(Refused::OtherCase)));
        let missing = Cases::change(&store, number(9), add("c"));
        assert!(matches!(missing.wait(), Err(Refused::NoSuchCase)));
        assert!(matches!(store.act(report(9), add("c")).wait(), Err(Refused::NoSuchReport)));
        let found = store.find(&locator(1), &auth(1)).unwrap().unwrap();
        assert_eq!((found.dossier.case.additions.len(), found.additions_left), (1, 16));
        assert_eq!(store.head().size, 2);
    });
}

#[test]
fn sending_the_same_report_twice_makes_one_case() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let first = store.submit(submission(1));
        let second = store.submit(submission(1));
        assert_eq!((first.wait().unwrap(), second.wait().unwrap()), (number(1), number(1)));
        let mut other_receipt = submission(1);
        other_receipt.locator = locator(9);
        assert!(matches!(store.submit(other_receipt).wait(), Err(Refused::ReportIdTaken)));
        let mut same_receipt = submission(2);
        same_receipt.locator = locator(1);
        assert!(matches!(store.submit(same_receipt).wait(), Err(Refused::LocatorTaken)));
        assert_eq!(store.head().size, 1);
        assert_eq!(store.select(&|_| true, &|a, b| a.number.cmp(&b.number), 0, 9).total, 1);
    });
}
