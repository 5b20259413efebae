//! The reward office's face, without script: from a claim to a payment that two people stand for, and everything it
//! refuses on the way. The store holds really sealed reports; the tools do their part in between.
#![cfg(feature = "open")]

use crate::common::{Ceremony, person_json};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use mifeng::recipients::Places;
use mifeng::{
    award::{
        claim::Claim,
        record::{About, Award, AwardState, Ballot, Ground},
        release::{Quorum, ReleasePackage},
        summary::{ReporterView, StaffView},
    },
    casework::{Case, CaseContent, Conclusion, Deadlines, Finding, Who},
    cleartext::share::{Expected, OpenedShares},
    cli::{office, pins::State},
    clock::{Clock, FixedClock},
    envelope::SealedReport,
    ids::{CaseNumber, StaffId},
    log::{Event, proof::Proof},
    office::{OfficeParts, OfficeState},
    policy::{MatterKind, Policy, Role},
    publisher::Publisher,
    signing::SigningKey,
    staff::{hash_password, new_code_secret},
    store::{
        Account, Cases, Dossier, Month, Place, Refused, Released, Reports, Rewards, Staff, Step, Store,
        Submission, Trustees, at_rest::RootKeys, retention::RetentionKeys, sled::SledEngine,
    },
};
use std::sync::Arc;
use totp_rs::{Builder, Secret};
use tower::ServiceExt;

const CANARY: &str = "密封测试甲";
const PASSWORD: &str = "correct horse battery staple";

struct House {
    c: Ceremony,
    sealed: Vec<SealedReport>,
    store: Arc<Store>,
    publisher: Publisher,
    clock: Arc<FixedClock>,
    case: CaseNumber,
    router: Router,
    folder: tempfile::TempDir,
}

impl House {
    /// A named report whose reward is claimed.
    async fn new() -> Self {
        let mut c = Ceremony::new();
        let sealed = vec![c.seal_named(&person_json(CANARY))];
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(SledEngine::open(&folder.path().join("store")).unwrap());
        let roots = RootKeys::parse(&format!("mifeng-root-1 {}", "5a".repeat(32))).unwrap();
        let clock = Arc::new(FixedClock::at(c.today));
        let retention = RetentionKeys::open(&folder.path().join("retention"), clock.clone()).unwrap();
        let store = Arc::new(Store::open(engine, c.set.instance(), &roots, retention).unwrap());
        for (name, role) in
            [("li", Role::RewardOfficer), ("wang", Role::RewardOfficer), ("trustee1", Role::Trustee)]
        {
            store.put_account(account(name, role)).await.unwrap();
        }
        let key = SigningKey::from_seed([3; 32]);
        let publisher = Publisher::new(c.log_key().name().clone(), key, store.clone());
        let router = mifeng::office::router(OfficeState::new(OfficeParts {
            rewards: store.clone(),
            staff: store.clone(),
            policy: Arc::new(Policy::load("policy".as_ref()).unwrap()),
            clock: clock.clone(),
            recipients: Arc::new(c.set.clone()),
            set_file: c.untrusted_set.clone(),
            roster: Arc::new(c.roster.clone()),
            roster_file: c.untrusted_roster.clone(),
            https: false,
            ways: Default::default(),
        }));
        let case = submit(&store, &c, &sealed[0]).await;
        c.terms.award.case = case;
        let house = Self { c, sealed, store, publisher, clock, case, router, folder };
        house.claim().await;
        house
    }

