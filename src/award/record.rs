//! One award as the server keeps it: what was computed, who approved, what was released, how it ended.
//! Nothing about a person: no name, no uplift, no amount paid.
//!
//! ```text
//! NotEligible
//! Computed → Approved → Filed → Notified (extended, public notice) → Claimed → ReleasePublished → Released
//!    └→ Declined                    └→ Lapsed                 ↑                │ expired
//!                                                             └────────────────┘
//! Released → Verified → Paid            Released → Refused | Unreadable → Claimed, once reopened
//!                                       ReleasePublished, expired → Unreadable
//! ```
//! `Refused`, `Unreadable` and `Paid` stand only after a second person has confirmed them. Transitions are
//! functions from one record to the next; what is refused leaves the record as it was.

use super::{
    approval::{self, Approval, ApprovalRefused, AwardTerms, FEWEST_APPROVERS, PayoutApproval},
    claim::{Claim, NotClaimed},
    decision::{Facts, Refusal},
    paper::{Paper, PaperRefused, decision_hash},
    release::{Deposit, Purpose, ReleaseRefused, ReleaseTerms},
};
use crate::{
    clock::Day,
    ids::{CaseNumber, Instance, ReportId, StaffId},
    policy::RewardRules,
    recipients::{RecipientSet, Roster},
    signing::VerifyKey,
};
use serde::{Deserialize, Serialize};

pub use super::state::{AwardState, Ending, Ground, Past, Step};

