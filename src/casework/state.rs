//! Where a case stands, and the one noun the reporter reads for it.

use super::{case::Case, finding::Finding, move_kind::MoveKind};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Submitted,
    SupplementRequested,
    NotAccepted,
    Accepted,
    Assigned,
    Verifying,
    Concluded,
    Replied,
    /// The reporter objects; somebody who has not worked on it looks again.
    Objected,
    Closed,
    /// The same matter as an earlier case, which is worked on for both.
    MergedInto,
    /// Passed to the office whose matter it is.
    TransferredOut,
    Withdrawn,
}

impl State {
    pub const ALL: [Self; 13] = [
        Self::Submitted,
        Self::SupplementRequested,
        Self::NotAccepted,
        Self::Accepted,
        Self::Assigned,
        Self::Verifying,
        Self::Concluded,
        Self::Replied,
        Self::Objected,
        Self::Closed,
        Self::MergedInto,
        Self::TransferredOut,
        Self::Withdrawn,
    ];

    /// In addresses and message keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::SupplementRequested => "supplement_requested",
            Self::NotAccepted => "not_accepted",
            Self::Accepted => "accepted",
            Self::Assigned => "assigned",
            Self::Verifying => "verifying",
            Self::Concluded => "concluded",
            Self::Replied => "replied",
            Self::Objected => "objected",
            Self::Closed => "closed",
            Self::MergedInto => "merged_into",
            Self::TransferredOut => "transferred_out",
            Self::Withdrawn => "withdrawn",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Nothing more is decided in these, unless the reporter objects in time, or is offered what the one before
    /// did not take.
    pub fn is_final(self) -> bool {
        matches!(self, Self::NotAccepted | Self::Closed | Self::TransferredOut | Self::Withdrawn)
    }
}

/// The noun on the reporter's page (screens §2), the same in list, page and message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReporterStatus {
    Received,
    BeingConsidered,
    NeedMore,
    BeingInvestigated,
    FinishedConfirmed,
    FinishedPartly,
    FinishedNotConfirmed,
    NotTakenForward,
    UnderReview,
    PassedOn,
    Withdrawn,
}

impl ReporterStatus {
    /// Key of the words in `messages/common.*.ftl`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Received => "status-received",
            Self::BeingConsidered => "status-being-considered",
            Self::NeedMore => "status-need-more",
            Self::BeingInvestigated => "status-being-investigated",
            Self::FinishedConfirmed => "status-finished-confirmed",
            Self::FinishedPartly => "status-finished-partly",
            Self::FinishedNotConfirmed => "status-finished-not-confirmed",
            Self::NotTakenForward => "status-not-taken-forward",
            Self::UnderReview => "status-under-review",
            Self::PassedOn => "status-passed-on",
            Self::Withdrawn => "status-withdrawn",
        }
    }

    /// For a case merged into `lead`: what is decided there. What is asked of the other reporter is not asked of this
    /// one, and that the other one objects is not said to this one: what was decided stands until it is decided anew.
    pub fn of_merged(lead: &Case) -> Self {
        let objected = lead.objections.last().filter(|_| lead.state == State::Objected);
        match objected.map_or_else(|| Self::of(lead), |objection| Self::of_state(lead, objection.from)) {
            Self::Received | Self::NeedMore => Self::BeingConsidered,
            status => status,
        }
    }

    /// A conclusion shows only once it is replied; until then the matter is being investigated.
    pub fn of(case: &Case) -> Self {
        Self::of_state(case, case.state)
    }

    fn of_state(case: &Case, state: State) -> Self {
        match state {
            State::Submitted if case.history.iter().all(|event| event.what == MoveKind::Escalate) => {
                Self::Received
            }
            State::Submitted => Self::BeingConsidered,
            State::SupplementRequested => Self::NeedMore,
            State::NotAccepted => Self::NotTakenForward,
            State::Accepted | State::Assigned | State::Verifying | State::Concluded => {
                Self::BeingInvestigated
            }
            State::Replied | State::Closed => match case.conclusion.as_ref().map(|c| c.finding) {
                Some(Finding::True) => Self::FinishedConfirmed,
                Some(Finding::Partly) => Self::FinishedPartly,
                Some(Finding::False | Finding::CannotBeEstablished) | None => Self::FinishedNotConfirmed,
            },
            State::Objected => Self::UnderReview,
            State::MergedInto => Self::BeingConsidered,
            State::TransferredOut => Self::PassedOn,
            State::Withdrawn => Self::Withdrawn,
        }
    }
}
