//! Joiners, movers and leavers: roles, sessions and cases of people, as an administrator changes them.

use crate::console_support::{
    Browser, Desk, PASSWORD,
    acts::{TOLD, made, to_approved, to_conclusion},
};
use crate::store_support::MemoryEngine;
use crate::systems::{second, unconfirmed};
use axum::http::StatusCode;
use mifeng::{
    casework::{MoveKind, Role},
    clock::Day,
    ids::StaffId,
    store::{
        Access, AccessHash, Account, AccountChange, Attempts, Cases, Commit, Confirmation, Refused, Staff,
        Store, TrailEntry,
    },
};
use std::sync::Arc;

fn account(desk: &Desk, name: &str) -> Account {
    desk.store.account(&StaffId(name.into())).unwrap().unwrap()
}

fn put(desk: &Desk, account: Account) {
    desk.store.put_account(account).wait().unwrap();
}

/// The latest entry of the staff record: who, what, of whom, how.
fn noted(desk: &Desk) -> (String, String, String, String) {
    let (_, entry) = desk.store.trail(&|_, _| true, 1).unwrap().remove(0);
    (entry.by.0, entry.what, entry.account.map(|id| id.0).unwrap_or_default(), entry.change)
}

fn entry(parts: [&str; 4]) -> (String, String, String, String) {
    let [a, b, c, d] = parts.map(str::to_owned);
    (a, b, c, d)
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/zh/me").await.status == StatusCode::OK
}

#[tokio::test]
async fn whoever_moves_to_other_work_is_out_at_once_and_the_auditor_sees_what_changed() {
    let desk = Desk::new();
    let mut inv = desk.sign_in("inv1").await;
    let mut admin = desk.sign_in("admin").await;
    let form = admin.get("/zh/people/inv1/change").await;
    assert!(form.text.contains("value=\"investigator\" checked"), "{}", form.text);
    let fields = [("name", "某inv1"), ("roles", "clerk"), ("body", "city_370100")];
    let answer = admin.post("/zh/people/inv1/change", &fields).await;
    assert_eq!(answer.location, "/zh/people/inv1?done=changed", "{}", answer.text);
    assert!(!is_in(&mut inv).await);
    assert_eq!(account(&desk, "inv1").roles, [Role::Clerk].into());
    let change = "investigator → clerk; ministry → city_370100";
    assert_eq!(noted(&desk), entry(["admin", "account-changed", "inv1", change]));
    assert!(admin.get("/zh/people/inv1?done=changed").await.text.contains("已保存"));
    let trail = desk.sign_in("auditor").await.get("/zh/trail").await;
    assert!(trail.text.contains(change) && trail.text.contains("修改账号 inv1"), "{}", trail.text);

    // Nothing changed: nobody is signed out, nothing is recorded.
    let mut inv = desk.sign_in("inv1").await;
    admin.get("/zh/people").await;
    assert_eq!(admin.post("/zh/people/inv1/change", &fields).await.location, "/zh/people/inv1");
    assert!(is_in(&mut inv).await);
}

#[tokio::test]
async fn an_approver_who_is_none_any_more_loses_the_signing_key() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    admin.post("/zh/people/app1/change", &[("name", "某"), ("roles", "clerk")]).await;
    assert!(account(&desk, "app1").signing_key.is_none());
    admin.post("/zh/people/app2/change", &[("name", "某"), ("roles", "approver"), ("roles", "clerk")]).await;
    assert!(account(&desk, "app2").signing_key.is_some());
}

#[tokio::test]
async fn a_name_too_long_for_the_sign_on_is_refused_as_an_error() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    let answer = admin.post("/zh/people/clerk/subject", &[("subject", &"x".repeat(256))]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("<title>错误：") && answer.text.contains("href=\"#subject\""));
    assert!(account(&desk, "clerk").ways.subject.is_none() && !answer.text.contains("role=\"status\""));
}

