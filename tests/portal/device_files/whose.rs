//! Whose an upload is: of one visit, one report and one connection at a time.

use super::{ask, at, begin, body, case, finish, noise, put, put_all, refused, reporter, sealed_for};
use crate::portal_support::{self, Browser, Site};
use age::x25519::Identity as AgeKey;
use axum::{
    body::{Body, Bytes},
    http::{Method, StatusCode},
};
use http_body_util::channel::Channel;
use mifeng::{
    clock::Clock,
    store::{Cases, TicketHash},
};
use std::time::{Duration, Instant};

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
    let ended = || stalled.iter().filter(|(_, put)| put.is_finished()).count();
    let waits = Instant::now();
    while ended() < 19 && waits.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(ended(), 19, "all but the newest gave way, with what they had sent");
    put_all(&mut browser, &begun, &sealed).await;
    for (_sender, put) in stalled {
        refused(&put.await.unwrap(), StatusCode::BAD_REQUEST, "broken");
    }
    assert_eq!(finish(&mut browser, &begun, sealed.len(), None).await.status, StatusCode::OK);
}
