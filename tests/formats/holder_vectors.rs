//! Frozen papers for the holders' pages in the browser: every decision of the reward vectors, word for word, and a
//! whole release with every way in which it may be refused. `web/test/` reads the same files and must come to the same.
//! `MIFENG_WRITE_VECTORS=1 cargo test --features open --test formats holder_vectors` writes a file where there is none.
#![cfg(feature = "open")]

use crate::{
    common::{Ceremony, person_json},
    holder_support::{Opening, Release, Share, check_opening, check_share},
};
use age::secrecy::ExposeSecret;
use mifeng::{
    award::{
        approval::{self, Approval},
        claim::Claim,
        compute::decide,
        decision::Decision,
        paper::decision_hash,
        release::{Deposit, Purpose, Quorum, ReleaseAnswer, ReleasePackage, ReleaseRequest},
    },
    cleartext::open::open,
    cli::award::facts,
    envelope::SealedReport,
    ids::{ReportId, StaffId},
    log::{
        checkpoint::{LogKey, WitnessKey},
        proof::Seen,
        tree::EMPTY_ROOT,
    },
    policy::{LONGEST_APPROVAL, Policy, Source},
    recipients::UntrustedRoster,
    signing::SigningKey,
};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::Path};

const RELEASE: &str = "tests/vectors/holders-v1.json";
/// Made by `web/test/holders.test.ts`: two trustees' answers to the release above.
const ANSWERS: &str = "tests/vectors/answers-from-browser-v1.json";

#[derive(Deserialize)]
struct Rewards {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    facts: toml::Table,
}

/// Facts and decision of each case, by its id.
fn decisions() -> BTreeMap<String, (serde_json::Value, Decision)> {
    let policy = Policy::load(Path::new("policy")).unwrap();
    let cases: Rewards = toml::from_str(&fs::read_to_string("tests/vectors/rewards.toml").unwrap()).unwrap();
    let read = |case: Case| {
        let source = Source { file: case.id.clone(), text: toml::to_string(&case.facts).unwrap() };
        let facts = facts(&source, &policy).unwrap();
        (case.id, (serde_json::to_value(&facts).unwrap(), decide(&policy.rewards, &facts)))
    };
    cases.case.into_iter().map(read).collect()
}

/// Writes what is not there yet, if asked to.
fn frozen(file: &str, make: impl FnOnce() -> String) -> String {
    if !Path::new(file).exists() && std::env::var_os("MIFENG_WRITE_VECTORS").is_some() {
        fs::write(file, make() + "\n").unwrap();
    }
    fs::read_to_string(file).unwrap()
}

#[test]
fn decisions_are_frozen_word_for_word() {
    let found = serde_json::to_string_pretty(&decisions()).unwrap();
    let kept = frozen("tests/vectors/decisions-v1.json", || found.clone());
    assert!(kept.trim_end() == found, "other decisions than the frozen ones");
}

#[test]
fn every_request_and_package_is_judged_as_it_was() {
    let release: Release = serde_json::from_str(&frozen(RELEASE, write_release)).unwrap();
    assert!(release.shares.len() > 30 && release.openings.len() > 10);
    for case in &release.shares {
        assert_eq!(check_share(&release, case), case.refused, "{}", case.name);
    }
    for case in &release.openings {
        let found = check_opening(&release, case);
        assert_eq!(
            (found.refused, found.findings),
            (case.refused.clone(), case.findings.clone()),
            "{}",
            case.name
        );
    }
}

