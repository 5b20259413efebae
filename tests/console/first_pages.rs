//! What each role finds in the morning: late, due today, waiting for them, new; and a kind word where nothing is.

use crate::{
    console_support::{
        self, Browser, Desk, STAFF,
        acts::{FACTS, TOLD, approve, by_reporter, made, to_conclusion},
    },
    store_support::{Authority, announcing},
};
use mifeng::{
    casework::{Move, Role},
    ids::{CaseNumber, StaffId},
    store::{Account, Cases, Rewards, Staff},
};

const DAY: i64 = 86_400;
const NOTHING: &str = "现在没有等您处理的事项";
const REASON: &str = "属于受理范围，事项清楚。";

async fn first(browser: &mut Browser) -> String {
    browser.get("/zh/").await.text
}

/// The part of the page under that heading; empty: there is none.
fn under<'a>(page: &'a str, heading: &str) -> &'a str {
    let found = page.split("<section>").find(|part| part.contains(&format!("<h2>{heading} ")));
    found.map_or("", |part| part.split("</section>").next().unwrap())
}

fn lists(page: &str, heading: &str, numbers: &[CaseNumber]) -> bool {
    let part = under(page, heading);
    let listed = part.matches("<th scope=\"row\"").count();
    listed == numbers.len() && numbers.iter().all(|number| part.contains(&number.to_string()))
}

#[tokio::test]
async fn whoever_has_nothing_to_do_is_told_so_kindly() {
    let desk = Desk::new();
    for (name, role) in STAFF {
        let page = first(&mut desk.sign_in(name).await).await;
        // An only administrator is told of that.
        let quiet = role != Role::Administrator;
        assert_eq!(page.contains(NOTHING), quiet, "{role:?}: {page}");
    }
}

#[tokio::test]
async fn a_clerk_finds_what_is_late_due_today_to_decide_to_assign_and_new() {
    let desk = Desk::new();
    let late = desk.submit(1, false);
    desk.pass(DAY);
    let today = desk.submit(2, false);
    desk.pass(5 * DAY);
    let danger = desk.submit(3, true);
    desk.pass(2 * DAY);
    let fresh = desk.submit(4, false);
    let mut clerk = desk.sign_in("clerk").await;
    let assign = desk.submit(5, false);
    made(&mut clerk, assign, "accept", &[("told", TOLD), ("reason", REASON)]).await;
    by_reporter(&desk, 1, Move::Add { text: "想起来一件事。".into() }, None);

    let page = first(&mut clerk).await;
    assert!(!page.contains(NOTHING));
    assert!(lists(&page, "紧急危险", &[danger]), "{page}");
    assert!(lists(&page, "已超期", &[late, danger]), "{page}");
    assert!(lists(&page, "今天必须办完", &[today]), "{page}");
    assert!(lists(&page, "待分派", &[assign]), "{page}");
    assert!(lists(&page, "举报人有新留言", &[late]), "{page}");
    // Since the working day before, a Monday: the danger came on Sunday.
    assert!(lists(&page, "2026-11-30 以来的新情况", &[late, fresh, assign]), "{page}");
    assert!(page.find("紧急危险").unwrap() < page.find("今天必须办完").unwrap(), "the most urgent first");
}

#[tokio::test]
async fn an_investigator_finds_the_own_cases_alone_by_what_they_wait_for() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let mut numbers = Vec::new();
    for (n, to) in [(1, "inv1"), (2, "inv1"), (3, "inv2")] {
        let number = desk.submit(n, false);
        made(&mut clerk, number, "accept", &[("told", TOLD), ("reason", REASON)]).await;
        made(&mut clerk, number, "assign", &[("to", to)]).await;
        numbers.push(number);
    }
    let mut inv = desk.sign_in("inv1").await;
    made(&mut inv, numbers[1], "begin", &[]).await;
    by_reporter(&desk, 2, Move::Add { text: "想起来一件事。".into() }, None);
    let page = first(&mut inv).await;
    assert!(lists(&page, "新分派给我的", &numbers[..1]), "{page}");
    assert!(lists(&page, "我正在核查的", &numbers[1..2]), "{page}");
    assert!(lists(&page, "举报人有新留言", &numbers[1..2]), "{page}");
    assert!(lists(&page, "2026-11-20 以来的新情况", &numbers[..2]), "{page}");
    assert!(!page.contains(&numbers[2].to_string()), "a colleague's: {page}");

    // Two months on, on the last day, and the day after.
    desk.pass(60 * DAY);
    let page = first(&mut desk.sign_in("inv1").await).await;
    assert!(lists(&page, "今天必须办完", &numbers[..2]), "{page}");
    desk.pass(DAY);
    let page = first(&mut desk.sign_in("inv1").await).await;
    assert!(lists(&page, "已超期", &numbers[..2]) && under(&page, "今天必须办完").is_empty(), "{page}");
}