    /// Computed, approved by two, filed, notified, claimed.
    async fn claim(&self) {
        let terms = self.c.terms.award.clone();
        let about = About {
            instance: terms.instance,
            report: terms.report,
            case: self.case,
            award: 1,
            worked_on: terms.worked_on,
        };
        let (zhao, today) = (StaffId("zhao".into()), self.c.today);
        let mut award =
            Award::computed(about, &self.c.paper, &self.c.policy, Ballot { needed: 2, until: today }, &zhao)
                .unwrap();
        let mut again = Ceremony { terms: self.c.terms.clone(), ..Ceremony::new() };
        again.approver_keys =
            self.c.approver_keys.iter().map(|(s, k)| (s.clone(), SigningKey::from_seed(*k.seed()))).collect();
        again.terms.award = award.terms().clone();
        again.approve_again();
        for approval in again.approvals {
            award = award.approve(approval, &self.c.roster, today).unwrap();
        }
        let until = jiff::civil::date(2027, 1, 22);
        let claim = Claim::sign(award.terms(), &self.c.receipt.claim_key());
        let key = self.c.receipt.claim_verify_key();
        award = award.file(&zhao, today).unwrap().notify(until, &zhao, today).unwrap();
        award = award.claim(today, claim, key).unwrap();
        let (finding, by) = (Finding::True, Who::Staff(zhao));
        let conclusion = Conclusion { finding, reason: "查实".into(), day: today, by };
        let change = Box::new(move |dossier: &mut Dossier, _: &Place| {
            dossier.case.conclusion = Some(conclusion);
            dossier.awards.push(award);
            Ok(None)
        });
        Cases::change(&*self.store, self.case, Step { expected_version: None, sealed: None, change })
            .await
            .unwrap();
    }

    fn award(&self) -> Award {
        Trustees::award(&*self.store, self.case).unwrap().unwrap()
    }

    /// What trustee `trustee`'s tool does with the log's proof, and the upload.
    async fn give_share(&self, trustee: u8) -> Result<(), Refused> {
        let award = self.award();
        let release = award.release().unwrap();
        let (key, sign) = &self.c.trustee_keys[usize::from(trustee) - 1];
        let files: Vec<_> =
            self.store.share_files(self.case, Released::Award, &Places::only(1, trustee)).unwrap();
        let hashes: Vec<_> = files.iter().map(|share| share.envelope).collect();
        let files: Vec<_> = files.into_iter().map(|share| share.file).collect();
        let expected =
            Expected { set: &self.c.set, report: self.c.report, envelopes: &hashes, handover: None };
        let opened = OpenedShares::open(&files, key, &expected).unwrap();
        let proof: Proof = self.publisher.prove(release.terms.leaf_index, []).await.unwrap();
        let published = proof.verify(&self.c.log_key(), None).unwrap();
        let published =
            mifeng::award::release::PublishedRelease::check(&release.terms, opened.audit_key(), &published)
                .unwrap();
        let approval = award.approval(&self.c.roster, self.c.today).unwrap();
        let claim = award.signed_claim().unwrap().prove(award.terms(), opened.claim_key()).unwrap();
        let deposit =
            opened.reseal(&release.terms, &approval, &claim, &published, &self.c.set, sign).unwrap();
        Trustees::deposit(&*self.store, self.case, deposit, Arc::new(self.c.set.clone()), self.c.today).await
    }

    async fn officer(&self, name: &str) -> Officer {
        let mut officer = Officer {
            router: self.router.clone(),
            cookie: String::new(),
            once: String::new(),
            version: String::new(),
        };
        let secret = self.store.account(&StaffId(name.into())).unwrap().unwrap().totp_secret;
        let totp = Builder::new().with_secret(Secret::try_from_base32(&secret).unwrap());
        let totp = totp.with_digits(6).with_step_duration(30).build().unwrap();
        let code = totp.generate(u64::try_from(self.clock.unix_seconds()).unwrap()).to_string();
        officer.get("/en/sign-in").await;
        let fields = [("name", name), ("password", PASSWORD), ("code", code.as_str())];
        let answer = officer.post("/en/sign-in", &fields).await;
        assert_eq!(answer.location, "/en/", "{}", answer.text);
        officer
    }

    fn at(&self, rest: &str) -> String {
        format!("/en/awards/{}{rest}", self.case)
    }

    async fn release(&self, officer: &mut Officer) -> Answer {
        let number = self.case.to_string();
        officer.get(&self.at("/release")).await;
        let fields =
            [("reason", "举报人已经申领，请求开启"), ("typed-number", &number), ("password", PASSWORD)];
        officer.post(&self.at("/release"), &fields).await
    }

    async fn released(&self, officer: &mut Officer) {
        let answer = self.release(officer).await;
        assert_eq!(answer.location, self.at("?done=release"), "{}", answer.text);
        self.give_share(1).await.unwrap();
        self.give_share(3).await.unwrap();
    }

