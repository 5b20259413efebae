//! A machine's clock, believed within reason. A wrong clock does what cannot be taken back: it dates entries of the log,
//! ends a reporter's time to object, lets requests run out and months pass (docs/decisions/clock.md).
//!
//! Only *days* are judged. Seconds, which one-time codes and sessions need, are the machine's.

use super::{Clock, Day, day_of, first_second};
use jiff::Span;
use rustix::time::{ClockId, clock_gettime};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Days that a clock may be ahead of the newest recorded one at a start: so long a server may have been switched off. The
/// longest public holidays are a day or two shorter.
pub const LONGEST_PAUSE: i64 = 10;
/// Seconds that a clock may move on its own while the process runs, beyond the time that has passed: two days.
const LEAP_AHEAD: i64 = 2 * 24 * 60 * 60;
/// Days that a clock may be behind what is known: machines around one midnight.
const LEAP_BACK: i64 = 1;
/// How long days are counted on from one second: leaps that follow each other get no further than one does, until then.
const COUNTED_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Why days are not simply the machine's. While there is one, nothing runs out and nothing is swept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doubt {
    /// The machine's day does not fit the newest day known, recorded or counted by this process, which is served by instead.
    Machine { says: Day, known: Day },
    /// What is recorded does not fit this process's own day, which is served by; `None`: it cannot be read.
    Record { says: Option<Day>, known: Day },
    /// The store did not take the machine's day, which is served by.
    Unrecorded { known: Day },
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine { says, known } => {
                let how = if says < known { "before" } else { "long after" };
                write!(
                    f,
                    "the machine's clock says {says}, {how} {known}, the newest day this store knows. Days are counted on from that one, so that nothing runs out on a wrong clock's word. Set the clock right; or, if it is right, say so: mifeng clock confirm {says} (docs/operations.md, \"The clock\")"
                )
            }
            Self::Record { says: Some(says), known } => write!(
                f,
                "another process of this store has recorded {says}, and here it is {known}. That is not followed, and nothing runs out. Look at the clock of each machine, and at whether a process was taken over; then say what day it is: mifeng clock confirm (docs/operations.md, \"The clock\")"
            ),
            Self::Record { says: None, known } => write!(
                f,
                "the record of the newest day cannot be read; the machine's clock says {known}. Nothing runs out. Compare it with a calendar, then: mifeng clock confirm {known} (docs/operations.md, \"The clock\")"
            ),
            Self::Unrecorded { known } => write!(
                f,
                "the store does not take {known}, the day of this machine's clock, as the newest one. Nothing runs out until it does; why not stands in the log. Look at this machine's clock and at the database's. If both are right, say so: mifeng clock confirm {known} (docs/operations.md, \"The clock\")"
            ),
        }
    }
}

/// The newest day a store was served by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recorded {
    pub day: Day,
    /// How often an operator has said that the clock was right: after one more the day counts as it stands.
    pub confirmed: u64,
}

/// Judges a clock that has only just started; `None`: it is believed.
pub fn doubt_at_start(recorded: Option<Recorded>, says: Day) -> Option<Doubt> {
    let newest = recorded?.day;
    (!fits(newest, says, LONGEST_PAUSE)).then_some(Doubt::Machine { says, known: newest })
}

/// The machine's clock, compared with what is recorded and with the time that passes.
pub struct CheckedClock {
    machine: Arc<dyn Clock>,
    /// Time that passes whatever the clock says.
    passed: Box<dyn Fn() -> Duration + Send + Sync>,
    known: Mutex<Known>,
}

struct Known {
    /// Recorded at the start or confirmed, or by this machine's clock when it was believed: no other process's word.
    own: Option<Day>,
    confirmed: u64,
    /// A second, and the time that had passed then: days are counted on from it, for [`COUNTED_FOR`].
    counted_from: Option<(i64, Duration)>,
    /// That second is one at which the clock was believed.
    was_believed: bool,
    /// The newest that another process has recorded.
    others: Option<Day>,
    /// What is recorded could not be read.
    is_unread: bool,
    /// The newest that the store is known to hold.
    recorded: Option<Day>,
    /// The store did not take this day.
    refused: Option<Day>,
    served: Option<Day>,
}

impl Known {
    fn at(recorded: Option<Recorded>, passed: Duration) -> Self {
        Self {
            own: recorded.map(|recorded| recorded.day),
            confirmed: recorded.map_or(0, |recorded| recorded.confirmed),
            counted_from: recorded.map(|recorded| (first_second(recorded.day), passed)),
            was_believed: false,
            others: None,
            is_unread: false,
            recorded: recorded.map(|recorded| recorded.day),
            refused: None,
            served: None,
        }
    }
}

