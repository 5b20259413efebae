//! What goes out with a matter, whose copy it is, and who finds that in the staff record: through the pages.

use crate::console_support::{Browser, Desk, acts::made, between};
use axum::http::StatusCode;
use mifeng::{
    casework::Recipient,
    ids::{CaseNumber, StaffId},
    store::{Account, Cases, Inconsistent, Refused, Staff, Step},
};

const WHY: &str = "这是被举报单位的公开值班电话。";
const STORY: &str = "我叫张三，电话13800138000，身份证11010519491231002X。夜班班长阿强叫人关了报警器，值班电话0531-88888888，车是鲁A12345。";

/// Another account like `like`, of that body.
fn enlist(desk: &Desk, id: &str, like: &str, body: &str) {
    let account = desk.store.account(&StaffId(like.into())).unwrap().unwrap();
    let account = Account { id: StaffId(id.into()), name: format!("某{id}"), body: body.into(), ..account };
    desk.store.put_account(account).wait().unwrap();
}

fn submit(desk: &Desk, n: u64) -> CaseNumber {
    desk.submit_with(n, |content| content.narrative = STORY.into())
}

/// Names of the boxes on a page, in their order.
pub fn boxes(page: &str) -> Vec<String> {
    let names = page.split("type=\"checkbox\"").skip(1);
    names.map(|rest| between(rest, "name=\"", "\"").unwrap()).collect()
}

