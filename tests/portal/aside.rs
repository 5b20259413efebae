//! Looking elsewhere, coming too late, coming back: nothing typed is lost, and nothing that was refused looks done.

use crate::{
    LANGS,
    device_support::{Device, dossier, post},
    portal_support::{Answer, Browser, Site},
};
use axum::http::StatusCode;
use mifeng::casework::State;
use serde_json::{Value, json};

/// A report that was sent, with its receipt still on the screen.
async fn sent(site: &Site) -> Browser {
    let mut browser = Browser::new(site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    browser
}

/// A refusal in place: what was typed stands in its field, and nothing on the page says that anything was done.
fn keeps(answer: &Answer, words: &str, says: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    answer.is_a_page_of("en");
    assert!(answer.text.contains(&format!("{words}</textarea>")), "{}", answer.text);
    assert!(answer.text.contains("<title>Error: ") && answer.text.contains(says), "{}", answer.text);
    assert!(!answer.text.contains("class=\"panel\""), "{}", answer.text);
}

#[tokio::test]
async fn back_and_help_keep_what_is_typed_and_ask_for_nothing() {
    let site = Site::new();
    for lang in LANGS {
        let mut browser = Browser::new(&site);
        site.begin(&mut browser, lang).await;
        for (page, field, before) in [("place", "address", "industry"), ("story", "when", "place")] {
            let path = format!("/{lang}/{page}");
            let shown = browser.get(&path).await;
            shown.is_a_page_of(lang);
            // Enter presses a form's first button: that one goes on.
            let first = shown.text.split("form=\"step\"").nth(1).unwrap();
            assert!(!first.split('>').next().unwrap().contains("name="), "{}", shown.text);
            // The one question that must be answered is not, and nobody is told.
            let back = browser.post(&path, &[(field, "村东头"), ("switch", "back")]).await;
            assert_eq!((back.status, back.location), (StatusCode::SEE_OTHER, format!("/{lang}/{before}")));
            assert!(browser.get(&path).await.text.contains("村东头"));
            let help = browser.post(&path, &[(field, "村西头"), ("switch", "help")]).await;
            assert_eq!(help.location, format!("/{lang}/help?from={page}"));
            let help = browser.get(&help.location).await;
            help.is_a_page_of(lang);
            assert!(help.text.contains(&format!("class=\"back\" href=\"{path}\"")), "{}", help.text);
            assert!(browser.get(&path).await.text.contains("村西头"));
        }
        let region = format!("/{lang}/region");
        browser.get(&region).await;
        let back = browser.post(&region, &[("query", "历下"), ("switch", "back")]).await;
        assert_eq!(back.location, format!("/{lang}/name"));
        assert!(browser.get(&region).await.text.contains("山东省 济南市 历下区"));
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_left_behind_without_a_word() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "en").await;
    browser.get("/en/story").await;
    let story = "It is the third shaft, and my code is 0123 4567 8901 2345 6789 0123 4567 8963";
    keeps(&browser.post("/en/story", &[("story", story), ("switch", "back")]).await, story, "receipt code");
    let mut browser = sent(&site).await;
    browser.get("/en/mine/retaliation").await;
    let asked = [("retaliation", story), ("switch", "help")];
    keeps(&browser.post("/en/mine/retaliation", &asked).await, story, "receipt code");
    assert!(!browser.get("/en/mine/retaliation").await.text.contains("third shaft"));
}

#[tokio::test]
async fn help_leads_back_to_where_it_was_chosen_and_nowhere_else() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    let mut back = async |path: &str| {
        let page = browser.get(path).await;
        page.is_a_page_of("en");
        let link = page.text.split("class=\"back\" href=\"").nth(1).unwrap();
        link.split('"').next().unwrap().to_owned()
    };
    assert_eq!(back("/en/help?from=story").await, "/en/story");
    assert_eq!(back("/en/help?from=region&in=370000").await, "/en/region?in=370000");
    assert_eq!(back("/en/kept").await, "/en/before");
    for page in ["kept", "figures", "notices"] {
        assert_eq!(back(&format!("/en/{page}?from=story")).await, "/en/help?from=story", "{page}");
    }
    for bad in ["", "?from=", "?from=//a.example", "?from=a/../../leave", "?from=https:%2F%2Fa", "?a=b"] {
        assert_eq!(back(&format!("/en/help{bad}")).await, "/en/start", "{bad}");
    }
    let help = browser.get("/en/help?from=story").await.text;
    assert!(help.contains("href=\"/en/kept?from=story\"") && help.contains("href=\"/zh/help?from=story\""));
    assert!(browser.get("/en/before").await.text.contains("href=\"/en/help?from=before\""));
}

