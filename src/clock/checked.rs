//! A machine's clock, believed within reason. A wrong clock does what cannot be taken back: it dates entries of the log,
//! ends a reporter's time to object, lets requests run out and months pass (docs/decisions/clock.md).
//!
//! Only *days* are judged. Seconds, which one-time codes and sessions need, are the machine's.

use super::{Clock, Day, day_of};
use jiff::Span;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Days that a clock may be ahead of the newest recorded one at a start: so long a server may have been switched off. The
/// longest public holidays are a day or two shorter.
pub const LONGEST_PAUSE: i64 = 10;
/// Days that a clock may move on its own while the process runs, beyond the time that has passed.
const LEAP_AHEAD: i64 = 2;
/// Days that a clock may be behind: machines around one midnight.
const LEAP_BACK: i64 = 1;

/// Why days are not taken from the machine's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Doubt {
    /// The machine's day.
    pub says: Day,
    /// The newest day known, recorded or counted by this process: it is served by instead.
    pub known: Day,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { says, known } = self;
        let how = if says < known { "before" } else { "long after" };
        write!(
            f,
            "the machine's clock says {says}, {how} {known}, the newest day this store knows. Days are counted on from that one, so that nothing runs out on a wrong clock's word. Set the clock right; or, if it is right, say so: mifeng clock confirm {says} (docs/operations.md, \"The clock\")"
        )
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
    (!fits(newest, says, LONGEST_PAUSE)).then_some(Doubt { says, known: newest })
}

/// The machine's clock, compared with what is recorded and with the time that passes.
pub struct CheckedClock {
    machine: Arc<dyn Clock>,
    /// Time that passes whatever the clock says.
    passed: Box<dyn Fn() -> Duration + Send + Sync>,
    known: Mutex<Known>,
}

struct Known {
    newest: Option<Day>,
    confirmed: u64,
    /// Second and passed time of the last look at which the clock was believed.
    believed: Option<(i64, Duration)>,
}

impl CheckedClock {
    pub fn new(machine: Arc<dyn Clock>, recorded: Option<Recorded>) -> Self {
        let begun = Instant::now();
        Self::counting(machine, recorded, move || begun.elapsed())
    }

    /// With another measure of the time that passes.
    pub fn counting(
        machine: Arc<dyn Clock>,
        recorded: Option<Recorded>,
        passed: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        let (newest, confirmed) = recorded.map(|recorded| (recorded.day, recorded.confirmed)).unzip();
        let known = Known { newest, confirmed: confirmed.unwrap_or(0), believed: None };
        Self { machine, passed: Box::new(passed), known: Mutex::new(known) }
    }

    /// Takes in what stands recorded now: other processes record, too, and an operator may have confirmed.
    pub fn follow(&self, recorded: Recorded) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if recorded.confirmed == known.confirmed {
            known.newest = known.newest.max(Some(recorded.day));
        } else {
            *known = Known { newest: Some(recorded.day), confirmed: recorded.confirmed, believed: None };
        }
    }

    fn judge(&self) -> (Day, Option<Doubt>) {
        let (second, passed) = (self.machine.unix_seconds(), (self.passed)());
        let says = day_of(second);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // While it runs, the day is counted on from where the clock was believed last.
        let counted = known.believed.map(|(second, at)| {
            let since = i64::try_from(passed.saturating_sub(at).as_secs()).unwrap_or(i64::MAX);
            day_of(second.saturating_add(since))
        });
        let newest = counted.max(known.newest);
        let ahead = if counted.is_some() { LEAP_AHEAD } else { LONGEST_PAUSE };
        match newest {
            Some(newest) if !fits(newest, says, ahead) => (newest, Some(Doubt { says, known: newest })),
            _ => {
                let day = known.newest.map_or(says, |newest| newest.max(says));
                known.newest = Some(day);
                // A day behind it is borne with, and not counted from.
                if says == day {
                    known.believed = Some((second, passed));
                }
                (day, None)
            }
        }
    }
}

impl Clock for CheckedClock {
    fn unix_seconds(&self) -> i64 {
        self.machine.unix_seconds()
    }

    /// Never a day before one that was served by.
    fn today(&self) -> Day {
        self.judge().0
    }

    fn doubt(&self) -> Option<Doubt> {
        self.judge().1
    }
}

