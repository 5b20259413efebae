//! Checkpoints: C2SP `tlog-checkpoint` (origin, size, root) as a C2SP `signed-note`, cosigned by those who
//! saw it (C2SP `tlog-cosignature`, v1).
//!
//! ```text
//! mifeng.example/log
//! 417
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — mifeng.example/log Az3grl…        log: Ed25519 over the three lines
//! — trustee-1 jWbPPw…                 witness: seconds 8 ‖ Ed25519 over "cosignature/v1\ntime <seconds>\n" ‖ the three lines
//! ```
//! A signature line is base64(key hash 4 ‖ signature), the key hash SHA-256(name ‖ 0x0A ‖ algorithm ‖ key)[..4].
//! Verifying keys are written `name+hash+base64(algorithm ‖ key)`.

use super::tree::{Hash, TreeRefused};
use crate::signing::{SigningKey, VerifyKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use signed_note::{Note, Verifier, VerifierList};
use std::{fmt, str::FromStr};

const ED25519_LOG: u8 = 0x01;
const ED25519_COSIGNATURE: u8 = 0x04;

/// Why a checkpoint, or a key for one, was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointRefused {
    #[error("not a verifying key (expected name+hash+key)")]
    Key,
    #[error("a log's name must not be empty nor hold white space, control characters or a plus sign")]
    Name,
    #[error("not a signed note")]
    Note,
    #[error("not signed by the log's key, or changed since")]
    Signature,
    #[error("the note is signed, but is no checkpoint")]
    NotACheckpoint,
    #[error("a checkpoint of another log: {0}")]
    Origin(String),
    #[error("a key of the log has two different last words")]
    TwoEnds,
}

/// Size and root of a log at one moment: what a log signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: Origin,
    pub size: u64,
    pub root: Hash,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointRefused;
    /// Reads the three lines; lines after them (extensions) are passed over, as the specification asks.
    fn from_str(text: &str) -> Result<Self, CheckpointRefused> {
        let refused = CheckpointRefused::NotACheckpoint;
        let mut lines = text.strip_suffix('\n').ok_or(refused.clone())?.split('\n');
        let mut next = || lines.next().ok_or(refused.clone());
        let (origin, size, root) = (next()?, next()?, next()?);
        let plain = !size.is_empty() && size.bytes().all(|b| b.is_ascii_digit());
        if !plain || (size.len() > 1 && size.starts_with('0')) || lines.any(str::is_empty) {
            return Err(refused);
        }
        Ok(Self {
            origin: origin.parse()?,
            size: size.parse().map_err(|_| refused.clone())?,
            root: root.parse().map_err(|_: TreeRefused| refused)?,
        })
    }
}

/// A log's or witness's name: of the form of an address, `mifeng.example/log`, though nothing need answer there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl FromStr for Origin {
    type Err = CheckpointRefused;
    fn from_str(name: &str) -> Result<Self, CheckpointRefused> {
        if signed_note::is_key_name_valid(name) && !name.contains(char::is_control) {
            Ok(Self(name.to_owned()))
        } else {
            Err(CheckpointRefused::Name)
        }
    }
}
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key that checks checkpoints: the log's ([`LogKey`]) or a witness's ([`WitnessKey`]).
#[derive(Clone, PartialEq, Eq)]
pub struct NoteKey<const ALGORITHM: u8> {
    name: Origin,
    key: [u8; 32],
}

/// The log's own verifying key. Pinned by everyone who checks the log.
pub type LogKey = NoteKey<ED25519_LOG>;
/// A witness's verifying key: that of a trustee whose tool remembers what it saw.
pub type WitnessKey = NoteKey<ED25519_COSIGNATURE>;

impl<const ALGORITHM: u8> NoteKey<ALGORITHM> {
    pub fn new(name: Origin, key: VerifyKey) -> Self {
        Self { name, key: *key.as_bytes() }
    }

    pub fn name(&self) -> &Origin {
        &self.name
    }

