//! One move on many cases: seen case by case before, done one by one, told case by case.

use crate::console_support::{
    Answer, Browser, Desk,
    acts::{TOLD, by_reporter, made},
};
use axum::http::StatusCode;
use mifeng::{
    casework::{Move, MoveKind, State},
    ids::{CaseNumber, StaffId},
    store::{Account, Cases, Staff},
};

const REASON: &str = "属于受理范围，事项清楚。";

async fn accepted(desk: &Desk, clerk: &mut Browser, n: u64) -> CaseNumber {
    let number = desk.submit(n, false);
    made(clerk, number, "accept", &[("told", TOLD), ("reason", REASON)]).await;
    number
}

/// What the review page sends on: the cases it shows, as it shows them.
fn shown(page: &Answer) -> Vec<(String, String)> {
    let of = |name: &str| {
        let field = format!("name=\"{name}\" value=\"");
        let parts = page.text.split(&field).skip(1);
        parts.map(|rest| (name.to_owned(), rest.split('"').next().unwrap().to_owned())).collect::<Vec<_>>()
    };
    ["act", "list", "shown-to", "n", "left-out"].into_iter().flat_map(of).collect()
}

async fn send(browser: &mut Browser, fields: &[(String, String)], more: &[(&str, &str)]) -> Answer {
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    browser.post("/zh/cases/bulk", &fields.chain(more.iter().copied()).collect::<Vec<_>>()).await
}

fn owner(desk: &Desk, number: CaseNumber) -> Option<String> {
    desk.case(number).owner.map(|id| id.0)
}

fn chosen(numbers: &[CaseNumber]) -> Vec<(String, String)> {
    numbers.iter().map(|number| ("n".to_owned(), number.to_string())).collect()
}

#[tokio::test]
async fn many_are_assigned_after_a_page_that_says_which_and_which_not_and_why() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let (one, two) = (accepted(&desk, &mut clerk, 1).await, accepted(&desk, &mut clerk, 2).await);
    let undecided = desk.submit(3, false);
    let list = clerk.get("/zh/cases?state=accepted").await;
    for number in [one, two] {
        assert!(list.text.contains(&format!("name=\"n\" value=\"{number}.")), "{}", list.text);
        assert!(list.text.contains(&format!("id=\"c-{number}\"")), "a place to come back to");
    }
    assert!(
        list.text.contains("value=\"assign\"") && !list.text.contains("value=\"begin\""),
        "{}",
        list.text
    );

    let fields = chosen(&[one, two, undecided]);
    let assign = [("act", "assign"), ("to", "inv1"), ("list", "state=accepted&page=1")];
    let review = send(&mut clerk, &fields, &assign).await;
    assert_eq!(review.status, StatusCode::OK);
    assert!(review.text.contains("将办理 2 件") && review.text.contains("不办理 1 件"), "{}", review.text);
    assert!(review.text.contains("现在的状态不能这样办"), "{}", review.text);
    assert_eq!(owner(&desk, one), None, "nothing is done before it was seen");

    // One of them is changed by somebody else while the page is read.
    let mut other = desk.sign_in("clerk").await;
    made(&mut other, two, "note", &[("text", "先等等，刚来了电话。")]).await;
    let done = send(&mut clerk, &shown(&review), &[("step", "do"), ("to", "inv1")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let told = clerk.get(&done.location).await;
    assert!(told.text.contains("1 件已办理并保存") && told.text.contains("1 件没有变化"), "{}", told.text);
    assert!(told.text.contains("/zh/cases?state=accepted"), "back to the list it began in: {}", told.text);
    assert_eq!((owner(&desk, one), owner(&desk, two)), (Some("inv1".into()), None));
    assert_eq!(desk.case(one).history.last().unwrap().what, MoveKind::Assign);
    assert_eq!(desk.case(undecided).state, State::Submitted);

    // Sent twice, it does nothing more.
    let version = desk.case(one).version;
    send(&mut clerk, &shown(&review), &[("step", "do"), ("to", "inv1")]).await;
    assert_eq!(desk.case(one).version, version);
}

#[tokio::test]
async fn nothing_is_done_for_a_colleague_it_was_not_shown_for() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let number = accepted(&desk, &mut clerk, 1).await;
    clerk.get("/zh/cases").await;
    let first = send(&mut clerk, &chosen(&[number]), &[("act", "assign")]).await;
    assert!(first.status == StatusCode::OK && first.text.contains("某inv1"), "asked to whom: {}", first.text);
    assert!(!first.text.contains("value=\"do\""), "and nothing can be done before");
    for step in ["look", "do"] {
        let nobody = send(&mut clerk, &shown(&first), &[("step", step), ("to", "")]).await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(owner(&desk, number), None);
    }
    let review = send(&mut clerk, &chosen(&[number]), &[("act", "assign"), ("to", "inv1")]).await;
    let other = send(&mut clerk, &shown(&review), &[("step", "do"), ("to", "inv2")]).await;
    assert_eq!(other.status, StatusCode::OK, "looked at again");
    assert_eq!(owner(&desk, number), None);
    let done = send(&mut clerk, &shown(&other), &[("step", "do"), ("to", "inv2")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(owner(&desk, number), Some("inv2".into()));

    // From one investigator to another, as long as it is being worked on.
    let review = send(&mut clerk, &chosen(&[number]), &[("act", "assign"), ("to", "inv2")]).await;
    assert!(review.text.contains("已经在这位同事手上"), "{}", review.text);
    let review = send(&mut clerk, &chosen(&[number]), &[("act", "assign"), ("to", "inv1")]).await;
    send(&mut clerk, &shown(&review), &[("step", "do"), ("to", "inv1")]).await;
    assert_eq!(owner(&desk, number), Some("inv1".into()));

    let empty = send(&mut clerk, &[], &[("act", "begin")]).await;
    assert_eq!(empty.location, "/zh/cases?", "not a clerk's to do");
    let empty = send(&mut clerk, &[], &[("act", "mark-read")]).await;
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.text.contains("请勾选案件"));
}

#[tokio::test]
async fn an_investigator_begins_the_own_ones_and_a_decision_is_never_made_on_many() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let mut numbers = Vec::new();
    for (n, to) in [(1, "inv1"), (2, "inv1"), (3, "inv2")] {
        let number = accepted(&desk, &mut clerk, n).await;
        made(&mut clerk, number, "assign", &[("to", to)]).await;
        numbers.push(number);
    }
    let mut inv = desk.sign_in("inv1").await;
    inv.get("/zh/cases").await;
    let review = send(&mut inv, &chosen(&numbers), &[("act", "begin")]).await;
    assert!(
        review.text.contains("将办理 2 件") && review.text.contains("没有您能看到的这个案件"),
        "{}",
        review.text
    );
    send(&mut inv, &shown(&review), &[("step", "do")]).await;
    let states: Vec<State> = numbers.iter().map(|number| desk.case(*number).state).collect();
    assert_eq!(states, [State::Verifying, State::Verifying, State::Assigned]);

    for act in ["accept", "decline", "conclude", "reply", "close", "say", "withdraw", "reassign", ""] {
        let answer = send(&mut clerk, &chosen(&numbers), &[("act", act), ("step", "do")]).await;
        assert_eq!(answer.location, "/zh/cases?", "{act}");
    }
    // Approvers write to nobody and assign nothing: no boxes.
    let list = desk.sign_in("app1").await.get("/zh/cases").await;
    assert!(!list.text.contains("type=\"checkbox\" name=\"n\""), "{}", list.text);
}

