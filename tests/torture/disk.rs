//! A disk of its own: the power is cut, it is full, it can be read only, it takes seconds for a sync.

use crate::{
    rounds,
    store_support::*,
    writing::{Writer, file, is_there, losses, narrative, open_in},
};
use mifeng::{
    clock::Day,
    store::{
        FileKind, OpenRefused, Refused, Reports, backup,
        engine::{Engine, Entries, Tree, Writes},
    },
};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

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
        let options = "loop,commit=600,errors=remount-ro";
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

    /// Tells the kernel of an error on it: from then on it can be read only.
    fn break_down(&self) {
        let device =
            Command::new("findmnt").args(["-n", "-o", "SOURCE"]).arg(&self.mounted).output().unwrap();
        let device = String::from_utf8(device.stdout).unwrap();
        let name = device.trim().rsplit('/').next().unwrap();
        std::fs::write(format!("/sys/fs/ext4/{name}/trigger_fs_error"), "planted").unwrap();
    }

    /// As an operator does it: unmounted, checked, mounted.
    fn mend(&self) {
        assert!(Command::new("umount").arg(&self.mounted).status().unwrap().success());
        let checked = Command::new("e2fsck").arg("-fy").arg(&self.image).output().unwrap();
        assert!(checked.status.code().is_some_and(|code| code < 4), "{checked:?}");
        let mount = ["-o", "loop"];
        let mounted = Command::new("mount").args(mount).arg(&self.image).arg(&self.mounted).status();
        assert!(mounted.unwrap().success());
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
    is_there(&store, "report 1 2026-000001").unwrap();
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

/// sled would break off, and leave a snapshot for which it calls the database damaged at every opening after it.
#[test]
fn an_opening_on_a_full_disk_is_refused_in_words_and_the_next_one_finds_all() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::fresh(folder.path(), 160 << 20) else { return };
    let store = open_in(&disk.mounted, false).unwrap();
    let mut told = Vec::new();
    for n in 1..=20 {
        let number = store.submit(submission_of(n, &narrative(n))).wait().unwrap();
        told.push(format!("report {n} {number}"));
    }
    drop(store);
    // What a program from before would have left there.
    let left = disk.mounted.join("data/snap.7000000000000000.generating");
    std::fs::write(&left, "").unwrap();
    let filler = disk.mounted.join("filler");
    let mut growing = std::fs::File::create(&filler).unwrap();
    while growing.write_all(&[7; 1 << 16]).is_ok() {}
    for _ in 0..2 {
        let refused = open_in(&disk.mounted, false).err().unwrap();
        assert!(matches!(refused, OpenRefused::NoRoom { .. }), "{refused}");
        let words = refused.to_string();
        assert!(words.contains("othing is lost") && words.contains("make room"), "{words}");
        assert!(!left.exists());
    }
    drop(growing);
    std::fs::remove_file(filler).unwrap();
    assert_eq!(losses(&disk.mounted, &told), Vec::<String>::new());
}

/// As the kernel does it after an error: read-only, under a server that writes.
#[test]
fn a_disk_that_can_be_read_only_stops_writes_for_good_and_keeps_what_came() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::fresh(folder.path(), 160 << 20) else { return };
    let store = open_in(&disk.mounted, false).unwrap();
    let submit = |store: &mifeng::store::Store, n| store.submit(submission_of(n, &narrative(n))).wait();
    let number = submit(&store, 1).unwrap();
    disk.break_down();
    let refused = submit(&store, 2).unwrap_err();
    assert!(matches!(refused, Refused::Stopped(_)), "{refused:?}");
    assert!(refused.to_string().contains("must be restarted"), "{refused}");
    is_there(&store, &format!("report 1 {number}")).unwrap();
    drop(store);
    let refused = open_in(&disk.mounted, false).err().unwrap().to_string();
    assert!(refused.contains(&disk.mounted.join("data").display().to_string()), "{refused}");
    assert!(refused.contains("ead-only"), "{refused}");
    disk.mend();
    let store = open_in(&disk.mounted, false).unwrap();
    submit(&store, 2).unwrap();
    drop(store);
    let told = [format!("report 1 {number}"), "report 2 2026-000002".into()];
    assert_eq!(losses(&disk.mounted, &told), Vec::<String>::new());
}

/// An engine whose syncs wait at a gate, and that says when the first has come there; or that fail.
struct Slow<E> {
    engine: E,
    gate: Arc<Mutex<()>>,
    waits: Arc<AtomicBool>,
    breaks: Arc<AtomicBool>,
}

