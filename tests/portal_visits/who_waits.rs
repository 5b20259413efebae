//! Newcomers while the server is under pressure.

use super::{
    CROWDED, few, minted,
    portal_support::{Browser, Site},
    typed,
};
use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
};
use http_body_util::channel::Channel;
use std::convert::Infallible;
use tower::ServiceExt;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_requests_at_once_with_the_cookie_of_one_who_is_inside_bring_nobody_else_in() {
    let site = Site::under_pressure();
    let mut inside = Browser::new(&site);
    let at = inside.send("/en/agree", &[]).await.location;
    site.clock.advance(10);
    inside.send("/en/agree", &[("place", at.split_once("place=").unwrap().1)]).await;
    inside.get("/en/place").await;
    inside.post("/en/place", &[("target", "my mine")]).await;

    // All have shown the cookie, and none has come with the whole of its form.
    let mut coming = Vec::new();
    for _ in 0..16 {
        let (mut form, body) = Channel::<Bytes, Infallible>::new(1);
        let request = Request::post("/en/agree")
            .header(header::COOKIE, &inside.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = site.router.clone().oneshot(request.body(Body::new(body)).unwrap());
        let answer = tokio::spawn(answer);
        for piece in ["a=", "b", "&c=d"] {
            form.send_data(Bytes::from_static(piece.as_bytes())).await.unwrap();
        }
        coming.push((form, answer));
    }
    let (forms, answers): (Vec<_>, Vec<_>) = coming.into_iter().unzip();
    drop(forms);
    let mut open = 0;
    for answer in answers {
        let answer = answer.await.unwrap().unwrap();
        let Some(cookie) = answer.headers().get(header::SET_COOKIE) else { continue };
        let mut begun = Browser::new(&site);
        begun.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        let page = begun.get("/en/place").await;
        open += usize::from(page.status == StatusCode::OK);
        assert!(page.status == StatusCode::GONE || page.text.contains("my mine"));
    }
    assert_eq!(open, 1, "the one who was inside, with what was typed");
    assert_eq!(site.portal.drafts().0, 1);
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
