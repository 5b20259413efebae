//! What the reporter does not accept, and what is another department's matter.

use crate::{
    console_support::{
        Browser, Desk, PASSWORD,
        acts::{FACTS, REASON, award_state, by_reporter, made, make, to_conclusion, to_notified},
    },
    store_support::receipt,
};
use axum::http::StatusCode;
use mifeng::{
    award::record::AwardState,
    casework::{Move, State},
    ids::CaseNumber,
    log::Event,
    store::Cases,
};

async fn compute(browser: &mut Browser, number: CaseNumber) {
    let facts = format!("/zh/cases/{number}/award/facts");
    browser.get(&facts).await;
    let put = browser.post(&facts, &[&FACTS[..], &[("step", "do")]].concat()).await;
    assert_eq!(put.location, format!("/zh/cases/{number}/award?done=computed"), "{}", put.text);
}

#[tokio::test]
async fn an_objection_is_reviewed_by_somebody_else_and_sends_the_award_back() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut inv = to_conclusion(&desk, number).await;
    let reply = [
        ("findings", "经查，报警器确实被人为关闭。"),
        ("handling", "责令停产整顿，罚款十万元。"),
        ("reward", "met"),
    ];
    made(&mut inv, number, "reply", &reply).await;
    compute(&mut inv, number).await;
    assert_eq!(award_state(&desk, number), AwardState::Computed);
    let why = "他们没有看夜班的记录，罚得太轻。";
    by_reporter(&desk, 1, Move::Object { text: why.into() }, Some(Event::Objected));

    // The award stands still meanwhile, and the investigator cannot review their own work.
    let mut approver = desk.sign_in("app1").await;
    let award = format!("/zh/cases/{number}/award");
    let page = approver.get(&award).await.text;
    assert!(page.contains("异议正在复查") && !page.contains(&format!("{award}/approve")), "{page}");
    let vote = [("award", "1"), ("typed-number", &*number.to_string()), ("password", PASSWORD)];
    let refused = approver.post(&format!("{award}/approve"), &vote).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("没有办成"), "{}", refused.text);
    let dossier = desk.store.case(number).unwrap().unwrap();
    assert!(dossier.award().unwrap().approvals().is_empty());
    assert_eq!(inv.get(&format!("/zh/cases/{number}/moves/overturn")).await.status, StatusCode::CONFLICT);

    let first = approver.get("/zh/").await.text;
    assert!(first.contains("待复查的异议") && first.contains(&number.to_string()), "{first}");
    assert!(approver.get(&format!("/zh/cases/{number}")).await.text.contains(why));
    let fields = [("told", "您的异议成立，我们重新核查。"), ("reason", "夜班记录确实没有调取。")];
    made(&mut approver, number, "overturn", &fields).await;
    let case = desk.case(number);
    assert_eq!((case.state, case.conclusion.is_none()), (State::Verifying, true));
    assert_eq!(award_state(&desk, number), AwardState::Declined);

    made(&mut inv, number, "conclude", &[("finding", "partly"), ("reason", REASON)]).await;
    compute(&mut inv, number).await;
    let dossier = desk.store.case(number).unwrap().unwrap();
    assert_eq!(dossier.award().unwrap().terms().award, 2, "computed anew");
}

/// Nobody can claim while it is looked at again: the reporter loses no day by having asked.
#[tokio::test]
async fn the_days_of_a_review_are_added_to_the_time_to_claim() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    to_notified(&desk, number).await;
    let until = || desk.store.case(number).unwrap().unwrap().award().unwrap().claim_until().unwrap();
    let first = until();
    desk.pass(59 * 24 * 3600);
    let mut inv = desk.sign_in("inv1").await;
    let reply = [
        ("findings", "经查，报警器确实被人为关闭。"),
        ("handling", "责令停产整顿，罚款十万元。"),
        ("reward", "met"),
    ];
    made(&mut inv, number, "reply", &reply).await;
    let digits: String = receipt(1).groups().iter().map(|group| group.to_string()).collect();
    let mut reporter = desk.visitor();
    reporter.send("/zh/mine", &[("receipt", &digits)]).await;
    assert!(reporter.get("/zh/mine").await.text.contains("href=\"/zh/mine/claim\""));
    let open = reporter.get("/zh/mine/claim").await;
    assert_eq!(open.status, StatusCode::OK);

    by_reporter(&desk, 1, Move::Object { text: "罚得太轻。".into() }, Some(Event::Objected));
    let mine = reporter.get("/zh/mine").await.text;
    assert!(mine.contains("异议复查期间不能申领") && !mine.contains("href=\"/zh/mine/claim\""), "{mine}");
    let early = reporter.post("/zh/mine/claim", &[("receipt", &digits), ("who", "before")]).await;
    assert_eq!((early.location.as_str(), award_state(&desk, number)), ("/zh/mine", AwardState::Notified));

    // Longer than there was left to claim: the days it took would leave one, and a week is.
    desk.pass(20 * 24 * 3600);
    let fields = [("told", "经复查，原来的结论不变。"), ("reason", "复核了当月全部夜班记录，没有出入。")];
    let mut approver = desk.sign_in("app2").await;
    made(&mut approver, number, "uphold", &fields).await;
    assert_eq!((until() - first).get_days(), 26);
    let mut reporter = desk.visitor();
    reporter.send("/zh/mine", &[("receipt", &digits)]).await;
    reporter.get("/zh/mine/claim").await;
    reporter.post("/zh/mine/claim", &[("receipt", &digits), ("who", "before")]).await;
    assert_eq!(award_state(&desk, number), AwardState::Claimed);
}

#[tokio::test]
async fn a_matter_of_another_department_is_passed_on_with_its_name_told() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let nowhere = make(&mut clerk, number, "transfer", &[("reason", "建筑工地上的事，不属于我们。")]).await;
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nowhere.text.contains("请选择接收部门") && nowhere.text.contains("建筑工地上的事，不属于我们。"));
    let fields = [("office", "construction"), ("reason", "建筑工地上的事，不属于我们。")];
    made(&mut clerk, number, "transfer", &fields).await;
    let case = desk.case(number);
    assert_eq!(case.state, State::TransferredOut);
    let told = &case.history.last().unwrap().told;
    assert!(
        told.contains("住房和城乡建设部门") && told.contains("The housing and construction department"),
        "{told}"
    );
    assert!(clerk.get(&format!("/zh/cases/{number}")).await.text.contains("已移送其他部门"));
}
