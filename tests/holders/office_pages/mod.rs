//! The reward office's face, without script: from a claim to a payment that two people stand for, and everything it
//! refuses on the way. The store holds really sealed reports; the tools do their part in between.
#![cfg(feature = "open")]

mod pages;
mod releases;

use crate::common::{Ceremony, person_json};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use mifeng::{
    award::{
        claim::Claim,
        record::{About, Award, Ballot},
    },
    casework::{Case, CaseContent, Conclusion, Deadlines, Finding, Who},
    cleartext::share::{Expected, OpenedShares},
    clock::{Clock, FixedClock},
    envelope::SealedReport,
    ids::{CaseNumber, StaffId},
    log::proof::Proof,
    office::{OfficeParts, OfficeState},
    policy::{ActsApart, MatterKind, Policy, Role},
    publisher::Publisher,
    recipients::Places,
    signing::SigningKey,
    staff::{hash_password, new_code_secret},
    store::{
        Account, Cases, Dossier, Month, Place, Refused, Released, Reports, Staff, Step, Store, Submission,
        Trustees, at_rest::RootKeys, retention::RetentionKeys, sled::SledEngine,
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
    acts_apart: ActsApart,
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
        let policy = Arc::new(Policy::load("policy".as_ref()).unwrap());
        let acts_apart = policy.roles.acts_apart.clone();
        let router = mifeng::office::router(OfficeState::new(OfficeParts {
            rewards: store.clone(),
            staff: store.clone(),
            policy,
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
        let house = Self { c, sealed, store, publisher, clock, case, router, acts_apart, folder };
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
        let ballot = Ballot { needed: 2, until: today, life: 90 };
        let mut award = Award::computed(about, &self.c.paper, &self.c.policy, ballot, &zhao).unwrap();
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
        self.give_share_as(&format!("trustee-{trustee}"), trustee).await
    }

    /// Handed in by this member of staff.
    async fn give_share_as(&self, by: &str, trustee: u8) -> Result<(), Refused> {
        let award = self.award();
        let release = award.release().unwrap();
        let (key, sign) = &self.c.trustee_keys[usize::from(trustee) - 1];
        let files: Vec<_> = self
            .store
            .share_files(self.case, Released::Award(self.c.today), &Places::only(1, trustee))
            .unwrap();
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
        let by = (StaffId(by.into()), self.acts_apart.clone());
        Trustees::deposit(&*self.store, self.case, deposit, by, Arc::new(self.c.set.clone()), self.c.today)
            .await
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
    /// Of the award, as the last step's page showed it.
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
