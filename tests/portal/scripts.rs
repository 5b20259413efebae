//! A changed script leaves a mark: what is served, what is listed at /scripts.json and what stands in the log.

use crate::portal_support::{Browser, Site};
use axum::http::{StatusCode, header};
use mifeng::{
    log::{PublicKind, leaf::Face},
    store::PublicLog,
    transcript::sha256,
    web::{scripts, with_script},
};
use serde_json::Value;

/// The public entries of the log, oldest first.
fn announced(site: &Site) -> Vec<(PublicKind, u64, [u8; 32])> {
    let entries = site.store.entries(0, u64::MAX).unwrap();
    let faces = entries.iter().map(|entry| entry.face().unwrap());
    faces
        .filter_map(|face| match face {
            Face::Public { kind, number, digest, .. } => Some((kind, number, digest)),
            Face::Report => None,
        })
        .collect()
}

#[tokio::test]
async fn set_and_scripts_are_announced_once_and_again_when_they_change() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    assert_eq!(browser.get("/scripts.json").await.status, StatusCode::NOT_FOUND, "nothing was announced");

    let day = jiff::civil::date(2026, 11, 23);
    site.publisher.announce(&site.sets(), day).await.unwrap();
    let list = browser.get("/scripts.json").await;
    let set = (PublicKind::RecipientSet, 1, *site.set.fingerprint().as_bytes());
    assert_eq!(announced(&site), [set, (PublicKind::Script, 1, sha256(list.text.as_bytes()))]);

    // A restart on a later day changes nothing, not even the list's day.
    let later = jiff::civil::date(2026, 12, 1);
    site.publisher.announce(&site.sets(), later).await.unwrap();
    assert_eq!(announced(&site).len(), 2);
    assert_eq!(browser.get("/scripts.json").await.text, list.text);

    // As if a program with other scripts had run in between.
    site.store.announce(PublicKind::Script, 2, later, [9; 32]).await.unwrap();
    assert_eq!(browser.get("/scripts.json").await.status, StatusCode::NOT_FOUND, "not what was announced");
    site.publisher.announce(&site.sets(), later).await.unwrap();
    let list = browser.get("/scripts.json").await;
    assert_eq!(announced(&site)[3..], [(PublicKind::Script, 3, sha256(list.text.as_bytes()))]);
    let list: Value = serde_json::from_str(&list.text).unwrap();
    assert_eq!((&list["number"], &list["day"]), (&Value::from(3), &Value::from("2026-12-01")));
}

#[tokio::test]
async fn what_is_listed_is_what_is_served() {
    let site = Site::new();
    site.publisher.announce(&site.sets(), jiff::civil::date(2026, 11, 23)).await.unwrap();
    let mut browser = Browser::new(&site);
    let list: Value = serde_json::from_str(&browser.get("/scripts.json").await.text).unwrap();
    let listed = list["scripts"].as_array().unwrap();
    assert_eq!(listed.len(), scripts().len());
    for (entry, script) in listed.iter().zip(scripts()) {
        assert_eq!(entry["name"], script.name);
        assert_eq!(entry["integrity"], script.integrity.as_str());
        let answer = browser.get(entry["path"].as_str().unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", script.name);
        assert_eq!(entry["sha256"], hex::encode(sha256(answer.text.as_bytes())));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert!(answer.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/javascript"));
    }
}

/// Entries of `web/build.mjs` that have a source, and the scripts in the program.
#[test]
fn every_script_that_has_a_source_is_in_the_program() {
    let build = include_str!("../../web/build.mjs");
    let entries = build.split_once("const ENTRIES = {").unwrap().1.split_once("};").unwrap().0;
    let mut wanted: Vec<&str> = entries
        .lines()
        .filter_map(|line| line.trim().trim_end_matches(',').split_once(": "))
        .filter(|(_, path)| std::path::Path::new("web").join(path.trim_matches('"')).exists())
        .map(|(name, _)| name.trim_matches('"'))
        .collect();
    wanted.sort_unstable();
    assert_eq!(scripts().iter().map(|script| script.name).collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn a_page_with_a_script_says_so_itself_and_every_other_allows_none() {
    let page = with_script(axum::response::IntoResponse::into_response("x"));
    let csp = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    for part in ["default-src 'none'", "script-src 'self'", "trusted-types 'none'", "base-uri 'none'"] {
        assert!(csp.split("; ").any(|each| each == part), "{csp}");
    }
    assert!(!csp.contains("unsafe"));
    let other = Browser::new(&Site::new()).get("/zh/start").await;
    assert!(!other.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("script-src"));
}
