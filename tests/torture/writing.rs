//! A process that writes and tells each acknowledgement, to be killed; and the search for what it was told.

use crate::store_support::{postgres, *};
use mifeng::store::{FileKind, OpenRefused, Refused, Reports, Rewards, Store, sled::SledEngine};
use std::{
    fmt,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Tells the child where to write; its presence makes [`writer`] one.
const FOLDER: &str = "MIFENG_TORTURE_FOLDER";
/// Any value: the child leaves the sync out.
const UNSYNCED: &str = "MIFENG_TORTURE_UNSYNCED";
/// Reports the child starts counting from.
const FROM: &str = "MIFENG_TORTURE_FROM";
const WRITERS: u64 = 8;
/// In the folder: it names a database, and nothing is written to `data` then.
pub const DATABASE: &str = "postgres.toml";

/// Not a test of its own: the child process, writing until it is stopped. Prints a line for every answer.
#[test]
#[ignore = "started by the stories beside it"]
fn writer() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let from: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    let store = open_in(Path::new(&folder), std::env::var(UNSYNCED).is_ok()).unwrap();
    let next = AtomicU64::new(from);
    std::thread::scope(|threads| {
        for _ in 0..WRITERS {
            threads.spawn(|| {
                while std::env::var(FOLDER).is_ok() {
                    match write_one(&store, next.fetch_add(1, Ordering::SeqCst)) {
                        Ok(()) => {}
                        // What a reporter is told as "try again".
                        Err(Refused::Unavailable(_) | Refused::OutcomeUnknown(_) | Refused::Busy) => {
                            std::thread::sleep(Duration::from_millis(20));
                        }
                        Err(refused) => panic!("{refused}"),
                    }
                }
            });
        }
    });
}

/// A report, then, for some, a file and an addition; each told once it is acknowledged.
fn write_one(store: &Store, n: u64) -> Result<(), Refused> {
    let number = store.submit(submission_of(n, &narrative(n))).wait()?;
    told(&format!("report {n} {number}"));
    if n.is_multiple_of(3) {
        let blob = attach_to(store, n)?;
        told(&format!("file {n} {blob}"));
    }
    if n.is_multiple_of(2) {
        store.act(report(n), add("more")).wait()?;
        told(&format!("more {n} -"));
    }
    Ok(())
}

/// Gives the file's number.
pub fn attach_to(store: &Store, n: u64) -> Result<String, Refused> {
    let mut upload = store.begin_file(report(n), FileKind::Original { sequence: 0 })?;
    for part in file(n).chunks(50_000) {
        store.append(&mut upload, part).wait()?;
    }
    let blob = upload.blob();
    store.attach(vec![upload], add("a file")).wait()?;
    Ok(blob.to_string())
}

fn told(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ACK {line}").and_then(|()| out.flush()).unwrap();
}

pub fn narrative(n: u64) -> String {
    format!("{n}: ").repeat((n % 400) as usize + 1)
}

pub fn file(n: u64) -> Vec<u8> {
    (0..(n * 7919) % 200_000).map(|i| ((i * n) % 251) as u8).collect()
}

pub fn open_in(folder: &Path, unsynced: bool) -> Result<Store, OpenRefused> {
    let keys = folder.join("keys");
    if let Ok(database) = std::fs::read_to_string(folder.join(DATABASE)) {
        return open(Arc::new(postgres::engine(&database)?), &keys);
    }
    let data = folder.join("data");
    let again = Instant::now();
    let engine = loop {
        let opened =
            if unsynced { SledEngine::open_without_sync_for_torture(&data) } else { SledEngine::open(&data) };
        match opened {
            // sled lets its folder go a moment after it was dropped.
            Err(OpenRefused::InUse(_)) if again.elapsed() < Duration::from_secs(5) => {
                std::thread::sleep(Duration::from_millis(10));
            }
            opened => break opened?,
        }
    };
    open(Arc::new(engine), &keys)
}

