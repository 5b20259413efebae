//! What a trustee's or the office's machine remembers: which recipient set and log it trusts, and the last it saw.
//!
//! ```text
//! DIR/recipient-set.json   the signed set          DIR/recipient-set.pin   its fingerprint
//! DIR/log.vkey             the log's public key    DIR/memory.json         last tree seen, last roster number
//! DIR/checkpoint           the last checkpoint, cosigned by this machine
//! DIR/restored             trees this machine had seen and has let go of, one a line, after the server was restored
//! DIR/lock                 held while memory.json is read and written again
//! ```

use crate::{
    config::file,
    log::{
        checkpoint::LogKey,
        closing::{self, Closed},
        proof::Seen,
    },
    recipients::{Fingerprint, RecipientSet, UntrustedSet},
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{DirBuilder, File},
    io::Write,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

const NEXT_SET: &str = "recipient-set.next.json";
const LOG_KEY: &str = "log.vkey";
const MEMORY: &str = "memory.json";
const CHECKPOINT: &str = "checkpoint";
const RESTORED: &str = "restored";
const LOCK: &str = "lock";

#[derive(Debug, thiserror::Error)]
pub enum StateRefused {
    #[error("{}: {why}", path.display())]
    File { path: PathBuf, why: String },
    #[error("this machine has no recipient set yet: run the init command first")]
    NotInitialised,
    #[error("this machine trusts another log already: {0}")]
    OtherLog(LogKey),
    #[error("this machine has no log key yet: run the init command with --log-vkey")]
    NoLogKey,
    #[error("the log's closed keys lead to another key than the one that was read out: {0}")]
    LeadsElsewhere(LogKey),
    #[error(
        "the old key's last word is of a log of {0} entries, which is not the one this machine has seen more of"
    )]
    EndsBefore(u64),
    #[error(
        "another run on this machine has seen another log of {0} entries meanwhile: give nothing, and tell the other trustees"
    )]
    Forked(u64),
    #[error("this machine has seen no other log than this one of {0} entries: there is nothing to let go of")]
    NothingLost(u64),
    #[error(transparent)]
    Set(#[from] crate::recipients::SetRefused),
    #[error(transparent)]
    LogKey(#[from] crate::log::checkpoint::CheckpointRefused),
}

/// What is remembered from one use to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    pub seen: Option<Seen>,
    /// The highest roster of approvers met; an older one is refused.
    pub roster: u32,
}

/// An opened state folder.
pub struct State {
    folder: PathBuf,
    pub set: RecipientSet,
    log: Option<LogKey>,
    pub memory: Memory,
}

/// As far as two trees can be compared without a proof.
fn holds(later: &Seen, earlier: &Seen) -> bool {
    later.size > earlier.size || later == earlier
}

impl State {
    /// Pins a first set by its fingerprint, or takes a later one that the office and enough trustees of the pinned
    /// one have signed. The log's key is taken once and never changed.
    pub fn pin(
        folder: &Path,
        set_file: &Path,
        fingerprint: &Fingerprint,
        log: Option<LogKey>,
    ) -> Result<Self, StateRefused> {
        let text = read(set_file)?;
        let untrusted = UntrustedSet::parse(&text)?;
        let set = untrusted.given(fingerprint)?;
        let (old_log, memory) = match Self::open(folder) {
            Ok(old) => {
                if old.set.fingerprint() != set.fingerprint() {
                    untrusted.following(&old.set)?;
                }
                (old.log, old.memory)
            }
            Err(StateRefused::NotInitialised) => (None, Memory::default()),
            Err(other) => return Err(other),
        };
        let log = match (old_log, log) {
            (Some(old), Some(new)) if old != new => return Err(StateRefused::OtherLog(old)),
            (old, new) => old.or(new),
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|e| StateRefused::File { path: folder.into(), why: e.to_string() })?;
        write(&folder.join(NEXT_SET), text.as_bytes())?;
        if let Some(log) = &log {
            write(&folder.join(LOG_KEY), format!("{log}\n").as_bytes())?;
        }
        // Without the pin the folder counts as empty, and with an old one the old set is still there.
        write(&folder.join(file::PIN), format!("{fingerprint}\n").as_bytes())?;
        write(&folder.join(file::SET), text.as_bytes())?;
        Ok(Self { folder: folder.into(), set, log, memory })
    }

    pub fn open(folder: &Path) -> Result<Self, StateRefused> {
        if !folder.join(file::PIN).exists() {
            return Err(StateRefused::NotInitialised);
        }
        let pin: Fingerprint = read(&folder.join(file::PIN))?.trim().parse()?;
        let set = |name: &str| Ok(UntrustedSet::parse(&read(&folder.join(name))?)?.pinned(&pin)?);
        // Broken off after the pin was written, the set is under its first name.
        let set = set(file::SET).or_else(|why: StateRefused| set(NEXT_SET).map_err(|_| why))?;
        let log = match folder.join(LOG_KEY) {
            path if path.exists() => Some(read(&path)?.trim().parse()?),
            _ => None,
        };
        Ok(Self { folder: folder.into(), set, log, memory: kept(folder)? })
    }

