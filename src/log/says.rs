//! What an entry of the log can say, and by which number each stands in its bytes.

use super::leaf::{AWARD, DIGEST, LeafRefused};
use std::{fmt, str::FromStr};

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum $name { $($(#[$case_doc])* $case = $number,)* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$case,)*];

            pub(super) fn from_number(number: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|each| *each as u8 == number)
            }
        }
    };
}

numbered!(
    /// What happened to a report. The numbers are part of the format: never reuse one.
    Event {
        Received = 1,
        Added = 2,
        Concluded = 3,
        Filed = 4,
        Notified = 5,
        Claimed = 6,
        /// An opening: published before any trustee gives a share.
        Release = 7,
        Verified = 8,
        Refused = 9,
        Unreadable = 10,
        Paid = 11,
        Withdrawn = 12,
        Lapsed = 13,
        Objected = 14,
        /// The last entry under the receipt that staff had issued, and the first under the reporter's own.
        TakenOver = 15,
        /// An original is to be opened as evidence: its reporter is told here, and may object.
        Asked = 16,
        /// An edited copy of it has joined the case.
        Joined = 17,
        /// The request for an original has ended without an objection: nothing of it is to be opened any more.
        Ended = 18,
    }
);

numbered!(
    /// What an opening is for.
    Purpose {
        /// Lock L, the identity section: one person, to be paid.
        Identity = 1,
        /// Lock F, originals as evidence; never the identity section.
        Files = 2,
    }
);

numbered!(
    /// What a public entry announces by its digest.
    PublicKind {
        RecipientSet = 1,
        Script = 2,
        /// A batch of shares that are split again for a later set.
        Resharing = 3,
        /// That batch is done with: the new shares are in the place of the old.
        Reshared = 4,
        /// That batch was given up: what was not swapped keeps its old shares.
        GivenUp = 5,
        /// Nothing is held by the trustees of this set any more, nor of those before it.
        Emptied = 6,
        /// A holder's word that what opened their shares of an earlier set is destroyed.
        Destroyed = 7,
    }
);

impl Purpose {
    /// As statements and files spell it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Files => "files",
        }
    }
}

/// An award's name as the log carries it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AwardName(String);

impl AwardName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AwardName {
    type Err = LeafRefused;
    fn from_str(text: &str) -> Result<Self, LeafRefused> {
        let fits = (1..=DIGEST - AWARD).contains(&text.len());
        if fits && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(LeafRefused::AwardName)
        }
    }
}
impl fmt::Display for AwardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for AwardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AwardName({self})")
    }
}
