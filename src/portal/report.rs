//! R11, the page itself: where the report stands, what comes next, what was said, what the log says.

use super::{
    PortalState, asks, award_objection, check,
    documents::{self, ShownDocument},
    from_office::ShownFile,
    log, mine,
    original::{self, ShownOriginal},
    unsent,
    visit::{Visit, Visitor},
};
use crate::{
    award::{
        decision::Refusal,
        record::{Award, Ground},
        summary::ReporterView,
    },
    casework::{Actor, Case, MessageText, MoveKind, ReporterStatus, SentFile, State, Who, allowed},
    clock::Day,
    mailbox::{self, SealedMessage},
    receipt::Receipt,
    sealed_file::FilePlace,
    store::{Dossier, Found},
    web::{Errors, Field, Form, Lang, Page, Typed, html},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::StatusCode,
    response::{IntoResponse, Response},
};

pub(super) use super::next::next;

type MailboxKey = age::x25519::Identity;

pub(super) struct ShownReply {
    pub day: Day,
    pub findings: String,
    pub handling: String,
    pub is_met: bool,
}

pub(super) struct ShownMessage {
    pub own: bool,
    pub day: String,
    pub text: String,
    /// As it is kept; `text` is ours then, not what was written.
    pub sealed: Option<SealedMessage>,
    pub file: Option<ShownFile>,
}

#[derive(serde::Serialize)]
pub(super) struct ShownEvent {
    day: String,
    what: String,
    told: String,
}

#[derive(Template)]
#[template(path = "portal/mine.html")]
struct Mine {
    page: Page,
    said: String,
    status: String,
    next: Vec<String>,
    reply: Option<ShownReply>,
    reward: String,
    can_claim: bool,
    can_object_award: bool,
    documents: Vec<ShownDocument>,
    messages: Vec<ShownMessage>,
    /// Where the receipt is typed to open what is sealed; `None` when nothing is.
    read: Option<Field>,
    /// Files of ours, each with a button beside it.
    sent: Vec<ShownFile>,
    /// Messages were opened for this one answer.
    opened: bool,
    /// `None` when nothing can be added any more.
    add: Option<Field>,
    files: usize,
    history: Vec<ShownEvent>,
    content: Vec<(String, String)>,
    log: Vec<String>,
    can_withdraw: bool,
    can_object: bool,
    can_delete: bool,
    /// An original that was asked for.
    original: Option<ShownOriginal>,
}

/// The whole page, with what was typed into the message box and the problem with it.
pub(super) fn report_page(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    typed: Typed,
    errors: Errors,
) -> Response {
    page_with(portal, visitor, visit, (typed, errors), None)
}

/// The page with what staff wrote opened by the receipt's key: for this answer, and nowhere kept.
fn opened_page(portal: &PortalState, visitor: &Visitor, visit: &mut Visit, key: &MailboxKey) -> Response {
    page_with(portal, visitor, visit, Default::default(), Some(key))
}

/// The labelled way without script: the receipt comes once more, the server derives the key in memory, opens and
/// forgets. The router ends the connection.
pub(super) async fn read_messages(
    Shared(portal): Shared<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    visitor.own_form(&visit, &typed)?;
    let Some(own) = &visit.own else { return Err(visitor.ended().into_response()) };
    let receipt = Receipt::parse(typed.raw("receipt")).ok().filter(|receipt| receipt.auth() == own.auth);
    Ok(match receipt {
        Some(receipt) => opened_page(&portal, &visitor, &mut visit, &receipt.mailbox_key()),
        None => {
            let mut errors = Errors::default();
            errors.add("receipt", visitor.lang.t("claim-receipt-wrong"));
            report_page(&portal, &visitor, &mut visit, typed, errors)
        }
    })
}

