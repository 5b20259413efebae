//! The file `MIFENG_DOOR` names: under which addresses staff reach their faces, and who else vouches for them.
//!
//! ```toml
//! [faces]
//! console = "https://console.jubao.example.gov.cn"
//! office = "https://office.jubao.example.gov.cn"
//!
//! [passkeys]                            # leave it out: no passkeys
//! domain = "jubao.example.gov.cn"       # both faces lie under it; a passkey is bound to it for good
//!
//! [sso]                                 # leave it out: no single sign-on
//! issuer = "https://login.example.gov.cn"
//! client_id = "mifeng"
//! secret_file = "/etc/mifeng/sso-secret"   # mode 0600
//! claim = "sub"                         # or "preferred_username", "email"
//! acr = ["urn:example:two-factors"]     # one of them must have been used; leave it out: any
//! amr = ["mfa"]                         # all of them
//! ca = "/etc/mifeng/ca.pem"             # instead of the authorities that browsers know
//! ```

use super::{Mode, check_private};
use crate::policy::{PolicyError, Source};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};
use webauthn_rs::prelude::Url;
use zeroize::Zeroizing;

/// Addresses of the staff faces as browsers have them: scheme, name, perhaps a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sites {
    pub console: String,
    pub office: String,
    /// The name passkeys are bound to; empty: none are used.
    pub passkeys: String,
}

/// A provider of single sign-on, as it was set up.
#[derive(Clone)]
pub struct SsoConfig {
    pub issuer: String,
    pub client_id: String,
    pub secret: Zeroizing<String>,
    pub claim: Claim,
    pub acr: Vec<String>,
    pub amr: Vec<String>,
    /// Certificates in PEM; `None`: the authorities browsers know.
    pub ca: Option<Vec<u8>>,
}

/// What of the provider's word names a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// Never given to somebody else, as the standard demands.
    #[default]
    Sub,
    PreferredUsername,
    /// Only one the provider has verified.
    Email,
}

/// Why the file was refused.
#[derive(Debug, thiserror::Error)]
pub enum DoorFileRefused {
    #[error(transparent)]
    File(#[from] PolicyError),
    #[error("{}: {reason}", .path.display())]
    Other { path: PathBuf, reason: String },
}

#[derive(Clone)]
pub struct DoorFile {
    pub sites: Sites,
    pub sso: Option<SsoConfig>,
}

impl DoorFile {
    /// # Errors
    /// The first thing that is wrong, with its line where it has one.
    pub fn load(path: &Path, mode: Mode) -> Result<Self, DoorFileRefused> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let source = Source::read(folder, &name)?;
        let file: File = source.parse()?;
        let refuse = |reason: String| DoorFileRefused::from(source.refuse_whole(reason));
        let sites = Sites {
            console: site(&file.faces.console, mode).map_err(refuse)?,
            office: site(&file.faces.office, mode).map_err(refuse)?,
            passkeys: file.passkeys.map(|passkeys| passkeys.domain).unwrap_or_default(),
        };
        for site in [&sites.console, &sites.office] {
            let host = site.parse::<Url>().ok().and_then(|url| url.domain().map(str::to_owned));
            let under = host.is_some_and(|host| {
                host == sites.passkeys || host.ends_with(&format!(".{}", sites.passkeys))
            });
            if !sites.passkeys.is_empty() && !under {
                return Err(refuse(format!("passkeys: {site} does not lie under {}", sites.passkeys)));
            }
        }
        let sso = file.sso.map(|sso| sso.read(mode, &refuse)).transpose()?;
        Ok(Self { sites, sso })
    }

    /// For a demo on one machine: by the name `localhost`, because passkeys know no numbers.
    pub fn demo(console: u16, office: u16) -> Self {
        let at = |port| format!("http://localhost:{port}");
        let sites = Sites { console: at(console), office: at(office), passkeys: "localhost".into() };
        Self { sites, sso: None }
    }
}

/// Scheme, name and port alone; over http only on this machine, or in a demo.
fn site(text: &str, mode: Mode) -> Result<String, String> {
    let url = text.parse::<Url>().map_err(|cause| format!("{text:?}: {cause}"))?;
    let bare = url.origin().ascii_serialization();
    if text.trim_end_matches('/') != bare {
        return Err(format!("{text:?} must be a scheme and a name, such as https://console.example.gov.cn"));
    }
    secure(&url, mode).map(|()| bare)
}

