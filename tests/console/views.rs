//! Saved views, the keys, and the way back to where one was.

use crate::console_support::{
    self, Browser, Desk,
    acts::{REASON, TOLD, made},
    between,
};
use axum::http::{StatusCode, header};
use mifeng::{
    ids::StaffId,
    store::{Account, MOST_VIEWS, Staff, Views},
};

async fn keep(browser: &mut Browser, name: &str, query: &str, team: bool) -> String {
    browser.get("/zh/cases").await;
    let mut fields = vec![("view-name", name), ("query", query)];
    if team {
        fields.push(("team", "1"));
    }
    let answer = browser.post("/zh/views", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.location
}

fn enlist(desk: &Desk, id: &str, like: &str, body: &str) {
    let account = desk.store.account(&StaffId(like.into())).unwrap().unwrap();
    let account = Account { id: StaffId(id.into()), name: format!("某{id}"), body: body.into(), ..account };
    desk.store.put_account(account).wait().unwrap();
}

#[tokio::test]
async fn a_view_is_filters_under_a_name_on_the_list_and_on_the_first_page() {
    let desk = Desk::new();
    desk.submit(1, true);
    desk.submit(2, false);
    let mut clerk = desk.sign_in("clerk").await;
    let list = clerk.get("/zh/cases").await;
    for shipped in ["我的（按期限）", "未分派", "等举报人补充", "已超期", "举报人有新内容"]
    {
        assert!(list.text.contains(shipped), "{shipped}: {}", list.text);
    }
    // Only what is a filter is kept: no word that was typed, no page, no other parameter.
    let query = "danger=1&text=%E5%BC%A0%E4%B8%89&page=7&sort=number&evil=%3Cb%3E";
    assert_eq!(keep(&mut clerk, "危险 & 急", query, false).await, "/zh/cases?danger=1&sort=number&done=view");
    let views = desk.store.views().unwrap();
    assert_eq!(
        (views[0].query.as_str(), &views[0].owner.0[..], &views[0].team),
        ("danger=1&sort=number", "clerk", &None)
    );
    let list = clerk.get("/zh/cases?danger=1&sort=number&done=view").await;
    assert!(list.text.contains("视图已存好") && list.text.contains("危险 &#38; 急"), "{}", list.text);
    assert!(list.text.contains("aria-current=\"page\">危险"), "the view shown is marked: {}", list.text);
    let first = clerk.get("/zh/").await;
    assert!(first.text.contains("危险 &#38; 急 <span class=\"muted\">1</span>"), "{}", first.text);
    assert!(first.text.contains("未分派 <span class=\"muted\">2</span>"), "{}", first.text);

    for name in ["", &"长".repeat(31)] {
        let refused = clerk.post("/zh/views", &[("view-name", name), ("query", "danger=1")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains("value=\"danger=1\""), "the filters are not lost: {}", refused.text);
    }
}

#[tokio::test]
async fn a_teams_view_has_an_owner_and_gets_one_again_when_that_one_leaves() {
    let desk = Desk::new();
    for (id, body) in [("li", "city_370100"), ("wang", "city_370100"), ("far", "city_420100")] {
        enlist(&desk, id, "clerk", body);
    }
    let (mut li, mut wang, mut far) =
        (desk.sign_in("li").await, desk.sign_in("wang").await, desk.sign_in("far").await);
    keep(&mut li, "本科室待分派", "owner=nobody&state=accepted", true).await;
    keep(&mut li, "自己看的", "danger=1", false).await;
    let seen = wang.get("/zh/cases").await;
    assert!(seen.text.contains("本科室待分派") && !seen.text.contains("自己看的"), "{}", seen.text);
    assert!(!far.get("/zh/cases").await.text.contains("本科室待分派"), "nor another body");
    let id = desk.store.views().unwrap()[0].id;

    // Others of the team use it, and change nothing.
    let page = wang.get("/zh/views").await;
    assert!(
        page.text.contains("某li") && !page.text.contains(&format!("/zh/views/{id}/remove")),
        "{}",
        page.text
    );
    for act in ["remove", "share", "take"] {
        assert_eq!(wang.post(&format!("/zh/views/{id}/{act}"), &[]).await.location, "/zh/views", "{act}");
    }
    assert_eq!(desk.store.views().unwrap()[0].owner, StaffId("li".into()));

    let gone = |now: Account| Ok(Account { disabled: true, ..now });
    desk.store.change_account(&StaffId("li".into()), Box::new(gone)).await.unwrap();
    assert!(wang.get("/zh/views").await.text.contains(&format!("/zh/views/{id}/take")));
    assert_eq!(far.post(&format!("/zh/views/{id}/take"), &[]).await.location, "/zh/views", "not the team's");
    assert_eq!(wang.post(&format!("/zh/views/{id}/take"), &[]).await.location, "/zh/views?done=changed");
    assert_eq!(desk.store.views().unwrap()[0].owner, StaffId("wang".into()));
    assert_eq!(wang.post(&format!("/zh/views/{id}/share"), &[]).await.location, "/zh/views?done=changed");
    assert_eq!(desk.store.views().unwrap()[0].team, None);
    assert_eq!(wang.post(&format!("/zh/views/{id}/remove"), &[]).await.location, "/zh/views?done=removed");

    for n in 0..MOST_VIEWS {
        keep(&mut wang, &format!("视图{n}"), "danger=1", false).await;
    }
    let full = wang.post("/zh/views", &[("view-name", "多一个"), ("query", "danger=1")]).await;
    assert!(
        full.status == StatusCode::UNPROCESSABLE_ENTITY && full.text.contains("已经到了上限"),
        "{}",
        full.text
    );
}

/// From a case back to the list, page and row it was opened from.
#[tokio::test]
async fn the_way_back_from_a_case_leads_to_the_row_it_was_opened_from() {
    let desk = Desk::new();
    let number = desk.submit(1, true);
    let mut clerk = desk.sign_in("clerk").await;
    clerk.get("/zh/cases?danger=1&sort=number&dir=down").await;
    let case = clerk.get(&format!("/zh/cases/{number}")).await;
    let back = format!("/zh/cases?danger=1&#38;sort=number&#38;dir=down#c-{number}");
    assert!(case.text.contains(&format!("class=\"back\" href=\"{back}\"")), "{}", case.text);
}

#[tokio::test]
async fn keys_are_off_until_they_are_asked_for_and_then_our_script_alone_runs() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let policy = |answer: &console_support::Answer| {
        answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
    };
    let off = clerk.get("/zh/cases").await;
    assert!(!off.text.contains("<script") && !policy(&off).contains("script-src"));
    let help = clerk.get("/zh/help").await;
    assert!(help.text.contains("快捷键已关闭") && help.text.contains("<kbd>j</kbd>"), "{}", help.text);

    assert_eq!(clerk.post("/zh/help/keys", &[("keys", "on")]).await.location, "/zh/help?done=keys");
    let on = clerk.get("/zh/cases").await;
    assert_eq!(on.status, StatusCode::OK, "the session goes on");
    assert!(
        on.text.contains("<script src=\"/assets/keys-") && on.text.contains("integrity=\"sha384-"),
        "{}",
        on.text
    );
    assert!(
        policy(&on).contains("script-src 'self';")
            && policy(&on).contains("require-trusted-types-for 'script'")
    );
    assert!(!policy(&on).contains("unsafe") && !policy(&on).contains("connect-src"), "{}", policy(&on));
    // Of another person, of the sign-in page, of the reporters' pages: none.
    assert!(!desk.sign_in("auditor").await.get("/zh/cases").await.text.contains("<script"));
    assert!(!desk.browser().get("/zh/sign-in").await.text.contains("assets/keys-"));
    assert!(!desk.visitor().get("/zh/start").await.text.contains("<script"));

    clerk.post("/zh/help/keys", &[("keys", "off")]).await;
    assert!(!clerk.get("/zh/cases").await.text.contains("<script"));
}

/// Pressing "show" drops nothing that the list goes by; and whoever sees the cases of others asks for a colleague's.
#[tokio::test]
async fn the_filter_form_keeps_sort_and_every_filter_and_asks_for_one_colleagues_cases() {
    let desk = Desk::new();
    let [ones, others] = [1, 2].map(|n| desk.submit(n, false));
    let mut clerk = desk.sign_in("clerk").await;
    for (number, to) in [(ones, "inv1"), (others, "inv2")] {
        made(&mut clerk, number, "accept", &[("told", TOLD), ("reason", REASON)]).await;
        made(&mut clerk, number, "assign", &[("to", to)]).await;
    }
    let form = |text: &str| between(text, "<form class=\"filters\" method=\"get\"", "</form>").unwrap();
    let shown = form(&clerk.get("/zh/cases?extension=1&sort=number&dir=down").await.text);
    for kept in [
        "<input type=\"hidden\" name=\"sort\" value=\"number\">",
        "<input type=\"hidden\" name=\"dir\" value=\"down\">",
        "<select id=\"extension\" name=\"extension\">",
        "<option value=\"1\" selected>",
    ] {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
    let plain = form(&clerk.get("/zh/cases").await.text);
    assert!(!plain.contains("type=\"hidden\""), "{plain}");
    assert!(plain.contains("<option value=\"@inv1\">某inv1"), "{plain}");

    let list = clerk.get("/zh/cases?owner=%40inv2").await.text;
    assert!(list.contains(&others.to_string()) && !list.contains(&ones.to_string()), "{list}");
    assert!(form(&list).contains("<option value=\"@inv2\" selected>某inv2"), "{list}");
    assert_eq!(keep(&mut clerk, "某inv2的", "owner=%40inv2", false).await, "/zh/cases?owner=@inv2&done=view");
    assert!(clerk.get("/zh/views").await.text.contains("<td role=\"cell\" data-label=\"筛选条件\">某inv2"));

    // Whoever sees their own alone is offered nobody, and asks in vain.
    let mut inv = desk.sign_in("inv1").await;
    assert!(!inv.get("/zh/cases").await.text.contains("@inv2"));
    let list = inv.get("/zh/cases?owner=%40inv2").await.text;
    assert!(!list.contains(&others.to_string()) && !list.contains(&ones.to_string()), "{list}");
    // Nor does a log-in name of another body give away whose it is; and what no field shows is carried along.
    enlist(&desk, "lixia", "clerk", "county_370102");
    let mut county = desk.sign_in("lixia").await;
    assert!(!county.get("/zh/cases?owner=%40admin").await.text.contains("某admin"));
    let below = form(&county.get("/zh/cases?body=county_370102").await.text);
    assert!(below.contains("<input type=\"hidden\" name=\"body\" value=\"county_370102\">"), "{below}");
    let odd = county.get("/zh/cases?owner=%40%3Cb%3E").await;
    assert!(odd.status == StatusCode::OK && !odd.text.contains("@<b>") && !odd.text.contains("@&#60;"));
}
