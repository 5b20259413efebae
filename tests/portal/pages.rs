//! The reporters' face, driven as a browser without script would: every page in both languages, the whole way
//! from the first page to the withdrawal, and what must never be lost, shown or sent.

use crate::portal_support::{self, Browser, Site};
use axum::http::StatusCode;
use mifeng::{
    casework::{Move, State},
    receipt::Receipt,
    store::{PublicLog, Reports},
};

const LANGS: [&str; 2] = ["zh", "en"];

#[tokio::test]
async fn pages_that_hold_nothing_are_there_in_both_languages() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    for lang in LANGS {
        for page in ["start", "before", "agree", "help", "kept", "mine", "elsewhere/railway"] {
            let answer = browser.get(&format!("/{lang}/{page}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{lang}/{page}");
            answer.is_a_page_of(lang);
        }
    }
    assert_eq!(browser.get("/").await.location, "/zh/start");
    assert_eq!(browser.get("/en/").await.location, "/en/start");
}

#[tokio::test]
async fn what_is_kept_is_said_with_the_months_of_the_policy() {
    let site = Site::new();
    let kept = &site.policy.retention;
    let months = [kept.open_case, kept.closed, kept.not_accepted, kept.withdrawn, kept.award];
    for (lang, unit, words) in [
        ("zh", " 个月", ["所有备份里一起销毁", "更正", "删除", "公开的记录"]),
        ("en", " months", ["every backup", "To correct it", "To delete it", "public log"]),
    ] {
        let page = Browser::new(&site).get(&format!("/{lang}/kept")).await.text;
        for months in months {
            assert!(page.contains(&format!("{}{unit}", months.count())), "{lang}: {}", months.count());
        }
        for words in words {
            assert!(page.contains(words), "{words}: {page}");
        }
    }
}

#[tokio::test]
async fn the_notice_says_everything_the_service_must_say() {
    let site = Site::new();
    let start = Browser::new(&site).get("/zh/agree").await.text;
    let intake = &site.policy.intake;
    let said = intake.industries.iter().map(|i| &i.name);
    let said = said.chain(intake.out_of_scope.iter().map(|s| &s.name));
    let said = said.chain(intake.not_accepted.iter().map(|g| &g.text));
    let said = said.chain(&intake.notice.scope).chain(&intake.notice.rights);
    for text in said.chain(&intake.notice.duties).chain(&intake.notice.anonymous) {
        assert!(start.contains(&text.zh), "{}", text.zh);
    }
    assert_eq!((intake.industries.len(), intake.out_of_scope.len(), intake.not_accepted.len()), (16, 10, 4));
}

