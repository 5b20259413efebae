use super::*;
use crate::{
    clock::Day,
    ids::{BlobId, CaseNumber, ReportId, StaffId},
    mailbox,
    policy::{Code, Days, MatterKind, Policy},
    receipt::Receipt,
};
use jiff::civil::date;
use proptest::prelude::*;
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
fn a_conclusion_is_not_shown_to_the_reporter_before_the_reply() {
    let case = after_moves([
        (accept(), clerk()),
        (assign(), clerk()),
        (Move::Begin, investigator()),
        (conclude(), investigator()),
    ]);
    assert_eq!(ReporterStatus::of(&case), ReporterStatus::BeingInvestigated);
    assert!(case.history.last().unwrap().told.is_empty());
}

#[test]
fn clocks_count_calendar_days_and_include_the_last() {
    let case = fresh();
    let bands = &POLICY.deadlines.bands;
    let accept_by = case.next_deadline().unwrap();
    assert_eq!((accept_by.kind, accept_by.by), (DeadlineKind::Accept, date(2026, 1, 8)));
    assert_eq!(accept_by.days_left(date(2026, 1, 8)), 0);
    assert_eq!(accept_by.band(date(2026, 1, 8), bands), Band::Soon);
    assert_eq!(accept_by.band(date(2026, 1, 9), bands), Band::Overdue);
    assert_eq!(accept_by.band(date(2026, 1, 4), bands), Band::Coming);
    let objection = Deadline { kind: DeadlineKind::Objection, by: date(2026, 1, 8) };
    assert_eq!(objection.band(date(2026, 1, 9), bands), Band::Later, "the reporter's time is not our delay");
    // 60 days from 1 January 2026 end on 2 March; 30 more on 1 April.
    assert_eq!(verifying().deadlines.conclude_by, Some(date(2026, 3, 2)));
    let extended = apply(&verifying(), more_time(30), &investigator(), DAY, &RULES).unwrap();
    assert_eq!(extended.deadlines.conclude_by, Some(date(2026, 3, 2)), "asking changes nothing");
    let extended = apply(&extended, grant(), &approver(), DAY, &RULES).unwrap();
    assert_eq!(extended.deadlines.conclude_by, Some(date(2026, 4, 1)));
}

#[test]
fn a_supplement_stops_the_clock_and_its_answer_starts_it_anew() {
    let asked = after_moves([(ask(), clerk())]);
    assert_eq!(ReporterStatus::of(&asked), ReporterStatus::NeedMore);
    assert_eq!(asked.next_deadline().unwrap().kind, DeadlineKind::Supplement);
    let later = date(2026, 1, 10);
    let mv = Move::Add { text: "三车间".into() };
    let answered = apply(&asked, mv, &Actor::Reporter, later, &RULES).unwrap();
    assert_eq!(answered.state, State::Submitted);
    let next = answered.next_deadline().unwrap();
    assert_eq!((next.kind, next.by), (DeadlineKind::Accept, date(2026, 1, 17)));
}

#[test]
fn imminent_danger_has_its_own_clock_until_somebody_is_on_it() {
    let mut case = fresh();
    case.content.imminent_danger = true;
    case.deadlines = Deadlines::at_receipt(DAY, true, &RULES);
    for mv in [accept(), assign()] {
        let next = case.next_deadline().unwrap();
        assert_eq!((next.kind, next.by), (DeadlineKind::Danger, date(2026, 1, 2)));
        case = apply(&case, mv, &clerk(), DAY, &RULES).unwrap();
    }
    case = apply(&case, Move::Begin, &investigator(), DAY, &RULES).unwrap();
    assert_eq!(case.next_deadline().unwrap().kind, DeadlineKind::Conclude);
}

