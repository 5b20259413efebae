//! What an opening that broke off leaves in the folder, and how much room the next one needs.
//!
//! At its opening sled writes a snapshot of where its pages lie: aside, as `snap.<LSN>.generating`, synced, renamed to
//! `snap.<LSN>`; then it removes the older one. The next opening takes the last by name of all that begin with `snap.`, *one
//! that was never finished, too*, and calls the database damaged for it. Where there is no snapshot it reads the whole log,
//! which holds the same. So what is not finished can go, and what is empty; what is whole, or only looks it, stays.

use crate::store::OpenRefused;
use rustix::{
    fs::{FlockOperation, flock, fstatvfs},
    io::Errno,
};
use std::{
    fs::{File, OpenOptions},
    io::ErrorKind,
    path::Path,
};

/// Free bytes without which nothing is opened, beside a new snapshot.
const ROOM: u64 = 8 << 20;

/// Takes away what is not finished, while no other process has the folder, and sees that there is room to open it.
pub fn make_ready(folder: &Path, handle: &File) -> Result<(), OpenRefused> {
    let unusable = |cause: &dyn std::fmt::Display| OpenRefused::folder(folder, cause);
    // What sled locks. A server that runs holds it, and what it is just writing is not ours to remove.
    let database = match OpenOptions::new().read(true).write(true).open(folder.join("db")) {
        Ok(database) => database,
        Err(e) if e.kind() == ErrorKind::NotFound => return has_room(folder, handle, ROOM),
        Err(e) => return Err(unusable(&e)),
    };
    match flock(&database, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Err(OpenRefused::InUse(folder.to_owned())),
        Err(e) => return Err(unusable(&e)),
    }
    let swept = sweep(folder, handle);
    // Not by closing it alone: a program started at this moment has a copy of the handle, and would keep sled out.
    let _ = flock(&database, FlockOperation::Unlock);
    let longest = swept.map_err(|e| unusable(&e))?;
    // The new snapshot lies beside the old one until it is whole, and may be longer.
    has_room(folder, handle, longest.saturating_mul(2).saturating_add(ROOM))
}

/// The length of the longest snapshot that stays. What was removed is gone for good once this returns.
fn sweep(folder: &Path, handle: &File) -> std::io::Result<u64> {
    let (mut removed, mut longest) = (0_u64, 0);
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(is_finished) = name.to_str().and_then(finished) else { continue };
        let held = entry.metadata()?;
        if !held.is_file() {
            continue;
        }
        if is_finished && held.len() > 0 {
            longest = held.len().max(longest);
            continue;
        }
        std::fs::remove_file(entry.path())?;
        removed += 1;
    }
    if removed > 0 {
        handle.sync_all()?;
        tracing::warn!(
            files = removed,
            "an opening of the database had broken off: removed what it left unfinished"
        );
    }
    Ok(longest)
}

/// Whether a snapshot of this name was written to its end; `None`: sled gives no snapshot such a name.
fn finished(name: &str) -> Option<bool> {
    let rest = name.strip_prefix("snap.")?;
    let (number, is_finished) = match rest.strip_suffix(".generating") {
        Some(number) => (number, false),
        None => (rest, true),
    };
    let is_number = number.len() == 16 && number.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    is_number.then_some(is_finished)
}

fn has_room(folder: &Path, handle: &File, needed: u64) -> Result<(), OpenRefused> {
    // Where the file system does not tell, or counts nothing, sled finds out.
    let Ok(volume) = fstatvfs(handle) else { return Ok(()) };
    let free = volume.f_bavail.saturating_mul(volume.f_frsize);
    if volume.f_blocks > 0 && free < needed {
        return Err(OpenRefused::NoRoom { folder: folder.to_owned(), mebibytes: needed.div_ceil(1 << 20) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_sled_names_so_and_never_finished_or_filled_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let handle = File::open(folder.path()).unwrap();
        let stays = [
            ("db", ""),
            ("conf", ""),
            ("snap.000000000000ABCD", "bytes"),
            ("snap.000000000000abcd.generating", ""),
            ("snap.ABCD.generating", ""),
            ("snap.000000000000ABCD.generating.copy", ""),
            ("copy.snap.000000000000ABCD.generating", ""),
            ("snap.", ""),
        ];
        let goes = [
            ("snap.000000000000ABCD.generating", ""),
            ("snap.000000000000ABCE.generating", "half"),
            ("snap.000000000000ABCF", ""),
        ];
        for (name, bytes) in stays.iter().chain(&goes) {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        std::fs::create_dir(folder.path().join("snap.0000000000000000.generating")).unwrap();
        assert_eq!(sweep(folder.path(), &handle).unwrap(), 5);
        for (name, _) in stays {
            assert!(folder.path().join(name).exists(), "{name}");
        }
        for (name, _) in goes {
            assert!(!folder.path().join(name).exists(), "{name}");
        }
        assert!(folder.path().join("snap.0000000000000000.generating").exists());
    }

    #[test]
    fn too_little_room_is_said_with_the_folder_and_that_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let handle = File::open(folder.path()).unwrap();
        has_room(folder.path(), &handle, 0).unwrap();
        let refused = has_room(folder.path(), &handle, u64::MAX).unwrap_err();
        assert!(matches!(refused, OpenRefused::NoRoom { .. }), "{refused}");
        let words = refused.to_string();
        assert!(
            words.contains("othing is lost") && words.contains(&folder.path().display().to_string()),
            "{words}"
        );
    }
}