#[tokio::test]
async fn a_nameless_report_goes_all_the_way_in_both_languages() {
    for lang in LANGS {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        let weight = site.to_check(&mut browser, lang, "nameless").await;
        let check = browser.get(&format!("/{lang}/check")).await;
        check.is_a_page_of(lang);
        assert!(check.text.contains("某煤矿") && check.text.contains("三号井"));
        let receipt = site.send(&mut browser, lang).await;
        assert!(weight < 60 * 1024, "R1 to R8 weigh {weight}");

        // R9: a wrong last group shows the code again, without penalty; the right one puts it away.
        let groups: Vec<_> = receipt.groups().iter().map(|g| g.to_string()).collect();
        let wrong = browser.post(&format!("/{lang}/receipt-check"), &[("last", "0")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains(&groups[0]));
        let right = browser.post(&format!("/{lang}/receipt-check"), &[("last", &groups[7])]).await;
        assert_eq!(right.location, format!("/{lang}/files"));
        assert!(!browser.get(&format!("/{lang}/receipt")).await.text.contains(&groups[0]));

        browser.get(&format!("/{lang}/files")).await.is_a_page_of(lang);
        assert_eq!(browser.post(&format!("/{lang}/finish"), &[]).await.location, format!("/{lang}/mine"));

        // Another device, later.
        let mut browser = Browser::new(&site);
        let typed = groups.join("-");
        let mine = format!("/{lang}/mine");
        assert_eq!(browser.post(&mine, &[("receipt", &typed)]).await.location, mine);
        let page = browser.get(&mine).await;
        page.is_a_page_of(lang);
        assert!(page.text.contains("某煤矿"), "the reporter sees what they sent");
        assert!(!page.text.contains(&groups[0]), "and not the code");

        let added = browser.post(&format!("{mine}/add"), &[("message", "夜里又开工了")]).await;
        assert_eq!(added.location, mine);
        assert!(browser.get(&mine).await.text.contains("夜里又开工了"));
        browser.get(&format!("{mine}/withdraw")).await.is_a_page_of(lang);
        assert_eq!(browser.post(&format!("{mine}/withdraw"), &[]).await.location, mine);
        let found = Reports::find(&*site.store, &receipt.locator(), &receipt.auth()).unwrap().unwrap();
        assert_eq!(found.sequence, 2, "the addition and the withdrawal carry an envelope each");
        let gone = browser.get(&mine).await.text;
        assert!(gone.contains(if lang == "zh" { "已撤回" } else { "Withdrawn" }));
        assert!(!gone.contains("name=\"message\""), "nothing can be added any more");
        let out = browser.post(&format!("{mine}/sign-out"), &[]).await;
        assert_eq!(out.status, StatusCode::OK);
        assert!(!browser.get(&mine).await.text.contains("某煤矿"));
    }
}

#[tokio::test]
async fn a_name_is_sealed_in_its_own_request_and_never_shown_again() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "zh", "sealed").await;
    let page = browser.get("/zh/identity").await;
    page.is_a_page_of("zh");
    let answer = browser.post("/zh/identity", &portal_support::PERSON).await;
    assert_eq!(answer.location, "/zh/check");
    assert_eq!(answer.headers["connection"], "close");
    for page in ["/zh/check", "/zh/identity", "/zh/name"] {
        let text = browser.get(page).await.text;
        for (_, value) in portal_support::PERSON {
            assert!(value.len() <= 8 || !text.contains(value), "{page} shows {value}");
        }
    }
    site.send(&mut browser, "zh").await;
}

#[tokio::test]
async fn no_name_is_sealed_without_consent_asked_apart() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "sealed").await;
    let page = browser.get("/en/identity").await.text;
    for words in ["asked apart from everything else", "only the reward office", "36 months", "60 months"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("name=\"consent\" value=\"yes\"") && !page.contains(" checked"), "{page}");
    for consent in ["", "no", "on"] {
        let mut form = portal_support::PERSON.to_vec();
        form.last_mut().unwrap().1 = consent;
        let refused = browser.post("/en/identity", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.text.contains("href=\"#consent\"") && refused.text.contains("Tick the box if you agree")
        );
        assert!(refused.text.contains("13800138000"), "nothing typed is lost");
        assert_eq!(browser.get("/en/check").await.location, "/en/identity", "nothing is sealed");
        browser.get("/en/identity").await;
    }
    assert_eq!(browser.post("/en/identity", &portal_support::PERSON).await.location, "/en/check");
    let check = browser.get("/en/check").await.text;
    assert!(!check.contains("consent"), "what was agreed to is kept nowhere outside the seal");
}

#[tokio::test]
async fn what_is_wrong_on_the_identity_page_is_said_and_what_was_typed_stays_on_it() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "sealed").await;
    browser.get("/en/identity").await;
    let mut form = portal_support::PERSON;
    form[2].1 = "110105194912310021";
    let refused = browser.post("/en/identity", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("<title>Error: ") && refused.text.contains("There is 1 problem"));
    assert!(refused.text.contains("href=\"#id-number\"") && refused.text.contains("role=\"alert\""));
    for (_, value) in form {
        assert!(refused.text.contains(value), "{value} is lost");
    }
    assert_eq!(refused.headers["connection"], "close");
    refused.is_a_page_of("en");
    assert!(!browser.get("/en/identity").await.text.contains("110105194912310021"), "and nothing is kept");
}