    async fn act(&self, officer: &mut Officer, act: &str, extra: &[(&str, &str)]) -> Answer {
        let number = self.case.to_string();
        officer.get(&self.at(&format!("/{act}"))).await;
        let mut fields = vec![("typed-number", number.as_str()), ("password", PASSWORD)];
        fields.extend(extra);
        officer.post(&self.at(&format!("/{act}")), &fields).await
    }
}

async fn submit(store: &Store, c: &Ceremony, sealed: &SealedReport) -> CaseNumber {
    let (report, day) = (c.report, c.today);
    let content = CaseContent {
        kind: MatterKind::Violation,
        industry: "coal_mines".into(),
        region: "370102".into(),
        target_name: "某煤矿".into(),
        credit_code: String::new(),
        address: "三号井".into(),
        narrative: "瓦斯探头被包住".into(),
        when_text: "上周二".into(),
        ongoing: true,
        imminent_danger: false,
    };
    let submission = Submission {
        report,
        locator: c.receipt.locator(),
        auth: c.receipt.auth(),
        audit_key: c.audit.clone(),
        mailbox: c.receipt.mailbox(),
        claim_key: c.receipt.claim_verify_key(),
        sealed: sealed.clone(),
        day,
        forget: Month::of(jiff::civil::date(2031, 11, 1)),
        open_case: Box::new(move |number| Case::new(number, report, day, content, Deadlines::default())),
        entry: None,
    };
    store.submit(submission).await.unwrap()
}

fn account(name: &str, role: Role) -> Account {
    Account {
        id: StaffId(name.into()),
        name: name.into(),
        roles: [role].into(),
        body: String::new(),
        trustee: (role == Role::Trustee).then_some(1),
        password: hash_password(PASSWORD, &mut rand::rng()).unwrap(),
        totp_secret: new_code_secret(&mut rand::rng()),
        totp_step: 0,
        disabled: false,
        must_change_password: false,
        signing_key: None,
        ways: Default::default(),
    }
}

/// A browser without script.
struct Officer {
    router: Router,
    cookie: String,
    once: String,
    /// Of the case, as the last step's page showed it.
    version: String,
}

struct Answer {
    status: StatusCode,
    location: String,
    headers: HeaderMap,
    text: String,
}

impl Officer {
    async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, Body::empty()).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = format!("once={}&version={}", self.once, self.version);
        for (name, value) in fields {
            body.push_str(&format!("&{name}="));
            value.bytes().for_each(|byte| body.push_str(&format!("%{byte:02X}")));
        }
        self.ask(Method::POST, path, body.into()).await
    }

    async fn ask(&mut self, method: Method, path: &str, body: Body) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded")
            .header(header::COOKIE, &self.cookie);
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(header::SET_COOKIE) {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        let text = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        if let Some(token) = text.split("name=\"once\" value=\"").nth(1) {
            self.once = token.split('"').next().unwrap().to_owned();
        }
        if let Some(version) = text.split("name=\"version\" value=\"").nth(1) {
            self.version = version.split('"').next().unwrap().to_owned();
        }
        for personal in [CANARY, "11010519491231002X", "13800138000", "79927398713"] {
            assert!(!text.contains(personal), "{personal} in {path}");
        }
        let location = parts.headers.get(header::LOCATION).map(|l| l.to_str().unwrap().to_owned());
        Answer { status: parts.status, location: location.unwrap_or_default(), headers: parts.headers, text }
    }
}

