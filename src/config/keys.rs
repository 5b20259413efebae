//! The server's key folder, and why one is refused.
//!
//! ```text
//! keys/root.key             one line a key: mifeng-root-1 and 64 hexadecimal digits; the first writes   secret
//! keys/log.key              MIFENG-SIGNING-KEY-…: signs checkpoints                                     secret
//! keys/log.vkey             its public half under the log's name, written when a set is pinned           public
//! keys/log.closed.json      the log's keys before this one, and how each named the next; none at first       public
//! keys/retention/2031-11.key  32 bytes a month of expiry; destroying one forgets                        secret
//! keys/recipient-set.json   the signed recipient set                                                    public
//! keys/recipient-set.pin    its fingerprint, compared with the holders' before it was written here      public
//! keys/recipient-set.1.json  an earlier set, kept when the one after it was pinned                       public
//! keys/approvers.json       the roster of approvers, signed by the office                               public
//! ```
//! No key here opens an envelope: those of the office and the trustees never come near the server.

use super::Mode;
use crate::{
    clock::SystemClock,
    log::{
        checkpoint::{CheckpointRefused, LogKey},
        closing::{self, Closed},
    },
    recipients::{
        Fingerprint, RecipientSet, Roster, RosterRefused, SetRefused, Sets, UntrustedRoster, UntrustedSet,
    },
    signing::{KeyRefused, SigningKey},
    store::{OpenRefused, at_rest::RootKeys, retention::RetentionKeys},
};
use std::{
    io::ErrorKind,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use zeroize::Zeroizing;

/// Names of the files in the key folder.
pub mod file {
    pub const ROOT: &str = "root.key";
    pub const LOG: &str = "log.key";
    pub const LOG_VKEY: &str = "log.vkey";
    pub const LOG_CLOSED: &str = "log.closed.json";
    pub const RETENTION: &str = "retention";
    pub const SET: &str = "recipient-set.json";
    pub const PIN: &str = "recipient-set.pin";
    /// An earlier set.
    pub fn set_numbered(number: u32) -> String {
        format!("recipient-set.{number}.json")
    }
    pub const ROSTER: &str = "approvers.json";
}

/// Keys of `keys-example/`: in every copy of the source, so worth nothing.
const EXAMPLE_ROOT: &str = include_str!("../../keys-example/root.key");
const EXAMPLE_LOG: &str = include_str!("../../keys-example/log.key");
const EXAMPLE_PIN: &str = include_str!("../../keys-example/recipient-set.pin");
/// Instances whose holders' keys lie beside each other on one machine.
const DEMO_INSTANCES: [&str; 2] = ["demo", "example"];

/// What to do about a missing root or log key.
const INIT: &str = "Put the key folder back from its backup. Only for a new service: `mifeng keys init`";

#[derive(Debug, thiserror::Error)]
pub enum KeysRefused {
    #[error("{} is missing. {}", path.display(), remedy)]
    Missing { path: PathBuf, remedy: &'static str },
    #[error("{} cannot be read: {why}", path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error(
        "{} can be read or changed by other users of this machine (mode {mode:03o}). Treat its key as known: make a new one, or, if nobody else has had access, run: chmod 600 {}",
        path.display(), path.display()
    )]
    OpenToOthers { path: PathBuf, mode: u32 },
    #[error(
        "{} is the example key that everybody has. Make keys of your own with `mifeng keys init`; the example keys serve demos only",
        .0.display()
    )]
    Example(PathBuf),
    #[error(
        "the recipient set is one of a demo (instance {0:?}): all its keys were made on one machine. Draft a set with your holders' keys (docs/operations.md, 1)"
    )]
    DemoInstance(String),
    #[error("{}: {why}", path.display())]
    Set { path: PathBuf, why: SetRefused },
    #[error("{}: {why}. Let the office sign the roster again with `mifeng keys roster`", path.display())]
    Roster { path: PathBuf, why: RosterRefused },
    #[error("{}: it does not lead to the log key that is there. Was `mifeng keys log change` broken off? Then run it again", .0.display())]
    LogNotFollowed(PathBuf),
    #[error("{}: {why}", path.display())]
    Store { path: PathBuf, why: OpenRefused },
    #[error("{}: {why}", path.display())]
    SigningKey { path: PathBuf, why: KeyRefused },
}

/// Everything the server knows of keys. Not printable.
pub struct ServerKeys {
    pub root: RootKeys,
    pub retention: RetentionKeys,
    pub log: SigningKey,
    /// The log's keys before this one.
    pub closed: Vec<Closed>,
    pub set: RecipientSet,
    /// The same set with those before it.
    pub sets: Sets,
    /// The same set as it lies in its file, for those who check it themselves.
    pub set_file: UntrustedSet,
    pub roster: Roster,
    pub roster_file: UntrustedRoster,
}

