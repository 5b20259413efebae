//! Other systems of the authority: a token made by an administrator and confirmed by another reads what its scopes and its
//! body allow, as it stands now, and nothing of a reporter.

use crate::{
    console_support::{
        self, Browser, Desk,
        acts::{TOLD, made},
        between,
    },
    store_support,
};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use mifeng::{
    casework::Role,
    ids::{CaseNumber, StaffId},
    store::{Account, Cases, Staff},
};
use serde_json::Value;
use std::collections::BTreeSet;
use tower::ServiceExt;

const ALL: [&str; 3] = ["cases:read", "figures:read", "log:read"];
const SECOND: &str = "admin2";

pub struct Heard {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Heard {
    pub fn code(&self) -> &str {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.text);
        assert_eq!(self.body["status"], self.status.as_u16());
        self.body["code"].as_str().unwrap()
    }
    pub fn numbers(&self) -> Vec<String> {
        let cases = self.body["cases"].as_array().unwrap();
        cases.iter().map(|case| case["number"].as_str().unwrap().to_owned()).collect()
    }
}

pub async fn ask(desk: &Desk, token: &str, path: &str) -> Heard {
    ask_with(desk, token, path, None).await
}

async fn ask_with(desk: &Desk, token: &str, path: &str, known: Option<&str>) -> Heard {
    let mut request = Request::builder().method(Method::GET).uri(format!("/api/v1{path}"));
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if let Some(tag) = known {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let answer = desk.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Heard { status: parts.status, headers: parts.headers, text, body }
}

/// Makes one at the page, as the administrator; a second one confirms it.
pub async fn token(desk: &Desk, admin: &mut Browser, name: &str, body: &str, scopes: &[&str]) -> String {
    let token = unconfirmed(admin, name, body, scopes).await;
    let number = desk.store.accesses().unwrap().last().unwrap().number;
    let mut second = second(desk).await;
    assert_eq!(second.post(&format!("/zh/systems/{number}/confirm"), &[]).await.location, "/zh/systems");
    token
}

/// Another administrator of all bodies, in front of the list.
pub async fn second(desk: &Desk) -> Browser {
    if desk.store.account(&StaffId(SECOND.into())).unwrap().is_none() {
        desk.hire(SECOND, Role::Administrator, None);
    }
    let mut second = desk.sign_in(SECOND).await;
    second.get("/zh/systems").await;
    second
}

/// Makes one at the page, as the administrator.
pub async fn unconfirmed(admin: &mut Browser, name: &str, body: &str, scopes: &[&str]) -> String {
    admin.get("/zh/systems").await;
    let mut fields = vec![("name", name), ("body", body), ("until", "2026-12-31")];
    fields.extend(scopes.iter().map(|scope| ("scopes", *scope)));
    let page = admin.post("/zh/systems", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let token = between(&page.text, "<code>", "</code>").unwrap_or_else(|| panic!("{}", page.text));
    assert!(token.starts_with("mifeng_") && token.len() == 50, "{token}");
    token
}

/// The last entry of the staff record.
pub fn latest(desk: &Desk) -> (String, String, Option<CaseNumber>, String) {
    let (_, entry) = desk.store.trail(&|_, _| true, 1).unwrap().remove(0);
    (entry.by.0, entry.what, entry.case, entry.change)
}

#[tokio::test]
async fn a_token_is_shown_once_kept_as_a_hash_listed_and_revoked() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut admin = desk.sign_in("admin").await;
    let token = unconfirmed(&mut admin, "安全生产大数据平台", "ministry", &ALL).await;
    let change = "安全生产大数据平台; ministry; cases:read, figures:read, log:read; 2026-12-31";
    assert_eq!(latest(&desk), ("admin".into(), "access-made".into(), None, change.into()));
    let page = admin.get("/zh/systems").await.text;
    assert!(page.contains("安全生产大数据平台") && page.contains("system:1") && !page.contains(&token));
    assert!(!on_disk(&desk, &token));
    assert_eq!(second(&desk).await.post("/zh/systems/1/confirm", &[]).await.location, "/zh/systems");

    let case = ask(&desk, &token, &format!("/cases/{number}")).await;
    assert_eq!(case.status, StatusCode::OK, "{}", case.text);
    assert_eq!(latest(&desk), ("system:1".into(), "system-case".into(), Some(number), String::new()));

    assert_eq!(admin.post("/zh/systems/1/revoke", &[]).await.location, "/zh/systems");
    assert_eq!(latest(&desk).1, "access-revoked");
    let refused = ask(&desk, &token, &format!("/cases/{number}")).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNAUTHORIZED, "token"));
    assert_eq!(refused.headers[header::WWW_AUTHENTICATE], "Bearer");
    assert!(admin.get("/zh/systems").await.text.contains("已于 2026-11-23 撤销"));
}

