//! What is signed, hashed or bound as associated data: a domain and parts, each with its length in front,
//! so that no two meanings share bytes.

use ring::digest::{SHA256, digest};

/// `len(domain) ‖ domain ‖ len(part) ‖ part …`, lengths as 4 bytes big-endian.
pub fn transcript(domain: &str, parts: &[&[u8]]) -> Vec<u8> {
    let total = parts.iter().map(|part| part.len() + 4).sum::<usize>() + domain.len() + 4;
    let mut out = Vec::with_capacity(total);
    for part in std::iter::once(&domain.as_bytes()).chain(parts) {
        // Unwrap safety: nothing that is signed or bound here comes near 4 GiB.
        out.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// SHA-256 of the transcript.
pub fn hash(domain: &str, parts: &[&[u8]]) -> [u8; 32] {
    sha256(&transcript(domain, parts))
}

/// Plain SHA-256, for bytes that carry their own version and suite.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_byte_between_parts_changes_the_bytes() {
        assert_ne!(transcript("d", &[b"ab", b"c"]), transcript("d", &[b"a", b"bc"]));
        assert_ne!(transcript("da", &[b"b"]), transcript("d", &[b"ab"]));
        assert_ne!(transcript("d", &[]), transcript("d", &[b""]));
    }

    #[test]
    fn sha256_is_the_published_one() {
        // FIPS 180-2, appendix B.1
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex::encode(sha256(b"abc")), expected);
    }
}
