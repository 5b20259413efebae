//! Whose award it is first, among several reports of one matter: in the order of acceptance, whichever case answers for
//! the matter and in whatever order the others were merged into it.

use crate::console_support::{
    Browser, Desk, PASSWORD,
    acts::{FACTS, approve, award_state, made, to_conclusion},
};
use axum::http::StatusCode;
use mifeng::{award::record::AwardState, ids::CaseNumber, store::Cases};

const TOLD: &str = "您举报的事项此前已有人举报，我们一并核查。";
const SAME: &str = "同一储罐区、同一夜班，内容一致。";
const REPLY: [(&str, &str); 3] = [
    ("findings", "经查，报警器确实被人为关闭。"),
    ("handling", "责令停产整顿，罚款十万元。"),
    ("reward", "met"),
];
const DAY: i64 = 24 * 3600;

async fn merge(clerk: &mut Browser, number: CaseNumber, into: CaseNumber) {
    let into = into.to_string();
    made(clerk, number, "merge", &[("into", &into), ("told", TOLD), ("reason", SAME)]).await;
}

/// The award of this case is computed, approved, told, announced, and waived at last.
async fn lapses(desk: &Desk, number: CaseNumber) {
    let award = format!("/zh/cases/{number}/award");
    let facts = format!("{award}/facts");
    let mut inv = desk.sign_in("inv1").await;
    inv.get(&facts).await;
    let put = inv.post(&facts, &[&FACTS[..], &[("step", "do")]].concat()).await;
    assert_eq!(put.location, format!("{award}?done=computed"), "{}", put.text);
    for approver in ["app1", "app2"] {
        let mut approver = desk.sign_in(approver).await;
        let voted = approve(&mut approver, number, PASSWORD).await;
        assert_eq!(voted.location, format!("{award}?done=approve"), "{}", voted.text);
    }
    let typed = number.to_string();
    let fields = [("award", "1"), ("typed-number", &*typed)];
    for (act, done, days) in [
        ("file", "file", 0),
        ("notify", "notify", 61),
        ("public-notice", "notice", 31),
        ("lapse", "lapse", 0),
    ] {
        let mut approver = desk.sign_in("app1").await;
        approver.get(&award).await;
        let answer = approver.post(&format!("{award}/{act}"), &fields).await;
        assert_eq!(answer.location, format!("{award}?done={done}"), "{}", answer.text);
        desk.pass(days * DAY);
    }
    assert_eq!(award_state(desk, number), AwardState::Lapsed);
}

async fn passes_on(desk: &Desk, number: CaseNumber, to: CaseNumber) {
    let mut inv = desk.sign_in("inv1").await;
    let path = format!("/zh/cases/{number}/award/pass-on");
    let next = inv.get(&path).await.hidden("next");
    assert_eq!(next, to.to_string());
    let answer = inv.post(&path, &[("next", &next), ("typed-number", &number.to_string())]).await;
    assert_eq!(answer.location, format!("/zh/cases/{to}?done=take-over"), "{}", answer.text);
    assert_eq!(desk.case(number).passed_to, Some(to));
}

async fn nobody_is_left(desk: &Desk, number: CaseNumber) {
    let page = desk.sign_in("inv1").await.get(&format!("/zh/cases/{number}/award")).await.text;
    assert!(!page.contains("pass-on"), "{page}");
    assert_eq!(desk.store.check().unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn of_one_day_the_lower_number_comes_first_whichever_was_merged_first() {
    let desk = Desk::new();
    let [lead, second, third] = [1, 2, 3].map(|n| desk.submit(n, false));
    let mut clerk = desk.sign_in("clerk").await;
    for number in [third, second] {
        merge(&mut clerk, number, lead).await;
    }
    assert_eq!(desk.case(lead).merged, [third, second]);
    let mut inv = to_conclusion(&desk, lead).await;
    made(&mut inv, lead, "reply", &REPLY).await;
    lapses(&desk, lead).await;
    passes_on(&desk, lead, second).await;
    lapses(&desk, second).await;
    passes_on(&desk, second, third).await;
    lapses(&desk, third).await;
    nobody_is_left(&desk, third).await;
}

/// The lowest number answers for the matter; it was accepted last.
#[tokio::test]
async fn a_lower_number_that_was_accepted_later_is_offered_the_award_later() {
    let desk = Desk::new();
    let [lead, second, third] = [1, 2, 3].map(|n| desk.submit(n, false));
    for number in [third, second] {
        let mut clerk = desk.sign_in("clerk").await;
        made(&mut clerk, number, "accept", &[("told", TOLD), ("reason", SAME)]).await;
        desk.pass(DAY);
    }
    let mut clerk = desk.sign_in("clerk").await;
    for number in [second, third] {
        merge(&mut clerk, number, lead).await;
    }
    let mut inv = to_conclusion(&desk, lead).await;
    let award = format!("/zh/cases/{lead}/award");
    let facts = format!("{award}/facts");
    let page = inv.get(&award).await.text;
    assert!(page.contains("受理在先") && page.contains(&third.to_string()), "{page}");
    assert!(!page.contains(&facts) && !page.contains(&format!("{award}/pass-on")), "{page}");
    assert_ne!(inv.get(&facts).await.status, StatusCode::OK);
    inv.post(&facts, &[&FACTS[..], &[("step", "do")]].concat()).await;
    assert!(desk.store.case(lead).unwrap().unwrap().award().is_none(), "nothing is computed here");

    made(&mut inv, lead, "reply", &REPLY).await;
    let early = inv.get(&format!("{award}/pass-on")).await;
    assert_ne!(early.status, StatusCode::OK, "its reporter can still object to what was found");
    desk.pass(11 * DAY);
    passes_on(&desk, lead, third).await;
    let page = desk.sign_in("inv1").await.get(&award).await.text;
    assert!(!page.contains(&facts) && !page.contains("pass-on"), "{page}");
    lapses(&desk, third).await;
    passes_on(&desk, third, second).await;
    lapses(&desk, second).await;
    passes_on(&desk, second, lead).await;
    assert_eq!((desk.case(lead).passed_to, desk.case(lead).conclusion.is_some()), (None, true));
    lapses(&desk, lead).await;
    nobody_is_left(&desk, lead).await;
}
