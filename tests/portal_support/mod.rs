//! A portal over a fresh store, and a browser without script.

#[path = "../common/figures.rs"]
#[allow(dead_code, reason = "every story uses its own part")]
pub mod figures;

#[path = "../common/documents.rs"]
#[allow(dead_code, reason = "tests/documents.rs uses the rest")]
mod documents;

mod browser;

#[allow(unused_imports, reason = "every story uses its own part")]
pub use browser::{Answer, Browser, most_memory};

use axum::Router;
use mifeng::{
    award::{
        approval::Approval,
        record::{About, Award, Ballot},
    },
    casework::{
        Actor, Case, Conclusion, Finding, MessageText, Move, Reply, RewardConditions, Role, Rules, State,
        apply,
    },
    clock::{Clock, FixedClock},
    figures::FiguresDesk,
    ids::{BlobId, CaseNumber, Instance, ReportId, StaffId},
    mailbox,
    notices::NoticesDesk,
    policy::{Code, Policy},
    portal::{self, PortalParts, PortalState, Room},
    pressure::{Pressure, Switch},
    publisher::Publisher,
    receipt::{AuthHash, LocatorHash, Receipt},
    recipients::{Approver, Office, RecipientSet, Trustee, UntrustedRoster, UntrustedSet},
    signing::SigningKey,
    store::{
        Cases, Commit, FileBytes, FileKind, Found, Refused, Reports, Step, Store, Submission, TakeOver,
        TicketHash, Upload, at_rest::RootKeys, retention::RetentionKeys, sled::SledEngine,
    },
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// A person of the published samples, as typed.
pub const PERSON: [(&str, &str); 11] = [
    ("person-name", "阿卜杜拉·买买提"),
    ("id-kind", "resident"),
    ("id-number", "11010519491231002X"),
    ("mobile", "13800138000"),
    ("payee", "account"),
    ("holder", "阿卜杜拉·买买提"),
    ("bank", "某某银行城北支行"),
    ("account", "79927398713"),
    ("own", "yes"),
    ("joint", "王某某 34052419800101001X"),
    ("consent", "yes"),
];

/// The store, on a disk that is full when the test says so, or behind a line that breaks before its answer.
pub struct Flaky {
    store: Arc<Store>,
    pub refuses: AtomicBool,
    /// A report is stored, and nobody is told.
    pub loses: AtomicBool,
    /// It is not, and nobody is told either.
    pub drops: AtomicBool,
}

impl Flaky {
    fn or<T>(&self, commit: impl FnOnce() -> Commit<T>) -> Commit<T> {
        if self.refuses.load(Ordering::Relaxed) { Commit::ready(Err(Refused::DiskFull)) } else { commit() }
    }
}

impl Reports for Flaky {
    fn submit(&self, submission: Submission) -> Commit<CaseNumber> {
        let lost = Err(Refused::OutcomeUnknown("the line broke".into()));
        if self.loses.load(Ordering::Relaxed) {
            return Commit::ready(self.store.submit(submission).wait().and(lost));
        }
        if self.drops.load(Ordering::Relaxed) {
            return Commit::ready(lost);
        }
        self.or(|| self.store.submit(submission))
    }
    fn find(&self, locator: &LocatorHash, auth: &AuthHash) -> Result<Option<Found>, Refused> {
        self.store.find(locator, auth)
    }
    fn redeem(&self, ticket: TicketHash, now: i64) -> Commit<Code> {
        self.or(|| self.store.redeem(ticket, now))
    }
    fn take_over(&self, taking: TakeOver) -> Commit<()> {
        self.or(|| self.store.take_over(taking))
    }
    fn act(&self, report: ReportId, step: Step) -> Commit<Case> {
        self.or(|| self.store.act(report, step))
    }
    fn begin_file(&self, report: ReportId, kind: FileKind) -> Result<Upload, Refused> {
        self.store.begin_file(report, kind)
    }
    fn append(&self, upload: &mut Upload, bytes: &[u8]) -> Commit<()> {
        self.or(|| self.store.append(upload, bytes))
    }
    fn attach(&self, uploads: Vec<Upload>, step: Step) -> Commit<Case> {
        self.or(|| self.store.attach(uploads, step))
    }
    fn overwrite_removed(&self) -> Result<(), Refused> {
        Reports::overwrite_removed(&*self.store)
    }
    fn abandon(&self, upload: Upload) -> Commit<()> {
        self.store.abandon(upload)
    }
    fn file_to_reporter(&self, report: ReportId, blob: BlobId) -> Result<FileBytes, Refused> {
        self.store.file_to_reporter(report, blob)
    }
}

pub struct Site {
    pub disk: Arc<Flaky>,
    pub router: Router,
    pub store: Arc<Store>,
    pub publisher: Arc<Publisher>,
    pub policy: Arc<Policy>,
    pub clock: Arc<FixedClock>,
    pub portal: PortalState,
    pub set: Arc<RecipientSet>,
    pub folder: tempfile::TempDir,
}

impl Site {
    pub fn sets(&self) -> mifeng::recipients::Sets {
        mifeng::recipients::Sets::only((*self.set).clone())
    }

    pub fn new() -> Self {
        Self::with(Room::default(), false)
    }

    pub fn with(room: Room, https: bool) -> Self {
        Self::with_all(room, https, Pressure::default(), |_| ())
    }

    /// Where newcomers wait in line.
    pub fn under_pressure() -> Self {
        Self::with_pressure(Room::default())
    }

    pub fn with_pressure(room: Room) -> Self {
        Self::with_all(room, false, Pressure::new(Switch::Always), |_| ())
    }

    /// With other rules than those in policy/.
    pub fn with_policy(change: impl FnOnce(&mut Policy)) -> Self {
        Self::with_all(Room::default(), false, Pressure::default(), change)
    }

    fn with_all(room: Room, https: bool, pressure: Pressure, change: impl FnOnce(&mut Policy)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let instance = Instance("test".into());
        let engine = SledEngine::open(&folder.path().join("store")).unwrap();
        let roots = RootKeys::parse(&format!("mifeng-root-1 {}", "5a".repeat(32))).unwrap();
        let clock = Arc::new(FixedClock::at(jiff::civil::date(2026, 11, 23)));
        let retention = RetentionKeys::open(&folder.path().join("retention"), clock.clone()).unwrap();
        let store = Arc::new(Store::open(Arc::new(engine), &instance, &roots, retention).unwrap());
        let mut policy = Policy::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policy")).unwrap();
        change(&mut policy);
        let policy = Arc::new(policy);

        let key = |n: u8| SigningKey::from_seed([n; 32]);
        let recipient = || age::x25519::Identity::generate().to_public().to_string();
        let office = Office { working: recipient(), recovery: recipient(), verify: key(1).verify_key() };
        let trustees = (1..=3).map(|n| Trustee {
            name: format!("trustee {n}"),
            recipient: recipient(),
            verify: key(10 + n).verify_key(),
        });
        let mut set = UntrustedSet::draft(&instance, 1, office, trustees.collect(), 2).unwrap();
        set.sign("office", &key(1));
        (1..=3).for_each(|n| set.sign(&format!("trustee-{n}"), &key(10 + n)));
        let recipients = Arc::new(set.pinned(&set.fingerprint()).unwrap());

        let publisher = Arc::new(Publisher::new(
            "test/log".parse().unwrap(),
            SigningKey::from_seed([9; 32]),
            store.clone(),
        ));
        let (refuses, loses, drops) = Default::default();
        let flaky = Arc::new(Flaky { store: store.clone(), refuses, loses, drops });
        let reports = flaky.clone();
        let figures = FiguresDesk::new(store.clone(), policy.clone(), clock.clone());
        let parts = PortalParts {
            reports,
            publisher: publisher.clone(),
            figures: Arc::new(figures),
            notices: Arc::new(NoticesDesk::new(store.clone(), clock.clone())),
            documents: documents::desk(&policy, &publisher),
            policy: policy.clone(),
            recipients: recipients.clone(),
            set_file: set,
            clock: clock.clone(),
            pressure,
            https,
        };
        let portal = PortalState::with_room(parts, room);
        Self {
            disk: flaky,
            router: portal::router(portal.clone()),
            portal,
            store,
            publisher,
            policy,
            clock,
            set: recipients,
            folder,
        }
    }

    /// Length of the file that holds the chunks of files.
    pub fn volume_bytes(&self) -> u64 {
        std::fs::metadata(self.folder.path().join("store/files.sealed")).unwrap().len()
    }

    /// An award of 50,000 yuan for the first report, approved, filed and told to the reporter.
    pub async fn notify_of_an_award(&self) {
        let key = |n: u8| SigningKey::from_seed([n; 32]);
        let approvers = [("qian", 21), ("sun", 22)].map(|(id, n)| (StaffId(id.into()), key(n)));
        let enrolled =
            approvers.iter().map(|(staff, key)| Approver { staff: staff.clone(), verify: key.verify_key() });
        let instance = Instance("test".into());
        let roster =
            UntrustedRoster::signed(&instance, 1, enrolled.collect(), &key(1)).trusted(&self.set).unwrap();
        let day = jiff::civil::date(2026, 11, 23);
        let rules = self.policy.rewards.clone();
        let change = move |dossier: &mut mifeng::store::Dossier,
                           _: &mifeng::store::Place|
              -> Result<_, Refused> {
            let (report, case) = (dossier.case.report, dossier.case.number);
            let about = About { instance, report, case, award: 1, worked_on: vec![] };
            let by = StaffId("zhao".into());
            let mut award = Award::computed(
                about,
                &figures::paper(&rules, day),
                &rules,
                Ballot { needed: 2, until: day, life: 90 },
                &by,
            )?;
            for (staff, key) in &approvers {
                let approval = Approval::sign(award.terms(), staff, day, key);
                award = award.approve(approval, &roster, day)?;
            }
            dossier.case.conclusion = Some(figures::found_true(day));
            dossier.awards.push(award.file(&by, day)?.notify(jiff::civil::date(2027, 1, 22), &by, day)?);
            Ok(None)
        };
        let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
        Cases::change(&*self.store, CaseNumber { year: 2026, serial: 1 }, step).await.unwrap();
    }

    /// The first report's case, as if it had come to that.
    pub async fn put(&self, state: State) {
        let change = move |dossier: &mut mifeng::store::Dossier, _: &mifeng::store::Place| {
            dossier.case.state = state;
            dossier.case.version += 1;
            Ok(None)
        };
        let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
        Cases::change(&*self.store, CaseNumber { year: 2026, serial: 1 }, step).await.unwrap();
    }

    /// The first report was looked into, not found true, and answered.
    pub async fn reply(&self) {
        let day = self.clock.today();
        let change =
            move |dossier: &mut mifeng::store::Dossier, _: &mifeng::store::Place| -> Result<_, Refused> {
                let case = &mut dossier.case;
                case.conclusion = Some(Conclusion { finding: Finding::False, ..figures::found_true(day) });
                case.reply = Some(Reply {
                    findings: "没有发现泄漏。".into(),
                    handling: "不予处罚。".into(),
                    reward: RewardConditions::NotMet,
                    day,
                });
                case.state = State::Replied;
                case.deadlines.objection_by = Some(day.saturating_add(jiff::ToSpan::days(10)));
                case.version += 1;
                Ok(None)
            };
        let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
        Cases::change(&*self.store, CaseNumber { year: 2026, serial: 1 }, step).await.unwrap();
    }

    /// A member of staff has written to the reporter of the first report.
    pub async fn write_to_the_reporter(&self, words: &str) {
        let case = CaseNumber { year: 2026, serial: 1 };
        let mailbox = self.store.mailbox(case).unwrap().unwrap();
        self.clerk_does(Move::Say { text: MessageText::Sealed(mailbox::seal(words, &mailbox)), file: None })
            .await;
    }

    /// A clerk has made a move on the first report.
    pub async fn clerk_does(&self, mv: Move) {
        let case = CaseNumber { year: 2026, serial: 1 };
        let (day, rules) = (jiff::civil::date(2026, 11, 23), Rules::of(&self.policy));
        let clerk = Actor::staff(StaffId("clerk".into()), &[Role::Clerk].into(), &self.policy.roles);
        let change =
            move |dossier: &mut mifeng::store::Dossier, _: &mifeng::store::Place| -> Result<_, Refused> {
                dossier.case = apply(&dossier.case, mv, &clerk, day, &rules)?;
                Ok(None)
            };
        let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
        Cases::change(&*self.store, case, step).await.unwrap();
    }

    pub fn award(&self) -> String {
        let dossier = Cases::case(&*self.store, CaseNumber { year: 2026, serial: 1 }).unwrap().unwrap();
        dossier.award().unwrap().state().name().to_owned()
    }

    /// Start, before you start, agree.
    pub async fn begin(&self, browser: &mut Browser, lang: &str) -> usize {
        let mut weight = 0;
        for page in ["start", "before", "agree"] {
            weight += browser.get(&format!("/{lang}/{page}")).await.text.len();
        }
        assert_eq!(browser.send(&format!("/{lang}/agree"), &[]).await.location, format!("/{lang}/name"));
        weight
    }

    /// Everything up to the check page (for a sealed name: up to the identity page). Gives the bytes of all pages.
    pub async fn to_check(&self, browser: &mut Browser, lang: &str, name: &str) -> usize {
        // Questions answered before are skipped on the way.
        let again = !browser.once.is_empty();
        let weight = self.begin(browser, lang).await;
        weight + self.answer_all(browser, lang, name, again).await
    }

    /// The questions of a form that has begun.
    pub async fn answer(&self, browser: &mut Browser, lang: &str, name: &str) -> usize {
        self.answer_all(browser, lang, name, false).await
    }

    async fn answer_all(&self, browser: &mut Browser, lang: &str, name: &str, again: bool) -> usize {
        let mut weight = 0;
        let at = |page: &str| format!("/{lang}/{page}");
        let last = "seal";
        for (page, fields, next) in [
            ("name", vec![("name", name)], "region"),
            ("region", vec![("region", "370102")], "kind"),
            ("kind", vec![("kind", "hazard")], "industry"),
            ("industry", vec![("industry", "coal_mines")], "place"),
            (
                "place",
                vec![("target", "某煤矿"), ("address", "三号井"), ("code", "91350100M000100Y43")],
                "story",
            ),
            (
                "story",
                vec![
                    ("story", "三号井的瓦斯探头被人用塑料袋包住了"),
                    ("when", "上周二夜班"),
                    ("now", "ongoing"),
                    ("now", "danger"),
                ],
                last,
            ),
        ] {
            let shown = browser.get(&at(page)).await;
            shown.is_a_page_of(lang);
            weight += shown.text.len();
            let answer = browser.post(&at(page), &fields).await;
            assert!(answer.location == at(next) || again, "{page}: {}", answer.location);
        }
        weight
    }

    /// Sends the draft from its check page and gives the receipt shown.
    pub async fn send(&self, browser: &mut Browser, lang: &str) -> Receipt {
        browser.get(&format!("/{lang}/check")).await;
        assert_eq!(browser.post(&format!("/{lang}/send"), &[]).await.location, format!("/{lang}/receipt"));
        Receipt::parse(&browser.receipt(lang).await).unwrap()
    }
}

pub fn png() -> Vec<u8> {
    let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, 90]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
