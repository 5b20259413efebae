//! Proving anew who one is, before what weighs most.

use crate::console_support::{Answer, Browser, Desk, PASSWORD, acts};
use axum::http::StatusCode;
use mifeng::{
    casework::{Actor, Move, Part, Recipient, Rules, SheetPart, apply},
    ids::{CaseNumber, StaffId},
    scrub::Piece,
    store::{Cases, Dossier, Place, Staff, Step},
};

const QUESTION: &str = "请确认是您本人";
/// Longer than a proof counts, shorter than a session may be idle.
const STALE: i64 = 11 * 60;

/// What the browser sends along from the question, with what is typed into it.
fn answered<'a>(question: &'a Answer, typed: &[(&'a str, &'a str)]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for part in question.text.split("<input type=\"hidden\" name=\"").skip(1) {
        let (name, rest) = part.split_once("\" value=\"").unwrap();
        let value = rest.split('"').next().unwrap().replace("&#38;", "&").replace("&#34;", "\"");
        fields.push((name.to_owned(), value));
    }
    // The sign-out form of the page has the same token.
    fields.dedup();
    let skip = fields.iter().position(|(name, _)| name == "prove-to").unwrap_or(0).saturating_sub(1);
    let mut fields = fields.split_off(skip);
    fields.extend(typed.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    fields
}

async fn send(browser: &mut Browser, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.send(path, &fields).await
}

/// Sends the proof, and the same again to where the browser is told to (307).
async fn go_on(browser: &mut Browser, fields: &[(String, String)]) -> Answer {
    let answer = send(browser, "/zh/prove", fields).await;
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT, "{}", answer.text);
    send(browser, &answer.location, fields).await
}

#[tokio::test]
async fn a_form_that_needs_a_fresh_proof_goes_on_with_everything_that_was_typed() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    desk.pass(STALE);
    let typed = [("id", "zhao"), ("name", "赵 \"六\" & 子"), ("roles", "clerk"), ("roles", "investigator")];
    let question = admin.post("/zh/people/new", &typed).await;
    assert!(question.text.contains(QUESTION), "{}", question.text);
    assert!(desk.store.account(&StaffId("zhao".into())).unwrap().is_none());

    // Wrong password, wrong code: asked again, nothing lost, nothing done.
    let code = desk.code();
    for (password, code) in [("not the password", code.as_str()), (PASSWORD, "000000"), (PASSWORD, "")] {
        let fields = answered(&question, &[("prove-password", password), ("prove-code", code)]);
        let again = send(&mut admin, "/zh/prove", &fields).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.text.contains("赵 &#34;六&#34; &#38; 子") && !again.text.contains(password));
    }
    assert!(admin.post("/zh/people/new", &typed).await.text.contains(QUESTION), "a wrong proof is none");

    let fields = answered(&question, &[("prove-password", PASSWORD), ("prove-code", &code)]);
    let made = go_on(&mut admin, &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let zhao = desk.store.account(&StaffId("zhao".into())).unwrap().unwrap();
    assert_eq!((zhao.name.as_str(), zhao.roles.len()), ("赵 \"六\" & 子", 2));

    // The same proof again is none: its code is spent. While it counts nothing is asked.
    assert_ne!(send(&mut admin, "/zh/prove", &fields).await.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(admin.post("/zh/people/zhao/disable", &[]).await.location, "/zh/people/zhao");
}

/// A case that waits for a decision and has a sheet; sends nothing through the pages.
fn with_sheet(desk: &Desk, n: u64) -> CaseNumber {
    let number = desk.submit(n, false);
    let (rules, today) = (Rules::of(&desk.policy), desk.today());
    let clerk = desk.store.account(&StaffId("clerk".into())).unwrap().unwrap();
    let actor = Actor::staff(clerk.id, &clerk.roles, &desk.policy.roles);
    let change = Box::new(move |dossier: &mut Dossier, _: &Place| {
        let words = dossier.case.own_words();
        let part = |(part, text): (Part, &str)| SheetPart { part, pieces: vec![Piece::Kept(text.into())] };
        let parts = words.into_iter().map(part).collect();
        let to = Recipient::Body("city_370100".parse().unwrap());
        let mv = Move::MakeSheet { to, parts, left_in: Vec::new() };
        dossier.case = apply(&dossier.case, mv, &actor, today, &rules)?;
        Ok(None)
    });
    desk.store.change(number, Step { expected_version: None, sealed: None, change }).wait().unwrap();
    number
}

/// Each form and download that needs it, of each role that has one.
#[tokio::test]
async fn votes_shares_exports_and_accounts_wait_for_a_fresh_proof() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    acts::to_conclusion(&desk, number).await;
    let open = with_sheet(&desk, 2);
    for (name, method, path) in [
        // First: further down the clerk is put out.
        ("clerk", "GET", "/zh/cases/{open}/sheet"),
        ("clerk", "POST", "/zh/cases/{open}/sheet"),
        ("clerk", "GET", "/zh/cases/{open}/sheets/1"),
        ("admin", "POST", "/zh/people/new"),
        ("admin", "POST", "/zh/people/clerk/disable"),
        ("admin", "POST", "/zh/people/clerk/enable"),
        ("admin", "POST", "/zh/people/clerk/reset"),
        ("admin", "POST", "/zh/people/clerk/change"),
        ("admin", "POST", "/zh/people/clerk/sign-out"),
        ("admin", "POST", "/zh/people/clerk/hand-over"),
        ("admin", "POST", "/zh/systems"),
        ("admin", "POST", "/zh/systems/1/confirm"),
        ("admin", "POST", "/zh/systems/1/revoke"),
        ("app1", "GET", "/zh/cases/{n}/award/approve"),
        ("app1", "POST", "/zh/cases/{n}/award/approve"),
        ("app1", "GET", "/zh/cases/{n}/award/refuse"),
        ("app1", "POST", "/zh/cases/{n}/award/refuse"),
        ("app1", "GET", "/zh/cases/{n}/award/lapse"),
        ("app1", "POST", "/zh/cases/{n}/award/lapse"),
        ("tru1", "POST", "/zh/releases/{n}"),
        ("auditor", "GET", "/zh/figures/csv?year=2026"),
        ("auditor", "GET", "/zh/figures/dataset.csv?year=2026"),
        ("auditor", "GET", "/zh/figures/dataset.parquet?year=2026"),
    ] {
        let path = path.replace("{n}", &number.to_string()).replace("{open}", &open.to_string());
        let mut browser = desk.sign_in(name).await;
        for stale in [false, true] {
            if stale {
                desk.pass(STALE);
                browser.get("/zh/me").await;
            }
            let answer = match method {
                "GET" => browser.get(&path).await,
                _ if path.contains("/releases/") => {
                    let token = browser.token.clone();
                    browser.upload(&path, &token, "answer", "{\"not\": \"an answer\"}").await
                }
                _ => browser.post(&path, &[]).await,
            };
            assert_eq!(answer.text.contains(QUESTION), stale, "{name} {path}: {}", answer.text);
        }
    }
    let clerk = desk.store.account(&StaffId("clerk".into())).unwrap().unwrap();
    assert!(!clerk.disabled);
}

