//! Money takes several different people, at the right time, for this very award: every other way is refused.
#![cfg(feature = "open")]

mod again;
mod claims;
mod ends;
mod releases;
mod votes;

use crate::common::Ceremony;
use jiff::civil::Date;
use mifeng::{
    award::{
        approval::AwardTerms,
        claim::Claim,
        decision::Refusal,
        paper::Paper,
        record::{About, Award, AwardRefused, Ballot},
        release::Deposit,
        summary::{AwardSummary, StaffView},
    },
    ids::StaffId,
};

fn computed(c: &Ceremony) -> Award {
    Award::computed(about(c), &c.paper, &c.policy, ballot(c, 2), &staff("zhao")).unwrap()
}

fn about(c: &Ceremony) -> About {
    let AwardTerms { instance, report, case, award, worked_on, .. } = c.terms.award.clone();
    About { instance, report, case, award, worked_on }
}

fn ballot(c: &Ceremony, needed: usize) -> Ballot {
    Ballot { needed, until: in_days(c.today, 90), life: 90 }
}

fn staff(name: &str) -> StaffId {
    StaffId(name.into())
}

fn approved(c: &Ceremony) -> Award {
    c.approvals.iter().fold(computed(c), |a, yes| a.approve(yes.clone(), &c.roster, c.today).unwrap())
}

/// Of a trustee's key.
fn holder() -> StaffId {
    staff("holder")
}

fn claimed(c: &Ceremony) -> Award {
    let filed = approved(c).file(&staff("zhao"), c.today).unwrap();
    claim(c, &filed.notify(in_days(c.today, 60), &staff("zhao"), c.today).unwrap(), c.today).unwrap()
}

fn claim(c: &Ceremony, award: &Award, day: Date) -> Result<Award, AwardRefused> {
    let claim = Claim::sign(award.terms(), &c.receipt.claim_key());
    award.claim(day, claim, c.receipt.claim_verify_key())
}

fn released(c: &Ceremony) -> (Award, Vec<Deposit>) {
    let sealed = [c.seal_nameless()];
    let hashes = vec![hex::encode(sealed[0].envelope.hash())];
    let award = claimed(c)
        .publish_release(c.approval(), c.terms.clone(), hashes, "申领", &staff("li"), c.today)
        .unwrap();
    (award, (1..=3).map(|trustee| c.deposit(&sealed, trustee)).collect())
}

fn in_days(day: Date, days: i64) -> Date {
    day.checked_add(jiff::Span::new().days(days)).unwrap()
}

#[test]
fn an_amount_the_rules_do_not_give_never_becomes_an_award() {
    let c = Ceremony::new();
    assert_eq!(computed(&c).terms(), &c.terms.award);
    let mut raised = c.paper.amount.clone();
    raised.base_fen.0 += 1;
    assert!(Paper::settle(&c.policy, &c.paper.facts, &raised, None).is_err());
    let told = c.paper.text().replace("\"insider\":null", "\"insider\":true");
    for text in [told, c.paper.text().replace("\"base_fen\":5000000", "\"base_fen\":5000001")] {
        let forged = Paper::read(&text).unwrap();
        assert_ne!(forged, c.paper);
        let refused = Award::computed(about(&c), &forged, &c.policy, ballot(&c, 2), &staff("zhao")).err();
        assert!(matches!(refused, Some(AwardRefused::Paper(_))), "{refused:?}");
    }
}

#[test]
fn what_the_rules_refuse_is_kept_with_its_reason_and_leads_nowhere() {
    let c = Ceremony::new();
    let facts = &c.paper.facts;
    let none = Award::not_eligible(about(&c), facts, Refusal::AlreadyKnown, &staff("zhao"));
    assert_eq!(none.for_staff(), StaffView::NotPayable);
    let yes = c.approvals[0].clone();
    assert_eq!(none.approve(yes, &c.roster, c.today), Err(AwardRefused::State("not-eligible")));
}

#[test]
fn a_stored_award_reads_back_and_lists_sort_by_the_last_day_to_claim() {
    let c = Ceremony::new();
    let (award, _) = released(&c);
    let text = serde_json::to_string(&award).unwrap();
    assert_eq!(serde_json::from_str::<Award>(&text).unwrap(), award);
    assert!(serde_json::from_str::<Award>(&text.replacen("{", "{\"name\":\"x\",", 1)).is_err());

    let mut rows = vec![AwardSummary::of(&computed(&c)), AwardSummary::of(&award)];
    AwardSummary::by_claim_deadline(&mut rows);
    assert_eq!(rows[0].state, "release-published");
    assert_eq!((rows[1].claim_until, rows[1].approvals), (None, 0));
}
