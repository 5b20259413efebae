//! PostgreSQL as it fails: killed in mid-submission, connections lost before, during and after a commit, a server set
//! up to forget; and two processes at once. A real server, or a line that says there is none.

use crate::store_support::{postgres::Server, *};
use mifeng::{
    casework::CaseSummary,
    ids::CaseNumber,
    store::{
        Cases, OpenRefused, PublicLog, Refused, Reports, Step, Store,
        engine::{Engine, Tree, Writes},
    },
};
use std::{
    fs::Permissions,
    io::{Read, Write},
    net::Shutdown,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

fn number(serial: u32) -> CaseNumber {
    CaseNumber { year: 2026, serial }
}

fn all(store: &Store) -> Vec<CaseSummary> {
    store.select(&|_| true, &|a, b| a.number.cmp(&b.number), 0, usize::MAX).rows
}

fn whole(server: &Server) -> Arc<dyn Engine> {
    Arc::new(postgres::engine(&server.file("mifeng", "mifeng_whole")).unwrap())
}

/// Again and again until it is taken; every refusal must be one of those that pass.
fn insistently(store: &Store, n: u64) -> CaseNumber {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        match store.submit(submission(n)).wait() {
            Ok(number) => return number,
            Err(Refused::Unavailable(_) | Refused::OutcomeUnknown(_)) if Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(refused) => panic!("{refused}"),
        }
    }
}

#[test]
fn a_killed_server_loses_nothing_that_was_acknowledged_and_the_store_goes_on_by_itself() {
    let Some(server) = Server::with_schema() else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(whole(&server), folder.path()).unwrap());
    for round in 0..3u64 {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let writers: Vec<_> = (0..4u64)
            .map(|writer| {
                let (store, stop, count) = (store.clone(), stop.clone(), acknowledged.clone());
                std::thread::spawn(move || {
                    let mut kept = Vec::new();
                    for n in 0.. {
                        if stop.load(Ordering::SeqCst) {
                            return kept;
                        }
                        let n = 1 + round * 1_000_000 + writer * 100_000 + n;
                        if let Ok(number) = store.submit(submission(n)).wait() {
                            count.fetch_add(1, Ordering::SeqCst);
                            kept.push((n, number));
                        }
                    }
                    unreachable!()
                })
            })
            .collect();
        patience::until("reports come in", || acknowledged.load(Ordering::SeqCst) >= 20);
        server.kill_whole();
        // Those who write meanwhile are told so, soon.
        let asked = Instant::now();
        let refused = store.submit(submission(9_000_000 + round)).wait();
        assert!(matches!(refused, Err(Refused::Unavailable(_) | Refused::OutcomeUnknown(_))), "{refused:?}");
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        stop.store(true, Ordering::SeqCst);
        let kept: Vec<_> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        server.start_again();
        insistently(&store, 9_500_000 + round);
        for (n, number) in kept {
            let found = store.find(&locator(n), &auth(n)).unwrap();
            assert_eq!(found.map(|found| found.dossier.case.number), Some(number), "acknowledged, and lost");
        }
    }
    let checked = store.check().unwrap();
    assert_eq!(checked.problems, Vec::<String>::new());
    // What is shown is what is stored.
    let shown = all(&store);
    drop(store);
    let again = open(whole(&server), folder.path()).unwrap();
    assert_eq!(all(&again).len(), shown.len());
    assert_eq!(again.head().size as usize, shown.len());
}

/// Stands between the store and the server, and cuts the connection where it is told to.
struct Wire {
    folder: PathBuf,
    cut: Arc<AtomicUsize>,
}

const WHOLE: usize = 0;
const BEFORE_COMMIT: usize = 1;
const AFTER_COMMIT: usize = 2;
const DEAD: usize = 3;

impl Wire {
    fn before(server: &Server, folder: &Path) -> Self {
        let cut = Arc::new(AtomicUsize::new(WHOLE));
        let name = format!(".s.PGSQL.{}", server.port);
        let (listener, real) = (UnixListener::bind(folder.join(&name)).unwrap(), server.folder.join(&name));
        let told = cut.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, UnixStream::connect(&real)) else { return };
                if told.load(Ordering::SeqCst) == DEAD {
                    continue;
                }
                let (back, forth) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let hears = told.clone();
                std::thread::spawn(move || carry(client, forth, &hears, true));
                let hears = told.clone();
                std::thread::spawn(move || carry(server, back, &hears, false));
            }
        });
        Self { folder: folder.into(), cut }
    }

    fn engine(&self, server: &Server, name: &str) -> Arc<dyn Engine> {
        let file = server.file(name, "mifeng_whole");
        let real = server.folder.display().to_string();
        Arc::new(postgres::engine(&file.replace(&real, &self.folder.display().to_string())).unwrap())
    }
}

