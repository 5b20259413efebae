//! Two administrators stand behind a token: made by one, it does nothing until another has confirmed it.

use crate::{
    console_support::{Browser, Desk},
    systems::{ask, latest, second, unconfirmed},
};
use axum::http::StatusCode;
use mifeng::{
    ids::StaffId,
    store::{Access, AccessHash, Account, Confirmation, Refused, Scope, Staff, TrailEntry},
};

const CONFIRM: &str = "/zh/systems/1/confirm";
const UNCONFIRMED: (StatusCode, &str) = (StatusCode::FORBIDDEN, "unconfirmed");
const UNKNOWN: (StatusCode, &str) = (StatusCode::UNAUTHORIZED, "token");
const DAY: i64 = 86_400;

fn administrator(desk: &Desk, id: &str) -> Account {
    desk.store.account(&StaffId(id.into())).unwrap().unwrap()
}

/// What the staff record would say.
fn entry(by: &Account) -> TrailEntry {
    let what = "access-confirmed".into();
    TrailEntry { at: 0, by: by.id.clone(), what, case: None, account: None, change: String::new() }
}

/// An administrator of that body.
async fn of_body(desk: &Desk, id: &str, body: &str) -> Browser {
    let account = Account { id: StaffId(id.into()), body: body.into(), ..administrator(desk, "admin") };
    desk.store.put_account(account).wait().unwrap();
    let mut browser = desk.sign_in(id).await;
    browser.get("/zh/systems").await;
    browser
}

#[tokio::test]
async fn a_token_does_nothing_until_a_second_administrator_has_confirmed_it() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut admin = desk.sign_in("admin").await;
    let token = unconfirmed(&mut admin, "平台", "ministry", &["cases:read"]).await;
    let case = format!("/cases/{number}");
    for path in ["/cases", &case, "/figures", "/log/checkpoint"] {
        let refused = ask(&desk, &token, path).await;
        assert_eq!((refused.status, refused.code()), UNCONFIRMED, "{path}");
        assert!(!refused.text.contains(&number.to_string()), "{}", refused.text);
    }
    // Whoever made it finds no button, and a form of their own makes them no second.
    let page = admin.get("/zh/systems").await.text;
    assert!(page.contains("等待另一位管理员确认，截止日期 2026-11-30"), "{page}");
    assert!(page.contains("/zh/systems/1/revoke") && !page.contains(CONFIRM), "{page}");
    assert!(!admin.get("/zh/").await.text.contains("令牌等您确认"));
    let before = latest(&desk);
    assert_eq!(admin.post(CONFIRM, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(latest(&desk), before, "nor is it recorded as done");
    let (maker, today) = (administrator(&desk, "admin"), desk.today());
    let own = desk.store.confirm_access(&maker, 1, today, entry(&maker)).wait();
    assert!(matches!(own, Err(Refused::OwnAccess)), "{own:?}");
    assert_eq!(latest(&desk), before, "nor by the store");
    assert_eq!(ask(&desk, &token, &case).await.status, StatusCode::FORBIDDEN);

    let mut other = second(&desk).await;
    assert!(other.get("/zh/").await.text.contains("1 个其他系统的令牌等您确认"));
    let page = other.get("/zh/systems").await.text;
    assert!(page.contains(CONFIRM) && page.contains("某admin (admin) 生成，2026-11-23"), "{page}");
    // Not by a session that has ended meanwhile.
    let put_out = administrator(&desk, "admin2").without_sessions();
    let before = latest(&desk);
    let late = desk.store.confirm_access(&put_out, 1, today, entry(&put_out)).wait();
    assert!(matches!(late, Err(Refused::Changed)), "{late:?}");
    assert_eq!(latest(&desk), before);
    assert_eq!(other.post(CONFIRM, &[]).await.location, "/zh/systems");
    let change = "平台; ministry; cases:read; 2026-12-31; admin";
    assert_eq!(latest(&desk), ("admin2".into(), "access-confirmed".into(), None, change.into()));

    assert_eq!(ask(&desk, &token, &case).await.status, StatusCode::OK);
    let refused = ask(&desk, &token, "/figures").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "scope"));
    let page = admin.get("/zh/systems").await.text;
    for text in ["某admin (admin) 生成", "某admin2 (admin2) 确认，2026-11-23", "有效至 2026-12-31"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    // Once: pressed again it changes nothing.
    let before = latest(&desk);
    assert_eq!(other.post(CONFIRM, &[]).await.location, "/zh/systems");
    assert_eq!(latest(&desk), before);
    assert!(!other.get("/zh/systems").await.text.contains(CONFIRM));
}