#[tokio::test]
async fn a_claim_becomes_a_payment_that_two_officers_stand_for() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    let mut wang = house.officer("wang").await;
    let number = house.case.to_string();

    let list = li.get("/en/").await;
    assert!(list.text.contains("Claimed, to be released: 1") && list.text.contains(&number));
    assert!(list.text.contains("2027-01-22") && list.text.contains("CN¥50,000.00"));
    let page = li.get(&house.at("")).await;
    assert!(page.text.contains("CN¥50,000.00") && page.text.contains("There is no name here"));

    house.released(&mut li).await;
    let history = house.publisher.history(&house.c.audit).unwrap();
    assert_eq!(history.openings().len(), 1, "the release stands in the log");

    let first = li.get(&house.at("/package")).await;
    assert_eq!(first.headers["content-type"], "application/json");
    assert!(wang.get(&house.at("/package")).await.text == first.text, "the same, byte for byte");

    // The office's own machine, offline.
    let package: ReleasePackage = serde_json::from_str(&first.text).unwrap();
    let set = house.folder.path().join("set.json");
    std::fs::write(&set, serde_json::to_string(&house.c.untrusted_set).unwrap()).unwrap();
    let pin = house.c.untrusted_set.fingerprint();
    let machine = State::pin(&house.folder.path().join("office"), &set, &pin, None).unwrap();
    let ready = office::check(&package, &machine, house.c.today).unwrap();
    let opened = ready.open(&package.envelopes, &house.c.office_key).unwrap();
    assert_eq!(opened.person.as_ref().unwrap().name(), CANARY);

    let done = house.act(&mut li, "outcome", &[("outcome", "verified")]).await;
    assert_eq!(done.location, house.at("?done=outcome"), "{}", done.text);
    assert_eq!(li.get(&house.at("/package")).await.status, StatusCode::CONFLICT);
    let paid = house.act(&mut li, "pay", &[("voucher", "V-2026-7")]).await;
    assert_eq!(paid.location, house.at("?done=pay"));
    assert_eq!(house.award().for_staff(), StaffView::WithRewardOffice);

    let own = house.act(&mut li, "confirm", &[]).await;
    assert_eq!(own.status, StatusCode::CONFLICT, "nobody confirms what they recorded");
    assert!(li.get(&house.at("")).await.text.contains("Another reward officer must confirm"));
    let confirmed = house.act(&mut wang, "confirm", &[]).await;
    assert_eq!(confirmed.location, house.at("?done=confirm"), "{}", confirmed.text);
    assert_eq!(house.award().for_reporter(), ReporterView::Paid);
    assert!(wang.get("/en/ended").await.text.contains(&number));
    let events: Vec<_> = house
        .publisher
        .history(&house.c.audit)
        .unwrap()
        .found()
        .iter()
        .map(|f| f.leaf.as_ref().unwrap().event)
        .collect();
    assert_eq!(events, [Event::Received, Event::Release, Event::Verified, Event::Paid]);
}

#[tokio::test]
async fn a_release_needs_reason_number_and_password_and_its_page_says_what_follows() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    let page = li.get(&house.at("/release")).await;
    for expected in ["CN¥50,000.00", "This cannot be undone", "qian", "sun", "public log"] {
        assert!(page.text.contains(expected), "{expected}");
    }
    let number = house.case.to_string();
    for (reason, typed, password) in [
        ("太短", number.as_str(), PASSWORD),
        ("举报人已经申领，请求开启", "2026-999999", PASSWORD),
        ("举报人已经申领，请求开启", number.as_str(), "wrong"),
    ] {
        let fields = [("reason", reason), ("typed-number", typed), ("password", password)];
        let answer = li.post(&house.at("/release"), &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("error-summary") && answer.text.contains(reason), "typed text is kept");
        assert!(!answer.text.contains("value=\"wrong\""));
    }
    assert!(matches!(house.award().state(), AwardState::Claimed));
}

/// What the office must do, by its last day, and a kind word where that is nothing.
#[tokio::test]
async fn a_reward_officer_finds_what_waits_and_that_nothing_does() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    let page = li.get("/en/").await.text;
    assert!(
        page.contains(&house.c.today.to_string()) && page.contains("Claimed, to be released: 1"),
        "{page}"
    );
    assert!(!page.contains("Nothing is waiting for you"), "{page}");
    house.released(&mut li).await;
    assert!(li.get("/en/").await.text.contains("Shares complete, to be opened and checked: 1"));
    let mut wang = house.officer("wang").await;
    house.act(&mut li, "outcome", &[("outcome", "unreadable")]).await;
    assert!(wang.get("/en/").await.text.contains("To be confirmed by a second person: 1"));
    house.act(&mut wang, "confirm", &[]).await;
    let page = wang.get("/en/").await.text;
    assert!(page.contains("Nothing is waiting for you"), "{page}");
}

/// The package holds every envelope of the report: it goes to the person at the desk, not to an open window.
#[tokio::test]
async fn the_package_waits_for_a_fresh_proof() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    house.released(&mut li).await;
    assert!(li.get(&house.at("/package")).await.text.starts_with('{'));
    house.clock.advance(11 * 60);
    let question = li.get(&house.at("/package")).await;
    assert!(question.text.contains("Show that it is you"), "{}", question.text);
    assert!(!question.text.contains("envelopes"), "{}", question.text);
}

