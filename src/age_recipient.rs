//! To whom something may be sealed: a plain X25519 recipient of age whose key is no point of low order.
//!
//! With such a point every Diffie-Hellman gives zeros (RFC 7748, 6.1): a file "to" it is open to everybody, and the age
//! library panics rather than write it. Whoever sends us a recipient could stop us at a time of their choosing.

use age::x25519::Recipient;
use ring::{
    agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral},
    rand::SystemRandom,
};

/// `age1…`, 62 characters; `None` for anything else, and for what cannot be sealed to.
pub fn parse(text: &str) -> Option<Recipient> {
    let recipient: Recipient = text.parse().ok()?;
    let (_, point) = bech32::decode(&recipient.to_string()).ok()?;
    is_sealable(&point).then_some(recipient)
}

/// One trial Diffie-Hellman, which *ring* refuses if it gives zeros. Every key does it: they are all multiples of eight.
fn is_sealable(point: &[u8]) -> bool {
    let Ok(ours) = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()) else { return false };
    agree_ephemeral(ours, &UnparsedPublicKey::new(&X25519, point), |_| ()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Vectors {
        good: Vec<String>,
        bad: Vec<String>,
    }

    #[test]
    fn every_recipient_of_the_shared_vectors_is_judged_alike_here() {
        let vectors: Vectors =
            serde_json::from_str(include_str!("../tests/vectors/age-recipients.json")).unwrap();
        assert!(vectors.good.len() >= 2 && vectors.bad.len() >= 12);
        for text in &vectors.good {
            assert_eq!(parse(text).map(|recipient| recipient.to_string()).as_ref(), Some(text));
        }
        for text in &vectors.bad {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
