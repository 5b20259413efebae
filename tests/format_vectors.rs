//! Frozen bytes: a report sealed once must open for ever. `MIFENG_WRITE_VECTORS=1 cargo test --features open
//! --test format_vectors` writes a new file where there is none; an existing one is never overwritten.
#![cfg(feature = "open")]

mod common;

use common::{Ceremony, person_json};
use mifeng::{
    award::release::Quorum,
    cleartext::{
        open::open,
        share::{Expected, OpenedShares},
    },
    envelope::SealedReport,
    ids::ReportId,
    receipt::{Mailbox, Receipt},
    recipients::UntrustedSet,
    signing::{SigningKey, VerifyKey},
};
use serde::{Deserialize, Serialize};
use std::{fs, path::PathBuf};

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

    let expected = Expected { set: &c.set, report: c.report, envelopes: &[sealed[0].envelope.hash()] };
    let shares = OpenedShares::open(&sealed[0].share_files[..1], &c.trustee_keys[0].0, &expected).unwrap();
    assert_eq!((shares.trustee(), shares.claim_key()), (1, vector.claim_key));
}
