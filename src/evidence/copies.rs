//! Copies that the office made of an opened original, and what is said of them.

use super::edits::{Change, hides_nothing};
use crate::{
    casework::SizeClass,
    clock::Day,
    ids::{BlobId, StaffId},
};
use serde::{Deserialize, Serialize};

/// What the person who edited a copy says they did. No program can see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    FacesCovered,
    WordsCovered,
    CutOut,
    VoicesHidden,
    NothingShown,
}

impl Measure {
    pub const ALL: [Self; 5] =
        [Self::FacesCovered, Self::WordsCovered, Self::CutOut, Self::VoicesHidden, Self::NothingShown];

    pub fn code(self) -> &'static str {
        match self {
            Self::FacesCovered => "faces",
            Self::WordsCovered => "words",
            Self::CutOut => "cut",
            Self::VoicesHidden => "voices",
            Self::NothingShown => "nothing",
        }
    }
}

/// A copy that the office made of an opened original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditedCopy {
    pub blob: BlobId,
    /// Its type, e.g. `image/png`. A picture is written anew from its pixels; of a film or recording nothing was taken
    /// that may hold more than it shows.
    pub media: String,
    pub size: SizeClass,
    pub measures: Vec<Measure>,
    /// How it differs from the original, by the office's tool.
    #[serde(default)]
    pub changes: Vec<Change>,
    pub day: Day,
    pub by: StaffId,
    /// Of the office, who has had it before their eyes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen_by: Vec<StaffId>,
    /// `None` until a second person has looked at it: then investigators see it.
    pub checked: Option<Checked>,
}

impl EditedCopy {
    /// All that the original shows can be seen in it.
    pub fn hides_nothing(&self) -> bool {
        hides_nothing(&self.changes, self.media.starts_with("video/"))
    }

    /// Whether what the person says fits what the tool says. Of a film whose pictures are bare, voices can be hidden all the
    /// same: then both are said.
    pub(super) fn is_said_rightly(&self) -> bool {
        let says_nothing = self.measures.contains(&Measure::NothingShown);
        let has_changed_sound = self.changes.iter().any(Change::is_of_sound);
        let of_no_picture = |measure: &Measure| match measure {
            Measure::NothingShown => true,
            Measure::VoicesHidden => has_changed_sound,
            _ => false,
        };
        self.hides_nothing() == says_nothing && (!says_nothing || self.measures.iter().all(of_no_picture))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checked {
    pub day: Day,
    pub by: StaffId,
}