/// Every move from every state in which it has no line in the table.
#[test]
fn what_has_no_line_in_the_table_is_refused() {
    let everybody = staff("inv", &Role::ALL);
    use State::*;
    type Line = (fn() -> Move, &'static [State]);
    let lines: &[Line] = &[
        (accept, &[Submitted]),
        (decline, &[Submitted, SupplementRequested]),
        (ask, &[Submitted]),
        (assign, &[Accepted, Assigned, Verifying]),
        (|| Move::Begin, &[Assigned]),
        (|| more_time(5), &[Verifying]),
        (grant, &[Verifying]),
        (refuse, &[Verifying]),
        (conclude, &[Verifying]),
        (reply, &[Concluded]),
        (close, &[Replied]),
        (
            || said("您好"),
            &[
                Submitted,
                SupplementRequested,
                Accepted,
                Assigned,
                Verifying,
                Concluded,
                Replied,
                Objected,
                MergedInto,
            ],
        ),
        (|| Move::Note { text: "记一笔".into() }, &State::ALL),
        (
            || Move::MarkRead,
            &[
                Submitted,
                SupplementRequested,
                Accepted,
                Assigned,
                Verifying,
                Concluded,
                Replied,
                Objected,
                MergedInto,
            ],
        ),
    ];
    for (mv, from) in lines {
        for state in State::ALL {
            let mut case = fresh();
            case.owner = Some(StaffId("inv".into()));
            case.state = state;
            let answer = apply(&case, mv(), &everybody, DAY, &RULES);
            let not_from_here = matches!(answer, Err(MoveRefused::NotFromHere { .. }));
            assert_eq!(not_from_here, !from.contains(&state), "{:?} from {state:?}", mv().kind());
        }
    }
    for state in State::ALL {
        let mut case = fresh();
        case.state = state;
        let before_reply =
            [Submitted, SupplementRequested, Accepted, Assigned, Verifying, Concluded, MergedInto];
        let withdrawn = apply(&case, Move::Withdraw, &Actor::Reporter, DAY, &RULES);
        assert_eq!(withdrawn.is_ok(), before_reply.contains(&state), "withdraw from {state:?}");
        for mv in [Move::Add { text: "还有".into() }, Move::Attach { file: file() }] {
            let added = apply(&case, mv, &Actor::Reporter, DAY, &RULES);
            assert_eq!(added.is_ok(), !state.is_final(), "add in {state:?}");
        }
        case.files = vec![file(), CaseFile { original: BlobId::from_bytes([9; 16]), ..file() }];
        let removed = apply(&case, detach(), &Actor::Reporter, DAY, &RULES);
        assert_eq!(removed.is_ok(), !state.is_final(), "remove in {state:?}");
        if let Ok(removed) = removed {
            assert_eq!(removed.files, case.files[1..]);
            assert_eq!(refused(&removed, detach(), &Actor::Reporter), MoveRefused::NoSuchFile);
        }
    }
}

#[test]
fn each_refusal_has_its_name() {
    let case = fresh();
    assert_eq!(refused(&case, accept(), &investigator()), MoveRefused::NotPermitted(MoveKind::Accept));
    assert_eq!(refused(&case, accept(), &Actor::Reporter), MoveRefused::StaffOnly(MoveKind::Accept));
    assert_eq!(refused(&case, Move::Withdraw, &clerk()), MoveRefused::ReporterOnly(MoveKind::Withdraw));
    assert_eq!(refused(&case, detach(), &clerk()), MoveRefused::ReporterOnly(MoveKind::Detach));
    let blank = Move::Accept { reason: " \n".into(), told: "已受理".into() };
    assert_eq!(refused(&case, blank, &clerk()), MoveRefused::Missing("reason"));
    let long = Move::AskSupplement { question: "长".repeat(5001) };
    assert_eq!(refused(&case, long, &clerk()), MoveRefused::TooLong { field: "question", most: 5000 });
    let no_conclusion = refused(&case, reply(), &investigator());
    assert_eq!(no_conclusion, MoveRefused::NotFromHere { mv: MoveKind::Reply, state: State::Submitted });

    let ground =
        Move::Decline { ground: code("because"), reason: "不想办".into(), told: "不受理".into() };
    assert_eq!(refused(&case, ground, &clerk()), MoveRefused::UnknownGround(code("because")));
    let unread = refused(&case, Move::Note { text: "看看".into() }, &investigator());
    assert_eq!(unread, MoveRefused::NotPermitted(MoveKind::Note), "a case that is not theirs");

    let case = verifying();
    let other = staff("somebody-else", &[Role::Investigator]);
    assert_eq!(refused(&case, conclude(), &other), MoveRefused::NotTheOwner);
    assert_eq!(refused(&case, more_time(31), &investigator()), MoveRefused::ExtensionDays { most: 30 });
    assert_eq!(refused(&case, grant(), &approver()), MoveRefused::NoExtensionAsked);
    assert_eq!(refused(&case, refuse(), &approver()), MoveRefused::NoExtensionAsked);
    let asked = apply(&case, more_time(30), &investigator(), DAY, &RULES).unwrap();
    assert_eq!(refused(&asked, more_time(1), &investigator()), MoveRefused::ExtensionPending);
    let both = staff("inv", &Role::ALL);
    assert_eq!(refused(&asked, grant(), &both), MoveRefused::OwnCase);
    let again = apply(&asked, refuse(), &approver(), DAY, &RULES).unwrap();
    assert!(
        apply(&again, more_time(1), &investigator(), DAY, &RULES).is_ok(),
        "a refused request may be repeated"
    );
    let granted = apply(&asked, grant(), &approver(), DAY, &RULES).unwrap();
    assert_eq!(refused(&granted, more_time(1), &investigator()), MoveRefused::AlreadyExtended);
    let missing =
        Move::Reply { findings: "查实".into(), handling: "".into(), reward: RewardConditions::NotMet };
    let concluded = apply(&case, conclude(), &investigator(), DAY, &RULES).unwrap();
    assert_eq!(refused(&concluded, missing, &investigator()), MoveRefused::Missing("handling"));
    let replied = apply(&concluded, reply(), &investigator(), DAY, &RULES).unwrap();
    let no_evidence = Move::Close { evidence: String::new() };
    assert_eq!(refused(&replied, no_evidence, &investigator()), MoveRefused::Missing("evidence"));
}

#[test]
fn answering_a_request_for_time_does_not_bar_from_approving_the_award() {
    let case = apply(&verifying(), more_time(10), &investigator(), DAY, &RULES).unwrap();
    let case = apply(&case, grant(), &approver(), DAY, &RULES).unwrap();
    assert!(!case.worked_on().contains(&StaffId("app".into())));
}

#[test]
fn a_row_knows_whose_word_was_last() {
    let say = |text: &str| Move::Say { text: MessageText::Clear(text.into()), file: None };
    assert_eq!(CaseSummary::of(&fresh()).last_word, LastWord::Nobody);
    let case = after_moves([(ask(), clerk()), (say("三车间"), Actor::Reporter)]);
    assert_eq!(CaseSummary::of(&case).last_word, LastWord::Reporter);
    let case = apply(&case, said("谢谢"), &clerk(), DAY, &RULES).unwrap();
    assert_eq!(CaseSummary::of(&case).last_word, LastWord::Staff);
}

#[test]
fn words_to_the_reporter_are_taken_sealed_and_words_of_the_reporter_in_clear() {
    let clear = || Move::Say { text: MessageText::Clear("在哪个车间？".into()), file: None };
    let refused = |mv, actor: Actor| apply(&verifying(), mv, &actor, DAY, &RULES).err();
    assert_eq!(refused(clear(), investigator()), Some(MoveRefused::Sealing));
    assert_eq!(refused(said("三车间"), Actor::Reporter), Some(MoveRefused::Sealing));
    assert_eq!(refused(clear(), Actor::Reporter), None);
    let case = apply(&verifying(), said("在哪个车间？"), &investigator(), DAY, &RULES).unwrap();
    assert!(!serde_json::to_string(&case).unwrap().contains("车间"), "not in the history either");
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

fn detach() -> Move {
    Move::Detach { original: file().original }
}

fn any_move() -> impl Strategy<Value = Move> {
    let finding = prop::sample::select(Finding::ALL.to_vec());
    prop_oneof![
        Just(accept()),
        Just(decline()),
        Just(ask()),
        Just(assign()),
        Just(Move::Begin),
        (1..40u32).prop_map(more_time),
        Just(grant()),
        Just(refuse()),
        finding.prop_map(|finding| Move::Conclude { finding, reason: "查".into() }),
        Just(reply()),
        Just(close()),
        "\\PC{0,8}".prop_map(|text| Move::Say { text: MessageText::Clear(text), file: None }),
        "\\PC{0,8}".prop_map(|text| said(&text)),
        "\\PC{0,8}".prop_map(|text| Move::Add { text }),
        Just(Move::Note { text: "记".into() }),
        Just(Move::Attach { file: file() }),
        Just(detach()),
        Just(Move::Merge {
            into: CaseNumber { year: 2025, serial: 1 },
            reason: "同".into(),
            told: "同".into()
        }),
        Just(Move::Separate { reason: "分".into() }),
        Just(Move::Object { text: "不服".into() }),
        Just(Move::Uphold { reason: "维".into(), told: "维".into() }),
        Just(Move::Overturn { reason: "撤".into(), told: "撤".into() }),
        Just(Move::Retaliation { text: "调岗".into() }),
        Just(answer_retaliation()),
        Just(Move::AskDeletion { text: String::new() }),
        Just(Move::GrantDeletion { reason: "可".into(), told: "可".into() }),
        Just(Move::RefuseDeletion { reason: "否".into(), told: "否".into() }),
        Just(Move::Withdraw),
    ]
}

proptest! {
    /// No sequence of moves panics; none skips a step; what `allowed` leaves out is refused.
    #[test]
    fn random_moves_never_skip_a_step(
        steps in prop::collection::vec((any_move(), 0..4usize, 0..30i64), 0..60)
    ) {
        use State::*;
        let actors = [clerk(), investigator(), approver(), Actor::Reporter];
        let (mut case, mut day) = (fresh(), DAY);
        for (mv, who, days) in steps {
            day = day.saturating_add(jiff::ToSpan::days(days));
            let kind = mv.kind();
            let Ok(next) = apply(&case, mv, &actors[who], day, &RULES) else { continue };
            prop_assert!(allowed(&case, &actors[who]).contains(&kind));
            prop_assert_eq!(next.version, case.version + 1);
            prop_assert_eq!(next.history.len(), case.history.len() + 1);
            prop_assert!(next.state == case.state || matches!(
                (case.state, next.state),
                (Submitted, SupplementRequested | Accepted | NotAccepted)
                    | (SupplementRequested, Submitted | NotAccepted)
                    | (Accepted, Assigned) | (Assigned, Verifying) | (Verifying, Concluded)
                    | (Concluded, Replied) | (Replied, Closed)
                    | (NotAccepted | Replied | Closed, Objected)
                    | (Objected, NotAccepted | Replied | Closed | Accepted | Verifying)
                    | (Submitted | SupplementRequested | Accepted, TransferredOut | MergedInto)
                    | (MergedInto, Submitted | Withdrawn)
                    | (Submitted | SupplementRequested | Accepted | Assigned | Verifying | Concluded, Withdrawn)
            ), "{:?} -> {:?}", case.state, next.state);
            prop_assert!(!matches!(next.state, Replied | Closed) || next.conclusion.is_some());
            let rests = next.state.is_final() || next.state == MergedInto;
            prop_assert!(rests == next.step_deadline().is_none());
            let waits = next.open_retaliation().is_some() || next.open_deletion().is_some();
            prop_assert!((rests && !waits) == next.next_deadline().is_none());
            prop_assert!(next.state != Verifying || next.owner.is_some());
            case = next;
        }
    }
}

#[test]
fn a_file_goes_with_sealed_words_of_staff_alone_and_so_many_to_one_reporter() {
    let mailbox = Receipt::draw(&mut rand::rng()).mailbox();
    let file = || {
        let label = mailbox::seal("{}", &mailbox);
        Some(SentFile { blob: BlobId::from_bytes([7; 16]), size: SizeClass::UpTo10M, label })
    };
    let text = || MessageText::Sealed(mailbox::seal("附上决定书。", &mailbox));
    let refused = |mv, actor: Actor| apply(&verifying(), mv, &actor, DAY, &RULES).err();
    let clear = || MessageText::Clear("附上。".into());
    assert_eq!(
        refused(Move::Say { text: clear(), file: file() }, Actor::Reporter),
        Some(MoveRefused::Sealing)
    );
    assert_eq!(
        refused(Move::Say { text: clear(), file: file() }, investigator()),
        Some(MoveRefused::Sealing)
    );

    let mut case = verifying();
    for _ in 0..RULES.files {
        case = apply(&case, Move::Say { text: text(), file: file() }, &investigator(), DAY, &RULES).unwrap();
    }
    let more = apply(&case, Move::Say { text: text(), file: file() }, &investigator(), DAY, &RULES);
    assert_eq!(more.err(), Some(MoveRefused::TooManyFiles { most: RULES.files }));
    assert!(apply(&case, Move::Say { text: text(), file: None }, &investigator(), DAY, &RULES).is_ok());
    assert_eq!(case.sent_files().count(), usize::from(RULES.files));
    assert_eq!(case.history.last().map(|event| event.reason.as_str()), Some("10m"), "about how large");
}
