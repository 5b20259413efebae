//! What a reporter does after the report, on a line that breaks and in a page left open: nothing is done twice, nothing
//! half, and nothing is said to be done that is not.

use crate::{
    device_support::{CASE, Device, config, dossier, post, proof},
    portal_support::{Answer, Browser, Site},
};
use axum::http::StatusCode;
use mifeng::{
    award::handover::{Handover, Heir},
    casework::{Addition, Case, State},
    clock::Clock,
    ids::CaseNumber,
    portal::Room,
    receipt::Receipt,
    store::{Cases, Dossier, Place, Step, TicketHash},
};
use serde_json::{Value, json};
use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

/// A report that was sent from a device and whose receipt is put away.
async fn sent(site: &Site) -> Device {
    let mut device = Device::ready(site, "en").await;
    let body = device.body(site);
    assert_eq!(device.send(&body).await.status, StatusCode::OK);
    device
}

/// The connection breaks as soon as the server has the request: it goes as far as it gets without waiting for anything, and
/// what waits for its answer is dropped. What it began goes on.
async fn broken(request: impl Future<Output = Answer>) {
    let mut request = pin!(request);
    let answered = poll_fn(|context| Poll::Ready(request.as_mut().poll(context).is_ready())).await;
    assert!(!answered, "it was to break in the middle");
}

/// Waits until what a broken request began has come to its end.
async fn until(done: impl Fn() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("what a broken request began never came to its end");
}

fn additions(site: &Site) -> usize {
    dossier(site).unwrap().case.additions.len()
}

fn state(site: &Site) -> &'static str {
    dossier(site).unwrap().case.state.code()
}

#[tokio::test]
async fn the_token_of_one_act_is_no_answer_to_another() {
    let site = Site::new();
    let device = sent(&site).await;
    let (mut browser, view) = device.come_back(&site).await;
    let add = |text: &str| json!({ "once": view["once"], "text": text, "sealed": device.sealed(&site) });
    let first = add("夜里又开工了");
    // Its answer is lost.
    assert_eq!(post(&mut browser, "/en/device/add", &first).await.status, StatusCode::OK);

    let withdraw = json!({ "once": view["once"], "sealed": device.sealed(&site) });
    let answer = post(&mut browser, "/en/device/withdraw", &withdraw).await;
    assert_eq!((answer.status, state(&site)), (StatusCode::CONFLICT, "submitted"), "{}", answer.text);
    assert!(answer.text.contains("did not arrive"), "{}", answer.text);
    let answer = post(&mut browser, "/en/device/add", &add("名字也封在里面")).await;
    assert_eq!((answer.status, additions(&site)), (StatusCode::CONFLICT, 1));

    assert_eq!(post(&mut browser, "/en/device/add", &first).await.status, StatusCode::OK, "the very same");
    assert_eq!(additions(&site), 1);
}

#[tokio::test]
async fn words_changed_on_a_page_that_was_sent_before_are_shown_and_not_dropped() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    browser.get("/en/mine").await;
    let once = browser.once.clone();
    for words in ["夜里又开工了", "夜里又开工了"] {
        browser.once.clone_from(&once);
        assert_eq!(browser.post("/en/mine/add", &[("message", words)]).await.location, "/en/mine");
    }
    browser.once.clone_from(&once);
    let page = browser.post("/en/mine/add", &[("message", "还有一个人看见")]).await;
    assert_eq!((page.status, additions(&site)), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    assert!(page.text.contains("还有一个人看见") && page.text.contains("was sent once before"));
    browser.post("/en/mine/add", &[("message", "还有一个人看见")]).await;
    assert_eq!(additions(&site), 2);
}