    fn tagged(&self) -> [u8; 33] {
        let mut out = [ALGORITHM; 33];
        out[1..].copy_from_slice(&self.key);
        out
    }

    fn id(&self) -> u32 {
        signed_note::key_id(self.name.as_str(), &self.tagged())
    }
}

impl LogKey {
    /// Checks a checkpoint's signature and takes it as this log's.
    pub fn open(&self, note: &[u8]) -> Result<Signed, CheckpointRefused> {
        let parsed = verified(self.clone(), note)?;
        let text = std::str::from_utf8(parsed.text()).map_err(|_| CheckpointRefused::NotACheckpoint)?;
        let checkpoint: Checkpoint = text.parse()?;
        if checkpoint.origin != self.name {
            return Err(CheckpointRefused::Origin(checkpoint.origin.0));
        }
        Ok(Signed { checkpoint, text: text.to_owned(), note: note.to_vec() })
    }
}

impl WitnessKey {
    /// Whether this witness cosigned it, and when: seconds since 1970-01-01T00:00Z by the witness's clock.
    pub fn saw(&self, signed: &Signed) -> Result<u64, CheckpointRefused> {
        let payload = self.payload(signed)?;
        payload.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)).ok_or(CheckpointRefused::Signature)
    }

    /// What stands in this witness's line, checked.
    fn payload(&self, signed: &Signed) -> Result<Vec<u8>, CheckpointRefused> {
        let note = Note::from_bytes(&signed.note).map_err(|_| CheckpointRefused::Note)?;
        let known = VerifierList::new(vec![Box::new(self.clone())]);
        let (verified, _) = note.verify(&known).map_err(|_| CheckpointRefused::Signature)?;
        verified.first().map(|line| line.signature().to_vec()).ok_or(CheckpointRefused::Signature)
    }

    /// Whether a line of a note is under this name and key, whatever it is worth.
    fn is_under(&self, line: &str) -> bool {
        let parts = line.strip_prefix("— ").and_then(|rest| rest.split_once(' '));
        let id = self.id().to_be_bytes();
        parts.is_some_and(|(name, signature)| {
            name == self.name.as_str()
                && BASE64_STANDARD.decode(signature).is_ok_and(|bytes| bytes.starts_with(&id))
        })
    }
}

/// A checkpoint that carries the pinned log key's signature. Only [`LogKey::open`] and [`sign`] make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    checkpoint: Checkpoint,
    text: String,
    note: Vec<u8>,
}

impl Signed {
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
    /// What was signed: three lines, and whatever lines follow them.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
    /// The whole note with every signature, as published.
    pub fn note(&self) -> &[u8] {
        &self.note
    }

    /// Adds the signature of a witness who checked that this checkpoint continues the last one it saw.
    /// `seconds` since 1970-01-01T00:00Z.
    pub fn cosigned(&self, name: Origin, key: &SigningKey, seconds: u64) -> Self {
        let witness = WitnessKey::new(name, key.verify_key());
        let signature = raw_sign(key, cosigned_text(seconds, self.text.as_bytes()).as_slice());
        let payload = [&seconds.to_be_bytes()[..], &signature].concat();
        let line = signature_line(&witness, &payload);
        Self { note: [&self.note[..], line.as_bytes()].concat(), ..self.clone() }
    }

    /// Takes over this witness's line of another copy of the same checkpoint, in the place of its older one, and nothing
    /// else: who can add any line could spoil the note, or another witness's place in it, for every reader.
    pub fn witnessed(&self, other: &Self, witness: &WitnessKey) -> Result<Self, CheckpointRefused> {
        let line = signature_line(witness, &witness.payload(other)?);
        if self.text != other.text {
            return Ok(self.clone());
        }
        let (text, signatures) = self.note.split_at(self.text.len());
        let signatures = std::str::from_utf8(signatures).map_err(|_| CheckpointRefused::Note)?;
        let kept: String =
            signatures.split_inclusive('\n').filter(|l| !witness.is_under(l.trim_end())).collect();
        Ok(Self { note: [text, kept.as_bytes(), line.as_bytes()].concat(), ..self.clone() })
    }
}

