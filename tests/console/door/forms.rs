//! Forms that are not ours, not of this session or held open, and what every answer forbids.

use super::routes::ROUTES;
use crate::console_support::{self, Desk, PASSWORD, STAFF};
use axum::http::StatusCode;
use mifeng::{
    casework::Role,
    ids::StaffId,
    store::{Cases, Staff},
};

/// Whoever starts a form while they may, and finishes it when they no longer may, changes nothing.
#[tokio::test]
async fn a_form_held_open_is_judged_when_it_is_whole() {
    let desk = Desk::new();
    let clerk = desk.sign_in("clerk").await;
    let mut admin = desk.sign_in("admin").await;
    let new = "another long password";
    let fields = [("password-now", PASSWORD), ("password-new", new), ("password-again", new)];
    let account = || desk.store.account(&StaffId("clerk".into())).unwrap().unwrap();

    let held = clerk.hold("/zh/me/password").await;
    admin.post("/zh/people/clerk/disable", &[]).await;
    assert!(account().disabled);
    assert_eq!(held.finish(&fields).await.location, "/zh/sign-in");
    assert!(account().disabled);

    admin.post("/zh/people/clerk/enable", &[]).await;
    let clerk = desk.sign_in("clerk").await;
    let held = clerk.hold("/zh/me/password").await;
    admin.post("/zh/people/clerk/reset", &[]).await;
    let reset = account();
    assert_eq!(held.finish(&fields).await.location, "/zh/sign-in");
    assert!(account() == reset, "the password that was given stands");

    let trail = desk.store.trail(&|_, _| true, 3).unwrap();
    let noted: Vec<_> =
        trail.iter().map(|(_, e)| (e.by.0.as_str(), e.what.as_str(), e.account.as_ref())).collect();
    let id = StaffId("clerk".into());
    let by_admin = |what| ("admin", what, Some(&id));
    assert_eq!(noted, ["account-reset", "account-enabled", "account-disabled"].map(by_admin));
}

/// Every form there is, without the token, with another session's, and from another site.
#[tokio::test]
async fn a_form_that_is_not_from_this_session_changes_nothing() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let mut admin = desk.sign_in("admin").await;
    let form = clerk.get(&format!("/zh/cases/{number}/moves/accept")).await;
    let version = form.hidden("version");
    let path = format!("/zh/cases/{number}/moves/accept");
    let fields = |token: &str| {
        [
            ("told", "您的举报已经受理，我们正在核查。"),
            ("reason", "属于受理范围，事项清楚。"),
            ("version", version.as_str()),
            ("step", "do"),
            ("once", token),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
    };
    let (own, foreign) = (clerk.token.clone(), admin.token.clone());
    assert_ne!(own, foreign);
    for token in ["", foreign.as_str()] {
        let fields = fields(token);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(clerk.send(&path, &fields).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(admin.send("/zh/people/clerk/disable", &[("once", &own)]).await.status, StatusCode::FORBIDDEN);
    assert!(!desk.store.account(&StaffId("clerk".into())).unwrap().unwrap().disabled);
    assert!(desk.case(number).history.is_empty());
    let fields = fields(&own);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(clerk.send(&path, &fields).await.status, StatusCode::SEE_OTHER);
}

/// Whoever may send a form: without the session's token it does nothing, and with it nothing from another site's page.
#[tokio::test]
async fn every_form_wants_its_token_and_a_page_of_ours() {
    let desk = Desk::new();
    let number = desk.submit(1, false).to_string();
    let mut tried = 0;
    for role in [Role::Clerk, Role::Approver, Role::Administrator] {
        let name = STAFF.iter().find(|(_, of)| *of == role).unwrap().0;
        let mut browser = desk.sign_in(name).await;
        let forms = ROUTES.iter().filter(|(method, _, roles)| *method == "POST" && roles.contains(&role));
        for (_, path, _) in forms {
            let path = path.replace("{n}", &number);
            browser.from = "same-origin";
            let without = browser.send(&path, &[("once", "")]).await;
            assert!(is_refused(&without), "{role:?} {path} without a token: {without:?}");
            browser.from = "cross-site";
            let elsewhere = browser.post(&path, &[]).await;
            assert!(is_refused(&elsewhere), "{role:?} {path} from elsewhere: {elsewhere:?}");
            tried += 1;
        }
    }
    let mut officer = desk.sign_in_at_the_office("officer").await;
    for path in [
        "/zh/awards/2026-1/paid",
        "/zh/originals/2026-1/release",
        "/zh/originals/2026-1/end",
        "/zh/prove",
        "/zh/sign-out",
    ] {
        officer.from = "cross-site";
        let elsewhere = officer.post(path, &[]).await;
        assert!(is_refused(&elsewhere), "{path} from elsewhere: {elsewhere:?}");
    }
    assert!(tried > 40, "{tried}");
    officer.from = "same-origin";
    assert_eq!(officer.get("/zh/").await.status, StatusCode::OK, "nobody was signed out");
}

fn is_refused(answer: &console_support::Answer) -> bool {
    answer.status == StatusCode::FORBIDDEN && answer.text.contains("这张表单已经过期")
}

#[tokio::test]
async fn every_answer_forbids_scripts_framing_and_keeping() {
    let desk = Desk::new();
    let mut browser = desk.sign_in("clerk").await;
    for path in ["/zh/", "/zh/cases", "/zh/nothing-here", "/zh/people", "/zh/sign-in"] {
        let answer = browser.get(path).await;
        let header = |name: &str| answer.headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
        assert!(header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(header("content-security-policy").contains("form-action 'self'"), "{path}");
        assert!(!header("content-security-policy").contains("script-src"), "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(!answer.text.contains("<script"), "{path}");
    }
}
