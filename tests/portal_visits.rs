//! Visits: whose cookie counts, which forms are taken, and who is kept when all places are taken.

#[allow(dead_code, reason = "tests/portal uses the rest")]
mod portal_support;
#[path = "portal_visits/uploads.rs"]
mod uploads;
#[path = "portal_visits/who_waits.rs"]
mod who_waits;

use axum::http::{Method, StatusCode};
use mifeng::{portal::Room, store::PublicLog};
use portal_support::{Answer, Browser, Site};
use std::time::Duration;

const CROWDED: &str = "All places for filling in a report";

fn few(drafts: usize, reports: usize) -> Room {
    Room { drafts, reports, ..Room::default() }
}

fn minted(answer: &Answer) -> &str {
    answer.headers["set-cookie"].to_str().unwrap()
}

fn typed(receipt: &mifeng::receipt::Receipt) -> String {
    receipt.groups().iter().map(|group| group.to_string()).collect()
}

// -- whose cookie --

#[tokio::test]
async fn a_cookie_put_there_by_somebody_else_is_worth_nothing_after_agreeing() {
    let site = Site::new();
    let mut planter = Browser::new(&site);
    site.begin(&mut planter, "en").await;
    planter.get("/en/place").await;
    planter.post("/en/place", &[("target", "planted mine")]).await;

    let mut reporter = planter.clone();
    let answer = reporter.send("/en/agree", &[]).await;
    assert_eq!(answer.location, "/en/name");
    assert!(minted(&answer).starts_with("visit=") && !minted(&answer).contains(&planter.cookie));
    assert!(
        reporter.get("/en/place").await.text.contains("planted mine"),
        "answers are not lost by agreeing again"
    );
    assert_eq!(planter.get("/en/place").await.status, StatusCode::GONE, "but the old cookie opens nothing");
}

#[tokio::test]
async fn a_name_sealed_under_the_old_cookie_does_not_go_along() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "sealed").await;
    browser.get("/en/identity").await;
    assert_eq!(browser.post("/en/identity", &portal_support::PERSON).await.location, "/en/check");
    browser.send("/en/agree", &[]).await;
    assert_eq!(browser.get("/en/check").await.location, "/en/name");
    browser.get("/en/name").await;
    assert_eq!(browser.post("/en/name", &[("name", "sealed")]).await.location, "/en/seal");
    let page = browser.get("/en/seal").await.text;
    assert!(page.contains("href=\"/en/identity\""), "without script the name is asked again");
}

#[tokio::test]
async fn a_cookie_put_there_by_somebody_else_is_worth_nothing_after_signing_in() {
    let site = Site::new();
    let mut sender = Browser::new(&site);
    site.to_check(&mut sender, "en", "nameless").await;
    let receipt = typed(&site.send(&mut sender, "en").await);

    let mut planter = Browser::new(&site);
    site.begin(&mut planter, "en").await;
    planter.get("/en/place").await;
    planter.post("/en/place", &[("target", "half-typed mine")]).await;
    let mut reporter = planter.clone();
    let answer = reporter.send("/en/mine", &[("receipt", &receipt)]).await;
    assert_eq!(answer.location, "/en/mine");
    assert!(!minted(&answer).contains(&planter.cookie));
    assert!(reporter.get("/en/mine").await.text.contains("某煤矿"));
    assert!(!planter.get("/en/mine").await.text.contains("某煤矿"));
    assert_eq!(planter.get("/en/place").await.status, StatusCode::GONE);
    assert!(reporter.get("/en/place").await.text.contains("half-typed mine"), "nothing written is lost");
}

