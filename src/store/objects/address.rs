//! Where the bucket is, and as whom: a file, for a secret key must stand in no argument and no variable.
//!
//! ```toml
//! endpoint = "https://s3.example.gov.cn"   # over http only to an address of this machine itself
//! bucket = "mifeng"
//! prefix = "mifeng"                        # objects are named mifeng/…; another one for another store in the bucket
//! region = "us-east-1"                     # as the server calls itself; goes into signatures
//! key_id = "mifeng"
//! secret_file = "objects.secret"           # mode 0600, or a systemd credential
//! ca = "objects-ca.pem"                    # an authority of your own instead of those browsers know
//! host_style = false                       # true: the bucket's name is part of the server's
//! ```
//! Files are found beside this one.

use crate::{
    authority,
    config::{KeysRefused, check_private},
};
use axum::http::{Uri, uri::Scheme};
use serde::Deserialize;
use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
};
use ureq::tls::RootCerts;
use zeroize::Zeroizing;

/// The file, as it was read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectsFile {
    endpoint: String,
    bucket: String,
    #[serde(default = "usual_prefix")]
    prefix: String,
    #[serde(default = "usual_region")]
    region: String,
    key_id: String,
    secret_file: PathBuf,
    ca: Option<PathBuf>,
    #[serde(default)]
    host_style: bool,
    /// Where the file lies.
    #[serde(skip)]
    folder: PathBuf,
}

fn usual_prefix() -> String {
    "mifeng".into()
}

fn usual_region() -> String {
    "us-east-1".into()
}

#[derive(Debug, thiserror::Error)]
pub enum ObjectsFileRefused {
    #[error("{}: {why}", path.display())]
    File { path: PathBuf, why: String },
    #[error(
        "endpoint = {0:?}: it must be an address such as https://s3.example.gov.cn, with nothing behind it"
    )]
    Endpoint(String),
    #[error(
        "endpoint = {0:?}: over http only to an address of this machine itself, such as http://127.0.0.1:9000; elsewhere https"
    )]
    Plain(String),
    #[error("prefix = {0:?}: one or more lower-case letters, digits and hyphens")]
    Prefix(String),
    #[error(transparent)]
    Secret(#[from] KeysRefused),
}

/// Ready to call: no file is read after this. Holds the secret key, and so is not printable.
#[derive(Clone)]
pub struct ObjectsAddress {
    pub(super) endpoint: String,
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) region: String,
    pub(super) key_id: String,
    pub(super) secret: Zeroizing<String>,
    pub(super) host_style: bool,
    /// `None`: the authorities browsers know.
    pub(super) roots: Option<RootCerts>,
    /// For messages.
    pub(super) told: String,
    port: u16,
}

impl ObjectsAddress {
    /// The port that is called.
    pub fn calls(&self) -> u16 {
        self.port
    }
}

impl ObjectsFile {
    pub fn load(path: &Path) -> Result<Self, ObjectsFileRefused> {
        let refused = |why: String| ObjectsFileRefused::File { path: path.into(), why };
        let text = std::fs::read_to_string(path).map_err(|e| refused(e.to_string()))?;
        let mut file: Self = toml::from_str(&text).map_err(|e| refused(e.message().to_owned()))?;
        file.folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(file)
    }

    /// Reads the secret key and the authority.
    pub fn resolve(&self) -> Result<ObjectsAddress, ObjectsFileRefused> {
        let port = self.port()?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.prefix.is_empty() || !self.prefix.chars().all(plain) {
            return Err(ObjectsFileRefused::Prefix(self.prefix.clone()));
        }
        let path = self.folder.join(&self.secret_file);
        let refused = |why: String| ObjectsFileRefused::File { path: path.clone(), why };
        let secret =
            std::fs::read_to_string(&path).map(Zeroizing::new).map_err(|e| refused(e.to_string()))?;
        check_private(&path)?;
        let secret = Zeroizing::new(secret.trim().to_owned());
        if secret.is_empty() {
            return Err(refused("holds no key".into()));
        }
        let roots = self.ca.as_ref().map(|ca| {
            let path = self.folder.join(ca);
            let refused = |why: String| ObjectsFileRefused::File { path: path.clone(), why };
            let pem = std::fs::read(&path).map_err(|e| refused(e.to_string()))?;
            authority::trusting(&pem).ok_or_else(|| refused("holds no certificate".into()))
        });
        Ok(ObjectsAddress {
            endpoint: self.endpoint.clone(),
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
            region: self.region.clone(),
            key_id: self.key_id.clone(),
            secret,
            host_style: self.host_style,
            roots: roots.transpose()?,
            told: self.to_string(),
            port,
        })
    }

