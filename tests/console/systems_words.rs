//! No word of a reporter's leaves to another system but what a sheet says that somebody has read and confirmed; and none of
//! staff's but what the reporter was told.

use crate::{
    console_support::{
        Answer, Browser, Desk,
        acts::{REASON, TOLD, by_reporter, made, to_conclusion},
    },
    sheets::boxes,
    systems::{ask, token, unconfirmed},
};
use axum::http::StatusCode;
use mifeng::{
    casework::{MessageText, Move},
    ids::CaseNumber,
    log::Event,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const STORY: &str = "我叫张三，电话13800138000。夜班时储罐区的报警器被人关掉了。";
const ADDED: &str = "储罐区的门也被锁上了。";
/// Told before there is a sheet, each by a piece of it.
const TOLD_FIRST: [&str; 6] = ["张三", "储罐区", "夜班", "某化工厂", "工业路", "锁上"];
/// Told when there is one already, and what staff keep to themselves.
const TOLD_LATER: [&str; 5] = [
    "第二天又关了一次。",
    "想问查到哪一步了？",
    "班长说是我举报的，把我调走了。",
    "我怕被认出来。",
    "没有调夜里的记录。",
];
const NOTE: &str = "线人的说法还要再核。";
const FINDINGS: &str = "经查，报警装置确实被人为关闭。";

/// What a system reads of the case, after a look for what must not be in anything it reads.
async fn reads(desk: &Desk, token: &str, number: CaseNumber, never: &[&str]) -> Value {
    let case = ask(desk, token, &format!("/cases/{number}")).await;
    for heard in [&case, &ask(desk, token, "/cases").await] {
        assert_eq!(heard.status, StatusCode::OK, "{}", heard.text);
        for words in never {
            assert!(!heard.text.contains(words), "{words}: {}", heard.text);
        }
    }
    case.body
}

/// Looks at a sheet without these words, and is asked to confirm it: the fields to do that with.
async fn looks(clerk: &mut Browser, number: CaseNumber, without: &str) -> Vec<(String, String)> {
    let path = format!("/zh/cases/{number}/sheet");
    let form = clerk.get(&path).await;
    let boxes = boxes(&form.text).into_iter().map(|name| (name, "1".to_owned()));
    let version = form.hidden("version");
    let rest = [("version", &*version), ("to", "body.city_370100"), ("words", without)];
    let rest = rest.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut fields: Vec<(String, String)> = boxes.chain(rest).collect();
    let step = |step: &str| ("step".to_owned(), step.to_owned());
    let look = sends(clerk, &path, &[&fields[..], &[step("look")]].concat()).await;
    assert_eq!(look.status, StatusCode::OK, "{}", look.text);
    fields.extend([step("do"), ("seen".to_owned(), look.hidden("seen"))]);
    fields
}

async fn sends(clerk: &mut Browser, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    clerk.post(path, &fields).await
}

async fn confirms(clerk: &mut Browser, number: CaseNumber, fields: &[(String, String)]) {
    let path = format!("/zh/cases/{number}/sheet");
    let done = sends(clerk, &path, fields).await;
    assert!(done.location.starts_with(&format!("/zh/cases/{number}/sheets/")), "{}", done.text);
}

/// A case with a story, and who reads it.
async fn begun(desk: &Desk) -> (CaseNumber, String) {
    let number = desk.submit_with(1, |content| content.narrative = STORY.into());
    by_reporter(desk, 1, Move::Add { text: ADDED.into() }, Some(Event::Added));
    let mut admin = desk.sign_in("admin").await;
    (number, token(desk, &mut admin, "数据平台", "ministry", &["cases:read"]).await)
}

#[tokio::test]
async fn of_what_a_reporter_wrote_a_system_reads_the_latest_confirmed_sheet_alone() {
    let desk = Desk::new();
    let (number, token) = begun(&desk).await;
    let day = desk.today().to_string();
    let case = reads(&desk, &token, number, &TOLD_FIRST).await;
    assert_eq!((&case["sheet"], &case["additions"]), (&Value::Null, &json!([{ "day": day }])));
    let content = &case["content"];
    assert_eq!((&content["region"], &content["kind"]), (&json!("370102"), &json!("violation")));

    let mut clerk = desk.sign_in("clerk").await;
    let seen = looks(&mut clerk, number, "").await;
    let case = reads(&desk, &token, number, &TOLD_FIRST).await;
    assert_eq!(case["sheet"], Value::Null, "looked at, and not confirmed");
    confirms(&mut clerk, number, &seen).await;
    let case = reads(&desk, &token, number, &["张三", "13800138000"]).await;
    assert!(case["sheet"]["narrative"].as_str().unwrap().contains("夜班时储罐区的报警器"), "{case}");

    // The latest: the night shift is out of it.
    let seen = looks(&mut clerk, number, "夜班").await;
    confirms(&mut clerk, number, &seen).await;
    let case = reads(&desk, &token, number, &["张三", "13800138000", "夜班"]).await;
    let sheet = &case["sheet"];
    let narrative = sheet["narrative"].as_str().unwrap();
    for part in ["［已隐去：姓名］", "［已隐去：电话］", "［已隐去］时储罐区的报警器被人关掉了。"]
    {
        assert!(narrative.contains(part), "{part}: {narrative}");
    }
    assert_eq!(sheet["when"], "上周二［已隐去］");
    assert_eq!((&sheet["target"], &sheet["address"]), (&json!("某化工厂1"), &json!("工业路 1 号")));
    assert_eq!((&sheet["day"], &sheet["credit_code"]), (&json!(day), &Value::Null));
    assert_eq!(sheet["additions"], json!([{ "day": day, "text": ADDED }]));
    // Member by member as it is described.
    let described: Value =
        serde_json::from_str(include_str!("../../assets/openapi-authorities.json")).unwrap();
    let schema = &described["components"]["schemas"]["Case"]["properties"]["sheet"]["anyOf"][0]["properties"];
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(members(sheet), members(schema));
}

#[tokio::test]
async fn what_comes_after_a_sheet_and_what_staff_keep_to_themselves_leaves_as_a_day() {
    let desk = Desk::new();
    let (number, token) = begun(&desk).await;
    let day = desk.today().to_string();
    let mut clerk = desk.sign_in("clerk").await;
    let seen = looks(&mut clerk, number, "").await;
    confirms(&mut clerk, number, &seen).await;
    let sheet = reads(&desk, &token, number, &["张三"]).await["sheet"].clone();

    let mut inv = to_conclusion(&desk, number).await;
    made(&mut inv, number, "note", &[("text", NOTE)]).await;
    let reply = [("findings", FINDINGS), ("handling", "责令停产整顿，罚款十万元。"), ("reward", "met")];
    made(&mut inv, number, "reply", &reply).await;
    let [added, said, suffers, deletion, objection] = TOLD_LATER.map(str::to_owned);
    let says = Move::Say { text: MessageText::Clear(said), file: None };
    for mv in [
        Move::Add { text: added },
        says,
        Move::Retaliation { text: suffers },
        Move::AskDeletion { text: deletion },
    ] {
        by_reporter(&desk, 1, mv, Some(Event::Added));
    }
    by_reporter(&desk, 1, Move::Object { text: objection }, Some(Event::Objected));
    // They are in the case: without this the search below would find nothing whatever left.
    let stored = serde_json::to_string(&desk.case(number)).unwrap();
    let kept = [NOTE, REASON, "属于受理范围", "inv1"];
    let never: Vec<&str> = TOLD_LATER.iter().chain(&kept).copied().collect();
    for words in &never {
        assert!(stored.contains(words), "{words}");
    }

    let case = reads(&desk, &token, number, &never).await;
    assert_eq!(case["sheet"], sheet, "as it was confirmed");
    for member in ["objections", "retaliations", "deletions", "notes"] {
        assert_eq!(case[member], json!([{ "day": day }]), "{member}");
    }
    assert_eq!(case["additions"], json!([{ "day": day }, { "day": day }]));
    assert_eq!(case["messages"], json!([{ "day": day, "by": "reporter", "file": false }]));
    // What the reporter was told.
    assert_eq!(case["reply"]["findings"], FINDINGS);
    assert!(case["history"].as_array().unwrap().iter().any(|event| event["told"] == TOLD), "{case}");
}

#[tokio::test]
async fn a_deleted_report_has_no_sheet_any_more() {
    let desk = Desk::new();
    let (number, token) = begun(&desk).await;
    let mut clerk = desk.sign_in("clerk").await;
    let seen = looks(&mut clerk, number, "").await;
    confirms(&mut clerk, number, &seen).await;
    assert!(reads(&desk, &token, number, &[]).await["sheet"].is_object());
    let fields = [("ground", "unclear"), ("reason", "没有写明单位和事项。")];
    made(&mut clerk, number, "decline", &fields).await;
    by_reporter(&desk, 1, Move::AskDeletion { text: "我怕被认出来。".into() }, Some(Event::Added));
    let mut approver = desk.sign_in("app1").await;
    let granted = [("told", "已经按您的要求删除。"), ("reason", "不再需要，可以删除。")];
    made(&mut approver, number, "grant-deletion", &granted).await;
    let case = reads(&desk, &token, number, &TOLD_FIRST).await;
    assert_eq!((&case["sheet"], case["deleted"].is_string()), (&Value::Null, true));
}

/// Before the text is confirmed, and only where it goes to more readers than the one that is chosen.
#[tokio::test]
async fn whoever_makes_a_sheet_reads_that_other_systems_read_it_where_there_are_any() {
    let desk = Desk::new();
    let (number, mut clerk) = (desk.submit(1, false), desk.sign_in("clerk").await);
    let mut admin = desk.sign_in("admin").await;
    assert!(!is_told(&mut clerk, number).await, "there is none");
    token(&desk, &mut admin, "统计平台", "ministry", &["figures:read"]).await;
    token(&desk, &mut admin, "青岛平台", "city_370200", &["cases:read"]).await;
    assert!(!is_told(&mut clerk, number).await, "none that reads this case");
    unconfirmed(&mut admin, "济南平台", "city_370100", &["cases:read"]).await;
    assert!(is_told(&mut clerk, number).await, "confirmed tomorrow it reads what is made today");
    assert_eq!(admin.post("/zh/systems/3/revoke", &[]).await.location, "/zh/systems");
    assert!(!is_told(&mut clerk, number).await, "revoked");
    token(&desk, &mut admin, "数据平台", "ministry", &["cases:read"]).await;
    assert!(is_told(&mut clerk, number).await);
}

async fn is_told(clerk: &mut Browser, number: CaseNumber) -> bool {
    let form = clerk.get(&format!("/zh/cases/{number}/sheet")).await;
    assert!(form.status == StatusCode::OK && form.text.contains("转办材料只写事项"), "{}", form.text);
    form.text.contains("其他系统，也会读到转出去的文字")
}
