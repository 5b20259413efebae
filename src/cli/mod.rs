//! The commands of `mifeng`, one file a command. This page is their list.

/// Computes an award from a file and explains it.
pub mod award;
/// Reads the whole store and says what does not hold.
pub mod check;
/// Makes a small world on this machine and serves it.
pub mod demo;
/// A holder's key file: an age key and a signing key.
pub mod keyfile;
/// Makes and signs keys: the ceremony of docs/operations.md.
pub mod keys;
/// The officers' tool: opens one released identity, offline.
#[cfg(feature = "open")]
pub mod office;
/// What a holder's machine trusts and remembers.
pub mod pins;
/// Runs the three faces.
pub mod serve;
/// The first administrator's account, and lost passwords.
pub mod staff;
/// A trustee's tool: gives a share against the log's proof.
pub mod trustee;
/// Looks up a report in the public log.
pub mod verify;

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
    },
    /// Serve reporters, staff and the reward office, until told to stop
    Serve,
    /// Make the first administrator's account, or give a lost password anew (server stopped)
    #[command(subcommand)]
    Staff(staff::Command),
    /// Read the whole store: every record, every link, every entry of the log
    Check,
    /// Make keys, draft and sign the recipient set, sign the roster of approvers
    #[command(subcommand)]
    Keys(keys::Command),
    /// On a trustee's own machine: give a share for a release
    #[command(subcommand)]
    Trustee(trustee::Command),
    /// Look up a report in the public log with its receipt
    Verify(verify::Args),
}

/// Runs the command named on the command line.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Award(command) => award::run(command),
        Command::Demo { command } => demo::run(command),
        Command::Serve => serve::run(),
        Command::Staff(command) => staff::run(command),
        Command::Check => check::run(),
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