#[tokio::test]
async fn a_sheet_is_read_on_both_sides_confirmed_and_never_altered() {
    let desk = Desk::new();
    let number = submit(&desk, 1);
    let mut clerk = desk.sign_in("clerk").await;
    let path = format!("/zh/cases/{number}/sheet");
    assert!(clerk.get(&format!("/zh/cases/{number}")).await.text.contains(&path));
    let form = clerk.get(&path).await;
    // Left the words, right what is put in their place, and each has a number, not a colour alone.
    for text in [
        "<mark class=\"cut\">13800138000</mark> (2)",
        "［已隐去：电话］",
        "［已隐去：证件号码］",
        "［已隐去：车牌］",
        "［已隐去：姓名］",
    ] {
        assert!(form.text.contains(text), "{text}: {}", form.text);
    }
    assert!(!form.text.contains("style="), "no style in the page");
    let (version, all) = (form.hidden("version"), boxes(&form.text));
    assert_eq!(all.len(), 5, "name, two telephones, number, plate: {all:?}");

    // Straight to the end without having looked: the page comes back.
    let mut fields: Vec<(&str, &str)> = all.iter().map(|name| (name.as_str(), "1")).collect();
    fields.extend([("version", &*version), ("to", "body.city_370100")]);
    let unseen = [&fields[..], &[("step", "do"), ("seen", "0-1")]].concat();
    let answer = clerk.post(&path, &unseen).await;
    assert!(answer.status == StatusCode::OK && answer.text.contains("再读一遍"), "{}", answer.text);
    assert!(desk.case(number).sheets.is_empty());

    // The second telephone is the factory's: it stays, with a reason. A word is added.
    let duty = all[3].clone();
    fields.retain(|(name, _)| *name != duty);
    fields.push(("words", "阿强\n二 十"));
    let look = [&fields[..], &[("step", "look")]].concat();
    let answer = clerk.post(&path, &look).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.text.contains("请写明为什么不隐去") && answer.text.contains("阿强\n二 十"),
        "{}",
        answer.text
    );
    let why = duty.replacen("cut", "why", 1);
    fields.push((&why, WHY));
    let answer = clerk.post(&path, &[&fields[..], &[("step", "look")]].concat()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("夜班班长<span class=\"cut\">［已隐去］</span>叫人"), "{}", answer.text);
    assert!(answer.text.contains(WHY));
    let seen = answer.hidden("seen");
    let last = [&fields[..], &[("step", "do"), ("seen", &*seen)]].concat();
    let nobody: Vec<_> = last.iter().copied().filter(|(name, _)| *name != "to").collect();
    assert_eq!(clerk.post(&path, &nobody).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let far: Vec<_> = nobody.iter().copied().chain([("to", "body.city_370200")]).collect();
    assert_eq!(
        clerk.post(&path, &far).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "not where the case can go"
    );
    let done = clerk.post(&path, &last).await;
    assert_eq!(done.location, format!("/zh/cases/{number}/sheets/1"), "{}", done.text);

    let case = desk.case(number);
    let [sheet] = &case.sheets[..] else { panic!("one sheet") };
    assert_eq!(sheet.to, Recipient::Body("city_370100".parse().unwrap()));
    assert_eq!((sheet.left_in.len(), sheet.left_in[0].reason.as_str()), (1, WHY));
    let stored = serde_json::to_string(sheet).unwrap();
    let page = clerk.get(&done.location).await.text;
    for gone in ["张三", "13800138000", "11010519491231002X", "阿强", "鲁A12345"] {
        assert!(!stored.contains(gone) && !page.contains(gone), "{gone}");
    }
    for kept in ["0531-88888888", "叫人关了报警器", "某化工厂1", "山东省济南市应急管理局"]
    {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    assert!(clerk.get(&format!("/en/cases/{number}/sheets/1")).await.text.contains("[telephone removed]"));
    assert!(clerk.get(&format!("/zh/cases/{number}")).await.text.contains(&done.location));

    // No change of the store alters or drops it.
    for change in
        [(|dossier| dossier.case.sheets[0].left_in.clear()) as fn(&mut mifeng::store::Dossier), |dossier| {
            dossier.case.sheets.clear()
        }]
    {
        let change = Box::new(move |dossier: &mut mifeng::store::Dossier, _: &_| {
            change(dossier);
            Ok(None)
        });
        let step = Step { expected_version: None, sealed: None, change };
        let refused = desk.store.change(number, step).wait().unwrap_err();
        assert!(matches!(refused, Refused::Inconsistent(Inconsistent::SheetAltered)), "{refused}");
    }
}

/// As a browser sends it: a box and a reason for each of ninety telephones.
#[tokio::test]
async fn a_report_full_of_numbers_gets_its_sheet_and_no_more_words_than_anybody_adds() {
    let desk = Desk::new();
    let list: Vec<String> = (0..90).map(|n| format!("工友{n}号电话1380013{:04}。", n)).collect();
    let number = desk.submit_with(1, |content| content.narrative = list.concat());
    let mut clerk = desk.sign_in("clerk").await;
    let path = format!("/zh/cases/{number}/sheet");
    let form = clerk.get(&path).await;
    let (version, all) = (form.hidden("version"), boxes(&form.text));
    assert!(all.len() >= 90, "{}", all.len());
    let reasons: Vec<String> = all.iter().map(|name| name.replacen("cut", "why", 1)).collect();
    let mut fields: Vec<(&str, &str)> = all.iter().map(|name| (name.as_str(), "1")).collect();
    fields.extend(reasons.iter().map(|name| (name.as_str(), "")));
    fields.extend([("version", &*version), ("to", "body.city_370100")]);
    let words: Vec<String> = (0..101).map(|n| format!("词{n}")).collect();
    let words = words.join("\n");
    let many = [&fields[..], &[("step", "look"), ("words", &*words)]].concat();
    let answer = clerk.post(&path, &many).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("最多写 100 行"), "{}", answer.text);
    let look = clerk.post(&path, &[&fields[..], &[("step", "look")]].concat()).await;
    let seen = look.hidden("seen");
    let done = clerk.post(&path, &[&fields[..], &[("step", "do"), ("seen", &*seen)]].concat()).await;
    assert_eq!(done.location, format!("/zh/cases/{number}/sheets/1"), "{}", done.text);
    assert!(!serde_json::to_string(&desk.case(number).sheets).unwrap().contains("1380013"));
}

