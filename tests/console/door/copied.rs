//! What comes from a page of ours and cannot go on: it is shown, to be copied, and never lost without a word.

use super::over::{ENDED, LUNCH, TEXT, holds_text, is_to_copy, say, sign_in, too_late};
use crate::{
    console_support::{Desk, PASSWORD},
    store_support::MemoryEngine,
};
use axum::http::StatusCode;
use mifeng::store::{
    Refused,
    engine::{Engine, Entries, Tree, Writes},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// As after a restart: of the session nothing is left, and the browser has a page of it.
#[tokio::test]
async fn what_belongs_to_a_session_that_nobody_knows_is_shown_to_be_copied() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let page = too_late(&desk, &mut clerk, number).await;
    let token = clerk.token.clone();
    clerk.cookie.clear();

    // Sent from its own page.
    let fields = [
        ("once", token.as_str()),
        ("text", TEXT),
        ("version", "1"),
        ("typed-number", "2026-1"),
        ("step", "do"),
        ("password", PASSWORD),
    ];
    let late = clerk.send(&say(number), &fields).await;
    assert!(is_to_copy(&late) && !late.text.contains(PASSWORD), "{}", late.text);
    assert!(late.text.contains(&say(number)) && late.text.contains("href=\"/zh/sign-in\" target=\"_blank\""));
    let rows = late.text.matches("<dt>").count();
    assert!(rows == 2 && late.text.contains("<dt>第 2 项</dt>"), "what was typed alone: {}", late.text);

    // Sent from the sign-in page: whatever is typed there, nobody is let in and no code is spent.
    let code = desk.code();
    for password in [PASSWORD, "not the password"] {
        let late = sign_in(&mut clerk, &page, "clerk", password, &code).await;
        assert!(is_to_copy(&late) && !late.text.contains(password), "{}", late.text);
    }
    assert!(is_to_copy(&clerk.fill_in(&say(number), &page, &[]).await));
    assert_eq!(clerk.try_sign_in("clerk", PASSWORD, &code).await.location, "/zh/");

    // Where nothing can be read nothing is lost, and a browser that does not say where it sends from is shown nothing.
    let mut nobody = desk.browser();
    let nothing = nobody.send(&say(number), &[("once", &token), ("version", "1")]).await;
    assert_eq!(nothing.location, "/zh/sign-in");
    nobody.from = "none";
    let unsaid = nobody.send(&say(number), &fields).await;
    assert!(unsaid.location == "/zh/sign-in" && !holds_text(&unsaid));
    assert!(desk.case(number).messages.is_empty());
}

#[tokio::test]
async fn what_a_colleagues_session_has_come_over_is_shown_to_be_copied() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut browser = desk.sign_in("clerk").await;
    let page = too_late(&desk, &mut browser, number).await;
    // In another window of the same browser.
    assert_eq!(browser.try_sign_in("app1", PASSWORD, &desk.code()).await.location, "/zh/");
    let sent = browser.fill_in(&say(number), &page, &[]).await;
    assert!(is_to_copy(&sent) && sent.text.contains("某app1"), "{}", sent.text);
    let back = sign_in(&mut browser, &page, "clerk", PASSWORD, &desk.code()).await;
    assert!(is_to_copy(&back), "{}", back.text);
    assert!(browser.get("/zh/me").await.text.contains("某app1"), "nobody signs in over them");
    assert!(desk.case(number).messages.is_empty());
}

/// Only the forms of the last sessions are known.
#[tokio::test]
async fn a_form_from_before_the_last_eight_sessions_is_shown_to_be_copied() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let first = clerk.token.clone();
    let mut eighth = String::new();
    for _ in 0..9 {
        desk.pass(30);
        clerk.try_sign_in("clerk", PASSWORD, &desk.code()).await;
        clerk.get("/zh/me").await;
        if eighth.is_empty() {
            eighth = clerk.token.clone();
        }
    }
    let known = clerk.send(&say(number), &[("once", &eighth), ("text", TEXT)]).await;
    assert!(known.status == StatusCode::OK && holds_text(&known), "{}", known.text);
    let unknown = clerk.send(&say(number), &[("once", &first), ("text", TEXT)]).await;
    assert!(is_to_copy(&unknown), "{}", unknown.text);
}

/// A store of which no account can be read while it is down.
#[derive(Default)]
struct Moody {
    within: MemoryEngine,
    is_down: AtomicBool,
}

impl Engine for Moody {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        if tree == Tree::Staff && self.is_down.load(Ordering::SeqCst) {
            return Err(Refused::Failed("down".into()));
        }
        self.within.get(tree, key)
    }
    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_> {
        self.within.scan(tree, prefix, from)
    }
    fn apply(&self, writes: &Writes) -> Result<(), Refused> {
        self.within.apply(writes)
    }
    fn sync(&self) -> Result<(), Refused> {
        Ok(())
    }
    fn write_slot(&self, slot: u64, bytes: &[u8]) -> Result<(), Refused> {
        self.within.write_slot(slot, bytes)
    }
    fn read_slot(&self, slot: u64, len: usize) -> Result<Vec<u8>, Refused> {
        self.within.read_slot(slot, len)
    }
    fn sync_slots(&self) -> Result<(), Refused> {
        Ok(())
    }
    fn free_bytes(&self) -> Option<u64> {
        None
    }
}

/// The browser sends it again: what it waits with is not thrown away for a question that could not be answered.
#[tokio::test]
async fn a_store_that_is_down_for_a_moment_loses_nothing() {
    let engine = Arc::new(Moody::default());
    let desk = Desk::over(engine.clone(), tempfile::tempdir().unwrap(), Default::default());
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let version = clerk.get(&say(number)).await.hidden("version");
    let fields = [("text", TEXT), ("version", version.as_str())];
    desk.pass(LUNCH);

    engine.is_down.store(true, Ordering::SeqCst);
    let down = clerk.post(&say(number), &fields).await;
    assert!(down.status == StatusCode::SERVICE_UNAVAILABLE && down.text.contains("系统暂时中断"));
    engine.is_down.store(false, Ordering::SeqCst);
    let page = clerk.post(&say(number), &fields).await;
    assert!(page.text.contains(ENDED) && holds_text(&page), "{}", page.text);

    let code = desk.code();
    engine.is_down.store(true, Ordering::SeqCst);
    let down = sign_in(&mut clerk, &page, "clerk", PASSWORD, &code).await;
    assert_eq!(down.status, StatusCode::SERVICE_UNAVAILABLE);
    engine.is_down.store(false, Ordering::SeqCst);
    let page = sign_in(&mut clerk, &page, "clerk", PASSWORD, &code).await;
    assert!(page.status == StatusCode::OK && holds_text(&page), "{}", page.text);
}
