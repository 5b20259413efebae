//! "My report" without script: what a reporter reads of the case, and asks for.

use crate::portal_support::{Browser, Site};
use axum::http::StatusCode;
use mifeng::{
    casework::{Move, State},
    receipt::Receipt,
    store::Reports,
};

#[tokio::test]
async fn unknown_wrong_and_mistyped_codes_are_answered_alike() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    let unknown = Receipt::draw(&mut rand::rng()).groups().iter().map(|g| g.to_string()).collect::<String>();
    let mut answers = Vec::new();
    for typed in [unknown.as_str(), "1234", "我忘了"] {
        let mut browser = Browser::new(&site);
        let answer = browser.post("/en/mine", &[("receipt", typed)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answers.push(answer.text.replace(typed, "…"));
    }
    assert!(answers[0].contains("We cannot find that receipt code"));
    assert!(answers.iter().all(|text| *text == answers[0]));
}

#[tokio::test]
async fn who_disagrees_asks_for_a_review_once_and_in_time() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    let receipt = site.send(&mut browser, "en").await;
    assert!(!browser.get("/en/mine").await.text.contains("/en/mine/object"), "nothing is decided yet");
    assert_eq!(browser.get("/en/mine/object").await.location, "/en/mine");
    site.reply().await;
    let page = browser.get("/en/mine").await;
    assert!(
        page.text.contains("you can ask for a review by somebody else")
            && page.text.contains("/en/mine/object"),
        "{}",
        page.text
    );
    browser.get("/en/mine/object").await.is_a_page_of("en");
    for (text, sentence) in [
        (String::new(), "Write why you disagree"),
        (format!("It was {}", receipt.groups().map(|group| group.to_string()).join(" ")), "receipt code"),
        ("x".repeat(5001), "At most 5000 characters"),
    ] {
        let refused = browser.post("/en/mine/object", &[("objection", &text)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
        assert!(refused.text.contains(sentence), "{sentence}: {}", refused.text);
    }
    let switched = browser.post("/en/mine/object", &[("objection", "夜班记录"), ("switch", "zh")]).await;
    assert!(switched.text.contains("夜班记录"), "the other language keeps what was typed");
    let once = browser.once.clone();
    let sent =
        browser.post("/en/mine/object", &[("objection", "Nobody looked at the night shift's log.")]).await;
    assert_eq!(sent.location, "/en/mine", "{}", sent.text);
    let page = browser.get("/en/mine").await;
    let said = "Your request for a review is received";
    for words in ["Under review", said, "You asked for a review", "Somebody else is reviewing it"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("/en/mine/object") && !page.text.contains("/en/mine/withdraw"));
    browser.once = once;
    browser.post("/en/mine/object", &[("objection", "Again.")]).await;
    let dossier = site.store.find(&receipt.locator(), &receipt.auth()).unwrap().unwrap();
    assert_eq!(dossier.dossier.case.objections.len(), 1);
    assert_eq!(dossier.additions_left, 15, "it carried an envelope like any addition");
    assert_eq!(browser.get("/en/mine/object").await.location, "/en/mine", "once");
}

#[tokio::test]
async fn who_suffers_for_a_report_says_so_in_every_state_and_reads_the_answer() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    let receipt = site.send(&mut browser, "en").await;
    for state in [State::Submitted, State::Closed, State::Withdrawn] {
        site.put(state).await;
        let page = browser.get("/en/mine").await;
        assert!(page.text.contains("href=\"/en/mine/retaliation\""), "{state:?}: {}", page.text);
        browser.get("/en/mine/retaliation").await.is_a_page_of("en");
        for (text, sentence) in [
            (String::new(), "Write what is happening"),
            (format!("It was {}", receipt.groups().map(|group| group.to_string()).join(" ")), "receipt code"),
            ("x".repeat(5001), "At most 5000 characters"),
        ] {
            let refused = browser.post("/en/mine/retaliation", &[("retaliation", &text)]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
            assert!(refused.text.contains(sentence), "{sentence}: {}", refused.text);
        }
        let fields = [("retaliation", "I was moved to the night shift."), ("switch", "zh")];
        let switched = browser.post("/en/mine/retaliation", &fields).await;
        assert!(switched.text.contains("night shift"), "the other language keeps what was typed");
        let sent = browser.post("/en/mine/retaliation", &fields[..1]).await;
        assert_eq!(sent.location, "/en/mine", "{}", sent.text);
        let page = browser.get("/en/mine").await.text;
        for words in
            ["about retaliation is received", "I was moved to the night shift.", "We answer you here by"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
    }
    let found = site.store.find(&receipt.locator(), &receipt.auth()).unwrap().unwrap();
    assert_eq!(found.dossier.case.retaliations.len(), 3);
    assert_eq!(found.additions_left, 13, "each carried an envelope like any addition");
}

#[tokio::test]
async fn a_report_is_deleted_at_once_before_it_is_decided_on_and_asked_about_later() {
    for decided in [false, true] {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, "en", "nameless").await;
        let receipt = site.send(&mut browser, "en").await;
        browser.get("/en/files").await;
        browser.upload("/en/files", "plan.pdf", b"%PDF-1.4 what the reporter saw", false).await;
        if decided {
            site.put(State::Accepted).await;
        }
        let story = site.store.find(&receipt.locator(), &receipt.auth()).unwrap().unwrap().dossier.case;
        assert_eq!(story.files.len(), 1);
        let page = browser.get("/en/mine/delete").await;
        page.is_a_page_of("en");
        let first = if decided { "our staff decide by" } else { "as soon as you choose the button" };
        // Six months after this one for what is here, ten years after it for old backups.
        for words in [first, "Deleted at once", "31 May 2027", "30 November 2036", "public log keeps"] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        let code = receipt.groups().map(|group| group.to_string()).join(" ");
        let refused = browser.post("/en/mine/delete", &[("deletion", &code)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains("Deleted at once") && refused.text.contains("receipt code"));
        let ways = ["Keep it and go back", "class=\"danger\""].map(|way| page.text.find(way).unwrap());
        assert!(ways[0] < ways[1], "the way back comes first: {}", page.text);
        assert_eq!(browser.post("/en/mine/delete", &[("deletion", "")]).await.location, "/en/mine");
        let page = browser.get("/en/mine").await.text;
        let (done, waits) = ("withdrawn and deleted", "Your wish to delete this report is received");
        assert!(page.contains(done) != decided && page.contains(waits) == decided, "{page}");
        assert!(!page.contains("/en/mine/delete"), "once");
        let found = site.store.find(&receipt.locator(), &receipt.auth()).unwrap().unwrap();
        let case = &found.dossier.case;
        assert_eq!(found.additions_left, 15, "it carried an envelope like any addition");
        if decided {
            assert!(page.contains("You want this report deleted. We decide"), "{page}");
            assert_eq!((case.state, case.files.len(), case.erased), (State::Accepted, 1, None));
        } else {
            assert!(page.contains("deleted as you wished") && page.contains("Withdrawn"), "{page}");
            assert_eq!(
                (case.state, case.files.len(), case.content.narrative.as_str()),
                (State::Withdrawn, 0, "")
            );
            assert!(!page.contains(&story.content.narrative));
        }
    }
}

#[tokio::test]
async fn the_log_is_served_as_far_as_it_is_signed_and_the_reporter_finds_their_report_in_it() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    assert!(browser.get("/en/mine").await.text.contains("entry 1. It appears"));
    assert_eq!(browser.get("/log/checkpoint").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/log/tile/entries/000.p/1").await.status, StatusCode::NOT_FOUND);
    site.publisher.checkpoint().await.unwrap();
    assert!(browser.get("/en/mine").await.text.contains("entry 1 of the public log"));
    assert!(browser.get("/log/checkpoint").await.text.starts_with("test/log\n1\n"));
    assert_eq!(browser.get("/log/tile/entries/000.p/1").await.status, StatusCode::OK);
    assert_eq!(browser.get("/log/tile/0/000.p/1").await.bytes, 32);
    assert_eq!(browser.get("/log/tile/0/000.p/2").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn sealed_messages_are_opened_by_the_receipt_alone_for_one_answer() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    let receipt = site.send(&mut browser, "en").await;
    let typed = receipt.groups().iter().map(|group| group.to_string()).collect::<Vec<_>>().join(" ");
    assert!(!browser.get("/en/mine").await.text.contains("/mine/messages"), "nothing to read, no button");
    site.write_to_the_reporter("Which workings is the probe in?").await;

    let page = browser.get("/en/mine").await;
    page.is_a_page_of("en");
    assert!(page.text.contains("Sealed. Only your receipt code opens it."), "{}", page.text);
    assert!(page.text.contains("the server opens them for this one request"), "{}", page.text);
    assert!(!page.text.contains("probe"));
    let other = Receipt::draw(&mut rand::rng());
    let other = other.groups().iter().map(|group| group.to_string()).collect::<String>();
    for wrong in ["", "1234", &other] {
        let refused = browser.post("/en/mine/messages", &[("receipt", wrong)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            !refused.text.contains("probe") && refused.text.contains("not the receipt code of this report")
        );
    }
    let opened = browser.post("/en/mine/messages", &[("receipt", &typed)]).await;
    assert_eq!(opened.status, StatusCode::OK);
    opened.is_a_page_of("en");
    assert!(
        opened.text.contains("Which workings is the probe in?") && opened.text.contains("shown this once")
    );
    assert!(!opened.text.contains(&typed[..4]), "and the code is not in the answer");
    assert!(!browser.get("/en/mine").await.text.contains("probe"));
}

#[tokio::test]
async fn the_reporter_reads_which_body_has_the_report_now() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    assert!(!browser.get("/en/mine").await.text.contains("now handled by"));
    let told = "您的举报现在由国家局办理。".to_owned();
    let body = "mine_safety".parse().unwrap();
    site.clerk_does(Move::HandUp { body, reason: "涉及几个区县。".into(), told: told.clone() }).await;
    let page = browser.get("/en/mine").await;
    page.is_a_page_of("en");
    for words in
        ["It is now handled by: National Mine Safety Administration.", "Given to a higher office", &told]
    {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("涉及几个区县"), "the reason is for the file");
    let page = browser.get("/zh/mine").await.text;
    assert!(
        page.contains("现在由这个单位办理：国家矿山安全监察局。") && page.contains("已由上级单位办理"),
        "{page}"
    );
}

#[tokio::test]
async fn a_message_survives_the_change_of_language() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "zh", "nameless").await;
    site.send(&mut browser, "zh").await;
    let shown = browser.get("/zh/mine").await;
    assert!(shown.text.contains("formaction=\"/en/mine/add\""));
    let switched = browser.post("/en/mine/add", &[("message", "夜里又开工了"), ("switch", "1")]).await;
    assert!(switched.text.contains("夜里又开工了</textarea>") && switched.text.contains("My report"));
    assert!(!browser.get("/en/mine").await.text.contains("夜里又开工了"), "and nothing was sent");
}

#[tokio::test]
async fn a_day_that_has_passed_is_not_promised_any_more() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    assert!(browser.get("/en/mine").await.text.contains("by 24 November 2026 at the latest"));
    site.clock.set(jiff::civil::date(2026, 11, 25));
    let page = browser.get("/en/mine").await.text;
    let late = "The first step against the danger was due by 24 November 2026 and is late";
    assert!(page.contains(late), "{page}");
}

/// Nothing of ours is late then, and they read that they still can.
#[tokio::test]
async fn a_day_of_the_reporters_own_that_has_passed_is_no_delay_of_ours() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    site.clerk_does(Move::AskSupplement { question: "是哪个车间？".into() }).await;
    site.clock.set(jiff::civil::date(2026, 12, 8));
    let page = browser.get("/en/mine").await.text;
    assert!(page.contains("The last day is 8 December 2026."), "{page}");
    site.clock.set(jiff::civil::date(2026, 12, 9));
    let page = browser.get("/en/mine").await.text;
    let can = "The last day to add to it was 8 December 2026. You can still do it";
    assert!(page.contains(can) && !page.contains("8 December 2026 and is late"), "{page}");
    browser.post("/en/mine/add", &[("message", "It is workshop 3.")]).await;
    assert!(browser.get("/en/mine").await.text.contains("Being considered"), "and so they could");

    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    site.reply().await;
    site.clock.set(jiff::civil::date(2027, 1, 23));
    let page = browser.get("/en/mine").await.text;
    assert!(!page.contains("you can ask for a review") && !page.contains("is late"), "{page}");
}
