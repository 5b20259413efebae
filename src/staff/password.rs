//! Passwords of staff: argon2id, kept as a PHC string.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use rand::CryptoRng;

/// NIST SP 800-63B: length counts, composition rules do not.
const LEAST: usize = 12;
const MOST: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    #[error("a password has at least {LEAST} characters")]
    Short,
    #[error("a password has at most {MOST} characters")]
    Long,
    #[error("the password could not be hashed")]
    Hash,
}

/// What is wrong with a new password, if anything.
pub fn password_problem(password: &str) -> Option<PasswordRefused> {
    match password.chars().count() {
        ..LEAST => Some(PasswordRefused::Short),
        LEAST..=MOST => None,
        _ => Some(PasswordRefused::Long),
    }
}

/// argon2id with 19 MiB, 2 passes, 1 lane (RFC 9106 family; the crate's default), 16 bytes of salt.
pub fn hash_password(password: &str, rng: &mut impl CryptoRng) -> Result<String, PasswordRefused> {
    if let Some(problem) = password_problem(password) {
        return Err(problem);
    }
    let mut salt = [0; 16];
    rng.fill_bytes(&mut salt);
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|_| PasswordRefused::Hash)?;
    Ok(hash.to_string())
}

/// Whether the password belongs to the hash. A hash that cannot be read fits nothing.
pub fn check_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_alone() {
        let hash = hash_password("correct horse battery", &mut rand::rng()).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(check_password("correct horse battery", &hash));
        assert!(!check_password("correct horse batterY", &hash));
        assert!(!check_password("correct horse battery", "not a hash"));
        assert_ne!(hash, hash_password("correct horse battery", &mut rand::rng()).unwrap());
    }

    #[test]
    fn a_short_password_is_refused_by_characters_not_bytes() {
        assert_eq!(hash_password("密码密码", &mut rand::rng()), Err(PasswordRefused::Short));
        assert_eq!(password_problem("一二三四五六七八九十十一"), None);
    }
}
