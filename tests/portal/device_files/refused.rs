//! What is refused: bytes that are not sealed as ours, too many of them, requests that are none of these.

use super::{FILES, ask, at, begin, body, case, finish, noise, put, put_all, refused, reporter, sealed_for};
use crate::portal_support::{self, Browser, Site};
use age::x25519::Identity as AgeKey;
use axum::http::{Method, StatusCode};
use mifeng::{policy::FileClass, sealed_file::stored_bytes};
use serde_json::json;

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