#[tokio::test]
async fn a_word_that_needs_no_answer_leaves_the_list_of_new_words() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let (one, two) = (desk.submit(1, false), desk.submit(2, false));
    for n in [1, 2] {
        by_reporter(&desk, n, Move::Add { text: "谢谢，没有别的了。".into() }, None);
    }
    let new = "/zh/cases?word=reporter";
    assert!(clerk.get(new).await.text.contains("2 件"));
    let all = send(&mut clerk, &[], &[("act", "mark-read"), ("all", "1"), ("list", "word=reporter")]).await;
    assert!(all.text.contains("将办理 2 件"), "{}", all.text);
    send(&mut clerk, &shown(&all), &[("step", "do")]).await;
    assert!(clerk.get(new).await.text.contains("<h1>0 件"), "none is new any more");
    for number in [one, two] {
        let case = desk.case(number);
        assert_eq!(case.history.last().unwrap().what, MoveKind::MarkRead);
        assert!(case.history.last().unwrap().told.is_empty() && case.worked_on().is_empty());
    }
    // A further word is new again, and the one that is read cannot be marked twice.
    let again = send(&mut clerk, &chosen(&[one]), &[("act", "mark-read")]).await;
    assert!(again.text.contains("举报人没有新内容"), "{}", again.text);
    by_reporter(&desk, 1, Move::Add { text: "想起来一件事。".into() }, None);
    assert!(clerk.get(new).await.text.contains(&one.to_string()));
    made(&mut clerk, one, "mark-read", &[]).await;
    assert!(clerk.get(new).await.text.contains("<h1>0 件"));
}

/// What another body handles is neither shown nor done, whatever number is sent.
#[tokio::test]
async fn bodies_keep_their_cases_whatever_is_sent() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let number = accepted(&desk, &mut clerk, 1).await;
    let put = |name: &str, body: &str| {
        let account = desk.store.account(&StaffId(name.into())).unwrap().unwrap();
        desk.store.put_account(Account { body: body.into(), ..account }).wait().unwrap();
    };
    put("clerk", "city_420100");
    let mut far = desk.sign_in("clerk").await;
    far.get("/zh/cases").await;
    let review = send(&mut far, &chosen(&[number]), &[("act", "assign"), ("to", "inv1")]).await;
    assert!(!review.text.contains("将办理 1 件") && !review.text.contains("某inv1"), "{}", review.text);
    put("clerk", "");
    put("inv1", "city_420100");
    let mut clerk = desk.sign_in("clerk").await;
    clerk.get("/zh/cases").await;
    let review = send(&mut clerk, &chosen(&[number]), &[("act", "assign"), ("to", "inv1")]).await;
    assert!(review.text.contains("这位同事看不到承办单位的案件"), "{}", review.text);
    let forced = [("step", "do"), ("act", "assign"), ("to", "inv1"), ("shown-to", "inv1")];
    send(&mut clerk, &chosen(&[number]), &forced).await;
    assert_eq!(owner(&desk, number), None);
    assert!(Cases::row(&*desk.store, number).unwrap().owner.is_none());
}
