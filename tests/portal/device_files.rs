//! Files that a reporter's device has sealed: the whole protocol, through the portal's router, as the page's script
//! speaks it, and as somebody would who means harm.
#![cfg(feature = "open")]

use crate::portal_support::{self, Answer, Browser, Site};
use age::{secrecy::ExposeSecret, x25519::Identity as AgeKey};
use axum::{
    body::{Body, Bytes},
    http::{Method, StatusCode},
};
use http_body_util::channel::Channel;
use mifeng::{
    casework::{Case, Copy, SizeClass},
    cleartext::files::{ChunkSink, FilePlace, FileSealer, SinkRefused, unseal_file},
    clock::Clock,
    ids::{BlobId, CaseNumber},
    policy::FileClass,
    sealed_file::{padme, stored_bytes},
    store::{Cases, FileKind, Rewards, TicketHash},
};
use serde_json::{Value, json};
use std::{io::Cursor, process::Command, sync::atomic::Ordering, time::Duration};

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

#[tokio::test]
async fn a_file_goes_up_in_pieces_over_a_bad_line_and_opens_as_it_was() {
    let site = Site::new();
    let mut browser = reporter(&site).await;
    let begun = begin(&mut browser, "original").await;
    assert!(begun["files_recipient"].as_str().unwrap().starts_with("age1"));
    assert_eq!(begun["limits"], json!({ "piece": 1 << 20, "most_bytes": 200 << 20, "silence_seconds": 900 }));
    let (key, original) = (AgeKey::generate(), noise(2_500_000));
    let sealed = sealed_for(&begun, &key, &original);

    let look = at(&begun);
    assert_eq!(body(&browser.device(Method::GET, &look, "").await), json!({ "at": 0 }));
    put_all(&mut browser, &begun, &sealed[..1 << 20]).await;
    // A gap is refused, and the page learns where to go on; what is here already is not taken again.
    let gap = put(&mut browser, &begun, (1 << 20) + 1, &sealed[(1 << 20) + 1..2 << 20]).await;
    assert_eq!(refused(&gap, StatusCode::CONFLICT, "offset")["at"], 1 << 20);
    for (again, piece) in
        [(0, &sealed[..1 << 20]), (0, b"something else"), (500_000, &sealed[500_000..1_500_000])]
    {
        assert_eq!(body(&put(&mut browser, &begun, again, piece).await), json!({ "at": 1 << 20 }));
    }
    assert_eq!(body(&browser.device(Method::GET, &look, "").await), json!({ "at": 1 << 20 }));
    // Ended too early: nothing is lost by it.
    let early = finish(&mut browser, &begun, sealed.len(), None).await;
    assert_eq!(refused(&early, StatusCode::CONFLICT, "offset")["at"], 1 << 20);
    for (offset, piece) in (1 << 20..).step_by(300_000).zip(sealed[1 << 20..].chunks(300_000)) {
        let answer = put(&mut browser, &begun, offset, piece).await;
        assert_eq!(body(&answer), json!({ "at": offset + piece.len() }));
    }
    assert!(case(&site).files.is_empty(), "nothing is part of the report before the end");
    let kept = finish(&mut browser, &begun, sealed.len(), None).await;
    assert_eq!(body(&kept), json!({ "n": 1, "size": "10m", "copy": false }));
    // The answer was lost: the same question has the same answer, and there is one file.
    assert_eq!(finish(&mut browser, &begun, sealed.len(), None).await.text, kept.text);
    refused(&browser.device(Method::DELETE, &look, "").await, StatusCode::CONFLICT, "kept");
    let page = browser.get("/en/files").await.text;
    assert!(page.contains("File 1") && !page.contains("File 2") && page.contains("no copy"), "{page}");

    let files = case(&site).files;
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].original, place(&begun).blob);
    assert!(stored(&site, files[0].original) == sealed, "stored as it was sent");
    let mut out = Vec::new();
    let keys = std::slice::from_ref(&key);
    let opened = unseal_file(Cursor::new(&sealed), keys, place(&begun), &mut out).unwrap();
    assert_eq!((opened.name_for_disk(), opened.media_type.as_str()), ("现场.mp4".into(), "video/mp4"));
    assert!(out == original);
    stock_age_opens(&stored(&site, files[0].original), &key, &original);
    assert_eq!(site.store.check().unwrap().problems, Vec::<String>::new());
}

