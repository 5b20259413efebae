//! What a trustee's tool checks before it gives a share: every single check, by breaking it.
#![cfg(feature = "open")]

use crate::common::{Ceremony, person_json};
use mifeng::{
    award::{
        approval::{ApprovalRefused, AwardTerms},
        claim::{Claim, NotClaimed},
        compute::NotComputed,
        handover::{Handover, Heir},
        paper::{PaperRefused, decision_hash},
        release::{NotPublished, Purpose, Quorum, ReleaseRequest},
    },
    cleartext::share::{Expected, OpenedShares, ShareRefused},
    cli::{
        pins::{State, StateRefused},
        trustee::{NoShare, check},
    },
    envelope::SealedReport,
    ids::{CaseNumber, ReportId},
    log::{
        checkpoint::{LogKey, WitnessKey},
        proof::{ProofRefused, Seen},
        tree::EMPTY_ROOT,
    },
    recipients::UntrustedRoster,
    signing::SigningKey,
};

struct Story {
    c: Ceremony,
    sealed: Vec<SealedReport>,
    folder: tempfile::TempDir,
    state: State,
}

fn story() -> Story {
    let c = Ceremony::new();
    let sealed = vec![c.seal_named(&person_json("密封测试甲")), c.seal_nameless()];
    let folder = tempfile::tempdir().unwrap();
    let state = c.machine(folder.path());
    Story { c, sealed, folder, state }
}

impl Story {
    fn request(&self) -> ReleaseRequest {
        self.c.request(&self.sealed, 1)
    }
    fn refused(&self, request: &ReleaseRequest) -> NoShare {
        check(request, &self.c.holder(1), &self.state, self.c.today).err().expect("refused")
    }
}

#[test]
fn a_request_in_order_gives_a_share_and_a_cosigned_checkpoint() {
    let mut s = story();
    let text = serde_json::to_string(&s.request()).unwrap();
    let request: ReleaseRequest = serde_json::from_str(&text).unwrap();
    let checked = check(&request, &s.c.holder(1), &s.state, s.c.today).unwrap();
    let summary = checked.summary();
    for expected in ["2026-000417", "50,000.00", "山东省安全生产举报奖励办法", "qian、sun"] {
        assert!(summary.contains(expected), "{expected} is missing in {summary}");
    }
    let answer = checked.answer(&s.c.holder(1), &s.state, 1_795_622_400).unwrap();
    let second = s.c.deposit(&s.sealed, 3);
    let quorum = Quorum::gather(&s.c.terms, &s.c.set, &[answer.deposit.clone(), second], s.c.today);
    assert!(quorum.is_ok());
    let signed = s.c.log_key().open(answer.checkpoint.as_bytes()).unwrap();
    let witness = WitnessKey::new("test/trustee-1".parse().unwrap(), s.c.holder(1).verify_key());
    assert_eq!(witness.saw(&signed), Ok(1_795_622_400));

    s.state.remember(checked.memory(), Some(answer.checkpoint.as_bytes())).unwrap();
    let again = State::open(&s.folder.path().join("state")).unwrap();
    assert_eq!(again.memory, checked.memory());
    assert_eq!(again.memory.seen.map(|seen| seen.size), Some(7));
}

#[test]
fn a_recipient_set_that_is_not_the_pinned_one_is_refused() {
    let s = story();
    let other = Ceremony::new();
    let request = ReleaseRequest { set: other.untrusted_set.clone(), ..s.request() };
    assert!(matches!(s.refused(&request), NoShare::Set(_)));
}

#[test]
fn a_request_for_another_trustee_is_refused_whichever_key_is_used() {
    let s = story();
    let others = s.c.request(&s.sealed, 2);
    assert!(matches!(s.refused(&others), NoShare::OtherTrustee(2)));
    for stranger in [0, 4] {
        let request = ReleaseRequest { trustee: stranger, ..s.request() };
        assert!(matches!(s.refused(&request), NoShare::OtherTrustee(_)));
    }
    let swapped = ReleaseRequest { share_files: others.share_files, ..s.request() };
    assert!(matches!(s.refused(&swapped), NoShare::Share(ShareRefused::WrongKey(1))));
}

#[test]
fn an_expired_release_or_one_for_files_is_refused() {
    let s = story();
    let late = s.c.terms.expires.tomorrow().unwrap();
    let refused = check(&s.request(), &s.c.holder(1), &s.state, late).err();
    assert!(matches!(refused, Some(NoShare::Expired(_))));
    assert!(check(&s.request(), &s.c.holder(1), &s.state, s.c.terms.expires).is_ok());
    let mut request = s.request();
    request.terms.purpose = Purpose::Files;
    assert!(matches!(s.refused(&request), NoShare::Purpose));
}

