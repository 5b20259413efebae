//! Kill it at any moment, cut the power at any moment: every acknowledged report is found, whole.
//!
//! A short form by default; `make torture` for the long one, or `MIFENG_TORTURE_ROUNDS=20`. `kill -9` cannot see
//! what a power cut loses (the kernel still holds the writes), so the second story freezes the writer, copies
//! the *disk* under a mounted file system, and opens the copy. It needs the right to mount and says so where
//! it has none.

mod store_support;

use mifeng::store::{Cases, FileKind, Refused, Reports, Rewards, Store, backup, sled::SledEngine};
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, atomic::AtomicU64, atomic::Ordering},
    time::{Duration, Instant},
};
use store_support::*;

/// Tells the child where to write; its presence makes [`writer`] one.
const FOLDER: &str = "MIFENG_TORTURE_FOLDER";
/// Any value: the child leaves the sync out.
const UNSYNCED: &str = "MIFENG_TORTURE_UNSYNCED";
/// Reports the child starts counting from.
const FROM: &str = "MIFENG_TORTURE_FROM";
const WRITERS: u64 = 8;

fn rounds(short: u64) -> u64 {
    match std::env::var("MIFENG_TORTURE") {
        Ok(how) if how == "full" => 100,
        _ => std::env::var("MIFENG_TORTURE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(short),
    }
}

/// Not a test of its own: the child process, writing until it is stopped. Prints a line for every answer.
#[test]
#[ignore = "started by the stories below"]
fn writer() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let from: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    let store = open_in(Path::new(&folder), std::env::var(UNSYNCED).is_ok()).unwrap();
    let next = AtomicU64::new(from);
    std::thread::scope(|threads| {
        for _ in 0..WRITERS {
            threads.spawn(|| {
                while std::env::var(FOLDER).is_ok() {
                    write_one(&store, next.fetch_add(1, Ordering::SeqCst));
                }
            });
        }
    });
}

/// A report, then, for some, a file and an addition; each told once it is acknowledged.
fn write_one(store: &Store, n: u64) {
    let number = store.submit(submission_of(n, &narrative(n))).wait().unwrap();
    told(&format!("report {n} {number}"));
    if n.is_multiple_of(3) {
        let mut upload = store.begin_file(report(n), FileKind::Original { sequence: 0 }).unwrap();
        for part in file(n).chunks(50_000) {
            store.append(&mut upload, part).wait().unwrap();
        }
        let blob = upload.blob();
        store.attach(vec![upload], add("a file")).wait().unwrap();
        told(&format!("file {n} {blob}"));
    }
    if n.is_multiple_of(2) {
        store.act(report(n), add("more")).wait().unwrap();
        told(&format!("more {n} -"));
    }
}

fn told(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ACK {line}").and_then(|()| out.flush()).unwrap();
}

fn narrative(n: u64) -> String {
    format!("{n}: ").repeat((n % 400) as usize + 1)
}

fn file(n: u64) -> Vec<u8> {
    (0..(n * 7919) % 200_000).map(|i| ((i * n) % 251) as u8).collect()
}

fn open_in(folder: &Path, unsynced: bool) -> Result<Store, mifeng::store::OpenRefused> {
    let data = folder.join("data");
    let engine =
        if unsynced { SledEngine::open_without_sync_for_torture(&data)? } else { SledEngine::open(&data)? };
    open(Arc::new(engine), &folder.join("keys"))
}

/// A writing child and what it has had acknowledged.
struct Writer {
    child: Child,
    acknowledged: Arc<Mutex<Vec<String>>>,
    reader: std::thread::JoinHandle<()>,
}

impl Writer {
    fn start(folder: &Path, from: u64, unsynced: bool) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "writer", "--ignored", "--nocapture"]);
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

    fn heard(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// Until `least` answers were heard, and then a little, never twice the same.
    fn run(&mut self, least: usize, moment: u64) {
        let begun = Instant::now();
        while self.heard() < least {
            assert!(self.child.try_wait().unwrap().is_none(), "the writer ended by itself");
            assert!(begun.elapsed() < Duration::from_secs(120), "the writer is stuck at {}", self.heard());
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(moment * 7_919 % 60_000));
    }

    /// Returns once every thread has stopped: one that runs on for a moment could still acknowledge.
    fn freeze(&self) {
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

    fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.join().unwrap();
        std::mem::take(&mut *self.acknowledged.lock().unwrap())
    }
}

