//! `mifeng restore`: puts a backup into an empty data folder, or an empty database. The server must be stopped.

use super::{Outcome, backup::load_key, keys::alone::nobody_else, migrate, progress::Progress, serve};
use crate::{
    config::{self, Config},
    store::{
        backup::{self, Part, RestoreRefused},
        engine::Numbering,
        postgres::schema::Role,
    },
};
use std::{
    fs::File,
    io::Seek,
    path::{Path, PathBuf},
};

#[derive(clap::Args)]
pub struct Args {
    /// The key that opens backups
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    file: PathBuf,
}

pub fn run(args: &Args) -> Outcome {
    let config = Config::read(config::Mode::Demo, |name| std::env::var(name).ok())?;
    let key = load_key(&args.key)?;
    let mut from = File::open(&args.file).map_err(|e| format!("{}: {e}", args.file.display()))?;
    let database = serve::database(&config)?;
    if database.is_none() && holds_something(&config.data) {
        return Err(
            format!("{} is not empty; name an empty folder in MIFENG_DATA", config.data.display()).into()
        );
    }
    let mut progress = Progress::new();
    // All of it, before anything is made there: with another key, or a file that is not whole, there is nothing to clean up.
    let (mut seen, mut numbering) = (0, None);
    let mut look = |part: Part<'_>| {
        if let Part::Head(head) = part {
            numbering = Some(head.numbering);
        }
        seen += 1;
        progress.count("looked at", seen);
        Ok(())
    };
    backup::read_through(&from, &key, &mut look).map_err(|e| format!("{}: {e}", args.file.display()))?;
    let goes_into = if database.is_some() { Numbering::Scattered } else { Numbering::Dense };
    if let Some(numbering) = numbering.filter(|numbering| *numbering != goes_into) {
        return Err(RestoreRefused::OtherEngine(numbering, goes_into).into());
    }
    from.rewind().map_err(|e| format!("{}: {e}; a backup is read twice", args.file.display()))?;
    let engine = serve::open_engine(&config, database, serve::objects(&config)?)?;
    // A face that goes on tells reporters, out of the empty database, that there is no such receipt.
    nobody_else(&*engine, Role::Whole)?;
    let mut told = |records| progress.count("records", records);
    let (made, sums) = backup::restore(from, &key, &*engine, &mut told)?;
    progress.end();
    migrate::print(&sums);
    println!(
        "What was there on {made} is there again, read back and the same. Run mifeng check before the server."
    );
    Ok(())
}

/// A fresh volume has a folder for what is found on it after a crash.
fn holds_something(folder: &Path) -> bool {
    let Ok(mut held) = std::fs::read_dir(folder) else { return false };
    held.any(|entry| entry.map_or(true, |entry| entry.file_name() != "lost+found"))
}
