//! `mifeng verify`: is my report in the public log, and how often was its envelope opened?
//!
//! Downloads the whole log and looks through it here, so that nobody learns which report is looked for. The
//! receipt is asked for without echo (or read from a pipe), never taken as an argument.

mod memory;

use self::memory::{Keys, Memory};
use crate::{
    clock::Day,
    log::{
        Event, LeafEntry, PublicKind,
        checkpoint::{CheckpointRefused, LogKey, WitnessKey},
        closing::{self, Closed},
        leaf::Face,
        proof::Seen,
        replay::{Replay, ReplayRefused},
        scan::{History, Scan},
    },
    receipt::{Receipt, ReceiptRefused},
    web::Lang,
};
use std::{
    fs,
    io::{self, IsTerminal, Read},
    path::PathBuf,
    time::Duration,
};
use zeroize::Zeroizing;

/// More than any bundle of ours; a log that sends more is refused.
const LARGEST_FILE: u64 = 20 << 20;
const TIMEOUT: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
pub struct Args {
    /// The log: its address (http://…/log) or a folder that holds a copy of it
    #[arg(long, default_value = "http://127.0.0.1:8080/log")]
    log: String,
    /// The log's verifying key (name+hash+key), or a file that holds it
    #[arg(long)]
    vkey: String,
    /// A witness whose signature on the checkpoint must be there (name+hash+key); may be given again
    #[arg(long)]
    witness: Vec<WitnessKey>,
    /// Where to remember the log's state, so that a log rewritten later is noticed
    #[arg(long)]
    memory: Option<PathBuf>,
    /// Leave no trace on this computer: remember nothing
    #[arg(long, conflicts_with = "memory")]
    forget: bool,
}

/// Why nothing could be said.
#[derive(Debug, thiserror::Error)]
pub enum VerifyRefused {
    #[error("--vkey is neither a verifying key (name+hash+key) nor a file that holds one")]
    VerifyKey,
    #[error("only http:// addresses and folders can be read; copy an https:// log to a folder first")]
    Scheme,
    #[error("{address}: {cause}")]
    Fetch { address: String, cause: String },
    #[error("{path}: {cause}")]
    Memory { path: PathBuf, cause: io::Error },
    #[error(transparent)]
    Log(#[from] ReplayRefused),
    #[error(
        "this log was signed by {known} when it was last read here, and is signed now by a key from before it, {now}: it was put back, or whoever shows it has an old key. If the log's keepers say that it is right, ask why, and read it with --memory and another file"
    )]
    EarlierKey { known: String, now: String },
    #[error("the witness {0} has not signed this checkpoint")]
    Witness(String),
    #[error("the receipt could not be read: {0}")]
    Prompt(io::Error),
    #[error(transparent)]
    Receipt(#[from] ReceiptRefused),
}

/// Prints what the log says. A report that is missing, or whose entries have a gap, is an error.
pub fn run(args: &Args) -> super::Outcome {
    let lang = Lang::of_terminal();
    let answer = verify(args, || ask(lang))?;
    println!("{}", answer.words(lang));
    match answer.warning(lang) {
        Some(warning) => Err(warning.into()),
        None => Ok(()),
    }
}

/// What the log says about one report.
#[derive(Debug)]
pub struct Answer {
    pub seen: Seen,
    pub before: Option<Seen>,
    /// The key that signs now, where another was given.
    pub led_to: Option<String>,
    pub history: History,
    pub scripts: Option<Scripts>,
    pub shares: Shares,
}