/// Made, changed, brought back, or written into the store by whatever way: nobody acts with both.
#[tokio::test]
async fn two_roles_kept_apart_are_never_in_one_hand() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    let both = [("name", "某"), ("roles", "investigator"), ("roles", "reward_officer")];
    let answer = admin.post("/zh/people/inv1/change", &both).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("aria-describedby=\"roles-error\""), "{}", answer.text);
    assert_eq!(account(&desk, "inv1").roles, [Role::Investigator].into());

    // As after a change of policy, or by a tool.
    let roles = [Role::Trustee, Role::RewardOfficer].into();
    put(&desk, Account { roles, disabled: true, ..account(&desk, "tru1") });
    let answer = admin.post("/zh/people/tru1/enable", &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("<title>错误：") && answer.text.contains("没有改动："), "{}", answer.text);
    assert!(!answer.text.contains("class=\"panel\""), "nothing was done: {}", answer.text);
    assert!(account(&desk, "tru1").disabled);
    put(&desk, Account { disabled: false, ..account(&desk, "tru1") });
    desk.pass(30);
    let mut browser = desk.browser();
    browser.try_sign_in("tru1", PASSWORD, &desk.code()).await;
    let answer = browser.get("/zh/me").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("不能兼任"), "{}", answer.text);
    assert_eq!(browser.get("/zh/releases").await.location, "/zh/sign-in");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    // Oneself: neither by the form nor by its address.
    for (path, fields) in [
        ("/zh/people/admin/disable", &[][..]),
        ("/zh/people/admin/change", &[("name", "某"), ("roles", "clerk")][..]),
        ("/zh/people/admin/reset", &[][..]),
    ] {
        assert_eq!(admin.post(path, fields).await.location, "/zh/people/admin", "{path}");
    }
    let before = account(&desk, "admin");
    assert!(!before.disabled && before.roles.contains(&Role::Administrator));

    // Two who disable and demote each other in the same moment: one of them is refused.
    put(&desk, Account { roles: [Role::Administrator].into(), ..account(&desk, "clerk") });
    let gone = |now| Ok(Account { disabled: true, ..now });
    let demoted = |now| Ok(Account { roles: [Role::Auditor].into(), ..now });
    let first = desk.store.change_account(&StaffId("admin".into()), Box::new(gone));
    let second = desk.store.change_account(&StaffId("clerk".into()), Box::new(demoted));
    first.wait().unwrap();
    assert!(matches!(second.wait(), Err(Refused::LastAdministrator)));
    assert!(account(&desk, "clerk").roles.contains(&Role::Administrator));
}

#[tokio::test]
async fn sessions_end_everywhere_by_oneself_and_by_an_administrator() {
    let desk = Desk::new();
    let (mut here, mut there) = (desk.sign_in("clerk").await, desk.sign_in("clerk").await);
    assert_eq!(here.post("/zh/me/sign-out-everywhere", &[]).await.location, "/zh/sign-in");
    assert_eq!(noted(&desk), entry(["clerk", "account-signed-out", "clerk", ""]));
    assert!(!is_in(&mut here).await && !is_in(&mut there).await);

    let mut clerk = desk.sign_in("clerk").await;
    let mut admin = desk.sign_in("admin").await;
    assert_eq!(admin.post("/zh/people/clerk/sign-out", &[]).await.location, "/zh/people/clerk?done=sessions");
    assert_eq!(noted(&desk), entry(["admin", "account-signed-out", "clerk", ""]));
    assert!(!is_in(&mut clerk).await && is_in(&mut admin).await);
    // The account is as it was.
    assert!(is_in(&mut desk.sign_in("clerk").await).await);
}

/// Disabled and brought back between two clicks of the same browser: the session does not come back.
#[tokio::test]
async fn a_session_from_before_an_account_was_disabled_is_gone_for_good() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let mut admin = desk.sign_in("admin").await;
    admin.post("/zh/people/clerk/disable", &[]).await;
    admin.post("/zh/people/clerk/enable", &[]).await;
    assert!(!is_in(&mut clerk).await);
}

