//! What reporters ask for whatever becomes of the case: it stands first on the right people's page until it is answered.

use crate::console_support::{
    Browser, Desk,
    acts::{by_reporter, made, make},
};
use axum::http::StatusCode;
use mifeng::{
    casework::{MessageText, Move, State},
    ids::CaseNumber,
    log::Event,
    store::Cases,
};

const SUFFERS: &str = "班长说是我举报的，把我调去了夜班。";
const ANSWER: &str = "我们已经约谈单位，您也可以拨打劳动监察电话。";
const REASON: &str = "约谈了单位负责人，书面提醒不得打击报复。";

fn first_section(page: &str) -> &str {
    page.split("<section>").nth(1).unwrap_or_default()
}

async fn declined(desk: &Desk, number: CaseNumber) {
    let mut clerk = desk.sign_in("clerk").await;
    let fields = [("ground", "unclear"), ("reason", "没有写明单位和事项。")];
    made(&mut clerk, number, "decline", &fields).await;
}

async fn sees(browser: &mut Browser) -> String {
    browser.get("/zh/").await.text
}

#[tokio::test]
async fn a_reporter_who_suffers_stands_first_and_is_answered_under_seal_after_the_end_too() {
    let desk = Desk::new();
    let number = desk.submit(1, true);
    let ended = desk.submit(2, false);
    declined(&desk, ended).await;
    assert_eq!(desk.case(ended).state, State::NotAccepted);
    by_reporter(&desk, 2, Move::Retaliation { text: SUFFERS.into() }, Some(Event::Added));

    let mut inv = desk.sign_in("inv1").await;
    assert!(!sees(&mut inv).await.contains("举报人受到打击报复"));
    for name in ["clerk", "app1"] {
        let mut browser = desk.sign_in(name).await;
        let page = sees(&mut browser).await;
        let first = first_section(&page);
        assert!(first.contains("举报人受到打击报复") && first.contains(&ended.to_string()), "{name}: {page}");
        assert!(first.contains("保护答复") && !first.contains(&number.to_string()), "{first}");
        let list = browser.get("/zh/cases?retaliation=1").await.text;
        assert!(list.contains(&ended.to_string()) && list.contains("待处理的打击报复"), "{list}");
        assert!(browser.get(&format!("/zh/cases/{ended}")).await.text.contains(SUFFERS));
        assert!(!browser.get(&format!("/zh/cases/{number}")).await.text.contains("answer-retaliation"));
    }

    let mut approver = desk.sign_in("app1").await;
    let short = make(&mut approver, ended, "answer-retaliation", &[("text", ANSWER), ("reason", "")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.text.contains(ANSWER), "nothing typed is lost");
    made(&mut approver, ended, "answer-retaliation", &[("text", ANSWER), ("reason", REASON)]).await;
    let case = desk.case(ended);
    assert_eq!((case.state, case.open_retaliation()), (State::NotAccepted, None));
    assert!(matches!(case.messages.last().unwrap().text, MessageText::Sealed(_)));
    assert!(!serde_json::to_string(&case).unwrap().contains(ANSWER), "the answer is kept sealed only");
    let page = approver.get(&format!("/zh/cases/{ended}")).await.text;
    assert!(
        page.contains("打击报复已处理") && page.contains(REASON) && page.contains("举报人称受到打击报复"),
        "{page}"
    );
    assert!(!first_section(&sees(&mut approver).await).contains("举报人受到打击报复"));
    assert!(desk.store.case(ended).unwrap().unwrap().award().is_none());
}

#[tokio::test]
async fn a_wish_for_deletion_is_decided_by_an_approver_and_what_is_granted_is_gone() {
    let desk = Desk::new();
    let (kept, gone) = (desk.submit(1, false), desk.submit(2, false));
    for (n, number) in [(1, kept), (2, gone)] {
        declined(&desk, number).await;
        by_reporter(&desk, n, Move::AskDeletion { text: "我怕被认出来。".into() }, Some(Event::Added));
    }
    let mut clerk = desk.sign_in("clerk").await;
    assert!(!sees(&mut clerk).await.contains("待决定的删除要求"));
    let refused = clerk.get(&format!("/zh/cases/{kept}/moves/refuse-deletion")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);

    let mut approver = desk.sign_in("app1").await;
    let page = sees(&mut approver).await;
    assert!(page.contains("待决定的删除要求") && page.contains("决定是否删除"), "{page}");
    assert!(approver.get("/zh/cases?deletion=1").await.text.contains(&kept.to_string()));
    let told = "核查还没有结束，暂时不能删除，结束以后可以再提出。";
    let reason = "同一事项还在核查，证据要用。";
    made(&mut approver, kept, "refuse-deletion", &[("told", told), ("reason", reason)]).await;
    let case = desk.case(kept);
    assert_eq!((case.erased, case.history.last().unwrap().told.as_str()), (None, told));

    let granted = [("told", "已经按您的要求删除。"), ("reason", "不再需要，可以删除。")];
    made(&mut approver, gone, "grant-deletion", &granted).await;
    let case = desk.case(gone);
    assert_eq!((case.state, case.content.narrative.as_str()), (State::NotAccepted, ""));
    let page = approver.get(&format!("/zh/cases/{gone}")).await.text;
    assert!(
        page.contains("已按举报人要求删除") && !page.contains("报警器") && !page.contains("我怕被认出来"),
        "{page}"
    );
    assert!(!approver.get("/zh/").await.text.contains(&gone.to_string()));
}

/// The desk's set is 2 of 3: one to spare, and none once one more is lost.
#[tokio::test]
async fn an_administrator_reads_that_hardly_enough_trustees_are_left() {
    let desk = Desk::new();
    let page = desk.sign_in("admin").await.get("/zh/people").await.text;
    assert!(page.contains("接收人名册现有 3 位保管人，打开须 2 位共同参加"), "{page}");
}
