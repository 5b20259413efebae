//! How a request ends, and what is left then.

use crate::house::{DAY, House, house, picture};
use axum::http::StatusCode;
use mifeng::{
    casework::State,
    cli::trustee::NoShare,
    clock::{Day, Doubt},
    evidence::NotUnopposed,
    lapse,
    log::Event,
    receipt::Receipt,
    store::{Refused, Released, Rewards},
};

/// Taking back the file, withdrawing and deleting end what was asked, and leave nothing that opens.
#[tokio::test]
async fn a_reporter_who_takes_back_withdraws_or_deletes_ends_the_request() {
    let taken = house().await;
    taken.ask().await;
    let mut reporter = taken.reporter().await;
    reporter.get("/zh/mine/withdraw").await;
    reporter.post("/zh/mine/withdraw", &[]).await;
    assert_eq!(taken.case().state, State::Withdrawn);
    assert_eq!(taken.case().evidence[0].state().name(), "withdrawn");

    let deleted = house().await;
    deleted.ask().await;
    deleted.desk.pass(4 * DAY);
    deleted.release().await;
    let put = deleted.put_in("officer", &picture(), true).await;
    assert!(put.location.ends_with("done=copy"), "{}", put.text);
    let mut reporter = deleted.reporter().await;
    reporter.get("/zh/mine/delete").await;
    reporter.post("/zh/mine/delete", &[("deletion", "")]).await;
    let mut approver = deleted.desk.sign_in("app1").await;
    let path = format!("/zh/cases/{}/moves/grant-deletion", deleted.number);
    let version = approver.get(&path).await.hidden("version");
    let number = deleted.number.to_string();
    let fields = [
        ("version", version.as_str()),
        ("reason", "举报人要求删除，没有保留的理由。"),
        ("told", "您提交的内容已经删除。"),
        ("step", "do"),
        ("typed-number", &number),
    ];
    let granted = approver.post(&path, &fields).await;
    assert_eq!(granted.status, StatusCode::SEE_OTHER, "{}", granted.text);
    let request = &deleted.case().evidence[0];
    assert_eq!(request.state().name(), "deleted");
    assert!(request.copies().is_empty() && request.terms().need.is_empty());
    assert!(request.opening().unwrap().deposits.is_empty());
    let mut officer = deleted.desk.sign_in_at_the_office("officer").await;
    for file in ["package", "sealed"] {
        let gone = officer.get(&format!("/zh/originals/{}/{file}", deleted.number)).await;
        assert_eq!(gone.status, StatusCode::CONFLICT, "{file}");
    }
}

/// What the log says of this report's originals, read with its receipt.
fn told(house: &House) -> Vec<Event> {
    let audit = Receipt::parse(&house.receipt).unwrap().audit_key();
    let history = house.desk.publisher.history(&audit).unwrap();
    history.originals().into_iter().map(|(event, ..)| event).collect()
}

#[tokio::test]
async fn a_request_that_has_run_out_loses_its_shares_and_its_package() {
    let house = house().await;
    house.ask().await;
    house.desk.pass(4 * DAY);
    house.release().await;
    house.package().await;
    house.put_in("officer", &picture(), true).await;
    let blob = house.case().evidence[0].copies()[0].blob.to_string();
    house.desk.pass(30 * DAY);

    // Before anybody has tidied up: nothing is handed out, put in or joined any more.
    let mut officer = house.desk.sign_in_at_the_office("officer").await;
    for file in ["package", "sealed"] {
        let late = officer.get(&format!("/zh/originals/{}/{file}", house.number)).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{file}");
    }
    let today = house.desk.today();
    let store = &*house.desk.store;
    assert!(matches!(
        Rewards::package(store, house.number, Released::Files(today)),
        Err(Refused::NoSuchRelease)
    ));
    assert!(matches!(Rewards::released_original(store, house.number, today), Err(Refused::NoSuchRelease)));
    let put = house.put_in("officer", &picture(), true).await;
    assert_eq!(put.status, StatusCode::CONFLICT, "{}", put.text);
    let joined = house.act("officer2", "join", &[("copy", &blob), ("looked", "yes")]).await;
    assert_eq!(joined.status, StatusCode::CONFLICT, "{}", joined.text);
    assert!(!house.case().evidence[0].opening().unwrap().deposits.is_empty());

    // While there is doubt about the day nothing has run out.
    let clock = &*house.desk.clock;
    *clock.1.lock().unwrap() = Some(Doubt::Record { says: None, known: today });
    assert_eq!(lapse::round(store, clock).await.unwrap(), 0);
    assert_eq!(told(&house), [Event::Asked, Event::Release]);
    *clock.1.lock().unwrap() = None;
    assert_eq!(lapse::round(store, clock).await.unwrap(), 1);
    let request = &house.case().evidence[0];
    assert_eq!(request.state().name(), "lapsed");
    assert!(request.opening().unwrap().deposits.is_empty() && request.copies().is_empty());
    // As it was, good for longer: there is nothing left to hand out.
    let before = day_before(today, 10);
    assert!(Rewards::package(store, house.number, Released::Files(before)).is_err());
    assert_eq!(told(&house), [Event::Asked, Event::Release, Event::Ended]);
    assert_eq!(lapse::round(store, clock).await.unwrap(), 0, "once");
}

