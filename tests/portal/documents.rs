//! Documents over the real server: each reporter has those of their own report, nobody else's, and none tells whether a
//! name was given.

use crate::{
    pdf_support::Pdf,
    portal_support::{Answer, Browser, PERSON, Site},
};
use axum::http::{Method, StatusCode, header};
use mifeng::{casework::Move, receipt::Receipt};

/// Names, numbers and accounts of the person of the published samples.
const NEEDLES: [&str; 5] = ["阿卜杜拉", "买买提", "11010519491231002X", "13800138000", "79927398713"];

#[tokio::test]
async fn a_reporter_downloads_what_was_decided_and_another_receipt_does_not() {
    let site = Site::new();
    let (mut browser, receipt) = report(&site, "zh", "sealed").await;
    // Nothing was decided yet, and there is nothing to have.
    assert!(!browser.get("/zh/mine").await.text.contains("/mine/documents/"));
    assert_eq!(browser.get("/zh/mine/documents/1").await.status, StatusCode::NOT_FOUND);
    accept(&site).await;
    site.notify_of_an_award().await;

    let page = browser.get("/zh/mine").await.text;
    for (id, title) in [("1", "举报受理告知书"), ("2", "举报奖励领取告知书")] {
        assert!(page.contains(&format!("<a href=\"/zh/mine/documents/{id}\">{title}</a>")), "{page}");
        let answer = browser.get(&format!("/zh/mine/documents/{id}")).await;
        is_a_document(&answer, title);
        holds_nothing_of_a_person(&answer, &receipt);
        let english = browser.get(&format!("/en/mine/documents/{id}")).await;
        assert_eq!(Pdf::read(&english.body).language(), "en");
    }
    let text = Pdf::read(&browser.get("/zh/mine/documents/2").await.body).text();
    assert!(text.contains("50,000.00") && text.contains("2027 年 1 月 22 日"), "{text}");

    // Somebody else's report; nobody's.
    let (mut other, _) = report(&site, "zh", "nameless").await;
    assert_eq!(other.get("/zh/mine/documents/1").await.status, StatusCode::NOT_FOUND);
    let stranger = Browser::new(&site).get("/zh/mine/documents/1").await;
    assert!(stranger.status != StatusCode::OK && !stranger.body.starts_with(b"%PDF"), "{stranger:?}");
    for id in ["0", "3", "01", "+1", "acceptance-1", "award-1", "../documents.toml", "1.pdf"] {
        let answer = browser.get(&format!("/zh/mine/documents/{id}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
    }
}

/// Byte for byte: the same matter, decided the same way, once with a name and once without.
#[tokio::test]
async fn no_document_tells_whether_a_name_was_given() {
    let mut printed = Vec::new();
    for name in ["sealed", "nameless"] {
        let site = Site::new();
        let (mut browser, _) = report(&site, "zh", name).await;
        accept(&site).await;
        site.notify_of_an_award().await;
        let ids = ["1", "2"];
        let mut all = Vec::new();
        for id in ids {
            let answer = browser.get(&format!("/zh/mine/documents/{id}")).await;
            is_a_document(&answer, "");
            all.push(answer.body);
        }
        printed.push(all);
    }
    assert!(printed[0] == printed[1]);
}

#[tokio::test]
async fn nothing_of_a_document_is_written_or_may_be_kept() {
    let site = Site::new();
    let (mut browser, _) = report(&site, "zh", "nameless").await;
    accept(&site).await;
    let answer = browser.get("/zh/mine/documents/1").await;
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    is_a_document(&answer, "");
    let on_disk = files(site.folder.path());
    assert!(on_disk.len() > 2);
    for bytes in on_disk {
        assert!(!bytes.windows(5).any(|window| window == b"%PDF-"));
    }
}

#[tokio::test]
async fn the_device_is_told_where_they_are() {
    let site = Site::new();
    let (mut browser, _) = report(&site, "en", "nameless").await;
    accept(&site).await;
    let view = browser.device(Method::POST, "/en/device/look", "{}").await;
    let view: serde_json::Value = serde_json::from_str(&view.text).unwrap();
    let document = &view["documents"][0];
    assert_eq!(document["id"], "1");
    assert_eq!(document["pdf"], "/en/mine/documents/1", "no history of a browser tells of what kind it is");
    assert_eq!(document["title"], "Notice of acceptance");
    assert_eq!(document["day"], "23 November 2026");
    let answer = browser.get(document["pdf"].as_str().unwrap()).await;
    is_a_document(&answer, "Notice of acceptance");
}

/// Signed in, with the receipt put away.
async fn report(site: &Site, lang: &str, name: &str) -> (Browser, Receipt) {
    let mut browser = Browser::new(site);
    site.to_check(&mut browser, lang, name).await;
    if name == "sealed" {
        browser.get(&format!("/{lang}/identity")).await;
        browser.post(&format!("/{lang}/identity"), &PERSON).await;
    }
    let receipt = site.send(&mut browser, lang).await;
    (browser, receipt)
}

async fn accept(site: &Site) {
    site.clerk_does(Move::Accept { reason: "r".into(), told: "我们会派人到现场核查。".into() }).await;
}

fn is_a_document(answer: &Answer, title: &str) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/pdf");
    let saved = answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(saved.starts_with("attachment; filename=\"document-"), "{saved}");
    assert!(Pdf::read(&answer.body).info("Title").contains(title));
}

fn holds_nothing_of_a_person(answer: &Answer, receipt: &Receipt) {
    let pdf = Pdf::read(&answer.body);
    let plain: String = pdf.everything().chars().filter(|c| !c.is_whitespace()).collect();
    for needle in NEEDLES {
        assert!(!plain.contains(needle), "{needle}");
    }
    let digits: String = receipt.groups().iter().map(|group| group.as_str()).collect();
    assert!(!plain.contains(&digits));
    // Nor any other: sought in words, since numbers of a drawing can look like one.
    assert!(!Receipt::is_in(&pdf.text()) && !Receipt::is_in(&pdf.read_aloud()));
}

/// What all files below a folder hold.
fn files(folder: &std::path::Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)),
            path => found.extend(std::fs::read(path)),
        }
    }
    found
}
