//! A holder's key file: the age key that opens what is sealed to them, and the key that signs for them.
//!
//! ```text
//! # mifeng key of <holder>: keep it secret
//! AGE-SECRET-KEY-1…
//! MIFENG-SIGNING-KEY-…
//! ```

use crate::signing::{SigningKey, VerifyKey};
use age::secrecy::ExposeSecret;
use rand::CryptoRng;
use std::{
    fs::{OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    str::FromStr,
};
use zeroize::Zeroizing;

#[derive(Debug, thiserror::Error)]
pub enum KeyFileRefused {
    #[error("{}: {why}", path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error("{} is already there; keys are never overwritten", .0.display())]
    AlreadyThere(PathBuf),
    #[error("{} has no line AGE-SECRET-KEY-1… that is an age key", .0.display())]
    NoAgeKey(PathBuf),
    #[error("{} has no line MIFENG-SIGNING-KEY-… that is a signing key", .0.display())]
    NoSigningKey(PathBuf),
    #[error(transparent)]
    Open(#[from] crate::config::KeysRefused),
}

/// Both keys of one holder. Not printable.
pub struct HolderKey {
    pub opening: age::x25519::Identity,
    pub signing: SigningKey,
}

impl HolderKey {
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self { opening: age::x25519::Identity::generate(), signing: SigningKey::generate(rng) }
    }

    /// Reads a key file that nobody else may read.
    pub fn load(path: &Path) -> Result<Self, KeyFileRefused> {
        let text = std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|e| KeyFileRefused::Unreadable { path: path.into(), why: e.to_string() })?;
        crate::config::check_private(path)?;
        let line = |start: &str| text.lines().map(str::trim).find(|line| line.starts_with(start));
        let opening = line("AGE-SECRET-KEY-1")
            .and_then(|line| age::x25519::Identity::from_str(line).ok())
            .ok_or_else(|| KeyFileRefused::NoAgeKey(path.into()))?;
        let signing = line("MIFENG-SIGNING-KEY-")
            .and_then(|line| SigningKey::parse(line).ok())
            .ok_or_else(|| KeyFileRefused::NoSigningKey(path.into()))?;
        Ok(Self { opening, signing })
    }

    /// Writes the key file, mode 0600.
    pub fn save(&self, path: &Path, holder: &str) -> Result<(), KeyFileRefused> {
        let opening = self.opening.to_string();
        let text = Zeroizing::new(format!(
            "# mifeng key of {}: keep it secret\n{}\n{}\n",
            holder.replace(['\r', '\n'], " "),
            opening.expose_secret(),
            *self.signing.to_text()
        ));
        save_secret(path, text.as_bytes())
    }

    /// The age recipient others seal to.
    pub fn recipient(&self) -> String {
        self.opening.to_public().to_string()
    }
    pub fn verify_key(&self) -> VerifyKey {
        self.signing.verify_key()
    }
}

/// The office's keys that are at hand. What a new set's trustees seal again opens with its office's key; an envelope
/// opens for ever with those of the set it was sealed to.
pub struct OfficeKeys(Vec<age::x25519::Identity>);

impl OfficeKeys {
    pub fn load(paths: &[PathBuf]) -> Result<Self, KeyFileRefused> {
        paths.iter().map(|path| Ok(HolderKey::load(path)?.opening)).collect::<Result<_, _>>().map(Self)
    }
}

impl age::Identity for OfficeKeys {
    fn unwrap_stanza(
        &self,
        stanza: &age_core::format::Stanza,
    ) -> Option<Result<age_core::format::FileKey, age::DecryptError>> {
        self.0.iter().find_map(|key| key.unwrap_stanza(stanza))
    }
}

/// Writes a new file with mode 0600 and has it on the disk before returning.
pub fn save_secret(path: &Path, bytes: &[u8]) -> Result<(), KeyFileRefused> {
    save_new(path, bytes, 0o600)
}

/// Writes a new file that anyone may read.
pub fn save_public(path: &Path, bytes: &[u8]) -> Result<(), KeyFileRefused> {
    save_new(path, bytes, 0o644)
}

fn save_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), KeyFileRefused> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(|e| {
            match e.kind() {
                std::io::ErrorKind::AlreadyExists => KeyFileRefused::AlreadyThere(path.into()),
                _ => KeyFileRefused::Unreadable { path: path.into(), why: e.to_string() },
            }
        })?;
    // Whatever the umask takes away.
    file.set_permissions(Permissions::from_mode(mode))
        .and_then(|()| file.write_all(bytes))
        .and_then(|()| file.sync_all())
        .map_err(|e| KeyFileRefused::Unreadable { path: path.into(), why: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_key_file_reads_back_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("office.key");
        let key = HolderKey::generate(&mut rand::rng());
        key.save(&path, "the office\nAGE-SECRET-KEY-1FALSE").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let read = HolderKey::load(&path).unwrap();
        assert!(read.recipient() == key.recipient() && read.verify_key() == key.verify_key());
        assert!(matches!(key.save(&path, "again"), Err(KeyFileRefused::AlreadyThere(_))));
    }

    #[test]
    fn a_file_without_one_of_its_keys_says_which() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("half.key");
        save_secret(&path, b"MIFENG-SIGNING-KEY-AAAA\n").unwrap();
        assert!(matches!(HolderKey::load(&path), Err(KeyFileRefused::NoAgeKey(_))));
    }
}
