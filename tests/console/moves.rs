//! A case through the pages alone: from a report to its closing, and what nobody may do on the way.

use crate::{
    console_support::{
        Desk,
        acts::{REASON, TOLD, made, make, to_conclusion},
        between,
    },
    store_support::{self, receipt, report},
};
use axum::http::StatusCode;
use mifeng::{
    casework::{Actor, MessageText, Move, Rules, State, Who, apply},
    ids::StaffId,
    mailbox,
    store::{Cases, Dossier, Place, Reports, Step},
};

#[tokio::test]
async fn from_a_report_to_its_closing() {
    let desk = Desk::new();
    let number = desk.submit(1, true);
    let mut clerk = desk.sign_in("clerk").await;
    let first = clerk.get("/zh/").await.text;
    assert!(first.contains("紧急危险") && first.contains(&number.to_string()));
    let question = "请问是哪个车间，大概几点？";
    made(&mut clerk, number, "ask-supplement", &[("question", question)]).await;
    assert_eq!(desk.case(number).state, State::SupplementRequested);

    let rules = Rules::of(&desk.policy);
    let today = desk.today();
    let step = Step {
        expected_version: None,
        sealed: Some(store_support::sealed(77)),
        change: Box::new(move |dossier: &mut Dossier, _: &Place| {
            let mv = Move::Add { text: "三车间，夜里一点。".into() };
            dossier.case = apply(&dossier.case, mv, &Actor::Reporter, today, &rules)?;
            Ok(None)
        }),
    };
    desk.store.act(report(1), step).wait().unwrap();
    assert!(clerk.get("/zh/cases?word=reporter").await.text.contains(&number.to_string()));

    let mut inv = to_conclusion(&desk, number).await;
    let findings = "经查，报警器确实被人为关闭。";
    let handling = "责令停产整顿，罚款十万元。";
    let fields = [("findings", findings), ("handling", handling), ("reward", "met")];
    made(&mut inv, number, "reply", &fields).await;
    made(&mut inv, number, "close", &[("evidence", "处罚决定书一份，复查照片四张。")]).await;
    let case = desk.case(number);
    assert_eq!(case.state, State::Closed);
    let told: Vec<&str> = case.history.iter().map(|e| e.told.as_str()).filter(|t| !t.is_empty()).collect();
    assert_eq!(told, [question, TOLD, &format!("{findings}\n\n{handling}")]);

    let page = inv.get(&format!("/en/cases/{number}")).await.text;
    for text in [findings, "三车间，夜里一点。", "Sealed, if given", "Confirmed"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(inv.get("/zh/cases?state=closed&owner=me").await.text.contains(&number.to_string()));
    assert!(!inv.get("/zh/cases?state=verifying").await.text.contains(&number.to_string()));
}

#[tokio::test]
async fn a_move_with_no_way_back_needs_the_number_typed_and_a_reason() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let path = format!("/zh/cases/{number}/moves/decline");
    let version = clerk.get(&path).await.hidden("version");
    let short = [("ground", "unclear"), ("reason", "太短"), ("version", &version)];
    assert_eq!(clerk.post(&path, &short).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let no_ground = [("reason", "没有写明单位，也无法联系。"), ("version", &*version)];
    let answer = clerk.post(&path, &no_ground).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("没有写明单位，也无法联系。"), "what was typed stays");

    let good = [("ground", "unclear"), ("reason", "没有写明单位，也无法联系。"), ("version", &*version)];
    let preview = clerk.post(&path, &good).await;
    assert_eq!(preview.status, StatusCode::OK);
    let ground = &desk.policy.intake.ground("unclear").unwrap().text;
    assert!(
        preview.text.contains(&ground.zh) && preview.text.contains(&ground.en),
        "what the reporter reads"
    );
    assert!(preview.text.contains("未受理") && preview.text.contains("Not taken forward"));
    assert_eq!(desk.case(number).state, State::Submitted, "looking changes nothing");
    let wrong = [&good[..], &[("step", "do"), ("typed-number", "2026-999999")]].concat();
    assert_eq!(clerk.post(&path, &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let back = [&good[..], &[("step", "back")]].concat();
    let form = clerk.post(&path, &back).await;
    assert!(form.text.contains("<textarea") && form.text.contains("没有写明单位"), "back keeps the text");
    assert_eq!(desk.case(number).state, State::Submitted);
    let typed = number.to_string();
    let right = [&good[..], &[("step", "do"), ("typed-number", typed.as_str())]].concat();
    assert_eq!(clerk.post(&path, &right).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.case(number).state, State::NotAccepted);
}

#[tokio::test]
async fn two_people_at_one_case_do_not_overwrite_each_other() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let (mut one, mut other) = (desk.sign_in("clerk").await, desk.sign_in("clerk").await);
    let path = format!("/zh/cases/{number}/moves/note");
    let version = one.get(&path).await.hidden("version");
    other.get(&path).await;
    let note = |text: &'static str| [("text", text), ("version", &*version)];
    assert_eq!(one.post(&path, &note("先写的备注")).await.status, StatusCode::SEE_OTHER);
    let conflict = other.post(&path, &note("后写的备注")).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.text.contains("后写的备注"), "what was typed is kept");
    let again = [("text", "后写的备注"), ("version", &*conflict.hidden("version"))];
    assert_eq!(other.post(&path, &again).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.case(number).notes.len(), 2);
}

