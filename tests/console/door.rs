//! Who gets in, who may open which page, and what a session is worth.

mod clock;
mod people;
mod prove;

use crate::console_support::{self, Desk, PASSWORD, STAFF};
use axum::http::{StatusCode, header};
use mifeng::{
    casework::Role,
    ids::StaffId,
    store::{Account, Cases, Staff},
};

/// Every page and every form of the console, and the roles it opens to. `{n}` is a case nobody owns.
const ROUTES: [(&str, &str, &[Role]); 85] = {
    use Role::{Administrator, Approver, Auditor, Clerk, Investigator, Leader, RewardOfficer, Trustee};
    const EVERYBODY: &[Role] =
        &[Clerk, Investigator, Approver, Trustee, RewardOfficer, Auditor, Leader, Administrator];
    // Who may open the case at all; the table of moves then refuses, which `moves` tries.
    const MOVERS: &[Role] = &[Clerk, Approver];
    [
        ("GET", "/zh/", EVERYBODY),
        ("GET", "/en/me", EVERYBODY),
        ("GET", "/zh/me/password", EVERYBODY),
        ("POST", "/zh/me/password", EVERYBODY),
        ("POST", "/zh/me/key", &[Approver]),
        ("GET", "/zh/cases", &[Clerk, Investigator, Approver, Auditor]),
        ("POST", "/zh/cases/search", &[Clerk, Investigator, Approver, Auditor]),
        ("GET", "/zh/cases/bulk", &[Clerk, Investigator, Approver, Auditor]),
        ("POST", "/zh/cases/bulk", &[Clerk, Investigator, Approver, Auditor]),
        ("GET", "/zh/views", &[Clerk, Investigator, Approver, Auditor]),
        ("POST", "/zh/views", &[Clerk, Investigator, Approver, Auditor]),
        ("POST", "/zh/views/1/remove", &[Clerk, Investigator, Approver, Auditor]),
        ("POST", "/zh/views/1/share", &[Clerk, Investigator, Approver, Auditor]),
        ("POST", "/zh/views/1/take", &[Clerk, Investigator, Approver, Auditor]),
        ("GET", "/zh/late", &[Leader]),
        ("GET", "/zh/help", EVERYBODY),
        ("POST", "/zh/help/keys", EVERYBODY),
        ("GET", "/zh/cases/{n}", &[Clerk, Approver]),
        ("GET", "/zh/cases/{n}/copies/{b}", &[]),
        ("GET", "/zh/cases/{n}/copies/{b}/bytes", &[]),
        ("GET", "/zh/cases/{n}/moves/accept", &[Clerk]),
        ("POST", "/zh/cases/{n}/moves/accept", MOVERS),
        ("GET", "/zh/cases/{n}/moves/conclude", &[]),
        ("POST", "/zh/cases/{n}/moves/conclude", MOVERS),
        ("GET", "/zh/cases/{n}/award", &[Approver]),
        ("GET", "/zh/cases/{n}/award/facts", &[]),
        ("POST", "/zh/cases/{n}/award/facts", &[]),
        ("GET", "/zh/cases/{n}/award/approve", &[Approver]),
        ("POST", "/zh/cases/{n}/award/approve", &[Approver]),
        ("POST", "/zh/cases/{n}/award/refuse", &[Approver]),
        ("POST", "/zh/cases/{n}/award/withdraw", &[Approver]),
        ("POST", "/zh/cases/{n}/award/file", &[Approver]),
        ("POST", "/zh/cases/{n}/award/notify", &[Approver]),
        ("POST", "/zh/cases/{n}/award/extend", &[Approver]),
        ("POST", "/zh/cases/{n}/award/public-notice", &[Approver]),
        ("POST", "/zh/cases/{n}/award/lapse", &[Approver]),
        ("GET", "/zh/approvals", &[Approver]),
        ("GET", "/zh/releases", &[Trustee]),
        ("GET", "/zh/releases/{n}", &[]),
        ("GET", "/zh/releases/{n}/request", &[]),
        ("GET", "/zh/trail", &[Auditor]),
        ("GET", "/zh/people", &[Administrator]),
        ("GET", "/zh/systems", &[Administrator]),
        ("POST", "/zh/systems", &[Administrator]),
        ("POST", "/zh/systems/1/revoke", &[]),
        ("GET", "/zh/people/new", &[Administrator]),
        ("POST", "/zh/people/new", &[Administrator]),
        ("POST", "/zh/people/clerk/reset", &[Administrator]),
        ("GET", "/zh/people/clerk/change", &[Administrator]),
        ("POST", "/zh/people/clerk/change", &[Administrator]),
        ("POST", "/zh/people/clerk/sign-out", &[Administrator]),
        ("POST", "/zh/people/clerk/hand-over", &[Administrator]),
        ("GET", "/zh/cases/{n}/sheet", &[Clerk]),
        ("POST", "/zh/cases/{n}/sheet", &[Clerk]),
        ("GET", "/zh/cases/{n}/sheets/1", &[]),
        ("GET", "/zh/cases/{n}/documents/1", &[]),
        ("GET", "/zh/cases/{n}/original", &[Clerk, Approver]),
        ("POST", "/zh/cases/{n}/original", &[]),
        ("POST", "/zh/cases/{n}/original/end", &[]),
        ("POST", "/zh/cases/{n}/award/pass-on", &[Approver]),
        ("GET", "/zh/cases/{n}/award/what-if", &[Approver]),
        ("POST", "/zh/cases/{n}/award/what-if", &[Approver]),
        ("GET", "/zh/cases/{n}/award/refuse", &[Approver]),
        ("GET", "/zh/desk", &[Clerk]),
        ("POST", "/zh/desk", &[Clerk]),
        ("GET", "/zh/rules", &[Approver]),
        ("GET", "/zh/rules/try", &[Approver]),
        ("POST", "/zh/rules/try", &[Approver]),
        ("POST", "/zh/releases/{n}", &[]),
        ("GET", "/zh/releases/{n}/original", &[]),
        ("POST", "/zh/releases/{n}/original", &[]),
        ("GET", "/zh/releases/{n}/original/request", &[]),
        ("GET", "/zh/figures", &[Leader, Auditor, Approver]),
        // Nothing is named that could be exported; `figures` tries what is.
        ("GET", "/zh/figures/csv", &[]),
        ("GET", "/zh/figures/dataset.csv", &[]),
        ("GET", "/zh/figures/dataset.parquet", &[]),
        ("GET", "/zh/people/clerk", &[Administrator]),
        ("POST", "/zh/people/clerk/subject", &[Administrator]),
        ("POST", "/zh/people/inv2/disable", &[Administrator]),
        ("POST", "/zh/people/inv2/enable", &[Administrator]),
        ("GET", "/zh/me/passkeys", EVERYBODY),
        ("POST", "/zh/me/passkeys", EVERYBODY),
        ("POST", "/zh/me/passkeys/begin", &[]),
        ("POST", "/zh/me/passkeys/remove", EVERYBODY),
        // The last: whoever did this is out.
        ("POST", "/zh/me/sign-out-everywhere", EVERYBODY),
    ]
};

