//! The officers' tool: papers in order or no opening; the person on the screen only; the amount by the rules.
#![cfg(feature = "open")]

use crate::common::{Ceremony, person_json};
use mifeng::{
    award::{
        claim::{Claim, NotClaimed},
        record::Ground,
        release::{Deposit, ReleasePackage},
    },
    cleartext::open::OpenError,
    cli::{
        office::{Asks, Finding, NotOpened, Voucher, check, interview},
        pins::State,
    },
    envelope::SealedReport,
    policy::Fen,
    receipt::Receipt,
    recipients::UntrustedRoster,
};
use std::io;

const CANARY: &str = "密封测试甲";

/// Answers by a script and keeps what was shown.
#[derive(Default)]
struct Officer {
    answers: Vec<bool>,
    asked: Vec<String>,
    shown: String,
    hidden: bool,
}

impl Asks for Officer {
    fn show(&mut self, text: &str) -> io::Result<()> {
        self.shown.push_str(text);
        Ok(())
    }
    fn hide(&mut self) -> io::Result<()> {
        self.hidden = true;
        Ok(())
    }
    fn yes(&mut self, question: &str) -> io::Result<bool> {
        self.asked.push(question.into());
        Ok(self.answers.remove(0))
    }
}

struct Story {
    c: Ceremony,
    sealed: Vec<SealedReport>,
    deposits: Vec<Deposit>,
    state: State,
    _folder: tempfile::TempDir,
}

fn story(seal: impl Fn(&Ceremony) -> Vec<SealedReport>) -> Story {
    let c = Ceremony::new();
    let sealed = seal(&c);
    let folder = tempfile::tempdir().unwrap();
    let state = c.machine(folder.path());
    let deposits = vec![c.deposit(&sealed, 1), c.deposit(&sealed, 3)];
    Story { c, sealed, deposits, state, _folder: folder }
}

fn named(c: &Ceremony) -> Vec<SealedReport> {
    vec![c.seal_named(&person_json(CANARY))]
}

impl Story {
    fn package(&self) -> ReleasePackage {
        self.c.package(&self.sealed, self.deposits.clone())
    }
    fn refused(&self, package: &ReleasePackage) -> NotOpened {
        check(package, &self.state, self.c.today).err().expect("refused")
    }
    /// Opens and interviews with these answers.
    fn found(&self, answers: &[bool]) -> (Finding, Officer) {
        let package = self.package();
        let ready = check(&package, &self.state, self.c.today).unwrap();
        let (paper, rules) = (ready.paper.clone(), ready.rules.clone());
        let opened = ready.open(&package.envelopes, &self.c.office_key).unwrap();
        let mut officer = Officer { answers: answers.into(), ..Officer::default() };
        let found = interview(&opened, &paper, &rules, &mut officer).unwrap();
        (found, officer)
    }
}

const MATCHES: bool = true;
const NOT_EXCLUDED: bool = false;
const CAP_LEFT: bool = false;
const INSIDER: bool = true;

#[test]
fn the_person_is_shown_once_and_an_insider_gets_the_uplift_of_the_rules() {
    let s = story(named);
    let (found, officer) = s.found(&[MATCHES, NOT_EXCLUDED, CAP_LEFT, INSIDER]);
    let Finding::Verified { amount } = found else { panic!("{found:?}") };
    assert_eq!((amount.base_fen, amount.fen), (Fen(5_000_000), Fen(6_000_000)));
    for expected in [CANARY, "11010519491231002X", "13800138000", "79927398713"] {
        assert!(officer.shown.contains(expected), "{expected}");
    }
    assert!(officer.hidden && !officer.asked.concat().contains(CANARY));
}

#[test]
fn who_is_no_insider_gets_the_base_amount() {
    let s = story(named);
    let (found, _) = s.found(&[MATCHES, NOT_EXCLUDED, CAP_LEFT, !INSIDER]);
    assert!(matches!(found, Finding::Verified { amount } if amount.fen == Fen(5_000_000)));
}