#[tokio::test]
async fn a_report_sent_twice_is_one_report_with_one_receipt() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "zh", "nameless").await;
    browser.get("/zh/check").await;
    let (mut first, mut second) = (browser.clone(), browser.clone());
    let (one, two) = tokio::join!(first.send("/zh/send", &[]), second.send("/zh/send", &[]));
    let again = first.send("/zh/send", &[]).await;
    for answer in [one, two, again] {
        assert_eq!(answer.location, "/zh/receipt");
    }
    let receipt = browser.receipt("zh").await;
    assert_eq!(site.store.head().size, 1, "one leaf, one report");
    assert!(Receipt::parse(&receipt).is_ok());
}

#[tokio::test]
async fn every_question_says_what_is_missing_and_keeps_what_was_typed() {
    let site = Site::new();
    for lang in LANGS {
        let mut browser = Browser::new(&site);
        site.begin(&mut browser, lang).await;
        for (page, fields, at) in [
            ("name", vec![], "name"),
            ("region", vec![("region", "999999")], "query"),
            ("kind", vec![("kind", "x")], "kind"),
            ("industry", vec![], "industry"),
            ("place", vec![("target", " "), ("address", "三号井")], "target"),
            ("story", vec![("story", ""), ("when", "上周二夜班")], "story"),
        ] {
            let path = format!("/{lang}/{page}");
            browser.get(&path).await.is_a_page_of(lang);
            let refused = browser.post(&path, &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            refused.is_a_page_of(lang);
            assert!(refused.text.contains(&format!("href=\"#{at}\"")), "{path}");
            assert!(refused.text.contains(&format!("id=\"{at}\"")), "{path}: the link leads to a field");
            for (_, value) in fields.iter().filter(|f| f.0 != "region" && f.1.len() > 1) {
                assert!(refused.text.contains(value), "{path} lost {value}");
                assert!(browser.get(&path).await.text.contains(value), "{path} lost {value}");
            }
        }
    }
}

#[tokio::test]
async fn changing_the_language_keeps_the_step_and_the_text() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    browser.get("/zh/place").await;
    let switched = browser.post("/en/place", &[("target", "村东头的采石场"), ("switch", "1")]).await;
    assert_eq!(switched.location, "/en/place");
    assert!(browser.get("/en/place").await.text.contains("村东头的采石场"));

    site.to_check(&mut browser, "zh", "sealed").await;
    browser.get("/zh/identity").await;
    let switched = browser.post("/en/identity", &[("person-name", "某人"), ("switch", "1")]).await;
    assert_eq!(switched.status, StatusCode::OK);
    assert!(switched.text.contains("某人") && switched.text.contains("Seal and continue"));
    assert!(!browser.get("/en/identity").await.text.contains("某人"));
}

#[tokio::test]
async fn a_receipt_pasted_into_a_field_is_refused_and_not_kept() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    browser.get("/zh/story").await;
    let receipt = "0123 4567 8901 2345 6789 0123 4567 8963";
    let refused = browser.post("/zh/story", &[("story", &format!("我的回执码 {receipt} 请查"))]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("回执码"));
    assert!(!browser.get("/zh/story").await.text.contains("0123 4567"));
}

#[tokio::test]
async fn a_text_over_the_limit_is_shown_with_how_much_to_remove() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "en").await;
    browser.get("/en/story").await;
    let long = "矿".repeat(5_003);
    let refused = browser.post("/en/story", &[("story", &long)]).await;
    assert!(refused.text.contains("Please remove 3") && refused.text.contains(&long));
}

#[tokio::test]
async fn each_sector_outside_the_scope_leads_to_its_department() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "en").await;
    for sector in &site.policy.intake.out_of_scope {
        browser.get("/en/industry").await;
        let to = browser.post("/en/industry", &[("industry", sector.code.as_str())]).await.location;
        assert_eq!(to, format!("/en/elsewhere/{}", sector.code));
        let page = browser.get(&to).await;
        assert!(page.text.contains(&sector.department.en), "{}", sector.code);
    }
}

