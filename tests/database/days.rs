//! The newest day that a store was served by: what each role of the database can do to it.

use super::roles::{lived_in, refused};
use crate::store_support::*;
use jiff::{ToSpan, civil::date};
use mifeng::{
    clock::Recorded,
    store::{Refused, postgres::schema::Role},
};
use std::sync::Arc;

/// A process that was taken over must not move the days of all the others: what runs out would run out before its time.
#[test]
fn no_role_of_a_face_pushes_the_newest_day_ahead_or_gives_an_operator_s_word() {
    let Some((database, keys)) = lived_in() else { return };
    let store = open(Arc::new(database.engine()), keys.path()).unwrap();
    let today: i64 = database.sql("SELECT mifeng.day()").trim().parse().unwrap();
    let day = |later: i64| date(1970, 1, 1).checked_add((today + later).days()).unwrap();
    // Not even the first one is any day: from one long past nobody would come to the present.
    for later in [-9000, -2, 2] {
        assert!(store.record_day(day(later), None).wait().is_err(), "{later}");
    }
    store.record_day(day(0), None).wait().unwrap();
    let kept = |key: &str| {
        database
            .sql(&format!("SELECT encode(value, 'hex') FROM mifeng.meta WHERE key = '{key}'"))
            .trim()
            .to_owned()
    };
    let newest = kept("day/newest");
    assert!(newest.starts_with(&format!("{today:016x}0101")), "{newest}");
    let put = |role: Role, key: &str, value: &str| {
        let sql = format!("SELECT mifeng.meta_put(ARRAY['{key}'::bytea], ARRAY['\\x{value}'::bytea])");
        // A zone of its own choice takes nobody into the next day.
        let sql = format!("SET timezone = 'Pacific/Kiritimati'; {sql}");
        database.server.try_sql(role.name(), &database.name, &sql)
    };
    let sealed = &newest[16..];
    let at = |later: i64| format!("{:016x}{sealed}", today + later);
    for role in Role::ALL {
        let far = format!("7fffffffffffffff{sealed}");
        for value in [&at(2)[..], &at(3), &at(11), &at(4000), &far, sealed, "", "00", &at(0)[..16]] {
            let why = put(role, "day/newest", value).expect_err(&format!("{role:?} puts {value}"));
            assert!(why.contains("null value in column \"key\""), "{role:?} {value}: {why}");
        }
        // One that is behind changes nothing.
        put(role, "day/newest", &at(-1)).unwrap();
        let why = put(role, "day/confirmed", sealed).expect_err(&format!("{role:?} confirms"));
        assert!(why.contains("null value in column \"key\""), "{role:?}: {why}");
        assert_eq!((kept("day/newest"), kept("day/confirmed")), (newest.clone(), String::new()), "{role:?}");
        if role != Role::Whole {
            refused(&database, role, "SELECT mifeng.day_confirm('\\x00', '\\x00')");
        }
    }
    // The program itself, as each of them.
    let portal = open_portal(Arc::new(database.engine_as(Role::Portal)), keys.path()).unwrap();
    let word = portal.confirm_day(day(0)).wait();
    assert!(matches!(&word, Err(Refused::Failed(why)) if why.contains("permission denied")), "{word:?}");
    assert!(portal.record_day(day(2), None).wait().is_err());
    let recorded = Recorded { day: day(1), confirmed: 0 };
    assert_eq!(portal.record_day(day(1), None).wait().unwrap(), recorded);
    assert_eq!(store.newest_day().unwrap(), Some(recorded));
    // Back, by an operator; from there by ten days at once, as after a pause, and no more.
    let word = store.confirm_day(day(-30)).wait().unwrap();
    assert_eq!(word, Recorded { day: day(-30), confirmed: 1 });
    assert_eq!(portal.newest_day().unwrap(), Some(word));
    assert!(portal.record_day(day(-19), Some(word)).wait().is_err());
    assert_eq!(portal.record_day(day(-20), Some(word)).wait().unwrap().day, day(-20));
    assert_eq!(store.newest_day().unwrap(), Some(Recorded { day: day(-20), confirmed: 1 }));
}

/// Nor keep the others from starting with a day that nobody can read.
#[test]
fn a_newest_day_that_cannot_be_read_keeps_nobody_out_and_is_written_again_by_who_knows_it() {
    let Some((database, keys)) = lived_in() else { return };
    let store = open(Arc::new(database.engine()), keys.path()).unwrap();
    let today: i64 = database.sql("SELECT mifeng.day()").trim().parse().unwrap();
    let day = date(1970, 1, 1).checked_add(today.days()).unwrap();
    let word = store.confirm_day(day).wait().unwrap();
    let sealed =
        database.sql("SELECT encode(substr(value, 9), 'hex') FROM mifeng.meta WHERE key = 'day/newest'");
    let yesterdays = format!("{:016x}{}", today + 1, sealed.trim());
    for spoilt in
        [format!("{today:016x}0101ff00ff"), format!("{today:016x}0101{}", "ff".repeat(60)), yesterdays]
    {
        let sql = format!("SELECT mifeng.meta_put(ARRAY['day/newest'::bytea], ARRAY['\\x{spoilt}'::bytea])");
        database.server.sql_as("mifeng_portal", &database.name, &sql);
        let started = open(Arc::new(database.engine()), keys.path()).unwrap();
        let read = started.newest_day();
        assert!(matches!(&read, Err(Refused::Damaged { tree: "meta", .. })), "{spoilt}: {read:?}");
    }
    let next = day.tomorrow().unwrap();
    assert_eq!(store.record_day(next, Some(word)).wait().unwrap(), Recorded { day: next, confirmed: 1 });
    assert_eq!(store.newest_day().unwrap(), Some(Recorded { day: next, confirmed: 1 }));
}
