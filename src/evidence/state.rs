//! Where a request stands, and how it ended.

use serde::{Deserialize, Serialize};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "why", rename_all = "snake_case")]
pub enum FilesState {
    /// The reporter can read it, and object. Nothing can be opened.
    Asked,
    /// The reporter has said no. It ends there.
    Objected,
    /// The leaf is in the log; trustees may give their shares.
    Published,
    /// Enough shares: the office can open the original.
    Released,
    Ended(FilesEnd),
}

/// How a request ended, if not by an objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilesEnd {
    /// The office is done with it.
    Done,
    /// Whoever asked gave it up.
    GivenUp,
    /// Its last day passed, and another was asked.
    Lapsed,
    /// The reporter took the file back.
    TakenBack,
    /// The reporter withdrew the report.
    Withdrawn,
    /// The report was deleted.
    Deleted,
}

impl FilesState {
    /// A word for messages and lists; also the key of its text on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Objected => "objected",
            Self::Published => "published",
            Self::Released => "released",
            Self::Ended(FilesEnd::Done) => "done",
            Self::Ended(FilesEnd::GivenUp) => "given-up",
            Self::Ended(FilesEnd::Lapsed) => "lapsed",
            Self::Ended(FilesEnd::TakenBack) => "taken-back",
            Self::Ended(FilesEnd::Withdrawn) => "withdrawn",
            Self::Ended(FilesEnd::Deleted) => "deleted",
        }
    }
    /// No request goes back.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Asked => 0,
            Self::Published => 1,
            Self::Released => 2,
            Self::Objected | Self::Ended(_) => 3,
        }
    }
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Published | Self::Released)
    }
}