/// What two trustees' browsers gave opens like what their command-line tools give.
#[test]
fn answers_made_in_a_browser_are_accepted_and_open_the_identity() {
    let release: Release = serde_json::from_str(&fs::read_to_string(RELEASE).unwrap()).unwrap();
    let answers: Vec<ReleaseAnswer> = serde_json::from_str(&fs::read_to_string(ANSWERS).unwrap()).unwrap();
    let package: ReleasePackage = serde_json::from_value(release.package.clone()).unwrap();
    let set = package.set.pinned(&package.set.fingerprint()).unwrap();
    let deposits: Vec<Deposit> = answers.iter().map(|answer| answer.deposit.clone()).collect();
    assert_eq!(deposits.iter().map(|deposit| deposit.trustee).collect::<Vec<_>>(), [1, 3]);
    let award = &package.terms.award;
    for answer in &answers {
        assert_eq!((answer.report, answer.leaf_index), (award.report, package.terms.leaf_index));
        let witness = WitnessKey::new(
            format!("test/trustee-{}", answer.deposit.trustee).parse().unwrap(),
            set.trustees()[usize::from(answer.deposit.trustee) - 1].verify,
        );
        let log: LogKey = release.log_key.parse().unwrap();
        assert_eq!(witness.saw(&log.open(answer.checkpoint.as_bytes()).unwrap()), Ok(1_795_622_400));
    }
    let roster = package.roster.trusted(&set).unwrap();
    let approval =
        approval::verify(award, &package.approvals, &roster, release.today, LONGEST_APPROVAL).unwrap();
    let quorum = Quorum::gather(&package.terms, &set, &deposits, release.today).unwrap();
    let office: age::x25519::Identity = release.office_key.parse().unwrap();
    let opened = open(&package.envelopes, approval, &package.claim, quorum, &office).unwrap();
    assert_eq!(opened.person.unwrap().name(), release.person_name);
}

fn write_release() -> String {
    let c = Ceremony::new();
    let sealed = vec![c.seal_named(&person_json("密封测试甲")), c.seal_nameless()];
    let key = |age: &age::x25519::Identity, sign: &SigningKey| {
        format!("# a test's key\n{}\n{}\n", age.to_string().expose_secret(), *sign.to_text())
    };
    let mut release = Release {
        note: "Keys and person are made up. A case is the request or package with some keys changed.".into(),
        today: c.today,
        fingerprint: c.untrusted_set.fingerprint().to_string(),
        log_key: c.log_key().to_string(),
        office_key: c.office_key.to_string().expose_secret().into(),
        key_files: c.trustee_keys.iter().map(|(age, sign)| key(age, sign)).collect(),
        office_key_file: key(&c.office_key, &c.office_sign),
        recovery_key_file: key(&c.recovery_key, &c.office_sign),
        person_name: "密封测试甲".into(),
        request: serde_json::to_value(c.request(&sealed, 1)).unwrap(),
        package: serde_json::to_value(c.package(&sealed, vec![c.deposit(&sealed, 1), c.deposit(&sealed, 3)]))
            .unwrap(),
        shares: vec![],
        openings: vec![],
    };
    let shares = shares(&c, &sealed);
    let openings = openings(&c, &sealed);
    for mut case in shares {
        case.keep_changes(&release.request);
        case.refused = check_share(&release, &case);
        release.shares.push(case);
    }
    for mut case in openings {
        case.keep_changes(&release.package);
        let found = check_opening(&release, &case);
        (case.refused, case.findings) = (found.refused, found.findings);
        release.openings.push(case);
    }
    serde_json::to_string_pretty(&release).unwrap()
}

