//! Endings: recorded by one person and confirmed by another, each after its step.

use super::{holder, released, staff};
use crate::common::Ceremony;
use mifeng::award::{
    record::{Answer, Award, AwardRefused, AwardState, Ending, Ground, Objection},
    release::ReleaseTerms,
    summary::{AwardSummary, ReporterView, StaffView},
};

#[test]
fn an_ending_stands_only_after_a_second_person_and_needs_its_step_before() {
    let c = Ceremony::new();
    let (li, wang) = (staff("li"), staff("wang"));
    let (award, deposits) = released(&c);
    let full =
        deposits[..2].iter().fold(award, |a, d| a.deposit(d.clone(), &holder(), &c.set, c.today).unwrap());
    let paid = |voucher: &str| Ending::Paid(voucher.into());
    assert_eq!(full.record(paid("V-1"), &li, c.today), Err(AwardRefused::State("released")));
    let verified = full.verified(&li, c.today).unwrap();
    assert_eq!(verified.record(paid(" "), &li, c.today), Err(AwardRefused::NoVoucher));
    assert_eq!(verified.record(Ending::Unreadable, &li, c.today), Err(AwardRefused::State("verified")));
    let recorded = verified.record(paid("V-1"), &li, c.today).unwrap();
    assert_eq!(recorded.for_staff(), StaffView::WithRewardOffice);
    assert_eq!(recorded.confirm(&li, c.today), Err(AwardRefused::SamePerson(li.clone())));
    assert_eq!(recorded.send_back(&wang, c.today).unwrap().state(), &AwardState::Verified);
    let done = recorded.confirm(&wang, c.today).unwrap();
    assert_eq!((done.for_staff(), done.for_reporter()), (StaffView::Paid, ReporterView::Paid));
    assert_eq!(done.record(paid("V-2"), &li, c.today), Err(AwardRefused::State("paid")));
    assert_eq!(done.reopen("again", &li, c.today), Err(AwardRefused::State("paid")));

    let refused = full.record(Ending::Refused(Ground::NoName), &li, c.today).unwrap();
    let refused = refused.confirm(&wang, c.today).unwrap();
    assert_eq!(refused.for_reporter(), ReporterView::NotPayable { ground: Some(Ground::NoName) });
    let reopened = refused.reopen("补充了姓名", &li, c.today).unwrap();
    assert_eq!((reopened.state(), reopened.release()), (&AwardState::Claimed, None));
}

#[test]
fn a_reporter_objects_once_to_each_decision_and_that_alone_opens_nothing() {
    let c = Ceremony::new();
    let (li, wang) = (staff("li"), staff("wang"));
    let (award, deposits) = released(&c);
    let full =
        deposits[..2].iter().fold(award, |a, d| a.deposit(d.clone(), &holder(), &c.set, c.today).unwrap());
    let ended = |award: &Award, ending: Ending| {
        award.record(ending, &li, c.today).unwrap().confirm(&wang, c.today).unwrap()
    };
    for ending in [Ending::Refused(Ground::NotTheReporter), Ending::Unreadable] {
        assert!(!full.awaits_objection());
        assert_eq!(full.object(Objection::CanShow, c.today), Err(AwardRefused::State("released")));
        let decided = ended(&full, ending);
        assert!(decided.awaits_objection());
        let objected = decided.object(Objection::CanShow, c.today).unwrap();
        assert_eq!(objected.objection(), Some((c.today, Objection::CanShow)));
        let since = |award: &Award| AwardSummary::of(award).objected;
        assert_eq!((since(&objected), since(&decided)), (Some(c.today), None));
        assert_eq!(objected.object(Objection::WillCome, c.today), Err(AwardRefused::ObjectedAlready));
        assert!(objected.stands_as(&decided) && decided.stands_as(&decided) && !decided.stands_as(&objected));
        assert_eq!((objected.state(), objected.release()), (decided.state(), decided.release()));

        let reopened = objected.reopen("异议", &li, c.today).unwrap();
        assert_eq!((reopened.state(), reopened.objection()), (&AwardState::Claimed, None));
        assert!(!reopened.stands_as(&objected));
        assert_eq!(
            [objected.for_staff(), reopened.for_staff()],
            [StaffView::NotPayable; 2],
            "a claim is not told"
        );
        let terms = ReleaseTerms { leaf_index: c.terms.leaf_index + 1, ..c.terms.clone() };
        let again = reopened.publish_release(c.approval(), terms, vec!["ab".into()], "再开", &li, c.today);
        let late = c.terms.expires.tomorrow().unwrap();
        let again =
            again.unwrap().record(Ending::Unreleased, &li, late).unwrap().confirm(&wang, late).unwrap();
        assert!(again.awaits_objection(), "another decision, another objection");
    }
    let paid = ended(&full.verified(&li, c.today).unwrap(), Ending::Paid("V-1".into()));
    assert_eq!(paid.object(Objection::NotReached, c.today), Err(AwardRefused::State("paid")));
}