fn stock_age_opens(sealed: &[u8], key: &AgeKey, original: &[u8]) {
    if Command::new("age").arg("--version").output().is_err() {
        return eprintln!("SKIPPED stock_age_opens: no `age` command (Debian: apt install age)");
    }
    let folder = tempfile::tempdir().unwrap();
    let (key_file, age_file) = (folder.path().join("key"), folder.path().join("file.age"));
    let length = u64::from_be_bytes(sealed[sealed.len() - 8..].try_into().unwrap()) as usize;
    std::fs::write(&key_file, key.to_string().expose_secret()).unwrap();
    std::fs::write(&age_file, &sealed[2..2 + length]).unwrap();
    let out = Command::new("age").args(["--decrypt", "-i"]).arg(&key_file).arg(&age_file).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(out.stdout.ends_with(original));
}

#[tokio::test]
async fn both_ways_leave_records_of_one_shape_and_one_copy() {
    let site = Site::new();
    let mut browser = reporter(&site).await;
    let picture = portal_support::png();
    // One byte less than 1 MiB before sealing: over it afterwards, whoever sealed.
    let film = [b"\0\0\0\x20ftypisom".as_slice(), &noise((1 << 20) - 13)].concat();

    browser.get("/en/files").await;
    assert_eq!(browser.upload("/en/files", "现场.mp4", &picture, true).await.location, "/en/files");
    browser.get("/en/files").await;
    assert_eq!(browser.upload("/en/files", "现场.mp4", &film, true).await.location, "/en/files");

    browser.get("/en/files").await;
    let copy = begin(&mut browser, "copy").await;
    assert_eq!((&copy["blob"], &copy["files_recipient"]), (&Value::Null, &Value::Null));
    put_all(&mut browser, &copy, &picture).await;
    assert_eq!(body(&finish(&mut browser, &copy, picture.len(), None).await), json!({}));
    assert_eq!(body(&finish(&mut browser, &copy, picture.len(), None).await), json!({}), "asked again");
    let begun = begin(&mut browser, "original").await;
    let sealed = sealed_for(&begun, &AgeKey::generate(), &picture);
    put_all(&mut browser, &begun, &sealed).await;
    let kept = finish(&mut browser, &begun, sealed.len(), Some(&copy)).await;
    assert_eq!(body(&kept), json!({ "n": 3, "size": "1m", "copy": true }));
    let begun = begin(&mut browser, "original").await;
    let sealed = sealed_for(&begun, &AgeKey::generate(), &film);
    put_all(&mut browser, &begun, &sealed).await;
    assert_eq!(finish(&mut browser, &begun, sealed.len(), None).await.status, StatusCode::OK);

    let case = case(&site);
    let [here, film_here, there, film_there] = case.files.as_slice() else { panic!("{:?}", case.files) };
    let (Copy::Cleaned { blob: a, media: x }, Copy::Cleaned { blob: b, media: y }) =
        (&here.copy, &there.copy)
    else {
        panic!("no copies")
    };
    assert_eq!(x, y);
    assert!(shown(&site, *a) == shown(&site, *b), "the copy is the same to the byte");
    assert_eq!((here.size, film_here.size), (SizeClass::UpTo1M, SizeClass::UpTo10M));
    assert_eq!((here.size, film_here.size), (there.size, film_there.size));
    assert_eq!((&film_here.copy, &film_there.copy), (&Copy::SealedOnly, &Copy::SealedOnly));
    let originals = Rewards::originals(&*site.store, CASE).unwrap();
    assert_eq!(originals.len(), 4);
    for file in [here, film_here, there, film_there] {
        let record = originals.iter().find(|record| record.blob == file.original).unwrap();
        assert_eq!(record.kind, FileKind::Original { sequence: 0 });
        assert!(padme(record.len) == record.len && record.len >= 32 * 1024);
    }
    let history: Vec<_> = case.history.iter().map(|event| (event.what, event.told.clone())).collect();
    let events = history.len();
    assert_eq!(history[events - 4], history[events - 2]);
    assert_eq!(history[events - 3], history[events - 1]);
}

