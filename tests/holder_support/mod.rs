//! A frozen release, and the cases in which it is refused: each the request or package with some keys changed.

use jiff::civil::Date;
use mifeng::{
    award::release::{ReleasePackage, ReleaseRequest},
    cli::{
        keyfile::{HolderKey, save_secret},
        office::{Asks, Finding, Voucher, check as check_package, interview},
        pins::{Memory, State},
        trustee::check as check_request,
    },
    log::proof::Seen,
    policy::Fen,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fs, io};

/// Everything two trustees and the office have on their desks. All keys here are public by definition.
#[derive(Serialize, Deserialize)]
pub struct Release {
    pub note: String,
    pub today: Date,
    pub fingerprint: String,
    pub log_key: String,
    pub office_key: String,
    /// Trustee 1 first.
    pub key_files: Vec<String>,
    pub office_key_file: String,
    pub recovery_key_file: String,
    pub person_name: String,
    /// Trustee 1's.
    pub request: Value,
    pub package: Value,
    pub shares: Vec<Share>,
    pub openings: Vec<Opening>,
}

/// A request at one trustee's desk.
#[derive(Serialize, Deserialize)]
pub struct Share {
    pub name: String,
    pub changes: Map<String, Value>,
    /// Whose key file is used, counted from 1.
    pub key: usize,
    pub today: Date,
    pub seen: Option<Seen>,
    pub roster: u32,
    /// The log this desk trusts, if another.
    pub log_key: Option<String>,
    /// In the tool's own words; `None`: a share is given.
    pub refused: Option<String>,
}

/// A package at the office's desk.
#[derive(Serialize, Deserialize)]
pub struct Opening {
    pub name: String,
    pub changes: Map<String, Value>,
    /// `office`, `recovery` or `trustee`.
    pub key: String,
    pub today: Date,
    pub roster: u32,
    /// In the tool's own words; `None`: it opens.
    pub refused: Option<String>,
    pub findings: Vec<Interview>,
}

/// One interview: what is answered, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interview {
    pub answers: Vec<bool>,
    pub finding: String,
    /// Without and with the person.
    pub vouchers: Vec<String>,
}

impl Share {
    pub fn of(name: &str, today: Date, request: &ReleaseRequest) -> Self {
        let changes = object(request);
        let (name, key) = (name.into(), 1);
        Self { name, changes, key, today, seen: None, roster: 0, log_key: None, refused: None }
    }
    pub fn keep_changes(&mut self, base: &Value) {
        self.changes.retain(|key, value| base.get(key) != Some(value));
    }
}

impl Opening {
    pub fn of(name: &str, today: Date, package: &ReleasePackage) -> Self {
        let changes = object(package);
        let (name, key) = (name.into(), "office".into());
        Self { name, changes, key, today, roster: 0, refused: None, findings: vec![] }
    }
    pub fn keep_changes(&mut self, base: &Value) {
        self.changes.retain(|key, value| base.get(key) != Some(value));
    }
}

/// What the trustee's tool says to it.
pub fn check_share(release: &Release, case: &Share) -> Option<String> {
    let request: ReleaseRequest = changed(&release.request, &case.changes);
    let folder = tempfile::tempdir().unwrap();
    let log_key = case.log_key.as_ref().unwrap_or(&release.log_key);
    let mut state = desk(release, folder.path(), log_key);
    state.memory = Memory { seen: case.seen, roster: case.roster };
    let key = key(folder.path(), &release.key_files[case.key - 1]);
    match check_request(&request, &key, &state, case.today) {
        Ok(checked) => {
            checked.answer(&key, &state, 1_795_622_400).unwrap();
            None
        }
        Err(why) => Some(why.to_string()),
    }
}

pub struct Found {
    pub refused: Option<String>,
    pub findings: Vec<Interview>,
}

/// What the office's tool says to it, and how each interview ends.
pub fn check_opening(release: &Release, case: &Opening) -> Found {
    let package: ReleasePackage = changed(&release.package, &case.changes);
    let folder = tempfile::tempdir().unwrap();
    let mut state = desk(release, folder.path(), &release.log_key);
    state.memory.roster = case.roster;
    let key = key(
        folder.path(),
        match case.key.as_str() {
            "office" => &release.office_key_file,
            "recovery" => &release.recovery_key_file,
            _ => &release.key_files[0],
        },
    );
    let refused = |why: String| Found { refused: Some(why), findings: vec![] };
    let ready = match check_package(&package, &state, case.today) {
        Ok(ready) => ready,
        Err(why) => return refused(why.to_string()),
    };
    let (paper, rules) = (ready.paper.clone(), ready.rules.clone());
    let opened = match ready.open(&package.envelopes, &key.opening) {
        Ok(opened) => opened,
        Err(why) => return refused(why.to_string()),
    };
    let all = (0..32u8).map(|bits| (0..5).map(|i| bits >> i & 1 == 1).collect::<Vec<bool>>());
    let mut findings: Vec<Interview> = Vec::new();
    for answers in all {
        let mut officer = Officer { answers, asked: 0 };
        let finding = interview(&opened, &paper, &rules, &mut officer).unwrap();
        officer.answers.truncate(officer.asked);
        let mut found = Interview { answers: officer.answers, finding: String::new(), vouchers: vec![] };
        found.finding = match &finding {
            Finding::Refused(ground) => ground.code().into(),
            Finding::Unsettled => "unsettled".into(),
            Finding::Verified { amount, authorised } => {
                let (number, today, authorised) = ("V-7", case.today, *authorised);
                let voucher = Voucher { number, today, opened: &opened, amount, authorised };
                found.vouchers = [false, true].map(|named| voucher.text(named).to_string()).into();
                "verified".into()
            }
        };
        if !findings.contains(&found) {
            findings.push(found);
        }
    }
    Found { refused: None, findings }
}

/// Answers by a list.
struct Officer {
    answers: Vec<bool>,
    asked: usize,
}

impl Asks for Officer {
    fn show(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }
    fn hide(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn yes(&mut self, _: &str) -> io::Result<bool> {
        self.asked += 1;
        Ok(self.answers[self.asked - 1])
    }
    /// No release here is by a rule with a monthly cap.
    fn sum(&mut self, _: &str) -> io::Result<Fen> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn desk(release: &Release, folder: &std::path::Path, log_key: &str) -> State {
    let set = folder.join("set.json");
    fs::write(&set, release.request["set"].to_string()).unwrap();
    let pin = release.fingerprint.parse().unwrap();
    State::pin(&folder.join("state"), &set, &pin, Some(log_key.parse().unwrap())).unwrap()
}

fn key(folder: &std::path::Path, text: &str) -> HolderKey {
    let path = folder.join("holder.key");
    save_secret(&path, text.as_bytes()).unwrap();
    HolderKey::load(&path).unwrap()
}

fn changed<T: serde::de::DeserializeOwned>(base: &Value, changes: &Map<String, Value>) -> T {
    let mut whole = base.as_object().unwrap().clone();
    whole.extend(changes.clone());
    serde_json::from_value(Value::Object(whole)).unwrap()
}

fn object(value: &impl Serialize) -> Map<String, Value> {
    serde_json::to_value(value).unwrap().as_object().unwrap().clone()
}
