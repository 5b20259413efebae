//! How many visits are kept, for how long each is spared, and what of a visit its place depends on.

use crate::ids::ReportId;
use std::time::Duration;

/// How many visits are kept at once, and how long an unused one is spared when all places are taken.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Places for visits with a draft, or with nothing yet. A draft weighs at most about 150 KB: 60 KB typed, and a
    /// person who was sealed.
    pub drafts: usize,
    /// Places for visits with a report that was sent or signed in to. Each weighs about 1 KB, and as much as a draft
    /// while its receipt is not written down or another report is being written.
    pub reports: usize,
    /// Of those, visits of one report: a few devices, and some that were closed without leaving.
    pub of_a_report: usize,
    /// For what can be begun again without loss: no answer yet, or signed in by a receipt that is on paper.
    pub light: Duration,
    /// For what would be lost: answers, a receipt not yet written down. Half an hour covers the longest page.
    pub heavy: Duration,
}

impl Default for Room {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self { drafts: 10_000, reports: 10_000, of_a_report: 8, light: minutes(5), heavy: minutes(30) }
    }
}

/// What would be lost with a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::portal) enum Class {
    /// Nothing was answered yet.
    Blank,
    /// A draft with answers.
    Written,
    /// A report, whose receipt the reporter has.
    SignedIn,
    /// A report with something to lose: a receipt not yet written down, or answers to another one.
    Uncopied,
}

impl Class {
    pub(super) const ALL: usize = 4;

    /// Both classes of the same room, the one to be spared less first.
    pub(super) fn room(self) -> [Self; 2] {
        match self {
            Self::Blank | Self::Written => [Self::Blank, Self::Written],
            Self::SignedIn | Self::Uncopied => [Self::SignedIn, Self::Uncopied],
        }
    }
}

/// What a visit is, as far as its place goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::portal) struct Stay {
    pub class: Class,
    /// The report that was sent in it or signed in to.
    pub report: Option<ReportId>,
}
