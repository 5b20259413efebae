//! Money takes several different people, at the right time, for this very award: every other way is refused.
#![cfg(feature = "open")]

use crate::common::Ceremony;
use jiff::civil::Date;
use mifeng::{
    award::{
        approval::{self, Approval, ApprovalRefused, AwardTerms},
        claim::{Claim, NotClaimed},
        decision::Refusal,
        paper::Paper,
        record::{About, Award, AwardRefused, AwardState, Ballot, Ending, Ground, Release},
        release::{Deposit, ReleaseRefused, ReleaseTerms},
        summary::{AwardSummary, ReporterView, StaffView},
    },
    ids::StaffId,
    recipients::{Approver, Roster, UntrustedRoster},
    signing::SigningKey,
};

fn computed(c: &Ceremony) -> Award {
    Award::computed(about(c), &c.paper, &c.policy, ballot(c, 2), &staff("zhao")).unwrap()
}

fn about(c: &Ceremony) -> About {
    let AwardTerms { instance, report, case, award, worked_on, .. } = c.terms.award.clone();
    About { instance, report, case, award, worked_on }
}

fn ballot(c: &Ceremony, needed: usize) -> Ballot {
    Ballot { needed, until: in_days(c.today, 90) }
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
    let refused = approval::verify(three.terms(), &c.approvals, &c.roster, c.today).err();
    assert_eq!(refused, Some(few));
    let lowered = AwardTerms { approvals_needed: 2, ..three.terms().clone() };
    let refused = approval::verify(&lowered, &c.approvals, &c.roster, c.today).err();
    assert_eq!(refused, Some(ApprovalRefused::Signature(c.approver_keys[0].0.clone())));
}

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