impl ServerKeys {
    /// Reads and checks the folder.
    ///
    /// # Errors
    /// Each names the file and says what to do. Example and demo keys are taken in [`Mode::Demo`] alone.
    pub fn load(folder: &Path, mode: Mode) -> Result<Self, KeysRefused> {
        let root_text = secret(&folder.join(file::ROOT), INIT)?;
        let root = RootKeys::parse(&root_text)
            .map_err(|why| KeysRefused::Store { path: folder.join(file::ROOT), why })?;
        let log_text = secret(&folder.join(file::LOG), INIT)?;
        let log = SigningKey::parse(&log_text)
            .map_err(|why| KeysRefused::SigningKey { path: folder.join(file::LOG), why })?;
        let months = folder.join(file::RETENTION);
        let retention = RetentionKeys::open(&months, Arc::new(SystemClock))
            .map_err(|why| KeysRefused::Store { path: months.clone(), why })?;
        for entry in std::fs::read_dir(&months).into_iter().flatten().flatten() {
            check_private(&entry.path())?;
        }

        let set_path = folder.join(file::SET);
        let set_text = public(&set_path, "Draft, sign and pin one with `mifeng keys set`")?;
        let pin_text = public(&folder.join(file::PIN), "Pin the set with `mifeng keys set pin`")?;
        let refused = |why| KeysRefused::Set { path: set_path.clone(), why };
        let set_file = UntrustedSet::parse(&set_text).map_err(refused)?;
        let pin: Fingerprint = pin_text.parse().map_err(refused)?;
        let set = set_file.pinned(&pin).map_err(refused)?;
        let sets =
            Sets::new((set.clone(), &set_file), earlier_sets(folder, set.number())?).map_err(refused)?;

        let closed = closed_log(folder)?;
        if let Some(first) = closed.first() {
            let leads = || -> Result<bool, CheckpointRefused> {
                let now = LogKey::new(format!("{}/log", set.instance().0).parse()?, log.verify_key());
                Ok(closing::follow(&first.key.parse()?, &closed)?.0 == now)
            };
            if leads() != Ok(true) {
                return Err(KeysRefused::LogNotFollowed(folder.join(file::LOG_CLOSED)));
            }
        }

        let roster_path = folder.join(file::ROSTER);
        let roster_text = public(&roster_path, "Let the office sign one with `mifeng keys roster`")?;
        let roster_file: UntrustedRoster = serde_json::from_str(&roster_text)
            .map_err(|e| KeysRefused::Unreadable { path: roster_path.clone(), why: e.to_string() })?;
        let roster =
            roster_file.trusted(&set).map_err(|why| KeysRefused::Roster { path: roster_path, why })?;

        if mode == Mode::Production {
            let example = [(file::ROOT, &*root_text, EXAMPLE_ROOT), (file::LOG, &*log_text, EXAMPLE_LOG)];
            for (name, found, known) in example {
                if shares_a_line(found, known) {
                    return Err(KeysRefused::Example(folder.join(name)));
                }
            }
            if EXAMPLE_PIN.parse::<Fingerprint>().is_ok_and(|example| example == pin) {
                return Err(KeysRefused::Example(set_path));
            }
            let instance = set.instance().0.as_str();
            if DEMO_INSTANCES.contains(&instance) {
                return Err(KeysRefused::DemoInstance(instance.into()));
            }
        }
        Ok(Self { root, retention, log, closed, set, sets, set_file, roster, roster_file })
    }
}

/// Keys of the log that have ended; none where there is no such file.
pub fn closed_log(folder: &Path) -> Result<Vec<Closed>, KeysRefused> {
    let path = folder.join(file::LOG_CLOSED);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = public(&path, "It was written when the log's key was changed")?;
    serde_json::from_str(&text).map_err(|e| KeysRefused::Unreadable { path, why: e.to_string() })
}

/// The sets before set `number` that were kept.
fn earlier_sets(folder: &Path, number: u32) -> Result<Vec<UntrustedSet>, KeysRefused> {
    let mut found = Vec::new();
    for path in (1..number).map(|earlier| folder.join(file::set_numbered(earlier))) {
        if path.exists() {
            let text = public(&path, "It was written when the set after it was pinned")?;
            found.push(UntrustedSet::parse(&text).map_err(|why| KeysRefused::Set { path, why })?);
        }
    }
    Ok(found)
}

/// Refuses a secret file or folder that anyone but its owner may read, change or list.
pub fn check_private(path: &Path) -> Result<(), KeysRefused> {
    let meta = std::fs::metadata(path)
        .map_err(|e| KeysRefused::Unreadable { path: path.into(), why: e.to_string() })?;
    let mode = meta.mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeysRefused::OpenToOthers { path: path.into(), mode }) }
}

fn secret(path: &Path, remedy: &'static str) -> Result<Zeroizing<String>, KeysRefused> {
    let text = Zeroizing::new(public(path, remedy)?);
    check_private(path)?;
    Ok(text)
}

fn public(path: &Path, remedy: &'static str) -> Result<String, KeysRefused> {
    std::fs::read_to_string(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => KeysRefused::Missing { path: path.into(), remedy },
        _ => KeysRefused::Unreadable { path: path.into(), why: e.to_string() },
    })
}