#[tokio::test]
async fn a_region_is_found_by_name_and_by_walking_down_the_list() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    browser.get("/zh/region").await;
    assert_eq!(browser.post("/zh/region", &[("query", "历下"), ("find", "1")]).await.location, "/zh/region");
    assert!(browser.get("/zh/region").await.text.contains("山东省 济南市 历下区"));
    assert!(browser.get("/zh/region?in=370000").await.text.contains("济南市"));
    let county = browser.get("/zh/region?in=370100").await;
    assert!(county.text.contains("value=\"370102\""));
    browser.post("/zh/name", &[("name", "nameless")]).await;
    assert_eq!(browser.post("/zh/region", &[("region", "370102")]).await.location, "/zh/kind");
}

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
async fn leaving_drops_the_draft_and_says_so_to_the_browser() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    let before = browser.clone();
    let left = browser.get("/leave").await;
    assert_eq!(left.headers["clear-site-data"], "\"cookies\", \"storage\"");
    assert_eq!(left.headers["refresh"], "0; url=https://www.weather.com.cn/");
    assert_eq!(left.headers["cache-control"], "no-store");
    assert!(!left.text.contains("mifeng") && left.text.len() < 300);
    let answer = before.clone().get("/zh/name").await;
    assert_eq!(answer.status, StatusCode::GONE, "the old cookie opens nothing");
    answer.is_a_page_of("zh");
}

#[tokio::test]
async fn forms_that_cannot_be_read_are_answered_with_our_own_page() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    let form = "application/x-www-form-urlencoded";
    let big = vec![b'a'; 300 * 1024];
    for (body, kind, status) in [
        (&b"story=%FF%FE"[..], form, StatusCode::BAD_REQUEST),
        (&big, form, StatusCode::PAYLOAD_TOO_LARGE),
        (b"{}", "application/json", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let answer = browser.raw("/zh/story", kind, body, "text/html").await;
        assert_eq!(answer.status, status);
        answer.is_a_page_of("zh");
        let answer = browser.raw("/zh/story", kind, body, "application/json").await;
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(answer.text.contains(&format!("\"status\":{}", status.as_u16())));
    }
    browser.get("/zh/nowhere").await.is_a_page_of("zh");
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.begin(&mut browser, "zh").await;
    browser.once = "not ours".into();
    assert_eq!(browser.send("/zh/name", &[("name", "nameless")]).await.status, StatusCode::GONE);
    assert!(!browser.get("/zh/name").await.text.contains("checked"));
}