/// What is wrong with the store, given what was acknowledged. Empty: nothing is.
fn losses(folder: &Path, acknowledged: &[String]) -> Vec<String> {
    let store = match open_in(folder, false) {
        Ok(store) => store,
        Err(refused) => return vec![format!("cannot be opened: {refused}")],
    };
    let mut lost = Vec::new();
    for line in acknowledged {
        let mut words = line.split(' ');
        let (what, n) = (words.next().unwrap(), words.next().unwrap().parse().unwrap());
        let told = words.next().unwrap();
        if let Err(why) = is_there(&store, what, n, told) {
            lost.push(format!("{line}: {why}"));
        }
    }
    match store.check() {
        Ok(checked) => lost.extend(checked.problems),
        Err(refused) => lost.push(format!("cannot be checked: {refused}")),
    }
    lost
}

fn is_there(store: &Store, what: &str, n: u64, told: &str) -> Result<(), String> {
    let refused = |refused: Refused| refused.to_string();
    let found = store.find(&locator(n), &auth(n)).map_err(refused)?.ok_or("not found by its receipt")?;
    let case = &found.dossier.case;
    if what == "report" && (case.number.to_string() != told || case.content.narrative != narrative(n)) {
        return Err("another case".into());
    }
    if what == "more" && !case.additions.iter().any(|addition| addition.text == "more") {
        return Err("the addition is gone".into());
    }
    if what == "file" {
        let blob = told.parse().map_err(|_| "no blob id")?;
        let chunks = Rewards::original(store, case.number, blob).map_err(refused)?;
        let bytes = chunks.collect::<Result<Vec<_>, _>>().map_err(refused)?.concat();
        if bytes != file(n) {
            return Err("the file has changed".into());
        }
    }
    Ok(())
}

#[test]
fn whatever_was_acknowledged_before_a_kill_is_there_afterwards() {
    // In memory where there is any: this story needs no disk, and syncs there wait for nobody else's writes.
    let shm = Path::new("/dev/shm");
    let folder = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
    let (mut acknowledged, mut total) = (Vec::new(), 0);
    let rounds = rounds(6);
    for round in 0..rounds {
        // A fresh database now and then: creation is where others failed.
        let place = folder.path().join(format!("{}", round / 10));
        if round % 10 == 0 {
            acknowledged.clear();
            std::fs::create_dir_all(&place).unwrap();
        }
        let mut writer = Writer::start(&place, round * 1_000_000, false);
        writer.run(if round % 5 == 4 { 0 } else { 60 }, round + 1);
        let now = writer.kill();
        total += now.len();
        acknowledged.extend(now);
        assert_eq!(losses(&place, &acknowledged), Vec::<String>::new(), "round {round}");
    }
    println!("kill -9: {rounds} rounds, {total} acknowledgements, none lost");
}

/// An ext4 file system in a file, mounted; unmounted when dropped.
struct Disk {
    image: PathBuf,
    mounted: PathBuf,
}

impl Disk {
    /// `None`, with the reason printed, where mounting is not allowed.
    fn mount(image: PathBuf, mounted: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&mounted).unwrap();
        // No journal commit of its own accord: what survives is what was synced.
        let options = "loop,commit=600";
        let mount = Command::new("mount").args(["-o", options]).arg(&image).arg(&mounted).output();
        match mount {
            Ok(output) if output.status.success() => Some(Self { image, mounted }),
            Ok(output) => skip(&String::from_utf8_lossy(&output.stderr)),
            Err(why) => skip(&why.to_string()),
        }
    }

    fn fresh(folder: &Path, bytes: u64) -> Option<Self> {
        let image = folder.join("disk.img");
        std::fs::File::create(&image).unwrap().set_len(bytes).unwrap();
        match Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image).status() {
            Ok(status) if status.success() => Self::mount(image, folder.join("mounted")),
            _ => skip("mkfs.ext4 is not there"),
        }
    }

    /// The disk as it is this instant, without what only the kernel holds.
    fn cut(&self, folder: &Path) -> Option<Self> {
        let image = folder.join("cut.img");
        let copied = Command::new("cp").arg("--sparse=always").arg(&self.image).arg(&image).status().unwrap();
        assert!(copied.success());
        Self::mount(image, folder.join("cut"))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(&self.mounted).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} stays mounted", self.mounted.display());
        }
        let _ = std::fs::remove_file(&self.image);
    }
}

fn skip(why: &str) -> Option<Disk> {
    println!("SKIPPED the power cut: this machine does not allow a loop mount ({})", why.trim());
    None
}