/// A writing child and what it has had acknowledged.
pub struct Writer {
    child: Child,
    acknowledged: Arc<Mutex<Vec<String>>>,
    reader: std::thread::JoinHandle<()>,
}

impl Writer {
    pub fn start(folder: &Path, from: u64, unsynced: bool) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "writing::writer", "--ignored", "--nocapture"]);
        command.env(FOLDER, folder).env(FROM, from.to_string());
        if unsynced {
            command.env(UNSYNCED, "1");
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let heard = acknowledged.clone();
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // The first one may share its line with the test harness.
                if let Some((_, told)) = line.split_once("ACK ") {
                    heard.lock().unwrap().push(told.to_owned());
                }
            }
        });
        Self { child, acknowledged, reader }
    }

    pub fn heard(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// Until so many more answers are heard.
    pub fn hear(&mut self, more: usize) {
        let (begun, least) = (Instant::now(), self.heard() + more);
        while self.heard() < least {
            assert!(self.child.try_wait().unwrap().is_none(), "the writer ended by itself");
            assert!(begun.elapsed() < Duration::from_secs(120), "the writer is stuck at {}", self.heard());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Until `more` answers were heard, and then a little, never twice the same.
    pub fn run(&mut self, more: usize, moment: u64) {
        self.hear(more);
        std::thread::sleep(Duration::from_micros(moment * 7_919 % 60_000));
    }

    /// Returns once every thread has stopped: one that runs on for a moment could still acknowledge.
    pub fn freeze(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
        let stopped = || {
            let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
            threads.flatten().all(|thread| {
                let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
                stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T'))
            })
        };
        while !stopped() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.join().unwrap();
        std::mem::take(&mut *self.acknowledged.lock().unwrap())
    }
}

/// What is wrong with the store, given what was acknowledged. Empty: nothing is.
pub fn losses(folder: &Path, acknowledged: &[String]) -> Vec<String> {
    let store = match open_in(folder, false) {
        Ok(store) => store,
        Err(refused) => return vec![format!("cannot be opened: {refused}")],
    };
    let mut lost = Vec::new();
    for line in acknowledged {
        if let Err(why) = is_there(&store, line) {
            lost.push(format!("{line}: {why}"));
        }
    }
    match store.check() {
        Ok(checked) => lost.extend(checked.problems),
        Err(refused) => lost.push(format!("cannot be checked: {refused}")),
    }
    lost
}

/// How an acknowledged thing is not there.
#[derive(Debug)]
pub enum Loss {
    /// As if it had never been.
    Gone(&'static str),
    /// Something else in its place.
    Wrong(&'static str),
    Refused(Refused),
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Gone(what) | Loss::Wrong(what) => f.write_str(what),
            Loss::Refused(why) => why.fmt(f),
        }
    }
}

/// Looks for what a line of a writer tells.
pub fn is_there(store: &Store, line: &str) -> Result<(), Loss> {
    let mut words = line.split(' ');
    let (what, n) = (words.next().unwrap(), words.next().unwrap().parse().unwrap());
    let told = words.next().unwrap();
    let found = store.find(&locator(n), &auth(n)).map_err(Loss::Refused)?;
    let found = found.ok_or(Loss::Gone("not found by its receipt"))?;
    let case = &found.dossier.case;
    if case.content.narrative != narrative(n) {
        return Err(Loss::Wrong("another case"));
    }
    match what {
        "report" if case.number.to_string() != told => Err(Loss::Wrong("another case")),
        "more" if !case.additions.iter().any(|addition| addition.text == "more") => {
            Err(Loss::Gone("the addition is gone"))
        }
        "file" => {
            let blob = told.parse().map_err(|_| Loss::Gone("no blob id"))?;
            let chunks = Rewards::original(store, case.number, blob).map_err(Loss::Refused)?;
            let bytes = chunks.collect::<Result<Vec<_>, _>>().map_err(Loss::Refused)?.concat();
            if bytes == file(n) { Ok(()) } else { Err(Loss::Wrong("the file has changed")) }
        }
        _ => Ok(()),
    }
}
