//! The award, claimed without script: with the receipt once more, in time, and by nobody else.

use crate::portal_support::{self, Browser, Site, figures};
use axum::http::StatusCode;
use mifeng::{
    award::{
        decision::Refusal,
        record::{About, Award},
    },
    ids::{CaseNumber, Instance, StaffId},
    receipt::Receipt,
    store::{Cases, Dossier, Place, Reports, Step},
};

#[tokio::test]
async fn an_award_is_claimed_with_the_receipt_once_more_and_by_nobody_without_it() {
    for who in ["before", "now"] {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, "zh", "nameless").await;
        let receipt = site.send(&mut browser, "zh").await;
        let typed = receipt.groups().iter().map(|g| g.to_string()).collect::<String>();
        assert_eq!(browser.get("/zh/mine/claim").await.location, "/zh/mine", "there is nothing to claim yet");
        site.notify_of_an_award().await;
        let mine = browser.get("/zh/mine").await;
        assert!(
            mine.text
                .contains("可以领取奖金：50,000.00 元。申领的最后一天是 2027 年 1 月 22 日（当天也可以）"),
            "{}",
            mine.text
        );
        // One claim, and longer for it: not a second.
        let english = browser.get("/en/mine").await.text;
        let longer = "and can still be claimed until the last day of that notice";
        assert!(english.contains(longer), "{english}");
        let page = browser.get("/zh/mine/claim").await;
        page.is_a_page_of("zh");
        assert!(page.text.contains("金额：50,000.00 元") && page.text.contains("<details>"));

        let other =
            Receipt::draw(&mut rand::rng()).groups().iter().map(|g| g.to_string()).collect::<String>();
        let mut form = vec![("receipt", other.as_str()), ("who", who)];
        form.extend(portal_support::PERSON);
        let refused = browser.post("/zh/mine/claim", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains("和这件举报的回执码不一样") && refused.text.contains("13800138000"));
        assert_eq!(refused.headers["connection"], "close");
        assert_eq!(site.award(), "notified");

        form[0].1 = &typed;
        let claimed = browser.post("/zh/mine/claim", &form).await;
        assert!(claimed.text.contains("申领已经收到并保存"), "{}", claimed.text);
        assert_eq!(
            (claimed.headers["connection"].to_str().unwrap(), site.award().as_str()),
            ("close", "claimed")
        );
        assert_eq!(browser.post("/zh/mine/claim", &form).await.location, "/zh/mine", "once is enough");
        let found = Reports::find(&*site.store, &receipt.locator(), &receipt.auth()).unwrap().unwrap();
        assert_eq!(found.sequence, 1, "named or not, a claim carries one envelope");
    }
}

#[tokio::test]
async fn a_claim_after_the_last_day_is_refused_in_words() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    let receipt = site.send(&mut browser, "en").await;
    site.notify_of_an_award().await;
    browser.get("/en/mine/claim").await;
    site.clock.set(jiff::civil::date(2027, 1, 23));
    let typed = receipt.groups().iter().map(|g| g.to_string()).collect::<String>();
    let late = browser.post("/en/mine/claim", &[("receipt", &typed), ("who", "before")]).await;
    assert_eq!(late.location, "/en/mine");
    assert!(browser.get("/en/mine").await.text.contains("This is not possible now"));
    assert_eq!(site.award(), "notified");
}

/// By the rules there is nothing to claim, and the computation has come to that.
async fn nothing_is_due(site: &Site, award: u32, reason: Refusal) {
    let facts = figures::paper(&site.policy.rewards, jiff::civil::date(2026, 11, 23)).facts.clone();
    let change = Box::new(move |dossier: &mut Dossier, _: &Place| {
        let (instance, report, case) = (Instance("test".into()), dossier.case.report, dossier.case.number);
        let about = About { instance, report, case, award, worked_on: vec![] };
        dossier.awards.push(Award::not_eligible(about, &facts, reason, &StaffId("zhao".into())));
        Ok(None)
    });
    let step = Step { expected_version: None, sealed: None, change };
    Cases::change(&*site.store, CaseNumber { year: 2026, serial: 1 }, step).await.unwrap();
}

#[tokio::test]
async fn where_nothing_is_payable_the_page_says_why() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "zh", "nameless").await;
    site.send(&mut browser, "zh").await;
    let reasons = [
        (Refusal::NotFirstAccepted, "同一事项有更早受理的举报", "was accepted earlier"),
        (Refusal::NoRealName, "奖金发给留下真实姓名的举报人", "reporters who gave a real name"),
        (Refusal::AlreadyKnown, "在收到您的举报以前", "before your report came"),
        (Refusal::EarlierAward, "一件事只发一次", "one for each matter"),
        (Refusal::NotCovered, "对这类事项没有设奖金", "provide no reward"),
    ];
    for (award, (reason, zh, en)) in (1..).zip(reasons) {
        nothing_is_due(&site, award, reason).await;
        for (lang, says) in [("zh", zh), ("en", en)] {
            let page = browser.get(&format!("/{lang}/mine")).await;
            page.is_a_page_of(lang);
            assert!(page.text.contains(says), "{reason:?}: {}", page.text);
            assert!(!page.text.contains("不符合发放条件"), "{reason:?}");
            assert!(!page.text.contains("the conditions for payment are not met"), "{reason:?}");
            assert!(!page.text.contains(&format!("href=\"/{lang}/mine/claim\"")), "{reason:?}");
        }
    }
}
