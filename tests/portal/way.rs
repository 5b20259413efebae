//! The whole way without script, from the first question to the receipt, and what must never be lost, shown or sent on it.

use crate::{
    LANGS,
    portal_support::{self, Browser, Site},
};
use axum::http::StatusCode;
use mifeng::{
    receipt::Receipt,
    store::{PublicLog, Reports},
};

#[tokio::test]
async fn a_nameless_report_goes_all_the_way_in_both_languages() {
    for lang in LANGS {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        let weight = site.to_check(&mut browser, lang, "nameless").await;
        let check = browser.get(&format!("/{lang}/check")).await;
        check.is_a_page_of(lang);
        assert!(check.text.contains("某煤矿") && check.text.contains("三号井"));
        let receipt = site.send(&mut browser, lang).await;
        assert!(weight < 60 * 1024, "R1 to R8 weigh {weight}");

        // R9: a wrong last group shows the code again, without penalty; the right one puts it away.
        let groups: Vec<_> = receipt.groups().iter().map(|g| g.to_string()).collect();
        let wrong = browser.post(&format!("/{lang}/receipt-check"), &[("last", "0")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains(&groups[0]));
        let right = browser.post(&format!("/{lang}/receipt-check"), &[("last", &groups[7])]).await;
        assert_eq!(right.location, format!("/{lang}/files"));
        assert!(!browser.get(&format!("/{lang}/receipt")).await.text.contains(&groups[0]));

        browser.get(&format!("/{lang}/files")).await.is_a_page_of(lang);
        assert_eq!(browser.post(&format!("/{lang}/finish"), &[]).await.location, format!("/{lang}/mine"));

        // Another device, later.
        let mut browser = Browser::new(&site);
        let typed = groups.join("-");
        let mine = format!("/{lang}/mine");
        assert_eq!(browser.post(&mine, &[("receipt", &typed)]).await.location, mine);
        let page = browser.get(&mine).await;
        page.is_a_page_of(lang);
        assert!(page.text.contains("某煤矿"), "the reporter sees what they sent");
        assert!(!page.text.contains(&groups[0]), "and not the code");

        let added = browser.post(&format!("{mine}/add"), &[("message", "夜里又开工了")]).await;
        assert_eq!(added.location, mine);
        assert!(browser.get(&mine).await.text.contains("夜里又开工了"));
        browser.get(&format!("{mine}/withdraw")).await.is_a_page_of(lang);
        assert_eq!(browser.post(&format!("{mine}/withdraw"), &[]).await.location, mine);
        let found = Reports::find(&*site.store, &receipt.locator(), &receipt.auth()).unwrap().unwrap();
        assert_eq!(found.sequence, 2, "the addition and the withdrawal carry an envelope each");
        let gone = browser.get(&mine).await.text;
        assert!(gone.contains(if lang == "zh" { "已撤回" } else { "Withdrawn" }));
        assert!(!gone.contains("name=\"message\""), "nothing can be added any more");
        let out = browser.post(&format!("{mine}/sign-out"), &[]).await;
        assert_eq!(out.status, StatusCode::OK);
        assert!(!browser.get(&mine).await.text.contains("某煤矿"));
    }
}

#[tokio::test]
async fn a_name_is_sealed_in_its_own_request_and_never_shown_again() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "zh", "sealed").await;
    let page = browser.get("/zh/identity").await;
    page.is_a_page_of("zh");
    let answer = browser.post("/zh/identity", &portal_support::PERSON).await;
    assert_eq!(answer.location, "/zh/check");
    assert_eq!(answer.headers["connection"], "close");
    for page in ["/zh/check", "/zh/identity", "/zh/name"] {
        let text = browser.get(page).await.text;
        for (_, value) in portal_support::PERSON {
            assert!(value.len() <= 8 || !text.contains(value), "{page} shows {value}");
        }
    }
    site.send(&mut browser, "zh").await;
}