#[tokio::test]
async fn what_is_not_sealed_as_ours_is_refused_and_forgotten() {
    let site = Site::new();
    let mut browser = reporter(&site).await;
    let (key, other) = (AgeKey::generate(), AgeKey::generate());
    let two: Vec<u8> = {
        let (a, b) = (key.to_public(), other.to_public());
        framed(&[&a, &b], true)
    };
    let length = |file: &mut Vec<u8>, n: u64| {
        let end = file.len() - 8;
        file[end..].copy_from_slice(&n.to_be_bytes());
    };
    type Spoil<'a> = Box<dyn Fn(&mut Vec<u8>) + 'a>;
    let spoilt: Vec<(&str, Spoil)> = vec![
        ("a version to come", Box::new(|file| file[0] = 2)),
        ("a suite to come", Box::new(|file| file[1] = 9)),
        ("no age file", Box::new(|file| file[2..40].fill(b'x'))),
        ("a picture in clear", Box::new(|file| file[..8].copy_from_slice(b"\x89PNG\r\n\x1A\n"))),
        ("without grease", Box::new(|file| *file = framed(&[&key.to_public()], false))),
        ("to two recipients", Box::new(|file| file.clone_from(&two))),
        ("a length that no padding gives", Box::new(|file| _ = file.pop())),
        ("too short", Box::new(|file| file.truncate(20_000))),
        ("a length too large", Box::new(|file| length(file, 1 << 40))),
        ("a length too small", Box::new(|file| length(file, 300))),
        (
            "something behind the end",
            Box::new(|file| {
                let end = file.len() - 9;
                file[end] = 1;
            }),
        ),
    ];
    for (what, spoil) in spoilt {
        let begun = begin(&mut browser, "original").await;
        let mut sealed = sealed_for(&begun, &key, &noise(70_000));
        spoil(&mut sealed);
        let sent = put(&mut browser, &begun, 0, &sealed).await;
        let last = if sent.status == StatusCode::OK {
            finish(&mut browser, &begun, sealed.len(), None).await
        } else {
            sent
        };
        let problem = refused(&last, StatusCode::UNPROCESSABLE_ENTITY, "not-sealed");
        assert!(problem["detail"].as_str().unwrap().contains("was not saved"), "{what}");
        let gone = browser.device(Method::GET, &at(&begun), "").await;
        refused(&gone, StatusCode::NOT_FOUND, "unknown-upload");
    }
    assert!(case(&site).files.is_empty());
    // The same file unspoilt is taken: it was the spoiling that was refused.
    let begun = begin(&mut browser, "original").await;
    let sealed = sealed_for(&begun, &key, &noise(70_000));
    put_all(&mut browser, &begun, &sealed).await;
    assert_eq!(finish(&mut browser, &begun, sealed.len(), None).await.status, StatusCode::OK);
}

/// A sealed file drawn by hand: to these recipients, with grease or without.
fn framed(to: &[&age::x25519::Recipient], grease: bool) -> Vec<u8> {
    use std::io::Write;
    let mut age_file = Vec::new();
    let recipients = to.iter().map(|key| *key as &dyn age::Recipient);
    let mut writer = age::Encryptor::with_recipients(recipients).unwrap().wrap_output(&mut age_file).unwrap();
    writer.write_all(&noise(5000)).unwrap();
    writer.finish().unwrap();
    if !grease {
        let text = String::from_utf8_lossy(&age_file).into_owned();
        let from = text.find("-grease").unwrap();
        let start = text[..from].rfind("\n-> ").unwrap() + 1;
        let end = text.find("\n--- ").unwrap() + 1;
        age_file.drain(start..end);
    }
    let length = age_file.len() as u64;
    let mut file = [&[1, 1][..], &age_file].concat();
    file.resize(stored_bytes(length) as usize - 8, 0);
    file.extend(length.to_be_bytes());
    file
}

