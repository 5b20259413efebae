//! PostgreSQL under several processes that write: killed, cut off, silent, full, read-only; and one of the processes killed.
//! Nothing that was acknowledged is lost, doubled or half there, and every process that lives goes on by itself.

use crate::{
    rounds,
    store_support::{
        postgres::{self, Server, signal},
        *,
    },
    writing::{DATABASE, Writer, losses, narrative, open_in},
};
use mifeng::{
    clock::FixedClock,
    store::{Refused, Reports, Store},
};
use rustix::process::Signal;
use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Processes that write at once.
const PROCESSES: u64 = 3;

/// Several writers on one database, and all they were told.
pub struct Crowd {
    pub server: Server,
    folder: tempfile::TempDir,
    writers: Vec<Writer>,
    started: u64,
    pub acknowledged: Vec<String>,
}

impl Crowd {
    pub fn start() -> Option<Self> {
        let server = Server::with_schema()?;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(DATABASE), server.file("mifeng", "mifeng_whole")).unwrap();
        let mut crowd = Self { server, folder, writers: Vec::new(), started: 0, acknowledged: Vec::new() };
        (0..PROCESSES).for_each(|_| crowd.one_more());
        Some(crowd)
    }

    fn one_more(&mut self) {
        self.writers.push(Writer::start(self.folder.path(), self.started * 10_000_000 + 1, false));
        self.started += 1;
    }

    /// Until each of them has been told so many more.
    pub fn hear(&mut self, more: usize) {
        self.writers.iter_mut().for_each(|writer| writer.hear(more));
    }

    /// What all of them were told so far.
    pub fn told(&self) -> usize {
        self.acknowledged.len() + self.writers.iter().map(Writer::heard).sum::<usize>()
    }

    /// `kill -9` of one; another takes its place.
    pub fn kill_one(&mut self) {
        let killed = self.writers.remove(0);
        self.acknowledged.extend(killed.kill());
        self.one_more();
    }

    /// Of the connections of those who write.
    fn backends(&self) -> Vec<i32> {
        let asked = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'mifeng-%'";
        let until = Instant::now() + BOUND;
        loop {
            let pids = self.server.sql("postgres", asked);
            if !pids.trim().is_empty() {
                return pids.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
            }
            assert!(Instant::now() < until, "nobody is connected");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// One kind of harm; tells which.
    pub fn harm(&mut self, kind: u64) -> &'static str {
        match kind % 6 {
            0 => {
                self.server.kill_whole();
                self.server.start_again();
                "PostgreSQL killed, all of it"
            }
            1 => {
                // As `pg_ctl stop -m immediate` does.
                signal(self.server.pid(), Signal::QUIT).unwrap();
                self.server.start_again();
                "PostgreSQL stopped at once"
            }
            2 => {
                // The others end with it: shared memory may be damaged.
                let backends = self.backends();
                // It may have ended by itself.
                let _ = signal(backends[kind as usize % backends.len()], Signal::KILL);
                "one of its connections killed"
            }
            3 => {
                self.backends();
                let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'mifeng-%'";
                self.server.sql("postgres", end);
                "every connection ended"
            }
            4 => {
                self.kill_one();
                "one process killed"
            }
            _ => {
                let pid = self.server.pid();
                signal(pid, Signal::KILL).unwrap();
                self.server.start_again();
                "its first process killed"
            }
        }
    }

    /// Ends all of them; what is missing, doubled or half there.
    pub fn end(mut self) -> (usize, Vec<String>) {
        for writer in std::mem::take(&mut self.writers) {
            self.acknowledged.extend(writer.kill());
        }
        (self.acknowledged.len(), losses(self.folder.path(), &self.acknowledged))
    }
}

#[test]
fn whatever_is_killed_of_several_processes_and_their_database_nothing_acknowledged_is_lost() {
    let Some(mut crowd) = Crowd::start() else { return };
    let rounds = rounds(6);
    crowd.hear(5);
    for round in 0..rounds {
        let (begun, what) = (Instant::now(), crowd.harm(round));
        let harmed = begun.elapsed();
        // Nobody is started again but who was killed: the others find the database by themselves.
        crowd.hear(4);
        println!("{what}, after {harmed:?}; everybody was told of more after {:?}", begun.elapsed());
    }
    let (acknowledged, lost) = crowd.end();
    assert_eq!(lost, Vec::<String>::new());
    println!("database: {rounds} times harmed, {acknowledged} acknowledgements, none lost");
}

/// Carries everything between the store and the server, until it is told to stand still: the connections that are there stay
/// open, what is sent is taken, and nothing comes back, as behind a firewall that has forgotten them.
struct Still {
    folder: PathBuf,
    is_still: Arc<AtomicBool>,
}

impl Still {
    fn before(server: &Server, folder: &Path) -> Self {
        let name = format!(".s.PGSQL.{}", server.port);
        let (listener, real) = (UnixListener::bind(folder.join(&name)).unwrap(), server.folder.join(&name));
        let is_still = Arc::new(AtomicBool::new(false));
        let told = is_still.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, UnixStream::connect(&real)) else { return };
                // Whoever connects anew gets through.
                let may_stop = !told.load(Ordering::SeqCst);
                let (back, forth) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                for (mut from, mut to) in [(client, forth), (server, back)] {
                    let told = told.clone();
                    std::thread::spawn(move || {
                        let mut bytes = [0; 65_536];
                        while let Ok(len @ 1..) = from.read(&mut bytes) {
                            let is_still = may_stop && told.load(Ordering::SeqCst);
                            if !is_still && to.write_all(&bytes[..len]).is_err() {
                                break;
                            }
                        }
                        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
                    });
                }
            }
        });
        Self { folder: folder.into(), is_still }
    }

    fn store(&self, server: &Server, keys: &Path) -> Store {
        let real = server.folder.display().to_string();
        let file = server.file("mifeng", "mifeng_whole").replace(&real, &self.folder.display().to_string());
        open(Arc::new(postgres::engine(&file).unwrap()), keys).unwrap()
    }
}

