//! `mifeng-office …`: the reward office, on a machine without a network, with the office's key.

mod check;
mod edit;
mod files;
mod interview;
mod terminal;
mod voucher;

pub use check::{NotOpened, Ready, check};
pub use edit::changes_between;
pub use files::{ReadyFiles, check_files};
pub use interview::{Asks, Outcome as Finding, interview};
pub use terminal::Terminal;
pub use voucher::Voucher;

use edit::{Cover, Cut, Desk, Sound, Wishes};

use super::{Outcome, keyfile::OfficeKeys, pins::State};
use crate::{
    award::release::ReleasePackage,
    clock::{Clock, Day, SystemClock},
    recipients::Fingerprint,
};
use clap::{Parser, Subcommand};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// mifeng-office (密封): opens one released identity, or one released original, offline.
#[derive(Parser)]
#[command(name = "mifeng-office", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Once: pin the recipient set this machine trusts
    Init {
        /// recipient-set.json
        #[arg(long)]
        set: PathBuf,
        /// As read out at the ceremony, not as copied from the file
        #[arg(long)]
        fingerprint: String,
        /// What this machine remembers
        #[arg(long)]
        state: PathBuf,
    },
    /// Open one original that was released as evidence; never an identity
    Files {
        /// As downloaded from the office's pages
        package: PathBuf,
        /// The sealed original, as downloaded beside it
        #[arg(long)]
        sealed: PathBuf,
        /// The office's working or recovery key file; more than once where the office has changed its keys since
        #[arg(long = "key", required = true)]
        keys: Vec<PathBuf>,
        #[arg(long)]
        state: PathBuf,
        /// The folder the original is written into; it must be there, and must not lie on a synchronised disk
        #[arg(long)]
        into: PathBuf,
    },
    /// Make the edited copy of an opened original: picture, film, recording or the pages of a PDF
    Edit {
        /// As `files` wrote it, or a page of it
        original: PathBuf,
        /// Paint over a place: X,Y,WIDTH,HEIGHT in pixels; in a film for some seconds, if @FROM-TO follows
        #[arg(long)]
        cover: Vec<Cover>,
        /// Show this place of a picture only: X,Y,WIDTH,HEIGHT
        #[arg(long)]
        crop: Option<Cover>,
        /// Leave out these seconds: FROM-TO
        #[arg(long)]
        cut: Vec<Cut>,
        /// What becomes of voices
        #[arg(long, value_enum, default_value_t = Sound::Voice)]
        sound: Sound,
        #[command(flatten)]
        desk: DeskArgs,
    },
    /// Compare a picture that another program has edited with its original
    Compare {
        original: PathBuf,
        copy: PathBuf,
        #[command(flatten)]
        desk: DeskArgs,
    },
    /// Open one release package, meet the person, write a voucher
    Open {
        /// As downloaded from the office's pages
        package: PathBuf,
        /// The office's working or recovery key file; more than once where the office has changed its keys since
        #[arg(long = "key", required = true)]
        keys: Vec<PathBuf>,
        #[arg(long)]
        state: PathBuf,
        /// Where the voucher goes
        #[arg(long)]
        voucher: PathBuf,
        /// Number of the voucher in the office's own books; by default case and award number
        #[arg(long)]
        number: Option<String>,
        /// Write payee and ID into the voucher, too
        #[arg(long)]
        with_name: bool,
        /// Show the person on standard output though it is no terminal; for rehearsals
        #[arg(long, hide = true)]
        rehearsal: bool,
    },
}

#[derive(clap::Args)]
struct DeskArgs {
    /// The office's working key file: it signs how the copy differs
    #[arg(long)]
    key: PathBuf,
    #[arg(long)]
    state: PathBuf,
    /// The folder that copy and statement are written into
    #[arg(long)]
    into: PathBuf,
    /// For which request, if the file's name does not say it: 2026-000417-F1
    #[arg(long)]
    request: Option<String>,
}

impl From<DeskArgs> for Desk {
    fn from(DeskArgs { key, state, into, request }: DeskArgs) -> Self {
        Self { key, state, into, request }
    }
}

#[cfg(test)]
pub(super) fn words() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Runs the command named on the command line.
pub fn main() -> ExitCode {
    super::write_for_us_alone();
    // A crash must not write what is in memory to the disk.
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let outcome = rustix::process::setrlimit(rustix::process::Resource::Core, none)
        .map_err(|e| format!("core dumps could not be switched off: {e}").into())
        .and_then(|()| run(Cli::parse().command));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("mifeng-office: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Outcome {
    let today = SystemClock.today();
    match command {
        Command::Init { set, fingerprint, state } => {
            let fingerprint: Fingerprint = fingerprint.parse()?;
            let state = State::pin(&state, &set, &fingerprint, None)?;
            println!("trusts set {} of {}: {fingerprint}", state.set.number(), state.set.instance().0);
            Ok(())
        }
        Command::Files { package, sealed, keys, state, into } => {
            files::open(&files::Paths { package, sealed, keys, state, into }, today)
        }
        Command::Edit { original, cover, crop, cut, sound, desk } => {
            edit::edit(&original, &Wishes { covers: cover, crop, cuts: cut, sound }, &desk.into())
        }
        Command::Compare { original, copy, desk } => edit::compare(&original, &copy, &desk.into()),
        Command::Open { package, keys, state, voucher, number, with_name, rehearsal } => {
            let terminal = Terminal::new(rehearsal)?;
            open(&package, &keys, &state, today, terminal, &VoucherTo { path: voucher, number, with_name })
        }
    }
}

struct VoucherTo {
    path: PathBuf,
    number: Option<String>,
    with_name: bool,
}

fn open(
    package: &Path,
    keys: &[PathBuf],
    state: &Path,
    today: Day,
    mut terminal: Terminal,
    to: &VoucherTo,
) -> Outcome {
    let mut state = State::open(state)?;
    let text = std::fs::read(package).map_err(|e| format!("{}: {e}", package.display()))?;
    let package: ReleasePackage = serde_json::from_slice(&text)
        .map_err(|e| format!("{}: not a release package: {e}", package.display()))?;
    let keys = OfficeKeys::load(keys)?;
    let ready = check(&package, &state, today)?;
    let memory = ready.memory(&state);
    println!("{}", ready.summary());
    let (paper, rules) = (ready.paper.clone(), ready.rules.clone());
    let opened = match ready.open(&package.envelopes, &keys) {
        Ok(opened) => opened,
        Err(why) if why.is_outcome() => {
            println!("打不开：{why}\n请登记 / Record: unreadable");
            return Ok(());
        }
        Err(why) => return Err(format!("{why}\n不要登记任何结果 / Record nothing").into()),
    };
    state.remember(memory, None)?;
    match interview(&opened, &paper, &rules, &mut terminal)? {
        Finding::Refused(ground) => println!("请登记 / Record: refused, {}", ground.code()),
        Finding::Unsettled => {
            println!("尚未登记任何结果 / Nothing to record yet. The package can be opened again.")
        }
        Finding::Verified { amount, authorised } => {
            let number =
                to.number.clone().unwrap_or_else(|| format!("{}-{}", opened.terms.case, opened.terms.award));
            let voucher = Voucher { number: &number, today, opened: &opened, amount: &amount, authorised };
            voucher.save(&to.path, to.with_name)?;
            println!("请登记 / Record: verified, then paid with voucher {number}");
            println!("{}", to.path.display());
        }
    }
    Ok(())
}
