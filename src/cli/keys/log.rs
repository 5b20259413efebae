//! `mifeng keys log …`: the old key's last word names the new key, and the log goes on; or the old one is lost and names none.
//! With the server stopped.

use super::{
    super::{Outcome, keyfile::save_secret, serve::offline},
    alone::may_write_over,
    log_key, read,
};
use crate::{
    config::{Config, Mode, closed_log, file},
    log::{
        checkpoint::LogKey,
        closing::{Closed, follow},
    },
    publisher::Publisher,
    signing::SigningKey,
};
use clap::Subcommand;
use std::{fs::File, io::Write, path::Path, sync::Arc};
use zeroize::Zeroizing;

#[derive(Subcommand)]
pub enum Command {
    /// Close the log's key with a checkpoint that names a new one; may be run again after a break
    Change,
    /// Draw a new key where log.key is lost and no backup has it; readers are not led to it. May be run again after a break
    Lost,
}

/// Where the new key waits until the old one's last word is on the disk.
const NEXT: &str = "log.key.next";

pub fn run(command: Command) -> Outcome {
    // Nothing is written over, but only so a process that signs on with the old key is seen.
    may_write_over()?;
    match command {
        Command::Change => change(),
        Command::Lost => lost(),
    }
}

/// Draws a key in the place of one that is lost. The store's last checkpoint is checked by the old public half before the new
/// key signs the same again; readers are not led on, for the old key can say no last word.
fn lost() -> Outcome {
    let folder = Config::read(Mode::Demo, |name| std::env::var(name).ok())?.keys;
    let (path, vkey) = (folder.join(file::LOG), folder.join(file::LOG_VKEY));
    let old: LogKey = read(&vkey)?.trim().parse()?;
    if !path.exists() {
        save_secret(&path, format!("{}\n", *SigningKey::generate(&mut rand::rng()).to_text()).as_bytes())?;
    }
    let new = SigningKey::parse(&Zeroizing::new(read(&path)?))?;
    if old == LogKey::new(old.name().clone(), new.verify_key()) {
        return Err(format!(
            "{} is there: nothing is lost. `mifeng keys log change` gives a log another key",
            path.display()
        )
        .into());
    }
    // Notes that lead to the lost key lead nobody any further.
    let closed = folder.join(file::LOG_CLOSED);
    if closed.exists() {
        std::fs::rename(&closed, closed.with_extension("json.lost"))?;
    }
    let (_, keys, store) = offline()?;
    let now = log_key(keys.set.instance(), &keys.log)?;
    let known = vec![Closed { key: old.to_string(), note: String::new() }];
    let publisher = Publisher::new(now.name().clone(), keys.log, Arc::new(store)).after(known);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(publisher.checkpoint())?;
    // Last: until it is written, the same command goes on.
    replace(&vkey, format!("{now}\n").as_bytes())?;
    println!("log key {now}");
    println!("Nobody is led to it: every holder, and every mini-program, takes it from paper");
    Ok(())
}

fn change() -> Outcome {
    let folder = Config::read(Mode::Demo, |name| std::env::var(name).ok())?.keys;
    let next = folder.join(NEXT);
    if !next.exists() {
        save_secret(&next, format!("{}\n", *SigningKey::generate(&mut rand::rng()).to_text()).as_bytes())?;
    }
    let new = SigningKey::parse(&Zeroizing::new(read(&next)?))?;
    let closed = closed_log(&folder)?;
    // Broken off after the last word was written: it names the new key already, and nothing more is signed with the old.
    let names_it = |last: &Closed| -> Result<bool, Box<dyn std::error::Error>> {
        let old: LogKey = last.key.parse()?;
        let new = LogKey::new(old.name().clone(), new.verify_key());
        Ok(follow(&old, &closed)?.0 == new)
    };
    if !closed.last().map(names_it).transpose()?.unwrap_or(false) {
        close(&folder, closed, &new)?;
    }
    let closed = closed_log(&folder)?;
    let last = closed.last().ok_or("the old key's last word is not on the disk")?;
    let log = follow(&last.key.parse()?, &closed)?.0;
    replace(&folder.join(file::LOG_VKEY), format!("{log}\n").as_bytes())?;
    std::fs::rename(&next, folder.join(file::LOG))?;
    File::open(&folder)?.sync_all()?;
    println!("log key {log}");
    println!(
        "Print it for the holders. Readers who have the old one on paper are led on by {}",
        file::LOG_CLOSED
    );
    Ok(())
}

fn close(folder: &Path, mut closed: Vec<Closed>, new: &SigningKey) -> Outcome {
    let (_, keys, store) = offline()?;
    let next = log_key(keys.set.instance(), new)?;
    let old = SigningKey::from_seed(*keys.log.seed());
    let publisher = Publisher::new(next.name().clone(), keys.log, Arc::new(store)).after(keys.closed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Signed, kept, and so all there is to the old key's log.
    let last = runtime.block_on(publisher.checkpoint())?;
    closed.push(Closed::sign(&old, last.checkpoint(), &next));
    replace(&folder.join(file::LOG_CLOSED), serde_json::to_string_pretty(&closed)?.as_bytes())
}

/// Aside, on the disk, then in its place.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Outcome {
    let aside = path.with_extension("new");
    let all = || -> std::io::Result<()> {
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&aside, path)?;
        // Of a bare name the parent is empty.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    all().map_err(|e| format!("{}: {e}", path.display()).into())
}