/// Reads and checks the whole log, then remembers it.
pub fn verify(
    args: &Args,
    receipt: impl FnOnce() -> Result<Receipt, VerifyRefused>,
) -> Result<Answer, VerifyRefused> {
    let pinned = verify_key(&args.vkey)?;
    let source = Source::parse(&args.log)?;
    // Asked for each time: a pinned key that has ended counts no more, whoever signs with it. Whoever serves the log can keep
    // this from a reader (docs/log.md).
    let closed: Vec<Closed> = match source.fetch("closed") {
        Ok(list) => {
            serde_json::from_slice(&list).map_err(|_| ReplayRefused::from(CheckpointRefused::Note))?
        }
        Err(_) => Vec::new(),
    };
    let (log, passed) = closing::follow(&pinned, &closed).map_err(ReplayRefused::from)?;
    let keys = Keys { pinned: &pinned, now: &log, closed: &closed };
    let memory = Memory::of(args);
    let known = memory.recall(&keys)?;
    let before = known.seen().max_by_key(|seen| seen.size);
    let checkpoint = source.fetch("checkpoint")?;
    let mut replay = Replay::begin(&log, &checkpoint, known.seen().chain(passed))?;
    known.goes_on(&keys)?;
    for witness in &args.witness {
        witness.saw(replay.signed()).map_err(|_| VerifyRefused::Witness(witness.name().to_string()))?;
    }
    let mut scan = Scan::new(&receipt()?.audit_key());
    let (mut scripts, mut shares) = (None, Shares::default());
    for path in replay.wanted() {
        let bundle = source.fetch(&path.to_string())?;
        for entry in replay.feed(path, &bundle)? {
            scan.look(entry);
            scripts = Scripts::in_entry(entry).or(scripts);
            shares.count(entry);
        }
    }
    let seen = replay.finish()?;
    memory.keep(&seen, &keys, known)?;
    let led_to = (log != pinned).then(|| log.to_string());
    Ok(Answer { seen, before, led_to, history: scan.finish(), scripts, shares })
}

/// The scripts announced last: SHA-256 of `/scripts.json` as it was then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scripts {
    pub number: u64,
    pub day: Day,
    pub digest: [u8; 32],
}

impl Scripts {
    fn in_entry(entry: &[u8]) -> Option<Self> {
        match LeafEntry::parse(entry).ok()?.face().ok()? {
            Face::Public { kind: PublicKind::Script, number, day, digest } => {
                Some(Self { number, day, digest })
            }
            Face::Public { .. } | Face::Report => None,
        }
    }
}

/// What the log says of shares that were split again: how many batches, and what became of them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    pub begun: usize,
    pub finished: usize,
    pub given_up: usize,
    /// Holders of earlier sets who say that their keys are destroyed.
    pub destroyed: usize,
}

impl Shares {
    fn count(&mut self, entry: &[u8]) {
        let face = LeafEntry::parse(entry).and_then(|entry| entry.face());
        let Ok(Face::Public { kind, .. }) = face else { return };
        match kind {
            PublicKind::Resharing => self.begun += 1,
            PublicKind::Reshared => self.finished += 1,
            PublicKind::GivenUp => self.given_up += 1,
            PublicKind::Destroyed => self.destroyed += 1,
            PublicKind::RecipientSet | PublicKind::Script | PublicKind::Emptied => {}
        }
    }
}

