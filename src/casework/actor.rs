//! Who acts on a case. Staff are named on everything they do; a reporter is only "the reporter".

use crate::ids::StaffId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a member of staff is here for. `policy/roles.toml` says which rights a role has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Clerk,
    Investigator,
    Approver,
    Trustee,
    RewardOfficer,
    Auditor,
    Administrator,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::Clerk,
        Self::Investigator,
        Self::Approver,
        Self::Trustee,
        Self::RewardOfficer,
        Self::Auditor,
        Self::Administrator,
    ];

    /// As in `policy/roles.toml`, in forms and in message keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Investigator => "investigator",
            Self::Approver => "approver",
            Self::Trustee => "trustee",
            Self::RewardOfficer => "reward_officer",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// One thing a role may do. A page or a move asks for a right, never for a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Read cases: content, cleaned copies, history, notes, messages.
    ReadCases,
    /// Accept, decline, ask for a supplement.
    Admit,
    /// Give a case to an investigator.
    Assign,
    /// Verify, conclude, reply and close the cases one owns.
    Investigate,
    /// Grant extensions, approve amounts; never on a case one has worked on.
    Approve,
    /// Act on releases with one's own share.
    Release,
    /// The reward office's face.
    Pay,
    /// Read who looked at what.
    Audit,
    /// Create and disable accounts.
    Administer,
}

impl Right {
    pub const ALL: [Self; 9] = [
        Self::ReadCases,
        Self::Admit,
        Self::Assign,
        Self::Investigate,
        Self::Approve,
        Self::Release,
        Self::Pay,
        Self::Audit,
        Self::Administer,
    ];
}

/// Who makes a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever holds the receipt.
    Reporter,
    /// A member of staff with the rights their roles give.
    Staff { id: StaffId, rights: BTreeSet<Right> },
}

impl Actor {
    pub fn may(&self, right: Right) -> bool {
        matches!(self, Self::Staff { rights, .. } if rights.contains(&right))
    }
    pub fn staff_id(&self) -> Option<&StaffId> {
        match self {
            Self::Reporter => None,
            Self::Staff { id, .. } => Some(id),
        }
    }
}
