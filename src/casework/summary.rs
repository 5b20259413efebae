//! One row of a list; small, so that 100,000 of them are read at once.

use super::{
    case::{Case, Event, Who},
    deadlines::Deadline,
    finding::Finding,
    pace::Pace,
    state::State,
};
use crate::{
    clock::Day,
    ids::{CaseNumber, StaffId},
    policy::{Code, Level, MatterKind},
    repeats::as_compared,
};
use serde::{Deserialize, Serialize};

/// Whose word was last: a reporter's word waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastWord {
    /// Only the report itself so far.
    Nobody,
    Reporter,
    Staff,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSummary {
    pub number: CaseNumber,
    pub version: u64,
    pub received: Day,
    pub kind: MatterKind,
    pub industry: String,
    pub region: String,
    /// As in the case.
    pub body: Option<Code>,
    /// At most 40 characters of the target's name.
    pub target: String,
    /// The same as it is looked for.
    pub sought: String,
    pub imminent_danger: bool,
    pub state: State,
    pub owner: Option<StaffId>,
    pub next: Option<Deadline>,
    pub last_word: LastWord,
    pub finding: Option<Finding>,
    /// An extension waits for somebody's answer.
    pub extension_asked: bool,
    /// The reporter suffers retaliation and waits for an answer.
    pub retaliation: Option<Deadline>,
    /// The reporter wants the report deleted and waits for a decision.
    pub deletion: Option<Deadline>,
    /// Not decided on, and an earlier case of the same body is likely about the same matter. Known to the store, which
    /// compares.
    pub likely_repeat: bool,
    /// Who was told that a last day of it has passed.
    pub escalated: Option<Level>,
    /// The day of the last that came from elsewhere than its owner: from the reporter, from another colleague.
    pub news: Day,
    /// Taken up in time.
    pub accepted: Pace,
    /// Concluded and replied in time.
    pub concluded: Pace,
}

/// Characters of the target's name kept in a row.
const TARGET_CHARS: usize = 40;

impl CaseSummary {
    pub fn of(case: &Case) -> Self {
        let target: String = case.content.target_name.chars().take(TARGET_CHARS).collect();
        Self {
            number: case.number,
            version: case.version,
            received: case.received,
            kind: case.content.kind,
            industry: case.content.industry.clone(),
            region: case.content.region.clone(),
            body: case.body.clone(),
            sought: as_compared(&target),
            target,
            imminent_danger: case.content.imminent_danger,
            state: case.state,
            owner: case.owner.clone(),
            next: case.next_deadline(),
            last_word: case.last_word(),
            retaliation: case.retaliation_deadline(),
            deletion: case.deletion_deadline(),
            finding: case.conclusion.as_ref().map(|conclusion| conclusion.finding),
            extension_asked: case.extension.as_ref().is_some_and(|extension| extension.granted_by.is_none()),
            likely_repeat: false,
            escalated: case.open_escalation(),
            news: news(case),
            accepted: Pace::of_acceptance(case),
            concluded: Pace::of_conclusion(case),
        }
    }
}

/// Without an owner: from the reporter alone, for whoever takes it up finds the rest done by colleagues.
fn news(case: &Case) -> Day {
    let is_news = |event: &&Event| match (&event.by, &case.owner) {
        (Who::Reporter | Who::Rule, _) => true,
        (Who::Staff(by), Some(owner)) => by != owner,
        (Who::Staff(_), None) => false,
    };
    case.history.iter().rev().find(is_news).map_or(case.received, |event| event.day)
}

impl Case {
    /// By the history, which keeps the order within a day. A word that was marked as read is answered.
    pub(super) fn last_word(&self) -> LastWord {
        use super::move_kind::MoveKind::{Add, AskSupplement, Attach, MarkRead, Reply, Say};
        let mut words = self.history.iter().rev();
        let is_word =
            |event: &&Event| matches!(event.what, Add | Attach | AskSupplement | MarkRead | Reply | Say);
        match words.find(is_word).map(|event| &event.by) {
            None | Some(Who::Rule) => LastWord::Nobody,
            Some(Who::Reporter) => LastWord::Reporter,
            Some(Who::Staff(_)) => LastWord::Staff,
        }
    }
}
