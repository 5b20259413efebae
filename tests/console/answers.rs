//! An objection that changes nothing: the reward office answers that the refusal stands, its reporter reads why, and nobody
//! else reads that anything was said.

use crate::{
    console_support::{Browser, Desk, PASSWORD, acts::made},
    objections::{FIELD, PATH, change, refused, refused_before, reporter},
    store_support::{audit_key, receipt},
};
use axum::http::StatusCode;
use mifeng::{
    award::record::{Answer, AwardState, Ground, Objection},
    casework::State,
    ids::CaseNumber,
    log::Event,
    store::Cases,
};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

/// The first report's reporter says this to the end of their award.
pub async fn objects(desk: &Desk, objection: &str) {
    let mut reporter = reporter(desk).await;
    reporter.get(PATH).await;
    assert_eq!(reporter.post(PATH, &[(FIELD, objection)]).await.location, "/zh/mine");
}

/// Opens the page before it, and sends it.
pub async fn answers(desk: &Desk, number: CaseNumber, answer: &str) {
    let mut officer = desk.sign_in_at_the_office("officer").await;
    let path = path(number);
    let version = officer.get(&path).await.hidden("version");
    let number = number.to_string();
    let done = officer.post(&path, &filled(&version, answer, &number)).await;
    assert_eq!(done.location, format!("/zh/awards/{number}?done=let-stand"), "{}", done.text);
}

fn path(number: CaseNumber) -> String {
    format!("/zh/awards/{number}/let-stand")
}

fn filled<'a>(version: &'a str, answer: &'a str, number: &'a str) -> [(&'static str, &'a str); 4] {
    [("version", version), ("answer", answer), ("typed-number", number), ("password", PASSWORD)]
}

fn answered(desk: &Desk, number: CaseNumber) -> Option<Answer> {
    let dossier = desk.store.case(number).unwrap().unwrap();
    dossier.award().unwrap().answer().map(|(_, answer)| answer)
}

/// Neither its page nor the act.
async fn cannot_answer(officer: &mut Browser, number: CaseNumber) {
    let page = officer.get(&format!("/zh/awards/{number}")).await.text;
    assert!(page.contains("/reopen") && !page.contains("/let-stand"), "{page}");
    let path = path(number);
    assert_eq!(officer.get(&path).await.status, StatusCode::CONFLICT);
    let number = number.to_string();
    let sent = officer.post(&path, &filled("1-1", "same-result", &number)).await;
    assert_eq!(sent.status, StatusCode::CONFLICT, "{}", sent.text);
}

