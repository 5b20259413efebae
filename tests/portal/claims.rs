//! The award, claimed without script: with the receipt once more, in time, and by nobody else.

use crate::portal_support::{self, Browser, Site};
use axum::http::StatusCode;
use mifeng::{receipt::Receipt, store::Reports};

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
            mine.text.contains("可以领取奖金：50,000.00 元。请在 2027 年 1 月 22 日前申领"),
            "{}",
            mine.text
        );
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
