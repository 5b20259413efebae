//! The edge of the log and the trail, where the next entry goes, tried as each role on a real server: nobody writes
//! beyond it, and nobody puts back a head from before it.

use super::roles::lived_in;
use crate::store_support::*;
use mifeng::store::{OpenRefused, Refused, Reports, postgres::schema::Role};
use std::sync::{Arc, mpsc};

/// Those of the faces can append an entry, and nothing else: not where one is still to come, which would stop everybody
/// who writes once the log had grown so far.
#[test]
fn no_role_puts_an_entry_of_the_log_or_the_trail_at_a_place_to_come() {
    let Some((database, keys)) = lived_in() else { return };
    let put = |role: Role, table: &str, key: &str| {
        let sql = format!("SELECT mifeng.{table}_put(ARRAY['\\x{key}'::bytea], ARRAY['\\x00'::bytea])");
        let refused = database.server.try_sql(role.name(), &database.name, &sql);
        let why = refused.expect_err(&format!("{role:?} puts {table}/{key}"));
        // Whoever changes keys has no business with the trail at all.
        let none = role == Role::Keys && table == "trail" && why.contains("permission denied");
        assert!(
            none || why.contains("null value") || why.contains("out of valid range"),
            "{role:?} {table}/{key}: {why}"
        );
    };
    // One entry is in the log: the next place is 1.
    for role in Role::ALL {
        for key in ["0000000000000002", "00000000000003e8", "ffffffffffffffff", "02", "000000000000000001"] {
            put(role, "log_leaves", key);
        }
        for key in
            ["000000000000000001", "010000000000000000", "ff0000000000000000", "008000000000000000", "00"]
        {
            put(role, "log_nodes", key);
        }
        for key in ["0000000000000000", "0000000000000002", "7fffffffffffffff"] {
            put(role, "trail", key);
        }
    }
    let store = open(Arc::new(database.engine()), keys.path()).unwrap();
    for n in 2..6 {
        store.submit(submission(n)).wait().unwrap();
    }
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

/// The log's head says how many entries there are, and the database knows: an older one, put back, would be signed and published.
#[test]
fn no_role_of_a_face_puts_back_an_older_head_of_the_log_or_one_of_more_than_there_is() {
    let Some((database, keys)) = lived_in() else { return };
    let head = || {
        database.sql("SELECT encode(value, 'hex') FROM mifeng.meta WHERE key = 'log/head'").trim().to_owned()
    };
    let older = head();
    assert!(older.starts_with("0000000000000001"), "{older}");
    let store = open(Arc::new(database.engine()), keys.path()).unwrap();
    store.submit(submission(2)).wait().unwrap();
    let newest = head();
    let put = |role: Role, value: &str| {
        let sql = format!("SELECT mifeng.meta_put(ARRAY['log/head'::bytea], ARRAY['\\x{value}'::bytea])");
        database.server.try_sql(role.name(), &database.name, &sql)
    };
    let sealed = &older[16..];
    let more = format!("0000000000000003{sealed}");
    for role in Role::ALL {
        for value in [&older, sealed, &more, "", "00", "0000000000000002"] {
            let why = put(role, value).expect_err(&format!("{role:?} puts {value}"));
            assert!(why.contains("null value in column \"key\""), "{role:?} {value}: {why}");
        }
    }
    assert_eq!(head(), newest);
    // The size in clear and the sealed one must agree: an old head under a new size is damage, not an older log.
    put(Role::Portal, &format!("0000000000000002{sealed}")).unwrap();
    match open(Arc::new(database.engine()), keys.path()).err() {
        Some(OpenRefused::Unreadable(Refused::Damaged { tree: "meta", .. })) => {}
        answered => panic!("{answered:?}"),
    }
    put(Role::Portal, &newest).unwrap();
    store.submit(submission(3)).wait().unwrap();
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

/// It waits until an entry is written, and had looked before.
#[test]
fn an_older_head_that_waited_for_its_turn_changes_nothing() {
    let Some((database, keys)) = lived_in() else { return };
    let store = open(Arc::new(database.engine()), keys.path()).unwrap();
    let head = || {
        database.sql("SELECT encode(value, 'hex') FROM mifeng.meta WHERE key = 'log/head'").trim().to_owned()
    };
    let older = head();
    // In the middle of a group that has written its entry and its head, and has not committed.
    let stops = || {
        let ((begin, begun), (go_on, wait)) = (mpsc::channel::<()>(), mpsc::channel::<()>());
        let stop = step(move |_| {
            begin.send(()).unwrap();
            let _ = wait.recv();
            Err(Refused::Busy)
        });
        (store.act(report(1), stop), begun, go_on)
    };
    let (_, begun, go_on) = stops();
    begun.recv().unwrap();
    let first = store.act(report(1), add("more"));
    let (second, second_begun, second_goes_on) = stops();
    go_on.send(()).unwrap();
    second_begun.recv().unwrap();
    let sql = format!("SELECT mifeng.meta_put(ARRAY['log/head'::bytea], ARRAY['\\x{older}'::bytea])");
    let (server, name) = (database.server, database.name.clone());
    let waiting = std::thread::spawn(move || server.try_sql("mifeng_portal", &name, &sql));
    let waits = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND usename = 'mifeng_portal' AND wait_event_type = 'Lock'",
        database.name
    );
    let is_waiting = (0..400).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        database.sql(&waits).trim() == "1"
    });
    second_goes_on.send(()).unwrap();
    first.wait().unwrap();
    assert!(second.wait().is_err());
    assert!(is_waiting, "nobody waited: nothing is shown here");
    // What it had found there fitted; what it found when it came to write did not.
    waiting.join().unwrap().unwrap();
    assert_ne!(head(), older);
    store.submit(submission(2)).wait().unwrap();
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}
