//! What was done to a request, step by step, and by whom.

use crate::{casework::Permission, clock::Day, ids::StaffId};
use serde::{Deserialize, Serialize};

/// The reporter's no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReporterObjection {
    pub day: Day,
    pub text: String,
}

/// One step of the past. `by`: staff; nobody is named where the reporter or a rule did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    pub day: Day,
    pub step: FilesStep,
    pub by: Option<StaffId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilesStep {
    Asked,
    Objected,
    Published { leaf_index: u64 },
    Deposited { trustee: u8 },
    CopyPutIn,
    CopySentBack { reason: String },
    CopyJoined,
    Ended { reason: String },
}

impl FilesStep {
    /// What it took of staff.
    pub(super) fn act(&self) -> Option<Permission> {
        match self {
            Self::Asked => Some(Permission::Investigate),
            Self::Deposited { .. } => Some(Permission::ReleaseShare),
            Self::Published { .. } | Self::CopyPutIn | Self::CopySentBack { .. } | Self::CopyJoined => {
                Some(Permission::OpenPackage)
            }
            // Of whoever asked, or of the office.
            Self::Objected | Self::Ended { .. } => None,
        }
    }
    /// In message keys.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Objected => "objected",
            Self::Published { .. } => "published",
            Self::Deposited { .. } => "deposited",
            Self::CopyPutIn => "copy-put-in",
            Self::CopySentBack { .. } => "copy-sent-back",
            Self::CopyJoined => "copy-joined",
            Self::Ended { .. } => "ended",
        }
    }
}
