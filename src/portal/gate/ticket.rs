//! A place in the line, as the server signs it and keeps nothing of it.
//!
//! ```text
//! salt      = nonce (32 hex) "?ready=" seconds "&expires=" seconds "&"       Unix seconds
//! number    = HMAC(key, "number" ‖ salt) mod (MOST_NUMBER + 1)
//! challenge = hex(SHA-256(salt ‖ number in decimal))
//! signature = hex(HMAC(key, "challenge" ‖ challenge))
//! place     = nonce "." ready "." expires "." signature                        what a page carries
//! work      = base64({"algorithm","challenge","number","salt","signature"})    what a device gives for it
//! ```
//! Challenge and work are ALTCHA's, version 1 (altcha.org/docs), with the `&` at the salt's end that keeps digits of the
//! last second from being read as the number's (CVE-2025-68113). The number is bounded, so that the work is.
//!
//! What it does not give: one ticket is not bound to one person, and whoever computes outside a browser is a hundred times
//! quicker. Caller's duty: that a ticket is good once.

use crate::transcript::{sha256, transcript};
use base64::{Engine, prelude::BASE64_STANDARD};
use rand::CryptoRng;
use ring::hmac;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// The largest number that may be the answer. A device tries half of them on average: docs/decisions/pressure.md has
/// what that takes.
pub(in crate::portal) const MOST_NUMBER: u32 = 100_000;
const ALGORITHM: &str = "SHA-256";
const DOMAIN: &str = "mifeng/pressure/v1";
/// Longer than any work of ours: more is not decoded.
const MOST_WORK_CHARS: usize = 1024;

/// What tickets are signed with: drawn when the process begins, and gone with it.
pub(super) struct TicketKey(hmac::Key);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::portal) struct Ticket {
    pub nonce: [u8; 16],
    /// From this second on it lets its holder in without work.
    pub ready: i64,
    /// And until this one.
    pub expires: i64,
}

/// What a device is to find the number of.
#[derive(Serialize)]
pub(in crate::portal) struct Challenge {
    algorithm: &'static str,
    challenge: String,
    maxnumber: u32,
    salt: String,
    signature: String,
}

#[derive(Deserialize)]
struct Work {
    algorithm: String,
    challenge: String,
    number: u32,
    salt: String,
    signature: String,
}

impl TicketKey {
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
    }

    pub fn challenge(&self, ticket: Ticket) -> Challenge {
        let salt = ticket.salt();
        let challenge = solved(&salt, self.number(&salt));
        let signature = self.signature(&challenge);
        Challenge { algorithm: ALGORITHM, challenge, maxnumber: MOST_NUMBER, salt, signature }
    }

    /// The ticket as a page carries it.
    pub fn place(&self, ticket: Ticket) -> String {
        let Ticket { nonce, ready, expires } = ticket;
        format!("{}.{ready}.{expires}.{}", hex::encode(nonce), self.challenge(ticket).signature)
    }

    /// The ticket of a place that we signed.
    pub fn read_place(&self, place: &str) -> Option<Ticket> {
        let mut parts = place.split('.');
        let mut part = || parts.next();
        let (nonce, ready, expires, signature) = (part()?, part()?, part()?, part()?);
        let ticket = Ticket::of(nonce, ready, expires).filter(|_| part().is_none())?;
        same(&self.challenge(ticket).signature, signature).then_some(ticket)
    }

    /// The ticket whose work is done.
    pub fn read_work(&self, work: &str) -> Option<Ticket> {
        let bytes = BASE64_STANDARD.decode(work).ok().filter(|_| work.len() <= MOST_WORK_CHARS)?;
        let work: Work = serde_json::from_slice(&bytes).ok()?;
        let ticket = Ticket::of_salt(&work.salt)?;
        let ours = self.challenge(ticket);
        let right = work.algorithm == ALGORITHM
            && same(&ours.signature, &work.signature)
            && same(&ours.challenge, &work.challenge)
            && same(&ours.challenge, &solved(&work.salt, work.number));
        right.then_some(ticket)
    }

    fn number(&self, salt: &str) -> u32 {
        let tag = hmac::sign(&self.0, &transcript(DOMAIN, &[b"number", salt.as_bytes()]));
        let mut first = [0; 8];
        first.copy_from_slice(&tag.as_ref()[..8]);
        // Unwrap safety: what is left over a u32 + 1 is a u32.
        u32::try_from(u64::from_be_bytes(first) % (u64::from(MOST_NUMBER) + 1)).unwrap()
    }

    fn signature(&self, challenge: &str) -> String {
        hex::encode(hmac::sign(&self.0, &transcript(DOMAIN, &[b"challenge", challenge.as_bytes()])))
    }
}

