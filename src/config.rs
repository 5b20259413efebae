//! What a process is started with: three addresses, three folders, and whether it is a demo.
//!
//! | variable | default | what |
//! |---|---|---|
//! | `MIFENG_PORTAL` | `127.0.0.1:8080` | address of the reporters' face |
//! | `MIFENG_CONSOLE` | `127.0.0.1:8081` | address of the staff face |
//! | `MIFENG_OFFICE` | `127.0.0.1:8082` | address of the reward office's face |
//! | `MIFENG_STATUS` | none | address for whoever watches over the server: `/live`, `/ready`, `/metrics` |
//! | `MIFENG_DATA` | `data` | the store; best on a volume of its own |
//! | `MIFENG_POSTGRES` | none | a file that names a PostgreSQL database, which then holds the store instead; `store::postgres::address` shows one |
//! | `MIFENG_OBJECTS` | none | a file that names a bucket of an S3-compatible object store, where whole objects of files then lie; `store::objects::address` shows one |
//! | `MIFENG_BACKUP` | none | a file with the age recipients that backups are sealed to; without it none is made |
//! | `MIFENG_KEYS` | `keys` | key files; never inside the data folder or its backups |
//! | `MIFENG_POLICY` | `policy` | the rules |
//! | `MIFENG_DOOR` | none | the file with the staff faces' own addresses, for passkeys and single sign-on; `door` shows one |
//! | `MIFENG_CONTAIN` | `possible` | `required`: a kernel that cannot restrict files, network and system calls is refused |
//! | `MIFENG_PRESSURE` | `auto` | whether newcomers wait in line: `auto` when a bound is near, `off` never, `always` for a drill |
//! | `MIFENG_HTTPS` | `yes`, in a demo `no` | whether browsers reach the faces over https, as they must: cookies then travel no other way |

mod door;
mod keys;

pub use door::{Claim, DoorFile, DoorFileRefused, Sites, SsoConfig};
pub use keys::{KeysRefused, ServerKeys, check_private, closed_log, file};

use crate::pressure::Switch;
use std::{net::SocketAddr, path::PathBuf};

/// Whether the process serves people or shows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Missing, readable or example keys are refused.
    Production,
    /// Keys made on the spot, people invented.
    Demo,
}

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FaceName {
    Portal,
    Console,
    Office,
}

/// Where each face listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    pub portal: SocketAddr,
    pub console: SocketAddr,
    pub office: SocketAddr,
}

/// Where a process finds things. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub mode: Mode,
    /// The one face that this process serves; `None`: all three.
    pub face: Option<FaceName>,
    pub addresses: Addresses,
    /// Where it says how it is; `None`: nowhere.
    pub status: Option<SocketAddr>,
    pub data: PathBuf,
    /// The store lies in the database this file names, and not in `data`.
    pub postgres: Option<PathBuf>,
    /// Files lie, as far as they make whole objects, in the bucket this file names.
    pub objects: Option<PathBuf>,
    /// To whom backups are sealed.
    pub backup: Option<PathBuf>,
    pub keys: PathBuf,
    pub policy: PathBuf,
    pub door: Option<PathBuf>,
    /// A kernel that cannot restrict this process is refused.
    pub must_contain: bool,
    /// Whether newcomers wait in line.
    pub pressure: Switch,
    /// Browsers reach the faces over https (a proxy in front ends it); `no` for an onion service.
    pub https: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigRefused {
    #[error("{variable} is {value:?}; it must be an address and a port, such as 127.0.0.1:8080")]
    Address { variable: &'static str, value: String },
    #[error("MIFENG_PORTAL, MIFENG_CONSOLE, MIFENG_OFFICE and MIFENG_STATUS must be different addresses")]
    SharedAddress,
    #[error(
        "the key folder {} lies inside the data folder {}: a backup of the data would carry the keys; move it and set MIFENG_KEYS",
        keys.display(), data.display()
    )]
    KeysInsideData { keys: PathBuf, data: PathBuf },
    #[error(
        "the file of MIFENG_POSTGRES, {}, lies in the key folder {}: every face sees that folder, and every backup of the keys holds it; put it with its password into a folder of its own (docs/operations.md, 7)",
        file.display(), keys.display()
    )]
    PostgresInsideKeys { file: PathBuf, keys: PathBuf },
    #[error("MIFENG_CONTAIN is {0:?}; it must be possible or required")]
    Contain(String),
    #[error(
        "a face of its own needs a database that several processes share: set MIFENG_POSTGRES (docs/operations.md, 7)"
    )]
    FaceWithoutPostgres,
    #[error("MIFENG_PRESSURE is {0:?}; it must be auto, off or always")]
    Pressure(String),
    #[error("MIFENG_HTTPS is {0:?}; it must be yes or no")]
    Https(String),
}

