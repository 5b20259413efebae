//! A console over a fresh store with one account a role, and a browser without script.
#![allow(dead_code, reason = "every story uses its own part")]

pub mod acts;
mod browser;
#[path = "../common/documents.rs"]
#[allow(dead_code, reason = "tests/documents.rs uses the rest")]
mod documents;

pub use browser::{Answer, Browser, between};

use crate::store_support::{audit_key, auth, instance, locator, open, receipt, report, sealed};
use axum::{Router, http::StatusCode};
use mifeng::{
    casework::{Case, CaseContent, Deadlines, Role, Rules},
    clock::{Clock, Day, Doubt},
    console::{self, ConsoleParts, ConsoleState},
    figures::FiguresDesk,
    ids::{CaseNumber, StaffId},
    notices::NoticesDesk,
    office::{self, OfficeParts, OfficeState},
    policy::{MatterKind, Policy},
    portal::{self, PortalParts, PortalState},
    publisher::Publisher,
    recipients::{Approver, Office, RecipientSet, Sets, Trustee, UntrustedRoster, UntrustedSet},
    signing::SigningKey,
    staff::{SealedSigningKey, WaysIn, hash_password},
    store::{Account, Cases, Month, Reports, Staff, Store, Submission, engine::Engine, sled::SledEngine},
};
use std::{
    path::Path,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};
use totp_rs::{Builder, Secret};

pub const PASSWORD: &str = "a long enough password";
static HASH: LazyLock<String> = LazyLock::new(|| hash_password(PASSWORD, &mut rand::rng()).unwrap());
/// RFC 6238's test secret.
pub const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Noon of 23 November 2026 in Shanghai, until moved; believed, until doubted.
pub struct TestClock(AtomicI64, pub Mutex<Option<Doubt>>);

impl Clock for TestClock {
    fn unix_seconds(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
    fn doubt(&self) -> Option<Doubt> {
        *self.1.lock().unwrap()
    }
}

pub struct Desk {
    pub router: Router,
    /// The reporters' pages over the same store.
    pub portal: Router,
    pub store: Arc<Store>,
    pub policy: Arc<Policy>,
    pub clock: Arc<TestClock>,
    pub set: Arc<RecipientSet>,
    pub trustees: Vec<SigningKey>,
    /// The reward office's pages over the same store.
    pub office: Router,
    pub office_key: age::x25519::Identity,
    /// One a trustee, for their share files.
    pub openings: Vec<age::x25519::Identity>,
    pub set_file: UntrustedSet,
    pub publisher: Arc<Publisher>,
    pub roster: Arc<mifeng::recipients::Roster>,
    pub folder: tempfile::TempDir,
}

/// Log-in names and roles: one of each, two where two are needed.
pub const STAFF: [(&str, Role); 11] = [
    ("clerk", Role::Clerk),
    ("inv1", Role::Investigator),
    ("inv2", Role::Investigator),
    ("app1", Role::Approver),
    ("app2", Role::Approver),
    ("tru1", Role::Trustee),
    ("tru2", Role::Trustee),
    ("officer", Role::RewardOfficer),
    ("auditor", Role::Auditor),
    ("leader", Role::Leader),
    ("admin", Role::Administrator),
];

impl Desk {
    pub fn new() -> Self {
        Self::with(WaysIn::default())
    }

    pub fn with(ways: WaysIn) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = SledEngine::open(&folder.path().join("store")).unwrap();
        Self::over(Arc::new(engine), folder, ways)
    }

    pub fn over(engine: Arc<dyn Engine>, folder: tempfile::TempDir, ways: WaysIn) -> Self {
        Self::built(engine, folder, ways, |store| store)
    }

    /// With another door to the accounts for the console.
    pub fn built(
        engine: Arc<dyn Engine>,
        folder: tempfile::TempDir,
        ways: WaysIn,
        staff: impl FnOnce(Arc<Store>) -> Arc<dyn Staff>,
    ) -> Self {
        let store = Arc::new(open(engine, &folder.path().join("retention")).unwrap());
        let policy = Arc::new(Policy::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policy")).unwrap());
        store.compare_matters(policy.repeats.clone()).unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(1_795_406_400), Mutex::default()));

