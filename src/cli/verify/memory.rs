//! What is remembered of a log on one machine.

use super::{Args, VerifyRefused};
use crate::{
    log::{checkpoint::LogKey, proof::Seen},
    transcript::sha256,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The file in which the log's last state is kept. It holds nothing about any report.
pub struct Memory(Option<PathBuf>);

impl Memory {
    pub fn of(args: &Args, log: &LogKey) -> Self {
        if args.forget {
            return Self(None);
        }
        Self(args.memory.clone().or_else(|| {
            let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
            let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
            // Named by key, so that another log, or a log with a new key, has its own.
            let name = hex::encode(&sha256(log.to_string().as_bytes())[..8]);
            Some(state.or_else(home)?.join("mifeng").join(format!("log-{name}.json")))
        }))
    }

    pub fn recall(&self) -> Result<Option<Seen>, VerifyRefused> {
        let Some(path) = &self.0 else { return Ok(None) };
        match fs::read(path) {
            // A spoilt memory is refused, not taken for none: forgetting is what an attacker would want.
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).map_err(|e| self.refused(e.into()))?)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(self.refused(cause)),
        }
    }

    /// Replaces the file in one step, so that a crash leaves the old or the new one.
    pub fn keep(&self, seen: &Seen) -> Result<(), VerifyRefused> {
        let Some(path) = &self.0 else { return Ok(()) };
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            let next = path.with_extension("next");
            fs::write(&next, serde_json::to_vec(seen)?)?;
            fs::File::open(&next)?.sync_all()?;
            fs::rename(&next, path)
        };
        write().map_err(|cause| self.refused(cause))
    }

    fn refused(&self, cause: io::Error) -> VerifyRefused {
        VerifyRefused::Memory { path: self.0.clone().unwrap_or_default(), cause }
    }
}
