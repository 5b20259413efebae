//! A release: asked for with reason, number and password, open once at a time, refused or ended by two.

use super::{House, Officer, PASSWORD, account};
use axum::http::StatusCode;
use mifeng::{
    award::{
        record::{AwardState, Ground, Step},
        release::{Quorum, ReleasePackage},
        summary::ReporterView,
    },
    casework::Role,
    evidence::FilesRefused,
    lapse,
    store::{Refused, Released, Rewards, Staff},
};

#[tokio::test]
async fn a_release_needs_reason_number_and_password_and_its_page_says_what_follows() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    let page = li.get(&house.at("/release")).await;
    for expected in ["CN¥50,000.00", "This cannot be undone", "qian", "sun", "public log"] {
        assert!(page.text.contains(expected), "{expected}");
    }
    let number = house.case.to_string();
    for (reason, typed, password) in [
        ("太短", number.as_str(), PASSWORD),
        ("举报人已经申领，请求开启", "2026-999999", PASSWORD),
        ("举报人已经申领，请求开启", number.as_str(), "wrong"),
    ] {
        let fields = [("reason", reason), ("typed-number", typed), ("password", password)];
        let answer = li.post(&house.at("/release"), &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("error-summary") && answer.text.contains(reason), "typed text is kept");
        assert!(!answer.text.contains("value=\"wrong\""));
    }
    assert!(matches!(house.award().state(), AwardState::Claimed));
}

/// The package holds every envelope of the report: it goes to the person at the desk, not to an open window.
#[tokio::test]
async fn the_package_waits_for_a_fresh_proof() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    house.released(&mut li).await;
    assert!(li.get(&house.at("/package")).await.text.starts_with('{'));
    house.clock.advance(11 * 60);
    let question = li.get(&house.at("/package")).await;
    assert!(question.text.contains("Show that it is you"), "{}", question.text);
    assert!(!question.text.contains("envelopes"), "{}", question.text);
}

/// Finding of a review: the second officer's old page must not confirm what it never showed.
#[tokio::test]
async fn an_officer_decides_on_what_the_page_showed_or_not_at_all() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    let mut wang = house.officer("wang").await;
    house.released(&mut li).await;
    house.act(&mut li, "outcome", &[("outcome", "unreadable")]).await;
    wang.get(&house.at("/confirm")).await;
    house.act(&mut li, "send-back", &[]).await;
    house.act(&mut li, "outcome", &[("outcome", "unreadable")]).await;
    let number = house.case.to_string();
    let fields = [("typed-number", number.as_str()), ("password", PASSWORD)];
    assert_eq!(wang.post(&house.at("/confirm"), &fields).await.status, StatusCode::CONFLICT);
    assert!(matches!(house.award().state(), AwardState::ToConfirm { .. }));
    assert_eq!(house.act(&mut wang, "confirm", &[]).await.location, house.at("?done=confirm"));
    // The shares have done their work and are gone.
    assert!(house.award().release().unwrap().deposits.is_empty());
}

#[tokio::test]
async fn a_release_is_open_once_at_a_time_and_can_be_asked_for_anew_when_it_ended() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    assert_eq!(house.release(&mut li).await.location, house.at("?done=release"));
    assert_eq!(house.release(&mut li).await.status, StatusCode::CONFLICT);
    assert_eq!(li.get(&house.at("/package")).await.status, StatusCode::CONFLICT);
    house.give_share(1).await.unwrap();

    let expires = house.award().release().unwrap().terms.expires;
    house.clock.set(expires.tomorrow().unwrap());
    let mut li = house.officer("li").await;
    assert_eq!(house.release(&mut li).await.location, house.at("?done=release"));
    assert_eq!(house.award().release().unwrap().deposits, [], "earlier shares are void");
    assert_eq!(house.publisher.history(&house.c.audit).unwrap().openings().len(), 2);
}

