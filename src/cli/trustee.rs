//! `mifeng trustee …`: one trustee, on their own machine, with their own key. Works offline: the request is
//! downloaded from the console, the answer uploaded there.

mod check;

pub use check::{Checked, NoShare, check};

use super::{
    Outcome,
    keyfile::{HolderKey, save_public},
    pins::State,
};
use crate::{
    award::release::ReleaseRequest,
    clock::{Clock, SystemClock},
    log::checkpoint::LogKey,
    recipients::Fingerprint,
};
use clap::Subcommand;
use std::{
    io::{BufRead, Write},
    path::{Path, PathBuf},
};

#[derive(Subcommand)]
pub enum Command {
    /// Once: pin the recipient set and the log this machine trusts
    Init {
        /// recipient-set.json
        #[arg(long)]
        set: PathBuf,
        /// As read out at the ceremony, not as copied from the file
        #[arg(long)]
        fingerprint: String,
        /// The log's public key, as printed by `mifeng keys show`
        #[arg(long)]
        log_vkey: String,
        /// What this machine remembers
        #[arg(long)]
        state: PathBuf,
    },
    /// Check a release and give this trustee's share for it
    Release {
        /// As downloaded from the console
        request: PathBuf,
        /// This trustee's key file
        #[arg(long)]
        key: PathBuf,
        #[arg(long)]
        state: PathBuf,
        /// Do not ask; for tests
        #[arg(long)]
        yes: bool,
        /// The answer, to be uploaded
        #[arg(short, long)]
        out: PathBuf,
    },
}

pub fn run(command: Command) -> Outcome {
    match command {
        Command::Init { set, fingerprint, log_vkey, state } => {
            let (fingerprint, log): (Fingerprint, LogKey) = (fingerprint.parse()?, log_vkey.parse()?);
            let state = State::pin(&state, &set, &fingerprint, Some(log))?;
            println!("trusts set {} of {}: {fingerprint}", state.set.number(), state.set.instance().0);
            Ok(())
        }
        Command::Release { request, key, state, yes, out } => release(&request, &key, &state, yes, &out),
    }
}

fn release(request: &Path, key: &Path, state: &Path, yes: bool, out: &Path) -> Outcome {
    let mut state = State::open(state)?;
    let text = std::fs::read(request).map_err(|e| format!("{}: {e}", request.display()))?;
    let request: ReleaseRequest = serde_json::from_slice(&text)
        .map_err(|e| format!("{}: not a release request: {e}", request.display()))?;
    let key = HolderKey::load(key)?;
    let clock = SystemClock;
    let checked = check(&request, &key, &state, clock.today())?;
    println!("{}", checked.summary());
    if !yes && !asked("交出份额？输入 yes 确认 / Type yes to give your share: ")? {
        return Err("no share was given".into());
    }
    let seconds = u64::try_from(clock.unix_seconds())?;
    let answer = checked.answer(&key, &state, seconds)?;
    state.remember(checked.memory(), Some(answer.checkpoint.as_bytes()))?;
    save_public(out, serde_json::to_string_pretty(&answer)?.as_bytes())?;
    println!("{}: 请在控制台上传 / upload this file on the console", out.display());
    Ok(())
}

/// Only the whole word counts.
pub(super) fn asked(question: &str) -> std::io::Result<bool> {
    print!("{question}");
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == "yes")
}