#[tokio::test]
async fn no_name_is_sealed_without_consent_asked_apart() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "sealed").await;
    let page = browser.get("/en/identity").await.text;
    for words in ["asked apart from everything else", "only the reward office", "36 months", "60 months"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("name=\"consent\" value=\"yes\"") && !page.contains(" checked"), "{page}");
    for consent in ["", "no", "on"] {
        let mut form = portal_support::PERSON.to_vec();
        form.last_mut().unwrap().1 = consent;
        let refused = browser.post("/en/identity", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.text.contains("href=\"#consent\"") && refused.text.contains("Tick the box if you agree")
        );
        assert!(refused.text.contains("13800138000"), "nothing typed is lost");
        assert_eq!(browser.get("/en/check").await.location, "/en/identity", "nothing is sealed");
        browser.get("/en/identity").await;
    }
    assert_eq!(browser.post("/en/identity", &portal_support::PERSON).await.location, "/en/check");
    let check = browser.get("/en/check").await.text;
    assert!(!check.contains("consent"), "what was agreed to is kept nowhere outside the seal");
}

#[tokio::test]
async fn what_is_wrong_on_the_identity_page_is_said_and_what_was_typed_stays_on_it() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "sealed").await;
    browser.get("/en/identity").await;
    let mut form = portal_support::PERSON;
    form[2].1 = "110105194912310021";
    let refused = browser.post("/en/identity", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("<title>Error: ") && refused.text.contains("There is 1 problem"));
    assert!(refused.text.contains("href=\"#id-number\"") && refused.text.contains("role=\"alert\""));
    for (_, value) in form {
        assert!(refused.text.contains(value), "{value} is lost");
    }
    assert_eq!(refused.headers["connection"], "close");
    refused.is_a_page_of("en");
    assert!(!browser.get("/en/identity").await.text.contains("110105194912310021"), "and nothing is kept");
}

/// As a browser sends it: with the hidden fields of the page it was shown.
#[tokio::test]
async fn a_telephone_and_an_account_of_another_form_are_asked_about_once() {
    for (field, number) in [("mobile", "0531-8205 1234"), ("account", "GB29 NWBK 6016 1331")] {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, "en", "sealed").await;
        browser.get("/en/identity").await;
        let mut form = portal_support::PERSON.to_vec();
        form.iter_mut().find(|(name, _)| *name == field).unwrap().1 = number;
        let asked = browser.post("/en/identity", &form).await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(asked.text.contains("If it is right, press the same button once more"), "{}", asked.text);
        let checked = format!("{field}-checked");
        assert!(asked.text.contains(&format!("name=\"{checked}\" value=\"{number}\"")), "{}", asked.text);
        form.push((&checked, number));
        assert_eq!(browser.post("/en/identity", &form).await.location, "/en/check");
    }
}

#[tokio::test]
async fn a_report_sent_twice_is_one_report_with_one_receipt() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "zh", "nameless").await;
    browser.get("/zh/check").await;
    let (mut first, mut second) = (browser.clone(), browser.clone());
    let (one, two) = tokio::join!(first.send("/zh/send", &[]), second.send("/zh/send", &[]));
    let again = first.send("/zh/send", &[]).await;
    for answer in [one, two, again] {
        assert_eq!(answer.location, "/zh/receipt");
    }
    let receipt = browser.receipt("zh").await;
    assert_eq!(site.store.head().size, 1, "one leaf, one report");
    assert!(Receipt::parse(&receipt).is_ok());
}