#[test]
fn a_trace_that_is_not_what_was_approved_is_refused() {
    let s = story();
    let changed = s.request().decision.replace("10000000", "10000001");
    let request = ReleaseRequest { decision: changed, ..s.request() };
    assert!(matches!(s.refused(&request), NoShare::Paper(PaperRefused::OtherDecision)));
    let rules = s.request().rules.replace("rate = 50", "rate = 90");
    assert_ne!(rules, s.request().rules);
    let request = ReleaseRequest { rules, ..s.request() };
    assert!(matches!(
        s.refused(&request),
        NoShare::Paper(PaperRefused::NotComputed(NotComputed::OtherAmount))
    ));
}

#[test]
fn an_amount_the_rules_do_not_give_is_refused_though_two_people_approved_it() {
    let mut s = story();
    let inflated = s.c.decision.replace("\"base_fen\":5000000", "\"base_fen\":9000000");
    assert_ne!(inflated, s.c.decision);
    s.c.terms.award.rule_and_inputs = decision_hash(&inflated);
    s.c.terms.award.base_fen = 9_000_000;
    s.c.decision = inflated;
    s.c.approve_again();
    assert!(matches!(
        s.refused(&s.request()),
        NoShare::Paper(PaperRefused::NotComputed(NotComputed::OtherAmount))
    ));

    let mut s = story();
    s.c.terms.award.base_fen = 9_000_000;
    s.c.approve_again();
    assert!(matches!(s.refused(&s.request()), NoShare::Paper(PaperRefused::OtherAmount)));
}

#[test]
fn approvals_that_are_missing_doubled_or_for_other_terms_are_refused() {
    let s = story();
    let with = |approvals| ReleaseRequest { approvals, ..s.request() };
    let refused = |request: &ReleaseRequest| match s.refused(request) {
        NoShare::Approval(refused) => refused,
        other => panic!("{other}"),
    };
    let (one, two) = (s.c.approvals[0].clone(), s.c.approvals[1].clone());
    let few = |found| ApprovalRefused::TooFew { found, needed: 2 };
    assert_eq!(refused(&with(vec![])), few(0));
    assert_eq!(refused(&with(vec![two])), few(1));
    assert_eq!(refused(&with(vec![one.clone(), one.clone()])), ApprovalRefused::Twice(one.by.clone()));
    let mut request = s.request();
    request.terms.award.case = CaseNumber { year: 2026, serial: 418 };
    assert_eq!(refused(&request), ApprovalRefused::Signature(one.by));
}

#[test]
fn a_roster_not_signed_by_the_office_or_older_than_the_last_is_refused() {
    let mut s = story();
    let approvers = s.c.untrusted_roster.approvers.clone();
    let stranger = SigningKey::generate(&mut rand::rng());
    let forged = UntrustedRoster::signed(s.c.set.instance(), 9, approvers, &stranger);
    let request = ReleaseRequest { roster: forged, ..s.request() };
    assert!(matches!(s.refused(&request), NoShare::Roster(_)));
    s.state.memory.roster = 2;
    assert!(matches!(s.refused(&s.request()), NoShare::OlderRoster { found: 1, seen: 2 }));
}

#[test]
fn envelopes_or_share_files_of_another_report_are_refused() {
    let s = story();
    let mut request = s.request();
    request.envelopes.swap(0, 1);
    assert!(matches!(s.refused(&request), NoShare::Share(ShareRefused::OtherReport(1))));
    let mut request = s.request();
    request.share_files.pop();
    assert!(matches!(s.refused(&request), NoShare::Share(_)));
    let mut request = s.request();
    request.envelopes[0] = "zz".into();
    assert!(matches!(s.refused(&request), NoShare::EnvelopeHash));

    let mut victim = story();
    victim.c.untrusted_set = s.c.untrusted_set.clone();
    let request = ReleaseRequest { share_files: victim.request().share_files, ..s.request() };
    assert!(matches!(s.refused(&request), NoShare::Share(ShareRefused::WrongKey(1))));
}

/// A server that publishes leaf and request for an award that was approved and never claimed: it has no claim to
/// put in, and none that it can find or make fits.
#[test]
fn an_approved_award_that_nobody_claimed_gets_no_share() {
    let s = story();
    let mut without = serde_json::to_value(s.request()).unwrap();
    without.as_object_mut().unwrap().remove("claim");
    let refused = serde_json::from_value::<ReleaseRequest>(without).unwrap_err();
    assert!(refused.to_string().contains("missing field `claim`"), "{refused}");

    let mut other_award = s.c.terms.award.clone();
    other_award.award += 1;
    let forged = [
        ("for another award", Claim::sign(&other_award, &s.c.receipt.claim_key())),
        ("by another report's receipt", Claim::sign(&s.c.terms.award, &Ceremony::new().receipt.claim_key())),
        ("by an approver", Claim::sign(&s.c.terms.award, &s.c.approver_keys[0].1)),
    ];
    for (name, claim) in forged {
        let request = ReleaseRequest { claim, ..s.request() };
        assert!(matches!(s.refused(&request), NoShare::NotClaimed(NotClaimed)), "{name}");
    }
}

