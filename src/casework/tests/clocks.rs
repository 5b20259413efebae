//! What must be done by when.

use super::*;

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
