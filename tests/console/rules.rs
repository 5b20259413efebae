//! Approvers ask "what if", and what a changed rule would do to open awards. Nothing they try changes anything.

use crate::{
    console_support::{
        Desk,
        acts::{FACTS, award_state, to_conclusion},
    },
    store_support::{MemoryEngine, instance, report},
};
use axum::http::StatusCode;
use mifeng::{
    award::{
        compute::decide,
        decision::{Decision, Facts},
        paper::Paper,
        record::{About, Award, AwardState, Ballot},
    },
    ids::{CaseNumber, StaffId},
    policy::{Fen, RewardKind, Severity, Source},
    store::{
        Cases, Dossier, Place, Refused, Step,
        engine::{Engine, Entries, Tree, Writes},
    },
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::ThreadId,
    time::Duration,
};
use tokio::task::JoinSet;

const SHANDONG: &str = "rewards/shandong.toml";

fn file_text(file: &str) -> String {
    std::fs::read_to_string(format!("{}/policy/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Shandong's half becomes four tenths.
fn four_tenths() -> String {
    let text = file_text(SHANDONG);
    let changed = text.replace("rate = 50", "rate = 40");
    assert_ne!(text, changed);
    changed
}

async fn computed(desk: &Desk, number: CaseNumber) {
    let mut inv = to_conclusion(desk, number).await;
    let path = format!("/zh/cases/{number}/award/facts");
    inv.get(&path).await;
    let put = inv.post(&path, &[&FACTS[..], &[("step", "do")]].concat()).await;
    assert_eq!(put.location, format!("/zh/cases/{number}/award?done=computed"), "{}", put.text);
}

#[tokio::test]
async fn an_approver_tries_other_facts_and_changes_nothing() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    computed(&desk, number).await;
    let before = desk.case(number).version;
    let path = format!("/en/cases/{number}/award/what-if");
    let mut approver = desk.sign_in("app1").await;
    let award = approver.get(&format!("/en/cases/{number}/award")).await;
    assert!(award.text.contains(&path), "{}", award.text);
    assert!(!award.text.contains("The rules have changed"), "{}", award.text);
    let form = approver.get(&path).await;
    assert_eq!(form.status, StatusCode::OK);
    for recorded in ["60,000.25", "100,000.00\n20,000.50", "value=\"370102\"", "2026-11-23"] {
        assert!(form.text.contains(recorded), "{recorded}: {}", form.text);
    }
    let kept = [("region", "370102"), ("decided", "2026-11-23"), ("insider", "unknown")];
    let facts = |changes: &[(&'static str, &'static str)]| {
        let mut all: Vec<(&str, &str)> = FACTS.iter().chain(&kept).copied().collect();
        for (name, value) in changes {
            all.retain(|pair| pair.0 != *name);
            all.push((name, value));
        }
        all
    };
    for (changes, comes_out) in [
        (&[] as &[_], "The rules would give: CN¥60,000.25"),
        // Hubei's band wins over the nation's percentage.
        (&[("region", "420100")], "The rules would give: CN¥3,000.00"),
        // Before Shandong's rule came into force.
        (&[("decided", "2019-06-01")], "The rules would give: CN¥18,000.08"),
        (&[("insider", "yes")], "CN¥72,000.30"),
        (&[("already-known", "1")], "Nothing is payable"),
        (&[("kinds", "concealed_accident"), ("deaths-total", "2")], "A person must decide"),
    ] {
        let answer = approver.post(&path, &facts(changes)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text.contains(comes_out), "{changes:?}: {}", answer.text);
    }
    for (changes, wrong) in [
        (&[("region", "999999")] as &[_], "no such region code"),
        (&[("decided", "last week")], "Write the day as"),
        (&[("fines", "many")], "id=\"fines-error\""),
    ] {
        let answer = approver.post(&path, &facts(changes)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains(wrong) && answer.text.contains(changes[0].1), "{}", answer.text);
        assert!(!answer.text.contains("The rules would give:"), "{}", answer.text);
    }
    assert_eq!((desk.case(number).version, award_state(&desk, number)), (before, AwardState::Computed));

    for name in ["inv1", "clerk", "auditor", "tru1"] {
        let mut other = desk.sign_in(name).await;
        assert_eq!(other.get(&path).await.status, StatusCode::FORBIDDEN, "{name}");
        assert_eq!(other.get("/en/rules").await.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test]
async fn a_changed_rule_shows_which_open_awards_it_would_alter() {
    let desk = Desk::new();
    let (here, elsewhere) =
        (desk.submit(1, false), desk.submit_with(2, |content| content.region = "420100".into()));
    computed(&desk, here).await;
    computed(&desk, elsewhere).await;
    let mut approver = desk.sign_in("app1").await;
    let list = approver.get("/en/rules").await;
    for shown in [SHANDONG, "rewards/national.toml", "19号"] {
        assert!(list.text.contains(shown), "{shown}: {}", list.text);
    }
    let form = approver.get(&format!("/en/rules/try?file={SHANDONG}")).await;
    assert!(form.text.contains("percent = { rate = 50"), "{}", form.text);

    let same = approver.post("/en/rules/try", &[("file", SHANDONG), ("text", &file_text(SHANDONG))]).await;
    assert!(same.text.contains("come out differently: 0. Unchanged: 2."), "{}", same.text);
    let renumbered = file_text(SHANDONG).replacen("version = 1", "version = 2", 1);
    let same = approver.post("/en/rules/try", &[("file", SHANDONG), ("text", &renumbered)]).await;
    assert!(same.text.contains("come out differently: 0. Unchanged: 2."), "{}", same.text);
    let changed = approver.post("/en/rules/try", &[("file", SHANDONG), ("text", &four_tenths())]).await;
    assert!(changed.text.contains("come out differently: 1. Unchanged: 1."), "{}", changed.text);
    for shown in ["CN¥60,000.25", "CN¥48,000.20", &format!("/en/cases/{here}/award")] {
        assert!(changed.text.contains(shown), "{shown}: {}", changed.text);
    }
    assert!(!changed.text.contains(&format!("/en/cases/{elsewhere}/award")), "{}", changed.text);

    let line = four_tenths().lines().position(|line| line.contains("rate = 40")).unwrap() + 1;
    for (file, text, wrong) in [
        (SHANDONG, four_tenths().replacen("rate = 40", "rate = 4o", 1), format!("line {line}:")),
        (SHANDONG, String::new(), "line 1:".to_owned()),
        ("rewards/../../etc/passwd", four_tenths(), "a rule file is".to_owned()),
        ("rewards/again.toml", four_tenths(), "stands twice".to_owned()),
        (SHANDONG, four_tenths().replacen("370000", "379999", 1), "not in regions.csv".to_owned()),
    ] {
        let answer = approver.post("/en/rules/try", &[("file", file), ("text", &text)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{file} {wrong}");
        assert!(answer.text.contains(&wrong), "{wrong}: {}", answer.text);
    }
    // The rules of the server are as they were.
    let again = approver.post("/en/rules/try", &[("file", SHANDONG), ("text", &file_text(SHANDONG))]).await;
    assert!(again.text.contains("come out differently: 0. Unchanged: 2."), "{}", again.text);
}

/// Notes who reads awards, and how many at once; each reading takes its time.
#[derive(Default)]
struct Watched {
    within: MemoryEngine,
    watches: AtomicBool,
    readers: Mutex<Vec<ThreadId>>,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Engine for Watched {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        if tree == Tree::Awards && self.watches.load(Ordering::SeqCst) {
            self.readers.lock().unwrap().push(std::thread::current().id());
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(50));
            self.now.fetch_sub(1, Ordering::SeqCst);
        }
        self.within.get(tree, key)
    }
    fn scan(&self, tree: Tree, prefix: &[u8], from: &[u8]) -> Entries<'_> {
        self.within.scan(tree, prefix, from)
    }
    fn apply(&self, writes: &Writes) -> Result<(), Refused> {
        self.within.apply(writes)
    }
    fn sync(&self) -> Result<(), Refused> {
        Ok(())
    }
    fn write_slot(&self, slot: u64, bytes: &[u8]) -> Result<(), Refused> {
        self.within.write_slot(slot, bytes)
    }
    fn read_slot(&self, slot: u64, len: usize) -> Result<Vec<u8>, Refused> {
        self.within.read_slot(slot, len)
    }
    fn sync_slots(&self) -> Result<(), Refused> {
        Ok(())
    }
    fn free_bytes(&self) -> Option<u64> {
        None
    }
}

/// Every open award is opened for a trial: others are served meanwhile, and no number of trials takes every core.
#[tokio::test]
async fn a_trial_leaves_the_answering_thread_free_and_no_more_than_two_run_at_once() {
    let engine = Arc::new(Watched::default());
    let desk = Desk::over(engine.clone(), tempfile::tempdir().unwrap(), Default::default());
    for n in 1..=2 {
        let number = desk.submit(n, false);
        computed(&desk, number).await;
    }
    let mut approvers = Vec::new();
    for _ in 0..5 {
        approvers.push(desk.sign_in("app1").await);
    }
    engine.watches.store(true, Ordering::SeqCst);
    let mut trials = JoinSet::new();
    for mut approver in approvers {
        let text = four_tenths();
        trials.spawn(
            async move { approver.post("/en/rules/try", &[("file", SHANDONG), ("text", &text)]).await },
        );
    }
    while let Some(answer) = trials.join_next().await {
        let text = answer.unwrap().text;
        assert!(text.contains("come out differently: 2. Unchanged: 0."), "{text}");
    }
    let readers = engine.readers.lock().unwrap();
    assert!(readers.len() >= 10 && !readers.contains(&std::thread::current().id()));
    assert_eq!(engine.most.load(Ordering::SeqCst), 2);
}

/// An award that was computed under yesterday's rules says so to the approvers.
#[tokio::test]
async fn an_award_under_older_rules_says_what_todays_give() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    to_conclusion(&desk, number).await;
    let older = desk.policy.rewards_with(Source { file: SHANDONG.into(), text: four_tenths() }).unwrap();
    let facts = Facts {
        region: "370102".parse().unwrap(),
        sector: None,
        decided: desk.today(),
        kinds: [RewardKind::Violation].into(),
        severity: Severity::Major,
        class: None,
        filed: false,
        fines_fen: vec![Fen(10_000_000)],
        confiscated_fen: Fen(0),
        deaths_verified: 0,
        deaths_total: 0,
        injuries_verified: 0,
        loss_fen: Fen(0),
        first_accepted: true,
        already_known: false,
        earlier_award: false,
        insider: None,
        real_name: None,
    };
    let Decision::Amount(amount) = decide(&older, &facts) else { panic!("no amount") };
    let paper = Paper::settle(&older, &facts, &amount, None).unwrap();
    let about = About {
        instance: instance(),
        report: report(1),
        case: number,
        award: 1,
        worked_on: desk.case(number).worked_on().into_iter().collect(),
    };
    let until = desk.today().checked_add(jiff::Span::new().days(30)).unwrap();
    let ballot = Ballot { needed: 2, until, life: 90 };
    let award = Award::computed(about, &paper, &older, ballot, &StaffId("inv1".into())).unwrap();
    let change = Box::new(move |dossier: &mut Dossier, _: &Place| {
        dossier.awards.push(award);
        dossier.case.version += 1;
        Ok(None)
    });
    desk.store.change(number, Step { expected_version: None, sealed: None, change }).wait().unwrap();
    let mut approver = desk.sign_in("app1").await;
    let page = approver.get(&format!("/en/cases/{number}/award")).await;
    assert!(page.text.contains("they now say: CN¥50,000.00"), "{}", page.text);
    assert!(page.text.contains("CN¥40,000.00"), "{}", page.text);
}
