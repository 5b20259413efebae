//! An age file inside a fixed bucket: `length (4 B, big-endian) ‖ age file ‖ zeros`. The one frame of everything
//! sealed to a person: identities and locks (by the fence), and messages to a reporter. Keeps nothing, knows nothing.

use age::{Decryptor, Encryptor, Recipient};
use std::io::{Read, Write};
use zeroize::Zeroizing;

/// Seals to all recipients (any one opens) and pads to `bucket` bytes. `None`: does not fit.
pub fn seal(plain: &[u8], recipients: &[&dyn Recipient], bucket: usize) -> Option<Vec<u8>> {
    // Unwrap safety: age refuses only an empty or mixed list of recipients, and ours are X25519 and never empty;
    // writing to a vector does not fail.
    let encryptor = Encryptor::with_recipients(recipients.iter().copied()).unwrap();
    let mut out = Vec::with_capacity(bucket.max(plain.len() + 1024));
    out.extend_from_slice(&[0; 4]);
    let mut writer = encryptor.wrap_output(&mut out).unwrap();
    writer.write_all(plain).unwrap();
    writer.finish().unwrap();
    let length = u32::try_from(out.len() - 4).ok()?;
    if out.len() > bucket {
        return None;
    }
    out[..4].copy_from_slice(&length.to_be_bytes());
    out.resize(bucket, 0);
    Some(out)
}

/// The age file inside the padding, or `None` if the frame is not ours.
pub fn age_file(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_at_checked(4)?;
    let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
    let (file, zeros) = rest.split_at_checked(length)?;
    zeros.iter().all(|byte| *byte == 0).then_some(file)
}

/// Opens with an age key; `None` for any failure, which is all a caller may say.
pub fn unseal(padded: &[u8], key: &dyn age::Identity) -> Option<Zeroizing<Vec<u8>>> {
    let file = age_file(padded)?;
    let decryptor = Decryptor::new_buffered(file).ok()?;
    let mut reader = decryptor.decrypt(std::iter::once(key)).ok()?;
    let mut plain = Zeroizing::new(Vec::with_capacity(file.len()));
    reader.read_to_end(&mut plain).ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sealed_text_comes_back_and_every_length_is_the_bucket() {
        let key = age::x25519::Identity::generate();
        for size in [0, 1, 500, 1500] {
            let padded = seal(&vec![7; size], &[&key.to_public()], 2048).unwrap();
            assert_eq!(padded.len(), 2048);
            assert_eq!(unseal(&padded, &key).unwrap().as_slice(), vec![7; size]);
        }
        assert!(seal(&[7; 2000], &[&key.to_public()], 2048).is_none());
    }

    #[test]
    fn a_byte_hidden_in_the_padding_is_refused() {
        let key = age::x25519::Identity::generate();
        let mut padded = seal(b"x", &[&key.to_public()], 2048).unwrap();
        *padded.last_mut().unwrap() = 1;
        assert!(unseal(&padded, &key).is_none());
    }

    proptest! {
        #[test]
        fn unpadding_anything_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = age_file(&bytes);
        }
    }
}