/// Whether a key line of `known` stands in `found`; several keys may lie in one file.
fn shares_a_line(found: &str, known: &str) -> bool {
    let mut keys = known.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    keys.any(|key| found.lines().any(|line| line.trim() == key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{Instance, StaffId},
        recipients::{Approver, Office, Trustee},
    };
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt,
    };

    fn write(path: &Path, text: &str, mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    /// A complete key folder of an instance of that name.
    fn folder(instance: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let rng = &mut rand::rng();
        let instance = Instance(instance.into());
        let recipient = || age::x25519::Identity::generate().to_public().to_string();
        let keys: Vec<SigningKey> = (0..4).map(|_| SigningKey::generate(rng)).collect();
        let office = Office { working: recipient(), recovery: recipient(), verify: keys[0].verify_key() };
        let trustee = |i: usize| Trustee {
            name: format!("T{i}"),
            recipient: recipient(),
            verify: keys[i].verify_key(),
        };
        let trustees = vec![trustee(1), trustee(2), trustee(3)];
        let mut set = UntrustedSet::draft(&instance, 1, office, trustees, 2).unwrap();
        set.sign("office", &keys[0]);
        for (i, key) in keys.iter().enumerate().skip(1) {
            set.sign(&format!("trustee-{i}"), key);
        }
        let approver =
            Approver { staff: StaffId("a".into()), verify: SigningKey::generate(rng).verify_key() };
        let roster = UntrustedRoster::signed(&instance, 1, vec![approver], &keys[0]);
        let at = |name: &str| folder.path().join(name);
        write(&at(file::ROOT), &RootKeys::draw_file(rng), 0o600);
        write(&at(file::LOG), &SigningKey::generate(rng).to_text(), 0o600);
        write(&at(file::SET), &serde_json::to_string(&set).unwrap(), 0o644);
        write(&at(file::PIN), &set.fingerprint().to_string(), 0o644);
        write(&at(file::ROSTER), &serde_json::to_string(&roster).unwrap(), 0o644);
        folder
    }

    fn refused(folder: &Path, mode: Mode) -> String {
        match ServerKeys::load(folder, mode) {
            Ok(_) => panic!("the folder was taken"),
            Err(why) => why.to_string(),
        }
    }

    #[test]
    fn a_complete_folder_is_taken_in_production() {
        let folder = folder("sd.example");
        assert_eq!(ServerKeys::load(folder.path(), Mode::Production).unwrap().set.number(), 1);
    }

    #[test]
    fn each_missing_file_is_named_with_what_to_do() {
        for name in [file::ROOT, file::LOG, file::SET, file::PIN, file::ROSTER] {
            let folder = folder("sd.example");
            fs::remove_file(folder.path().join(name)).unwrap();
            let why = refused(folder.path(), Mode::Production);
            assert!(why.contains(name) && why.contains("mifeng keys"), "{name}: {why}");
        }
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused_in_either_mode() {
        let folder = folder("sd.example");
        fs::set_permissions(folder.path().join(file::ROOT), Permissions::from_mode(0o640)).unwrap();
        for mode in [Mode::Production, Mode::Demo] {
            assert!(refused(folder.path(), mode).contains("chmod 600"));
        }
    }

    #[test]
    fn example_and_demo_keys_serve_demos_only() {
        for (name, example) in [(file::ROOT, EXAMPLE_ROOT), (file::LOG, EXAMPLE_LOG)] {
            let folder = folder("sd.example");
            write(&folder.path().join(name), example, 0o600);
            assert!(refused(folder.path(), Mode::Production).contains("example key"), "{name}");
            assert!(ServerKeys::load(folder.path(), Mode::Demo).is_ok(), "{name}");
        }
        assert!(refused(folder("demo").path(), Mode::Production).contains("demo"));
        assert!(ServerKeys::load(folder("demo").path(), Mode::Demo).is_ok());
    }

    #[test]
    fn an_example_root_key_is_found_beside_another() {
        let folder = folder("sd.example");
        let two = format!("{}{EXAMPLE_ROOT}", *RootKeys::draw_file(&mut rand::rng()));
        write(&folder.path().join(file::ROOT), &two, 0o600);
        assert!(refused(folder.path(), Mode::Production).contains("example key"));
    }

    #[test]
    fn a_set_other_than_the_pinned_one_is_refused() {
        let (mine, other) = (folder("sd.example"), folder("sd.example"));
        fs::copy(other.path().join(file::SET), mine.path().join(file::SET)).unwrap();
        assert!(refused(mine.path(), Mode::Production).contains("pinned"));
    }

    #[test]
    fn a_roster_that_the_office_did_not_sign_is_refused() {
        let (mine, other) = (folder("sd.example"), folder("sd.example"));
        fs::copy(other.path().join(file::ROSTER), mine.path().join(file::ROSTER)).unwrap();
        assert!(refused(mine.path(), Mode::Production).contains("not signed by the office"));
    }
}
