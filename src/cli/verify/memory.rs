//! What is remembered of a log on one machine: the largest tree that was checked, and by which key. Nothing about any report.
//!
//! The first key is believed as it was typed. The one its last word leads to is remembered with the tree, and from then on no key
//! from before signs this log here, whatever is served. A key that was typed and is new here is taken as from paper: that is how
//! a log goes on whose key was lost.

use super::{Args, VerifyRefused};
use crate::{
    log::{
        checkpoint::LogKey,
        closing::{self, Closed},
        proof::Seen,
    },
    transcript::sha256,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// Where it is kept.
pub enum Memory {
    /// `--forget`, or no home.
    Nowhere,
    /// `--memory`.
    File(PathBuf),
    /// A file for each key, so that another log, or a log with a new key that nobody was led to, has its own.
    Folder(PathBuf),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    #[serde(flatten)]
    seen: Seen,
    /// Which signed it; files from before keys were remembered do not say.
    #[serde(default)]
    key: Option<String>,
    /// Those that signed this log before.
    #[serde(default)]
    earlier: BTreeSet<String>,
}

/// The keys of a log as one reader meets them.
pub struct Keys<'a> {
    pub pinned: &'a LogKey,
    /// To which the pinned one leads.
    pub now: &'a LogKey,
    pub closed: &'a [Closed],
}

/// All that was remembered of one log.
#[derive(Default)]
pub struct Known(Vec<Remembered>);

impl Keys<'_> {
    fn ended(&self) -> Vec<LogKey> {
        closing::ended(self.now, self.closed)
    }
}

impl Known {
    pub fn seen(&self) -> impl Iterator<Item = Seen> {
        self.0.iter().map(|remembered| remembered.seen)
    }

    /// Refuses a log that is signed by a key from before the one that has signed it here.
    pub fn goes_on(&self, keys: &Keys) -> Result<(), VerifyRefused> {
        for remembered in &self.0 {
            let Some(known) = remembered.key.as_ref().and_then(|key| key.parse::<LogKey>().ok()) else {
                continue;
            };
            let leads_on = closing::follow(&known, keys.closed).is_ok_and(|(to, _)| to == *keys.now);
            let is_earlier = |key: &LogKey| remembered.earlier.contains(&key.to_string());
            if !leads_on && (is_earlier(keys.pinned) || is_earlier(keys.now)) {
                return Err(VerifyRefused::EarlierKey {
                    known: known.to_string(),
                    now: keys.now.to_string(),
                });
            }
        }
        Ok(())
    }
}

impl Memory {
    pub fn of(args: &Args) -> Self {
        if args.forget {
            return Self::Nowhere;
        }
        if let Some(file) = &args.memory {
            return Self::File(file.clone());
        }
        let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
        let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
        state.or_else(home).map_or(Self::Nowhere, |folder| Self::Folder(folder.join("mifeng")))
    }

    fn paths(&self, keys: &Keys) -> Vec<PathBuf> {
        match self {
            Self::Nowhere => Vec::new(),
            Self::File(file) => vec![file.clone()],
            Self::Folder(folder) => {
                let mut all = keys.ended();
                all.extend([keys.now.clone(), keys.pinned.clone()]);
                let name = |key: &LogKey| hex::encode(&sha256(key.to_string().as_bytes())[..8]);
                let names: BTreeSet<String> = all.iter().map(name).collect();
                names.into_iter().map(|name| folder.join(format!("log-{name}.json"))).collect()
            }
        }
    }

    pub fn recall(&self, keys: &Keys) -> Result<Known, VerifyRefused> {
        let mut known = Known::default();
        for path in self.paths(keys) {
            match fs::read(&path) {
                // A spoilt memory is refused, not taken for none: forgetting is what an attacker would want.
                Ok(bytes) => {
                    known.0.push(serde_json::from_slice(&bytes).map_err(|e| refused(&path, e.into()))?)
                }
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                Err(cause) => return Err(refused(&path, cause)),
            }
        }
        Ok(known)
    }

    pub fn keep(&self, seen: &Seen, keys: &Keys, known: Known) -> Result<(), VerifyRefused> {
        let now = keys.now.to_string();
        let mut earlier: BTreeSet<String> = keys.ended().iter().map(ToString::to_string).collect();
        for remembered in known.0 {
            earlier.extend(remembered.earlier.into_iter().chain(remembered.key));
        }
        earlier.remove(&now);
        let remembered = Remembered { seen: *seen, key: Some(now), earlier };
        self.paths(keys).iter().try_for_each(|path| write(path, &remembered).map_err(|e| refused(path, e)))
    }
}

