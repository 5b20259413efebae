//! What the TypeScript side seals, opened by the Rust side and by the stock `age` command. The other way round is
//! `web/test/vectors.test.ts`.
#![cfg(feature = "open")]

use crate::common::{Ceremony, person_json};
use age::{secrecy::ExposeSecret, x25519::Identity as AgeKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use mifeng::{
    award::{claim::Claim, release::Quorum},
    cleartext::{
        files::{CHUNK_BYTES, FilePlace, padme, unseal_file},
        identity::SealedBy,
        open::{Opened, open},
    },
    envelope::{ENVELOPE_LEN, SealedReport, SectionName},
    ids::BlobId,
    lock::SHARE_FILE_LEN,
    receipt::{Mailbox, Receipt},
    signing::VerifyKey,
};
use serde::Deserialize;
use serde_json::json;
use std::{
    io::{Cursor, Write},
    path::Path,
    process::{Command, Stdio},
};

const NAME: &str = "密封测试甲";
const FILE_NAME: &str = "现场照片 1.jpg";
const MESSAGE: &str = "请补充拍摄时间。\nThank you.";
const REPORTS: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    receipt: String,
    locator: String,
    auth: String,
    audit_key: String,
    mailbox: Mailbox,
    mailbox_key: String,
    claim_key: VerifyKey,
    sealed: Vec<SealedReport>,
    sealed_file: String,
    message: String,
    plain_age: String,
    claim: Claim,
}

/// The authority, its keys for an original, and what a reporter's device gave it.
fn device(reports: usize) -> (Ceremony, BlobId, AgeKey, Answer) {
    let mut c = Ceremony::new();
    let (blob, files_key) = (BlobId::random(&mut rand::rng()), AgeKey::generate());
    let order = json!({
        "set": c.untrusted_set,
        "fingerprint": c.set.fingerprint().to_string(),
        "report": c.report,
        "blob": blob,
        "person": serde_json::from_str::<serde_json::Value>(&person_json(NAME)).unwrap(),
        "reports": reports,
        "award": hex::encode(c.terms.award.hash()),
        "message": MESSAGE,
        "original": {
            "recipient": files_key.to_public().to_string(),
            "name": FILE_NAME,
            "media_type": "image/jpeg",
            "bytes": BASE64_STANDARD.encode(original()),
        },
    });
    let answer: Answer = serde_json::from_slice(&node("seal-tool", order.to_string().as_bytes())).unwrap();
    c.receipt = Receipt::parse(&answer.receipt).unwrap();
    c.audit = c.receipt.audit_key();
    (c, blob, files_key, answer)
}

fn node(tool: &str, input: &[u8]) -> Vec<u8> {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    assert!(
        web.join("node_modules/esbuild").exists(),
        "web/node_modules is missing: run `npm ci` in web/ (`make test` does)"
    );
    let mut child = Command::new("node")
        .arg("test/tool.mjs")
        .arg(tool)
        .current_dir(&web)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| {
            panic!("node (20 or later) is needed: run scripts/tools.sh (`make test` does): {e}")
        });
    child.stdin.take().unwrap().write_all(input).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "web/test/{tool}.ts failed; its words are above");
    out.stdout
}

