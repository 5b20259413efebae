//! The commands of `mifeng`, one file a command. This page is their list.

/// Computes an award from a file and explains it.
pub mod award;
/// Makes and judges backups.
pub mod backup;
/// Reads the whole store and says what does not hold.
pub mod check;
/// What the store knows of the day, and an operator's word on it.
pub mod clock;
/// Makes a small world on this machine and serves it.
pub mod demo;
/// A holder's key file: an age key and a signing key.
pub mod keyfile;
/// Makes and signs keys: the ceremony of docs/operations.md.
pub mod keys;
/// Moves a store into PostgreSQL.
pub mod migrate;
/// The officers' tool: opens one released identity, offline.
#[cfg(feature = "open")]
pub mod office;
/// What a holder's machine trusts and remembers.
pub mod pins;
/// What the owner of a PostgreSQL database runs.
pub mod postgres;
/// How far a long command has come.
mod progress;
/// Puts a backup back.
pub mod restore;
/// Runs the three faces.
pub mod serve;
/// The first administrator's account, and lost passwords.
pub mod staff;
/// A trustee's tool: gives a share against the log's proof.
pub mod trustee;
/// Looks up a report in the public log.
pub mod verify;

use crate::config::FaceName;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// How a command ends: in silence, or with one sentence that says what to do.
pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// mifeng (密封): sealed safety-production reporting.
#[derive(Parser)]
#[command(name = "mifeng", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compute and explain awards
    #[command(subcommand)]
    Award(award::Command),
    /// Make a demo on this machine and serve it: invented people, invented cases
    Demo {
        #[command(subcommand)]
        command: Option<demo::Command>,
        /// Serve one face alone, of a demo whose store is in PostgreSQL
        #[arg(long, value_enum)]
        face: Option<FaceName>,
    },
    /// Serve reporters, staff and the reward office, until told to stop
    Serve {
        /// One face alone, in a process of its own: the store must be in PostgreSQL
        #[arg(long, value_enum)]
        face: Option<FaceName>,
    },
    /// Make the first administrator's account, or give a lost password anew (server stopped)
    #[command(subcommand)]
    Staff(staff::Command),
    /// Read the whole store: every record, every link, every entry of the log
    Check(check::Args),
    /// Compare the machine's clock with the newest day the store knows, or confirm it (server stopped)
    Clock {
        #[command(subcommand)]
        command: Option<clock::Command>,
    },
    /// Move the store from the data folder into PostgreSQL; broken off, the same command goes on (server stopped)
    Migrate,
    /// Make a backup while the server goes on, sealed to the recipient that MIFENG_BACKUP names
    Backup(backup::Args),
    /// Put a backup into an empty data folder or database (server stopped)
    Restore(restore::Args),
    /// Print the SQL that a PostgreSQL database is set up with
    #[command(subcommand)]
    Postgres(postgres::Command),
    /// Make keys, draft and sign the recipient set, sign the roster of approvers
    #[command(subcommand)]
    Keys(keys::Command),
    /// On a trustee's own machine: give a share for a release
    #[command(subcommand)]
    Trustee(trustee::Command),
    /// Look up a report in the public log with its receipt
    Verify(verify::Args),
}

/// Whatever a command writes, or a program that it starts, is for the user it runs as: keys, originals, the store.
fn write_for_us_alone() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Runs the command named on the command line.
pub fn main() -> ExitCode {
    write_for_us_alone();
    let outcome = match Cli::parse().command {
        Command::Award(command) => award::run(command),
        Command::Demo { command, face } => demo::run(command, face),
        Command::Serve { face } => serve::run(face),
        Command::Staff(command) => staff::run(command),
        Command::Check(args) => check::run(args),
        Command::Clock { command } => clock::run(command),
        Command::Migrate => migrate::run(),
        Command::Backup(args) => backup::run(args),
        Command::Restore(args) => restore::run(&args),
        Command::Postgres(command) => postgres::run(&command),
        Command::Keys(command) => keys::run(command),
        Command::Trustee(command) => trustee::run(command),
        Command::Verify(args) => verify::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("mifeng: {why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(all(test, feature = "open"))]
mod tests {
    use super::*;
    use clap::{CommandFactory, error::ErrorKind};

    /// The operator's manual, a page a section.
    fn manual() -> Vec<String> {
        let pages = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations")).unwrap();
        let pages = pages.map(|page| std::fs::read_to_string(page.unwrap().path()).unwrap());
        pages.chain([include_str!("../../docs/operations.md").to_owned()]).collect()
    }

    /// What stands between backticks, or on a line of an indented or fenced block.
    fn quoted(page: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut is_fenced = false;
        for line in page.lines() {
            if line.starts_with("```") {
                is_fenced = !is_fenced;
            } else if is_fenced {
                let command = line.split(" # ").next().unwrap_or_default();
                found.extend(command.split(" | ").map(str::to_owned));
            }
        }
        // A quotation may go over the end of a line.
        let plain: String = page.split("```").step_by(2).collect();
        found.extend(plain.split('`').skip(1).step_by(2).map(|text| text.replace('\n', " ")));
        found
    }

    #[test]
    fn every_command_that_operations_quotes_is_one() {
        let mut tried = 0;
        for text in manual().iter().flat_map(|page| quoted(page)) {
            let words: Vec<&str> = text.split_whitespace().collect();
            let before = |at: usize| at.checked_sub(1).map_or("", |before| words[before]);
            let is_it = |at: &usize| ["mifeng", "mifeng-office"].contains(&words[*at]) && before(*at) != "-u";
            let Some(at) = (0..words.len()).find(is_it) else { continue };
            // Before it stand variables, or what it is run by; its own name alone is no command.
            let runs = |word: &&str| word.contains('=') || ["sudo", "-u", "mifeng", "env"].contains(word);
            if words.len() == at + 1 || !words[..at].iter().all(runs) {
                continue;
            }
            // Names of what is to be put there, and what is left out.
            let is_name = |word: &str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_uppercase());
            let line = (at..words.len()).filter_map(|at| match words[at] {
                "…" if !before(at).starts_with("--") => None,
                "YYYY-MM-DD" => Some("2031-11-30"),
                word => Some(if word == "…" || is_name(word) { "1" } else { word }),
            });
            let command = if words[at] == "mifeng" { Cli::command() } else { office::words() };
            let is_part = !text.contains("--") || text.contains('…');
            tried += 1;
            match command.try_get_matches_from(line).map_err(|refused| refused.kind()) {
                Ok(_) | Err(ErrorKind::DisplayHelp) => {}
                Err(
                    ErrorKind::MissingRequiredArgument
                    | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                    | ErrorKind::MissingSubcommand,
                ) if is_part => {}
                Err(why) => panic!("{text}: {why}"),
            }
        }
        assert!(tried > 40, "{tried}");
    }
}