fn day_before(day: Day, days: i64) -> Day {
    day.saturating_sub(jiff::ToSpan::days(days))
}

#[tokio::test]
async fn what_has_run_out_ends_in_the_log_before_another_is_asked_for() {
    let house = house().await;
    house.ask().await;
    house.desk.pass(40 * DAY);
    let known = house.desk.today();
    *house.desk.clock.1.lock().unwrap() = Some(Doubt::Record { says: None, known });
    let doubtful = house.ask().await;
    assert_eq!((doubtful.status, told(&house)), (StatusCode::CONFLICT, vec![Event::Asked]));
    *house.desk.clock.1.lock().unwrap() = None;
    let again = house.ask().await;
    assert!(again.location.ends_with("done=ask-original"), "{}", again.text);
    assert_eq!(told(&house), [Event::Asked, Event::Ended, Event::Asked]);
    house.desk.pass(4 * DAY);
    house.act("officer", "release", &[]).await;
    assert!(house.check(&house.request(1).await.unwrap(), 1).is_ok());
    // Written to the log is not yet opened, and past its last day it never will be.
    let page = house.reporter().await.get("/zh/mine").await.text;
    assert!(page.contains("正在等保管人决定，现在还没有打开"), "{page}");
    house.desk.pass(40 * DAY);
    let page = house.reporter().await.get("/zh/mine").await.text;
    assert!(page.contains("这次申请已经过期，没有打开") && !page.contains("正在等保管人决定"), "{page}");
}

#[tokio::test]
async fn a_file_that_was_taken_back_is_opened_by_no_trustee_even_if_the_store_is_put_back() {
    let house = house().await;
    house.ask().await;
    house.desk.pass(4 * DAY);
    house.act("officer", "release", &[]).await;
    let honest = house.request(1).await.unwrap();
    assert!(house.check(&honest, 1).is_ok());
    let mut reporter = house.reporter().await;
    reporter.get(&format!("/zh/files/remove?file={}", house.original())).await;
    let removed = reporter.post("/zh/files/remove", &[("file", &house.original())]).await;
    assert_eq!(removed.location, "/zh/files", "{}", removed.text);
    assert_eq!(house.case().evidence[0].state().name(), "taken-back");
    assert_eq!(told(&house), [Event::Asked, Event::Release, Event::Ended]);
    assert!(house.reporter().await.get("/zh/mine").await.text.contains("打开原件的申请结束"));

    // Whoever puts the case back into the store, past every check, still has to show what the log says since.
    let shown = house.proven_anew(&honest).await;
    let refused = house.check(&shown, 1).err().unwrap();
    assert!(matches!(refused, NoShare::NotUnopposed(NotUnopposed::Ended)), "{refused}");
}

#[tokio::test]
async fn every_end_stands_in_its_reporters_log() {
    let given_up = house().await;
    given_up.ask().await;
    let mut investigator = given_up.desk.sign_in("inv1").await;
    let path = format!("/zh/cases/{}/original", given_up.number);
    investigator.get(&path).await;
    let answer = investigator.post(&format!("{path}/end"), &[("reason", "已经不需要了。")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(told(&given_up), [Event::Asked, Event::Ended]);

    let withdrawn = house().await;
    withdrawn.ask().await;
    let mut reporter = withdrawn.reporter().await;
    reporter.get("/zh/mine/withdraw").await;
    reporter.post("/zh/mine/withdraw", &[]).await;
    assert_eq!(told(&withdrawn), [Event::Asked, Event::Ended]);

    // An objection has an entry of its own.
    let stopped = house().await;
    stopped.ask().await;
    let mut reporter = stopped.reporter().await;
    reporter.get("/zh/mine/original").await;
    reporter.post("/zh/mine/original", &[]).await;
    assert_eq!(told(&stopped), [Event::Asked, Event::Objected]);
}
