//! Which days are worked on. Clocks of the law count calendar days; only reminders go by these.

use super::rewards::toml_day;
use crate::clock::Day;
use jiff::{ToSpan, civil::Weekday};
use serde::Deserialize;
use std::collections::BTreeSet;

/// `[working_days]` of `deadlines.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingDays {
    /// Days of the week on which nobody works.
    rest: BTreeSet<DayOfWeek>,
    /// Further days on which nobody works: public holidays.
    #[serde(default)]
    off: BTreeSet<OneDay>,
    /// Days of rest on which everybody works all the same.
    #[serde(default)]
    on: BTreeSet<OneDay>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DayOfWeek {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
struct OneDay(#[serde(deserialize_with = "toml_day")] Day);

impl WorkingDays {
    /// What is wrong with it, if anything is.
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.rest.len() > 5 {
            return Some("rest: two days of the week at least are worked on");
        }
        let works = |day: &OneDay| !self.rest.contains(&day_of_week(day.0)) && !self.off.contains(day);
        if self.on.iter().any(works) {
            return Some("on: a day that is worked on anyway");
        }
        self.off.iter().any(|day| self.on.contains(day)).then_some("a day stands in off and in on")
    }

    pub fn is_worked(&self, day: Day) -> bool {
        let one = OneDay(day);
        self.on.contains(&one) || (!self.rest.contains(&day_of_week(day)) && !self.off.contains(&one))
    }

    /// The `n`-th working day after `day`; `day` itself for 0.
    pub fn after(&self, day: Day, n: u8) -> Day {
        self.walk(day, n, 1)
    }

    /// The `n`-th working day before `day`; `day` itself for 0.
    pub fn before(&self, day: Day, n: u8) -> Day {
        self.walk(day, n, -1)
    }

    fn walk(&self, day: Day, n: u8, step: i64) -> Day {
        let (mut at, mut left) = (day, n);
        while left > 0 {
            let next = at.saturating_add(step.days());
            if next == at {
                break;
            }
            at = next;
            left -= u8::from(self.is_worked(at));
        }
        at
    }
}

fn day_of_week(day: Day) -> DayOfWeek {
    match day.weekday() {
        Weekday::Monday => DayOfWeek::Monday,
        Weekday::Tuesday => DayOfWeek::Tuesday,
        Weekday::Wednesday => DayOfWeek::Wednesday,
        Weekday::Thursday => DayOfWeek::Thursday,
        Weekday::Friday => DayOfWeek::Friday,
        Weekday::Saturday => DayOfWeek::Saturday,
        Weekday::Sunday => DayOfWeek::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn holidays_are_left_out_and_weekends_worked_in_their_place_are_not() {
        let text = "rest = [\"saturday\", \"sunday\"]\noff = [2026-10-01, 2026-10-02]\non = [2026-10-10]";
        let days: WorkingDays = toml::from_str(text).unwrap();
        assert_eq!(days.problem(), None);
        // From Wednesday over two holidays and a weekend.
        assert_eq!(days.after(date(2026, 9, 30), 1), date(2026, 10, 5));
        assert_eq!(days.before(date(2026, 10, 5), 1), date(2026, 9, 30));
        assert_eq!(days.after(date(2026, 10, 9), 1), date(2026, 10, 10), "a Saturday that is worked");
        assert_eq!(days.before(date(2026, 10, 4), 0), date(2026, 10, 4));
        for (bad, reason) in [
            (
                "rest = [\"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\", \"saturday\"]",
                "two days",
            ),
            ("rest = [\"sunday\"]\non = [2026-10-10]", "anyway"),
            ("rest = [\"saturday\"]\noff = [2026-10-10]\non = [2026-10-10]", "in off and in on"),
        ] {
            let days: WorkingDays = toml::from_str(bad).unwrap();
            assert!(days.problem().unwrap().contains(reason), "{bad}");
        }
    }
}
