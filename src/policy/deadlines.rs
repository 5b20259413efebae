//! The clocks a case runs against: calendar days or months in Asia/Shanghai, the last day included to its end.

use super::{
    source::{PolicyError, Source},
    values::{Days, Period},
    working_days::WorkingDays,
};
use crate::clock::Day;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};

/// Days from an approver's signature after which nobody counts it any more, the holders' tools included, which have no policy
/// at hand. A policy may say fewer, never more.
pub const LONGEST_APPROVAL: u32 = 180;
/// Days that whoever objects to an award at least has to come, or to be reached, before anybody says that they did not: a week
/// has days in it on which the reward office is open. A policy may give more, never fewer.
const FEWEST_TO_COME: i32 = 7;

/// `deadlines.toml`. Each period says what starts it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    /// From submission (or the answer to a supplement request) to the decision to accept.
    pub accept: Period,
    /// From submission when people are in imminent danger: first action.
    pub imminent_danger: Period,
    /// From our request to the reporter's supplement.
    pub supplement: Period,
    /// From acceptance to the conclusion.
    pub verify: Period,
    /// The most a single extension of `verify` may add. An approver grants it.
    pub extend: Period,
    /// From the reply to the reporter's objection; and from their objection to an award, to come with their papers. See
    /// [`Deadlines::come_by`].
    pub objection: Period,
    /// From the objection to the answer.
    pub review: Period,
    /// From the reporter's word of retaliation to the answer.
    pub retaliation: Period,
    /// From the reporter's wish for deletion to the decision.
    pub deletion: Period,
    /// From the notice of an award to the claim.
    pub claim: Period,
    /// The most a stated reason may add to `claim`.
    pub claim_extend: Days,
    /// How long a public notice stands when the reporter does not come back.
    pub public_notice: Period,
    /// From an approver's signature to its expiry, at most [`LONGEST_APPROVAL`]; and from the computation to the last vote.
    pub approval_expires: Days,
    /// From the published release to the expiry of trustees' shares.
    pub release_expires: Days,
    /// How often a case may be transferred before the level above must decide.
    pub most_transfers: u8,
    /// Deadline bands staff see: due soon, due before long.
    pub bands: Bands,
    pub reminders: Reminders,
    pub working_days: WorkingDays,
}

/// When somebody hears of a last day, in working days from it. The day itself, and those before it, are for whoever
/// works on the case and the head of their body; those after it go upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminders {
    /// So many before it: whoever works on the case, and the head of the body that handles it.
    pub before: u8,
    /// So many after it: the head, and it is recorded.
    pub head: u8,
    /// So many after it: the head of the body above, and it is recorded.
    pub above: u8,
}

/// Days left at which a deadline changes its colour and sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    pub soon: Days,
    pub coming: Days,
}

/// Who is told that a last day has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The head of the body that handles it.
    Head,
    /// The head of the body above.
    Above,
}

impl Level {
    pub const ALL: [Self; 2] = [Self::Head, Self::Above];

    /// In message keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Above => "above",
        }
    }
}

impl Deadlines {
    /// # Errors
    /// If a period is missing, unknown or out of range, or the bands are not in order.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        let deadlines: Self = source.parse()?;
        if deadlines.bands.soon >= deadlines.bands.coming {
            let at = source.text.find("[bands]").unwrap_or(0);
            return Err(source.refuse(&(at..at), "bands: soon must be less than coming"));
        }
        if deadlines.approval_expires.count() > LONGEST_APPROVAL {
            let at = source.text.find("approval_expires").unwrap_or(0);
            let reason =
                format!("approval_expires is at most {LONGEST_APPROVAL}: no tool counts an older approval");
            return Err(source.refuse(&(at..at), reason));
        }
        let Reminders { before, head, above } = deadlines.reminders;
        if !(1..=30).contains(&before) || !(1..=30).contains(&head) || !(head + 1..=60).contains(&above) {
            let at = source.text.find("[reminders]").unwrap_or(0);
            let reason = "reminders: before and head are 1 to 30, above is more than head and at most 60";
            return Err(source.refuse(&(at..at), reason));
        }
        if let Some(reason) = deadlines.working_days.problem() {
            let at = source.text.find("[working_days]").unwrap_or(0);
            return Err(source.refuse(&(at..at), format!("working_days: {reason}")));
        }
        Ok(deadlines)
    }

    /// The last day of which those who work are reminded today: what ends by then is near.
    pub fn reminds_until(&self, today: Day) -> Day {
        self.working_days.after(today, self.reminders.before)
    }

    /// On which day `level` is told that the last day was `by`.
    pub fn tells_on(&self, by: Day, level: Level) -> Day {
        self.working_days.after(
            by,
            match level {
                Level::Head => self.reminders.head,
                Level::Above => self.reminders.above,
            },
        )
    }

    /// The last day to come to the reward office, or to be reached, for whoever objects on that day to an award that is not paid.
    pub fn come_by(&self, objected: Day) -> Day {
        self.objection.after(objected).max(objected.saturating_add(FEWEST_TO_COME.days()))
    }

    /// The working day before: what came since is new.
    pub fn day_before(&self, today: Day) -> Day {
        self.working_days.before(today, 1)
    }
}