impl CheckedClock {
    pub fn new(machine: Arc<dyn Clock>, recorded: Option<Recorded>) -> Self {
        // What passes while a machine sleeps, too.
        let awake = || Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default();
        let begun = awake();
        Self::counting(machine, recorded, move || awake().saturating_sub(begun))
    }

    /// With another measure of the time that passes.
    pub fn counting(
        machine: Arc<dyn Clock>,
        recorded: Option<Recorded>,
        passed: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        let known = Mutex::new(Known::at(recorded, passed()));
        Self { machine, passed: Box::new(passed), known }
    }

    /// In doubt until something that can be read is followed: what stands recorded cannot.
    pub fn unread(machine: Arc<dyn Clock>) -> Self {
        let clock = Self::new(machine, None);
        clock.known.lock().unwrap_or_else(PoisonError::into_inner).is_unread = true;
        clock
    }

    /// Takes in what stands recorded now: other processes record, too, and an operator may have confirmed. One that was taken
    /// over may record anything, so without an operator's word a day is followed as far as a clock may be behind, no further.
    pub fn follow(&self, recorded: Recorded) {
        let passed = (self.passed)();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if recorded.confirmed == known.confirmed {
            known.others = known.others.max(Some(recorded.day));
            known.recorded = Some(recorded.day);
            known.is_unread = false;
            known.refused = known.refused.filter(|refused| recorded.day < *refused);
        } else {
            *known = Known::at(Some(recorded), passed);
        }
    }

    /// The store did not take this day as its newest. What is followed afterwards may reach it.
    pub fn refused(&self, day: Day) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).refused = Some(day);
    }

    fn judge(&self) -> (Day, Option<Doubt>) {
        let (second, passed) = (self.machine.unix_seconds(), (self.passed)());
        let says = day_of(second);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = known.counted_from.map(|(second, at)| {
            second.saturating_add(i64::try_from(passed.saturating_sub(at).as_secs()).unwrap_or(i64::MAX))
        });
        let newest = counted.map(day_of).max(known.own);
        let is_ahead = |newest| match counted.filter(|_| known.was_believed) {
            // To the second: by days, one leap would be believed at some hours and not at others.
            Some(counted) => second > counted.saturating_add(LEAP_AHEAD),
            None => says > later(newest, LONGEST_PAUSE),
        };
        let (own, doubt) = match newest {
            Some(newest) if says < earlier(newest, LEAP_BACK) || is_ahead(newest) => {
                (newest, Some(Doubt::Machine { says, known: newest }))
            }
            _ => {
                let day = known.own.map_or(says, |own| own.max(says));
                known.own = Some(day);
                // A day behind it is borne with, and not counted from.
                let is_due =
                    known.counted_from.is_none_or(|(_, at)| passed.saturating_sub(at) >= COUNTED_FOR);
                if says == day && (is_due || !known.was_believed) {
                    (known.counted_from, known.was_believed) = (Some((second, passed)), true);
                }
                (day, None)
            }
        };
        let (near, far) = match known.others {
            Some(others) if others > later(own, LEAP_BACK) => (None, Some(others)),
            others => (others, None),
        };
        // Never a day before one that was served by.
        let day = known.served.max(near).max(Some(own)).unwrap_or(own);
        known.served = Some(day);
        let unfit = far.is_some() || known.is_unread;
        let unfit = unfit.then_some(Doubt::Record { says: far, known: day });
        (day, doubt.or(unfit).or(known.refused.map(|_| Doubt::Unrecorded { known: day })))
    }
}

impl Clock for CheckedClock {
    fn unix_seconds(&self) -> i64 {
        self.machine.unix_seconds()
    }

    fn today(&self) -> Day {
        self.judge().0
    }

    fn doubt(&self) -> Option<Doubt> {
        self.judge().1
    }

    fn is_sure(&self) -> bool {
        let (day, doubt) = self.judge();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        doubt.is_none() && known.recorded.is_some_and(|recorded| recorded >= day)
    }
}

fn fits(newest: Day, says: Day, ahead: i64) -> bool {
    (earlier(newest, LEAP_BACK)..=later(newest, ahead)).contains(&says)
}

// At the calendar's ends there is nothing to compare with.
fn earlier(day: Day, days: i64) -> Day {
    day.checked_sub(Span::new().days(days)).unwrap_or(day)
}

fn later(day: Day, days: i64) -> Day {
    day.checked_add(Span::new().days(days)).unwrap_or(day)
}

#[cfg(test)]
mod tests;
