//! "Do you want to give your name?" where a script keeps the answer on the device: the server is told that there is one,
//! and asks for it only where somebody goes on without script.

use crate::{
    LANGS,
    device_support::{Device, config},
    portal_support::{self, Answer, Browser, Site},
};
use axum::http::StatusCode;
use mifeng::{receipt::Receipt, web::Lang};
use serde_json::json;

/// As the script sends it, whatever was chosen.
const DEVICE: &str = "device";

/// What the device binds an answer to.
fn mark(page: &Answer) -> String {
    page.text.split(" data-mark=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_script_sends_does_not_say_what_was_chosen_and_is_enough() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "en").await;
    let asked = browser.get("/en/name").await;
    asked.is_a_page_of("en");
    // Not deferred: it listens before there is a button to press.
    assert!(asked.text.contains("<script src=\"/assets/reporter-name-"), "{}", asked.text);
    site.answer(&mut browser, "en", DEVICE).await;
    assert_eq!(mark(&browser.get("/zh/name").await), mark(&asked), "the same draft in the other language");
    assert!(!browser.get("/en/name").await.text.contains(" checked"), "nothing is known here to be shown");

    let seal = browser.get("/en/seal").await;
    let config = config(&seal.text);
    assert_eq!((&config["named"], &config["mark"]), (&json!(DEVICE), &json!(mark(&asked))));
    assert_ne!(config["report"], config["mark"], "what a browser remembers leads to no report");
    assert!(seal.text.contains("data-slot=\"choice\">Your choice stays on this device<"), "{}", seal.text);
    let mut device = Device { browser, receipt: Receipt::draw(&mut rand::rng()), config };
    let body = device.body(&site);
    let sent = device.send(&body).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
}

#[tokio::test]
async fn the_server_is_told_what_to_show_where_it_was_told_the_answer() {
    let site = Site::new();
    for name in ["sealed", "nameless"] {
        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, "en", name).await;
        let seal = browser.get("/en/seal").await;
        assert_eq!(config(&seal.text)["named"], json!(name));
        assert!(!seal.text.contains("data-slot=\"choice\""), "{name}");
    }
}

/// The page on which the answer is for the server: no script, words that say so, and no button that sends but one.
fn is_plain(page: &Answer, lang: &str) {
    page.is_a_page_of(lang);
    let (words, other) = if lang == "zh" { (Lang::Zh, "en") } else { (Lang::En, "zh") };
    assert!(!page.text.contains("<script") && !page.text.contains("data-mark"), "{}", page.text);
    for part in [
        words.t("name-server").as_str(),
        "name=\"plain\" value=\"1\"",
        format!("href=\"/{other}/name?plain=1\"").as_str(),
        format!("href=\"/{lang}/seal\"").as_str(),
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains("name=\"switch\""), "{}", page.text);
}

#[tokio::test]
async fn who_goes_on_without_script_is_asked_by_the_server_once_and_gets_to_the_receipt() {
    for (lang, name) in [("zh", "sealed"), ("en", "nameless")] {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, lang, DEVICE).await;
        let at = |page: &str| format!("/{lang}/{page}");
        let plain = at("name?plain=1");
        assert!(browser.get(&at("seal")).await.text.contains(&format!("href=\"{plain}\"")));
        for page in ["check", "identity"] {
            assert_eq!(browser.get(&at(page)).await.location, plain, "{page}");
        }
        assert_eq!(browser.post(&at("send"), &[]).await.location, plain, "nothing is sent unasked");

        is_plain(&browser.get(&plain).await, lang);
        let refused = browser.post(&at("name"), &[("plain", "1")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        is_plain(&refused, lang);
        let told = browser.post(&at("name"), &[("name", name), ("plain", "1")]).await.location;
        if name == "sealed" {
            assert_eq!(told, at("identity"));
            browser.get(&told).await.is_a_page_of(lang);
            assert_eq!(browser.post(&told, &portal_support::PERSON).await.location, at("check"));
        } else {
            assert_eq!(told, at("check"));
        }
        let check = browser.get(&at("check")).await;
        check.is_a_page_of(lang);
        assert!(
            check.text.contains(&format!("href=\"{plain}\"")),
            "changed where it was told: {}",
            check.text
        );
        site.send(&mut browser, lang).await;
    }
}

#[tokio::test]
async fn looking_away_from_the_first_question_keeps_that_it_was_answered() {
    let site = Site::new();
    for lang in LANGS {
        let mut browser = Browser::new(&site);
        site.begin(&mut browser, lang).await;
        let path = format!("/{lang}/name");
        for (button, to) in [("1", "name"), ("back", "agree"), ("help", "help?from=name")] {
            browser.get(&path).await;
            let answer = browser.post(&path, &[("name", DEVICE), ("switch", button)]).await;
            assert_eq!(answer.location, format!("/{lang}/{to}"));
        }
        assert_eq!(browser.get(&format!("/{lang}/seal")).await.location, format!("/{lang}/region"));
    }
}

#[tokio::test]
async fn an_answer_changed_on_the_way_with_script_does_not_lead_off_it() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", DEVICE).await;
    for (page, fields) in
        [("region", ("region", "370102")), ("kind", ("kind", "hazard")), ("name", ("name", DEVICE))]
    {
        let path = format!("/en/{page}");
        browser.get(&path).await;
        assert_eq!(browser.post(&path, &[fields]).await.location, "/en/seal", "{page}");
    }
}

#[tokio::test]
async fn a_name_the_server_sealed_is_dropped_when_the_answer_moves_to_the_device() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "sealed").await;
    browser.get("/en/identity").await;
    assert_eq!(browser.post("/en/identity", &portal_support::PERSON).await.location, "/en/check");
    browser.get("/en/name").await;
    browser.post("/en/name", &[("name", DEVICE)]).await;
    assert_eq!(browser.get("/en/check").await.location, "/en/name?plain=1");
    browser.get("/en/name?plain=1").await;
    let told = browser.post("/en/name", &[("name", "sealed"), ("plain", "1")]).await.location;
    assert_eq!(told, "/en/identity", "it is asked for again");
}

#[tokio::test]
async fn the_next_draft_has_a_mark_of_its_own_and_asks_again() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", DEVICE).await;
    let first = mark(&browser.get("/en/name").await);
    // Agreed once more, by whoever sits there now: the matter goes along.
    site.begin(&mut browser, "en").await;
    assert_eq!(browser.get("/en/seal").await.location, "/en/name");
    assert_ne!(mark(&browser.get("/en/name").await), first);
}
