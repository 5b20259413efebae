//! A refused award, objected to: on the pages in both languages, and from a device, with a choice and nothing written.

use crate::{
    LANGS,
    device_support::{CASE, Device, dossier, post},
    endings,
    portal_support::{Browser, Site},
};
use axum::http::StatusCode;
use mifeng::{
    award::record::{Ground, Objection},
    casework::State,
    clock::Clock,
    ids::{Instance, StaffId},
    log::{Event, Leaf},
    receipt::Receipt,
    recipients::{Approver, UntrustedRoster},
    signing::SigningKey,
    store::{Cases, Dossier, Place, Refused, Reports, Step},
};
use serde_json::{Value, json};

const DEVICE: &str = "/en/device/award-objection";

/// The first report's award is refused, and its case closed.
async fn refuse(site: &Site, receipt: &Receipt) {
    site.notify_of_an_award().await;
    let key = |n: u8| SigningKey::from_seed([n; 32]);
    let approvers = [("qian", 21), ("sun", 22)];
    let enrolled =
        approvers.map(|(id, n)| Approver { staff: StaffId(id.into()), verify: key(n).verify_key() });
    let roster = UntrustedRoster::signed(&Instance("test".into()), 1, enrolled.into(), &key(1));
    let roster = roster.trusted(&site.set).unwrap();
    let (set, claim_key, today) = (site.set.clone(), receipt.claim_key(), site.clock.today());
    let change = move |dossier: &mut Dossier, place: &Place| -> Result<Option<Leaf>, Refused> {
        let award = dossier.awards.last_mut().unwrap();
        let ground = Ground::NoName;
        let (ended, leaf) = endings::refused(award, place, &claim_key, &roster, &set, ground, today)?;
        *award = ended;
        Ok(Some(leaf))
    };
    let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
    Cases::change(&*site.store, CASE, step).await.unwrap();
    site.put(State::Closed).await;
}

fn objection(site: &Site) -> Option<Objection> {
    dossier(site).unwrap().award().unwrap().objection().map(|(_, objection)| objection)
}

#[tokio::test]
async fn the_page_without_script_offers_it_in_both_languages() {
    for lang in LANGS {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, lang, "nameless").await;
        let receipt = site.send(&mut browser, lang).await;
        refuse(&site, &receipt).await;
        let at = |path: &str| format!("/{lang}/mine{path}");
        let mine = browser.get(&at("")).await;
        mine.is_a_page_of(lang);
        assert!(mine.text.contains(&at("/award-objection")), "{}", mine.text);
        assert!(!mine.text.contains("write to us below") && !mine.text.contains("下面留言"));
        let form = browser.get(&at("/award-objection")).await;
        form.is_a_page_of(lang);
        let once = browser.once.clone();
        let chosen = [("award-objection", "ground-wrong")];
        assert_eq!(browser.post(&at("/award-objection"), &chosen).await.location, at(""));
        let mine = browser.get(&at("")).await;
        mine.is_a_page_of(lang);
        assert!(["所说的原因不对", "The reason is not right"].iter().any(|words| mine.text.contains(words)));
        // The way back to the page, pressed again; and with something else chosen on it.
        browser.once.clone_from(&once);
        browser.post(&at("/award-objection"), &chosen).await;
        let again = ["已经提过异议", "have objected to this decision already"];
        let says = |text: &str| again.iter().any(|words| text.contains(words));
        assert!(!says(&browser.get(&at("")).await.text), "that it arrived is no news");
        browser.once = once;
        browser.post(&at("/award-objection"), &[("award-objection", "will-come")]).await;
        assert!(says(&browser.get(&at("")).await.text));
        assert_eq!(objection(&site), Some(Objection::GroundWrong));
    }
}

#[tokio::test]
async fn a_device_objects_once_and_nothing_it_could_write_is_taken() {
    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    let body = device.body(&site);
    assert_eq!(device.send(&body).await.status, StatusCode::OK);
    assert_eq!(device.come_back(&site).await.1["can_object_award"], false);
    refuse(&site, &device.receipt).await;
    let (mut browser, view) = device.come_back(&site).await;
    assert_eq!((&view["can_object_award"], &view["can_add"]), (&json!(true), &json!(false)));
    let version = dossier(&site).unwrap().case.version;

    let body = |view: &Value, objection: &str| {
        let (once, sealed) = (&view["once"], device.sealed(&site));
        json!({ "once": once, "objection": objection, "sealed": sealed })
    };
    for written in ["my name is 张三", ""] {
        let refused = post(&mut browser, DEVICE, &body(&view, written)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
        assert!(!refused.text.contains("张三"), "{}", refused.text);
    }
    let mut more = body(&view, "not-reached");
    more["text"] = "张三".into();
    assert_eq!(post(&mut browser, DEVICE, &more).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(objection(&site), None);

    let said = body(&view, "not-reached");
    let answer = post(&mut browser, DEVICE, &said).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let next: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(next["can_object_award"], false);
    assert!(next["reward"].as_str().unwrap().contains("Nobody has reached me"), "{next}");
    assert_ne!(next["version"], view["version"], "the page notices");
    // Where to come and by when; and that nothing is to be said at the telephone.
    let come = "bring them to the reward office by 3 December 2026 and give the case number";
    let comes = |view: &Value| {
        view["next"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().contains(come))
    };
    assert!(comes(&next) && !comes(&view), "{next}");
    assert!(
        next["next"].to_string().contains("Call 12350")
            && next["next"].to_string().contains("do not give your name")
    );
    assert_eq!(post(&mut browser, DEVICE, &said).await.status, StatusCode::OK, "the very same again");
    let again = post(&mut browser, DEVICE, &body(&next, "will-come")).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("To each decision you can object once"), "{}", again.text);

    assert_eq!(objection(&site), Some(Objection::NotReached));
    assert_eq!(dossier(&site).unwrap().case.version, version);
    let found = Reports::find(&*site.store, &device.receipt.locator(), &device.receipt.auth());
    assert_eq!(found.unwrap().unwrap().sequence, 0, "no envelope is kept");
    let history = site.publisher.history(&device.receipt.audit_key()).unwrap();
    let events: Vec<_> = history.found().iter().map(|found| found.event).collect();
    assert_eq!(events, [Event::Received, Event::Release, Event::Objected], "its reporter can show it");
}
