//! The addresses that the script talks to, driven as it drives them: sealed bytes, hashes and public halves come in,
//! nothing else, and what is not of the one shape all reports have is refused with nothing lost.

use crate::{
    device_support::{Device, config, dossier, post, proof},
    portal_support::{Browser, Site},
};
use axum::http::StatusCode;
use base64::{Engine, prelude::BASE64_STANDARD};
use mifeng::{award::claim::Claim, ids::ReportId, receipt::Receipt, store::PublicLog};
use serde_json::{Value, json};

/// A recipient whose 32 bytes are zeros.
const LOW_ORDER: &str = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z";

#[tokio::test]
async fn before_its_script_runs_the_page_has_nothing_to_type_into_and_nothing_to_send() {
    for (lang, name, plain) in [("zh", "sealed", "/zh/identity"), ("en", "nameless", "/en/check")] {
        let site = Site::new();
        let mut browser = Browser::new(&site);
        site.to_check(&mut browser, lang, name).await;
        let page = browser.get(&format!("/{lang}/seal")).await;
        let csp = page.headers["content-security-policy"].to_str().unwrap();
        for part in [
            "script-src 'self'",
            "require-trusted-types-for 'script'",
            "form-action 'self'",
            "base-uri 'none'",
        ] {
            assert!(csp.contains(part), "{csp}");
        }
        let shown: String =
            page.text.split("<template").map(|part| part.rsplit("</template>").next().unwrap()).collect();
        for bad in ["<input", "<button", "<form", "<select", "<textarea"] {
            assert!(!shown.contains(bad), "{bad}");
        }
        assert!(shown.contains(&format!("href=\"{plain}\"")));
        for field in page.text.split("<input").chain(page.text.split("<select")).skip(1) {
            assert!(!field.split('>').next().unwrap().contains(" name="), "a field that a form could send");
        }
        assert!(page.text.contains("integrity=\"sha384-"));
    }
}

#[tokio::test]
async fn what_a_device_sealed_is_stored_once_however_often_it_arrives() {
    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    let body = device.body(&site);
    let first = device.send(&body).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    assert!(first.text.contains("received and saved"));
    let again = device.send(&body).await;
    assert_eq!((again.status, again.text), (first.status, first.text));
    // Another tab shows the same draft and has drawn a receipt of its own.
    device.receipt = Receipt::draw(&mut rand::rng());
    let body = device.body(&site);
    let other = device.send(&body).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.text);
    assert!(other.text.contains("sent already"), "{}", other.text);
    assert_eq!(site.store.head().size, 1, "one leaf, one report");
    assert!(dossier(&site).unwrap().case.content.target_name.contains("某煤矿"));

    // The page loaded anew knows no receipt; put away, the answers are forgotten.
    assert!(device.browser.get("/en/seal").await.text.contains("was made on your device"));
    let token = json!({ "once": device.config["once"] });
    assert_eq!(post(&mut device.browser, "/en/device/kept", &token).await.status, StatusCode::OK);
    assert_eq!(device.browser.get("/en/seal").await.location, "/en/mine");
}

#[tokio::test]
async fn a_receipt_lost_with_its_page_is_replaced_by_sending_once_more() {
    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    let body = device.body(&site);
    device.send(&body).await;
    let elsewhere = device.browser.send("/en/agree", &[]).await;
    assert_eq!(elsewhere.status, StatusCode::CONFLICT, "nobody begins anew over it unasked");
    assert!(elsewhere.text.contains("href=\"/en/seal\""));
    device.browser.get("/en/seal").await;
    assert_eq!(device.browser.post("/en/device/again", &[]).await.location, "/en/seal");
    assert_eq!(dossier(&site).unwrap().case.state.code(), "withdrawn");
    assert_eq!(device.browser.get("/en/seal").await.location, "/en/name", "the name is asked again");
    device.browser.get("/en/name").await;
    assert_eq!(device.browser.post("/en/name", &[("name", "nameless")]).await.location, "/en/seal");
    let page = device.browser.get("/en/seal").await.text;
    let again =
        Device { browser: device.browser, receipt: Receipt::draw(&mut rand::rng()), config: config(&page) };
    assert_ne!(again.report(), device.config["report"].as_str().unwrap().parse().unwrap());
    let mut again = again;
    let body = again.body(&site);
    assert_eq!(again.send(&body).await.status, StatusCode::OK);
    assert_eq!(site.store.head().size, 3, "received, withdrawn, received");
}

