//! Frozen bytes: a report sealed once must open for ever. `MIFENG_WRITE_VECTORS=1 cargo test --features open
//! --test formats format_vectors` writes a new file where there is none; an existing one is never overwritten.
#![cfg(feature = "open")]

use crate::common::{Ceremony, person_json};
use base64::{Engine, prelude::BASE64_STANDARD};
use mifeng::{
    award::release::Quorum,
    cleartext::{
        open::open,
        share::{Expected, OpenedShares},
    },
    envelope::SealedReport,
    ids::{BlobId, ReportId},
    mailbox::{
        SealedMessage,
        file::{FileToReporter, open_file, open_label},
    },
    receipt::{Mailbox, Receipt},
    recipients::UntrustedSet,
    sealed_file::{ChunkSink, FilePlace, SinkRefused, age_bytes},
    signing::{SigningKey, VerifyKey},
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

/// Everything needed to open one report again. All keys here are public by definition.
#[derive(Serialize, Deserialize)]
struct Vector {
    note: String,
    set: UntrustedSet,
    report: ReportId,
    receipt: String,
    audit_key: String,
    mailbox: Mailbox,
    claim_key: VerifyKey,
    office_key: String,
    trustee_keys: Vec<(String, String)>,
    sealed: SealedReport,
    person_name: String,
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/sealed-report-v1.json")
}

fn write_once() {
    use age::secrecy::ExposeSecret;
    if file().exists() || std::env::var_os("MIFENG_WRITE_VECTORS").is_none() {
        return;
    }
    let c = Ceremony::new();
    let sealed = c.seal_named(&person_json("密封测试甲"));
    let vector = Vector {
        note: "Keys and person are made up; format version 1, suite 1.".into(),
        set: c.untrusted_set.clone(),
        report: c.report,
        receipt: c.receipt.groups().map(|g| g.to_string()).join(" "),
        audit_key: hex::encode(c.audit.0),
        mailbox: c.receipt.mailbox(),
        claim_key: c.receipt.claim_verify_key(),
        office_key: c.office_key.to_string().expose_secret().into(),
        trustee_keys: c
            .trustee_keys
            .iter()
            .map(|(age, sign)| (age.to_string().expose_secret().into(), sign.to_text().to_string()))
            .collect(),
        sealed,
        person_name: "密封测试甲".into(),
    };
    fs::write(file(), serde_json::to_string_pretty(&vector).unwrap() + "\n").unwrap();
}

#[test]
fn the_frozen_report_still_opens() {
    write_once();
    let vector: Vector = serde_json::from_str(&fs::read_to_string(file()).unwrap()).unwrap();
    let mut c = Ceremony::new();
    c.set = vector.set.pinned(&vector.set.fingerprint()).unwrap();
    c.receipt = Receipt::parse(&vector.receipt).unwrap();
    c.audit = c.receipt.audit_key();
    assert_eq!(hex::encode(c.audit.0), vector.audit_key);
    assert!(c.receipt.mailbox() == vector.mailbox);
    assert_eq!(c.receipt.claim_verify_key(), vector.claim_key);
    c.adopt(
        vector.report,
        vector.office_key.parse().unwrap(),
        vector
            .trustee_keys
            .iter()
            .map(|(age, sign)| (age.parse().unwrap(), SigningKey::parse(sign).unwrap()))
            .collect(),
    );
    let sealed = [vector.sealed];
    let deposits = [c.deposit(&sealed, 2), c.deposit(&sealed, 3)];
    let quorum = Quorum::gather(&c.terms, &c.set, &deposits, c.today).unwrap();
    let opened =
        open(&[sealed[0].envelope.clone()], c.approval(), &c.claim(), quorum, &c.office_key).unwrap();
    assert_eq!(opened.person.unwrap().name(), vector.person_name);

    let expected =
        Expected { set: &c.set, report: c.report, envelopes: &[sealed[0].envelope.hash()], handover: None };
    let shares = OpenedShares::open(&sealed[0].share_files[..1], &c.trustee_keys[0].0, &expected).unwrap();
    assert_eq!((shares.trustee(), shares.claim_key()), (1, vector.claim_key));
}

/// A file of staff's and what opens it.
#[derive(Serialize, Deserialize)]
struct FileVector {
    note: String,
    receipt: String,
    report: ReportId,
    blob: BlobId,
    name: String,
    media_type: String,
    /// base64, as what follows.
    inside: String,
    label: SealedMessage,
    sealed: String,
}

struct Shelf(Vec<u8>);

impl ChunkSink for Shelf {
    fn chunk(&mut self, _: u32, bytes: &[u8]) -> Result<(), SinkRefused> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

fn write_file_once(path: &Path) {
    if path.exists() || std::env::var_os("MIFENG_WRITE_VECTORS").is_none() {
        return;
    }
    let receipt = Receipt::draw(&mut rand::rng());
    let place = FilePlace { report: ReportId::from_bytes([0x11; 16]), blob: BlobId::from_bytes([0x22; 16]) };
    let inside: Vec<u8> =
        b"%PDF-1.7\n".iter().copied().chain((0..1000u32).map(|n| (n * 7 % 251) as u8)).collect();
    let name = "检查记录 1.pdf";
    let rules = |_| Ok(u64::MAX);
    let mut file = FileToReporter::new(place, &receipt.mailbox(), name, &rules, Shelf(Vec::new())).unwrap();
    file.push(&inside).unwrap();
    let done = file.finish().unwrap();
    let vector = FileVector {
        note: "Receipt and file are made up; format version 1, suite 1.".into(),
        receipt: receipt.groups().map(|g| g.to_string()).join(" "),
        report: place.report,
        blob: place.blob,
        name: name.into(),
        media_type: "application/pdf".into(),
        inside: BASE64_STANDARD.encode(&inside),
        label: done.label,
        sealed: BASE64_STANDARD.encode(&done.sink.0),
    };
    fs::write(path, serde_json::to_string_pretty(&vector).unwrap() + "\n").unwrap();
}

#[test]
fn the_frozen_file_to_a_reporter_still_opens() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/file-to-reporter-v1.json");
    write_file_once(&path);
    let vector: FileVector = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let key = Receipt::parse(&vector.receipt).unwrap().mailbox_key();
    let place = FilePlace { report: vector.report, blob: vector.blob };
    let label = open_label(&vector.label, place, &key).unwrap();
    let sealed = BASE64_STANDARD.decode(&vector.sealed).unwrap();
    let length = age_bytes(&sealed, sealed.len() as u64).unwrap();
    let mut inside = Vec::new();
    open_file(&sealed[..], length, &key).unwrap().read_to_end(&mut inside).unwrap();
    assert_eq!(inside, BASE64_STANDARD.decode(&vector.inside).unwrap());
    assert_eq!(
        (label.name(), label.media_type(), label.bytes()),
        (vector.name, &*vector.media_type, inside.len() as u64)
    );
}