#[tokio::test]
async fn an_act_whose_connection_breaks_is_done_once() {
    let site = Site::new();
    let device = sent(&site).await;
    let (mut browser, view) = device.come_back(&site).await;
    let add = json!({ "once": view["once"], "text": "夜里又开工了", "sealed": device.sealed(&site) });
    broken(post(&mut browser, "/en/device/add", &add)).await;
    until(|| additions(&site) == 1).await;
    let answer = post(&mut browser, "/en/device/add", &add).await;
    assert_eq!((answer.status, additions(&site)), (StatusCode::OK, 1), "{}", answer.text);

    let plain = [("message", "今天也在开工")];
    browser.get("/en/mine").await;
    let once = browser.once.clone();
    broken(browser.post("/en/mine/add", &plain)).await;
    until(|| additions(&site) == 2).await;
    browser.once = once;
    assert_eq!(browser.post("/en/mine/add", &plain).await.location, "/en/mine");
    assert_eq!(additions(&site), 2);
}

#[tokio::test]
async fn a_report_taken_back_while_the_connection_breaks_is_a_draft_again() {
    let site = Site::new();
    let mut device = sent(&site).await;
    device.browser.get("/en/seal").await;
    broken(device.browser.post("/en/device/again", &[])).await;
    until(|| state(&site) == "withdrawn").await;
    assert_eq!(device.browser.post("/en/device/again", &[]).await.location, "/en/seal");
    assert_eq!(state(&site), "withdrawn");
    assert_eq!(device.browser.get("/en/seal").await.location, "/en/name", "only the name is asked again");
    assert!(device.browser.get("/en/place").await.text.contains("某煤矿"), "nothing typed is lost");
}

/// Whoever reports the same matter must not see from it when the other reporter does something: the page asks every few seconds.
#[tokio::test]
async fn a_page_of_a_merged_report_does_not_count_what_the_other_reporter_does() {
    let site = Site::new();
    sent(&site).await;
    let watcher = sent(&site).await;
    let second = CaseNumber { serial: 2, ..CASE };
    let change = async |number: CaseNumber, change: fn(&mut Case)| {
        let change = move |dossier: &mut Dossier, _: &Place| {
            change(&mut dossier.case);
            dossier.case.version += 1;
            Ok(None)
        };
        let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
        Cases::change(&*site.store, number, step).await.unwrap();
    };
    change(second, |case| (case.state, case.merged_into) = (State::MergedInto, Some(CASE))).await;
    let (mut browser, _) = watcher.come_back(&site).await;
    let mut version = async || {
        let view = post(&mut browser, "/en/device/look", &json!({})).await;
        serde_json::from_str::<Value>(&view.text).unwrap()["version"].as_str().unwrap().to_owned()
    };
    let before = version().await;
    change(CASE, |case| {
        case.additions.push(Addition { day: case.received, text: "今天也在开工".into() })
    })
    .await;
    change(CASE, |_| ()).await;
    assert_eq!(version().await, before);
    change(CASE, |case| case.state = State::Verifying).await;
    let verifying = version().await;
    assert_ne!(verifying, before, "what is decided there is shown");
    change(second, |_| ()).await;
    assert_ne!(version().await, verifying, "and so is what happens here");
}

#[tokio::test]
async fn a_full_disk_takes_nothing_back_and_keeps_what_was_typed() {
    let site = Site::new();
    let mut device = sent(&site).await;
    device.browser.get("/en/seal").await;
    site.disk.refuses.store(true, std::sync::atomic::Ordering::Relaxed);
    let answer = device.browser.post("/en/device/again", &[]).await;
    assert_eq!((answer.status, state(&site)), (StatusCode::SERVICE_UNAVAILABLE, "submitted"));
    site.disk.refuses.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(device.browser.post("/en/device/again", &[]).await.location, "/en/seal");
    assert_eq!(state(&site), "withdrawn");
}

#[tokio::test]
async fn a_page_that_asks_on_its_own_does_not_keep_its_visit() {
    let room = Room { reports: 2, light: Duration::ZERO, ..Room::default() };
    let site = Site::with(room, false);
    let mut device = sent(&site).await;
    post(&mut device.browser, "/en/device/sign-out", &json!({})).await;
    let (mut open, _) = device.come_back(&site).await;
    let (mut used, _) = device.come_back(&site).await;
    // The page left open asks whether something changed; the answer goes on for a while.
    let asked = tokio::time::timeout(Duration::from_millis(200), open.get("/en/device/live")).await;
    assert!(asked.is_err());
    device.come_back(&site).await;
    let look = async |browser: &mut Browser| post(browser, "/en/device/look", &json!({})).await.status;
    assert_eq!(look(&mut open).await, StatusCode::GONE, "it gave its place");
    assert_eq!(look(&mut used).await, StatusCode::OK);
}

