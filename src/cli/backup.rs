//! `mifeng backup`: a consistent backup while the server goes on, and what can be said of one without any key to content.

/// What goes over the socket in the data folder.
pub mod ask;

use super::{Outcome, keyfile::save_secret, migrate, progress::Progress, serve};
use crate::{
    age_recipient,
    clock::{Clock, SystemClock},
    config::{Config, Mode, ServerKeys, check_private},
    place,
    store::{OpenRefused, Store, Sums, backup},
};
use age::{
    secrecy::ExposeSecret,
    x25519::{Identity as BackupKey, Recipient},
};
use clap::Subcommand;
use std::{
    fs::{File, OpenOptions},
    io::BufWriter,
    os::unix::{fs::OpenOptionsExt, net::UnixStream},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The file to write, which must not be there yet
    #[arg(long, value_name = "FILE", required = true)]
    to: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Make the key that opens backups, away from the server; prints the line for the file of MIFENG_BACKUP
    Key {
        /// The file to write, which must not be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Say whether a backup is whole, with the backup's key alone
    Verify {
        #[arg(long, value_name = "KEY")]
        key: PathBuf,
        file: PathBuf,
    },
}

pub fn run(args: Args) -> Outcome {
    match (args.command, args.to) {
        (Some(Command::Key { out }), _) => make_key(&out),
        (Some(Command::Verify { key, file }), _) => verify(&key, &file),
        (None, Some(to)) => make(&to),
        (None, None) => Err("name the file to write: mifeng backup --to FILE".into()),
    }
}

fn make_key(out: &Path) -> Outcome {
    let key = BackupKey::generate();
    let recipient = key.to_public();
    let text = Zeroizing::new(format!(
        "# mifeng backup key: keep it away from the server\n# {recipient}\n{}\n",
        key.to_string().expose_secret()
    ));
    save_secret(out, text.as_bytes())?;
    println!("{recipient}");
    Ok(())
}

pub fn load_key(path: &Path) -> Result<BackupKey, Box<dyn std::error::Error>> {
    let text =
        std::fs::read_to_string(path).map(Zeroizing::new).map_err(|e| format!("{}: {e}", path.display()))?;
    check_private(path)?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let key = lines.next().and_then(|line| line.parse().ok());
    key.ok_or_else(|| format!("{} has no line AGE-SECRET-KEY-1… that is an age key", path.display()).into())
}

/// To whom backups are sealed: a line each, `age1…`; empty lines and `#` lines are skipped.
pub fn recipients(path: &Path) -> Result<Vec<Recipient>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let found = lines
        .map(|line| {
            let refused = || format!("{}: {line:?} is no age recipient (mifeng backup key)", path.display());
            age_recipient::parse(line).ok_or_else(refused)
        })
        .collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() { Err(format!("{} names no recipient", path.display())) } else { Ok(found) }
}

/// Asks the server for one if it runs on the folder; makes it here otherwise.
fn make(to: &Path) -> Outcome {
    let config = Config::read(Mode::Demo, |name| std::env::var(name).ok())?;
    let Some(named) = &config.backup else {
        return Err(
            "MIFENG_BACKUP must name a file with the recipient of backups (mifeng backup key makes one)"
                .into(),
        );
    };
    let recipients = recipients(named)?;
    let mut aside = to.as_os_str().to_owned();
    aside.push(".unfinished");
    let aside = PathBuf::from(aside);
    if to.exists() {
        return Err(format!("{} is already there; backups are never written over", to.display()).into());
    }
    let refused = |e: std::io::Error| format!("{}: {e}", aside.display());
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside).map_err(refused)?;
    let sums = fill(&config, &recipients, &file).and_then(|sums| Ok(file.sync_all().map(|()| sums)?));
    if sums.is_err() {
        // Half a backup is none.
        let _ = std::fs::remove_file(&aside);
    }
    let sums = sums?;
    // A whole one stays, under whatever name.
    place::without_replacing(&aside, to).map_err(|e| {
        format!(
            "the backup is whole, and lies at {}: it could not be named {} ({e}). Give it a name yourself",
            aside.display(),
            to.display()
        )
    })?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| {
        format!("the backup is whole, and lies at {}; a power cut may take its name yet: {e}", to.display())
    })?;
    migrate::print(&sums);
    Ok(())
}

fn fill(config: &Config, to: &[Recipient], file: &File) -> Result<Sums, Box<dyn std::error::Error>> {
    let mut progress = Progress::new();
    let today = SystemClock.today();
    let mut told = |records| progress.count("records", records);
    let sums = if let Some(address) = serve::database(config)? {
        let engine = serve::open_engine(config, Some(address), serve::objects(config)?)?;
        if let Some(notice) = engine.notice()? {
            return Err(notice.text.into());
        }
        engine.freeze(Vec::new())?;
        backup::seal(&*engine, to, today, BufWriter::new(file), &mut told)?
    } else if let Ok(server) = UnixStream::connect(config.data.join(ask::SOCKET)) {
        ask::receive(server, BufWriter::new(file), &mut |bytes| progress.count("MiB", bytes >> 20))?
    } else {
        serve::holds_a_store(&config.data)?;
        let keys = ServerKeys::load(&config.keys, config.mode)?;
        let engine = serve::open_engine(config, None, serve::objects(config)?).map_err(|e| {
            let is_in_use = matches!(e.downcast_ref(), Some(OpenRefused::InUse(_)));
            let why = if is_in_use {
                ". If that is the server: it was started without MIFENG_BACKUP, and makes none"
            } else {
                ""
            };
            format!("{e}{why}")
        })?;
        let store = Store::open(engine, keys.set.instance(), &keys.root, keys.retention)?;
        let moment = store.snapshot()?;
        backup::seal(moment.engine(), to, today, BufWriter::new(file), &mut told)?
    };
    progress.end();
    Ok(sums)
}

fn verify(key: &Path, file: &Path) -> Outcome {
    let backup = File::open(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let (head, sums) =
        backup::verify(backup, &load_key(key)?).map_err(|e| format!("{}: {e}", file.display()))?;
    migrate::print(&sums);
    println!("Whole, of {}. What its records say stays sealed under the server's keys.", head.made);
    Ok(())
}
