//! Several reports of one matter: worked on as one, and one award, offered in the order of acceptance.

use crate::{
    console_support::{
        Browser, Desk, PASSWORD,
        acts::{FACTS, REASON, approve, award_state, made, make, to_conclusion},
    },
    store_support::{self, auth, locator, receipt, report},
};
use axum::http::StatusCode;
use mifeng::{
    award::record::AwardState,
    casework::{Actor, Move, ReporterStatus, Rules, State, apply},
    ids::CaseNumber,
    log::{Event, Leaf},
    store::{Dossier, Found, Place, Reports, Step},
};

const TOLD: &str = "您举报的事项此前已有人举报，我们一并核查。";
const SAME: &str = "同一储罐区、同一夜班，内容一致。";

async fn merge(clerk: &mut Browser, number: CaseNumber, into: CaseNumber) {
    let into = into.to_string();
    made(clerk, number, "merge", &[("into", &into), ("told", TOLD), ("reason", SAME)]).await;
}

fn found(desk: &Desk, n: u64) -> Found {
    desk.store.find(&locator(n), &auth(n)).unwrap().unwrap()
}

/// Whatever the reporter of report `n` does.
fn by_reporter(desk: &Desk, n: u64, mv: Move, event: Event) {
    let (rules, today) = (Rules::of(&desk.policy), desk.today());
    let step = Step {
        expected_version: None,
        sealed: Some(store_support::sealed(70 + n)),
        change: Box::new(move |dossier: &mut Dossier, _: &Place| {
            dossier.case = apply(&dossier.case, mv, &Actor::Reporter, today, &rules)?;
            Ok(Some(Leaf::plain(event, today)))
        }),
    };
    desk.store.act(report(n), step).wait().unwrap();
}

