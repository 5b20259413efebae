//! Changed bytes, truncated and missing files, by seeds: a server either starts and shows what is right, or says what it
//! cannot read, or does not start and names the file. It never shows anything wrong, and never comes up emptier than it was
//! without a word.

use crate::{
    rounds,
    store_support::*,
    writing::{Loss, attach_to, is_there, narrative, open_in},
};
use mifeng::store::{OpenRefused, Reports, Store};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const FOLDER: &str = "MIFENG_TORTURE_DAMAGED";
const REPORTS: u64 = 40;

/// In the folder: what was acknowledged.
const TOLD: &str = "acknowledged";

/// Not a test of its own: opens a damaged folder as a server does, and says what it finds.
#[test]
#[ignore = "started by the stories beside it"]
fn reader() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = Path::new(&folder);
    let acknowledged = fs::read_to_string(folder.join(TOLD)).unwrap();
    let store = match open_in(folder, false) {
        Ok(store) => store,
        Err(refused) => return println!("\nNOT-OPENED {refused}"),
    };
    for line in acknowledged.lines() {
        // A request that breaks off is a page that says so.
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| is_there(&store, line)));
        match looked {
            Ok(Ok(())) => println!("\nRIGHT {line}"),
            Ok(Err(Loss::Gone(why))) => println!("\nGONE {line}: {why}"),
            Ok(Err(Loss::Wrong(why))) => println!("\nWRONG {line}: {why}"),
            Ok(Err(Loss::Refused(why))) => println!("\nREFUSED {line}: {why}"),
            Err(_) => println!("\nBROKE-OFF {line}"),
        }
    }
    let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.check()));
    match checked {
        Ok(Ok(checked)) => println!("\nPROBLEMS {}", checked.problems.len() + checked.forgotten),
        Ok(Err(refused)) => println!("\nPROBLEMS check refused: {refused}"),
        Err(_) => println!("\nPROBLEMS the check broke off"),
    }
    println!("\nREAD");
    // What a damaged database does when it is closed is of no matter: nothing was written.
    std::process::exit(0);
}

fn fill(store: &Store) -> Vec<String> {
    let mut told = Vec::new();
    for n in 1..=REPORTS {
        let number = store.submit(submission_of(n, &narrative(n))).wait().unwrap();
        told.push(format!("report {n} {number}"));
        if n % 5 == 0 {
            told.push(format!("file {n} {}", attach_to(store, n).unwrap()));
        }
        if n % 2 == 0 {
            store.act(report(n), add("more")).wait().unwrap();
            told.push(format!("more {n} -"));
        }
    }
    told
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let at = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::copy(file, at).unwrap();
    }
}

/// Does one kind of harm to one file; tells which.
fn harm(folder: &Path, rng: &mut StdRng) -> String {
    let mut files = files(folder);
    files.retain(|file| !file.ends_with(TOLD));
    let file = &files[rng.random_range(0..files.len())];
    let mut bytes = fs::read(file).unwrap();
    let len = bytes.len();
    let any = |rng: &mut StdRng| rng.random_range(0..len.max(1));
    let what = match rng.random_range(0..7) {
        0 if len > 0 => {
            let at = any(rng);
            bytes[at] ^= 1 << rng.random_range(0..8u8);
            format!("one bit at {at}")
        }
        1 if len > 0 => {
            let (at, run) = (any(rng), rng.random_range(1..64));
            bytes.iter_mut().skip(at).take(run).for_each(|byte| *byte = rng.random());
            format!("{run} bytes at {at}")
        }
        2 if len > 0 => {
            let at = any(rng) / 4096 * 4096;
            bytes.iter_mut().skip(at).take(4096).for_each(|byte| *byte = 0);
            format!("an empty page at {at}")
        }
        3 if len > 8192 => {
            let (from, to) = (any(rng) / 4096 * 4096, any(rng) / 4096 * 4096);
            let page: Vec<u8> = bytes.iter().skip(from).take(4096).copied().collect();
            bytes.iter_mut().skip(to).zip(page).for_each(|(byte, other)| *byte = other);
            format!("the page at {from} in the place of the one at {to}")
        }
        4 => {
            fs::remove_file(file).unwrap();
            return format!("{} removed", file.display());
        }
        5 => {
            bytes.clear();
            "emptied".into()
        }
        _ => {
            let at = any(rng);
            bytes.truncate(at);
            format!("cut off at {at}")
        }
    };
    fs::write(file, bytes).unwrap();
    format!("{}: {what}", file.display())
}