const FORMAT: u16 = 1;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AwardRefused {
    #[error("this cannot be done to an award that is {0}")]
    State(&'static str),
    #[error(transparent)]
    Paper(#[from] PaperRefused),
    #[error(transparent)]
    Approval(#[from] ApprovalRefused),
    #[error(transparent)]
    Claim(#[from] NotClaimed),
    #[error(transparent)]
    Release(#[from] ReleaseRefused),
    #[error("it could be approved until {0}; it must be computed anew")]
    BallotClosed(Day),
    #[error("{0} has not approved this award")]
    NoSuchApproval(StaffId),
    #[error("the approvals are for another award")]
    OtherAward,
    #[error("a reason is needed")]
    NoReason,
    #[error("a voucher number is needed")]
    NoVoucher,
    #[error("the last day to claim was {0}")]
    ClaimTooLate(Day),
    #[error("it can be claimed until {0}")]
    ClaimStillOpen(Day),
    #[error("the new last day must lie after {0}")]
    NotAnExtension(Day),
    #[error("the report has no envelope to open")]
    NoEnvelope,
    #[error("the release must stay open until {0} or later to be of use")]
    ReleaseTooShort(Day),
    #[error("a release is open until {0}")]
    ReleaseStillOpen(Day),
    #[error("{0} has recorded this; another person must confirm it")]
    SamePerson(StaffId),
}

/// What policy asks of the approvers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// Different people; values below 2 count as 2. Part of what they sign.
    pub needed: usize,
    /// The last day on which the award can be approved. After it the facts may have changed: compute anew.
    pub until: Day,
}

/// An approver's no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declined {
    pub by: StaffId,
    pub day: Day,
    pub reason: String,
}

/// A published release and what it froze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub terms: ReleaseTerms,
    /// SHA-256 of each envelope it covers, hexadecimal, oldest first. Later ones need a release of their own.
    pub envelopes: Vec<String>,
    pub deposits: Vec<Deposit>,
}

/// One award. Read by its accessors, changed by its transitions alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Award {
    format: u16,
    terms: AwardTerms,
    decision: String,
    rules: String,
    /// The last day to approve it. `None`: there is nothing to approve.
    approve_until: Option<Day>,
    approvals: Vec<Approval>,
    refusals: Vec<Declined>,
    claim_until: Option<Day>,
    /// What the holder of the receipt signed, once claimed.
    claim: Option<Claim>,
    release: Option<Release>,
    state: AwardState,
    history: Vec<Past>,
}

/// Which award of which case.
#[derive(Clone, Debug)]
pub struct About {
    pub instance: Instance,
    pub report: ReportId,
    pub case: CaseNumber,
    /// 1 for the case's first, one more for each later one.
    pub award: u32,
    /// Staff who worked on the case: none of them may approve.
    pub worked_on: Vec<StaffId>,
}

impl Award {
    /// An amount that the rules give for the facts; refused if they do not. Dated by the facts' day.
    pub fn computed(
        about: About,
        paper: &Paper,
        rules: &RewardRules,
        ballot: Ballot,
        by: &StaffId,
    ) -> Result<Self, AwardRefused> {
        let (facts, base_fen) = (&paper.facts, paper.amount.base_fen.0);
        let rules = rules.snapshot_in_force(facts.region, facts.sector.as_ref(), facts.decided);
        let needed = ballot.needed.max(FEWEST_APPROVERS);
        let award =
            Self::begin(about, paper.text(), (base_fen, needed), facts.decided, by, AwardState::Computed);
        Paper::check(&award.decision, &award.terms, &rules)?;
        Ok(Self { rules, approve_until: Some(ballot.until), ..award })
    }

    /// Nothing is payable by the rules, whoever the reporter is.
    pub fn not_eligible(about: About, facts: &Facts, reason: Refusal, by: &StaffId) -> Self {
        let decision = serde_json::json!({ "facts": facts, "refused": reason });
        let state = AwardState::NotEligible { reason };
        Self::begin(about, decision.to_string(), (0, FEWEST_APPROVERS), facts.decided, by, state)
    }

    fn begin(
        about: About,
        decision: String,
        (base_fen, needed): (u64, usize),
        computed: Day,
        by: &StaffId,
        state: AwardState,
    ) -> Self {
        let About { instance, report, case, award, worked_on } = about;
        let rule_and_inputs = decision_hash(&decision);
        let terms = AwardTerms {
            instance,
            report,
            case,
            award,
            rule_and_inputs,
            base_fen,
            approvals_needed: u32::try_from(needed).unwrap_or(u32::MAX),
            computed,
            worked_on,
        };
        Self {
            format: FORMAT,
            terms,
            decision,
            rules: String::new(),
            approve_until: None,
            approvals: vec![],
            refusals: vec![],
            claim_until: None,
            claim: None,
            release: None,
            state,
            history: vec![Past { day: computed, step: Step::Computed, by: Some(by.clone()) }],
        }
    }

    /// One approver's signed yes. With the last one needed the award is approved.
    pub fn approve(&self, approval: Approval, roster: &Roster, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Computed))?;
        if let Some(until) = self.approve_until.filter(|until| today > *until) {
            return Err(AwardRefused::BallotClosed(until));
        }
        let by = approval.by.clone();
        let mut next = self.clone();
        next.approvals.push(approval);
        match approval::verify(&self.terms, &next.approvals, roster, today) {
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

    /// The reporter did not come: a notice without any name, and longer to claim.
    pub fn public_notice(&self, claim_until: Day, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.later_claim(claim_until, Step::PublicNotice { claim_until }, by, today)
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

    /// The last day has passed: waived, and the next of the merge order is offered it.
    pub fn lapse(&self, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Notified))?;
        match self.claim_until {
            Some(until) if today <= until => Err(AwardRefused::ClaimStillOpen(until)),
            _ => Ok(self.moved(AwardState::Lapsed, today, Step::Lapsed, None)),
        }
    }

    /// The approvals, checked again against today's roster: an approver struck off since no longer counts.
    pub fn approval(&self, roster: &Roster, today: Day) -> Result<PayoutApproval, AwardRefused> {
        Ok(approval::verify(&self.terms, &self.approvals, roster, today)?)
    }

    /// Records the release whose leaf the store has just appended (`leaf_index`, the report's `leaf_n`th).
    ///
    /// One release is open at a time; an expired one gives way, with the shares given for it.
    pub fn publish_release(
        &self,
        approval: PayoutApproval,
        release: ReleaseTerms,
        envelopes: Vec<String>,
        reason: &str,
        by: &StaffId,
        today: Day,
    ) -> Result<Self, AwardRefused> {
        let open = matches!(self.state, AwardState::ReleasePublished | AwardState::Released);
        if let (true, Some(open)) = (open, &self.release)
            && today <= open.terms.expires
        {
            return Err(AwardRefused::ReleaseStillOpen(open.terms.expires));
        }
        self.is_in(open || matches!(self.state, AwardState::Claimed))?;
        if self.claim.is_none() {
            return Err(NotClaimed.into());
        }
        if *approval.terms() != self.terms
            || release.award != self.terms
            || release.purpose != Purpose::Identity
        {
            return Err(AwardRefused::OtherAward);
        }
        if release.expires <= today {
            return Err(AwardRefused::ReleaseTooShort(today));
        }
        if envelopes.is_empty() {
            return Err(AwardRefused::NoEnvelope);
        }
        let mut next = self.clone();
        if self.release.is_some() {
            next = next.noting(today, Step::ReleaseExpired, None);
        }
        let step = Step::ReleasePublished { leaf_index: release.leaf_index, reason: needed(reason)? };
        next.release = Some(Release { terms: release, envelopes, deposits: vec![] });
        Ok(next.moved(AwardState::ReleasePublished, today, step, Some(by)))
    }

    /// One trustee's share. With the t-th the package is complete.
    pub fn deposit(&self, deposit: Deposit, set: &RecipientSet, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::ReleasePublished))?;
        let mut next = self.clone();
        // Unwrap safety: `publish_release` alone leads to this state and sets the release.
        let release = next.release.as_mut().unwrap();
        // What was given under an earlier set opens nothing any more, and its giver may be gone.
        let Release { terms, deposits, .. } = &mut *release;
        deposits.retain(|other| other.verify(terms, set, today).is_ok());
        if release.deposits.iter().any(|other| other.trustee == deposit.trustee) {
            return Err(ReleaseRefused::Twice(deposit.trustee).into());
        }
        deposit.verify(&release.terms, set, today)?;
        let step = Step::Deposited { trustee: deposit.trustee };
        release.deposits.push(deposit);
        if release.deposits.len() >= set.threshold() {
            next.state = AwardState::Released;
        }
        Ok(next.noting(today, step, None))
    }

    /// The officers have opened the package and met somebody who may be paid.
    pub fn verified(&self, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Released))?;
        Ok(self.moved(AwardState::Verified, today, Step::Verified, Some(by)))
    }

    /// One person records how it ended; it stands once another confirms.
    pub fn record(&self, ending: Ending, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(match ending {
            Ending::Paid(_) => matches!(self.state, AwardState::Verified),
            Ending::Refused(_) => matches!(self.state, AwardState::Released | AwardState::Verified),
            Ending::Unreadable => matches!(self.state, AwardState::Released),
            Ending::Unreleased => matches!(self.state, AwardState::ReleasePublished),
        })?;
        // Until then the trustees still have a say.
        if let (Ending::Unreleased, Some(release)) = (&ending, &self.release)
            && today <= release.terms.expires
        {
            return Err(AwardRefused::ReleaseStillOpen(release.terms.expires));
        }
        let ending = match ending {
            Ending::Paid(voucher) => {
                let voucher = voucher.trim();
                if voucher.is_empty() {
                    return Err(AwardRefused::NoVoucher);
                }
                Ending::Paid(voucher.into())
            }
            other => other,
        };
        let state = AwardState::ToConfirm { ending, by: by.clone() };
        Ok(self.moved(state, today, Step::Recorded, Some(by)))
    }

    /// The second person's yes.
    pub fn confirm(&self, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        let state = match self.to_confirm()? {
            (_, recorded_by) if recorded_by == by => return Err(AwardRefused::SamePerson(by.clone())),
            (Ending::Refused(ground), _) => AwardState::Refused { ground: *ground },
            (Ending::Unreadable | Ending::Unreleased, _) => AwardState::Unreadable,
            (Ending::Paid(voucher), _) => AwardState::Paid { voucher: voucher.clone() },
        };
        let mut next = self.moved(state, today, Step::Confirmed, Some(by));
        // The shares have done their work: kept, they would leave the office's key as the only lock.
        if let Some(release) = &mut next.release {
            release.deposits.clear();
        }
        Ok(next)
    }

    /// The second person's no, or the first one's own correction.
    pub fn send_back(&self, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        let state = match self.to_confirm()? {
            (Ending::Paid(_), _) => AwardState::Verified,
            (Ending::Unreleased, _) => AwardState::ReleasePublished,
            (Ending::Refused(_) | Ending::Unreadable, _) => AwardState::Released,
        };
        Ok(self.moved(state, today, Step::SentBack, Some(by)))
    }

    /// After an objection, or with a new envelope: opened again only by a new release.
    pub fn reopen(&self, reason: &str, by: &StaffId, today: Day) -> Result<Self, AwardRefused> {
        self.is_in(matches!(self.state, AwardState::Refused { .. } | AwardState::Unreadable))?;
        let step = Step::Reopened { reason: needed(reason)? };
        let mut next = self.clone();
        next.release = None;
        Ok(next.moved(AwardState::Claimed, today, step, Some(by)))
    }

    /// Whether an outcome stands, confirmed by a second person.
    pub fn is_ended(&self) -> bool {
        use AwardState::{Paid, Refused, Unreadable};
        matches!(self.state, Paid { .. } | Refused { .. } | Unreadable)
    }
    /// Ended without anybody being paid, so that the next in the order of the matter may be offered it.
    pub fn is_unpaid(&self) -> bool {
        use AwardState::{Lapsed, Refused, Unreadable};
        matches!(self.state, Lapsed | Refused { .. } | Unreadable)
    }
    /// What the holder of the receipt signed; `None` until they claim.
    pub fn signed_claim(&self) -> Option<Claim> {
        self.claim
    }
    pub fn terms(&self) -> &AwardTerms {
        &self.terms
    }
    /// JSON text of the [`Paper`], byte for byte as computed.
    pub fn decision(&self) -> &str {
        &self.decision
    }
    /// The rules in force when it was computed, as a snapshot.
    pub fn rules(&self) -> &str {
        &self.rules
    }
    pub fn approvals_needed(&self) -> usize {
        self.terms.approvals_needed()
    }
    /// Not approved in time: it is to be computed anew.
    pub fn is_stale(&self, today: Day) -> bool {
        matches!(self.state, AwardState::Computed) && self.approve_until.is_some_and(|until| today > until)
    }
    pub fn approvals(&self) -> &[Approval] {
        &self.approvals
    }
    pub fn refusals(&self) -> &[Declined] {
        &self.refusals
    }
    pub fn claim_until(&self) -> Option<Day> {
        self.claim_until
    }
    pub fn release(&self) -> Option<&Release> {
        self.release.as_ref()
    }
    pub fn state(&self) -> &AwardState {
        &self.state
    }
    pub fn history(&self) -> &[Past] {
        &self.history
    }

    fn to_confirm(&self) -> Result<(&Ending, &StaffId), AwardRefused> {
        match &self.state {
            AwardState::ToConfirm { ending, by } => Ok((ending, by)),
            other => Err(AwardRefused::State(other.name())),
        }
    }

    fn is_in(&self, wanted: bool) -> Result<(), AwardRefused> {
        if wanted { Ok(()) } else { Err(AwardRefused::State(self.state.name())) }
    }

    fn moved(&self, state: AwardState, day: Day, step: Step, by: Option<&StaffId>) -> Self {
        Self { state, ..self.clone() }.noting(day, step, by)
    }

    fn noting(mut self, day: Day, step: Step, by: Option<&StaffId>) -> Self {
        self.history.push(Past { day, step, by: by.cloned() });
        self
    }
}

fn needed(reason: &str) -> Result<String, AwardRefused> {
    let reason = reason.trim();
    if reason.is_empty() { Err(AwardRefused::NoReason) } else { Ok(reason.into()) }
}