fn fits(newest: Day, says: Day, ahead: i64) -> bool {
    // At the calendar's ends there is nothing to compare with.
    let earliest = newest.checked_sub(Span::new().days(LEAP_BACK)).unwrap_or(newest);
    let latest = newest.checked_add(Span::new().days(ahead)).unwrap_or(newest);
    (earliest..=latest).contains(&says)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;
    use jiff::civil::date;
    use std::sync::atomic::{AtomicU64, Ordering};

    const DAY: u64 = 24 * 3600;

    /// A machine, the hours that pass, and the clock over both.
    fn started(on: Day, recorded: Option<Day>) -> (Arc<FixedClock>, Arc<AtomicU64>, CheckedClock) {
        let (machine, passed) = (Arc::new(FixedClock::at(on)), Arc::new(AtomicU64::new(0)));
        let seconds = passed.clone();
        let recorded = recorded.map(|day| Recorded { day, confirmed: 0 });
        let clock = CheckedClock::counting(machine.clone(), recorded, move || {
            Duration::from_secs(seconds.load(Ordering::SeqCst))
        });
        (machine, passed, clock)
    }

    #[test]
    fn a_clock_that_goes_with_the_time_is_believed_day_after_day() {
        let first = date(2026, 11, 28);
        let (machine, passed, clock) = started(first, None);
        for days in 0..800 {
            machine.set(first.checked_add(Span::new().days(days)).unwrap());
            passed.store(days as u64 * DAY, Ordering::SeqCst);
            assert_eq!((clock.today(), clock.doubt()), (machine.today(), None));
        }
    }

    #[test]
    fn a_leap_of_a_year_is_not_followed_and_the_days_are_counted_on() {
        let (machine, passed, clock) = started(date(2026, 11, 28), None);
        assert_eq!(clock.today(), date(2026, 11, 28));
        machine.set(date(2027, 11, 28));
        assert_eq!(clock.today(), date(2026, 11, 28));
        let told = clock.doubt().unwrap().to_string();
        assert!(told.contains("2027-11-28, long after 2026-11-28, the newest"), "{told}");
        passed.store(3 * DAY, Ordering::SeqCst);
        machine.set(date(2027, 12, 1));
        assert_eq!(clock.today(), date(2026, 12, 1), "time passes all the same");
        assert!(clock.doubt().is_some());
        machine.set(date(2026, 12, 1));
        assert_eq!(
            (clock.today(), clock.doubt()),
            (date(2026, 12, 1), None),
            "set right, it is believed at once"
        );
    }

    #[test]
    fn a_clock_that_goes_back_takes_no_day_back() {
        let (machine, passed, clock) = started(date(2026, 11, 28), None);
        assert_eq!(clock.today(), date(2026, 11, 28));
        machine.set(date(2026, 11, 27));
        assert_eq!((clock.today(), clock.doubt()), (date(2026, 11, 28), None), "a day may be a midnight");
        machine.set(date(1970, 1, 1));
        assert_eq!(clock.today(), date(2026, 11, 28));
        assert!(clock.doubt().unwrap().to_string().contains("1970-01-01, before 2026-11-28"));
        passed.store(DAY, Ordering::SeqCst);
        assert_eq!(clock.today(), date(2026, 11, 29));
    }

    #[test]
    fn a_leap_of_two_days_is_followed_and_one_of_three_is_not() {
        let (machine, _, clock) = started(date(2026, 11, 28), None);
        assert_eq!(clock.today(), date(2026, 11, 28));
        machine.set(date(2026, 11, 30));
        assert_eq!((clock.today(), clock.doubt()), (date(2026, 11, 30), None));
        machine.set(date(2026, 12, 3));
        assert_eq!(clock.today(), date(2026, 11, 30));
    }

    #[test]
    fn after_a_start_a_pause_is_believed_and_a_year_is_not() {
        let recorded = date(2026, 11, 28);
        for (says, held) in [
            (date(2026, 12, 8), None),
            (date(2026, 12, 9), Some(recorded)),
            (date(2027, 11, 28), Some(recorded)),
            (date(2026, 11, 27), None),
            (date(2026, 11, 26), Some(recorded)),
        ] {
            let (_, _, clock) = started(says, Some(recorded));
            assert_eq!(clock.doubt().map(|doubt| doubt.known), held, "{says}");
            assert_eq!(clock.today(), held.unwrap_or(says.max(recorded)), "{says}");
            let at_start = doubt_at_start(Some(Recorded { day: recorded, confirmed: 0 }), says);
            assert_eq!(at_start, clock.doubt(), "the command that looks says the same");
        }
    }

    #[test]
    fn what_an_operator_confirms_counts_in_both_directions() {
        let (machine, _, clock) = started(date(2027, 11, 28), Some(date(2026, 11, 28)));
        clock.follow(Recorded { day: date(2027, 11, 28), confirmed: 1 });
        assert_eq!((clock.today(), clock.doubt()), (date(2027, 11, 28), None));
        machine.set(date(2026, 11, 29));
        assert!(clock.doubt().is_some());
        clock.follow(Recorded { day: date(2026, 11, 29), confirmed: 2 });
        assert_eq!((clock.today(), clock.doubt()), (date(2026, 11, 29), None));
        // What another process has recorded is followed, but never back.
        clock.follow(Recorded { day: date(2026, 11, 20), confirmed: 2 });
        assert_eq!(clock.today(), date(2026, 11, 29));
        clock.follow(Recorded { day: date(2026, 11, 30), confirmed: 2 });
        assert_eq!(clock.today(), date(2026, 11, 30));
    }
}
