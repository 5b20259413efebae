//! What is refused, and by which name.

use super::*;

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