#[tokio::test]
async fn what_is_not_of_the_one_shape_is_refused_and_the_draft_stays() {
    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    let good = device.body(&site);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = good.clone();
        change(&mut body);
        body
    };
    // `find` and `replace` of the same length inside the first share file.
    let share = |find: &str, replace: &str| {
        with(&|body| {
            let file = &mut body["sealed"]["share_files"][0];
            let mut bytes = BASE64_STANDARD.decode(file.as_str().unwrap()).unwrap();
            let at = bytes.windows(find.len()).position(|window| window == find.as_bytes()).unwrap();
            bytes[at..at + find.len()].copy_from_slice(replace.as_bytes());
            *file = BASE64_STANDARD.encode(bytes).into();
        })
    };
    let padded = with(&|body| {
        let file = &mut body["sealed"]["share_files"][2];
        let mut bytes = BASE64_STANDARD.decode(file.as_str().unwrap()).unwrap();
        *bytes.last_mut().unwrap() = 1;
        *file = BASE64_STANDARD.encode(bytes).into();
    });
    for (what, body, status) in [
        ("a field that is not ours", with(&|b| b["name"] = "赵".into()), 422),
        ("a flag", with(&|b| b["sealed"]["encrypted"] = true.into()), 422),
        ("an envelope cut short", with(&|b| b["sealed"]["envelope"] = "AQE=".into()), 422),
        ("no share files", with(&|b| b["sealed"]["share_files"] = json!([])), 422),
        (
            "one share file less",
            with(&|b| {
                b["sealed"]["share_files"].as_array_mut().unwrap().pop();
            }),
            422,
        ),
        ("no grease", share("-grease", "-greasy"), 422),
        ("another kind of stanza", share("-> X25519 ", "-> Y25519 "), 422),
        ("something in the padding", padded, 422),
        (
            "a files recipient of another kind",
            with(&|b| b["sealed"]["files_recipient"] = "age1x".into()),
            422,
        ),
        ("a mailbox of another kind", with(&|b| b["mailbox"] = "a@b.c".into()), 422),
        // To a point of low order nothing can be sealed: the age library panics.
        ("a files recipient of low order", with(&|b| b["sealed"]["files_recipient"] = LOW_ORDER.into()), 422),
        ("a mailbox of low order", with(&|b| b["mailbox"] = LOW_ORDER.into()), 422),
        ("another recipient set", with(&|b| b["sealed"]["set_number"] = 2.into()), 409),
        (
            "another report",
            with(&|b| b["report"] = ReportId::random(&mut rand::rng()).to_string().into()),
            410,
        ),
        ("another page's token", with(&|b| b["once"] = "x-1".into()), 410),
    ] {
        let answer = device.send(&body).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}");
        let problem: Value = serde_json::from_str(&answer.text).unwrap();
        assert!(problem["detail"].as_str().unwrap().len() > 20, "{what}: words for the reader");
        assert!(dossier(&site).is_none(), "{what}");
    }
    assert_eq!(device.browser.raw("/en/device/send", "text/plain", b"x", "*/*").await.status, 415);
    assert_eq!(device.send(&good).await.status, StatusCode::OK, "nothing was lost");
}

