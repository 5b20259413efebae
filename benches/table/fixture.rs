//! Reports to measure with: keys drawn on the spot, the same story in each.

use jiff::ToSpan;
use mifeng::{
    casework::{Case, CaseContent, Deadlines, Rules, State},
    cleartext::{
        identity::SealedBy,
        seal::{Binding, Whom, seal_report},
    },
    clock::{Day, SystemClock},
    envelope::SealedReport,
    ids::{Instance, ReportId, StaffId},
    policy::{MatterKind, Policy, RepeatRules},
    receipt::Receipt,
    recipients::{Office, RecipientSet, Trustee, UntrustedSet},
    signing::SigningKey,
    store::{
        Month, Store, Submission, at_rest::RootKeys, engine::Engine, retention::RetentionKeys,
        sled::SledEngine,
    },
};
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

pub const INSTANCE: &str = "bench";
/// A story of ordinary length: 400 characters.
const SENTENCE: &str = "夜班井下瓦斯探头被纸板遮住，带班领导不在现场，报警后仍继续作业。";

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| Policy::load(&super::server::shipped_policy()).expect("the shipped policy"));

pub fn day() -> Day {
    jiff::civil::date(2026, 11, 23)
}

/// Office and three trustees, two of whom are enough.
pub fn recipient_set() -> RecipientSet {
    let mut rng = rand::rng();
    let recipient = || age::x25519::Identity::generate().to_public().to_string();
    let office_key = SigningKey::generate(&mut rng);
    let office = Office { working: recipient(), recovery: recipient(), verify: office_key.verify_key() };
    let keys: Vec<_> = (0..3).map(|_| SigningKey::generate(&mut rng)).collect();
    let trustees = keys.iter().zip(1..).map(|(key, n)| Trustee {
        name: format!("trustee {n}"),
        recipient: recipient(),
        verify: key.verify_key(),
    });
    let mut draft =
        UntrustedSet::draft(&Instance(INSTANCE.into()), 1, office, trustees.collect(), 2).unwrap();
    draft.sign("office", &office_key);
    for (key, n) in keys.iter().zip(1..) {
        draft.sign(&format!("trustee-{n}"), key);
    }
    draft.pinned(&draft.fingerprint()).unwrap()
}

pub fn seal(set: &RecipientSet, report: ReportId, receipt: &Receipt) -> SealedReport {
    let binding = Binding {
        report,
        audit_key: &receipt.audit_key(),
        claim_key: receipt.claim_verify_key(),
        set,
        sealed_by: SealedBy::Server,
    };
    seal_report(Whom::Nameless, &binding, &mut rand::rng()).unwrap()
}

pub fn content(n: u64) -> CaseContent {
    let industries = ["coal_mines", "chemical", "fireworks", "machinery", "commerce"];
    let regions = ["370100", "420100", "430100", "440300", "350200"];
    CaseContent {
        kind: MatterKind::ALL[n as usize % 4],
        industry: industries[n as usize % 5].into(),
        region: regions[n as usize / 5 % 5].into(),
        target_name: format!("某某第{n}煤矿"),
        credit_code: String::new(),
        address: "井下东翼".into(),
        narrative: SENTENCE.repeat(12),
        when_text: "上周二夜班".into(),
        ongoing: true,
        imminent_danger: n.is_multiple_of(50),
    }
}

/// Report number `n`, with what the reporter draws.
pub fn submission(n: u64, sealed: SealedReport, report: ReportId, receipt: &Receipt) -> Submission {
    let content = content(n);
    // Received over a quarter of a year, so that deadlines differ.
    let received = day() - (n as i64 % 90).days();
    let deadlines = Deadlines::at_receipt(received, content.imminent_danger, &Rules::of(&POLICY));
    Submission {
        report,
        locator: receipt.locator(),
        auth: receipt.auth(),
        audit_key: receipt.audit_key(),
        mailbox: receipt.mailbox(),
        claim_key: receipt.claim_verify_key(),
        sealed,
        day: day(),
        forget: Month::of(jiff::civil::date(2031, 11, 1)),
        open_case: Box::new(move |number| {
            let case = Case::new(number, report, received, content, deadlines).routed(&POLICY.bodies);
            grown(case, n, received)
        }),
        entry: None,
    }
}

/// As a store looks after a year: of ten cases eight are closed, one is being verified, one waits for a decision.
fn grown(mut case: Case, n: u64, received: Day) -> Case {
    let who = ["investigator", "investigator2", "zibo-inv"][n as usize % 3];
    match n % 10 {
        0..=7 => case.state = State::Closed,
        8 => {
            case.state = State::Verifying;
            case.deadlines.conclude_by = Some(received + 60.days());
        }
        _ => return case,
    }
    case.owner = Some(StaffId(who.into()));
    case
}

pub fn policy() -> &'static Policy {
    &POLICY
}

/// The rules that repeats are compared by.
pub fn repeats() -> RepeatRules {
    POLICY.repeats.clone()
}

/// A store on sled in `folder`, its retention keys beside it.
pub fn open_store(folder: &Path) -> Result<Store, Box<dyn std::error::Error>> {
    open_on(Arc::new(SledEngine::open(&folder.join("data"))?), folder)
}

/// A store on `engine`, its retention keys in `folder`.
pub fn open_on(engine: Arc<dyn Engine>, folder: &Path) -> Result<Store, Box<dyn std::error::Error>> {
    let roots = RootKeys::parse(&format!("mifeng-root-1 {}", "5a".repeat(32)))?;
    let retention = RetentionKeys::open(&folder.join("retention"), Arc::new(SystemClock))?;
    Ok(Store::open(engine, &Instance(INSTANCE.into()), &roots, retention)?)
}