#[tokio::test]
async fn a_sheet_is_made_by_those_who_may_and_seen_by_those_who_see_the_case() {
    let desk = Desk::new();
    let number = submit(&desk, 1);
    let fields = [("office", "pollution"), ("reason", "属于污染防治，不是安全生产。")];
    let mut clerk = desk.sign_in("clerk").await;
    let form = clerk.get(&format!("/zh/cases/{number}/sheet")).await;
    let old = form.hidden("version");
    made(&mut clerk, number, "transfer", &fields).await;
    let path = format!("/zh/cases/{number}/sheet");
    // Built on the case as it was before.
    let stale = [("version", &*old), ("to", "office.pollution"), ("step", "do"), ("words", "夜班")];
    let answer = clerk.post(&path, &stale).await;
    assert!(answer.status == StatusCode::CONFLICT && answer.text.contains("夜班"), "{}", answer.text);
    let form = clerk.get(&path).await;
    assert!(form.text.contains("value=\"office.pollution\" selected"), "it went there: {}", form.text);
    assert!(!form.text.contains("office.railway") && !form.text.contains("body.city"), "{}", form.text);
    let (version, seen) = (form.hidden("version"), form.hidden("seen"));
    let names = boxes(&form.text);
    let mut all: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    all.extend([("version", &*version), ("seen", &*seen), ("to", "office.pollution"), ("step", "do")]);
    let answer = clerk.post(&path, &all).await;
    assert_eq!(answer.location, format!("/zh/cases/{number}/sheets/1"), "{}", answer.text);

    for name in ["inv1", "app1", "auditor", "admin"] {
        let mut other = desk.sign_in(name).await;
        assert_eq!(other.get(&path).await.status, StatusCode::FORBIDDEN, "{name}");
        assert_eq!(other.post(&path, &all).await.status, StatusCode::FORBIDDEN, "{name}");
    }
    enlist(&desk, "qingdao", "clerk", "city_370200");
    let mut far = desk.sign_in("qingdao").await;
    for rest in ["sheet", "sheets/1"] {
        let nothing = far.get(&format!("/zh/cases/2026-999999/{rest}")).await;
        let answer = far.get(&format!("/zh/cases/{number}/{rest}")).await;
        assert_eq!((answer.status, answer.text), (StatusCode::NOT_FOUND, nothing.text), "{rest}");
    }
    assert_eq!(far.post(&path, &all).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.case(number).sheets.len(), 1);
    let before = desk.store.trail(&|_, entry| entry.what == "sheet", 50).unwrap().len();
    for n in ["0", "2", "x", "-1"] {
        assert_eq!(
            clerk.get(&format!("/zh/cases/{number}/sheets/{n}")).await.status,
            StatusCode::NOT_FOUND,
            "{n}"
        );
    }
    let after = desk.store.trail(&|_, entry| entry.what == "sheet", 50).unwrap().len();
    assert_eq!(before, after, "no copy of what is not there");
}

/// The mark of a page: its text, and how often it stands there.
fn mark(page: &str) -> (String, usize) {
    let text = between(page, "aria-hidden=\"true\"><span>", "</span>").unwrap_or_default();
    let times = page.matches(&format!("<span>{text}</span>")).count();
    (text, times)
}

