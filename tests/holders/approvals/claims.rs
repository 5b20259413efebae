//! Claims: by whom, until when, and that nothing is released before.

use super::{approved, claim, claimed, in_days, staff};
use crate::common::Ceremony;
use mifeng::award::{
    claim::{Claim, NotClaimed},
    notice::{Notice, NoticeNumber},
    record::{Award, AwardRefused},
    summary::{ReporterView, StaffView},
};

#[test]
fn only_the_receipt_of_this_report_claims_this_award() {
    let c = Ceremony::new();
    let filed = approved(&c).file(&staff("zhao"), c.today).unwrap();
    let notified = filed.notify(in_days(c.today, 60), &staff("zhao"), c.today).unwrap();
    let key = c.receipt.claim_verify_key();
    let mut other = c.terms.award.clone();
    other.award = 2;
    let forged = [
        ("by another receipt", Claim::sign(notified.terms(), &Ceremony::new().receipt.claim_key())),
        ("for another award", Claim::sign(&other, &c.receipt.claim_key())),
    ];
    for (name, forged) in forged {
        assert_eq!(notified.claim(c.today, forged, key), Err(AwardRefused::Claim(NotClaimed)), "{name}");
    }
    let claimed = claim(&c, &notified, c.today).unwrap();
    assert!(claimed.signed_claim().unwrap().prove(claimed.terms(), key).is_ok());
}

#[test]
fn a_claim_is_open_to_the_end_of_its_last_day_and_lapses_once_it_was_announced() {
    let c = Ceremony::new();
    let until = in_days(c.today, 60);
    let filed = approved(&c).file(&staff("zhao"), c.today).unwrap();
    let notified = filed.notify(until, &staff("zhao"), c.today).unwrap();
    assert!(claim(&c, &notified, until).is_ok());
    assert_eq!(notified.lapse(until), Err(AwardRefused::ClaimStillOpen(until)));
    let late = until.tomorrow().unwrap();
    assert_eq!(claim(&c, &notified, late), Err(AwardRefused::ClaimTooLate(until)));
    assert_eq!(notified.lapse(late), Err(AwardRefused::NotAnnounced));

    let number = NoticeNumber::draw(&mut rand::rng(), &[]);
    let (li, ends) = (staff("li"), in_days(late, 30));
    assert_eq!(notified.public_notice(number, ends, &li, until), Err(AwardRefused::ClaimStillOpen(until)));
    let noticed = notified.public_notice(number, ends, &li, late).unwrap();
    assert_eq!(noticed.notice(), Some(Notice { number, published: late, until: ends }));
    assert!(claim(&c, &noticed, ends).is_ok());
    assert_eq!(noticed.lapse(ends), Err(AwardRefused::ClaimStillOpen(ends)));
    let later = ends.tomorrow().unwrap();
    let again = noticed.public_notice(number, in_days(later, 30), &li, later);
    assert_eq!(again, Err(AwardRefused::AnnouncedAlready));
    let lapsed = noticed.lapse(later).unwrap();
    assert_eq!((lapsed.for_staff(), lapsed.for_reporter()), (StaffView::NotPayable, ReporterView::Lapsed));
    assert_eq!(
        noticed.extend_claim(until, "住院", &staff("li"), late),
        Err(AwardRefused::NotAnExtension(in_days(late, 30)))
    );
}

#[test]
fn the_days_of_a_review_are_added_where_the_time_to_claim_was_running() {
    let c = Ceremony::new();
    let (wang, until) = (staff("wang"), in_days(c.today, 60));
    let filed = approved(&c).file(&staff("zhao"), c.today).unwrap();
    assert_eq!(filed.resume_claim(c.today, &wang, in_days(c.today, 9)), Err(AwardRefused::State("filed")));
    let notified = filed.notify(until, &staff("zhao"), c.today).unwrap();
    for objected in 0..=61 {
        for took in 0..=31 {
            let (objected, today) = (in_days(c.today, objected), in_days(c.today, objected + took));
            let resumed = notified.resume_claim(objected, &wang, today);
            if objected > until {
                assert_eq!(resumed, Err(AwardRefused::ClaimTooLate(until)));
                continue;
            }
            let left = (until - objected).get_days();
            if took == 0 && left >= 7 {
                assert_eq!(resumed, Err(AwardRefused::NotAnExtension(until)));
                continue;
            }
            // As many days are left as there were, and a week at least.
            let resumed = resumed.unwrap();
            let last = resumed.claim_until().unwrap();
            assert_eq!((last - today).get_days(), left.max(7));
            assert_eq!(resumed.lapse(last), Err(AwardRefused::ClaimStillOpen(last)));
        }
    }
    let claimed = claim(&c, &notified, c.today).unwrap();
    assert_eq!(claimed.resume_claim(c.today, &wang, until), Err(AwardRefused::State("claimed")));
}

#[test]
fn nothing_is_released_before_the_reporter_claims() {
    let c = Ceremony::new();
    let filed = approved(&c).file(&staff("zhao"), c.today).unwrap();
    let publish = |award: &Award| {
        award.publish_release(c.approval(), c.terms.clone(), vec!["ab".into()], "申领", &staff("li"), c.today)
    };
    assert_eq!(publish(&filed).unwrap_err(), AwardRefused::State("filed"));
    assert_eq!(publish(&approved(&c)).unwrap_err(), AwardRefused::State("approved"));
    assert!(publish(&claimed(&c)).is_ok());
}
