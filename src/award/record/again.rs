//! Approved once more: where earlier approvals have run out, or an approver was struck off, before the money was released. The
//! terms stay as they are, and so does the reporter's claim.

use super::{Award, AwardRefused, AwardState, Step};
use crate::{
    award::approval::{self, Approval, ApprovalRefused},
    clock::Day,
    ids::StaffId,
    policy::LONGEST_APPROVAL,
    recipients::Roster,
};
use std::collections::BTreeMap;

impl Award {
    /// Days for which an approval of it counts.
    pub(super) fn life(&self) -> u32 {
        self.approvals_count.unwrap_or(LONGEST_APPROVAL)
    }

    /// Who has approved it, and the last day on which that counts.
    pub fn votes_until(&self) -> BTreeMap<StaffId, Day> {
        let until = |approval: &Approval| (approval.by.clone(), approval.until(self.life()));
        self.approvals.iter().map(until).collect()
    }

    /// It waits for a release, or for another one, and its approvals do not count through this day.
    pub fn must_be_approved_again(&self, roster: &Roster, today: Day, through: Day) -> bool {
        let counts = || self.approval(roster, today).is_ok_and(|approval| approval.until() >= through);
        self.awaits_release(today) && !counts()
    }

    /// One approver's signed yes to what was approved before, in the place of their own earlier one.
    pub fn approve_again(
        &self,
        approval: Approval,
        roster: &Roster,
        today: Day,
    ) -> Result<Self, AwardRefused> {
        self.is_in(self.awaits_release(today))?;
        let by = approval.by.clone();
        if self.approvals.iter().any(|given| given.by == by && given.day >= approval.day) {
            return Err(ApprovalRefused::Twice(by).into());
        }
        let mut next = self.clone();
        // One that counts no more would refuse all the others with it, and the first that runs out ends all: no more are kept
        // than it takes, the latest.
        next.approvals
            .retain(|given| given.by != by && given.check(&self.terms, roster, today, self.life()).is_ok());
        next.approvals.push(approval);
        next.approvals.sort_by_key(|given| given.day);
        let spare = next.approvals.len().saturating_sub(self.approvals_needed());
        next.approvals.drain(..spare);
        match approval::verify(&self.terms, &next.approvals, roster, today, self.life()) {
            Ok(_) | Err(ApprovalRefused::TooFew { .. }) => Ok(next.noting(today, Step::Approved, Some(&by))),
            Err(refused) => Err(refused.into()),
        }
    }

    /// Before its reporter has claimed it, nobody needs the approvals: they would only run out once more.
    fn awaits_release(&self, today: Day) -> bool {
        match self.state {
            AwardState::Claimed => true,
            AwardState::ReleasePublished | AwardState::Released => !self.is_open(today),
            _ => false,
        }
    }
}