impl<E> Slow<E> {
    fn wait(&self) {
        self.waits.store(true, Ordering::SeqCst);
        drop(self.gate.lock().unwrap());
    }
}

impl<E: Engine> Engine for Slow<E> {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        self.engine.get(tree, key)
    }
    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_> {
        self.engine.scan(tree, prefix, from)
    }
    fn apply(&self, writes: &Writes) -> Result<(), Refused> {
        self.engine.apply(writes)
    }
    fn sync(&self) -> Result<(), Refused> {
        self.wait();
        if self.breaks.load(Ordering::SeqCst) {
            return Err(Refused::Failed("planted".into()));
        }
        self.engine.sync()
    }
    fn write_slot(&self, slot: u64, bytes: &[u8]) -> Result<(), Refused> {
        self.engine.write_slot(slot, bytes)
    }
    fn read_slot(&self, slot: u64, len: usize) -> Result<Vec<u8>, Refused> {
        self.engine.read_slot(slot, len)
    }
    fn sync_slots(&self) -> Result<(), Refused> {
        self.wait();
        self.engine.sync_slots()
    }
    fn old_slots(&self, from: u64, today: Day) -> Result<Vec<u64>, Refused> {
        self.engine.old_slots(from, today)
    }
    fn free_bytes(&self) -> Option<u64> {
        self.engine.free_bytes()
    }
}

/// Threads of this process.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

#[test]
fn a_disk_that_takes_seconds_fills_a_queue_that_ends_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (gate, waits) = (Arc::new(Mutex::new(())), Arc::new(AtomicBool::new(false)));
    let (breaks, engine) = (Arc::default(), MemoryEngine::default());
    let engine = Slow { engine, gate: gate.clone(), waits: waits.clone(), breaks };
    let store = open(Arc::new(engine), folder.path()).unwrap();
    let before = threads();
    let reports: Vec<_> = (2..1_400).map(|n| (n, submission(n))).collect();
    // The store may have synced something of its own at its start.
    waits.store(false, Ordering::SeqCst);
    let closed = gate.lock().unwrap();
    let first = store.submit(submission(1));
    // Whoever comes while the first one is synced waits, up to a number; the others are told at once.
    patience::until("the first report is synced", || waits.load(Ordering::SeqCst));
    let asked = Instant::now();
    let waiting: Vec<_> = reports.into_iter().map(|(n, report)| (n, store.submit(report))).collect();
    assert!(store.find(&locator(1), &auth(1)).is_ok(), "who reads does not wait for the disk");
    let queued = asked.elapsed();
    // Other stories run beside this one: their threads come and go, but not by hundreds.
    assert!(threads() < before + 100, "{} threads, {before} before", threads());
    drop(closed);
    let mut numbers = vec![(1, first.wait().unwrap())];
    let mut busy = 0;
    for (n, commit) in waiting {
        match commit.wait() {
            Ok(number) => numbers.push((n, number)),
            Err(Refused::Busy) => busy += 1,
            Err(refused) => panic!("{refused}"),
        }
    }
    println!("slow disk: {} kept, {busy} told to try again, queued in {queued:?}", numbers.len());
    assert!(busy >= 300 && numbers.len() >= 1_000, "{busy} told to try again, {} kept", numbers.len());
    for (n, number) in numbers {
        assert_eq!(store.find(&locator(n), &auth(n)).unwrap().unwrap().dossier.case.number, number);
    }
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

/// It lies there, and may be gone at the next start: nobody's receipt opens it meanwhile as if it were kept.
#[test]
fn what_a_failed_sync_leaves_is_not_found_and_what_came_before_is() {
    let folder = tempfile::tempdir().unwrap();
    let breaks = Arc::new(AtomicBool::new(false));
    let (gate, waits, engine) = (Arc::default(), Arc::default(), MemoryEngine::default());
    let store = open(Arc::new(Slow { engine, gate, waits, breaks: breaks.clone() }), folder.path()).unwrap();
    store.submit(submission(1)).wait().unwrap();
    breaks.store(true, Ordering::SeqCst);
    let refused = store.submit(submission(2)).wait().unwrap_err();
    assert!(matches!(refused, Refused::Stopped(_)), "{refused:?}");
    let found = store.find(&locator(2), &auth(2)).err();
    assert!(matches!(found, Some(Refused::Stopped(_))), "{found:?}");
    assert!(store.find(&locator(1), &auth(1)).unwrap().is_some());
    assert!(store.find(&locator(3), &auth(3)).unwrap().is_none());
}