/// Roles change; what somebody did in a case stays.
#[tokio::test]
async fn whoever_approved_the_award_or_gave_a_share_for_it_opens_and_settles_nothing() {
    let house = House::new().await;
    let hire = async |name: &str| {
        house.store.put_account(account(name, Role::RewardOfficer)).await.unwrap();
        house.officer(name).await
    };
    let (mut li, mut qian) = (house.officer("li").await, hire("qian").await);
    let refuses = async |officer: &mut Officer, act: &str| {
        // With a form of another page.
        officer.get("/en/").await;
        let answer = officer.post(&house.at(act), &[("outcome", "verified")]).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.text.contains("Somebody else must do this"), "{}", answer.text);
    };
    refuses(&mut qian, "/release").await;
    assert!(matches!(house.award().state(), AwardState::Claimed));

    assert_eq!(house.release(&mut li).await.location, house.at("?done=release"));
    let by_officer = house.give_share_as("li", 1).await;
    assert!(matches!(by_officer, Err(Refused::Files(FilesRefused::ActsApart { .. }))), "{by_officer:?}");
    house.give_share(1).await.unwrap();
    house.give_share(3).await.unwrap();
    for mut other in [qian, hire("trustee-3").await] {
        let package = li.get(&house.at("")).await.text.contains("/package");
        assert!(package, "there is one");
        let package = other.get(&house.at("/package")).await;
        assert_eq!(package.status, StatusCode::CONFLICT);
        assert!(package.text.contains("Somebody else must do this"), "{}", package.text);
        assert!(!other.get(&house.at("")).await.text.contains("/package"), "nor is it offered");
        refuses(&mut other, "/outcome").await;
    }
    assert!(matches!(house.award().state(), AwardState::Released));
    assert_eq!(li.get(&house.at("/package")).await.status, StatusCode::OK);
    let by: Vec<_> = house.award().history().iter().filter_map(|past| past.by.clone()).collect();
    assert!(by.iter().any(|by| by.0 == "trustee-3"), "a share names who handed it in: {by:?}");
}

/// With the shares in it the office's key alone opens a package, and only the tools look at its last day.
#[tokio::test]
async fn what_was_released_and_not_used_is_kept_no_day_longer_than_it_may_be_opened() {
    for lapses in [true, false] {
        let house = House::new().await;
        let mut li = house.officer("li").await;
        house.released(&mut li).await;
        let first = li.get(&house.at("/package")).await;
        assert_eq!(first.status, StatusCode::OK, "made and kept");
        let packages = || {
            let seen = house.store.check().unwrap();
            assert_eq!(seen.problems, Vec::<String>::new());
            seen.count("packages")
        };
        assert_eq!(packages(), 1);
        let expires = house.award().release().unwrap().terms.expires;
        house.clock.set(expires);
        assert_eq!(
            lapse::round(&*house.store, &*house.clock).await.unwrap(),
            0,
            "its last day is one of its days"
        );
        let mut li = house.officer("li").await;
        assert_eq!(li.get(&house.at("/package")).await.text, first.text);

        house.clock.set(expires.tomorrow().unwrap());
        let mut li = house.officer("li").await;
        assert_eq!(li.get(&house.at("/package")).await.status, StatusCode::CONFLICT);
        assert!(!li.get(&house.at("")).await.text.contains("/package"), "nor is it offered");
        if lapses {
            assert_eq!(lapse::round(&*house.store, &*house.clock).await.unwrap(), 1);
            assert!(house.award().release().unwrap().deposits.is_empty());
            assert!(
                matches!(house.award().state(), AwardState::Released),
                "what was found can still be recorded"
            );
            assert_eq!(packages(), 0);
            assert_eq!(lapse::round(&*house.store, &*house.clock).await.unwrap(), 0, "once");
        }
        assert_eq!(house.release(&mut li).await.location, house.at("?done=release"));
        assert_eq!(packages(), 0, "the first one is gone");
        let history = house.award().history().to_vec();
        assert_eq!(history.iter().filter(|past| past.step == Step::ReleaseExpired).count(), 1);
        house.give_share(1).await.unwrap();
        house.give_share(3).await.unwrap();
        let second = li.get(&house.at("/package")).await;
        assert!(second.status == StatusCode::OK && second.text != first.text);
        assert_eq!(packages(), 1, "the second one may be there");
    }
}

