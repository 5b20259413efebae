//! Which body handles a case, who sees it, and how it goes up and down: through the pages.

use crate::console_support::{
    Browser, Desk, PASSWORD,
    acts::{FACTS, TOLD, approve, made, make, to_conclusion},
};
use axum::http::StatusCode;
use mifeng::{
    casework::State,
    ids::{CaseNumber, StaffId},
    policy::Code,
    store::{Account, Staff},
};

const WHY: &str = "由属地单位核查更合适。";

/// Another account like `like`, of that body.
fn enlist(desk: &Desk, id: &str, like: &str, body: &str) {
    let account = desk.store.account(&StaffId(like.into())).unwrap().unwrap();
    let account = Account { id: StaffId(id.into()), name: format!("某{id}"), body: body.into(), ..account };
    desk.store.put_account(account).wait().unwrap();
}

fn body_of(desk: &Desk, number: CaseNumber) -> String {
    desk.case(number).handled_by(&desk.policy.bodies).code.to_string()
}

/// The answer to a number that was never given.
async fn unknown(browser: &mut Browser, rest: &str) -> String {
    let answer = browser.get(&format!("/zh/cases/2026-999999{rest}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{rest}");
    answer.text
}

#[tokio::test]
async fn a_member_sees_the_cases_of_their_body_and_below_and_no_other() {
    let desk = Desk::new();
    let place = |n, region: &str| desk.submit_with(n, |content| content.region = region.into());
    let [own, below, other, above] =
        [(1, "370100"), (2, "370102"), (3, "370202"), (4, "370000")].map(|(n, region)| place(n, region));
    let coal = desk.submit_with(5, |content| content.industry = "coal_mines".into());
    let bodies = [own, below, other, above, coal].map(|number| body_of(&desk, number));
    let expected =
        ["city_370100", "county_370102", "county_370202", "province_370000", "mine_safety_shandong"];
    assert_eq!(bodies, expected);

    enlist(&desk, "jinan", "clerk", "city_370100");
    let mut clerk = desk.sign_in("jinan").await;
    let list = clerk.get("/zh/cases").await.text;
    let first = clerk.get("/zh/").await.text;
    let found = clerk.post("/zh/cases/search", &[("text", "储罐区")]).await.text;
    for page in [&list, &first, &found] {
        for number in [own, below] {
            assert!(page.contains(&format!("/zh/cases/{number}")), "{page}");
        }
        for number in [other, above, coal] {
            assert!(!page.contains(&number.to_string()), "{page}");
        }
    }
    assert!(list.contains("山东省济南市历下区应急管理局") && list.contains("name=\"body\""));
    let narrowed = clerk.get("/zh/cases?body=county_370102").await.text;
    assert!(narrowed.contains(&below.to_string()) && !narrowed.contains(&own.to_string()));
    assert!(narrowed.contains("历下区应急管理局 <span aria-hidden"), "a chip says which");
    // Asking for another body's cases gives none.
    assert!(!clerk.get("/zh/cases?body=county_370202").await.text.contains(&other.to_string()));

    // What exists elsewhere and what does not exist look alike.
    let blob = "09".repeat(16);
    for rest in
        ["", "/moves/accept", "/moves/note", &format!("/copies/{blob}"), &format!("/copies/{blob}/bytes")]
    {
        let nothing = unknown(&mut clerk, rest).await;
        for number in [other, above, coal] {
            let answer = clerk.get(&format!("/zh/cases/{number}{rest}")).await;
            assert_eq!((answer.status, &answer.text), (StatusCode::NOT_FOUND, &nothing), "{number}{rest}");
        }
    }
    let note = [("text", "看看"), ("version", "1")];
    for number in [other, above, coal] {
        let answer = clerk.post(&format!("/zh/cases/{number}/moves/note"), &note).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(desk.case(number).notes.is_empty());
    }
    let gone = clerk.post("/zh/cases/2026-999999/moves/note", &note).await;
    let hidden = clerk.post(&format!("/zh/cases/{other}/moves/note"), &note).await;
    assert_eq!((gone.status, gone.text), (hidden.status, hidden.text));
    assert_eq!(clerk.get(&format!("/zh/cases/{below}")).await.status, StatusCode::OK);

    // Nor does a merge tell what lies elsewhere: `coal` is the earlier case here, but out of reach.
    let later = place(6, "370102");
    for (into, status) in [(coal, StatusCode::UNPROCESSABLE_ENTITY), (own, StatusCode::SEE_OTHER)] {
        let into = into.to_string();
        let fields = [("into", &*into), ("told", TOLD), ("reason", WHY)];
        let answer = make(&mut clerk, later, "merge", &fields).await;
        assert_eq!(answer.status, status, "{into}");
        assert!(!answer.text.contains("某化工厂5"), "{}", answer.text);
    }

    // A county sees no other's column, and whoever's body policy does not know sees nothing.
    enlist(&desk, "lixia", "clerk", "county_370102");
    enlist(&desk, "lost", "clerk", "dissolved");
    let list = desk.sign_in("lixia").await.get("/zh/cases").await.text;
    assert!(
        list.contains(&below.to_string())
            && !list.contains(&own.to_string())
            && !list.contains("name=\"body\"")
    );
    let mut lost = desk.sign_in("lost").await;
    let list = lost.get("/zh/cases").await.text;
    assert!([own, below, other, above, coal].iter().all(|number| !list.contains(&number.to_string())));
    assert_eq!(lost.get(&format!("/zh/cases/{own}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn awards_are_seen_and_voted_on_by_the_body_and_those_above() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut inv = to_conclusion(&desk, number).await;
    let facts = format!("/zh/cases/{number}/award/facts");
    inv.get(&facts).await;
    inv.post(&facts, &[&FACTS[..], &[("step", "do")]].concat()).await;

    enlist(&desk, "qingdao", "app1", "city_370200");
    enlist(&desk, "jinan", "app1", "city_370100");
    let mut far = desk.sign_in("qingdao").await;
    let list = far.get("/zh/approvals").await.text;
    assert!(!list.contains(&number.to_string()) && !list.contains("60,000"), "{list}");
    assert!(!far.get("/zh/").await.text.contains("有 1 "), "not counted either");
    let nothing = unknown(&mut far, "/award").await;
    for rest in ["/award", "/award/approve", "/award/refuse"] {
        let answer = far.get(&format!("/zh/cases/{number}{rest}")).await;
        assert_eq!((answer.status, &answer.text), (StatusCode::NOT_FOUND, &nothing), "{rest}");
    }
    let typed = number.to_string();
    for act in ["approve", "refuse", "withdraw", "file", "notify", "extend", "public-notice", "lapse"] {
        let fields = [("award", "1"), ("typed-number", &*typed), ("password", PASSWORD), ("reason", WHY)];
        let answer = far.post(&format!("/zh/cases/{number}/award/{act}"), &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{act}");
    }
    assert_eq!(approve(&mut far, number, PASSWORD).await.status, StatusCode::NOT_FOUND);
    let mut near = desk.sign_in("jinan").await;
    assert!(near.get("/zh/approvals").await.text.contains(&number.to_string()));
    assert_eq!(near.get(&format!("/zh/cases/{number}/award")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_case_goes_up_and_down_and_after_the_last_time_the_body_above_decides() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    enlist(&desk, "lixia", "clerk", "county_370102");
    enlist(&desk, "jinan", "clerk", "city_370100");
    enlist(&desk, "jinan-inv", "inv1", "city_370100");
    enlist(&desk, "qingdao-inv", "inv1", "city_370200");
    let mut county = desk.sign_in("lixia").await;
    assert!(
        !county.get(&format!("/zh/cases/{number}")).await.text.contains("moves/hand-down"),
        "nothing lies below"
    );
    let form = county.get(&format!("/zh/cases/{number}/moves/hand-up")).await.text;
    for name in ["山东省济南市应急管理局", "山东省应急管理厅", "应急管理部"] {
        assert!(form.contains(name), "{name}");
    }
    let elsewhere = make(&mut county, number, "hand-up", &[("body", "city_370200"), ("reason", WHY)]).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(elsewhere.text.contains(WHY), "what was typed stays");
    let nobody = make(&mut county, number, "hand-up", &[("reason", WHY)]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);

    let answer = make(&mut county, number, "hand-up", &[("body", "city_370100"), ("reason", WHY)]).await;
    assert_eq!(answer.location, "/zh/cases?done=hand-up", "{}", answer.text);
    assert!(county.get(&answer.location).await.text.contains("报上级单位承办"));
    assert_eq!(
        county.get(&format!("/zh/cases/{number}")).await.status,
        StatusCode::NOT_FOUND,
        "out of reach now"
    );
    let case = desk.case(number);
    let told = case.history.last().unwrap().told.clone();
    assert!(
        told.contains("山东省济南市应急管理局") && told.contains("Emergency Management Bureau"),
        "{told}"
    );

    let mut city = desk.sign_in("jinan").await;
    made(&mut city, number, "accept", &[("told", TOLD), ("reason", "属于受理范围，事项清楚。")]).await;
    let assign = city.get(&format!("/zh/cases/{number}/moves/assign")).await.text;
    assert!(
        assign.contains("jinan-inv") && assign.contains("\"inv1\"") && !assign.contains("qingdao-inv"),
        "{assign}"
    );
    let far = make(&mut city, number, "assign", &[("to", "qingdao-inv")]).await;
    assert_eq!(far.status, StatusCode::UNPROCESSABLE_ENTITY, "never offered, so refused");
    made(&mut city, number, "assign", &[("to", "jinan-inv")]).await;
    let down = city.get(&format!("/zh/cases/{number}/moves/hand-down")).await.text;
    assert!(down.contains("value=\"county_370102\""), "the way to the place is filled in");
    let name = "山东省济南市历下区应急管理局";
    made(&mut city, number, "hand-down", &[("body", name), ("reason", WHY), ("told", "现在由历下区办理。")])
        .await;
    let case = desk.case(number);
    assert_eq!((case.state, case.owner.as_ref(), case.handovers.len()), (State::Accepted, None, 2));
    let page = city.get(&format!("/zh/cases/{number}")).await.text;
    assert!(page.contains("已移交 2 次，最多 2 次") && !page.contains("moves/hand-down"), "{page}");

    // Twice is what policy allows. Up to the next body only, and there it stays.
    let form = county.get(&format!("/zh/cases/{number}/moves/hand-up")).await.text;
    assert!(form.contains("济南市应急管理局") && !form.contains("山东省应急管理厅"), "{form}");
    let far = make(&mut county, number, "hand-up", &[("body", "province_370000"), ("reason", WHY)]).await;
    assert_eq!(far.status, StatusCode::UNPROCESSABLE_ENTITY);
    make(&mut county, number, "hand-up", &[("body", "city_370100"), ("reason", WHY)]).await;
    assert_eq!(desk.case(number).body.as_ref().map(Code::as_str), Some("city_370100"));
    assert_eq!(city.get(&format!("/zh/cases/{number}/moves/hand-down")).await.status, StatusCode::CONFLICT);
    let version = desk.case(number).version.to_string();
    let fields = [("body", "county_370102"), ("reason", WHY), ("version", &version), ("step", "do")];
    let again = city.post(&format!("/zh/cases/{number}/moves/hand-down"), &fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn administrators_keep_the_accounts_of_their_body_and_below() {
    let desk = Desk::new();
    enlist(&desk, "jinan-admin", "admin", "city_370100");
    enlist(&desk, "lixia", "clerk", "county_370102");
    // As accounts were before there were bodies.
    enlist(&desk, "old", "clerk", "370102");
    let mut admin = desk.sign_in("jinan-admin").await;
    let list = admin.get("/zh/people").await.text;
    assert!(
        list.contains("/people/lixia") && list.contains("/people/old") && list.contains("历下区"),
        "{list}"
    );
    assert!(!list.contains("/people/clerk") && !list.contains("/people/admin\""), "{list}");
    let nobody = admin.get("/zh/people/nobody").await;
    for act in ["", "/reset", "/disable"] {
        let path = format!("/zh/people/clerk{act}");
        let answer = if act.is_empty() { admin.get(&path).await } else { admin.post(&path, &[]).await };
        assert_eq!((answer.status, &answer.text), (StatusCode::NOT_FOUND, &nobody.text), "{act}");
    }
    assert!(!desk.store.account(&StaffId("clerk".into())).unwrap().unwrap().disabled);
    for body in ["province_370000", "city_370200", "nowhere"] {
        let fields = [("id", "zhao"), ("name", "赵"), ("roles", "clerk"), ("body", body)];
        let answer = admin.post("/zh/people/new", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(answer.text.contains(body), "what was typed stays");
    }
    for (id, body, kept) in [("zhao", "", "city_370100"), ("qian", "county_370102", "county_370102")] {
        let fields = [("id", id), ("name", "赵"), ("roles", "clerk"), ("body", body)];
        assert_eq!(admin.post("/zh/people/new", &fields).await.status, StatusCode::OK, "{body}");
        assert_eq!(desk.store.account(&StaffId(id.into())).unwrap().unwrap().body, kept);
    }
    // Who opens identities serves every body, so whoever stands above all makes and keeps those accounts.
    enlist(&desk, "wei", "tru1", "city_370100");
    assert_eq!(admin.post("/zh/people/wei/reset", &[]).await.status, StatusCode::NOT_FOUND);
    for fields in [[("roles", "reward_officer"), ("trustee", "")], [("roles", "trustee"), ("trustee", "3")]] {
        let all = [&[("id", "sun"), ("name", "孙"), ("body", "city_370100")], &fields[..]].concat();
        let answer = admin.post("/zh/people/new", &all).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(answer.text.contains("由最上级单位的管理员开设账号"), "{}", answer.text);
        assert!(desk.store.account(&StaffId("sun".into())).unwrap().is_none());
    }
    let mut root = desk.sign_in("admin").await;
    root.get("/zh/people/new").await;
    let fields = [("id", "sun"), ("name", "孙"), ("body", ""), ("roles", "reward_officer"), ("trustee", "")];
    assert_eq!(root.post("/zh/people/new", &fields).await.status, StatusCode::OK);
}