#[tokio::test]
async fn what_is_written_under_a_report_is_there_again_until_it_is_sent() {
    let site = Site::new();
    let mut browser = sent(&site).await;
    for (page, field) in [("mine/retaliation", "retaliation"), ("mine/delete", "deletion")] {
        let path = format!("/en/{page}");
        browser.get(&path).await;
        let back = browser.post(&path, &[(field, "Written and not sent"), ("switch", "back")]).await;
        assert_eq!(back.location, "/en/mine");
        assert!(browser.get(&path).await.text.contains("Written and not sent</textarea>"), "{page}");
        let help = browser.post(&path, &[(field, "Written again"), ("switch", "help")]).await;
        assert_eq!(help.location, format!("/en/help?from={page}"));
        assert!(browser.get(&path).await.text.contains("Written again</textarea>"), "{page}");
    }
    browser.get("/en/mine").await;
    let words = [("message", "They dig again at night"), ("switch", "help")];
    assert_eq!(browser.post("/en/mine/add", &words).await.location, "/en/help?from=mine");
    assert!(browser.get("/en/mine").await.text.contains("They dig again at night</textarea>"));
    assert!(dossier(&site).unwrap().case.additions.is_empty(), "nothing was sent");
    assert_eq!(browser.post("/en/mine/add", &words[..1]).await.location, "/en/mine");
    let page = browser.get("/en/mine").await.text;
    assert!(page.contains("They dig again at night") && !page.contains("at night</textarea>"), "{page}");
    browser.post("/en/mine/sign-out", &[]).await;
    assert!(!browser.get("/en/mine/retaliation").await.text.contains("Written again"));
}

#[tokio::test]
async fn where_nothing_more_fits_the_words_stay_and_the_telephone_is_named() {
    let site = Site::new();
    let mut browser = sent(&site).await;
    let mut send = async |page: &str, path: &str, field: &str, words: &str| {
        browser.get(page).await;
        browser.post(path, &[(field, words)]).await
    };
    for n in 0..16 {
        let words = format!("addition {n}");
        assert_eq!(send("/en/mine", "/en/mine/add", "message", &words).await.location, "/en/mine");
    }
    let hotline = format!("Call {}", site.policy.intake.service.hotline);
    keeps(&send("/en/mine", "/en/mine/add", "message", "one more").await, "one more", &hotline);
    let retaliation = "/en/mine/retaliation";
    for n in 0..5 {
        let words = format!("night shift {n}");
        assert_eq!(send(retaliation, retaliation, "retaliation", &words).await.location, "/en/mine");
    }
    keeps(&send(retaliation, retaliation, "retaliation", "dismissed").await, "dismissed", &hotline);
    assert_eq!(dossier(&site).unwrap().case.retaliations.len(), 5);
    assert_eq!(send("/en/mine", "/en/mine/withdraw", "", "").await.location, "/en/mine", "that always fits");
}