        let key = |n: u8| SigningKey::from_seed([n; 32]);
        let age_key = age::x25519::Identity::generate;
        let (office_key, recovery) = (age_key(), age_key());
        let openings = [(); 3].map(|()| age_key());
        let working = office_key.to_public().to_string();
        let recovery = recovery.to_public().to_string();
        let office = Office { working, recovery, verify: key(1).verify_key() };
        let trustees: Vec<SigningKey> = (11..=13).map(key).collect();
        let listed = trustees.iter().zip(&openings).zip(1..).map(|((key, opening), n)| Trustee {
            name: format!("trustee {n}"),
            recipient: opening.to_public().to_string(),
            verify: key.verify_key(),
        });
        let mut set_file = UntrustedSet::draft(&instance(), 1, office, listed.collect(), 2).unwrap();
        set_file.sign("office", &key(1));
        (1..=3).for_each(|n: u8| set_file.sign(&format!("trustee-{n}"), &key(10 + n)));
        let set = Arc::new(set_file.pinned(&set_file.fingerprint()).unwrap());

        let mut approvers = Vec::new();
        for (name, role) in STAFF {
            let id = StaffId(name.into());
            let signing = (role == Role::Approver).then(|| SigningKey::generate(&mut rand::rng()));
            if let Some(key) = &signing {
                approvers.push(Approver { staff: id.clone(), verify: key.verify_key() });
            }
            let seal = |key| SealedSigningKey::seal(key, &id, PASSWORD, &mut rand::rng()).unwrap();
            let account = Account {
                name: format!("某{name}"),
                roles: [role].into(),
                body: String::new(),
                trustee: name.strip_prefix("tru").map(|n| n.parse().unwrap()),
                password: HASH.clone(),
                totp_secret: SECRET.into(),
                totp_step: 0,
                disabled: false,
                must_change_password: false,
                signing_key: signing.as_ref().map(seal),
                ways: Default::default(),
                id: id.clone(),
            };
            store.put_account(account).wait().unwrap();
        }
        let roster_file = UntrustedRoster::signed(&instance(), 1, approvers, &key(1));
        let roster = Arc::new(roster_file.trusted(&set).unwrap());
        let publisher = Arc::new(Publisher::new("test/log".parse().unwrap(), key(31), store.clone()));
        let figures = Arc::new(FiguresDesk::new(store.clone(), policy.clone(), clock.clone()));
        let documents = documents::desk(&policy, &publisher);
        let portal = portal::router(PortalState::new(PortalParts {
            reports: store.clone(),
            publisher: publisher.clone(),
            figures: figures.clone(),
            notices: Arc::new(NoticesDesk::new(store.clone(), clock.clone())),
            documents: documents.clone(),
            policy: policy.clone(),
            recipients: set.clone(),
            set_file: set_file.clone(),
            clock: clock.clone(),
            pressure: mifeng::pressure::Pressure::default(),
            https: false,
        }));
        let office = office::router(OfficeState::new(OfficeParts {
            rewards: store.clone(),
            staff: store.clone(),
            policy: policy.clone(),
            clock: clock.clone(),
            recipients: set.clone(),
            set_file: set_file.clone(),
            roster: roster.clone(),
            roster_file: roster_file.clone(),
            https: false,
            ways: ways.clone(),
        }));
        let state = ConsoleState::new(ConsoleParts {
            cases: store.clone(),
            staff: staff(store.clone()),
            trustees: store.clone(),
            publisher: publisher.clone(),
            figures,
            documents,
            policy: policy.clone(),
            clock: clock.clone(),
            recipients: set.clone(),
            sets: Arc::new(Sets::only((*set).clone())),
            set_file: set_file.clone(),
            roster: roster.clone(),
            roster_file,
            https: false,
            ways,
        });
        let router = console::router(state);
        Self {
            router,
            portal,
            store,
            policy,
            clock,
            set,
            trustees,
            office,
            office_key,
            openings: openings.into(),
            set_file,
            publisher,
            roster,
            folder,
        }
    }

    pub fn today(&self) -> Day {
        self.clock.today()
    }
    pub fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The code an authenticator shows now.
    pub fn code(&self) -> String {
        let secret = Secret::try_from_base32(SECRET).unwrap();
        let totp = Builder::new().with_secret(secret).with_digits(6).with_step_duration(30).build().unwrap();
        totp.generate(u64::try_from(self.clock.unix_seconds()).unwrap()).to_string()
    }

    /// A report has come in.
    pub fn submit(&self, n: u64, imminent_danger: bool) -> CaseNumber {
        self.submit_with(n, |content| content.imminent_danger = imminent_danger)
    }

    /// The same, about something else.
    pub fn submit_with(&self, n: u64, change: impl FnOnce(&mut CaseContent)) -> CaseNumber {
        let day = self.today();
        let mut content = CaseContent {
            kind: MatterKind::Violation,
            industry: "chemical".into(),
            region: "370102".into(),
            target_name: format!("某化工厂{n}"),
            credit_code: String::new(),
            address: "工业路 1 号".into(),
            narrative: format!("夜班时储罐区的报警器被人关掉了，编号{n}。"),
            when_text: "上周二夜班".into(),
            ongoing: true,
            imminent_danger: false,
        };
        change(&mut content);
        let deadlines = Deadlines::at_receipt(day, content.imminent_danger, &Rules::of(&self.policy));
        let submission = Submission {
            report: report(n),
            locator: locator(n),
            auth: auth(n),
            audit_key: audit_key(n),
            mailbox: receipt(n).mailbox(),
            claim_key: receipt(n).claim_verify_key(),
            sealed: sealed(n),
            day,
            forget: Month::of(jiff::civil::date(2031, 11, 1)),
            open_case: Box::new(move |number| Case::new(number, report(n), day, content, deadlines)),
            entry: None,
        };
        self.store.submit(submission).wait().unwrap()
    }

    pub fn case(&self, number: CaseNumber) -> Case {
        Cases::case(&*self.store, number).unwrap().unwrap().case
    }

    pub fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookie: String::new(),
            token: String::new(),
            from: "same-origin",
        }
    }

    /// At the reporters' pages.
    pub fn visitor(&self) -> Browser {
        Browser {
            router: self.portal.clone(),
            cookie: String::new(),
            token: String::new(),
            from: "same-origin",
        }
    }

    /// As [`Desk::sign_in`], at the reward office.
    pub async fn sign_in_at_the_office(&self, name: &str) -> Browser {
        self.pass(30);
        let mut browser = Browser {
            router: self.office.clone(),
            cookie: String::new(),
            token: String::new(),
            from: "same-origin",
        };
        let answer = browser.try_sign_in(name, PASSWORD, &self.code()).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "/zh/"), "{name}");
        browser.get("/zh/").await;
        browser
    }

    /// One more member of staff.
    pub fn hire(&self, name: &str, role: Role, trustee: Option<u8>) {
        let account = Account {
            name: format!("某{name}"),
            roles: [role].into(),
            body: String::new(),
            trustee,
            password: HASH.clone(),
            totp_secret: SECRET.into(),
            totp_step: 0,
            disabled: false,
            must_change_password: false,
            signing_key: None,
            ways: Default::default(),
            id: StaffId(name.into()),
        };
        self.store.put_account(account).wait().unwrap();
    }

    /// Signs in; the clock moves on to the next code, so that each sign-in has its own.
    pub async fn sign_in(&self, name: &str) -> Browser {
        self.pass(30);
        let mut browser = self.browser();
        let answer = browser.try_sign_in(name, PASSWORD, &self.code()).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "/zh/"), "{name}");
        browser.get("/zh/me").await;
        browser
    }
}
