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
mod tests {
    use super::*;
    use crate::{
        log::{
            Frontier, Leaf, NodeId, Nodes, Purpose,
            checkpoint::{Checkpoint, sign},
            tiles::{self, Entries, TilePath},
            tree::Hash,
        },
        signing::SigningKey,
    };
    use jiff::civil::date;
    use std::{collections::HashMap, io::Write, net::TcpListener, path::Path};

    const RECEIPT: &str = "0123 4567 8901 2345 6789 0123 4567 8963";

    #[derive(Default)]
    struct Log {
        entries: Vec<LeafEntry>,
        nodes: HashMap<NodeId, Hash>,
    }

    impl Nodes for Log {
        fn node(&self, id: NodeId) -> Option<Hash> {
            self.nodes.get(&id).copied()
        }
    }
    impl Entries for Log {
        fn entry(&self, index: u64) -> Option<LeafEntry> {
            self.entries.get(index as usize).cloned()
        }
    }

    /// 300 entries of others with `ours` among them, copied to a folder as a mirror would.
    fn published(ours: &[(u8, Event)]) -> (tempfile::TempDir, LogKey) {
        published_with(ours, &[])
    }

    fn published_with(ours: &[(u8, Event)], public: &[LeafEntry]) -> (tempfile::TempDir, LogKey) {
        let audit = receipt().unwrap().audit_key();
        let other = crate::receipt::AuditKey([1; 32]);
        let day = date(2026, 11, 26);
        let others =
            (0..300u16).map(|i| LeafEntry::report(&other, i as u8, &Leaf::plain(Event::Received, day)));
        let mut log = Log { entries: others.collect(), ..Log::default() };
        for (n, event) in ours {
            let purpose = (*event == Event::Release).then_some(Purpose::Identity);
            let leaf = Leaf { purpose, ..Leaf::plain(*event, day) };
            log.entries.insert(usize::from(*n) * 100, LeafEntry::report(&audit, *n, &leaf));
        }
        log.entries.extend_from_slice(public);
        let mut edge = Frontier::empty();
        for entry in &log.entries {
            log.nodes.extend(edge.append(entry.as_bytes()));
        }
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::from_seed([1; 32]);
        let origin: crate::log::checkpoint::Origin = "mifeng.example/log".parse().unwrap();
        let pinned = LogKey::new(origin.clone(), key.verify_key());
        let signed = sign(&key, &Checkpoint { origin, size: edge.size(), root: edge.root() });
        fs::write(folder.path().join("checkpoint"), signed.note()).unwrap();
        for path in TilePath::all(edge.size()) {
            let file = folder.path().join(path.to_string());
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, tiles::serve(&log, edge.size(), path).unwrap()).unwrap();
        }
        (folder, pinned)
    }

    fn receipt() -> Result<Receipt, VerifyRefused> {
        Ok(Receipt::parse(RECEIPT)?)
    }

    fn args(log: &str, vkey: &LogKey, folder: &Path) -> Args {
        Args {
            log: log.to_owned(),
            vkey: vkey.to_string(),
            witness: vec![],
            memory: Some(folder.join("memory/seen.json")),
            forget: false,
        }
    }

    #[test]
    fn a_reporter_reads_in_both_languages_since_when_and_how_often() {
        let (folder, key) = published(&[(0, Event::Received), (1, Event::Filed), (2, Event::Release)]);
        let args = args(folder.path().to_str().unwrap(), &key, folder.path());
        let first = verify(&args, receipt).unwrap();
        assert_eq!(first.before, None);
        let words = first.words(Lang::En);
        assert!(words.contains("303 entries") && words.contains("since 26 November 2026"), "{words}");
        assert!(words.contains("announced once:\n- 26 November 2026: name and account"), "{words}");
        let words = first.words(Lang::Zh);
        assert!(words.contains("自 2026 年 11 月 26 日起") && words.contains("公告过 1 次打开"), "{words}");

        let again = verify(&args, receipt).unwrap();
        assert_eq!(again.before, Some(first.seen));
    }

    #[test]
    fn a_log_put_back_to_an_earlier_state_is_noticed_the_next_time() {
        let (later, key) = published(&[(0, Event::Received), (1, Event::Release)]);
        let (earlier, _) = published(&[(0, Event::Received)]);
        let memory = tempfile::tempdir().unwrap();
        let read = |log: &Path| verify(&args(log.to_str().unwrap(), &key, memory.path()), receipt);
        read(later.path()).unwrap();
        let refused = read(earlier.path()).unwrap_err();
        assert!(matches!(refused, VerifyRefused::Log(ReplayRefused::Shrunk { size: 301, seen: 302 })));

        fs::write(memory.path().join("memory/seen.json"), b"{}").unwrap();
        assert!(matches!(read(later.path()), Err(VerifyRefused::Memory { .. })));
    }

    #[test]
    fn the_scripts_announced_last_are_named() {
        let (first, later) = (date(2026, 11, 26), date(2026, 11, 30));
        let public = [
            LeafEntry::public(PublicKind::Script, 1, first, [7; 32]),
            LeafEntry::public(PublicKind::Script, 2, later, [8; 32]),
            LeafEntry::public(PublicKind::RecipientSet, 3, later, [9; 32]),
        ];
        let (folder, key) = published_with(&[(0, Event::Received)], &public);
        let answer = verify(&args(folder.path().to_str().unwrap(), &key, folder.path()), receipt).unwrap();
        assert_eq!(answer.scripts, Some(Scripts { number: 2, day: later, digest: [8; 32] }));
        let words = answer.words(Lang::En);
        assert!(words.contains("30 November 2026 (no. 2)") && words.contains(&"08".repeat(32)), "{words}");
        assert!(answer.words(Lang::Zh).contains(&"08".repeat(32)));

        let (folder, key) = published(&[(0, Event::Received)]);
        let answer = verify(&args(folder.path().to_str().unwrap(), &key, folder.path()), receipt).unwrap();
        assert!(answer.scripts.is_none() && !answer.words(Lang::En).contains("scripts"));
    }

    #[test]
    fn batches_of_shares_and_how_they_ended_are_counted_for_everybody() {
        let entry = |kind, number| LeafEntry::public(kind, number, date(2026, 11, 26), [7; 32]);
        let public = [
            entry(PublicKind::Resharing, 1),
            entry(PublicKind::GivenUp, 1),
            entry(PublicKind::Resharing, 2),
            entry(PublicKind::Reshared, 2),
            entry(PublicKind::Resharing, 3),
            entry(PublicKind::Emptied, 1),
            entry(PublicKind::Destroyed, 1),
        ];
        let (folder, key) = published_with(&[(0, Event::Received)], &public);
        let answer = verify(&args(folder.path().to_str().unwrap(), &key, folder.path()), receipt).unwrap();
        assert_eq!(answer.shares, Shares { begun: 3, finished: 1, given_up: 1, destroyed: 1 });
        let words = answer.words(Lang::En);
        assert!(
            words.contains("3 begun, 1 finished, 1 given up") && words.contains("are destroyed: 1."),
            "{words}"
        );
        assert!(answer.words(Lang::Zh).contains("放弃 1 批"));
        let (folder, key) = published(&[(0, Event::Received)]);
        let answer = verify(&args(folder.path().to_str().unwrap(), &key, folder.path()), receipt).unwrap();
        assert!(!answer.words(Lang::En).contains("begun"));
    }

    #[test]
    fn a_report_that_is_not_there_and_one_never_opened_say_so() {
        let read = |ours: &[(u8, Event)]| {
            let (folder, key) = published(ours);
            let plain = args(folder.path().to_str().unwrap(), &key, folder.path());
            let answer = verify(&plain, receipt).unwrap();
            (answer.words(Lang::En), answer.warning(Lang::En).unwrap_or_default())
        };
        let (words, warning) = read(&[]);
        assert!(warning.contains("no entry for this receipt") && !words.contains("opened"), "{words}");

        let (words, warning) = read(&[(0, Event::Received)]);
        assert!(warning.is_empty() && words.contains("never been opened"), "{words}");

        let (_, warning) = read(&[(0, Event::Received), (2, Event::Filed)]);
        assert!(warning.contains("gap"), "{warning}");
    }

    #[test]
    fn the_log_is_read_over_http_as_well() {
        let (folder, key) = published(&[(0, Event::Received)]);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/log/", listener.local_addr().unwrap());
        let files = folder.path().to_owned();
        // The smallest server that will do: one request a connection, answered from the folder.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = [0; 4096];
                let length = stream.read(&mut head).unwrap();
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let path = head.split(' ').nth(1).unwrap().strip_prefix("/log/").unwrap().to_owned();
                // A log that never changed its key has no last word.
                let found = fs::read(files.join(path));
                let status = if found.is_ok() { "200 OK" } else { "404 Not Found" };
                let body = found.unwrap_or_default();
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
            }
        });
        let args = Args { forget: true, memory: None, ..args(&address, &key, folder.path()) };
        assert_eq!(verify(&args, receipt).unwrap().history.found().len(), 1);
        assert!(!folder.path().join("memory").exists(), "--forget leaves nothing");
        let https = Args { log: address.replace("http:", "https:"), ..args };
        assert!(matches!(verify(&https, receipt), Err(VerifyRefused::Scheme)));
    }

    #[test]
    fn a_missing_witness_is_named() {
        let (folder, key) = published(&[(0, Event::Received)]);
        let witness = SigningKey::from_seed([2; 32]);
        let witness_key = WitnessKey::new("trustee-1".parse().unwrap(), witness.verify_key());
        let plain = args(folder.path().to_str().unwrap(), &key, folder.path());
        let args = Args { witness: vec![witness_key], ..plain };
        assert!(matches!(verify(&args, receipt), Err(VerifyRefused::Witness(name)) if name == "trustee-1"));

        let file = folder.path().join("checkpoint");
        let signed = key.open(&fs::read(&file).unwrap()).unwrap();
        fs::write(&file, signed.cosigned("trustee-1".parse().unwrap(), &witness, 7).note()).unwrap();
        assert!(verify(&args, receipt).is_ok());
    }
}
