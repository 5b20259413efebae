//! Releases: for which award, which shares are taken, and how one gives way to the next.

use super::{claimed, holder, in_days, released, staff};
use crate::common::Ceremony;
use jiff::civil::Date;
use mifeng::award::{
    record::{Award, AwardRefused, AwardState, Release},
    release::{Deposit, ReleaseRefused, ReleaseTerms},
};

#[test]
fn a_release_for_another_award_or_without_time_or_envelopes_is_refused() {
    let c = Ceremony::new();
    let publish = |terms: ReleaseTerms, envelopes: Vec<String>| {
        claimed(&c)
            .publish_release(c.approval(), terms, envelopes, "申领", &staff("li"), c.today)
            .unwrap_err()
    };
    let mut other = c.terms.clone();
    other.award.base_fen += 1;
    assert_eq!(publish(other, vec!["ab".into()]), AwardRefused::OtherAward);
    let mut files = c.terms.clone();
    files.purpose = mifeng::log::Purpose::Files;
    assert_eq!(publish(files, vec!["ab".into()]), AwardRefused::OtherAward);
    let short = ReleaseTerms { expires: c.today, ..c.terms.clone() };
    assert_eq!(publish(short, vec!["ab".into()]), AwardRefused::ReleaseTooShort(c.today));
    assert_eq!(publish(c.terms.clone(), vec![]), AwardRefused::NoEnvelope);
}

#[test]
fn bad_deposits_are_refused_and_change_nothing() {
    let c = Ceremony::new();
    let (award, deposits) = released(&c);
    let one = award.deposit(deposits[0].clone(), &holder(), &c.set, c.today).unwrap();
    assert_eq!(one.state(), &AwardState::ReleasePublished);
    let refused = |deposit: &Deposit, today| match one.deposit(deposit.clone(), &holder(), &c.set, today) {
        Err(AwardRefused::Release(refused)) => refused,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&deposits[0], c.today), ReleaseRefused::Twice(1));
    let late = c.terms.expires.tomorrow().unwrap();
    assert_eq!(refused(&deposits[1], late), ReleaseRefused::Expired(c.terms.expires));

    let sign = &c.trustee_keys[1].1;
    let forged = |trustee, terms: &ReleaseTerms| Deposit::sign(terms, &c.set, trustee, b"share", sign);
    assert_eq!(refused(&forged(3, &c.terms), c.today), ReleaseRefused::Signature(3));
    for stranger in [0, 4] {
        assert_eq!(refused(&forged(stranger, &c.terms), c.today), ReleaseRefused::UnknownTrustee(stranger));
    }
    for change in [
        |t: &mut ReleaseTerms| t.leaf_index += 1,
        |t: &mut ReleaseTerms| t.expires = in_days(t.expires, 1),
        |t: &mut ReleaseTerms| t.award.award += 1,
        |t: &mut ReleaseTerms| t.purpose = mifeng::log::Purpose::Files,
    ] {
        let mut replayed = c.terms.clone();
        change(&mut replayed);
        assert_eq!(refused(&forged(2, &replayed), c.today), ReleaseRefused::Signature(2), "{replayed:?}");
    }

    let full = one.deposit(deposits[1].clone(), &holder(), &c.set, c.today).unwrap();
    assert_eq!(full.state(), &AwardState::Released);
    assert_eq!(
        full.deposit(deposits[2].clone(), &holder(), &c.set, c.today),
        Err(AwardRefused::State("released"))
    );
}

#[test]
fn an_expired_release_gives_way_to_a_new_one_and_its_shares_are_void() {
    let c = Ceremony::new();
    let (award, deposits) = released(&c);
    let award = award.deposit(deposits[0].clone(), &holder(), &c.set, c.today).unwrap();
    let full = award.deposit(deposits[1].clone(), &holder(), &c.set, c.today).unwrap();
    let again = |award: &Award, today: Date| {
        let terms = ReleaseTerms { expires: in_days(today, 30), leaf_index: 9, ..c.terms.clone() };
        award.publish_release(c.approval(), terms, vec!["ab".into()], "申领", &staff("li"), today)
    };
    assert_eq!(again(&award, c.terms.expires).unwrap_err(), AwardRefused::ReleaseStillOpen(c.terms.expires));
    let late = c.terms.expires.tomorrow().unwrap();
    let second = again(&award, late).unwrap();
    assert!(again(&full, late).is_ok());
    assert!(matches!(second.release(), Some(Release { deposits, .. }) if deposits.is_empty()));
    assert_eq!(
        second.deposit(deposits[0].clone(), &holder(), &c.set, late),
        Err(AwardRefused::Release(ReleaseRefused::Signature(1)))
    );
}