fn page_with(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    (typed, mut errors): (Typed, Errors),
    key: Option<&MailboxKey>,
) -> Response {
    let lang = visitor.lang;
    let found = match mine::find(portal, visitor, visit) {
        Ok(Some(found)) => found,
        Ok(None) => return visitor.ended().into_response(),
        Err(answer) => return answer,
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let said = mine::told(visit, lang, "status", &mut errors);
    let log = log::about(portal, visit, lang);
    let case = &found.dossier.case;
    // What came too late stands there to be read.
    let is_open = !case.state.is_final() || errors.of("message").is_some();
    let unsent = unsent::of(visit);
    let written = if typed.has("message") { &typed } else { &unsent };
    // Where there is a message form, the language switch is a button of it, so that it carries the text; so is Help.
    let here = if is_open { "/mine/add" } else { "/mine" };
    let mut page = visitor.page(here, lang.t("mine-title"), visit);
    (page.switch_posts, page.keeps_typed) = (is_open, is_open);
    let view = found.dossier.for_reporter();
    let add = is_open.then(|| {
        Field::area(lang, "message", lang.t("mine-add-label"), 5)
            .hint(lang.t("mine-add-hint"))
            .filled(written, &errors)
    });
    let sealed = case.messages.iter().any(|message| matches!(message.text, MessageText::Sealed(_)));
    let messages = messages(lang, case, key);
    let sent: Vec<ShownFile> = messages.iter().filter_map(|message| message.file.clone()).collect();
    let read = ((sealed && key.is_none()) || !sent.is_empty()).then(|| {
        Field::digits(lang, "receipt", lang.t("mine-read-label"), "")
            .hint(lang.t("mine-receipt-hint"))
            .filled(&typed, &errors)
    });
    page.errors = errors;
    html(
        status,
        &Mine {
            page,
            said,
            status: lang.t(status_of(&found).key()),
            next: next(portal, lang, &found),
            reply: reply(found.answers()),
            reward: reward(portal, lang, &found.dossier),
            documents: documents::list(portal, lang, &found),
            can_claim: matches!(view, Some(ReporterView::CanBeClaimed { .. })),
            can_object_award: award_objection::is_offered(&found),
            messages,
            read,
            sent,
            opened: key.is_some(),
            add,
            files: case.files.len(),
            history: history(lang, case),
            content: content(portal, lang, case),
            log,
            can_withdraw: can_withdraw(case),
            can_object: case.may_object_until(portal.clock.today()).is_some(),
            can_delete: asks::may_delete(case),
            original: original::shown(portal, lang, case),
        },
    )
}

/// Any time before the reply.
pub(super) fn can_withdraw(case: &Case) -> bool {
    allowed(case, &Actor::Reporter).contains(&MoveKind::Withdraw)
        && !(case.state == State::MergedInto && case.conclusion.is_some())
}

/// Where the report stands, or the one it was merged into.
pub(super) fn status_of(found: &Found) -> ReporterStatus {
    match (&found.lead, found.dossier.case.state) {
        (Some(lead), State::MergedInto) => ReporterStatus::of_merged(lead),
        _ => ReporterStatus::of(&found.dossier.case),
    }
}

pub(super) fn reply(case: &Case) -> Option<ShownReply> {
    let reply = case.reply.as_ref()?;
    Some(ShownReply {
        day: reply.day,
        findings: reply.findings.clone(),
        handling: reply.handling.clone(),
        is_met: reply.reward.code() == "met",
    })
}

/// How the award stands: with the number of its notice, if it was announced, and with what its reporter has objected and
/// was answered.
pub(super) fn reward(portal: &PortalState, lang: Lang, dossier: &Dossier) -> String {
    let award = dossier.award();
    match dossier.for_reporter() {
        None => lang.t("mine-reward-none"),
        Some(ReporterView::InApproval) => lang.t("mine-reward-pending"),
        Some(ReporterView::CanBeClaimed { base_fen, until }) => {
            let amount = ("amount", lang.money(base_fen).into());
            let day = ("day", lang.day(until).into());
            match award.and_then(Award::notice) {
                None => lang.t_with("mine-reward-claim", &[amount, day]),
                Some(notice) => {
                    let number = ("number", notice.number.to_string().into());
                    lang.t_with("mine-reward-announced", &[amount, day, number])
                }
            }
        }
        Some(ReporterView::StandsStill { base_fen }) => {
            lang.t1("mine-reward-still", "amount", lang.money(base_fen))
        }
        Some(ReporterView::Claimed) => lang.t("mine-reward-claimed"),
        Some(ReporterView::Paid) => lang.t("mine-reward-paid"),
        Some(ReporterView::NotDue { reason }) => {
            let key = match reason {
                Refusal::NotFirstAccepted => "refusal-not-first-accepted",
                Refusal::NoRealName => "refusal-no-real-name",
                Refusal::AlreadyKnown => "refusal-already-known",
                Refusal::EarlierAward => "refusal-earlier-award",
                Refusal::NotCovered => "refusal-not-covered",
            };
            lang.t1("mine-reward-not-due", "reason", lang.t(key))
        }
        Some(ReporterView::NotPayable { ground }) => {
            let key = match ground {
                Some(Ground::NoName) => "ground-no-name",
                Some(Ground::ExcludedPerson) => "ground-excluded-person",
                Some(Ground::NotTheReporter) => "ground-not-the-reporter",
                Some(Ground::MonthlyCap) => "ground-monthly-cap",
                Some(Ground::NotCollected) => "ground-not-collected",
                None => "ground-other",
            };
            let reason = ("reason", lang.t(key).into());
            match award.and_then(|award| award_objection::told(portal, lang, award)) {
                None => lang.t_with("mine-reward-refused", &[reason]),
                Some(told) => lang.t_with("mine-reward-objected", &[reason, ("told", told.into())]),
            }
        }
        Some(ReporterView::Lapsed) => lang.t("mine-reward-lapsed"),
    }
}

/// Messages, additions and what was asked for in one thread, by day. Without the key, what is sealed says that it is.
pub(super) fn messages(lang: Lang, case: &Case, key: Option<&MailboxKey>) -> Vec<ShownMessage> {
    let text = |text: &MessageText| match (text, key) {
        (MessageText::Clear(text), _) => (text.clone(), None),
        (MessageText::Sealed(sealed), None) => (lang.t("mine-message-sealed"), Some(sealed.clone())),
        (MessageText::Sealed(sealed), Some(key)) => match mailbox::open(sealed, key) {
            Ok(text) => (text.to_string(), None),
            Err(_) => (lang.t("mine-message-broken"), Some(sealed.clone())),
        },
    };
    let mut files = 0;
    let mut shown = |file: &SentFile| {
        files += 1;
        let place = FilePlace { report: case.report, blob: file.blob };
        ShownFile::of(lang, files, place, file, key)
    };
    let mut all = Vec::new();
    for message in &case.messages {
        let file = message.file.as_ref().map(&mut shown);
        all.push((message.day, message.from == Who::Reporter, text(&message.text), file));
    }
    let additions = case.additions.iter().map(|a| (a.day, &a.text));
    let objections = case.objections.iter().map(|o| (o.day, &o.text));
    let retaliations = case.retaliations.iter().map(|r| (r.day, &r.text));
    let deletions = case.deletions.iter().map(|d| (d.day, &d.text));
    let refusals = case.evidence.iter().filter_map(|request| request.objection());
    let refusals = refusals.map(|objection| (objection.day, &objection.text));
    let own = additions.chain(objections).chain(retaliations).chain(deletions).chain(refusals);
    let own = own.filter(|(_, text)| !text.is_empty());
    all.extend(own.map(|(day, text)| (day, true, (text.clone(), None), None)));
    all.sort_by_key(|message| message.0);
    let shown =
        |(day, own, (text, sealed), file)| ShownMessage { own, day: lang.day(day), text, sealed, file };
    all.into_iter().map(shown).collect()
}

/// What the reporter may know of the history: no staff name, no internal step, no reason for the file.
pub(super) fn history(lang: Lang, case: &Case) -> Vec<ShownEvent> {
    let arrived =
        ShownEvent { day: lang.day(case.received), what: lang.t("event-submitted"), told: String::new() };
    let shown = case.history.iter().filter_map(|event| {
        let key = format!("event-{}", event.what.code());
        // Messages and the reply stand on the page already.
        let again = matches!(event.what, MoveKind::Say | MoveKind::Reply);
        let told = if again { String::new() } else { event.told.clone() };
        lang.has(&key).then(|| ShownEvent { day: lang.day(event.day), what: lang.t(&key), told })
    });
    std::iter::once(arrived).chain(shown).collect()
}

pub(super) fn content(portal: &PortalState, lang: Lang, case: &Case) -> Vec<(String, String)> {
    let c = &case.content;
    let intake = &portal.policy.intake;
    let industry = intake.industry(&c.industry).map(|i| i.name.get(lang).to_owned()).unwrap_or_default();
    let rows = [
        ("check-region", check::region(portal, &c.region)),
        ("check-kind", intake.kind(c.kind).name.get(lang).to_owned()),
        ("check-industry", industry),
        ("check-target", c.target_name.clone()),
        ("check-address", c.address.clone()),
        ("check-code", c.credit_code.clone()),
        ("check-story", c.narrative.clone()),
        ("check-when", c.when_text.clone()),
        ("check-now", check::now(lang, c.ongoing, c.imminent_danger)),
    ];
    rows.into_iter().filter(|row| !row.1.is_empty()).map(|(key, value)| (lang.t(key), value)).collect()
}
