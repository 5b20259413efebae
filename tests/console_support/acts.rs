//! What staff do, through the pages.

use super::{Answer, Browser, Desk, PASSWORD};
use crate::store_support;
use axum::http::StatusCode;
use mifeng::{
    award::record::AwardState,
    casework::{Actor, Move, Rules, apply},
    ids::CaseNumber,
    log::{Event, Leaf},
    store::{Cases, Dossier, Place, Reports, Step},
};

pub const TOLD: &str = "您的举报已经受理，我们正在核查。";
pub const REASON: &str = "现场查看、询问三人、调取台账。";

/// Opens the move's page and sends it, through the page before where there is one.
pub async fn make(browser: &mut Browser, number: CaseNumber, mv: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/zh/cases/{number}/moves/{mv}");
    let form = browser.get(&path).await;
    assert_eq!(form.status, StatusCode::OK, "{mv}: {}", form.text);
    let version = form.hidden("version");
    let number = number.to_string();
    let mut all: Vec<(&str, &str)> = fields.to_vec();
    all.push(("version", &version));
    let mut answer = browser.post(&path, &all).await;
    if answer.status == StatusCode::OK {
        all.extend([("step", "do"), ("typed-number", number.as_str())]);
        answer = browser.post(&path, &all).await;
    }
    answer
}

pub async fn made(browser: &mut Browser, number: CaseNumber, mv: &str, fields: &[(&str, &str)]) {
    let answer = make(browser, number, mv, fields).await;
    assert_eq!(answer.location, format!("/zh/cases/{number}?done={mv}"), "{}", answer.text);
}

pub async fn to_conclusion(desk: &Desk, number: CaseNumber) -> Browser {
    let mut clerk = desk.sign_in("clerk").await;
    made(&mut clerk, number, "accept", &[("told", TOLD), ("reason", "属于受理范围，事项清楚。")]).await;
    made(&mut clerk, number, "assign", &[("to", "inv1")]).await;
    let mut inv = desk.sign_in("inv1").await;
    made(&mut inv, number, "begin", &[]).await;
    made(&mut inv, number, "conclude", &[("finding", "true"), ("reason", REASON)]).await;
    inv
}

pub const FACTS: [(&str, &str); 4] =
    [("kinds", "violation"), ("severity", "major"), ("fines", "100,000\n20000.50"), ("confiscated", "0")];

/// Votes as the page asks for it.
pub async fn approve(browser: &mut Browser, number: CaseNumber, password: &str) -> Answer {
    let path = format!("/zh/cases/{number}/award/approve");
    let form = browser.get(&path).await;
    if form.status != StatusCode::OK {
        return form;
    }
    let (award, typed) = (form.hidden("award"), number.to_string());
    browser.post(&path, &[("award", &award), ("typed-number", &typed), ("password", password)]).await
}

pub async fn to_approved(desk: &Desk, number: CaseNumber) {
    let mut inv = to_conclusion(desk, number).await;
    let facts = format!("/zh/cases/{number}/award/facts");
    inv.get(&facts).await;
    let preview = inv.post(&facts, &FACTS).await;
    assert!(preview.text.contains("60,000.25 元"), "Shandong pays half: {}", preview.text);
    let put = inv.post(&facts, &[&FACTS[..], &[("step", "do")]].concat()).await;
    assert_eq!(put.location, format!("/zh/cases/{number}/award?done=computed"));
    for name in ["app1", "app2"] {
        let mut approver = desk.sign_in(name).await;
        assert!(approver.get("/zh/approvals").await.text.contains("60,000.25"));
        let answer = approve(&mut approver, number, PASSWORD).await;
        assert_eq!(answer.location, format!("/zh/cases/{number}/award?done=approve"), "{}", answer.text);
    }
}

/// Approved, filed, and its reporter told.
pub async fn to_notified(desk: &Desk, number: CaseNumber) {
    to_approved(desk, number).await;
    let mut approver = desk.sign_in("app1").await;
    let award = format!("/zh/cases/{number}/award");
    for act in ["file", "notify"] {
        approver.get(&award).await;
        let answer = approver.post(&format!("{award}/{act}"), &[("award", "1")]).await;
        assert_eq!(answer.location, format!("{award}?done={act}"), "{}", answer.text);
    }
}

/// Whatever the reporter of the `n`th report does with the receipt.
pub fn by_reporter(desk: &Desk, n: u64, mv: Move, leaf: Option<Event>) {
    let (rules, today) = (Rules::of(&desk.policy), desk.today());
    let step = Step {
        expected_version: None,
        sealed: Some(store_support::sealed(78)),
        change: Box::new(move |dossier: &mut Dossier, _: &Place| {
            dossier.case = apply(&dossier.case, mv, &Actor::Reporter, today, &rules)?;
            Ok(leaf.map(|event| Leaf::plain(event, today)))
        }),
    };
    desk.store.act(store_support::report(n), step).wait().unwrap();
}

pub fn award_state(desk: &Desk, number: CaseNumber) -> AwardState {
    desk.store.case(number).unwrap().unwrap().award().unwrap().state().clone()
}
