//! Any moves, one after the other.

use super::*;
use proptest::prelude::*;

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