/// Finding of a review: the second officer's old page must not confirm what it never showed.
#[tokio::test]
async fn an_officer_decides_on_what_the_page_showed_or_not_at_all() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    let mut wang = house.officer("wang").await;
    house.released(&mut li).await;
    house.act(&mut li, "outcome", &[("outcome", "unreadable")]).await;
    wang.get(&house.at("/confirm")).await;
    house.act(&mut li, "send-back", &[]).await;
    house.act(&mut li, "outcome", &[("outcome", "unreadable")]).await;
    let number = house.case.to_string();
    let fields = [("typed-number", number.as_str()), ("password", PASSWORD)];
    assert_eq!(wang.post(&house.at("/confirm"), &fields).await.status, StatusCode::CONFLICT);
    assert!(matches!(house.award().state(), AwardState::ToConfirm { .. }));
    assert_eq!(house.act(&mut wang, "confirm", &[]).await.location, house.at("?done=confirm"));
    // The shares have done their work and are gone.
    assert!(house.award().release().unwrap().deposits.is_empty());
}

#[tokio::test]
async fn a_release_is_open_once_at_a_time_and_can_be_asked_for_anew_when_it_ended() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    assert_eq!(house.release(&mut li).await.location, house.at("?done=release"));
    assert_eq!(house.release(&mut li).await.status, StatusCode::CONFLICT);
    assert_eq!(li.get(&house.at("/package")).await.status, StatusCode::CONFLICT);
    house.give_share(1).await.unwrap();

    let expires = house.award().release().unwrap().terms.expires;
    house.clock.set(expires.tomorrow().unwrap());
    let mut li = house.officer("li").await;
    assert_eq!(house.release(&mut li).await.location, house.at("?done=release"));
    assert_eq!(house.award().release().unwrap().deposits, [], "earlier shares are void");
    assert_eq!(house.publisher.history(&house.c.audit).unwrap().openings().len(), 2);
}