/// What a server on the folder says; a line of it each.
fn look(folder: &Path) -> Result<Vec<String>, String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "damage::reader", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(120) {
            child.kill().unwrap();
            return Err("it hangs".into());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        return Err(format!("{}: {said}{}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    let words = ["NOT-OPENED", "RIGHT", "GONE", "WRONG", "REFUSED", "BROKE-OFF", "PROBLEMS", "READ"];
    let lines = said.lines().filter(|line| words.iter().any(|word| line.starts_with(word)));
    Ok(lines.map(str::to_owned).collect())
}

/// What is not as it must be; `None`: all is.
fn fault(folder: &Path, said: &[String]) -> Option<String> {
    let some = |word: &str| said.iter().find(|line| line.starts_with(word)).cloned();
    if let Some(refused) = some("NOT-OPENED") {
        let named = refused.contains(&folder.display().to_string());
        return (!named).then(|| format!("names no place: {refused}"));
    }
    if let Some(wrong) = some("WRONG") {
        return Some(wrong);
    }
    let problems = some("PROBLEMS").unwrap_or_else(|| "PROBLEMS no word of the check".into());
    let lost = ["GONE", "REFUSED", "BROKE-OFF"].iter().find_map(|word| some(word));
    match lost {
        Some(lost) if problems == "PROBLEMS 0" => Some(format!("the check finds nothing, but {lost}")),
        _ if some("READ").is_none() => Some("it broke off".into()),
        _ => None,
    }
}

#[test]
fn a_damaged_folder_shows_what_is_right_or_says_what_is_not() {
    let shm = Path::new("/dev/shm");
    let temp = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
    let whole = temp.path().join("whole");
    fs::create_dir(&whole).unwrap();
    let told = fill(&open_in(&whole, false).unwrap());
    fs::write(whole.join(TOLD), told.join("\n")).unwrap();
    let first = std::env::var("MIFENG_TORTURE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let seeds = rounds(2) * 12;
    let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
    let mut faults = Vec::new();
    for seed in first..first + seeds {
        let folder = temp.path().join("harmed");
        copy(&whole, &folder);
        let done = harm(&folder, &mut StdRng::seed_from_u64(seed));
        let found = match look(&folder) {
            Ok(said) => {
                let is_whole = said.iter().filter(|line| line.starts_with("RIGHT")).count() == told.len();
                let refused = said.iter().any(|line| line.starts_with("NOT-OPENED"));
                let end = if refused {
                    "not started"
                } else if is_whole {
                    "all right"
                } else {
                    "in part"
                };
                *ends.entry(end).or_default() += 1;
                fault(&folder, &said)
            }
            Err(why) => Some(why),
        };
        faults.extend(found.map(|fault| format!("seed {seed}: {done}: {fault}")));
        fs::remove_dir_all(&folder).unwrap();
    }
    println!("damage: {seeds} seeds from {first}: {ends:?}");
    assert!(faults.is_empty(), "{} of {seeds}:\n{}", faults.len(), faults.join("\n"));
}

/// The key may be put back: until then nothing is written over.
#[test]
fn while_a_month_s_key_is_damaged_nobody_s_files_are_written_over() {
    let temp = tempfile::tempdir().unwrap();
    let store = open_in(temp.path(), false).unwrap();
    store.submit(submission_of(5, &narrative(5))).wait().unwrap();
    let blob = attach_to(&store, 5).unwrap();
    store.record_day(day(), None).wait().unwrap();
    drop(store);
    let key = temp.path().join("keys/2031-11.key");
    let whole = fs::read(&key).unwrap();
    let mut damaged = whole.clone();
    damaged[7] ^= 1;
    for harm in [Some(&damaged[..]), Some(&whole[..9]), None] {
        match harm {
            Some(bytes) => fs::write(&key, bytes).unwrap(),
            None => fs::remove_file(&key).unwrap(),
        }
        if harm.is_none() {
            let refused = open_in(temp.path(), false).err().unwrap();
            assert!(matches!(refused, OpenRefused::MonthsMissing { .. }), "{refused}");
            fs::write(&key, &whole).unwrap();
            is_there(&open_in(temp.path(), false).unwrap(), &format!("file 5 {blob}")).unwrap();
            continue;
        }
        let store = open_in(temp.path(), false).unwrap();
        assert!(is_there(&store, &format!("file 5 {blob}")).is_err());
        // A report of another month, with files of its own.
        let mut other = submission_of(6, &narrative(6));
        other.forget = mifeng::store::Month::of(jiff::civil::date(2032, 1, 1));
        store.submit(other).wait().unwrap();
        attach_to(&store, 6).unwrap();
        drop(store);
        fs::write(&key, &whole).unwrap();
        let store = open_in(temp.path(), false).unwrap();
        is_there(&store, &format!("file 5 {blob}")).unwrap();
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    }
}

/// As an opening leaves it that met a full disk, or in which the power was cut: sled takes what is there for its newest snapshot.
#[test]
fn an_opening_that_broke_off_leaves_nothing_that_stops_the_next() {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("data");
    let told = fill(&open_in(temp.path(), false).unwrap());
    // Only an opening writes a snapshot, and the first one of a folder has nothing to write.
    drop(open_in(temp.path(), false).unwrap());
    let snapshots = || {
        let mut files = files(&data);
        files.retain(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("snap.")));
        files
    };
    let plants = [
        ("an empty one, not finished", "snap.7000000000000000.generating", false),
        ("half of one, not finished", "snap.7000000000000000.generating", true),
        ("half of the newest, again", "NEWEST.generating", true),
        ("an empty one beside the older", "snap.7000000000000000", false),
        ("an empty one and no other", "NEWEST", false),
    ];
    for (what, name, is_half) in plants {
        let held = snapshots();
        assert_eq!(held.len(), 1, "{what}: {held:?}");
        let newest = held[0].file_name().unwrap().to_string_lossy();
        let bytes = fs::read(&held[0]).unwrap();
        let planted = data.join(name.replace("NEWEST", &newest));
        fs::write(&planted, &bytes[..if is_half { bytes.len() / 2 } else { 0 }]).unwrap();
        let store = open_in(temp.path(), false).unwrap_or_else(|refused| panic!("{what}: {refused}"));
        for line in &told {
            is_there(&store, line).unwrap_or_else(|loss| panic!("{what}: {line}: {loss}"));
        }
        assert_eq!(store.check().unwrap().problems, Vec::<String>::new(), "{what}");
        assert!(!planted.exists(), "{what}");
    }
    // One that is finished by its name and damaged is damage: it is told, and left to whoever looks into it.
    let planted = data.join("snap.7000000000000000");
    fs::write(&planted, "half").unwrap();
    let refused = open_in(temp.path(), false).err().unwrap().to_string();
    assert!(refused.contains("the database in it is damaged"), "{refused}");
    assert!(planted.exists());
}

#[test]
fn a_database_that_comes_up_empty_or_older_is_not_served_from() {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("data");
    let store = open_in(temp.path(), false).unwrap();
    store.submit(submission(1)).wait().unwrap();
    drop(store);
    let (older, newer) = (temp.path().join("older"), temp.path().join("newer"));
    copy(&data, &older);
    let store = open_in(temp.path(), false).unwrap();
    store.submit(submission(2)).wait().unwrap();
    drop(store);
    copy(&data, &newer);
    let refused = || open_in(temp.path(), false).err().unwrap().to_string();
    // An older database under the count of today; then none at all.
    for lost in [Some(&older), None] {
        fs::remove_dir_all(&data).unwrap();
        fs::create_dir(&data).unwrap();
        if let Some(older) = lost {
            copy(older, &data);
        }
        fs::copy(newer.join("groups.kept"), data.join("groups.kept")).unwrap();
        let why = refused();
        assert!(why.contains("groups of writes") && why.contains(&data.display().to_string()), "{why}");
    }
    fs::remove_dir_all(&data).unwrap();
    copy(&newer, &data);
    let store = open_in(temp.path(), false).unwrap();
    assert!(store.find(&locator(2), &auth(2)).unwrap().is_some());
}