#[tokio::test]
async fn what_comes_too_late_is_refused_in_place_and_does_not_look_done() {
    let site = Site::new();
    let mut browser = sent(&site).await;
    site.reply().await;
    browser.get("/en/mine/object").await;
    site.put(State::Withdrawn).await;
    let late = browser.post("/en/mine/object", &[("objection", "The night shift.")]).await;
    keeps(&late, "The night shift.", "what you wrote is still below");
    assert!(late.text.contains("href=\"#objection\""));

    site.put(State::Submitted).await;
    browser.get("/en/mine").await;
    site.put(State::Withdrawn).await;
    let late = browser.post("/en/mine/add", &[("message", "They dig again")]).await;
    keeps(&late, "They dig again", "what you wrote is still below");

    // Nothing is typed here: the status says it.
    let late = browser.post("/en/mine/withdraw", &[]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.get("/en/mine/award-objection").await.location, "/en/mine", "there is no award");
    let told = browser.get("/en/mine").await;
    for page in [late, told] {
        page.is_a_page_of("en");
        for part in ["<title>Error: ", "href=\"#status\"", "id=\"status\"", "This is not possible now"] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        assert!(!page.text.contains("class=\"panel\""), "{}", page.text);
    }
    let page = browser.get("/en/mine").await;
    assert!(page.status == StatusCode::OK && !page.text.contains("This is not possible now"), "said once");
}

#[tokio::test]
async fn who_comes_back_to_a_question_after_sending_reads_that_it_was_sent() {
    let site = Site::new();
    let mut browser = sent(&site).await;
    for page in ["check", "story", "identity"] {
        assert_eq!(browser.get(&format!("/en/{page}")).await.location, "/en/receipt", "{page}");
    }
    let receipt = browser.receipt("en").await;
    browser.get("/en/receipt-check").await;
    let last = receipt[receipt.len() - 4..].to_owned();
    assert_eq!(browser.post("/en/receipt-check", &[("last", &last)]).await.location, "/en/files");
    let is_sent = |answer: &Answer| {
        answer.is_a_page_of("en");
        assert!(answer.text.contains("Your report was sent"), "{}", answer.text);
        assert!(answer.text.contains("href=\"/en/mine\"") && !answer.text.contains("is cleared"));
    };
    for page in ["check", "story", "region", "identity"] {
        is_sent(&browser.get(&format!("/en/{page}")).await);
    }
    is_sent(&browser.post("/en/story", &[("story", "Once more")]).await);
    browser.once = "of an earlier visit".into();
    is_sent(&browser.send("/en/send", &[]).await);
    let late = browser.send("/en/mine/add", &[("message", "They dig again")]).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(late.text.contains("This page is out of date") && late.text.contains("href=\"/en/mine\""));
    assert!(dossier(&site).unwrap().case.additions.is_empty());
}

#[tokio::test]
async fn a_form_of_an_earlier_visit_does_not_say_that_the_draft_is_gone() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "en").await;
    browser.get("/en/place").await;
    browser.post("/en/place", &[("target", "the quarry")]).await;
    browser.get("/en/kind").await;
    let once = browser.once.clone();
    // The notice once more, in another tab: the answers go along.
    site.begin(&mut browser, "en").await;
    browser.once = once;
    let late = browser.send("/en/kind", &[("kind", "hazard")]).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(late.text.contains("This page is out of date") && !late.text.contains("is cleared"));
    assert!(browser.get("/en/place").await.text.contains("the quarry"));
}

#[tokio::test]
async fn a_deletion_that_waits_for_nobody_is_not_said_to_wait() {
    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    let body = device.body(&site);
    assert_eq!(device.send(&body).await.status, StatusCode::OK);
    let (mut browser, view) = device.come_back(&site).await;
    assert_eq!(view["deletion_waits"], json!(false));
    let delete = json!({ "once": view["once"], "text": "", "sealed": device.sealed(&site) });
    let gone = post(&mut browser, "/en/device/delete", &delete).await;
    let gone: Value = serde_json::from_str(&gone.text).unwrap();
    assert_eq!((&gone["deletion_waits"], &gone["status"]), (&json!(false), &json!("Withdrawn")));
}
