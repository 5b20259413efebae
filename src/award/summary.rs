//! What different readers see of an award: a line in a list, three words for staff, five for the reporter.

use super::{
    decision::Refusal,
    notice::Notice,
    record::{Award, AwardState, Ground, Step},
};
use crate::{
    clock::Day,
    ids::{CaseNumber, StaffId},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Who has approved it, and the last day on which that counts.
    #[serde(default)]
    pub votes_until: BTreeMap<StaffId, Day>,
    pub deposits: usize,
    /// Last day of the open release.
    pub release_until: Option<Day>,
    /// The day the reporter has objected to the ending that stands, until that is answered. For the reward office alone.
    #[serde(default)]
    pub objected: Option<Day>,
    /// How it was announced in public.
    #[serde(default)]
    pub notice: Option<Notice>,
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
            votes_until: award.votes_until(),
            deposits: release.map_or(0, |r| r.deposits.len()),
            release_until: release.map(|r| r.terms.expires),
            objected: award.open_objection().map(|(day, _)| day),
            notice: award.notice(),
        }
    }

    /// It waits for a release, or for another one, and its approvals do not count through this day.
    pub fn must_be_approved_again(&self, today: Day, through: Day) -> bool {
        let waits = match self.state.as_str() {
            "claimed" => true,
            "release-published" | "released" => self.release_until.is_some_and(|until| today > until),
            _ => false,
        };
        let counting = self.votes_until.values().filter(|until| **until >= through);
        waits && counting.count() < self.approvals_needed
    }

    /// Whether this person can approve it again: they have not worked on the case, and have no vote that counts so long.
    pub fn can_be_approved_again_by(&self, staff: &StaffId, through: Day) -> bool {
        match self.votes_until.get(staff) {
            Some(until) => *until < through,
            None => !self.not_for.contains(staff),
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
    /// Their objection is under review: it waits, and so does the time to claim. See
    /// [`Dossier::for_reporter`](crate::store::Dossier::for_reporter).
    StandsStill {
        base_fen: u64,
    },
    /// Claimed; the reward office is at work. Openings are counted by the log, not here.
    Claimed,
    Paid,
    /// By the rules nothing is payable for the matter.
    NotDue {
        reason: Refusal,
    },
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
            // Taken up again: that would say that there was a claim.
            _ if self.history().iter().any(|past| matches!(past.step, Step::Reopened { .. })) => {
                StaffView::NotPayable
            }
            _ => StaffView::WithRewardOffice,
        }
    }

    pub fn for_reporter(&self) -> ReporterView {
        match (self.state(), self.claim_until()) {
            (AwardState::Paid { .. }, _) => ReporterView::Paid,
            (AwardState::NotEligible { reason }, _) => ReporterView::NotDue { reason: *reason },
            (AwardState::Unreadable, _) => ReporterView::NotPayable { ground: None },
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
