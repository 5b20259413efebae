//! The way to a payment, and who sees which page of it.

use super::{CANARY, House, Officer, PASSWORD};
use axum::http::StatusCode;
use mifeng::{
    award::{
        release::ReleasePackage,
        summary::{ReporterView, StaffView},
    },
    cli::{office, pins::State},
    log::Event,
};

#[tokio::test]
async fn a_claim_becomes_a_payment_that_two_officers_stand_for() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    let mut wang = house.officer("wang").await;
    let number = house.case.to_string();

    let list = li.get("/en/").await;
    assert!(list.text.contains("Claimed, to be released: 1") && list.text.contains(&number));
    assert!(list.text.contains("2027-01-22") && list.text.contains("CN¥50,000.00"));
    let page = li.get(&house.at("")).await;
    assert!(page.text.contains("CN¥50,000.00") && page.text.contains("There is no name here"));

    house.released(&mut li).await;
    let history = house.publisher.history(&house.c.audit).unwrap();
    assert_eq!(history.openings().len(), 1, "the release stands in the log");

    let first = li.get(&house.at("/package")).await;
    assert_eq!(first.headers["content-type"], "application/json");
    assert!(wang.get(&house.at("/package")).await.text == first.text, "the same, byte for byte");

    // The office's own machine, offline.
    let package: ReleasePackage = serde_json::from_str(&first.text).unwrap();
    let set = house.folder.path().join("set.json");
    std::fs::write(&set, serde_json::to_string(&house.c.untrusted_set).unwrap()).unwrap();
    let pin = house.c.untrusted_set.fingerprint();
    let machine = State::pin(&house.folder.path().join("office"), &set, &pin, None).unwrap();
    let ready = office::check(&package, &machine, house.c.today).unwrap();
    let opened = ready.open(&package.envelopes, &house.c.office_key).unwrap();
    assert_eq!(opened.person.as_ref().unwrap().name(), CANARY);

    let done = house.act(&mut li, "outcome", &[("outcome", "verified")]).await;
    assert_eq!(done.location, house.at("?done=outcome"), "{}", done.text);
    assert_eq!(li.get(&house.at("/package")).await.status, StatusCode::CONFLICT);
    let paid = house.act(&mut li, "pay", &[("voucher", "V-2026-7")]).await;
    assert_eq!(paid.location, house.at("?done=pay"));
    assert_eq!(house.award().for_staff(), StaffView::WithRewardOffice);

    let own = house.act(&mut li, "confirm", &[]).await;
    assert_eq!(own.status, StatusCode::CONFLICT, "nobody confirms what they recorded");
    assert!(li.get(&house.at("")).await.text.contains("Another reward officer must confirm"));
    let confirmed = house.act(&mut wang, "confirm", &[]).await;
    assert_eq!(confirmed.location, house.at("?done=confirm"), "{}", confirmed.text);
    assert_eq!(house.award().for_reporter(), ReporterView::Paid);
    assert!(wang.get("/en/ended").await.text.contains(&number));
    let events: Vec<_> = house
        .publisher
        .history(&house.c.audit)
        .unwrap()
        .found()
        .iter()
        .map(|f| f.leaf.as_ref().unwrap().event)
        .collect();
    assert_eq!(events, [Event::Received, Event::Release, Event::Verified, Event::Paid]);
}

/// What the office must do, by its last day, and a kind word where that is nothing.
#[tokio::test]
async fn a_reward_officer_finds_what_waits_and_that_nothing_does() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    let page = li.get("/en/").await.text;
    assert!(
        page.contains(&house.c.today.to_string()) && page.contains("Claimed, to be released: 1"),
        "{page}"
    );
    assert!(!page.contains("Nothing is waiting for you"), "{page}");
    house.released(&mut li).await;
    assert!(li.get("/en/").await.text.contains("Shares complete, to be opened and checked: 1"));
    let mut wang = house.officer("wang").await;
    house.act(&mut li, "outcome", &[("outcome", "unreadable")]).await;
    assert!(wang.get("/en/").await.text.contains("To be confirmed by a second person: 1"));
    house.act(&mut wang, "confirm", &[]).await;
    let page = wang.get("/en/").await.text;
    assert!(page.contains("Nothing is waiting for you"), "{page}");
}

#[tokio::test]
async fn who_is_not_a_reward_officer_sees_nothing_here() {
    let house = House::new().await;
    let mut nobody = Officer {
        router: house.router.clone(),
        cookie: String::new(),
        once: String::new(),
        version: String::new(),
    };
    assert_eq!(nobody.get("/en/").await.location, "/en/sign-in");
    assert_eq!(nobody.get(&house.at("/package")).await.location, "/en/sign-in");
    let mut trustee = house.officer("trustee1").await;
    for path in ["/en/".to_owned(), house.at(""), house.at("/release"), house.at("/package")] {
        assert_eq!(trustee.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(house.release(&mut trustee).await.status, StatusCode::FORBIDDEN);
    let mut li = house.officer("li").await;
    li.get(&house.at("/release")).await;
    li.once = "0".repeat(32);
    let fields = [("reason", "举报人已经申领，请求开启"), ("typed-number", "x"), ("password", PASSWORD)];
    assert_eq!(li.post(&house.at("/release"), &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(li.get("/en/awards/2026-999999").await.status, StatusCode::NOT_FOUND);
    assert_eq!(li.get(&house.at("/no-such-act")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_page_is_there_in_both_languages_without_script() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    house.released(&mut li).await;
    for lang in ["zh", "en"] {
        for path in ["/", "/ended", "/sign-in", &format!("/awards/{}", house.case)] {
            let answer = li.get(&format!("/{lang}{path}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            let tag = if lang == "zh" { "zh-Hans" } else { "en" };
            assert!(answer.text.contains(&format!("<html lang=\"{tag}\">")));
            assert_eq!(answer.text.matches("<h1").count(), 1, "{path}");
            for bad in ["<script", " style=", " onclick", "http://", "https://", "<img"] {
                assert!(!answer.text.contains(bad), "{bad} in {path}");
            }
            let csp = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(csp.contains("default-src 'none'") && csp.contains("base-uri 'none'"));
            assert_eq!(answer.headers["cache-control"], "no-store");
        }
    }
}

/// The officer's browser opens; this page gives it the script and nobody to talk to.
#[tokio::test]
async fn the_page_that_opens_runs_our_script_alone_and_connects_nowhere() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    for lang in ["zh", "en"] {
        let answer = li.get(&format!("/{lang}/open")).await;
        assert_eq!(answer.status, StatusCode::OK);
        let csp = answer.headers["content-security-policy"].to_str().unwrap();
        for part in ["default-src 'none'", "script-src 'self'", "connect-src 'none'", "trusted-types 'none'"]
        {
            assert!(csp.contains(part), "{part} in {csp}");
        }
        assert_eq!(answer.text.matches("<script").count(), 1);
        assert!(answer.text.contains("integrity=\"sha384-") && answer.text.contains("<noscript>"));
        let (shown, steps) = answer.text.split_once("<template").unwrap();
        assert!(!shown.split_once("<main").unwrap().1.contains("<input"), "{shown}");
        assert!(!steps.contains(" name=\"key"), "a key has no field that a form could send");
    }
}
