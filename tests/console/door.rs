//! Who gets in, who may open which page, and what a session is worth.

mod clock;
mod copied;
mod forms;
mod over;
mod people;
mod prove;
mod routes;

use crate::console_support::{Desk, PASSWORD, STAFF};
use axum::http::{StatusCode, header};
use mifeng::{
    ids::StaffId,
    store::{Account, Staff},
};

#[tokio::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let desk = Desk::new();
    let mut disabled = desk.store.account(&StaffId("inv2".into())).unwrap().unwrap();
    disabled.disabled = true;
    desk.store.put_account(disabled).wait().unwrap();
    let code = desk.code();
    let mut answers = Vec::new();
    for (name, password, code) in [
        ("clerk", "a wrong long password", code.as_str()),
        ("clerk", PASSWORD, "000000"),
        ("clerk", PASSWORD, ""),
        ("nobody", PASSWORD, code.as_str()),
        ("inv2", PASSWORD, code.as_str()),
        ("", "", ""),
    ] {
        let answer = desk.browser().try_sign_in(name, password, code).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
        answers.push(answer.text.replace(&format!("value=\"{name}\""), "value=\"\""));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "one sentence for all");
    assert!(!answers[0].contains(PASSWORD), "a password is never sent back");
}

#[tokio::test]
async fn a_code_lets_in_once() {
    let desk = Desk::new();
    desk.sign_in("clerk").await;
    let again = desk.browser().try_sign_in("clerk", PASSWORD, &desk.code()).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    desk.pass(30);
    let next = desk.browser().try_sign_in("clerk", PASSWORD, &desk.code()).await;
    assert_eq!(next.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn guessing_is_slowed_down_by_name_alike_for_names_that_do_not_exist() {
    let desk = Desk::new();
    for name in ["clerk", "nobody"] {
        for _ in 0..5 {
            let answer = desk.browser().try_sign_in(name, "a wrong long password", "000000").await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let right = desk.browser().try_sign_in(name, PASSWORD, &desk.code()).await;
        assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
        assert!(right.text.contains("1 分钟"), "says how long");
    }
    let other = desk.browser().try_sign_in("admin", PASSWORD, &desk.code()).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "others are not kept out");
    desk.pass(31);
    let later = desk.browser().try_sign_in("clerk", PASSWORD, &desk.code()).await;
    assert_eq!(later.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.store.accounts().unwrap().len(), STAFF.len());
}

#[tokio::test]
async fn guesses_made_at_once_are_counted_one_by_one() {
    let desk = Desk::new();
    let code = desk.code();
    let mut guesses = tokio::task::JoinSet::new();
    for n in 0..20 {
        let (mut browser, code) = (desk.browser(), code.clone());
        guesses.spawn(async move {
            browser.try_sign_in("clerk", &format!("a wrong long password {n}"), &code).await.status
        });
    }
    let answers = guesses.join_all().await;
    let of = |status| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!((of(StatusCode::UNPROCESSABLE_ENTITY), of(StatusCode::TOO_MANY_REQUESTS)), (5, 15));
}

#[tokio::test]
async fn signing_in_gives_a_new_session_id_and_a_strict_cookie() {
    let desk = Desk::new();
    desk.pass(30);
    let mut browser = desk.browser();
    // A session id that somebody planted.
    browser.cookie = "mifeng-console=AAAAAAAAAAAAAAAAAAAAAA".into();
    let planted = browser.cookie.clone();
    let answer = browser.try_sign_in("clerk", PASSWORD, &desk.code()).await;
    let cookie = answer.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert_ne!(browser.cookie, planted);
    let first = browser.cookie.clone();
    desk.pass(30);
    // Signing in again inside a session moves to a new id, and the old one is void.
    browser.try_sign_in("clerk", PASSWORD, &desk.code()).await;
    assert_ne!(browser.cookie, first);
    let mut stale = desk.browser();
    stale.cookie = first;
    assert_eq!(stale.get("/zh/me").await.location, "/zh/sign-in");
    assert_eq!(browser.get("/zh/me").await.status, StatusCode::OK);
}

/// Nobody is put out unwarned: every page says until when the session lasts, and when work does not prolong it.
#[tokio::test]
async fn each_page_says_until_when_one_stays_signed_in() {
    let desk = Desk::new();
    // At half a minute past noon.
    let mut browser = desk.sign_in("clerk").await;
    assert!(browser.get("/en/cases").await.text.contains("signed in until 12:15, longer while you work"));
    desk.pass(10 * 60);
    assert!(browser.get("/zh/me").await.text.contains("登录保持到 12:25，有操作会顺延"));
    for _ in 0..70 {
        desk.pass(10 * 60);
        browser.get("/zh/me").await;
    }
    // At 23:50: the longest comes before the idle time is over.
    let page = browser.get("/en/").await;
    assert!(page.text.contains("signed in until 00:00 at most"), "{}", page.text);
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_on_leaving() {
    let desk = Desk::new();
    let mut browser = desk.sign_in("clerk").await;
    desk.pass(14 * 60);
    assert_eq!(browser.get("/zh/me").await.status, StatusCode::OK);
    desk.pass(15 * 60);
    assert_eq!(browser.get("/zh/me").await.location, "/zh/sign-in?over=1");
    assert_eq!(browser.get("/zh/me").await.location, "/zh/sign-in", "gone, not only hidden");

    let mut browser = desk.sign_in("clerk").await;
    for _ in 0..71 {
        desk.pass(10 * 60);
        assert_eq!(browser.get("/zh/me").await.status, StatusCode::OK);
    }
    desk.pass(10 * 60);
    assert_eq!(browser.get("/zh/me").await.location, "/zh/sign-in?over=1", "12 hours are the most");

    let mut browser = desk.sign_in("clerk").await;
    let cookie = browser.cookie.clone();
    assert_eq!(browser.post("/zh/sign-out", &[]).await.location, "/zh/sign-in");
    browser.cookie = cookie;
    assert_eq!(browser.get("/zh/me").await.location, "/zh/sign-in");
}

#[tokio::test]
async fn a_disabled_account_and_a_new_password_end_open_sessions_at_once() {
    let desk = Desk::new();
    let mut browser = desk.sign_in("clerk").await;
    let account = desk.store.account(&StaffId("clerk".into())).unwrap().unwrap();
    desk.store.put_account(Account { disabled: true, ..account.clone() }).wait().unwrap();
    assert_eq!(browser.get("/zh/cases").await.location, "/zh/sign-in");
    desk.store.put_account(account).wait().unwrap();

    let (mut here, mut elsewhere) = (desk.sign_in("clerk").await, desk.sign_in("clerk").await);
    let new = "another long password";
    let fields = [("password-now", PASSWORD), ("password-new", new), ("password-again", new)];
    assert_eq!(here.post("/zh/me/password", &fields).await.location, "/zh/me?done=password");
    assert_eq!(here.get("/zh/me").await.status, StatusCode::OK);
    assert_eq!(elsewhere.get("/zh/me").await.location, "/zh/sign-in");
}

/// Whoever came in by another way, or sits down at an open window, does not find the password out here.
#[tokio::test]
async fn a_session_is_no_place_to_guess_its_password() {
    let desk = Desk::new();
    let mut browser = desk.sign_in("app1").await;
    let (new, wrong) = ("another long password", "not the right one");
    let change = |now| [("password-now", now), ("password-new", new), ("password-again", new)];
    for (path, fields) in [
        ("/en/me/password", &change(wrong)[..]),
        ("/en/me/key", &[("password", wrong)][..]),
        ("/en/me/password", &change(wrong)[..]),
        ("/en/me/key", &[("password", wrong)][..]),
        ("/en/me/password", &change(wrong)[..]),
    ] {
        let refused = browser.post(path, fields).await;
        assert!(refused.text.contains("That is not your password"), "{path}: {}", refused.text);
    }
    let waits = browser.post("/en/me/password", &change(PASSWORD)).await;
    assert!(
        waits.text.contains("wrong several times in a row. Please try again in 1 minute"),
        "{}",
        waits.text
    );
    desk.pass(120);
    // Nobody is kept out at the door by it.
    let mut again = desk.sign_in("app1").await;
    // And a right password gives whoever guesses codes there no more tries.
    for _ in 0..5 {
        desk.browser().try_sign_in("app1", PASSWORD, "000000").await;
    }
    again.get("/en/me/password").await;
    let short = [("password-now", PASSWORD), ("password-new", "short"), ("password-again", "short")];
    let refused = again.post("/en/me/password", &short).await;
    assert!(!refused.text.contains("That is not your password"), "{}", refused.text);
    let guess = desk.browser().try_sign_in("app1", PASSWORD, "000000").await;
    assert_eq!(guess.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(browser.post("/en/me/password", &change(PASSWORD)).await.location, "/en/me?done=password");
    // What fits clears the count.
    let refused = browser.post("/en/me/password", &change(PASSWORD)).await;
    assert!(refused.text.contains("That is not your password"), "{}", refused.text);
}

#[tokio::test]
async fn a_first_password_must_be_changed_before_anything_else() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    let fields = [("id", "Wang.Wu"), ("name", "王五"), ("roles", "clerk"), ("roles", "administrator")];
    let made = admin.post("/zh/people/new", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let codes: Vec<String> =
        made.text.split("<code>").skip(1).map(|part| part.split('<').next().unwrap().to_owned()).collect();
    let (password, secret) = (codes[0].clone(), codes[1].clone());
    let code = {
        let secret = totp_rs::Secret::try_from_base32(&secret).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).with_step_duration(30).build().unwrap();
        use mifeng::clock::Clock;
        totp.generate(u64::try_from(desk.clock.unix_seconds()).unwrap()).to_string()
    };
    let mut wang = desk.browser();
    assert_eq!(wang.try_sign_in("wang.wu", &password, &code).await.status, StatusCode::SEE_OTHER);
    assert_eq!(wang.get("/zh/cases").await.location, "/zh/me/password");
    wang.get("/zh/me/password").await;
    let same = [("password-now", &*password), ("password-new", &password), ("password-again", &password)];
    assert_eq!(wang.post("/zh/me/password", &same).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = "only Wang knows this";
    let fields = [("password-now", &*password), ("password-new", new), ("password-again", new)];
    assert_eq!(wang.post("/zh/me/password", &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(wang.get("/zh/cases").await.status, StatusCode::OK);
}

#[tokio::test]
async fn accounts_with_roles_that_must_be_apart_are_not_made() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    let apart =
        [("id", "zhao"), ("name", "赵"), ("roles", "trustee"), ("roles", "reward_officer"), ("trustee", "3")];
    assert_eq!(admin.post("/zh/people/new", &apart).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for fields in [
        &[("id", "clerk"), ("name", "赵"), ("roles", "clerk")][..],
        &[("id", "a b"), ("name", "赵"), ("roles", "clerk")],
        &[("id", "zhao"), ("name", ""), ("roles", "clerk")],
        &[("id", "zhao"), ("name", "赵")],
        &[("id", "zhao"), ("name", "赵"), ("roles", "clerk"), ("body", "nowhere")],
        &[("id", "zhao"), ("name", "赵"), ("roles", "trustee")],
        &[("id", "zhao"), ("name", "赵"), ("roles", "trustee"), ("trustee", "4")],
    ] {
        let answer = admin.post("/zh/people/new", fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
    }
    assert_eq!(desk.store.accounts().unwrap().len(), STAFF.len());
}
