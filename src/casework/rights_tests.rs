//! What a reporter may ask for whatever becomes of the case.

use super::{State::*, tests::*, *};
use crate::clock::Day;
use jiff::civil::date;

fn suffers() -> Move {
    Move::Retaliation { text: "班长把我调去了夜班。".into() }
}
fn on(case: &Case, mv: Move, actor: &Actor, day: Day) -> Case {
    apply(case, mv, actor, day, &RULES).unwrap()
}

#[test]
fn a_word_of_retaliation_is_heard_in_every_state_and_has_a_deadline_of_its_own() {
    for state in State::ALL {
        let mut case = fresh();
        case.state = state;
        let step = case.step_deadline();
        let heard = on(&case, suffers(), &Actor::Reporter, DAY);
        let by = RULES.retaliation.after(DAY);
        let own = Deadline { kind: DeadlineKind::Retaliation, by };
        assert_eq!((heard.state, heard.step_deadline()), (state, step), "nothing else changes");
        assert_eq!(heard.retaliation_deadline(), Some(own));
        assert_eq!(CaseSummary::of(&heard).retaliation, Some(own));
        assert_eq!(refused(&case, suffers(), &clerk()), MoveRefused::ReporterOnly(MoveKind::Retaliation));
        for actor in [clerk(), approver()] {
            let answered = on(&heard, answer_retaliation(), &actor, by);
            assert_eq!((answered.state, answered.open_retaliation()), (state, None));
            assert!(matches!(answered.messages.last().unwrap().text, MessageText::Sealed(_)));
            assert_eq!(answered.history.last().unwrap().reason, "约谈了单位负责人");
            assert_eq!(answered.worked_on(), [], "who protects the reporter may still approve");
            assert_eq!(refused(&answered, answer_retaliation(), &actor), MoveRefused::NothingToAnswer);
        }
        let by_inv = refused(&heard, answer_retaliation(), &investigator());
        assert_eq!(by_inv, MoveRefused::NotPermitted(MoveKind::AnswerRetaliation));
    }
}

#[test]
fn the_earliest_deadline_that_runs_for_us_counts() {
    let mut case = fresh();
    let accept = case.next_deadline().unwrap();
    case = on(&case, suffers(), &Actor::Reporter, DAY);
    assert_eq!(case.next_deadline().unwrap().kind, DeadlineKind::Retaliation);
    let late = on(&case, answer_retaliation(), &clerk(), DAY);
    assert_eq!(late.next_deadline(), Some(accept));
    let last = on(&late, suffers(), &Actor::Reporter, accept.by);
    assert_eq!(last.next_deadline(), Some(accept), "the step's comes first here");
    // The reporter's own time does not hide ours.
    case.state = Replied;
    case.deadlines.objection_by = Some(DAY);
    assert_eq!(case.next_deadline().unwrap().kind, DeadlineKind::Retaliation);
}

#[test]
fn one_answer_is_for_all_that_is_open_and_must_be_sealed() {
    let mut case = fresh();
    for day in [DAY, date(2026, 1, 2)] {
        case = on(&case, suffers(), &Actor::Reporter, day);
    }
    assert_eq!(case.open_retaliation().unwrap().answer_by, RULES.retaliation.after(DAY), "the first counts");
    let clear =
        Move::AnswerRetaliation { answer: MessageText::Clear("约谈".into()), reason: "约谈".into() };
    assert_eq!(refused(&case, clear, &clerk()), MoveRefused::Sealing);
    let answered = on(&case, answer_retaliation(), &clerk(), DAY);
    assert!(answered.retaliations.iter().all(|each| each.answered.is_some()));
    assert_eq!(
        refused(&fresh(), Move::Retaliation { text: " ".into() }, &Actor::Reporter),
        MoveRefused::Missing("text")
    );
}

#[test]
fn staff_write_to_an_ended_case_only_while_its_reporter_suffers() {
    for state in [NotAccepted, Closed, TransferredOut, Withdrawn] {
        let mut case = fresh();
        case.state = state;
        let gone = MoveRefused::NotFromHere { mv: MoveKind::Say, state };
        assert_eq!(refused(&case, said("您好"), &clerk()), gone);
        assert!(!allowed(&case, &clerk()).contains(&MoveKind::Say));
        let heard = on(&case, suffers(), &Actor::Reporter, DAY);
        let written = on(&heard, said("您现在安全吗？"), &clerk(), DAY);
        assert!(allowed(&written, &clerk()).contains(&MoveKind::AnswerRetaliation));
        let answered = on(&written, answer_retaliation(), &clerk(), DAY);
        assert_eq!(refused(&answered, said("您好"), &clerk()), gone);
    }
}

fn forget() -> Move {
    Move::AskDeletion { text: String::new() }
}
fn granted() -> Move {
    Move::GrantDeletion { reason: "事项已经查清".into(), told: "同意删除。".into() }
}
fn refuse() -> Move {
    Move::RefuseDeletion {
        reason: "核查还要用".into(), told: "核查还要用，暂时不能删除。".into()
    }
}

/// A case with everything in it that a reporter can put there.
fn full(state: State) -> Case {
    let mut case = on(&fresh(), Move::Add { text: "三车间".into() }, &Actor::Reporter, DAY);
    case = on(&case, Move::Attach { file: file() }, &Actor::Reporter, DAY);
    case = on(&case, said("请补充"), &clerk(), DAY);
    case.state = state;
    case
}

fn is_erased(case: &Case) -> bool {
    let written = serde_json::to_string(case).unwrap();
    let words = ["某化工厂", "91350100M000100Y43", "工业路", "报警器", "上周二夜班", "三车间"];
    case.erased.is_some() && case.blobs().count() == 0 && !words.iter().any(|word| written.contains(word))
}

