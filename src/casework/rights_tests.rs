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
