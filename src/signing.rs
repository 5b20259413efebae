//! Ed25519 keys that say what they are for. Signatures are always over a [`transcript`](crate::transcript).

use crate::transcript::transcript;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use rand::CryptoRng;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    #[error("not a signing key of ours (expected MIFENG-SIGNING-KEY-… with 32 bytes in base64)")]
    SigningKey,
    #[error("not a verifying key (expected 32 bytes in base64)")]
    VerifyKey,
    #[error("not a signature (expected 64 bytes in base64)")]
    Signature,
}

const PREFIX: &str = "MIFENG-SIGNING-KEY-";

/// A private signing key. Not printable; wiped when dropped.
pub struct SigningKey(Zeroizing<[u8; 32]>);

impl SigningKey {
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self(seed)
    }

    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Zeroizing::new(seed))
    }

    /// Reads the text form that [`SigningKey::to_text`] writes; surrounding white space is ignored.
    pub fn parse(text: &str) -> Result<Self, KeyRefused> {
        let body = text.trim().strip_prefix(PREFIX).ok_or(KeyRefused::SigningKey)?;
        let bytes = Zeroizing::new(BASE64_STANDARD_NO_PAD.decode(body).map_err(|_| KeyRefused::SigningKey)?);
        let seed: [u8; 32] = bytes.as_slice().try_into().map_err(|_| KeyRefused::SigningKey)?;
        Ok(Self(Zeroizing::new(seed)))
    }

    /// The text form, for a key file. The name is long on purpose: this is the secret itself.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", BASE64_STANDARD_NO_PAD.encode(self.0.as_slice())))
    }

    pub fn seed(&self) -> &[u8; 32] {
        &self.0
    }

    pub fn verify_key(&self) -> VerifyKey {
        let mut out = [0; 32];
        out.copy_from_slice(self.pair().public_key().as_ref());
        VerifyKey(out)
    }

    /// Signs `transcript(domain, parts)`.
    pub fn sign(&self, domain: &str, parts: &[&[u8]]) -> Signature {
        let mut out = [0; 64];
        out.copy_from_slice(self.pair().sign(&transcript(domain, parts)).as_ref());
        Signature(out)
    }

    fn pair(&self) -> Ed25519KeyPair {
        // Unwrap safety: every 32-byte string is an Ed25519 seed (RFC 8032, 5.1.5).
        Ed25519KeyPair::from_seed_unchecked(self.0.as_ref()).unwrap()
    }
}

/// The public half.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VerifyKey([u8; 32]);

/// An Ed25519 signature (RFC 8032), checked only together with a domain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl VerifyKey {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
    /// Whether `signature` is this key's over exactly these parts in this domain.
    pub fn accepts(&self, domain: &str, parts: &[&[u8]], signature: &Signature) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(&transcript(domain, parts), &signature.0).is_ok()
    }
}

macro_rules! base64_text {
    ($name:ident, $len:literal, $refused:expr) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&BASE64_STANDARD_NO_PAD.encode(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
        impl std::str::FromStr for $name {
            type Err = KeyRefused;
            fn from_str(text: &str) -> Result<Self, KeyRefused> {
                let bytes = BASE64_STANDARD_NO_PAD.decode(text).map_err(|_| $refused)?;
                let bytes: [u8; $len] = bytes.try_into().map_err(|_| $refused)?;
                Ok(Self(bytes))
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
base64_text!(VerifyKey, 32, KeyRefused::VerifyKey);
base64_text!(Signature, 64, KeyRefused::Signature);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_domain_and_parts_alone() {
        let key = SigningKey::generate(&mut rand::rng());
        let signature = key.sign("a", &[b"x", b"y"]);
        assert!(key.verify_key().accepts("a", &[b"x", b"y"], &signature));
        assert!(!key.verify_key().accepts("b", &[b"x", b"y"], &signature));
        assert!(!key.verify_key().accepts("a", &[b"xy"], &signature));
        let other = SigningKey::generate(&mut rand::rng());
        assert!(!other.verify_key().accepts("a", &[b"x", b"y"], &signature));
    }

    #[test]
    fn the_public_half_is_the_published_one() {
        // RFC 8032, 7.1, TEST 1
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let key = SigningKey::from_seed(hex::decode(seed).unwrap().try_into().unwrap());
        assert_eq!(hex::encode(key.verify_key().as_bytes()), public);
    }

    #[test]
    fn a_key_file_reads_back() {
        let key = SigningKey::generate(&mut rand::rng());
        let again = SigningKey::parse(&format!(" {}\n", *key.to_text())).unwrap();
        assert_eq!(again.verify_key(), key.verify_key());
        assert_eq!(SigningKey::parse("AGE-SECRET-KEY-1").err(), Some(KeyRefused::SigningKey));
    }
}
