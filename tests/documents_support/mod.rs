//! Cases and awards that have every letter between them, made by the moves that lead to each.

use crate::figures;
use jiff::civil::{Date, date};
use mifeng::{
    award::{
        approval::Approval,
        claim::Claim,
        notice::NoticeNumber,
        record::{About, Award, Ballot},
    },
    casework::{
        Actor, Case, CaseContent, Deadlines, Finding, LeftIn, Move, Part, Recipient, RewardConditions, Role,
        Rules, SheetPart, apply,
    },
    documents::DocumentKind,
    ids::{CaseNumber, Instance, ReportId, StaffId},
    policy::{Code, MatterKind, Policy},
    recipients::{Approver, Office, RecipientSet, Trustee, UntrustedRoster, UntrustedSet},
    scrub::{Kind, Piece},
    signing::SigningKey,
};
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

pub static POLICY: LazyLock<Arc<Policy>> =
    LazyLock::new(|| Arc::new(Policy::load(Path::new("policy")).unwrap()));

/// Stands in what the reporter wrote, in what staff wrote for the file and in nothing that the reporter is told.
pub const CANARY: &str = "阿卜杜拉·买买提 13800138000";

/// A case, its awards, and a letter that it has.
pub struct Story {
    /// Of the letter's template.
    pub name: &'static str,
    pub kind: DocumentKind,
    pub case: Case,
    /// The case that answers for its matter, if that is another.
    pub answers: Option<Case>,
    pub awards: Vec<Award>,
}

fn received(serial: u32) -> Case {
    let content = CaseContent {
        kind: MatterKind::Hazard,
        industry: "fireworks".into(),
        region: "430181".into(),
        target_name: "某某烟花爆竹有限公司".into(),
        credit_code: String::new(),
        address: "大瑶镇三组仓库".into(),
        narrative: format!("仓库超量储存。{CANARY}"),
        when_text: String::new(),
        ongoing: true,
        imminent_danger: false,
    };
    let rules = Rules::of(&POLICY);
    let day = date(2026, 11, 20);
    let number = CaseNumber { year: 2026, serial };
    let clocks = Deadlines::at_receipt(day, false, &rules);
    Case::new(number, ReportId::from_bytes([7; 16]), day, content, clocks).routed(&POLICY.bodies)
}

/// By whoever may.
pub fn make(case: &Case, mv: Move, day: Date) -> Case {
    let reporters = matches!(mv, Move::Object { .. } | Move::AskDeletion { .. });
    let by = match mv {
        Move::Uphold { .. } | Move::Overturn { .. } | Move::GrantExtension { .. } => "wang",
        Move::GrantDeletion { .. } | Move::RefuseDeletion { .. } => "wang",
        _ => "li",
    };
    let actor = match reporters {
        true => Actor::Reporter,
        false => Actor::staff(StaffId(by.into()), &Role::ALL.into_iter().collect(), &POLICY.roles),
    };
    apply(case, mv, &actor, day, &Rules::of(&POLICY)).unwrap()
}

pub fn accepted(told: &str) -> Case {
    make(&received(1), Move::Accept { reason: CANARY.into(), told: told.into() }, date(2026, 11, 23))
}

pub fn reply() -> Move {
    Move::Reply {
        findings: "经现场核查，仓库超量储存。\n消防通道被占用。".into(),
        handling: "责令停产整顿，罚款十万元。".into(),
        reward: RewardConditions::Met,
    }
}

pub fn verifying() -> Case {
    let case = make(
        &accepted("我们会派人到现场核查。"),
        Move::Assign { to: StaffId("li".into()) },
        date(2026, 11, 24),
    );
    make(&case, Move::Begin, date(2026, 11, 25))
}

pub fn replied() -> Case {
    let found = Move::Conclude { finding: Finding::True, reason: CANARY.into() };
    make(&make(&verifying(), found, date(2026, 12, 1)), reply(), date(2026, 12, 2))
}

