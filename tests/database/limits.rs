//! What one process, one change or one person may take of a PostgreSQL store that others share, on a real server.

use crate::store_support::{
    postgres::{Database, server},
    *,
};
use mifeng::{
    clock::{Day, FixedClock},
    log::PublicKind,
    store::{
        Announced, FileKind, OpenRefused, PublicLog, Refused, Reports, Staff, Store,
        engine::{Engine, Tree, Writes},
        postgres::schema,
    },
};
use std::{
    io::Write,
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

fn opened(database: &Database, keys: &std::path::Path) -> Arc<Store> {
    Arc::new(open(Arc::new(database.engine()), keys).unwrap())
}

/// A connection of somebody's own, which stays in the middle of what it was told.
fn session(database: &Database, role: &str, sql: &str) -> Child {
    let mut psql = Command::new("psql")
        .args(["-X", "-q", "-A", "-t", "-U", role, "-d", &database.name, "-p"])
        .arg(database.server.port.to_string())
        .arg("-h")
        .arg(&database.server.folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    psql.stdin.as_mut().unwrap().write_all(sql.as_bytes()).unwrap();
    psql
}

fn until(database: &Database, sql: &str, wanted: &str) {
    for _ in 0..400 {
        if database.sql(sql).trim() == wanted {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{sql} never gives {wanted}");
}

#[test]
fn whoever_holds_the_turn_keeps_nobody_waiting_for_ever() {
    let Some(server) = server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    let store = opened(&database, keys.path());
    let mut other = session(&database, "mifeng_portal", "BEGIN; SELECT mifeng.take_turn();\n");
    let held = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND usename = 'mifeng_portal' AND state = 'idle in transaction'",
        database.name
    );
    until(&database, &held, "1");
    let asked = Instant::now();
    let waiting: Vec<_> = (1..20).map(|n| store.submit(submission(n))).collect();
    for commit in waiting {
        let refused = commit.wait();
        assert!(matches!(refused, Err(Refused::Unavailable(_))), "{refused:?}");
    }
    // The bound is ten seconds; a machine with other work is given more.
    assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
    other.kill().unwrap();
    other.wait().unwrap();
    until(&database, &held, "0");
    assert_eq!(store.submit(submission(1)).wait().unwrap().serial, 1);
}

/// The database refuses one change of a group. Those before it and those after it, which would have stood on it, are kept.
#[test]
fn a_change_that_the_database_refuses_takes_nobody_else_with_it() {
    let Some(server) = server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    let store = opened(&database, keys.path());
    // Refused by the server, and by nobody before it: the log's entry is written in the same change.
    let poisoned = hex::encode(report(5).as_bytes());
    database.sql(&format!(
        "CREATE FUNCTION mifeng.refuse() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'not this one' USING ERRCODE = 'check_violation'; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON mifeng.reports FOR EACH ROW \
         WHEN (new.key = '\\x{poisoned}') EXECUTE FUNCTION mifeng.refuse()"
    ));
    // Together they make one group: the turn is held until all of them wait.
    let mut other = session(&database, "mifeng_whole", "BEGIN; SELECT mifeng.take_turn();\n");
    let held = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND usename = 'mifeng_whole' AND state = 'idle in transaction'",
        database.name
    );
    until(&database, &held, "1");
    let waiting: Vec<_> = (1..=10).map(|n| (n, store.submit(submission(n)))).collect();
    other.stdin.as_mut().unwrap().write_all(b"COMMIT;\n").unwrap();
    for (n, commit) in waiting {
        match commit.wait() {
            Err(Refused::Failed(why)) => assert!(n == 5 && why.contains("not this one"), "{n}: {why}"),
            Ok(_) if n != 5 => {}
            answered => panic!("{n}: {answered:?}"),
        }
    }
    drop(other.stdin.take());
    other.wait().unwrap();
    assert_eq!(store.head().size, 9);
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    assert!(
        database.sql("SELECT written FROM mifeng.writer").trim().parse::<u32>().unwrap() <= 5,
        "not one group"
    );
    store.submit(submission(11)).wait().unwrap();
}

/// A question of one change that the database refuses: the others of its group never notice.
#[test]
fn a_read_that_the_database_refuses_ends_its_own_change_and_no_other_of_the_group() {
    let Some(server) = server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    let store = opened(&database, keys.path());
    store.submit(submission(1)).wait().unwrap();
    database.sql("REVOKE EXECUTE ON FUNCTION mifeng.attempts_get(bytea) FROM mifeng_whole");
    let ((begin, begun), (go_on, wait)) = (mpsc::channel(), mpsc::channel::<()>());
    let stops = step(move |_| {
        begin.send(()).unwrap();
        let _ = wait.recv();
        Err(Refused::Busy)
    });
    // Nothing slow while the group is open: it takes up changes for a second.
    let before = database.sql("SELECT written FROM mifeng.writer");
    let stopped = store.act(report(1), stops);
    begun.recv().unwrap();
    let first = store.submit(submission(2));
    let refused = store.count_attempt("li", 7, |_, _| 0);
    let last = store.submit(submission(3));
    go_on.send(()).unwrap();
    assert!(matches!(stopped.wait(), Err(Refused::Busy)));
    assert!(matches!(refused.wait(), Err(Refused::Failed(why)) if why.contains("permission denied")));
    assert_eq!((first.wait().unwrap().serial, last.wait().unwrap().serial), (2, 3));
    let groups = |told: String| told.trim().parse::<u64>().unwrap();
    assert_eq!(
        groups(database.sql("SELECT written FROM mifeng.writer")),
        groups(before) + 1,
        "not one group"
    );
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

#[test]
fn no_more_questions_are_under_way_at_once_than_the_program_allows_and_the_others_are_told() {
    let Some(server) = server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    let engine = Arc::new(database.engine());
    drop(open(engine.clone(), keys.path()).unwrap());
    // Every answer waits until the table is free again.
    let mut other = session(&database, "postgres", "BEGIN; LOCK TABLE mifeng.cases;\n");
    until(
        &database,
        "SELECT count(*) FROM pg_locks WHERE relation = 'mifeng.cases'::regclass AND mode = 'AccessExclusiveLock' AND granted",
        "1",
    );
    let (told, answers) = mpsc::channel();
    for _ in 0..100 {
        let (engine, told) = (engine.clone(), told.clone());
        std::thread::spawn(move || {
            let asked = Instant::now();
            let answer = engine.get(Tree::Cases, &[1; 16]);
            told.send((answer, asked.elapsed())).unwrap();
        });
    }
    let busy: Vec<_> = answers.iter().take(36).collect();
    for (answer, _) in busy {
        assert!(matches!(answer, Err(Refused::Busy)), "{answer:?}");
    }
    let sessions = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND usename = 'mifeng_whole'",
        database.name
    );
    assert_eq!(database.sql(&sessions).trim(), "5", "four for whoever asks, and the writer's");
    drop(other.stdin.take());
    other.wait().unwrap();
    for (answer, _) in answers.iter().take(64) {
        assert!(matches!(answer, Ok(None) | Err(Refused::Unavailable(_))), "{answer:?}");
    }
    assert_eq!(engine.get(Tree::Cases, &[1; 16]).unwrap(), None);
}

#[test]
fn chunks_that_no_file_names_are_swept_once_they_are_old_and_no_others() {
    let Some(server) = server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    let store = opened(&database, keys.path());
    store.submit(submission(1)).wait().unwrap();
    let begin = || store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
    let mut kept = begin();
    store.append(&mut kept, &[2; 100_000]).wait().unwrap();
    store.attach(vec![kept], add("a file")).wait().unwrap();
    // As if the process had been killed in the middle.
    let mut broken = begin();
    store.append(&mut broken, &[3; 70_000]).wait().unwrap();
    std::mem::forget(broken);
    let mut under_way = begin();
    store.append(&mut under_way, &[4; 70_000]).wait().unwrap();
    let count = || database.sql("SELECT count(*) FROM mifeng.slots").trim().to_owned();
    assert_eq!(count(), "8");
    // Of the server's clock: that says how old a chunk is.
    let today: Day = database.sql("SELECT current_date").trim().parse().unwrap();
    assert_eq!(store.sweep(&FixedClock::at(today)).unwrap(), 0, "all are of today");
    database.sql("UPDATE mifeng.slots SET day = current_date - 2");
    database.sql(
        "UPDATE mifeng.slots SET day = current_date WHERE slot IN (SELECT slot FROM mifeng.slots ORDER BY ctid DESC LIMIT 2)",
    );
    assert_eq!(store.sweep(&InDoubt(today)).unwrap(), 0, "not while there is doubt about the day");
    assert_eq!(store.sweep(&FixedClock::at(today)).unwrap(), 2);
    assert_eq!(count(), "6");
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    store.attach(vec![under_way], add("another")).wait().unwrap();
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

#[test]
fn of_processes_that_start_at_once_one_alone_announces_what_is_new() {
    let Some(server) = server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    let stores: Vec<_> = (0..4).map(|_| opened(&database, keys.path())).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let today: Day = day();
    runtime.block_on(async {
        let all = stores.iter().map(|store| mifeng::scripts::announce(&**store, today));
        let told = futures_all(all).await;
        assert_eq!(told.iter().filter(|told| **told).count(), 1, "{told:?}");
    });
    assert_eq!(stores[0].head().size, 1);
    // One that has looked before the other has written is told so, and looks again.
    let next = Announced { number: 7, day: today, digest: [7; 32] };
    let before = stores[0].announced(PublicKind::RecipientSet).unwrap();
    assert_eq!(stores[1].announce_after(before, PublicKind::RecipientSet, next).wait().unwrap(), Some(1));
    assert_eq!(stores[2].announce_after(before, PublicKind::RecipientSet, next).wait().unwrap(), None);
    assert_eq!(stores[3].head().size, 2);
}

async fn futures_all(all: impl Iterator<Item = impl Future<Output = Result<bool, Refused>>>) -> Vec<bool> {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    let mut told = vec![None; all.len()];
    std::future::poll_fn(|cx| {
        for (work, told) in all.iter_mut().zip(&mut told).filter(|(_, told)| told.is_none()) {
            if let std::task::Poll::Ready(answer) = work.as_mut().poll(cx) {
                *told = Some(answer.unwrap());
            }
        }
        if told.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    told.into_iter().flatten().collect()
}

#[test]
fn a_folder_of_retention_keys_that_is_not_the_shared_one_is_refused_at_the_start() {
    let Some(server) = server() else { return };
    let (database, keys, others) =
        (server.database(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    opened(&database, keys.path()).submit(submission(1)).wait().unwrap();
    let refused = open(Arc::new(database.engine()), others.path()).err().unwrap();
    assert!(matches!(&refused, OpenRefused::OtherRetention(_)), "{refused}");
    assert!(refused.to_string().contains("same folder"), "{refused}");
    // One that was used with another store, too.
    let other = server.database();
    opened(&other, others.path());
    assert!(matches!(open(Arc::new(database.engine()), others.path()), Err(OpenRefused::OtherRetention(_))));
    assert!(opened(&database, keys.path()).find(&locator(1), &auth(1)).unwrap().is_some());
}

#[test]
fn the_schema_s_script_run_again_keeps_what_is_stored_and_where_the_log_ends() {
    let Some(server) = server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    opened(&database, keys.path()).submit(submission(1)).wait().unwrap();
    server.sql_as("mifeng_owner", &database.name, &schema::schema_sql());
    let store = opened(&database, keys.path());
    store.submit(submission(2)).wait().unwrap();
    assert_eq!((store.head().size, store.check().unwrap().problems), (2, vec![]));
}

/// For engines whose only whole numbers have eight bytes.
#[test]
fn no_function_gives_or_takes_a_number_of_four_bytes() {
    let Some(server) = server() else { return };
    let database = server.database();
    let four = "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'mifeng' \
                AND p.proname <> 'number' AND (p.prorettype = 'int4'::regtype OR 'int4'::regtype = ANY (p.proargtypes::oid[]))";
    assert_eq!(database.sql(four).trim(), "");
    let mut writes = Writes::default();
    writes.set(Tree::Tickets, vec![1], Some(vec![1]));
    let engine = database.engine();
    engine.apply(&writes).unwrap();
    assert_eq!(engine.scan(Tree::Tickets, &[], &[]).count(), 1);
}

/// A process that stands still in the middle of its turn: the server gives the turn to the others.
#[test]
fn a_process_that_hangs_in_its_turn_loses_it_and_nothing_of_its_change_is_kept() {
    let Some(server) = server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    let (hanging, other) = (opened(&database, keys.path()), opened(&database, keys.path()));
    hanging.submit(submission(1)).wait().unwrap();
    let ((wake, woken), (begin, begun)) = (mpsc::channel::<()>(), mpsc::channel());
    let hangs = step(move |dossier| {
        begin.send(()).unwrap();
        let _ = woken.recv();
        dossier.case.version += 1;
        Ok(None)
    });
    let hung = hanging.act(report(1), hangs);
    begun.recv().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    let number = loop {
        match other.submit(submission(2)).wait() {
            Ok(number) => break number,
            Err(Refused::Unavailable(_)) if Instant::now() < until => {}
            Err(refused) => panic!("{refused}"),
        }
    };
    assert_eq!(number.serial, 2);
    wake.send(()).unwrap();
    let refused = hung.wait();
    assert!(matches!(refused, Err(Refused::Unavailable(_))), "{refused:?}");
    assert_eq!(hanging.submit(submission(3)).wait().unwrap().serial, 3, "and it goes on by itself");
    assert_eq!(hanging.find(&locator(1), &auth(1)).unwrap().unwrap().dossier.case.version, 1);
    assert_eq!(other.check().unwrap().problems, Vec::<String>::new());
}

/// A role that may append can append noise. The owner takes it out as docs/operations.md says, and the log goes on.
#[test]
fn noise_at_the_log_s_next_place_stops_writers_with_a_clear_word_until_the_owner_takes_it_out() {
    let Some(server) = server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    let store = opened(&database, keys.path());
    store.submit(submission(1)).wait().unwrap();
    let noise = "SELECT mifeng.log_leaves_put(ARRAY['\\x0000000000000001'::bytea], ARRAY['\\x00'::bytea])";
    server.sql_as("mifeng_portal", &database.name, noise);
    match store.submit(submission(2)).wait() {
        Err(Refused::Failed(why)) => {
            assert!(why.contains("null value in column \"key\" of relation \"log_leaves\""), "{why}")
        }
        answered => panic!("{answered:?}"),
    }
    let problems = store.check().unwrap().problems;
    assert_eq!(problems, ["log-leaves holds 2 records where 1 were written"]);
    let manual = std::fs::read_to_string("docs/operations/07-postgresql.md").unwrap();
    let mend = manual.split("mend.sql\n").nth(1).unwrap().split("```").next().unwrap();
    server.sql_as("mifeng_owner", &database.name, &mend.replace("SIZE", "1"));
    store.submit(submission(2)).wait().unwrap();
    assert_eq!((store.head().size, store.check().unwrap().problems), (2, vec![]));
}
