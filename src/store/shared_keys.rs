//! Whether the folder of retention keys is the one this store was always used with. A process with another folder, or an
//! empty one, would take every case for forgotten, and write over their files.
//!
//! A random word lies in the folder, and in the store: written once, by whoever is first. Where one of the two has none, as
//! with a folder that was backed up before there was a word, the keys themselves are tried: the folder is taken if it opens
//! what the store holds of every month that is not over.

use super::{
    OpenRefused, Refused, Store,
    core::{Core, Sight},
    engine::Tree,
    retention::Month,
};
use crate::place;
use rand::Rng;
use std::{
    collections::BTreeMap,
    fmt,
    fs::{File, OpenOptions},
    io::{Error, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// In the folder, beside the keys.
pub const FILE: &str = "folder.id";
const KEY: &[u8] = b"retention-folder";

/// A folder of retention keys that a store does not take, and what to do.
#[derive(Debug)]
pub struct OtherFolder {
    folder: PathBuf,
    why: Why,
}

#[derive(Debug)]
enum Why {
    OtherWord,
    Lacks(Vec<Month>),
    CannotTell,
}

impl fmt::Display for OtherFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the folder {} is not the one this store's retention keys lie in: ",
            self.folder.display()
        )?;
        match &self.why {
            Why::OtherWord => write!(f, "the word in its {FILE} is not the store's. ")?,
            Why::Lacks(months) => {
                let named: Vec<String> = months.iter().take(6).map(Month::to_string).collect();
                let more = if months.len() > named.len() { " and later" } else { "" };
                write!(f, "it has no key, or another one, of {}{more}. ", named.join(", "))?;
            }
            Why::CannotTell => {
                return write!(
                    f,
                    "its {FILE}, or the store's record of it, is missing, and this process may not look which keys are needed. Start the console's process first, or run mifeng check as mifeng_whole: both look, and write what is missing"
                );
            }
        }
        f.write_str(
            "Without them cases would look forgotten, and files would be written over. Every process needs the same folder; after a loss put back the backup of all that was in it",
        )
    }
}

impl Store {
    pub(super) fn check_retention_folder(&self) -> Result<(), OpenRefused> {
        let folder = self.core.records.retention.folder();
        let unusable = |cause: Error| OpenRefused::folder(folder, &cause);
        let other = |why| OpenRefused::OtherRetention(OtherFolder { folder: folder.to_owned(), why });
        let recorded: Option<String> = self.core.records.find(&*self.core.engine, Tree::Meta, KEY)?;
        let found = read(folder).map_err(unusable)?;
        if let (Some(word), Some(recorded)) = (&found, &recorded) {
            return if word == recorded { Ok(()) } else { Err(other(Why::OtherWord)) };
        }
        if let Some(why) = self.core.why_not_these_keys()? {
            return Err(other(why));
        }
        let word = match (found, recorded) {
            (Some(word), _) => word,
            (None, recorded) => {
                let word = recorded.unwrap_or_else(draw);
                // Of two that write at once the first one's stands.
                let word = put(folder, &word).map_err(unusable)?;
                tracing::info!(file = FILE, "written into the folder of retention keys");
                word
            }
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
        if kept.wait()? == word { Ok(()) } else { Err(other(Why::OtherWord)) }
    }
}

impl Core {
    /// Whether the folder's keys open at least one case of every month in use that is not over.
    fn why_not_these_keys(&self) -> Result<Option<Why>, Refused> {
        let (engine, records) = (&*self.engine, &self.records);
        if self.sight == Sight::One {
            // What is in the log came with a report, or before the first one.
            return Ok((self.head_of(engine)?.size > 0).then_some(Why::CannotTell));
        }
        let mut opens: BTreeMap<Month, bool> = BTreeMap::new();
        // By the cases, which every process may list that is not the portal's.
        for entry in engine.scan(Tree::Cases, &[], &[]) {
            let (key, _) = entry?;
            let Some(wrapped) = engine.get(Tree::DataKeys, &key)? else { continue };
            let Ok(month) = records.vault.month_of(&key, &wrapped) else { continue };
            let opened = opens.entry(month).or_insert(records.retention.is_over(month));
            if *opened {
                continue;
            }
            *opened = match records.vault.unwrap(&key, &wrapped, |month| records.retention.find(month)) {
                Ok(_) => true,
                // Or one record is damaged: then another one of its month opens.
                Err(
                    Refused::Forgotten(_)
                    | Refused::KeyMissing(_)
                    | Refused::Damaged { .. }
                    | Refused::UnknownRootKey,
                ) => false,
                Err(refused) => return Err(refused),
            };
        }
        let lacks: Vec<Month> =
            opens.into_iter().filter(|(_, opened)| !opened).map(|(month, _)| month).collect();
        Ok(if lacks.is_empty() { None } else { Some(Why::Lacks(lacks)) })
    }
}

fn read(folder: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(folder.join(FILE)) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

fn draw() -> String {
    let mut word = [0; 16];
    rand::rng().fill_bytes(&mut word);
    hex::encode(word)
}

/// Writes it aside and moves it, over nothing. The word that lies there then.
fn put(folder: &Path, word: &str) -> Result<String, Error> {
    let aside = folder.join(format!("{FILE}.new-{}", draw()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(format!("{word}\n").as_bytes()).and_then(|()| file.sync_all())?;
    match place::without_replacing(&aside, &folder.join(FILE)) {
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => std::fs::remove_file(&aside)?,
        placed => placed?,
    }
    File::open(folder).and_then(|folder| folder.sync_all())?;
    read(folder)?.ok_or_else(|| Error::new(ErrorKind::NotFound, FILE))
}