#[tokio::test]
async fn files_are_sealed_one_by_one_and_pictures_get_a_cleaned_copy() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    let png = portal_support::png();
    browser.get("/en/files").await;
    let answer = browser.upload("/en/files", "现场.png", &png, true).await;
    assert_eq!(answer.location, "/en/files");
    let page = browser.get("/en/files").await;
    assert!(page.text.contains("File 1") && page.text.contains("can see a copy"), "{}", page.text);
    let answer = browser.upload("/en/files", "现场.png", &png, false).await;
    assert_eq!(answer.location, "/en/files");
    assert!(browser.get("/en/files").await.text.contains("no copy"));

    for (bytes, sentence) in [
        (&b""[..], "Choose a file first"),
        (b"MZ\x90\0\x03 a program, whatever its name", "cannot take this type"),
        (&png[..png.len() / 2], "cannot be opened"),
    ] {
        browser.get("/en/files").await;
        let refused = browser.upload("/en/files", "a.png", bytes, true).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
        assert!(refused.text.contains(sentence), "{sentence}: {}", refused.text);
        assert!(refused.text.contains("File 2"), "earlier files are safe");
        refused.is_a_page_of("en");
    }
    browser.get("/en/files").await;
    let once = browser.once.clone();
    let cut = browser.upload_cut("/en/files", &png).await;
    assert!(cut.text.contains("did not arrive whole"), "{}", cut.text);
    browser.once = once;
    let again = browser.upload("/en/files", "a.png", &png, true).await;
    assert_eq!(again.location, "/en/files", "the same page sends again");
    assert!(browser.get("/en/files").await.text.contains("File 3"));
    let told = browser.upload_announcing("/en/files", 1 << 40).await;
    assert!(told.text.contains("too large"), "{}", told.text);
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
        page.text.contains("somebody else looks at it again") && page.text.contains("/en/mine/object"),
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
    for words in ["Under review", "Your objection is received", "You objected", "Somebody else is looking"] {
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
        assert_eq!(browser.post("/en/mine/delete", &[("deletion", "")]).await.location, "/en/mine");
        let page = browser.get("/en/mine").await.text;
        assert!(page.contains("Your wish to delete this report is received"), "{page}");
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
async fn a_file_is_removed_after_one_question_and_only_by_its_own_reporter() {
    let site = Site::new();
    let png = portal_support::png();
    let mut browser = Browser::new(&site);
    let mut other = Browser::new(&site);
    for who in [&mut browser, &mut other] {
        site.to_check(who, "en", "nameless").await;
        site.send(who, "en").await;
        for _ in 0..2 {
            who.get("/en/files").await;
            who.upload("/en/files", "a.png", &png, true).await;
        }
    }
    let page = browser.get("/en/files").await;
    let addresses: Vec<&str> =
        page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let links: Vec<_> =
        addresses.into_iter().filter(|address| address.contains("/files/remove?file=")).collect();
    assert_eq!(links.len(), 2);
    let file = |link: &str| link.split("file=").nth(1).unwrap().to_owned();

    // Somebody else's file does not even get the question, nor an answer to it.
    assert_eq!(other.get(links[0]).await.location, "/en/files");
    other.get("/en/files").await;
    other.post("/en/files/remove", &[("file", &file(links[0]))]).await;
    assert!(other.get("/en/files").await.text.contains("no longer part"));
    assert!(browser.get("/en/files").await.text.contains("File 2"));

    let asked = browser.get(links[0]).await;
    asked.is_a_page_of("en");
    assert!(asked.text.contains("Remove file 1 from your report?"), "{}", asked.text);
    let once = browser.once.clone();
    let done = browser.post("/en/files/remove", &[("file", &file(links[0]))]).await;
    assert_eq!(done.location, "/en/files");
    let page = browser.get("/en/files").await;
    assert!(page.text.contains("The file is removed") && !page.text.contains("File 2"), "{}", page.text);
    assert!(page.text.contains(links[1]), "the other one stays");
    // The button pressed twice removes nothing more.
    browser.once = once;
    browser.post("/en/files/remove", &[("file", &file(links[1]))]).await;
    assert!(browser.get("/en/files").await.text.contains(links[1]));
    assert!(browser.get("/en/mine").await.text.contains("You removed a file"));

    browser.get("/en/mine/withdraw").await;
    browser.post("/en/mine/withdraw", &[]).await;
    let page = browser.get("/en/files").await;
    assert!(!page.text.contains("/files/remove"), "what is closed stays as it is");
    let late = browser.post("/en/files/remove", &[("file", &file(links[1]))]).await;
    assert_eq!(late.location, "/en/files");
    assert!(browser.get("/en/files").await.text.contains("was not removed"));
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
async fn a_large_file_is_taken_whole_and_one_over_the_limit_is_named() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    let pdf = |bytes: usize| [b"%PDF-1.7\n".as_slice(), &vec![b' '; bytes]].concat();
    browser.get("/en/files").await;
    assert_eq!(browser.upload("/en/files", "a.pdf", &pdf(5 << 20), true).await.location, "/en/files");
    assert!(browser.get("/en/files").await.text.contains("1 to 10 MB"));
    let png = [portal_support::png(), vec![0; 21 << 20]].concat();
    let refused = browser.upload("/en/files", "a.png", &png, true).await;
    assert!(refused.text.contains("The limit is 20 MB"), "{}", refused.text);
}

#[tokio::test]
async fn a_form_part_of_any_size_is_not_held_in_memory() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    browser.get("/en/files").await;
    let mut stranger = Browser::new(&site);
    for (who, status) in [(&mut browser, StatusCode::UNPROCESSABLE_ENTITY), (&mut stranger, StatusCode::GONE)]
    {
        for part in ["once", "copy", "any"] {
            let before = portal_support::most_memory();
            let answer = who.upload_endless("/en/files", part, 1 << 30).await;
            assert_eq!(answer.status, status, "{part}");
            let more = portal_support::most_memory().saturating_sub(before);
            assert!(more < 256 << 20, "{part}: {} MiB more", more >> 20);
        }
    }
}