#[test]
fn before_anybody_decided_a_report_is_deleted_at_once() {
    for state in [Submitted, SupplementRequested] {
        let gone = on(&full(state), forget(), &Actor::Reporter, DAY);
        assert_eq!((gone.state, gone.open_deletion()), (Withdrawn, None));
        assert!(is_erased(&gone), "{gone:?}");
        assert_eq!(refused(&gone, forget(), &Actor::Reporter), MoveRefused::DeletionAsked);
        assert_eq!(
            refused(&full(state), forget(), &clerk()),
            MoveRefused::ReporterOnly(MoveKind::AskDeletion)
        );
    }
}

#[test]
fn later_somebody_who_has_not_worked_on_it_decides_in_every_state() {
    for state in State::ALL.into_iter().filter(|state| ![Submitted, SupplementRequested].contains(state)) {
        let case = full(state);
        assert_eq!(refused(&case, refuse(), &approver()), MoveRefused::NoDeletionAsked);
        let asked = on(&case, forget(), &Actor::Reporter, DAY);
        assert_eq!(
            (asked.state, asked.erased, asked.blobs().count()),
            (state, None, 1),
            "nothing is gone yet"
        );
        let by = RULES.deletion.after(DAY);
        assert_eq!(asked.deletion_deadline(), Some(Deadline { kind: DeadlineKind::Deletion, by }));
        assert_eq!(CaseSummary::of(&asked).deletion, asked.deletion_deadline());
        assert_eq!(refused(&asked, forget(), &Actor::Reporter), MoveRefused::DeletionAsked);
        assert_eq!(refused(&asked, refuse(), &clerk()), MoveRefused::NotPermitted(MoveKind::RefuseDeletion));
        let mut own = asked.clone();
        own.owner = Some(crate::ids::StaffId("app".into()));
        assert_eq!(refused(&own, refuse(), &approver()), MoveRefused::OwnCase);

        let stays = on(&asked, refuse(), &approver(), by);
        assert_eq!((stays.state, stays.open_deletion(), stays.erased), (state, None, None));
        assert_eq!(stays.history.last().unwrap().told, "核查还要用，暂时不能删除。");
        on(&stays, forget(), &Actor::Reporter, by);

        let after = match state {
            Accepted | Assigned | Verifying | Concluded | MergedInto => Withdrawn,
            Objected => {
                let gone = MoveRefused::NotFromHere { mv: MoveKind::GrantDeletion, state };
                assert_eq!(refused(&asked, granted(), &approver()), gone, "first the review");
                continue;
            }
            state => state,
        };
        let gone = on(&asked, granted(), &approver(), by);
        assert_eq!(gone.state, after);
        assert!(is_erased(&gone), "{gone:?}");
        assert_eq!(gone.worked_on(), case.worked_on());
    }
}

#[test]
fn a_word_of_retaliation_that_waits_outlives_the_deletion() {
    let case = on(&fresh(), suffers(), &Actor::Reporter, DAY);
    let gone = on(&case, forget(), &Actor::Reporter, DAY);
    assert_eq!(gone.open_retaliation().unwrap().text, "班长把我调去了夜班。");
    let answered = on(&gone, answer_retaliation(), &clerk(), DAY);
    assert!(answered.open_retaliation().is_none() && answered.messages.len() == 1);
    assert_eq!(answered.retaliations[0].text, "", "it has its answer");
    // One more, of which the deletion never knew.
    let again = on(&answered, suffers(), &Actor::Reporter, DAY);
    let again = on(&again, answer_retaliation(), &clerk(), DAY);
    assert!(again.retaliations.iter().all(|each| each.text.is_empty()) && again.retaliations.len() == 2);
    let kept = on(&case, answer_retaliation(), &clerk(), DAY);
    assert_eq!(kept.retaliations[0].text, "班长把我调去了夜班。", "of a report that was not deleted");
}

#[test]
fn what_is_written_after_a_deletion_can_be_deleted_too() {
    let asked = on(&full(Replied), forget(), &Actor::Reporter, DAY);
    let gone = on(&asked, granted(), &approver(), DAY);
    assert_eq!(refused(&gone, forget(), &Actor::Reporter), MoveRefused::DeletionAsked);
    let more = on(&gone, Move::Add { text: "三车间".into() }, &Actor::Reporter, DAY);
    let asked = on(&more, forget(), &Actor::Reporter, DAY);
    assert!(is_erased(&on(&asked, granted(), &approver(), DAY)));
    let earlier = crate::ids::CaseNumber { year: 2025, serial: 12 };
    let linked = on(&gone, Move::Link { earlier }, &Actor::Reporter, DAY);
    let asked = on(&linked, forget(), &Actor::Reporter, DAY);
    let gone = on(&asked, granted(), &approver(), DAY);
    assert!(!serde_json::to_string(&gone).unwrap().contains("2025-000012"));
}

#[test]
fn a_deleted_report_names_no_other_of_the_same_reporter() {
    let earlier = crate::ids::CaseNumber { year: 2025, serial: 12 };
    let mut case = on(&full(Submitted), Move::Link { earlier }, &Actor::Reporter, DAY);
    case.state = Verifying;
    assert!(serde_json::to_string(&case).unwrap().contains("2025-000012"));
    let gone = on(&on(&case, forget(), &Actor::Reporter, DAY), granted(), &approver(), DAY);
    let written = serde_json::to_string(&gone).unwrap();
    assert!(!written.contains("2025-000012") && !written.contains("\"serial\":12"), "{written}");
}
