//! The places that uploads hold: what gives one back, and how many there are for one receipt and one report.

use super::{ask, at, begin, body, case, finish, noise, put, put_all, refused, reporter, sealed_for};
use crate::portal_support::{self, Browser, Site};
use age::x25519::Identity as AgeKey;
use axum::http::{Method, StatusCode};
use serde_json::json;
use std::sync::atomic::Ordering;

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