    /// Goes on to a log key that the pinned one leads to; `new` is that key as its holders read it out, for whoever has
    /// stolen the old one can lead elsewhere.
    pub fn follow_log(&mut self, new: &LogKey, closed: &[Closed]) -> Result<(), StateRefused> {
        let (now, passed) = closing::follow(self.log()?, closed)?;
        if now != *new {
            return Err(StateRefused::LeadsElsewhere(now));
        }
        // What this machine has seen under the old key, that key's last word holds, too.
        let last = passed.last().filter(|last| self.memory.seen.is_some_and(|seen| !holds(last, &seen)));
        if let Some(last) = last {
            return Err(StateRefused::EndsBefore(last.size));
        }
        // From now on the log is held to the tree at which the old key ended, as if this machine had seen it.
        if let Some(end) =
            passed.last().filter(|end| self.memory.seen.is_none_or(|seen| seen.size < end.size))
        {
            self.remember(Memory { seen: Some(*end), ..self.memory.clone() }, None)?;
        }
        write(&self.folder.join(LOG_KEY), format!("{now}\n").as_bytes())?;
        self.log = Some(now);
        Ok(())
    }

    pub fn log(&self) -> Result<&LogKey, StateRefused> {
        self.log.as_ref().ok_or(StateRefused::NoLogKey)
    }

    /// On the disk before anything rests on it. What another run has remembered meanwhile is not taken back: of two trees the
    /// larger stays, and of two rosters the later.
    pub fn remember(&mut self, memory: Memory, checkpoint: Option<&[u8]>) -> Result<(), StateRefused> {
        let _alone = self.alone()?;
        let kept = kept(&self.folder)?;
        let is_behind = match (kept.seen, memory.seen) {
            (Some(kept), Some(new)) if kept.size == new.size && kept.root != new.root => {
                return Err(StateRefused::Forked(kept.size));
            }
            (Some(kept), new) => new.is_none_or(|new| new.size < kept.size),
            (None, _) => false,
        };
        let seen = if is_behind { kept.seen } else { memory.seen };
        self.keep(Memory { seen, roster: memory.roster.max(kept.roster) })?;
        match checkpoint {
            Some(note) if !is_behind => write(&self.folder.join(CHECKPOINT), note),
            _ => Ok(()),
        }
    }

    /// After the server was restored from an older backup, its log is shorter than the one this machine has seen, or has gone
    /// on otherwise. From now on `now` is what it has seen; what it had seen stays in a file, as evidence. For whoever has
    /// compared both with all other trustees: it is what a server that hides something would ask for, too.
    pub fn accept_restored(&mut self, now: Seen) -> Result<(), StateRefused> {
        let _alone = self.alone()?;
        let kept = kept(&self.folder)?;
        let was = kept.seen.filter(|was| *was != now).ok_or(StateRefused::NothingLost(now.size))?;
        let path = self.folder.join(RESTORED);
        let mut text = if path.exists() { read(&path)? } else { String::new() };
        text.push_str(&format!("{} {}\n", was.size, was.root));
        write(&path, text.as_bytes())?;
        self.keep(Memory { seen: Some(now), ..kept })
    }

    fn keep(&mut self, memory: Memory) -> Result<(), StateRefused> {
        // Unwrap safety: numbers and strings only.
        write(&self.folder.join(MEMORY), serde_json::to_string_pretty(&memory).unwrap().as_bytes())?;
        self.memory = memory;
        Ok(())
    }

    /// Until it is dropped no other run changes what is remembered.
    fn alone(&self) -> Result<File, StateRefused> {
        let path = self.folder.join(LOCK);
        let locked = File::create(&path).and_then(|file| file.lock().map(|()| file));
        locked.map_err(|e| StateRefused::File { path, why: e.to_string() })
    }
}

fn kept(folder: &Path) -> Result<Memory, StateRefused> {
    let path = folder.join(MEMORY);
    if !path.exists() {
        return Ok(Memory::default());
    }
    serde_json::from_str(&read(&path)?).map_err(|e| StateRefused::File { path, why: e.to_string() })
}

fn read(path: &Path) -> Result<String, StateRefused> {
    std::fs::read_to_string(path).map_err(|e| StateRefused::File { path: path.into(), why: e.to_string() })
}

/// Aside, synced, then renamed: never half a file.
fn write(path: &Path, bytes: &[u8]) -> Result<(), StateRefused> {
    let aside = path.with_extension("new");
    let all = || -> std::io::Result<()> {
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&aside, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    all().map_err(|e| StateRefused::File { path: path.into(), why: e.to_string() })
}