#[tokio::test]
async fn nobody_makes_a_move_that_is_not_theirs() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let conclude = format!("/zh/cases/{number}/moves/conclude");
    let fields = [("finding", "true"), ("reason", REASON), ("version", "1"), ("step", "do")];
    assert_eq!(clerk.post(&conclude, &fields).await.status, StatusCode::CONFLICT, "not the clerk's, not now");
    to_conclusion(&desk, number).await;
    let mut other = desk.sign_in("inv2").await;
    let reply = format!("/zh/cases/{number}/moves/reply");
    assert_eq!(other.get(&reply).await.status, StatusCode::NOT_FOUND, "another investigator's case");
    let mut approver = desk.sign_in("app1").await;
    let version = desk.case(number).version.to_string();
    let fields = [("findings", REASON), ("handling", REASON), ("reward", "met"), ("version", &version)];
    assert_eq!(approver.post(&reply, &fields).await.status, StatusCode::CONFLICT);
    assert_eq!(desk.case(number).state, State::Concluded);
}

#[tokio::test]
async fn more_time_is_asked_by_the_owner_and_granted_by_another() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    made(&mut clerk, number, "accept", &[("told", TOLD), ("reason", "属于受理范围，事项清楚。")]).await;
    made(&mut clerk, number, "assign", &[("to", "inv1")]).await;
    let mut inv = desk.sign_in("inv1").await;
    made(&mut inv, number, "begin", &[]).await;
    let before = desk.case(number).deadlines.conclude_by.unwrap();
    let too_long = make(&mut inv, number, "ask-extension", &[("days", "31"), ("reason", REASON)]).await;
    assert_eq!(too_long.status, StatusCode::UNPROCESSABLE_ENTITY);
    made(&mut inv, number, "ask-extension", &[("days", "30"), ("reason", REASON)]).await;
    let mut approver = desk.sign_in("app1").await;
    assert!(approver.get("/zh/").await.text.contains(&number.to_string()), "on the approver's first page");
    let told = "情况比较复杂，核查时间延长了。";
    made(&mut approver, number, "grant-extension", &[("told", told)]).await;
    assert_eq!((desk.case(number).deadlines.conclude_by.unwrap() - before).get_days(), 30);
    assert!(inv.get(&format!("/zh/cases/{number}/moves/ask-extension")).await.status == StatusCode::CONFLICT);
}

#[tokio::test]
async fn words_that_may_point_to_the_reporter_are_pointed_out() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let path = format!("/zh/cases/{number}/moves/say");
    let version = clerk.get(&path).await.hidden("version");
    let say = |text: &'static str| [("text", text), ("version", &*version)];
    let number_in_it = clerk.post(&path, &say("我们打了 13800138000，没有人接。")).await.text;
    assert!(number_in_it.contains("像是电话或证件号码"));
    let quote = clerk.post(&path, &say("您说夜班时储罐区的报警器被人关掉了，是吗？")).await.text;
    assert!(quote.contains("举报人的原话"));
    let plain = clerk.post(&path, &say("谢谢，我们明天去现场。")).await.text;
    assert!(!plain.contains("原话") && !plain.contains("像是电话"));
}

