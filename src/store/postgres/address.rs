//! Where the database is, and as whom: a file, for a password must stand in no argument and no variable.
//!
//! ```toml
//! host = "/run/postgresql"          # the folder of a Unix socket; or names or addresses, one or several
//! port = 5432
//! database = "mifeng"
//! user = "mifeng_portal"
//! password_file = "portal.password" # mode 0600; leave it out where the server knows who connects (peer)
//! ca = "postgres-ca.pem"            # what has signed the server's certificate; needed unless the server is here
//! ```
//! Files are found beside this one. A server that is not on this machine is reached over TLS and asked for its name,
//! always: there is no setting that leaves it out.

use crate::config::{KeysRefused, check_private};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::Deserialize;
use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio_postgres::config::{ChannelBinding, Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;
use zeroize::Zeroizing;

/// What a process's connections call themselves: one process has several, and tells them from another's.
static PROCESS: LazyLock<String> = LazyLock::new(|| format!("mifeng-{:08x}", rand::random::<u32>()));
/// A connection that does not come about in this time is not there.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A connection on which nothing is heard for this long is lost, as behind a pulled cable.
const SILENT: Duration = Duration::from_secs(15);

/// The file, as it was read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresFile {
    host: Hosts,
    #[serde(default = "usual_port")]
    port: u16,
    database: String,
    user: String,
    password_file: Option<PathBuf>,
    ca: Option<PathBuf>,
    /// Where the file lies.
    #[serde(skip)]
    folder: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Hosts {
    One(String),
    /// Tried in turn until one takes writes: the machines of a cluster that changes over.
    Several(Vec<String>),
}

fn usual_port() -> u16 {
    5432
}

#[derive(Debug, thiserror::Error)]
pub enum AddressRefused {
    #[error("{}: {why}", path.display())]
    File { path: PathBuf, why: String },
    #[error(
        "{0} is not on this machine, and the file names no `ca`: a server elsewhere is reached over TLS only, with a certificate that this authority has signed"
    )]
    NoAuthority(String),
    #[error("`host` names nothing, or machines of both kinds: here and elsewhere")]
    Hosts,
    #[error(transparent)]
    Password(#[from] KeysRefused),
}

/// Ready to connect: no file is read after this. Holds the password, and so is not printable.
#[derive(Clone)]
pub struct PostgresAddress {
    pub(super) config: tokio_postgres::Config,
    /// `None` on this machine.
    pub(super) tls: Option<MakeRustlsConnect>,
    /// For messages.
    pub(super) told: String,
}

impl PostgresAddress {
    /// The port that is called; `None`: a socket in the file system.
    pub fn calls(&self) -> Option<u16> {
        let is_called = self.config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)));
        self.config.get_ports().first().copied().filter(|_| is_called)
    }
}

impl PostgresFile {
    pub fn load(path: &Path) -> Result<Self, AddressRefused> {
        let refused = |why: String| AddressRefused::File { path: path.into(), why };
        let text = std::fs::read_to_string(path).map_err(|e| refused(e.to_string()))?;
        let mut file: Self = toml::from_str(&text).map_err(|e| refused(e.message().to_owned()))?;
        file.folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(file)
    }

    fn hosts(&self) -> &[String] {
        match &self.host {
            Hosts::One(host) => std::slice::from_ref(host),
            Hosts::Several(hosts) => hosts,
        }
    }

