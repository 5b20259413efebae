//! Newcomers while the server is under pressure.

use super::{
    CROWDED, few, minted,
    portal_support::{Browser, Site},
    typed,
};
use axum::http::StatusCode;

#[tokio::test]
async fn under_pressure_a_newcomer_s_place_is_kept_and_the_page_goes_on_by_itself() {
    let site = Site::under_pressure();
    for lang in ["zh", "en"] {
        let mut browser = Browser::new(&site);
        let later = browser.send(&format!("/{lang}/agree"), &[]).await;
        assert_eq!(later.status, StatusCode::SEE_OTHER);
        assert!(!later.headers.contains_key("set-cookie"), "nobody is known who waits");
        let at = later.location;
        let place = at.strip_prefix(&format!("/{lang}/wait?place=")).unwrap().to_owned();

        let page = browser.get(&at).await;
        page.is_a_page_of(lang);
        assert_eq!(page.headers["refresh"], format!("11; url={at}"));
        assert!(page.text.contains("12350") && page.text.contains("10 "), "{}", page.text);
        let csp = page.headers["content-security-policy"].to_str().unwrap();
        assert!(csp.contains("script-src 'self'") && page.text.contains("reporter-wait-"), "{csp}");
        let still = browser.get(&format!("{at}&still=1")).await;
        still.is_a_page_of(lang);
        assert!(!still.headers.contains_key("refresh") && !still.text.contains("<script"));

        let agree = format!("/{lang}/agree");
        assert_eq!(browser.send(&agree, &[("place", &place)]).await.location, at, "not yet");
        site.clock.advance(10);
        let page = browser.get(&at).await;
        page.is_a_page_of(lang);
        assert!(!page.headers.contains_key("refresh") && !page.text.contains("<script"));
        assert!(page.text.contains(&format!("name=\"place\" value=\"{place}\"")));
        let entered = browser.send(&agree, &[("place", &place)]).await;
        assert_eq!(entered.location, format!("/{lang}/name"));
        assert!(minted(&entered).starts_with("visit="));

        let mut second = Browser::new(&site);
        assert_ne!(second.send(&agree, &[("place", &place)]).await.location, at, "good once");
        assert_eq!(second.get(&at).await.location, agree, "and then it leads back");
        // Who is inside is not asked again.
        assert_eq!(browser.send(&agree, &[]).await.location, format!("/{lang}/name"));
    }
}

#[tokio::test]
async fn whoever_waits_may_have_danger_to_report_and_whoever_is_inside_never_waits() {
    let site = Site::under_pressure();
    let mut browser = Browser::new(&site);
    let place = browser.send("/en/agree", &[]).await.location;
    let place = place.split_once("place=").unwrap().1.to_owned();
    site.clock.advance(10);
    browser.send("/en/agree", &[("place", &place)]).await;
    // It is a report of present danger, and not one question of it is held back.
    site.answer(&mut browser, "en", "nameless").await;
    let receipt = typed(&site.send(&mut browser, "en").await);
    let mut again = Browser::new(&site);
    assert_eq!(again.send("/en/mine", &[("receipt", &receipt)]).await.location, "/en/mine");

    // A place is for a report or a receipt; a wrong one gets none.
    let wrong = Browser::new(&site).send("/en/mine", &[("receipt", "1234")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!wrong.headers.contains_key("set-cookie"));
    let calm = Browser::new(&Site::new()).send("/en/mine", &[("receipt", "1234")]).await;
    assert!(calm.headers.contains_key("set-cookie"), "where there is no pressure, slips are counted");
}

#[tokio::test]
async fn whoever_comes_in_a_crowded_second_reads_so_and_keeps_the_place() {
    let site = Site::under_pressure();
    let mut places = Vec::new();
    for _ in 0..11 {
        let at = Browser::new(&site).send("/en/agree", &[]).await.location;
        places.push(at.split_once("place=").unwrap().1.to_owned());
    }
    site.clock.advance(60);
    let mut last = Browser::new(&site);
    for (n, place) in places.iter().enumerate() {
        last = Browser::new(&site);
        let answer = last.send("/en/agree", &[("place", place)]).await;
        assert_eq!(answer.location == "/en/name", n < 10, "{n}: {}", answer.location);
        if n == 10 {
            let page = last.get(&answer.location).await;
            page.is_a_page_of("en");
            assert!(page.text.contains("you were not let in yet"), "{}", page.text);
        }
    }
    site.clock.advance(1);
    assert_eq!(last.send("/en/agree", &[("place", &places[10])]).await.location, "/en/name");
}

#[tokio::test]
async fn no_place_inside_leaves_the_place_in_line() {
    let site = Site::with_pressure(few(0, 1));
    let mut browser = Browser::new(&site);
    let at = browser.send("/en/agree", &[]).await.location;
    let place = at.split_once("place=").unwrap().1.to_owned();
    site.clock.advance(10);
    for _ in 0..2 {
        let full = browser.send("/en/agree", &[("place", &place)]).await;
        assert_eq!(full.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(full.text.contains(CROWDED));
    }
    assert_eq!(browser.get(&at).await.status, StatusCode::OK, "it is still good");
}
