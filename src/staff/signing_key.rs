//! An approver's signing key, kept under the approver's own password: the server alone cannot sign.
//!
//! ```text
//! sealed = "mifeng-approver-1$" ‖ base64(salt 16) ‖ "$" ‖ base64(ChaCha20-Poly1305(key, nonce 0, seed 32))
//! key    = argon2id(password, salt; 64 MiB, 3 passes, 1 lane)        a key is used for one message: a fresh salt each time
//! AAD    = transcript("mifeng/v1/approver-key", staff id, verifying key)
//! ```
//! Does not protect against a guessed password, nor against the server's memory while it signs.

use crate::{
    ids::StaffId,
    signing::{SigningKey, VerifyKey},
    transcript::transcript,
};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as BASE64};
use rand::CryptoRng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

const PREFIX: &str = "mifeng-approver-1";

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyRefused {
    #[error("the password does not open this signing key")]
    Password,
    #[error("the stored signing key cannot be read")]
    Unreadable,
}

/// The sealed key with its public half, as it is stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedSigningKey {
    pub verify: VerifyKey,
    sealed: String,
}

impl fmt::Debug for SealedSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSigningKey({})", self.verify)
    }
}

impl SealedSigningKey {
    /// Takes about 100 ms and 64 MiB, as does [`SealedSigningKey::open`].
    pub fn seal(
        key: &SigningKey,
        by: &StaffId,
        password: &str,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SigningKeyRefused> {
        let verify = key.verify_key();
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let mut bytes = Zeroizing::new(key.seed().to_vec());
        let tag = cipher(password, &salt)?
            .seal_in_place_separate_tag(nonce(), aad(by, &verify), &mut bytes)
            .map_err(|_| SigningKeyRefused::Unreadable)?;
        bytes.extend_from_slice(tag.as_ref());
        let sealed = format!("{PREFIX}${}${}", BASE64.encode(salt), BASE64.encode(&*bytes));
        Ok(Self { verify, sealed })
    }

    pub fn open(&self, by: &StaffId, password: &str) -> Result<SigningKey, SigningKeyRefused> {
        let mut parts = self.sealed.split('$');
        let (Some(PREFIX), Some(salt), Some(sealed), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SigningKeyRefused::Unreadable);
        };
        let salt = BASE64.decode(salt).map_err(|_| SigningKeyRefused::Unreadable)?;
        let mut bytes = Zeroizing::new(BASE64.decode(sealed).map_err(|_| SigningKeyRefused::Unreadable)?);
        let seed = cipher(password, &salt)?
            .open_in_place(nonce(), aad(by, &self.verify), &mut bytes)
            .map_err(|_| SigningKeyRefused::Password)?;
        let seed = <[u8; 32]>::try_from(&*seed).map_err(|_| SigningKeyRefused::Unreadable)?;
        Ok(SigningKey::from_seed(seed))
    }
}

fn cipher(password: &str, salt: &[u8]) -> Result<LessSafeKey, SigningKeyRefused> {
    let params = Params::new(64 * 1024, 3, 1, Some(32)).map_err(|_| SigningKeyRefused::Unreadable)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, key.as_mut())
        .map_err(|_| SigningKeyRefused::Unreadable)?;
    let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_ref()).map_err(|_| SigningKeyRefused::Unreadable)?;
    Ok(LessSafeKey::new(key))
}

/// Every sealing draws a salt and so a key of its own; the nonce need not differ.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn aad(by: &StaffId, verify: &VerifyKey) -> Aad<Vec<u8>> {
    Aad::from(transcript("mifeng/v1/approver-key", &[by.0.as_bytes(), verify.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_opens_with_its_own_password_for_its_own_holder() {
        let (key, me) = (SigningKey::generate(&mut rand::rng()), StaffId("approver1".into()));
        let sealed = SealedSigningKey::seal(&key, &me, "a long enough one", &mut rand::rng()).unwrap();
        assert_eq!(sealed.open(&me, "a long enough one").unwrap().seed(), key.seed());
        assert_eq!(sealed.open(&me, "a long enough On").err(), Some(SigningKeyRefused::Password));
        let other = StaffId("approver2".into());
        assert_eq!(sealed.open(&other, "a long enough one").err(), Some(SigningKeyRefused::Password));
        let swapped =
            SealedSigningKey { verify: SigningKey::generate(&mut rand::rng()).verify_key(), ..sealed };
        assert_eq!(swapped.open(&me, "a long enough one").err(), Some(SigningKeyRefused::Password));
    }

    #[test]
    fn debugging_shows_the_public_half_only() {
        let key = SigningKey::generate(&mut rand::rng());
        let sealed =
            SealedSigningKey::seal(&key, &StaffId("a".into()), "a long enough one", &mut rand::rng())
                .unwrap();
        assert_eq!(format!("{sealed:?}"), format!("SealedSigningKey({})", key.verify_key()));
    }
}