    /// Reads the password and the authority.
    pub fn resolve(&self) -> Result<PostgresAddress, AddressRefused> {
        let mut config = tokio_postgres::Config::new();
        config
            .port(self.port)
            .dbname(&self.database)
            .user(&self.user)
            .application_name(PROCESS.as_str())
            .connect_timeout(CONNECT_WITHIN)
            .tcp_user_timeout(SILENT)
            .keepalives_idle(SILENT)
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        for host in self.hosts() {
            config.host(host);
        }
        if let Some(path) = &self.password_file {
            let path = self.folder.join(path);
            let refused = |e: std::io::Error| AddressRefused::File { path: path.clone(), why: e.to_string() };
            let password = Zeroizing::new(std::fs::read_to_string(&path).map_err(refused)?);
            check_private(&path)?;
            config.password(password.trim_end_matches(['\r', '\n']));
        }
        let elsewhere: Vec<&String> = self.hosts().iter().filter(|host| !is_here(host)).collect();
        let tls = match (elsewhere.first(), &self.ca) {
            (None, _) if self.hosts().is_empty() => return Err(AddressRefused::Hosts),
            (None, _) => {
                config.ssl_mode(SslMode::Disable);
                None
            }
            (Some(_), _) if elsewhere.len() < self.hosts().len() => return Err(AddressRefused::Hosts),
            (Some(host), None) => return Err(AddressRefused::NoAuthority((*host).clone())),
            (Some(_), Some(ca)) => {
                config.ssl_mode(SslMode::Require).channel_binding(ChannelBinding::Prefer);
                Some(trusting(&self.folder.join(ca))?)
            }
        };
        Ok(PostgresAddress { config, tls, told: self.to_string() })
    }
}

/// Host and database, for messages.
impl fmt::Display for PostgresFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL, database {} as {} at {}", self.database, self.user, self.hosts().join(", "))
    }
}

/// A socket in the file system, or an address of this machine alone. Names are not: who answers to `localhost` is
/// looked up.
fn is_here(host: &str) -> bool {
    host.starts_with('/') || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Believes servers whose certificate this authority has signed for the name they are reached by, and nobody else.
fn trusting(ca: &Path) -> Result<MakeRustlsConnect, AddressRefused> {
    let refused = |why: String| AddressRefused::File { path: ca.into(), why };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(ca).map_err(|e| refused(e.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|e| refused(e.to_string()))?;
        roots.add(certificate).map_err(|e| refused(e.to_string()))?;
    }
    if roots.is_empty() {
        return Err(refused("holds no certificate".into()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| refused(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn file(lines: &str) -> (tempfile::TempDir, Result<PostgresFile, AddressRefused>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("postgres.toml");
        std::fs::write(&path, format!("database = \"mifeng\"\nuser = \"mifeng_portal\"\n{lines}")).unwrap();
        let file = PostgresFile::load(&path);
        (folder, file)
    }

    fn refused(lines: &str) -> String {
        let (_folder, file) = file(lines);
        file.and_then(|file| file.resolve()).err().unwrap().to_string()
    }

    #[test]
    fn a_server_elsewhere_is_never_reached_without_an_authority_for_its_certificate() {
        for host in ["db.example", "10.0.0.3", "localhost"] {
            let why = refused(&format!("host = \"{host}\""));
            assert!(why.contains(host) && why.contains("TLS"), "{why}");
        }
        for host in ["/run/postgresql", "127.0.0.1", "::1"] {
            let (_folder, file) = file(&format!("host = \"{host}\""));
            let address = file.unwrap().resolve().unwrap();
            assert!(address.tls.is_none() && address.config.get_ssl_mode() == SslMode::Disable);
            assert_eq!(address.calls(), (!host.starts_with('/')).then_some(5432));
        }
        assert!(refused("host = [\"/run/postgresql\", \"db.example\"]").contains("both kinds"));
        assert!(refused("host = []").contains("names nothing"));
    }

    #[test]
    fn an_authority_s_file_must_hold_a_certificate() {
        let (folder, file) = file("host = \"db.example\"\nca = \"ca.pem\"");
        std::fs::write(folder.path().join("ca.pem"), "nothing\n").unwrap();
        let why = file.unwrap().resolve().err().unwrap().to_string();
        assert!(why.contains("holds no certificate"), "{why}");
    }

    #[test]
    fn a_password_lies_in_a_file_that_nobody_else_reads_and_is_not_printed() {
        let (folder, file) = file("host = \"/run/postgresql\"\npassword_file = \"p\"");
        let path = folder.path().join("p");
        std::fs::write(&path, "hunter2\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let file = file.unwrap();
        assert!(matches!(file.resolve(), Err(AddressRefused::Password(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(file.resolve().unwrap().config.get_password(), Some(&b"hunter2"[..]));
        assert!(!format!("{file:?} {file}").contains("hunter2"));
        assert!(refused("host = \"/run/postgresql\"\npassword = \"hunter2\"").contains("unknown field"));
    }
}
