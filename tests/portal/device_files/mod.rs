//! Files that a reporter's device has sealed: the whole protocol, through the portal's router, as the page's script
//! speaks it, and as somebody would who means harm.
#![cfg(feature = "open")]

mod places;
mod refused;
mod whole;
mod whose;

use crate::portal_support::{Answer, Browser, Site};
use age::x25519::Identity as AgeKey;
use axum::http::{Method, StatusCode};
use mifeng::{
    casework::Case,
    cleartext::files::{ChunkSink, FilePlace, FileSealer, SinkRefused},
    ids::{BlobId, CaseNumber},
    store::{Cases, Rewards},
};
use serde_json::{Value, json};

const CASE: CaseNumber = CaseNumber { year: 2026, serial: 1 };
const FILES: &str = "/en/device/files";

struct Shelf(Vec<u8>);

impl ChunkSink for Shelf {
    fn chunk(&mut self, _: u32, bytes: &[u8]) -> Result<(), SinkRefused> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// What a device does between choosing a file and sending it, with a key that this test has.
fn sealed_for(begun: &Value, key: &AgeKey, upload: &[u8]) -> Vec<u8> {
    let to = key.to_public().to_string();
    let mut sealer =
        FileSealer::begin(place(begun), &to, "现场.mp4", "video/mp4", u64::MAX, Shelf(vec![])).unwrap();
    sealer.push(upload).unwrap();
    sealer.finish().unwrap().1.0
}

fn place(begun: &Value) -> FilePlace {
    let text = |name: &str| begun[name].as_str().unwrap().to_owned();
    FilePlace { report: text("report").parse().unwrap(), blob: text("blob").parse().unwrap() }
}

fn noise(length: usize) -> Vec<u8> {
    (0..length as u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect()
}

fn body(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|_| panic!("{answer:?}"))
}

/// A problem body with a whole sentence in it.
fn refused(answer: &Answer, status: StatusCode, code: &str) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let problem = body(answer);
    assert_eq!(
        (problem["code"].as_str(), problem["status"].as_u64()),
        (Some(code), Some(status.as_u16().into()))
    );
    assert!(problem["detail"].as_str().unwrap().len() > 15, "{problem}");
    problem
}

/// A sent report, its page of files open.
async fn reporter(site: &Site) -> Browser {
    let mut browser = Browser::new(site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    browser.get("/en/files").await;
    browser
}

async fn ask(browser: &mut Browser, kind: &str) -> Answer {
    let once = browser.once.clone();
    browser.device(Method::POST, FILES, json!({ "once": once, "kind": kind }).to_string()).await
}

async fn begin(browser: &mut Browser, kind: &str) -> Value {
    let answer = ask(browser, kind).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    body(&answer)
}

fn at(begun: &Value) -> String {
    format!("{FILES}/{}", begun["upload"].as_str().unwrap())
}

async fn put(browser: &mut Browser, begun: &Value, offset: usize, bytes: &[u8]) -> Answer {
    let path = format!("{}?at={offset}", at(begun));
    browser.device(Method::PUT, &path, bytes.to_vec()).await
}

async fn put_all(browser: &mut Browser, begun: &Value, bytes: &[u8]) {
    for (n, piece) in bytes.chunks(1 << 20).enumerate() {
        let answer = put(browser, begun, n << 20, piece).await;
        assert_eq!(body(&answer), json!({ "at": (n << 20) + piece.len() }));
    }
}

async fn finish(browser: &mut Browser, begun: &Value, bytes: usize, copy: Option<&Value>) -> Answer {
    let mut body = json!({ "bytes": bytes });
    if let Some(copy) = copy {
        body["copy"] = copy["upload"].clone();
    }
    browser.device(Method::POST, &format!("{}/finish", at(begun)), body.to_string()).await
}

fn case(site: &Site) -> Case {
    Cases::case(&*site.store, CASE).unwrap().unwrap().case
}

fn stored(site: &Site, blob: BlobId) -> Vec<u8> {
    let chunks = Rewards::original(&*site.store, CASE, blob).unwrap();
    chunks.collect::<Result<Vec<_>, _>>().unwrap().concat()
}

fn shown(site: &Site, blob: BlobId) -> Vec<u8> {
    Cases::cleaned_copy(&*site.store, CASE, blob).unwrap().collect::<Result<Vec<_>, _>>().unwrap().concat()
}
