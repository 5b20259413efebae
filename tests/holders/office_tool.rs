//! The officers' tool: papers in order or no opening; the person on the screen only; the amount by the rules.
#![cfg(feature = "open")]

use crate::common::{Ceremony, person_json};
use mifeng::{
    award::{
        claim::{Claim, NotClaimed},
        compute::decide,
        decision::{Decision, Facts},
        paper::Paper,
        record::Ground,
        release::{Deposit, ReleasePackage},
    },
    cleartext::open::{OpenError, Opened},
    cli::{
        office::{Asks, Finding, NotOpened, Voucher, check, interview},
        pins::State,
    },
    envelope::SealedReport,
    policy::{Fen, Severity},
    receipt::Receipt,
    recipients::UntrustedRoster,
};
use std::io;

const CANARY: &str = "密封测试甲";

/// Answers by a script and keeps what was shown.
#[derive(Default)]
struct Officer {
    answers: Vec<bool>,
    /// What whoever collects was paid this month.
    paid: Fen,
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
    fn sum(&mut self, question: &str) -> io::Result<Fen> {
        self.asked.push(question.into());
        Ok(self.paid)
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

/// Somebody who reports without joint signatories.
fn alone() -> String {
    let mut person: serde_json::Value = serde_json::from_str(&person_json(CANARY)).unwrap();
    person["joint"] = serde_json::json!([]);
    person.to_string()
}

impl Story {
    fn package(&self) -> ReleasePackage {
        self.c.package(&self.sealed, self.deposits.clone())
    }
    fn refused(&self, package: &ReleasePackage) -> NotOpened {
        check(package, &self.state, self.c.today).err().expect("refused")
    }
    fn opened(&self) -> Opened {
        let package = self.package();
        let ready = check(&package, &self.state, self.c.today).unwrap();
        ready.open(&package.envelopes, &self.c.office_key).unwrap()
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
    /// With the payee, as the voucher says it after this finding.
    fn voucher(&self, found: &Finding) -> String {
        let Finding::Verified { amount, authorised } = found else { panic!("{found:?}") };
        let (today, opened) = (self.c.today, &self.opened());
        Voucher { number: "V-7", today, opened, amount, authorised: *authorised }.text(true).to_string()
    }
}

const MATCHES: bool = true;
const NOT_EXCLUDED: bool = false;
const SETTLED: bool = true;
const AUTHORISED: bool = true;
const INSIDER: bool = true;

#[test]
fn the_person_is_shown_once_and_an_insider_gets_the_uplift_of_the_rules() {
    let s = story(named);
    let (found, officer) = s.found(&[MATCHES, NOT_EXCLUDED, INSIDER]);
    let Finding::Verified { amount, authorised: None } = found else { panic!("{found:?}") };
    assert_eq!((amount.base_fen, amount.fen), (Fen(5_000_000), Fen(6_000_000)));
    for expected in [CANARY, "11010519491231002X", "13800138000", "79927398713"] {
        assert!(officer.shown.contains(expected), "{expected}");
    }
    assert!(officer.hidden && !officer.asked.concat().contains(CANARY));
}

#[test]
fn who_is_no_insider_gets_the_base_amount() {
    let s = story(named);
    let (found, officer) = s.found(&[MATCHES, NOT_EXCLUDED, !INSIDER]);
    assert!(matches!(found, Finding::Verified { amount, .. } if amount.fen == Fen(5_000_000)));
    assert!(!officer.asked.concat().contains("this month"), "the rule has no monthly cap");
}

#[test]
fn each_failed_test_ends_in_its_own_ground() {
    let s = story(|c| vec![c.seal_named(&alone())]);
    let ground = |answers: &[bool]| match s.found(answers) {
        (Finding::Refused(ground), officer) => {
            assert!(officer.hidden);
            ground
        }
        (other, _) => panic!("{other:?}"),
    };
    assert_eq!(ground(&[!MATCHES]), Ground::NotTheReporter);
    assert_eq!(ground(&[MATCHES, !NOT_EXCLUDED]), Ground::ExcludedPerson);
    let nameless = story(|c| vec![c.seal_nameless(), c.seal_nameless()]);
    let (found, officer) = nameless.found(&[]);
    assert_eq!((found, officer.shown.as_str()), (Finding::Refused(Ground::NoName), ""));
}

#[test]
fn a_later_envelope_with_another_name_must_be_settled_in_person_first() {
    let s = story(|c| vec![c.seal_named(&person_json(CANARY)), c.seal_named(&person_json("另一个人"))]);
    let (found, officer) = s.found(&[!SETTLED]);
    assert_eq!(found, Finding::Unsettled);
    assert!(officer.shown.contains(CANARY) && officer.shown.contains("envelope 2"));
    let (found, _) = s.found(&[SETTLED, MATCHES, NOT_EXCLUDED, !INSIDER]);
    assert!(matches!(found, Finding::Verified { .. }));
}

/// Whoever holds the receipt and knows name and number can send another account and another telephone, but not unseen.
#[test]
fn another_account_or_telephone_later_is_shown_with_both_values_and_must_be_settled() {
    let changes =
        [("手机 Mobile", "13800138000", "053182051234"), ("账号 Account", "79927398713", "79927398710")];
    for (row, before, later) in changes {
        let changed = person_json(CANARY).replace(before, later);
        let s = story(|c| vec![c.seal_named(&person_json(CANARY)), c.seal_named(&changed)]);
        let (found, officer) = s.found(&[!SETTLED]);
        assert_eq!(found, Finding::Unsettled, "{row}");
        let note = format!("envelope 2  {row}  {before} → {later}");
        assert!(officer.shown.contains(&note), "{}", officer.shown);
        let (found, _) = s.found(&[SETTLED, MATCHES, NOT_EXCLUDED, !INSIDER]);
        assert_eq!(s.voucher(&found).contains(later), row == "账号 Account", "what was mended is paid");
    }
    let mut in_person: serde_json::Value = serde_json::from_str(&person_json(CANARY)).unwrap();
    in_person["payee"] = serde_json::json!({ "kind": "in_person" });
    let s = story(|c| vec![c.seal_named(&in_person.to_string()), c.seal_named(&person_json(CANARY))]);
    let shown = s.found(&[!SETTLED]).1.shown;
    for expected in ["当面 in person → 转账 to an account", "（无 none） → 79927398713"] {
        assert!(shown.contains(expected), "{shown}");
    }
}

/// One award for all who signed: the first collects, or one of them whom the first authorises in writing.
#[test]
fn a_joint_signatory_collects_with_the_first_ones_word_and_nobodys_coming_refuses_nothing() {
    let s = story(named);
    let (found, officer) = s.found(&[!MATCHES, AUTHORISED, NOT_EXCLUDED, !INSIDER]);
    assert!(matches!(found, Finding::Verified { authorised: Some(0), .. }), "{found:?}");
    assert!(officer.asked[1].contains("joint signatory 1") && officer.shown.contains("Signs with 1"));
    assert!(!officer.asked.concat().contains("联名人"), "a name is shown, never asked");
    let voucher = s.voucher(&found);
    for expected in ["Payee   联名人", "34052419800101001X", &format!("委托人 For     {CANARY}")] {
        assert!(voucher.contains(expected), "{voucher}");
    }
    let (found, _) = s.found(&[MATCHES, NOT_EXCLUDED, !INSIDER]);
    let voucher = s.voucher(&found);
    assert!(voucher.contains(&format!("Payee   {CANARY}")) && !voucher.contains("联名人"), "{voucher}");
    assert_eq!(s.found(&[!MATCHES, !AUTHORISED]).0, Finding::Unsettled);
}

/// Shenzhen: 500 yuan for a general matter, and not above 1,000 a month to one person.
#[test]
fn what_is_left_under_a_monthly_cap_is_paid_and_nothing_only_where_nothing_is_left() {
    let s = story(|c| vec![c.seal_named(&alone())]);
    let facts = Facts {
        region: "440300".parse().unwrap(),
        severity: Severity::General,
        fines_fen: vec![],
        ..s.c.paper.facts.clone()
    };
    let Decision::Amount(amount) = decide(&s.c.policy, &facts) else { panic!("an amount") };
    let paper = Paper::settle(&s.c.policy, &facts, &amount, None).unwrap();
    let found = |yuan: u64| {
        let answers = vec![MATCHES, NOT_EXCLUDED, !INSIDER];
        let mut officer = Officer { answers, paid: Fen(yuan * 100), ..Officer::default() };
        let found = interview(&s.opened(), &paper, &s.c.policy, &mut officer).unwrap();
        assert!(officer.asked.last().unwrap().contains("CN¥1,000.00 a month"), "{:?}", officer.asked);
        found
    };
    for (before, now) in [(0, "500.00"), (500, "500.00"), (700, "300.00"), (999, "1.00")] {
        let voucher = s.voucher(&found(before));
        assert!(voucher.contains(&format!("实付 To pay    {now} 元")), "{voucher}");
        assert!(voucher.contains("基本 Base      500.00 元"), "what was approved stays: {voucher}");
        assert_eq!(voucher.contains("已发 700.00 元"), before == 700, "{voucher}");
    }
    for before in [1_000, 5_000] {
        assert_eq!(found(before), Finding::Refused(Ground::MonthlyCap));
    }
}

#[test]
fn the_voucher_names_nobody_unless_asked() {
    let s = story(named);
    let (found, _) = s.found(&[MATCHES, NOT_EXCLUDED, INSIDER]);
    let Finding::Verified { amount, authorised } = found else { panic!("{found:?}") };
    let opened = s.opened();
    let voucher = Voucher { number: "V-7", today: s.c.today, opened: &opened, amount: &amount, authorised };
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
    let shown = |s: &Story| s.found(&[MATCHES, NOT_EXCLUDED, INSIDER]).1.shown;
    let printed = |s: &Story| s.voucher(&s.found(&[MATCHES, NOT_EXCLUDED, !INSIDER]).0);
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
