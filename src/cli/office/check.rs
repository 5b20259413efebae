//! What the officers' tool checks before it turns the second lock. No input or output.

use crate::{
    award::{
        approval::{self, ApprovalRefused, PayoutApproval},
        claim::Claim,
        paper::{Paper, PaperRefused},
        release::{Quorum, ReleasePackage, ReleaseRefused},
    },
    cleartext::open::{OpenError, Opened, open},
    cli::pins::{Memory, State},
    clock::Day,
    envelope::Envelope,
    policy::{LONGEST_APPROVAL, RewardRules},
    recipients::{RosterRefused, SetRefused},
};

const FORMAT: u16 = 1;

/// Why a package is not opened at all. Nothing is to be recorded then: the package is wrong, not the report.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    #[error("the package has format {0}, which is unknown to this program")]
    Format(u16),
    #[error("the package says that it is for something else than what it carries")]
    Purpose,
    #[error("the recipient set: {0}")]
    Set(#[from] SetRefused),
    #[error("the roster of approvers: {0}")]
    Roster(#[from] RosterRefused),
    #[error("the roster of approvers is number {found}; number {seen} was seen before")]
    OlderRoster { found: u32, seen: u32 },
    #[error("the award: {0}")]
    Paper(#[from] PaperRefused),
    #[error("the approvals: {0}")]
    Approval(#[from] ApprovalRefused),
    #[error("the trustees' shares: {0}")]
    Release(#[from] ReleaseRefused),
}

/// A package whose papers are in order.
pub struct Ready {
    pub paper: Paper,
    pub rules: RewardRules,
    approval: PayoutApproval,
    claim: Claim,
    quorum: Quorum,
    roster: u32,
    set: u32,
}

/// Checks a package against the pinned set; `today` bounds the release.
pub fn check(package: &ReleasePackage, state: &State, today: Day) -> Result<Ready, NotOpened> {
    if package.format != FORMAT {
        return Err(NotOpened::Format(package.format));
    }
    let set = package.set.pinned(&state.set.fingerprint())?;
    let (found, seen) = (package.roster.number, state.memory.roster);
    if found < seen {
        return Err(NotOpened::OlderRoster { found, seen });
    }
    let roster = package.roster.trusted(&set)?;
    let award = &package.terms.award;
    let (paper, rules) = Paper::check(&package.decision, award, &package.rules)?;
    let approval = approval::verify(award, &package.approvals, &roster, today, LONGEST_APPROVAL)?;
    let quorum = Quorum::gather(&package.terms, &set, &package.deposits, today)?;
    Ok(Ready { paper, rules, approval, claim: package.claim, quorum, roster: found, set: set.number() })
}

impl Ready {
    /// What is opened and by whose leave.
    pub fn summary(&self) -> String {
        let terms = self.quorum.terms();
        let by: Vec<&str> = self.approval.by().iter().map(|staff| staff.0.as_str()).collect();
        format!(
            "案件 Case        {}（奖励 award {}）\n\
             基本金额 Base    {} 元\n\
             规定 Rule        {}（{}）\n\
             审批 Approved    {}\n\
             有效 Until       {}\n",
            terms.award.case,
            terms.award.award,
            self.paper.amount.base_fen,
            self.paper.amount.rule.title.zh,
            self.paper.amount.rule.document,
            by.join("、"),
            terms.expires,
        )
    }

    pub fn memory(&self, state: &State) -> Memory {
        Memory { roster: self.roster, ..state.memory.clone() }
    }

    /// Spends approval and shares. The claim is checked here: its key lies in the shares.
    pub fn open(self, envelopes: &[Envelope], office_key: &dyn age::Identity) -> Result<Opened, OpenError> {
        let set = self.set;
        open(envelopes, self.approval, &self.claim, self.quorum, office_key).map_err(|why| why.under_set(set))
    }
}