fn carry(mut from: UnixStream, mut to: UnixStream, cut: &AtomicUsize, is_question: bool) {
    let mut bytes = [0; 65_536];
    while let Ok(len @ 1..) = from.read(&mut bytes) {
        let is_commit = is_question && bytes[..len].windows(7).any(|word| word == b"COMMIT\0");
        match cut.load(Ordering::SeqCst) {
            BEFORE_COMMIT if is_commit => break,
            DEAD => break,
            // The server has it, and says so to nobody.
            AFTER_COMMIT if !is_question && bytes[..len].windows(7).any(|word| word == b"COMMIT\0") => break,
            _ => {}
        }
        if to.write_all(&bytes[..len]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[test]
fn a_connection_lost_in_a_commit_is_told_as_unknown_and_what_was_kept_is_shown() {
    let Some(server) = postgres::server() else { return };
    let (database, wires, keys) =
        (server.database(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let wire = Wire::before(server, wires.path());
    let store = open(wire.engine(server, &database.name), keys.path()).unwrap();
    store.submit(submission(1)).wait().unwrap();

    wire.cut.store(BEFORE_COMMIT, Ordering::SeqCst);
    let lost = store.submit(submission(2)).wait();
    assert!(matches!(lost, Err(Refused::OutcomeUnknown(_))), "{lost:?}");
    wire.cut.store(AFTER_COMMIT, Ordering::SeqCst);
    let kept = store.submit(submission(3)).wait();
    assert!(matches!(kept, Err(Refused::OutcomeUnknown(_))), "{kept:?}");
    wire.cut.store(WHOLE, Ordering::SeqCst);

    // The second did not reach the server, the third did: and the store shows just that, before and after a write.
    assert_eq!(all(&store).iter().map(|row| row.number).collect::<Vec<_>>(), [number(1), number(2)]);
    assert!(store.find(&locator(2), &auth(2)).unwrap().is_none());
    assert_eq!(store.submit(submission(3)).wait().unwrap(), number(2), "sent again, it is the same case");
    assert_eq!(store.submit(submission(2)).wait().unwrap(), number(3));
    assert_eq!((all(&store).len(), store.head().size), (3, 3));
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_server_that_is_away_is_told_at_once_and_found_again_without_a_restart() {
    let Some(server) = postgres::server() else { return };
    let (database, wires, keys) =
        (server.database(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let wire = Wire::before(server, wires.path());
    let store = open(wire.engine(server, &database.name), keys.path()).unwrap();
    store.submit(submission(1)).wait().unwrap();
    // An operator, or a firewall, ends every connection; nothing was under way, so nobody notices.
    let end = format!(
        "SELECT count(pg_terminate_backend(pid, 30000)) FROM pg_stat_activity WHERE datname = '{}'",
        database.name
    );
    server.sql("postgres", &end);
    // A question that meets one dead connection is asked again; one that meets two says so.
    let begun = Instant::now();
    let found = loop {
        match store.find(&locator(1), &auth(1)) {
            Err(Refused::Unavailable(why)) => assert!(begun.elapsed() < Duration::from_secs(60), "{why}"),
            found => break found.unwrap(),
        }
    };
    assert!(found.is_some());
    store.submit(submission(2)).wait().unwrap();

    wire.cut.store(DEAD, Ordering::SeqCst);
    server.sql("postgres", &end);
    let asked = Instant::now();
    for n in 10..30 {
        assert!(matches!(store.submit(submission(n)).wait(), Err(Refused::Unavailable(_))));
        assert!(matches!(store.find(&locator(1), &auth(1)), Err(Refused::Unavailable(_))));
    }
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!(all(&store).len(), 2, "lists show what is known");
    wire.cut.store(WHOLE, Ordering::SeqCst);
    assert_eq!(insistently(&store, 3), number(3));
    // Each connection of the pool may be a dead one still.
    let mut problems = Vec::new();
    patience::until("connections that live", || {
        problems = store.check().unwrap().problems;
        !problems.iter().any(|problem| problem.contains("cannot be reached"))
    });
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn two_processes_on_one_database_number_and_log_as_one_and_see_each_other_s_changes() {
    let Some(server) = postgres::server() else { return };
    let (database, keys) = (server.database(), tempfile::tempdir().unwrap());
    let opened = || Arc::new(open(Arc::new(database.engine()), keys.path()).unwrap());
    let (one, other) = (opened(), opened());
    let submits = |store: &Arc<Store>, from: u64| {
        let store = store.clone();
        std::thread::spawn(move || {
            let waiting: Vec<_> = (from..from + 60).map(|n| store.submit(submission(n))).collect();
            waiting.into_iter().map(|commit| commit.wait().unwrap().serial).collect::<Vec<_>>()
        })
    };
    let threads = [submits(&one, 1_000), submits(&other, 2_000), submits(&one, 3_000)];
    let mut serials: Vec<u32> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    serials.sort_unstable();
    assert_eq!(serials, (1..=180).collect::<Vec<_>>());
    assert_eq!((all(&one), one.head()), (all(&other), other.head()));
    assert_eq!(one.head().size, 180);

    // A change in one is what the other sees, and what makes an old form there too old.
    let first = Cases::change(&*one, number(1), Step { expected_version: Some(1), ..add("word") });
    assert_eq!(first.wait().unwrap().version, 2);
    assert_eq!(Cases::row(&*other, number(1)).unwrap().version, 2);
    let stale = Cases::change(&*other, number(1), Step { expected_version: Some(1), ..add("word") });
    assert!(matches!(stale.wait(), Err(Refused::Changed)));
    // The same report at both doors at once is one case.
    let twice = (one.submit(submission(7)), other.submit(submission(7)));
    assert_eq!(twice.0.wait().unwrap(), twice.1.wait().unwrap());
    assert_eq!(one.check().unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_server_that_would_forget_and_a_database_without_the_schema_are_refused() {
    let Some(server) = postgres::server() else { return };
    let refused = |file: String| match postgres::engine(&file) {
        Err(OpenRefused::Database { cause, .. }) => cause,
        _ => panic!("it was opened"),
    };
    let database = server.database();
    let file = server.file(&database.name, "mifeng_whole");
    for value in ["off", "local", "remote_write"] {
        server.sql("postgres", &format!("ALTER DATABASE {} SET synchronous_commit = {value}", database.name));
        let why = refused(file.clone());
        assert!(why.contains("synchronous_commit") && why.contains("power cut"), "{why}");
    }
    server
        .sql("postgres", &format!("ALTER DATABASE {} SET synchronous_commit = remote_apply", database.name));
    assert!(postgres::engine(&file).is_ok());
    let why = refused(server.file("postgres", "mifeng_whole"));
    assert!(why.contains("mifeng postgres schema"), "{why}");
    database.sql(
        "CREATE OR REPLACE FUNCTION mifeng.sql_version() RETURNS bigint LANGUAGE sql AS 'SELECT 99::bigint'",
    );
    assert!(refused(file).contains("version 99"));
    let why = refused(server.file("nowhere", "mifeng_whole"));
    assert!(why.contains("nowhere"), "{why}");
}

#[test]
fn a_password_is_asked_for_over_the_network_and_stands_in_no_refusal() {
    let Some(server) = postgres::server() else { return };
    let database = server.database();
    server.sql("postgres", "ALTER ROLE mifeng_whole PASSWORD 'correct horse'");
    let folder = tempfile::tempdir().unwrap();
    let open_with = |password: &str| {
        let path = folder.path().join("password");
        std::fs::write(&path, password).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let file = server.file(&database.name, "mifeng_whole");
        let file = file.replace(&server.folder.display().to_string(), "127.0.0.1");
        postgres::engine(&format!("{file}password_file = \"{}\"\n", path.display()))
    };
    assert!(open_with("correct horse\n").is_ok());
    let why = open_with("wrong pony").err().unwrap().to_string();
    assert!(why.contains("password") && !why.contains("pony"), "{why}");
    let settings = server.sql("postgres", "SELECT name, setting FROM pg_settings WHERE name LIKE 'log_%'");
    assert!(settings.contains("log_min_messages"), "read the server's log below");
    let log = std::fs::read_to_string(server.folder.join("server.log")).unwrap();
    assert!(!log.contains("pony"));
}

/// Many entries, of every length that may come: pages, prefixes, removal.
#[test]
fn trees_keep_their_order_over_many_pages() {
    let Some(server) = postgres::server() else { return };
    let database = server.database();
    let engine = database.engine();
    let mut writes = Writes::default();
    for n in 0..1000u16 {
        writes.set(Tree::Files, n.to_be_bytes().to_vec(), Some(vec![n as u8; usize::from(n)]));
    }
    writes.set(Tree::Tickets, vec![255, 255], Some(vec![1]));
    engine.apply(&writes).unwrap();
    let keys = |tree, prefix: &[u8], from: &[u8]| -> Vec<Vec<u8>> {
        engine.scan(tree, prefix, from).map(|entry| entry.unwrap().0).collect()
    };
    assert_eq!(
        keys(Tree::Files, &[], &[]),
        (0..1000u16).map(|n| n.to_be_bytes().to_vec()).collect::<Vec<_>>()
    );
    assert_eq!(
        keys(Tree::Files, &[1], &[1, 250]),
        (506..512u16).map(|n| n.to_be_bytes().to_vec()).collect::<Vec<_>>()
    );
    assert_eq!(keys(Tree::Tickets, &[255], &[]), [[255, 255]]);
    let mut removed = Writes::default();
    removed.set(Tree::Tickets, vec![255, 255], None);
    engine.apply(&removed).unwrap();
    assert_eq!(engine.get(Tree::Tickets, &[255, 255]).unwrap(), None);
    assert_eq!(engine.get(Tree::Files, &300u16.to_be_bytes()).unwrap(), Some(vec![44; 300]));
    // What was written once cannot be written over, whoever asks.
    let mut leaf = Writes::default();
    leaf.set(Tree::LogLeaves, vec![0; 8], Some(vec![1]));
    engine.apply(&leaf).unwrap();
    assert!(engine.apply(&leaf).is_err());
    assert!(engine.get(Tree::LogLeaves, &[0; 8]).unwrap().is_some());
}

/// A server elsewhere, which is anything but a socket file or a loopback address: a name, too.
#[test]
fn elsewhere_means_tls_with_a_certificate_that_the_named_authority_has_signed() {
    let Some(server) = Server::with_schema() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let openssl = |words: &str| {
        let made =
            Command::new("openssl").args(words.split(' ')).current_dir(folder.path()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
    openssl(&format!("req -x509 {KEY} -keyout ca.key -out ca.pem -subj /CN=ours"));
    openssl(&format!("req -x509 {KEY} -keyout other.key -out other.pem -subj /CN=other"));
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out s.csr -subj /CN=localhost",
    );
    std::fs::write(at("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n").unwrap();
    openssl(
        "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile names",
    );
    std::fs::write(at("password"), "correct horse").unwrap();
    std::fs::set_permissions(at("password"), Permissions::from_mode(0o600)).unwrap();
    server.sql("postgres", "ALTER ROLE mifeng_whole PASSWORD 'correct horse'");
    let open_with = |ca: &str| {
        let file = server.file("mifeng", "mifeng_whole");
        let file = file.replace(&server.folder.display().to_string(), "localhost");
        let (password, ca) = (at("password"), at(ca));
        let more = format!("password_file = \"{}\"\nca = \"{}\"\n", password.display(), ca.display());
        postgres::engine(&(file + &more))
    };
    let why = open_with("ca.pem").err().unwrap().to_string();
    assert!(why.contains("TLS"), "in clear it is not even asked: {why}");

    // Where the server may read them.
    let data = server.folder.join("data");
    let owner = std::fs::metadata(&data).unwrap();
    for name in ["server.crt", "server.key"] {
        std::fs::copy(at(name), data.join(name)).unwrap();
        std::fs::set_permissions(data.join(name), Permissions::from_mode(0o600)).unwrap();
        chown(data.join(name), Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    server.sql("postgres", "ALTER SYSTEM SET ssl = on");
    server.sql("postgres", "SELECT pg_reload_conf()");
    let begun = Instant::now();
    while server.sql("postgres", "SHOW ssl").trim() != "on" {
        assert!(begun.elapsed() < Duration::from_secs(60), "the server did not take up TLS");
        std::thread::sleep(Duration::from_millis(50));
    }
    let engine = open_with("ca.pem").unwrap();
    assert_eq!(engine.get(Tree::Cases, b"none").unwrap(), None);
    let sealed = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'mifeng_whole'";
    assert_eq!(server.sql("postgres", sealed).trim(), "t");
    let why = open_with("other.pem").err().unwrap().to_string();
    assert!(why.contains("certificate"), "{why}");
}
