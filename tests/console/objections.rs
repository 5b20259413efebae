//! A reward that is not paid: its reporter objects, whatever state the case is in, and nobody but the reward office sees it.

use crate::{
    console_support::{
        Browser, Desk,
        acts::{award_state, made, to_approved, to_notified},
        between,
    },
    endings,
    store_support::receipt,
};
use axum::http::StatusCode;
use mifeng::{
    award::record::{AwardState, Ground, Objection},
    casework::State,
    ids::CaseNumber,
    log::Leaf,
    store::{Cases, Dossier, Place, Refused, Step},
};

pub const PATH: &str = "/zh/mine/award-objection";
pub const FIELD: &str = "award-objection";

pub fn change(
    desk: &Desk,
    number: CaseNumber,
    change: impl FnOnce(&mut Dossier, &Place) -> Result<Option<Leaf>, Refused> + Send + 'static,
) {
    let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
    desk.store.change(number, step).wait().unwrap();
}

/// The award of the first report is refused, and its case is in this state.
pub async fn refused(desk: &Desk, state: State) -> CaseNumber {
    refused_before(desk, desk.submit(1, false), state).await
}

pub async fn refused_before(desk: &Desk, number: CaseNumber, state: State) -> CaseNumber {
    to_notified(desk, number).await;
    let (today, roster, set, key) =
        (desk.today(), desk.roster.clone(), desk.set.clone(), receipt(1).claim_key());
    change(desk, number, move |dossier, place| {
        let award = dossier.awards.last_mut().unwrap();
        let ground = Ground::NotTheReporter;
        let (ended, leaf) = endings::refused(award, place, &key, &roster, &set, ground, today)?;
        *award = ended;
        dossier.case.state = state;
        Ok(Some(leaf))
    });
    number
}

pub async fn reporter(desk: &Desk) -> Browser {
    let mut browser = desk.visitor();
    let typed: String = receipt(1).groups().iter().map(|group| group.to_string()).collect();
    assert_eq!(browser.send("/zh/mine", &[("receipt", &typed)]).await.location, "/zh/mine");
    browser
}

/// What an investigator sees of the case, but for the number of each opening.
async fn seen(browser: &mut Browser, number: CaseNumber) -> Vec<String> {
    // The head says how long the session lasts.
    let main = |text: &str| between(text, "<main", "</main>").unwrap();
    let mut pages = vec![main(&browser.get("/zh/cases").await.text)];
    for path in [format!("/zh/cases/{number}"), format!("/zh/cases/{number}/award")] {
        let text = browser.get(&path).await.text;
        let mark = between(&text, "class=\"mark\" aria-hidden=\"true\"><span>", "</span>").unwrap();
        pages.push(main(&text).replace(&mark, "M"));
    }
    pages
}

fn objection(desk: &Desk, number: CaseNumber) -> Option<Objection> {
    let dossier = desk.store.case(number).unwrap().unwrap();
    dossier.award().unwrap().objection().map(|(_, objection)| objection)
}