/// With script: what the device is given.
async fn view(desk: &Desk, lang: &str) -> Value {
    let [locator, auth] = receipt(1).proof().map(|bytes| hex::encode(*bytes));
    let proof = json!({ "locator": locator, "auth": auth, "audit_key": audit_key(1) });
    let answer = desk.visitor().send_json(&format!("/{lang}/device/sign-in"), &proof).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

#[tokio::test]
async fn a_reporter_who_objects_in_vain_reads_that_it_stands_and_why() {
    let desk = Desk::new();
    let number = refused(&desk, State::Closed).await;
    let award = format!("/zh/awards/{number}");
    let mut officer = desk.sign_in_at_the_office("officer").await;
    assert!(officer.get("/zh/").await.text.contains("没有等待答复的异议"));
    cannot_answer(&mut officer, number).await;
    objects(&desk, "can-show").await;
    let mine = reporter(&desk).await.get("/zh/mine").await.text;
    assert!(mine.contains("发奖部门应在 2026 年 12 月 23 日前（含当天）在这里答复"), "{mine}");
    // Where they can come, and until when: as long as nobody is told that they did not.
    let come = format!("最晚 2026 年 12 月 3 日（当天也可以）带证件到发奖部门，说案件编号 {number}。");
    assert!(mine.contains(&come) && mine.contains("请打 12350 问"), "{mine}");

    // It waits for the office: how long, and until when.
    desk.pass(3 * DAY);
    let mut officer = desk.sign_in_at_the_office("officer").await;
    let list = officer.get("/zh/").await.text;
    for words in ["举报人有异议，待答复：1 笔", "从 2026-11-23 起，3 天", "2026-12-23（还剩 27 天）"]
    {
        assert!(list.contains(words), "{words}: {list}");
    }
    assert!(!list.contains("没有等待答复的异议") && !list.contains("class=\"status\""), "{list}");
    let page = officer.get(&award).await.text;
    assert!(page.contains("答复期限") && page.contains("2026-12-23（还剩 27 天）"), "{page}");
    assert!(page.contains(&format!("{award}/reopen")) && page.contains(&path(number)), "{page}");

    // The page before says what the reporter will read; there is nothing to write.
    let path = path(number);
    desk.pass(8 * DAY);
    let mut officer = desk.sign_in_at_the_office("officer").await;
    let form = officer.get(&path).await;
    assert_eq!((form.status, form.text.matches("type=\"radio\"").count()), (StatusCode::OK, 3));
    let reads = "您在 2026 年 11 月 23 日提出了异议：我填的信息是对的，可以证明。发奖部门在 2026 年 12 月 4 日答复：\
                 维持不予发放的决定，因为（您选的理由）。";
    assert!(form.text.contains(reads) && form.text.contains("不能撤销。"), "{}", form.text);
    assert!(!form.text.contains("<textarea"), "{}", form.text);
    let (version, typed) = (form.hidden("version"), number.to_string());
    let good = filled(&version, "not-shown", &typed);
    for (field, value, why) in [
        ("answer", "", "请选择一个理由"),
        ("answer", "我叫张三", "请选择一个理由"),
        // True of somebody who said that they would come.
        ("answer", "nobody-came", "请选择一个理由"),
        ("typed-number", "2026-000009", "请输入案件编号"),
        ("password", "not this one", "密码不对"),
    ] {
        let fields = good.map(|(name, kept)| (name, if name == field { value } else { kept }));
        let refused = officer.post(&path, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert!(refused.text.contains(why) && !refused.text.contains("张三"), "{}", refused.text);
    }
    assert_eq!(answered(&desk, number), None);
    let done = officer.post(&path, &good).await;
    assert_eq!(done.location, format!("{award}?done=let-stand"), "{}", done.text);
    assert_eq!(answered(&desk, number), Some(Answer::NotShown));
    let page = officer.get(&done.location).await.text;
    let why = "没有带来能够证明的证件或材料";
    let because = format!("因为{why}");
    for words in ["已维持不予发放的决定，举报人会读到您的答复。", "某officer", because.as_str()]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let of_case = desk.store.trail(&|_, entry| entry.case == Some(number), 99).unwrap();
    let by_officer = of_case.iter().filter(|(_, entry)| entry.by.0 == "officer");
    let what: Vec<&str> = by_officer.map(|(_, entry)| entry.what.as_str()).collect();
    // What was said is told to nobody who reads there; that the page before was opened, is.
    assert_eq!(what, ["award"; 4]);

    // Once; and it no longer waits.
    cannot_answer(&mut officer, number).await;
    assert!(officer.get("/zh/").await.text.contains("没有等待答复的异议"));
    assert!(!officer.get("/zh/ended").await.text.contains("有异议"));

    // Without script, in both languages; with it; and in the log, for whoever has the receipt.
    let mut reporter = reporter(&desk).await;
    let reads = reads.replace("（您选的理由）", why);
    let mine = reporter.get("/zh/mine").await.text;
    assert!(mine.contains(&reads) && !mine.contains(PATH), "{mine}");
    let english = "You objected on 23 November 2026: My details are right, and I can show it. The reward office answered on \
                   4 December 2026: the refusal stands, because the papers that would show it were not brought.";
    let mine = reporter.get("/en/mine").await.text;
    assert!(mine.contains(english), "{mine}");
    for (lang, reads) in [("zh", &*reads), ("en", english)] {
        let view = view(&desk, lang).await;
        assert!(view["reward"].as_str().unwrap().contains(reads), "{view}");
        assert_eq!(view["can_object_award"], false);
    }
    let history = desk.publisher.history(&audit_key(1)).unwrap();
    let said: Vec<Event> = history.found().iter().map(|found| found.event).collect();
    assert_eq!(said[said.len() - 2..], [Event::Objected, Event::Refused], "{said:?}");
    let leaf = history.found().last().unwrap().leaf.as_ref().unwrap();
    assert_eq!(leaf.award.as_ref().map(ToString::to_string), Some(format!("{number}-1")));

    // Nothing more can be said to it.
    assert_eq!(reporter.get(PATH).await.location, "/zh/mine");
    assert_eq!(reporter.post(PATH, &[(FIELD, "will-come")]).await.location, "/zh/mine");
    assert!(reporter.get("/zh/mine").await.text.contains("已经提过异议，只能提一次"));
    let dossier = desk.store.case(number).unwrap().unwrap();
    let award = dossier.award().unwrap();
    assert_eq!(award.objection().map(|(_, objection)| objection), Some(Objection::CanShow));
    assert_eq!(*award.state(), AwardState::Refused { ground: Ground::NotTheReporter });
}

/// Whoever says that they will come has the days for it, whatever the office would rather say.
#[tokio::test]
async fn nobody_is_told_that_they_did_not_come_before_their_days_are_over() {
    let desk = Desk::new();
    let number = refused(&desk, State::Closed).await;
    objects(&desk, "will-come").await;
    let path = path(number);
    let early = ["nobody-came", "not-shown"];
    for (days, is_open) in [(0, false), (10, false), (1, true)] {
        desk.pass(days * DAY);
        let mut officer = desk.sign_in_at_the_office("officer").await;
        let form = officer.get(&path).await;
        let (version, typed) = (form.hidden("version"), number.to_string());
        for answer in ["same-result", "beside-the-reason"] {
            assert!(form.text.contains(&format!("value=\"{answer}\"")), "{}", form.text);
        }
        assert!(early.iter().all(|one| form.text.contains(&format!("value=\"{one}\"")) == is_open));
        assert_eq!(form.text.contains("最晚 2026 年 12 月 3 日可以前来"), !is_open, "{}", form.text);
        let mine = reporter(&desk).await.get("/zh/mine").await.text;
        assert_eq!(mine.contains("带证件到发奖部门"), !is_open, "{mine}");
        let page = officer.get(&format!("/zh/awards/{number}")).await.text;
        assert!(page.contains("举报人可以前来到") && page.contains("2026-12-03"), "{page}");
        officer.get(&path).await;
        for answer in early.into_iter().filter(|_| !is_open) {
            let refused = officer.post(&path, &filled(&version, answer, &typed)).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}: {}", refused.text);
        }
        assert_eq!(answered(&desk, number), None);
    }
    answers(&desk, number, "nobody-came").await;
    assert_eq!(answered(&desk, number), Some(Answer::NobodyCame));
    let mine = reporter(&desk).await.get("/zh/mine").await.text;
    assert!(mine.contains("到答复时没有人带证件前来") && !mine.contains("12350"), "{mine}");
}

/// After an upgrade it may have passed long ago.
#[tokio::test]
async fn a_day_for_the_answer_that_has_passed_is_not_promised() {
    let desk = Desk::new();
    refused(&desk, State::Closed).await;
    objects(&desk, "ground-wrong").await;
    desk.pass(30 * DAY);
    let mine = reporter(&desk).await.get("/zh/mine").await.text;
    assert!(mine.contains("发奖部门应在 2026 年 12 月 23 日前"), "the day itself: {mine}");
    desk.pass(DAY);
    let mut reporter = reporter(&desk).await;
    for (lang, late) in
        [("zh", "发奖部门的答复已经超过期限"), ("en", "The reward office is late with its answer")]
    {
        let mine = reporter.get(&format!("/{lang}/mine")).await.text;
        assert!(mine.contains(late), "{mine}");
        for passed in ["12 月 23 日", "23 December"] {
            assert!(!mine.contains(passed), "{mine}");
        }
    }
}

/// A review of what was found is about something else.
#[tokio::test]
async fn it_is_answered_while_the_case_is_under_review() {
    let desk = Desk::new();
    let number = refused(&desk, State::Replied).await;
    change(&desk, number, |dossier, _| {
        dossier.case.state = State::Objected;
        Ok(None)
    });
    objects(&desk, "not-reached").await;
    desk.pass(11 * DAY);
    answers(&desk, number, "no-answer").await;
    assert_eq!(answered(&desk, number), Some(Answer::NoAnswer));
}

/// Passed on earlier, it would tell investigators that something was said.
#[tokio::test]
async fn the_next_of_the_matter_waits_as_long_whether_it_was_answered_or_not() {
    for is_answered in [true, false] {
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
        objects(&desk, "will-come").await;
        desk.pass(11 * DAY);
        if is_answered {
            answers(&desk, lead, "nobody-came").await;
        }
        let award = format!("/zh/cases/{lead}/award");
        for days in [0, 29] {
            desk.pass(days * DAY);
            let page = desk.sign_in("inv1").await.get(&award).await.text;
            assert!(!page.contains("pass-on"), "{is_answered}, after {days}: {page}");
        }
        desk.pass(DAY);
        let mut owner = desk.sign_in("inv1").await;
        let path = format!("{award}/pass-on");
        let offered = owner.get(&path).await.hidden("next");
        let passed = owner.post(&path, &[("next", &offered), ("typed-number", &into)]).await;
        assert_eq!(passed.location, format!("/zh/cases/{next}?done=take-over"), "{}", passed.text);

        // It comes back to nobody; who was left without an answer still gets one.
        let mut officer = desk.sign_in_at_the_office("officer").await;
        let page = officer.get(&format!("/zh/awards/{lead}")).await.text;
        assert!(!page.contains("/reopen") && page.contains("/let-stand") != is_answered, "{page}");
        if !is_answered {
            assert!(officer.get("/zh/").await.text.contains("2026-12-23（超期 11 天）"));
            answers(&desk, lead, "nobody-came").await;
        }
        assert_eq!(answered(&desk, lead), Some(Answer::NobodyCame));
    }
}
