//! Whether the folder of retention keys is the one this store was always used with. A process with another folder, or an
//! empty one, would take every case for forgotten, and write over their files.
//!
//! A random word lies in the folder, and in the store: written once, by whoever is first.

use super::{OpenRefused, Refused, Store, engine::Tree};
use rand::Rng;
use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// In the folder, beside the keys.
pub const FILE: &str = "folder.id";
const KEY: &[u8] = b"retention-folder";

impl Store {
    pub(super) fn check_retention_folder(&self) -> Result<(), OpenRefused> {
        let folder = self.core.records.retention.folder();
        let refused = |cause: std::io::Error| OpenRefused::folder(folder, &cause);
        let other = || OpenRefused::OtherRetention(folder.to_owned());
        let recorded: Option<String> = self.core.records.find(&*self.core.engine, Tree::Meta, KEY)?;
        let word = match (read(folder).map_err(refused)?, &recorded) {
            (Some(word), Some(recorded)) if word == *recorded => return Ok(()),
            (_, Some(_)) => return Err(other()),
            (Some(word), None) => word,
            (None, None) => draw(folder).map_err(refused)?,
        };
        let (core, ours) = (self.core.clone(), word.clone());
        let kept = self.committer.commit(move |txn| {
            if let Some(kept) = core.records.find::<String>(txn, Tree::Meta, KEY)? {
                return Ok(kept);
            }
            core.records.put(txn, Tree::Meta, KEY, &ours)?;
            Ok::<_, Refused>(ours)
        });
        // Another process may have been first, with a folder of its own.
        if kept.wait()? == word { Ok(()) } else { Err(other()) }
    }
}

fn read(folder: &Path) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(folder.join(FILE)) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Written aside and moved, over nothing: of two that draw at once the first one's stands.
fn draw(folder: &Path) -> std::io::Result<String> {
    let mut word = [0; 16];
    rand::rng().fill_bytes(&mut word);
    let aside = folder.join(format!("{FILE}.new-{}", hex::encode(word)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(format!("{}\n", hex::encode(word)).as_bytes()).and_then(|()| file.sync_all())?;
    match renameat_with(CWD, &aside, CWD, folder.join(FILE), RenameFlags::NOREPLACE) {
        Ok(()) => {}
        Err(Errno::EXIST) => std::fs::remove_file(&aside)?,
        Err(cause) => return Err(cause.into()),
    }
    File::open(folder).and_then(|folder| folder.sync_all())?;
    read(folder)?.ok_or_else(|| std::io::Error::new(ErrorKind::NotFound, FILE))
}
