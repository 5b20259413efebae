//! Objection and review, and passing a matter to another office.

use super::{State::*, tests::*, *};
use crate::{clock::Day, ids::StaffId, policy::Code};
use jiff::civil::date;

fn reviewer() -> Actor {
    staff("reviewer", &[Role::Approver])
}
fn object() -> Move {
    Move::Object { text: "他们没有看夜班记录。".into() }
}
fn uphold() -> Move {
    Move::Uphold { reason: "复核了记录".into(), told: "维持".into() }
}
fn overturn() -> Move {
    Move::Overturn { reason: "记录确有出入".into(), told: "重新核查".into() }
}
fn transfer() -> Move {
    Move::Transfer {
        office: "construction".parse::<Code>().unwrap(),
        reason: "建筑工地".into(),
        told: "住建部门".into(),
    }
}

fn on(case: &Case, mv: Move, actor: &Actor, day: Day) -> Case {
    apply(case, mv, actor, day, &RULES).unwrap()
}

fn replied() -> Case {
    let mut case = fresh();
    for (mv, actor) in [
        (accept(), clerk()),
        (assign(), clerk()),
        (Move::Begin, investigator()),
        (Move::Conclude { finding: Finding::False, reason: "查".into() }, investigator()),
        (reply(), investigator()),
    ] {
        case = on(&case, mv, &actor, DAY);
    }
    case
}

#[test]
fn an_upheld_objection_goes_back_to_where_it_came_from_and_is_the_only_one() {
    let declined = on(&fresh(), decline(), &clerk(), DAY);
    let closed = on(&replied(), close(), &investigator(), DAY);
    for (case, from) in [(replied(), Replied), (closed, Closed), (declined, NotAccepted)] {
        let until = RULES.objection.after(DAY);
        assert_eq!(case.may_object_until(until), Some(until));
        let open = on(&case, object(), &Actor::Reporter, until);
        assert_eq!((open.state, ReporterStatus::of(&open)), (Objected, ReporterStatus::UnderReview));
        assert_eq!(open.next_deadline().unwrap().by, RULES.review.after(until));
        let upheld = on(&open, uphold(), &reviewer(), until);
        assert_eq!(upheld.state, from);
        assert_eq!(upheld.history.last().unwrap().told, "维持");
        assert_eq!(upheld.may_object_until(until), None);
        assert_eq!(refused(&upheld, object(), &Actor::Reporter), MoveRefused::AlreadyObjected);
        let conclusion = (upheld.conclusion, upheld.reply, upheld.declined);
        assert_eq!(conclusion, (case.conclusion, case.reply, case.declined), "what was decided stays");
    }
}

#[test]
fn an_overturned_decision_is_made_anew_and_can_be_objected_to_anew() {
    let open = on(&replied(), object(), &Actor::Reporter, DAY);
    let later = date(2026, 1, 20);
    let anew = on(&open, overturn(), &reviewer(), later);
    assert_eq!((anew.state, &anew.conclusion, &anew.reply), (Verifying, &None, &None));
    assert_eq!(anew.owner, Some(StaffId("inv".into())));
    assert_eq!(anew.deadlines.conclude_by, Some(RULES.verify.after(later)));
    assert_eq!(anew.may_object_until(later), None, "nothing is decided yet");
    let mut again = anew;
    for mv in [Move::Conclude { finding: Finding::True, reason: "查".into() }, reply()] {
        again = on(&again, mv, &investigator(), later);
    }
    assert_eq!(again.may_object_until(later), Some(RULES.objection.after(later)));
    on(&again, object(), &Actor::Reporter, later);

    let open = on(&on(&fresh(), decline(), &clerk(), DAY), object(), &Actor::Reporter, DAY);
    let anew = on(&open, overturn(), &reviewer(), DAY);
    assert_eq!((anew.state, &anew.declined), (Accepted, &None));
}

#[test]
fn nobody_reviews_what_they_worked_on_and_nobody_objects_too_late() {
    let mut case = on(&replied(), object(), &Actor::Reporter, DAY);
    assert_eq!(refused(&case, uphold(), &clerk()), MoveRefused::NotPermitted(MoveKind::Uphold));
    case.owner = Some(StaffId("reviewer".into()));
    assert_eq!(refused(&case, overturn(), &reviewer()), MoveRefused::OwnCase);
    let late = RULES.objection.after(DAY).tomorrow().unwrap();
    let answer = apply(&replied(), object(), &Actor::Reporter, late, &RULES);
    assert_eq!(answer, Err(MoveRefused::ObjectionTooLate(RULES.objection.after(DAY))));
    assert_eq!(refused(&replied(), object(), &clerk()), MoveRefused::ReporterOnly(MoveKind::Object));
}

#[test]
fn a_matter_of_another_office_is_passed_on_and_told() {
    let passed = on(&fresh(), transfer(), &clerk(), DAY);
    assert_eq!((passed.state, ReporterStatus::of(&passed)), (TransferredOut, ReporterStatus::PassedOn));
    assert_eq!(passed.history.last().unwrap().told, "住建部门");
    assert_eq!(allowed(&passed, &Actor::Reporter), [MoveKind::Retaliation, MoveKind::AskDeletion]);
    let nowhere =
        Move::Transfer { office: "nowhere".parse().unwrap(), reason: "查".into(), told: "无".into() };
    assert!(matches!(refused(&fresh(), nowhere, &clerk()), MoveRefused::UnknownOffice(_)));
    for state in State::ALL {
        let mut case = fresh();
        case.state = state;
        let may = matches!(state, Submitted | SupplementRequested | Accepted);
        assert_eq!(apply(&case, transfer(), &clerk(), DAY, &RULES).is_ok(), may, "{state:?}");
    }
}
