//! Reports that staff enter for somebody: the same sealed form, a receipt that opens nothing but the way to another, and
//! nothing of the person anywhere staff can look.

use crate::{
    console_support::{Answer, Browser, Desk, between},
    store_support::{self, sealed},
};
use axum::http::StatusCode;
use mifeng::{
    award::handover::{Handover, Heir},
    casework::{Actor, Move, MoveRefused, Rules, apply},
    clock::Clock,
    ids::CaseNumber,
    log::{Event, scan::scan},
    receipt::Receipt,
    store::{Cases, PublicLog, Refused, Reports, Staff, TakeOver, TicketHash, Trustees},
};

const NAME: &str = "阿卜杜拉·买买提";
/// Of the published samples, as typed.
const PERSON: [(&str, &str); 10] = [
    ("person-name", NAME),
    ("id-kind", "resident"),
    ("id-number", "11010519491231002X"),
    ("mobile", "13800138000"),
    ("payee", "account"),
    ("holder", NAME),
    ("bank", "某某银行城北支行"),
    ("account", "79927398713"),
    ("own", "yes"),
    ("consent", "yes"),
];
const NEEDLES: [&str; 5] = [NAME, "买买提", "11010519491231002X", "13800138000", "79927398713"];
const FIRST: CaseNumber = CaseNumber { year: 2026, serial: 1 };

fn without_the_person(answer: &Answer) {
    for needle in NEEDLES {
        assert!(!answer.text.contains(needle), "{needle} in {}", answer.text);
    }
}