#[tokio::test]
async fn every_question_says_what_is_missing_and_keeps_what_was_typed() {
    let site = Site::new();
    for lang in LANGS {
        let mut browser = Browser::new(&site);
        site.begin(&mut browser, lang).await;
        for (page, fields, at) in [
            ("name", vec![], "name"),
            ("region", vec![("region", "999999")], "query"),
            ("kind", vec![("kind", "x")], "kind"),
            ("industry", vec![], "industry"),
            ("place", vec![("target", " "), ("address", "三号井")], "target"),
            ("story", vec![("story", ""), ("when", "上周二夜班")], "story"),
        ] {
            let path = format!("/{lang}/{page}");
            browser.get(&path).await.is_a_page_of(lang);
            let refused = browser.post(&path, &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            refused.is_a_page_of(lang);
            assert!(refused.text.contains(&format!("href=\"#{at}\"")), "{path}");
            assert!(refused.text.contains(&format!("id=\"{at}\"")), "{path}: the link leads to a field");
            for (_, value) in fields.iter().filter(|f| f.0 != "region" && f.1.len() > 1) {
                assert!(refused.text.contains(value), "{path} lost {value}");
                assert!(browser.get(&path).await.text.contains(value), "{path} lost {value}");
            }
        }
    }
}

#[tokio::test]
async fn changing_the_language_keeps_the_step_and_the_text() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    browser.get("/zh/place").await;
    let switched = browser.post("/en/place", &[("target", "村东头的采石场"), ("switch", "1")]).await;
    assert_eq!(switched.location, "/en/place");
    assert!(browser.get("/en/place").await.text.contains("村东头的采石场"));

    site.to_check(&mut browser, "zh", "sealed").await;
    browser.get("/zh/identity").await;
    let switched = browser.post("/en/identity", &[("person-name", "某人"), ("switch", "1")]).await;
    assert_eq!(switched.status, StatusCode::OK);
    assert!(switched.text.contains("某人") && switched.text.contains("Seal and continue"));
    assert!(!browser.get("/en/identity").await.text.contains("某人"));
}

#[tokio::test]
async fn a_receipt_pasted_into_a_field_is_refused_and_not_kept() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    browser.get("/zh/story").await;
    let receipt = "0123 4567 8901 2345 6789 0123 4567 8963";
    let refused = browser.post("/zh/story", &[("story", &format!("我的回执码 {receipt} 请查"))]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("回执码"));
    assert!(!browser.get("/zh/story").await.text.contains("0123 4567"));
}

#[tokio::test]
async fn a_text_over_the_limit_is_shown_with_how_much_to_remove() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "en").await;
    browser.get("/en/story").await;
    let long = "矿".repeat(5_003);
    let refused = browser.post("/en/story", &[("story", &long)]).await;
    assert!(refused.text.contains("Please remove 3") && refused.text.contains(&long));
}

#[tokio::test]
async fn leaving_drops_the_draft_and_says_so_to_the_browser() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    let before = browser.clone();
    let left = browser.get("/leave").await;
    assert_eq!(left.headers["clear-site-data"], "\"cookies\", \"storage\"");
    assert_eq!(left.headers["refresh"], "0; url=https://www.weather.com.cn/");
    assert_eq!(left.headers["cache-control"], "no-store");
    assert!(!left.text.contains("mifeng") && left.text.len() < 300);
    let answer = before.clone().get("/zh/name").await;
    assert_eq!(answer.status, StatusCode::GONE, "the old cookie opens nothing");
    answer.is_a_page_of("zh");
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_lost_and_nothing_is_claimed_to_be_saved() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    let full = |yes| site.disk.refuses.store(yes, std::sync::atomic::Ordering::Relaxed);
    site.to_check(&mut browser, "en", "nameless").await;
    browser.get("/en/check").await;
    full(true);
    let refused = browser.post("/en/send", &[]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    refused.is_a_page_of("en");
    assert!(
        refused.text.contains("was not sent") && !refused.text.contains("64 MiB"),
        "the cause stays inside"
    );
    assert!(browser.get("/en/check").await.text.contains("三号井"), "the draft is whole");
    full(false);
    site.send(&mut browser, "en").await;

    full(true);
    browser.get("/en/mine").await;
    let refused = browser.post("/en/mine/add", &[("message", "夜里又开工了")]).await;
    assert!(
        refused.text.contains("夜里又开工了</textarea>") && refused.text.contains("cannot be saved just now")
    );
    browser.get("/en/files").await;
    let refused = browser.upload("/en/files", "a.png", &portal_support::png(), true).await;
    assert!(refused.text.contains("There is no room just now") && refused.text.contains("No files yet"));
    full(false);
    assert_eq!(
        browser.upload("/en/files", "a.png", &portal_support::png(), true).await.location,
        "/en/files"
    );
}