#[tokio::test]
async fn an_approver_finds_awards_that_wait_for_this_very_approver() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut inv = to_conclusion(&desk, number).await;
    let facts = format!("/zh/cases/{number}/award/facts");
    inv.get(&facts).await;
    inv.post(&facts, &[&FACTS[..], &[("step", "do")]].concat()).await;
    let (mut one, mut other) = (desk.sign_in("app1").await, desk.sign_in("app2").await);
    for approver in [&mut one, &mut other] {
        assert!(first(approver).await.contains("1 笔奖励待审批"), "{}", first(approver).await);
    }
    approve(&mut one, number, console_support::PASSWORD).await;
    assert!(!first(&mut one).await.contains("笔奖励待审批"), "the own vote is given");
    assert!(first(&mut other).await.contains("1 笔奖励待审批"));
    approve(&mut other, number, console_support::PASSWORD).await;
    let page = first(&mut one).await;
    assert!(page.contains("1 笔奖励待备案或通知") && !page.contains(NOTHING), "{page}");

    let without = |now: Account| Ok(Account { signing_key: None, ..now });
    desk.store.change_account(&StaffId("app2".into()), Box::new(without)).await.unwrap();
    assert!(first(&mut desk.sign_in("app2").await).await.contains("/zh/me"), "and that a key is missing");
}

#[tokio::test]
async fn a_trustee_finds_the_releases_that_lack_their_own_share_and_until_when() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let authority = Authority::new();
    let release = authority.release(1, |terms| Some(announcing(terms)));
    Rewards::change(&*desk.store, number, release).await.unwrap();
    let page = first(&mut desk.sign_in("tru1").await).await;
    assert!(
        page.contains("2026-12-23") && page.contains("/zh/releases") && !page.contains(NOTHING),
        "{page}"
    );
    // Past its last day it waits for nobody's share.
    desk.pass(31 * DAY);
    assert!(first(&mut desk.sign_in("tru1").await).await.contains(NOTHING));
}

#[tokio::test]
async fn an_auditor_finds_what_was_looked_at_since_the_day_before() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    clerk.get(&format!("/zh/cases/{number}")).await;
    clerk.get("/zh/cases").await;
    clerk.post("/zh/cases/search", &[("text", "储罐")]).await;
    let mut admin = desk.sign_in("admin").await;
    admin.post("/zh/people/clerk/sign-out", &[]).await;
    let page = first(&mut desk.sign_in("auditor").await).await;
    for line in ["2026-11-20 以来的记录 3 条，涉及 2 人", "账号变动 1 次", "搜索案件 1 次"]
    {
        assert!(page.contains(line), "{line}: {page}");
    }
    assert!(!page.contains("取走副本"), "none went out: {page}");
    // A week later nothing of it is new.
    desk.pass(7 * DAY);
    assert!(first(&mut desk.sign_in("auditor").await).await.contains(NOTHING));
}

#[tokio::test]
async fn a_leader_finds_what_is_late_in_the_own_body_and_reads_none_of_it() {
    let desk = Desk::new();
    let leader = desk.store.account(&StaffId("leader".into())).unwrap().unwrap();
    desk.store.put_account(Account { body: "county_370102".into(), ..leader }).await.unwrap();
    let (own, other) = (desk.submit(1, false), desk.submit_with(2, |c| c.region = "420102".into()));
    desk.pass(7 * DAY);
    let page = first(&mut desk.sign_in("leader").await).await;
    assert!(lists(&page, "今天必须办完", &[own]) && !page.contains(&other.to_string()), "{page}");
    assert!(!page.contains("某化工厂") && !page.contains(&format!("/zh/cases/{own}")), "{page}");
    desk.pass(DAY);
    let watch =
        mifeng::escalation::Escalation::new(desk.store.clone(), desk.policy.clone(), desk.clock.clone());
    assert_eq!(watch.round().await.unwrap(), 2);
    let page = first(&mut desk.sign_in("leader").await).await;
    assert!(lists(&page, "已超期、请您督办", &[own]) && !page.contains(&other.to_string()), "{page}");
    assert!(page.contains("/zh/figures") && page.contains("/zh/late"), "{page}");
}

#[tokio::test]
async fn an_administrator_finds_accounts_that_somebody_must_see_to() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    to_conclusion(&desk, number).await;
    let put = |name: &str, change: &dyn Fn(Account) -> Account| {
        let account = desk.store.account(&StaffId(name.into())).unwrap().unwrap();
        desk.store.put_account(change(account)).wait().unwrap();
    };
    put("inv1", &|now| Account { disabled: true, ..now });
    put("inv2", &|now| Account { body: "nowhere".into(), ..now });
    put("app2", &|now| Account { must_change_password: true, ..now });
    let page = first(&mut desk.sign_in("admin").await).await;
    for line in [
        "某inv1的账号已停用，手上还有案件",
        "某inv2所属的单位不在政策文件里",
        "1 人还没有用初始密码",
        "您是唯一的系统管理员",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
    assert!(!page.contains(&number.to_string()), "nothing of a case");
    put("inv1", &|now| Account { disabled: false, ..now });
    put("inv2", &|now| Account { body: String::new(), ..now });
    put("app2", &|now| Account { must_change_password: false, ..now });
    put("clerk", &|now| Account { roles: [Role::Administrator].into(), ..now });
    assert!(first(&mut desk.sign_in("admin").await).await.contains(NOTHING));
    assert!(Cases::row(&*desk.store, number).is_some());
}
