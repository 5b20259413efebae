//! What can be seen of an age file without a key: its header. Used to check the structure of what a device sealed,
//! so that no flag has to be believed. Opens nothing.
//!
//! ```text
//! age-encryption.org/v1
//! -> X25519 <share, 43 characters>          a stanza: "->" and its arguments, then its body, 64 characters a line,
//! <body>                                    the last line shorter than 64 (perhaps empty)
//! --- <MAC, 43 characters>
//! <binary payload: nonce 16 B, then at least one chunk's tag, 16 B>
//! ```
//! Source: the age specification v1 (C2SP `age`). **Not given:** whether the MAC fits, or for whom a stanza is.

/// The first line of every age file.
const INTRO: &[u8] = b"age-encryption.org/v1\n";
/// The header of our files has at most a few stanzas; nobody may make us look through more.
const MOST_HEADER: usize = 16 * 1024;
const LEAST_PAYLOAD: usize = 16 + 16;
const LINE: usize = 64;

/// Why bytes are not an age file to these recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Odd {
    #[error("not an age file")]
    NotAge,
    #[error("the age file has stanzas other than {expected} X25519 and one of grease")]
    Stanzas { expected: usize },
}

/// Checks that the age file has exactly `recipients` X25519 stanzas and one grease stanza, in any order, and a payload.
/// `file` may be cut off behind its header if `whole` is false.
pub fn check(file: &[u8], recipients: usize, whole: bool) -> Result<(), Odd> {
    let (names, header) = stanzas(file).ok_or(Odd::NotAge)?;
    if whole && file.len() < header + LEAST_PAYLOAD {
        return Err(Odd::NotAge);
    }
    let sealed = names.iter().filter(|name| **name == "X25519").count();
    let grease = names.iter().filter(|name| name.ends_with("-grease")).count();
    if sealed == recipients && grease == 1 && names.len() == recipients + 1 {
        Ok(())
    } else {
        Err(Odd::Stanzas { expected: recipients })
    }
}

/// The kinds of all stanzas, and the length of the header.
fn stanzas(file: &[u8]) -> Option<(Vec<&str>, usize)> {
    let mut rest = file.strip_prefix(INTRO)?;
    let mut names = Vec::new();
    loop {
        let line = line(&mut rest)?;
        if let Some(mac) = line.strip_prefix("--- ") {
            let length = file.len() - rest.len();
            return (mac.len() == 43 && is_base64(mac) && length <= MOST_HEADER).then_some((names, length));
        }
        let name = line.strip_prefix("-> ")?.split(' ').next()?;
        if name.is_empty() || file.len() - rest.len() > MOST_HEADER {
            return None;
        }
        names.push(name);
        while body_line(&mut rest)? == LINE {}
    }
}

/// Length of one line of a stanza's body.
fn body_line(rest: &mut &[u8]) -> Option<usize> {
    let line = line(rest)?;
    (line.len() <= LINE && is_base64(line)).then_some(line.len())
}

fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let most = rest.len().min(MOST_HEADER);
    let end = rest[..most].iter().position(|byte| *byte == b'\n')?;
    let (line, after) = rest.split_at(end);
    *rest = &after[1..];
    std::str::from_utf8(line).ok().filter(|line| line.bytes().all(|b| (0x20..0x7f).contains(&b)))
}

fn is_base64(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    fn sealed(recipients: usize) -> Vec<u8> {
        let keys: Vec<_> = (0..recipients).map(|_| age::x25519::Identity::generate().to_public()).collect();
        let to = keys.iter().map(|key| key as &dyn age::Recipient);
        let mut out = Vec::new();
        let mut writer = age::Encryptor::with_recipients(to).unwrap().wrap_output(&mut out).unwrap();
        writer.write_all(b"x").unwrap();
        writer.finish().unwrap();
        out
    }

    #[test]
    fn our_own_files_have_their_recipients_and_one_stanza_of_grease() {
        for n in 1..4 {
            for _ in 0..50 {
                assert_eq!(check(&sealed(n), n, true), Ok(()));
                assert_eq!(check(&sealed(n), n + 1, true), Err(Odd::Stanzas { expected: n + 1 }));
            }
        }
    }

    #[test]
    fn a_file_without_grease_with_another_kind_or_without_a_payload_is_refused() {
        let mac = "A".repeat(43);
        let one = format!("-> X25519 {mac}\n{mac}\n");
        let grease = "-> ab-grease c\n\n";
        let file = |stanzas: &str| format!("age-encryption.org/v1\n{stanzas}--- {mac}\n{}", "p".repeat(32));
        assert_eq!(check(file(&format!("{one}{grease}")).as_bytes(), 1, true), Ok(()));
        for odd in [
            one.clone(),
            format!("{one}{one}{grease}"),
            format!("{one}{grease}{grease}"),
            format!("{one}{grease}-> scrypt {mac} 18\n{mac}\n"),
            grease.to_owned(),
        ] {
            assert_eq!(check(file(&odd).as_bytes(), 1, true), Err(Odd::Stanzas { expected: 1 }), "{odd}");
        }
        let whole = file(&format!("{one}{grease}"));
        assert_eq!(check(&whole.as_bytes()[..whole.len() - 1], 1, true), Err(Odd::NotAge));
        assert_eq!(check(&whole.as_bytes()[..whole.len() - 32], 1, false), Ok(()));
        assert_eq!(check(b"age-encryption.org/v2\n", 1, true), Err(Odd::NotAge));
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..300, cut in 0usize..600,
        ) {
            let _ = check(&bytes, 1, true);
            let mut file = sealed(1);
            if let Some(byte) = file.get_mut(at) { *byte ^= bytes.pop().unwrap_or(1); }
            file.truncate(cut);
            let _ = check(&file, 1, true);
        }
    }
}