/// Every template once.
pub fn stories() -> Vec<Story> {
    use DocumentKind::*;
    let (day, why) = (date(2026, 11, 24), String::from(CANARY));
    let told = |text: &str| String::from(text);
    let ground = POLICY.intake.not_accepted.iter().find(|ground| !ground.same_reporter).unwrap().code.clone();
    let decline =
        Move::Decline { ground, reason: why.clone(), told: told("没有写明是哪一家单位。") };
    let ask = Move::AskSupplement { question: told("请写明仓库的位置。") };
    let office = POLICY.intake.out_of_scope.iter().find(|sector| sector.code.as_str() == "construction");
    let office = office.unwrap_or(&POLICY.intake.out_of_scope[0]).code.clone();
    let left_in =
        vec![LeftIn { part: Part::Narrative, kind: Kind::Phone, reason: "对方单位的电话".into() }];
    let transfer = Move::Transfer {
        office: office.clone(),
        reason: why.clone(),
        told: told("该工地的安全由住房和城乡建设部门监管。"),
    };
    let body = "city_430100".parse::<Code>().unwrap();
    let hand_up = Move::HandUp { body, reason: why.clone(), told: told("由上一级办理。") };
    let into = CaseNumber { year: 2026, serial: 1 };
    let merge = Move::Merge { into, reason: why.clone(), told: told("与在先的举报一并核查。") };
    let merged = make(&received(6), merge, day);
    let ask_extension = Move::AskExtension { days: serde_json::from_str("30").unwrap(), reason: why.clone() };
    let extended = make(&verifying(), ask_extension, date(2027, 1, 5));
    let extended = make(&extended, Move::GrantExtension { told: told("需要补充检测。") }, date(2027, 1, 6));
    let objected = make(&replied(), Move::Object { text: why.clone() }, date(2026, 12, 4));
    let uphold = Move::Uphold { reason: why.clone(), told: told("原结论事实清楚。") };
    let overturn = Move::Overturn { reason: why.clone(), told: told("有新的证据。") };
    let wish = make(&verifying(), Move::AskDeletion { text: why.clone() }, date(2026, 12, 1));
    let grant = Move::GrantDeletion { reason: why.clone(), told: told("已经删除。") };
    let refuse = Move::RefuseDeletion { reason: why, told: told("核查尚未结束。") };
    let later = date(2026, 12, 8);
    let of_case = [
        ("acceptance", Acceptance, accepted("我们会派人到现场核查。")),
        ("non_acceptance", NonAcceptance, make(&received(2), decline, day)),
        ("supplement", Supplement, make(&received(3), ask, day)),
        ("transfer", Transfer, make(&received(4), transfer.clone(), day)),
        (
            "transfer_checked",
            Transfer,
            make(&sheet(&received(4), &office, Vec::new()), transfer.clone(), day),
        ),
        ("transfer_left_in", Transfer, make(&sheet(&received(4), &office, left_in), transfer, day)),
        ("handover", Handover, make(&received(5), hand_up, day)),
        ("merger", Merger, merged.clone()),
        ("extension", Extension, extended),
        ("reply", Reply, replied()),
        ("review_upheld", Review, make(&objected, uphold, later)),
        ("review_overturned", Review, make(&objected, overturn, later)),
        ("deletion_granted", Deletion, make(&wish, grant, later)),
        ("deletion_refused", Deletion, make(&wish, refuse, later)),
    ];
    let of_award = [
        ("award", Award, true),
        ("claim_time", ClaimTime, true),
        ("claim", Claim, true),
        ("lapse", Lapse, false),
    ];
    let of_case = of_case.map(|(name, kind, case)| Story { name, kind, case, answers: None, awards: vec![] });
    let joint =
        Story { name: "reply_joint", kind: Reply, case: merged, answers: Some(replied()), awards: vec![] };
    let of_award = of_award.map(|(name, kind, claimed)| Story {
        name,
        kind,
        case: replied(),
        answers: None,
        awards: vec![award(claimed)],
    });
    of_case.into_iter().chain([joint]).chain(of_award).collect()
}

/// With a text for that office.
fn sheet(case: &Case, office: &Code, left_in: Vec<LeftIn>) -> Case {
    let whole = |(part, text): (Part, &str)| SheetPart { part, pieces: vec![Piece::Kept(text.to_owned())] };
    let parts = case.own_words().into_iter().map(whole).collect();
    let to = Recipient::Office(office.clone());
    make(case, Move::MakeSheet { to, parts, left_in }, date(2026, 11, 23))
}

/// Notified, given longer, then claimed; or announced, and not claimed.
fn award(is_claimed: bool) -> Award {
    let key = |n: u8| SigningKey::from_seed([n; 32]);
    let approvers = [("qian", 21), ("sun", 22)].map(|(id, n)| (StaffId(id.into()), key(n)));
    let enrolled =
        approvers.iter().map(|(staff, key)| Approver { staff: staff.clone(), verify: key.verify_key() });
    let instance = Instance("test".into());
    let roster = UntrustedRoster::signed(&instance, 1, enrolled.collect(), &key(1));
    let roster = roster.trusted(&set(&instance)).unwrap();
    let (day, by) = (date(2026, 12, 10), StaffId("zhao".into()));
    let about = About {
        instance,
        report: ReportId::from_bytes([7; 16]),
        case: CaseNumber { year: 2026, serial: 1 },
        award: 1,
        worked_on: vec![],
    };
    let rules = &POLICY.rewards;
    let ballot = Ballot { needed: 2, until: day, life: 90 };
    let mut award = Award::computed(about, &figures::paper(rules, day), rules, ballot, &by).unwrap();
    for (staff, key) in &approvers {
        let approval = Approval::sign(award.terms(), staff, day, key);
        award = award.approve(approval, &roster, day).unwrap();
    }
    let award = award.file(&by, day).unwrap().notify(date(2027, 2, 8), &by, day).unwrap();
    match is_claimed {
        true => {
            let award = award.extend_claim(date(2027, 3, 8), "住院", &by, date(2027, 1, 8)).unwrap();
            let claim = Claim::sign(award.terms(), &key(40));
            award.claim(date(2027, 1, 9), claim, key(40).verify_key()).unwrap()
        }
        false => {
            let number = NoticeNumber::try_from(48_217_730).unwrap();
            let award = award.public_notice(number, date(2027, 3, 8), &by, date(2027, 2, 9)).unwrap();
            award.lapse(date(2027, 3, 9)).unwrap()
        }
    }
}

/// A recipient set of nobody in particular.
fn set(instance: &Instance) -> RecipientSet {
    let key = |n: u8| SigningKey::from_seed([n; 32]);
    let recipient = || age::x25519::Identity::generate().to_public().to_string();
    let office = Office { working: recipient(), recovery: recipient(), verify: key(1).verify_key() };
    let trustees = (1..=3).map(|n| Trustee {
        name: format!("trustee {n}"),
        recipient: recipient(),
        verify: key(10 + n).verify_key(),
    });
    let mut set = UntrustedSet::draft(instance, 1, office, trustees.collect(), 2).unwrap();
    set.sign("office", &key(1));
    (1..=3).for_each(|n| set.sign(&format!("trustee-{n}"), &key(10 + n)));
    set.pinned(&set.fingerprint()).unwrap()
}
