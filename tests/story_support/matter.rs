//! One matter's way through the desks, from the report to the claim.

use super::{
    World,
    reporter::{Reported, TARGET},
    staff::{self, Desks},
};

/// From the report to the notice; gives the case's number.
pub async fn worked_and_approved(desks: &mut Desks<'_>) -> String {
    let clerk = desks.of("clerk").await;
    let number = staff::find_case(clerk, TARGET).await;
    let accept = [("told", "已受理，正在安排核查。"), ("reason", "对象和事实明确，属于受理范围。")];
    staff::make_move(clerk, &number, "accept", &accept).await;
    staff::make_move(clerk, &number, "assign", &[("to", "investigator")]).await;
    let investigator = desks.of("investigator").await;
    staff::make_move(investigator, &number, "begin", &[]).await;
    assert_eq!(staff::look_at_copies(investigator, &number).await, 1);
    staff::make_move(investigator, &number, "say", &[("text", "探头在哪个工作面？")]).await;
    let found = [("finding", "true"), ("reason", "现场核查属实，罚款十万元。")];
    staff::make_move(investigator, &number, "conclude", &found).await;
    let (findings, handling) = ("经现场核查，举报的问题属实。", "已责令停产整改并处罚款。");
    let reply = [("findings", findings), ("handling", handling), ("reward", "met")];
    staff::make_move(investigator, &number, "reply", &reply).await;
    let facts = [("kinds", "violation"), ("severity", "major"), ("fines", "100000"), ("filed", "1")];
    staff::compute(investigator, &number, &facts).await;
    for approver in ["approver", "approver2"] {
        let approved = staff::approve(desks, approver, &number).await;
        assert!(approved.location.ends_with("done=approve"), "{}", approved.text);
    }
    staff::award_button(desks.of("approver").await, &number, "file").await;
    staff::award_button(desks.of("approver").await, &number, "notify").await;
    number
}

/// Its reporter reads, answers and claims, another day.
pub async fn claimed(world: &World, named: &mut Reported) {
    let page = named.sign_in(world).await;
    assert!(page.text.contains("已密封") && page.text.contains("没有被打开过"), "{}", page.text);
    let opened = named.browser.answer("/zh/mine/messages", &[("receipt", named.grouped())]).await;
    assert!(opened.text.contains("探头在哪个工作面"), "{}", opened.text);
    named.browser.get("/zh/mine").await;
    let added = named.browser.fill("/zh/mine/add", &[("message", "在二水平东翼。")]).await;
    assert_eq!(added.location, "/zh/mine");
    let typed = [("receipt", named.grouped()), ("who", "before".to_owned())];
    let claimed = named.browser.answer("/zh/mine/claim", &typed).await;
    assert_eq!((claimed.status, claimed.closes), (200, true), "{}", claimed.text);
    named.sign_out(world).await;
}