#[tokio::test]
async fn a_question_still_open_or_a_full_disk_stops_it_and_loses_nothing() {
    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    let body = device.body(&site);
    device.browser.get("/en/place").await;
    device.browser.post("/en/place", &[("target", "")]).await;
    let unfinished = device.send(&body).await;
    assert_eq!((unfinished.status, dossier(&site).is_none()), (StatusCode::CONFLICT, true));
    assert_eq!(device.browser.get("/en/seal").await.location, "/en/place");
    device.browser.post("/en/place", &[("target", "某煤矿")]).await;

    site.disk.refuses.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(device.send(&body).await.status, StatusCode::SERVICE_UNAVAILABLE);
    site.disk.refuses.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(device.send(&body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_holder_comes_back_adds_claims_and_withdraws_with_what_the_receipt_gives() {
    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    let body = device.body(&site);
    device.send(&body).await;
    let (mut browser, view) = device.come_back(&site).await;
    assert_eq!((&view["status"], &view["report"]), (&json!("Received"), &device.config["report"]));

    let add = json!({ "once": view["once"], "text": "夜里又开工了", "sealed": device.sealed(&site) });
    let added = post(&mut browser, "/en/device/add", &add).await;
    assert!(added.text.contains("夜里又开工了"), "{}", added.text);
    // The answer was lost and the script asks again.
    assert_eq!(post(&mut browser, "/en/device/add", &add).await.status, StatusCode::OK);
    assert_eq!(dossier(&site).unwrap().case.additions.len(), 1);
    let view: Value = serde_json::from_str(&added.text).unwrap();
    let code = device.receipt.groups().map(|group| group.to_string()).join(" ");
    let telling =
        json!({ "once": view["once"], "text": format!("码是 {code}"), "sealed": device.sealed(&site) });
    let refused = post(&mut browser, "/en/device/add", &telling).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!refused.text.contains(&code[..4]));

    site.reply().await;
    let (mut browser, view) = device.come_back(&site).await;
    assert_eq!(view["can_object"], json!(true));
    let object = |text: &str| json!({ "once": view["once"], "text": text, "sealed": device.sealed(&site) });
    let refused = post(&mut browser, "/en/device/object", &object(&format!("码是 {code}"))).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let objected = post(&mut browser, "/en/device/object", &object("没有看夜班记录")).await;
    assert!(objected.text.contains("Under review"), "{}", objected.text);
    assert_eq!(dossier(&site).unwrap().case.objections.len(), 1);

    let (mut browser, view) = device.come_back(&site).await;
    let suffers = |text: &str| json!({ "once": view["once"], "text": text, "sealed": device.sealed(&site) });
    for refused in [format!("码是 {code}"), " ".into(), "x".repeat(5001)] {
        let refused = post(&mut browser, "/en/device/retaliation", &suffers(&refused)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let heard = post(&mut browser, "/en/device/retaliation", &suffers("班长把我调去了夜班")).await;
    assert!(
        heard.text.contains("班长把我调去了夜班") && heard.text.contains("We answer you here by"),
        "{}",
        heard.text
    );
    assert_eq!(dossier(&site).unwrap().case.retaliations.len(), 1);

    let (mut browser, view) = device.come_back(&site).await;
    assert!(view["delete"].to_string().contains("our staff decide by"), "{view}");
    let delete = json!({ "once": view["once"], "text": "", "sealed": device.sealed(&site) });
    let asked = post(&mut browser, "/en/device/delete", &delete).await;
    assert!(asked.text.contains("You want this report deleted. We decide"), "{}", asked.text);
    let asked = serde_json::from_str::<Value>(&asked.text).unwrap();
    assert_eq!((&asked["delete"], &asked["deletion_waits"]), (&json!([]), &json!(true)), "once");
    assert_eq!(dossier(&site).unwrap().case.deletions.len(), 1);

    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    let body = device.body(&site);
    device.send(&body).await;
    site.notify_of_an_award().await;
    let (mut browser, view) = device.come_back(&site).await;
    let award = dossier(&site).unwrap().award().unwrap().terms().clone();
    // That they give the hash that is signed is shown by the claim in tests/browser/device.test.mjs.
    let offered: Value = serde_json::from_str(view["claim"]["terms"].as_str().unwrap()).unwrap();
    assert_eq!(offered, award.for_reporter(), "the device hashes what it signs");
    assert_eq!(offered["worked_on_hash"], hex::encode(award.worked_on_hash()));
    assert!(offered.get("worked_on").is_none(), "no log-in reaches a reporter");
    let stranger = Receipt::draw(&mut rand::rng()).claim_key();
    for (key, status, state) in [(&stranger, 409, "notified"), (&device.receipt.claim_key(), 200, "claimed")]
    {
        let claim = Claim::sign(&award, key);
        let body = json!({ "once": view["once"], "claim": claim, "sealed": device.sealed(&site) });
        let answer = post(&mut browser, "/en/device/claim", &body).await;
        assert_eq!((answer.status.as_u16(), site.award().as_str()), (status, state), "{}", answer.text);
    }

    let (mut browser, view) = device.come_back(&site).await;
    let withdrawn = json!({ "once": view["once"], "sealed": device.sealed(&site) });
    let answer = post(&mut browser, "/en/device/withdraw", &withdrawn).await;
    assert!(answer.text.contains("Withdrawn"), "{}", answer.text);
    assert_eq!(post(&mut browser, "/en/device/sign-out", &json!({})).await.status, StatusCode::OK);
    assert_eq!(post(&mut browser, "/en/device/look", &json!({})).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn wrong_and_unknown_are_answered_alike() {
    let site = Site::new();
    let mut device = Device::ready(&site, "en").await;
    let body = device.body(&site);
    device.send(&body).await;
    let known = proof(&device.receipt);
    let unknown = proof(&Receipt::draw(&mut rand::rng()));
    let mut wrong = known.clone();
    wrong["auth"] = unknown["auth"].clone();
    let mut answers = Vec::new();
    for body in [&unknown, &wrong] {
        let answer = post(&mut Browser::new(&site), "/en/device/sign-in", body).await;
        answers.push((answer.status, answer.text));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, StatusCode::NOT_FOUND);
    assert_eq!(post(&mut Browser::new(&site), "/en/device/sign-in", &known).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_recipient_set_is_there_for_everybody_to_compare() {
    let site = Site::new();
    let answer = Browser::new(&site).get("/recipients.json").await;
    let set = mifeng::recipients::UntrustedSet::parse(&answer.text).unwrap();
    assert_eq!(set.fingerprint(), site.set.fingerprint());
}