/// Every case of `tests/holders/trustee_tool.rs`.
fn shares(c: &Ceremony, sealed: &[SealedReport]) -> Vec<Share> {
    let good = || c.request(sealed, 1);
    let case = |name: &str, request: ReleaseRequest| Share::of(name, c.today, &request);
    let changed = |name: &str, change: &dyn Fn(&mut ReleaseRequest)| {
        let mut request = good();
        change(&mut request);
        case(name, request)
    };
    let again = |name: &str, change: &dyn Fn(&mut Ceremony)| {
        let mut other = copy(c);
        change(&mut other);
        other.approve_again();
        case(name, other.request(sealed, 1))
    };
    let proof_of = |name: &str, change: &dyn Fn(&mut Ceremony)| {
        let mut other = copy(c);
        change(&mut other);
        case(name, ReleaseRequest { proof: other.proof(), ..good() })
    };
    let seen =
        |name: &str, size: u64| Share { seen: Some(Seen { size, root: EMPTY_ROOT }), ..case(name, good()) };
    let stranger = SigningKey::from_seed([5; 32]);
    let last = c.approvals[0].until(LONGEST_APPROVAL);
    let late = last.tomorrow().unwrap();
    let approvers = c.untrusted_roster.approvers.clone();
    let forged = |number: u32, key: &SigningKey| {
        UntrustedRoster::signed(c.set.instance(), number, approvers.clone(), key)
    };
    let inflated = c.decision.replace("\"base_fen\":5000000", "\"base_fen\":9000000");
    let two = c.approvals[1].clone();
    let by_other = |staff: &str| Approval::sign(&c.terms.award, &StaffId(staff.into()), c.today, &stranger);
    let mut other_award = c.terms.award.clone();
    other_award.award += 1;
    let victims = {
        let mut other = copy(c);
        other.report = ReportId::from_bytes([7; 16]);
        other.terms.award.report = other.report;
        other.approve_again();
        let honest = c.request(sealed, 1);
        ReleaseRequest {
            share_files: honest.share_files,
            envelopes: honest.envelopes,
            ..other.request(sealed, 1)
        }
    };
    vec![
        case("in order", good()),
        Share { today: c.terms.expires, ..case("on the last day", good()) },
        Share { key: 3, ..case("trustee 3", c.request(sealed, 3)) },
        Share { seen: Some(Seen { size: 0, root: EMPTY_ROOT }), ..case("nothing seen before", good()) },
        changed("another format", &|r| r.format = 2),
        changed("another set", &|r| r.set = Ceremony::new().untrusted_set),
        changed("a set without a signature", &|r| drop(r.set.signatures.pop())),
        case("for another trustee", c.request(sealed, 2)),
        changed("for trustee 0", &|r| r.trustee = 0),
        changed("for trustee 4", &|r| r.trustee = 4),
        Share { key: 2, ..case("with another's key", good()) },
        changed("another's share files", &|r| r.share_files = c.request(sealed, 2).share_files),
        Share { today: c.terms.expires.tomorrow().unwrap(), ..case("expired", good()) },
        changed("for files", &|r| r.terms.purpose = Purpose::Files),
        changed("another decision", &|r| r.decision = r.decision.replace("10000000", "10000001")),
        changed("other rules", &|r| r.rules = r.rules.replace("rate = 50", "rate = 90")),
        again("an amount the rules do not give", &|o| {
            o.terms.award.rule_and_inputs = decision_hash(&inflated);
            o.terms.award.base_fen = 9_000_000;
            o.decision.clone_from(&inflated);
        }),
        again("another amount in the terms", &|o| o.terms.award.base_fen = 9_000_000),
        changed("no approval", &|r| r.approvals = vec![]),
        changed("one approval", &|r| r.approvals = vec![two.clone()]),
        changed("one person twice", &|r| r.approvals = vec![two.clone(), two.clone()]),
        changed("an approver not on the roster", &|r| r.approvals[1] = by_other("li")),
        changed("an approval by another key", &|r| r.approvals[1] = by_other("sun")),
        changed("fewer approvals needed than signed", &|r| r.terms.award.approvals_needed = 1),
        again("an approver's own case", &|o| o.terms.award.worked_on.push(StaffId("sun".into()))),
        changed("an approval of tomorrow", &|r| r.approvals[0].day = c.today.tomorrow().unwrap()),
        Share { today: last, ..again("the approvals' last day", &|o| o.terms.expires = late) },
        Share { today: late, ..again("the day after the approvals' last", &|o| o.terms.expires = late) },
        changed("a forged roster", &|r| r.roster = forged(9, &stranger)),
        Share { roster: 2, ..case("an older roster", good()) },
        changed("a roster with one person twice", &|r| {
            let mut people = approvers.clone();
            people.push(approvers[0].clone());
            r.roster = UntrustedRoster::signed(c.set.instance(), 1, people, &c.office_sign);
        }),
        changed("envelopes exchanged", &|r| r.envelopes.swap(0, 1)),
        changed("a share file missing", &|r| drop(r.share_files.pop())),
        changed("no share file", &|r| (r.share_files, r.envelopes) = (vec![], vec![])),
        changed("no hash of an envelope", &|r| r.envelopes[0] = "zz".into()),
        case("a victim's share files", victims),
        changed("a claim for another award", &|r| {
            r.claim = Claim::sign(&other_award, &c.receipt.claim_key())
        }),
        changed("a claim by another receipt", &|r| {
            r.claim = Claim::sign(&c.terms.award, &Ceremony::new().receipt.claim_key());
        }),
        proof_of("a leaf of another report", &|o| o.audit = Ceremony::new().audit),
        proof_of("a leaf with another number", &|o| o.terms.leaf_n = 3),
        proof_of("a leaf at another place", &|o| o.terms.leaf_index = 5),
        proof_of("a leaf for a longer release", &|o| o.terms.expires = o.terms.expires.tomorrow().unwrap()),
        proof_of("a leaf for another amount", &|o| o.terms.award.base_fen += 1),
        seen("a log that was rewritten", 7),
        seen("a log that was rewritten below", 4),
        seen("a log that forgot", 8),
        Share {
            log_key: Some(LogKey::new(c.log_key().name().clone(), stranger.verify_key()).to_string()),
            ..case("another log", good())
        },
    ]
}

