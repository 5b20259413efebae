//! A claim would tell that a name was given (P1), and so would whatever follows one: nothing that investigators, clerks
//! or other systems read changes by it.

use crate::{
    answers::{answers, objects},
    console_support::{
        Browser, Desk, PASSWORD,
        acts::{award_state, to_notified},
        between,
    },
    objections::refused,
    store_support::receipt,
    systems::{ask, token},
};
use axum::http::{StatusCode, header};
use mifeng::{
    award::{
        record::AwardState,
        release::{Deposit, ReleaseAnswer, ReleaseRequest},
    },
    casework::State,
    ids::CaseNumber,
    lapse,
    store::Cases,
};

/// What was read: where, and what of it is not of that one opening.
type Seen = Vec<(String, String)>;

/// What these two and another system read of a case and of the lists it is in.
async fn seen(desk: &Desk, staff: &mut [Browser; 2], token: &str, number: CaseNumber) -> Seen {
    let mut seen = Seen::new();
    let case = format!("/zh/cases/{number}");
    let [inv, clerk] = staff;
    let (award, note) = (format!("{case}/award"), format!("{case}/moves/note"));
    let (first, list) = ("/zh/".to_owned(), "/zh/cases".to_owned());
    let both = [first, list.clone(), case, note];
    for (who, browser, more) in [("inv1", inv, vec![award]), ("clerk", clerk, vec![])] {
        for path in both.iter().cloned().chain(more) {
            let page = browser.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{who} {path}");
            let main = between(&page.text, "<main", "</main>").unwrap().replace(&browser.token, "ONCE");
            if path == list {
                let row = main.split("<tr").find(|row| row.contains(&number.to_string())).unwrap();
                let row = row.split("</tr>").next().unwrap();
                seen.push((format!("{who} row {number}"), row.to_owned()));
            }
            seen.push((format!("{who} {path}"), main));
        }
    }
    for path in ["/cases".to_owned(), format!("/cases/{number}")] {
        let heard = ask(desk, token, &path).await;
        assert_eq!(heard.status, StatusCode::OK, "{path}");
        seen.push((format!("system {path}"), heard.text));
        seen.push((format!("tag {path}"), heard.headers[header::ETAG].to_str().unwrap().to_owned()));
    }
    seen
}

/// Of the case alone, with the names of this one taken out.
fn of_any(seen: &Seen, number: CaseNumber, n: u64) -> Seen {
    let (number, target, told) = (number.to_string(), format!("某化工厂{n}"), format!("编号{n}"));
    let plain = |text: &String| text.replace(&number, "N").replace(&target, "T").replace(&told, "C");
    let of_it = seen.iter().filter(|(path, _)| path.contains(&number));
    of_it.map(|(path, text)| (plain(path), plain(text))).collect()
}

async fn claims(desk: &Desk, n: u64) {
    let digits: String = receipt(n).groups().iter().map(|group| group.to_string()).collect();
    let mut reporter = desk.visitor();
    assert_eq!(reporter.send("/zh/mine", &[("receipt", &digits)]).await.location, "/zh/mine");
    reporter.get("/zh/mine/claim").await;
    let claimed = reporter.post("/zh/mine/claim", &[("receipt", &digits), ("who", "before")]).await;
    assert_eq!(claimed.status, StatusCode::OK, "{}", claimed.text);
}

async fn releases(desk: &Desk, number: CaseNumber) {
    let mut officer = desk.sign_in_at_the_office("officer").await;
    let award = format!("/zh/awards/{number}");
    let version = officer.get(&format!("{award}/release")).await.hidden("version");
    let typed = number.to_string();
    let reason = ("reason", "举报人已经申领，请求开启。");
    let fields = [("version", &*version), reason, ("typed-number", &*typed), ("password", PASSWORD)];
    let answer = officer.post(&format!("{award}/release"), &fields).await;
    assert_eq!(answer.location, format!("{award}?done=release"), "{}", answer.text);
}