#[tokio::test]
async fn a_refusal_stands_after_a_second_officer_and_can_be_taken_up_again() {
    let house = House::new().await;
    let (mut li, mut wang) = (house.officer("li").await, house.officer("wang").await);
    house.released(&mut li).await;
    for bad in ["", "paid", "no-such-ground"] {
        let answer = house.act(&mut li, "outcome", &[("outcome", bad)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    assert_eq!(
        house.act(&mut li, "outcome", &[("outcome", "excluded-person")]).await.location,
        house.at("?done=outcome")
    );
    house.act(&mut wang, "send-back", &[]).await;
    assert!(matches!(house.award().state(), AwardState::Released));
    house.act(&mut li, "outcome", &[("outcome", "no-name")]).await;
    house.act(&mut wang, "confirm", &[]).await;
    let refused = ReporterView::NotPayable { ground: Some(Ground::NoName) };
    assert_eq!(house.award().for_reporter(), refused);
    let answer = house.act(&mut wang, "reopen", &[("reason", "举报人补充了姓名，重新办理")]).await;
    assert_eq!(answer.location, house.at("?done=reopen"), "{}", answer.text);
    assert!(matches!(house.award().state(), AwardState::Claimed));
}

#[tokio::test]
async fn a_release_that_expired_without_its_shares_can_be_ended_by_two_officers() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    assert_eq!(house.release(&mut li).await.location, house.at("?done=release"));
    house.give_share(1).await.unwrap();
    assert!(!li.get(&house.at("")).await.text.contains("Record the outcome"), "shares may still come");
    assert_eq!(
        house.act(&mut li, "outcome", &[("outcome", "unreleased")]).await.status,
        StatusCode::CONFLICT
    );

    let expires = house.award().release().unwrap().terms.expires;
    house.clock.set(expires.tomorrow().unwrap());
    let (mut li, mut wang) = (house.officer("li").await, house.officer("wang").await);
    let page = li.get(&house.at("/outcome")).await.text;
    assert_eq!(page.matches("type=\"radio\"").count(), 1, "nothing was opened: {page}");
    for bad in ["unreadable", "no-name", "verified"] {
        let answer = house.act(&mut li, "outcome", &[("outcome", bad)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    house.act(&mut li, "outcome", &[("outcome", "unreleased")]).await;
    assert!(wang.get(&house.at("/confirm")).await.text.contains("tools refuse their shares"));
    house.act(&mut wang, "send-back", &[]).await;
    assert!(matches!(house.award().state(), AwardState::ReleasePublished));
    house.act(&mut li, "outcome", &[("outcome", "unreleased")]).await;
    assert_eq!(house.act(&mut wang, "confirm", &[]).await.location, house.at("?done=confirm"));
    assert!(matches!(house.award().state(), AwardState::Unreadable) && house.award().is_ended());
}

/// The sealed parts in the package are the ones in the store, and only a quorum for this very release opens them.
#[tokio::test]
async fn the_package_carries_the_stored_envelopes_and_a_quorum() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    house.released(&mut li).await;
    let package: ReleasePackage = serde_json::from_str(&li.get(&house.at("/package")).await.text).unwrap();
    let stored = Rewards::envelopes(&*house.store, house.case, Released::Award(house.c.today)).unwrap();
    assert_eq!((&package.envelopes, &package.envelopes[0]), (&stored, &house.sealed[0].envelope));
    assert!(Quorum::gather(&package.terms, &house.c.set, &package.deposits, house.c.today).is_ok());
}
