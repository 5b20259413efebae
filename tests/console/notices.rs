//! An award that nobody claims in time is announced in public, under a number, before it counts as waived.

use crate::{
    console_support::{
        Desk,
        acts::{award_state, to_notified},
        between,
    },
    store_support::receipt,
};
use mifeng::{
    award::{notice::Notice, record::AwardState},
    ids::CaseNumber,
    store::{Cases, Dossier, Place, Refused, Step},
    web::Lang,
};

const DAY: i64 = 24 * 3600;

/// An approver's act on the award; whether it was done.
async fn act(desk: &Desk, number: CaseNumber, act: &str, done: &str) -> bool {
    let (mut approver, award) = (desk.sign_in("app2").await, format!("/zh/cases/{number}/award"));
    approver.get(&award).await;
    let typed = number.to_string();
    let fields = [("award", "1"), ("typed-number", typed.as_str())];
    let answer = approver.post(&format!("{award}/{act}"), &fields).await;
    answer.location == format!("{award}?done={done}")
}

/// Told to its reporter, who has sixty days.
async fn notified(desk: &Desk, n: u64) -> CaseNumber {
    let number = desk.submit(n, false);
    to_notified(desk, number).await;
    number
}

fn notice(desk: &Desk, number: CaseNumber) -> Option<Notice> {
    desk.store.case(number).unwrap().unwrap().award().unwrap().notice()
}

/// The public page, as it is a minute later.
async fn public(desk: &Desk, lang: &str) -> String {
    desk.pass(61);
    between(&desk.visitor().get(&format!("/{lang}/notices")).await.text, "<main", "</main>").unwrap()
}

#[tokio::test]
async fn nothing_lapses_that_was_not_announced_and_nothing_is_announced_too_early() {
    let desk = Desk::new();
    let number = notified(&desk, 1).await;
    assert!(!act(&desk, number, "public-notice", "notice").await, "it can still be claimed");
    assert_eq!(notice(&desk, number), None);
    desk.pass(61 * DAY);
    assert!(!act(&desk, number, "lapse", "lapse").await, "it was not announced");
    let mut approver = desk.sign_in("app1").await;
    let page = approver.get(&format!("/zh/cases/{number}/award")).await.text;
    assert!(page.contains("award/public-notice") && !page.contains("award/lapse"), "{page}");
    assert!(act(&desk, number, "public-notice", "notice").await);
    let announced = notice(&desk, number).unwrap();
    assert_eq!((announced.until - announced.published).get_days(), 30);
    assert!(!act(&desk, number, "lapse", "lapse").await, "its days are not over");
    assert!(public(&desk, "zh").await.contains(&announced.number.to_string()));

    desk.pass(31 * DAY);
    assert!(public(&desk, "zh").await.contains("现在没有公告"));
    assert!(!act(&desk, number, "public-notice", "notice").await, "once");
    let mut approver = desk.sign_in("app1").await;
    let page = approver.get(&format!("/zh/cases/{number}/award")).await.text;
    assert!(!page.contains("award/public-notice") && page.contains("award/lapse"), "{page}");
    assert!(act(&desk, number, "lapse", "lapse").await);
    assert_eq!(award_state(&desk, number), AwardState::Lapsed);
}

#[tokio::test]
async fn the_public_reads_a_number_and_two_days_and_not_whether_somebody_came() {
    let desk = Desk::new();
    let [first, second] = [notified(&desk, 1).await, notified(&desk, 2).await];
    assert!(public(&desk, "en").await.contains("There is no notice now"));
    desk.pass(61 * DAY);
    for number in [first, second] {
        assert!(act(&desk, number, "public-notice", "notice").await);
    }
    let mut all = [first, second].map(|number| notice(&desk, number).unwrap());
    all.sort_by_key(|notice| notice.number);
    assert_ne!(all[0].number, all[1].number);
    for (lang, tag) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        let page = public(&desk, tag).await;
        let places = all.map(|notice| page.find(&notice.number.to_string()).unwrap());
        assert!(places[0] < places[1], "by number, whatever the order of the cases: {page}");
        assert!(page.contains(&lang.day(all[0].published)) && page.contains(&lang.day(all[0].until)));
        for hidden in [&*first.to_string(), "60,000", "化工", "chemical", "济南", "山东"] {
            assert!(!page.contains(hidden), "{hidden}: {page}");
        }
        let help = desk.visitor().get(&format!("/{tag}/help")).await.text;
        assert!(help.contains(&format!("/{tag}/notices")), "{help}");
    }

    // Its reporter finds the number beside the report, claims, and the page stays as it was.
    let before = public(&desk, "zh").await;
    let mut reporter = desk.visitor();
    let typed: String = receipt(1).groups().iter().map(|group| group.to_string()).collect();
    assert_eq!(reporter.send("/zh/mine", &[("receipt", &typed)]).await.location, "/zh/mine");
    let own = notice(&desk, first).unwrap().number.to_string();
    let mine = reporter.get("/zh/mine").await.text;
    assert!(mine.contains(&format!("编号 {own}")), "{mine}");
    let (today, key) = (desk.today(), receipt(1).claim_key());
    let claim = move |dossier: &mut Dossier, place: &Place| -> Result<_, Refused> {
        let award = dossier.awards.last_mut().unwrap();
        let claim = mifeng::award::claim::Claim::sign(award.terms(), &key);
        *award = award.claim(today, claim, place.claim_key)?;
        Ok(None)
    };
    let step = Step { expected_version: None, sealed: None, change: Box::new(claim) };
    desk.store.change(first, step).wait().unwrap();
    assert_eq!(public(&desk, "zh").await, before);
    assert!(!reporter.get("/zh/mine").await.text.contains(&own));
}
