//! The database is lost while it is storing a report, and nobody knows whether it has it. No page says then that nothing
//! was sent, no receipt is lost that somebody could still have, and nothing is answered as if it were what was sent first.

use crate::{
    LANGS,
    api::Client,
    device_support::{Device, config, dossier},
    portal_support::{Browser, Site},
};
use axum::http::StatusCode;
use mifeng::{receipt::Receipt, store::PublicLog, web::Lang};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

fn say(lang: &str, key: &str) -> String {
    if lang == "zh" { Lang::Zh } else { Lang::En }.t(key)
}

/// How a page says that nothing was sent, up to what stands in its words as a quotation mark.
fn not_sent(lang: &str) -> String {
    say(lang, "check-not-sent").split('"').next().unwrap().to_owned()
}

/// A receipt as somebody types it.
fn typed(receipt: &Receipt) -> String {
    receipt.groups().map(|group| group.to_string()).join(" ")
}

/// A device sends, and `how` its answer is lost. Gives what it sent.
async fn lost(site: &Site, device: &mut Device, how: &AtomicBool) -> Value {
    let body = device.body(site);
    how.store(true, Ordering::Relaxed);
    let unsure = device.send(&body).await;
    how.store(false, Ordering::Relaxed);
    assert_eq!(unsure.status, StatusCode::SERVICE_UNAVAILABLE, "{}", unsure.text);
    body
}

/// The same without script, on the check page.
async fn lost_here(browser: &mut Browser, lang: &str, how: &AtomicBool) {
    browser.get(&format!("/{lang}/check")).await;
    how.store(true, Ordering::Relaxed);
    let unsure = browser.post(&format!("/{lang}/send"), &[]).await;
    how.store(false, Ordering::Relaxed);
    assert_eq!(unsure.status, StatusCode::SERVICE_UNAVAILABLE, "{}", unsure.text);
}

#[tokio::test]
async fn a_page_loaded_again_says_that_the_report_was_sent_and_how_to_send_it_anew() {
    for lang in LANGS {
        let site = Site::new();
        let at = |page: &str| format!("/{lang}/{page}");
        let mut device = Device::ready(&site, lang).await;
        let first = lost(&site, &mut device, &site.disk.loses).await;
        let page = device.browser.get(&at("seal")).await;
        page.is_a_page_of(lang);
        for key in ["again-title", "again-saved", "again-lost", "again-not-text"] {
            assert!(page.text.contains(&say(lang, key)), "{key}: {}", page.text);
        }
        assert!(!page.text.contains(&not_sent(lang)), "{}", page.text);
        let kept = device.send(&first).await;
        assert_eq!(kept.status, StatusCode::OK, "the first page, if it is still open: {}", kept.text);

        assert_eq!(device.browser.post(&at("device/again"), &[]).await.location, at("seal"));
        assert_eq!(dossier(&site).unwrap().case.state.code(), "withdrawn");
        let anew = device.browser.get(&at("seal")).await;
        assert_eq!(anew.location, at("name"), "and the name is asked again");
    }
}

#[tokio::test]
async fn another_receipt_is_told_that_the_report_is_saved_and_so_is_the_way_without_script() {
    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    let first = lost(&site, &mut device, &site.disk.loses).await;
    let drawn_first = std::mem::replace(&mut device.receipt, Receipt::draw(&mut rand::rng()));
    let other = device.body(&site);
    let told = device.send(&other).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "{}", told.text);
    let told: Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(told["detail"], Lang::En.t("device-sent-before-text"));
    assert_eq!(site.store.head().size, 1, "one report");
    let page = device.browser.get("/en/seal").await;
    assert!(page.text.contains(&Lang::En.t("again-saved")), "{}", page.text);
    device.receipt = drawn_first;
    assert_eq!(device.send(&first).await.status, StatusCode::OK);

    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    lost(&site, &mut device, &site.disk.loses).await;
    device.browser.get("/en/check").await;
    assert_eq!(device.browser.post("/en/send", &[]).await.location, "/en/seal");
    let page = device.browser.get("/en/seal").await;
    assert!(page.text.contains(&Lang::En.t("again-saved")), "{}", page.text);
    assert_eq!(site.store.head().size, 1, "one report");
}