#[tokio::test]
async fn a_vote_is_asked_for_its_password_once() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut inv = acts::to_conclusion(&desk, number).await;
    let facts = format!("/zh/cases/{number}/award/facts");
    inv.get(&facts).await;
    inv.post(&facts, &[&acts::FACTS[..], &[("step", "do")]].concat()).await;
    let path = format!("/zh/cases/{number}/award/approve");
    let mut approver = desk.sign_in("app1").await;
    let award = approver.get(&path).await.hidden("award");
    desk.pass(STALE);
    let typed = number.to_string();
    let vote = [("award", award.as_str()), ("typed-number", &typed), ("password", PASSWORD)];
    let question = approver.post(&path, &vote).await;
    assert!(question.text.contains(QUESTION) && !question.text.contains(PASSWORD));
    assert!(desk.store.case(number).unwrap().unwrap().award().unwrap().approvals().is_empty());
    let code = desk.code();
    let fields = answered(&question, &[("password", PASSWORD), ("prove-code", &code)]);
    let done = go_on(&mut approver, &fields).await;
    assert_eq!(done.location, format!("/zh/cases/{number}/award?done=approve"), "{}", done.text);

    // The page before the vote asks first, and leads on to it.
    let mut other = desk.sign_in("app2").await;
    desk.pass(STALE);
    let question = other.get(&path).await;
    assert!(question.text.contains(QUESTION));
    let code = desk.code();
    let fields = answered(&question, &[("prove-password", PASSWORD), ("prove-code", &code)]);
    let answer = send(&mut other, "/zh/prove", &fields).await;
    assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, path.as_str()));
    assert!(other.get(&path).await.text.contains("typed-number"));
}

#[tokio::test]
async fn a_proof_is_of_the_one_who_is_signed_in_and_guesses_are_counted() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    desk.pass(STALE);
    let question = admin.post("/zh/people/clerk/disable", &[]).await;
    for _ in 0..5 {
        let fields = answered(&question, &[("prove-password", "a wrong password"), ("prove-code", "000000")]);
        let answer = send(&mut admin, "/zh/prove", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let code = desk.code();
    let right = answered(&question, &[("prove-password", PASSWORD), ("prove-code", &code)]);
    assert_eq!(send(&mut admin, "/zh/prove", &right).await.status, StatusCode::TOO_MANY_REQUESTS);
    // It leads nowhere but to this face.
    desk.pass(31);
    let code = desk.code();
    let away = [("once", admin.token.clone()), ("prove-to", "//evil.example/".into())];
    let mut away: Vec<(String, String)> = away.map(|(n, v)| (n.to_owned(), v)).into();
    away.extend([("prove-password".into(), PASSWORD.into()), ("prove-code".into(), code)]);
    assert_eq!(send(&mut admin, "/zh/prove", &away).await.location, "/zh/");
}