impl Answer {
    fn words(&self, lang: Lang) -> String {
        let mut lines = vec![lang.t1("verify-log", "count", self.seen.size)];
        lines.push(match self.before {
            Some(before) => lang.t1("verify-continues", "count", before.size),
            None => lang.t("verify-first-time"),
        });
        if let Some(key) = &self.led_to {
            lines.push(lang.t_with("verify-led-to", &[("key", key.as_str().into())]));
        }
        if let Some(day) = self.history.received() {
            lines.push(lang.t1("verify-received", "day", lang.day(day)));
        }
        if let Some(day) = self.history.passed_on() {
            lines.push(lang.t1("verify-passed-on", "day", lang.day(day)));
        }
        if !self.history.found().is_empty() {
            let openings = self.history.openings();
            lines.push(lang.t1("verify-openings", "count", openings.len()));
            for (day, purpose) in openings {
                let purpose = purpose.map_or("unreadable", |purpose| purpose.text());
                let day = day.map_or_else(|| "?".to_owned(), |day| lang.day(day));
                lines.push(lang.t1(&format!("verify-opening-{purpose}"), "day", day));
            }
        }
        for (event, day, name) in self.history.originals() {
            let key = match event {
                Event::Asked => "verify-asked",
                Event::Objected => "verify-stopped",
                Event::Joined => "verify-joined",
                Event::Ended => "verify-ended",
                _ => continue,
            };
            lines.push(lang.t_with(key, &[("day", lang.day(day).into()), ("name", name.into())]));
        }
        if self.history.is_opened_untold() {
            lines.push(lang.t("verify-untold"));
        }
        if let Some(scripts) = &self.scripts {
            let words = [
                ("number", scripts.number.into()),
                ("day", lang.day(scripts.day).into()),
                ("digest", hex::encode(scripts.digest).into()),
            ];
            lines.push(lang.t_with("verify-scripts", &words));
        }
        let Shares { begun, finished, given_up, destroyed } = self.shares;
        if begun > 0 {
            let words =
                [("begun", begun), ("finished", finished), ("given", given_up), ("destroyed", destroyed)];
            lines.push(lang.t_with("verify-shares", &words.map(|(name, count)| (name, count.into()))));
        }
        lines.join("\n")
    }

    fn warning(&self, lang: Lang) -> Option<String> {
        if self.history.received().is_none() {
            Some(lang.t("verify-not-found"))
        } else if !self.history.is_whole() {
            Some(lang.t("verify-not-whole"))
        } else {
            None
        }
    }
}

fn verify_key(text: &str) -> Result<LogKey, VerifyRefused> {
    if let Ok(key) = text.parse() {
        return Ok(key);
    }
    let file = fs::read_to_string(text).map_err(|_| VerifyRefused::VerifyKey)?;
    file.parse().map_err(|_| VerifyRefused::VerifyKey)
}

fn ask(lang: Lang) -> Result<Receipt, VerifyRefused> {
    let typed = if io::stdin().is_terminal() {
        Zeroizing::new(rpassword::prompt_password(lang.t("verify-prompt")).map_err(VerifyRefused::Prompt)?)
    } else {
        let mut typed = Zeroizing::new(String::with_capacity(256));
        io::stdin().take(256).read_to_string(&mut typed).map_err(VerifyRefused::Prompt)?;
        typed
    };
    Ok(Receipt::parse(&typed)?)
}

/// Where the log is read from.
enum Source {
    Folder(PathBuf),
    Address { base: String, agent: ureq::Agent },
}

impl Source {
    fn parse(text: &str) -> Result<Self, VerifyRefused> {
        if text.starts_with("http://") {
            let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build();
            Ok(Self::Address { base: text.trim_end_matches('/').to_owned(), agent: config.new_agent() })
        } else if text.contains("://") {
            Err(VerifyRefused::Scheme)
        } else {
            Ok(Self::Folder(PathBuf::from(text)))
        }
    }

    /// `path` comes from us (`checkpoint`, `tile/…`), never from the log.
    fn fetch(&self, path: &str) -> Result<Vec<u8>, VerifyRefused> {
        match self {
            Self::Folder(folder) => {
                let file = folder.join(path);
                fs::read(&file).map_err(|cause| refused(file.display(), cause))
            }
            Self::Address { base, agent } => {
                let address = format!("{base}/{path}");
                let mut answer = agent.get(&address).call().map_err(|cause| refused(&address, cause))?;
                let body = answer.body_mut().with_config().limit(LARGEST_FILE).read_to_vec();
                body.map_err(|cause| refused(&address, cause))
            }
        }
    }
}

fn refused(address: impl ToString, cause: impl ToString) -> VerifyRefused {
    VerifyRefused::Fetch { address: address.to_string(), cause: cause.to_string() }
}

#[cfg(test)]
mod tests;
