//! A machine's clock, turned in every way.

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
fn small_leaps_get_no_further_than_one() {
    let first = date(2026, 11, 28);
    let (machine, passed, clock) = started(first, Some(first));
    assert_eq!((clock.today(), clock.doubt()), (first, None));
    // Two days a minute, as somebody may turn it who can answer for a time server.
    for minute in 1..60 {
        passed.store(minute * 60, Ordering::SeqCst);
        machine.set(later(first, 2 * minute as i64));
        assert_eq!(clock.today(), later(first, 2));
        assert_eq!(clock.doubt().is_some(), minute > 1, "minute {minute}");
    }
    // Nor by as much each day: two in a week.
    for day in 1..=7 {
        passed.store(day * DAY, Ordering::SeqCst);
        machine.set(later(first, day as i64 + 2));
        assert_eq!((clock.today(), clock.doubt()), (later(first, day as i64 + 2), None));
        machine.set(later(first, day as i64 + 3));
        assert_eq!(clock.doubt().is_some(), day < 7, "day {day}");
    }
}

#[test]
fn a_day_that_the_store_does_not_take_is_doubt_until_it_is_recorded() {
    let (first, next) = (date(2026, 11, 28), date(2026, 11, 29));
    let (machine, _, clock) = started(first, Some(first));
    machine.set(next);
    assert_eq!((clock.today(), clock.doubt()), (next, None));
    assert!(!clock.is_sure(), "it is not recorded yet");
    clock.refused(next);
    assert_eq!((clock.today(), clock.doubt()), (next, Some(Doubt::Unrecorded { known: next })));
    clock.follow(Recorded { day: first, confirmed: 0 });
    assert!(clock.doubt().is_some(), "what was there before is no answer");
    clock.follow(Recorded { day: next, confirmed: 0 });
    assert_eq!((clock.today(), clock.doubt()), (next, None));
    assert!(clock.is_sure());
}

#[test]
fn a_leap_is_judged_alike_at_every_hour() {
    let first = date(2026, 11, 28);
    for (hours, believed) in [(47, true), (50, false), (60, false), (71, false)] {
        let (machine, passed, clock) = started(first, Some(first));
        assert_eq!(clock.doubt(), None);
        machine.advance(hours * 3600);
        for hour in 1..100 {
            passed.store(hour * 3600, Ordering::SeqCst);
            machine.advance(3600);
            assert_eq!(clock.doubt().is_none(), believed, "{hours} hours ahead, {hour} hours later");
        }
    }
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
        assert_eq!(clock.doubt(), held.map(|known| Doubt::Machine { says, known }), "{says}");
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
    assert_eq!((clock.today(), clock.doubt()), (date(2026, 11, 30), None));
}

#[test]
fn what_another_process_records_moves_the_days_by_one_at_most() {
    let today = date(2026, 11, 28);
    let (machine, passed, clock) = started(today, Some(today));
    assert_eq!((clock.today(), clock.doubt()), (today, None));
    let record = |day| clock.follow(Recorded { day, confirmed: 0 });
    // By small steps it gets no further than by a large one.
    for (ahead, served) in [(1, 1), (2, 1), (3, 1), (30, 1), (3000, 1)] {
        record(later(today, ahead));
        assert_eq!(clock.today(), later(today, served), "{ahead} days ahead");
        let doubt = Doubt::Record { says: Some(later(today, ahead)), known: later(today, 1) };
        assert_eq!(clock.doubt(), (ahead > 1).then_some(doubt), "{ahead} days ahead");
    }
    // In doubt as long as that stands there; days go on with the time.
    for days in 1..40 {
        machine.set(later(today, days));
        passed.store(days as u64 * DAY, Ordering::SeqCst);
        assert_eq!(clock.today(), later(today, days));
        assert!(clock.doubt().is_some());
    }
    let told = clock.doubt().unwrap().to_string();
    assert!(told.contains("has recorded 2035-02-14, and here it is 2027-01-06"), "{told}");
    clock.follow(Recorded { day: machine.today(), confirmed: 1 });
    assert_eq!((clock.today(), clock.doubt()), (machine.today(), None));
}

#[test]
fn before_its_own_clock_was_looked_at_a_process_follows_no_further_either() {
    let today = date(2026, 11, 28);
    let (_, _, clock) = started(today, Some(today));
    clock.follow(Recorded { day: date(2030, 1, 1), confirmed: 0 });
    assert_eq!(clock.today(), today);
    assert!(matches!(clock.doubt(), Some(Doubt::Record { .. })));
}

#[test]
fn a_record_that_cannot_be_read_is_doubt_until_one_can() {
    let (today, machine) = (date(2026, 11, 28), Arc::new(FixedClock::at(date(2026, 11, 28))));
    let clock = CheckedClock::unread(machine);
    assert_eq!(clock.today(), today);
    assert_eq!(clock.doubt(), Some(Doubt::Record { says: None, known: today }));
    clock.follow(Recorded { day: today, confirmed: 0 });
    assert_eq!(clock.doubt(), None);
}

#[test]
fn from_a_start_in_doubt_days_are_counted_on_by_the_time_that_passes() {
    let recorded = date(2026, 11, 28);
    let (machine, passed, clock) = started(date(1970, 1, 1), Some(recorded));
    assert_eq!(clock.today(), recorded);
    passed.store(3 * DAY, Ordering::SeqCst);
    machine.set(date(1970, 1, 4));
    assert_eq!(clock.today(), date(2026, 12, 1));
    assert!(clock.doubt().is_some());
    machine.set(date(2026, 12, 1));
    assert_eq!((clock.today(), clock.doubt()), (date(2026, 12, 1), None));
}
