//! An approval counts for so many days. Then what was approved is approved again, and nothing else about it changes.

use super::{approved, claimed, computed, in_days, released, staff};
use crate::common::Ceremony;
use mifeng::{
    award::{
        approval::{self, Approval, ApprovalRefused},
        record::{Award, AwardRefused, AwardState},
        release::ReleaseTerms,
        summary::AwardSummary,
    },
    cli::{
        office::{self, NotOpened},
        trustee::{self, NoShare},
    },
    policy::LONGEST_APPROVAL,
    recipients::{Approver, UntrustedRoster},
    signing::SigningKey,
};

/// Of the ballots in these stories.
const LIFE: i64 = 90;

#[test]
fn an_approval_counts_on_its_last_day_and_not_on_the_next_and_never_longer_than_any_tool_knows() {
    let c = Ceremony::new();
    let by = c.approver_keys[0].0.clone();
    for (life, counted) in [(0, 0), (1, 1), (90, 90), (180, 180), (181, 180), (u32::MAX, 180)] {
        let last = in_days(c.today, counted);
        let on = |day| approval::verify(&c.terms.award, &c.approvals, &c.roster, day, life);
        assert_eq!(on(last).unwrap().until(), last, "{life}");
        let expired = ApprovalRefused::Expired { by: by.clone(), until: last };
        assert_eq!(on(last.tomorrow().unwrap()).err(), Some(expired), "{life}");
    }
    let (award, last) = (claimed(&c), in_days(c.today, LIFE));
    assert!(award.approval(&c.roster, last).is_ok());
    let late = award.approval(&c.roster, last.tomorrow().unwrap()).unwrap_err();
    assert_eq!(late, AwardRefused::Approval(ApprovalRefused::Expired { by, until: last }));
}

/// They have no policy at hand that they could believe.
#[test]
fn both_tools_refuse_an_approval_on_the_day_after_its_last() {
    let mut c = Ceremony::new();
    let last = c.approvals[0].until(LONGEST_APPROVAL);
    let late = last.tomorrow().unwrap();
    c.terms.expires = late;
    let sealed = vec![c.seal_nameless()];
    let folder = tempfile::tempdir().unwrap();
    let state = c.machine(folder.path());
    let is_expired =
        |why: &ApprovalRefused| matches!(why, ApprovalRefused::Expired { until, .. } if *until == last);

    let request = c.request(&sealed, 1);
    let gives = |day| trustee::check(&request, &c.holder(1), &state, day).err();
    assert!(gives(last).is_none());
    assert!(matches!(gives(late), Some(NoShare::Approval(why)) if is_expired(&why)));

    let package = c.package(&sealed, vec![c.deposit(&sealed, 1), c.deposit(&sealed, 3)]);
    let opens = |day| office::check(&package, &state, day).err();
    assert!(opens(last).is_none());
    assert!(matches!(opens(late), Some(NotOpened::Approval(why)) if is_expired(&why)));
}

#[test]
fn no_release_is_published_that_would_outlive_its_approvals() {
    let c = Ceremony::new();
    let (award, last) = (claimed(&c), in_days(c.today, LIFE));
    let publish = |expires| {
        let terms = ReleaseTerms { expires, ..c.terms.clone() };
        let approval = award.approval(&c.roster, c.today).unwrap();
        award.publish_release(approval, terms, vec!["ab".into()], "申领", &staff("li"), c.today)
    };
    assert!(publish(last).is_ok());
    assert_eq!(publish(last.tomorrow().unwrap()).unwrap_err(), AwardRefused::ApprovalsEnd(last));
}

#[test]
fn what_has_run_out_is_approved_again_by_as_many_and_the_claim_stands() {
    let c = Ceremony::new();
    let (award, late) = (claimed(&c), in_days(c.today, LIFE + 1));
    let through = in_days(late, 14);
    let again = |award: &Award, n: usize| {
        let (by, key) = &c.approver_keys[n];
        award.approve_again(Approval::sign(award.terms(), by, late, key), &c.roster, late)
    };
    let [qian, sun] = [0_usize, 1].map(|n| c.approver_keys[n].0.clone());
    let asked = |award: &Award| {
        let row = AwardSummary::of(award);
        let both = [
            award.must_be_approved_again(&c.roster, late, through),
            row.must_be_approved_again(late, through),
        ];
        assert_eq!(both[0], both[1], "the list says what the page says");
        both[0]
    };
    assert!(!award.must_be_approved_again(&c.roster, c.today, in_days(c.today, LIFE)));
    assert!(award.must_be_approved_again(&c.roster, c.today, late), "a release would end after them");
    assert!(asked(&award));

    let one = again(&award, 0).unwrap();
    let few = ApprovalRefused::TooFew { found: 1, needed: 2 };
    assert_eq!(one.approval(&c.roster, late).unwrap_err(), AwardRefused::Approval(few));
    let twice = ApprovalRefused::Twice(qian.clone());
    assert_eq!(again(&one, 0).unwrap_err(), AwardRefused::Approval(twice));
    let row = AwardSummary::of(&one);
    let may = [&qian, &sun, &staff("zhao")].map(|by| row.can_be_approved_again_by(by, through));
    assert_eq!((may, asked(&one)), ([false, true, false], true), "given, not yet, worked on it");

    let two = again(&one, 1).unwrap();
    assert!(!asked(&two));
    assert_eq!(two.approval(&c.roster, late).unwrap().until(), in_days(late, LIFE));
    assert_eq!((two.state(), two.terms()), (&AwardState::Claimed, award.terms()));
    let claim = two.signed_claim().unwrap();
    assert!(claim.prove(two.terms(), c.receipt.claim_verify_key()).is_ok());
}

#[test]
fn somebody_else_approves_in_the_place_of_whoever_was_struck_off() {
    let c = Ceremony::new();
    let (award, tomorrow) = (claimed(&c), c.today.tomorrow().unwrap());
    let (wang, key) = (staff("wang"), SigningKey::generate(&mut rand::rng()));
    let mut people = c.untrusted_roster.approvers[1..].to_vec();
    people.push(Approver { staff: wang.clone(), verify: key.verify_key() });
    let roster = UntrustedRoster::signed(c.set.instance(), 2, people, &c.office_sign);
    let roster = roster.trusted(&c.set).unwrap();
    let through = in_days(tomorrow, 14);
    assert!(award.must_be_approved_again(&roster, tomorrow, through));
    let yes = Approval::sign(award.terms(), &wang, tomorrow, &key);
    let award = award.approve_again(yes, &roster, tomorrow).unwrap();
    assert!(award.approval(&roster, tomorrow).is_ok());
    assert!(!award.must_be_approved_again(&roster, tomorrow, through));
    let by: Vec<_> = award.approvals().iter().map(|approval| approval.by.0.as_str()).collect();
    assert_eq!(by, ["sun", "wang"]);
}

#[test]
fn nothing_is_approved_again_that_nobody_has_claimed_or_that_is_being_opened() {
    let c = Ceremony::new();
    let (by, key) = &c.approver_keys[0];
    let again =
        |award: &Award, day| award.approve_again(Approval::sign(award.terms(), by, day, key), &c.roster, day);
    let tomorrow = c.today.tomorrow().unwrap();
    let (open, _) = released(&c);
    for (award, state) in [(computed(&c), "computed"), (approved(&c), "approved")] {
        assert_eq!(again(&award, tomorrow), Err(AwardRefused::State(state)));
    }
    assert_eq!(again(&open, c.terms.expires), Err(AwardRefused::State("release-published")));
    assert!(again(&open, c.terms.expires.tomorrow().unwrap()).is_ok());
}