#[test]
fn an_objection_is_answered_once_by_a_sentence_that_fits_it_and_moves_nothing() {
    let c = Ceremony::new();
    let (li, wang, zhao) = (staff("li"), staff("wang"), staff("zhao"));
    let later = c.today.tomorrow().unwrap();
    let (award, deposits) = released(&c);
    let full =
        deposits[..2].iter().fold(award, |a, d| a.deposit(d.clone(), &holder(), &c.set, c.today).unwrap());
    let same = Answer::SameResult;
    assert_eq!(full.let_stand(same, c.today, &zhao, c.today), Err(AwardRefused::State("released")));
    let [not_them, no_name] = [Ground::NotTheReporter, Ground::NoName].map(Ending::Refused);
    for ending in [not_them.clone(), no_name, Ending::Unreadable] {
        // Where no name was given, or none could be read, nobody can have been called.
        let has_contact = ending == not_them;
        let decided = full.record(ending, &li, c.today).unwrap().confirm(&wang, c.today).unwrap();
        assert_eq!(decided.let_stand(same, c.today, &zhao, later), Err(AwardRefused::NothingToAnswer));
        assert!(decided.answers(c.today, later).is_empty());
        for objection in Objection::ALL {
            let objected = decided.object(objection, c.today).unwrap();
            assert_eq!(objected.open_objection(), Some((c.today, objection)));
            let fits = |answer: &Answer| {
                objection.answers().contains(answer) && (has_contact || *answer != Answer::NoAnswer)
            };
            let can: Vec<Answer> = objection.answers().iter().copied().filter(fits).collect();
            assert_eq!(objected.answers(c.today, later), can);
            for answer in Answer::ALL {
                let answered = objected.let_stand(answer, c.today, &zhao, later);
                if !fits(&answer) {
                    assert_eq!(answered, Err(AwardRefused::OtherAnswer), "{objection:?} {answer:?}");
                    continue;
                }
                let answered = answered.unwrap();
                assert_eq!(answered.answer(), Some((later, answer)));
                assert_eq!((answered.objection(), answered.open_objection()), (objected.objection(), None));
                assert_eq!(AwardSummary::of(&answered).objected, None, "nothing waits");
                assert!(answered.version() > objected.version());
                let text = serde_json::to_string(&answered).unwrap();
                assert_eq!(serde_json::from_str::<Award>(&text).unwrap(), answered);

                // Once, and nothing more is said to it; the rest is as it was.
                assert_eq!(answered.let_stand(same, c.today, &li, later), Err(AwardRefused::NothingToAnswer));
                let again = answered.object(Objection::WillCome, later);
                assert_eq!(again, Err(AwardRefused::ObjectedAlready));
                assert!(!answered.awaits_objection());
                assert!(answered.stands_as(&objected) && answered.stands_as(&decided));
                assert!(!objected.stands_as(&answered) && !decided.stands_as(&answered));
                assert_eq!((answered.state(), answered.release()), (decided.state(), decided.release()));
                assert_eq!(answered.refused_on(), decided.refused_on());
                assert_eq!(answered.for_staff(), decided.for_staff());
                assert_eq!(answered.for_reporter(), decided.for_reporter());

                // It can still be taken up again; then what was answered is history.
                let reopened = answered.reopen("带证件前来", &li, later).unwrap();
                assert_eq!((reopened.state(), reopened.answer()), (&AwardState::Claimed, None));
                assert!(!reopened.stands_as(&answered));
            }
        }
        assert!(Objection::ALL.iter().all(|objection| objection.answers().contains(&same)));
    }
    assert!(Answer::ALL.iter().all(|answer| Answer::from_code(answer.code()) == Some(*answer)));
}

/// "Nobody has come" on the very day that somebody says they will would be untrue, and final.
#[test]
fn what_has_not_happened_is_answered_only_once_there_was_time_for_it() {
    let c = Ceremony::new();
    let (li, wang, zhao) = (staff("li"), staff("wang"), staff("zhao"));
    let last = c.today.saturating_add(jiff::ToSpan::days(10));
    let (award, deposits) = released(&c);
    let full =
        deposits[..2].iter().fold(award, |a, d| a.deposit(d.clone(), &holder(), &c.set, c.today).unwrap());
    let ending = Ending::Refused(Ground::NotTheReporter);
    let decided = full.record(ending, &li, c.today).unwrap().confirm(&wang, c.today).unwrap();
    for objection in Objection::ALL {
        let objected = decided.object(objection, c.today).unwrap();
        let not_yet = [Answer::NotShown, Answer::NoAnswer, Answer::NobodyCame];
        for answer in not_yet.into_iter().filter(|one| objection.answers().contains(one)) {
            for day in [c.today, last] {
                let refused = objected.let_stand(answer, last, &zhao, day);
                assert_eq!(refused, Err(AwardRefused::StillTime(last)), "{objection:?} {answer:?}");
                assert!(!objected.answers(last, day).contains(&answer));
            }
            let late = last.tomorrow().unwrap();
            assert!(objected.answers(last, late).contains(&answer));
            assert!(objected.let_stand(answer, last, &zhao, late).is_ok());
        }
        assert!(objected.answers(last, c.today).contains(&Answer::SameResult), "looked at, it can be said");
    }
}