#[tokio::test]
async fn what_is_too_large_is_stopped_on_its_way() {
    let site = Site::with_policy(|policy| {
        for kind in &mut policy.intake.attachments.types {
            kind.most_bytes = if kind.class == FileClass::Image { 300_000 } else { 1_000_000 };
        }
    });
    let mut browser = reporter(&site).await;
    let begun = begin(&mut browser, "original").await;
    assert_eq!(begun["limits"]["most_bytes"], 1_000_000);
    let piece = put(&mut browser, &begun, 0, &vec![1; (1 << 20) + 1]).await;
    refused(&piece, StatusCode::PAYLOAD_TOO_LARGE, "piece-too-large");
    assert_eq!(
        body(&browser.device(Method::GET, &at(&begun), "").await),
        json!({ "at": 0 }),
        "nothing of it was taken"
    );
    let largest = sealed_for(&begun, &AgeKey::generate(), &noise(1_000_000));
    put_all(&mut browser, &begun, &largest).await;
    assert_eq!(finish(&mut browser, &begun, largest.len(), None).await.status, StatusCode::OK);

    let begun = begin(&mut browser, "original").await;
    let larger = sealed_for(&begun, &AgeKey::generate(), &noise(1_100_000));
    assert_eq!(put(&mut browser, &begun, 0, &larger[..1_000_000]).await.status, StatusCode::OK);
    let over = put(&mut browser, &begun, 1_000_000, &larger[1_000_000..]).await;
    refused(&over, StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    refused(&browser.device(Method::GET, &at(&begun), "").await, StatusCode::NOT_FOUND, "unknown-upload");

    let copy = begin(&mut browser, "copy").await;
    let over = put(&mut browser, &copy, 0, &[portal_support::png(), vec![0; 300_000]].concat()).await;
    refused(&over, StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    let copy = begin(&mut browser, "copy").await;
    put_all(&mut browser, &copy, b"no picture at all").await;
    let verdict = finish(&mut browser, &copy, 17, None).await;
    let problem = refused(&verdict, StatusCode::UNPROCESSABLE_ENTITY, "picture");
    assert!(problem["detail"].as_str().unwrap().contains("cannot be opened"));
    assert_eq!(case(&site).files.len(), 1);
}

#[tokio::test]
async fn an_upload_belongs_to_one_visit_and_one_report() {
    let site = Site::new();
    let (mut browser, mut stranger) = (reporter(&site).await, reporter(&site).await);
    let begun = begin(&mut browser, "original").await;
    let sealed = sealed_for(&begun, &AgeKey::generate(), b"x");
    put_all(&mut browser, &begun, &sealed).await;

    let unknown = StatusCode::NOT_FOUND;
    refused(&stranger.device(Method::GET, &at(&begun), "").await, unknown, "unknown-upload");
    refused(&put(&mut stranger, &begun, 0, b"x").await, unknown, "unknown-upload");
    refused(&finish(&mut stranger, &begun, sealed.len(), None).await, unknown, "unknown-upload");
    assert_eq!(stranger.device(Method::DELETE, &at(&begun), "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(body(&browser.device(Method::GET, &at(&begun), "").await)["at"], sealed.len(), "still there");

    // Another one's copy, or an original in a copy's place, does not go with mine.
    let picture = portal_support::png();
    let copy = begin(&mut stranger, "copy").await;
    put_all(&mut stranger, &copy, &picture).await;
    finish(&mut stranger, &copy, picture.len(), None).await;
    refused(&finish(&mut browser, &begun, sealed.len(), Some(&copy)).await, unknown, "unknown-upload");
    let second = begin(&mut browser, "original").await;
    refused(&finish(&mut browser, &begun, sealed.len(), Some(&second)).await, unknown, "unknown-upload");
    let itself = finish(&mut browser, &begun, sealed.len(), Some(&begun)).await;
    refused(&itself, StatusCode::SERVICE_UNAVAILABLE, "busy");

    // A form from elsewhere, and nobody at all.
    let mut foreign = browser.clone();
    foreign.once = stranger.once.clone();
    refused(&ask(&mut foreign, "original").await, StatusCode::GONE, "foreign-form");
    let mut nobody = Browser::new(&site);
    nobody.once = browser.once.clone();
    refused(&ask(&mut nobody, "original").await, StatusCode::GONE, "signed-out");
    refused(&put(&mut nobody, &begun, 0, b"x").await, StatusCode::GONE, "signed-out");
    // Signed out, the upload is gone with the visit.
    browser.post("/en/mine/sign-out", &[]).await;
    refused(&browser.device(Method::GET, &at(&begun), "").await, StatusCode::GONE, "signed-out");
}

#[tokio::test]
async fn nothing_begun_at_the_desk_becomes_part_of_a_report_that_its_reporter_has_taken_over() {
    let site = Site::new();
    let (code, ticket) = TicketHash::draw(&mut rand::rng());
    let until = site.clock.unix_seconds() + 60;
    let clerk = mifeng::ids::StaffId("clerk".into());
    site.store.issue_ticket(ticket, "visit".parse().unwrap(), clerk, until).await.unwrap();
    let mut desk = Browser::new(&site);
    desk.send("/en/desk", &[("code", &code)]).await;
    site.answer(&mut desk, "en", "nameless").await;
    let staffs: String = site.send(&mut desk, "en").await.groups().iter().map(|g| g.to_string()).collect();
    desk.get("/en/files").await;
    let (before, late) = (begin(&mut desk, "original").await, begin(&mut desk, "original").await);
    let file = |begun| sealed_for(begun, &AgeKey::generate(), b"x");
    for (begun, sealed) in [(&before, file(&before)), (&late, file(&late))] {
        put_all(&mut desk, begun, &sealed).await;
    }
    let length = file(&before).len();
    assert_eq!(finish(&mut desk, &before, length, None).await.status, StatusCode::OK);
    desk.get("/en/files").await;

    let mut reporter = Browser::new(&site);
    assert_eq!(reporter.send("/en/mine", &[("receipt", &staffs)]).await.location, "/en/own-receipt");
    reporter.get("/en/own-receipt").await;
    reporter.post("/en/own-receipt", &[]).await;
    let page = reporter.get("/en/own-receipt").await.text;
    let own = page.split("class=\"receipt\">").nth(1).unwrap().split("</p>").next().unwrap();
    let own: String = own.split("<span>").skip(1).map(|group| group.split('<').next().unwrap()).collect();
    let kept = reporter.post("/en/own-receipt/keep", &[("last", &own[28..])]).await;
    assert_eq!(kept.location, "/en/mine", "{}", kept.text);

    let answer = finish(&mut desk, &late, length, None).await;
    refused(&answer, StatusCode::INSUFFICIENT_STORAGE, "store");
    assert_eq!(case(&site).files.len(), 1);
    assert!(case(&site).files[0].original.to_string() == before["blob"]);
}

#[tokio::test]
async fn a_request_that_is_none_of_these_is_refused_in_words() {
    let site = Site::new();
    let mut browser = reporter(&site).await;
    let begun = begin(&mut browser, "original").await;
    for query in ["", "?at=", "?at=-1", "?at=x", "?offset=0", "?at=99999999999999999999"] {
        let answer = browser.device(Method::PUT, &format!("{}{query}", at(&begun)), "x").await;
        refused(&answer, StatusCode::BAD_REQUEST, "unreadable");
    }
    for bad in ["", "{", "{\"bytes\":\"1\"}", "{\"bytes\":1,\"more\":1}", "[]"] {
        let answer = browser.device(Method::POST, &format!("{}/finish", at(&begun)), bad.to_owned()).await;
        refused(&answer, StatusCode::BAD_REQUEST, "unreadable");
    }
    for bad in ["no-hex", "00", &"0".repeat(32)] {
        let answer = browser.device(Method::GET, &format!("{FILES}/{bad}"), "").await;
        refused(&answer, StatusCode::NOT_FOUND, "unknown-upload");
    }
    refused(&ask(&mut browser, "identity").await, StatusCode::BAD_REQUEST, "unreadable");
    assert!(
        Browser::new(&site)
            .raw(FILES, "text/plain", b"{}", "application/json")
            .await
            .status
            .is_client_error()
    );
}

#[tokio::test]
async fn what_is_cancelled_falls_silent_or_fails_leaves_nothing_behind() {
    let site = Site::new();
    let mut browser = reporter(&site).await;
    // Chunks lie in slots that are used again: what left any behind would make the file grow.
    let volume = || site.volume_bytes();
    let before = volume();
    let begun = begin(&mut browser, "original").await;
    let sealed = sealed_for(&begun, &AgeKey::generate(), &noise(900_000));
    put_all(&mut browser, &begun, &sealed).await;
    let grown = volume();
    assert!(grown > before, "on the disk already, sealed");
    for _ in 0..2 {
        assert_eq!(browser.device(Method::DELETE, &at(&begun), "").await.status, StatusCode::NO_CONTENT);
    }
    refused(&put(&mut browser, &begun, sealed.len(), b"x").await, StatusCode::NOT_FOUND, "unknown-upload");

    let begun = begin(&mut browser, "original").await;
    put_all(&mut browser, &begun, &sealed).await;
    assert_eq!(volume(), grown, "what was cancelled made room");
    site.clock.set(jiff::civil::date(2026, 11, 24));
    site.portal.sweep();
    refused(&browser.device(Method::GET, &at(&begun), "").await, StatusCode::NOT_FOUND, "unknown-upload");
    // Not yet swept, but silent too long: it does not come back.
    let begun = begin(&mut browser, "original").await;
    site.clock.set(jiff::civil::date(2026, 11, 25));
    refused(&put(&mut browser, &begun, 0, &sealed).await, StatusCode::NOT_FOUND, "unknown-upload");

    let begun = begin(&mut browser, "original").await;
    site.disk.refuses.store(true, Ordering::Relaxed);
    refused(&put(&mut browser, &begun, 0, &sealed).await, StatusCode::INSUFFICIENT_STORAGE, "store");
    site.disk.refuses.store(false, Ordering::Relaxed);
    refused(&browser.device(Method::GET, &at(&begun), "").await, StatusCode::NOT_FOUND, "unknown-upload");
    let begun = begin(&mut browser, "original").await;
    put_all(&mut browser, &begun, &sealed).await;
    assert_eq!(volume(), grown, "and so did what fell silent, and what failed");
    assert!(case(&site).files.is_empty());
}

/// The receipt of a sent report, and somebody who has signed in with it.
async fn receipt(site: &Site) -> String {
    let mut browser = Browser::new(site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await.groups().iter().map(|group| group.to_string()).collect()
}

async fn signed_in(site: &Site, receipt: &str) -> Browser {
    let mut browser = Browser::new(site);
    assert_eq!(browser.send("/en/mine", &[("receipt", receipt)]).await.location, "/en/mine");
    browser.get("/en/files").await;
    browser
}

#[tokio::test]
async fn one_receipt_takes_few_places_on_however_many_devices() {
    let site = Site::new();
    let receipt = receipt(&site).await;
    let many = StatusCode::TOO_MANY_REQUESTS;
    let (mut one, mut two) = (signed_in(&site, &receipt).await, signed_in(&site, &receipt).await);
    begin(&mut one, "copy").await;
    begin(&mut two, "copy").await;
    begin(&mut one, "copy").await;
    refused(&ask(&mut one, "copy").await, many, "too-many-uploads");
    refused(&ask(&mut two, "copy").await, many, "too-many-uploads");
    let uploads = [begin(&mut two, "original").await, begin(&mut two, "original").await];
    begin(&mut one, "original").await;
    refused(&ask(&mut one, "original").await, many, "too-many-uploads");
    begin(&mut reporter(&site).await, "copy").await;

    // What is cancelled makes room at once; answers that were lost do after a minute.
    two.device(Method::DELETE, &at(&uploads[0]), "").await;
    begin(&mut one, "original").await;
    site.clock.advance(61);
    body(&two.device(Method::GET, &at(&uploads[1]), "").await);
    for _ in 0..5 {
        begin(&mut two, "original").await;
    }
    refused(&ask(&mut two, "original").await, many, "too-many-uploads");
    assert_eq!(body(&two.device(Method::GET, &at(&uploads[1]), "").await), json!({ "at": 0 }), "not silent");
}

#[tokio::test]
async fn finished_files_hold_no_place_and_silent_ones_make_room_for_others() {
    let site = Site::new();
    let mut reporters = Vec::new();
    for _ in 0..6 {
        reporters.push(reporter(&site).await);
    }
    let picture = portal_support::png();
    for browser in &mut reporters[..5] {
        for _ in 0..3 {
            // Refused pictures, and a file that was kept.
            let copy = begin(browser, "copy").await;
            put_all(browser, &copy, b"no picture at all").await;
            finish(browser, &copy, 17, None).await;
        }
        let copy = begin(browser, "copy").await;
        put_all(browser, &copy, &picture).await;
        finish(browser, &copy, picture.len(), None).await;
        let original = begin(browser, "original").await;
        let sealed = sealed_for(&original, &AgeKey::generate(), &picture);
        put_all(browser, &original, &sealed).await;
        assert_eq!(finish(browser, &original, sealed.len(), Some(&copy)).await.status, StatusCode::OK);
        for _ in 0..3 {
            begin(browser, "copy").await;
        }
    }
    let last = begin(&mut reporters[5], "copy").await;
    let mut honest = reporter(&site).await;
    refused(&ask(&mut honest, "copy").await, StatusCode::SERVICE_UNAVAILABLE, "busy");
    begin(&mut honest, "original").await;
    site.clock.advance(61);
    assert_eq!(body(&reporters[5].device(Method::GET, &at(&last), "").await), json!({ "at": 0 }));
    for _ in 0..3 {
        begin(&mut honest, "copy").await;
    }
    assert_eq!(
        body(&reporters[5].device(Method::GET, &at(&last), "").await),
        json!({ "at": 0 }),
        "not silent"
    );
}

#[tokio::test]
async fn an_upload_is_read_from_one_connection_at_a_time() {
    let site = Site::new();
    let mut browser = reporter(&site).await;
    let begun = begin(&mut browser, "original").await;
    let sealed = sealed_for(&begun, &AgeKey::generate(), &noise(70_000));
    let mut stalled = Vec::new();
    for _ in 0..20 {
        let (mut sender, piece) = Channel::<Bytes, std::convert::Infallible>::new(2);
        sender.send_data(sealed[..50_000].to_vec().into()).await.unwrap();
        let (path, mut browser) = (format!("{}?at=0", at(&begun)), browser.clone());
        let put = tokio::spawn(async move { browser.device(Method::PUT, &path, Body::new(piece)).await });
        stalled.push((sender, put));
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let dead = stalled.iter().filter(|(_, put)| put.is_finished()).count();
    assert_eq!(dead, 19, "all but the newest gave way, with what they had sent");
    put_all(&mut browser, &begun, &sealed).await;
    for (_sender, put) in stalled {
        refused(&put.await.unwrap(), StatusCode::BAD_REQUEST, "broken");
    }
    assert_eq!(finish(&mut browser, &begun, sealed.len(), None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_report_has_so_many_files_whoever_sealed_them() {
    let site = Site::new();
    let mut browser = reporter(&site).await;
    let late = begin(&mut browser, "original").await;
    for n in 0..9 {
        let begun = begin(&mut browser, "original").await;
        let sealed = sealed_for(&begun, &AgeKey::generate(), &[n; 10]);
        put_all(&mut browser, &begun, &sealed).await;
        assert_eq!(body(&finish(&mut browser, &begun, sealed.len(), None).await)["n"], n + 1);
    }
    refused(&ask(&mut browser, "original").await, StatusCode::CONFLICT, "full");
    // Begun while there was room: refused at the end, and nothing of it stays.
    let sealed = sealed_for(&late, &AgeKey::generate(), b"late");
    put_all(&mut browser, &late, &sealed).await;
    refused(&finish(&mut browser, &late, sealed.len(), None).await, StatusCode::CONFLICT, "full");
    assert_eq!(case(&site).files.len(), 9);
    assert_eq!(site.store.check().unwrap().problems, Vec::<String>::new());
}
