//! From body to body.

use super::{tests::*, *};
use crate::policy::Code;

fn hand_up(body: &str) -> Move {
    Move::HandUp {
        body: code(body), reason: "涉及上级单位".into(), told: "现在由上级办理。".into()
    }
}
fn hand_down(body: &str) -> Move {
    Move::HandDown {
        body: code(body), reason: "属地办理".into(), told: "现在由下级办理。".into()
    }
}
fn body_of(case: &Case) -> &str {
    case.handled_by(&RULES.bodies).code.as_str()
}

#[test]
fn a_case_goes_up_and_down_the_tree_and_nowhere_else() {
    let case = fresh().routed(&RULES.bodies);
    assert_eq!((body_of(&case), case.body.as_ref().map(Code::as_str)), ("city_370100", Some("city_370100")));
    for mv in [
        hand_up("county_370102"),
        hand_up("city_370100"),
        hand_up("city_370200"),
        hand_up("mine_safety"),
        hand_up("nobody"),
        hand_down("province_370000"),
        hand_down("city_370100"),
        hand_down("county_370202"),
    ] {
        assert!(matches!(refused(&case, mv.clone(), &clerk()), MoveRefused::UnknownBody(_)), "{mv:?}");
    }
    let up = apply(&case, hand_up("ministry"), &clerk(), DAY, &RULES).unwrap();
    assert_eq!((body_of(&up), up.state, up.deadlines), ("ministry", State::Submitted, case.deadlines));
    assert_eq!(up.handovers, [Handover { day: DAY, from: code("city_370100"), to: code("ministry") }]);
    assert_eq!(up.history.last().map(|event| event.told.as_str()), Some("现在由上级办理。"));
    let down = apply(&case, hand_down("county_370102"), &clerk(), DAY, &RULES).unwrap();
    assert_eq!(body_of(&down), "county_370102");
    assert_eq!(
        refused(&case, hand_up("ministry"), &investigator()),
        MoveRefused::NotPermitted(MoveKind::HandUp)
    );
    assert_eq!(
        refused(&case, hand_up("ministry"), &Actor::Reporter),
        MoveRefused::StaffOnly(MoveKind::HandUp)
    );
    let silent =
        Move::HandUp { body: code("ministry"), reason: "涉及上级单位".into(), told: " ".into() };
    assert_eq!(refused(&case, silent, &clerk()), MoveRefused::Missing("told"));
}

#[test]
fn whoever_takes_a_case_over_assigns_it_anew_and_no_time_is_won() {
    let case = verifying();
    let asked = apply(&case, more_time(10), &investigator(), DAY, &RULES).unwrap();
    let up = apply(&asked, hand_up("province_370000"), &clerk(), DAY, &RULES).unwrap();
    assert_eq!((up.state, up.owner.as_ref(), up.extension.as_ref()), (State::Accepted, None, None));
    assert_eq!(up.deadlines, case.deadlines);
    let granted = apply(&asked, grant(), &approver(), DAY, &RULES).unwrap();
    let up = apply(&granted, hand_up("province_370000"), &clerk(), DAY, &RULES).unwrap();
    assert!(up.extension.is_some(), "once is once");
    let concluded = apply(&case, conclude(), &investigator(), DAY, &RULES).unwrap();
    for mv in [hand_up("province_370000"), hand_down("county_370102")] {
        assert!(matches!(refused(&concluded, mv, &clerk()), MoveRefused::NotFromHere { .. }));
    }
}

#[test]
fn after_the_last_handover_the_body_above_decides() {
    let moves = [hand_down("county_370102"), hand_up("province_370000")].map(|mv| (mv, clerk()));
    let case = after_moves(moves);
    assert_eq!(case.handovers.len(), usize::from(RULES.transfers));
    let down = refused(&case, hand_down("city_370100"), &clerk());
    assert_eq!(down, MoveRefused::TooManyHandovers { most: RULES.transfers });
    let top = apply(&case, hand_up("ministry"), &clerk(), DAY, &RULES).unwrap();
    assert_eq!(body_of(&top), "ministry");
    for body in ["ministry", "province_370000", "city_370100"] {
        assert!(apply(&top, hand_up(body), &clerk(), DAY, &RULES).is_err());
        assert!(apply(&top, hand_down(body), &clerk(), DAY, &RULES).is_err());
    }
    // Not past the next one.
    let moves = [hand_down("county_370102"), hand_up("city_370100")].map(|mv| (mv, clerk()));
    let case = after_moves(moves);
    assert!(matches!(refused(&case, hand_up("ministry"), &clerk()), MoveRefused::UnknownBody(_)));
    assert!(apply(&case, hand_up("province_370000"), &clerk(), DAY, &RULES).is_ok());
}

#[test]
fn an_old_record_says_no_body_and_means_the_competent_one() {
    let mut old = serde_json::to_value(fresh()).unwrap();
    for field in ["body", "handovers"] {
        old.as_object_mut().unwrap().remove(field).unwrap();
    }
    let mut case: Case = serde_json::from_value(old).unwrap();
    assert_eq!(
        (body_of(&case), CaseSummary::of(&case).handled_by(&RULES.bodies).code.as_str()),
        ("city_370100", "city_370100")
    );
    case.body = Some(code("gone"));
    assert_eq!(body_of(&case), "city_370100", "one that policy dropped");
}
