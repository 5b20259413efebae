//! Approvals: whose count, for which award, from when and how long, and what one no does.

use super::{about, approved, ballot, claimed, computed, in_days, staff};
use crate::common::Ceremony;
use mifeng::{
    award::{
        approval::{self, Approval, ApprovalRefused, AwardTerms},
        record::{Award, AwardRefused, AwardState},
    },
    ids::StaffId,
    recipients::{Approver, Roster, UntrustedRoster},
    signing::SigningKey,
};

/// A roster without the first approver: struck off by the office.
fn roster_without_the_first(c: &Ceremony) -> Roster {
    let rest = c.untrusted_roster.approvers[1..].to_vec();
    let instance = c.set.instance();
    UntrustedRoster::signed(instance, 2, rest, &c.office_sign).trusted(&c.set).unwrap()
}

#[test]
fn bad_approvals_are_refused_and_change_nothing() {
    let c = Ceremony::new();
    let (qian, qian_key) = &c.approver_keys[0];
    let yes = |day| Approval::sign(&c.terms.award, qian, day, qian_key);
    let mut other_award = c.terms.award.clone();
    other_award.award = 2;
    let mut other_amount = c.terms.award.clone();
    other_amount.base_fen += 1;
    let (stranger, worker) = (SigningKey::generate(&mut rand::rng()), staff("zhao"));
    let before = computed(&c).approve(yes(c.today), &c.roster, c.today).unwrap();
    let refusals = [
        ("the same person twice", yes(c.today), ApprovalRefused::Twice(qian.clone())),
        (
            "replayed from another award",
            Approval::sign(&other_award, &c.approver_keys[1].0, c.today, &c.approver_keys[1].1),
            ApprovalRefused::Signature(c.approver_keys[1].0.clone()),
        ),
        (
            "replayed for another amount",
            Approval::sign(&other_amount, &c.approver_keys[1].0, c.today, &c.approver_keys[1].1),
            ApprovalRefused::Signature(c.approver_keys[1].0.clone()),
        ),
        (
            "signed with another's key",
            Approval::sign(&c.terms.award, &c.approver_keys[1].0, c.today, qian_key),
            ApprovalRefused::Signature(c.approver_keys[1].0.clone()),
        ),
        (
            "by somebody the office has not enrolled",
            Approval::sign(&c.terms.award, &staff("wu"), c.today, &stranger),
            ApprovalRefused::NotOnTheRoster(staff("wu")),
        ),
        (
            "of one's own case",
            Approval::sign(&c.terms.award, &worker, c.today, &stranger),
            ApprovalRefused::OwnCase(worker.clone()),
        ),
        (
            "older than the computation",
            Approval::sign(
                &c.terms.award,
                &c.approver_keys[1].0,
                c.today.yesterday().unwrap(),
                &c.approver_keys[1].1,
            ),
            ApprovalRefused::Day(c.approver_keys[1].0.clone()),
        ),
        (
            "dated in the future",
            Approval::sign(
                &c.terms.award,
                &c.approver_keys[1].0,
                c.today.tomorrow().unwrap(),
                &c.approver_keys[1].1,
            ),
            ApprovalRefused::Day(c.approver_keys[1].0.clone()),
        ),
    ];
    for (name, approval, expected) in refusals {
        let refused = before.approve(approval, &c.roster, c.today).unwrap_err();
        assert_eq!(refused, AwardRefused::Approval(expected), "{name}");
    }
    assert_eq!((before.state(), before.approvals().len()), (&AwardState::Computed, 1));
}

#[test]
fn zero_and_one_are_not_enough_and_policy_cannot_lower_it() {
    let c = Ceremony::new();
    let lax = Award::computed(about(&c), &c.paper, &c.policy, ballot(&c, 0), &staff("zhao")).unwrap();
    assert_eq!(lax.approvals_needed(), 2);
    let few = |award: &Award| award.approval(&c.roster, c.today).unwrap_err();
    let expected = |found| AwardRefused::Approval(ApprovalRefused::TooFew { found, needed: 2 });
    assert_eq!(few(&lax), expected(0));
    let one = lax.approve(c.approvals[0].clone(), &c.roster, c.today).unwrap();
    assert_eq!((few(&one), one.state()), (expected(1), &AwardState::Computed));
    let two = one.approve(c.approvals[1].clone(), &c.roster, c.today).unwrap();
    assert_eq!(two.state(), &AwardState::Approved);
    assert_eq!(one.file(&staff("zhao"), c.today), Err(AwardRefused::State("computed")));
}