#[tokio::test]
async fn what_staff_write_is_sealed_to_the_receipt_and_no_page_shows_it_again() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    const WORDS: &str = "请到东门值班室旁等候，暗号是柳树。";
    let path = format!("/zh/cases/{number}/moves/say");
    let form = clerk.get(&path).await;
    assert!(form.text.contains("以后在这里不能再看"), "the form says so before sending: {}", form.text);
    let version = form.hidden("version");
    let preview = clerk.post(&path, &[("text", WORDS), ("version", &version)]).await.text;
    assert!(preview.contains(WORDS) && preview.contains("最后一次"), "{preview}");
    made(&mut clerk, number, "say", &[("text", WORDS)]).await;

    for lang in ["zh", "en"] {
        let page = clerk.get(&format!("/{lang}/cases/{number}")).await.text;
        assert!(!page.contains("柳树"), "{page}");
        let sealed = if lang == "zh" { "已密封给举报人" } else { "Sealed to the reporter" };
        assert!(page.contains(sealed) && page.contains("class=\"own\""), "{page}");
    }
    let case = desk.case(number);
    assert!(!serde_json::to_string(&case).unwrap().contains("柳树"));
    let [message] = &case.messages[..] else { panic!("one message") };
    assert_eq!((message.day, &message.from), (desk.today(), &Who::Staff(StaffId("clerk".into()))));
    let MessageText::Sealed(sealed) = &message.text else { panic!("in clear") };
    assert_eq!(mailbox::open(sealed, &receipt(1).mailbox_key()).unwrap().as_str(), WORDS);
    assert!(mailbox::open(sealed, &receipt(2).mailbox_key()).is_err());
}

#[tokio::test]
async fn every_reading_is_on_the_trail_and_auditors_alone_see_it() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    clerk.get(&format!("/zh/cases/{number}")).await;
    clerk.get(&format!("/zh/cases/{number}/moves/accept")).await;
    clerk.post("/zh/cases/search", &[("text", "储罐区")]).await;
    let what: Vec<String> =
        desk.store.trail(&|_, _| true, 10).unwrap().into_iter().map(|(_, e)| e.what).collect();
    assert_eq!(what, ["search", "move", "case"]);
    let mut auditor = desk.sign_in("auditor").await;
    let page = auditor.get(&format!("/zh/trail?case={number}")).await.text;
    assert!(page.contains("某clerk") && page.contains("打开案件") && !page.contains("查找</td>"));
    let list = auditor.get("/zh/cases").await.text;
    assert!(list.contains(&number.to_string()) && !list.contains("某化工厂1"), "the queue, not the content");
}

#[tokio::test]
async fn the_list_filters_sorts_searches_and_pages() {
    let desk = Desk::new();
    for n in 1..=53 {
        desk.submit(n, n == 40);
    }
    let mut clerk = desk.sign_in("clerk").await;
    let first = clerk.get("/zh/cases").await.text;
    let rows = |text: &str| text.matches("<th scope=\"row\"").count();
    assert!(first.contains("53 件案件") && first.contains("1 / 2"));
    assert_eq!(rows(&first), 50);
    let top = between(&first, "<th scope=\"row\"", "</th>").unwrap();
    assert!(top.contains("2026-000040"), "imminent danger first: {top}");
    assert_eq!(rows(&clerk.get("/zh/cases?page=2").await.text), 3);
    assert_eq!(rows(&clerk.get("/zh/cases?danger=1").await.text), 1);
    assert_eq!(rows(&clerk.get("/zh/cases?band=overdue").await.text), 0);
    desk.pass(9 * 24 * 3600);
    let mut clerk = desk.sign_in("clerk").await;
    assert_eq!(rows(&clerk.get("/zh/cases?band=overdue&sort=number&dir=down").await.text), 50);
    // What nobody offers asks for nothing, and does not fail.
    let odd = clerk.get("/zh/cases?state=%FF&kind=x&sort=%00&page=999999999999999999999&owner=%3Cb%3E").await;
    assert_eq!(odd.status, StatusCode::OK);
    let found = clerk.post("/zh/cases/search", &[("text", "编号17")]).await.text;
    assert!(found.contains("2026-000017") && rows(&found) == 1, "found by the narrative");
    assert_eq!(rows(&clerk.post("/zh/cases/search", &[("text", "没有这个词")]).await.text), 0);
}