#[tokio::test]
async fn the_page_that_seals_shows_no_fingerprint_of_its_own() {
    let site = Site::new();
    let device = Device::ready(&site, "zh").await;
    let pin = site.set.fingerprint().to_string();
    assert_eq!(device.config["pin"], Value::from(pin.clone()));
    let mut browser = device.browser;
    let page = browser.get("/zh/seal").await.text;
    assert_eq!(page.matches(&pin).count(), 1, "where the script reads it, and nowhere for a reader");
}

/// A code from the console.
async fn code(site: &Site) -> String {
    let (code, ticket) = TicketHash::draw(&mut rand::rng());
    let by = mifeng::ids::StaffId("clerk".into());
    let until = site.clock.unix_seconds() + 60;
    site.store.issue_ticket(ticket, "visit".parse().unwrap(), by, until).await.unwrap();
    code
}

/// A report that a member of staff entered for somebody, sealed on the desk's device.
async fn entered(site: &Site) -> Device {
    let (mut browser, code) = (Browser::new(site), code(site).await);
    assert_eq!(browser.send("/en/desk", &[("code", &code)]).await.location, "/en/name");
    site.answer(&mut browser, "en", "nameless").await;
    let page = browser.get("/en/seal").await.text;
    assert!(
        page.contains("Issued by staff") && page.contains("entering a report for somebody (Visit)"),
        "{page}"
    );
    Device { browser, receipt: Receipt::draw(&mut rand::rng()), config: config(&page) }
}

/// The reporter, with a receipt drawn on a device of their own.
fn heir(site: &Site, desk: &Device) -> Device {
    let receipt = Receipt::draw(&mut rand::rng());
    Device { browser: Browser::new(site), receipt, config: desk.config.clone() }
}

/// What the new receipt's device sends, signed with the claim key of `by`.
fn order(site: &Site, desk: &Device, new: &Device, about: &Value, by: &Receipt) -> Value {
    let audit_key = new.receipt.audit_key();
    let heir = Heir {
        instance: site.set.instance(),
        report: desk.report(),
        claim_key: new.receipt.claim_verify_key(),
        audit_key: &audit_key,
    };
    let mut order = new.body(site);
    order.as_object_mut().unwrap().remove("report");
    order["once"] = about["once"].clone();
    order["handover"] = json!(Handover::sign(&by.claim_key(), &heir));
    order
}

#[tokio::test]
async fn a_visit_of_the_desk_that_stayed_open_takes_nothing_back_from_the_reporter() {
    let site = Site::new();
    let mut desk = entered(&site).await;
    let body = desk.body(&site);
    assert_eq!(desk.send(&body).await.status, StatusCode::OK);
    desk.browser.get("/en/seal").await;

    let new = heir(&site, &desk);
    let mut browser = Browser::new(&site);
    let about = post(&mut browser, "/en/device/sign-in", &proof(&desk.receipt)).await;
    let about: Value = serde_json::from_str(&about.text).unwrap();
    let order = order(&site, &desk, &new, &about["own_receipt"], &desk.receipt);
    assert_eq!(post(&mut browser, "/en/device/own-receipt", &order).await.status, StatusCode::OK);

    let again = desk.browser.post("/en/device/again", &[]).await;
    assert_eq!((again.status, state(&site)), (StatusCode::GONE, "submitted"), "{}", again.location);
    for page in ["seal", "place", "story", "files"] {
        let answer = desk.browser.get(&format!("/en/{page}")).await;
        assert!(answer.status != StatusCode::OK && !answer.text.contains("某煤矿"), "{page}");
    }
    let (_, view) = new.come_back(&site).await;
    assert_eq!(view["report"], desk.config["report"]);
}

