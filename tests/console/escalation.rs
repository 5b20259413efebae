//! Reminders before a last day, and what happens once it has passed: told upwards, recorded, once each, by the clock.

use crate::console_support::{
    Desk,
    acts::{TOLD, made},
};
use axum::http::StatusCode;
use mifeng::{
    casework::{MoveKind, ReporterStatus, Who},
    clock::Day,
    escalation::Escalation,
    ids::{CaseNumber, StaffId},
    policy::Level,
    store::{Account, Staff},
};

const DAY: i64 = 86_400;

/// A head of the county where reports come from, of the city above, and of a city elsewhere.
fn heads(desk: &Desk) {
    for (id, body) in [("county", "county_370102"), ("city", "city_370100"), ("elsewhere", "city_420100")] {
        let account = desk.store.account(&StaffId("leader".into())).unwrap().unwrap();
        let account =
            Account { id: StaffId(id.into()), name: format!("某{id}"), body: body.into(), ..account };
        desk.store.put_account(account).wait().unwrap();
    }
}

fn watch(desk: &Desk) -> Escalation {
    Escalation::new(desk.store.clone(), desk.policy.clone(), desk.clock.clone())
}

/// Noon of that day.
fn at(desk: &Desk, day: Day) {
    let ahead = desk.today().until(day).unwrap().get_days();
    desk.pass(i64::from(ahead) * DAY);
}

fn date(month: i8, day: i8) -> Day {
    jiff::civil::date(2026, month, day)
}

fn told(desk: &Desk, number: CaseNumber) -> Vec<(Day, Level)> {
    let case = desk.case(number);
    let events = case.history.iter().filter(|event| event.what == MoveKind::Escalate);
    assert_eq!(events.clone().count(), case.escalations.len());
    assert!(events.clone().all(|event| event.by == Who::Rule && event.told.is_empty()));
    case.escalations.iter().map(|each| (each.day, each.level)).collect()
}

/// Whether the case stands under that heading of the head's first page.
async fn stands(desk: &Desk, name: &str, heading: &str, number: CaseNumber) -> bool {
    let page = desk.sign_in(name).await.get("/zh/").await.text;
    assert!(!page.contains("某化工厂"), "a head reads nothing of a case");
    let part = page.split("<section>").find(|part| part.contains(&format!("<h2>{heading} ")));
    part.is_some_and(|part| part.contains(&number.to_string()))
}

#[tokio::test]
async fn whoever_works_on_it_and_their_head_are_reminded_some_working_days_before() {
    let desk = Desk::new();
    heads(&desk);
    // A Monday; to be accepted within seven days.
    let number = desk.submit(1, false);
    assert_eq!(desk.case(number).deadlines.accept_by, Some(date(11, 30)));
    for (day, near) in [(date(11, 25), false), (date(11, 26), true), (date(11, 29), true)] {
        at(&desk, day);
        for name in ["clerk", "county"] {
            assert_eq!(stands_any(&desk, name, number).await, near, "{name} {day}");
        }
        assert!(!stands(&desk, "city", "几个工作日内到期", number).await, "not the body above");
    }
    at(&desk, date(11, 30));
    for name in ["clerk", "county"] {
        let page = desk.sign_in(name).await.get("/zh/").await.text;
        assert!(page.contains("今天必须办完"), "{name}: {page}");
    }
    assert_eq!(watch(&desk).round().await.unwrap(), 0, "the last day counts to its end");
}

/// As [`stands`] under the reminder, for those who may read the case too.
async fn stands_any(desk: &Desk, name: &str, number: CaseNumber) -> bool {
    let page = desk.sign_in(name).await.get("/zh/").await.text;
    let part = page.split("<section>").find(|part| part.contains("<h2>几个工作日内到期 "));
    part.is_some_and(|part| part.contains(&number.to_string()))
}

