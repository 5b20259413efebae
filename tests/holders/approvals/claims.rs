//! Claims: by whom, until when, and that nothing is released before.

use super::{approved, claim, claimed, in_days, staff};
use crate::common::Ceremony;
use mifeng::award::{
    claim::{Claim, NotClaimed},
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
fn a_claim_is_open_to_the_end_of_its_last_day_and_lapses_after() {
    let c = Ceremony::new();
    let until = in_days(c.today, 60);
    let filed = approved(&c).file(&staff("zhao"), c.today).unwrap();
    let notified = filed.notify(until, &staff("zhao"), c.today).unwrap();
    assert!(claim(&c, &notified, until).is_ok());
    assert_eq!(notified.lapse(until), Err(AwardRefused::ClaimStillOpen(until)));
    let late = until.tomorrow().unwrap();
    assert_eq!(claim(&c, &notified, late), Err(AwardRefused::ClaimTooLate(until)));
    let lapsed = notified.lapse(late).unwrap();
    assert_eq!((lapsed.for_staff(), lapsed.for_reporter()), (StaffView::NotPayable, ReporterView::Lapsed));

    let noticed = notified.public_notice(in_days(late, 30), &staff("li"), late).unwrap();
    assert!(claim(&c, &noticed, in_days(late, 30)).is_ok());
    assert_eq!(
        noticed.extend_claim(until, "住院", &staff("li"), late),
        Err(AwardRefused::NotAnExtension(in_days(late, 30)))
    );
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