/// A page that somebody adds stands in the table, or this fails.
#[test]
fn the_table_has_every_route_of_the_console() {
    let source = include_str!("../../src/console/mod.rs");
    let is_of = |route: &str, path: &str| {
        let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
        route.len() == path.len() && route.iter().zip(&path).all(|(r, p)| r.starts_with('{') || r == p)
    };
    let mut routes = 0;
    for piece in source.split(".route(").skip(1) {
        let path = piece.split('"').nth(1).unwrap();
        let handlers = piece.split("\n        .").next().unwrap();
        for method in ["GET", "POST"]
            .into_iter()
            .filter(|method| path != "/" && handlers.contains(&format!("{}(", method.to_lowercase())))
        {
            routes += 1;
            assert!(ROUTES.iter().any(|(m, p, _)| *m == method && is_of(path, p)), "{method} {path}");
        }
    }
    assert!(routes > 80, "{routes}");
}

/// Each role, each route: the table above and nothing else.
#[tokio::test]
async fn each_role_opens_its_own_pages_and_no_other() {
    let desk = Desk::new();
    let number = desk.submit(1, false).to_string();
    let mut others = Vec::new();
    for (name, role) in STAFF.iter().filter(|(name, _)| !["inv2", "app2", "tru2"].contains(name)) {
        let mut browser = desk.sign_in(name).await;
        for (method, path, roles) in ROUTES {
            // An administrator's reset of the clerk would end the clerk's session for good.
            if path.ends_with("/reset") && *role == Role::Administrator {
                continue;
            }
            let path = path.replace("{n}", &number).replace("{b}", &"0".repeat(32));
            let answer = match method {
                "GET" => browser.get(&path).await,
                _ => browser.post(&path, &[]).await,
            };
            let shut = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
                || (answer.status == StatusCode::CONFLICT && method == "GET");
            if shut == roles.contains(role) {
                others.push(format!("{role:?}: {method} {path}: {}", answer.status));
            }
        }
    }
    assert_eq!(others, Vec::<String>::new());
}

#[tokio::test]
async fn without_a_session_every_page_leads_to_the_sign_in_page() {
    let desk = Desk::new();
    let number = desk.submit(1, false).to_string();
    for (method, path, _) in ROUTES {
        let path = path.replace("{n}", &number).replace("{b}", &"0".repeat(32));
        let mut browser = desk.browser();
        let answer = match method {
            "GET" => browser.get(&path).await,
            _ => browser.send(&path, &[("once", "")]).await,
        };
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{method} {path}");
        assert!(answer.location.ends_with("/sign-in"), "{method} {path}: {}", answer.location);
    }
}

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
