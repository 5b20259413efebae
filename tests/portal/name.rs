//! "Do you want to give your name?" where a script keeps the answer on the device: the server is told that there is one,
//! and asks for it only where somebody goes on without script.

use crate::{
    LANGS,
    device_support::{Device, config},
    portal_support::{self, Answer, Browser, Site},
};
use axum::http::StatusCode;
use mifeng::{
    receipt::Receipt,
    store::PublicLog,
    web::{Lang, script},
};
use serde_json::json;
use std::sync::atomic::Ordering;

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
    // Not deferred: it listens before there is a button to press. The way out is there while it comes.
    let at = |part: &str| asked.text.find(part).unwrap();
    let listens = at("<script src=\"/assets/reporter-name-");
    assert!(at("href=\"/leave\"") < listens && listens < at("<button"), "{}", asked.text);
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

#[tokio::test]
async fn without_script_back_stays_on_that_way_and_nameless_is_one_link_away() {
    for lang in LANGS {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        let at = |page: &str| format!("/{lang}/{page}");
        let plain = at("name?plain=1");
        let leads_back = |page: &Answer, to: &str| {
            let back = format!("<a class=\"back\" href=\"{}\"", at(to));
            assert!(page.text.contains(&back), "{back}: {}", page.text);
        };
        let offers_nameless = |identity: &Answer| {
            let words = if lang == "zh" { Lang::Zh } else { Lang::En }.t("device-stay-nameless");
            let link = format!("<a href=\"{plain}\">{words}</a>");
            assert!(identity.text.contains(&link), "{link}: {}", identity.text);
        };
        site.to_check(&mut browser, lang, "sealed").await;
        offers_nameless(&browser.get(&at("identity")).await);
        leads_back(&browser.get(&plain).await, "identity");
        browser.get(&at("identity")).await;
        assert_eq!(browser.post(&at("identity"), &portal_support::PERSON).await.location, at("check"));
        leads_back(&browser.get(&plain).await, "check");
        offers_nameless(&browser.get(&at("identity")).await);
        browser.get(&plain).await;
        let told = browser.post(&at("name"), &[("name", "nameless"), ("plain", "1")]).await;
        assert_eq!(told.location, at("check"));
        leads_back(&browser.get(&plain).await, "check");

        // It was answered on the device: this way has not begun.
        browser.get(&at("name")).await;
        browser.post(&at("name"), &[("name", DEVICE)]).await;
        leads_back(&browser.get(&plain).await, "seal");
    }
}

#[tokio::test]
async fn the_page_behind_leave_runs_the_one_script_that_stands_in_it_and_is_listed() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "en").await;
    let left = browser.get("/leave").await;
    let script = script("reporter-left");
    assert!(left.text.contains(&format!("<script>{}</script>", script.text())), "{}", left.text);
    assert_eq!(left.text.matches("<script").count(), 1);
    let csp = left.headers["content-security-policy"].to_str().unwrap();
    assert!(csp.starts_with("default-src 'none'; script-src 'sha384-"), "{csp}");
    assert!(csp.contains(&script.integrity) && !csp.contains("unsafe"), "{csp}");
    assert_eq!(browser.get(script.path()).await.text, script.text(), "the very script of /scripts.json");
}

#[tokio::test]
async fn a_report_that_may_be_stored_is_changed_no_more_and_is_sent_again_as_it_is() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "sealed").await;
    browser.get("/en/identity").await;
    assert_eq!(browser.post("/en/identity", &portal_support::PERSON).await.location, "/en/check");
    browser.get("/en/check").await;
    site.disk.loses.store(true, Ordering::Relaxed);
    let unsure = browser.post("/en/send", &[]).await;
    assert_eq!(unsure.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(unsure.text.contains(&Lang::En.t("unsure-title")), "{}", unsure.text);
    site.disk.loses.store(false, Ordering::Relaxed);

    for page in ["name?plain=1", "name", "identity", "region", "story"] {
        let closed = browser.get(&format!("/en/{page}")).await;
        assert_eq!(closed.status, StatusCode::CONFLICT, "{page}");
        closed.is_a_page_of("en");
        assert!(closed.text.contains("href=\"/en/check\""), "{}", closed.text);
    }
    let check = browser.get("/en/check").await;
    assert_eq!(
        browser.post("/en/name", &[("name", "nameless"), ("plain", "1")]).await.status,
        StatusCode::CONFLICT
    );
    assert_eq!(browser.post("/en/story", &[("story", "别的事情")]).await.status, StatusCode::CONFLICT);
    assert!(check.text.contains(&Lang::En.t("name-sealed")), "{}", check.text);
    site.send(&mut browser, "en").await;
    assert_eq!(site.store.head().size, 1, "one report");
}

#[tokio::test]
async fn what_a_device_sent_and_may_be_stored_is_changed_no_more_either() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", DEVICE).await;
    let config = config(&browser.get("/en/seal").await.text);
    let mut device = Device { browser, receipt: Receipt::draw(&mut rand::rng()), config };
    let body = device.body(&site);
    site.disk.loses.store(true, Ordering::Relaxed);
    assert_eq!(device.send(&body).await.status, StatusCode::SERVICE_UNAVAILABLE);
    site.disk.loses.store(false, Ordering::Relaxed);
    let closed = device.browser.get("/en/name").await;
    assert_eq!(closed.status, StatusCode::CONFLICT);
    assert!(closed.text.contains("href=\"/en/seal\""), "{}", closed.text);
    let sent = device.send(&body).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
    assert_eq!(site.store.head().size, 1, "one report");
}