/// A claim that is proven, but by a key of the server's own: the key in the share files decides.
#[test]
fn a_claim_proven_with_another_key_than_the_share_files_turns_no_lock() {
    let s = story();
    let files: Vec<_> = s.sealed.iter().map(|sealed| sealed.share_files[0].clone()).collect();
    let hashes: Vec<_> = s.sealed.iter().map(|sealed| sealed.envelope.hash()).collect();
    let expected = Expected { set: &s.c.set, report: s.c.report, envelopes: &hashes, handover: None };
    let holder = s.c.holder(1);
    let shares = OpenedShares::open(&files, &holder.opening, &expected).unwrap();
    let server = SigningKey::generate(&mut rand::rng());
    let award = &s.c.terms.award;
    let forged = Claim::sign(award, &server).prove(award, server.verify_key()).unwrap();
    let reseal = |claim: &_| {
        shares.reseal(&s.c.terms, &s.c.approval(), claim, &s.c.published(), &s.c.set, &holder.signing).err()
    };
    assert_eq!(reseal(&forged), Some(ShareRefused::OtherClaim));
    assert_eq!(reseal(&s.c.proven_claim()), None);
}

#[test]
fn a_request_that_needs_fewer_approvals_than_was_signed_is_refused() {
    let mut s = story();
    s.c.terms.award.approvals_needed = 3;
    s.c.approve_again();
    let few = ApprovalRefused::TooFew { found: 2, needed: 3 };
    assert!(matches!(s.refused(&s.request()), NoShare::Approval(refused) if refused == few));
    let mut request = s.request();
    request.terms.award.approvals_needed = 2;
    assert!(matches!(s.refused(&request), NoShare::Approval(ApprovalRefused::Signature(_))));
}

/// The attack the trustees are there for: a real award of case A, the share files of victim B beside it.
#[test]
fn a_victims_share_files_attached_to_an_honest_award_are_refused() {
    let mut s = story();
    let victims_files = s.c.request(&s.sealed, 1);
    let other = ReportId::random(&mut rand::rng());
    s.c.report = other;
    s.c.terms.award.report = other;
    s.c.approve_again();
    let request = ReleaseRequest {
        share_files: victims_files.share_files,
        envelopes: victims_files.envelopes,
        ..s.c.request(&s.sealed, 1)
    };
    assert!(matches!(s.refused(&request), NoShare::Share(ShareRefused::OtherReport(1))));
}

#[test]
fn a_leaf_for_another_release_place_or_report_is_not_this_releases() {
    let s = story();
    let changed = |change: &dyn Fn(&mut Ceremony)| {
        let mut other = story().c;
        other.audit = s.c.audit.clone();
        other.terms = s.c.terms.clone();
        change(&mut other);
        ReleaseRequest { proof: other.proof(), ..s.request() }
    };
    let refused = |request: &ReleaseRequest| match s.refused(request) {
        NoShare::NotPublished(refused) => refused,
        other => panic!("{other}"),
    };
    let other_key = |c: &mut Ceremony| c.audit = Ceremony::new().audit;
    assert_eq!(refused(&changed(&other_key)), NotPublished::OtherReport);
    assert_eq!(refused(&changed(&|c| c.terms.leaf_n = 3)), NotPublished::OtherReport);
    assert_eq!(refused(&changed(&|c| c.terms.leaf_index = 5)), NotPublished::OtherPlace);
    let longer = |c: &mut Ceremony| c.terms.expires = c.terms.expires.tomorrow().unwrap();
    assert_eq!(refused(&changed(&longer)), NotPublished::OtherRelease);
    let more = |c: &mut Ceremony| {
        let award: &mut AwardTerms = &mut c.terms.award;
        award.base_fen += 1;
    };
    assert_eq!(refused(&changed(&more)), NotPublished::OtherRelease);
}

