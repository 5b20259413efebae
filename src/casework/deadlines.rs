//! Clocks of a case: calendar days in Asia/Shanghai, the last day included.

use super::{case::Case, state::State};
use crate::clock::Day;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};

/// The figures this module needs, in calendar days, from `policy/deadlines.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// To accept or decline, from the day of receipt or of the reporter's supplement.
    pub accept_days: u16,
    /// To take up a matter with imminent danger, from the day of receipt.
    pub danger_days: u16,
    /// For the reporter to answer a request for a supplement.
    pub supplement_days: u16,
    /// To conclude, from acceptance.
    pub verify_days: u16,
    /// The one extension, at most.
    pub extend_days: u16,
    /// To reply, from the conclusion.
    pub reply_days: u16,
    /// For the reporter to object, from the reply.
    pub objection_days: u16,
    /// Characters in one text of staff or reporter.
    pub text_limit: usize,
}

/// Last days, each inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    pub accept_by: Option<Day>,
    /// Set only where there is imminent danger: somebody must be on it by the end of this day.
    pub danger_by: Option<Day>,
    pub supplement_by: Option<Day>,
    pub conclude_by: Option<Day>,
    pub reply_by: Option<Day>,
    pub objection_by: Option<Day>,
}

/// Which deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    Danger,
    Accept,
    Supplement,
    Conclude,
    Reply,
    Objection,
}

impl DeadlineKind {
    /// In message keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::Danger => "danger",
            Self::Accept => "accept",
            Self::Supplement => "supplement",
            Self::Conclude => "conclude",
            Self::Reply => "reply",
            Self::Objection => "objection",
        }
    }
}

/// The next thing that must happen, and by when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    pub kind: DeadlineKind,
    pub by: Day,
}

/// How near a deadline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Band {
    Overdue,
    /// At most 3 days left.
    Three,
    /// At most 7 days left.
    Seven,
    Later,
}

impl Band {
    pub fn code(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Three => "3",
            Self::Seven => "7",
            Self::Later => "later",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Overdue, Self::Three, Self::Seven, Self::Later].into_iter().find(|band| band.code() == code)
    }
}

impl Deadline {
    /// Days left, 0 on the last day, negative when overdue.
    pub fn days_left(&self, today: Day) -> i32 {
        today.until(self.by).map_or(0, |span| span.get_days())
    }
    pub fn band(&self, today: Day) -> Band {
        match self.days_left(today) {
            ..=-1 => Band::Overdue,
            0..=3 => Band::Three,
            4..=7 => Band::Seven,
            _ => Band::Later,
        }
    }
}

/// `day` + `days`; stays at the calendar's end (year 9999) rather than fail.
pub fn after(day: Day, days: u16) -> Day {
    day.saturating_add(i64::from(days).days())
}

impl Deadlines {
    /// The clocks that start when a report arrives.
    pub fn at_receipt(received: Day, imminent_danger: bool, rules: &Rules) -> Self {
        Self {
            accept_by: Some(after(received, rules.accept_days)),
            danger_by: imminent_danger.then(|| after(received, rules.danger_days)),
            ..Self::default()
        }
    }
}

impl Case {
    /// The deadline that counts now: danger until somebody is on it, then the step the case waits for.
    pub fn next_deadline(&self) -> Option<Deadline> {
        let d = &self.deadlines;
        let (kind, by) = match self.state {
            State::Submitted => (DeadlineKind::Accept, d.accept_by),
            State::SupplementRequested => (DeadlineKind::Supplement, d.supplement_by),
            State::Accepted | State::Assigned | State::Verifying => (DeadlineKind::Conclude, d.conclude_by),
            State::Concluded => (DeadlineKind::Reply, d.reply_by),
            State::Replied => (DeadlineKind::Objection, d.objection_by),
            State::NotAccepted | State::Closed | State::Withdrawn => return None,
        };
        let step = by.map(|by| Deadline { kind, by });
        let danger = d.danger_by.map(|by| Deadline { kind: DeadlineKind::Danger, by });
        match self.state {
            State::Submitted | State::SupplementRequested | State::Accepted | State::Assigned => {
                danger.into_iter().chain(step).min_by_key(|deadline| deadline.by)
            }
            _ => step,
        }
    }
}
