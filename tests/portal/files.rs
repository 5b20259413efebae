//! Files sent without script: sealed one by one, shown as cleaned copies, removed by their own reporter.

use crate::portal_support::{self, Browser, Site};
use axum::http::StatusCode;

#[tokio::test]
async fn files_are_sealed_one_by_one_and_pictures_get_a_cleaned_copy() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    let png = portal_support::png();
    browser.get("/en/files").await;
    let answer = browser.upload("/en/files", "现场.png", &png, true).await;
    assert_eq!(answer.location, "/en/files");
    let page = browser.get("/en/files").await;
    assert!(page.text.contains("File 1") && page.text.contains("can see a copy"), "{}", page.text);
    let answer = browser.upload("/en/files", "现场.png", &png, false).await;
    assert_eq!(answer.location, "/en/files");
    assert!(browser.get("/en/files").await.text.contains("no copy"));

    for (bytes, sentence) in [
        (&b""[..], "Choose a file first"),
        (b"MZ\x90\0\x03 a program, whatever its name", "cannot take this type"),
        (&png[..png.len() / 2], "cannot be opened"),
    ] {
        browser.get("/en/files").await;
        let refused = browser.upload("/en/files", "a.png", bytes, true).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
        assert!(refused.text.contains(sentence), "{sentence}: {}", refused.text);
        assert!(refused.text.contains("File 2"), "earlier files are safe");
        refused.is_a_page_of("en");
    }
    browser.get("/en/files").await;
    let once = browser.once.clone();
    let cut = browser.upload_cut("/en/files", &png).await;
    assert!(cut.text.contains("did not arrive whole"), "{}", cut.text);
    browser.once = once;
    let again = browser.upload("/en/files", "a.png", &png, true).await;
    assert_eq!(again.location, "/en/files", "the same page sends again");
    assert!(browser.get("/en/files").await.text.contains("File 3"));
    let told = browser.upload_announcing("/en/files", 1 << 40).await;
    assert!(told.text.contains("too large"), "{}", told.text);
}

#[tokio::test]
async fn a_file_is_removed_after_one_question_and_only_by_its_own_reporter() {
    let site = Site::new();
    let png = portal_support::png();
    let mut browser = Browser::new(&site);
    let mut other = Browser::new(&site);
    for who in [&mut browser, &mut other] {
        site.to_check(who, "en", "nameless").await;
        site.send(who, "en").await;
        for _ in 0..2 {
            who.get("/en/files").await;
            who.upload("/en/files", "a.png", &png, true).await;
        }
    }
    let page = browser.get("/en/files").await;
    let addresses: Vec<&str> =
        page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let links: Vec<_> =
        addresses.into_iter().filter(|address| address.contains("/files/remove?file=")).collect();
    assert_eq!(links.len(), 2);
    let file = |link: &str| link.split("file=").nth(1).unwrap().to_owned();

    // Somebody else's file does not even get the question, nor an answer to it.
    assert_eq!(other.get(links[0]).await.location, "/en/files");
    other.get("/en/files").await;
    other.post("/en/files/remove", &[("file", &file(links[0]))]).await;
    assert!(other.get("/en/files").await.text.contains("no longer part"));
    assert!(browser.get("/en/files").await.text.contains("File 2"));

    let asked = browser.get(links[0]).await;
    asked.is_a_page_of("en");
    assert!(asked.text.contains("Remove file 1 from your report?"), "{}", asked.text);
    let once = browser.once.clone();
    let done = browser.post("/en/files/remove", &[("file", &file(links[0]))]).await;
    assert_eq!(done.location, "/en/files");
    let page = browser.get("/en/files").await;
    assert!(page.text.contains("The file is removed") && !page.text.contains("File 2"), "{}", page.text);
    assert!(page.text.contains(links[1]), "the other one stays");
    // The button pressed twice removes nothing more.
    browser.once = once;
    browser.post("/en/files/remove", &[("file", &file(links[1]))]).await;
    assert!(browser.get("/en/files").await.text.contains(links[1]));
    assert!(browser.get("/en/mine").await.text.contains("You removed a file"));

    browser.get("/en/mine/withdraw").await;
    browser.post("/en/mine/withdraw", &[]).await;
    let page = browser.get("/en/files").await;
    assert!(!page.text.contains("/files/remove"), "what is closed stays as it is");
    assert!(page.text.contains("no files can be added"), "and says so: {}", page.text);
    assert!(!page.text.contains("files already"), "one file is not nine: {}", page.text);
    let late = browser.post("/en/files/remove", &[("file", &file(links[1]))]).await;
    assert_eq!(late.location, "/en/files");
    assert!(browser.get("/en/files").await.text.contains("was not removed"));
}

#[tokio::test]
async fn a_large_file_is_taken_whole_and_one_over_the_limit_is_named() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    let pdf = |bytes: usize| [b"%PDF-1.7\n".as_slice(), &vec![b' '; bytes]].concat();
    browser.get("/en/files").await;
    assert_eq!(browser.upload("/en/files", "a.pdf", &pdf(5 << 20), true).await.location, "/en/files");
    assert!(browser.get("/en/files").await.text.contains("1 to 10 MB"));
    let png = [portal_support::png(), vec![0; 21 << 20]].concat();
    let refused = browser.upload("/en/files", "a.png", &png, true).await;
    assert!(refused.text.contains("The limit is 20 MB"), "{}", refused.text);
}
