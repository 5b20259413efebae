//! Where an award stands, how it may end, what its reporter may say to that and what they are answered, and what its
//! history is made of.

use super::decision::Refusal;
use crate::{casework::Permission, clock::Day, ids::StaffId};
use serde::{Deserialize, Serialize};

/// Where an award stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum AwardState {
    /// By the rules nothing is payable, whoever the reporter is.
    NotEligible {
        reason: Refusal,
    },
    /// Waiting for approvers.
    Computed,
    /// An approver said no; a new computation has a new number.
    Declined,
    /// By enough different people. To be filed with the level above.
    Approved,
    Filed,
    /// The reporter's own page shows it; waiting for the claim.
    Notified,
    /// Nobody claimed in time.
    Lapsed,
    Claimed,
    /// The leaf is in the log; trustees may give their shares.
    ReleasePublished,
    /// Enough shares: the package can be downloaded.
    Released,
    /// The officers have seen a person who may be paid.
    Verified,
    /// An ending that one person has recorded.
    ToConfirm {
        ending: Ending,
        by: StaffId,
    },
    Refused {
        ground: Ground,
    },
    Unreadable,
    Paid {
        voucher: String,
    },
}

impl AwardState {
    /// A word for messages and lists; also the key of its text on screen.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotEligible { .. } => "not-eligible",
            Self::Computed => "computed",
            Self::Declined => "declined",
            Self::Approved => "approved",
            Self::Filed => "filed",
            Self::Notified => "notified",
            Self::Lapsed => "lapsed",
            Self::Claimed => "claimed",
            Self::ReleasePublished => "release-published",
            Self::Released => "released",
            Self::Verified => "verified",
            Self::ToConfirm { .. } => "to-confirm",
            Self::Refused { .. } => "refused",
            Self::Unreadable => "unreadable",
            Self::Paid { .. } => "paid",
        }
    }
}

/// How an award may end once its release was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Refused(Ground),
    /// The package did not open.
    Unreadable,
    /// There is no package: the release expired, because the trustees' tools refuse the share files.
    Unreleased,
    /// With the number of the voucher, which only the office's own books explain.
    Paid(String),
}

/// Why an opened award is not paid. A code, never text: nothing about the person can be typed into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// No envelope holds a name.
    NoName,
    /// Safety management or supervision duties, a close relative of such a person, or acting for one.
    ExcludedPerson,
    /// Who came to collect is not who was sealed.
    NotTheReporter,
    /// The person's total for the month is used up.
    MonthlyCap,
    /// Did not collect, or gave no account, in time.
    NotCollected,
}

impl Ground {
    pub const ALL: [Self; 5] =
        [Self::NoName, Self::ExcludedPerson, Self::NotTheReporter, Self::MonthlyCap, Self::NotCollected];

    /// As in the tool's report and in forms, e.g. `monthly-cap`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoName => "no-name",
            Self::ExcludedPerson => "excluded-person",
            Self::NotTheReporter => "not-the-reporter",
            Self::MonthlyCap => "monthly-cap",
            Self::NotCollected => "not-collected",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.code() == code)
    }
}

/// What a reporter says to an ending they do not accept. A code, never text: so nothing about a person can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objection {
    /// The ground that was given is not right.
    GroundWrong,
    /// What was sealed is right, and they can show it.
    CanShow,
    /// Nobody has reached them.
    NotReached,
    /// They will come in person, with their papers.
    WillCome,
}

impl Objection {
    pub const ALL: [Self; 4] = [Self::GroundWrong, Self::CanShow, Self::NotReached, Self::WillCome];

    /// In forms, on the wire and in message keys, e.g. `ground-wrong`.
    pub fn code(self) -> &'static str {
        match self {
            Self::GroundWrong => "ground-wrong",
            Self::CanShow => "can-show",
            Self::NotReached => "not-reached",
            Self::WillCome => "will-come",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|objection| objection.code() == code)
    }

    /// What answers it, in the order shown. How the award ended, and the day, take some away: see
    /// [`Award::answers`](super::record::Award::answers).
    pub fn answers(self) -> &'static [Answer] {
        use Answer::{BesideTheReason, NoAnswer, NobodyCame, NotShown, SameResult};
        match self {
            Self::GroundWrong => &[SameResult, NotShown],
            Self::CanShow => &[SameResult, NotShown, BesideTheReason],
            Self::NotReached => &[SameResult, NoAnswer, BesideTheReason],
            Self::WillCome => &[SameResult, NobodyCame, NotShown, BesideTheReason],
        }
    }
}

