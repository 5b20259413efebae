//! `mifeng demo`: makes a small world on this machine and serves it. Everything in it is invented, and every
//! secret of it is written into one file: the opposite of what the program is for, so it says so.

mod fill;
mod holders;
mod staff;

use super::{Outcome, keyfile::HolderKey, keys, serve};
use crate::{
    clock::{Clock, SystemClock},
    config::{Config, FaceName, Mode, ServerKeys},
    policy::Policy,
};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

#[derive(Subcommand)]
pub enum Command {
    /// Print the one-time code of a demo account, as its phone would
    Code {
        /// The log-in, e.g. clerk
        login: String,
    },
}

/// `demo.json`: everything needed to play every part.
#[derive(Serialize, Deserialize)]
struct DemoFile {
    about: String,
    addresses: Addresses,
    accounts: Vec<staff::Login>,
    /// Receipts of some of the sample cases, so that their reporters can be played.
    receipts: Vec<fill::SampleReceipt>,
    keys: holders::KeyFiles,
    recipient_set_fingerprint: String,
    /// The log's public key, as `mifeng verify --log-key` and the trustees' tool want it.
    log_key: String,
}

#[derive(Serialize, Deserialize)]
struct Addresses {
    portal: String,
    console: String,
    office: String,
}

/// Marks a folder as one that `make reset-demo` may remove, from the first moment on.
const MARK: &str = "this-is-a-demo";
const FILE: &str = "demo.json";

pub fn run(command: Option<Command>, face: Option<FaceName>) -> Outcome {
    let folder = PathBuf::from(std::env::var("MIFENG_DEMO_DIR").unwrap_or_else(|_| "demo-data".into()));
    match command {
        Some(Command::Code { login }) => code(&folder, &login),
        None => start(&folder, face),
    }
}

/// Makes the demo if it is not there yet, and serves it. What a broken-off start left behind is made anew.
fn start(folder: &Path, face: Option<FaceName>) -> Outcome {
    let config = Config::read(Mode::Demo, |name| match name {
        "MIFENG_DATA" => folder.join("data").to_str().map(Into::into),
        "MIFENG_KEYS" => folder.join("keys").to_str().map(Into::into),
        _ => std::env::var(name).ok(),
    })?
    .of_face(face)?;
    if folder.join(FILE).exists() {
        println!("Using the demo in {} (make reset-demo starts afresh).", folder.display());
    } else if face.is_some() {
        return Err(
            format!("there is no demo in {} yet: start it without --face once", folder.display()).into()
        );
    } else {
        if folder.join(MARK).exists() {
            fs::remove_dir_all(folder)?;
        }
        make(folder, &config)?;
    }
    // Of several processes, those of one face each, none writes the file that all of them read.
    if face.is_none() {
        print!("{}", refreshed(folder, &config)?.welcome(folder));
    }
    serve::start(&config)
}

fn make(folder: &Path, config: &Config) -> Outcome {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{} is not empty and not a demo; set MIFENG_DEMO_DIR", folder.display()).into());
    }
    println!("Making keys, staff and sample cases in {} …", folder.display());
    keys::private_folder(folder)?;
    fs::write(folder.join(MARK), "make reset-demo may remove this folder\n")?;

    let policy = Policy::load(&config.policy)?;
    let rng = &mut rand::rng();
    let staff = staff::draw(rng)?;
    let key_files = holders::make(folder, &config.keys, &staff)?;
    let keys = ServerKeys::load(&config.keys, Mode::Demo)?;
    let receipts = {
        let store = serve::open_store(config, &keys, serve::database(config)?, serve::objects(config)?)?;
        let today = SystemClock.today();
        {
            let trustees = key_files.trustees.iter().map(|file| Ok(HolderKey::load(file)?.signing));
            let trustees = trustees.collect::<Result<Vec<_>, Box<dyn std::error::Error>>>()?;
            fill::fill(&store, &policy, &keys, (&staff, &trustees), today, rng)?
        }
    };
    let demo = DemoFile {
        about:
            "A demo: invented people, invented cases, and secrets that a real installation writes nowhere."
                .into(),
        addresses: Addresses::of(config),
        accounts: staff.into_iter().map(|member| member.login).collect(),
        receipts,
        keys: key_files,
        recipient_set_fingerprint: keys.set.fingerprint().to_string(),
        log_key: keys::log_key(keys.set.instance(), &keys.log)?.to_string(),
    };
    demo.save(folder)
}