#[tokio::test]
async fn a_receipt_not_yet_written_down_is_not_lost_by_starting_again() {
    let site = Site::new();
    let mut other = Browser::new(&site);
    site.to_check(&mut other, "en", "nameless").await;
    let of_another = typed(&site.send(&mut other, "en").await);
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    let receipt = typed(&site.send(&mut browser, "en").await);
    for (path, fields) in [("/en/agree", vec![]), ("/en/mine", vec![("receipt", of_another.as_str())])] {
        let answer = browser.send(path, &fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}");
        answer.is_a_page_of("en");
        assert!(answer.text.contains("A receipt code is waiting") && !answer.text.contains(&receipt[..4]));
    }
    assert_eq!(browser.receipt("en").await, receipt);
    let back = browser.send("/en/mine", &[("receipt", &receipt)]).await;
    assert_eq!(back.location, "/en/mine", "who types it has it");
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let site = Site::with(Room::default(), true);
    let mut browser = Browser::new(&site);
    let answer = browser.send("/zh/agree", &[]).await;
    assert!(minted(&answer).starts_with("__Host-visit="));
    assert!(minted(&answer).ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"));
    assert_eq!(browser.get("/zh/name").await.status, StatusCode::OK);
    browser.cookie = browser.cookie.replace("__Host-", "");
    assert_eq!(browser.get("/zh/name").await.status, StatusCode::GONE, "the bare name is not read");
}

// -- which forms --

#[tokio::test]
async fn forms_from_other_sites_neither_begin_a_visit_nor_sign_in_nor_do_anything() {
    let site = Site::new();
    let mut sender = Browser::new(&site);
    site.to_check(&mut sender, "en", "nameless").await;
    let receipt = typed(&site.send(&mut sender, "en").await);
    let elsewhere: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://b.example"), ("host", "b.example")],
        &[("origin", "https://b.example"), ("host", "a.example")],
        &[("origin", "https://a.example:8443"), ("host", "a.example")],
        &[("origin", "https://a.example")],
    ];
    for headers in elsewhere {
        for (path, fields) in [
            ("/en/agree", vec![]),
            ("/en/mine", vec![("receipt", receipt.as_str())]),
            ("/en/mine/add", vec![("message", "not mine")]),
            ("/en/mine/sign-out", vec![]),
        ] {
            let mut browser =
                if path.starts_with("/en/mine/") { sender.clone() } else { Browser::new(&site) };
            browser.headers = headers.to_vec();
            let answer = browser.send(path, &fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            answer.is_a_page_of("en");
            assert!(answer.text.contains("This did not come from our pages"));
            assert!(!answer.headers.contains_key("set-cookie"), "{path} {headers:?}");
        }
    }
    let mine = sender.get("/en/mine").await.text;
    assert!(mine.contains("某煤矿") && !mine.contains("not mine"));
}

#[tokio::test]
async fn our_own_forms_are_taken_from_new_browsers_and_old_ones() {
    let own: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://a.example"), ("host", "a.example")],
        &[],
    ];
    for headers in own {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        browser.headers = headers.to_vec();
        site.begin(&mut browser, "en").await;
    }
}