#[tokio::test]
async fn a_day_that_passed_is_told_to_the_head_then_above_once_each_and_recorded() {
    let desk = Desk::new();
    heads(&desk);
    let number = desk.submit(1, false);
    let watch = watch(&desk);
    at(&desk, date(12, 1));
    assert_eq!(watch.round().await.unwrap(), 1, "one working day after Monday");
    let version = desk.case(number).version;
    assert_eq!(told(&desk, number), [(date(12, 1), Level::Head)]);
    // Again on the same day, and by a process that was started anew: nothing.
    assert_eq!(watch.round().await.unwrap(), 0);
    assert_eq!(self::watch(&desk).round().await.unwrap(), 0);
    assert_eq!(desk.case(number).version, version);
    assert!(stands(&desk, "county", "已超期、请您督办", number).await);
    for name in ["city", "elsewhere"] {
        assert!(!stands(&desk, name, "已超期、请您督办", number).await, "{name}");
    }
    // The reporter reads nothing of it, and it is no hand in the case.
    let case = desk.case(number);
    assert_eq!(ReporterStatus::of(&case), ReporterStatus::Received);
    assert!(case.worked_on().is_empty());
    let page = desk.sign_in("clerk").await.get(&format!("/zh/cases/{number}")).await.text;
    assert!(page.contains("未按期办理（受理 2026-11-30），已报本单位负责人"), "{page}");

    // The fourth working day after it is a Friday.
    at(&desk, date(12, 3));
    assert_eq!(watch.round().await.unwrap(), 0);
    at(&desk, date(12, 4));
    assert_eq!(watch.round().await.unwrap(), 1);
    assert_eq!(told(&desk, number), [(date(12, 1), Level::Head), (date(12, 4), Level::Above)]);
    assert!(stands(&desk, "city", "已超期、请您督办", number).await);
    assert!(stands(&desk, "county", "已超期、请您督办", number).await, "and it stays with the head");
    assert!(!stands(&desk, "elsewhere", "已超期、请您督办", number).await);
    let late = desk.sign_in("city").await.get("/zh/late").await;
    assert!(late.text.contains(&number.to_string()) && !late.text.contains("某化工厂"), "{}", late.text);
    assert_eq!(desk.sign_in("clerk").await.get("/zh/late").await.status, StatusCode::FORBIDDEN);

    // Decided on: nobody is told any more, and the next last day begins anew.
    let mut clerk = desk.sign_in("clerk").await;
    made(&mut clerk, number, "accept", &[("told", TOLD), ("reason", "属于受理范围，事项清楚。")]).await;
    for name in ["county", "city"] {
        assert!(!stands(&desk, name, "已超期、请您督办", number).await, "{name}");
    }
    at(&desk, desk.case(number).deadlines.conclude_by.unwrap());
    at(&desk, desk.policy.deadlines.working_days.after(desk.today(), 1));
    assert_eq!(watch.round().await.unwrap(), 1);
    assert_eq!(told(&desk, number).len(), 3);
}

/// Down over a week: what was missed is told at once, each level once; many cases at once, none twice.
#[tokio::test]
async fn after_a_week_out_of_service_everything_is_told_once() {
    let desk = Desk::new();
    let numbers: Vec<CaseNumber> = (1..=70).map(|n| desk.submit(n, false)).collect();
    let danger = desk.submit(71, true);
    at(&desk, date(12, 8));
    let (one, other) = (watch(&desk), watch(&desk));
    let (a, b) = tokio::join!(one.round(), other.round());
    assert_eq!(a.unwrap() + b.unwrap(), 71, "of two at once, one tells of each");
    for number in numbers.iter().chain([&danger]) {
        assert_eq!(
            told(&desk, *number),
            [(date(12, 8), Level::Head), (date(12, 8), Level::Above)],
            "{number}"
        );
    }
    assert_eq!(desk.store.check().unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn the_reporters_own_time_is_nobodys_delay() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    made(&mut clerk, number, "ask-supplement", &[("question", "请说明是哪一个储罐，什么时候的事？")]).await;
    desk.pass(60 * DAY);
    assert_eq!(watch(&desk).round().await.unwrap(), 0);
}
