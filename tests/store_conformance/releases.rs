//! What leaves the store sealed, and when.

use super::*;

#[test]
fn nothing_sealed_leaves_the_store_before_the_release_stands_in_the_log() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let authority = Authority::new();
        store.submit(submission(1)).wait().unwrap();
        store.submit(submission(2)).wait().unwrap();
        let nothing = |serial| {
            assert!(matches!(
                Rewards::envelopes(&store, number(serial), Released::Award(day())),
                Err(Refused::NoSuchRelease)
            ));
            assert!(matches!(
                store.share_files(number(serial), Released::Award(day()), &Places::only(1, 1)),
                Err(Refused::NoSuchRelease)
            ));
            assert!(matches!(
                store.package(number(serial), Released::Award(day())),
                Err(Refused::NoSuchRelease)
            ));
        };
        nothing(1);
        let unmarked = [
            authority.release(1, |_| None),
            authority.release(1, |_| Some(Leaf::plain(Event::Filed, day()))),
            authority.release(1, |terms| Some(Leaf { digest: None, ..announcing(terms) })),
            authority.release(1, |terms| Some(Leaf { purpose: None, ..announcing(terms) })),
        ];
        for unmarked in unmarked {
            let refused = Rewards::change(&store, number(1), unmarked).wait();
            assert!(matches!(refused, Err(Refused::ReleaseWithoutLeaf)), "{refused:?}");
        }
        nothing(1);
        assert_eq!(store.head().size, 2);

        let release = authority.release(1, |terms| Some(announcing(terms)));
        Rewards::change(&store, number(1), release).wait().unwrap();
        let later = Step { sealed: Some(sealed(3)), ..add("sent after the release") };
        store.act(report(1), later).wait().unwrap();
        assert_eq!(
            Rewards::envelopes(&store, number(1), Released::Award(day())).unwrap(),
            [sealed(1).envelope]
        );
        let shares = store.share_files(number(1), Released::Award(day()), &Places::only(1, 2)).unwrap();
        assert_eq!(shares.len(), 1, "only what the release covers");
        assert_eq!(shares[0].file, sealed(1).share_files[1]);
        assert_eq!(shares[0].envelope, sealed(1).envelope.hash());
        nothing(2);
        let entry = &store.entries(2, 3).unwrap()[0];
        assert_eq!(entry.open(&audit_key(1), 1).unwrap().event, Event::Release);
        assert_eq!(store.find(&locator(1), &auth(1)).unwrap().unwrap().log_places, [0, 2, 3]);
    });
}

#[test]
fn a_release_takes_one_share_a_trustee_and_keeps_its_first_package() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let authority = Authority::new();
        store.submit(submission(1)).wait().unwrap();
        let release = authority.release(1, |terms| Some(announcing(terms)));
        Rewards::change(&store, number(1), release).wait().unwrap();
        let award = || Trustees::award(&store, number(1)).unwrap().unwrap();
        let given = award();
        let deposit = |trustee| {
            let deposit = authority.deposit(&given, trustee);
            store.deposit(number(1), deposit, giver(), authority.set.clone(), day()).wait()
        };
        deposit(1).unwrap();
        assert!(matches!(deposit(1), Err(Refused::Award(AwardRefused::Release(ReleaseRefused::Twice(1))))));
        deposit(3).unwrap();
        assert_eq!(award().state().name(), "released");
        assert_eq!(Rewards::awards(&store)[0].deposits, 2);
        drop(store.keep_package(number(1), Released::Award(day()), "first".into()).wait().unwrap());
        let again = store.keep_package(number(1), Released::Award(day()), "second".into()).wait().unwrap();
        assert_eq!(again, "first");
        assert_eq!(store.package(number(1), Released::Award(day())).unwrap().as_deref(), Some("first"));
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    });
}

#[test]
fn once_an_outcome_stands_neither_shares_nor_package_are_kept() {
    on_every_engine(|reopen, _| {
        let store = reopen();
        let authority = Authority::new();
        store.submit(submission(1)).wait().unwrap();
        let release = authority.release(1, |terms| Some(announcing(terms)));
        Rewards::change(&store, number(1), release).wait().unwrap();
        let award = || Trustees::award(&store, number(1)).unwrap().unwrap();
        for trustee in [1, 3] {
            let deposit = authority.deposit(&award(), trustee);
            store.deposit(number(1), deposit, giver(), authority.set.clone(), day()).wait().unwrap();
        }
        drop(store.keep_package(number(1), Released::Award(day()), "sealed".into()).wait().unwrap());
        let ending = |by: &'static str, end: fn(&Award, &StaffId) -> Result<Award, AwardRefused>| {
            let step = step(move |dossier| {
                let award = dossier.awards.last_mut().unwrap();
                *award = end(award, &StaffId(by.into()))?;
                Ok(None)
            });
            Rewards::change(&store, number(1), step).wait().unwrap();
        };
        ending("li", |award, by| award.record(Ending::Unreadable, by, day()));
        ending("li", |award, by| award.send_back(by, day()));
        assert_eq!(
            store.package(number(1), Released::Award(day())).unwrap().as_deref(),
            Some("sealed"),
            "one officer alone ends nothing"
        );
        assert_eq!(award().release().unwrap().deposits.len(), 2);
        ending("li", |award, by| award.record(Ending::Unreadable, by, day()));
        ending("wang", |award, by| award.confirm(by, day()));
        assert!(award().is_ended());
        assert!(award().release().unwrap().deposits.is_empty());
        let refused =
            store.keep_package(number(1), Released::Award(day()), "made before, kept after".into()).wait();
        assert!(matches!(refused, Err(Refused::NoSuchRelease)));
        drop(store);
        let store = reopen();
        assert!(matches!(store.package(number(1), Released::Award(day())), Err(Refused::NoSuchRelease)));
        let seen = store.check().unwrap();
        assert_eq!((seen.problems, seen.counts["packages"]), (Vec::new(), 0), "the package is gone");
    });
}
