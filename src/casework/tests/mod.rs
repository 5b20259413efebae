//! A case from report to closing, and what the tests of one share.

mod clocks;
mod random;
mod refusals;
mod words;

use super::*;
use crate::{
    clock::Day,
    ids::{BlobId, CaseNumber, ReportId, StaffId},
    mailbox,
    policy::{Code, Days, MatterKind, Policy},
    receipt::Receipt,
};
use jiff::civil::date;
use std::{path::Path, sync::LazyLock};

pub(super) static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::load(Path::new("policy")).unwrap());
pub(super) static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::of(&POLICY));
pub(super) const DAY: Day = date(2026, 1, 1);

pub(super) fn content() -> CaseContent {
    CaseContent {
        kind: MatterKind::Hazard,
        industry: "chemical".into(),
        region: "370100".into(),
        target_name: "某化工厂".into(),
        credit_code: "91350100M000100Y43".into(),
        address: "工业路 1 号".into(),
        narrative: "夜班时储罐区报警器被关掉了。".into(),
        when_text: "上周二夜班".into(),
        ongoing: true,
        imminent_danger: false,
    }
}

pub(super) fn fresh() -> Case {
    let deadlines = Deadlines::at_receipt(DAY, false, &RULES);
    Case::new(CaseNumber { year: 2026, serial: 1 }, ReportId::from_bytes([7; 16]), DAY, content(), deadlines)
}

pub(super) fn staff(id: &str, roles: &[Role]) -> Actor {
    Actor::staff(StaffId(id.into()), &roles.iter().copied().collect(), &POLICY.roles)
}
pub(super) fn clerk() -> Actor {
    staff("clerk", &[Role::Clerk])
}
pub(super) fn investigator() -> Actor {
    staff("inv", &[Role::Investigator])
}
pub(super) fn approver() -> Actor {
    staff("app", &[Role::Approver])
}
pub(super) fn code(text: &str) -> Code {
    text.parse().unwrap()
}

pub(super) fn accept() -> Move {
    Move::Accept { reason: "属于受理范围".into(), told: "已受理。".into() }
}
pub(super) fn decline() -> Move {
    Move::Decline {
        ground: code("unclear"), reason: "没有单位".into(), told: "没有写明单位。".into()
    }
}
fn ask() -> Move {
    Move::AskSupplement { question: "是哪个车间？".into() }
}
pub(super) fn assign() -> Move {
    Move::Assign { to: StaffId("inv".into()) }
}
pub(super) fn more_time(days: u32) -> Move {
    Move::AskExtension { days: Days::try_from(days).unwrap(), reason: "需要检测".into() }
}
pub(super) fn grant() -> Move {
    Move::GrantExtension { told: "核查期限延长了。".into() }
}
fn refuse() -> Move {
    Move::RefuseExtension { reason: "不需要".into() }
}
pub(super) fn conclude() -> Move {
    Move::Conclude { finding: Finding::True, reason: "现场查实".into() }
}
pub(super) fn reply() -> Move {
    Move::Reply { findings: "查实".into(), handling: "罚款".into(), reward: RewardConditions::Met }
}
pub(super) fn close() -> Move {
    Move::Close { evidence: "处罚决定书".into() }
}
pub(super) fn file() -> CaseFile {
    CaseFile {
        original: BlobId::from_bytes([1; 16]),
        copy: Copy::SealedOnly,
        size: SizeClass::of(5),
        day: DAY,
    }
}

fn detach() -> Move {
    Move::Detach { original: file().original }
}

/// What staff say, as it is taken: sealed.
pub(super) fn said(text: &str) -> Move {
    let mailbox = Receipt::draw(&mut rand::rng()).mailbox();
    Move::Say { text: MessageText::Sealed(mailbox::seal(text, &mailbox)), file: None }
}

pub(super) fn answer_retaliation() -> Move {
    let mailbox = Receipt::draw(&mut rand::rng()).mailbox();
    let answer = MessageText::Sealed(mailbox::seal("我们已经约谈单位。", &mailbox));
    Move::AnswerRetaliation { answer, reason: "约谈了单位负责人".into() }
}

/// Makes the moves one after the other on one day.
pub(super) fn after_moves(moves: impl IntoIterator<Item = (Move, Actor)>) -> Case {
    moves.into_iter().fold(fresh(), |case, (mv, actor)| apply(&case, mv, &actor, DAY, &RULES).unwrap())
}
pub(super) fn verifying() -> Case {
    after_moves([(accept(), clerk()), (assign(), clerk()), (Move::Begin, investigator())])
}
pub(super) fn refused(case: &Case, mv: Move, actor: &Actor) -> MoveRefused {
    apply(case, mv, actor, DAY, &RULES).unwrap_err()
}

#[test]
fn the_whole_way_from_report_to_closing() {
    let case = after_moves([
        (ask(), clerk()),
        (Move::Add { text: "三车间".into() }, Actor::Reporter),
        (accept(), clerk()),
        (assign(), clerk()),
        (Move::Begin, investigator()),
        (conclude(), investigator()),
        (reply(), investigator()),
        (close(), investigator()),
    ]);
    assert_eq!(case.state, State::Closed);
    assert_eq!(case.version, 9);
    assert_eq!(ReporterStatus::of(&case), ReporterStatus::FinishedConfirmed);
    assert_eq!(case.worked_on(), [StaffId("clerk".into()), StaffId("inv".into())]);
    assert_eq!(case.next_deadline(), None);
    let told: Vec<&str> = case.history.iter().map(|e| e.told.as_str()).filter(|t| !t.is_empty()).collect();
    assert_eq!(told, ["是哪个车间？", "已受理。", "查实\n\n罚款"]);
}

#[test]
fn answering_a_request_for_time_does_not_bar_from_approving_the_award() {
    let case = apply(&verifying(), more_time(10), &investigator(), DAY, &RULES).unwrap();
    let case = apply(&case, grant(), &approver(), DAY, &RULES).unwrap();
    assert!(!case.worked_on().contains(&StaffId("app".into())));
}

#[test]
fn a_stored_case_reads_back_and_another_field_is_refused() {
    let case = verifying();
    let text = serde_json::to_string(&case).unwrap();
    assert_eq!(serde_json::from_str::<Case>(&text).unwrap(), case);
    let more = text.replacen('{', "{\"reporter_name\":\"\",", 1);
    assert!(serde_json::from_str::<Case>(&more).is_err());
}

#[test]
fn every_code_parses_back() {
    assert!(State::ALL.iter().all(|x| State::parse(x.code()) == Some(*x)));
    assert!(MoveKind::ALL.iter().all(|x| MoveKind::parse(x.code()) == Some(*x)));
    assert!(MatterKind::ALL.iter().all(|x| MatterKind::from_code(x.as_str()) == Some(*x)));
    assert!(Finding::ALL.iter().all(|x| Finding::parse(x.code()) == Some(*x)));
}