/// Signs a checkpoint with the log's key. The caller has made `size` and `root` durable.
pub fn sign(key: &SigningKey, checkpoint: &Checkpoint) -> Signed {
    sign_with(key, checkpoint, "")
}

/// The same with extension lines, each with its end.
pub(super) fn sign_with(key: &SigningKey, checkpoint: &Checkpoint, more: &str) -> Signed {
    let text = format!("{checkpoint}{more}");
    let log = LogKey::new(checkpoint.origin.clone(), key.verify_key());
    let line = signature_line(&log, &raw_sign(key, text.as_bytes()));
    let note = format!("{text}\n{line}").into_bytes();
    Signed { checkpoint: checkpoint.clone(), text, note }
}

fn verified(key: LogKey, note: &[u8]) -> Result<Note, CheckpointRefused> {
    let parsed = Note::from_bytes(note).map_err(|_| CheckpointRefused::Note)?;
    let known = VerifierList::new(vec![Box::new(key)]);
    parsed.verify(&known).map_err(|_| CheckpointRefused::Signature)?;
    Ok(parsed)
}

fn signature_line<const A: u8>(key: &NoteKey<A>, payload: &[u8]) -> String {
    let bytes = [&key.id().to_be_bytes()[..], payload].concat();
    format!("— {} {}\n", key.name, BASE64_STANDARD.encode(bytes))
}

/// Notes fix their own signed bytes, so this is Ed25519 over plain text. No transcript of ours can be such a
/// text: a transcript begins with a length below 2^24, hence a zero byte, which no note may hold.
fn raw_sign(key: &SigningKey, text: &[u8]) -> [u8; 64] {
    // Unwrap safety: every 32-byte string is an Ed25519 seed (RFC 8032, 5.1.5).
    let pair = Ed25519KeyPair::from_seed_unchecked(key.seed()).unwrap();
    let mut out = [0; 64];
    out.copy_from_slice(pair.sign(text).as_ref());
    out
}

fn cosigned_text(seconds: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {seconds}\n").as_bytes(), text].concat()
}

impl<const ALGORITHM: u8> Verifier for NoteKey<ALGORITHM> {
    fn name(&self) -> &str {
        self.name.as_str()
    }
    fn key_id(&self) -> u32 {
        self.id()
    }
    fn verify(&self, text: &[u8], payload: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.key);
        match ALGORITHM {
            ED25519_LOG => key.verify(text, payload).is_ok(),
            ED25519_COSIGNATURE => payload.split_first_chunk().is_some_and(|(seconds, signature)| {
                key.verify(&cosigned_text(u64::from_be_bytes(*seconds), text), signature).is_ok()
            }),
            _ => false,
        }
    }
}

impl<const ALGORITHM: u8> FromStr for NoteKey<ALGORITHM> {
    type Err = CheckpointRefused;
    fn from_str(text: &str) -> Result<Self, CheckpointRefused> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(CheckpointRefused::Key);
        };
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| CheckpointRefused::Key)?;
        let key = match bytes.split_first() {
            Some((algorithm, key)) if *algorithm == ALGORITHM => key.try_into().ok(),
            _ => None,
        };
        let parsed = Self { name: name.parse()?, key: key.ok_or(CheckpointRefused::Key)? };
        if id != format!("{:08x}", parsed.id()) {
            return Err(CheckpointRefused::Key);
        }
        Ok(parsed)
    }
}
impl<const ALGORITHM: u8> fmt::Display for NoteKey<ALGORITHM> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.id(), BASE64_STANDARD.encode(self.tagged()))
    }
}
impl<const ALGORITHM: u8> fmt::Debug for NoteKey<ALGORITHM> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteKey({self})")
    }
}

#[cfg(test)]
mod tests;