    fn port(&self) -> Result<u16, ObjectsFileRefused> {
        let other = || ObjectsFileRefused::Endpoint(self.endpoint.clone());
        let uri: Uri = self.endpoint.parse().map_err(|_| other())?;
        let host = uri.host().ok_or_else(other)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(other());
        }
        match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => Ok(uri.port_u16().unwrap_or(443)),
            Some(scheme) if *scheme == Scheme::HTTP && is_here(host) => Ok(uri.port_u16().unwrap_or(80)),
            Some(scheme) if *scheme == Scheme::HTTP => Err(ObjectsFileRefused::Plain(self.endpoint.clone())),
            _ => Err(other()),
        }
    }
}

/// An address of this machine alone. Names are not: who answers to `localhost` is looked up.
fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Server and bucket, for messages.
impl fmt::Display for ObjectsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, bucket {}, prefix {}", self.endpoint, self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn file(lines: &str) -> (tempfile::TempDir, Result<ObjectsFile, ObjectsFileRefused>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("objects.toml");
        let secret = folder.path().join("s");
        std::fs::write(&secret, "hunter2\n").unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, format!("bucket = \"b\"\nkey_id = \"k\"\nsecret_file = \"s\"\n{lines}"))
            .unwrap();
        let file = ObjectsFile::load(&path);
        (folder, file)
    }

    fn resolved(lines: &str) -> Result<ObjectsAddress, ObjectsFileRefused> {
        let (_folder, file) = file(lines);
        file.and_then(|file| file.resolve())
    }

    fn refused(lines: &str) -> String {
        resolved(lines).err().unwrap().to_string()
    }

    #[test]
    fn a_server_elsewhere_is_called_over_https_alone() {
        for host in ["s3.example", "10.0.0.3:9000", "localhost:9000"] {
            let why = refused(&format!("endpoint = \"http://{host}\""));
            assert!(why.contains(host) && why.contains("https"), "{why}");
        }
        for (endpoint, port) in [
            ("http://127.0.0.1:9000", 9000),
            ("http://[::1]:9000", 9000),
            ("https://s3.example", 443),
            ("https://10.0.0.3:9000/", 9000),
        ] {
            assert_eq!(resolved(&format!("endpoint = \"{endpoint}\"")).unwrap().calls(), port, "{endpoint}");
        }
        for endpoint in
            ["s3.example", "https://s3.example/bucket", "ftp://s3.example", "https://s3.example/?a"]
        {
            assert!(
                refused(&format!("endpoint = \"{endpoint}\"")).contains("must be an address"),
                "{endpoint}"
            );
        }
        assert!(refused("endpoint = \"https://s3.example\"\nprefix = \"a/b\"").contains("hyphens"));
    }

    #[test]
    fn a_secret_key_lies_in_a_file_that_nobody_else_reads_and_is_not_printed() {
        let (folder, file) = file("endpoint = \"https://s3.example\"");
        let (path, file) = (folder.path().join("s"), file.unwrap());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(file.resolve(), Err(ObjectsFileRefused::Secret(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(*file.resolve().unwrap().secret, "hunter2");
        assert!(!format!("{file:?} {file}").contains("hunter2"));
        std::fs::write(&path, "\n").unwrap();
        assert!(file.resolve().err().unwrap().to_string().contains("holds no key"));
        assert!(refused("endpoint = \"https://s3.example\"\nsecret = \"hunter2\"").contains("unknown field"));
    }

    #[test]
    fn an_authority_s_file_must_hold_a_certificate() {
        let (folder, file) = file("endpoint = \"https://s3.example\"\nca = \"ca.pem\"");
        std::fs::write(folder.path().join("ca.pem"), "nothing\n").unwrap();
        assert!(file.unwrap().resolve().err().unwrap().to_string().contains("holds no certificate"));
    }
}
