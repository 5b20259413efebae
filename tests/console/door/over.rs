//! What is sent after the idle time: it waits in the sign-in page, and goes on when the same person has signed in. What cannot
//! go on: [`super::copied`].

use super::routes::ROUTES;
use crate::{
    console_support::{Answer, Browser, Desk, PASSWORD, STAFF},
    store_support::receipt,
};
use axum::http::{StatusCode, header};
use mifeng::{
    casework::MessageText,
    ids::{CaseNumber, StaffId},
    mailbox,
    store::{Account, Staff},
};

/// Longer than a session may be idle.
pub const LUNCH: i64 = 16 * 60;
pub const TEXT: &str = "我们到现场查看了两次。\n第二次“报警器”仍然 <关着> & \"没有\" 记录，'夜班' 也说不清。";
pub const ENDED: &str = "登录已经结束：超过 15 分钟";
const AGAIN: &str = "您填写的内容还没有提交";

pub fn say(number: CaseNumber) -> String {
    format!("/zh/cases/{number}/moves/say")
}

/// Opens the form, stays away for too long, and sends it.
pub async fn too_late(desk: &Desk, clerk: &mut Browser, number: CaseNumber) -> Answer {
    let version = clerk.get(&say(number)).await.hidden("version");
    desk.pass(LUNCH);
    clerk.post(&say(number), &[("text", TEXT), ("version", &version)]).await
}

/// At the sign-in page in which a form waits.
pub async fn sign_in(browser: &mut Browser, page: &Answer, name: &str, password: &str, code: &str) -> Answer {
    let typed = [("over-name", name), ("over-password", password), ("over-code", code)];
    browser.fill_in("/zh/sign-in", page, &typed).await
}

/// Whether what was typed stands in the answer, shown or unseen.
pub fn holds_text(answer: &Answer) -> bool {
    answer.text.contains("我们到现场查看了两次")
}

/// Whether it can be read there.
fn is_shown(answer: &Answer) -> bool {
    answer.text.contains(
        "<dt>内容</dt><dd class=\"typed\">我们到现场查看了两次。\n第二次“报警器”仍然 &#60;关着&#62;",
    )
}

/// The page that only shows it: nothing of it can be sent from there.
pub fn is_to_copy(answer: &Answer) -> bool {
    let main = answer.text.split("<main").nth(1).unwrap_or_default();
    let is_shown = main.contains("请复制保存") && main.contains("<dd class=\"typed\">我们到现场查看了两次");
    let sends = ["<form", "<button", "<input"].iter().any(|tag| main.contains(tag));
    answer.status == StatusCode::FORBIDDEN && is_shown && !sends
}

fn clerks_account(desk: &Desk) -> Account {
    desk.store.account(&StaffId("clerk".into())).unwrap().unwrap()
}

#[tokio::test]
async fn a_long_text_outlives_the_idle_time_and_arrives() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let (old, old_cookie) = (clerk.token.clone(), clerk.cookie.clone());
    let page = too_late(&desk, &mut clerk, number).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains(ENDED) && page.text.contains(&say(number)), "{}", page.text);
    assert!(!page.text.contains("/zh/sign-out"), "nobody is signed in");
    assert!(page.text.contains("<details><summary>填写的内容</summary>") && is_shown(&page), "{}", page.text);

    // Wrong password, wrong code: asked again, nothing lost.
    let code = desk.code();
    for (password, code) in [("not the password", code.as_str()), (PASSWORD, "000000")] {
        let wrong = sign_in(&mut clerk, &page, "clerk", password, code).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains(ENDED) && wrong.text.contains("value=\"clerk\""), "{}", wrong.text);
        assert!(!wrong.text.contains(password));
        assert_eq!(wrong.kept(), page.kept());
    }
    assert!(clerk.get("/zh/cases").await.location.ends_with("/sign-in"));

    let page = sign_in(&mut clerk, &page, "clerk", PASSWORD, &code).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains(AGAIN) && page.text.contains("某clerk"), "{}", page.text);
    assert!(page.text.contains(&format!("<form method=\"post\" action=\"{}\">", say(number))));
    assert!(!page.text.contains(PASSWORD) && !page.text.contains(&old), "the new session's token alone");
    assert_ne!(clerk.cookie, old_cookie);
    assert!(page.text.contains("<details open><summary>填写的内容</summary>") && is_shown(&page));
    let kept = page.kept();
    let names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["once", "text", "version"]);
    assert_eq!(kept[1].1, TEXT);
    assert!(desk.case(number).messages.is_empty(), "nothing goes by itself");

    let confirm = clerk.fill_in(&say(number), &page, &[]).await;
    assert_eq!(confirm.status, StatusCode::OK, "{}", confirm.text);
    let sent = clerk.fill_in(&say(number), &confirm, &[("step", "do")]).await;
    assert_eq!(sent.location, format!("/zh/cases/{number}?done=say"), "{}", sent.text);
    let case = desk.case(number);
    let [message] = &case.messages[..] else { panic!("one message") };
    let MessageText::Sealed(sealed) = &message.text else { panic!("in clear") };
    assert_eq!(mailbox::open(sealed, &receipt(1).mailbox_key()).unwrap().as_str(), TEXT);
}

