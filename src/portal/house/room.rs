//! How many visits are kept, for how long each is spared, and what of a visit its place depends on.

use crate::ids::ReportId;
use std::time::Duration;

/// What one place for a draft may weigh. An ordinary report takes one: answers, 1,500 characters of a story and what the
/// server keeps around them. A draft weighs at most about 100 KB: 60 KB typed, and a person who was sealed.
const DRAFT_BYTES: usize = 8 << 10;
/// The same of a visit with a report. It is light, but for one whose receipt is not written down or that has a draft beside.
const REPORT_BYTES: usize = 4 << 10;
/// Newcomers come in while places are free. Those inside may go on typing until so many times as many are taken.
const MOST_TIMES: usize = 2;
/// The part of all memory that is for one room of places.
const PART: usize = 16;
/// A room has at least so many bytes, and no more than two lanes of a gate could ever fill.
const LEAST_BYTES: usize = 16 << 20;
const MOST_BYTES: usize = 512 << 20;

/// How many visits are kept at once, and how long an unused one is spared when all places are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Places for visits with a draft, or with nothing yet. What weighs more than 8 KiB takes several.
    pub drafts: usize,
    /// Places for visits with a report that was sent or signed in to. What weighs more than 4 KiB takes several.
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

impl Room {
    /// As many places as a process has room for that may have so many bytes of memory.
    pub fn of_memory(bytes: usize) -> Self {
        let of_one = (bytes / PART).clamp(LEAST_BYTES, MOST_BYTES);
        Self { drafts: of_one / DRAFT_BYTES, reports: of_one / REPORT_BYTES, ..Self::default() }
    }

    /// Places in the room of this class.
    pub(super) fn places(&self, class: Class) -> usize {
        match class {
            Class::Blank | Class::Written => self.drafts,
            Class::SignedIn | Class::Uncopied => self.reports,
        }
    }

    /// Places that may be taken there by those inside, as they go on typing.
    pub(super) fn most_places(&self, class: Class) -> usize {
        self.places(class).saturating_mul(MOST_TIMES)
    }

    /// For how long an unused visit of this class is spared.
    pub(super) fn spares(&self, class: Class) -> Duration {
        match class {
            Class::Blank | Class::SignedIn => self.light,
            Class::Written | Class::Uncopied => self.heavy,
        }
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
    pub(super) const ALL: [Self; 4] = [Self::Blank, Self::Written, Self::SignedIn, Self::Uncopied];

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
    /// What it weighs in memory.
    pub bytes: usize,
}

impl Stay {
    /// The lightest of a class.
    pub(super) fn least(class: Class) -> Self {
        Self { class, report: None, bytes: 0 }
    }

    /// Places that it takes.
    pub(super) fn places(&self) -> usize {
        let of_one = match self.class {
            Class::Blank | Class::Written => DRAFT_BYTES,
            Class::SignedIn | Class::Uncopied => REPORT_BYTES,
        };
        self.bytes.div_ceil(of_one).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_places_as_the_memory_has_room_for() {
        const GIB: usize = 1 << 30;
        for (memory, drafts, reports) in [
            (0, 2_048, 4_096),
            (GIB / 2, 4_096, 8_192),
            (GIB, 8_192, 16_384),
            (2 * GIB, 16_384, 32_768),
            (8 * GIB, 65_536, 131_072),
            (1 << 40, 65_536, 131_072),
        ] {
            assert_eq!(Room::of_memory(memory), Room { drafts, reports, ..Room::default() });
            let most = Room::of_memory(memory);
            let worst = most.most_places(Class::Blank) * DRAFT_BYTES
                + most.most_places(Class::SignedIn) * REPORT_BYTES;
            assert!(worst <= (memory / 4).max(4 * LEAST_BYTES), "a quarter of it, whatever is typed");
        }
    }
}
