//! Why nobody may be served from a data folder, in a file of it: found by whoever looks into the folder, too.

use super::{Refused, engine::Notice};
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

const FILE: &str = "NOT-IN-USE";

/// What stands in this folder.
pub fn found(folder: &Path) -> Result<Option<Notice>, Refused> {
    let text = match std::fs::read_to_string(folder.join(FILE)) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(failed(&e)),
    };
    let mut lines = text.lines().map(str::to_owned);
    let (text, token) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    Ok(Some(Notice { token, text }))
}

/// Two lines, the sentence first. Written aside and moved: it is there whole, or not at all. `handle`: the folder's own.
pub fn put(folder: &Path, handle: &File, notice: Option<&Notice>) -> Result<(), Refused> {
    let (path, aside) = (folder.join(FILE), folder.join(format!("{FILE}.new")));
    match notice {
        Some(Notice { token, text }) => {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&aside)
                .map_err(|e| failed(&e))?;
            file.write_all(format!("{text}\n{token}\n").as_bytes()).map_err(|e| failed(&e))?;
            file.sync_all().and_then(|()| std::fs::rename(&aside, &path)).map_err(|e| failed(&e))?;
        }
        None => match std::fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(failed(&e)),
            _ => {}
        },
    }
    handle.sync_all().map_err(|e| failed(&e))
}

fn failed(cause: &std::io::Error) -> Refused {
    Refused::Failed(format!("{FILE}: {cause}"))
}