/// After the longest a session may last, too, and where a fresh proof is asked for: they have just given one.
#[tokio::test]
async fn a_form_that_needs_a_proof_has_it_from_signing_in() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    let typed = [("id", "zhao"), ("name", "赵六"), ("roles", "clerk"), ("roles", "investigator")];
    // The question who it is has been asked, and waits for longer than the session lasts.
    desk.pass(11 * 60);
    let question = admin.post("/zh/people/new", &typed).await;
    assert!(question.text.contains("请确认是您本人"));
    for _ in 0..72 {
        desk.pass(10 * 60);
        admin.get("/zh/me").await;
    }
    let code = desk.code();
    let proof = [("prove-password", PASSWORD), ("prove-code", code.as_str())];
    let page = admin.fill_in("/zh/prove", &question, &proof).await;
    assert!(page.text.contains("登录已满 12 小时"), "{}", page.text);
    let page = sign_in(&mut admin, &page, "admin", PASSWORD, &code).await;
    let text = &page.text;
    assert!(text.contains("action=\"/zh/people/new\"") && !text.contains("prove-"), "{text}");
    let made = admin.fill_in("/zh/people/new", &page, &[]).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    assert_eq!(desk.store.account(&StaffId("zhao".into())).unwrap().unwrap().roles.len(), 2);
}

/// What waits can be read before it is sent, and an act that was confirmed days ago is confirmed once more.
#[tokio::test]
async fn what_was_confirmed_is_shown_once_more_before_it_is_done() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let version = clerk.get(&say(number)).await.hidden("version");
    let confirm = clerk.post(&say(number), &[("text", TEXT), ("version", &version)]).await;
    desk.pass(LUNCH);
    let page = clerk.fill_in(&say(number), &confirm, &[("step", "do")]).await;
    assert!(page.text.contains(ENDED) && is_shown(&page), "{}", page.text);
    let page = sign_in(&mut clerk, &page, "clerk", PASSWORD, &desk.code()).await;
    let again = clerk.fill_in(&say(number), &page, &[]).await;
    assert!(again.status == StatusCode::OK && holds_text(&again), "{}", again.text);
    assert!(desk.case(number).messages.is_empty(), "nobody has looked at it today");
    let sent = clerk.fill_in(&say(number), &again, &[("step", "do")]).await;
    assert_eq!(sent.location, format!("/zh/cases/{number}?done=say"), "{}", sent.text);
    assert_eq!(desk.case(number).messages.len(), 1);
}

/// Whoever has two accounts, or sits down at a colleague's screen, is told, and loses nothing.
#[tokio::test]
async fn somebody_else_cannot_send_it_and_does_not_sign_in_over_it() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut browser = desk.sign_in("clerk").await;
    let page = too_late(&desk, &mut browser, number).await;
    let other = sign_in(&mut browser, &page, "app1", PASSWORD, &desk.code()).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(
        other.text.contains("用另一个账号填写的") && other.text.contains("value=\"app1\""),
        "{}",
        other.text
    );
    assert_eq!(other.kept(), page.kept());
    assert_eq!(browser.get("/zh/me").await.location, "/zh/sign-in", "no session begins");
    let back = sign_in(&mut browser, &other, "clerk", PASSWORD, &desk.code()).await;
    assert!(back.status == StatusCode::OK && back.text.contains(AGAIN), "{}", back.text);
    assert!(browser.get("/zh/me").await.text.contains("某clerk"));
    assert!(desk.case(number).messages.is_empty());
}

/// Without single sign-on, too.
#[tokio::test]
async fn whoever_has_signed_in_in_another_window_goes_on_with_one_button() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let page = too_late(&desk, &mut clerk, number).await;
    let button = format!("<button class=\"second\" formaction=\"{}\">已经登录，继续</button>", say(number));
    assert!(page.text.contains(&button), "{}", page.text);
    // Too early, with a name typed already.
    let typed = [("over-name", "clerk"), ("over-password", PASSWORD)];
    let early = clerk.fill_in(&say(number), &page, &typed).await;
    assert!(early.text.contains("这个浏览器中还没有人登录") && early.text.contains("value=\"clerk\""));
    assert!(!early.text.contains(PASSWORD) && early.text.contains(&button), "{}", early.text);
    assert_eq!(early.kept(), page.kept());
    assert_eq!(clerk.try_sign_in("clerk", PASSWORD, &desk.code()).await.location, "/zh/");
    let page = clerk.fill_in(&say(number), &early, &typed).await;
    assert!(page.status == StatusCode::OK && page.text.contains(AGAIN) && holds_text(&page), "{}", page.text);
    assert!(!page.text.contains(PASSWORD) && page.kept().iter().all(|(name, _)| !name.starts_with("over-")));
}