/// The demo as it lies in its folder, with today's addresses.
fn refreshed(folder: &Path, config: &Config) -> Result<DemoFile, Box<dyn std::error::Error>> {
    let mut demo = DemoFile::load(folder)?;
    demo.addresses = Addresses::of(config);
    demo.save(folder)?;
    Ok(demo)
}

fn code(folder: &Path, login: &str) -> Outcome {
    let demo = DemoFile::load(folder)?;
    let mut accounts = demo.accounts.iter();
    let account = accounts.find(|account| account.login == login).ok_or_else(|| {
        let known: Vec<&str> = demo.accounts.iter().map(|account| account.login.as_str()).collect();
        format!("there is no {login} in this demo, only {}", known.join(", "))
    })?;
    println!("{}", account.code(SystemClock.unix_seconds())?);
    Ok(())
}

impl Addresses {
    fn of(config: &Config) -> Self {
        let at = |address| format!("http://{address}");
        let addresses = config.addresses;
        Self { portal: at(addresses.portal), console: at(addresses.console), office: at(addresses.office) }
    }
}

impl DemoFile {
    fn load(folder: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let path = folder.join(FILE);
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()).into())
    }

    /// Written aside and renamed: the file is whole whenever it is there.
    fn save(&self, folder: &Path) -> Outcome {
        let aside = folder.join("demo.json.new");
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        Ok(fs::rename(aside, folder.join(FILE))?)
    }

    fn welcome(&self, folder: &Path) -> String {
        let Addresses { portal, console, office } = &self.addresses;
        let mut out = format!(
            "\nReporters      {portal}\nStaff          {console}\nReward office  {office}\n\n{:14} {:21} {}\n",
            "log-in", "password", "part"
        );
        for account in &self.accounts {
            out += &format!("{:14} {:21} {}\n", account.login, account.password, account.part);
        }
        out += &format!(
            "\nOne-time code of an account: mifeng demo code LOGIN (or put its secret from {} into a phone).\n",
            folder.join(FILE).display()
        );
        out += "Everything here is invented; never put a real report into a demo. Ctrl-C stops it.\n\n";
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every sample goes through sealing, the store, the table of moves and the award's transitions; a rule that
    /// one of them breaks refuses it here.
    #[test]
    fn the_demo_world_is_made_whole_and_kept_the_second_time() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("demo");
        let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/policy");
        let variable = |name: &str| match name {
            "MIFENG_DATA" => Some(folder.join("data").to_str().unwrap().to_owned()),
            "MIFENG_KEYS" => Some(folder.join("keys").to_str().unwrap().to_owned()),
            "MIFENG_POLICY" => Some(policy.into()),
            _ => None,
        };
        let config = Config::read(Mode::Demo, variable).unwrap();
        make(&folder, &config).unwrap();
        assert!(make(&folder, &config).unwrap_err().to_string().contains("MIFENG_DEMO_DIR"));

        let keys = ServerKeys::load(&config.keys, Mode::Demo).unwrap();
        assert!(ServerKeys::load(&config.keys, Mode::Production).is_err(), "demo keys in production");
        let checked = serve::open_store(&config, &keys, None, None).unwrap().check().unwrap();
        assert_eq!(checked.problems, Vec::<String>::new());
        assert!(checked.counts["cases"] >= 30, "{:?}", checked.counts);

        let demo = refreshed(&folder, &config).unwrap();
        assert_eq!(demo.accounts.len(), 17);
        assert_eq!(demo.receipts.len(), 4);
        assert_eq!(demo.keys.trustees.len(), 3);
    }
}