#[tokio::test]
async fn a_refusal_stands_after_a_second_officer_and_can_be_taken_up_again() {
    let house = House::new().await;
    let (mut li, mut wang) = (house.officer("li").await, house.officer("wang").await);
    house.released(&mut li).await;
    for bad in ["", "paid", "no-such-ground"] {
        let answer = house.act(&mut li, "outcome", &[("outcome", bad)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    assert_eq!(
        house.act(&mut li, "outcome", &[("outcome", "excluded-person")]).await.location,
        house.at("?done=outcome")
    );
    house.act(&mut wang, "send-back", &[]).await;
    assert!(matches!(house.award().state(), AwardState::Released));
    house.act(&mut li, "outcome", &[("outcome", "no-name")]).await;
    house.act(&mut wang, "confirm", &[]).await;
    let refused = ReporterView::NotPayable { ground: Some(Ground::NoName) };
    assert_eq!(house.award().for_reporter(), refused);
    let answer = house.act(&mut wang, "reopen", &[("reason", "举报人补充了姓名，重新办理")]).await;
    assert_eq!(answer.location, house.at("?done=reopen"), "{}", answer.text);
    assert!(matches!(house.award().state(), AwardState::Claimed));
}

#[tokio::test]
async fn a_release_that_expired_without_its_shares_can_be_ended_by_two_officers() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    assert_eq!(house.release(&mut li).await.location, house.at("?done=release"));
    house.give_share(1).await.unwrap();
    assert!(!li.get(&house.at("")).await.text.contains("Record the outcome"), "shares may still come");
    assert_eq!(
        house.act(&mut li, "outcome", &[("outcome", "unreleased")]).await.status,
        StatusCode::CONFLICT
    );

    let expires = house.award().release().unwrap().terms.expires;
    house.clock.set(expires.tomorrow().unwrap());
    let (mut li, mut wang) = (house.officer("li").await, house.officer("wang").await);
    let page = li.get(&house.at("/outcome")).await.text;
    assert_eq!(page.matches("type=\"radio\"").count(), 1, "nothing was opened: {page}");
    for bad in ["unreadable", "no-name", "verified"] {
        let answer = house.act(&mut li, "outcome", &[("outcome", bad)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    house.act(&mut li, "outcome", &[("outcome", "unreleased")]).await;
    assert!(wang.get(&house.at("/confirm")).await.text.contains("tools refuse their shares"));
    house.act(&mut wang, "send-back", &[]).await;
    assert!(matches!(house.award().state(), AwardState::ReleasePublished));
    house.act(&mut li, "outcome", &[("outcome", "unreleased")]).await;
    assert_eq!(house.act(&mut wang, "confirm", &[]).await.location, house.at("?done=confirm"));
    assert!(matches!(house.award().state(), AwardState::Unreadable) && house.award().is_ended());
}

#[tokio::test]
async fn who_is_not_a_reward_officer_sees_nothing_here() {
    let house = House::new().await;
    let mut nobody = Officer {
        router: house.router.clone(),
        cookie: String::new(),
        once: String::new(),
        version: String::new(),
    };
    assert_eq!(nobody.get("/en/").await.location, "/en/sign-in");
    assert_eq!(nobody.get(&house.at("/package")).await.location, "/en/sign-in");
    let mut trustee = house.officer("trustee1").await;
    for path in ["/en/".to_owned(), house.at(""), house.at("/release"), house.at("/package")] {
        assert_eq!(trustee.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(house.release(&mut trustee).await.status, StatusCode::FORBIDDEN);
    let mut li = house.officer("li").await;
    li.get(&house.at("/release")).await;
    li.once = "0".repeat(32);
    let fields = [("reason", "举报人已经申领，请求开启"), ("typed-number", "x"), ("password", PASSWORD)];
    assert_eq!(li.post(&house.at("/release"), &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(li.get("/en/awards/2026-999999").await.status, StatusCode::NOT_FOUND);
    assert_eq!(li.get(&house.at("/no-such-act")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_page_is_there_in_both_languages_without_script() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    house.released(&mut li).await;
    for lang in ["zh", "en"] {
        for path in ["/", "/ended", "/sign-in", &format!("/awards/{}", house.case)] {
            let answer = li.get(&format!("/{lang}{path}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            let tag = if lang == "zh" { "zh-Hans" } else { "en" };
            assert!(answer.text.contains(&format!("<html lang=\"{tag}\">")));
            assert_eq!(answer.text.matches("<h1").count(), 1, "{path}");
            for bad in ["<script", " style=", " onclick", "http://", "https://", "<img"] {
                assert!(!answer.text.contains(bad), "{bad} in {path}");
            }
            let csp = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(csp.contains("default-src 'none'") && csp.contains("base-uri 'none'"));
            assert_eq!(answer.headers["cache-control"], "no-store");
        }
    }
}

/// The officer's browser opens; this page gives it the script and nobody to talk to.
#[tokio::test]
async fn the_page_that_opens_runs_our_script_alone_and_connects_nowhere() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    for lang in ["zh", "en"] {
        let answer = li.get(&format!("/{lang}/open")).await;
        assert_eq!(answer.status, StatusCode::OK);
        let csp = answer.headers["content-security-policy"].to_str().unwrap();
        for part in ["default-src 'none'", "script-src 'self'", "connect-src 'none'", "trusted-types 'none'"]
        {
            assert!(csp.contains(part), "{part} in {csp}");
        }
        assert_eq!(answer.text.matches("<script").count(), 1);
        assert!(answer.text.contains("integrity=\"sha384-") && answer.text.contains("<noscript>"));
        let (shown, steps) = answer.text.split_once("<template").unwrap();
        assert!(!shown.contains("<main") || !shown.split("<main").nth(1).unwrap().contains("<input"));
        assert!(!steps.contains(" name=\"key"), "a key has no field that a form could send");
    }
}

/// The sealed parts in the package are the ones in the store, and only a quorum for this very release opens them.
#[tokio::test]
async fn the_package_carries_the_stored_envelopes_and_a_quorum() {
    let house = House::new().await;
    let mut li = house.officer("li").await;
    house.released(&mut li).await;
    let package: ReleasePackage = serde_json::from_str(&li.get(&house.at("/package")).await.text).unwrap();
    let stored = Rewards::envelopes(&*house.store, house.case, Released::Award).unwrap();
    assert_eq!((&package.envelopes, &package.envelopes[0]), (&stored, &house.sealed[0].envelope));
    assert!(Quorum::gather(&package.terms, &house.c.set, &package.deposits, house.c.today).is_ok());
}
