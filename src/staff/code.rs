//! One-time codes (RFC 6238): SHA-1, 6 digits, 30 seconds, one step either way. The parameters every app knows.

use rand::CryptoRng;
use totp_rs::{Builder, Secret, Totp};

/// 20 random bytes in base32, for the account and, once, for the app.
pub fn new_code_secret(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 20];
    rng.fill_bytes(&mut bytes);
    Secret::new_stack(bytes).to_base32()
}

/// The step the code belongs to, if it fits now and is later than `spent`, the last step a code was taken for.
pub fn check_code(secret: &str, code: &str, unix_seconds: i64, spent: u64) -> Option<u64> {
    let totp = totp(secret)?;
    let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    totp.check(&code, u64::try_from(unix_seconds).ok()?).filter(|step| *step > spent)
}

/// `otpauth://` address of an account, to be typed or pasted into an app.
pub fn setup_address(service: &str, account: &str, secret: &str) -> String {
    let plain = |text: &str| {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect::<String>()
    };
    let (service, account) = (plain(service), plain(account));
    format!("otpauth://totp/{service}:{account}?secret={secret}&issuer={service}")
}

fn totp(secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).with_digits(6).with_skew(1).with_step_duration(30).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret is the ASCII text 12345678901234567890; six of the eight digits.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn the_published_codes_fit_at_their_time() {
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(check_code(SECRET, code, time, 0), Some(time as u64 / 30), "{time}");
        }
    }

    #[test]
    fn a_code_is_taken_with_spaces_within_a_step_and_never_twice() {
        assert_eq!(check_code(SECRET, " 287 082 ", 59 + 30, 0), Some(1));
        assert_eq!(check_code(SECRET, "287082", 59 + 60, 0), None, "two steps late");
        assert_eq!(check_code(SECRET, "287082", 59, 1), None, "spent");
        assert_eq!(check_code(SECRET, "287083", 59, 0), None);
        assert_eq!(check_code("not base32!", "287082", 59, 0), None);
    }

    #[test]
    fn a_new_secret_is_20_bytes_of_base32() {
        assert_eq!(new_code_secret(&mut rand::rng()).len(), 32);
    }
}