fn secure(url: &Url, mode: Mode) -> Result<(), String> {
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_here || mode == Mode::Demo => Ok(()),
        _ => Err(format!("{url} must begin with https://: only this machine itself may be asked in clear")),
    }
}

impl Sso {
    fn read(
        self,
        mode: Mode,
        refuse: &impl Fn(String) -> DoorFileRefused,
    ) -> Result<SsoConfig, DoorFileRefused> {
        let issuer = self.issuer.parse::<Url>().map_err(|cause| refuse(format!("issuer: {cause}")))?;
        secure(&issuer, mode).map_err(|reason| refuse(format!("issuer: {reason}")))?;
        let other = |path: &Path, reason: String| DoorFileRefused::Other { path: path.to_owned(), reason };
        if mode == Mode::Production {
            check_private(&self.secret_file).map_err(|cause| other(&self.secret_file, cause.to_string()))?;
        }
        let read = |path: &Path| fs::read(path).map_err(|cause| other(path, cause.to_string()));
        let secret = Zeroizing::new(read(&self.secret_file)?);
        let secret = std::str::from_utf8(&secret).map(str::trim).unwrap_or_default();
        if secret.is_empty() {
            return Err(other(&self.secret_file, "one line with the client secret was expected".into()));
        }
        Ok(SsoConfig {
            issuer: self.issuer,
            client_id: self.client_id,
            secret: Zeroizing::new(secret.to_owned()),
            claim: self.claim,
            acr: self.acr,
            amr: self.amr,
            ca: self.ca.as_deref().map(read).transpose()?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    faces: FaceSites,
    passkeys: Option<PasskeySite>,
    sso: Option<Sso>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaceSites {
    console: String,
    office: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasskeySite {
    domain: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sso {
    issuer: String,
    client_id: String,
    secret_file: PathBuf,
    #[serde(default)]
    claim: Claim,
    #[serde(default)]
    acr: Vec<String>,
    #[serde(default)]
    amr: Vec<String>,
    ca: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const FACES: &str =
        "[faces]\nconsole = \"https://console.example\"\noffice = \"https://office.example\"\n";

    fn load(text: &str, mode: Mode) -> Result<DoorFile, String> {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, "a secret\n").unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        let path = folder.path().join("door.toml");
        fs::write(&path, text.replace("SECRET", secret.to_str().unwrap())).unwrap();
        DoorFile::load(&path, mode).map_err(|refused| refused.to_string())
    }

    fn sso(issuer: &str) -> String {
        format!("{FACES}[sso]\nissuer = \"{issuer}\"\nclient_id = \"mifeng\"\nsecret_file = \"SECRET\"\n")
    }

    #[test]
    fn nothing_but_addresses_means_no_passkeys_and_no_single_sign_on() {
        let file = load(FACES, Mode::Production).unwrap();
        assert!(file.sso.is_none() && file.sites.passkeys.is_empty());
        let sso = load(&sso("https://login.example"), Mode::Production).unwrap().sso.unwrap();
        assert_eq!((sso.secret.as_str(), sso.claim), ("a secret", Claim::Sub));
    }

    #[test]
    fn only_this_machine_is_asked_in_clear() {
        let clear = sso("http://login.example");
        assert!(load(&clear, Mode::Production).err().unwrap().contains("https"));
        assert!(load(&clear, Mode::Demo).is_ok());
        assert!(load(&sso("http://127.0.0.1:3000"), Mode::Production).is_ok());
        let faces = FACES.replace("https://office", "http://office");
        assert!(load(&faces, Mode::Production).err().unwrap().contains("https"));
    }

    #[test]
    fn what_cannot_work_is_refused_with_its_reason() {
        for (text, reason) in [
            (FACES.replace("office.example", "office.example/path"), "a scheme and a name"),
            (format!("{FACES}[passkeys]\ndomain = \"example.org\"\n"), "does not lie under"),
            (format!("{FACES}[passkeys]\ndomain = \"ample\"\n"), "does not lie under"),
            (format!("{FACES}[ssso]\n"), "unknown field"),
            (sso("https://login.example").replace("SECRET", "/nowhere/secret"), "/nowhere/secret"),
            (sso("https://login.example") + "claim = \"phone\"\n", "unknown variant"),
        ] {
            let refused = load(&text, Mode::Production).err().unwrap();
            assert!(refused.contains(reason), "{reason}: {refused}");
        }
    }
}
