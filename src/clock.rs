//! Today, as the law counts it: calendar days in Asia/Shanghai (UTC+8, no daylight saving since 1991).

/// A machine's clock, believed within reason.
pub mod checked;

pub use checked::{CheckedClock, Doubt, Recorded};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::sync::atomic::{AtomicI64, Ordering};

/// A calendar day. Nothing about a report is kept finer than this.
pub type Day = Date;

/// Where time comes from. Rules take a [`Day`]; only the faces, the tools and the folder of month
/// keys ask a clock.
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01T00:00Z.
    fn unix_seconds(&self) -> i64;

    fn today(&self) -> Day {
        day_of(self.unix_seconds())
    }

    /// Why [`Clock::today`] is not the machine's day; `None`: it is.
    fn doubt(&self) -> Option<Doubt> {
        None
    }

    /// [`Clock::today`] is believed and recorded: what cannot be taken back may follow from it.
    fn is_sure(&self) -> bool {
        self.doubt().is_none()
    }
}

/// The calendar day in Asia/Shanghai at that second.
pub fn day_of(unix_seconds: i64) -> Day {
    let shanghai = TimeZone::fixed(jiff::tz::offset(8));
    Timestamp::from_second(unix_seconds)
        .unwrap_or(if unix_seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
        .to_zoned(shanghai)
        .date()
}

/// The first second of that day in Asia/Shanghai.
pub fn first_second(day: Day) -> i64 {
    let midnight = day.at(0, 0, 0, 0).to_zoned(TimeZone::fixed(jiff::tz::offset(8)));
    midnight.map_or(0, |zoned| zoned.timestamp().as_second())
}

/// "14:35", in Asia/Shanghai: for staff's own doings only.
pub fn time_of_day(unix_seconds: i64) -> String {
    let of_day = unix_seconds.saturating_add(8 * 3600).rem_euclid(86_400);
    format!("{:02}:{:02}", of_day / 3600, of_day / 60 % 60)
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn unix_seconds(&self) -> i64 {
        Timestamp::now().as_second()
    }
}

/// A clock that stands where it is put: tests and the demo's sample cases.
pub struct FixedClock(AtomicI64);

impl FixedClock {
    pub fn at(day: Day) -> Self {
        let clock = Self(AtomicI64::new(0));
        clock.set(day);
        clock
    }
    /// So many seconds later.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
    /// Noon of that day in Shanghai.
    pub fn set(&self, day: Day) {
        let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::fixed(jiff::tz::offset(8)));
        self.0.store(noon.map_or(0, |z| z.timestamp().as_second()), Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn unix_seconds(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_day_turns_at_midnight_in_shanghai() {
        // 2026-11-25T16:00:00Z is 2026-11-26 00:00 in Shanghai.
        assert_eq!(day_of(1_795_622_399), date(2026, 11, 25));
        assert_eq!(day_of(1_795_622_400), date(2026, 11, 26));
    }

    #[test]
    fn a_fixed_clock_stays_on_its_day() {
        assert_eq!(FixedClock::at(date(2026, 2, 28)).today(), date(2026, 2, 28));
    }
}