#[tokio::test]
async fn what_another_site_could_plant_is_not_taken() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let foreign = desk.sign_in("app1").await.token;
    clerk.get("/zh/me").await;
    desk.pass(LUNCH);
    let (to, own) = (say(number), clerk.token.clone());
    // A browser that does not say that a page of ours sends.
    clerk.from = "none";
    for once in ["", foreign.as_str(), "forged"] {
        let fields = [("text", TEXT), ("version", "1"), ("once", once)];
        let sent = clerk.send(&say(number), &fields).await;
        assert!(sent.location.starts_with("/zh/sign-in") && !holds_text(&sent), "{once}: {}", sent.text);

        let waits = [("over-to", to.as_str()), ("over-name", "clerk"), ("over-password", "wrong")];
        let wrong = clerk.send("/zh/sign-in", &[&fields[..], &waits[..]].concat()).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!holds_text(&wrong) && !wrong.text.contains(ENDED), "{once}: {}", wrong.text);
    }
    // The right token from another site, in a browser that has no such cookie, and to another address.
    let right = [("text", TEXT), ("version", "1"), ("once", own.as_str())];
    clerk.from = "cross-site";
    for path in [to.as_str(), "/zh/sign-in"] {
        let elsewhere = clerk.send(path, &[&right[..], &[("over-to", to.as_str())]].concat()).await;
        assert!(elsewhere.status == StatusCode::FORBIDDEN && !holds_text(&elsewhere), "{path}");
    }
    let mut nobody = desk.browser();
    nobody.from = "none";
    let nobody = nobody.send(&say(number), &right).await;
    assert!(nobody.location == "/zh/sign-in" && !holds_text(&nobody));
    clerk.from = "same-origin";
    let away = [&right[..], &[("over-to", "//evil.example/zh/"), ("over-name", "clerk")]].concat();
    assert!(!holds_text(&clerk.send("/zh/sign-in", &away).await));
    // Of all that, nothing was lost.
    assert!(holds_text(&clerk.send(&say(number), &right).await));
}

#[tokio::test]
async fn nothing_goes_on_for_who_leaves_is_locked_out_or_has_another_password() {
    type Change = fn(&mut Account);
    let changes: [Change; 3] = [
        |account| account.disabled = true,
        |account| account.ways.generation += 1,
        |account| account.password.push(' '),
    ];
    for (n, change) in (1..).zip(changes) {
        let desk = Desk::new();
        let number = desk.submit(n, false);
        let before = clerks_account(&desk);
        let mut changed = before.clone();
        change(&mut changed);

        // Before the form comes; put right again, it is too late.
        let mut clerk = desk.sign_in("clerk").await;
        let version = clerk.get(&say(number)).await.hidden("version");
        let fields = [("text", TEXT), ("version", version.as_str())];
        desk.pass(LUNCH);
        desk.store.put_account(changed.clone()).wait().unwrap();
        let sent = clerk.post(&say(number), &fields).await;
        assert!(is_to_copy(&sent), "{n}: {}", sent.text);
        desk.store.put_account(before.clone()).wait().unwrap();
        assert!(is_to_copy(&clerk.post(&say(number), &fields).await), "{n}");

        // While it waits in the page.
        let mut clerk = desk.sign_in("clerk").await;
        let page = too_late(&desk, &mut clerk, number).await;
        assert!(holds_text(&page), "{n}");
        changed.totp_step = clerks_account(&desk).totp_step;
        desk.store.put_account(changed).wait().unwrap();
        let back = sign_in(&mut clerk, &page, "clerk", PASSWORD, &desk.code()).await;
        assert!(is_to_copy(&back), "{n}: {}", back.text);
        assert!(desk.case(number).messages.is_empty());
    }

    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let page = too_late(&desk, &mut clerk, number).await;
    assert_eq!(clerk.post("/zh/sign-out", &[]).await.location, "/zh/sign-in");
    let sent = clerk.fill_in(&say(number), &page, &[]).await;
    assert!(is_to_copy(&sent), "{}", sent.text);
}