/// The clerk's code.
async fn code(clerk: &mut Browser) -> String {
    clerk.get("/zh/desk").await;
    let page = clerk.post("/zh/desk", &[("channel", "hotline_12350")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    groups(&page.text)
}

/// Digits shown as a receipt is.
fn groups(page: &str) -> String {
    let shown = between(page, "class=\"receipt\">", "</p>").unwrap_or_else(|| panic!("{page}"));
    shown.split("<span>").skip(1).map(|group| group.split("</span>").next().unwrap()).collect()
}

/// From the code to the check page.
async fn fill_in(visitor: &mut Browser, code: &str, name: &str) {
    let begun = visitor.send("/zh/desk", &[("code", code)]).await;
    assert_eq!(begun.location, "/zh/name", "{}", begun.text);
    let questions: [(&str, Vec<(&str, &str)>); 6] = [
        ("name", vec![("name", name)]),
        ("region", vec![("region", "370102")]),
        ("kind", vec![("kind", "hazard")]),
        ("industry", vec![("industry", "coal_mines")]),
        ("place", vec![("target", "某煤矿")]),
        ("story", vec![("story", "三号井的瓦斯探头被人用塑料袋包住了")]),
    ];
    for (page, fields) in questions {
        let shown = visitor.get(&format!("/zh/{page}")).await;
        assert!(shown.text.contains("您正在代为录入举报（12350 举报电话）"), "{page}: {}", shown.text);
        let answer = visitor.post(&format!("/zh/{page}"), &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}: {}", answer.text);
    }
    if name == "sealed" {
        visitor.get("/zh/identity").await;
        assert_eq!(visitor.post("/zh/identity", &PERSON).await.location, "/zh/check");
        without_the_person(&visitor.get("/zh/identity").await);
        without_the_person(&visitor.get("/zh/check").await);
    }
    visitor.get("/zh/check").await;
}

/// Sends, and gives the receipt to be handed over.
async fn enter(desk: &Desk, clerk: &mut Browser, name: &str) -> (Browser, String) {
    let code = code(clerk).await;
    let mut visitor = desk.visitor();
    fill_in(&mut visitor, &code, name).await;
    assert_eq!(visitor.post("/zh/send", &[]).await.location, "/zh/receipt");
    let page = visitor.get("/zh/receipt").await;
    assert!(
        page.text.contains("由工作人员签发") && page.text.contains("换取之前不能申领奖金"),
        "{}",
        page.text
    );
    let receipt = groups(&page.text);
    (visitor, receipt)
}

/// With the receipt from staff to the page that draws another; gives the new one, shown and not yet counting.
async fn drawn(desk: &Desk, receipt: &str) -> (Browser, String) {
    let mut reporter = desk.visitor();
    assert_eq!(reporter.send("/zh/mine", &[("receipt", receipt)]).await.location, "/zh/own-receipt");
    let page = reporter.get("/zh/own-receipt").await;
    assert!(page.text.contains("那位工作人员也知道") && !page.text.contains("某煤矿"), "{}", page.text);
    assert_eq!(reporter.post("/zh/own-receipt", &[]).await.location, "/zh/own-receipt");
    let own = groups(&reporter.get("/zh/own-receipt").await.text);
    (reporter, own)
}

async fn keep(reporter: &mut Browser, own: &str) -> Answer {
    reporter.post("/zh/own-receipt/keep", &[("last", &own[28..])]).await
}

fn history(desk: &Desk, receipt: &str) -> Vec<(u8, Event)> {
    let audit = Receipt::parse(receipt).unwrap().audit_key();
    let entries = desk.store.entries(0, desk.store.head().size).unwrap();
    scan(&audit, &entries).found().iter().map(|found| (found.n, found.event)).collect()
}

#[tokio::test]
async fn a_call_becomes_a_sealed_report_whose_receipt_only_gives_way_to_another() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let (mut visitor, staffs) = enter(&desk, &mut clerk, "sealed").await;

    // Whoever entered it goes on to its files, and no further.
    for path in ["/zh/mine/withdraw", "/zh/mine/claim", "/zh/mine/object", "/zh/mine/retaliation"] {
        assert_eq!(visitor.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    visitor.get("/zh/receipt-check").await;
    assert_eq!(visitor.post("/zh/receipt-check", &[("last", &staffs[28..])]).await.location, "/zh/files");
    for path in ["/zh/mine/add", "/zh/mine/withdraw", "/zh/mine/messages", "/zh/mine/delete"] {
        assert_eq!(
            visitor.post(path, &[("message", "x"), ("receipt", &staffs)]).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    assert!(!visitor.get("/zh/mine").await.text.contains("某煤矿"));
    visitor.get("/zh/files").await;
    let done = visitor.post("/zh/finish", &[]).await;
    assert!(done.text.contains("录入完成"), "{}", done.text);
    assert_eq!(visitor.get("/zh/files").await.status, StatusCode::GONE, "the visit has ended");

    // Staff see how it came, and neither who nor by whom.
    let page = clerk.get(&format!("/zh/cases/{FIRST}")).await;
    assert!(
        page.text.contains("工作人员代为录入（12350 举报电话）") && page.text.contains("还没有换取"),
        "{}",
        page.text
    );
    assert!(
        !page.text.contains("moves/say")
            && !between(&page.text, "<main", "</main>").unwrap().contains("某clerk")
    );
    without_the_person(&page);
    assert!(Cases::mailbox(&*desk.store, FIRST).unwrap().is_none());
    let mut auditor = desk.sign_in("auditor").await;
    let trail = auditor.get(&format!("/zh/trail?case={FIRST}")).await;
    assert!(trail.text.contains("代为录入了举报") && trail.text.contains("某clerk"), "{}", trail.text);
    // Of a report no time is kept, and this line is about one.
    let entered = trail.text.split("<tr").find(|row| row.contains("代为录入了举报")).unwrap();
    assert!(entered.contains(&format!(">{}</th>", desk.today())), "{entered}");
    without_the_person(&trail);

    // The reporter draws a receipt of their own; nothing of the report is shown before.
    let (mut reporter, own) = drawn(&desk, &staffs).await;
    for path in ["/zh/mine/claim", "/zh/mine/withdraw", "/zh/files", "/zh/receipt"] {
        let answer = reporter.get(path).await;
        assert_eq!(answer.status, StatusCode::GONE, "{path}");
        assert!(!answer.text.contains("某煤矿"));
    }
    assert_eq!(reporter.post("/zh/mine/add", &[("message", "x")]).await.status, StatusCode::GONE);
    let page = reporter.get("/zh/own-receipt").await;
    assert_eq!(groups(&page.text), own, "the same one is shown again");
    let slip = reporter.post("/zh/own-receipt/keep", &[("last", "0")]).await;
    assert!(slip.status == StatusCode::UNPROCESSABLE_ENTITY && slip.text.contains("和上面的最后 4 位不一样"));
    assert_eq!(drawn(&desk, &staffs).await.1.len(), 32, "until it is kept, the old one is good");
    assert_eq!(keep(&mut reporter, &own).await.location, "/zh/mine");
    let mine = reporter.get("/zh/mine").await;
    assert!(mine.text.contains("某煤矿") && mine.text.contains("这个回执码现在是您的了"), "{}", mine.text);
    assert_eq!(keep(&mut reporter, &own).await.location, "/zh/mine", "pressed twice");

    // From then on the old one is as unknown as any.
    let unknown =
        desk.visitor().send("/zh/mine", &[("receipt", "0123 4567 8901 2345 6789 0123 4567 8963")]).await;
    let old = desk.visitor().send("/zh/mine", &[("receipt", &staffs)]).await;
    assert_eq!(old.status, unknown.status);
    let shown =
        |page: &Answer| page.text.replace("0123 4567 8901 2345 6789 0123 4567 8963", "").replace(&staffs, "");
    assert_eq!(shown(&old), shown(&unknown));
    assert_eq!(desk.visitor().send("/zh/mine", &[("receipt", &own)]).await.location, "/zh/mine");

    assert_eq!(history(&desk, &staffs), [(0, Event::Received), (1, Event::TakenOver)]);
    assert_eq!(history(&desk, &own), [(0, Event::TakenOver)]);
    assert_eq!(desk.store.check().unwrap().problems, Vec::<String>::new());
    let page = clerk.get(&format!("/zh/cases/{FIRST}")).await;
    assert!(page.text.contains("moves/say") && page.text.contains("换取自己的回执码"), "{}", page.text);
    without_the_person(&page);
    let mailbox = Cases::mailbox(&*desk.store, FIRST).unwrap().unwrap();
    assert!(mailbox == Receipt::parse(&own).unwrap().mailbox());
    assert!(desk.store.handover(FIRST).unwrap().is_some());
}

#[tokio::test]
async fn a_code_is_for_those_who_may_good_once_and_for_some_minutes() {
    let desk = Desk::new();
    for name in ["inv1", "app1", "auditor", "admin"] {
        let mut browser = desk.sign_in(name).await;
        let page = browser.get("/zh/desk").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}");
        assert_eq!(browser.post("/zh/desk", &[("channel", "letter")]).await.status, StatusCode::FORBIDDEN);
    }
    let mut clerk = desk.sign_in("clerk").await;
    clerk.get("/zh/desk").await;
    let missing = clerk.post("/zh/desk", &[("channel", "pigeon")]).await;
    assert!(
        missing.status == StatusCode::UNPROCESSABLE_ENTITY && missing.text.contains("请选择举报从哪里来")
    );

    let late = code(&mut clerk).await;
    desk.pass(15 * 60 + 1);
    let mut clerk = desk.sign_in("clerk").await;
    let used = code(&mut clerk).await;
    fill_in(&mut desk.visitor(), &used, "nameless").await;
    for wrong in ["", "1234 5678 9012 3456", &used, &late, &used[1..]] {
        let answer = desk.visitor().send("/zh/desk", &[("code", wrong)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(answer.text.contains("这个录入码不能用"), "{wrong}");
    }

    // A code that was never taken, or is spent, sends nothing; what was typed stays for another one.
    let mut visitor = desk.visitor();
    let twice = code(&mut clerk).await;
    fill_in(&mut visitor, &twice, "nameless").await;
    desk.pass(25 * 3600);
    let mut clerk = desk.sign_in("clerk").await;
    let refused = visitor.post("/zh/send", &[]).await;
    assert!(
        refused.status == StatusCode::GONE && refused.text.contains("录入码已经用掉了"),
        "{}",
        refused.text
    );
    let again = code(&mut clerk).await;
    assert_eq!(visitor.send("/zh/desk", &[("code", &again)]).await.location, "/zh/name");
    assert!(visitor.get("/zh/place").await.text.contains("某煤矿"), "nothing typed is lost");
    assert!(Cases::case(&*desk.store, FIRST).unwrap().is_none());
}

/// A code is good once: it is not spent on somebody who is sent back to a receipt first.
#[tokio::test]
async fn a_code_typed_while_a_receipt_waits_to_be_handed_over_is_still_good() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let (mut visitor, receipt) = enter(&desk, &mut clerk, "nameless").await;
    let next = code(&mut clerk).await;
    let waits = visitor.send("/zh/desk", &[("code", &next)]).await;
    assert_eq!(waits.status, StatusCode::CONFLICT, "{}", waits.text);
    visitor.get("/zh/receipt-check").await;
    assert_eq!(visitor.post("/zh/receipt-check", &[("last", &receipt[28..])]).await.location, "/zh/files");
    let begun = visitor.send("/zh/desk", &[("code", &next)]).await;
    assert_eq!(begun.location, "/zh/name", "{}", begun.text);
}

#[tokio::test]
async fn of_two_people_with_one_receipt_exactly_one_takes_the_report_over() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let (_, staffs) = enter(&desk, &mut clerk, "nameless").await;
    let (mut one, first) = drawn(&desk, &staffs).await;
    let (mut other, second) = drawn(&desk, &staffs).await;
    let (a, b) = tokio::join!(keep(&mut one, &first), keep(&mut other, &second));
    let won = |answer: &Answer| answer.location == "/zh/mine";
    assert!(won(&a) != won(&b), "{} {}", a.text, b.text);
    let (lost, loser, winner) = if won(&a) { (b, second, first) } else { (a, first, second) };
    assert!(
        lost.status == StatusCode::CONFLICT && lost.text.contains("您带来的回执码已经失效"),
        "{}",
        lost.text
    );
    let signs_in =
        async |receipt: &str| desk.visitor().send("/zh/mine", &[("receipt", receipt)]).await.location;
    assert_eq!(signs_in(&winner).await, "/zh/mine");
    assert_eq!((signs_in(&loser).await, signs_in(&staffs).await), (String::new(), String::new()));
    assert_eq!(desk.store.check().unwrap().problems, Vec::<String>::new());
}

/// As two requests meet in the store: many at once, one winner, and a log without a gap.
#[tokio::test]
async fn however_many_take_over_at_once_one_does_and_none_with_a_forged_handover() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    let (_, staffs) = enter(&desk, &mut clerk, "nameless").await;
    let staffs = Receipt::parse(&staffs).unwrap();
    let report = desk.case(FIRST).report;
    let taking = |own: &Receipt, by: &Receipt| {
        let (claim_key, audit_key) = (own.claim_verify_key(), own.audit_key());
        let heir = Heir { instance: &store_support::instance(), report, claim_key, audit_key: &audit_key };
        TakeOver {
            instance: store_support::instance(),
            old: (staffs.locator(), staffs.auth()),
            handover: Handover::sign(&by.claim_key(), &heir),
            locator: own.locator(),
            auth: own.auth(),
            audit_key,
            mailbox: own.mailbox(),
            claim_key,
            sealed: sealed(7),
            day: desk.today(),
            rules: Rules::of(&desk.policy),
        }
    };
    let before = desk.store.head().size;
    let owns: Vec<Receipt> = (0..8).map(|_| Receipt::draw(&mut rand::rng())).collect();
    let forged = desk.store.take_over(taking(&owns[0], &owns[0])).await;
    assert!(matches!(forged, Err(Refused::NotHandedOver)), "{forged:?}");
    let swapped = TakeOver { claim_key: owns[1].claim_verify_key(), ..taking(&owns[0], &staffs) };
    assert!(matches!(desk.store.take_over(swapped).await, Err(Refused::NotHandedOver)));
    let stranger = TakeOver { old: (staffs.locator(), owns[0].auth()), ..taking(&owns[0], &staffs) };
    assert!(matches!(desk.store.take_over(stranger).await, Err(Refused::NoSuchReport)));
    assert_eq!(desk.store.head().size, before, "nothing of it is kept");

    let commits: Vec<_> = owns.iter().map(|own| desk.store.take_over(taking(own, &staffs))).collect();
    let mut won = Vec::new();
    for (own, commit) in owns.iter().zip(commits) {
        match commit.await {
            Ok(()) => won.push(own),
            Err(refused) => assert!(matches!(refused, Refused::NoSuchReport), "{refused}"),
        }
    }
    assert_eq!((won.len(), desk.store.head().size), (1, before + 2));
    assert!(desk.store.find(&won[0].locator(), &won[0].auth()).unwrap().is_some());
    assert!(desk.store.find(&staffs.locator(), &staffs.auth()).unwrap().is_none());
    // The reporter's own receipt does not give way to yet another.
    let again = TakeOver { old: (won[0].locator(), won[0].auth()), ..taking(owns.last().unwrap(), won[0]) };
    let again = desk.store.take_over(again).await;
    assert!(
        matches!(again, Err(Refused::Move(MoveRefused::OwnReceipt) | Refused::LocatorTaken)),
        "{again:?}"
    );
    assert_eq!(desk.store.check().unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn until_it_is_taken_over_nobody_acts_as_its_reporter_and_nothing_is_sealed_to_staffs_receipt() {
    let desk = Desk::new();
    let mut clerk = desk.sign_in("clerk").await;
    enter(&desk, &mut clerk, "nameless").await;
    let (case, rules, day) = (desk.case(FIRST), Rules::of(&desk.policy), desk.today());
    let text = || "文字".to_owned();
    for mv in [Move::Add { text: text() }, Move::Object { text: text() }, Move::Retaliation { text: text() }]
    {
        let refused = apply(&case, mv.clone(), &Actor::Reporter, day, &rules).unwrap_err();
        let other = matches!(refused, MoveRefused::NotFromHere { .. });
        assert!(other || refused == MoveRefused::AwaitsReporter, "{mv:?}: {refused}");
    }
    let account = desk.store.account(&mifeng::ids::StaffId("clerk".into())).unwrap().unwrap();
    let actor = Actor::staff(account.id.clone(), &account.roles, &desk.policy.roles);
    let mailbox = Receipt::draw(&mut rand::rng()).mailbox();
    let words = mifeng::casework::MessageText::Sealed(mifeng::mailbox::seal("文字", &mailbox));
    let say = Move::Say { text: words, file: None };
    assert_eq!(apply(&case, say, &actor, day, &rules), Err(MoveRefused::AwaitsReporter));
    assert_eq!(
        apply(&case, Move::DrawReceipt, &actor, day, &rules),
        Err(MoveRefused::ReporterOnly(mifeng::casework::MoveKind::DrawReceipt))
    );
    let answer = clerk.get(&format!("/zh/cases/{FIRST}/moves/say")).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(case.worked_on().contains(&account.id), "who typed it does not approve its award");
    // The rest of the work goes on.
    assert!(clerk.get(&format!("/zh/cases/{FIRST}/moves/accept")).await.status == StatusCode::OK);
    // A code that nobody took enters nothing.
    let (_, ticket) = TicketHash::draw(&mut rand::rng());
    let now = desk.clock.unix_seconds();
    desk.store.issue_ticket(ticket, "letter".parse().unwrap(), account.id, now + 60).await.unwrap();
    assert!(
        desk.store.redeem(ticket, now + 61).await.is_err() && desk.store.redeem(ticket, now).await.is_ok()
    );
    assert!(desk.store.redeem(ticket, now).await.is_err(), "once");
}
