//! From the votes to the claim: approved by several, filed, notified, claimed in time or lapsed.

use super::{Award, AwardRefused, AwardState, Declined, Step, needed};
use crate::{
    award::{
        approval::{self, Approval, ApprovalRefused, PayoutApproval},
        claim::Claim,
        notice::{Notice, NoticeNumber},
    },
    clock::Day,
    ids::StaffId,
    recipients::Roster,
    signing::VerifyKey,
};
use jiff::ToSpan;

/// Days to claim that a review leaves at least: its reporter looks once a week.
const LEAST_LEFT: i64 = 7;

impl Award {
    /// One approver's signed yes. With the last one needed the award is approved.
    pub fn approve(&self, approval: Approval, roster: &Roster, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Computed))?;
        if let Some(until) = self.approve_until.filter(|until| today > *until) {
            return Err(AwardRefused::BallotClosed(until));
        }
        let by = approval.by.clone();
        let mut next = self.clone();
        next.approvals.push(approval);
        match approval::verify(&self.terms, &next.approvals, roster, today, self.life()) {
            Ok(_) => next.state = AwardState::Approved,
            Err(ApprovalRefused::TooFew { .. }) => {}
            Err(refused) => return Err(refused.into()),
        }
        Ok(next.noting(today, Step::Approved, Some(&by)))
    }

    /// Takes back one's own yes while others are still awaited.
    pub fn withdraw_approval(&self, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Computed))?;
        let mut next = self.clone();
        next.approvals.retain(|approval| approval.by != *by);
        if next.approvals.len() == self.approvals.len() {
            return Err(AwardRefused::NoSuchApproval(by.clone()));
        }
        Ok(next.noting(today, Step::ApprovalWithdrawn, Some(by)))
    }

    /// One approver's no sends the award back to be computed anew.
    pub fn decline(
        &self,
        by: &StaffId,
        reason: &str,
        roster: &Roster,
        today: Day,
    ) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Computed))?;
        if self.terms.worked_on.contains(by) {
            return Err(ApprovalRefused::OwnCase(by.clone()).into());
        }
        if roster.key_of(by).is_none() {
            return Err(ApprovalRefused::NotOnTheRoster(by.clone()).into());
        }
        let mut next = self.clone();
        next.refusals.push(Declined { by: by.clone(), day: today, reason: needed(reason)? });
        next.state = AwardState::Declined;
        Ok(next.noting(today, Step::Declined, Some(by)))
    }

    /// The reporter objected to what was found, and it is looked into anew: whatever is found then is computed anew.
    pub fn overturn(&self, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        use AwardState::{Approved, Computed, Filed, Notified};
        self.is_in(matches!(self.state, Computed | Approved | Filed | Notified))?;
        Ok(self.moved(AwardState::Declined, today, Step::Overturned, Some(by)))
    }

    /// The level above has been told.
    pub fn file(&self, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Approved))?;
        Ok(self.moved(AwardState::Filed, today, Step::Filed, Some(by)))
    }

    /// The reporter's own page shows the award from now on. `claim_until` is the last day, inclusive.
    pub fn notify(&self, claim_until: Day, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Filed))?;
        if claim_until < today {
            return Err(AwardRefused::NotAnExtension(today));
        }
        let mut next = self.clone();
        next.claim_until = Some(claim_until);
        Ok(next.moved(AwardState::Notified, today, Step::Notified { claim_until }, Some(by)))
    }

    /// For stated reasons, the reporter has longer.
    pub fn extend_claim(
        &self,
        claim_until: Day,
        reason: &str,
        by: &StaffId,
        today: Day,
    ) -> Result<Self, AwardRefused> {
        let step = Step::ClaimExtended { claim_until, reason: needed(reason)? };
        self.later_claim(claim_until, step, by, today)
    }

    /// The last day has passed and the reporter did not come: once, a notice under a number in the place of a name, and
    /// longer to claim.
    pub fn public_notice(
        &self,
        number: NoticeNumber,
        claim_until: Day,
        by: &StaffId,
        today: Day,
    ) -> Result<Self, AwardRefused> {
        self.is_over(today)?;
        if self.notice.is_some() {
            return Err(AwardRefused::AnnouncedAlready);
        }
        let mut next = self.later_claim(claim_until, Step::PublicNotice { claim_until }, by, today)?;
        next.notice = Some(Notice { number, published: today, until: claim_until });
        Ok(next)
    }

    /// The objection that came on `objected` was reviewed, and what was found stands. Nobody could claim meanwhile: the
    /// days from then to now are added, if the time to claim was running on that day, and a week is left at least.
    pub fn resume_claim(&self, objected: Day, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Notified))?;
        let until = self.claim_until.unwrap_or(today);
        if objected > until {
            return Err(AwardRefused::ClaimTooLate(until));
        }
        let least = today.saturating_add(LEAST_LEFT.days());
        let claim_until = until.saturating_add(today - objected).max(least);
        if claim_until <= until {
            return Err(AwardRefused::NotAnExtension(until));
        }
        let mut next = self.clone();
        next.claim_until = Some(claim_until);
        Ok(next.noting(today, Step::ClaimResumed { claim_until }, Some(by)))
    }

    fn later_claim(
        &self,
        claim_until: Day,
        step: Step,
        by: &StaffId,
        today: Day,
    ) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Notified))?;
        let least = self.claim_until.map_or(today, |until| until.max(today));
        if claim_until <= least {
            return Err(AwardRefused::NotAnExtension(least));
        }
        let mut next = self.clone();
        next.claim_until = Some(claim_until);
        Ok(next.noting(today, step, Some(by)))
    }

    /// The holder of the receipt claims. `key` is the report's claim key, as it came with the report.
    pub fn claim(&self, today: Day, claim: Claim, key: VerifyKey) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Notified))?;
        if let Some(until) = self.claim_until.filter(|until| today > *until) {
            return Err(AwardRefused::ClaimTooLate(until));
        }
        claim.prove(&self.terms, key)?;
        let mut next = self.clone();
        next.claim = Some(claim);
        Ok(next.moved(AwardState::Claimed, today, Step::Claimed, None))
    }

    /// It was announced, and the last day of that has passed too: waived, and the next of the merge order is offered it.
    pub fn lapse(&self, today: Day) -> Result<Self, AwardRefused> {
        self.is_over(today)?;
        // A notice gives longer to claim, and nothing takes days away again: its own days are over as well.
        if self.notice.is_none() {
            return Err(AwardRefused::NotAnnounced);
        }
        Ok(self.moved(AwardState::Lapsed, today, Step::Lapsed, None))
    }

    /// It waits for a claim, and the last day for one has passed.
    fn is_over(&self, today: Day) -> Result<(), AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Notified))?;
        match self.claim_until {
            Some(until) if today <= until => Err(AwardRefused::ClaimStillOpen(until)),
            _ => Ok(()),
        }
    }

    /// The approvals, checked again against today's roster and day: an approver struck off since no longer counts, nor does a
    /// yes that is too old.
    pub fn approval(&self, roster: &Roster, today: Day) -> Result<PayoutApproval, AwardRefused> {
        Ok(approval::verify(&self.terms, &self.approvals, roster, today, self.life())?)
    }
}