/// A test that waits longer has failed: no answer takes more than 20 seconds, twice where a connection is made anew.
const BOUND: Duration = Duration::from_secs(60);

fn passes<T: std::fmt::Debug>(answer: Result<T, Refused>) {
    assert!(matches!(answer, Err(Refused::Unavailable(_) | Refused::OutcomeUnknown(_))), "{answer:?}");
}

#[test]
fn a_connection_on_which_nothing_is_heard_is_given_up_and_another_is_made() {
    let Some(server) = Server::with_schema() else { return };
    let (wires, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let wire = Still::before(&server, wires.path());
    let store = wire.store(&server, keys.path());
    store.submit(submission(1)).wait().unwrap();
    // The connections that are there stand still for good; whoever connects anew gets through.
    wire.is_still.store(true, Ordering::SeqCst);
    std::thread::scope(|threads| {
        threads.spawn(|| passes(store.submit(submission(2)).wait()));
        // Every reader's connection, asked at once; a lost one is put once more, on another.
        let readers: Vec<_> = (0..8).map(|_| threads.spawn(|| store.find(&locator(1), &auth(1)))).collect();
        let heard = readers.into_iter().map(|reader| reader.join().unwrap());
        for answer in heard {
            assert!(matches!(&answer, Ok(Some(_)) | Err(Refused::Unavailable(_))), "{answer:?}");
        }
    });
    // And by itself it goes on, while the old connections still hang.
    let until = Instant::now() + BOUND;
    while store.submit(submission(3)).wait().is_err() || store.find(&locator(1), &auth(1)).is_err() {
        assert!(Instant::now() < until, "it does not come back");
        std::thread::sleep(Duration::from_millis(50));
    }
    for _ in 0..20 {
        assert!(store.find(&locator(1), &auth(1)).unwrap().is_some());
    }
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

/// Raised by the server when a disk is full.
fn refusing(server: &Server, code: &str, words: &str) {
    server.sql(
        "mifeng",
        &format!(
            "CREATE OR REPLACE FUNCTION mifeng.harm() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = '{code}'; END $$; \
             CREATE TRIGGER harm BEFORE INSERT ON mifeng.reports EXECUTE FUNCTION mifeng.harm()"
        ),
    );
}

#[test]
fn a_database_that_is_full_or_read_only_refuses_what_comes_and_keeps_what_came() {
    let Some(server) = Server::with_schema() else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(DATABASE), server.file("mifeng", "mifeng_whole")).unwrap();
    let store = open_in(folder.path(), false).unwrap();
    let submit = |n| store.submit(submission_of(n, &narrative(n))).wait();
    let mut told = vec![format!("report 1 {}", submit(1).unwrap())];

    refusing(&server, "53100", "could not extend file: No space left on device");
    let refused = submit(2).unwrap_err();
    assert!(matches!(refused, Refused::Unavailable(_)), "{refused:?}");
    assert!(refused.to_string().contains("No space left on device (53100)"), "{refused}");
    assert!(store.find(&locator(1), &auth(1)).unwrap().is_some());
    server.sql("mifeng", "DROP TRIGGER harm ON mifeng.reports");
    told.push(format!("report 2 {}", submit(2).unwrap()));

    // As after a failed disk, or on the wrong machine of a cluster. Waits until they are gone: one still there would write.
    let end = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'mifeng-%' AND pg_terminate_backend(pid, 30000)";
    server.sql("postgres", "ALTER DATABASE mifeng SET default_transaction_read_only = on");
    assert_ne!(server.sql("postgres", end).trim(), "0", "nobody was connected");
    let refused = submit(3).unwrap_err();
    assert!(matches!(refused, Refused::Unavailable(_)), "{refused:?}");
    assert!(refused.to_string().contains("database does not allow writes"), "{refused}");
    server.sql("postgres", "ALTER DATABASE mifeng RESET default_transaction_read_only");
    let until = Instant::now() + BOUND;
    let number = loop {
        match submit(3) {
            Ok(number) => break number,
            Err(refused) => assert!(Instant::now() < until, "{refused}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    told.push(format!("report 3 {number}"));
    drop(store);
    assert_eq!(losses(folder.path(), &told), Vec::<String>::new());
}

/// Its clock says how old a chunk is: ahead, it would have those of an upload under way taken out.
#[test]
fn where_the_database_s_clock_says_another_day_nothing_is_swept() {
    let Some(server) = Server::with_schema() else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(DATABASE), server.file("mifeng", "mifeng_whole")).unwrap();
    let store = open_in(folder.path(), false).unwrap();
    store.submit(submission(1)).wait().unwrap();
    let today: mifeng::clock::Day = server.sql("postgres", "SELECT current_date").trim().parse().unwrap();
    assert_eq!(store.sweep(&FixedClock::at(today)).unwrap(), 0);
    let other = today.checked_sub(jiff::Span::new().days(365)).unwrap();
    let refused = store.sweep(&FixedClock::at(other)).unwrap_err().to_string();
    assert!(
        refused.contains(&format!("the database's clock says {today}, and {other} is served by")),
        "{refused}"
    );
}