/// Replaces the file in one step, so that a crash leaves the old or the new one.
fn write(path: &Path, remembered: &Remembered) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let next = path.with_extension("next");
    fs::write(&next, serde_json::to_vec(remembered)?)?;
    fs::File::open(&next)?.sync_all()?;
    fs::rename(&next, path)
}

fn refused(path: &Path, cause: io::Error) -> VerifyRefused {
    VerifyRefused::Memory { path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        log::{checkpoint::Checkpoint, tree::Hash},
        signing::SigningKey,
    };

    fn signing(n: u8) -> SigningKey {
        SigningKey::from_seed([n; 32])
    }

    fn log(n: u8) -> LogKey {
        LogKey::new("test/log".parse().unwrap(), signing(n).verify_key())
    }

    fn seen(size: u64) -> Seen {
        Seen { size, root: Hash([0; 32]) }
    }

    /// Key `from` says at `size` entries that `to` follows.
    fn ends(from: u8, size: u64, to: u8) -> Closed {
        let last = Checkpoint { origin: "test/log".parse().unwrap(), size, root: Hash([0; 32]) };
        Closed::sign(&signing(from), &last, &log(to))
    }

    /// Reads once, with this key in hand and this list served; as `verify` does once the checkpoint was opened.
    fn read(memory: &Memory, pinned: u8, closed: &[Closed]) -> Result<LogKey, VerifyRefused> {
        let pinned = log(pinned);
        let now = closing::follow(&pinned, closed).unwrap().0;
        let keys = Keys { pinned: &pinned, now: &now, closed };
        let known = memory.recall(&keys)?;
        known.goes_on(&keys)?;
        memory.keep(&seen(9), &keys, known)?;
        Ok(now)
    }

    fn each(story: impl Fn(&Memory)) {
        let folder = tempfile::tempdir().unwrap();
        story(&Memory::Folder(folder.path().join("folder")));
        story(&Memory::File(folder.path().join("file")));
    }

    fn is_refused(read: Result<LogKey, VerifyRefused>, known: u8) -> bool {
        matches!(read, Err(VerifyRefused::EarlierKey { known: told, .. }) if told == log(known).to_string())
    }

    #[test]
    fn a_key_that_was_led_to_stays_and_none_from_before_it_comes_back() {
        each(|memory| {
            assert_eq!(read(memory, 1, &[]).unwrap(), log(1), "believed as typed");
            let closed = [ends(1, 5, 2)];
            assert_eq!(read(memory, 1, &closed).unwrap(), log(2));
            assert_eq!(read(memory, 1, &closed).unwrap(), log(2));
            // The list of last words is kept from this reader, and the old key signs on.
            assert!(is_refused(read(memory, 1, &[]), 2));
            // Whoever has stolen the old key lets it lead elsewhere.
            assert!(is_refused(read(memory, 1, &[ends(1, 5, 7)]), 2));
            // The log goes on to a third key, whichever of the others is in hand.
            let closed = [ends(1, 5, 2), ends(2, 9, 3)];
            for pinned in [1, 2, 3] {
                assert_eq!(read(memory, pinned, &closed).unwrap(), log(3));
            }
            for pinned in [1, 2] {
                assert!(is_refused(read(memory, pinned, &[]), 3), "{pinned}");
            }
            assert!(is_refused(read(memory, 1, &[ends(1, 5, 2)]), 3), "half of the way");
        });
    }

    /// Of a reader who never had the old key, too: the list says that it ended.
    #[test]
    fn a_key_that_had_ended_before_this_reader_came_is_not_taken_later() {
        each(|memory| {
            assert_eq!(read(memory, 2, &[ends(1, 5, 2)]).unwrap(), log(2));
            assert!(is_refused(read(memory, 1, &[]), 2));
        });
    }

    #[test]
    fn a_key_from_paper_is_taken_where_the_one_before_it_was_lost() {
        each(|memory| {
            assert_eq!(read(memory, 1, &[]).unwrap(), log(1));
            assert_eq!(read(memory, 3, &[]).unwrap(), log(3));
        });
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::File(folder.path().join("file"));
        read(&memory, 1, &[]).unwrap();
        read(&memory, 3, &[]).unwrap();
        assert!(is_refused(read(&memory, 1, &[]), 3), "and the lost one no more");
    }

    #[test]
    fn what_was_remembered_before_keys_were_holds_the_log_to_its_tree() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, serde_json::to_vec(&seen(7)).unwrap()).unwrap();
        let (memory, key) = (Memory::File(file), log(1));
        let keys = Keys { pinned: &key, now: &key, closed: &[] };
        assert_eq!(memory.recall(&keys).unwrap().seen().collect::<Vec<_>>(), [seen(7)]);
        assert_eq!(read(&memory, 1, &[]).unwrap(), key);
    }
}
