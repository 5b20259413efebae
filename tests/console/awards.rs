//! An award through the pages alone: from facts to votes, from a release to a trustee's share.

use crate::{
    console_support::{
        Answer, Desk, PASSWORD,
        acts::{FACTS, approve, award_state, to_approved, to_conclusion, to_notified},
        between,
    },
    store_support::{self, receipt},
};
use axum::http::StatusCode;
use mifeng::{
    award::{
        claim::Claim,
        record::AwardState,
        release::{Deposit, Purpose, ReleaseAnswer, ReleaseRequest, ReleaseTerms},
    },
    ids::{CaseNumber, StaffId},
    log::Leaf,
    store::{Cases, Dossier, Place, Refused, Step},
};

#[tokio::test]
async fn two_different_approvers_sign_with_their_own_keys() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut inv = to_conclusion(&desk, number).await;
    let facts = format!("/zh/cases/{number}/award/facts");
    inv.get(&facts).await;
    for bad in [("fines", "viel"), ("confiscated", "1.005"), ("deaths-verified", "-1"), ("kinds", "")] {
        let fields: Vec<_> = FACTS.iter().filter(|f| f.0 != bad.0).copied().chain([bad]).collect();
        assert_eq!(inv.post(&facts, &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad:?}");
    }
    inv.post(&facts, &[&FACTS[..], &[("step", "do")]].concat()).await;
    assert_eq!(award_state(&desk, number), AwardState::Computed);
    let seen = inv.get(&format!("/zh/cases/{number}/award")).await.text;
    assert!(
        seen.contains("由发奖部门办理") && !seen.contains("60,000.25") && !seen.contains("等待审批"),
        "{seen}"
    );
    let case = inv.get(&format!("/zh/cases/{number}")).await.text;
    assert!(case.contains("由发奖部门办理") && !case.contains("等待审批"), "{case}");
    let again = inv.get(&facts).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "one award at a time");

    let mut one = desk.sign_in("app1").await;
    let page = one.get(&format!("/en/cases/{number}/award")).await.text;
    assert!(page.contains("CN¥60,000.25") && page.contains("120,000.50"), "amount and trace");
    assert_eq!(approve(&mut one, number, "not the password").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(approve(&mut one, number, PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(award_state(&desk, number), AwardState::Computed, "one is not enough");
    let twice = approve(&mut one, number, PASSWORD).await;
    assert_eq!(twice.location, format!("/zh/cases/{number}/award"), "nobody votes twice");
    let forced = [("award", "1"), ("typed-number", &*number.to_string()), ("password", PASSWORD)];
    one.post(&format!("/zh/cases/{number}/award/approve"), &forced).await;
    assert_eq!(award_state(&desk, number), AwardState::Computed, "not even past the page");
    // Taken back and given again.
    one.get(&format!("/zh/cases/{number}/award")).await;
    let back = one.post(&format!("/zh/cases/{number}/award/withdraw"), &[("award", "1")]).await;
    assert_eq!(back.location, format!("/zh/cases/{number}/award?done=withdraw"));
    assert_eq!(approve(&mut one, number, PASSWORD).await.status, StatusCode::SEE_OTHER);
    let mut two = desk.sign_in("app2").await;
    assert_eq!(approve(&mut two, number, PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(award_state(&desk, number), AwardState::Approved);
    let dossier = desk.store.case(number).unwrap().unwrap();
    assert!(dossier.award().unwrap().approval(&desk.roster, desk.today()).is_ok(), "both signatures hold");
}

#[tokio::test]
async fn a_refusal_sends_the_award_back_to_be_computed_anew() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut inv = to_conclusion(&desk, number).await;
    let facts = format!("/zh/cases/{number}/award/facts");
    inv.get(&facts).await;
    inv.post(&facts, &[&FACTS[..], &[("step", "do")]].concat()).await;
    let mut one = desk.sign_in("app1").await;
    let path = format!("/zh/cases/{number}/award/refuse");
    one.get(&path).await;
    let typed = number.to_string();
    let fields = |reason: &'static str| [("award", "1"), ("typed-number", &*typed), ("reason", reason)];
    assert_eq!(one.post(&path, &fields("短")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(one.post(&path, &fields("罚款金额与决定书不一致。")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(award_state(&desk, number), AwardState::Declined);
    let put = inv.post(&facts, &[&FACTS[..], &[("step", "do")]].concat()).await;
    assert_eq!(put.status, StatusCode::SEE_OTHER);
    let dossier = desk.store.case(number).unwrap().unwrap();
    assert_eq!((dossier.awards.len(), dossier.award().unwrap().terms().award), (2, 2));
    // A vote on the first award, still open in somebody's browser, does not count for the second.
    let mut two = desk.sign_in("app2").await;
    two.get("/zh/me").await;
    let stale = [("award", "1"), ("typed-number", &*typed), ("password", PASSWORD)];
    two.post(&format!("/zh/cases/{number}/award/approve"), &stale).await;
    assert!(desk.store.case(number).unwrap().unwrap().award().unwrap().approvals().is_empty());
}

#[tokio::test]
async fn a_claim_can_be_extended_announced_and_at_last_waived() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    to_approved(&desk, number).await;
    let award = format!("/zh/cases/{number}/award");
    let until = || desk.store.case(number).unwrap().unwrap().award().unwrap().claim_until().unwrap();
    let typed = number.to_string();
    let act = async |act: &str, more: &[(&str, &str)]| {
        let mut approver = desk.sign_in("app2").await;
        approver.get(&award).await;
        let fields = [&[("award", "1"), ("typed-number", &*typed)][..], more].concat();
        let answer = approver.post(&format!("{award}/{act}"), &fields).await;
        if answer.status == StatusCode::SEE_OTHER {
            return answer.location.strip_prefix(&award).unwrap().to_owned();
        }
        complaint(&answer)
    };
    assert_eq!(act("notify", &[]).await, NOT_DONE, "not before it is filed");
    assert_eq!(act("file", &[]).await, "?done=file");
    assert_eq!(act("notify", &[]).await, "?done=notify");
    let first = until();
    assert_eq!((first - desk.today()).get_days(), 60);
    assert_eq!(act("extend", &[("reason", "短")]).await, "请至少写 10 个字");
    assert_eq!(act("lapse", &[]).await, NOT_DONE, "not while it can be claimed");
    assert_eq!(until(), first);
    assert_eq!(act("extend", &[("reason", "举报人来信说明住院，无法按期申领。")]).await, "?done=extend");
    assert_eq!((until() - first).get_days(), 60);
    desk.pass(121 * 24 * 3600);
    assert_eq!(act("public-notice", &[]).await, "?done=notice");
    assert_eq!((until() - desk.today()).get_days(), 30);
    desk.pass(31 * 24 * 3600);
    assert_eq!(act("lapse", &[]).await, "?done=lapse");
    assert_eq!(award_state(&desk, number), AwardState::Lapsed);
}

const NOT_DONE: &str = "没有办成：情况刚刚变了。请看下面的最新状态。";

/// The one thing that a page says is wrong: as an error on top, and not as something done.
fn complaint(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert!(answer.text.contains("<title>错误："), "{}", answer.text);
    assert!(!answer.text.contains("role=\"status\""), "{}", answer.text);
    let link = between(&answer.text, "<li><a href=\"#", "</a>").unwrap();
    let (field, sentence) = link.split_once("\">").unwrap();
    assert!(answer.text.contains(&format!("id=\"{field}\"")), "{field}: {}", answer.text);
    sentence.to_owned()
}

#[tokio::test]
async fn an_award_is_waived_on_a_page_of_its_own_and_with_the_number_by_hand() {
    const DAY: i64 = 24 * 3600;
    let desk = Desk::new();
    let number = desk.submit(1, false);
    to_approved(&desk, number).await;
    let (award, typed) = (format!("/zh/cases/{number}/award"), number.to_string());
    let path = format!("{award}/lapse");
    for (acts, days) in [(&["file", "notify"][..], 61), (&["public-notice"], 31)] {
        let mut approver = desk.sign_in("app1").await;
        assert_eq!(approver.get(&path).await.location, award, "it is too early for the page");
        for act in acts {
            approver.get(&award).await;
            approver.post(&format!("{award}/{act}"), &[("award", "1")]).await;
        }
        desk.pass(days * DAY);
    }
    let mut approver = desk.sign_in("app1").await;
    let page = approver.get(&award).await.text;
    assert!(page.contains(&format!("href=\"{path}\"")), "{page}");
    assert!(!page.contains(&format!("action=\"{path}\"")), "not with one click: {page}");
    let form = approver.get(&path).await;
    let question = format!("要按放弃申领处理案件 {number} 的 60,000.25 元吗？");
    let follows = "举报人以后不能再申领。";
    for shown in [&*question, "不能撤销。", follows, "name=\"typed-number\""] {
        assert!(form.text.contains(shown), "{shown}: {}", form.text);
    }
    let (back, button) = (form.text.find("返回上一步"), form.text.find("<button class=\"danger\">"));
    assert!(back.unwrap() < button.unwrap(), "the way back comes first");
    let hidden = form.hidden("award");
    for wrong in ["", "2026-000002"] {
        let fields = [("award", &*hidden), ("typed-number", wrong)];
        let answer = approver.post(&path, &fields).await;
        assert_eq!(complaint(&answer), format!("请输入案件编号 {number}"));
        assert!(answer.text.contains(&format!("value=\"{wrong}\"")), "what was typed stays: {}", answer.text);
        assert_eq!(award_state(&desk, number), AwardState::Notified);
    }
    let fields = [("award", &*hidden), ("typed-number", &*typed)];
    assert_eq!(approver.post(&path, &fields).await.location, format!("{award}?done=lapse"));
    assert_eq!(award_state(&desk, number), AwardState::Lapsed);
    // A second tab that still shows the page.
    assert_eq!(complaint(&approver.post(&path, &fields).await), NOT_DONE);
    assert_eq!(approver.get(&path).await.location, award, "nor is it asked again");
}

#[tokio::test]
async fn a_reason_too_short_to_extend_the_claim_is_an_error_and_stays_in_its_field() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    to_notified(&desk, number).await;
    let award = format!("/zh/cases/{number}/award");
    let mut approver = desk.sign_in("app1").await;
    approver.get(&award).await;
    let answer = approver.post(&format!("{award}/extend"), &[("award", "1"), ("reason", "住院")]).await;
    assert_eq!(complaint(&answer), "请至少写 10 个字");
    for shown in ["<details open>", "\n住院</textarea>", "aria-describedby=\"reason-error\""] {
        assert!(answer.text.contains(shown), "{shown}: {}", answer.text);
    }
}

/// What the money goes by is the word of whoever verified it: nothing is filled in, nothing is guessed, nothing is lost.
#[tokio::test]
async fn the_form_of_an_award_answers_no_question_by_itself() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut inv = to_conclusion(&desk, number).await;
    let facts = format!("/zh/cases/{number}/award/facts");
    let form = inv.get(&facts).await.text;
    assert!(!form.contains(" checked") && form.contains("name=\"severity\""), "{form}");
    let with = |name: &'static str, value: &'static str| {
        FACTS.iter().filter(|fact| fact.0 != name).copied().chain([(name, value)]).collect::<Vec<_>>()
    };
    for (name, value, says) in [
        ("severity", "", "请选择查实的程度"),
        ("severity", "huge", "请选择查实的程度"),
        ("class", "二级", "请写举报等级的数字，例如 2；没有分级就空着"),
        ("class", "2.5", "请写举报等级的数字，例如 2；没有分级就空着"),
        ("class", "300", "请写举报等级的数字，例如 2；没有分级就空着"),
    ] {
        // Not even past the page that shows what comes of it.
        for step in ["look", "do"] {
            let answer = inv.post(&facts, &[&with(name, value)[..], &[("step", step)]].concat()).await;
            assert_eq!(complaint(&answer), says, "{name}={value}");
            assert!(answer.text.contains("\n100,000\n20000.50</textarea>"), "{}", answer.text);
            let is_kept = answer.text.contains(&format!("value=\"{value}\""));
            assert!(name == "severity" || is_kept, "{value}: {}", answer.text);
        }
    }
    assert!(desk.store.case(number).unwrap().unwrap().award().is_none());
    // Full-width digits are digits, and an empty class is none.
    for class in ["２", ""] {
        assert_eq!(inv.post(&facts, &with("class", class)).await.status, StatusCode::OK, "{class}");
    }
}

/// The office publishes a release (its own face does that); the trustees' pages carry it on.
async fn to_release(desk: &Desk, number: CaseNumber) {
    to_notified(desk, number).await;
    let (today, roster, claim_key) = (desk.today(), desk.roster.clone(), receipt(1).claim_key());
    let change = move |dossier: &mut Dossier, place: &Place| -> Result<Option<Leaf>, Refused> {
        let award = dossier.awards.last_mut().unwrap();
        let claim = Claim::sign(award.terms(), &claim_key);
        let claimed = award.claim(today, claim, place.claim_key)?;
        let terms = ReleaseTerms {
            award: claimed.terms().clone(),
            purpose: Purpose::Identity,
            expires: today.saturating_add(jiff::ToSpan::days(14)),
            leaf_index: place.index,
            leaf_n: place.n,
        };
        let leaf = store_support::announcing(&terms);
        let approval = claimed.approval(&roster, today)?;
        let by = StaffId("officer".into());
        *award = claimed.publish_release(
            approval,
            terms,
            place.envelopes.clone(),
            "案件已经核实，奖励已经批准。",
            &by,
            today,
        )?;
        Ok(Some(leaf))
    };
    let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
    desk.store.change(number, step).wait().unwrap();
}

/// A claim would tell that a name was given (P1).
#[tokio::test]
async fn an_investigator_cannot_tell_a_claimed_award_from_an_unclaimed_one() {
    let desk = Desk::new();
    let (claimed, waiting) = (desk.submit(1, false), desk.submit(2, false));
    to_release(&desk, claimed).await;
    to_notified(&desk, waiting).await;
    let mut inv = desk.sign_in("inv1").await;
    let mut pages = Vec::new();
    for (number, n) in [(claimed, "1"), (waiting, "2")] {
        for path in [format!("/zh/cases/{number}"), format!("/zh/cases/{number}/award")] {
            let text = inv.get(&path).await.text;
            assert!(text.contains("由发奖部门办理"), "{path}");
            // Each opening has a number of its own, whatever it shows.
            let mark = between(&text, "class=\"mark\" aria-hidden=\"true\"><span>", "</span>").unwrap();
            let text = text.replace(&mark, "M").replace(&number.to_string(), "N");
            let text = text.replace(&format!("某化工厂{n}"), "T");
            pages.push(text.replace(&format!("编号{n}"), "C"));
        }
    }
    assert_eq!((&pages[0], &pages[1]), (&pages[2], &pages[3]));
}

fn answer_of(desk: &Desk, request: &ReleaseRequest, trustee: u8) -> ReleaseAnswer {
    let key = &desk.trustees[usize::from(trustee) - 1];
    ReleaseAnswer {
        format: 1,
        report: request.terms.award.report,
        leaf_index: request.terms.leaf_index,
        deposit: Deposit::sign(&request.terms, &desk.set, trustee, b"resealed", key),
        checkpoint: String::new(),
    }
}

#[tokio::test]
async fn two_trustees_give_their_shares_and_nothing_else_is_taken() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    to_release(&desk, number).await;
    let mut one = desk.sign_in("tru1").await;
    assert!(one.get("/zh/releases").await.text.contains(&number.to_string()));
    let path = format!("/zh/releases/{number}");
    let page = one.get(&path).await.text;
    assert!(page.contains("60,000.25 元") && page.contains("120,000.50"), "what it is for, step by step");
    let token = one.token.clone();
    let file = one.get(&format!("{path}/request")).await.text;
    let request: ReleaseRequest = serde_json::from_str(&file).unwrap();
    assert_eq!((request.trustee, request.share_files.len(), request.envelopes.len()), (1, 1, 1));

    let good = answer_of(&desk, &request, 1);
    let mut other_release = good.clone();
    other_release.leaf_index += 1;
    let mut forged = good.clone();
    forged.deposit = Deposit::sign(&request.terms, &desk.set, 1, b"resealed", &desk.trustees[1]);
    let json = |answer: &ReleaseAnswer| serde_json::to_string(answer).unwrap();
    for (bad, why) in [
        ("not json".to_owned(), "请选择工具生成的回答文件"),
        (String::new(), "请选择工具生成的回答文件"),
        (json(&other_release), "另一件申请"),
        (json(&answer_of(&desk, &request, 2)), "不是您的密钥签的"),
        (json(&forged), "签名对不上"),
    ] {
        let answer = one.upload(&path, &token, "answer", &bad).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        assert!(answer.text.contains(why), "{why}: {}", answer.text);
    }
    assert_eq!(one.upload(&path, "", "answer", &json(&good)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(one.upload(&path, &token, "answer", &json(&good)).await.location, format!("{path}?done=1"));
    assert!(one.upload(&path, &token, "answer", &json(&good)).await.text.contains("已经收到过"));
    assert_eq!(award_state(&desk, number), AwardState::ReleasePublished);

    let mut two = desk.sign_in("tru2").await;
    two.get(&path).await;
    let token = two.token.clone();
    let answer = two.upload(&path, &token, "answer", &json(&answer_of(&desk, &request, 2))).await;
    assert_eq!(answer.location, format!("{path}?done=1"));
    assert_eq!(award_state(&desk, number), AwardState::Released);
    let trail = desk.store.trail(&|_, entry| entry.case == Some(number), 50).unwrap();
    assert!(trail.iter().any(|(_, entry)| entry.what == "share" && entry.by.0 == "tru1"));
}