/// Every page and every form there is: a session that is over is worth as much as none.
#[tokio::test]
async fn a_session_that_is_over_opens_nothing() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    for (name, _) in STAFF.iter().filter(|(name, _)| ["clerk", "app1", "tru1", "admin"].contains(name)) {
        let mut browser = desk.sign_in(name).await;
        let token = browser.token.clone();
        desk.pass(LUNCH);
        assert_eq!(browser.get("/zh/").await.location, "/zh/sign-in?over=1");
        for (method, path, _) in ROUTES {
            let path = path.replace("{n}", &number.to_string()).replace("{b}", &"0".repeat(32));
            let answer = match method {
                "GET" => browser.get(&path).await,
                _ => browser.send(&path, &[("once", &token), ("text", TEXT), ("step", "do")]).await,
            };
            if method == "GET" {
                assert!(answer.location.ends_with("/sign-in"), "{name} {path}: {}", answer.text);
            } else {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name} {path}");
                assert!(answer.text.contains(ENDED), "{name} {path}: {}", answer.text);
            }
        }
    }
    assert!(desk.case(number).history.is_empty() && !clerks_account(&desk).disabled);
    assert_eq!(desk.store.accounts().unwrap().len(), STAFF.len());
}

/// Whoever signs in anew in one window goes on in the others with what stands there, as long as it is the same person.
#[tokio::test]
async fn a_form_of_another_window_goes_on_after_signing_in() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let version = clerk.get(&say(number)).await.hidden("version");
    let token = clerk.token.clone();
    let fields = [("text", TEXT), ("version", version.as_str()), ("once", token.as_str())];
    for _ in 0..2 {
        desk.pass(LUNCH);
        assert_eq!(clerk.get("/zh/cases").await.location, "/zh/sign-in?over=1");
        assert_eq!(clerk.try_sign_in("clerk", PASSWORD, &desk.code()).await.location, "/zh/");
    }
    let page = clerk.send(&say(number), &fields).await;
    assert!(page.status == StatusCode::OK && page.text.contains(AGAIN), "{}", page.text);
    assert!(!page.text.contains(&token) && desk.case(number).messages.is_empty());
    let confirm = clerk.fill_in(&say(number), &page, &[]).await;
    let sent = clerk.fill_in(&say(number), &confirm, &[("step", "do")]).await;
    assert_eq!(sent.location, format!("/zh/cases/{number}?done=say"), "{}", sent.text);

    // Forms of before are known no more once the password is another.
    clerk.get("/zh/me/password").await;
    let new = "another long password";
    let change = [("password-now", PASSWORD), ("password-new", new), ("password-again", new)];
    assert_eq!(clerk.post("/zh/me/password", &change).await.location, "/zh/me?done=password");
    let refused = clerk.send(&say(number), &fields).await;
    assert!(is_to_copy(&refused), "{}", refused.text);
}

/// The reward office's door is the same, under its own cookie.
#[tokio::test]
async fn the_office_keeps_it_too() {
    let desk = Desk::new();
    let mut officer = desk.sign_in_at_the_office("officer").await;
    desk.pass(LUNCH);
    let page = officer.post("/zh/awards/2026-1/paid", &[("reason", TEXT)]).await;
    assert!(page.status == StatusCode::FORBIDDEN && holds_text(&page), "{}", page.text);
    let page = sign_in(&mut officer, &page, "officer", PASSWORD, &desk.code()).await;
    assert!(page.text.contains("action=\"/zh/awards/2026-1/paid\"") && holds_text(&page), "{}", page.text);

    // An edited copy's form is filled in anew: nobody is led away from it without a word.
    desk.pass(LUNCH);
    let late = officer.parts("/zh/originals/2026-1/copy", b"--X--\r\n".to_vec()).await;
    assert!(late.status == StatusCode::FORBIDDEN && late.text.contains("副本没有收下"), "{}", late.text);
}

/// Else the browser would have forgotten the session before a form that comes too late.
#[tokio::test]
async fn the_cookie_outlives_the_session_by_a_weekend_and_no_more_is_known_then() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.browser();
    desk.pass(30);
    let answer = clerk.try_sign_in("clerk", PASSWORD, &desk.code()).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains(&format!("Max-Age={}", (3 * 24 * 60 + 15) * 60)), "{cookie}");

    clerk.get("/zh/me").await;
    let version = clerk.get(&say(number)).await.hidden("version");
    let fields = [("text", TEXT), ("version", version.as_str())];
    desk.pass(63 * 3600);
    assert!(holds_text(&clerk.post(&say(number), &fields).await), "Monday morning");
    desk.pass(10 * 3600);
    let late = clerk.post(&say(number), &fields).await;
    assert!(is_to_copy(&late), "{}", late.text);
}
