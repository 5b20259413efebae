//! The page that seals: check, name, sending and receipt in one document, since what it holds must not be carried from
//! page to page. Without its script it can be read, has nothing to type into and nothing to send, and says where the
//! way without script goes on.

use super::answer::json;
use crate::{
    policy::{Fields, Length},
    portal::{
        PortalState,
        asks::Ask,
        award_objection, check,
        draft::{Draft, Step},
        person_page, steps, unsure,
        visit::{Visit, Visitor},
    },
    web::{Asked, Choice, Field, Lang, Page, Script, html, script, see_other, with_script},
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

/// The signed set that reports are sealed to, for scripts and for anybody who compares it with a poster.
pub(in crate::portal) async fn recipients(State(portal): State<PortalState>) -> Response {
    json(&portal.set_file)
}

#[derive(Template)]
#[template(path = "portal/seal.html")]
struct Seal {
    page: Page,
    script: &'static Script,
    /// What the script needs, as JSON in an attribute.
    config: String,
    rows: Vec<check::Row>,
    /// It was sent from another page, and nobody knows whether it is stored.
    unsure: bool,
    /// Where the way without script goes on.
    plain: String,
    /// The first question once more, where the device does not remember its answer: the answers, and the list of them.
    choices: Vec<Choice>,
    name: Field,
    person: Vec<Field>,
    last: Field,
    /// Entered by a member of staff, who hands the receipt on.
    desk: bool,
}

#[derive(Template)]
#[template(path = "portal/seal_again.html")]
struct Again {
    page: Page,
}

/// After the last question. Whoever gets here early is led to the question that is missing.
pub(super) async fn seal(State(portal): State<PortalState>, visitor: Visitor) -> Result<Response, Response> {
    let mut visit = visitor.visit().await?;
    unsure::settle(&portal, &mut visit);
    if visit.draft.is_none() {
        return sent_before(&visitor, &mut visit);
    }
    if let Some(draft) = &visit.draft
        && let Some(missing) = draft.unanswered(&portal.policy)
    {
        return Ok(see_other(&visitor.href(missing.path())));
    }
    let unsure_at = visit.draft.as_ref().and_then(Draft::unsure_at);
    if let Some(here) = unsure_at.filter(|page| *page != "/seal") {
        return Ok(see_other(&visitor.href(here)));
    }
    let (lang, unsure) = (visitor.lang, unsure_at.is_some());
    let mut page = visitor.page("/seal", lang.t("check-title"), &mut visit);
    if !unsure {
        page.back = page.href("/story");
    }
    let Some(draft) = &visit.draft else { return Err(visitor.ended().into_response()) };
    let plain = page.href(steps::without_script(&portal, draft));
    let last = Field::digits(lang, "last", lang.t("receipt-check-label"), "w-5")
        .hint(lang.t("receipt-check-hint"))
        .local();
    let (config, desk) = (config(&portal, &page, draft), draft.entry.is_some());
    // The name is on this page already.
    let mut rows = check::rows(&portal, lang, draft);
    rows.retain(|row| row.change != Step::Identity.path());
    if unsure {
        // What this page seals has a receipt of its own, and may have another name in it.
        rows.iter_mut().filter(|row| !row.on_device).for_each(|row| row.change = "");
    }
    let seal = Seal {
        script: script("reporter-seal"),
        config,
        rows,
        unsure,
        plain,
        choices: steps::name_choices(&portal, lang),
        name: steps::local_name_field(&portal, lang),
        person: person_page::local_person_fields(&portal, lang),
        last,
        desk,
        page,
    };
    Ok(with_script(html(StatusCode::OK, &seal)))
}

/// A page loaded anew after sending: the receipt was drawn on the page that is gone, or is to be shown on one of ours.
fn sent_before(visitor: &Visitor, visit: &mut Visit) -> Result<Response, Response> {
    if visit.own.is_none() {
        return Err(visitor.ended().into_response());
    }
    if visit.sent.is_none() {
        let page = visit.waiting().map_or("/mine", |(_, page)| page);
        return Ok(see_other(&visitor.href(page)));
    }
    let page = visitor.page("/seal", visitor.lang.t("again-title"), visit);
    Ok(html(StatusCode::OK, &Again { page }))
}

fn config(portal: &PortalState, page: &Page, draft: &Draft) -> String {
    let lang = page.lang;
    let limits = &portal.policy.intake.fields;
    serde_json::json!({
        "once": page.once,
        "report": draft.report.to_string(),
        "pin": portal.recipients.fingerprint().to_string(),
        "named": draft.named(),
        "mark": draft.mark.to_string(),
        "limits": limits_of(portal),
        "person": person_page::LOCAL_FIELDS,
        "recipients": "/recipients.json",
        "send": page.href("/device/send"),
        "kept": page.href("/device/kept"),
        "sign_in": page.href("/device/sign-in"),
        "files": page.href("/files"),
        "start": page.href("/start"),
        "words": words(lang, limits, SEAL),
    })
    .to_string()
}

/// The limits that the identity fields are checked against.
fn limits_of(portal: &PortalState) -> Value {
    // Unwrap safety: written by our own code as JSON.
    serde_json::from_str(&portal.policy.intake.fields.identity_limits()).unwrap()
}

/// What both scripts may have to say.
const PERSON: [&str; 19] = [
    "error-prefix",
    "error-name-missing",
    "error-id-kind",
    "error-id-missing",
    "error-id-check",
    "error-mobile-check",
    "error-payee",
    "error-holder",
    "error-bank",
    "error-account-check",
    "error-own",
    "error-consent",
    "error-identity-long",
    "receipt-in-field",
    "device-stopped",
    "device-nothing-sent",
    "device-set-refused",
    "device-crypto",
    "device-offline",
];
const SEAL: &[&str] = &[
    "name-missing",
    "name-nameless",
    "name-sealed",
    "receipt-check-wrong",
    "device-sealing",
    "device-sending",
    "device-receipt-file",
    "device-keep-picture-is",
    "device-saved-late",
    "device-old-set-next",
    "ended-next",
    "files-again",
    "device-unsure",
];
const RETURN: &[&str] = &[
    "signed-out-title",
    "signed-out-text",
    "signed-out-next",
    "return-looking",
    "object-missing",
    "mine-object-done",
    "award-object-missing",
    "mine-award-object-done",
    "mine-log-other-words",
    "stop-use-investigation",
    "stop-use-court",
    "mine-stop-done",
    "retaliation-missing",
    "mine-retaliation-done",
    "mine-delete-done",
    "mine-deleted-done",
    "mine-log-none",
    "mine-log-files",
    "mine-log-identity",
    "mine-log-unknown",
    "return-scan-broken",
    "return-scan-gap",
    "return-scan-not-there",
    "return-scan-other-set",
    "return-name-done",
    "mine-unknown",
    "mine-from-you",
    "mine-from-us",
    "mine-add-missing",
    "mine-add-done",
    "withdraw-done",
    "claim-receipt-wrong",
    "claim-who-missing",
    "claim-done-text",
    "return-claim-foreign",
    "return-not-opened",
    "mine-file",
    "mine-file-save",
    "return-file-unknown",
    "return-file-open",
    "return-file-opening",
    "return-file-opened",
    "return-file-lost",
    "return-file-broken",
    "return-changed",
    "device-server",
    "receipt-check-wrong",
    "own-receipt-done",
    "earlier-done",
];

/// What the script may have to say. `{…}` is filled in there.
pub(super) fn words(lang: Lang, limits: &Fields, more: &[&str]) -> Map<String, Value> {
    let mut words: Map<String, Value> =
        PERSON.iter().chain(more).map(|key| ((*key).to_owned(), lang.t(key).into())).collect();
    let mut add = |key: &str, text: String| words.insert(key.to_owned(), text.into());
    let between = |key: &str, length: Length| {
        lang.t_with(key, &[("least", length.least.into()), ("most", length.most.into())])
    };
    add("error-name-length", between("error-name-length", limits.person_name));
    add("error-id-length", between("error-id-length", limits.id_number));
    add("error-mobile", between("error-mobile", limits.mobile));
    add("error-account", between("error-account", limits.payee_account));
    add("error-too-long", lang.t1("error-too-long", "most", "{most}"));
    add("error-joint-line", lang.t1("error-joint-line", "line", "{line}"));
    add("error-joint-many", lang.t1("error-joint-many", "most", limits.joint_signatories));
    add(
        "return-scan-reading",
        lang.t_with("return-scan-reading", &[("read", "{read}".into()), ("size", "{size}".into())]),
    );
    add(
        "return-scan-entry",
        lang.t_with("return-scan-entry", &[("entry", "{entry}".into()), ("day", "{day}".into())]),
    );
    for (key, name) in [("mine-file-kb", "n"), ("mine-file-mb", "n"), ("return-file-again", "name")] {
        add(key, lang.t1(key, name, format!("{{{name}}}")));
    }
    add("return-scan-intact", lang.t1("return-scan-intact", "size", "{size}"));
    add("mine-log-line", lang.t_with("mine-log-line", &[("day", "{day}".into()), ("what", "{what}".into())]));
    for key in ["mine-log-asked", "mine-log-stopped", "mine-log-joined", "mine-log-ended"] {
        add(key, lang.t_with(key, &[("day", "{day}".into()), ("name", "{name}".into())]));
    }
    add(
        "mine-log-same-words",
        lang.t_with("mine-log-same-words", &[("use", "{use}".into()), ("until", "{until}".into())]),
    );
    add("claim-case", lang.t1("claim-case", "case", "{case}"));
    add("claim-amount", lang.t1("claim-amount", "amount", lang.yuan("{yuan}")));
    add("return-lapsed", lang.t1("return-lapsed", "minutes", "{minutes}"));
    add("device-sending-again", lang.t1("device-sending-again", "seconds", "{seconds}"));
    let headlines = (1..=12).map(|count| Value::from(lang.t1("errors-headline", "count", count)));
    words.insert("errors-headline".to_owned(), headlines.collect::<Vec<_>>().into());
    words
}

#[derive(Template)]
#[template(path = "portal/return.html")]
struct Return {
    page: Page,
    script: &'static Script,
    config: String,
    receipt: Field,
    message: Field,
    objection: Field,
    award_objection: Field,
    refusal: Field,
    retaliation: Field,
    deletion: Field,
    again: Field,
    last: Field,
    earlier: Field,
    who: Field,
    person: Vec<Field>,
}

/// How long "my report" stays on a screen that nobody touches: as long as rooms spare what somebody is in the middle of.
const IDLE_MINUTES: u32 = 30;

/// Where somebody with a receipt comes back. Holds nothing of anybody's.
pub(super) async fn come_back(State(portal): State<PortalState>, asked: Asked) -> Response {
    let lang = asked.lang;
    let mut page = Page::new(lang, lang.t("mine-sign-title"));
    page.here = "/return".into();
    page.back = page.href("/start");
    let limits = &portal.policy.intake.fields;
    let at = |path: &str| page.href(&format!("/device/{path}"));
    let config = serde_json::json!({
        "pin": portal.recipients.fingerprint().to_string(),
        "limits": limits_of(&portal),
        "person": person_page::LOCAL_FIELDS,
        "recipients": "/recipients.json",
        "sign_in": at("sign-in"),
        "own_receipt": at("own-receipt"),
        "look": at("look"),
        "add": at("add"),
        "claim": at("claim"),
        "earlier": at("earlier"),
        "withdraw": at("withdraw"),
        "object": at("object"),
        "object_award": at("award-objection"),
        "original": at("original"),
        "retaliation": at("retaliation"),
        "delete": at("delete"),
        "sign_out": at("sign-out"),
        "live": at("live"),
        "idle_minutes": IDLE_MINUTES,
        "log_key": portal.publisher.key().to_string(),
        "words": words(lang, limits, RETURN),
    });
    let who = vec![
        Choice::new("", lang.t("device-choose")),
        Choice::new("before", lang.t("claim-who-before")),
        Choice::new("now", lang.t("claim-who-now")),
    ];
    let shown = Return {
        script: script("reporter-return"),
        config: config.to_string(),
        receipt: Field::digits(lang, "receipt", lang.t("mine-receipt"), "")
            .hint(lang.t("mine-receipt-hint"))
            .local(),
        objection: Ask::Review.field(lang).local(),
        award_objection: award_objection::local_field(lang),
        refusal: Ask::Original.field(lang).local(),
        retaliation: Ask::Protection.field(lang).local(),
        deletion: Ask::Deletion.field(lang).local(),
        message: Field::area(lang, "message", lang.t("mine-add-label"), 5)
            .hint(lang.t("mine-add-hint"))
            .local(),
        earlier: Field::digits(lang, "earlier", lang.t("earlier-label"), "")
            .hint(lang.t("mine-receipt-hint"))
            .local(),
        last: Field::digits(lang, "last", lang.t("own-receipt-last"), "w-5")
            .hint(lang.t("receipt-check-hint"))
            .local(),
        again: Field::digits(lang, "again", lang.t("claim-receipt"), "")
            .hint(lang.t("claim-receipt-hint"))
            .local(),
        who: Field::select(lang, "who", lang.t("claim-who"), who)
            .hint(lang.t("claim-who-before-hint"))
            .local(),
        person: person_page::local_person_fields(&portal, lang),
        page,
    };
    with_script(html(StatusCode::OK, &shown))
}