#[tokio::test]
async fn a_refused_award_of_a_closed_case_is_objected_to_and_taken_up_again() {
    let desk = Desk::new();
    let number = refused(&desk, State::Closed).await;
    let mut investigator = desk.sign_in("inv1").await;
    let mut approver = desk.sign_in("app1").await;
    let before = [seen(&mut investigator, number).await, seen(&mut approver, number).await];
    let row = desk.store.row(number).unwrap();
    let case = serde_json::to_string(&desk.case(number)).unwrap();

    let mut reporter = reporter(&desk).await;
    let mine = reporter.get("/zh/mine").await.text;
    assert!(mine.contains(&format!("href=\"{PATH}\"")), "{mine}");
    assert!(!mine.contains("下面留言") && !mine.contains("<textarea"), "nobody is asked to write: {mine}");
    let form = reporter.get(PATH).await;
    assert_eq!((form.status, form.text.matches("type=\"radio\"").count()), (StatusCode::OK, 4));
    assert!(!form.text.contains("<textarea") && !form.text.contains("type=\"text\""), "{}", form.text);
    for typed in ["", "我叫张三"] {
        let answer = reporter.post(PATH, &[(FIELD, typed)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("请选一句话") && !answer.text.contains("张三"), "{}", answer.text);
    }
    assert_eq!(objection(&desk, number), None);
    assert_eq!(reporter.post(PATH, &[(FIELD, "can-show")]).await.location, "/zh/mine");
    let mine = reporter.get("/zh/mine").await.text;
    assert!(mine.contains("您的异议已经收到并保存"), "{mine}");
    assert!(mine.contains("我填的信息是对的，可以证明") && !mine.contains(PATH), "{mine}");

    // Once, on the page and past it.
    assert_eq!(reporter.get(PATH).await.location, "/zh/mine");
    assert!(reporter.get("/zh/mine").await.text.contains("已经提过异议，只能提一次"));
    assert_eq!(reporter.post(PATH, &[(FIELD, "will-come")]).await.location, "/zh/mine");
    assert!(reporter.get("/zh/mine").await.text.contains("已经提过异议，只能提一次"));
    assert_eq!(objection(&desk, number), Some(Objection::CanShow));

    // Nothing of it on the console, nor in what other systems read.
    assert_eq!([seen(&mut investigator, number).await, seen(&mut approver, number).await], before);
    assert_eq!(desk.store.row(number).unwrap(), row);
    assert_eq!(serde_json::to_string(&desk.case(number)).unwrap(), case);

    let mut officer = desk.sign_in_at_the_office("officer").await;
    assert!(officer.get("/zh/").await.text.contains("举报人有异议，待答复：1 笔"));
    let ended = officer.get("/zh/ended").await.text;
    assert!(ended.contains("有异议") && ended.contains(&number.to_string()), "{ended}");
    let page = officer.get(&format!("/zh/awards/{number}")).await.text;
    assert!(page.contains("举报人的异议") && page.contains("密封的信息正确，本人可以证明"), "{page}");
    let path = format!("/zh/awards/{number}/reopen");
    assert!(page.contains(&path), "{page}");
    let version = officer.get(&path).await.hidden("version");
    let fields = [("version", version.as_str()), ("reason", "举报人提出异议，重新核对。")];
    let done = officer.post(&path, &fields).await;
    assert_eq!(done.location, format!("/zh/awards/{number}?done=reopen"), "{}", done.text);
    assert_eq!(award_state(&desk, number), AwardState::Claimed);
    assert_eq!(seen(&mut investigator, number).await, before[0], "nor that it was taken up again");
    assert!(!officer.get("/zh/ended").await.text.contains("有异议"));
    let page = officer.get(&format!("/zh/awards/{number}")).await.text;
    assert!(page.contains("举报人提出异议：密封的信息正确，本人可以证明"), "it stays in the history: {page}");
}

/// While what was found is reviewed the award stands still; what is said to its end moves nothing.
#[tokio::test]
async fn a_review_that_is_under_way_is_no_obstacle() {
    let desk = Desk::new();
    let number = refused(&desk, State::Replied).await;
    change(&desk, number, |dossier, _| {
        dossier.case.state = State::Objected;
        Ok(None)
    });
    let mut reporter = reporter(&desk).await;
    reporter.get(PATH).await;
    assert_eq!(reporter.post(PATH, &[(FIELD, "not-reached")]).await.location, "/zh/mine");
    assert_eq!(objection(&desk, number), Some(Objection::NotReached));
    let mine = reporter.get("/zh/mine").await.text;
    assert!(mine.contains("没有人联系到我"), "{mine}");
}

#[tokio::test]
async fn where_nothing_was_refused_there_is_nothing_to_object_to() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut reporter = reporter(&desk).await;
    for has_award in [false, true] {
        if has_award {
            to_approved(&desk, number).await;
        }
        assert!(!reporter.get("/zh/mine").await.text.contains(PATH));
        assert_eq!(reporter.get(PATH).await.location, "/zh/mine");
        assert!(reporter.get("/zh/mine").await.text.contains("这一步现在不能做"));
        assert_eq!(reporter.post(PATH, &[(FIELD, "can-show")]).await.location, "/zh/mine");
        assert!(reporter.get("/zh/mine").await.text.contains("这一步现在不能做"));
    }
    assert_eq!(objection(&desk, number), None);
}

/// Passed on at once, no objection could help any more.
#[tokio::test]
async fn a_refused_award_goes_to_the_next_only_when_an_objection_could_have_been_heard() {
    let desk = Desk::new();
    let [lead, next] = [1, 2].map(|n| desk.submit(n, false));
    let into = lead.to_string();
    let told = [
        ("into", &*into),
        ("told", "您举报的事项此前已有人举报，我们一并核查。"),
        ("reason", "同一储罐区，内容一致。"),
    ];
    made(&mut desk.sign_in("clerk").await, next, "merge", &told).await;
    refused_before(&desk, lead, State::Closed).await;
    let path = format!("/zh/cases/{lead}/award/pass-on");
    let mut reporter = reporter(&desk).await;
    assert!(reporter.get("/zh/mine").await.text.contains(PATH));
    // Ten days to object, thirty to hear it.
    for days in [0, 40] {
        desk.pass(days * 24 * 3600);
        let mut owner = desk.sign_in("inv1").await;
        assert!(
            !owner.get(&format!("/zh/cases/{lead}/award")).await.text.contains("pass-on"),
            "after {days}"
        );
        let fields = [("next", &*next.to_string()), ("typed-number", &*into)];
        assert_eq!(owner.post(&path, &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    desk.pass(24 * 3600);
    let mut owner = desk.sign_in("inv1").await;
    let offered = owner.get(&path).await.hidden("next");
    let passed = owner.post(&path, &[("next", &offered), ("typed-number", &into)]).await;
    assert_eq!(passed.location, format!("/zh/cases/{next}?done=take-over"), "{}", passed.text);

    let mut reporter = self::reporter(&desk).await;
    assert!(!reporter.get("/zh/mine").await.text.contains(PATH), "nobody could take it up again");
    assert_eq!(reporter.get(PATH).await.location, "/zh/mine");
    assert_eq!(objection(&desk, lead), None);
}