/// Why an ending stands although its reporter objected. A code, never text: so nothing about a person can be written. None
/// of them is that it came too late: no last day to object is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Everything was gone through once more, with the same result.
    SameResult,
    /// What would show it was not brought.
    NotShown,
    /// They were called in the way they gave, and nobody answered.
    NoAnswer,
    /// Nobody has come.
    NobodyCame,
    /// What is said changes nothing of the ground.
    BesideTheReason,
}

impl Answer {
    pub const ALL: [Self; 5] =
        [Self::SameResult, Self::NotShown, Self::NoAnswer, Self::NobodyCame, Self::BesideTheReason];

    /// In forms and in message keys, e.g. `same-result`.
    pub fn code(self) -> &'static str {
        match self {
            Self::SameResult => "same-result",
            Self::NotShown => "not-shown",
            Self::NoAnswer => "no-answer",
            Self::NobodyCame => "nobody-came",
            Self::BesideTheReason => "beside-the-reason",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.code() == code)
    }

    /// It says that something has not happened: true only once there was time for it.
    pub(super) fn takes_time(self) -> bool {
        matches!(self, Self::NotShown | Self::NoAnswer | Self::NobodyCame)
    }

    /// It says that a way to reach them was tried, and so that one is known.
    pub(super) fn needs_a_contact(self) -> bool {
        self == Self::NoAnswer
    }
}

/// One line of the award's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    pub day: Day,
    pub step: Step,
    /// `None`: the reporter or the calendar; of shares from before it was kept, whoever handed them in.
    pub by: Option<StaffId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Computed,
    Approved,
    ApprovalWithdrawn,
    Declined,
    /// The matter is looked into anew.
    Overturned,
    Filed,
    Notified {
        claim_until: Day,
    },
    ClaimExtended {
        claim_until: Day,
        reason: String,
    },
    /// The reporter's objection was reviewed, and what was found stands: the days that took are added.
    ClaimResumed {
        claim_until: Day,
    },
    PublicNotice {
        claim_until: Day,
    },
    Claimed,
    Lapsed,
    ReleasePublished {
        leaf_index: u64,
        reason: String,
    },
    Deposited {
        trustee: u8,
    },
    ReleaseExpired,
    Verified,
    Recorded,
    SentBack,
    Confirmed,
    /// The reporter does not accept how it ended.
    Objected {
        objection: Objection,
    },
    /// The reward office has looked at that, and it stands.
    LetStand {
        answer: Answer,
    },
    Reopened {
        reason: String,
    },
}

impl Step {
    /// What it took of staff that policy keeps apart from other acts in the same case.
    pub(super) fn act(&self) -> Option<Permission> {
        match self {
            Self::Computed => Some(Permission::ComputeAward),
            Self::Approved | Self::ApprovalWithdrawn | Self::Declined => Some(Permission::ApproveAward),
            Self::Deposited { .. } => Some(Permission::ReleaseShare),
            Self::ReleasePublished { .. } => Some(Permission::OpenPackage),
            Self::Verified
            | Self::Recorded
            | Self::SentBack
            | Self::Confirmed
            | Self::LetStand { .. }
            | Self::Reopened { .. } => Some(Permission::RecordPayment),
            Self::Filed | Self::Notified { .. } | Self::ClaimExtended { .. } | Self::PublicNotice { .. } => {
                Some(Permission::NotifyAward)
            }
            Self::Overturned
            | Self::ClaimResumed { .. }
            | Self::Claimed
            | Self::Lapsed
            | Self::ReleaseExpired
            | Self::Objected { .. } => None,
        }
    }
}
