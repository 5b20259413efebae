//! Whether the law's time was kept, as far as it can be told yet.

use super::{case::Case, move_kind::MoveKind, state::State};
use serde::{Deserialize, Serialize};

/// One step of a case against its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    InTime,
    Late,
    /// Not done yet.
    Waiting,
    /// The case ended, or goes on, without this step.
    None,
}

impl Pace {
    pub const ALL: [Self; 4] = [Self::InTime, Self::Late, Self::Waiting, Self::None];

    /// Where the decision whether a report is taken up is waited for.
    pub const BEFORE_ACCEPTANCE: [State; 2] = [State::Submitted, State::SupplementRequested];
    /// Where conclusion and reply are.
    pub const BEFORE_CONCLUSION: [State; 4] =
        [State::Accepted, State::Assigned, State::Verifying, State::Concluded];

    /// In message keys and exports.
    pub fn code(self) -> &'static str {
        match self {
            Self::InTime => "in_time",
            Self::Late => "late",
            Self::Waiting => "waiting",
            Self::None => "none",
        }
    }

    /// Whether it was decided in time if the report is taken up, and by whom. Where the clock stood still for the
    /// reporter's answer and none came, the decision was in time.
    pub fn of_acceptance(case: &Case) -> Self {
        use MoveKind::{Accept, Decline, Merge, Transfer};
        if Self::BEFORE_ACCEPTANCE.contains(&case.state) {
            return Self::Waiting;
        }
        let mut events = case.history.iter();
        match events.find(|event| matches!(event.what, Accept | Decline | Merge | Transfer)) {
            None => Self::None,
            Some(event) if case.deadlines.accept_by.is_some_and(|by| event.day > by) => Self::Late,
            Some(_) => Self::InTime,
        }
    }

    /// Whether it was concluded and replied in time, the last time if a review began it anew.
    pub fn of_conclusion(case: &Case) -> Self {
        if Self::BEFORE_CONCLUSION.contains(&case.state) {
            return Self::Waiting;
        }
        match case.history.iter().rev().find(|event| event.what == MoveKind::Reply) {
            None => Self::None,
            Some(event) if case.deadlines.conclude_by.is_some_and(|by| event.day > by) => Self::Late,
            Some(_) => Self::InTime,
        }
    }
}