#[tokio::test]
async fn an_old_browser_that_hides_the_origin_is_asked_to_say_it_where_no_token_could_tell() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    // So that `Origin` is not hidden for our own forms.
    for page in ["/en/agree", "/en/mine"] {
        assert_eq!(browser.get(page).await.headers["referrer-policy"], "same-origin", "{page}");
    }
    site.begin(&mut browser, "en").await;
    for page in ["/en/start", "/en/name", "/en/help"] {
        assert_eq!(browser.get(page).await.headers["referrer-policy"], "no-referrer", "{page}");
    }
    browser.headers = vec![("origin", "null"), ("host", "a.example")];
    browser.get("/en/name").await;
    assert_eq!(browser.post("/en/name", &[("name", "nameless")]).await.location, "/en/region");
    for path in ["/en/agree", "/en/mine"] {
        assert_eq!(browser.send(path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

/// Every address that any router file of the portal names, by every method that changes something.
#[tokio::test]
async fn no_address_takes_a_form_from_another_site() {
    let site = Site::new();
    let mut paths = std::collections::BTreeSet::new();
    for (file, prefix) in [
        ("mod.rs", "/en"),
        ("asks.rs", "/en"),
        ("earlier.rs", "/en"),
        ("own_receipt.rs", "/en"),
        ("device/mod.rs", "/en"),
        ("device/upload/mod.rs", "/en"),
        ("device/upload/mod.rs", "/api/v1"),
        ("api/mod.rs", "/api/v1"),
        ("log.rs", ""),
    ] {
        let source = std::fs::read_to_string(format!("{}/src/portal/{file}", env!("CARGO_MANIFEST_DIR")));
        let source = source.unwrap();
        let named = source.split('"').skip(1).step_by(2).filter(|text| text.starts_with('/'));
        paths.extend(named.map(|path| format!("{prefix}{}", path.replace(['{', '}', '*'], ""))));
    }
    assert!(paths.len() > 90 && paths.contains("/en/device/send"), "{paths:?}");
    for path in paths {
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            let mut told = Vec::new();
            for from in ["cross-site", "same-origin"] {
                let mut browser = Browser::new(&site);
                browser.headers = vec![("sec-fetch-site", from), ("accept-language", "en")];
                let answer = browser.device(method.clone(), &path, "").await;
                let foreign = answer.text.contains("This did not come from our pages");
                told.push((answer.status == StatusCode::FORBIDDEN, foreign));
            }
            assert_eq!(told[0], (true, true), "{method} {path}");
            assert!(!told[1].1, "our own: {method} {path}");
        }
    }
}

// -- who is kept --

#[tokio::test]
async fn a_flood_of_drafts_pushes_out_neither_drafts_nor_receipts() {
    let site = Site::with(few(3, 3), false);
    let mut sender = Browser::new(&site);
    site.to_check(&mut sender, "en", "nameless").await;
    let receipt = typed(&site.send(&mut sender, "en").await);
    let mut writer = Browser::new(&site);
    site.begin(&mut writer, "en").await;
    writer.get("/en/place").await;
    writer.post("/en/place", &[("target", "my mine")]).await;

    let mut turned_away = 0;
    for _ in 0..20 {
        let answer = Browser::new(&site).send("/en/agree", &[]).await;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            answer.is_a_page_of("en");
            assert!(answer.text.contains(CROWDED) && answer.text.contains("12350"));
            assert_eq!(answer.headers["retry-after"], "300");
            assert!(!answer.headers.contains_key("set-cookie"));
            turned_away += 1;
        }
    }
    assert_eq!(turned_away, 18, "two places were free");
    assert!(writer.get("/en/place").await.text.contains("my mine"));
    assert_eq!(sender.receipt("en").await, receipt);
    assert_eq!(writer.send("/en/agree", &[]).await.location, "/en/name", "who is in keeps the place");
}

#[tokio::test]
async fn where_there_is_no_room_for_a_long_story_the_page_says_so_and_shows_what_was_typed() {
    let site = Site::with(few(1, 1), false);
    let mut writer = Browser::new(&site);
    site.begin(&mut writer, "en").await;
    writer.get("/en/place").await;
    writer.post("/en/place", &[("target", "my mine")]).await;
    writer.get("/en/story").await;
    // Three places' worth, where one and as much again may be taken.
    let story = "井".repeat(5_000);
    let refused = writer.post("/en/story", &[("story", &story)]).await;
    refused.is_a_page_of("en");
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers["retry-after"], "60");
    assert!(refused.text.contains("this page was not saved") && refused.text.contains(&story));
    assert!(writer.get("/en/place").await.text.contains("my mine"), "and what was saved stays");
    assert!(!writer.get("/en/story").await.text.contains(&story));
    // Two places' worth are taken, and then a name finds no room, and is shown again.
    let shorter = "井".repeat(2_500);
    assert_eq!(writer.post("/en/story", &[("story", &shorter)]).await.location, "/en/name");
    writer.get("/en/name").await;
    writer.post("/en/name", &[("name", "sealed")]).await;
    writer.get("/en/identity").await;
    let refused = writer.post("/en/identity", &portal_support::PERSON).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.text.contains("this page was not saved") && refused.text.contains("13800138000"));
    // With the ordinary length it goes.
    writer.get("/en/story").await;
    writer.post("/en/story", &[("story", &"井".repeat(500))]).await;
}

