//! The public's page of awards that nobody has claimed yet.

use crate::{
    LANGS,
    device_support::{CASE, dossier},
    portal_support::{Browser, Site},
};
use axum::http::StatusCode;
use jiff::civil::date;
use mifeng::{
    award::notice::NoticeNumber,
    ids::StaffId,
    store::{Cases, Dossier, Place, Refused, Step},
};

/// Announced on the day after the last one to claim, for thirty days.
async fn announce(site: &Site, number: NoticeNumber) {
    let (published, until) = (date(2027, 1, 23), date(2027, 2, 22));
    site.clock.set(published);
    let change = move |dossier: &mut Dossier, _: &Place| -> Result<_, Refused> {
        let award = dossier.awards.last_mut().unwrap();
        *award = award.public_notice(number, until, &StaffId("li".into()), published)?;
        Ok(None)
    };
    let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
    Cases::change(&*site.store, CASE, step).await.unwrap();
}

#[tokio::test]
async fn a_notice_stands_for_its_days_and_its_reporter_knows_it_by_its_number() {
    for (lang, days) in [
        ("zh", ["2027 年 1 月 23 日", "2027 年 2 月 22 日"]),
        ("en", ["23 January 2027", "22 February 2027"]),
    ] {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, lang, "nameless").await;
        let receipt = site.send(&mut browser, lang).await;
        site.notify_of_an_award().await;
        let page = |text: &str| text.split("<main").nth(1).unwrap().to_owned();
        let none = browser.get(&format!("/{lang}/notices")).await;
        none.is_a_page_of(lang);
        assert!(!none.text.contains("<table"), "{}", none.text);

        announce(&site, NoticeNumber::try_from(48_217_730).unwrap()).await;
        let shown = browser.get(&format!("/{lang}/notices")).await;
        shown.is_a_page_of(lang);
        let main = page(&shown.text);
        assert!(main.contains("4821 7730") && days.iter().all(|day| main.contains(day)), "{main}");
        let case = dossier(&site).unwrap().case;
        for hidden in [&*case.number.to_string(), "50,000", "某煤矿", "济南", "山东", "Coal"] {
            assert!(!main.contains(hidden), "{hidden}: {main}");
        }
        let mut reporter = Browser::new(&site);
        let typed = receipt.groups().iter().map(|group| group.to_string()).collect::<String>();
        reporter.send(&format!("/{lang}/mine"), &[("receipt", &typed)]).await;
        let mine = reporter.get(&format!("/{lang}/mine")).await;
        mine.is_a_page_of(lang);
        assert!(mine.text.contains("4821 7730"), "{}", mine.text);

        site.clock.set(date(2027, 2, 23));
        assert!(!browser.get(&format!("/{lang}/notices")).await.text.contains("4821 7730"));
    }
}

#[tokio::test]
async fn where_nothing_is_paid_there_is_no_such_page() {
    let site = Site::with_policy(|policy| policy.intake.service.rewards = false);
    let mut browser = Browser::new(&site);
    for lang in LANGS {
        let answer = browser.get(&format!("/{lang}/notices")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(!browser.get(&format!("/{lang}/help")).await.text.contains("/notices"));
    }
}
