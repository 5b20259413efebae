//! Every page and every form of the console, and which role it opens to.

use crate::console_support::{Desk, STAFF};
use axum::http::StatusCode;
use mifeng::casework::Role;

/// Every page and every form of the console, and the roles it opens to. `{n}` is a case nobody owns.
pub(super) const ROUTES: [(&str, &str, &[Role]); 88] = {
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
        ("GET", "/zh/cases/{n}/award/lapse", &[Approver]),
        ("POST", "/zh/cases/{n}/award/lapse", &[Approver]),
        ("GET", "/zh/approvals", &[Approver]),
        ("GET", "/zh/releases", &[Trustee]),
        ("GET", "/zh/releases/{n}", &[]),
        ("GET", "/zh/releases/{n}/request", &[]),
        ("GET", "/zh/trail", &[Auditor]),
        ("GET", "/zh/people", &[Administrator]),
        ("GET", "/zh/systems", &[Administrator]),
        ("POST", "/zh/systems", &[Administrator]),
        ("POST", "/zh/systems/1/confirm", &[]),
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
        ("GET", "/zh/cases/{n}/award/pass-on", &[Approver]),
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
    let source = include_str!("../../../src/console/mod.rs");
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
