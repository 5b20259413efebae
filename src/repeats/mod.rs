//! Which earlier cases may be about the same matter: told by keyed sketches of target, place and wording, so that no
//! text need be read, and none of the sketches can be made without the store's root key. A clerk is offered them with
//! the reasons, and decides.
//!
//! Nothing here knows a reporter: two reports that look alike may be one person's or two.

mod index;
mod normal;
mod sketch;

pub use index::{Index, Repeat};
pub use normal::plain as as_compared;
pub use sketch::{Matter, Sketch, SketchKey};

use serde::{Deserialize, Serialize};

/// Why an earlier case is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    SameCode,
    /// Same county, and the target's name is the same or similar.
    SimilarName,
    SimilarWords,
    /// Never alone.
    SameKind,
}

impl Reason {
    /// In message keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::SameCode => "same-code",
            Self::SimilarName => "similar-name",
            Self::SimilarWords => "similar-words",
            Self::SameKind => "same-kind",
        }
    }
}
