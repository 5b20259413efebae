//! Pages that are there for everybody, in both languages, and the answers to forms that are not ours.

use crate::{
    LANGS,
    portal_support::{Browser, Site},
};
use axum::http::StatusCode;

#[tokio::test]
async fn pages_that_hold_nothing_are_there_in_both_languages() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    for lang in LANGS {
        for page in ["start", "before", "agree", "help", "kept", "mine", "elsewhere/railway"] {
            let answer = browser.get(&format!("/{lang}/{page}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{lang}/{page}");
            answer.is_a_page_of(lang);
        }
    }
    assert_eq!(browser.get("/").await.location, "/zh/start");
    assert_eq!(browser.get("/en/").await.location, "/en/start");
}

#[tokio::test]
async fn what_is_kept_is_said_with_the_months_of_the_policy() {
    let site = Site::new();
    let kept = &site.policy.retention;
    let months =
        [kept.open_case, kept.closed, kept.not_accepted, kept.withdrawn, kept.award, kept.staff_record];
    for (lang, unit, words) in [
        ("zh", " 个月", ["旧备份里的也一样", "更正", "删除", "公开的记录"]),
        ("en", " months", ["not in old backups either", "To correct it", "To delete it", "public log"]),
    ] {
        let page = Browser::new(&site).get(&format!("/{lang}/kept")).await.text;
        for months in months {
            assert!(page.contains(&format!("{}{unit}", months.count())), "{lang}: {}", months.count());
        }
        for words in words {
            assert!(page.contains(words), "{words}: {page}");
        }
    }
}

#[tokio::test]
async fn the_notice_says_everything_the_service_must_say() {
    let site = Site::new();
    let start = Browser::new(&site).get("/zh/agree").await.text;
    let intake = &site.policy.intake;
    let said = intake.industries.iter().map(|i| &i.name);
    let said = said.chain(intake.out_of_scope.iter().map(|s| &s.name));
    let said = said.chain(intake.not_accepted.iter().map(|g| &g.text));
    let said = said.chain(&intake.notice.scope).chain(&intake.notice.rights);
    for text in said.chain(&intake.notice.duties).chain(&intake.notice.anonymous) {
        assert!(start.contains(&text.zh), "{}", text.zh);
    }
    assert_eq!((intake.industries.len(), intake.out_of_scope.len(), intake.not_accepted.len()), (16, 10, 4));
}

#[tokio::test]
async fn each_sector_outside_the_scope_leads_to_its_department() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "en").await;
    for sector in &site.policy.intake.out_of_scope {
        browser.get("/en/industry").await;
        let to = browser.post("/en/industry", &[("industry", sector.code.as_str())]).await.location;
        assert_eq!(to, format!("/en/elsewhere/{}", sector.code));
        let page = browser.get(&to).await;
        assert!(page.text.contains(&sector.department.en), "{}", sector.code);
    }
}

#[tokio::test]
async fn a_region_is_found_by_name_and_by_walking_down_the_list() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    browser.get("/zh/region").await;
    assert_eq!(browser.post("/zh/region", &[("query", "历下"), ("find", "1")]).await.location, "/zh/region");
    assert!(browser.get("/zh/region").await.text.contains("山东省 济南市 历下区"));
    assert!(browser.get("/zh/region?in=370000").await.text.contains("济南市"));
    let county = browser.get("/zh/region?in=370100").await;
    assert!(county.text.contains("value=\"370102\""));
    browser.post("/zh/name", &[("name", "nameless")]).await;
    assert_eq!(browser.post("/zh/region", &[("region", "370102")]).await.location, "/zh/kind");
}

#[tokio::test]
async fn forms_that_cannot_be_read_are_answered_with_our_own_page() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    let form = "application/x-www-form-urlencoded";
    let big = vec![b'a'; 300 * 1024];
    for (body, kind, status) in [
        (&b"story=%FF%FE"[..], form, StatusCode::BAD_REQUEST),
        (&big, form, StatusCode::PAYLOAD_TOO_LARGE),
        (b"{}", "application/json", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let answer = browser.raw("/zh/story", kind, body, "text/html").await;
        assert_eq!(answer.status, status);
        answer.is_a_page_of("zh");
        let answer = browser.raw("/zh/story", kind, body, "application/json").await;
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(answer.text.contains(&format!("\"status\":{}", status.as_u16())));
    }
    browser.get("/zh/nowhere").await.is_a_page_of("zh");
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    browser.once = "not ours".into();
    assert_eq!(browser.send("/zh/name", &[("name", "nameless")]).await.status, StatusCode::GONE);
    assert!(!browser.get("/zh/name").await.text.contains("checked"));
}
