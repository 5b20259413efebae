//! A report whose time is over, for whoever comes back with its receipt.

use crate::portal_support::{Browser, Site};
use axum::http::StatusCode;
use mifeng::{clock::Clock, store::Month};

/// Whether or not somebody has destroyed the month's key by then: it is not there any more, as one that never was.
#[tokio::test]
async fn a_report_whose_month_is_over_is_found_no_more_than_an_unknown_one() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    let receipt = site.send(&mut browser, "en").await.groups().map(|group| group.to_string()).concat();
    let comes_back = async || Browser::new(&site).post("/en/mine", &[("receipt", &receipt)]).await;
    let last = Month::of(site.policy.retention.open_case.after(site.clock.today())).last_day();
    site.store.serve_by(site.clock.clone());

    site.clock.set(last);
    assert_eq!(comes_back().await.location, "/en/mine", "on its last day");
    site.clock.set(last.tomorrow().unwrap());
    let answer = comes_back().await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert!(answer.text.contains("We cannot find that receipt code"), "{}", answer.text);
    assert!(answer.text.contains("A report whose time is over is no longer found"), "{}", answer.text);
    // In a visit that was open all along nothing of it is shown either.
    assert!(!browser.get("/en/mine").await.text.contains("2026-000001"));
}
