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
//! `Refused`, `Unreadable` and `Paid` stand only after a second person has confirmed them. To the first two the reporter
//! may object, once each time; that alone opens nothing. The office then takes it up again, or answers that it stands.
//! `Lapsed` follows a public notice whose days are over. Transitions are functions from one record to the next; what is
//! refused leaves the record as it was.

mod again;
mod to_claim;
mod to_end;

use super::{
    approval::{Approval, ApprovalRefused, AwardTerms, FEWEST_APPROVERS},
    claim::{Claim, NotClaimed},
    decision::{Facts, Refusal},
    notice::Notice,
    paper::{Paper, PaperRefused, decision_hash},
    release::{Deposit, ReleaseRefused, ReleaseTerms},
};
use crate::{
    casework::Permission,
    clock::Day,
    ids::{CaseNumber, Instance, ReportId, StaffId},
    policy::RewardRules,
};
use serde::{Deserialize, Serialize};

pub use super::state::{Answer, AwardState, Ending, Ground, Objection, Past, Step};

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
    #[error("the approvals count until {0}; it must be approved again")]
    ApprovalsEnd(Day),
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
    #[error("it has not been announced in public")]
    NotAnnounced,
    #[error("it has been announced in public already")]
    AnnouncedAlready,
    #[error("the reporter has objected to this decision already")]
    ObjectedAlready,
    #[error("no objection waits for an answer")]
    NothingToAnswer,
    #[error("that does not answer what the reporter has said")]
    OtherAnswer,
    #[error("the reporter has until {0} to come or to be reached")]
    StillTime(Day),
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
    /// Days for which an approval counts, from its own.
    pub life: u32,
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
    /// Days for which an approval counts, by the policy of the day it was computed. `None`: as long as any may.
    #[serde(default)]
    approvals_count: Option<u32>,
    approvals: Vec<Approval>,
    refusals: Vec<Declined>,
    claim_until: Option<Day>,
    /// How it was announced, if nobody claimed it in time.
    #[serde(default)]
    notice: Option<Notice>,
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
        let (approve_until, approvals_count) = (Some(ballot.until), Some(ballot.life));
        Ok(Self { rules, approve_until, approvals_count, ..award })
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
            approvals_count: None,
            approvals: vec![],
            refusals: vec![],
            claim_until: None,
            notice: None,
            claim: None,
            release: None,
            state,
            history: vec![Past { day: computed, step: Step::Computed, by: Some(by.clone()) }],
        }
    }

    /// Whether an outcome stands, confirmed by a second person.
    pub fn is_ended(&self) -> bool {
        use AwardState::{Paid, Refused, Unreadable};
        matches!(self.state, Paid { .. } | Refused { .. } | Unreadable)
    }
    /// Whether what its release covers may be opened on this day: by trustees first, by the office once t of them have.
    pub fn is_open(&self, today: Day) -> bool {
        use AwardState::{ReleasePublished, Released};
        matches!(self.state, ReleasePublished | Released) && !self.is_past(today)
    }
    /// Whether the office can open it: t shares have come, and the last day has not passed.
    pub fn is_released(&self, today: Day) -> bool {
        matches!(self.state, AwardState::Released) && !self.is_past(today)
    }
    fn is_past(&self, today: Day) -> bool {
        self.release.as_ref().is_some_and(|release| today > release.terms.expires)
    }
    /// Leaves of openings whose package must not be there: of a release that another took the place of, or whose shares
    /// are gone. Kept, it would leave the office's key as the only lock.
    pub fn spent_leaves(&self) -> impl Iterator<Item = u64> {
        let open = self.release.as_ref().filter(|release| !release.deposits.is_empty());
        let open = open.map(|release| release.terms.leaf_index);
        let published = self.history.iter().filter_map(|past| match past.step {
            Step::ReleasePublished { leaf_index, .. } => Some(leaf_index),
            _ => None,
        });
        published.filter(move |leaf| Some(*leaf) != open)
    }
    /// What this member of staff has done about it.
    pub fn acts_of(&self, by: &StaffId) -> impl Iterator<Item = Permission> {
        self.history
            .iter()
            .filter(move |past| past.by.as_ref() == Some(by))
            .filter_map(|past| past.step.act())
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
    /// How it was announced in public; `None`: it was not.
    pub fn notice(&self) -> Option<Notice> {
        self.notice
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
    /// Which award of its case this is, and how many changes it has seen: a form about it carries what it was built on.
    /// Not the case's own version: whoever reads that must not see that something was done here, for it follows a claim
    /// (P1).
    pub fn version(&self) -> (u32, usize) {
        (self.terms.award, self.history.len())
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
