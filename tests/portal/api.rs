//! The interface for other programs: a whole report by bearer token, and every way that must not work.

use crate::{
    device_support::{CASE, dossier, proof},
    portal_support::Site,
};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use base64::Engine;
use http_body_util::BodyExt;
use mifeng::{
    cleartext::{
        identity::SealedBy,
        seal::{Binding, Whom, seal_report},
    },
    receipt::Receipt,
};
use serde_json::{Value, json};
use tower::ServiceExt;

pub struct Client<'a> {
    site: &'a Site,
    token: String,
    receipt: Receipt,
}

pub struct Heard {
    pub status: StatusCode,
    token: Option<String>,
    cookie: bool,
    retry_after: Option<String>,
    pub kind: String,
    pub body: Value,
}

impl<'a> Client<'a> {
    pub fn new(site: &'a Site) -> Self {
        Self { site, token: String::new(), receipt: Receipt::draw(&mut rand::rng()) }
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<&Value>) -> Heard {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        request = request.header(header::ACCEPT_LANGUAGE, "en");
        if !self.token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        let answer = self.site.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let bytes = body.collect().await.unwrap().to_bytes();
        let heard = Heard {
            status: parts.status,
            token: text("visit-token"),
            cookie: parts.headers.contains_key(header::SET_COOKIE),
            retry_after: text("retry-after"),
            kind: text("content-type").unwrap_or_default(),
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        };
        if let Some(token) = &heard.token {
            self.token.clone_from(token);
        }
        heard
    }