impl Config {
    /// `variable` looks one up, as `std::env::var(name).ok()` does.
    pub fn read(mode: Mode, variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigRefused> {
        let addresses = Addresses {
            portal: address(&variable, "MIFENG_PORTAL", "127.0.0.1:8080")?,
            console: address(&variable, "MIFENG_CONSOLE", "127.0.0.1:8081")?,
            office: address(&variable, "MIFENG_OFFICE", "127.0.0.1:8082")?,
        };
        let Addresses { portal, console, office } = addresses;
        let chosen = |a: SocketAddr, b: SocketAddr| a == b && a.port() != 0;
        let status = variable("MIFENG_STATUS").map(|value| parse("MIFENG_STATUS", value)).transpose()?;
        let shared = |a: SocketAddr| status.is_some_and(|status| chosen(a, status));
        let faces = [portal, console, office];
        if chosen(portal, console)
            || chosen(portal, office)
            || chosen(console, office)
            || faces.into_iter().any(shared)
        {
            return Err(ConfigRefused::SharedAddress);
        }
        let path = |name: &str, or: &str| PathBuf::from(variable(name).unwrap_or_else(|| or.into()));
        let https = match variable("MIFENG_HTTPS").as_deref() {
            Some("yes") => true,
            Some("no") => false,
            None => mode == Mode::Production,
            Some(other) => return Err(ConfigRefused::Https(other.into())),
        };
        let must_contain = match variable("MIFENG_CONTAIN").as_deref() {
            Some("required") => true,
            Some("possible") | None => false,
            Some(other) => return Err(ConfigRefused::Contain(other.into())),
        };
        let pressure = match variable("MIFENG_PRESSURE").as_deref() {
            Some("auto") | None => Switch::Auto,
            Some("off") => Switch::Off,
            Some("always") => Switch::Always,
            Some(other) => return Err(ConfigRefused::Pressure(other.into())),
        };
        let config = Self {
            mode,
            face: None,
            addresses,
            status,
            data: path("MIFENG_DATA", "data"),
            postgres: variable("MIFENG_POSTGRES").map(PathBuf::from),
            objects: variable("MIFENG_OBJECTS").map(PathBuf::from),
            backup: variable("MIFENG_BACKUP").map(PathBuf::from),
            keys: path("MIFENG_KEYS", "keys"),
            policy: path("MIFENG_POLICY", "policy"),
            door: variable("MIFENG_DOOR").map(PathBuf::from),
            must_contain,
            pressure,
            https,
        };
        let inside = config.keys.starts_with(&config.data) && config.keys != config.data;
        if mode == Mode::Production && (inside || config.keys == config.data) {
            return Err(ConfigRefused::KeysInsideData { keys: config.keys, data: config.data });
        }
        if let Some(file) = config.postgres.as_ref().filter(|file| file.starts_with(&config.keys)) {
            return Err(ConfigRefused::PostgresInsideKeys { file: file.clone(), keys: config.keys });
        }
        Ok(config)
    }
}

impl Config {
    /// The same, for a process that serves one face. sled belongs to one process, so that takes PostgreSQL.
    pub fn of_face(self, face: Option<FaceName>) -> Result<Self, ConfigRefused> {
        if face.is_some() && self.postgres.is_none() {
            return Err(ConfigRefused::FaceWithoutPostgres);
        }
        Ok(Self { face, ..self })
    }
}

fn address(
    variable: &impl Fn(&str) -> Option<String>,
    name: &'static str,
    or: &str,
) -> Result<SocketAddr, ConfigRefused> {
    parse(name, variable(name).unwrap_or_else(|| or.into()))
}

fn parse(variable: &'static str, value: String) -> Result<SocketAddr, ConfigRefused> {
    value.parse().map_err(|_| ConfigRefused::Address { variable, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mode: Mode, set: &[(&str, &str)]) -> Result<Config, ConfigRefused> {
        Config::read(mode, |name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn nothing_set_gives_the_three_addresses_of_the_readme() {
        let config = read(Mode::Production, &[]).unwrap();
        let ports = [config.addresses.portal, config.addresses.console, config.addresses.office];
        assert_eq!(ports.map(|a| a.to_string()), ["127.0.0.1:8080", "127.0.0.1:8081", "127.0.0.1:8082"]);
        assert_eq!(config.keys, PathBuf::from("keys"));
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_name_of_the_variable() {
        let bad = read(Mode::Production, &[("MIFENG_OFFICE", "localhost")]).unwrap_err();
        assert!(bad.to_string().contains("MIFENG_OFFICE"), "{bad}");
        let same = read(Mode::Production, &[("MIFENG_OFFICE", "127.0.0.1:8080")]);
        assert_eq!(same, Err(ConfigRefused::SharedAddress));
        let status = read(Mode::Production, &[("MIFENG_STATUS", "127.0.0.1:8081")]);
        assert_eq!(status, Err(ConfigRefused::SharedAddress));
        let status = read(Mode::Production, &[("MIFENG_STATUS", "9100")]).unwrap_err();
        assert!(status.to_string().contains("MIFENG_STATUS"), "{status}");
        let https = read(Mode::Production, &[("MIFENG_HTTPS", "of course")]);
        assert_eq!(https, Err(ConfigRefused::Https("of course".into())));
        let contain = read(Mode::Production, &[("MIFENG_CONTAIN", "no")]);
        assert_eq!(contain, Err(ConfigRefused::Contain("no".into())));
        let pressure = read(Mode::Production, &[("MIFENG_PRESSURE", "on")]);
        assert_eq!(pressure, Err(ConfigRefused::Pressure("on".into())));
        assert_eq!(read(Mode::Production, &[]).unwrap().pressure, Switch::Auto);
    }

    #[test]
    fn cookies_travel_over_https_alone_unless_somebody_says_otherwise() {
        assert!(read(Mode::Production, &[]).unwrap().https);
        assert!(!read(Mode::Production, &[("MIFENG_HTTPS", "no")]).unwrap().https);
        assert!(!read(Mode::Demo, &[]).unwrap().https);
    }

    #[test]
    fn keys_never_lie_inside_the_data_folder_of_a_production_server() {
        let set = [("MIFENG_DATA", "/srv/d"), ("MIFENG_KEYS", "/srv/d/keys")];
        assert!(matches!(read(Mode::Production, &set), Err(ConfigRefused::KeysInsideData { .. })));
        assert!(read(Mode::Demo, &set).is_ok());
    }

    /// In any mode: commands read with the mode of a demo, and it is their role's password that is worth most.
    #[test]
    fn a_database_s_password_never_lies_in_the_key_folder() {
        let inside = [("MIFENG_KEYS", "/etc/m/keys"), ("MIFENG_POSTGRES", "/etc/m/keys/postgres.toml")];
        for mode in [Mode::Production, Mode::Demo] {
            let why = read(mode, &inside).unwrap_err();
            assert!(matches!(why, ConfigRefused::PostgresInsideKeys { .. }), "{why}");
        }
        let beside = [("MIFENG_KEYS", "/etc/m/keys"), ("MIFENG_POSTGRES", "/etc/m/keys-role/postgres.toml")];
        assert!(read(Mode::Production, &beside).is_ok());
    }

    #[test]
    fn a_face_of_its_own_takes_a_database_that_can_be_shared() {
        let alone = |set: &[_]| read(Mode::Production, set).unwrap().of_face(Some(FaceName::Portal));
        assert_eq!(alone(&[]), Err(ConfigRefused::FaceWithoutPostgres));
        assert_eq!(alone(&[("MIFENG_POSTGRES", "p.toml")]).unwrap().face, Some(FaceName::Portal));
        assert!(read(Mode::Production, &[]).unwrap().of_face(None).is_ok());
    }

    /// systemd's folder of credentials is read-only, and the months' keys are written into the key folder.
    #[test]
    fn the_key_folder_is_the_one_that_is_named_and_never_systemd_s_credentials() {
        let credentials = ("CREDENTIALS_DIRECTORY", "/run/credentials/mifeng");
        assert_eq!(read(Mode::Production, &[credentials]).unwrap().keys, PathBuf::from("keys"));
        let both = read(Mode::Production, &[credentials, ("MIFENG_KEYS", "/etc/mifeng/keys")]).unwrap();
        assert_eq!(both.keys, PathBuf::from("/etc/mifeng/keys"));
    }
}