/// How many it takes is what the approvers sign: a server that needs fewer has no approvals for it.
#[test]
fn the_number_of_approvals_needed_cannot_be_lowered_after_they_signed() {
    let mut c = Ceremony::new();
    let three = Award::computed(about(&c), &c.paper, &c.policy, ballot(&c, 3), &staff("zhao")).unwrap();
    c.terms.award = three.terms().clone();
    c.approve_again();
    let few = ApprovalRefused::TooFew { found: 2, needed: 3 };
    let refused = approval::verify(three.terms(), &c.approvals, &c.roster, c.today, 90).err();
    assert_eq!(refused, Some(few));
    let lowered = AwardTerms { approvals_needed: 2, ..three.terms().clone() };
    let refused = approval::verify(&lowered, &c.approvals, &c.roster, c.today, 90).err();
    assert_eq!(refused, Some(ApprovalRefused::Signature(c.approver_keys[0].0.clone())));
}

#[test]
fn an_award_that_was_not_approved_in_time_is_computed_anew() {
    let c = Ceremony::new();
    let last = in_days(c.today, 90);
    let late = last.tomorrow().unwrap();
    let one = computed(&c).approve(c.approvals[0].clone(), &c.roster, c.today).unwrap();
    assert!(one.approve(c.approvals[1].clone(), &c.roster, last).is_ok() && !one.is_stale(last));
    let refused = one.approve(c.approvals[1].clone(), &c.roster, late);
    assert_eq!(refused, Err(AwardRefused::BallotClosed(last)));
    assert!(one.is_stale(late) && !approved(&c).is_stale(late));
}

#[test]
fn an_approver_who_is_struck_off_no_longer_counts_at_the_release() {
    let c = Ceremony::new();
    let qian = c.approver_keys[0].0.clone();
    let refused = claimed(&c).approval(&roster_without_the_first(&c), c.today).unwrap_err();
    assert_eq!(refused, AwardRefused::Approval(ApprovalRefused::NotOnTheRoster(qian)));
}

#[test]
fn one_yes_can_be_taken_back_until_the_last_and_one_no_sends_the_award_back() {
    let c = Ceremony::new();
    let qian = &c.approver_keys[0].0;
    let one = computed(&c).approve(c.approvals[0].clone(), &c.roster, c.today).unwrap();
    let none = one.withdraw_approval(qian, c.today).unwrap();
    assert_eq!(none.approvals(), []);
    assert_eq!(none.withdraw_approval(qian, c.today), Err(AwardRefused::NoSuchApproval(qian.clone())));
    assert_eq!(approved(&c).withdraw_approval(qian, c.today), Err(AwardRefused::State("approved")));
    assert_eq!(none.decline(qian, "  ", &c.roster, c.today), Err(AwardRefused::NoReason));
    let declined = none.decline(qian, "罚款数额与决定书不符", &c.roster, c.today).unwrap();
    assert_eq!(
        declined.approve(c.approvals[1].clone(), &c.roster, c.today),
        Err(AwardRefused::State("declined"))
    );
}

#[test]
fn a_roster_that_names_one_person_or_key_twice_is_no_roster() {
    let c = Ceremony::new();
    let (qian, key) = &c.approver_keys[0];
    for second in [qian.clone(), staff("other")] {
        let approver = |staff: &StaffId| Approver { staff: staff.clone(), verify: key.verify_key() };
        let list = vec![approver(qian), approver(&second)];
        let roster = UntrustedRoster::signed(c.set.instance(), 1, list, &c.office_sign);
        assert!(roster.trusted(&c.set).is_err());
    }
}