#[tokio::test]
async fn who_makes_one_proves_it_anew_and_says_all_of_it() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    admin.get("/zh/systems").await;
    let page = admin.post("/zh/systems", &[("until", "2028-01-01"), ("body", "nowhere")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["name", "body", "scopes", "until"] {
        assert!(page.text.contains(&format!("href=\"#{field}\"")), "{field}: {}", page.text);
    }
    assert!(desk.store.accesses().unwrap().is_empty());
    // Signed in still, but not proved lately: the form leads to the question first.
    desk.pass(11 * 60);
    let fields = [("name", "x"), ("until", "2026-12-31"), ("scopes", "log:read")];
    let question = admin.post("/zh/systems", &fields).await;
    assert!(question.text.contains("name=\"prove-password\""), "{}", question.text);
    assert!(desk.store.accesses().unwrap().is_empty());
    for name in ["clerk", "inv1", "app1", "auditor"] {
        let mut other = desk.sign_in(name).await;
        assert_eq!(other.get("/zh/systems").await.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test]
async fn a_scope_opens_what_it_names_and_nothing_else() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut admin = desk.sign_in("admin").await;
    let case = format!("/cases/{number}");
    let ways = [
        ("cases:read", vec!["/cases", &case]),
        ("figures:read", vec!["/figures"]),
        ("log:read", vec!["/log/checkpoint", "/log/tile/0/000"]),
    ];
    for (scope, _) in &ways {
        let token = token(&desk, &mut admin, scope, "", &[*scope]).await;
        for (other, paths) in &ways {
            for path in paths {
                let answer = ask(&desk, &token, path).await;
                match scope == other {
                    true => assert!(
                        matches!(answer.status, StatusCode::OK | StatusCode::NOT_FOUND),
                        "{scope} {path}: {}",
                        answer.text
                    ),
                    false => assert_eq!(
                        (answer.status, answer.code()),
                        (StatusCode::FORBIDDEN, "scope"),
                        "{scope} {path}"
                    ),
                }
            }
        }
    }
    // A token is no session, a session no token; nothing can be written.
    let mut browser = desk.sign_in("clerk").await;
    assert_eq!(browser.get("/api/v1/cases").await.status, StatusCode::UNAUTHORIZED);
    let token = token(&desk, &mut admin, "x", "", &ALL).await;
    let request =
        Request::builder().uri("/zh/cases").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = desk.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let request = Request::builder().method(Method::POST).uri(format!("/api/v1/cases/{number}"));
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = desk.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_token_of_a_body_reads_what_its_staff_could_and_nothing_beside() {
    let desk = Desk::new();
    let place = |n, region: &str| desk.submit_with(n, |content| content.region = region.into());
    let [own, below, other, above] =
        [(1, "370100"), (2, "370102"), (3, "370202"), (4, "370000")].map(|(n, r)| place(n, r));
    let coal = desk.submit_with(5, |content| content.industry = "coal_mines".into());
    let mut admin = desk.sign_in("admin").await;
    let token = token(&desk, &mut admin, "济南", "city_370100", &["cases:read"]).await;
    let list = ask(&desk, &token, "/cases").await;
    assert_eq!(list.numbers(), [own, below].map(|number| number.to_string()));
    for number in [own, below] {
        assert_eq!(ask(&desk, &token, &format!("/cases/{number}")).await.status, StatusCode::OK);
    }
    let unknown = ask(&desk, &token, "/cases/2026-999999").await.text;
    for number in [other, above, coal] {
        let refused = ask(&desk, &token, &format!("/cases/{number}")).await;
        assert_eq!((refused.status, &refused.text), (StatusCode::NOT_FOUND, &unknown));
    }
    // What is handed up is out of reach from then on.
    let account = desk.store.account(&StaffId("clerk".into())).unwrap().unwrap();
    let account = Account { id: StaffId("jinan".into()), body: "city_370100".into(), ..account };
    desk.store.put_account(account).wait().unwrap();
    let mut clerk = desk.sign_in("jinan").await;
    let fields =
        [("body", "province_370000"), ("told", "由上一级办理。"), ("reason", "由上一级核查更合适。")];
    console_support::acts::make(&mut clerk, own, "hand-up", &fields).await;
    assert_eq!(ask(&desk, &token, &format!("/cases/{own}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&desk, &token, "/cases").await.numbers(), [below.to_string()]);

    // An administrator of a body gives no more than that.
    let account = desk.store.account(&StaffId("admin".into())).unwrap().unwrap();
    let account = Account { id: StaffId("cityadmin".into()), body: "city_370200".into(), ..account };
    desk.store.put_account(account).wait().unwrap();
    let mut cityadmin = desk.sign_in("cityadmin").await;
    cityadmin.get("/zh/systems").await;
    let fields = [("name", "x"), ("body", "city_370100"), ("scopes", "cases:read"), ("until", "2026-12-31")];
    assert_eq!(cityadmin.post("/zh/systems", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!cityadmin.get("/zh/systems").await.text.contains("济南"));
    assert_eq!(cityadmin.post("/zh/systems/1/revoke", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_over_wrong_or_missing_is_answered_alike_and_ever_slower() {
    let desk = Desk::new();
    let mut admin = desk.sign_in("admin").await;
    let good = token(&desk, &mut admin, "x", "", &["cases:read"]).await;
    let over = token(&desk, &mut admin, "y", "", &["cases:read"]).await;
    let mut changed = over.clone();
    changed.pop();
    changed.push(if over.ends_with('A') { 'B' } else { 'A' });
    let answers = [
        ask(&desk, "", "/cases").await,
        ask(&desk, "mifeng_x", "/cases").await,
        ask(&desk, &changed, "/cases").await,
    ];
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (StatusCode::UNAUTHORIZED, &answers[0].text));
    }
    for _ in 0..2 {
        ask(&desk, "mifeng_x", "/cases").await;
    }
    let slower = ask(&desk, "mifeng_x", "/cases").await;
    assert_eq!((slower.status, slower.code()), (StatusCode::TOO_MANY_REQUESTS, "slower"));
    assert_eq!(slower.headers[header::RETRY_AFTER], "30");
    // Whoever has a right one is not held up.
    assert_eq!(ask(&desk, &good, "/cases").await.status, StatusCode::OK);
    desk.pass(39 * 86_400);
    assert_eq!(ask(&desk, &over, "/cases").await.status, StatusCode::UNAUTHORIZED, "2027-01-01");
}

#[tokio::test]
async fn a_system_follows_what_changes() {
    let desk = Desk::new();
    let numbers: Vec<_> = (1..=5).map(|n| desk.submit(n, false).to_string()).collect();
    let mut admin = desk.sign_in("admin").await;
    let token = token(&desk, &mut admin, "x", "", &["cases:read"]).await;
    let first = ask(&desk, &token, "/cases?limit=3").await;
    assert_eq!((first.numbers(), &first.body["more"]), (numbers[..3].to_vec(), &Value::Bool(true)));
    let next = first.body["next"].as_str().unwrap().to_owned();
    // One that was read already changes between two pages.
    let mut clerk = desk.sign_in("clerk").await;
    made(
        &mut clerk,
        numbers[0].parse().unwrap(),
        "accept",
        &[("told", TOLD), ("reason", "属于受理范围，事项清楚。")],
    )
    .await;
    let second = ask(&desk, &token, &format!("/cases?limit=3&after={next}")).await;
    assert_eq!(second.numbers(), [&numbers[3], &numbers[4], &numbers[0]].map(String::clone));
    assert_eq!(
        (&second.body["more"], &second.body["cases"][2]["state"]),
        (&Value::Bool(false), &Value::from("accepted"))
    );
    let (next, tag) = (second.body["next"].as_str().unwrap(), second.headers[header::ETAG].to_str().unwrap());
    let path = format!("/cases?after={next}");
    let noted = || desk.store.trail(&|_, _| true, 999).unwrap().len();
    let before = noted();
    let nothing = ask_with(&desk, &token, &path, Some(tag)).await;
    assert_eq!((nothing.status, nothing.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let case = ask(&desk, &token, &format!("/cases/{}", numbers[0])).await;
    let case_tag = case.headers[header::ETAG].to_str().unwrap();
    let again = ask_with(&desk, &token, &format!("/cases/{}", numbers[0]), Some(case_tag)).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(noted(), before + 1, "only what was read is recorded");
    for (path, status, code) in [
        ("/cases?after=00000000.1", StatusCode::GONE, "cursor"),
        ("/cases?after=x", StatusCode::GONE, "cursor"),
        ("/cases?limit=0", StatusCode::BAD_REQUEST, "limit"),
        ("/cases?limit=501", StatusCode::BAD_REQUEST, "limit"),
        ("/cases/x", StatusCode::NOT_FOUND, "not-found"),
        ("/reporters", StatusCode::NOT_FOUND, "not-found"),
    ] {
        let refused = ask(&desk, &token, path).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{path}");
    }
}

/// Everything about a report that is not the case: looked for in everything a token can read.
#[tokio::test]
async fn nothing_of_a_reporter_is_in_what_a_token_reads() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    made(&mut clerk, number, "accept", &[("told", TOLD), ("reason", "属于受理范围，事项清楚。")]).await;
    made(&mut clerk, number, "assign", &[("to", "inv1")]).await;
    let mut inv = desk.sign_in("inv1").await;
    made(&mut inv, number, "say", &[("text", "请补充照片，谢谢。")]).await;
    let mut admin = desk.sign_in("admin").await;
    let token = token(&desk, &mut admin, "x", "", &ALL).await;
    let case = ask(&desk, &token, &format!("/cases/{number}")).await;
    let list = ask(&desk, &token, "/cases").await;
    let hexes = [
        hex::encode(store_support::report(1).as_bytes()),
        hex::encode(store_support::locator(1).0),
        hex::encode(store_support::auth(1).0),
    ];
    let receipt = store_support::receipt(1);
    let digits: String = receipt.groups().iter().map(|group| group.as_str()).collect();
    let mailbox = serde_json::to_string(&receipt.mailbox()).unwrap();
    let needles = hexes.iter().map(String::as_str).chain([digits.as_str(), mailbox.trim_matches('"')]);
    for needle in needles.chain([
        "某inv1",
        "某clerk",
        "clerk",
        "inv1",
        "请补充照片",
        "envelope",
        "identity",
        "real_name",
    ]) {
        for heard in [&case, &list] {
            assert!(!heard.text.contains(needle), "{needle}: {}", heard.text);
        }
    }
    // Member by member as it is described: nothing that was added to a case later slips out unseen.
    let described: Value =
        serde_json::from_str(include_str!("../../assets/openapi-authorities.json")).unwrap();
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let schemas = &described["components"]["schemas"];
    assert_eq!(members(&case.body), members(&schemas["Case"]["properties"]));
    assert_eq!(
        members(&case.body["content"]),
        members(&schemas["Case"]["properties"]["content"]["properties"])
    );
    assert_eq!(members(&list.body["cases"][0]), members(&schemas["Summary"]["properties"]));
    for member in ["history", "messages"] {
        let items = &schemas["Case"]["properties"][member]["items"]["properties"];
        assert_eq!(members(&case.body[member][0]), members(items), "{member}");
    }
}

/// Whether the token, or what is random in it, lies in any file of the store.
fn on_disk(desk: &Desk, token: &str) -> bool {
    let needle = token.strip_prefix("mifeng_").unwrap().as_bytes();
    let mut folders = vec![desk.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path => {
                    if std::fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle) {
                        return true;
                    }
                }
            }
        }
    }
    false
}