/// Cuts the power under a writer; gives the acknowledgements and what was lost. `None`: not possible here.
fn power_cut(folder: &Path, lives: u64, moment: u64, unsynced: bool) -> Option<(usize, Vec<String>)> {
    let disk = Disk::fresh(folder, 320 << 20)?;
    let mut acknowledged = Vec::new();
    for life in 0..lives {
        let mut writer = Writer::start(&disk.mounted, life * 1_000_000, unsynced);
        writer.run(40, moment + life);
        if life + 1 < lives {
            acknowledged.extend(writer.kill());
            continue;
        }
        writer.freeze();
        // Whatever the pipe still holds was acknowledged before the cut.
        let cut = disk.cut(folder);
        acknowledged.extend(writer.kill());
        let cut = cut?;
        let lost = losses(&cut.mounted, &acknowledged);
        return Some((acknowledged.len(), lost));
    }
    None
}

#[test]
fn whatever_was_acknowledged_before_a_power_cut_is_there_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let (rounds, mut total) = (rounds(2), 0);
    for round in 0..rounds {
        // A fresh database in one round, an existing one in the next.
        let Some((acknowledged, lost)) = power_cut(folder.path(), round % 2 + 1, round, false) else {
            return;
        };
        assert_eq!(lost, Vec::<String>::new(), "round {round}, {acknowledged} acknowledged");
        total += acknowledged;
    }
    println!("power cut: {rounds} rounds, {total} acknowledgements, none lost");
}

#[test]
fn without_the_sync_a_power_cut_does_lose_reports() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let Some((acknowledged, lost)) = power_cut(folder.path(), 1, round, true) else { return };
        if !lost.is_empty() {
            println!("without the sync: {} of {acknowledged} lost, e.g. {}", lost.len(), lost[0]);
            return;
        }
    }
    panic!("three power cuts without a sync lost nothing: this test no longer sees what it is there to see");
}

#[test]
fn a_full_disk_refuses_what_comes_and_keeps_what_came() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::fresh(folder.path(), 160 << 20) else { return };
    let store = open_in(&disk.mounted, false).unwrap();
    let submit = |n| store.submit(submission_of(n, &narrative(n))).wait();
    submit(1).unwrap();
    let mut upload = store.begin_file(report(1), FileKind::Original { sequence: 0 }).unwrap();
    store.append(&mut upload, &file(1)).wait().unwrap();

    let filler = disk.mounted.join("filler");
    let mut growing = std::fs::File::create(&filler).unwrap();
    while growing.write_all(&[7; 1 << 20]).is_ok() {}
    assert!(matches!(submit(2), Err(Refused::DiskFull)));
    assert!(matches!(store.append(&mut upload, &file(2)).wait(), Err(Refused::DiskFull)));
    assert!(matches!(store.attach(vec![upload], add("a file")).wait(), Err(Refused::UploadBroken)));
    is_there(&store, "report", 1, "2026-000001").unwrap();
    // A backup streams elsewhere, and needs nothing of this disk.
    let (key, mut backup) = (age::x25519::Identity::generate(), Vec::new());
    let moment = store.snapshot().unwrap();
    backup::seal(moment.engine(), &[key.to_public()], day(), &mut backup, &mut |_| ()).unwrap();
    drop(moment);
    assert_eq!(backup::verify(&backup[..], &key).unwrap().1["cases"].count, 1);

    drop(growing);
    std::fs::remove_file(filler).unwrap();
    let number = submit(2).unwrap().to_string();
    drop(store);
    let told = ["report 1 2026-000001".to_owned(), format!("report 2 {number}")];
    assert_eq!(losses(&disk.mounted, &told), Vec::<String>::new());
}

/// A check of the checker: it does notice.
#[test]
fn a_loss_would_be_noticed() {
    let folder = tempfile::tempdir().unwrap();
    drop(open_in(folder.path(), true).map(|store| {
        store.submit(submission_of(1, &narrative(1))).wait().unwrap();
        assert_eq!(store.select(&|_| true, &|a, b| a.number.cmp(&b.number), 0, 9).total, 1);
    }));
    assert!(losses(folder.path(), &["report 1 2026-000001".into()]).is_empty());
    assert_eq!(losses(folder.path(), &["report 2 2026-000002".into()]).len(), 1);
    assert_eq!(losses(folder.path(), &["more 1 -".into()]).len(), 1);
    assert_eq!(losses(folder.path(), &[format!("file 1 {}", "0".repeat(32))]).len(), 1);
}