#[test]
fn a_log_that_forgets_what_this_machine_saw_or_another_log_is_refused() {
    let mut s = story();
    for (seen, root) in [(7, EMPTY_ROOT), (4, EMPTY_ROOT), (8, EMPTY_ROOT)] {
        s.state.memory.seen = Some(Seen { size: seen, root });
        assert!(matches!(s.refused(&s.request()), NoShare::Proof(_)), "{seen}");
    }
    let folder = tempfile::tempdir().unwrap();
    let set = s.folder.path().join("set.json");
    let other: LogKey =
        LogKey::new("test.example/log".parse().unwrap(), SigningKey::from_seed([4; 32]).verify_key());
    let pin = s.c.untrusted_set.fingerprint();
    let state = State::pin(folder.path(), &set, &pin, Some(other.clone())).unwrap();
    let refused = check(&s.request(), &s.c.holder(1), &state, s.c.today).err();
    assert!(matches!(refused, Some(NoShare::Proof(ProofRefused::Checkpoint(_)))));
    let again = State::pin(folder.path(), &set, &pin, Some(s.c.log_key()));
    assert!(matches!(again.err(), Some(StateRefused::OtherLog(log)) if log == other));
}

/// A report that staff entered: its first envelope is under the receipt they know, the later ones under its reporter's.
fn taken_over() -> (Story, mifeng::receipt::Receipt, ReleaseRequest) {
    let mut s = story();
    let staffs = s.c.receipt.clone();
    let entered = s.sealed[0].clone();
    s.c.receipt = mifeng::receipt::Receipt::draw(&mut rand::rng());
    s.c.audit = s.c.receipt.audit_key();
    s.sealed = vec![entered, s.c.seal_nameless(), s.c.seal_nameless()];
    let handover = Handover::sign(&staffs.claim_key(), &heir(&s.c, &s.c.audit));
    let request = ReleaseRequest { handover: Some(handover), ..s.request() };
    (s, staffs, request)
}

fn heir<'a>(c: &'a Ceremony, audit_key: &'a mifeng::receipt::AuditKey) -> Heir<'a> {
    Heir { instance: c.set.instance(), report: c.report, claim_key: c.receipt.claim_verify_key(), audit_key }
}

#[test]
fn after_a_handover_the_reporters_own_receipt_claims_all_envelopes() {
    let (s, _, request) = taken_over();
    let text = serde_json::to_string(&request).unwrap();
    let request: ReleaseRequest = serde_json::from_str(&text).unwrap();
    let checked = check(&request, &s.c.holder(1), &s.state, s.c.today).unwrap();
    assert!(checked.answer(&s.c.holder(1), &s.state, 1_795_622_400).is_ok());
}

#[test]
fn without_its_handover_a_report_under_two_receipts_gets_no_share() {
    let (s, staffs, request) = taken_over();
    let share = |request: &ReleaseRequest| match s.refused(request) {
        NoShare::Share(refused) => refused,
        other => panic!("{other}"),
    };
    assert_eq!(share(&ReleaseRequest { handover: None, ..request.clone() }), ShareRefused::OtherReport(2));
    // By the server, by the heir itself, or for other keys than the share files have.
    let server = SigningKey::generate(&mut rand::rng());
    let other_audit = Ceremony::new().audit;
    for handover in [
        Handover::sign(&server, &heir(&s.c, &s.c.audit)),
        Handover::sign(&s.c.receipt.claim_key(), &heir(&s.c, &s.c.audit)),
        Handover::sign(&staffs.claim_key(), &heir(&s.c, &other_audit)),
    ] {
        let forged = ReleaseRequest { handover: Some(handover), ..request.clone() };
        assert_eq!(share(&forged), ShareRefused::NotHandedOver);
    }
    // Turned round, so that staff's receipt would be the one that counts; or with only what one of them sealed.
    let mut turned = request.clone();
    turned.envelopes.reverse();
    turned.share_files.reverse();
    assert_eq!(share(&turned), ShareRefused::NotHandedOver);
    let mut woven = request.clone();
    woven.envelopes.swap(0, 1);
    woven.share_files.swap(0, 1);
    assert_eq!(share(&woven), ShareRefused::OtherReport(3));
    let mut one = request.clone();
    one.envelopes.truncate(1);
    one.share_files.truncate(1);
    assert_eq!(share(&one), ShareRefused::NotHandedOver);

    // Staff know the first receipt: its claim, and an entry under its key, count no more.
    let claim = Claim::sign(&s.c.terms.award, &staffs.claim_key());
    let by_staff = ReleaseRequest { claim, ..request.clone() };
    assert!(matches!(s.refused(&by_staff), NoShare::NotClaimed(NotClaimed)));
    let mut old = story().c;
    (old.audit, old.terms) = (staffs.audit_key(), s.c.terms.clone());
    let old_log = ReleaseRequest { proof: old.proof(), ..request };
    assert!(matches!(s.refused(&old_log), NoShare::NotPublished(NotPublished::OtherReport)));
}