#[tokio::test]
async fn who_does_not_reach_the_body_confirms_nothing() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    let token = unconfirmed(&mut admin, "济南平台", "city_370100", &["cases:read"]).await;
    let mut far = of_body(&desk, "qingdao", "city_370200").await;
    assert!(!far.get("/zh/systems").await.text.contains("济南平台"));
    assert_eq!(far.post(CONFIRM, &[]).await.status, StatusCode::NOT_FOUND);
    assert!(!far.get("/zh/").await.text.contains("令牌等您确认"));
    for name in ["clerk", "app1", "auditor"] {
        let mut other = desk.sign_in(name).await;
        assert_eq!(other.post(CONFIRM, &[]).await.status, StatusCode::FORBIDDEN, "{name}");
    }
    let refused = ask(&desk, &token, "/cases").await;
    assert_eq!((refused.status, refused.code()), UNCONFIRMED);
    let mut near = of_body(&desk, "jinan", "city_370100").await;
    assert_eq!(near.post(CONFIRM, &[]).await.location, "/zh/systems");
    assert_eq!(ask(&desk, &token, "/cases").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_nobody_confirms_in_a_week_is_over_and_what_was_revoked_stays_so() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    let lapsing = unconfirmed(&mut admin, "甲", "ministry", &["cases:read"]).await;
    let revoked = unconfirmed(&mut admin, "乙", "ministry", &["cases:read"]).await;
    let mut other = second(&desk).await;
    assert_eq!(other.post("/zh/systems/2/revoke", &[]).await.location, "/zh/systems");
    assert_eq!(other.post("/zh/systems/2/confirm", &[]).await.location, "/zh/systems");
    let refused = ask(&desk, &revoked, "/cases").await;
    assert_eq!((refused.status, refused.code()), UNKNOWN);

    desk.pass(7 * DAY);
    let refused = ask(&desk, &lapsing, "/cases").await;
    assert_eq!((refused.status, refused.code()), UNCONFIRMED, "the seventh day");
    desk.pass(DAY);
    let refused = ask(&desk, &lapsing, "/cases").await;
    assert_eq!((refused.status, refused.code()), UNKNOWN);
    let mut other = second(&desk).await;
    let page = other.get("/zh/systems").await.text;
    assert!(page.contains("至 2026-11-30 无人确认") && page.contains("已于 2026-11-23 撤销"), "{page}");
    assert!(!page.contains("/confirm") && !page.contains("/revoke"), "{page}");
    let before = latest(&desk);
    assert_eq!(other.post(CONFIRM, &[]).await.location, "/zh/systems");
    assert_eq!(latest(&desk), before);
    assert_eq!(ask(&desk, &lapsing, "/cases").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn one_from_before_goes_on_and_the_page_says_whose_it_is() {
    let desk = Desk::new();
    let by = administrator(&desk, "admin");
    let (token, hash) = AccessHash::draw(&mut rand::rng());
    let access = Access {
        number: 0,
        name: "旧平台".into(),
        body: "ministry".into(),
        scopes: [Scope::Cases].into(),
        made: desk.today(),
        made_by: by.id.clone(),
        until: jiff::civil::date(2026, 12, 31),
        revoked: None,
        confirmation: Confirmation::NotAsked,
    };
    desk.store.new_access(&by, hash, access).wait().unwrap();
    assert_eq!(ask(&desk, &token, "/cases").await.status, StatusCode::OK);
    let mut other = second(&desk).await;
    let page = other.get("/zh/systems").await.text;
    assert!(page.contains("某admin (admin) 生成") && page.contains("生成时尚不要求另一位"), "{page}");
    assert!(!page.contains(CONFIRM), "{page}");
    assert_eq!(other.post("/zh/systems/1/revoke", &[]).await.location, "/zh/systems");
    assert_eq!(ask(&desk, &token, "/cases").await.status, StatusCode::UNAUTHORIZED);
}