#[tokio::test]
async fn a_repeat_joins_the_earlier_case_and_reads_its_result() {
    let desk = Desk::new();
    let [first, second, third] = [1, 2, 3].map(|n| desk.submit(n, false));
    let mut clerk = desk.sign_in("clerk").await;
    merge(&mut clerk, second, first).await;
    let case = desk.case(second);
    assert_eq!((case.state, case.merged_into), (State::MergedInto, Some(first)));
    assert_eq!(desk.case(first).merged, [second]);
    let page = clerk.get(&format!("/en/cases/{first}")).await.text;
    assert!(
        page.contains(&format!("/en/cases/{second}")) && page.contains("A later case on the same matter"),
        "{page}"
    );

    // Into a later one, into itself, into nothing, into one that is merged itself, and one that others are merged into.
    for (number, into) in
        [(first, third), (third, third), (third, CaseNumber { year: 2026, serial: 99 }), (third, second)]
    {
        let fields = [("into", &*into.to_string()), ("told", TOLD), ("reason", SAME)];
        let path = format!("/zh/cases/{number}/moves/merge");
        if number == first {
            assert_eq!(clerk.get(&path).await.status, StatusCode::CONFLICT);
            continue;
        }
        let refused = make(&mut clerk, number, "merge", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{number} into {into}");
        assert!(
            refused.text.contains("请输入在先案件的编号") && refused.text.contains(SAME),
            "what was typed stays"
        );
    }
    // Whoever confirms compares the two.
    let path = format!("/zh/cases/{third}/moves/merge");
    let version = clerk.get(&path).await.hidden("version");
    let fields = [("into", &*first.to_string()), ("told", TOLD), ("reason", SAME), ("version", &*version)];
    let asked = clerk.post(&path, &fields).await;
    assert!(asked.text.contains("某化工厂1") && asked.text.contains(TOLD), "{}", asked.text);

    let status = |n| {
        let found = found(&desk, n);
        found.lead.as_ref().map_or_else(|| ReporterStatus::of(&found.dossier.case), ReporterStatus::of_merged)
    };
    assert_eq!(status(2), ReporterStatus::BeingConsidered);
    let mut inv = to_conclusion(&desk, first).await;
    assert_eq!(status(2), ReporterStatus::BeingInvestigated);
    let reply = [
        ("findings", "经查，报警器确实被人为关闭。"),
        ("handling", "责令停产整顿，罚款十万元。"),
        ("reward", "met"),
    ];
    made(&mut inv, first, "reply", &reply).await;
    assert_eq!(status(2), ReporterStatus::FinishedConfirmed);
    assert_eq!(found(&desk, 2).answers().reply.as_ref().unwrap().findings, "经查，报警器确实被人为关闭。");
    assert_eq!(status(3), ReporterStatus::Received, "the third one is still its own");
    by_reporter(&desk, 1, Move::Object { text: "罚得太轻，人还在井下。".into() }, Event::Objected);
    assert_eq!(
        (desk.case(first).state, status(2)),
        (State::Objected, ReporterStatus::FinishedConfirmed),
        "theirs alone"
    );
    by_reporter(&desk, 2, Move::Add { text: "昨夜又关了一次。".into() }, Event::Added);
    assert_eq!(desk.store.check().unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn cases_merged_into_one_that_ends_without_an_answer_stand_by_themselves_again() {
    let desk = Desk::new();
    let [first, second, third] = [1, 2, 3].map(|n| desk.submit(n, false));
    let mut clerk = desk.sign_in("clerk").await;
    for number in [second, third] {
        merge(&mut clerk, number, first).await;
    }
    made(&mut clerk, third, "separate", &[("reason", "核对后发现不是同一个罐区。")]).await;
    assert_eq!((desk.case(third).state, desk.case(third).merged_into), (State::Submitted, None));
    by_reporter(&desk, 1, Move::Withdraw, Event::Withdrawn);
    let case = desk.case(second);
    assert_eq!((case.state, case.merged_into), (State::Submitted, None));
    assert_eq!(case.next_deadline().unwrap().by, desk.today(), "it waits for nobody any more");
    assert!(clerk.get("/zh/cases?state=submitted").await.text.contains(&second.to_string()));
    assert!(clerk.get(&format!("/zh/cases/{second}")).await.text.contains("按规则"));
    merge(&mut clerk, third, second).await;
    assert_eq!(desk.case(second).merged, [third]);
}

#[tokio::test]
async fn an_award_nobody_collects_passes_to_the_next_reporter_of_the_matter() {
    let desk = Desk::new();
    let [first, second, third] = [1, 2, 3].map(|n| desk.submit(n, false));
    let mut clerk = desk.sign_in("clerk").await;
    for number in [second, third] {
        merge(&mut clerk, number, first).await;
    }
    let mut inv = to_conclusion(&desk, first).await;
    let reply = [
        ("findings", "经查，报警器确实被人为关闭。"),
        ("handling", "责令停产整顿，罚款十万元。"),
        ("reward", "met"),
    ];
    made(&mut inv, first, "reply", &reply).await;
    let facts = |number: CaseNumber| format!("/zh/cases/{number}/award/facts");
    assert_eq!(inv.get(&facts(second)).await.status, StatusCode::NOT_FOUND, "not theirs, not yet");

    let mut number = first;
    for next in [Some(second), Some(third), None] {
        let mut inv = desk.sign_in("inv1").await;
        let award = format!("/zh/cases/{number}/award");
        inv.get(&facts(number)).await;
        let put = inv.post(&facts(number), &[&FACTS[..], &[("step", "do")]].concat()).await;
        assert_eq!(put.location, format!("{award}?done=computed"), "{}", put.text);
        inv.get(&award).await;
        let (typed, passes) = (number.to_string(), format!("{award}/pass-on"));
        assert_eq!(inv.get(&passes).await.location, award, "it is on its way here");
        let to = next.map(|next| next.to_string()).unwrap_or_default();
        let fields = [("typed-number", &*typed), ("next", &*to)];
        let early = inv.post(&passes, &fields).await;
        assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(early.text.contains("没有办成") && desk.case(number).passed_to.is_none(), "{}", early.text);
        for approver in ["app1", "app2"] {
            let mut approver = desk.sign_in(approver).await;
            let voted = approve(&mut approver, number, PASSWORD).await;
            assert_eq!(voted.location, format!("{award}?done=approve"), "{}", voted.text);
        }
        let mut approver = desk.sign_in("app1").await;
        for act in ["file", "notify"] {
            approver.get(&award).await;
            approver.post(&format!("{award}/{act}"), &[("award", "1")]).await;
        }
        for (act, days) in [("public-notice", 61), ("lapse", 31)] {
            desk.pass(days * 24 * 3600);
            let mut approver = desk.sign_in("app1").await;
            approver.get(&award).await;
            approver.post(&format!("{award}/{act}"), &[("award", "1"), ("typed-number", &typed)]).await;
        }
        assert_eq!(award_state(&desk, number), AwardState::Lapsed);

        let mut inv = desk.sign_in("inv1").await;
        let page = inv.get(&award).await.text;
        let Some(next) = next else {
            assert!(!page.contains("pass-on"), "nobody is left");
            break;
        };
        assert!(page.contains(&format!("href=\"{passes}\"")) && page.contains(&to), "{page}");
        // On a page of its own, and with the number by hand.
        let form = inv.get(&passes).await;
        assert!(form.text.contains("不能撤销。") && form.hidden("next") == to, "{}", form.text);
        for wrong in ["", &*to] {
            let answer = inv.post(&passes, &[("typed-number", wrong), ("next", &to)]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.text.contains("href=\"#typed-number\""), "{}", answer.text);
        }
        // Somebody else's turn than the page said.
        let other = inv.post(&passes, &[("typed-number", &typed), ("next", &typed)]).await;
        assert!(other.text.contains("没有办成") && desk.case(number).passed_to.is_none(), "{}", other.text);
        let passed = inv.post(&passes, &fields).await;
        assert_eq!(passed.location, format!("/zh/cases/{next}?done=take-over"), "{}", passed.text);
        assert_eq!(desk.case(number).passed_to, Some(next));
        let case = desk.case(next);
        assert!(case.conclusion.as_ref().is_some_and(|c| c.reason == REASON && c.finding.is_verified()));
        assert!(case.worked_on().contains(&mifeng::ids::StaffId("clerk".into())));
        number = next;
    }
    assert_eq!(desk.store.check().unwrap().problems, Vec::<String>::new());
}

/// What the first page lists as likely repeats.
async fn listed(browser: &mut Browser) -> String {
    browser.get("/en/cases?repeat=1").await.text
}

#[tokio::test]
async fn a_likely_repeat_is_offered_with_its_reasons_and_leads_into_the_merge() {
    const WORDS: &str = "夜班时储罐区的报警器被人关掉了，班长说是检修，其实已经三个月没有修过。";
    let desk = Desk::new();
    let about = |n: u64, target: &'static str, code: &'static str, words: &'static str| {
        desk.submit_with(n, |content| {
            (content.target_name, content.credit_code) = (target.into(), code.into());
            content.narrative = words.into();
        })
    };
    let first = about(1, "华星化工（济南）有限公司", "91350100M000100Y43", "储罐区的阀门漏液。");
    let other = about(2, "东岭铁矿", "", "尾矿库的坝体上有一条裂缝，下雨时往外渗水。");
    let copied = about(3, "说不清是哪家", "", WORDS);
    let repeat = about(4, "华星化工(济南)公司", "91350100m000100y43", WORDS);

    let mut clerk = desk.sign_in("clerk").await;
    let first_page = clerk.get("/en/").await.text;
    assert!(first_page.contains("Likely about the matter of an earlier case"), "{first_page}");
    let list = listed(&mut clerk).await;
    assert!(list.contains(&repeat.to_string()) && !list.contains(&other.to_string()), "{list}");

    let page = clerk.get(&format!("/en/cases/{repeat}")).await.text;
    let offered = page.split("<section aria-labelledby=\"repeats\">").nth(1).unwrap();
    let offered = offered.split("</section>").next().unwrap();
    for says in [
        "Same credit code",
        "Same county and the same or a similar target name",
        "Similar wording",
        "华星化工（济南）有限公司",
    ] {
        assert!(offered.contains(says), "{says}: {offered}");
    }
    let [code, words] = [first, copied].map(|case| offered.find(&format!("/en/cases/{case}\"")).unwrap());
    assert!(code < words && !offered.contains(&other.to_string()), "{offered}");
    assert!(!clerk.get(&format!("/en/cases/{other}")).await.text.contains("id=\"repeats\""));
    // Who does not take reports up is offered nothing.
    let mut approver = desk.sign_in("app1").await;
    assert!(!approver.get(&format!("/en/cases/{repeat}")).await.text.contains("id=\"repeats\""));

    let form = clerk.get(&format!("/en/cases/{repeat}/moves/merge?into={first}")).await.text;
    assert!(
        form.contains(&format!("name=\"into\" value=\"{first}\"")) || form.contains(&first.to_string()),
        "{form}"
    );
    assert_eq!(
        clerk.get(&format!("/en/cases/{repeat}/moves/merge?into=%3Cb%3E")).await.status,
        StatusCode::OK
    );
    merge(&mut clerk, repeat, first).await;
    assert_eq!(desk.case(first).merged, [repeat]);
    assert!(!listed(&mut clerk).await.contains(&repeat.to_string()), "decided");

    // One that has ended without an answer is offered no more.
    let fields = [("ground", "unclear"), ("reason", "没有写明单位和事项。")];
    made(&mut clerk, copied, "decline", &fields).await;
    let last = about(5, "又一家", "", WORDS);
    let page = clerk.get(&format!("/en/cases/{last}")).await.text;
    assert!(!page.contains(&format!("moves/merge?into={copied}")), "{page}");
}

fn digits(n: u64) -> String {
    receipt(n).groups().iter().map(|group| group.to_string()).collect()
}

/// At the reporters' pages, with the receipt of report `n`.
async fn reporter(desk: &Desk, n: u64) -> Browser {
    let mut browser = desk.visitor();
    assert_eq!(browser.send("/zh/mine", &[("receipt", &digits(n))]).await.location, "/zh/mine");
    assert!(browser.get("/zh/mine").await.text.contains("href=\"/zh/mine/earlier\""));
    browser.get("/zh/mine/earlier").await;
    browser
}

#[tokio::test]
async fn a_repeat_is_declined_only_where_its_reporter_has_said_so_with_both_receipts() {
    let desk = Desk::new();
    let [first, second, third, fourth] = [1, 2, 3, 4].map(|n| desk.submit(n, false));
    let mut clerk = desk.sign_in("clerk").await;
    made(&mut clerk, first, "accept", &[("told", TOLD), ("reason", SAME)]).await;
    let repeated = [("ground", "repeated"), ("told", TOLD), ("reason", SAME)];
    let refuses = async |clerk: &mut Browser, number: CaseNumber| {
        let answer = make(clerk, number, "decline", &repeated).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert!(
            answer.text.contains("只有举报人自己关联了") && answer.text.contains(SAME),
            "{}",
            answer.text
        );
    };
    refuses(&mut clerk, second).await;

    let mut browser = reporter(&desk, 2).await;
    let unknown = "没有找到这个回执码";
    for (typed, says) in [("", unknown), ("1234", unknown), (&*digits(9), unknown), (&*digits(2), "另一件的")]
    {
        let answer = browser.post("/zh/mine/earlier", &[("earlier", typed)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(answer.text.contains(says), "{}", answer.text);
        assert!(typed.is_empty() || !answer.text.contains(&format!("value=\"{typed}\"")), "not shown again");
    }
    assert!(desk.case(second).same_reporter.is_empty());
    let answer = browser.post("/zh/mine/earlier", &[("earlier", &digits(1))]).await;
    assert_eq!(answer.location, "/zh/mine", "{}", answer.text);
    assert!(browser.get("/zh/mine").await.text.contains("已记录"));
    browser.get("/zh/mine/earlier").await;
    browser.post("/zh/mine/earlier", &[("earlier", &digits(1))]).await;
    assert_eq!(desk.case(second).same_reporter, [first], "once");
    assert!(desk.case(first).same_reporter.is_empty());
    let stored = serde_json::to_string(&desk.case(second)).unwrap();
    assert!(!stored.contains(&digits(1)[..30]) && !stored.contains(&hex::encode(locator(1).0)));
    let page = clerk.get(&format!("/zh/cases/{second}")).await.text;
    assert!(page.contains("举报人称也曾举报过") && page.contains(&first.to_string()), "{page}");
    made(&mut clerk, second, "decline", &repeated).await;
    assert_eq!(desk.case(second).state, State::NotAccepted);

    // From the earlier report's own page, about a later one.
    let mut browser = reporter(&desk, 1).await;
    assert_eq!(browser.post("/zh/mine/earlier", &[("earlier", &digits(3))]).await.location, "/zh/mine");
    assert_eq!((desk.case(third).same_reporter, desk.case(first).same_reporter), (vec![first], vec![]));
    made(&mut clerk, third, "decline", &repeated).await;

    // Theirs, too, but never accepted: then the ground does not hold.
    let mut browser = reporter(&desk, 4).await;
    browser.post("/zh/mine/earlier", &[("earlier", &digits(3))]).await;
    assert_eq!(desk.case(fourth).same_reporter, [third]);
    refuses(&mut clerk, fourth).await;
    assert_eq!(desk.case(fourth).state, State::Submitted);
}