async fn gives_a_share(desk: &Desk, number: CaseNumber, trustee: u8) {
    let mut holder = desk.sign_in(&format!("tru{trustee}")).await;
    let path = format!("/zh/releases/{number}");
    holder.get(&path).await;
    let once = holder.token.clone();
    let file = holder.get(&format!("{path}/request")).await.text;
    let request: ReleaseRequest = serde_json::from_str(&file).unwrap();
    let key = &desk.trustees[usize::from(trustee) - 1];
    let answer = ReleaseAnswer {
        format: 1,
        report: request.terms.award.report,
        leaf_index: request.terms.leaf_index,
        deposit: Deposit::sign(&request.terms, &desk.set, trustee, b"resealed", key),
        checkpoint: String::new(),
    };
    let given = holder.upload(&path, &once, "answer", &serde_json::to_string(&answer).unwrap()).await;
    assert_eq!(given.location, format!("{path}?done=1"), "{}", given.text);
}

#[tokio::test]
async fn nothing_that_others_read_changes_by_a_claim_or_by_what_follows_it() {
    let desk = Desk::new();
    let (claimed, waiting) = (desk.submit(1, false), desk.submit(2, false));
    for number in [claimed, waiting] {
        to_notified(&desk, number).await;
    }
    let mut admin = desk.sign_in("admin").await;
    let token = token(&desk, &mut admin, "数据平台", "", &["cases:read"]).await;
    let mut staff = [desk.sign_in("inv1").await, desk.sign_in("clerk").await];
    let before = seen(&desk, &mut staff, &token, claimed).await;
    let version = format!("value=\"{claimed}.{}\"", desk.case(claimed).version);
    assert!(before.iter().any(|(path, row)| path.starts_with("clerk row") && row.contains(&version)));
    let followed = ask(&desk, &token, "/cases").await.body["next"].as_str().unwrap().to_owned();

    claims(&desk, 1).await;
    assert_eq!(award_state(&desk, claimed), AwardState::Claimed);
    assert_eq!(seen(&desk, &mut staff, &token, claimed).await, before, "claimed");
    releases(&desk, claimed).await;
    assert_eq!(seen(&desk, &mut staff, &token, claimed).await, before, "released");
    for trustee in [1, 2] {
        gives_a_share(&desk, claimed, trustee).await;
    }
    assert_eq!(award_state(&desk, claimed), AwardState::Released);
    assert_eq!(seen(&desk, &mut staff, &token, claimed).await, before, "shares given");

    // The shares run out; the other reporter has still not come. The days left have changed for both.
    desk.pass(15 * 24 * 3600);
    assert_eq!(lapse::round(&*desk.store, &*desk.clock).await.unwrap(), 1);
    let award = desk.store.case(claimed).unwrap().unwrap().award().unwrap().clone();
    assert!(award.release().unwrap().deposits.is_empty());
    let mut staff = [desk.sign_in("inv1").await, desk.sign_in("clerk").await];
    let one = of_any(&seen(&desk, &mut staff, &token, claimed).await, claimed, 1);
    let other = of_any(&seen(&desk, &mut staff, &token, waiting).await, waiting, 2);
    assert!(one.len() > 8, "{}", one.len());
    assert_eq!(one, other, "run out");
    let later = ask(&desk, &token, &format!("/cases?after={followed}")).await;
    assert_eq!(later.numbers(), Vec::<String>::new(), "nothing came to follow");
}

/// What its reporter says to an award that was not paid, and what the office answers, tell no less.
#[tokio::test]
async fn nor_does_anything_change_by_an_objection_to_its_end_or_by_the_answer() {
    let desk = Desk::new();
    let number = refused(&desk, State::Concluded).await;
    let mut admin = desk.sign_in("admin").await;
    let token = token(&desk, &mut admin, "数据平台", "", &["cases:read"]).await;
    let mut staff = [desk.sign_in("inv1").await, desk.sign_in("clerk").await];
    let before = seen(&desk, &mut staff, &token, number).await;
    let (row, case) = (desk.store.row(number), serde_json::to_string(&desk.case(number)).unwrap());
    let followed = ask(&desk, &token, "/cases").await.body["next"].as_str().unwrap().to_owned();

    objects(&desk, "ground-wrong").await;
    assert_eq!(seen(&desk, &mut staff, &token, number).await, before, "objected");
    answers(&desk, number, "same-result").await;
    assert_eq!(seen(&desk, &mut staff, &token, number).await, before, "answered");
    assert_eq!((desk.store.row(number), serde_json::to_string(&desk.case(number)).unwrap()), (row, case));
    let later = ask(&desk, &token, &format!("/cases?after={followed}")).await;
    assert_eq!(later.numbers(), Vec::<String>::new(), "nothing came to follow");
}