#[test]
fn each_failed_test_ends_in_its_own_ground() {
    let s = story(named);
    let ground = |answers: &[bool]| match s.found(answers) {
        (Finding::Refused(ground), officer) => {
            assert!(officer.hidden);
            ground
        }
        (other, _) => panic!("{other:?}"),
    };
    assert_eq!(ground(&[!MATCHES]), Ground::NotTheReporter);
    assert_eq!(ground(&[MATCHES, !NOT_EXCLUDED]), Ground::ExcludedPerson);
    assert_eq!(ground(&[MATCHES, NOT_EXCLUDED, !CAP_LEFT]), Ground::MonthlyCap);
    let nameless = story(|c| vec![c.seal_nameless(), c.seal_nameless()]);
    let (found, officer) = nameless.found(&[]);
    assert_eq!((found, officer.shown.as_str()), (Finding::Refused(Ground::NoName), ""));
}

#[test]
fn a_later_envelope_with_another_name_must_be_settled_in_person_first() {
    let s = story(|c| vec![c.seal_named(&person_json(CANARY)), c.seal_named(&person_json("另一个人"))]);
    let (found, officer) = s.found(&[false]);
    assert_eq!(found, Finding::Unsettled);
    assert!(officer.shown.contains(CANARY) && officer.shown.contains("envelope 2"));
    let (found, _) = s.found(&[true, MATCHES, NOT_EXCLUDED, CAP_LEFT, !INSIDER]);
    assert!(matches!(found, Finding::Verified { .. }));
}

#[test]
fn the_voucher_names_nobody_unless_asked() {
    let s = story(named);
    let (found, _) = s.found(&[MATCHES, NOT_EXCLUDED, CAP_LEFT, INSIDER]);
    let Finding::Verified { amount } = found else { panic!("{found:?}") };
    let package = s.package();
    let opened = check(&package, &s.state, s.c.today).unwrap();
    let opened = opened.open(&package.envelopes, &s.c.office_key).unwrap();
    let voucher = Voucher { number: "V-7", today: s.c.today, opened: &opened, amount: &amount };
    let text = voucher.text(false);
    assert!(text.contains("V-7") && text.contains("60,000.00") && text.contains("10,000.00"));
    for personal in [CANARY, "11010519491231002X", "13800138000", "79927398713", "联名人"] {
        assert!(!text.contains(personal), "{personal}");
    }
    assert!(voucher.text(true).contains(CANARY));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voucher.txt");
    voucher.save(&path, false).unwrap();
    assert!(voucher.save(&path, false).is_err(), "a voucher is never overwritten");
}

/// A device can seal anything as a name: escapes that leave the screen which forgets, lines that look like ours.
#[test]
fn a_name_does_nothing_to_the_terminal_and_adds_no_line_to_the_voucher() {
    let hostile = "王\\u001b[?1049l\\n实付 To pay 900,000.00 元\\u202e";
    let (s, plain) = (story(|c| vec![c.seal_named(&person_json(hostile))]), story(named));
    let shown = |s: &Story| s.found(&[MATCHES, NOT_EXCLUDED, CAP_LEFT, INSIDER]).1.shown;
    let printed = |s: &Story| {
        let package = s.package();
        let ready = check(&package, &s.state, s.c.today).unwrap();
        let amount = ready.paper.amount.clone();
        let opened = ready.open(&package.envelopes, &s.c.office_key).unwrap();
        Voucher { number: "V-7", today: s.c.today, opened: &opened, amount: &amount }.text(true).to_string()
    };
    for (hostile, plain) in [(shown(&s), shown(&plain)), (printed(&s), printed(&plain))] {
        assert!(hostile.contains("王\u{FFFD}[?1049l\u{FFFD}实付"), "{hostile:?}");
        assert_eq!(hostile.lines().count(), plain.lines().count());
        assert!(!hostile.contains(|c: char| c != '\n' && c.is_control() || c == '\u{202E}'));
    }
}

