//! `mifeng trustee …`: one trustee, on their own machine, with their own key. Works offline: the request is
//! downloaded from the console, the answer uploaded there.

mod check;
mod files;
mod reshare;

pub use check::{Checked, NoShare, check};
pub use files::{CheckedFiles, check_files};

use super::{
    Outcome,
    keyfile::{HolderKey, save_public},
    pins::{Memory, State, StateRefused},
};
use crate::{
    award::release::{ReleaseAnswer, ReleaseRequest},
    clock::{Clock, SystemClock},
    evidence::FilesReleaseRequest,
    log::{Purpose, checkpoint::LogKey, closing::Closed, proof::Seen},
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
    /// Once the log has a new key: go on to it from the one this machine trusts
    FollowLog {
        /// What the server has at /log/closed
        #[arg(long)]
        closed: PathBuf,
        /// The new key as read out, not as copied from the file
        #[arg(long)]
        log_vkey: String,
        #[arg(long)]
        state: PathBuf,
    },
    /// Once the server was restored from an older backup, and all trustees have compared what they had seen
    AcceptRestored {
        /// What the server has at /log/checkpoint
        checkpoint: PathBuf,
        #[arg(long)]
        state: PathBuf,
        /// Do not ask; for tests
        #[arg(long)]
        yes: bool,
    },
    /// Split one's shares again for the trustees of a later set, or take those of an earlier one
    #[command(subcommand)]
    Reshare(reshare::Command),
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
        Command::Reshare(command) => reshare::run(command),
        Command::FollowLog { closed, log_vkey, state } => {
            let text = std::fs::read_to_string(&closed).map_err(|e| format!("{}: {e}", closed.display()))?;
            let list: Vec<Closed> =
                serde_json::from_str(&text).map_err(|e| format!("{}: {e}", closed.display()))?;
            State::open(&state)?.follow_log(&log_vkey.parse()?, &list)?;
            println!("trusts log key {log_vkey}");
            Ok(())
        }
        Command::AcceptRestored { checkpoint, state, yes } => accept_restored(&checkpoint, &state, yes),
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
    let unread = |e: serde_json::Error| format!("{}: not a release request: {e}", request.display());
    // What it is for is read first; each kind is then read strictly, by its own checks.
    let kind: Kind = serde_json::from_slice(&text).map_err(unread)?;
    let key = HolderKey::load(key)?;
    let clock = SystemClock;
    let (today, seconds) = (clock.today(), u64::try_from(clock.unix_seconds())?);
    let answer = match kind.purpose {
        Some(Purpose::Files) => {
            let request: FilesReleaseRequest = serde_json::from_slice(&text).map_err(unread)?;
            let checked = check_files(&request, &key, &state, today)?;
            agreed(&checked.summary(), yes)?;
            let answer = checked.answer(&key, &state, seconds)?;
            remember(&mut state, checked.memory(), answer)?
        }
        _ => {
            let request: ReleaseRequest = serde_json::from_slice(&text).map_err(unread)?;
            let checked = check(&request, &key, &state, today)?;
            agreed(&checked.summary(), yes)?;
            let answer = checked.answer(&key, &state, seconds)?;
            remember(&mut state, checked.memory(), answer)?
        }
    };
    save_public(out, serde_json::to_string_pretty(&answer)?.as_bytes())?;
    println!("{}: 请在控制台上传 / upload this file on the console", out.display());
    Ok(())
}

fn accept_restored(checkpoint: &Path, state: &Path, yes: bool) -> Outcome {
    let mut state = State::open(state)?;
    let note = std::fs::read(checkpoint).map_err(|e| format!("{}: {e}", checkpoint.display()))?;
    let signed = state.log()?.open(&note)?;
    let now = Seen { size: signed.checkpoint().size, root: signed.checkpoint().root };
    let was = state.memory.seen.filter(|was| *was != now);
    let was = was.ok_or(StateRefused::NothingLost(now.size))?;
    println!("见过 Seen        {}  {}", was.size, was.root);
    println!("现在 Now         {}  {}", now.size, now.root);
    println!(
        "日志里多出的条目从此不再作数。只有服务器确实由备份恢复、并且全体保管人互相念过这两行之后，才可以接受。\n\
         What the log held beyond is given up. Only if the server was restored from a backup, and all trustees have read these \
         two lines to each other."
    );
    if !yes && !asked("接受？输入 yes 确认 / Type yes to accept: ")? {
        return Err("nothing was accepted".into());
    }
    state.accept_restored(now)?;
    println!("trusts the log of {} entries; what was seen before stays in the file `restored`", now.size);
    Ok(())
}

#[derive(serde::Deserialize)]
struct Kind {
    purpose: Option<Purpose>,
}

fn agreed(summary: &str, yes: bool) -> Outcome {
    println!("{summary}");
    if !yes && !asked("交出份额？输入 yes 确认 / Type yes to give your share: ")? {
        return Err("no share was given".into());
    }
    Ok(())
}

/// On the disk before the answer is handed out.
fn remember(
    state: &mut State,
    memory: Memory,
    answer: ReleaseAnswer,
) -> Result<ReleaseAnswer, Box<dyn std::error::Error>> {
    state.remember(memory, Some(answer.checkpoint.as_bytes()))?;
    Ok(answer)
}

/// Only the whole word counts.
pub(super) fn asked(question: &str) -> std::io::Result<bool> {
    print!("{question}");
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == "yes")
}
