//! The commands of `mifeng`, one file a command. This page is their list.

/// A holder's key file: an age key and a signing key.
pub mod keyfile;
/// Makes and signs keys: the ceremony of docs/operations.md.
pub mod keys;

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
    /// Make keys, draft and sign the recipient set, sign the roster of approvers
    #[command(subcommand)]
    Keys(keys::Command),
}

/// Runs the command named on the command line.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Keys(command) => keys::run(command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("mifeng: {why}");
            ExitCode::FAILURE
        }
    }
}
