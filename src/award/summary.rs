//! What different readers see of an award: a line in a list, three words for staff, five for the reporter.

use super::record::{Award, AwardState, Ground};
use crate::{
    clock::Day,
    ids::{CaseNumber, StaffId},
};
use serde::{Deserialize, Serialize};

/// One row of the reward office's and the approvers' lists. Nothing about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwardSummary {
    pub case: CaseNumber,
    pub award: u32,
    /// [`AwardState::name`].
    pub state: String,
    pub base_fen: u64,
    pub claim_until: Option<Day>,
    pub approvals: usize,
    pub approvals_needed: usize,
    /// Who may not vote on it, or has: those who worked on the case, those who have approved.
    pub not_for: Vec<StaffId>,
    pub deposits: usize,
    /// Last day of the open release.
    pub release_until: Option<Day>,
}

impl AwardSummary {
    pub fn of(award: &Award) -> Self {
        let release = award.release();
        Self {
            case: award.terms().case,
            award: award.terms().award,
            state: award.state().name().into(),
            base_fen: award.terms().base_fen,
            claim_until: award.claim_until(),
            approvals: award.approvals().len(),
            approvals_needed: award.approvals_needed(),
            not_for: {
                let voted = award.approvals().iter().map(|approval| &approval.by);
                award.terms().worked_on.iter().chain(voted).cloned().collect()
            },
            deposits: release.map_or(0, |r| r.deposits.len()),
            release_until: release.map(|r| r.terms.expires),
        }
    }

    /// Shares were given for a release whose last day has passed.
    pub fn has_lapsed(&self, today: Day) -> bool {
        self.deposits > 0 && self.release_until.is_some_and(|until| today > until)
    }

    /// Earliest last day first; awards without one at the end, by number.
    pub fn by_claim_deadline(rows: &mut [Self]) {
        rows.sort_by_key(|row| (row.claim_until.is_none(), row.claim_until, row.case, row.award));
    }
}

/// All that staff outside the reward roles see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffView {
    /// Anything from the computation to the second person's confirmation.
    WithRewardOffice,
    Paid,
    NotPayable,
}

/// What the reporter's page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReporterView {
    InApproval,
    /// `base_fen` before any uplift.
    CanBeClaimed {
        base_fen: u64,
        until: Day,
    },
    /// Claimed; the reward office is at work. Openings are counted by the log, not here.
    Claimed,
    Paid,
    NotPayable {
        ground: Option<Ground>,
    },
    Lapsed,
}

impl Award {
    pub fn for_staff(&self) -> StaffView {
        match self.state() {
            AwardState::Paid { .. } => StaffView::Paid,
            AwardState::NotEligible { .. }
            | AwardState::Refused { .. }
            | AwardState::Unreadable
            | AwardState::Lapsed => StaffView::NotPayable,
            _ => StaffView::WithRewardOffice,
        }
    }

    pub fn for_reporter(&self) -> ReporterView {
        match (self.state(), self.claim_until()) {
            (AwardState::Paid { .. }, _) => ReporterView::Paid,
            (AwardState::NotEligible { .. } | AwardState::Unreadable, _) => {
                ReporterView::NotPayable { ground: None }
            }
            (AwardState::Refused { ground }, _) => ReporterView::NotPayable { ground: Some(*ground) },
            (AwardState::Lapsed, _) => ReporterView::Lapsed,
            (AwardState::Notified, Some(until)) => {
                ReporterView::CanBeClaimed { base_fen: self.terms().base_fen, until }
            }
            (AwardState::Computed | AwardState::Declined | AwardState::Approved | AwardState::Filed, _) => {
                ReporterView::InApproval
            }
            _ => ReporterView::Claimed,
        }
    }
}