/// Longer than two of age's chunks, and not a round number.
fn original() -> Vec<u8> {
    (0..150_001u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn opened(c: &Ceremony, sealed: &[SealedReport]) -> Opened {
    let deposits = [c.deposit(sealed, 1), c.deposit(sealed, 3)];
    let quorum = Quorum::gather(&c.terms, &c.set, &deposits, c.today).unwrap();
    let envelopes: Vec<_> = sealed.iter().map(|each| each.envelope.clone()).collect();
    open(&envelopes, c.approval(), &c.claim(), quorum, &c.office_key).unwrap()
}

#[test]
fn a_report_sealed_on_the_device_opens_as_the_servers_own_do() {
    let (c, _, _, answer) = device(4);
    let named = opened(&c, &answer.sealed[..1]);
    assert_eq!(named.person.as_ref().unwrap().name(), NAME);
    assert_eq!(named.sealed_by, SealedBy::Device);
    assert!(opened(&c, &answer.sealed[1..2]).person.is_none());

    // One report's envelopes may come by both ways.
    let mixed = [
        answer.sealed[1].clone(),
        c.seal_nameless(),
        answer.sealed[2].clone(),
        c.seal_named(&person_json(NAME)),
    ];
    let mixed = opened(&c, &mixed);
    assert_eq!((mixed.person.unwrap().name(), mixed.conflicts.len()), (NAME, 0));
}

#[test]
fn receipt_mailbox_and_claim_are_one_thing_on_both_sides() {
    let (c, _, _, answer) = device(1);
    assert_eq!(hex::encode(c.receipt.locator().0), answer.locator);
    assert_eq!(hex::encode(c.receipt.auth().0), answer.auth);
    assert_eq!(hex::encode(c.audit.0), answer.audit_key);
    assert!(c.receipt.mailbox() == answer.mailbox);
    assert_eq!(c.receipt.mailbox_key().to_string().expose_secret(), answer.mailbox_key);
    assert_eq!(c.receipt.claim_verify_key(), answer.claim_key);

    assert!(answer.claim.prove(&c.terms.award, answer.claim_key).is_ok());
    let mut other = c.terms.award.clone();
    other.base_fen += 1;
    assert!(answer.claim.prove(&other, answer.claim_key).is_err());

    let framed = BASE64_STANDARD.decode(&answer.message).unwrap();
    assert_eq!(framed.len(), 4096);
    let length = u32::from_be_bytes(framed[..4].try_into().unwrap()) as usize;
    assert!(framed[4 + length..].iter().all(|byte| *byte == 0));
    let text = age::decrypt(&c.receipt.mailbox_key(), &framed[4..4 + length]).unwrap();
    assert_eq!(text, MESSAGE.as_bytes());
}

#[test]
fn an_original_sealed_on_the_device_opens_in_the_officers_tool() {
    let (c, blob, key, answer) = device(1);
    let sealed = BASE64_STANDARD.decode(&answer.sealed_file).unwrap();
    assert_eq!(padme(sealed.len() as u64), sealed.len() as u64);
    assert!(sealed.len() > CHUNK_BYTES);
    let place = FilePlace { report: c.report, blob };
    let mut out = Vec::new();
    let file = unseal_file(Cursor::new(&sealed), &[key], place, &mut out).unwrap();
    assert_eq!((file.name_for_disk().as_str(), file.media_type.as_str()), (FILE_NAME, "image/jpeg"));
    assert!(out == original());
}

#[test]
fn the_age_command_opens_what_the_device_sealed() {
    let (c, _, _, answer) = device(1);
    let folder = tempfile::tempdir().unwrap();
    let (key, file) = (folder.path().join("key"), folder.path().join("message.age"));
    std::fs::write(&key, c.receipt.mailbox_key().to_string().expose_secret()).unwrap();
    std::fs::write(&file, BASE64_STANDARD.decode(&answer.plain_age).unwrap()).unwrap();
    let out = Command::new("age").args(["--decrypt", "-i"]).arg(&key).arg(&file).output();
    let out = out.unwrap_or_else(|e| panic!("the age command is needed: run scripts/tools.sh: {e}"));
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(out.stdout, MESSAGE.as_bytes());
}

/// P2: neither by length nor by what age shows of itself can it be told where a report was sealed.
#[test]
fn reports_of_both_ways_look_alike() {
    let (c, _, _, answer) = device(REPORTS);
    let server: Vec<_> = (0..REPORTS)
        .map(|i| if i % 2 == 0 { c.seal_named(&person_json(NAME)) } else { c.seal_nameless() })
        .collect();
    assert_eq!(answer.sealed.len(), server.len());
    let [device, server] = [answer.sealed, server].map(|sealed| Looks::of(&sealed));
    // Differences of five standard deviations, for 600 share files on each side.
    assert!((device.tag - server.tag).abs() < 0.66, "{device:?} {server:?}");
    assert!((device.args - server.args).abs() < 0.41, "{device:?} {server:?}");
    assert!((device.body - server.body).abs() < 8.3, "{device:?} {server:?}");
    assert!((device.noise - server.noise).abs() < 0.3, "{device:?} {server:?}");
}

/// Means over many reports.
#[derive(Debug, Default)]
struct Looks {
    /// Characters before `-grease`, further arguments and bytes in the body of the grease stanza.
    tag: f64,
    args: f64,
    body: f64,
    /// The mean byte of the envelopes.
    noise: f64,
}

impl Looks {
    fn of(sealed: &[SealedReport]) -> Self {
        let mut sum = Self::default();
        for report in sealed {
            assert_eq!(report.envelope.as_bytes().len(), ENVELOPE_LEN);
            assert_eq!(report.files_recipient.len(), 62);
            assert_eq!((report.share_files.len(), report.set_number), (3, 1));
            let noise = &report.envelope.section(SectionName::Identity)[2..];
            sum.noise += noise.iter().map(|b| f64::from(*b)).sum::<f64>() / noise.len() as f64;
            for file in &report.share_files {
                assert_eq!(file.as_bytes().len(), SHARE_FILE_LEN);
                sum.grease(file.as_bytes());
            }
        }
        let (reports, files) = (sealed.len() as f64, 3.0 * sealed.len() as f64);
        Self {
            tag: sum.tag / files,
            args: sum.args / files,
            body: sum.body / files,
            noise: sum.noise / reports,
        }
    }

    /// A share file's age header: one X25519 stanza, one of grease, then the MAC.
    fn grease(&mut self, file: &[u8]) {
        let head = &file[6..];
        let end = head.windows(5).position(|w| w == b"\n--- ").unwrap();
        let head = std::str::from_utf8(&head[..end]).unwrap();
        let (version, stanzas) = head.split_once('\n').unwrap();
        assert_eq!(version, "age-encryption.org/v1");
        let stanzas: Vec<&str> = stanzas.strip_prefix("-> ").unwrap().split("\n-> ").collect();
        let [real, grease] = stanzas[..] else { panic!("{} stanzas", stanzas.len()) };
        assert!(real.starts_with("X25519 "));
        let (first, body) = grease.split_once('\n').unwrap();
        let words: Vec<&str> = first.split(' ').collect();
        self.tag += words[0].strip_suffix("-grease").unwrap().len() as f64;
        self.args += words.len() as f64 - 1.0;
        self.body += (body.replace('\n', "").len() * 3 / 4) as f64;
    }
}
