//! Letters of a case as its staff have them: over the pages, marked, and on record.

use crate::{
    console_support::{
        Desk,
        acts::{TOLD, made},
    },
    pdf_support::Pdf,
};
use axum::http::StatusCode;
use mifeng::store::Cases;

#[tokio::test]
async fn staff_read_the_letter_their_reporter_has_as_a_marked_copy_that_is_on_record() {
    let desk = Desk::new();
    let (number, other) = (desk.submit(1, false), desk.submit(2, false));
    let (page, path) = (format!("/zh/cases/{number}"), format!("/zh/cases/{number}/documents/acceptance-1"));
    let mut clerk = desk.sign_in("clerk").await;
    assert!(!clerk.get(&page).await.text.contains("/documents/"), "nothing was decided yet");
    assert_eq!(clerk.get(&path).await.status, StatusCode::NOT_FOUND);
    made(&mut clerk, number, "accept", &[("told", TOLD), ("reason", "属于受理范围，事项清楚。")]).await;

    let shown = clerk.get(&page).await.text;
    assert!(shown.contains(&format!("href=\"{path}\"")) && shown.contains("举报受理告知书"), "{shown}");
    let pdf = Pdf::read(&clerk.get_bytes(&path).await);
    let text = pdf.text();
    assert!(text.contains(TOLD) && text.contains("clerk · "), "{text}");
    assert!(!text.contains("属于受理范围，事项清楚"), "what is for the file stays there: {text}");
    let readings = desk.store.trail(&|_, entry| entry.what == "document", 50).unwrap();
    let readings: Vec<_> = readings.into_iter().map(|(_, entry)| (entry.by.0, entry.case)).collect();
    assert!(readings.contains(&("clerk".to_owned(), Some(number))), "{readings:?}");

    // Of another case, of none, and of another kind.
    for path in [
        format!("/zh/cases/{other}/documents/acceptance-1"),
        "/zh/cases/2026-999999/documents/acceptance-1".to_owned(),
        format!("/zh/cases/{number}/documents/award-1"),
        format!("/zh/cases/{number}/documents/acceptance-2"),
    ] {
        assert_eq!(clerk.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // An investigator whose case it is not.
    let mut stranger = desk.sign_in("inv2").await;
    let answer = stranger.get(&path).await;
    assert!(answer.status != StatusCode::OK && !answer.text.starts_with("%PDF"), "{}", answer.text);
}