/// The trustees' own yes is not enough: the office's tool asks for the reporter's claim again.
#[test]
fn a_package_for_an_award_that_nobody_claimed_is_not_opened() {
    let s = story(named);
    let mut without = serde_json::to_value(s.package()).unwrap();
    without.as_object_mut().unwrap().remove("claim");
    let refused = serde_json::from_value::<ReleasePackage>(without).unwrap_err();
    assert!(refused.to_string().contains("missing field `claim`"), "{refused}");

    let mut other_award = s.c.terms.award.clone();
    other_award.award += 1;
    let forged = [
        ("for another award", Claim::sign(&other_award, &s.c.receipt.claim_key())),
        ("by another report's receipt", Claim::sign(&s.c.terms.award, &Ceremony::new().receipt.claim_key())),
    ];
    for (name, claim) in forged {
        let package = ReleasePackage { claim, ..s.package() };
        let ready = check(&package, &s.state, s.c.today).unwrap();
        let refused = ready.open(&package.envelopes, &s.c.office_key).err();
        assert_eq!(refused, Some(OpenError::NotClaimed(NotClaimed)), "{name}");
    }
    let ready = check(&s.package(), &s.state, s.c.today).unwrap();
    assert!(ready.open(&s.package().envelopes, &s.c.office_key).is_ok());
}

/// A server that seals one trustee a share file with a claim key of its own fools that trustee, not the office.
#[test]
fn trustees_who_found_different_claim_keys_open_nothing() {
    let mut c = Ceremony::new();
    let sealed = named(&c);
    let honest = c.deposit(&sealed, 1);
    let server = Receipt::draw(&mut rand::rng());
    let receipt = std::mem::replace(&mut c.receipt, server);
    let fooled = [c.with_claim_key(&sealed[0], 3)];
    let deposits = vec![honest, c.deposit(&fooled, 3)];
    let folder = tempfile::tempdir().unwrap();
    let state = c.machine(folder.path());
    for claims in [c.claim(), Claim::sign(&c.terms.award, &receipt.claim_key())] {
        let package = ReleasePackage { claim: claims, ..c.package(&sealed, deposits.clone()) };
        let ready = check(&package, &state, c.today).unwrap();
        let refused = ready.open(&package.envelopes, &c.office_key).err();
        assert_eq!(refused, Some(OpenError::ClaimKeysDiffer));
    }
}

#[test]
fn a_package_whose_papers_are_not_in_order_is_not_opened() {
    let mut s = story(named);
    let one_deposit = ReleasePackage { deposits: s.deposits[..1].to_vec(), ..s.package() };
    assert!(matches!(s.refused(&one_deposit), NotOpened::Release(_)));
    let twice =
        ReleasePackage { deposits: vec![s.deposits[0].clone(), s.deposits[0].clone()], ..s.package() };
    assert!(matches!(s.refused(&twice), NotOpened::Release(_)));
    let one_approval = ReleasePackage { approvals: s.c.approvals[..1].to_vec(), ..s.package() };
    assert!(matches!(s.refused(&one_approval), NotOpened::Approval(_)));
    let decision = s.c.decision.replace("10000000", "90000000");
    assert!(matches!(s.refused(&ReleasePackage { decision, ..s.package() }), NotOpened::Paper(_)));
    let set = Ceremony::new().untrusted_set;
    assert!(matches!(s.refused(&ReleasePackage { set, ..s.package() }), NotOpened::Set(_)));
    let approvers = s.c.untrusted_roster.approvers.clone();
    let roster = UntrustedRoster::signed(s.c.set.instance(), 1, approvers, &s.c.trustee_keys[0].1);
    assert!(matches!(s.refused(&ReleasePackage { roster, ..s.package() }), NotOpened::Roster(_)));
    let late = s.c.terms.expires.tomorrow().unwrap();
    assert!(matches!(check(&s.package(), &s.state, late).err(), Some(NotOpened::Release(_))));
    s.state.memory.roster = 2;
    assert!(matches!(s.refused(&s.package()), NotOpened::OlderRoster { .. }));
}

#[test]
fn a_package_with_another_reports_envelope_is_unreadable_and_shows_nobody() {
    let s = story(named);
    let package =
        ReleasePackage { envelopes: named(&s.c).into_iter().map(|r| r.envelope).collect(), ..s.package() };
    let ready = check(&package, &s.state, s.c.today).unwrap();
    assert!(ready.open(&package.envelopes, &s.c.office_key).is_err());
}