    async fn get(&mut self, path: &str) -> Heard {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Heard {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub fn sealed(&self, report: &str) -> Value {
        let audit_key = self.receipt.audit_key();
        let binding = Binding {
            report: report.parse().unwrap(),
            audit_key: &audit_key,
            claim_key: self.receipt.claim_verify_key(),
            set: &self.site.set,
            sealed_by: SealedBy::Device,
        };
        serde_json::to_value(seal_report(Whom::Nameless, &binding, &mut rand::rng()).unwrap()).unwrap()
    }

    /// Begins, and gives a report ready to be sent.
    pub async fn ready(&mut self) -> Value {
        let begun = self.post("/drafts", &json!({ "agreed": true })).await;
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.body);
        let report = begun.body["report"].as_str().unwrap();
        json!({
            "matter": {
                "kind": "hazard",
                "industry": "coal_mines",
                "region": "370102",
                "target": "某煤矿",
                "narrative": "夜班时瓦斯探头被人用塑料袋套住了，已经三天。",
                "ongoing": true,
            },
            "seal": {
                "once": begun.body["once"],
                "report": report,
                "locator": self.receipt.locator(),
                "auth": self.receipt.auth(),
                "audit_key": self.receipt.audit_key(),
                "mailbox": self.receipt.mailbox(),
                "claim_key": self.receipt.claim_verify_key(),
                "sealed": self.sealed(report),
            },
        })
    }
}

#[tokio::test]
async fn a_program_reports_comes_back_adds_and_withdraws() {
    let site = Site::new();
    let mut client = Client::new(&site);
    let service = client.get("/service").await;
    assert_eq!(service.body["industries"].as_array().unwrap().len(), 16);
    assert_eq!(service.body["kinds"][0]["name"], "Hidden or falsely reported accident");
    let regions = client.get("/regions").await.body;
    let all = regions.as_array().unwrap();
    assert!(all.contains(&json!({ "code": "370000", "name": "山东省", "parent": null })));
    assert!(all.contains(&json!({ "code": "370303", "name": "张店区", "parent": "370300" })));
    // Which one is looked for stays out of addresses: there is no other list.
    assert_eq!(client.get("/regions?parent=370000").await.body, regions);
    let found = client.post("/regions/found", &json!({ "name": "张店" })).await.body;
    assert_eq!(found, json!([{ "code": "370303", "name": "山东省 淄博市 张店区", "more": false }]));
    assert_eq!(client.post("/regions/found", &json!({ "name": " " })).await.body, json!([]));
    assert!(service.body["retention"]["closed"].as_u64().unwrap() > 0);
    assert!(client.get("/recipients").await.body.to_string().contains("age1"));

    let report = client.ready().await;
    let sent = client.post("/reports", &report).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
    assert!(
        !sent.cookie && sent.body["saved"].as_str().unwrap().contains("saved your report"),
        "{}",
        sent.body
    );
    // The first answer was lost: nothing is stored twice.
    assert_eq!(client.post("/reports", &report).await.status, StatusCode::OK);
    let case = dossier(&site).unwrap().case;
    assert_eq!((case.content.target_name.as_str(), case.content.ongoing), ("某煤矿", true));
    assert_eq!(case.number, CASE);
    assert_eq!(client.post("/reports/kept", &json!({ "once": report["seal"]["once"] })).await.status, 200);

    // Another device, with the receipt.
    let mut later = Client::new(&site);
    later.receipt = client.receipt.clone();
    let view = later.post("/visits", &proof(&later.receipt)).await;
    assert_eq!(view.status, StatusCode::OK, "{}", view.body);
    assert!(view.token.is_some() && !view.cookie);
    assert_eq!(view.body["status"], "Received");
    let id = view.body["report"].as_str().unwrap().to_owned();
    let added = json!({ "once": view.body["once"], "text": "今天又套上了。", "sealed": later.sealed(&id) });
    let answer = later.post("/report/additions", &added).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(dossier(&site).unwrap().case.additions.len(), 1);

    let view = later.get("/report").await.body;
    let begin = json!({ "once": view["once"], "kind": "original" });
    let begun = later.post("/report/files", &begin).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
    let upload = begun.body["upload"].as_str().unwrap().to_owned();
    assert_eq!(later.get(&format!("/report/files/{upload}")).await.body["at"], 0);
    let gone = later.ask(Method::DELETE, &format!("/report/files/{upload}"), None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);

    let none = later.post("/report/attached/removal", &json!({ "blob": "0" })).await;
    assert_eq!((none.status, none.body["code"].as_str()), (StatusCode::NOT_FOUND, Some("no-such-file")));
    assert_eq!(view["attached"], json!([]));

    let only = json!({ "once": view["once"], "sealed": later.sealed(&id) });
    assert_eq!(later.post("/report/withdrawal", &only).await.status, StatusCode::OK);
    assert_eq!(dossier(&site).unwrap().case.state.code(), "withdrawn");

    let left = later.ask(Method::DELETE, "/visits", None).await;
    assert!(left.status == StatusCode::OK && left.token.is_none() && !left.cookie);
    assert_eq!(later.get("/report").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn two_reports_of_one_reporter_are_linked_from_the_later_one() {
    let site = Site::new();
    let mut first = Client::new(&site);
    let report = first.ready().await;
    first.post("/reports", &report).await;
    let mut second = Client::new(&site);
    let report = second.ready().await;
    second.post("/reports", &report).await;
    let view = second.get("/report").await.body;
    let id = view["report"].as_str().unwrap().to_owned();
    let linked = |client: &Client, other: &Receipt, once: &Value| {
        let Value::Object(mut keys) = proof(other) else { unreachable!() };
        keys.remove("audit_key");
        keys.insert("once".into(), once.clone());
        keys.insert("sealed".into(), client.sealed(&id));
        Value::Object(keys)
    };
    let stranger = Receipt::draw(&mut rand::rng());
    let unknown = second.post("/report/earlier", &linked(&second, &stranger, &view["once"])).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unknown.body);
    let known = linked(&second, &first.receipt, &view["once"]);
    let answer = second.post("/report/earlier", &known).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(answer.body["history"].to_string().contains("earlier report is yours"), "{}", answer.body);
}

/// RFC 9457 with both ways on: wait, or do the work (ALTCHA, version 1).
#[tokio::test]
async fn under_pressure_a_program_is_told_when_to_come_again_and_what_shortens_it() {
    let site = Site::under_pressure();
    let mut client = Client::new(&site);
    let later = client.post("/drafts", &json!({ "agreed": true })).await;
    assert_eq!(
        (later.status, later.kind.as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "application/problem+json")
    );
    assert_eq!((later.body["code"].as_str(), later.retry_after.as_deref()), (Some("wait"), Some("10")));
    assert!(later.token.is_none() && later.body["detail"].as_str().unwrap().contains("nothing is lost"));
    let place = later.body["place"].clone();

    let mut work = later.body["challenge"].clone();
    assert_eq!(work["algorithm"], "SHA-256");
    let salt = work["salt"].as_str().unwrap().to_owned();
    let solves = |number: &u64| {
        let hash = hex::encode(mifeng::transcript::sha256(format!("{salt}{number}").as_bytes()));
        work["challenge"] == hash
    };
    let number = (0..=work["maxnumber"].as_u64().unwrap()).find(solves).unwrap();
    let sent = |work: &Value| base64::prelude::BASE64_STANDARD.encode(work.to_string());
    work["number"] = (number + 1).into();
    let wrong = client.post("/drafts", &json!({ "agreed": true, "work": sent(&work) })).await;
    assert_eq!(wrong.status, StatusCode::TOO_MANY_REQUESTS);
    work["number"] = number.into();
    let begun = client.post("/drafts", &json!({ "agreed": true, "work": sent(&work) })).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.body);
    // The same work, or its place, lets nobody else in; another place does when its time has come.
    for spent in [json!({ "agreed": true, "work": sent(&work) }), json!({ "agreed": true, "place": place })] {
        assert_eq!(Client::new(&site).post("/drafts", &spent).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let other = Client::new(&site).post("/drafts", &json!({ "agreed": true })).await.body["place"].clone();
    site.clock.advance(10);
    let waited = Client::new(&site).post("/drafts", &json!({ "agreed": true, "place": other })).await;
    assert_eq!(waited.status, StatusCode::CREATED);
}

/// WeChat puts its own `Referer` on every request of a mini-program, which cannot change it.
#[tokio::test]
async fn a_mini_program_of_wechat_is_not_another_site() {
    let site = Site::new();
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/drafts")
        .header(header::REFERER, "https://servicewechat.com/wx0000000000000000/1/page-frame.html")
        .header(header::CONTENT_TYPE, "application/json");
    let answer =
        site.router.clone().oneshot(request.body(Body::from("{\"agreed\":true}")).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn what_is_wrong_is_said_field_by_field_and_nothing_is_kept_of_a_bad_request() {
    let site = Site::new();
    let mut client = Client::new(&site);
    let refused = client.post("/drafts", &json!({ "agreed": false })).await;
    assert_eq!(
        (refused.status, refused.body["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("not-agreed"))
    );
    let good = client.ready().await;
    for (member, value, field) in [
        ("kind", "gossip", "kind"),
        ("industry", "banking", "industry"),
        ("region", "999999", "region"),
        ("target", "", "target"),
        ("narrative", "短", "narrative"),
    ] {
        let mut bad = good.clone();
        bad["matter"][member] = value.into();
        let answer = client.post("/reports", &bad).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{member}: {}", answer.body);
        assert_eq!(answer.kind, "application/problem+json");
        let errors = answer.body["errors"].as_array().unwrap();
        assert_eq!((errors.len(), errors[0]["field"].as_str()), (1, Some(field)), "{}", answer.body);
    }
    // A receipt in a field is refused, and not repeated.
    let code = client.receipt.groups().map(|group| group.to_string()).join(" ");
    let mut bad = good.clone();
    bad["matter"]["narrative"] = format!("我的回执码是 {code}，请联系我").into();
    let answer = client.post("/reports", &bad).await;
    assert_eq!(answer.body["errors"][0]["field"], "narrative");
    assert!(!answer.body.to_string().contains(&code[..9]));
    for (path, body) in [
        ("/reports", json!({ "matter": good["matter"], "seal": good["seal"], "name": "张三" })),
        ("/reports", json!({ "matter": good["matter"] })),
        ("/visits", json!({ "locator": "x", "auth": "x", "audit_key": "x" })),
        ("/drafts", json!([])),
        // Values in the order of the members are no members.
        ("/drafts", json!([true])),
    ] {
        let answer = client.post(path, &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {}", answer.body);
        assert!(!answer.body.to_string().contains("张三"));
    }
    assert!(dossier(&site).is_none());
    assert_eq!(
        client.post("/reports", &good).await.status,
        StatusCode::OK,
        "the good one still goes through"
    );
}

#[tokio::test]
async fn a_visit_is_opened_by_its_token_alone() {
    let site = Site::new();
    let mut client = Client::new(&site);
    let report = client.ready().await;
    // Another's token, a made-up one, none.
    for token in [String::new(), "0".repeat(64), "x".into()] {
        let mut other = Client::new(&site);
        other.token = token;
        assert_eq!(other.post("/reports", &report).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(other.get("/report").await.status, StatusCode::UNAUTHORIZED);
    }
    let mut elsewhere = Client::new(&site);
    elsewhere.ready().await;
    assert_eq!(elsewhere.post("/reports", &report).await.status, StatusCode::GONE, "another visit's form");

    // The cookie of a page opens nothing here, and the token nothing there.
    let ask = |path: &str, name: header::HeaderName, value: String| {
        let request =
            Request::builder().uri(path).header(name, value).header(header::ACCEPT, "application/json");
        site.router.clone().oneshot(request.body(Body::empty()).unwrap())
    };
    client.post("/reports", &report).await;
    let by_token =
        ask("/api/v1/report", header::AUTHORIZATION, format!("Bearer {}", client.token)).await.unwrap();
    assert_eq!(by_token.status(), StatusCode::OK);
    let by_cookie = ask("/api/v1/report", header::COOKIE, format!("visit={}", client.token)).await.unwrap();
    assert_eq!(by_cookie.status(), StatusCode::UNAUTHORIZED);
    let page = ask("/en/files", header::AUTHORIZATION, format!("Bearer {}", client.token)).await.unwrap();
    assert_eq!(page.status(), StatusCode::GONE);

    // A page of another site cannot even begin.
    let mut request = Request::builder().method(Method::POST).uri("/api/v1/drafts");
    request = request.header("sec-fetch-site", "cross-site").header(header::CONTENT_TYPE, "application/json");
    let answer =
        site.router.clone().oneshot(request.body(Body::from("{\"agreed\":true}")).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

/// Every address of the description answers, and none is left out of it.
#[tokio::test]
async fn the_description_is_of_this_interface() {
    let site = Site::new();
    let mut client = Client::new(&site);
    let api = client.get("/openapi.json").await.body;
    assert_eq!(api["openapi"], "3.1.0");
    let paths = api["paths"].as_object().unwrap();
    let mut described = 0;
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = path.replace("{blob}", "0").replace("{upload}", "0");
            let answer = client.ask(method.clone(), &path, None).await;
            let missing = [StatusCode::METHOD_NOT_ALLOWED];
            assert!(!missing.contains(&answer.status), "{method} {path}");
            let is_unknown =
                answer.status == StatusCode::NOT_FOUND && answer.body["title"] == "There is no such page";
            assert!(!is_unknown, "{method} {path}: {}", answer.body);
            described += 1;
        }
    }
    let source = include_str!("../../src/portal/api/mod.rs").matches(".route(\"/").count()
        + include_str!("../../src/portal/device/upload/mod.rs").matches(".route(\"/report/files").count();
    // openapi.json itself is not described; an upload's address has three methods.
    assert_eq!(described, source - 1 + 2);
    let unknown = client.get("/nothing").await;
    assert_eq!((unknown.status, unknown.kind.as_str()), (StatusCode::NOT_FOUND, "application/problem+json"));
}