#[tokio::test]
async fn what_was_not_stored_is_sent_by_the_page_loaded_again_which_does_not_say_that_nothing_was() {
    for lang in LANGS {
        let site = Site::new();
        let mut device = Device::ready(&site, lang).await;
        lost(&site, &mut device, &site.disk.drops).await;
        let page = device.browser.get(&format!("/{lang}/seal")).await;
        let said = page.text.matches(&say(lang, "seal-unsure")).count();
        assert_eq!(said, 2, "before its script runs, and after: {}", page.text);
        assert!(!page.text.contains(&not_sent(lang)), "{}", page.text);
        for closed in ["region", "place", "story"] {
            assert!(!page.text.contains(&format!("href=\"/{lang}/{closed}\"")), "{closed}: {}", page.text);
        }
        let (receipt, config) = (Receipt::draw(&mut rand::rng()), config(&page.text));
        let mut again = Device { browser: device.browser, receipt, config };
        let body = again.body(&site);
        let sent = again.send(&body).await;
        assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
        assert_eq!(site.store.head().size, 1, "one report");
    }
}

#[tokio::test]
async fn a_store_that_refuses_afterwards_does_not_make_a_page_say_that_nothing_was_sent() {
    let unsure = Lang::Zh.t("unsure-title");
    let site = Site::new();
    let mut device = Device::ready(&site, "zh").await;
    let body = lost(&site, &mut device, &site.disk.loses).await;
    site.disk.refuses.store(true, Ordering::Relaxed);
    let refused: Value = serde_json::from_str(&device.send(&body).await.text).unwrap();
    assert_eq!(refused["title"], unsure);

    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "zh", "nameless").await;
    lost_here(&mut browser, "zh", &site.disk.loses).await;
    site.disk.refuses.store(true, Ordering::Relaxed);
    let refused = browser.post("/zh/send", &[]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.text.contains(&unsure), "{}", refused.text);
}

#[tokio::test]
async fn a_receipt_drawn_here_is_found_again_by_either_page() {
    for stored in [true, false] {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, "zh", "nameless").await;
        lost_here(&mut browser, "zh", if stored { &site.disk.loses } else { &site.disk.drops }).await;
        let check = browser.get("/zh/check").await;
        assert!(check.text.contains(&Lang::Zh.t("check-unsure")), "{}", check.text);
        assert!(!check.text.contains(&not_sent("zh")) && !check.text.contains("href=\"/zh/story\""));
        let seal = browser.get("/zh/seal").await;
        assert_eq!(seal.location, if stored { "/zh/receipt" } else { "/zh/check" });
        if !stored {
            browser.get("/zh/check").await;
            assert_eq!(browser.post("/zh/send", &[]).await.location, "/zh/receipt");
        }
        assert!(Receipt::parse(&browser.receipt("zh").await).is_ok());
        assert_eq!(site.store.head().size, 1, "one report");
    }
}

#[tokio::test]
async fn no_other_visit_takes_the_place_of_a_report_that_may_be_stored() {
    for (lang, stored) in [("zh", true), ("zh", false), ("en", true), ("en", false)] {
        let site = Site::new();
        let at = |page: &str| format!("/{lang}/{page}");
        let mut earlier = Browser::new(&site);
        site.to_check(&mut earlier, lang, "nameless").await;
        let earlier = typed(&site.send(&mut earlier, lang).await);

        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, lang, "nameless").await;
        lost_here(&mut browser, lang, if stored { &site.disk.loses } else { &site.disk.drops }).await;
        let cookie = browser.cookie.clone();
        let other_ways: [(&str, &[(&str, &str)]); 3] =
            [("agree", &[]), ("mine", &[("receipt", earlier.as_str())]), ("desk", &[("code", "12345678")])];
        for (page, fields) in other_ways {
            let refused = browser.send(&at(page), fields).await;
            assert_eq!(refused.status, StatusCode::CONFLICT, "{page}: {}", refused.text);
            assert!(refused.text.contains(&say(lang, "unsure-waits-title")), "{page}: {}", refused.text);
            let back = format!("class=\"button\" href=\"/{lang}/check\"");
            assert!(refused.text.contains(&back), "{page}: {}", refused.text);
            assert_eq!(browser.cookie, cookie, "{page}: the same visit");
        }
        browser.get(&at("check")).await;
        assert_eq!(browser.post(&at("send"), &[]).await.location, at("receipt"));
        assert!(Receipt::parse(&browser.receipt(lang).await).is_ok(), "its receipt is still there");
        assert_eq!(site.store.head().size, 2, "two reports");
    }
}

