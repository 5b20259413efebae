//! `mifeng trustee reshare destroy-old`: the key that opened shares of an earlier set goes, and its holder signs that it went.
//!
//! What it does not give: that no copy is left. A disk may keep what was written over (flash, snapshots, a file system that writes
//! aside), and so do backups and paper, which the holder destroys by hand.

use super::{
    super::{
        super::{Outcome, pins::Memory},
        asked,
    },
    Machine,
};
use crate::{
    clock::{Clock, SystemClock},
    place,
    reshare::EmptiedFile,
};
use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::{Path, PathBuf},
};

pub fn old(file: &EmptiedFile, machine: &Machine, also: &[PathBuf], yes: bool, out: &Path) -> Outcome {
    let (key, mut state) = machine.open()?;
    let known = file.check(&state.set.fingerprint())?;
    let published = file.proof.verify(state.log()?, state.memory.seen.as_ref())?;
    known.announced(&published)?;
    let (set, place) = known.place_of(&key.recipient(), &key.signing)?;
    // The key last: while one of the others resists, nothing is lost.
    let all: Vec<&Path> = also.iter().chain([&machine.key]).map(PathBuf::as_path).collect();
    // Before the first is gone.
    let aside = PathBuf::from(format!("{}.unfinished", out.display()));
    if out.symlink_metadata().is_ok() {
        return Err(format!("{} is there already", out.display()).into());
    }
    let mut places = BTreeSet::new();
    for path in &all {
        let is_file = path.symlink_metadata().map(|found| found.is_file());
        if !is_file.map_err(|e| format!("{}: {e}", path.display()))? {
            return Err(format!("{} is not a file by itself: name the file", path.display()).into());
        }
        if !places.insert(path.canonicalize()?) {
            return Err(format!("{} is named twice", path.display()).into());
        }
    }
    println!(
        "第 {set} 号名册第 {place} 位保管人的旧密钥将被销毁，无法恢复 / The old key of trustee {place} of set {set} will be destroyed, for good:"
    );
    all.iter().for_each(|path| println!("  {}", path.display()));
    println!(
        "只有在服务器已检查、新备份已核验、旧备份已收回之后才可以销毁；U 盘、纸上和备份里的副本要另行销毁。\n\
         Only after the server was checked, a new backup verified and the older ones withdrawn. Copies on sticks, on paper and in backups \
         are not reached by this: destroy them by hand."
    );
    if !yes && !asked("销毁？输入 yes 确认 / Type yes to destroy: ")? {
        return Err("nothing was destroyed".into());
    }
    let memory = Memory { seen: Some(published.seen()), ..state.memory.clone() };
    state.remember(memory, None)?;
    let word = known.destroyed((set, place), SystemClock.today(), &key.signing);
    drop(key);
    // Signed while there is a key to sign with; it gets its name when it is true.
    let mut unfinished = File::create_new(&aside).map_err(|e| format!("{}: {e}", aside.display()))?;
    unfinished.write_all(serde_json::to_string(&word)?.as_bytes())?;
    unfinished.sync_all()?;
    for path in all {
        destroy(path).map_err(|e| {
            format!("{}: {e}. It is not destroyed, and {} must not be used", path.display(), aside.display())
        })?;
    }
    place::without_replacing(&aside, out)
        .map_err(|e| format!("{}: {e}. What was signed lies in {}", out.display(), aside.display()))?;
    println!("{}: 请交给服务器管理员 / hand this to the server's operator", out.display());
    Ok(())
}

/// Written over, on the disk, then out of its folder.
fn destroy(path: &Path) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let length = file.metadata()?.len();
    std::io::copy(&mut std::io::repeat(0).take(length), &mut file)?;
    file.flush()?;
    file.sync_all()?;
    std::fs::remove_file(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