#[tokio::test]
async fn what_a_leaver_has_in_hand_is_listed_and_handed_over() {
    let desk = Desk::new();
    let (open, concluded) = (desk.submit(1, false), desk.submit(2, false));
    to_conclusion(&desk, concluded).await;
    let mut clerk = desk.sign_in("clerk").await;
    made(&mut clerk, open, "accept", &[("told", TOLD), ("reason", "属于受理范围，事项清楚。")]).await;
    made(&mut clerk, open, "assign", &[("to", "inv1")]).await;
    let mut admin = desk.sign_in("admin").await;
    let page = admin.post("/zh/people/inv1/disable", &[]).await;
    assert_eq!(page.location, "/zh/people/inv1");
    let page = admin.get("/zh/people/inv1").await;
    for number in [open, concluded] {
        assert!(page.text.contains(&number.to_string()), "{}", page.text);
    }
    assert!(!page.text.contains("某化工厂"), "an administrator sees nothing of a case");
    assert_eq!(admin.get(&format!("/zh/cases/{open}")).await.status, StatusCode::FORBIDDEN);

    // To nobody, to oneself who leaves, to somebody who does not investigate, to somebody who is out.
    put(&desk, Account { roles: [Role::Investigator].into(), disabled: true, ..account(&desk, "tru2") });
    for to in ["", "inv1", "clerk", "tru2", "nobody"] {
        let answer = admin.post("/zh/people/inv1/hand-over", &[("to", to)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{to}");
    }
    // To somebody who is of another body: the cases stay.
    put(&desk, Account { body: "province_110000".into(), ..account(&desk, "inv2") });
    let answer = admin.post("/zh/people/inv1/hand-over", &[("to", "inv2")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("href=\"#holds\">有的案件没有移交"), "{}", answer.text);
    assert!(answer.text.contains("id=\"holds\"") && answer.text.contains(&open.to_string()));
    assert_eq!(desk.case(open).owner, Some(StaffId("inv1".into())));

    put(&desk, Account { body: "province_370000".into(), ..account(&desk, "inv2") });
    let answer = admin.post("/zh/people/inv1/hand-over", &[("to", "inv2")]).await;
    assert_eq!(answer.location, "/zh/people/inv1?done=handed");
    let both = format!("inv1 → inv2: {open}, {concluded}");
    assert_eq!(noted(&desk), entry(["admin", "account-handed-over", "inv1", &both]));
    for number in [open, concluded] {
        let case = desk.case(number);
        assert_eq!(case.owner, Some(StaffId("inv2".into())));
        assert_eq!(case.history.last().unwrap().what, MoveKind::Reassign);
        assert!(!case.worked_on().contains(&StaffId("admin".into())));
    }
    // And the work goes on.
    let mut heir = desk.sign_in("inv2").await;
    made(&mut heir, open, "begin", &[]).await;
    let reply = [
        ("findings", "经现场核查，报警器确实被人关闭，情况属实。"),
        ("handling", "已责令停产整改，并对单位立案查处。"),
        ("reward", "met"),
    ];
    made(&mut heir, concluded, "reply", &reply).await;
    assert!(heir.get(&format!("/zh/cases/{open}")).await.text.contains("移交"));
}

/// The accounts, in which whoever makes one, or confirms a token, is put out a moment before that is stored.
struct PutsOut(Arc<Store>);

impl Staff for PutsOut {
    fn account(&self, id: &StaffId) -> Result<Option<Account>, Refused> {
        self.0.account(id)
    }
    fn accounts(&self) -> Result<Vec<Account>, Refused> {
        self.0.accounts()
    }
    fn put_account(&self, account: Account) -> Commit<()> {
        self.0.put_account(account)
    }
    fn new_account_by(&self, by: &Account, account: Account) -> Commit<()> {
        let out = |now: Account| Ok(now.without_sessions());
        self.0.change_account(&by.id, Box::new(out)).wait().unwrap();
        self.0.new_account_by(by, account)
    }
    fn change_account(&self, id: &StaffId, change: AccountChange) -> Commit<()> {
        self.0.change_account(id, change)
    }
    fn change_account_by(&self, by: &Account, id: &StaffId, change: AccountChange) -> Commit<()> {
        self.0.change_account_by(by, id, change)
    }
    fn spend_totp(&self, id: &StaffId, step: u64) -> Commit<()> {
        self.0.spend_totp(id, step)
    }
    fn count_attempt(&self, key: &str, at: i64, waiting: fn(&Attempts, i64) -> i64) -> Commit<Attempts> {
        self.0.count_attempt(key, at, waiting)
    }
    fn clear_failures(&self, key: &str) -> Commit<()> {
        self.0.clear_failures(key)
    }
    fn access(&self, token: AccessHash) -> Result<Option<Access>, Refused> {
        self.0.access(token)
    }
    fn accesses(&self) -> Result<Vec<Access>, Refused> {
        self.0.accesses()
    }
    fn new_access(&self, by: &Account, token: AccessHash, access: Access) -> Commit<u64> {
        self.0.new_access(by, token, access)
    }
    fn confirm_access(&self, by: &Account, number: u64, day: Day, entry: TrailEntry) -> Commit<()> {
        let out = |now: Account| Ok(now.without_sessions());
        self.0.change_account(&by.id, Box::new(out)).wait().unwrap();
        self.0.confirm_access(by, number, day, entry)
    }
    fn revoke_access(&self, by: &Account, number: u64, day: Day) -> Commit<()> {
        self.0.revoke_access(by, number, day)
    }
}

/// Between the check of the form and the account that comes of it lies the hashing of a password.
#[tokio::test]
async fn an_account_is_made_by_nobody_who_was_put_out_meanwhile() {
    let (engine, folder) = (Arc::new(MemoryEngine::default()), tempfile::tempdir().unwrap());
    let desk = Desk::built(engine, folder, Default::default(), |store| Arc::new(PutsOut(store)));
    let mut admin = desk.sign_in("admin").await;
    let fields = [("id", "zhao"), ("name", "赵"), ("roles", "clerk")];
    let answer = admin.post("/zh/people/new", &fields).await;
    assert_eq!(answer.location, "/zh/sign-in", "{}", answer.text);
    assert!(desk.store.account(&StaffId("zhao".into())).unwrap().is_none());
}

/// The record of two who stand behind a token is evidence: who was refused is not in it.
#[tokio::test]
async fn nobody_who_was_put_out_meanwhile_is_recorded_as_a_tokens_second() {
    let (engine, folder) = (Arc::new(MemoryEngine::default()), tempfile::tempdir().unwrap());
    let desk = Desk::built(engine, folder, Default::default(), |store| Arc::new(PutsOut(store)));
    unconfirmed(&mut desk.sign_in("admin").await, "平台", "ministry", &["cases:read"]).await;
    let mut other = second(&desk).await;
    assert_eq!(other.post("/zh/systems/1/confirm", &[]).await.location, "/zh/systems");
    assert_eq!(desk.store.accesses().unwrap()[0].confirmation, Confirmation::Awaited);
    let confirmed = desk.store.trail(&|_, entry| entry.what == "access-confirmed", 9).unwrap();
    assert!(confirmed.is_empty(), "{confirmed:?}");
}

/// A city's administrator keeps the accounts of the city, and learns nothing of who works elsewhere on what.
#[tokio::test]
async fn an_administrator_sees_colleagues_and_cases_of_the_own_body_and_those_below_alone() {
    let desk = Desk::new();
    let (here, elsewhere) = (desk.submit(1, false), desk.submit_with(2, |c| c.region = "420100".into()));
    for number in [here, elsewhere] {
        to_conclusion(&desk, number).await;
    }
    put(&desk, Account { body: "city_370100".into(), ..account(&desk, "admin") });
    put(&desk, Account { body: "city_370100".into(), ..account(&desk, "inv1") });
    put(&desk, Account { body: "city_420100".into(), ..account(&desk, "inv2") });
    let mut admin = desk.sign_in("admin").await;
    let page = admin.get("/zh/people/inv1").await;
    assert!(page.text.contains(&here.to_string()), "{}", page.text);
    assert!(!page.text.contains(&elsewhere.to_string()), "a case of another body");
    assert!(page.text.contains("此人在其他单位还有未办完的工作"), "{}", page.text);
    assert!(!page.text.contains("某inv2"), "an investigator of another body");
    let answer = admin.post("/zh/people/inv1/hand-over", &[("to", "inv2")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "nor by the address");

    put(&desk, Account { body: "county_370102".into(), ..account(&desk, "inv2") });
    assert!(admin.get("/zh/people/inv1").await.text.contains("某inv2"));
    let answer = admin.post("/zh/people/inv1/hand-over", &[("to", "inv2")]).await;
    assert_eq!(answer.location, "/zh/people/inv1?done=handed");
    assert_eq!(noted(&desk).3, format!("inv1 → inv2: {here}"));
    assert_eq!(desk.case(here).owner, Some(StaffId("inv2".into())));
    assert_eq!(desk.case(elsewhere).owner, Some(StaffId("inv1".into())));
}

#[tokio::test]
async fn a_vote_that_waits_for_others_is_listed() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    to_approved(&desk, number).await;
    let mut admin = desk.sign_in("admin").await;
    let held = |text: &str| text.contains(&number.to_string());
    assert!(!held(&admin.get("/zh/people/app1").await.text), "both have voted: nothing waits");
    let mut app1 = desk.sign_in("app1").await;
    let award = [("award", "1")];
    app1.post(&format!("/zh/cases/{number}/award/withdraw"), &award).await;
    assert!(!held(&admin.get("/zh/people/app1").await.text));
}
