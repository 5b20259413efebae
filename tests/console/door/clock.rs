//! What staff see of a clock that is not believed, and what a clock that goes back does to sessions and codes.

use crate::console_support::Desk;
use axum::http::StatusCode;
use jiff::civil::date;
use mifeng::{
    clock::{Clock, Doubt},
    ids::StaffId,
    store::{Cases, Reports, TicketHash},
};

#[tokio::test]
async fn every_page_of_staff_says_that_the_clock_is_not_believed() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    assert!(!clerk.get("/en/").await.text.contains("The server's clock"));
    *desk.clock.1.lock().unwrap() =
        Some(Doubt::Machine { says: date(2027, 11, 23), known: date(2026, 11, 23) });
    for page in ["/en/", "/en/cases", "/en/me"] {
        let text = clerk.get(page).await.text;
        let told = text.split("class=\"note\"").nth(1).unwrap_or_default();
        assert!(told.contains("2027-11-23") && told.contains("2026-11-23"), "{page}: {text}");
    }
    assert!(clerk.get("/zh/cases").await.text.contains("服务器时钟"));
}

#[tokio::test]
async fn a_clock_that_goes_back_keeps_no_idle_session_and_no_code_alive() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    desk.pass(-200);
    assert_eq!(clerk.get("/zh/me").await.status, StatusCode::OK, "it was set right by a little");
    desk.pass(-24 * 3600);
    assert_eq!(clerk.get("/zh/me").await.location, "/zh/sign-in?over=1");

    // Issued while it was a year ahead.
    let ((_, ticket), now) = (TicketHash::draw(&mut rand::rng()), desk.clock.unix_seconds());
    let until = now + 365 * 24 * 3600;
    let by = StaffId("clerk".into());
    desk.store.issue_ticket(ticket, "letter".parse().unwrap(), by, until).await.unwrap();
    assert!(desk.store.redeem(ticket, now).await.is_err());
    assert!(desk.store.redeem(ticket, until - 60).await.is_ok());
}