#[tokio::test]
async fn a_receipt_lost_at_the_desk_is_taken_back_and_what_was_typed_goes_with_another_code() {
    let site = Site::new();
    let mut desk = entered(&site).await;
    let body = desk.body(&site);
    assert_eq!(desk.send(&body).await.status, StatusCode::OK);
    desk.browser.get("/en/seal").await;
    let again = desk.browser.post("/en/device/again", &[]).await;
    assert_eq!((&*again.location, state(&site)), ("/en/seal", "withdrawn"), "{}", again.text);

    let code = code(&site).await;
    assert_eq!(desk.browser.send("/en/desk", &[("code", &code)]).await.location, "/en/name");
    desk.browser.get("/en/name").await;
    desk.browser.post("/en/name", &[("name", "nameless")]).await;
    let page = desk.browser.get("/en/seal").await.text;
    assert!(page.contains("某煤矿"), "nothing typed is lost: {page}");
    desk = Device { config: config(&page), receipt: Receipt::draw(&mut rand::rng()), ..desk };
    let body = desk.body(&site);
    assert_eq!(desk.send(&body).await.status, StatusCode::OK);
    let second = Cases::case(&*site.store, CaseNumber { serial: 2, ..CASE }).unwrap().unwrap();
    assert!(second.case.awaits_reporter());
}

#[tokio::test]
async fn on_a_device_too_staffs_receipt_opens_nothing_but_the_way_to_another() {
    let site = Site::new();
    let mut desk = entered(&site).await;
    let body = desk.body(&site);
    assert_eq!(desk.send(&body).await.status, StatusCode::OK);
    assert!(dossier(&site).unwrap().case.awaits_reporter());
    for at in ["look", "add", "withdraw"] {
        let what = json!({ "once": desk.config["once"], "text": "x", "sealed": desk.sealed(&site) });
        let answer = post(&mut desk.browser, &format!("/en/device/{at}"), &what).await;
        assert!(answer.status.is_client_error() && !answer.text.contains("某煤矿"), "{at}: {}", answer.text);
    }
    let withdrawn = json!({ "once": desk.config["once"], "sealed": desk.sealed(&site) });
    let withdrawn = post(&mut desk.browser, "/en/device/withdraw", &withdrawn).await;
    assert_eq!(withdrawn.status, StatusCode::FORBIDDEN, "{}", withdrawn.text);

    let mut browser = Browser::new(&site);
    let answer = post(&mut browser, "/en/device/sign-in", &proof(&desk.receipt)).await;
    let about: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(about.as_object().unwrap().len(), 1, "nothing of the report: {about}");
    let about = &about["own_receipt"];
    for at in ["look", "add"] {
        let answer = post(&mut browser, &format!("/en/device/{at}"), &json!({})).await;
        assert!(answer.status.is_client_error(), "{at}");
    }

    let new = heir(&site, &desk);
    let forged = order(&site, &desk, &new, about, &new.receipt);
    let forged = post(&mut browser, "/en/device/own-receipt", &forged).await;
    assert_eq!(forged.status, StatusCode::SERVICE_UNAVAILABLE, "{}", forged.text);
    assert!(dossier(&site).unwrap().case.awaits_reporter());

    let order = order(&site, &desk, &new, about, &desk.receipt);
    let mut stranger = Browser::new(&site);
    assert_eq!(post(&mut stranger, "/en/device/own-receipt", &order).await.status, StatusCode::GONE);
    let taken = post(&mut browser, "/en/device/own-receipt", &order).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    assert!(taken.text.contains("某煤矿"));
    let again = post(&mut browser, "/en/device/own-receipt", &order).await;
    assert_eq!(again.status, StatusCode::OK, "the first answer was lost on the way");

    let old = post(&mut Browser::new(&site), "/en/device/sign-in", &proof(&desk.receipt)).await;
    assert_eq!(old.status, StatusCode::NOT_FOUND);
    let (_, view) = new.come_back(&site).await;
    assert_eq!(view["report"], desk.config["report"]);
    assert!(!dossier(&site).unwrap().case.awaits_reporter());
}
