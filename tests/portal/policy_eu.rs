//! Policy is data: the second set of rules (`policy-eu/`, Directive (EU) 2019/1937) runs the same program.

use crate::portal_support::{Browser, Site};
use jiff::civil::date;
use mifeng::{
    award::decision::Facts,
    casework::{
        Actor, Case, CaseContent, Deadlines, Finding, Move, MoveRefused, RewardConditions, Rules, State,
        apply,
    },
    clock::Day,
    ids::{CaseNumber, ReportId, StaffId},
    policy::{Days, Level, MatterKind, Period, Policy, PolicyError, Role},
};
use std::{fs, path::Path};

const FILES: [&str; 10] = [
    "intake.toml",
    "bodies.toml",
    "deadlines.toml",
    "retention.toml",
    "roles.toml",
    "quorum.toml",
    "accident-grades.toml",
    "figures.toml",
    "repeats.toml",
    "evidence.toml",
];

fn eu() -> Policy {
    Policy::load(Path::new("policy-eu")).unwrap()
}

/// The shipped folder, copied, with one change in one file.
fn with(file: &str, from: &str, to: &str) -> Result<Policy, PolicyError> {
    let folder = tempfile::tempdir().unwrap();
    for name in FILES.iter().copied().chain(["regions.csv"]) {
        fs::copy(Path::new("policy-eu").join(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} no longer holds {from:?}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    Policy::load(folder.path())
}

fn line_of(file: &str, part: &str) -> usize {
    let text = fs::read_to_string(Path::new("policy-eu").join(file)).unwrap();
    text[..text.find(part).unwrap()].matches('\n').count() + 1
}

struct Desk {
    policy: Policy,
    rules: Rules,
    case: Case,
}

impl Desk {
    fn new(received: Day) -> Self {
        let policy = eu();
        let rules = Rules::of(&policy);
        let content = CaseContent {
            kind: MatterKind::Violation,
            industry: "food_feed_animals".into(),
            region: "160900".into(),
            target_name: "Beispiel GmbH".into(),
            credit_code: String::new(),
            address: String::new(),
            narrative: "Best-before dates are printed anew.".into(),
            when_text: String::new(),
            ongoing: true,
            imminent_danger: false,
        };
        let number = CaseNumber { year: 2026, serial: 1 };
        let clocks = Deadlines::at_receipt(received, false, &rules);
        let case = Case::new(number, ReportId::from_bytes([7; 16]), received, content, clocks);
        Self { policy, rules, case }
    }

    fn take(&mut self, by: Role, mv: Move, day: Day) -> Result<(), MoveRefused> {
        let id = StaffId(format!("{by:?}").to_lowercase());
        let actor = Actor::staff(id, &[by].into(), &self.policy.roles);
        self.case = apply(&self.case, mv, &actor, day, &self.rules)?;
        Ok(())
    }

    fn accepted(received: Day, accepted: Day) -> Self {
        let mut desk = Self::new(received);
        let accept = Move::Accept { reason: "covered".into(), told: "We have it.".into() };
        desk.take(Role::Clerk, accept, accepted).unwrap();
        desk.take(Role::Clerk, Move::Assign { to: StaffId("investigator".into()) }, accepted).unwrap();
        desk.take(Role::Investigator, Move::Begin, accepted).unwrap();
        desk
    }
}

#[test]
fn a_case_runs_by_seven_days_and_three_calendar_months() {
    let received = date(2026, 11, 24);
    assert_eq!(Desk::new(received).case.deadlines.accept_by, Some(date(2026, 12, 1)));

    let mut desk = Desk::accepted(received, date(2026, 11, 30));
    // Not 90 days, which would be one day more.
    assert_eq!(desk.case.deadlines.conclude_by, Some(date(2027, 2, 28)));

    let conclude = Move::Conclude { finding: Finding::Partly, reason: "seen on site".into() };
    desk.take(Role::Investigator, conclude, date(2027, 2, 20)).unwrap();
    let reply = Move::Reply {
        findings: "Partly so.".into(),
        handling: "A fine.".into(),
        reward: RewardConditions::NotMet,
    };
    desk.take(Role::Investigator, reply, date(2027, 2, 21)).unwrap();
    assert_eq!(desk.case.deadlines.objection_by, Some(date(2027, 3, 21)));
    assert_eq!(desk.case.state, State::Replied);
}

#[test]
fn an_extension_ends_no_later_than_six_months_after_the_acknowledgement() {
    let more = |days| Move::AskExtension { days: Days::try_from(days).unwrap(), reason: "experts".into() };
    let mut desk = Desk::accepted(date(2026, 3, 1), date(2026, 3, 2));
    // From 2 June to 2 September.
    let refused = desk.take(Role::Investigator, more(93), date(2026, 3, 3)).unwrap_err();
    assert_eq!(refused, MoveRefused::ExtensionDays { most: 92 });
    desk.take(Role::Investigator, more(92), date(2026, 3, 3)).unwrap();
    let grant = Move::GrantExtension { told: "It takes longer.".into() };
    desk.take(Role::Approver, grant, date(2026, 3, 4)).unwrap();
    assert_eq!(desk.case.deadlines.conclude_by, Some(date(2026, 9, 2)));
}

/// Its own working days and its own patience: five working days before, one after, ten after.
#[test]
fn people_are_reminded_and_heads_told_by_the_second_set_s_own_days() {
    let clocks = eu().deadlines;
    assert_eq!((clocks.reminders.before, clocks.reminders.head, clocks.reminders.above), (5, 1, 10));
    let desk = Desk::accepted(date(2026, 9, 23), date(2026, 9, 24));
    let by = date(2026, 12, 24);
    assert_eq!(desk.case.deadlines.conclude_by, Some(by));
    assert!(clocks.reminds_until(date(2026, 12, 16)) < by && clocks.reminds_until(date(2026, 12, 17)) >= by);
    // Christmas and a Sunday lie between, and New Year after.
    assert_eq!(clocks.tells_on(by, Level::Head), date(2026, 12, 28));
    assert_eq!(clocks.tells_on(by, Level::Above), date(2027, 1, 11));
    assert!(desk.case.escalated(date(2026, 12, 27), &clocks).is_none());
    let told = desk.case.escalated(date(2026, 12, 28), &clocks).unwrap();
    assert_eq!((told.open_escalation(), told.escalations.len()), (Some(Level::Head), 1));
    assert!(told.escalated(date(2027, 1, 10), &clocks).is_none(), "once");
    let told = told.escalated(date(2027, 1, 11), &clocks).unwrap();
    assert_eq!((told.open_escalation(), told.escalations.len()), (Some(Level::Above), 2));
    // By the first set the same case would be late upwards on the third of these days.
    let first = Policy::load("policy".as_ref()).unwrap().deadlines;
    assert!(first.tells_on(by, Level::Above) < clocks.tells_on(by, Level::Above));
}

#[test]
fn nothing_is_paid_whatever_the_facts() {
    use mifeng::{
        award::compute::decide,
        award::decision::{Decision, Refusal},
        policy::Source,
    };
    let national = Policy::load(Path::new("policy")).unwrap();
    let text = "region = \"430182\"\ndecided = 2026-09-01\nkind = \"violation\"\nfines_fen = [10_000_000]\n\
                confiscated_fen = 0\ndeaths_verified = 0\ninjuries_verified = 0\nloss_fen = 0\ninsider = true\n\
                first_accepted = true\nreal_name = true\n";
    let source = Source { file: "case.toml".into(), text: text.into() };
    let facts: Facts = mifeng::cli::award::facts(&source, &national).unwrap();
    assert!(!matches!(decide(&national.rewards, &facts), Decision::Refused { .. }));
    let refused = decide(&eu().rewards, &facts);
    assert!(matches!(refused, Decision::Refused { reason: Refusal::NotCovered }), "{refused:?}");
}

#[tokio::test]
async fn the_portal_speaks_by_the_second_set_and_asks_for_no_name() {
    let site = Site::with_policy(|policy| *policy = eu());
    let mut browser = Browser::new(&site);
    let start = browser.get("/en/start").await;
    start.is_a_page_of("en");
    for words in ["A breach of Union law", "acknowledge your report within 7 days", "(art. 16)"] {
        assert!(start.text.contains(words), "{words}");
    }
    assert!(browser.get("/en/elsewhere/union_staff").await.text.contains("OLAF"));
    assert!(!start.text.contains("安委") && !start.text.contains("Coal mines"));

    browser.post("/en/agree", &[]).await;
    let name = browser.get("/en/name").await;
    assert!(name.text.contains("No name is asked for here") && !name.text.contains("value=\"sealed\""));
    assert!(!name.text.contains("<script"), "there is no answer to keep on the device");
    for answer in ["sealed", "device"] {
        let refused = browser.post("/en/name", &[("name", answer)]).await;
        assert_eq!(refused.status, 422, "{answer}");
    }
    let asked = browser.get("/en/name?plain=1").await;
    assert!(!asked.text.contains("name=\"plain\""), "and none that the server should not know");
    assert_eq!(browser.post("/en/name", &[("name", "nameless")]).await.status, 303);
    let regions = browser.get("/en/region").await;
    assert!(regions.text.contains("Österreich") && !regions.text.contains("北京"));
}

/// Both sets state the same keys: none of what the program reads stands in the program.
#[test]
fn both_sets_have_the_same_keys() {
    for file in FILES {
        let keys = |folder: &str| {
            let text = fs::read_to_string(Path::new(folder).join(file)).unwrap();
            let mut keys = Vec::new();
            paths("", &text.parse::<toml::Table>().unwrap(), &mut keys);
            keys
        };
        let (mut ours, theirs) = (keys("policy-eu"), keys("policy"));
        // Left out where awards are paid; and a period in months is still one key.
        ours.retain(|key| key != "service.rewards");
        assert_eq!(ours, theirs, "{file}");
    }
}

/// Every key, sorted; of a list of tables none, since each set has entries of its own.
fn paths(above: &str, table: &toml::Table, keys: &mut Vec<String>) {
    for (key, value) in table {
        let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        match value {
            toml::Value::Table(inner) if !inner.contains_key("months") => paths(&path, inner, keys),
            _ => keys.push(path),
        }
    }
    keys.sort();
}

/// Nothing of the national law is left over in the second set.
#[test]
fn the_second_set_names_none_of_the_first_one_s_documents() {
    for file in FILES.iter().copied().chain(["regions.csv"]) {
        let text = fs::read_to_string(Path::new("policy-eu").join(file)).unwrap();
        for words in ["安监总", "应急〔", "安委", "国务院", "12350", "coal_mines", "省"] {
            assert!(!text.contains(words), "{file}: {words}");
        }
    }
    let policy = eu();
    assert!(policy.rewards.rules().is_empty());
    assert_eq!(policy.regions.provinces().count(), 27);
    assert!(matches!(policy.deadlines.verify, Period::Months(months) if months.count() == 3));
    assert!(matches!(policy.deadlines.accept, Period::Days(days) if days.count() == 7));
}

#[test]
fn a_wrong_file_is_refused_where_it_stands() {
    for (file, from, to, reason) in [
        ("deadlines.toml", "verify = { months = 3 }", "verify = { months = 0 }", "1 to 1,200 months"),
        ("deadlines.toml", "verify = { months = 3 }", "verify = { month = 3 }", "unknown field"),
        ("deadlines.toml", "verify = { months = 3 }", "verify = \"3 months\"", "or { months = 3 }"),
        ("deadlines.toml", "accept = 7 ", "accept = -7 ", "1 to 3,660 days"),
        ("retention.toml", "closed = 24", "closed = 0", "1 to 1,200 months"),
        ("quorum.toml", "threshold = 3", "threshold = 1", "2 ≤ threshold"),
        ("regions.csv", "110100,Ostösterreich,110000", "110100,Ostösterreich,120000", "directly"),
    ] {
        let refused = with(file, from, to).err().unwrap_or_else(|| panic!("{file}: {to} was taken"));
        assert!(refused.reason.contains(reason), "{file}: {to}: {refused}");
        let line = if file == "quorum.toml" { refused.line } else { line_of(file, from) };
        assert_eq!((refused.file.as_str(), refused.line), (file, line), "{to}: {refused}");
        assert!(refused.line > 0, "{refused}");
    }
}

#[test]
fn rewards_are_either_stated_or_ruled_out() {
    // Not paid by mistake: without the line the folder is missed, and with it the folder must not be there.
    let refused = with("intake.toml", "rewards = false", "rewards = true").unwrap_err();
    assert_eq!(refused.file, "rewards");
    let folder = tempfile::tempdir().unwrap();
    for name in FILES.iter().copied().chain(["regions.csv"]) {
        fs::copy(Path::new("policy-eu").join(name), folder.path().join(name)).unwrap();
    }
    assert!(Policy::load(folder.path()).is_ok());
    fs::create_dir(folder.path().join("rewards")).unwrap();
    let refused = Policy::load(folder.path()).unwrap_err();
    assert!(refused.reason.contains("rewards = false"), "{refused}");
}