#[tokio::test]
async fn a_page_that_sealed_may_come_back_to_what_it_sent_but_no_draft_of_it_goes_along() {
    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    lost(&site, &mut device, &site.disk.loses).await;
    let refused = device.browser.send("/en/agree", &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert!(refused.text.contains("class=\"button\" href=\"/en/seal\""), "{}", refused.text);

    let entered = device.browser.send("/en/mine", &[("receipt", &typed(&device.receipt))]).await;
    assert_eq!(entered.location, "/en/mine", "its own receipt opens it: {}", entered.text);
    assert_eq!(device.browser.get("/en/story").await.status, StatusCode::GONE, "it was sent");
    assert_eq!(site.store.head().size, 1, "one report");
}

#[tokio::test]
async fn leaving_ends_a_report_that_may_be_stored_like_everything_else() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "zh", "nameless").await;
    lost_here(&mut browser, "zh", &site.disk.drops).await;
    let before = browser.clone();
    assert_eq!(browser.get("/leave").await.status, StatusCode::OK);
    for mut browser in [before, browser] {
        assert_eq!(browser.get("/zh/check").await.status, StatusCode::GONE);
        assert_eq!(browser.send("/zh/agree", &[]).await.location, "/zh/name", "who comes next begins anew");
    }
}

#[tokio::test]
async fn a_program_is_refused_whatever_it_did_not_send_first_and_answered_for_what_it_did() {
    for stored in [true, false] {
        let site = Site::new();
        let how = if stored { &site.disk.loses } else { &site.disk.drops };
        let mut client = Client::new(&site);
        let report = client.ready().await;
        how.store(true, Ordering::Relaxed);
        let unsure = client.post("/reports", &report).await;
        how.store(false, Ordering::Relaxed);
        assert_eq!(unsure.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(unsure.body["title"], Lang::En.t("unsure-title"));

        let with = |part: &str, member: &str, value: Value| {
            let mut other = report.clone();
            other[part][member] = value;
            other
        };
        let sealed = client.sealed(report["seal"]["report"].as_str().unwrap());
        let others = [
            with("matter", "target", json!("另一座煤矿")),
            with("matter", "ongoing", json!(false)),
            with("seal", "sealed", sealed),
        ];
        for step in ["while nobody knows", "once it is stored", "once its receipt is written down"] {
            for other in &others {
                let refused = client.post("/reports", other).await;
                assert_eq!(refused.status, StatusCode::CONFLICT, "{step}: {}", refused.body);
                assert_eq!(refused.kind, "application/problem+json");
                assert_eq!(refused.body["detail"], Lang::En.t("device-differs-text"), "{step}");
            }
            let sent = client.post("/reports", &report).await;
            assert_eq!(sent.status, StatusCode::OK, "{step}: {}", sent.body);
            if step == "once it is stored" {
                let once = json!({ "once": report["seal"]["once"] });
                assert_eq!(client.post("/reports/kept", &once).await.status, StatusCode::OK);
            }
        }
        let content = dossier(&site).unwrap().case.content;
        assert_eq!((content.target_name.as_str(), content.ongoing), ("某煤矿", true));
        assert_eq!(site.store.head().size, 1, "one report");
    }
}