/// What only looks like an objection and its answer, made by somebody else, is more than either.
#[test]
fn an_award_under_review_stands_as_it_did_only_if_nothing_but_this_was_said() {
    let c = Ceremony::new();
    let (li, wang, zhao) = (staff("li"), staff("wang"), staff("zhao"));
    let (award, deposits) = released(&c);
    let full =
        deposits[..2].iter().fold(award, |a, d| a.deposit(d.clone(), &holder(), &c.set, c.today).unwrap());
    let ending = Ending::Refused(Ground::NotTheReporter);
    let decided = full.record(ending, &li, c.today).unwrap().confirm(&wang, c.today).unwrap();
    let answered = decided.object(Objection::NotReached, c.today).unwrap();
    let answered = answered.let_stand(Answer::SameResult, c.today, &zhao, c.today).unwrap();
    let text = serde_json::to_string(&answered).unwrap();
    for (old, new) in [
        ("same-result", "nobody-came"),
        ("not-the-reporter", "monthly-cap"),
        (r#"{"objection":"not-reached"}},"by":null"#, r#"{"objection":"not-reached"}},"by":"zhao""#),
    ] {
        assert_eq!(text.matches(old).count(), 1, "{old}: {text}");
        let other: Award = serde_json::from_str(&text.replace(old, new)).unwrap();
        assert!(!other.stands_as(&decided), "{new}");
    }
}

/// By its version two officers who act at once are told apart; the case's own must not tell investigators of either.
#[test]
fn every_change_of_an_award_gives_it_a_version_of_its_own() {
    let c = Ceremony::new();
    let (li, wang, late) = (staff("li"), staff("wang"), c.terms.expires.tomorrow().unwrap());
    let (award, deposits) = released(&c);
    let one = award.deposit(deposits[0].clone(), &holder(), &c.set, c.today).unwrap();
    let full = one.deposit(deposits[1].clone(), &holder(), &c.set, c.today).unwrap();
    let verified = full.verified(&li, c.today).unwrap();
    let recorded = verified.record(Ending::Paid("V-1".into()), &li, c.today).unwrap();
    let sent_back = recorded.send_back(&wang, c.today).unwrap();
    let again = sent_back.record(Ending::Refused(Ground::NoName), &li, c.today).unwrap();
    let refused = again.confirm(&wang, c.today).unwrap();
    let objected = refused.object(Objection::CanShow, c.today).unwrap();
    let reopened = objected.reopen("异议", &li, c.today).unwrap();
    let all = [&award, &one, &full, &verified, &recorded, &sent_back, &again, &refused, &objected, &reopened];
    assert!(all.windows(2).all(|pair| pair[0].version() < pair[1].version()));
    let lapsed = full.let_release_lapse(late).unwrap();
    assert!(full.version() < lapsed.version());
}

/// A device can send share files that no trustee can open; the claim must have an end all the same.
#[test]
fn a_release_for_which_no_shares_come_can_end_once_it_expired_and_not_before() {
    let c = Ceremony::new();
    let (li, wang) = (staff("li"), staff("wang"));
    let (award, deposits) = released(&c);
    let award = award.deposit(deposits[0].clone(), &holder(), &c.set, c.today).unwrap();
    let late = c.terms.expires.tomorrow().unwrap();
    assert_eq!(
        award.record(Ending::Unreleased, &li, c.terms.expires),
        Err(AwardRefused::ReleaseStillOpen(c.terms.expires))
    );
    assert_eq!(award.record(Ending::Unreadable, &li, late), Err(AwardRefused::State("release-published")));
    let full = award.deposit(deposits[1].clone(), &holder(), &c.set, c.today).unwrap();
    assert_eq!(full.record(Ending::Unreleased, &li, late), Err(AwardRefused::State("released")));

    let recorded = award.record(Ending::Unreleased, &li, late).unwrap();
    assert_eq!(recorded.confirm(&li, late), Err(AwardRefused::SamePerson(li.clone())));
    assert_eq!(recorded.send_back(&wang, late).unwrap().state(), &AwardState::ReleasePublished);
    let done = recorded.confirm(&wang, late).unwrap();
    assert_eq!((done.state(), done.is_ended()), (&AwardState::Unreadable, true));
    assert!(done.release().unwrap().deposits.is_empty());
    assert_eq!(done.reopen("补充", &li, late).unwrap().state(), &AwardState::Claimed);
}
