//! An award that was claimed late: its approvals run out before it could be opened, and the approvers are asked once more.

use crate::{
    console_support::{
        Desk, PASSWORD,
        acts::{approve, award_state, to_notified},
    },
    store_support::receipt,
};
use axum::http::StatusCode;
use mifeng::{
    award::{claim::Claim, record::AwardState},
    ids::CaseNumber,
    log::{Event, Leaf},
    store::{Cases, Dossier, Place, Refused, Step},
};

const DAY: i64 = 24 * 3600;
const ASKED: &str = "重新批准";

fn claim(desk: &Desk, number: CaseNumber) {
    let (today, key) = (desk.today(), receipt(1).claim_key());
    let change = move |dossier: &mut Dossier, place: &Place| -> Result<Option<Leaf>, Refused> {
        let award = dossier.awards.last_mut().unwrap();
        let claim = Claim::sign(award.terms(), &key);
        *award = award.claim(today, claim, place.claim_key)?;
        Ok(Some(Leaf::plain(Event::Claimed, today)))
    };
    let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
    desk.store.change(number, step).wait().unwrap();
}

#[tokio::test]
async fn approvers_sign_again_what_would_run_out_before_it_is_opened() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    to_notified(&desk, number).await;
    let award = format!("/zh/cases/{number}/award");
    desk.pass(55 * DAY);
    claim(&desk, number);
    let mut approver = desk.sign_in("app1").await;
    assert!(!approver.get("/zh/approvals").await.text.contains(ASKED), "they count for 90 days");
    assert_eq!(approve(&mut approver, number, PASSWORD).await.location, award, "nothing to vote on");

    // A release of 14 days would end after them.
    desk.pass(25 * DAY);
    for name in ["app1", "app2"] {
        let mut approver = desk.sign_in(name).await;
        assert!(approver.get("/zh/approvals").await.text.contains(ASKED), "{name}");
        let page = approver.get(&award).await.text;
        assert!(page.contains("以前的审批已经过期") && !page.contains("/award/refuse"), "{page}");
        assert_eq!(approver.get(&format!("{award}/refuse")).await.status, StatusCode::SEE_OTHER);
        let answer = approve(&mut approver, number, PASSWORD).await;
        assert_eq!(answer.location, format!("{award}?done=again"), "{}", answer.text);
        assert!(!approver.get("/zh/approvals").await.text.contains(ASKED), "{name} is not asked twice");
        assert_eq!(approve(&mut approver, number, PASSWORD).await.location, award, "once");
    }
    assert_eq!(award_state(&desk, number), AwardState::Claimed);
    let dossier = desk.store.case(number).unwrap().unwrap();
    let approval = dossier.award().unwrap().approval(&desk.roster, desk.today()).unwrap();
    assert_eq!((approval.until() - desk.today()).get_days(), 90);
}
