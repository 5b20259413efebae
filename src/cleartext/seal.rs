//! The door in: seals one report's person (or nobody) and its files key, and splits both locks.

use super::identity::{FilesSection, IdentitySectionOut, Person, SealedBy};
use crate::{
    envelope::{self, Envelope, SealedReport, SectionName},
    ids::ReportId,
    lock::{self, ShareFile},
    padded,
    receipt::AuditKey,
    recipients::RecipientSet,
    signing::VerifyKey,
    transcript::sha256,
};
use age::secrecy::ExposeSecret;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use rand::CryptoRng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use vsss_rs::Gf256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealRefused {
    #[error("what was filled in about the person is too long to be sealed in one envelope")]
    TooLong,
}

/// Whom an envelope is about. A nameless reporter's holds a dummy of the same size.
pub enum Whom<'a> {
    Named(&'a Person),
    Nameless,
}

/// What every sealed byte of a report is bound to.
pub struct Binding<'a> {
    pub report: ReportId,
    pub audit_key: &'a AuditKey,
    /// Public half of the key that signs this report's claim.
    pub claim_key: VerifyKey,
    pub set: &'a RecipientSet,
    pub sealed_by: SealedBy,
}

/// What a trustee's share file holds before sealing. Hash lists let a wrong share be named before combining.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(super) struct ShareBody {
    pub format: u16,
    pub instance: String,
    pub report: String,
    pub envelope_sha256: String,
    pub audit_key: String,
    pub claim_key: String,
    pub set_number: u32,
    pub trustee: u8,
    pub share_l: String,
    pub share_f: String,
    pub hashes_l: Vec<String>,
    pub hashes_f: Vec<String>,
}

/// Seals with fresh locks and a fresh files key; all secrets drawn here are wiped on return.
///
/// # Errors
/// [`SealRefused::TooLong`] if the person does not fit the fixed bucket (policy's field limits are far below it).
pub fn seal_report(
    whom: Whom<'_>,
    binding: &Binding<'_>,
    rng: &mut impl CryptoRng,
) -> Result<SealedReport, SealRefused> {
    let [office_1, office_2] = binding.set.office_recipients();
    let office: [&dyn age::Recipient; 2] = [&office_1, &office_2];
    let lock_l = draw(rng);
    let lock_f = draw(rng);
    let files_key = age::x25519::Identity::generate();

    let person = match whom {
        Whom::Named(person) => Some(person),
        Whom::Nameless => None,
    };
    let identity = IdentitySectionOut { format: 1, sealed_by: binding.sealed_by, person };
    let files = FilesSection { format: 1, files_key: files_key.to_string().expose_secret().into() };

    let mut bytes = section(SectionName::Identity, &json(&identity), &office, &lock_l, binding, rng)?;
    bytes.extend(section(SectionName::Files, &json(&files), &office, &lock_f, binding, rng)?);
    // Unwrap safety: two sections of fixed size and our own version are an envelope.
    let envelope = Envelope::parse(&bytes).unwrap();

    let share_files = share_files(&envelope, &lock_l, &lock_f, binding, rng);
    Ok(SealedReport {
        envelope,
        share_files,
        files_recipient: files_key.to_public().to_string(),
        set_number: binding.set.number(),
    })
}

fn section(
    name: SectionName,
    plain: &[u8],
    office: &[&dyn age::Recipient],
    lock: &[u8; 32],
    binding: &Binding<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealRefused> {
    let mut body = padded::seal(plain, office, name.bucket()).ok_or(SealRefused::TooLong)?;
    let mut nonce = [0; 12];
    rng.fill_bytes(&mut nonce);
    let aad = name.associated_data(binding.set.instance(), &binding.report);
    // Unwrap safety: the key has 32 bytes and the text is far below the cipher's limit.
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, lock).unwrap());
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut body).unwrap();
    let mut out = Vec::with_capacity(name.bucket() + envelope::SECTION_OVERHEAD);
    out.extend_from_slice(&[envelope::VERSION, envelope::SUITE]);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&body);
    Ok(out)
}

fn share_files(
    envelope: &Envelope,
    lock_l: &[u8; 32],
    lock_f: &[u8; 32],
    binding: &Binding<'_>,
    rng: &mut impl CryptoRng,
) -> Vec<ShareFile> {
    let set = binding.set;
    let shares_l = split(lock_l, set.threshold(), set.trustees().len(), rng);
    let shares_f = split(lock_f, set.threshold(), set.trustees().len(), rng);
    let hashes = |shares: &[Zeroizing<Vec<u8>>]| shares.iter().map(|s| b64(&sha256(s))).collect::<Vec<_>>();
    let (hashes_l, hashes_f) = (hashes(&shares_l), hashes(&shares_f));

    let one = |(i, trustee): (usize, &crate::recipients::Trustee)| {
        let body = ShareBody {
            format: 1,
            instance: set.instance().0.clone(),
            report: binding.report.to_string(),
            envelope_sha256: b64(&envelope.hash()),
            audit_key: b64(&binding.audit_key.0),
            claim_key: b64(binding.claim_key.as_bytes()),
            set_number: set.number(),
            trustee: i as u8 + 1,
            share_l: b64(&shares_l[i]),
            share_f: b64(&shares_f[i]),
            hashes_l: hashes_l.clone(),
            hashes_f: hashes_f.clone(),
        };
        // Unwrap safety: the set's check has parsed every recipient, and 16 trustees' hashes fit the bucket.
        let recipient: age::x25519::Recipient = trustee.recipient.parse().unwrap();
        let padded = padded::seal(&json(&body), &[&recipient], lock::BUCKET).unwrap();
        let mut bytes = vec![lock::VERSION, lock::SUITE];
        bytes.extend(padded);
        ShareFile::parse(&bytes).unwrap()
    };
    set.trustees().iter().enumerate().map(one).collect()
}

fn split(secret: &[u8; 32], t: usize, n: usize, rng: &mut impl CryptoRng) -> Vec<Zeroizing<Vec<u8>>> {
    // Unwrap safety: the set's check has 2 ≤ t ≤ n ≤ 16.
    Gf256::split_array(t, n, secret, rng).unwrap().into_iter().map(Zeroizing::new).collect()
}

fn draw(rng: &mut impl CryptoRng) -> Zeroizing<[u8; 32]> {
    let mut secret = Zeroizing::new([0; 32]);
    rng.fill_bytes(secret.as_mut());
    secret
}

pub(super) fn json(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // Unwrap safety: our own plain structs always serialise.
    Zeroizing::new(serde_json::to_vec(value).unwrap())
}

pub(super) fn b64(bytes: &[u8]) -> String {
    BASE64_STANDARD_NO_PAD.encode(bytes)
}

pub(super) fn un_b64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    BASE64_STANDARD_NO_PAD.decode(text).ok().map(Zeroizing::new)
}