#[tokio::test]
async fn an_award_is_claimed_with_the_receipt_once_more_and_by_nobody_without_it() {
    for who in ["before", "now"] {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, "zh", "nameless").await;
        let receipt = site.send(&mut browser, "zh").await;
        let typed = receipt.groups().iter().map(|g| g.to_string()).collect::<String>();
        assert_eq!(browser.get("/zh/mine/claim").await.location, "/zh/mine", "there is nothing to claim yet");
        site.notify_of_an_award().await;
        let mine = browser.get("/zh/mine").await;
        assert!(
            mine.text.contains("可以领取奖金：50,000.00 元。请在 2027 年 1 月 22 日前申领"),
            "{}",
            mine.text
        );
        let page = browser.get("/zh/mine/claim").await;
        page.is_a_page_of("zh");
        assert!(page.text.contains("金额：50,000.00 元") && page.text.contains("<details>"));

        let other =
            Receipt::draw(&mut rand::rng()).groups().iter().map(|g| g.to_string()).collect::<String>();
        let mut form = vec![("receipt", other.as_str()), ("who", who)];
        form.extend(portal_support::PERSON);
        let refused = browser.post("/zh/mine/claim", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains("和这件举报的回执码不一样") && refused.text.contains("13800138000"));
        assert_eq!(refused.headers["connection"], "close");
        assert_eq!(site.award(), "notified");

        form[0].1 = &typed;
        let claimed = browser.post("/zh/mine/claim", &form).await;
        assert!(claimed.text.contains("申领已经收到并保存"), "{}", claimed.text);
        assert_eq!(
            (claimed.headers["connection"].to_str().unwrap(), site.award().as_str()),
            ("close", "claimed")
        );
        assert_eq!(browser.post("/zh/mine/claim", &form).await.location, "/zh/mine", "once is enough");
        let found = Reports::find(&*site.store, &receipt.locator(), &receipt.auth()).unwrap().unwrap();
        assert_eq!(found.sequence, 1, "named or not, a claim carries one envelope");
    }
}

#[tokio::test]
async fn a_claim_after_the_last_day_is_refused_in_words() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    let receipt = site.send(&mut browser, "en").await;
    site.notify_of_an_award().await;
    browser.get("/en/mine/claim").await;
    site.clock.set(jiff::civil::date(2027, 1, 23));
    let typed = receipt.groups().iter().map(|g| g.to_string()).collect::<String>();
    let late = browser.post("/en/mine/claim", &[("receipt", &typed), ("who", "before")]).await;
    assert_eq!(late.location, "/en/mine");
    assert!(browser.get("/en/mine").await.text.contains("This is not possible now"));
    assert_eq!(site.award(), "notified");
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_lost_and_nothing_is_claimed_to_be_saved() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    let full = |yes| site.disk.refuses.store(yes, std::sync::atomic::Ordering::Relaxed);
    site.to_check(&mut browser, "en", "nameless").await;
    browser.get("/en/check").await;
    full(true);
    let refused = browser.post("/en/send", &[]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    refused.is_a_page_of("en");
    assert!(
        refused.text.contains("was not sent") && !refused.text.contains("64 MiB"),
        "the cause stays inside"
    );
    assert!(browser.get("/en/check").await.text.contains("三号井"), "the draft is whole");
    full(false);
    site.send(&mut browser, "en").await;

    full(true);
    browser.get("/en/mine").await;
    let refused = browser.post("/en/mine/add", &[("message", "夜里又开工了")]).await;
    assert!(
        refused.text.contains("夜里又开工了</textarea>") && refused.text.contains("cannot be saved just now")
    );
    browser.get("/en/files").await;
    let refused = browser.upload("/en/files", "a.png", &portal_support::png(), true).await;
    assert!(refused.text.contains("There is no room just now") && refused.text.contains("No files yet"));
    full(false);
    assert_eq!(
        browser.upload("/en/files", "a.png", &portal_support::png(), true).await.location,
        "/en/files"
    );
}

#[tokio::test]
async fn a_day_that_has_passed_is_not_promised_any_more() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    assert!(browser.get("/en/mine").await.text.contains("by 24 November 2026 at the latest"));
    site.clock.set(jiff::civil::date(2026, 11, 25));
    assert!(browser.get("/en/mine").await.text.contains("due by 24 November 2026 and is late"));
}