impl Ticket {
    fn salt(&self) -> String {
        format!("{}?ready={}&expires={}&", hex::encode(self.nonce), self.ready, self.expires)
    }

    fn of_salt(salt: &str) -> Option<Self> {
        let (nonce, rest) = salt.split_once("?ready=")?;
        let (ready, expires) = rest.strip_suffix('&')?.split_once("&expires=")?;
        Self::of(nonce, ready, expires).filter(|ticket| ticket.salt() == salt)
    }

    fn of(nonce: &str, ready: &str, expires: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(nonce, &mut bytes).ok()?;
        Some(Self { nonce: bytes, ready: ready.parse().ok()?, expires: expires.parse().ok()? })
    }
}

fn solved(salt: &str, number: u32) -> String {
    hex::encode(sha256(format!("{salt}{number}").as_bytes()))
}

fn same(ours: &str, theirs: &str) -> bool {
    ours.as_bytes().ct_eq(theirs.as_bytes()).into()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What a device does.
    pub fn work(challenge: &Challenge) -> Value {
        let number = (0..=challenge.maxnumber)
            .find(|number| solved(&challenge.salt, *number) == challenge.challenge)
            .unwrap();
        json!({
            "algorithm": challenge.algorithm,
            "challenge": challenge.challenge,
            "number": number,
            "salt": challenge.salt,
            "signature": challenge.signature,
        })
    }

    pub fn sent(work: &Value) -> String {
        BASE64_STANDARD.encode(work.to_string())
    }

    #[test]
    fn a_place_and_its_work_are_known_again_and_nothing_that_was_changed() {
        let key = TicketKey::draw(&mut rand::rng());
        let ticket = Ticket { nonce: [7; 16], ready: 1_000, expires: 1_600 };
        let place = key.place(ticket);
        assert_eq!(key.read_place(&place), Some(ticket));
        let good = work(&key.challenge(ticket));
        assert_eq!(key.read_work(&sent(&good)), Some(ticket));

        let earlier = place.replace(".1000.", ".0999.");
        let upper = place.replace("07", "0A");
        for bad in ["", "...", "a.b.c.d", &earlier, &upper, &place[1..], &format!("{place}.")] {
            assert_eq!(key.read_place(bad), None, "{bad}");
        }
        let changed = |name: &str, value: Value| {
            let mut bad = good.clone();
            bad[name] = value;
            key.read_work(&sent(&bad))
        };
        let salt = good["salt"].as_str().unwrap();
        for (name, value) in [
            ("number", json!(good["number"].as_u64().unwrap() ^ 1)),
            ("algorithm", json!("SHA-1")),
            ("challenge", json!("0".repeat(64))),
            ("signature", json!("0".repeat(64))),
            ("salt", json!(salt.replace("ready=1000", "ready=0999"))),
            ("salt", json!(salt.replace("expires=1600", "expires=1601"))),
            ("salt", json!("")),
        ] {
            assert_eq!(changed(name, value), None, "{name}");
        }
        for bad in ["", "e30=", "!", &"A".repeat(4096)] {
            assert_eq!(key.read_work(bad), None, "{bad}");
        }
        let other = TicketKey::draw(&mut rand::rng());
        assert_eq!(
            (other.read_place(&place), other.read_work(&sent(&good))),
            (None, None),
            "another process"
        );
    }

    /// CVE-2025-68113: "expires=16&" with number 001 instead of "expires=1600" with 1.
    #[test]
    fn digits_of_the_last_second_are_never_read_as_the_number_s() {
        let key = TicketKey::draw(&mut rand::rng());
        let good = work(&key.challenge(Ticket { nonce: [1; 16], ready: 1, expires: 1_600 }));
        let salt = good["salt"].as_str().unwrap();
        assert!(salt.ends_with("&expires=1600&"));
        let number = good["number"].as_u64().unwrap();
        for (salt, number) in [
            (salt.replace("1600&", "16"), format!("00{number}")),
            (salt.replace("1600&", "1600"), number.to_string()),
        ] {
            let mut bad = good.clone();
            bad["salt"] = json!(salt);
            bad["number"] = json!(number.parse::<u64>().unwrap());
            assert_eq!(key.read_work(&sent(&bad)), None, "{salt}");
        }
    }

    #[test]
    fn every_ticket_has_a_number_of_its_own_within_the_bound() {
        let key = TicketKey::draw(&mut rand::rng());
        let numbers: std::collections::BTreeSet<u32> =
            (0..100).map(|n| key.number(&Ticket { nonce: [n; 16], ready: 0, expires: 0 }.salt())).collect();
        assert!(numbers.len() > 90 && numbers.last().unwrap() <= &MOST_NUMBER);
    }
}