#[tokio::test]
async fn blank_drafts_make_room_before_written_ones() {
    let room = Room { light: Duration::ZERO, ..few(2, 2) };
    let site = Site::with(room, false);
    let mut writer = Browser::new(&site);
    site.begin(&mut writer, "en").await;
    writer.get("/en/place").await;
    writer.post("/en/place", &[("target", "my mine")]).await;
    for _ in 0..20 {
        assert_eq!(Browser::new(&site).send("/en/agree", &[]).await.location, "/en/name");
    }
    assert!(writer.get("/en/place").await.text.contains("my mine"));
}

#[tokio::test]
async fn a_flood_of_sign_ins_pushes_out_no_receipt_and_a_report_is_sent_only_if_its_receipt_can_stay() {
    let site = Site::with(few(9, 2), false);
    let mut sender = Browser::new(&site);
    site.to_check(&mut sender, "en", "nameless").await;
    let receipt = typed(&site.send(&mut sender, "en").await);
    let mut other = Browser::new(&site);
    site.to_check(&mut other, "en", "nameless").await;
    for n in 0..5 {
        let answer = Browser::new(&site).send("/en/mine", &[("receipt", &receipt)]).await;
        assert_eq!(answer.status == StatusCode::SERVICE_UNAVAILABLE, n > 0, "one place was free");
        assert!(n == 0 || answer.text.contains(CROWDED));
    }
    // There are as many places again for reports that are sent, and no more.
    for _ in 0..2 {
        let mut before = Browser::new(&site);
        site.to_check(&mut before, "en", "nameless").await;
        site.send(&mut before, "en").await;
    }
    other.get("/en/check").await;
    let refused = other.post("/en/send", &[]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.text.contains("what you filled in before is still here"));
    assert_eq!(site.store.head().size, 3, "nothing was sent");
    other.get("/en/check").await.is_a_page_of("en");

    sender.get("/en/mine").await;
    sender.post("/en/mine/sign-out", &[]).await;
    other.get("/en/check").await;
    assert_eq!(other.post("/en/send", &[]).await.location, "/en/receipt");
}

#[tokio::test]
async fn one_receipt_takes_a_few_places_however_often_it_signs_in() {
    let site = Site::with(few(9, 10), false);
    let mut sender = Browser::new(&site);
    site.to_check(&mut sender, "en", "nameless").await;
    let receipt = typed(&site.send(&mut sender, "en").await);
    let mut devices = Vec::new();
    for _ in 0..20 {
        devices.push(Browser::new(&site));
        let device = devices.last_mut().unwrap();
        assert_eq!(device.send("/en/mine", &[("receipt", &receipt)]).await.location, "/en/mine");
    }
    let mut inside = Vec::new();
    for device in &mut devices {
        inside.push(device.get("/en/mine").await.text.contains("某煤矿"));
    }
    assert_eq!(inside, [vec![false; 13], vec![true; 7]].concat(), "the last seven, beside the sender's");
    assert_eq!(sender.receipt("en").await, receipt, "what is not on paper yet stays");

    let mut other = Browser::new(&site);
    site.to_check(&mut other, "en", "nameless").await;
    other.get("/en/check").await;
    assert_eq!(other.post("/en/send", &[]).await.location, "/en/receipt", "there is room for others");
}

#[tokio::test]
async fn signing_out_ends_the_visit_for_a_request_under_way() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    browser.get("/en/check").await;
    let (mut sends, mut leaves) = (browser.clone(), browser.clone());
    let (_, left) = tokio::join!(sends.send("/en/send", &[]), leaves.send("/en/mine/sign-out", &[]));
    assert!(minted(&left).starts_with("visit=; ") && minted(&left).contains("Max-Age=0"));
    assert_eq!(site.store.head().size, 1, "it was sent all the same");
    for page in ["/en/receipt", "/en/check", "/en/files"] {
        assert_eq!(browser.get(page).await.status, StatusCode::GONE, "{page}");
    }
}