async fn entries(auditor: &mut Browser, query: &str) -> String {
    let page = auditor.get(&format!("/zh/trail?{query}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    page.text
}

#[tokio::test]
async fn every_copy_says_whose_it_is_and_the_record_finds_it_again() {
    let desk = Desk::new();
    let (one, other) = (submit(&desk, 1), submit(&desk, 2));
    enlist(&desk, "jinan", "clerk", "city_370100");
    enlist(&desk, "jinan-auditor", "auditor", "city_370100");
    enlist(&desk, "qingdao-auditor", "auditor", "city_370200");
    let mut clerk = desk.sign_in("jinan").await;
    let today = desk.today().to_string();
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let page = clerk.get(&format!("/zh/cases/{one}")).await.text;
        let (text, times) = mark(&page);
        assert!(text.starts_with(&format!("jinan · 山东省济南市应急管理局 · {today} · 第 ")), "{text}");
        assert!(times >= 20 && page.contains("class=\"mark\""), "{times}");
        numbers
            .push(text.split(" · ").last().unwrap().chars().filter(char::is_ascii_digit).collect::<String>());
    }
    assert_ne!(numbers[0], numbers[1], "each opening is a copy of its own");
    assert!(!clerk.get("/zh/cases").await.text.contains("class=\"mark\""), "a list is no copy");
    clerk.get(&format!("/zh/cases/{other}")).await;
    let form = clerk.get(&format!("/zh/cases/{one}/sheet")).await;
    let names = boxes(&form.text);
    let (version, seen) = (form.hidden("version"), form.hidden("seen"));
    let mut all: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    all.extend([("version", &*version), ("seen", &*seen), ("to", "office.railway"), ("step", "do")]);
    let made = clerk.post(&format!("/zh/cases/{one}/sheet"), &all).await;
    let sheet = clerk.get(&made.location).await.text;
    assert!(sheet.contains("class=\"mark shown\"") && mark(&sheet).1 >= 20, "on the screen, too: {sheet}");

    let mut auditor = desk.sign_in("jinan-auditor").await;
    let everything = entries(&mut auditor, "").await;
    for what in ["打开案件", "打开转办材料的制作页", "打开转办材料（一份）"] {
        assert!(everything.contains(what), "{what}: {everything}");
    }
    let of_one = entries(&mut auditor, &format!("case={one}")).await;
    assert!(of_one.contains(&one.to_string()) && !of_one.contains(&format!(">{other}<")), "{of_one}");
    let found = entries(&mut auditor, &format!("copy={}", numbers[0])).await;
    assert!(
        found.contains("某jinan (jinan)") && found.matches("<tr ").count() == 2,
        "the heading and one: {found}"
    );
    let of_clerk = entries(&mut auditor, "person=JINAN").await;
    assert!(of_clerk.contains("某jinan (jinan)"));
    let both = entries(&mut auditor, &format!("person=jinan&case={other}")).await;
    assert!(both.matches("<tr ").count() == 2, "{both}");
    for (query, status) in [("copy=x", 422), ("case=x", 422), ("person=nobody", 200)] {
        let page = auditor.get(&format!("/zh/trail?{query}")).await;
        assert!(page.status == status && !page.text.contains("某jinan (jinan)"), "{query}: {}", page.text);
    }
    // Another city's auditor finds nothing of it, as if it had never been.
    let mut far = desk.sign_in("qingdao-auditor").await;
    for query in [String::new(), format!("case={one}"), format!("copy={}", numbers[0]), "person=jinan".into()]
    {
        let page = entries(&mut far, &query).await;
        assert!(page.contains("没有记录") || !page.contains(&one.to_string()), "{query}: {page}");
        assert!(!page.contains("某jinan (jinan)"), "{query}: {page}");
    }
}

#[tokio::test]
async fn what_comes_back_with_an_error_or_to_compare_is_a_reading_too() {
    let desk = Desk::new();
    let (lead, number) = (submit(&desk, 1), submit(&desk, 2));
    let mut clerk = desk.sign_in("clerk").await;
    let what = || -> Vec<String> {
        let trail = desk.store.trail(&|_, _| true, 9).unwrap();
        trail.into_iter().map(|(_, entry)| format!("{} {}", entry.what, entry.case.unwrap())).collect()
    };
    let fields = [("version", "0"), ("text", "看看")];
    clerk.post(&format!("/zh/cases/{number}/moves/note"), &fields).await;
    assert_eq!(what(), [format!("move-sent {number}")]);
    let into = lead.to_string();
    let merge = [
        ("version", "1"),
        ("into", &*into),
        ("told", "您举报的事项此前已有人举报，我们一并核查。"),
        ("reason", "同一储罐区、同一夜班，内容一致。"),
    ];
    let compared = clerk.post(&format!("/zh/cases/{number}/moves/merge"), &merge).await;
    assert!(compared.text.contains("某化工厂1"), "{}", compared.text);
    assert_eq!(what()[..2], [format!("lead {lead}"), format!("move-sent {number}")]);
    let fields = [("version", "1"), ("to", "office.railway"), ("step", "look")];
    clerk.post(&format!("/zh/cases/{number}/sheet"), &fields).await;
    assert_eq!(what()[0], format!("sheet-form {number}"));
}