/// Every case of `tests/holders/office_tool.rs` that needs no more than the package.
fn openings(c: &Ceremony, sealed: &[SealedReport]) -> Vec<Opening> {
    let package =
        |sealed: &[SealedReport]| c.package(sealed, vec![c.deposit(sealed, 1), c.deposit(sealed, 3)]);
    let case = |name: &str, package: ReleasePackage| Opening::of(name, c.today, &package);
    let changed = |name: &str, change: &dyn Fn(&mut ReleasePackage)| {
        let mut changed = package(sealed);
        change(&mut changed);
        case(name, changed)
    };
    let other = Ceremony::new();
    let named = |name: &str| c.seal_named(&person_json(name));
    let fooled = [named("密封测试甲")];
    let fooled = {
        let mut liar = copy(c);
        liar.receipt = other.receipt.clone();
        let changed = [liar.with_claim_key(&fooled[0], 3)];
        let deposits = vec![c.deposit(&fooled, 1), liar.deposit(&changed, 3)];
        c.package(&fooled, deposits)
    };
    vec![
        case("in order", package(sealed)),
        Opening { key: "recovery".into(), ..case("with the recovery key", package(sealed)) },
        case("nameless", package(&[c.seal_nameless()])),
        case("named later", package(&[c.seal_nameless(), named("密封测试乙")])),
        case("two names", package(&[named("密封测试甲"), named("另一个人")])),
        Opening { key: "trustee".into(), ..case("with another's key", package(sealed)) },
        changed("another format", &|p| p.format = 2),
        changed("one share", &|p| drop(p.deposits.pop())),
        changed("one trustee twice", &|p| p.deposits[1] = p.deposits[0].clone()),
        changed("a trustee who is none", &|p| p.deposits[1].trustee = 9),
        changed("shares exchanged", &|p| {
            p.deposits[0].trustee = 3;
            p.deposits[1].trustee = 1;
        }),
        changed("one approval", &|p| drop(p.approvals.pop())),
        changed("another decision", &|p| p.decision = p.decision.replace("10000000", "90000000")),
        changed("another set", &|p| p.set = Ceremony::new().untrusted_set),
        changed("a forged roster", &|p| {
            let approvers = c.untrusted_roster.approvers.clone();
            p.roster = UntrustedRoster::signed(c.set.instance(), 1, approvers, &c.trustee_keys[0].1);
        }),
        Opening { roster: 2, ..case("an older roster", package(sealed)) },
        Opening { today: c.terms.expires.tomorrow().unwrap(), ..case("expired", package(sealed)) },
        changed("another report's envelope", &|p| p.envelopes[0] = named("密封测试丙").envelope),
        changed("no envelope", &|p| p.envelopes = vec![]),
        changed("a claim by another receipt", &|p| {
            p.claim = Claim::sign(&c.terms.award, &other.receipt.claim_key())
        }),
        case("trustees who name different claim keys", fooled),
    ]
}

/// The same ceremony, to be changed.
fn copy(c: &Ceremony) -> Ceremony {
    let key = |key: &SigningKey| SigningKey::from_seed(*key.seed());
    Ceremony {
        today: c.today,
        report: c.report,
        receipt: c.receipt.clone(),
        audit: c.audit.clone(),
        office_key: c.office_key.clone(),
        recovery_key: c.recovery_key.clone(),
        trustee_keys: c.trustee_keys.iter().map(|(age, sign)| (age.clone(), key(sign))).collect(),
        untrusted_set: c.untrusted_set.clone(),
        set: c.set.clone(),
        office_sign: key(&c.office_sign),
        untrusted_roster: c.untrusted_roster.clone(),
        roster: c.roster.clone(),
        terms: c.terms.clone(),
        decision: c.decision.clone(),
        rules: c.rules.clone(),
        policy: c.policy.clone(),
        paper: c.paper.clone(),
        approvals: c.approvals.clone(),
        approver_keys: c.approver_keys.iter().map(|(staff, sign)| (staff.clone(), key(sign))).collect(),
    }
}
